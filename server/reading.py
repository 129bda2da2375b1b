"""The events of a batch, read: to what they tell together, and to why some are refused. Large batches by a process beside this one.

To decode and check events, and to add up what they say, takes a third of what it costs to take them in, and needs to know nothing
of the graph. So that is done by another process, while this one writes what came before. It begins with the first large batch,
and ends with this one, however that ends: its input is closed then.
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
from lineage.openlineage.state import absorb, told
from loaders.batches import few_collections
from loaders.beside import SIZE, answers, command, environment, receive, send, size_of
from loaders.openlineage.loader import problem_of
from loaders.record import Problem

__all__ = ["MANY", "Read", "Reading", "main", "read_beside", "read_here", "read_one"]

MANY = 20
"""Events of a batch that are worth the way to another process."""
_BUFFER = 1_000_000


class Reading(NamedTuple):
    """What was read of the texts of some events."""

    news: Known
    """What they tell together, as ``absorb`` takes it."""
    problems: dict[int, Problem]
    """Why some are refused, by their places; they tell nothing."""


Read = Callable[[Sequence[bytes]], Awaitable[Reading]]
"""Reads the texts of events."""

_decode = msgspec.json.Decoder(Reading).decode


def read_one(text: bytes) -> Known | Problem:
    """What one event tells, or why it is refused."""
    try:
        return told(read_event(decode(text)))
    except EventProblem as error:
        return problem_of(error)


async def read_here(texts: Sequence[bytes]) -> Reading:
    """Read by this process."""
    return _read(texts)


def _read(texts: Sequence[bytes]) -> Reading:
    reading = Reading({}, {})
    for place, text in enumerate(texts):
        found = read_one(text)
        if isinstance(found, Problem):
            reading.problems[place] = found
        else:
            absorb(reading.news, found)
    return reading


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

    async def read(self, texts: Sequence[bytes]) -> Reading:
        """See ``Read``. Where the process cannot be started, or ended meanwhile, this one reads."""
        if len(texts) < MANY:
            return await read_here(texts)
        try:
            # Seen through even where the request is given up: else its answer would be taken for that of the next one.
            answer = await asyncio.shield(self._asked(msgspec.msgpack.encode(texts)))
        except (OSError, asyncio.IncompleteReadError):
            await self.close()
            return await read_here(texts)
        return _own(_decode(answer))

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


def _own(reading: Reading) -> Reading:
    """Take the words out of the answer: a raw value is a view of the whole of it, which would be kept as long as it is."""
    for registers in reading.news.values():
        for name, word in registers.latest.items():
            registers.latest[name] = Register(word.time, word.digest, msgspec.Raw(bytes(word.value)))
    return reading


def main() -> None:
    """What the other process does: takes batches from its input until that ends, and answers each."""
    given, answer = sys.stdin.buffer, answers()
    gc.freeze()
    with few_collections(), suppress(BrokenPipeError, EOFError):
        while True:
            texts = msgspec.msgpack.decode(receive(given), type=list[bytes])
            send(answer, msgspec.json.encode(_read(texts)))
