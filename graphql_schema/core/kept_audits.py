"""Audits that are kept: one for each revision of the graph, day and reader, so that asking again costs little."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, timedelta, tzinfo
from typing import Any, Generic, TypeVar

from catalog.access import STAFF_READER, Reader
from catalog.errors import StoreTimeout
from catalog.loads import is_any_open
from catalog.stores.port import Store
from lineage.audit.day import DayAudit
from lineage.audit.earlier import Earlier
from lineage.audit.follow import followed
from lineage.audit.gather import Gathered, gathered, scan_for
from lineage.audit.image import Age
from lineage.audit.recall import grown_old, keep, recalled

__all__ = ["Audits", "Found"]

_MAX_DAYS = 4
"""Audits that are kept: each holds what was worked out of a whole graph."""
_MAX_EARLIER = 2
"""Audits of facts that are no more so of which anything is kept, for the next of the same day."""
_FAR = timedelta(days=366)
"""So far from a day most of another is different."""
_MAX_READERS = 2
"""Those whose facts are kept."""
_MAX_WAITING = 16
"""Requests that may wait for an audit at once."""

_K = TypeVar("_K")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Found(Generic[_T]):
    """What was found, and the revision of the graph of which it is."""

    revision: int
    value: _T
    is_whole: bool
    """Whether every load of which the graph is had ended."""


class Audits:
    """The audits of one store; days are those of the zone.

    Facts are recalled, or read in one scan, and follow what changes from then on; an audit is worked out in a thread of its own,
    one at a time: others are answered meanwhile. Who gives up waiting leaves the work to whoever asks next.
    """

    def __init__(self, store: Store, zone: tzinfo = UTC) -> None:
        self._store = store
        self._zone = zone
        self._facts: OrderedDict[Reader, Gathered] = OrderedDict()
        self._partial: set[Reader] = set()
        """Those whose facts were read while a load was open."""
        self._days: OrderedDict[tuple[int, Reader, date], DayAudit] = OrderedDict()
        """By the identity of the facts, which an audit holds: so while it is kept no others have that."""
        self._earlier: OrderedDict[tuple[Reader, date], Earlier] = OrderedDict()
        """What is left of audits whose facts are no more so, and of those that were recalled."""
        self._age: Age | None = None
        """How old what the store keeps is, as far as is known."""
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
                is_whole = reader not in self._partial
                audit = self._audit(facts, reader, day)
                # One thread, so that no two work on one audit.
                value = await asyncio.get_running_loop().run_in_executor(self._thread, question, audit)
        finally:
            self._waiting -= 1
        return Found(facts.revision, value, is_whole)

    async def keep(self, day: date) -> bool:
        """Keep what was read and found of a day, which is today, in the store, for the next process; whether it was worth it.

        Raises StoreUnavailable and StoreTimeout.
        """
        async with self._lock:
            facts = self._facts.get(STAFF_READER)
            audit = None if facts is None else self._days.get((id(facts.facts), STAFF_READER, day))
            # What is left of other facts goes with these: recalled with others it would be taken for what holds of them.
            earlier = None if audit is None else audit.found()
            if facts is None or earlier is None or not grown_old(self._age, facts.revision, day, day):
                return False
        # Others are answered meanwhile: to write, a store may have to wait for who loads into it.
        self._age = await keep(self._store, facts, earlier, self._zone, self._work)
        return True

    def _audit(self, facts: Gathered, reader: Reader, day: date) -> DayAudit:
        """The audit of a day, which asks here for those of other days."""

        def made() -> DayAudit:
            earlier = self._earlier.pop((reader, day), None) or self._nearest(facts, reader, day)
            return DayAudit(facts.facts, day, lambda other: self._audit(facts, reader, other), earlier=earlier)

        return _kept(self._days, (id(facts.facts), reader, day), _MAX_DAYS, made)

    def _nearest(self, facts: Gathered, reader: Reader, day: date) -> Earlier | None:
        """What is left of the audit of the nearest day, of the same facts, or else of others."""
        same = [(abs(key[2] - day), key) for key in self._days if key[:2] == (id(facts.facts), reader)]
        far, nearest = min(same, default=(_FAR, None))
        if nearest is not None and far < _FAR:
            return self._days[nearest].left()
        others = [(abs(key[1] - day), key) for key in self._earlier if key[0] == reader]
        far, other = min(others, default=(_FAR, None))
        return self._earlier.pop(other) if other is not None and far < _FAR else None

    async def _gathered(self, reader: Reader) -> Gathered:
        kept = self._facts.get(reader)
        # What was read while no load was open stays whole: what one writes moves the revision. That one has ended moves none,
        # and is asked before the revision is: it may write to its end in between.
        was_open = reader in self._partial and await is_any_open(self._store)
        if kept is not None and kept.revision == await self._store.revision():
            if not was_open:
                self._partial.discard(reader)
            return kept
        was_open = was_open or await is_any_open(self._store)
        found = None if kept is None else await self._followed(reader, kept)
        if found is None:
            # Too much was written to be followed; but who loads much keeps an audit of it.
            after = None if kept is None else kept.revision
            # Nobody holds these while others are read: both would be twice the memory.
            kept = None
            self._forget(reader)
            found = await self._recalled(reader, after)
        if found is None:
            scanned = await self._store.scan(scan_for(reader))
            found = await self._work(gathered, scanned, self._zone)
        # Before as well as after: a load may end, or begin, while facts are read.
        if was_open or await is_any_open(self._store):
            self._partial.add(reader)
        else:
            self._partial.discard(reader)
        for key in self._days_of_others(reader, found):
            del self._days[key]
        self._facts.pop(reader, None)
        return _kept(self._facts, reader, _MAX_READERS, lambda: found)

    async def _followed(self, reader: Reader, kept: Gathered) -> Gathered | None:
        """Facts brought up to date, with what is left of their audits; None where everything is to be read anew."""
        found = await followed(self._store, kept, reader, self._zone, self._work)
        if found is not None:
            self._leave(reader, found)
        return found

    def _forget(self, reader: Reader) -> None:
        """Let go of facts and of what is left of audits, before others are read: of these nothing is what it was."""
        self._facts.pop(reader, None)
        for each in [each for each in self._earlier if each[0] == reader]:
            del self._earlier[each]
        for key in [key for key in self._days if key[1] == reader]:
            del self._days[key]
        if reader.sees_all:
            self._age = None

    def _days_of_others(self, reader: Reader, facts: Gathered) -> list[tuple[int, Reader, date]]:
        """The audits of other facts than these, from the one on that was asked for the longest ago."""
        return [key for key in self._days if key[1] == reader and key[0] != id(facts.facts)]

    def _leave(self, reader: Reader, facts: Gathered) -> None:
        """Keep what is left of audits of the facts that these followed: of facts that were all read anew nothing is the same."""
        for key in self._days_of_others(reader, facts):
            left = self._days[key].left()
            if left is not None:
                # What the data was is most of an audit: it is kept of the one that was asked last.
                for each in self._earlier.values():
                    each.ground = None
                _kept(self._earlier, (reader, key[2]), _MAX_EARLIER, lambda left=left: left)

    async def _recalled(self, reader: Reader, after: int | None) -> Gathered | None:
        """The facts that another process kept of a later revision, for one who sees all, brought up to date.

        None where there are none, or where they cannot be: then nothing is left of them.
        """
        left = await recalled(self._store, self._zone, self._work, after=after) if reader.sees_all else None
        if left is None:
            return None
        self._age = left.age
        for earlier in left.days:
            _kept(self._earlier, (reader, earlier.day), _MAX_EARLIER, lambda earlier=earlier: earlier)
        found = await self._followed(reader, left.gathered)
        if found is None:
            self._forget(reader)
        return found

    async def _work(self, work: Callable[..., _T], *given: Any) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *given)


def _kept(among: OrderedDict[_K, _T], key: _K, most: int, make: Callable[[], _T]) -> _T:
    """What is kept under a key, made where it is not; what was asked for the longest ago makes room."""
    if key not in among:
        among[key] = make()
    among.move_to_end(key)
    while len(among) > most:
        among.popitem(last=False)
    return among[key]
