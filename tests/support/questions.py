"""Random questions to a random world: every operator, order, reader and shape of nesting that the port takes."""

from __future__ import annotations

import random
from datetime import date, datetime
from typing import Any, cast

from catalog.access import PUBLIC_READER, STAFF_READER, Reader
from catalog.model.declare import Kind, Property, Shape
from catalog.model.schema import Step
from catalog.selection import (
    EDGE_FACTS,
    All,
    Any_,
    Compare,
    Has,
    IsNull,
    Not,
    Op,
    Order,
    Predicate,
    Related,
    Scalar,
    Select,
    Selection,
)
from catalog.stores.port import URN_NAMESPACE, Aggregate, Expand, Near, Scan, SearchQuery
from tests.support.small_model import SMALL_MODEL, VEILED_READER, TDataset, small_urn
from tests.support.value_pools import DAYS, PREFIXES, QUERIES
from tests.support.worlds import World, random_value

__all__ = ["MAX_NESTING", "Asker"]

MAX_NESTING = 3
MAX_BELOW, MAX_FILTERS = 5, 4
"""Selects below the root, and related nodes in filters, of one selection: Neo4j plans a statement of twice as many for
seconds, and no fault hides in what is large only."""

_SYSTEM_PROPS = ("valid_from", "valid_to", "closed_reason", "source", "recorded_at", "recorded_by", "retracted_at")
_COMPARABLE = (Shape.INTEGER, Shape.REAL, Shape.DATE, Shape.DATETIME)


class Asker:
    """Asks one world, in the order of its generator; the same seed asks the same."""

    def __init__(self, world: World, seed: int | str, reader: Reader | None = None, nesting: int = MAX_NESTING) -> None:
        """``reader`` is who asks, else each question has one of three; ``nesting`` is the most levels below the root."""
        self.world = world
        self._nesting = nesting
        self._below = self._filters = 0
        self._only = reader
        self.rng = random.Random(f"ask/{world.seed}/{seed}")
        self.reader = PUBLIC_READER
        self._values = _values(world)
        self._labels = world.labels()

    def selection(self) -> Selection:
        """A selection that finds something, save one in twenty, which may find nothing."""
        made = self._selection()
        while self.rng.random() < 0.95 and not self.world.reference.select(made).rows:
            made = self._selection()
        return made

    def _selection(self) -> Selection:
        self._who()
        self._below, self._filters = MAX_BELOW, MAX_FILTERS
        return Selection(self._select(self._kind(), depth=0), self.reader, self._day())

    def search(self) -> SearchQuery:
        """Words that find something, save one time in five or so."""
        made = self._search()
        while self.rng.random() < 0.95 and not self.world.reference.search(made).total:
            made = self._search()
        return made

    def _search(self) -> SearchQuery:
        self._filters = MAX_FILTERS
        self._who()
        kind = SMALL_MODEL.kind(
            self.rng.choices(["TDataset", "TAgency", "TGoal", "TOfficer", "TFlow"], [6, 1, 2, 1, 1])[0]
        )
        facets = [p.name for p in self._open(kind) if p.facet] + self._plain_steps(kind)
        facets += sorted({self._path(kind, facet=True) for _ in range(4)} - set(facets))
        return SearchQuery(
            kind.label,
            self.rng.choice(QUERIES),
            self.reader,
            self._day(),
            where=self._maybe(0.3, kind),
            facets=tuple(self.rng.sample(facets, min(len(facets), self.rng.randrange(4)))),
            first=self.rng.choice([1, 2, 3, 5, 20]),
        )

    def aggregate(self) -> Aggregate:
        """By a property, a step or a path."""
        self._filters = MAX_FILTERS
        self._who()
        kind = self._kind()
        by = [URN_NAMESPACE, *(p.name for p in self._open(kind)), *self._plain_steps(kind)]
        return Aggregate(
            kind.label,
            self.rng.choice(by) if self.rng.random() < 0.6 else self._path(kind, facet=False),
            self.reader,
            self._day(),
            where=self._maybe(0.4, kind),
            first=self.rng.choice([1, 3, 1000]),
        )

    def expansion(self) -> Expand:
        """From some URNs, some opaque ids (seen and not), and some that are not there."""
        self._who()
        label, step = self.rng.choice(
            [("TDataset", "upstream"), ("TDataset", "downstream"), ("TAgency", "parts"), ("TAgency", "part_of")]
            + [("TFlow", "follows"), ("TFlow", "followed_by")] * 2
            + [("TDataset", "held_by.holds"), ("TDataset", "upstream.downstream"), ("TColumn", "dataset.columns")]
            + [("TFlow", "origin.outflows"), ("TAgency", "holds.downstream.held_by")]
        )
        self._filters = MAX_FILTERS
        by = {"TDataset": "held_by", "TFlow": "origin", "TAgency": "part_of"}.get(label)
        by = by if self.rng.random() < 0.3 else None
        graph = self.world.reference.graph
        labels = {label, SMALL_MODEL.step(label, by).target.label if by else label}
        urns = [n.urn for n in graph.nodes.values() if n.label in labels]
        some = self.rng.sample(urns, min(len(urns), self.rng.choice([5, 40])))
        veiled = [self.world.reference.opaque(urn) for urn in self.rng.sample(urns, min(len(urns), 20))]
        frontier = (*some, *veiled, str(small_urn(label, "not there")))
        limit = self.rng.choice([1, 2, 5, 10_000])
        return Expand(
            label,
            step,
            frontier,
            self.reader,
            self._day(),
            self.rng.random() < 0.3,
            limit,
            by,
            self._maybe(0.3, SMALL_MODEL.kind(label)),
            self._maybe(0.4, self._between(label, step)) if "." in step else None,
            "same_as" if label == "TDataset" and by is None and self.rng.random() < 0.7 else None,
            self.rng.random() < 0.5,
        )

    def _between(self, label: str, path: str) -> Kind:
        """The kind after the first step of a hop."""
        return SMALL_MODEL.step(label, path.partition(".")[0]).target

    def scan(self) -> Scan:
        """Some kinds with some of their properties, and the relationships between them."""
        self._who()
        kinds = self.rng.sample(list(SMALL_MODEL.kinds.values()), self.rng.randint(2, len(SMALL_MODEL.kinds)))
        labels = {kind.label for kind in kinds}
        between = [(kind.label, r.name) for kind in kinds for r in kind.relations if labels.intersection(r.heads)]
        nodes = [(k.label, tuple(p.name for p in k.properties if self.rng.random() < 0.6)) for k in kinds]
        only = None
        if self.rng.random() < 0.25:
            only = tuple(self._some_urns(0.6))
        return Scan(tuple(nodes), tuple(between), self.reader, only=only)

    def near(self) -> Near:
        """What is beside some nodes, by some relationships, either way."""
        relations = [(kind.label, r.name) for kind in SMALL_MODEL.kinds.values() for r in kind.relations]
        out, into = (tuple(r for r in relations if self.rng.random() < 0.5) for _ in range(2))
        limit = self.rng.choice([3, 10_000, 10_000])
        return Near(tuple(self._some_urns(0.4)), out, into, limit)

    def _some_urns(self, share: float) -> list[str]:
        """Some of the URNs of the world, and one that nothing has."""
        urns = sorted({s.entity.urn for batch in self.world.batches for s in batch.nodes})
        return [*(urn for urn in urns if self.rng.random() < share), small_urn(TDataset, "nobody")]

    def _who(self) -> None:
        readers = [PUBLIC_READER, STAFF_READER, VEILED_READER]
        self.reader = self._only or self.rng.choices(readers, [3, 3, 4])[0]

    def _day(self) -> date:
        return self.rng.choice([*DAYS, DAYS[3], DAYS[3], DAYS[4]])

    def _kind(self) -> Kind:
        there = [label for label, count in self._labels.items() if count]
        weights = [self._labels[label] + (5 if label == "TDataset" else 0) for label in there]
        return SMALL_MODEL.kind(self.rng.choices(there, weights)[0])

    def _open(self, kind: Kind) -> list[Property]:
        """The properties that the reader may ask about."""
        return [p for p in kind.properties if self.reader.staff_properties or not p.staff]

    def _plain_steps(self, kind: Kind) -> list[str]:
        """Steps whose name leads to one kind only."""
        names = [step.name for step in SMALL_MODEL.steps(kind.label)]
        return [name for name in names if names.count(name) == 1]

    def _path(self, kind: Kind, *, facet: bool) -> str:
        """Some steps, and at their end a property or nothing; now and then with the mark that asks whether it is there."""
        rng = self.rng
        names: list[str] = []
        for _ in range(rng.choice([1, 1, 2, 3])):
            steps = self._plain_steps(kind)
            if not steps:
                break
            names.append(rng.choice(steps))
            kind = SMALL_MODEL.step(kind.label, names[-1]).target
        ends = [p.name for p in self._open(kind) if p.facet or not facet]
        if ends and (not names or rng.random() < 0.7):
            names.append(rng.choice(ends))
        return ".".join(names) + ("?" if rng.random() < 0.25 else "")

    def _select(self, kind: Kind, depth: int) -> Select:
        rng = self.rng
        names = [p.name for p in kind.properties] + list(_SYSTEM_PROPS)
        widths = [0, 1, 1, 2, 3] if depth == 0 else [0, 0, 1, 1, 2]
        wanted = min(rng.choice(widths) if depth < self._nesting else 0, self._below)
        self._below -= wanted
        order = self._order(kind)
        if depth == 0 and rng.random() < 0.15:
            order = Order("revision", order.descending)
        return Select(
            kind.label,
            props=tuple(rng.sample(names, rng.randrange(min(6, len(names))))),
            where=self._maybe(0.55 if depth == 0 else 0.25, kind),
            order=order,
            first=rng.choice([0, 1, 2, 3, 4, 5, 5]) if rng.random() < 0.9 else 50,
            skip=rng.choice([1, 2, 7]) if rng.random() < 0.1 else 0,
            total=rng.random() < 0.4,
            cursor=depth == 0 or rng.random() < 0.85,
            ever=rng.random() < 0.25,
            retracted=order.by == "revision" and rng.random() < 0.5,
            related=tuple(self._related(kind, number, depth) for number in range(wanted)),
        )

    def _related(self, kind: Kind, number: int, depth: int) -> Related:
        step = self._step(kind)
        names = [*EDGE_FACTS, *(p.name for p in step.relation.props)]
        return Related(
            f"{step.name}_{number}",
            step.name,
            self._select(step.target, depth + 1),
            edge=tuple(self.rng.sample(names, self.rng.choice([0, 0, 1, 3]))),
        )

    def _step(self, kind: Kind) -> Step:
        return self.rng.choice(list(SMALL_MODEL.steps(kind.label)))

    def _order(self, kind: Kind) -> Order:
        by = ["urn", *(p.name for p in self._open(kind) if p.order)]
        return Order(self.rng.choice(by), self.rng.random() < 0.5)

    def _maybe(self, chance: float, kind: Kind) -> Predicate | None:
        return self._predicate(kind, 0) if self.rng.random() < chance else None

    def _predicate(self, kind: Kind, depth: int) -> Predicate:
        rng = self.rng
        deeper = depth < MAX_NESTING
        choice = rng.random()
        if deeper and choice < 0.12:
            return All(tuple(self._predicate(kind, depth + 1) for _ in range(rng.randrange(3))))
        if deeper and choice < 0.34:
            return Any_(tuple(self._predicate(kind, depth + 1) for _ in range(rng.choice([0, 1, 2, 2, 3]))))
        if deeper and choice < 0.50:
            return Not(self._predicate(kind, depth + 1))
        if deeper and choice < 0.68 and self._filters:
            self._filters -= 1
            step = self._step(kind)
            alone = step.name in self._plain_steps(kind)
            target = None if alone and rng.random() < 0.5 else step.target.label
            where = self._predicate(step.target, depth + 2) if rng.random() < 0.5 else None
            return Has(step.name, where, target, veiled=where is None and rng.random() < 0.5)
        if choice < 0.76:
            return IsNull(rng.choice(self._open(kind)).name)
        return self._compare(kind)

    def _compare(self, kind: Kind) -> Compare:
        rng = self.rng
        if rng.random() < 0.1:
            urns = [n.urn for n in self.world.reference.graph.nodes.values() if n.label == kind.label] or [""]
            op = rng.choice([Op.EQ, Op.NE, Op.NE, Op.IN, Op.WITHIN])
            chosen = tuple(rng.choice(urns) for _ in range(5))
            if op is Op.WITHIN:
                return Compare("urn", op, chosen[0][: chosen[0].rfind(":") + 1])
            return Compare("urn", op, chosen if op is Op.IN else chosen[0])
        declared = rng.choice(self._open(kind))
        ops = [Op.CONTAINS] if declared.shape is Shape.TEXTS else [Op.EQ, Op.NE, Op.NE, Op.IN, Op.IN]
        if declared.shape in _COMPARABLE:
            ops += [Op.LT, Op.LE, Op.GT, Op.GE] * 2
        if declared.shape is Shape.TEXT and declared.order:
            ops += [Op.STARTS_WITH] * 3
        op = rng.choice(ops)
        if op is Op.STARTS_WITH:
            return Compare(declared.name, op, rng.choice(PREFIXES))
        if op is Op.IN:
            return Compare(
                declared.name, op, tuple(self._value(kind, declared) for _ in range(rng.choice([0, 1, 3, 8])))
            )
        return Compare(declared.name, op, self._value(kind, declared))

    def _value(self, kind: Kind, declared: Property) -> Scalar:
        """A value of the world mostly, so that something is equal to it."""
        known = self._values.get((kind.label, declared.name))
        if known and self.rng.random() < 0.8:
            return self.rng.choice(known)
        value: Any = None
        while value in (None, ()):
            value = random_value(self.rng, declared)
        return cast("tuple[str, ...]", value)[0] if isinstance(value, tuple) else value


def _values(world: World) -> dict[tuple[str, str], list[Any]]:
    """What the world's nodes say now, by label and property, as a question would name it."""
    found: dict[tuple[str, str], list[Any]] = {}
    for node in world.reference.graph.nodes.values():
        for declared in SMALL_MODEL.kind(node.label).properties:
            stored = node.row[declared.name]
            if stored is None:
                continue
            values = found.setdefault((node.label, declared.name), [])
            match declared.shape:
                case Shape.TEXTS:
                    values += stored
                case Shape.DATE:
                    values.append(date.fromisoformat(stored))
                case Shape.DATETIME:
                    values.append(datetime.fromisoformat(stored))
                case _:
                    values.append(stored)
    return found
