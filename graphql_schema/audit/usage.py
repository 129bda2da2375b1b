"""Types of what agreements are used for, and of how verdicts change."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import strawberry

from graphql_schema.audit.types import FlowVerdict
from graphql_schema.core.declare import asked, part, view
from graphql_schema.core.found import AuditCompleteness, audit_page
from graphql_schema.core.telling import FIRST, CountOf, DayAt, NodeAt, NodesAt, Some
from graphql_schema.core.verdict_changes import VerdictTurn
from graphql_schema.core.walk import Told
from lineage.audit.words import Reason

if TYPE_CHECKING:
    from graphql_schema.lineage.types import Flow
    from graphql_schema.people.types import Agency
    from graphql_schema.sharing.types import Agreement

__all__ = ["AgreementGroup", "AgreementPair", "AgreementPairs", "AmendedFlow", "AmendedFlows", "UnusedAgreement"]
__all__ += ["UnusedAgreements", "VerdictChange", "VerdictChanges"]

_LINEAGE = strawberry.lazy("graphql_schema.lineage.types")
_PEOPLE = strawberry.lazy("graphql_schema.people.types")
_SHARING = strawberry.lazy("graphql_schema.sharing.types")


@view("Agreements that list the same parties in the same roles.")
class AgreementGroup:
    """See the description."""

    agreements: list[Annotated[Agreement, _SHARING]] = asked(
        NodesAt("Agreement", "agreements"), "The agreements. Ordered by URN.", FIRST
    )
    agreement_count: int = part(CountOf("agreements"), "How many agreements they are: two at least.")


@view("Two agencies that agreements connect, or that exchange data.")
class AgreementPair:
    """See the description."""

    a: Annotated[Agency, _PEOPLE] | None = part(NodeAt("Agency", "a"), "The agency with the first URN.")
    b: Annotated[Agency, _PEOPLE] | None = part(NodeAt("Agency", "b"), "The other.")
    agreements: list[Annotated[Agreement, _SHARING]] = asked(
        NodesAt("Agreement", "agreements"),
        "The agreements that connect them: in force, with a term in force, and one of the two is a party that has signed to"
        " provide, the other to receive. Ordered by URN.",
        FIRST,
    )
    agreement_count: int = part(CountOf("agreements"), "How many agreements connect them.")
    alike: list[AgreementGroup] = asked(
        Some("alike"),
        "Those of these agreements that could be one, as they list the same parties. Ordered by URN of the first.",
        FIRST,
    )
    alike_count: int = part(CountOf("alike"), "How many such groups there are.")
    flow_count: int = part(
        Told("flows"), "How many flows that need an agreement, or may, go between them, in either direction."
    )
    is_under_enterprise_agreement: bool = part(
        Told("under_enterprise"),
        "Whether an agreement that connects them is an enterprise agreement, or stands under one, that binds both.",
    )


@audit_page("A page of pairs of agencies.")
class AgreementPairs:
    """See the description."""

    edges: list[AgreementPair] = part(
        Told("edges", listed=True), "What is on the page. Ordered by URN of the first agency, then of the other."
    )


@view("An agreement that covers no flow.")
class UnusedAgreement:
    """See the description."""

    agreement: Annotated[Agreement, _SHARING] | None = part(
        NodeAt("Agreement", "agreement"), "The agreement; null where it was closed while the answer was made."
    )
    standing: Reason | None = part(
        Told("standing"), "Why it is not in force, whoever the agencies are; null where it is."
    )


@audit_page("A page of agreements that cover no flow.")
class UnusedAgreements:
    """See the description."""

    edges: list[UnusedAgreement] = part(
        Told("edges", listed=True), "What is on the page. Ordered by URN of the agreement."
    )


@view("A flow that is covered, and would not be without amendments.")
class AmendedFlow:
    """See the description."""

    node: Annotated[Flow, _LINEAGE] | None = part(
        NodeAt("Flow", "flow"), "The flow; null where it was closed while the answer was made."
    )
    agreements: list[Annotated[Agreement, _SHARING]] = asked(
        NodesAt("Agreement", "agreements"), "The amended agreements that cover it. Ordered by URN.", FIRST
    )
    agreement_count: int = part(CountOf("agreements"), "How many amended agreements cover it.")


@audit_page("A page of flows that only amendments cover.")
class AmendedFlows:
    """See the description."""

    edges: list[AmendedFlow] = part(Told("edges", listed=True), "What is on the page. Ordered by URN of the flow.")


@view("A flow whose verdict differs between two days.")
class VerdictChange:
    """See the description."""

    node: Annotated[Flow, _LINEAGE] | None = part(
        NodeAt("Flow", "flow"), "The flow; null where it was closed while the answer was made."
    )
    turn: VerdictTurn = part(Told("turn"), "How the verdict differs.")
    before_on: date = part(DayAt("first_day"), "The first day: that asked for, else the day on which it last ran.")
    before: FlowVerdict = part(Told("first"), "Its verdict on the first day.")
    after_on: date = part(DayAt("then_day"), "The second day.")
    after: FlowVerdict = part(Told("then"), "Its verdict on the second day, as if it still went on.")
    is_live: bool = part(Told("is_live"), "Whether it goes on on the second day.")


@audit_page("A page of flows whose verdicts differ between two days.")
class VerdictChanges:
    """See the description."""

    edges: list[VerdictChange] = part(Told("edges", listed=True), "What is on the page. Ordered by URN of the flow.")
    completeness: AuditCompleteness = part(
        Told("completeness"),
        "What the answer leaves out. `omittedCount` is how many flows were not judged, since flows ran on too many different"
        " days to audit at once: those that ran the longest ago. Ask for a day with `from`.",
    )
