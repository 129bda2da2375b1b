"""A store that notes what is read whole of it, and may be cut off."""

from __future__ import annotations

from typing import Any

from catalog.errors import StoreUnavailable
from catalog.stores.port import Scan, Scanned, Store

__all__ = ["Watched"]


class Watched:
    """Another store, with how many nodes each scan of it was of: None of all. While it is ``cut`` off, nothing is scanned."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.scans: list[int | None] = []
        self.cut = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)

    async def scan(self, query: Scan) -> Scanned:
        """Scan, and note it."""
        if self.cut:
            raise StoreUnavailable("cut off")
        self.scans.append(None if query.only is None else len(query.only))
        return await self.store.scan(query)
