"""Everything of some kinds and relationships at once, for what must see a graph whole: an audit, or an export.

A scan reads tables from one end to the other, and follows nothing: a statement for each kind and each relationship, and
no page. What the reader may not see of it is left out by the store.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import filterfalse
from typing import Any

from catalog.errors import InvalidSelection
from catalog.model.declare import Relation, Shape
from catalog.selection import Select
from catalog.stores.layout import Tables
from catalog.stores.port import Scan
from catalog.stores.resolve import Field, Resolver, RNeed
from catalog.urn import kind_of

__all__ = [
    "RScan",
    "RScanned",
    "RScannedEdges",
    "RScannedJoins",
    "RScannedLists",
    "RScannedNodes",
    "RScannedParts",
    "by_label",
    "kind_taken",
    "resolve_scan",
    "taken_before",
]

_URN = Field("urn", Shape.TEXT)
"""What may be asked for like a property, of what is read in parts."""


@dataclass(frozen=True, slots=True)
class RScannedNodes:
    """A kind to read. A row of it: urn, valid_from, valid_to (null where it is open at that end), the fields."""

    label: str
    fields: tuple[Field, ...]
    needs: tuple[RNeed, ...]
    only: str | None = None
    """The parameter of the URNs that alone are read; None: all. So it is below, of tails."""


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
    only: str | None = None


@dataclass(frozen=True, slots=True)
class RScannedEdges:
    """A relationship to read. A row of it: a store's id of the tail, that of the head, valid_from, valid_to, the facts."""

    tail: str
    name: str
    type: str
    heads: tuple[str, ...]
    facts: tuple[Field, ...]
    only: str | None = None


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
    only: str | None = None


def taken_before(each: RScanned) -> frozenset[str]:
    """The kinds of which what there is must be taken before the answer of this can be."""
    match each:
        case RScannedNodes():
            return frozenset()
        case RScannedParts():
            return frozenset((each.tail,))
        case RScannedLists():
            return frozenset((each.tail, each.label))
        case RScannedEdges():
            return frozenset((each.tail, *each.heads))
        case RScannedJoins():
            return frozenset(head for edge in each.edges for head in edge.heads)


def kind_taken(each: RScanned) -> str | None:
    """The kind of which there is all that there is in the answer of this."""
    match each:
        case RScannedNodes():
            return each.label
        case RScannedParts():
            return each.nodes.label
        case _:
            return None


RScanned = RScannedNodes | RScannedParts | RScannedLists | RScannedJoins | RScannedEdges


@dataclass(frozen=True, slots=True)
class RScan:
    """A scan's shape."""

    nodes: tuple[RScannedNodes, ...]
    parts: tuple[RScannedParts, ...]
    joins: tuple[RScannedJoins, ...]
    edges: tuple[RScannedEdges, ...]
    lists: tuple[RScannedLists, ...]
    known: frozenset[str] | None = None
    """The kinds of which there may be anything: those of the URNs that alone are read, and of their parts. None: all."""

    def in_order(self) -> Iterator[RScanned]:
        """Everything of which there may be anything, in an order in which it can be taken.

        What there is most of comes as early as it can: it takes longest, and what it takes of memory is free for the rest.
        """
        return filter(self._is_known, self._in_order())

    def nothing(self) -> Iterator[RScanned]:
        """Everything else, in an order in which it can be taken."""
        return filterfalse(self._is_known, self._in_order())

    def _in_order(self) -> Iterator[RScanned]:
        tails = {each.tail for each in (*self.parts, *self.lists)}
        yield from (each for each in self.nodes if each.label in tails)
        yield from self.parts
        yield from self.lists
        yield from (each for each in self.nodes if each.label not in tails)
        yield from self.joins
        yield from self.edges

    def _is_known(self, each: RScanned) -> bool:
        known = self.known
        if known is None:
            return True
        match each:
            case RScannedNodes():
                return each.label in known
            case RScannedParts():
                return each.tail in known
            case RScannedLists():
                return {each.tail, each.label} <= known
            case RScannedEdges():
                return each.tail in known and not known.isdisjoint(each.heads)
            case RScannedJoins():
                return each.nodes.label in known and not any(known.isdisjoint(edge.heads) for edge in each.edges)


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
    shape = RScan(nodes, tuple(parts), tuple(joins), tuple(edges), tuple(lists))
    if query.only is None:
        return shape, resolver.params
    urns = by_label(query.only, tables)
    return _only(shape, frozenset(urns)), {**resolver.params, **{_among(label): some for label, some in urns.items()}}


def by_label(urns: Iterable[str], tables: Tables) -> dict[str, list[str]]:
    """URNs by the kinds of which they are, each once, in order; those of no declared kind are left out."""
    found: dict[str, list[str]] = {}
    for urn in sorted(set(urns)):
        layout = tables.by_slug.get(kind_of(urn))
        if layout is not None:
            found.setdefault(layout.kind.label, []).append(urn)
    return found


def _among(label: str) -> str:
    return f"only_{label}"


def _only(shape: RScan, known: frozenset[str]) -> RScan:
    """The shape of a scan of some nodes."""
    in_parts = (each.nodes.label for each in shape.parts if each.tail in known)
    return RScan(
        tuple(replace(each, only=_among(each.label)) for each in shape.nodes),
        tuple(replace(each, only=_among(each.tail)) for each in shape.parts),
        tuple(replace(each, nodes=replace(each.nodes, only=_among(each.nodes.label))) for each in shape.joins),
        tuple(replace(each, only=_among(each.tail)) for each in shape.edges),
        tuple(replace(each, only=_among(each.tail)) for each in shape.lists),
        known.union(in_parts),
    )


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
