"""A file in parts, each zipped by itself: while one is read, a second processor unzips those after it (ADR 19)."""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from io import BytesIO

__all__ = ["Unzipping", "Zipping", "unzipping"]

_NUMBER = 8
"""Bytes of a number: before each part how many it has, and how many it has when unzipped."""


class Zipping:
    """A file to write to. What was not cut off is no part of it."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._begin()

    def _begin(self) -> None:
        self._zip = zlib.compressobj(1)
        self._zipped: list[bytes] = []
        self._size = 0

    def write(self, data: bytes | memoryview, /) -> int:
        """Write to the part that it is at."""
        self._zipped.append(self._zip.compress(data))
        self._size += len(data)
        return len(data)

    def cut(self) -> None:
        """End a part. Whoever reads asks for nothing of which a bit is in one and a bit in the next."""
        part = b"".join((*self._zipped, self._zip.flush()))
        self._parts += [len(part).to_bytes(_NUMBER, "big"), self._size.to_bytes(_NUMBER, "big"), part]
        self._begin()

    def content(self) -> bytes:
        """All parts."""
        return b"".join(self._parts)


class Unzipping:
    """The same to read from; what it is asked for raises zlib.error, ValueError or MemoryError where it is something else."""

    def __init__(self, content: bytes, pool: ThreadPoolExecutor) -> None:
        self._file = BytesIO()
        self._parts: deque[Future[bytes]] = deque()
        left = memoryview(content)
        while left:
            numbers, left = left[: 2 * _NUMBER], left[2 * _NUMBER :]
            end, size = (int.from_bytes(each, "big") for each in (numbers[:_NUMBER], numbers[_NUMBER:]))
            self._parts.append(pool.submit(zlib.decompress, left[:end], bufsize=size))
            left = left[end:]

    def _turn(self) -> bool:
        """Begin with the next part; false where there is none."""
        if not self._parts:
            return False
        self._file = BytesIO(self._parts.popleft().result())
        return True

    def read(self, size: int, /) -> bytes:
        """So many bytes, or those that are left of a part."""
        return self._file.read(size) or (self._file.read(size) if size and self._turn() else b"")

    def readinto(self, buffer: bytearray | memoryview, /) -> int:
        """As many bytes as the buffer takes, or those that are left of a part."""
        return self._file.readinto(buffer) or (self._file.readinto(buffer) if buffer and self._turn() else 0)

    def readline(self) -> bytes:
        """A line, or what is left of a part."""
        return self._file.readline() or (self._file.readline() if self._turn() else b"")


@contextmanager
def unzipping(content: bytes) -> Generator[Unzipping]:
    """A file of what was zipped."""
    with ThreadPoolExecutor(1, "unzipping") as pool:
        yield Unzipping(content, pool)
