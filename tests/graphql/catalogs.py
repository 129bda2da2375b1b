"""Random catalogs of datasets, as plain records: said to a store, and read again one by one to count by hand.

Nothing here looks into a store: what is found and counted follows from the records alone.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from catalog.access import PUBLIC_READER, STAFF_READER, Audience, Reader
from catalog.batch import Batch, EdgeStatement, NodeStatement
from catalog.model import MODEL
from catalog.model.data import Dataset, Disaggregation, Distribution
from catalog.model.declare import Entity, Relation
from catalog.model.determinations import ClassificationDetermination, HighValueDetermination
from catalog.model.enums import Classification, EquityDimension, HighValueCriterion, UpdateFrequency
from catalog.model.people import Agency
from catalog.text import sort_key, tokens
from catalog.urn import Urn, key
from tests.graphql.graph import VEILED_READER
from tests.support.reference_words import tier

__all__ = ["DAYS", "FACETS", "Catalog", "Counted", "Question", "make_catalog"]

DAYS = [date(2021, 1, 1), date(2022, 3, 19), date(2022, 3, 20), date(2022, 3, 21), date(2023, 1, 1)]
_WORDS = [
    "School",
    "schools",
    "town",
    "Étude",
    "health",
    "pupils",
    "by",
    "of",
    "data",
    "DATA",
    "base",
    "database",
    "\u4e2d",
]
_THEMES = ["education", "Health", "health", "transport", "\U0001f600"]
_FORMATS = ["CSV", "csv", "JSON", "XLSX", ""]

FACETS = {
    "agency": "agencies",
    "classification": "classes",
    "highValueCriterion": "criteria",
    "theme": "themes",
    "format": "formats",
    "updateFrequency": "frequencies",
    "dimension": "dimensions",
}
"""The facet's field of the schema, and the attribute of a record with what it counts."""

Span = tuple[date | None, date | None]
"""The first day, and the first day after."""
_EVER: Span = (None, None)
_DATASET = MODEL.kind("Dataset")


@dataclass(frozen=True)
class Told:
    """Something said of a dataset: its values, who may see it, and when it and the edge to it hold."""

    values: tuple[str, ...]
    audience: Audience
    holds: Span
    linked: Span

    def counts(self, reader: Reader, day: date) -> bool:
        return self.audience in reader.full and _holds(self.holds, day) and _holds(self.linked, day)


@dataclass
class Record:
    """One dataset, and what is told of it."""

    dataset: Dataset
    audience: Audience
    holds: Span
    agencies: list[Told] = field(default_factory=list[Told])
    classes: list[Told] = field(default_factory=list[Told])
    criteria: list[Told] = field(default_factory=list[Told])
    formats: list[Told] = field(default_factory=list[Told])
    dimensions: list[Told] = field(default_factory=list[Told])

    @property
    def themes(self) -> list[Told]:
        return [Told(self.dataset.themes, Audience.PUBLIC, _EVER, _EVER)]

    @property
    def frequencies(self) -> list[Told]:
        found = self.dataset.update_frequency
        return [Told((found,) if found else (), Audience.PUBLIC, _EVER, _EVER)]


Passes = Callable[[Record, Reader, date], bool]


@dataclass(frozen=True)
class Question:
    """A search: the words, the filter as the schema takes it and as a test of a record, who asks, and about which day."""

    text: str
    filter: dict[str, Any] | None
    passes: Passes
    reader: Reader
    day: date


@dataclass
class Counted:
    """What a search must answer: the hits and their tiers in order, of each facet the values, and how many have none."""

    hits: list[tuple[str, int]]
    facets: dict[str, tuple[list[tuple[str, int]], int]]


@dataclass
class Catalog:
    """Records, the names of the agencies that hold them, and a batch that says it all."""

    agencies: dict[str, str]
    records: list[Record]
    batch: Batch

    def count(self, question: Question) -> Counted:
        """Look at every record."""
        words, reader, day = tokens(question.text), question.reader, question.day
        found: list[tuple[int, str, str, Record]] = []
        for record in self.records:
            dataset = record.dataset
            stored = {p.name: getattr(dataset, p.name) for p in _DATASET.properties}
            rank = tier(words, _DATASET, stored)
            seen = record.audience in reader.full and _holds(record.holds, day)
            if seen and rank is not None and question.passes(record, reader, day):
                found.append((rank, sort_key(dataset.title), dataset.urn, record))
        found.sort(key=lambda hit: hit[:3])
        records = [hit[3] for hit in found]
        facets: dict[str, tuple[list[tuple[str, int]], int]] = {}
        for name, attribute in FACETS.items():
            told = [[t for t in getattr(record, attribute) if t.counts(reader, day)] for record in records]
            values = [{str(value) for t in each for value in t.values} for each in told]
            facets[name] = (_ordered(values), sum(not each for each in values))
        valued = [any(t.counts(reader, day) for t in record.criteria) for record in records]
        facets["highValue"] = (_ordered([{str(found).lower()} for found in valued]), 0)
        return Counted([(urn, rank) for rank, _, urn, _ in found], facets)

    def question(self, rng: random.Random) -> Question:
        """One, two or three words mostly, one time in ten none, and half of the times a filter."""
        words = [rng.choice(_WORDS) for _ in range(rng.choice([0, 1, 1, 1, 1, 1, 2, 2, 2, 3]))]
        if words and rng.random() < 0.3:
            words[-1] = words[-1][: rng.choice([2, 3, 4])]
        given, passes = rng.choice([*_FILTERS, _of_agency(rng.choice(list(self.agencies)))])
        if rng.random() < 0.5:
            given, passes = None, _always
        reader = rng.choice([PUBLIC_READER, PUBLIC_READER, STAFF_READER, VEILED_READER])
        return Question(" ".join(words), given, passes, reader, rng.choice(DAYS))


def make_catalog(seed: int, size: int = 80) -> Catalog:
    """A catalog of so many datasets, the same for the same seed."""
    return _Maker(random.Random(f"catalog/{seed}"), size).made


class _Maker:
    """Makes a catalog, record by record."""

    def __init__(self, rng: random.Random, size: int) -> None:
        self.rng = rng
        batch = Batch(key("source", "test", "random"), "test", datetime(2022, 1, 1, tzinfo=UTC), date(2022, 1, 1))
        self.made = Catalog({}, [], batch)
        self.agencies: list[Told] = []
        for number in range(6):
            urn = key("agency", "test", f"a{number}")
            self.made.agencies[urn] = f"Agency {rng.choice('xyz')}{number % 2}"
            told = Told((urn,), Audience.STAFF if number == 0 else Audience.PUBLIC, self._span(0.2), _EVER)
            self._node(Agency(urn=urn, name=self.made.agencies[urn]), told)
            self.agencies.append(told)
        for number in range(size):
            self._record(f"d{number:03}")

    def _record(self, name: str) -> None:
        rng = self.rng
        dataset = Dataset(
            urn=key("dataset", "test", name),
            title=self._text(1, 3),
            description=self._text(2, 8) if rng.random() < 0.7 else None,
            keywords=tuple(self._text(1, 2) for _ in range(rng.randrange(3))),
            themes=tuple(rng.choice(_THEMES) for _ in range(rng.randrange(4))),
            update_frequency=rng.choice([None, *list(UpdateFrequency)[:5]]),
            high_priority=rng.choice([None, True, False]),
        )
        record = Record(dataset, rng.choice([Audience.PUBLIC] * 3 + [Audience.STAFF]), self._span(0.15))
        self.made.records.append(record)
        self._node(dataset, Told((), record.audience, record.holds, _EVER))
        for agency in rng.sample(self.agencies, rng.choice([0, 1, 1, 1, 2])):
            record.agencies.append(Told(agency.values, agency.audience, agency.holds, self._span(0.3)))
            self._edge(Dataset.held_by, dataset.urn, Urn(agency.values[0]), record.agencies[-1])
        for number in range(rng.choice([0, 1, 1, 2])):
            classes = tuple(rng.sample(list(Classification), rng.choice([1, 1, 2])))
            made = ClassificationDetermination(
                urn=key("classification-determination", "test", f"{name}-{number}"), classes=classes
            )
            record.classes.append(self._told(made, classes))
            self._edge(ClassificationDetermination.classifies, made.urn, dataset.urn, record.classes[-1])
        for number in range(rng.choice([0, 0, 1, 2])):
            criteria = tuple(rng.sample(list(HighValueCriterion), rng.choice([0, 1, 2])))
            found = HighValueDetermination(
                urn=key("high-value-determination", "test", f"{name}-{number}"), criteria=criteria
            )
            record.criteria.append(self._told(found, criteria))
            self._edge(HighValueDetermination.finds_high_value, found.urn, dataset.urn, record.criteria[-1])
        for number in range(rng.choice([0, 1, 2, 3])):
            form = rng.choice([None, *_FORMATS])
            offer = Distribution(urn=key("distribution", "test", f"{name}-{number}"), format=form)
            record.formats.append(self._told(offer, () if form is None else (form,)))
            self._edge(Dataset.distributions, dataset.urn, offer.urn, record.formats[-1])
        for number in range(rng.choice([0, 0, 1, 2])):
            dimensions = tuple(rng.sample(list(EquityDimension)[:4], rng.choice([1, 2])))
            split = Disaggregation(urn=key("disaggregation", "test", f"{name}-{number}"), dimensions=dimensions)
            record.dimensions.append(self._told(split, dimensions))
            self._edge(Dataset.disaggregations, dataset.urn, split.urn, record.dimensions[-1])

    def _told(self, entity: Entity, values: Sequence[str]) -> Told:
        audience = self.rng.choice([Audience.PUBLIC] * 4 + [Audience.STAFF])
        told = Told(tuple(values), audience, self._span(0.3), self._span(0.3))
        self._node(entity, told)
        return told

    def _node(self, entity: Entity, told: Told) -> None:
        self.made.batch.nodes.append(NodeStatement(entity, told.audience, told.holds[0], told.holds[1]))

    def _edge(self, relation: Relation, tail: Urn, head: Urn, told: Told) -> None:
        self.made.batch.edges.append(EdgeStatement(relation, tail, head, told.linked[0], told.linked[1]))

    def _text(self, least: int, most: int) -> str:
        return " ".join(self.rng.choice(_WORDS) for _ in range(self.rng.randint(least, most)))

    def _span(self, chance: float) -> Span:
        if self.rng.random() > chance:
            return _EVER
        start, end = sorted(self.rng.sample(DAYS, 2))
        return self.rng.choice([(start, end), (start, None), (None, end)])


def _holds(span: Span, day: date) -> bool:
    start, end = span
    return (start is None or start <= day) and (end is None or day < end)


def _ordered(values: Iterable[set[str]]) -> list[tuple[str, int]]:
    counts = Counter(value for each in values for value in each)
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _always(_record: Record, _reader: Reader, _day: date) -> bool:
    return True


def _of_agency(urn: str) -> tuple[dict[str, Any], Passes]:
    return (
        {"agency": {"urn": {"eq": urn}}},
        lambda record, reader, day: any(t.counts(reader, day) and urn in t.values for t in record.agencies),
    )


_FILTERS: list[tuple[dict[str, Any] | None, Passes]] = [
    ({"themes": {"contains": "health"}}, lambda record, _reader, _day: "health" in record.dataset.themes),
    (
        {"updateFrequency": {"in": ["DAILY", "WEEKLY"]}},
        lambda record, _reader, _day: record.dataset.update_frequency in ("DAILY", "WEEKLY"),
    ),
    (
        {"not": {"title": {"startsWith": "SCHOOL"}}},
        lambda record, _reader, _day: not sort_key(record.dataset.title).startswith("school"),
    ),
    (
        {"or": [{"themes": {"contains": "transport"}}, {"highPriority": {"eq": True}}]},
        lambda record, _reader, _day: "transport" in record.dataset.themes or record.dataset.high_priority is True,
    ),
]
