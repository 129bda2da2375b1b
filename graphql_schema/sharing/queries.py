"""Root fields of the sharing domain."""

from __future__ import annotations

from graphql_schema.core.declare import find, roots
from graphql_schema.sharing.types import Agreement

__all__ = ["SharingQuery"]


@roots
class SharingQuery:
    """See the fields."""

    agreement: Agreement | None = find("Agreement", "One agreement, by its URN; null where there is none.")
