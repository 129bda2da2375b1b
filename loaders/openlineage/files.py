"""Files of OpenLineage events: one event a line, a list of events, or a single event; each also gzipped.

A file of one event a line is read as a stream, a few megabytes at a time, however long it is. What is no JSON in it is kept
out by itself.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from lineage.openlineage.event import MAX_BYTES
from loaders.errors import LoaderError
from loaders.fetch import MAX_BYTES as MAX_FILE_BYTES
from loaders.fetch import Content

__all__ = ["Text", "texts_of"]

_GZIP = b"\x1f\x8b"
_BLOCK_BYTES = 1024 * 1024
_WHITE = b" \t\r\n"
_MARK = b"\xef\xbb\xbf"
"""A byte order mark, which JSON has not and editors write."""


class Text(NamedTuple):
    """The text of one event, and where it stands in its file: ":12", "event[3]", or nothing."""

    place: str
    text: bytes


def texts_of(content: Content) -> Iterator[Text]:
    """The text of each event of a file, which may hold none. Raises LoaderError, before the first, on one of another kind."""
    lines = _lines(_unpacked(content))
    for number, line in enumerate(lines, 1):
        if not line.strip(_WHITE):
            continue
        text = line.removeprefix(_MARK).strip(_WHITE)
        if text.startswith(b"{") and text.endswith(b"}") and (_is_json(text) or not _is_whole(content)):
            yield Text(f":{number}", text)
            yield from (Text(f":{n}", each) for n, each in enumerate(lines, number + 1) if each.strip(_WHITE))
            return
        yield from _of_whole(_all(content), content.name)
        return


def _of_whole(text: bytes, name: str) -> Iterator[Text]:
    try:
        if text.startswith(b"["):
            items = msgspec.json.decode(text, type=list[msgspec.Raw])
            yield from (Text(f" event[{index}]", bytes(item)) for index, item in enumerate(items))
        else:
            msgspec.json.decode(text, type=msgspec.Raw)
            yield Text("", text)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        message = f"{name} is no JSON ({error}): give one event a line, a list of events, or one event"
        raise LoaderError("not-json", message) from error


def _is_json(text: bytes) -> bool:
    try:
        msgspec.json.decode(text, type=msgspec.Raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
    return True


def _is_whole(content: Content) -> bool:
    """Whether the file is one JSON value."""
    try:
        return _is_json(_all(content))
    except LoaderError:
        return False


def _all(content: Content) -> bytes:
    """The whole text, which is held in memory."""
    parts: list[bytes] = []
    size = 0
    for block in _unpacked(content):
        size += len(block)
        if size > MAX_FILE_BYTES:
            message = f"{content.name} holds over {MAX_FILE_BYTES} bytes in one value: write one event a line"
            raise LoaderError("size", message)
        parts.append(block)
    return b"".join(parts).removeprefix(_MARK).strip(_WHITE)


def _unpacked(content: Content) -> Iterator[bytes]:
    """The blocks of a file, without compression."""
    if content.piece(0, 2) != _GZIP:
        yield from content.blocks()
        return
    try:
        unpack = zlib.decompressobj(wbits=31)
        for block in content.blocks():
            packed = block
            while packed:
                found = unpack.decompress(packed, _BLOCK_BYTES)
                if found:
                    yield found
                packed = unpack.unconsumed_tail
                if unpack.eof:
                    # Files that were put one after the other are one file.
                    packed, unpack = unpack.unused_data, zlib.decompressobj(wbits=31)
    except zlib.error as error:
        raise LoaderError("gzip", f"{content.name} is no sound gzip ({error}): fetch it again") from error


def _lines(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Lines without their ends. One that is too long for an event is cut where that is plain, and found too long there."""
    held: list[bytes] = []
    size = 0
    for block in blocks:
        start = 0
        while (end := block.find(b"\n", start)) >= 0:
            yield b"".join([*held, block[start:end]])
            held, size, start = [], 0, end + 1
        if size <= MAX_BYTES:
            held.append(block[start:])
            size += len(block) - start
    yield b"".join(held)
