"""The datasets of a ``data.json`` as texts, of which one at a time is held: a large catalog is as large as the memory.

Where they stand is found a block at a time, without taking the JSON apart: a block is cut where a record may end, and
where msgspec reads what comes before the cut as a list, one did. What that cannot be said of, as of broken JSON, is read
whole, so that what becomes of it, and what is said of it and of which byte, does not depend on its size.
"""

from __future__ import annotations

import re
import uuid
from array import array
from collections.abc import Iterator
from contextlib import suppress
from typing import Protocol

import msgspec

from loaders.dcat_us import raw
from loaders.errors import LoaderError
from loaders.fetch import Content

__all__ = ["Texts", "read_catalog"]

_MOST_CUTS = 16
"""Places in a block where a cut is tried before more is taken in."""
_BOM = b"\xef\xbb\xbf"
_LIST = re.compile(rb'"dataset"[ \t\r\n]*:[ \t\r\n]*\[')
_BETWEEN = re.compile(rb"[ \t\r\n,]*")


class Texts(Protocol):
    """Texts that can be gone through more than once."""

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[msgspec.Raw]: ...


class _Catalog(msgspec.Struct):
    """A catalog whose datasets are still text: as values, they would take five times the memory."""

    dataset: list[msgspec.Raw]


def read_catalog(content: Content, name: str, block_bytes: int = 1024 * 1024) -> Texts:
    """The texts of the datasets, in order. Raises LoaderError where it is no catalog, naming it."""
    try:
        return _find(content, block_bytes)
    except (_Unclear, msgspec.DecodeError, RecursionError):
        return _whole(content.piece(0, content.size), name)


def _whole(content: bytes, name: str) -> list[msgspec.Raw]:
    content = content.removeprefix(_BOM)
    if not content.strip():
        raise LoaderError("not-json", f"{name} is empty: give the path of a data.json")
    try:
        return msgspec.json.decode(content, type=_Catalog).dataset
    except msgspec.ValidationError as error:
        message = f"{name} has no list 'dataset': it is no DCAT-US 1.1 catalog"
        raise LoaderError("no-catalog", message) from error
    except (msgspec.DecodeError, RecursionError) as error:
        if datasets := raw.split(content):
            return [msgspec.Raw(text) for text in datasets]
        raise LoaderError("not-json", f"{name} is no JSON ({error}): give the path of a data.json") from error


class _Unclear(Exception):
    """It cannot be said where the datasets stand."""


class _Places:
    """Texts that are read from where they stand when they are asked for."""

    def __init__(self, content: Content) -> None:
        self._content = content
        self._starts = array("Q")
        self._lengths = array("Q")

    def add(self, base: int, block: bytes, texts: list[msgspec.Raw]) -> None:
        """Keep where these stand: in this order in this block, which begins at ``base``."""
        at = 0
        for text in texts:
            found = _BETWEEN.match(block, at)
            start = found.end() if found else at
            length = len(bytes(text))
            self._starts.append(base + start)
            self._lengths.append(length)
            at = start + length

    def __len__(self) -> int:
        return len(self._starts)

    def __iter__(self) -> Iterator[msgspec.Raw]:
        for start, length in zip(self._starts, self._lengths, strict=True):
            yield msgspec.Raw(self._content.piece(start, length))


def _find(content: Content, block_bytes: int) -> _Places:
    """Where the datasets stand. Raises _Unclear, or DecodeError where something is no JSON."""
    head = _LIST.search(content.piece(0, block_bytes))
    if head is None:
        raise _Unclear
    places = _Places(content)
    at, width, ended = head.end(), block_bytes, False
    while not ended:
        block = content.piece(at, width)
        ended = at + width >= content.size
        cut = _cut(block, b"]" if ended else b"},")
        if cut is not None:
            texts, size = cut
            if not texts and len(places):
                raise _Unclear  # a comma, and nothing after it
            places.add(at, block, texts)
            at, width = at + size, block_bytes
        elif ended:
            raise _Unclear
        else:
            width *= 2
    _check_rest(content, head.end(), at)
    return places


def _cut(block: bytes, end: bytes) -> tuple[list[msgspec.Raw], int] | None:
    """The records up to one of the last such ends, and the size of what they and the end take; None where none is one."""
    at = len(block)
    for _ in range(_MOST_CUTS):
        at = block.rfind(end, 0, at)
        if at < 0:
            break
        with suppress(msgspec.DecodeError):
            # The last byte of an end is what comes after the records.
            size = at + len(end)
            return msgspec.json.decode(b"[" + block[: size - 1] + b"]", type=list[msgspec.Raw]), size
    return None


def _check_rest(content: Content, start: int, end: int) -> None:
    """See that the rest of the catalog is JSON, and that what stands from ``start`` to ``end`` is the list that counts."""
    mark = msgspec.json.encode(str(uuid.uuid4()))
    rest = content.piece(0, start).removeprefix(_BOM) + mark + b"]" + content.piece(end, content.size - end)
    if list(map(bytes, msgspec.json.decode(rest, type=_Catalog).dataset)) != [mark]:
        raise _Unclear
