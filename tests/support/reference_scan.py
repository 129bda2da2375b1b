"""What the oracle answers to a scan: see ``reference``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import product
from operator import itemgetter
from typing import Any

from catalog.stores.layout import Tables
from catalog.stores.port import Scan, Scanned
from catalog.stores.table import Table
from catalog.values import NEVER
from tests.support.reference_graph import Edge, Graph, Node

__all__ = ["ReferenceScan"]


class ReferenceScan:
    """One scan. Nodes are read by ``value`` and edges by ``fact``; keys are urns."""

    def __init__(
        self,
        graph: Graph,
        tables: Tables,
        whole: Mapping[str, Node],
        value: Callable[[Node, str], Any],
        fact: Callable[[Edge, str], Any],
    ) -> None:
        self._graph = graph
        self._tables = tables
        self._whole = whole
        self._value = value
        self._fact = fact
        self._ends = set[str]()
        """What an edge may lead to."""

    def answer(self, query: Scan) -> Scanned:
        """Edges are in no order; these are in theirs."""
        found = Scanned(self._graph.revision)
        for label, props in query.nodes:
            names = ("valid_from", "valid_to", *props)
            nodes = sorted((node for node in self._whole.values() if node.label == label), key=lambda each: each.urn)
            rows = [(node.urn, *(self._value(node, name) for name in names)) for node in nodes]
            found.nodes[label] = Table.of(rows, 1 + len(names))
        for tail, name, props in query.parts:
            rows = [self._parts(some, props) for some in self._by_tail(tail, name)]
            found.parts[tail, name] = Table.of(rows, 3 + len(props))
            keys = [key for row in rows for key in row[1]]
            if len(set(keys)) < len(keys):
                found.shared.add((tail, name))
        self._ends = {row[0] for rows in found.nodes.values() for row in rows}
        self._ends |= {key for rows in found.parts.values() for row in rows for key in row[1]}
        for tail, name in query.edges:
            names = ("valid_from", "valid_to", *(p.name for p in self._tables.model.relation(tail, name).props))
            rows = [
                (edge.tail, edge.head, *(self._fact(edge, fact) for fact in names))
                for edge in self._edges(tail, name)
                if edge.head in self._ends
            ]
            found.edges[tail, name] = Table.of(rows, 2 + len(names))
        for tail, name in query.lists:
            rows = [(some[0].tail, tuple(edge.head for edge in some)) for some in self._by_tail(tail, name)]
            found.lists[tail, name] = Table.of(rows, 2)
        for label, names, props in query.joins:
            rows = [row for _, row in sorted(self._joined(label, names, props), key=itemgetter(0))]
            found.joins[label] = Table.of(rows, 1 + 2 * len(names) + len(props))
        return found

    def _joined(
        self, label: str, names: tuple[str, ...], props: tuple[str, ...]
    ) -> Iterator[tuple[str, tuple[Any, ...]]]:
        leading = [[edge for edge in self._edges(label, name) if edge.head in self._ends] for name in names]
        for edges in product(*leading):
            if len({edge.tail for edge in edges}) == 1:
                tail = edges[0].tail
                ends = (self._fact(edge, "valid_to") for edge in edges)
                values = (self._value(self._whole[tail], prop) for prop in props)
                yield tail, (tail, *(edge.head for edge in edges), *ends, *values)

    def _edges(self, tail: str, name: str) -> list[Edge]:
        type_ = self._tables.model.relation(tail, name).type
        edges = [edge for edge in self._graph.edges if edge.stands and edge.type == type_]
        return [e for e in edges if {e.tail, e.head} <= self._whole.keys() and self._whole[e.tail].label == tail]

    def _by_tail(self, tail: str, name: str) -> list[list[Edge]]:
        found: dict[str, list[Edge]] = {}
        for edge in self._edges(tail, name):
            found.setdefault(edge.tail, []).append(edge)
        return list(found.values())

    def _parts(self, edges: list[Edge], props: tuple[str, ...]) -> tuple[Any, ...]:
        heads = [self._whole[edge.head] for edge in edges]
        days = [
            (str(self._fact(edge, "valid_to") or NEVER), str(self._value(head, "valid_to") or NEVER))
            for edge, head in zip(edges, heads, strict=True)
        ]
        ends = [None if min(two) == NEVER else min(two) for two in days]
        values = [tuple(self._value(head, prop) for head in heads) for prop in props]
        held = (None if set(some) == {None} else some for some in (tuple(ends), *values))
        return (edges[0].tail, tuple(edge.head for edge in edges), *held)
