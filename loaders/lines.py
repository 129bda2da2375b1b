"""The lines of a source, gzipped or not: a block at a time, so that neither its size nor what it inflates to is ever held."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

from loaders.fetch import Content

__all__ = ["BYTE_ORDER_MARK", "lines", "unpacked"]

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""What JSON has not and editors write."""

_GZIP = b"\x1f\x8b"
_GZIP_BITS = 16 + zlib.MAX_WBITS
_STEP_BYTES = 1024 * 1024


def unpacked(content: Content) -> Iterator[bytes]:
    """The bytes of a source as they were before they were compressed. Raises zlib.error on one that is no sound gzip.

    A small file can inflate to a thousand times its size, so no more than a step is taken at once; how much it may be in all
    is for the caller to say.
    """
    if content.piece(0, len(_GZIP)) != _GZIP:
        yield from content.blocks()
        return
    reader = zlib.decompressobj(_GZIP_BITS)
    for block in content.blocks():
        given = block
        while given:
            if reader.eof:  # several files one after another are one
                reader = zlib.decompressobj(_GZIP_BITS)
            yield reader.decompress(given, _STEP_BYTES)
            given = reader.unused_data if reader.eof else reader.unconsumed_tail
    if not reader.eof:
        raise zlib.error("it ends too early")


def lines(blocks: Iterable[bytes], most: int) -> Iterator[bytes]:
    """Lines without their ends; of one that is longer, its first ``most`` bytes."""
    held, room = list[bytes](), most
    for block in blocks:
        start = 0
        while (end := block.find(b"\n", start)) >= 0:
            yield b"".join((*held, block[start : min(end, start + room)]))
            held, room, start = [], most, end + 1
        held.append(block[start : start + room])
        room -= len(held[-1])
    yield b"".join(held)
