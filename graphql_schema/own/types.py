"""Types of our own: sources, loads, records."""

from __future__ import annotations

from graphql_schema.core.nodes import Node, node

__all__ = ["CatalogRecord", "LineageRecord", "LoadRun", "Source"]


@node("Source")
class Source(Node):
    """See the model."""


@node("LoadRun")
class LoadRun(Node):
    """See the model."""


@node("CatalogRecord")
class CatalogRecord(Node):
    """See the model."""


@node("LineageRecord")
class LineageRecord(Node):
    """See the model."""
