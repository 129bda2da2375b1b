"""The events of a batch, read: each to what it says, or to why it is refused. Large batches by a process beside this one.

To decode and check an event takes a fifth of what it costs to take it in, and needs to know nothing of the graph. So that is done
by another process, while this one folds and writes what came before. It begins with the first large batch, and ends with this
one, however that ends: its input is closed then.
"""

from __future__ import annotations

import asyncio
import gc
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import NamedTuple

import msgspec

from lineage.openlineage.event import EventProblem, decode, read_event
from lineage.openlineage.registers import Known, Register
from lineage.openlineage.said import said
from loaders.batches import few_collections
from loaders.beside import SIZE, answers, command, environment, receive, send, size_of
from loaders.openlineage.loader import problem_of
from loaders.record import Problem

__all__ = ["MANY", "Read", "main", "read_beside", "read_here", "read_one"]

MANY = 20
"""Events of a batch that are worth the way to another process."""
_BUFFER = 1_000_000

Read = Callable[[Sequence[bytes]], Awaitable[list[Known | Problem]]]
"""Reads the texts of events."""


class _Answer(NamedTuple):
    """What is read of one event, as it comes back from the other process."""

    news: Known | None
    problem: Problem | None


_decode = msgspec.json.Decoder(list[_Answer]).decode


def read_one(text: bytes) -> Known | Problem:
    """What one event says, or why it is refused."""
    try:
        return said(read_event(decode(text)))
    except EventProblem as error:
        return problem_of(error)


async def read_here(texts: Sequence[bytes]) -> list[Known | Problem]:
    """What events say, read by this process."""
    return [read_one(text) for text in texts]


@asynccontextmanager
async def read_beside() -> AsyncGenerator[Read]:
    """What reads batches of MANY events or more by another process, which is gone when the context is left."""
    beside = _Beside()
    try:
        yield beside.read
    finally:
        await beside.close()


class _Beside:
    """The other process. One batch at a time: what it is given waits for what it was given before."""

    def __init__(self) -> None:
        self._process: Process | None = None
        self._lock = asyncio.Lock()

    async def read(self, texts: Sequence[bytes]) -> list[Known | Problem]:
        """See ``Read``. Where the process cannot be started, or ended meanwhile, this one reads."""
        if len(texts) < MANY:
            return await read_here(texts)
        try:
            # Seen through even where the request is given up: else its answer would be taken for that of the next one.
            answer = await asyncio.shield(self._asked(msgspec.msgpack.encode(texts)))
        except (OSError, asyncio.IncompleteReadError):
            await self.close()
            return await read_here(texts)
        return [_taken(each) for each in _decode(answer)]

    async def close(self) -> None:
        """End the process, if there is one."""
        process, self._process = self._process, None
        if process is not None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def _asked(self, message: bytes) -> bytes:
        async with self._lock:
            return await self._exchanged(message)

    async def _exchanged(self, message: bytes) -> bytes:
        process = self._process
        if process is None:
            process = self._process = await asyncio.create_subprocess_exec(
                *command("server.reading"),
                env=environment(),
                stdin=PIPE,
                stdout=PIPE,
                stderr=DEVNULL,
                limit=_BUFFER,
                # An interrupt from the keyboard is for this process alone, which ends the other.
                start_new_session=True,
            )
        given, answer = process.stdin, process.stdout
        if given is None or answer is None:
            raise BrokenPipeError
        given.writelines((size_of(message), message))
        await given.drain()
        size = int.from_bytes(await answer.readexactly(SIZE))
        return await answer.readexactly(size)


def _taken(answer: _Answer) -> Known | Problem:
    if answer.problem is not None:
        return answer.problem
    news = answer.news or {}
    for registers in news.values():
        # A raw value is a view of the whole answer, which would be kept as long as it is.
        for name, word in registers.latest.items():
            registers.latest[name] = Register(word.time, word.digest, msgspec.Raw(bytes(word.value)))
    return news


def main() -> None:
    """What the other process does: takes batches from its input until that ends, and answers each."""
    given, answer = sys.stdin.buffer, answers()
    gc.freeze()
    with few_collections(), suppress(BrokenPipeError, EOFError):
        while True:
            texts = msgspec.msgpack.decode(receive(given), type=list[bytes])
            send(answer, msgspec.json.encode([_answered(read_one(text)) for text in texts]))


def _answered(found: Known | Problem) -> _Answer:
    return _Answer(None, found) if isinstance(found, Problem) else _Answer(found, None)
