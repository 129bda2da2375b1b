"""Everything of some kinds and relationships at once, for what must see a graph whole: an audit, or an export.

A scan reads tables from one end to the other, and follows nothing: a statement for each kind and each relationship, and
no page. What the reader may not see of it is left out by the store.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from catalog.errors import InvalidSelection
from catalog.model.declare import Relation
from catalog.selection import Select
from catalog.stores.layout import Tables
from catalog.stores.port import MAX_SCANNED, Scan, Scanned
from catalog.stores.resolve import Field, Resolver, RNeed
from catalog.stores.rows import decoders

__all__ = ["RScan", "RScannedEdges", "RScannedNodes", "Scanning", "resolve_scan"]

_BEFORE_FIELDS, _BEFORE_FACTS = 3, 4


@dataclass(frozen=True, slots=True)
class RScannedNodes:
    """A kind to read. A row of it: urn, valid_from, valid_to (null where it is open at that end), the fields."""

    label: str
    fields: tuple[Field, ...]
    needs: tuple[RNeed, ...]


@dataclass(frozen=True, slots=True)
class RScannedEdges:
    """A relationship to read. A row of it: a store's id of the tail, that of the head, valid_from, valid_to, the facts."""

    tail: str
    name: str
    type: str
    heads: tuple[str, ...]
    facts: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class RScan:
    """A scan's shape."""

    nodes: tuple[RScannedNodes, ...]
    edges: tuple[RScannedEdges, ...]


def resolve_scan(query: Scan, tables: Tables) -> tuple[RScan, dict[str, Any]]:
    """A scan's shape and parameters. Raises InvalidSelection, and InvalidRecord on a relationship that is not declared."""
    resolver = Resolver(tables, query.reader, date.min)
    nodes: list[RScannedNodes] = []
    for label, props in query.nodes:
        shape = resolver.select(Select(label, props=props, ever=True, cursor=False), root=True, depth=1)
        nodes.append(RScannedNodes(label, shape.fields, shape.needs))
    labels = {each.label for each in nodes}
    edges = [_edges(tables.model.relation(tail, name), name, labels) for tail, name in query.edges]
    return RScan(tuple(nodes), tuple(edges)), resolver.params


def _edges(relation: Relation, name: str, labels: set[str]) -> RScannedEdges:
    heads = tuple(head for head in relation.heads if head in labels)
    if relation.tail not in labels or not heads:
        raise InvalidSelection(f"{relation.tail}.{name} joins kinds that are not scanned: scan both ends")
    facts = tuple(Field(p.name, p.shape) for p in relation.props)
    return RScannedEdges(relation.tail, name, relation.type, heads, facts)


class Scanning:
    """Puts the answer of a scan together from what a store read; ids are a store's own, urns or numbers."""

    def __init__(self, shape: RScan) -> None:
        self._shape = shape
        self._urns: dict[str, dict[Any, str]] = {}
        self._found = Scanned(0)

    def nodes(self, of: RScannedNodes, ids: Iterable[Any], rows: list[Sequence[Any]]) -> None:
        """Take the rows of a kind, in the order of their urns, and the id of each."""
        _check(len(rows), of.label)
        self._urns[of.label] = dict(zip(ids, (row[0] for row in rows), strict=True))
        self._found.nodes[of.label] = _decoded(rows, _BEFORE_FIELDS, of.fields)

    def edges(self, of: RScannedEdges, rows: Iterable[Sequence[Any]]) -> None:
        """Take the rows of a relationship, with the ids of both ends; those that the reader does not see whole go."""
        tails = self._urns[of.tail]
        heads = self._urns[of.heads[0]]
        for label in of.heads[1:]:
            heads = heads | self._urns[label]
        found = [(tails[row[0]], heads[row[1]], *row[2:]) for row in rows if row[0] in tails and row[1] in heads]
        self._found.edges[of.tail, of.name] = _decoded(found, _BEFORE_FACTS, of.facts)

    def answer(self, revision: int) -> Scanned:
        """Everything, as of this revision."""
        self._found.revision = revision
        return self._found


def _check(count: int, what: str) -> None:
    if count > MAX_SCANNED:
        raise InvalidSelection(f"there are over {MAX_SCANNED:,} of {what}: too many to be read at once")


def _decoded(rows: Iterable[Sequence[Any]], at: int, fields: tuple[Field, ...]) -> list[tuple[Any, ...]]:
    """Rows with their values as ``select`` answers them; ``at`` is the place of the first field."""
    places = {field.name: place for place, field in enumerate(fields, at)}
    decoded = [(places[name], read) for name, read in decoders(fields)]
    if not decoded:
        return [tuple(row) for row in rows]
    found: list[tuple[Any, ...]] = []
    for row in rows:
        values = list(row)
        for place, read in decoded:
            values[place] = read(values[place])
        found.append(tuple(values))
    return found
