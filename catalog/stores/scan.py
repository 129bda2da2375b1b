"""Everything of some kinds and relationships at once, for what must see a graph whole: an audit, or an export.

A scan reads tables from one end to the other, and follows nothing: a statement for each kind and each relationship, and
no page. What the reader may not see of it is left out by the store.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain, compress, repeat
from typing import Any

from catalog.errors import InvalidSelection
from catalog.model.declare import Relation, Shape
from catalog.selection import Select
from catalog.stores.layout import Tables
from catalog.stores.port import MAX_SCANNED, Scan, Scanned
from catalog.stores.resolve import Field, Resolver, RNeed
from catalog.stores.rows import decoders
from catalog.stores.table import Table

__all__ = [
    "RScan",
    "RScannedEdges",
    "RScannedJoins",
    "RScannedLists",
    "RScannedNodes",
    "RScannedParts",
    "Scanning",
    "resolve_scan",
]

_BEFORE_FIELDS, _BEFORE_FACTS = 3, 4
_URN = Field("urn", Shape.TEXT)
"""What may be asked for like a property, of what is read in parts."""

Columns = Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class RScannedNodes:
    """A kind to read. A row of it: urn, valid_from, valid_to (null where it is open at that end), the fields."""

    label: str
    fields: tuple[Field, ...]
    needs: tuple[RNeed, ...]


@dataclass(frozen=True, slots=True)
class RScannedParts:
    """Nodes to read by what leads to them.

    A row of it: a store's id of the tail; of its heads together the keys, each field that all of them have, and, of those that
    have an end or another field, (key, end, the other fields).
    """

    tail: str
    name: str
    type: str
    nodes: RScannedNodes
    """``fields``: those that all heads have."""
    rare: tuple[Field, ...]
    names: tuple[str, ...]
    """Of all fields, in the order that is asked for."""


@dataclass(frozen=True, slots=True)
class RScannedEdges:
    """A relationship to read. A row of it: a store's id of the tail, that of the head, valid_from, valid_to, the facts."""

    tail: str
    name: str
    type: str
    heads: tuple[str, ...]
    facts: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class RScannedJoins:
    """Nodes to read with where they lead. A row of it: a store's id of the node, of each head, each valid_to, the fields."""

    nodes: RScannedNodes
    edges: tuple[RScannedEdges, ...]


@dataclass(frozen=True, slots=True)
class RScannedLists:
    """A relationship to read by its tails. A row of it: a store's id of the tail, the keys of its heads."""

    tail: str
    name: str
    type: str
    label: str


@dataclass(frozen=True, slots=True)
class RScan:
    """A scan's shape."""

    nodes: tuple[RScannedNodes, ...]
    parts: tuple[RScannedParts, ...]
    joins: tuple[RScannedJoins, ...]
    edges: tuple[RScannedEdges, ...]
    lists: tuple[RScannedLists, ...]

    def in_order(self) -> Iterator[RScannedNodes | RScannedParts | RScannedLists | RScannedJoins | RScannedEdges]:
        """Everything, in an order in which it can be taken.

        What there is most of comes as early as it can: it takes longest, and what it takes of memory is free for the rest.
        """
        tails = {each.tail for each in (*self.parts, *self.lists)}
        yield from (each for each in self.nodes if each.label in tails)
        yield from self.parts
        yield from self.lists
        yield from (each for each in self.nodes if each.label not in tails)
        yield from self.joins
        yield from self.edges


def resolve_scan(query: Scan, tables: Tables) -> tuple[RScan, dict[str, Any]]:
    """A scan's shape and parameters. Raises InvalidSelection, and InvalidRecord on a relationship that is not declared."""
    resolver = Resolver(tables, query.reader, date.min)
    nodes = tuple(_nodes(resolver, label, props) for label, props in query.nodes)
    labels = {each.label for each in nodes}
    parts: list[RScannedParts] = []
    for tail, name, props in query.parts:
        relation = tables.model.relation(tail, name)
        head, *others = relation.heads
        if tail not in labels or others or head in labels:
            raise InvalidSelection(
                f"{tail}.{name} cannot be read in parts: it leads to several kinds, or to one scanned"
            )
        parts.append(_parts(resolver, relation, name, props))
    in_parts = {each.nodes.label for each in parts}
    ends = labels | in_parts
    edges = [_edges(tables.model.relation(tail, name), name, labels, ends) for tail, name in query.edges]
    joins = [_joins(resolver, ends, label, names, props) for label, names, props in query.joins]
    lists: list[RScannedLists] = []
    for tail, name in query.lists:
        relation = tables.model.relation(tail, name)
        head, *others = relation.heads
        if tail not in labels or others or head not in in_parts:
            raise InvalidSelection(f"{tail}.{name} is no list of what is read in parts: scan both ends")
        lists.append(RScannedLists(tail, name, relation.type, head))
    return RScan(nodes, tuple(parts), tuple(joins), tuple(edges), tuple(lists)), resolver.params


def _nodes(resolver: Resolver, label: str, props: tuple[str, ...]) -> RScannedNodes:
    declared = tuple(name for name in props if name != _URN.name)
    shape = resolver.select(Select(label, props=declared, ever=True, cursor=False), root=True, depth=1)
    fields = {field.name: field for field in (*shape.fields, _URN)}
    return RScannedNodes(label, tuple(fields[name] for name in props), shape.needs)


def _parts(resolver: Resolver, relation: Relation, name: str, props: tuple[str, ...]) -> RScannedParts:
    (head,) = relation.heads
    declared = resolver.tables.model.kinds[head]
    nodes = _nodes(resolver, head, props)
    had = {_URN.name, *(prop for prop in props if prop != _URN.name and declared.property(prop).required)}
    whole = tuple(field for field in nodes.fields if field.name in had and not field.hidden)
    rare = tuple(field for field in nodes.fields if field not in whole)
    return RScannedParts(relation.tail, name, relation.type, replace(nodes, fields=whole), rare, props)


def _joins(
    resolver: Resolver, ends: set[str], label: str, names: tuple[str, ...], props: tuple[str, ...]
) -> RScannedJoins:
    if label in ends or not names:
        raise InvalidSelection(f"{label} cannot be read with where it leads: it is scanned otherwise, or leads nowhere")
    edges = tuple(_edges(resolver.tables.model.relation(label, name), name, {label}, ends) for name in names)
    nodes, joined = _nodes(resolver, label, props), {each.type for each in edges}
    # Only heads that are seen whole are joined: what a node needs of them is so.
    return RScannedJoins(replace(nodes, needs=tuple(n for n in nodes.needs if n.type not in joined)), edges)


def _edges(relation: Relation, name: str, tails: set[str], ends: set[str]) -> RScannedEdges:
    heads = tuple(head for head in relation.heads if head in ends)
    if relation.tail not in tails or not heads:
        raise InvalidSelection(f"{relation.tail}.{name} joins kinds that are not scanned: scan both ends")
    facts = tuple(Field(p.name, p.shape) for p in relation.props)
    return RScannedEdges(relation.tail, name, relation.type, heads, facts)


class Scanning:
    """Puts the answer of a scan together from what a store read, column by column: a row at a time would take twice as long.

    Columns are those of the rows of a shape (``RScannedNodes`` and so on). Ids are a store's own, urns or numbers.
    """

    def __init__(self) -> None:
        self._known: dict[str, Mapping[Any, Hashable]] = {}
        """By what each node of a kind goes: its urn, or its key."""
        self._found = Scanned(0)

    def nodes(self, of: RScannedNodes, columns: Columns) -> None:
        """Take a kind, in the order of urns; before what its rows hold stands the id of each."""
        ids, *rest = columns
        _check(len(ids), of.label)
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
        known = list(chain.from_iterable(found.columns[1]))
        _check(len(known), of.nodes.label)
        self._known[of.nodes.label] = dict(zip(known, known, strict=True))

    def edges(self, of: RScannedEdges, columns: Columns) -> None:
        """Take a relationship; what has an end that the reader does not see whole goes."""
        decoded = _decoded(columns, _BEFORE_FACTS, of.facts)
        found = self._of_tails(of.tail, [columns[0], self._heads(of, columns[1]), *decoded[2:]])
        self._found.edges[of.tail, of.name] = _without_none(found, 1)

    def joins(self, of: RScannedJoins, columns: Columns) -> None:
        """Take nodes with where they lead, in the order of urns."""
        ids, *rest = columns
        _check(len(ids), of.nodes.label)
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


def _check(count: int, what: str) -> None:
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
