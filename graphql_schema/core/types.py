"""Pages: Relay connections, the same for every list (https://relay.dev/graphql/connections.htm)."""

from __future__ import annotations

from typing import Generic, TypeVar

from graphql_schema.core.declare import part, view
from graphql_schema.core.plan import Edges, EndCursor, HasNext, NodeOf, PageInfoOf, Total

__all__ = ["PAGE_INFO", "TOTAL_COUNT", "Connection", "Edge", "PageInfo", "edges", "page_info", "total_count"]

T = TypeVar("T")

TOTAL_COUNT = "How many there are in all, before paging; counts only what the reader may see."

PAGE_INFO = "Where the page stands in its list."

edges = part(Edges(), "What is on the page, in the order of the list.")
page_info = part(PageInfoOf(), PAGE_INFO)
total_count = part(Total(), TOTAL_COUNT)


@view("Where a page stands in its list.")
class PageInfo:
    """See the description."""

    has_next_page: bool = part(HasNext(), "Whether there is more after this page.")
    end_cursor: str | None = part(
        EndCursor(), "What to pass as `after` for the next page; null on an empty page. Good for the same order only."
    )


@view("One entry of a page.")
class Edge(Generic[T]):
    """See the description."""

    node: T = part(NodeOf(), "What the entry is about.")


@view("A page of a list. Pages over a graph that changes neither miss nor repeat what stood all the time.")
class Connection(Generic[T]):
    """See the description."""

    edges: list[Edge[T]] = edges
    page_info: PageInfo = page_info
    total_count: int = total_count
