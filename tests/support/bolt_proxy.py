"""A proxy in front of a Neo4j that fails on demand, at the moment that hurts: beside a COMMIT, or amid an answer."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum, auto
from urllib.parse import urlsplit

__all__ = ["BoltProxy", "Mode"]

_RUN = 0x10
_COMMIT = 0x12
_HANDSHAKE_BYTES = 20
_MANIFEST = b"\x00\x00\x01\xff"
"""What a server answers that offers a list of versions; the client's choice follows before the first message."""
_READ_BYTES = 65_536
_BEGINNING_BYTES = 1000
"""How much of an answer that is cut arrives. What is to be cut must be longer."""


class Mode(Enum):
    """What the proxy does. After one cut it passes again, so that whoever tries again gets through."""

    PASS = auto()
    CUT_BEFORE_COMMIT = auto()
    CUT_AFTER_COMMIT = auto()
    """The server has answered the COMMIT when the line is cut; the client never hears of it."""
    CUT_ANSWER = auto()
    HOLE_BEFORE_COMMIT = auto()
    """Passes until somebody wants to commit, and is a black hole from then on."""
    BLACK_HOLE = auto()
    """Takes connections and bytes and passes nothing on, not even that somebody hung up, until it passes again."""
    REFUSE = auto()


@dataclass
class _Line:
    """One connection of a client, and how much may still come down it before it is cut."""

    greeted: asyncio.Future[bytes]
    """The first four bytes of the server's answer to the handshake."""
    left: int | None = None


class BoltProxy:
    """Listens on a port of its own. Lives on the loop it is opened on; ``tasks`` are its own, all ended by ``close``."""

    def __init__(self, target: str) -> None:
        at = urlsplit(target)
        self._target = (at.hostname or "127.0.0.1", at.port or 7687)
        self._port = 0
        self._server: asyncio.Server | None = None
        self._passing = asyncio.Event()
        self._mode = Mode.PASS
        self._spare = 0
        self.tasks: set[asyncio.Task[None]] = set()
        self.cuts = 0
        self.last_run = b""
        """The last RUN that a client sent, as it was."""

    @property
    def uri(self) -> str:
        return f"bolt://127.0.0.1:{self._port}"

    async def open(self) -> None:
        await self.switch(Mode.PASS)

    async def switch(self, mode: Mode, *, spare: int = 0) -> None:
        """Behave like this from now on, after so many chances to cut were spared.

        To refuse cuts what is connected as well, as a database that is shut down does.
        """
        self._mode = mode
        self._spare = spare
        if mode is Mode.BLACK_HOLE:
            self._passing.clear()
        else:
            self._passing.set()
        if mode is Mode.REFUSE:
            await self._shut()
        elif self._server is None:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
            self._port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        await self._shut()

    async def _shut(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        while self.tasks:
            for task in self.tasks:
                task.cancel()
            await asyncio.wait(self.tasks)

    def _take(self, mode: Mode) -> bool:
        """Whether it is time for this cut; the next is only made when the mode is set again."""
        if self._mode is not mode:
            return False
        if self._spare:
            self._spare -= 1
            return False
        self._mode = Mode.PASS
        self.cuts += 1
        return True

    def _own(self, task: asyncio.Task[None]) -> asyncio.Task[None]:
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving = asyncio.current_task()
        assert serving is not None
        self._own(serving)
        writers = [writer]
        with suppress(OSError, asyncio.CancelledError):
            await self._passing.wait()
            from_server, to_server = await asyncio.open_connection(*self._target)
            writers.append(to_server)
            line = _Line(asyncio.get_running_loop().create_future())
            ways = [self._up(reader, to_server, line), self._down(from_server, writer, line)]
            pumps = [self._own(asyncio.create_task(way)) for way in ways]
            try:
                await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for pump in pumps:
                    pump.cancel()
        for each in writers:
            each.close()

    async def _up(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, line: _Line) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await self._shake_hands(reader, writer, line)
            while True:
                tag, raw = await self._message(reader)
                if tag == _COMMIT and self._take(Mode.HOLE_BEFORE_COMMIT):
                    await self.switch(Mode.BLACK_HOLE)
                    await self._passing.wait()
                if tag == _COMMIT and self._take(Mode.CUT_BEFORE_COMMIT):
                    return
                if tag == _COMMIT and self._take(Mode.CUT_AFTER_COMMIT):
                    line.left = 0
                if tag == _RUN:
                    self.last_run = raw
                    if self._take(Mode.CUT_ANSWER):
                        line.left = _BEGINNING_BYTES
                writer.write(raw)
                await writer.drain()
        await self._passing.wait()

    async def _shake_hands(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, line: _Line) -> None:
        writer.write(await self._exactly(reader, _HANDSHAKE_BYTES))
        if await line.greeted == _MANIFEST:
            chosen = await self._exactly(reader, len(_MANIFEST) + 1)
            while chosen[-1] & 0x80:  # the capabilities: a number of as many bytes as it takes
                chosen += await self._exactly(reader, 1)
            writer.write(chosen)

    async def _message(self, reader: asyncio.StreamReader) -> tuple[int | None, bytes]:
        """What a client sends next, chunks and all, and its tag. One without chunks only keeps the line alive."""
        body, raw = b"", bytearray()
        while True:
            head = await self._exactly(reader, 2)
            chunk = await self._exactly(reader, int.from_bytes(head))
            raw += head + chunk
            body = body or chunk
            if not chunk:
                return (body[1] if body else None), bytes(raw)

    async def _exactly(self, reader: asyncio.StreamReader, count: int) -> bytes:
        data = await reader.readexactly(count)
        await self._passing.wait()
        return data

    async def _down(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, line: _Line) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            greeting = await reader.readexactly(len(_MANIFEST))
            line.greeted.set_result(greeting)
            writer.write(greeting)
            while data := await reader.read(_READ_BYTES):
                await self._passing.wait()
                if line.left is not None and len(data) > line.left:
                    writer.write(data[: line.left])
                    return
                if line.left is not None:
                    line.left -= len(data)
                writer.write(data)
                await writer.drain()
        await self._passing.wait()
