"""A small graph made by hand, and what is needed to ask it.

SDE (under STATE; officer Ana until 2022-07-01, then Ben) holds Enrollment (SERVES G1 twice: declared by the demo
source, derived by another), Directory and the hidden Register; Enrollment and Register FEED Outcomes of DOL.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from catalog.access import PUBLIC_READER, Audience, Reader
from catalog.batch import Batch, EdgeStatement, NodeStatement
from catalog.model import MODEL
from catalog.model.data import Column, Dataset, Distribution
from catalog.model.declare import Entity, Relation
from catalog.model.enums import Branch, GoalHorizon, PersonRole, ServesHow, UpdateFrequency
from catalog.model.people import Agency, Appointment, Person
from catalog.model.plan import Goal, Metric
from catalog.stores.layout import Tables
from catalog.stores.port import Store
from catalog.stores.sqlite.store import SqliteStore
from catalog.urn import Urn, key, part
from graphql_schema import Answer, Context, Request, answer, build_schema
from tests.contract.workshop import Workshop
from tests.support.patience import PATIENCE

TODAY = date(2022, 3, 20)
VEILED_READER = Reader("veiled", (Audience.PUBLIC,), (Audience.STAFF,))
"""Sees what is for staff as placeholders."""

SOURCE = key("source", "test", "demo")
OTHER_SOURCE = key("source", "test", "other")
STATE, SDE, DOL = (key("agency", "test", name) for name in ("state", "sde", "dol"))
ANA, BEN = (key("person", "test", name) for name in ("ana", "ben"))
ANA_OFFICER, BEN_OFFICER = (key("appointment", "test", name) for name in ("ana", "ben"))
ENROLLMENT, DIRECTORY, REGISTER, OUTCOMES = (
    key("dataset", "test", name) for name in ("enrollment", "directory", "register", "outcomes")
)
G1, G2 = (key("goal", "test", name) for name in ("g1", "g2"))
M1 = key("metric", "test", "g1.m1")


def _people(batch: Batch) -> None:
    _node(batch, Agency(urn=STATE, name="State"), Agency(urn=DOL, name="Department of Labor", abbreviation="DOL"))
    _node(batch, Agency(urn=SDE, name="Department of Education", abbreviation="SDE", branch=Branch.EXECUTIVE))
    _node(batch, Person(urn=ANA, name="Ana", email="ana@example.org"), Person(urn=BEN, name="Ben"))
    for urn, person, since, until in (
        (ANA_OFFICER, ANA, date(2020, 1, 1), date(2022, 7, 1)),
        (BEN_OFFICER, BEN, date(2022, 7, 1), None),
    ):
        office = Appointment(urn=urn, role=PersonRole.AGENCY_DATA_OFFICER)
        batch.nodes.append(NodeStatement(office, valid_from=since, valid_to=until))
        _edge(batch, Appointment.held_by, urn, person)
        batch.edges.append(EdgeStatement(Agency.data_officer, SDE, urn, since, until))
    _edge(batch, Agency.part_of, SDE, STATE)
    _edge(batch, Agency.part_of, DOL, STATE)


def _data(batch: Batch) -> None:
    public, staff = Audience.PUBLIC, Audience.STAFF
    for urn, title, holder, audience in (
        (ENROLLMENT, "Enrollment", SDE, public),
        (DIRECTORY, "District directory", SDE, public),
        (REGISTER, "Register", SDE, staff),
        (OUTCOMES, "Outcomes by town", DOL, public),
    ):
        made = Dataset(
            urn=urn,
            title=title,
            keywords=("schools", title.lower()),
            themes=("education",),
            update_frequency=UpdateFrequency.ANNUALLY,
            contact_email="data@example.org",
            modified=date(2022, 1, 1) if urn == ENROLLMENT else None,
        )
        batch.nodes.append(NodeStatement(made, audience))
        _edge(batch, Dataset.held_by, urn, holder)
    for place, name in enumerate(("SASID", "name", "grade")):
        column = part(ENROLLMENT, "column", name)
        batch.nodes.append(NodeStatement(Column(urn=column, name=name, position=place), public))
        _edge(batch, Dataset.columns, ENROLLMENT, column)
    file = part(ENROLLMENT, "distribution", "csv")
    made = Distribution(urn=file, title="Enrollment.csv", size_bytes=5_000_000_000, position=0)
    batch.nodes.append(NodeStatement(made, public))
    _edge(batch, Dataset.distributions, ENROLLMENT, file)
    _edge(batch, Dataset.downstream, ENROLLMENT, OUTCOMES)
    _edge(batch, Dataset.downstream, REGISTER, OUTCOMES)
    # Systems that sync: a cycle.
    _edge(batch, Dataset.downstream, OUTCOMES, ENROLLMENT)


def _plan(batch: Batch) -> None:
    _node(batch, Goal(urn=G1, number=1, title="Open data", horizon=GoalHorizon.WITHIN_TWO_YEARS))
    _node(
        batch, Goal(urn=G2, number=2, title="Equity"), Metric(urn=M1, code="G1.M1", text="Site traffic", unit="visits")
    )
    _edge(batch, Metric.measures, M1, G1)
    _edge(batch, Dataset.serves, ENROLLMENT, G1, {"how": ServesHow.DECLARED, "reason": "It is asked for."})
    _edge(batch, Dataset.serves, OUTCOMES, G2, {"how": ServesHow.DECLARED})


def batches() -> list[Batch]:
    """The graph: what the first source says, and what the second adds."""
    first = Batch(SOURCE, "test", datetime(2022, 1, 1, tzinfo=UTC), date(2022, 1, 1))
    _people(first)
    _data(first)
    _plan(first)
    second = Batch(OTHER_SOURCE, "test", datetime(2022, 1, 2, tzinfo=UTC), date(2022, 1, 2))
    _edge(second, Dataset.serves, ENROLLMENT, G1, {"how": ServesHow.DERIVED_FROM_METRIC, "reason": M1})
    return [first, second]


def many_datasets(datasets: int, columns: int) -> Batch:
    """Datasets of SDE with columns, each serving both goals: what pages are measured on."""
    batch = Batch(SOURCE, "test", datetime(2022, 1, 3, tzinfo=UTC), date(2022, 1, 3))
    for number in range(datasets):
        urn = key("dataset", "test", f"many-{number:05}")
        made = Dataset(
            urn=urn, title=f"Many {number:05}", description="x" * 100, modified=date(2021, 1, 1 + number % 28)
        )
        batch.nodes.append(NodeStatement(made, Audience.PUBLIC))
        _edge(batch, Dataset.held_by, urn, SDE)
        for goal in (G1, G2):
            _edge(batch, Dataset.serves, urn, goal, {"how": ServesHow.DECLARED})
        for place in range(columns):
            column = part(urn, "column", f"c{place:02}")
            entity = Column(urn=column, name=f"c{place:02}", position=place, data_type="text")
            batch.nodes.append(NodeStatement(entity, Audience.PUBLIC))
            _edge(batch, Dataset.columns, urn, column)
    return batch


def lineage() -> Batch:
    """More flows among datasets of SDE, by letters: what is hidden in the middle, a diamond, a loop, and a stranger.

    raw → vault (for staff) → mart → table → report      raw → side
                              mart → chart → report      report → report
    """
    batch = Batch(SOURCE, "test", datetime(2022, 1, 4, tzinfo=UTC), date(2022, 1, 4))
    for name in ("raw", "vault", "mart", "table", "chart", "report", "side"):
        made = Dataset(urn=key("dataset", "test", name), title=name.capitalize())
        batch.nodes.append(NodeStatement(made, Audience.STAFF if name == "vault" else Audience.PUBLIC))
        _edge(batch, Dataset.held_by, made.urn, SDE)
    for chain in ("raw vault mart table report report", "mart chart report", "raw side"):
        for tail, head in pairwise(key("dataset", "test", name) for name in chain.split()):
            # The last flow into the report ends on a day.
            until = date(2022, 6, 1) if "chart" in tail else None
            batch.edges.append(EdgeStatement(Dataset.downstream, tail, head, None, until))
    return batch


def _node(batch: Batch, *entities: Entity) -> None:
    batch.nodes.extend(NodeStatement(entity) for entity in entities)


def _edge(batch: Batch, relation: Relation, tail: Urn, head: Urn, props: Mapping[str, Any] = {}) -> None:
    batch.edges.append(EdgeStatement(relation, tail, head, props=props))


async def open_store(path: Path, said: Iterable[Batch]) -> SqliteStore:
    """A store that holds what was said."""
    store = SqliteStore.open(path, Tables(MODEL))
    await store.migrate()
    for batch in said:
        await store.write(batch)
    return store


@dataclass
class Asker:
    """Asks the graph and waits for the answer."""

    store: Store
    runner: asyncio.Runner
    round_trips: int = 0
    """Of the last question."""

    @property
    def _sent(self) -> int:
        counted: Any = self.store
        return counted.round_trips

    def ask(self, query: str, *, reader: Reader = PUBLIC_READER, name: str | None = None, **variables: Any) -> Answer:
        context = Context(self.store, reader, TODAY, "test-request")
        before = self._sent
        found = self.runner.run(answer(build_schema(), Request(query, variables, name), context, PATIENCE))
        self.round_trips = self._sent - before
        return found

    def data(self, query: str, **options: Any) -> dict[str, Any]:
        """The answer's data, where there is no error."""
        found = self.ask(query, **options)
        assert found.errors == []
        assert found.data is not None
        return found.data

    def error(self, query: str, **options: Any) -> dict[str, Any]:
        """The first error of an answer that has one."""
        found = self.ask(query, **options)
        assert found.errors
        return found.errors[0]


def asker_of(workshop: Workshop, said: Iterable[Batch]) -> Asker:
    """Who asks a graph that holds what was said, and nothing else."""
    store = workshop.fresh(Tables(MODEL))
    for batch in said:
        store.write(batch)
    return Asker(store.store, store.runner)
