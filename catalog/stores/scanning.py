"""What a store read for a scan, put together as its answer."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from itertools import chain, compress, repeat
from typing import Any

import msgspec

from catalog.errors import InvalidSelection
from catalog.model.declare import Shape
from catalog.stores.port import MAX_SCANNED, Scanned
from catalog.stores.resolve import Field
from catalog.stores.rows import decoders
from catalog.stores.scan import (
    RScan,
    RScanned,
    RScannedEdges,
    RScannedJoins,
    RScannedLists,
    RScannedNodes,
    RScannedParts,
)
from catalog.stores.table import Table

__all__ = ["Scanning", "Texts", "check_count"]

_BEFORE_FIELDS, _BEFORE_FACTS = 3, 4

Columns = Sequence[Sequence[Any]]


class Texts(msgspec.Struct, frozen=True, gc=False):
    """Texts, none of which is like another, that stay JSON until somebody walks through them."""

    json: str
    """Those that begin as the first does, up to where it names a part (``#``), say so by a NUL, which no text holds."""

    @classmethod
    def of(cls, json: str) -> Texts:
        """Those of an array. Urns of parts of one thing begin alike, and that is most of what they hold."""
        end = json.find('"', 2)
        begin = json[2 : json.rfind("#", 0, end) + 1]
        if not begin or "\\" in begin:
            return cls(json)
        return cls(json[:end] + json[end:].replace(f'"{begin}', '"\\u0000'))

    def __iter__(self) -> Iterator[str]:
        """Each text."""
        texts = msgspec.json.decode(self.json, type=list[str])
        begin = texts[0][: texts[0].rfind("#") + 1] if texts else ""
        return (f"{begin}{text[1:]}" if text[:1] == "\0" else text for text in texts)


class Scanning:
    """Puts the answer of a scan together from what a store read, column by column: a row at a time would take twice as long.

    Columns are those of the rows of a shape (``RScannedNodes`` and so on). Ids are a store's own, urns or numbers.
    """

    def __init__(self, shape: RScan) -> None:
        self._known: dict[str, Mapping[Any, Hashable]] = {}
        """By what each node of a kind goes: its urn, or its key."""
        self.keys: dict[str, Sequence[tuple[Hashable, ...]]] = {}
        """The keys of what is read by its tails, by its kind, of each tail."""
        self._found = Scanned(0)
        for each in shape.nothing():
            self._nothing(each)

    def _nothing(self, of: RScanned) -> None:
        match of:
            case RScannedNodes():
                self._known[of.label] = {}
                self._found.nodes[of.label] = Table.of((), _BEFORE_FIELDS + len(of.fields))
            case RScannedParts():
                self._known[of.nodes.label] = {}
                self.keys[of.nodes.label] = ()
                self._found.parts[of.tail, of.name] = Table.of((), 3 + len(of.names))
            case RScannedLists():
                self._found.lists[of.tail, of.name] = Table.of((), 2)
            case RScannedJoins():
                width = 1 + 2 * len(of.edges) + len(of.nodes.fields)
                self._found.joins[of.nodes.label] = Table.of((), width)
            case RScannedEdges():
                self._found.edges[of.tail, of.name] = Table.of((), _BEFORE_FACTS + len(of.facts))

    def nodes(self, of: RScannedNodes, columns: Columns) -> None:
        """Take a kind, in the order of urns; before what its rows hold stands the id of each."""
        ids, *rest = columns
        check_count(len(ids), of.label)
        self._known[of.label] = dict(zip(ids, rest[0], strict=True))
        self._found.nodes[of.label] = Table(_decoded(rest, _BEFORE_FIELDS, of.fields))

    def parts(self, of: RScannedParts, columns: Columns) -> None:
        """Take what is read by its tails."""
        tails, keys, *whole, rare = columns
        ends, *others = _spread(keys, rare, 1 + len(of.rare))
        by_name = dict(zip((field.name for field in (*of.nodes.fields, *of.rare)), (*whole, *others), strict=True))
        decoding = dict(zip(by_name, _decoding((*of.nodes.fields, *of.rare)), strict=True))
        read = [_each_decoded(by_name[name], decoding[name]) for name in of.names]
        found = self._found.parts[of.tail, of.name] = self._of_tails(of.tail, [tails, keys, ends, *read])
        self.keys[of.nodes.label] = found.columns[1]
        known = list(chain.from_iterable(found.columns[1]))
        check_count(len(known), of.nodes.label)
        by_key = self._known[of.nodes.label] = dict(zip(known, known, strict=True))
        if len(by_key) < len(known):
            self._found.shared.add((of.tail, of.name))

    def edges(self, of: RScannedEdges, columns: Columns) -> None:
        """Take a relationship; what has an end that the reader does not see whole goes."""
        decoded = _decoded(columns, _BEFORE_FACTS, of.facts)
        found = self._of_tails(of.tail, [columns[0], self._heads(of, columns[1]), *decoded[2:]])
        self._found.edges[of.tail, of.name] = _without_none(found, 1)

    def joins(self, of: RScannedJoins, columns: Columns) -> None:
        """Take nodes with where they lead, in the order of urns."""
        ids, *rest = columns
        check_count(len(ids), of.nodes.label)
        count = len(of.edges)
        heads = [self._heads(edges, ends) for edges, ends in zip(of.edges, rest[:count], strict=True)]
        found = Table([ids, *heads, *_decoded(rest[count:], count, of.nodes.fields)])
        for place in range(1, count + 1):
            found = _without_none(found, place)
        self._found.joins[of.nodes.label] = found

    def lists(self, of: RScannedLists, columns: Columns) -> None:
        """Take a relationship that is read by its tails."""
        self._found.lists[of.tail, of.name] = self._of_tails(of.tail, columns)

    def _heads(self, of: RScannedEdges, ids: Sequence[Any]) -> Sequence[Any]:
        """What a relationship leads to; None for what the reader does not see whole."""
        first, *others = (self._known[label] for label in of.heads)
        found = list(map(first.get, ids))
        for known in others:
            if None in found:
                found = [known.get(id_) if node is None else node for node, id_ in zip(found, ids, strict=True)]
        return found

    def _of_tails(self, label: str, columns: Columns) -> Table:
        """Rows by the urns of their tails, without those of other tails."""
        tails = list(map(self._known[label].get, columns[0]))
        return _without_none(Table([tails, *columns[1:]]), 0)

    def answer(self, revision: int) -> Scanned:
        """Everything, as of this revision."""
        self._found.revision = revision
        return self._found


def _spread(keys: Sequence[Sequence[Any]], rare: Sequence[Sequence[Sequence[Any]]], width: int) -> Columns:
    """Columns of what is rare, from (key, values) of those keys of each row that have any."""
    found: list[list[Any]] = [[None] * len(rare) for _ in range(width)]
    for place, some in enumerate(rare):
        if some:
            values = {key: held for key, *held in some}
            rows = (values.get(key, repeat(None, width)) for key in keys[place])
            for column, all_ in zip(found, zip(*rows, strict=True), strict=True):
                column[place] = all_ if all_.count(None) < len(all_) else None
    return found


def _each_decoded(column: Sequence[Any], decode: Callable[[Any], Any] | None) -> Sequence[Any]:
    if decode is None:
        return column
    return [None if some is None else tuple(map(decode, some)) for some in column]


def check_count(count: int, what: str) -> None:
    """Raise InvalidSelection where there are too many of a kind."""
    if count > MAX_SCANNED:
        raise InvalidSelection(f"there are over {MAX_SCANNED:,} of {what}: too many to be read at once")


def _tuple(values: Sequence[str] | None) -> tuple[str, ...]:
    return () if values is None else tuple(values)


_BOOLEANS: Mapping[Any, bool | None] = {None: None, 0: False, 1: True}
_QUICK: Mapping[Shape, Callable[[Any], Any]] = {Shape.BOOLEAN: _BOOLEANS.__getitem__, Shape.TEXTS: _tuple}


def _decoding(fields: tuple[Field, ...]) -> list[Callable[[Any], Any] | None]:
    """How to read the values of each field; None: as they are stored. What is hidden is answered as null already."""
    known = dict(decoders(fields))
    return [None if field.hidden else _QUICK.get(field.shape, known.get(field.name)) for field in fields]


def _decoded(columns: Columns, at: int, fields: tuple[Field, ...]) -> Columns:
    """Columns with their values as ``select`` answers them; ``at`` is the place of the first field."""
    found = list(columns[:at])
    for column, decode in zip(columns[at:], _decoding(fields), strict=True):
        found.append(column if decode is None else list(map(decode, column)))
    return found


def _without_none(table: Table, place: int) -> Table:
    """The rows that have something in this place."""
    kept = table.columns[place]
    if None not in kept:
        return table
    there = [value is not None for value in kept]
    return Table([list(compress(column, there)) for column in table.columns])
