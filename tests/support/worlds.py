"""Random graphs: sequences of batches over the small model, valid by construction, the same for the same seed.

A world is made together with the oracle, which holds its graph: so each batch is about what is there.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from catalog.access import Audience
from catalog.batch import Batch, Close, EdgeStatement, NodeStatement, RetractEdge
from catalog.model.declare import EdgeProperty, Entity, Property, Relation, Shape
from catalog.urn import Urn, key
from catalog.values import NEVER
from tests.support.reference import ReferenceStore
from tests.support.small_model import SMALL, SMALL_MODEL, TColour, small_urn
from tests.support.value_pools import DAYS, INSTANTS, INTEGERS, ISSUED, REALS, SHORT_TEXTS, TITLES, URN_NAMES

__all__ = ["SOURCES", "World", "make_world", "random_value"]

SOURCES = [key("source", name) for name in ("harvest", "survey", "people")]

_RANKS = dict(zip(SOURCES, (60, 60, 20), strict=True))
_SHARES = {"TDataset": 40, "TColumn": 18, "TAgency": 12, "TFlow": 12, "TOfficer": 8, "TGoal": 8, "TRun": 2}
_EDGES_A_TAIL = {"T_HELD_BY": 2, "T_SERVES": 1, "T_DERIVED_FROM": 2, "T_COLUMN_OF": 1, "T_FROM": 1, "T_INTO": 1}


@dataclass
class World:
    """Batches, in order, and the oracle that took them."""

    seed: int
    batches: list[Batch]
    reference: ReferenceStore = field(default_factory=lambda: ReferenceStore(SMALL))

    def labels(self) -> dict[str, int]:
        """How many nodes of each label stand."""
        counts = dict.fromkeys(_SHARES, 0)
        for node in self.reference.graph.nodes.values():
            counts[node.label] += node.row["retracted_at"] == NEVER
        return counts


def make_world(seed: int, batches: int = 4, size: int = 16) -> World:
    """A world of so many batches, each of about so many nodes. Fewer batches are the beginning of more."""
    world = World(seed, [])
    for number in range(batches):
        made = _BatchMaker(random.Random(f"{seed}/{number}"), world.reference, number, size).make()
        world.batches.append(made)
        world.reference.write(made)
    return world


class _BatchMaker:
    """One batch about the graph as it stands."""

    def __init__(self, rng: random.Random, reference: ReferenceStore, number: int, size: int) -> None:
        self.rng = rng
        self.graph = reference.graph
        self.number = number
        self.size = size
        self.batch = Batch(
            source=rng.choice(SOURCES),
            by=f"run-{number}",
            at=datetime(2022, 1, 1, tzinfo=UTC) + timedelta(days=number, microseconds=rng.randrange(10**6)),
            day=rng.choice(DAYS),
        )
        self.batch.precedence = _RANKS[self.batch.source]
        self.stated: dict[Urn, str] = {}
        self.spoken: set[tuple[str, str, str]] = set()
        """(type, tail, head) of which the batch says something already: it does not contradict itself."""

    def make(self) -> Batch:
        self._nodes()
        self._ends_of_nodes()
        for kind in SMALL_MODEL.kinds.values():
            for relation in kind.relations:
                self._edges(relation)
        self._restates()
        self._edge_retractions()
        for part in (self.batch.nodes, self.batch.edges, self.batch.closes):
            self.rng.shuffle(part)
        return self.batch

    def _present(self, labels: Iterable[str]) -> list[Urn]:
        """What an edge may lead to: what stands and is not about to go, and what the batch states."""
        wanted = set(labels)
        gone = set(self.batch.retracts)
        found = [
            Urn(n.urn)
            for n in self.graph.nodes.values()
            if n.label in wanted and n.row["retracted_at"] == NEVER and n.urn not in gone
        ]
        return [*found, *(u for u, label in self.stated.items() if label in wanted and u not in found)]

    def _nodes(self) -> None:
        rng = self.rng
        known = [Urn(urn) for urn in self.graph.nodes]
        for _ in range(self.size):
            label = rng.choices(list(_SHARES), list(_SHARES.values()))[0]
            urn = small_urn(label, f"{rng.choice(URN_NAMES)}{rng.randrange(4 * self.size)}")
            if known and rng.random() < 0.25:
                urn = rng.choice(known)
                label = self.graph.nodes[urn].label
            if urn not in self.stated:
                self.stated[urn] = label
                self.batch.nodes.append(self._node(label, urn))

    def _node(self, label: str, urn: Urn) -> NodeStatement:
        rng = self.rng
        kind = SMALL_MODEL.kind(label)
        entity = kind.cls(urn=urn, **{p.name: random_value(rng, p) for p in kind.properties})
        audiences = [None, None, Audience.PUBLIC, Audience.STAFF]
        if label == "TFlow":
            audiences = [None, Audience.PUBLIC, Audience.PUBLIC, Audience.STAFF]
        return NodeStatement(
            entity=entity,
            audience=rng.choice(audiences),
            valid_from=rng.choice(DAYS[:4]) if rng.random() < 0.2 else None,
            valid_to=rng.choice(DAYS[4:]) if rng.random() < 0.15 else None,
        )

    def _ends_of_nodes(self) -> None:
        others = [
            Urn(u) for u, n in self.graph.nodes.items() if n.row["retracted_at"] == NEVER and u not in self.stated
        ]
        for urn in others:
            chance = self.rng.random()
            if chance < 0.03:
                self.batch.retracts.append(urn)
            elif chance < 0.10:
                self.batch.closes.append(Close(urn, self.rng.choice(DAYS), self.rng.choice(["moved", "", "~"])))

    def _edges(self, relation: Relation) -> None:
        rng = self.rng
        heads = self._present(relation.heads)
        if not heads:
            return
        # Edges of few heads, so that pages below the root are long.
        favoured = heads[: max(1, len(heads) // 3)]
        for tail in self._present([relation.tail]):
            chance = 0.85 if tail in self.stated else 0.15
            for _ in range(_EDGES_A_TAIL.get(relation.type, 1)):
                if rng.random() < chance:
                    self._edge(relation, tail, rng.choice(favoured if rng.random() < 0.5 else heads))
        self._again(relation)

    def _again(self, relation: Relation) -> None:
        """Speak again of what was said, as this source or, where each source has its word, as one more."""
        gone = set(self.batch.retracts)
        for edge in [e for e in self.graph.edges if e.stands and e.type == relation.type]:
            ours = self.graph.nodes[edge.tail].label == relation.tail and not gone & {edge.tail, edge.head}
            if ours and self.rng.random() < (0.4 if relation.per_source else 0.1):
                self._edge(relation, Urn(edge.tail), Urn(edge.head))

    def _edge(self, relation: Relation, tail: Urn, head: Urn) -> None:
        rng = self.rng
        if (relation.type, tail, head) in self.spoken:
            return
        self.spoken.add((relation.type, tail, head))
        start, end = _span(rng)
        props = {p.name: _edge_value(rng, p) for p in relation.props if rng.random() < 0.7}
        self.batch.edges.append(EdgeStatement(relation, tail, head, start, end, props))

    def _restates(self) -> None:
        """Say of some that what is stated is all: what this source said before is closed."""
        spoken = sorted({(e.tail, e.relation.type) for e in self.batch.edges})
        relations = {(e.tail, e.relation.type): e.relation for e in self.batch.edges}
        for tail, type_ in spoken:
            if self.rng.random() < 0.3:
                self.batch.restates.add((tail, relations[tail, type_]))

    def _edge_retractions(self) -> None:
        gone = set(self.batch.retracts)
        for edge in self.graph.edges:
            ends = (edge.type, edge.tail, edge.head)
            if not edge.stands or ends in self.spoken or gone & {edge.tail, edge.head} or self.rng.random() > 0.04:
                continue
            self.spoken.add(ends)
            label = self.graph.nodes[edge.tail].label
            (relation,) = [r for r in SMALL_MODEL.relations[edge.type] if r.tail == label]
            self.batch.retracts_edges.append(RetractEdge(relation, Urn(edge.tail), Urn(edge.head)))


def _span(rng: random.Random) -> tuple[date | None, date | None]:
    if rng.random() < 0.65:
        return None, None
    start, end = sorted(rng.sample(range(len(DAYS)), 2))
    return DAYS[start], DAYS[end] if rng.random() < 0.5 else None


def random_value(rng: random.Random, declared: Property) -> Any:
    """A value that the property takes; None, or nothing, now and then, unless it is required."""
    if not declared.required and rng.random() < 0.18:
        return () if declared.shape is Shape.TEXTS else None
    if declared.enum is not None:
        return rng.choice(list(TColour))
    if declared.shape is Shape.TEXT and declared.search is None and not declared.order:
        return rng.choice(SHORT_TEXTS)
    return _of_shape(rng, declared.shape)


def _edge_value(rng: random.Random, declared: EdgeProperty) -> Any:
    if rng.random() < 0.15:
        return None
    return rng.choice(list(declared.enum)) if declared.enum else _of_shape(rng, declared.shape)


def _of_shape(rng: random.Random, shape: Shape) -> Any:
    match shape:
        case Shape.TEXT:
            # Half of all from a few: equal titles, whose order their URNs decide.
            return rng.choice(TITLES[:9] if rng.random() < 0.4 else TITLES)
        case Shape.TEXTS:
            return tuple(rng.choice(SHORT_TEXTS) for _ in range(rng.randrange(1, 4)))
        case Shape.INTEGER:
            return rng.choice(INTEGERS)
        case Shape.REAL:
            return rng.choice(REALS)
        case Shape.BOOLEAN:
            return rng.random() < 0.5
        case Shape.DATE:
            return rng.choice(ISSUED)
        case Shape.DATETIME:
            return rng.choice(INSTANTS)


def entity_of(label: str, urn: Urn, **values: Any) -> Entity:
    """An entity of the small model, by label."""
    return SMALL_MODEL.kind(label).cls(urn=urn, **values)
