"""A store that fails while lineage is walked."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from catalog.selection import Page, Selection
from catalog.stores.port import Expand, Expansion, Store

__all__ = ["FaultyStore"]


@dataclass
class FaultyStore:
    """A store of which some hops fail, or take an age; the others, and the fields, are the real one's."""

    store: Store
    fails: type[Exception] | None
    step: str = "upstream"
    after: int = 0
    hops: int = 0

    async def expand(self, query: Expand) -> Expansion:
        self.hops += query.step == self.step
        if query.step != self.step or self.hops <= self.after:
            return await self.store.expand(query)
        if self.fails is not None:
            raise self.fails
        await asyncio.sleep(60)
        raise AssertionError

    async def select(self, selection: Selection) -> Page:
        return await self.store.select(selection)
