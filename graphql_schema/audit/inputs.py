"""Inputs of what would be: agreements in the words of the model, ends of agreements, and other classes."""

from __future__ import annotations

from datetime import date
from typing import Any

import strawberry

from catalog.model.enums_data import Classification
from catalog.model.enums_sharing import AgreementKind, PartyRole, Redisclosure
from graphql_schema.core.named import MAX_NAMED

__all__ = ["ProposedAgreement", "ProposedApproval", "ProposedClasses", "ProposedCondition", "ProposedEnd"]
__all__ += ["ProposedParty", "ProposedTerm"]

_MOST = f"At most {MAX_NAMED}."


def _optional(description: str) -> Any:
    return strawberry.field(default=strawberry.UNSET, description=description)


def _given(description: str) -> Any:
    return strawberry.field(description=description)


@strawberry.input(
    description="An agency's part in a proposed agreement, in one role; who has two roles is listed twice."
)
class ProposedParty:
    """See the description."""

    stands_for: strawberry.ID = _given("The agency, by its URN.")
    role: PartyRole = _given("What it would do under the agreement.")
    signed_on: date | None = _optional("Day of its signature; unless told: not signed.")


@strawberry.input(description="What must be fulfilled first; it counts from the day on which it is, to its last day.")
class ProposedCondition:
    """See the description."""

    kind: str | None = _optional("What it is, such as IRB; unless told: not said.")
    fulfilled_on: date | None = _optional("Day on which it is fulfilled; unless told: not fulfilled.")
    expires_on: date | None = _optional("Last day on which it counts; unless told: no end.")


@strawberry.input(
    description="A clause that says which data a proposed agreement covers, for what, for whom, and when."
)
class ProposedTerm:
    """See the description."""

    covers: list[strawberry.ID] = _given(
        f"The data it names: URNs of datasets, series and systems, and of columns of them; without columns all. {_MOST}"
    )
    for_purpose: list[strawberry.ID] | None = _optional(
        f"What for, by URNs of purposes; unless told: as the agreement permits. {_MOST}"
    )
    recipients: list[strawberry.ID] | None = _optional(
        f"Who may receive it, by URNs of agencies; unless told: any recipient of the agreement. {_MOST}"
    )
    effective_from: date | None = _optional("First day it covers; unless told: with the agreement.")
    effective_to: date | None = _optional("Last day it covers, which counts; unless told: with the agreement.")
    conditions: list[ProposedCondition] | None = _optional(
        f"What must be fulfilled first; unless told: nothing. {_MOST}"
    )


@strawberry.input(description="The approval that an agency would have given to the request for a proposed agreement.")
class ProposedApproval:
    """See the description."""

    given_by: strawberry.ID = _given("The agency, by its URN.")
    decided_on: date = _given("Day of the answer.")


@strawberry.input(
    description="An agreement that does not exist, in the words of those that do; it is judged as it is given: one that nobody has"
    " signed is not signed."
)
class ProposedAgreement:
    """See the description."""

    name: str = _given("How the answer is to call it; each another.")
    kind: AgreementKind | None = _optional("What kind of paper it is; unless told: DATA_SHARING_AGREEMENT.")
    under: strawberry.ID | None = _optional("The agreement above it, by its URN; unless told: none.")
    executed_on: date | None = _optional(
        "Day on which the last party signed; counts as everyone's signature where no party has a day. Unless told: none."
    )
    effective_from: date | None = _optional("First day in force; unless told: not known, which counts as not yet.")
    effective_to: date | None = _optional("Last day in force, which counts; unless told: until ended.")
    parties: list[ProposedParty] | None = _optional(
        f"Its parties; unless told: none, so that it is not signed. {_MOST}"
    )
    terms: list[ProposedTerm] | None = _optional(f"What it covers; unless told: nothing. {_MOST}")
    permits: list[strawberry.ID] | None = _optional(
        f"Purposes it permits, by URN; unless told: those that its terms state. {_MOST}"
    )
    prohibits: list[strawberry.ID] | None = _optional(f"Purposes it rules out, by URN; unless told: none. {_MOST}")
    rests_on: list[strawberry.ID] | None = _optional(f"The laws it rests on, by URN; unless told: none. {_MOST}")
    permits_redisclosure: Redisclosure | None = _optional(
        "What may be passed on; unless told: NONE, besides what `mayPassOn` lists."
    )
    may_pass_on: list[strawberry.ID] | None = _optional(
        f"The datasets that may be passed on, by URN; unless told: none. {_MOST}"
    )
    preconditions: list[ProposedCondition] | None = _optional(
        f"What must be fulfilled first; unless told: nothing. {_MOST}"
    )
    requests: list[strawberry.ID] | None = _optional(
        f"The data requests that led to it, by URN, whose approvals count; unless told: none. {_MOST}"
    )
    approvals: list[ProposedApproval] | None = _optional(
        f"Approvals that would have been given to a request of its own; unless told: none. {_MOST}"
    )


@strawberry.input(description="An agreement that would be terminated.")
class ProposedEnd:
    """See the description."""

    agreement: strawberry.ID = _given("The agreement, by its URN.")
    on: date | None = _optional(
        "The first day on which it is not in force any more; unless told: the day that the answer is about."
    )


@strawberry.input(
    description="Other classes of a dataset or a column, as if they were determined on the day asked about."
)
class ProposedClasses:
    """See the description."""

    asset: strawberry.ID = _given(
        "The dataset or column, by its URN. A column keeps the classes that it has of its own."
    )
    classes: list[Classification] = _given("Its classes: one or more; several are joined.")
