"""Files of OpenLineage events: one event a line, a list of events, or a single event; each also gzipped.

A file of one event a line is read as a stream, a few megabytes at a time, however long it is. What is no JSON in it is kept
out by itself.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from lineage.openlineage.event import MAX_BYTES
from loaders.errors import LoaderError
from loaders.fetch import MAX_BYTES as MAX_FILE_BYTES
from loaders.fetch import Content
from loaders.lines import BYTE_ORDER_MARK, lines, unpacked

__all__ = ["Text", "texts_of"]

_WHITE = b" \t\r\n"
_MOST_BYTES = MAX_BYTES + 2 * 1024 * 1024
"""Bytes of a line that are kept: more than an event may have, so that one that is somewhat too long is kept out whole."""


class Text(NamedTuple):
    """The text of one event, and where it stands in its file: ":12", "event[3]", or nothing."""

    place: str
    text: bytes


def texts_of(content: Content) -> Iterator[Text]:
    """The text of each event of a file, which may hold none. Raises LoaderError, before the first, on one of another kind."""
    numbered = enumerate(lines(_unpacked(content), _MOST_BYTES), 1)
    for number, line in numbered:
        if not line.strip(_WHITE):
            continue
        text = line.removeprefix(BYTE_ORDER_MARK).strip(_WHITE)
        if text.startswith(b"{") and text.endswith(b"}") and (_is_json(text) or not _is_whole(content)):
            yield Text(f":{number}", text)
            yield from (Text(f":{n}", each) for n, each in numbered if each.strip(_WHITE))
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
    return b"".join(parts).removeprefix(BYTE_ORDER_MARK).strip(_WHITE)


def _unpacked(content: Content) -> Iterator[bytes]:
    """The blocks of a file, without compression."""
    try:
        yield from unpacked(content)
    except zlib.error as error:
        raise LoaderError("gzip", f"{content.name} is no sound gzip ({error}): fetch it again") from error
