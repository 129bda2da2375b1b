"""What one reader sees of a graph on one day: the part of the oracle that visibility, time and predicates are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from catalog.access import Audience, Reader
from catalog.model.declare import Shape
from catalog.model.schema import Step
from catalog.selection import All, Any_, Compare, Has, IsNull, Not, Op, Predicate
from catalog.stores.layout import opaque_id
from catalog.text import fold
from catalog.values import NEVER, encode_shape
from tests.support.reference_graph import Edge, Graph, Node

__all__ = ["FULL", "NONE", "PLACEHOLDER", "Sight"]

FULL, PLACEHOLDER, NONE = "FULL", "PLACEHOLDER", "NONE"


@dataclass
class Sight:
    """What one reader sees of a graph on one day."""

    graph: Graph
    reader: Reader
    day: str

    def sees(self, node: Node, *, retracted: bool = False) -> str:
        """FULL, PLACEHOLDER or NONE; with ``retracted``, whether the node was retracted does not matter."""
        kind = self.graph.kind(node.urn)
        if all(self._has_needed(node, name) for name in kind.needs):
            return self._sees_alone(node, retracted=retracted)
        return NONE

    def _sees_alone(self, node: Node, *, retracted: bool = False) -> str:
        audience = Audience(node.row["audience"])
        if node.row["retracted_at"] != NEVER and not retracted:
            return NONE
        if audience in self.reader.full:
            return FULL
        if audience in self.reader.placeholder and self.graph.kind(node.urn).placeholder:
            return PLACEHOLDER
        return NONE

    def _has_needed(self, node: Node, name: str) -> bool:
        (relation,) = [r for r in self.graph.kind(node.urn).relations if r.name == name]
        heads = [e.head for e in self.graph.edges if (e.type, e.tail) == (relation.type, node.urn) and e.stands]
        return any(self._sees_alone(self.graph.nodes[head]) != NONE for head in heads)

    def holds(self, thing: Node | Edge, *, ever: bool = False) -> bool:
        return ever or thing.row["valid_from"] <= self.day < thing.row["valid_to"]

    def listed(self, node: Node) -> bool:
        """Seen whole, and holding on the day."""
        return self.holds(node) and self.sees(node) == FULL

    def known_as(self, node: Node) -> str | None:
        """The one id that the reader knows a node by."""
        seen = self.sees(node)
        return {FULL: node.urn, PLACEHOLDER: self.opaque(node), NONE: None}[seen]

    def opaque(self, node: Node) -> str:
        return opaque_id(node.urn, self.graph.opaque_key)

    def step(self, node: Node, step: Step, *, ever: bool = False) -> Iterator[tuple[Edge, Node]]:
        """What lies one step away, whoever may see it."""
        for edge in self.graph.edges:
            here, there = (edge.tail, edge.head) if step.forward else (edge.head, edge.tail)
            if edge.type != step.relation.type or here != node.urn or not edge.stands:
                continue
            other = self.graph.nodes[there]
            if other.label == step.target.label and self.holds(edge, ever=ever) and self.holds(other, ever=ever):
                yield edge, other

    def is_true(self, predicate: Predicate, node: Node) -> bool:
        match predicate:
            case Compare():
                return self._compare(predicate, node)
            case IsNull(prop):
                return node.row[prop] is None
            case Has(name, where, target, veiled):
                step = self.graph.tables.model.step(node.label, name, target)
                enough = {FULL, PLACEHOLDER} if veiled else {FULL}
                ends = [other for _, other in self.step(node, step) if self.sees(other) in enough]
                return any(where is None or self.is_true(where, other) for other in ends)
            case All(parts):
                return all(self.is_true(part, node) for part in parts)
            case Any_(parts):
                return any(self.is_true(part, node) for part in parts)
            case Not(part):
                return not self.is_true(part, node)

    def _compare(self, compare: Compare, node: Node) -> bool:
        shape = Shape.TEXT if compare.prop == "urn" else self.graph.kind(node.urn).property(compare.prop).shape
        stored = node.row[compare.prop]
        if stored is None:
            return False
        inner = Shape.TEXT if shape is Shape.TEXTS else shape
        if isinstance(compare.value, tuple):
            return stored in [encode_shape(compare.prop, inner, value) for value in compare.value]
        value = encode_shape(compare.prop, inner, compare.value)
        return {
            Op.EQ: lambda: stored == value,
            Op.NE: lambda: stored != value,
            Op.LT: lambda: stored < value,
            Op.LE: lambda: stored <= value,
            Op.GT: lambda: stored > value,
            Op.GE: lambda: stored >= value,
            Op.CONTAINS: lambda: value in stored,
            Op.WITHIN: lambda: stored.startswith(value) and ":" not in stored.removeprefix(value),
            Op.STARTS_WITH: lambda: fold(stored).startswith(fold(value)),
        }[compare.op]()
