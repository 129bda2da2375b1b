"""Types of a walk along lineage: a graph of nodes and edges, and what it leaves out."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from graphql_schema.core.declare import part, view
from graphql_schema.core.levels import EndOfWalk, NodesOf
from graphql_schema.core.links import AGENCY_ENTRIES, MAX_TOLD, Assertions, JobOf, LastRun, Steps
from graphql_schema.core.same import MAX_SAME, SameStatements
from graphql_schema.core.walk import NodeOfWalk, Told
from graphql_schema.lineage.types import ColumnFlow, Job, Run
from lineage.levels import LineageLevel
from lineage.traverse import LineageCut, LineageDirection

if TYPE_CHECKING:
    from graphql_schema.data.types import Column, Dataset
    from graphql_schema.people.types import Agency

__all__ = [
    "END_CURSOR",
    "HIDDEN_NODE",
    "ID",
    "NODES",
    "STEPS",
    "Lineage",
    "LineageAssertion",
    "LineageCompleteness",
    "LineageLink",
]
__all__ += ["LineageNode", "LineageSameAs", "LineageSameAsAssertion"]

_DATA = strawberry.lazy("graphql_schema.data.types")
_PEOPLE = strawberry.lazy("graphql_schema.people.types")

ID = "its URN, or the opaque id of one that the reader may not see"
"""What the parts of an answer call a node by."""
NODES = "Ordered by depth, then id; hidden nodes last among those of a depth."
END_CURSOR = (
    "What to pass as `after` for what lies beyond the frontier; null where there is no more, where only the filter left"
    " something out, and at the bounds of `after`. Where edges or time ran out, a few nodes of this answer come again."
)
STEPS = "Ordered by source, then URN. Empty at an edge with a hidden end."
HIDDEN_NODE = "An opaque id of a node that the reader may not see: the same wherever it occurs, and no URN. Else null."
_CLOSED = "or where it was closed while the answer was made"

_source = part(Told("source"), "URN of the source that says so.")
_since = part(Told("since"), "First day on which it holds; null where that is not known.")
_until = part(Told("until"), "First day on which it holds no more; null while there is no end.")
_recorded_at = part(Told("recorded_at"), "When it was recorded.")


@view("A node that a walk along lineage reached. What it is, the level says.")
class LineageNode:
    """See the description."""

    id: strawberry.ID = part(Told("id"), f"What the edges and the frontier of the same answer call it: {ID}.")
    urn: strawberry.ID | None = part(Told("urn"), "Its URN; null where the reader may not see it.")
    hidden_id: strawberry.ID | None = part(Told("hidden_id"), HIDDEN_NODE)
    depth: int = part(
        Told("depth"),
        "How far it is from the root, by the shortest way. Unit: hops; 0 for the root, and what stands for it.",
    )
    direction: LineageDirection = part(
        Told("direction"),
        "The way that led to it from the root. BOTH where each did: on a cycle, and for the root where both were walked.",
    )
    dataset: Annotated[Dataset, _DATA] | None = part(
        NodeOfWalk("Dataset", {"Column": ("column_of",)}),
        "The dataset that it is, or that the column is of; null at other levels, where the reader may not see it,"
        f" {_CLOSED}.",
    )
    column: Annotated[Column, _DATA] | None = part(
        NodeOfWalk("Column"),
        f"The column that it is; null at other levels, where the reader may not see it, {_CLOSED}.",
    )
    job: Job | None = part(
        NodeOfWalk("Job"), f"The job that it is; null at other levels, where the reader may not see it, {_CLOSED}."
    )
    agency: Annotated[Agency, _PEOPLE] | None = part(
        NodeOfWalk("Agency", {"Dataset": ("held_by",), "Column": ("column_of", "held_by"), "Job": ("run_by",)}),
        "The agency that it is, that has the dataset in custody, or that runs the job; null where there is none that the"
        " reader may see.",
    )


@view("What one source says of an edge of lineage.")
class LineageAssertion:
    """See the description."""

    source: strawberry.ID | None = _source
    since: date | None = _since
    until: date | None = _until
    recorded_at: datetime | None = _recorded_at
    dataset: strawberry.ID | None = part(
        Told("dataset"),
        "At level JOB, URN of the dataset that the one job writes or the other reads, at level AGENCY of the one that the data"
        " comes from; else null.",
    )
    job: Job | None = part(
        JobOf(),
        "The job by which data flows, or that writes or reads; null where none is stated or the reader sees none.",
    )
    last_run: Run | None = part(
        LastRun(),
        "The last run of that job that had started by the end of the day that is asked about, in UTC; null where none is"
        " known.",
    )


@view("An edge along which data flows from one node into another, or back into the same.")
class LineageLink:
    """See the description."""

    upstream: strawberry.ID = part(Told("upstream"), "The node that the data comes from, by its `id`.")
    downstream: strawberry.ID = part(Told("downstream"), "The node that the data flows into, by its `id`.")
    depth: int = part(Told("depth"), "How far it is: one more than the nearer of its ends. Unit: hops; from 1.")
    flows: int = part(
        Told("flows"),
        "How many edges between two datasets it stands for, of those that pass the filter. Unit: edges; 1 at every level"
        " but AGENCY.",
    )
    assertions: list[LineageAssertion] | None = part(
        Assertions(),
        "Who says so: one entry for each source, at level COLUMN for each step, at level JOB for each that says what is"
        " written or read, and at level AGENCY for each dataset that data comes from. Ordered by source, dataset, what is read"
        " after what is written, then URN of the step. Empty at an edge with a hidden end, which tells nothing."
        f" Null past the first {MAX_TOLD:,} edges of an answer; of what leaves one node at most 1,000 entries are read, at level"
        f" AGENCY of {AGENCY_ENTRIES} of its datasets {AGENCY_ENTRIES} each.",
    )
    steps: list[ColumnFlow] | None = part(
        Steps(),
        f"At level COLUMN, how the one column depends on the other; empty at other levels. {STEPS} Null as `assertions`.",
    )


@view("What one source says of two datasets that are one.")
class LineageSameAsAssertion:
    """See the description."""

    source: strawberry.ID | None = _source
    since: date | None = _since
    until: date | None = _until
    recorded_at: datetime | None = _recorded_at
    evidence: str | None = part(Told("evidence"), "What speaks for it, as stated; plain text.")
    rule: str | None = part(Told("rule"), "Name of the rule that finds it; null where its source says so itself.")


@view("Two nodes that are one dataset under two names: no data flows between them, and a walk is at both at once.")
class LineageSameAs:
    """See the description."""

    one: strawberry.ID = part(Told("one"), "The first of the two, by its `id`.")
    other: strawberry.ID = part(Told("other"), "The second, by its `id`.")
    assertions: list[LineageSameAsAssertion] | None = part(
        SameStatements(),
        "Who states it: one entry for each source and way. Ordered by source, then by the day since which it holds. Empty where"
        f" one of the two is hidden. Null past the first {MAX_SAME:,} pairs; of one node at most 1,000 entries are read.",
    )


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
    filtered_nodes: int = part(
        Told("filtered_nodes"),
        "How many nodes, one hop from those shown, did not pass the filter. What lies behind them is not counted.",
    )
    hidden_nodes: int = part(
        Told("hidden_nodes"), "How many of the nodes shown are hidden: an opaque id stands for each of them."
    )
    frontier: list[strawberry.ID] = part(
        Told("frontier"),
        "The nodes from which there is more, by their `id`, of this answer or, with `after`, of one before; where edges or"
        " time ran out, also those from which there may be. Ordered by depth, then id. To go on from all of them, pass"
        " `endCursor` as `after`; from one of them, ask for its lineage.",
    )


@view(
    "The neighbourhood of a node along lineage, as a graph. What the reader may not know of is not in it, and"
    " `completeness` does not speak of it."
)
class Lineage:
    """See the description."""

    root: strawberry.ID = part(
        Told("graph.root"), "URN of the node whose lineage it is, or of the dataset that other nodes stand for."
    )
    level: LineageLevel = part(Told("level"), "What the nodes are.")
    as_of: date = part(Told("as_of"), "The day that the answer is about.")
    nodes: list[LineageNode] = part(
        NodesOf(), f"The root and what was reached from it; with `after`, what comes after that place. {NODES}"
    )
    edges: list[LineageLink] = part(
        Told("links", listed=True),
        "What flows between the nodes shown, on the ways that were walked; with `after`, also between them and nodes shown"
        " before, and an edge that both ways lead to may come again. Ordered by upstream, then downstream.",
    )
    same_as: list[LineageSameAs] = part(
        Told("same", listed=True),
        "At level DATASET, which of the nodes shown are one dataset under two names, because it is stated and nobody denies it;"
        " empty at other levels. With `after`, also those of which one was shown before. Ordered by `one`, then `other`.",
    )
    end_cursor: str | None = part(EndOfWalk(), END_CURSOR)
    completeness: LineageCompleteness = part(Told("graph.completeness"), "What the answer leaves out.")
