"""Events of many requests, taken in together: while one write is under way, the next is gathered.

A write costs a transaction, whatever is in it. So requests that come at once share one, and each is answered when what it sent
is written, not before. Of many events the next write is made ready while one is under way.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from catalog.errors import MigrationError, StoreTimeout, StoreUnavailable
from lineage.openlineage.registers import Known
from loaders.openlineage.intake import Intake
from loaders.record import Problem

__all__ = ["MAX_GATHERED", "Gathered"]

MAX_GATHERED = 500
"""Events of one write. They are folded in one go, and nobody else is answered meanwhile: a tenth of a second, where each is of six
datasets. Of fewer, what they say of the same jobs and datasets is written more often: 200 take half as long again."""
_AHEAD = 50
"""Events that are worth a write of their own, and not to wait for the end of one that is under way and share the next."""


@dataclass(slots=True)
class _Waiting:
    news: Known
    events: int
    answer: asyncio.Future[bool | Problem]


class Gathered:
    """What sends events on to an intake, several requests at a time."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._waiting: list[_Waiting] = []
        self._works: set[asyncio.Task[None]] = set()

    async def take(self, news: Known, events: int = 1) -> bool | Problem:
        """Take in what so many events tell together; answers whether it was new, or why the graph refuses it, once it is written."""
        waiting = _Waiting(news, events, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        if self._is_due(len(self._works)):
            # A task of its own: who began it may hang up, and the others must not wait for nothing.
            self._works.add(asyncio.create_task(self._write()))
        return await waiting.answer

    def _is_due(self, others: int) -> bool:
        """Whether to begin a write while so many others are under way."""
        if others == 0:
            return bool(self._waiting)
        return others == 1 and sum(each.events for each in self._waiting) >= _AHEAD

    async def _write(self) -> None:
        try:
            while self._is_due(len(self._works) - 1):
                await self._write_some()
        finally:
            self._works.difference_update((asyncio.current_task(),))

    async def _write_some(self) -> None:
        count = size = 0
        while count < len(self._waiting) and (not count or size + self._waiting[count].events <= MAX_GATHERED):
            size += self._waiting[count].events
            count += 1
        some, self._waiting = self._waiting[:count], self._waiting[count:]
        try:
            await self._write_all(some)
        except (StoreTimeout, StoreUnavailable, MigrationError) as error:
            _fail(some, error)
        except Exception as error:  # noqa: BLE001 - what one request has to answer for, the others have not
            if count == 1:
                _fail(some, error)
                return
            for each in some:
                try:
                    await self._write_all([each])
                except Exception as own:  # noqa: BLE001 - as above
                    _fail([each], own)

    async def _write_all(self, some: Sequence[_Waiting]) -> None:
        taken = await self._intake.take_told([each.news for each in some])
        for each, outcome in zip(some, taken.outcomes, strict=True):
            if not each.answer.cancelled():
                each.answer.set_result(outcome)


def _fail(some: Sequence[_Waiting], error: Exception) -> None:
    for each in some:
        if not each.answer.done():
            each.answer.set_exception(error)
