"""Types of our own: sources, loads, records."""

from __future__ import annotations

from datetime import date, datetime

import strawberry

from graphql_schema.core.declare import part, view
from graphql_schema.core.mirror import MirrorState, WordsOfChange
from graphql_schema.core.nodes import Node, node
from graphql_schema.core.said import SaidWord
from graphql_schema.core.types import PageInfo
from graphql_schema.core.walk import Told

__all__ = ["CatalogRecord", "Change", "ChangeFeed", "Changeset", "LineageRecord", "LoadRun", "Source"]


@node("Source")
class Source(Node):
    """See the model."""


@node("LoadRun")
class LoadRun(Node):
    """See the model."""


@node("CatalogRecord")
class CatalogRecord(Node):
    """See the model."""


@node("Changeset")
class Changeset(Node):
    """See the model."""


@node("LineageRecord")
class LineageRecord(Node):
    """See the model."""


@view("A node or an edge that changed, as it is now and as the reader may see it.")
class Change:
    """See the description."""

    type: str = part(Told("type"), "Of a node its type in this schema, of an edge its relationship in `docs/model.md`.")
    state: MirrorState = part(Told("state"), "What a mirror is to do.")
    urn: strawberry.ID | None = part(Told("urn"), "Of a node: its URN, by which a mirror keeps it. Null of an edge.")
    key: strawberry.ID | None = part(Told("key"), "Of an edge: the key by which a mirror keeps it. Null of a node.")
    tail: strawberry.ID | None = part(Told("tail"), "Of an edge: URN of the node that it leads from.")
    head: strawberry.ID | None = part(Told("head"), "Of an edge: URN of the node that it leads to.")
    source: strawberry.ID | None = part(Told("source"), "URN of the source that says so; null of a node that is to go.")
    since: date | None = part(Told("since"), "First day on which it holds; null where that is not known.")
    until: date | None = part(Told("until"), "First day on which it holds no more; null while there is no end.")
    changed_at: datetime | None = part(Told("changed_at"), "When the change was recorded; null where that is hidden.")
    words: list[SaidWord] = part(
        WordsOfChange(), "Its properties, as far as the reader may see them; those of edges are for staff."
    )


@view("A page of what changed, in order.")
class ChangeFeed:
    """See the description."""

    changes: list[Change] = part(Told("changes", listed=True), "What changed, the earliest first.")
    page_info: PageInfo = part(Told("page_info"), "Where the page stands in the feed; `endCursor` goes into `since`.")
