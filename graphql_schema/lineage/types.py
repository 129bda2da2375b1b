"""Types of the lineage domain."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import strawberry

from catalog.selection import Order
from graphql_schema.core.declare import fact, many, part, view
from graphql_schema.core.nodes import Node, node
from graphql_schema.core.plan import Edges, HiddenId, NodeOf
from graphql_schema.core.types import Connection, PageInfo, page_info, total_count

if TYPE_CHECKING:
    from graphql_schema.data.types import Dataset

__all__ = ["ColumnFlow", "Flow", "Job", "LineageConnection", "LineageEdge", "Run"]

_DATA = strawberry.lazy("graphql_schema.data.types")


@view("A dataset one hop away along lineage.")
class LineageEdge:
    """See the description."""

    node: Annotated[Dataset, _DATA] | None = part(
        NodeOf(), "The dataset; null where there is one that the reader may not see: then `hiddenId` stands for it."
    )
    hidden_id: strawberry.ID | None = part(
        HiddenId(),
        "An opaque id of a dataset that the reader may not see: the same wherever it occurs, and no URN. Else null.",
    )
    source: strawberry.ID | None = fact("source", "URN of the source that says so; null for a hidden dataset.")
    since: date | None = fact(
        "valid_from", "First day on which it holds; null where that is not known, and for a hidden dataset."
    )


@view("A page of the datasets one hop away along lineage. Hidden ones come last and are not counted in `totalCount`.")
class LineageConnection:
    """See the description."""

    edges: list[LineageEdge] = part(Edges(hidden=True), "What is on the page, in the order of the list.")
    page_info: PageInfo = page_info
    total_count: int = total_count


@node("Run")
class Run(Node):
    """See the model."""


@node("Flow")
class Flow(Node):
    """See the model."""


@node("ColumnFlow")
class ColumnFlow(Node):
    """See the model."""


@node("Job")
class Job(Node):
    """See the model."""

    reads: Connection[Annotated[Dataset, _DATA]] = many("reads", order=Order("title"))
    writes: Connection[Annotated[Dataset, _DATA]] = many("writes", order=Order("title"))
