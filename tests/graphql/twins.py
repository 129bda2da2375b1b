"""Random graphs of the real model, twice: with every third node for staff only, and as if those had never been there."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from catalog.access import Audience
from catalog.batch import Batch, Close, EdgeStatement, NodeStatement
from catalog.model import MODEL
from catalog.model.declare import Entity, Kind, Property, Relation, Shape
from catalog.urn import Urn, key
from tests.support.value_pools import DAYS, TITLES
from tests.support.worlds import random_value

__all__ = ["Twins", "make_twins"]

_SOURCES = [key("source", "test", name) for name in ("harvest", "survey", "people")]
_NODES = {
    "Dataset": 26,
    "Column": 14,
    "Agency": 9,
    "Flow": 9,
    "Distribution": 9,
    "Agreement": 7,
    "AgreementParty": 9,
    **dict.fromkeys(("Goal", "Metric", "ClassificationDetermination", "Disaggregation", "Person"), 6),
}
_NODES_OF_OTHERS = 4
_TYPES_AT_ONCE = 15
_EDGES_A_TAIL = {"FEEDS": 3}

Span = tuple[date | None, date | None]


@dataclass
class Twins:
    """What is said of the one graph and of the other, and who is hidden in the first."""

    whole: list[Batch]
    bare: list[Batch]
    """The same, save what speaks of a hidden node."""
    seen: dict[str, list[Urn]]
    hidden: dict[str, list[Urn]]
    """URNs by label. Hidden is also what needs a hidden node to be seen at all, as a flow needs both its ends."""


def make_twins(seed: int) -> Twins:
    """Two graphs, the same for the same seed."""
    return _Maker(random.Random(f"twins/{seed}")).make()


class _Maker:
    """Says what the whole graph holds, and leaves out what is hidden for the bare one."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.nodes = {k.label: _urns(k) for k in MODEL.kinds.values()}
        # Every third of each kind; the first stays.
        self.staff = {urn for urns in self.nodes.values() for urn in urns[2::3]}
        self.spoken: set[tuple[str, Urn, Urn]] = set()

    def make(self) -> Twins:
        # Numbers of edges stand in a cursor that falls between two assertions about the same two ends (the second batch
        # makes such): so the first of them come before anything hidden, and have the same number in both graphs.
        ours, again, others, later = (self._batch(number) for number in range(4))
        for kind in MODEL.kinds.values():
            ours.nodes += [self._node(kind, urn) for urn in self.nodes[kind.label]]
        relations = [relation for kind in MODEL.kinds.values() for relation in kind.relations]
        edges = [edge for relation in relations for edge in self._edges(relation)]
        gone = self.staff | self._needy(edges)
        kept = _without(gone)
        ours.edges += [edge for edge in edges if edge.relation.per_source and kept(edge)]
        again.edges += [self._again(edge) for edge in ours.edges if self.rng.random() < 0.5]
        others.edges += [edge for edge in edges if not (edge.relation.per_source and kept(edge))]
        # What leads to hidden nodes comes first as often as not.
        self.rng.shuffle(others.edges)
        self._later(later)
        whole = [piece for batch in (ours, again, others) for piece in _pieces(batch)] + [later]
        seen = {label: [urn for urn in urns if urn not in gone] for label, urns in self.nodes.items()}
        hidden = {label: [urn for urn in urns if urn in gone] for label, urns in self.nodes.items()}
        bare = [_bare(batch, gone) for batch in whole]
        assert all(batch.size for batch in bare), (
            "a batch speaks of hidden nodes only, and moves the revision of one graph"
        )
        return Twins(whole, bare, seen, hidden)

    def _batch(self, number: int) -> Batch:
        at = datetime(2022, 1, 1, tzinfo=UTC) + timedelta(days=number)
        return Batch(_SOURCES[(0, 1, 0, 2)[number]], "test", at, at.date())

    def _node(self, kind: Kind, urn: Urn) -> NodeStatement:
        audience = Audience.STAFF if urn in self.staff else Audience.PUBLIC
        return NodeStatement(self._entity(kind, urn), audience, *self._span(0.15))

    def _entity(self, kind: Kind, urn: Urn) -> Entity:
        return kind.cls(urn=urn, **{p.name: self._value(p) for p in kind.properties})

    def _value(self, declared: Property) -> Any:
        rng = self.rng
        if declared.enum is None:
            # Half of all from a few: orders are decided by URN, and filters find several.
            common = declared.shape is Shape.TEXT and rng.random() < 0.5
            return rng.choice(TITLES[:6]) if common else random_value(rng, declared)
        members = list(declared.enum)
        if declared.shape is Shape.TEXTS:
            return tuple(rng.sample(members, rng.randint(1, min(3, len(members)))))
        return rng.choice(members if declared.required else [None, *members[:3]])

    def _edges(self, relation: Relation) -> list[EdgeStatement]:
        heads = [urn for label in relation.heads for urn in self.nodes[label]]
        needed = relation.name in MODEL.kinds[relation.tail].needs
        found: list[EdgeStatement] = []
        for tail in self.nodes[relation.tail]:
            most = 2 if relation.one else _EDGES_A_TAIL.get(relation.type, 2)
            count = 1 if needed else self.rng.choice(range(most + 1))
            # Half of them to few, so that pages are long.
            favoured = heads[: max(3, len(heads) // 3)]
            for _ in range(count):
                head = self.rng.choice(favoured if self.rng.random() < 0.5 else heads)
                if (relation.type, tail, head) not in self.spoken:
                    self.spoken.add((relation.type, tail, head))
                    found.append(self._edge(relation, tail, head))
        return found

    def _edge(self, relation: Relation, tail: Urn, head: Urn) -> EdgeStatement:
        props = {p.name: self.rng.choice(list(p.enum) if p.enum else TITLES[:9]) for p in relation.props}
        return EdgeStatement(relation, tail, head, *self._span(0.2), props)

    def _again(self, edge: EdgeStatement) -> EdgeStatement:
        """The same, as another source says it."""
        return self._edge(edge.relation, edge.tail, edge.head)

    def _later(self, batch: Batch) -> None:
        """A third source has its word on some, and closes or takes back a few."""
        rng = self.rng
        urns = [(kind, urn) for kind in MODEL.kinds.values() for urn in self.nodes[kind.label] if not kind.journal]
        for kind, urn in rng.sample(urns, 60):
            chance = rng.random()
            if chance < 0.6:
                batch.nodes.append(self._node(kind, urn))
            elif chance < 0.9:
                batch.closes.append(Close(urn, rng.choice(DAYS), "It moved."))
            else:
                batch.retracts.append(urn)

    def _needy(self, edges: list[EdgeStatement]) -> set[Urn]:
        """What is seen only with nodes of which none is left."""
        seen = {(edge.tail, edge.relation.name) for edge in edges if edge.head not in self.staff}
        kinds = [kind for kind in MODEL.kinds.values() if kind.needs]
        return {
            urn
            for kind in kinds
            for urn in self.nodes[kind.label]
            if any((urn, name) not in seen for name in kind.needs)
        }

    def _span(self, chance: float) -> Span:
        if self.rng.random() > chance:
            return None, None
        start, end = sorted(self.rng.sample(DAYS, 2))
        return self.rng.choice([(start, end), (start, None)])


def _urns(kind: Kind) -> list[Urn]:
    return [key(kind.slug, "test", f"n{number:02}") for number in range(_NODES.get(kind.label, _NODES_OF_OTHERS))]


def _pieces(batch: Batch) -> Iterator[Batch]:
    """The same in batches of a few types each: Neo4j plans a statement for each type, and all must be done in 30 seconds."""
    labels = list(MODEL.kinds)
    for start in range(0, len(labels), _TYPES_AT_ONCE):
        some = {MODEL.kinds[label].cls for label in labels[start : start + _TYPES_AT_ONCE]}
        nodes = [node for node in batch.nodes if type(node.entity) in some]
        if nodes:
            yield dataclasses.replace(batch, nodes=nodes, edges=[])
    types = sorted({edge.relation.type for edge in batch.edges})
    for start in range(0, len(types), _TYPES_AT_ONCE):
        some = set(types[start : start + _TYPES_AT_ONCE])
        yield dataclasses.replace(batch, nodes=[], edges=[edge for edge in batch.edges if edge.relation.type in some])


def _without(gone: set[Urn]) -> Callable[[EdgeStatement], bool]:
    return lambda edge: edge.tail not in gone and edge.head not in gone


def _bare(batch: Batch, gone: set[Urn]) -> Batch:
    return dataclasses.replace(
        batch,
        nodes=[node for node in batch.nodes if node.entity.urn not in gone],
        edges=list(filter(_without(gone), batch.edges)),
        closes=[close for close in batch.closes if close.urn not in gone],
        retracts=[urn for urn in batch.retracts if urn not in gone],
    )
