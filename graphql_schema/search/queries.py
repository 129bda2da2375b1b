"""Root fields of search."""

from __future__ import annotations

from graphql_schema.core.declare import roots, search
from graphql_schema.search.types import SearchConnection

__all__ = ["SearchQuery"]


@roots
class SearchQuery:
    """See the fields."""

    search: SearchConnection = search("Dataset", "Datasets by words.")
