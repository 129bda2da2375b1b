"""Types of the sharing domain."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import strawberry

from catalog.model.enums import AgreementKind, AgreementStage
from catalog.selection import Order
from graphql_schema.core.audits import Audited
from graphql_schema.core.declare import asked, leaf, many, one, part
from graphql_schema.core.duties import notice_of_incident, standing_of
from graphql_schema.core.lapses import AuditedLapse, lapse_of
from graphql_schema.core.nodes import Node, node
from graphql_schema.core.types import Connection

if TYPE_CHECKING:
    from graphql_schema.audit.duties import IncidentNotice, ObligationStanding
    from graphql_schema.audit.lapses import Lapse

__all__ = ["Agreement", "AgreementParty", "Amendment", "Approval", "AuthorizedUser", "CoverageTerm", "DataRequest"]
__all__ += ["DestructionCertificate", "Incident", "Law", "Obligation", "Purpose", "StageEvent", "Training"]

_DUTIES = strawberry.lazy("graphql_schema.audit.duties")
_AUDIT = strawberry.lazy("graphql_schema.audit.lapses")


@node("AgreementParty")
class AgreementParty(Node):
    """See the model."""


@node("CoverageTerm")
class CoverageTerm(Node):
    """See the model."""


@node("StageEvent")
class StageEvent(Node):
    """See the model."""


@node("Amendment")
class Amendment(Node):
    """See the model."""


@node("Purpose")
class Purpose(Node):
    """See the model."""


@node("Law")
class Law(Node):
    """See the model."""


@node("Approval")
class Approval(Node):
    """See the model."""


@node("AuthorizedUser")
class AuthorizedUser(Node):
    """See the model."""


@node("DataRequest")
class DataRequest(Node):
    """See the model."""


@node("DestructionCertificate")
class DestructionCertificate(Node):
    """See the model."""


@node("Incident")
class Incident(Node):
    """See the model."""

    notice: Annotated[IncidentNotice, _DUTIES] | None = part(
        Audited(notice_of_incident),
        "What it touched, and whether those whose data it is were told in time; null where it had not happened by the day.",
    )


@node("Obligation")
class Obligation(Node):
    """See the model."""

    standing: Annotated[ObligationStanding, _DUTIES] | None = part(
        Audited(standing_of),
        "By when it is due, whether it is done, and what is still held; null where it does not hold.",
    )


@node("Training")
class Training(Node):
    """See the model."""


@node(
    "Agreement",
    description="A paper under which data is shared. Whether it is in force is derived, never typed.",
    entity=True,
)
class Agreement(Node):
    """See the description."""

    kind: AgreementKind | None = leaf("kind_of_agreement")
    stated_stage: AgreementStage | None = leaf("stated_stage", "Stage as its register states it.")
    effective_from: date | None = leaf("effective_from", "First day in force; null where that is not known.")
    effective_to: date | None = leaf("effective_to", "Last day in force, which counts; null: until ended.")
    parent: Agreement | None = one("under")
    agreements_under: Connection[Agreement] = many(
        "agreements_under", "The agreements that stand under it.", order=Order("title")
    )
    lapse: Annotated[Lapse, _AUDIT] | None = asked(
        AuditedLapse(lapse_of),
        "What ends if it, with all under it, ends after a day: ask it of few agreements at once, or say on which day."
        " Null where the audit does not know it.",
        (
            "on",
            date | None,
            "The day after which it ends; unless told: its last day, and where it has none the day of the answer.",
        ),
    )
