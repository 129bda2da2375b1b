"""Events of many requests, taken in together: while one write is under way, the next is gathered.

A write costs a transaction, whatever is in it. So requests that come at once share one, and each is answered when what it sent
is written, not before.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from catalog.errors import MigrationError, StoreTimeout, StoreUnavailable
from lineage.openlineage.registers import Known
from loaders.openlineage.intake import Intake
from loaders.record import Problem

__all__ = ["MAX_GATHERED", "Gathered"]

MAX_GATHERED = 200
"""Events of one write: they are folded in one go, and nobody else is answered meanwhile."""


@dataclass(slots=True)
class _Waiting:
    news: Sequence[Known]
    answer: asyncio.Future[list[bool | Problem]]


class Gathered:
    """What sends events on to an intake, several requests at a time."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._waiting: list[_Waiting] = []
        self._work: asyncio.Task[None] | None = None

    async def take(self, news: Sequence[Known]) -> list[bool | Problem]:
        """Take in what events say; answers what became of each, as ``Intake.take_said`` does, once it is written."""
        answers: list[bool | Problem] = []
        for start in range(0, len(news), MAX_GATHERED):
            waiting = _Waiting(news[start : start + MAX_GATHERED], asyncio.get_running_loop().create_future())
            self._waiting.append(waiting)
            if self._work is None:
                # A task of its own: who began it may hang up, and the others must not wait for nothing.
                self._work = asyncio.create_task(self._write())
            answers += await waiting.answer
        return answers

    async def _write(self) -> None:
        try:
            while self._waiting:
                await self._write_some()
        finally:
            self._work = None

    async def _write_some(self) -> None:
        count = size = 0
        while count < len(self._waiting) and (not count or size + len(self._waiting[count].news) <= MAX_GATHERED):
            size += len(self._waiting[count].news)
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
        taken = await self._intake.take_said([said for each in some for said in each.news])
        outcomes = iter(taken.outcomes)
        for each in some:
            found = [next(outcomes) for _ in each.news]
            if not each.answer.cancelled():
                each.answer.set_result(found)


def _fail(some: Sequence[_Waiting], error: Exception) -> None:
    for each in some:
        if not each.answer.done():
            each.answer.set_exception(error)
