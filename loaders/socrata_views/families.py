"""The lines of a file of families, compressed or not: bounded, a block at a time, as often as they are asked for."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from loaders.dcat_us import raw
from loaders.errors import LoaderError
from loaders.fetch import MAX_BYTES, Content
from loaders.socrata_views.rules import ViewRule

__all__ = ["Families"]

_GZIP = b"\x1f\x8b"
_GZIP_BITS = 16 + zlib.MAX_WBITS
_STEP_BYTES = 1024 * 1024
_MOST_BYTES = raw.MAX_BYTES + 1
"""Bytes of a line that are read: one more than a family may have."""
_BOM = b"\xef\xbb\xbf"


class Families:
    """The lines of a file that hold something, each with its number, from 1. A family is one line.

    Raises LoaderError where the file is no sound gzip, though it begins like one, or holds too much or nothing.
    """

    def __init__(self, content: Content, name: str) -> None:
        self._content = content
        self._name = name
        self._count = sum(1 for _ in self)
        if not self._count:
            raise LoaderError(ViewRule.NO_FAMILY, f"{name} is empty: give the path of a file with a family a line")

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        for number, line in enumerate(self._lines(), 1):
            if text := (line.removeprefix(_BOM) if number == 1 else line).strip():
                yield number, text

    def _lines(self) -> Iterator[bytes]:
        """Every line; of one that is too long to be kept, no more than shows it."""
        held, room = list[bytes](), _MOST_BYTES
        for block in self._blocks():
            start = 0
            while (end := block.find(b"\n", start)) >= 0:
                yield b"".join((*held, block[start : min(end, start + room)]))
                held, room, start = [], _MOST_BYTES, end + 1
            held.append(block[start : start + room])
            room -= len(held[-1])
        yield b"".join(held)

    def _blocks(self) -> Iterator[bytes]:
        """The bytes of the file as they were before they were compressed."""
        if self._content.piece(0, len(_GZIP)) != _GZIP:
            yield from self._content.blocks()
            return
        size = 0
        try:
            for block in self._inflated():
                size += len(block)
                if size > MAX_BYTES:
                    raise LoaderError(ViewRule.SIZE, f"{self._name} inflates to over {MAX_BYTES} bytes: split it")
                yield block
        except zlib.error as error:
            message = f"{self._name} is no sound gzip file ({error}): fetch it again"
            raise LoaderError(ViewRule.NOT_GZIP, message) from error

    def _inflated(self) -> Iterator[bytes]:
        """A small file can inflate to a thousand times its size, so no more than a step is taken at once."""
        reader = zlib.decompressobj(_GZIP_BITS)
        for block in self._content.blocks():
            given = block
            while given:
                if reader.eof:  # several files one after another are one
                    reader = zlib.decompressobj(_GZIP_BITS)
                yield reader.decompress(given, _STEP_BYTES)
                given = reader.unused_data if reader.eof else reader.unconsumed_tail
        if not reader.eof:
            raise zlib.error("it ends too early")
