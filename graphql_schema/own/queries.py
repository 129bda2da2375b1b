"""Root fields about the catalog itself."""

from __future__ import annotations

from catalog.selection import Order
from graphql_schema.core.declare import find_node, find_nodes, list_all, roots
from graphql_schema.core.nodes import Node
from graphql_schema.core.types import Connection
from graphql_schema.own.types import LoadRun, Source

__all__ = ["OwnQuery"]


@roots
class OwnQuery:
    """See the fields."""

    node: Node | None = find_node("Whatever has this URN; null where there is none.")
    nodes: list[Node | None] = find_nodes("Whatever has these URNs, in their order; null where there is none.")
    sources: Connection[Source] = list_all("Source", "Who says what is in the catalog.", order=Order("title"))
    load_runs: Connection[LoadRun] = list_all(
        "LoadRun", "Loads, for staff: the newest first.", order=Order("started_at", descending=True)
    )
