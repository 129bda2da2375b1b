"""Types of a walk along lineage from column to column."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import strawberry

from graphql_schema.core.declare import part, view
from graphql_schema.core.levels import EndOfWalk, NodesOf
from graphql_schema.core.links import MAX_TOLD, Steps
from graphql_schema.core.walk import NodeOfWalk, Told
from graphql_schema.lineage.types import ColumnFlow
from graphql_schema.lineage.walk import END_CURSOR, HIDDEN_NODE, ID, NODES, STEPS, LineageCompleteness
from lineage.traverse import LineageDirection

if TYPE_CHECKING:
    from graphql_schema.data.types import Column

__all__ = ["ColumnLineage", "ColumnLineageLink", "ColumnLineageNode"]

_DATA = strawberry.lazy("graphql_schema.data.types")


@view("A column that a walk along lineage reached.")
class ColumnLineageNode:
    """See the description."""

    id: strawberry.ID = part(Told("id"), f"What the edges and the frontier of the same answer call it: {ID}.")
    urn: strawberry.ID | None = part(Told("urn"), "Its URN; null where the reader may not see it.")
    hidden_id: strawberry.ID | None = part(Told("hidden_id"), HIDDEN_NODE)
    depth: int = part(Told("depth"), "How far it is from the root, by the shortest way. Unit: hops; 0 for the root.")
    direction: LineageDirection = part(
        Told("direction"),
        "The way that led to it from the root. BOTH where each did: on a cycle, and for the root where both were walked.",
    )
    column: Annotated[Column, _DATA] | None = part(
        NodeOfWalk("Column"),
        "The column; null where the reader may not see it, or where it was closed while the answer was made.",
    )


@view("A column that depends on another, or on itself.")
class ColumnLineageLink:
    """See the description."""

    upstream: strawberry.ID = part(Told("upstream"), "The column that the other depends on, by its `id`.")
    downstream: strawberry.ID = part(Told("downstream"), "The column that depends on it, by its `id`.")
    depth: int = part(Told("depth"), "How far it is: one more than the nearer of its ends. Unit: hops; from 1.")
    steps: list[ColumnFlow] | None = part(
        Steps(),
        "How it depends, once for each source and job that says so: whether values move or only decide (`derivation`), what"
        " is done to them (`transformation`, `subtype`, `description`) and whether they are masked (`masking`)."
        f" {STEPS} Null past the first {MAX_TOLD:,} edges of an answer.",
    )


@view(
    "The neighbourhood of a column along lineage, as a graph. What the reader may not know of is not in it, and"
    " `completeness` does not speak of it."
)
class ColumnLineage:
    """See the description."""

    root: strawberry.ID = part(Told("graph.root"), "URN of the column whose lineage it is.")
    as_of: date = part(Told("as_of"), "The day that the answer is about.")
    nodes: list[ColumnLineageNode] = part(
        NodesOf(), f"The root and what was reached from it; with `after`, what comes after that place. {NODES}"
    )
    edges: list[ColumnLineageLink] = part(
        Told("links", listed=True),
        "How they depend on each other, on the ways that were walked; with `after`, also between them and columns shown"
        " before. Ordered by upstream, then downstream.",
    )
    end_cursor: str | None = part(EndOfWalk(), END_CURSOR)
    completeness: LineageCompleteness = part(Told("graph.completeness"), "What the answer leaves out.")
