"""Types of the lineage domain."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Optional

import strawberry

from catalog.selection import Order
from graphql_schema.core.declare import asked, fact, many, part, view
from graphql_schema.core.nodes import Node, node
from graphql_schema.core.plan import Edges, HiddenId, NodeOf
from graphql_schema.core.runs import DEFAULT_RUNS, MAX_RUNS, DurationOf, SummaryOfRuns
from graphql_schema.core.types import Connection, PageInfo, page_info, total_count
from graphql_schema.core.walk import NodeOfWalk, Told
from graphql_schema.lineage.runs import RunSummary
from lineage.traverse import LineageCut, LineageDirection

if TYPE_CHECKING:
    from graphql_schema.data.types import Dataset

__all__ = [
    "HIDDEN_ID",
    "ID",
    "ColumnFlow",
    "DisclosureReview",
    "Flow",
    "Job",
    "Lineage",
    "LineageCompleteness",
    "LineageConnection",
    "LineageEdge",
]
__all__ += ["LineageLink", "LineageNode", "LinkageRun", "Run"]

_DATA = strawberry.lazy("graphql_schema.data.types")

HIDDEN_ID = "An opaque id of a dataset that the reader may not see: the same wherever it occurs, and no URN. Else null."
"""What is said of such an id, wherever one stands."""


@view("A dataset one hop away along lineage.")
class LineageEdge:
    """See the description."""

    node: Annotated[Dataset, _DATA] | None = part(
        NodeOf(), "The dataset; null where there is one that the reader may not see: then `hiddenId` stands for it."
    )
    hidden_id: strawberry.ID | None = part(HiddenId(), HIDDEN_ID)
    source: strawberry.ID | None = fact("source", "URN of the source that says so; null for a hidden dataset.")
    since: date | None = fact(
        "valid_from", "First day on which it holds; null where that is not known, and for a hidden dataset."
    )
    until: date | None = fact(
        "valid_to", "First day on which it holds no more; null while there is no end, and for a hidden dataset."
    )


@view("A page of the datasets one hop away along lineage. Hidden ones come last and are not counted in `totalCount`.")
class LineageConnection:
    """See the description."""

    edges: list[LineageEdge] = part(Edges(hidden=True), "What is on the page, in the order of the list.")
    page_info: PageInfo = page_info
    total_count: int = total_count


ID = "its URN, or the opaque id of one that the reader may not see"
"""What the parts of an answer call a dataset by."""


@view("A dataset that a walk along lineage reached.")
class LineageNode:
    """See the description."""

    id: strawberry.ID = part(Told("id"), f"What the edges and the frontier of the same answer call it: {ID}.")
    urn: strawberry.ID | None = part(Told("urn"), "Its URN; null where the reader may not see it.")
    hidden_id: strawberry.ID | None = part(Told("hidden_id"), HIDDEN_ID)
    depth: int = part(Told("depth"), "How far it is from the root, by the shortest way. Unit: hops; 0 for the root.")
    direction: LineageDirection = part(
        Told("direction"),
        "The way that led to it from the root. BOTH where each did: on a cycle, and for the root where both were walked.",
    )
    dataset: Annotated[Dataset, _DATA] | None = part(
        NodeOfWalk("Dataset"),
        "The dataset; null where the reader may not see it, or where it was closed while the answer was made.",
    )


@view("An edge along which data flows from one dataset into another, or back into the same.")
class LineageLink:
    """See the description."""

    upstream: strawberry.ID = part(Told("upstream"), "The node that the data comes from, by its `id`.")
    downstream: strawberry.ID = part(Told("downstream"), "The node that the data flows into, by its `id`.")


@view("What an answer about lineage leaves out.")
class LineageCompleteness:
    """See the description."""

    is_complete: bool = part(
        Told("is_complete"), "Whether nothing was cut: the answer is all that the reader may know of, the ways it went."
    )
    reasons: list[LineageCut] = part(
        Told("reasons"), "Why it is not complete; empty where it is. In the order of the alphabet."
    )
    omitted_nodes: int = part(
        Told("omitted_nodes"),
        "How many nodes are known and not shown: those one hop from the nodes shown. What lies behind them is not counted.",
    )
    hidden_nodes: int = part(
        Told("hidden_nodes"), "How many of the nodes shown are hidden: an opaque id stands for each of them."
    )
    frontier: list[strawberry.ID] = part(
        Told("frontier"),
        "The nodes shown from which there is more, by their `id`, in the order of `nodes`; where edges or time ran out,"
        " also those from which there may be. To go on, ask for the lineage of one that has a URN.",
    )


@view(
    "The neighbourhood of a dataset along lineage, as a graph. What the reader may not know of is not in it, and"
    " `completeness` does not speak of it."
)
class Lineage:
    """See the description."""

    root: strawberry.ID = part(Told("graph.root"), "URN of the dataset whose lineage it is.")
    nodes: list[LineageNode] = part(
        Told("nodes", listed=True),
        "The root and what was reached from it. Ordered by depth, then id; hidden nodes last among those of a depth.",
    )
    edges: list[LineageLink] = part(
        Told("graph.links", listed=True),
        "What flows between the nodes shown, on the ways that were walked. Ordered by upstream, then downstream.",
    )
    completeness: LineageCompleteness = part(Told("graph.completeness"), "What the answer leaves out.")


@node("Run")
class Run(Node):
    """See the model."""

    duration_seconds: float | None = part(
        DurationOf(),
        "How long it took, from `startedAt` to `endedAt`. Unit: seconds; null while it runs, where either is not known, and"
        " where its end is stated to come before its beginning.",
    )


@node("Flow")
class Flow(Node):
    """See the model."""


@node("DisclosureReview")
class DisclosureReview(Node):
    """See the model."""


@node("LinkageRun")
class LinkageRun(Node):
    """See the model."""


@node("ColumnFlow")
class ColumnFlow(Node):
    """See the model."""


@node("Job")
class Job(Node):
    """See the model."""

    reads: Connection[Annotated[Dataset, _DATA]] = many("reads", order=Order("title"))
    writes: Connection[Annotated[Dataset, _DATA]] = many("writes", order=Order("title"))
    runs: Connection[Run] = many(
        "runs",
        "Its runs, those that began last first. Ordered by startedAt, descending, then URN; those without startedAt first.",
        order=Order("started_at", descending=True),
    )
    run_summary: RunSummary = asked(
        SummaryOfRuns(),
        "How its latest runs went: those that began by the day or, where their beginning is not known, ended by then.",
        ("first", int, f"How many runs at most: 1 to {MAX_RUNS}; unless told: {DEFAULT_RUNS}.", DEFAULT_RUNS),
        ("since", Optional[date], "Only runs of this day or later; unless told: all."),  # noqa: UP045 - a value, no annotation
    )
