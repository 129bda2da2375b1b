"""What is asked along lineage, read from a store: the walks of ``traverse`` and ``paths`` with their hops fetched."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import date
from typing import Protocol

from catalog.access import Reader
from catalog.errors import StoreTimeout
from catalog.stores.port import Expand, Expansion, Store
from lineage.levels import Passing, Steps
from lineage.paths import Paths, PathSearch
from lineage.traverse import Ask, LineageGraph, Walk

__all__ = ["EVERYTHING", "neighbourhood", "paths_between"]

EVERYTHING = Passing()


class _Walking(Protocol):
    """What says which hops it needs next, and takes them."""

    def asks(self) -> list[Ask]: ...

    def take(self, found: Sequence[Expansion], /) -> None: ...

    def stop(self) -> None: ...


async def neighbourhood(
    store: Store,
    walk: Walk,
    steps: Steps,
    reader: Reader,
    as_of: date,
    *,
    passing: Passing = EVERYTHING,
    until: float | None = None,
) -> LineageGraph:
    """Walk to the end: one round trip a hop and way, both ways of a hop at once; not through what does not pass.

    Past ``until``, an instant of the loop's clock, or where the store gives a hop up as too slow, the walk ends where it
    stands and says so. Raises StoreUnavailable. A root that the reader does not see, or that is not there, leads nowhere.
    """
    await _walked(store, walk, lambda ask: steps.query(ask, reader, as_of, passing), until)
    return walk.graph()


async def paths_between(
    store: Store, search: PathSearch, steps: Steps, reader: Reader, as_of: date, *, until: float | None = None
) -> Paths:
    """Search to the end: one round trip a hop and end, both ends at once. As ``neighbourhood`` in all else."""
    await _walked(store, search, lambda ask: steps.query(ask, reader, as_of, EVERYTHING), until)
    return search.answer()


async def _walked(store: Store, walk: _Walking, query: Callable[[Ask], Expand], until: float | None) -> None:
    try:
        async with asyncio.timeout_at(until):
            while asks := walk.asks():
                walk.take(await _all(store, [query(ask) for ask in asks]))
    except (TimeoutError, StoreTimeout):
        walk.stop()


async def _all(store: Store, queries: Sequence[Expand]) -> list[Expansion]:
    """The answers of all; where one fails, it raises after the others have ended, so that none is left running."""
    found = await asyncio.gather(*map(store.expand, queries), return_exceptions=True)
    answered = [each for each in found if not isinstance(each, BaseException)]
    if len(answered) < len(found):
        raise next(each for each in found if isinstance(each, BaseException))
    return answered
