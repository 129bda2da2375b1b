"""Random graphs of what an audit rests on, and small writes that change them: every kind, every relationship, several sources.

Made together with the oracle of stores, which holds the graph: so each batch is about what is there.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from catalog.batch import Batch, Close, EdgeStatement, NodeStatement, RetractEdge
from catalog.model import MODEL
from catalog.model.declare import Entity, Property, Relation, Shape
from catalog.stores.layout import Tables
from catalog.urn import Urn, key
from catalog.values import NEVER
from lineage.audit.gather import KINDS, RELATIONSHIPS
from tests.support.reference import ReferenceStore

__all__ = ["Changing"]

_SOURCES = [key("source", name) for name in ("one", "two")]
_DAYS = [date(2021, 1, 1), date(2021, 6, 1), date(2022, 1, 1), date(2022, 6, 1)]
_RELATIONS = [MODEL.relation(*each) for each in RELATIONSHIPS]
_BESIDE = "Goal"
"""A kind on which no fact rests."""
_NODES = 3
"""Of each kind, to begin with."""


class Changing:
    """A graph that changes."""

    def __init__(self, seed: int | str) -> None:
        self.rng = random.Random(f"changing/{seed}")
        self.graph = ReferenceStore(Tables(MODEL))
        self._number = 0
        self._spoken = set[tuple[str, str, str]]()

    def first(self) -> Batch:
        """Some of everything, and edges between them."""
        batch = self._batch()
        urns = {label: [self._urn(label, n) for n in range(_NODES)] for label in sorted(KINDS)}
        batch.nodes += [self._node(urn, label) for label, some in urns.items() for urn in some]
        for relation in _RELATIONS:
            heads = [urn for label in relation.heads for urn in urns.get(label, ())]
            for tail in (tail for tail in urns[relation.tail] if self.rng.random() < 0.8):
                self._edge(batch, relation, tail, self.rng.choice(heads))
        return self._written(batch)

    def next(self) -> Batch:
        """A write that changes one thing or a few."""
        batch = self._batch()
        changes = [
            *[self._new_node] * 3,
            *[self._new_edges] * 6,
            *[self._again] * 6,
            self._edge_that_ended,
            self._retracted,
            self._retracted_edge,
            self._withdrawn,
            self._closed,
            self._beside,
        ]
        # One of them a batch: what is retracted is not to be spoken of as well.
        self.rng.choice(changes)(batch)
        return self._written(batch)

    def _batch(self) -> Batch:
        self._number += 1
        self._spoken.clear()
        at = datetime(2022, 1, 1, tzinfo=UTC) + timedelta(minutes=self._number)
        return Batch(self.rng.choice(_SOURCES), "test", at, at.date())

    def _written(self, batch: Batch) -> Batch:
        self.graph.write(batch)
        return batch

    def _new_node(self, batch: Batch) -> None:
        """One that was never there, often with an edge from it and one that leads to it."""
        label = self.rng.choice(sorted(KINDS))
        urn = self._urn(label, 100 + self._number)
        batch.nodes.append(self._node(urn, label))
        for relation in _RELATIONS:
            if relation.tail == label and self.rng.random() < 0.8:
                self._edge(batch, relation, urn, self._some(relation.heads))
            if label in relation.heads and self.rng.random() < 0.2:
                self._edge(batch, relation, self._some([relation.tail]), urn)

    def _new_edges(self, batch: Batch) -> None:
        for relation in self.rng.sample(_RELATIONS, self.rng.randint(1, 3)):
            self._edge(batch, relation, self._some([relation.tail]), self._some(relation.heads))

    def _again(self, batch: Batch) -> None:
        """Other words of a node that is there, or that was retracted."""
        node = self.rng.choice([node for node in self.graph.graph.nodes.values() if node.label in KINDS])
        batch.nodes.append(self._node(Urn(node.urn), node.label))

    def _edge_that_ended(self, batch: Batch) -> None:
        relation, tail, head = self._standing_edge()
        since, until = sorted(self.rng.sample(_DAYS, 2))
        batch.edges.append(EdgeStatement(relation, tail, head, since, until))

    def _retracted(self, batch: Batch) -> None:
        batch.retracts.append(self._some(KINDS))

    def _retracted_edge(self, batch: Batch) -> None:
        batch.retracts_edges.append(RetractEdge(*self._standing_edge()))

    def _withdrawn(self, batch: Batch) -> None:
        batch.withdraws.append(self._some(KINDS))

    def _closed(self, batch: Batch) -> None:
        batch.closes.append(Close(self._some(KINDS), self.rng.choice(_DAYS), "ended"))

    def _beside(self, batch: Batch) -> None:
        batch.nodes.append(self._node(self._urn(_BESIDE, self.rng.randrange(2)), _BESIDE))

    def _some(self, labels: Iterable[str]) -> Urn:
        """A node of one of these kinds; there is one of each at all times, as good as surely."""
        wanted = KINDS.intersection(labels)
        there = [
            node.urn
            for node in self.graph.graph.nodes.values()
            if node.label in wanted and node.row["retracted_at"] == NEVER
        ]
        return Urn(self.rng.choice(there))

    def _standing_edge(self) -> tuple[Relation, Urn, Urn]:
        relations = {(each.tail, each.type): each for each in _RELATIONS}
        edge = self.rng.choice(
            [
                each
                for each in self.graph.graph.edges
                if each.stands and (self.graph.graph.nodes[each.tail].label, each.type) in relations
            ]
        )
        relation = relations[self.graph.graph.nodes[edge.tail].label, edge.type]
        return relation, Urn(edge.tail), Urn(edge.head)

    def _edge(self, batch: Batch, relation: Relation, tail: Urn, head: Urn) -> None:
        if (relation.type, tail, head) in self._spoken or tail == head:
            return
        self._spoken.add((relation.type, tail, head))
        since, until = sorted(self.rng.sample(_DAYS, 2)) if self.rng.random() < 0.2 else (None, None)
        props = {p.name: self.rng.choice(list(p.enum)) for p in relation.props if p.enum and self.rng.random() < 0.5}
        batch.edges.append(EdgeStatement(relation, tail, head, since, until, props))

    def _urn(self, label: str, number: int) -> Urn:
        return key(MODEL.kinds[label].slug, "changing", str(number))

    def _node(self, urn: Urn, label: str) -> NodeStatement:
        kind = MODEL.kinds[label]
        made: Entity = kind.cls(urn=urn, **{each.name: self._value(each) for each in kind.properties})
        return NodeStatement(made, valid_to=self.rng.choice([None, None, None, *_DAYS]))

    def _value(self, declared: Property) -> Any:
        rng = self.rng
        if not declared.required and rng.random() < 0.3:
            return () if declared.shape is Shape.TEXTS else None
        if declared.name == "changes":
            terms = [self._urn("CoverageTerm", number) for number in range(_NODES)]
            return json.dumps({"addTerms": rng.sample(terms, 2), "effectiveTo": "2022-01-01"})
        enum: Any = declared.enum
        if enum is not None:
            value = rng.choice(list(enum))
            return (value,) if declared.shape is Shape.TEXTS else value
        match declared.shape:
            case Shape.TEXT:
                return rng.choice(["a", "b", "c"])
            case Shape.TEXTS:
                return (rng.choice(["a", "b", "c"]),)
            case Shape.INTEGER:
                return rng.randrange(5)
            case Shape.REAL:
                return 0.5
            case Shape.BOOLEAN:
                return rng.random() < 0.5
            case Shape.DATE:
                return rng.choice(_DAYS)
            case Shape.DATETIME:
                return datetime.combine(rng.choice(_DAYS), datetime.min.time(), UTC)
