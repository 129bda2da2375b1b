"""Types of what would change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import strawberry

from graphql_schema.core.declare import asked, part, view
from graphql_schema.core.found import audit_page
from graphql_schema.core.telling import FIRST, CountOf, NodeAt, NodesAt
from graphql_schema.core.walk import Told
from lineage.audit.words import Reason, VerdictKind, Why

if TYPE_CHECKING:
    from graphql_schema.lineage.types import Flow
    from graphql_schema.people.types import Agency
    from graphql_schema.sharing.types import Agreement

__all__ = ["ForeseenChange", "ForeseenChanges", "ForeseenCount", "ForeseenVerdict"]

_LINEAGE = strawberry.lazy("graphql_schema.lineage.types")
_PEOPLE = strawberry.lazy("graphql_schema.people.types")
_SHARING = strawberry.lazy("graphql_schema.sharing.types")


@view("The verdict of a flow, as it is or as it would be.")
class ForeseenVerdict:
    """See the description."""

    verdict: VerdictKind = part(Told("verdict.kind"), "The verdict: the worst of what is owed.")
    covered_by: list[Annotated[Agreement, _SHARING]] = asked(
        NodesAt("Agreement", "by"), "The agreements of the catalog that cover it. Ordered by URN.", FIRST
    )
    covered_by_count: int = part(CountOf("by"), "How many agreements of the catalog cover it.")
    covered_by_proposed: list[str] = part(
        Told("proposed"), "The names of the proposed agreements that cover it. In the order of the alphabet."
    )
    reasons: list[Reason] = part(
        Told("verdict.reasons"), "Of UNCOVERED: at which clauses the agreements fail. In the order of the alphabet."
    )
    why: list[Why] = part(Told("verdict.why"), "Of UNKNOWN: what is not known. In the order of the alphabet.")


@view("A flow whose verdict would be another: of another kind, by other agreements, or for other reasons.")
class ForeseenChange:
    """See the description."""

    flow: Annotated[Flow, _LINEAGE] | None = part(
        NodeAt("Flow", "flow"), "The flow; null where it was closed while the answer was made."
    )
    provider: Annotated[Agency, _PEOPLE] | None = part(
        NodeAt("Agency", "provider"), "The agency that provides the data; null where that is not known."
    )
    recipient: Annotated[Agency, _PEOPLE] | None = part(
        NodeAt("Agency", "recipient"), "The agency that gets it; null where that is not known."
    )
    before: ForeseenVerdict = part(Told("before"), "As it is.")
    after: ForeseenVerdict = part(Told("after"), "As it would be.")


@view("How many flows have one verdict and would have one.")
class ForeseenCount:
    """See the description."""

    before: VerdictKind = part(Told("before"), "The verdict as it is.")
    after: VerdictKind = part(Told("after"), "The verdict as it would be, which may be the same.")
    flow_count: int = part(Told("flows"), "How many flows these are.")


@audit_page("What would change of the verdicts of the flows that are live on the day. Nothing is written.")
class ForeseenChanges:
    """See the description."""

    edges: list[ForeseenChange] = part(Told("edges", listed=True), "What is on the page. Ordered by URN of the flow.")
    counts: list[ForeseenCount] = part(
        Told("counts", listed=True),
        "All live flows, counted by the verdict that they have and the one that they would have. In the order of `VerdictKind`,"
        " by before, then after.",
    )
