"""Types of transfers that are only asked about: may they be, and which way is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import strawberry

from catalog.model.enums_data import Classification
from graphql_schema.audit.tried import CoverOwed
from graphql_schema.core.declare import asked, part, view
from graphql_schema.core.found import audit_view
from graphql_schema.core.telling import FIRST, CountOf, NodeAt, NodesAt, Some
from graphql_schema.core.walk import Told
from lineage.audit.words import Reason, VerdictKind, Why

if TYPE_CHECKING:
    from graphql_schema.data.types import Column, Dataset
    from graphql_schema.lineage.types import Flow
    from graphql_schema.people.types import Agency
    from graphql_schema.sharing.types import Agreement

__all__ = ["LawfulPathway", "LawfulPathways", "PathwayStep", "ShareAnswer"]

_DATA = strawberry.lazy("graphql_schema.data.types")
_LINEAGE = strawberry.lazy("graphql_schema.lineage.types")
_PEOPLE = strawberry.lazy("graphql_schema.people.types")
_SHARING = strawberry.lazy("graphql_schema.sharing.types")


@audit_view("Whether data may be sent to an agency for a purpose, and if not, what is missing.")
class ShareAnswer:
    """See the description."""

    is_allowed: bool = part(Told("allowed"), "Whether it may: where the verdict is NOT_NEEDED or COVERED.")
    verdict: VerdictKind = part(Told("found.kind"), "The verdict of such a flow: the worst of what is owed.")
    provider: Annotated[Agency, _PEOPLE] | None = part(
        NodeAt("Agency", "provider"), "The agency that holds the dataset; null where that is not known."
    )
    recipient: Annotated[Agency, _PEOPLE] | None = part(
        NodeAt("Agency", "recipient"),
        "The agency that would get it; null where it was closed while the answer was made.",
    )
    classifications: list[Classification] = part(
        Told("classes"),
        "The strictest effective classes of what would flow; UNDETERMINED stands beside what is known where something is not"
        " decided. In the order of `Classification`.",
    )
    covered_by: list[Annotated[Agreement, _SHARING]] = asked(
        NodesAt("Agreement", "found.by"), "The agreements that would cover it. Ordered by URN.", FIRST
    )
    covered_by_count: int = part(CountOf("found.by"), "How many agreements would cover it.")
    reasons: list[Reason] = part(
        Told("found.reasons"), "Of UNCOVERED: at which clause each agreement fails first. In the order of the alphabet."
    )
    why: list[Why] = part(
        Told("found.why"), "Of UNKNOWN: what must be found out or decided first. In the order of the alphabet."
    )
    undecided_columns: list[Annotated[Column, _DATA]] = asked(
        NodesAt("Column", "undecided"),
        "The columns that would flow and whose class is not decided, here or where they come from. Ordered by URN.",
        FIRST,
    )
    undecided_column_count: int = part(CountOf("undecided"), "How many such columns there are.")
    owed: list[CoverOwed] = asked(
        Some("found.parts"),
        "To whom cover is owed, and of every agreement that was tried all that it lacks; empty where none is needed, and where"
        " that is UNKNOWN what was tried for the provider. The provider first, then by URN.",
        FIRST,
    )
    owed_count: int = part(CountOf("found.parts"), "To how many cover is owed.")


@view("A step of a pathway, judged for the purpose asked about.")
class PathwayStep:
    """See the description."""

    flow: Annotated[Flow, _LINEAGE] | None = part(
        NodeAt("Flow", "flow"), "The flow; null for a transfer that is not there yet."
    )
    source: Annotated[Dataset, _DATA] | None = part(NodeAt("Dataset", "source"), "The dataset that it comes from.")
    target: Annotated[Dataset, _DATA] | None = part(
        NodeAt("Dataset", "target"),
        "The dataset that it leads to; null where that is a system, and for a transfer that is not there yet.",
    )
    provider: Annotated[Agency, _PEOPLE] | None = part(
        NodeAt("Agency", "provider"), "The agency that provides the data; null where that is not known."
    )
    recipient: Annotated[Agency, _PEOPLE] | None = part(
        NodeAt("Agency", "recipient"), "The agency that gets it; null where that is not known."
    )
    verdict: VerdictKind = part(Told("verdict.kind"), "The verdict of the step, with the purpose in place of its own.")
    covered_by: list[Annotated[Agreement, _SHARING]] = asked(
        NodesAt("Agreement", "verdict.by"), "The agreements that cover it. Ordered by URN.", FIRST
    )
    reasons: list[Reason] = part(
        Told("verdict.reasons"),
        "Of UNCOVERED: at which clause each agreement fails first. In the order of the alphabet.",
    )
    why: list[Why] = part(Told("verdict.why"), "Of UNKNOWN: what is not known. In the order of the alphabet.")
    owed: list[CoverOwed] = asked(
        Some("verdict.parts"),
        "To whom cover is owed, and of every agreement that was tried all that it lacks. The provider first, then by URN.",
        FIRST,
    )


@view("A way for data to an agency.")
class LawfulPathway:
    """See the description."""

    missing_count: int = part(
        Told("way.missing"),
        "How many agreements are missing on it: one for each agency to whom cover is owed and whom none gives it, and one for a"
        " step of which it cannot be told; 0: it is covered.",
    )
    is_new: bool = part(
        Told("way.direct"), "Whether it is a new direct transfer of all columns, which is not there yet."
    )
    steps: list[PathwayStep] = asked(
        Some("steps"),
        "Its steps; empty where the agency holds the dataset itself. Ordered from the dataset to the agency.",
        FIRST,
    )
    step_count: int = part(CountOf("steps"), "How many steps it has.")


@audit_view("The ways from a dataset to an agency for a purpose, by flows that are live on the day and have happened.")
class LawfulPathways:
    """See the description."""

    is_covered: bool = part(Told("covered"), "Whether there is a covered one: the best lacks no agreement.")
    pathways: list[LawfulPathway] = part(
        Told("pathways", listed=True),
        "The best way to each dataset that the agency holds, and the new direct transfer. Ordered by missing agreements, then by"
        " steps, one that is there before a new one, then by URNs of flows.",
    )
    has_more: bool = part(Told("more"), "Whether there are more ways than are told.")
