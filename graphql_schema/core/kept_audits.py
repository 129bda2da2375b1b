"""Audits that are kept: one for each revision of the graph, day and reader, so that asking again costs little."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, tzinfo
from typing import Generic, TypeVar

from catalog.access import Reader
from catalog.errors import StoreTimeout
from catalog.stores.port import Store
from lineage.audit.day import DayAudit
from lineage.audit.gather import Gathered, gathered, scan_for

__all__ = ["Audits", "Found"]

_MAX_DAYS = 4
"""Audits that are kept: each holds what was worked out of a whole graph."""
_MAX_FACTS = 2
_MAX_WAITING = 16
"""Requests that may wait for an audit at once."""

_K = TypeVar("_K")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Found(Generic[_T]):
    """What was found, and the revision of the graph of which it is."""

    revision: int
    value: _T


class Audits:
    """The audits of one store; days are those of the zone.

    Facts are read in one scan, and an audit is worked out in a thread of its own, one at a time: others are answered meanwhile.
    Who gives up waiting leaves the work to whoever asks next.
    """

    def __init__(self, store: Store, zone: tzinfo = UTC) -> None:
        self._store = store
        self._zone = zone
        self._facts: OrderedDict[tuple[int, Reader], Gathered] = OrderedDict()
        self._days: OrderedDict[tuple[int, Reader, date], DayAudit] = OrderedDict()
        self._lock = asyncio.Lock()
        self._thread = ThreadPoolExecutor(1, "audit")
        self._waiting = 0

    async def ask(self, reader: Reader, day: date, question: Callable[[DayAudit], _T]) -> Found[_T]:
        """What a question finds in the audit of a day, of what this reader sees.

        Raises StoreUnavailable, and StoreTimeout where the scan takes too long or too many wait already.
        """
        if self._waiting >= _MAX_WAITING:
            raise StoreTimeout(f"{_MAX_WAITING} requests wait for an audit already: try again later")
        self._waiting += 1
        try:
            async with self._lock:
                facts = await self._gathered(reader)
                audit = self._audit(facts, reader, day)
                # One thread, so that no two work on one audit.
                value = await asyncio.get_running_loop().run_in_executor(self._thread, question, audit)
        finally:
            self._waiting -= 1
        return Found(facts.revision, value)

    def _audit(self, facts: Gathered, reader: Reader, day: date) -> DayAudit:
        """The audit of a day, which asks here for those of other days."""
        key = facts.revision, reader, day
        return _kept(
            self._days,
            key,
            _MAX_DAYS,
            lambda: DayAudit(facts.facts, day, lambda other: self._audit(facts, reader, other)),
        )

    async def _gathered(self, reader: Reader) -> Gathered:
        found = self._facts.get((await self._store.revision(), reader))
        if found is None:
            scanned = await self._store.scan(scan_for(reader))
            work = asyncio.get_running_loop().run_in_executor(self._thread, gathered, scanned, self._zone)
            found = await work
            _kept(self._facts, (found.revision, reader), _MAX_FACTS, lambda: found)
            for key in [key for key in self._days if key[0] < found.revision and key[1] == reader]:
                del self._days[key]
        return found


def _kept(among: OrderedDict[_K, _T], key: _K, most: int, make: Callable[[], _T]) -> _T:
    """What is kept under a key, made where it is not; what was asked for the longest ago makes room."""
    if key not in among:
        among[key] = make()
    among.move_to_end(key)
    while len(among) > most:
        among.popitem(last=False)
    return among[key]
