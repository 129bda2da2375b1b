"""Records that were kept out, as a file that a person can mend and play again: one JSON value a line.

The first line says whose they are; each other one is a record: where it stood, the rule it broke, and ``raw``, which is
what to mend. The lines of what needs no second try can be taken out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

import msgspec

from catalog.access import STAFF_READER
from catalog.model.own import Source
from catalog.selection import MAX_PAGE, Compare, Op, Order, Row, Select, Selection
from catalog.stores.port import Store
from loaders.errors import LoaderError
from loaders.fetch import read_bytes, shown
from loaders.fields import Rule
from loaders.record import Problem

__all__ = [
    "FORMAT",
    "Quarantine",
    "Quarantined",
    "kept_out",
    "read_quarantine",
    "runs_with_quarantine",
    "write_quarantine",
]

FORMAT = 1
"""Version of the file."""


class Quarantined(msgspec.Struct, frozen=True):
    """A record that was kept out, whole, so that it can be played again after a fix."""

    place: str
    identifier: str | None
    """What the source calls the thing it is about, where it says so."""
    problem: Problem
    raw: Any

    @property
    def text(self) -> bytes:
        """A value of JSON as its text. What could not be read was kept as text, and is mended as text."""
        is_text = isinstance(self.raw, str) and self.problem.rule != Rule.TYPE
        return self.raw.encode() if is_text else msgspec.json.encode(self.raw)


class _Head(msgspec.Struct, frozen=True):
    quarantine: int
    kind: str
    source: Source
    day: date
    run: str


class Quarantine(msgspec.Struct, frozen=True):
    """What one load kept out."""

    kind: str
    source: Source
    day: date
    run: str
    records: list[Quarantined] = msgspec.field(name="quarantined")


async def runs_with_quarantine(store: Store) -> list[Row]:
    """The loads that kept something out, the latest first; at most a page of them."""
    props = ("started_at", "as_of", "input", "read", "quarantined")
    some = Compare("quarantined", Op.GT, 0)
    order = Order("started_at", descending=True)
    select = Select("LoadRun", props, some, order, first=MAX_PAGE, ever=True)
    return (await store.select(Selection(select, STAFF_READER, date.max))).rows


async def kept_out(store: Store, run: str) -> Quarantine:
    """The records that a load kept out, from its report in the journal. Raises LoaderError where there is none such."""
    select = Select("LoadRun", ("report",), Compare("urn", Op.EQ, run), first=1, ever=True)
    rows = (await store.select(Selection(select, STAFF_READER, date.max))).rows
    if not rows or not rows[0]["report"]:
        raise LoaderError("no-run", f"{run} is no load of this store: 'waypost quarantine' lists those with records")
    return msgspec.json.decode(rows[0]["report"], type=Quarantine)


def write_quarantine(quarantine: Quarantine) -> Iterator[bytes]:
    """The lines of a file, each with its end."""
    head = _Head(FORMAT, quarantine.kind, quarantine.source, quarantine.day, quarantine.run)
    for value in (head, *quarantine.records):
        yield msgspec.json.encode(value) + b"\n"


def read_quarantine(location: str) -> Quarantine:
    """Read a file. Raises LoaderError, naming the line, on what is none."""
    lines = read_bytes(location).splitlines()
    name = shown(location)
    head = _decode(lines[0] if lines else b"", _Head, f"{name}:1")
    if head.quarantine != FORMAT:
        raise LoaderError("version", f"{name}:1: this is version {head.quarantine}: this program reads {FORMAT}")
    return Quarantine(head.kind, head.source, head.day, head.run, list(_records(lines[1:], name)))


def _records(lines: Iterable[bytes], name: str) -> Iterator[Quarantined]:
    for number, line in enumerate(lines, 2):
        if line.strip():
            yield _decode(line, Quarantined, f"{name}:{number}")


def _decode(line: bytes, type_: Any, place: str) -> Any:
    try:
        return msgspec.json.decode(line, type=type_)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        message = f"{place}: this is no line of a quarantine ({error}): make the file with 'waypost quarantine RUN'"
        raise LoaderError("quarantine", message) from error
