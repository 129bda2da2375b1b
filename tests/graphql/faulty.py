"""A store that fails while lineage is walked or counted."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from catalog.access import Reader
from catalog.selection import Page, Select, Selection
from catalog.stores.port import Expand, Expansion, Store

__all__ = ["FaultyStore"]


@dataclass
class FaultyStore:
    """A store of which some hops or pages fail, or take an age; the others, and the fields, are the real one's."""

    store: Store
    fails: type[Exception] | None
    step: str = "upstream"
    after: int = 0
    hops: int = 0
    pages: int | None = None
    """Pages that are answered before others fail; None: all."""

    async def expand(self, query: Expand) -> Expansion:
        self.hops += query.step == self.step
        if query.step != self.step or self.hops <= self.after:
            return await self.store.expand(query)
        await self._fail()
        raise AssertionError

    async def select(self, selection: Selection) -> Page:
        if self.pages is not None:
            if self.pages == 0:
                await self._fail()
            self.pages -= 1
        return await self.store.select(selection)

    async def select_all(self, roots: Sequence[Select], reader: Reader, as_of: date) -> list[Page]:
        return await self.store.select_all(roots, reader, as_of)

    async def _fail(self) -> None:
        if self.fails is not None:
            raise self.fails
        await asyncio.sleep(60)
