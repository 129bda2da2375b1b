"""Types of what the audit of sharing finds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import strawberry

from catalog.model.enums_data import Classification
from graphql_schema.core.declare import asked, part, view
from graphql_schema.core.found import audit_page, audit_view
from graphql_schema.core.telling import FIRST, CountOf, NodeAt, NodesAt, Some
from graphql_schema.core.walk import Told
from lineage.audit.words import Reason, VerdictKind, Why

if TYPE_CHECKING:
    from graphql_schema.lineage.types import Flow
    from graphql_schema.people.types import Agency
    from graphql_schema.sharing.types import Agreement

__all__ = ["FlowVerdict", "FlowVerdictEdge", "FlowVerdicts", "OwedCover", "PathwaySummary", "PathwaySummaryEdge"]
__all__ += ["TriedAgreement", "VerdictCounts"]

_LINEAGE = strawberry.lazy("graphql_schema.lineage.types")
_PEOPLE = strawberry.lazy("graphql_schema.people.types")
_SHARING = strawberry.lazy("graphql_schema.sharing.types")


@view("An agreement that was tried, and why it does not cover the flow.")
class TriedAgreement:
    """See the description."""

    agreement: Annotated[Agreement, _SHARING] | None = part(NodeAt("Agreement", "agreement"), "The agreement.")
    code: Reason | None = part(
        Told("code"), "The first clause at which it fails, in the order of `Reason`; null where it covers."
    )


@view("What is owed to one agency for a flow: to the one that provides it, or to one whose data is passed on.")
class OwedCover:
    """See the description."""

    is_direct: bool = part(Told("direct"), "Whether it is owed to the agency that provides it.")
    agency: Annotated[Agency, _PEOPLE] | None = part(
        NodeAt("Agency", "agency"), "To whom it is owed; null where that is not known."
    )
    verdict: VerdictKind = part(Told("verdict"), "The verdict of this part alone.")
    tried: list[TriedAgreement] = asked(Some("tried"), "The agreements that were tried. Ordered by URN.", FIRST)
    tried_count: int = part(CountOf("tried"), "How many agreements were tried.")


@audit_view("May this data flow, as of a day, and why.")
class FlowVerdict:
    """See the description."""

    verdict: VerdictKind = part(Told("row.verdict"), "The verdict: the worst of what is owed.")
    provider: Annotated[Agency, _PEOPLE] | None = part(
        NodeAt("Agency", "row.provider"), "The agency that provides the data; null where that is not known."
    )
    recipient: Annotated[Agency, _PEOPLE] | None = part(
        NodeAt("Agency", "row.recipient"), "The agency that gets it; null where that is not known."
    )
    classifications: list[Classification] = part(
        Told("classes"),
        "The strictest effective classes of what flows: PERSONAL and PRIVATE may stand together, and UNDETERMINED stands"
        " beside what is known where something is not. In the order of `Classification`.",
    )
    covered_by: list[Annotated[Agreement, _SHARING]] = asked(
        NodesAt("Agreement", "row.by"), "The agreements that cover it. Ordered by URN.", FIRST
    )
    covered_by_count: int = part(CountOf("row.by"), "How many agreements cover it.")
    reasons: list[Reason] = part(
        Told("row.reasons"), "Of UNCOVERED: at which clauses the agreements fail. In the order of the alphabet."
    )
    why: list[Why] = part(Told("row.why"), "Of UNKNOWN: what is not known. In the order of the alphabet.")
    owed: list[OwedCover] = asked(
        Some("row.owed"),
        "Of UNCOVERED and UNKNOWN: to whom cover is owed, and what was tried. The provider first, then by URN.",
        FIRST,
    )
    owed_count: int = part(CountOf("row.owed"), "To how many cover is owed.")
    failing_claims: list[TriedAgreement] = asked(
        Some("row.failing_claims"),
        "Agreements that the flow claims and that do not cover it. Ordered by URN.",
        FIRST,
    )
    failing_claim_count: int = part(CountOf("row.failing_claims"), "How many claims do not hold.")


@view("A flow that is live on the day, with its verdict.")
class FlowVerdictEdge:
    """See the description."""

    node: Annotated[Flow, _LINEAGE] | None = part(
        NodeAt("Flow", "row.flow"), "The flow; null where it was closed while the answer was made."
    )
    verdict: FlowVerdict = part(Told(""), "Its verdict.")


@audit_page("A page of the verdicts of flows that are live on the day.")
class FlowVerdicts:
    """See the description."""

    edges: list[FlowVerdictEdge] = part(Told("edges", listed=True), "What is on the page. Ordered by URN of the flow.")


@view("How many flows have each verdict.")
class VerdictCounts:
    """See the description."""

    flow_count: int = part(Told("flows"), "How many flows there are, of all verdicts.")
    not_needed: int = part(Told("not_needed"), "How many flows need no agreement.")
    covered: int = part(Told("covered"), "How many flows an agreement covers.")
    uncovered: int = part(Told("uncovered"), "How many flows need one, and none covers.")
    unknown: int = part(Told("unknown"), "Of how many flows it cannot be told.")


@view("What is shared by one agency with one agency.")
class PathwaySummaryEdge:
    """See the description."""

    provider: Annotated[Agency, _PEOPLE] | None = part(
        NodeAt("Agency", "provider"), "The agency that provides the data; null where that is not known."
    )
    recipient: Annotated[Agency, _PEOPLE] | None = part(
        NodeAt("Agency", "recipient"), "The agency that gets it; null where that is not known."
    )
    counts: VerdictCounts = part(Told("counts"), "The flows between the two, by verdict.")


@audit_page("The flows that are live on the day, counted by who gives to whom, and by verdict.")
class PathwaySummary:
    """See the description."""

    edges: list[PathwaySummaryEdge] = part(
        Told("edges", listed=True),
        "What is on the page. Ordered by URN of provider, then recipient; unknown ones last.",
    )
    total_count: int = part(Told("total"), "How many pairs there are in all, before paging.")
    counts: VerdictCounts = part(Told("counts"), "The flows of all pairs, by verdict.")
