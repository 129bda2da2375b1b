"""Root fields about the catalog itself."""

from __future__ import annotations

from catalog.selection import Order
from graphql_schema.core.declare import asked, find_node, find_nodes, list_all, roots
from graphql_schema.core.mirror import DEFAULT_CHANGES, MAX_TOLD, FindFeed
from graphql_schema.core.nodes import Node
from graphql_schema.core.types import Connection
from graphql_schema.own.types import ChangeFeed, Changeset, LoadRun, Source

__all__ = ["OwnQuery"]


@roots
class OwnQuery:
    """See the fields."""

    node: Node | None = find_node("Whatever has this URN; null where there is none.")
    nodes: list[Node | None] = find_nodes("Whatever has these URNs, in their order; null where there is none.")
    changes: ChangeFeed = asked(
        FindFeed(),
        "What changed of all nodes and edges since a cursor, for those who mirror the catalog: everything at least once, in the "
        "order of its last change, ends and retractions among it. What the reader may not see is left out; what they may see no "
        "more is told. Keep the last `endCursor` and ask again with it, whenever: it never grows old. A page without changes has "
        "none, save where very much is hidden.",
        (
            "since",
            str | None,
            "Go on after this place: `endCursor` of an earlier page. Unless told: from the beginning.",
        ),
        ("first", int, f"How many changes at most: 0 to {MAX_TOLD}; unless told: {DEFAULT_CHANGES}.", DEFAULT_CHANGES),
    )
    sources: Connection[Source] = list_all("Source", "Who says what is in the catalog.", order=Order("title"))
    load_runs: Connection[LoadRun] = list_all(
        "LoadRun", "Loads, for staff: the newest first.", order=Order("started_at", descending=True)
    )
    changesets: Connection[Changeset] = list_all(
        "Changeset",
        "What was stated by hand, by whom and why, for staff: the latest first.",
        order=Order("stated_at", descending=True),
    )
