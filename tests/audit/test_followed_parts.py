"""Facts follow what changes of the parts of a thing, and of what is two steps away: one case each, by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import count, groupby, islice
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest

from catalog.access import STAFF_READER
from catalog.batch import Batch, EdgeStatement, NodeStatement, RetractEdge
from catalog.model import MODEL
from catalog.model.data import Column, Dataset
from catalog.model.declare import Entity, Relation
from catalog.model.enums import Decision, RunState
from catalog.model.enums_sharing import AgreementKind, AgreementStage
from catalog.model.lineage import Flow, Job, Run
from catalog.model.people import Agency
from catalog.model.requests import Approval, DataRequest
from catalog.model.sharing import Agreement, Amendment, CoverageTerm, StageEvent
from catalog.stores.layout import Tables
from catalog.stores.port import MAX_CHANGES, Near, Nearby, Scan, Scanned, Store
from catalog.stores.sqlite.store import SqliteStore
from catalog.urn import Urn, key
from lineage.audit.facts import Written
from lineage.audit.follow import brought, news
from lineage.audit.gather import Gathered, gather

AGREEMENT, STAGE, AMENDMENT, TERM = (
    key(kind, "followed") for kind in ("agreement", "stage-event", "amendment", "coverage-term")
)
DATASET, COLUMN, FLOW, JOB, RUN = (key(kind, "followed") for kind in ("dataset", "column", "flow", "job", "run"))
REQUESTS = [key("data-request", name) for name in "ab"]
APPROVAL, AGENCY = key("approval", "followed"), key("agency", "followed")
DAYS = [date(2022, month, 1) for month in range(1, 6)]
Edge = tuple[Relation, Urn, Urn]


@dataclass(frozen=True)
class Said:
    """What is written at once."""

    nodes: Sequence[Entity] = ()
    edges: Sequence[Edge] = ()
    retracted: Sequence[Edge] = field(default_factory=tuple[Edge, ...])

    def batch(self, minute: int) -> Batch:
        batch = Batch(key("source", "test"), "test", datetime(2022, 1, 1, 0, minute, tzinfo=UTC), DAYS[0])
        batch.nodes += map(NodeStatement, self.nodes)
        batch.edges += [EdgeStatement(*each) for each in self.edges]
        batch.retracts_edges += [RetractEdge(*each) for each in self.retracted]
        return batch


def _stage(stage: AgreementStage) -> StageEvent:
    return StageEvent(urn=STAGE, stage=stage, occurred_on=DAYS[0])


def _run(urn: Urn = RUN) -> Run:
    return Run(urn=urn, state=RunState.COMPLETED, started_at=datetime(2022, 1, 1, tzinfo=UTC), wrote=True)


_AGREEMENT = Agreement(urn=AGREEMENT, title="A", kind_of_agreement=AgreementKind.MOU)
_DATASET = Dataset(urn=DATASET, title="D")
_JOB = Job(urn=JOB, namespace="n", name="j")
_RUNS = Said([_JOB, _run(), _DATASET], [(Run.executes, RUN, JOB)])
_LATER = key("run", "later")
_CARRIED = Said(
    [_DATASET, Column(urn=COLUMN, name="c"), Flow(urn=FLOW, first_seen=DAYS[0])],
    [
        (Dataset.columns, DATASET, COLUMN),
        (Flow.columns, FLOW, COLUMN),
        (Flow.from_asset, FLOW, DATASET),
        (Flow.to_asset, FLOW, DATASET),
    ],
)

CASES: dict[str, tuple[Said, Said, str]] = {
    "a stage": (
        Said([_AGREEMENT, _stage(AgreementStage.DRAFTED)], [(Agreement.stages, AGREEMENT, STAGE)]),
        Said([_stage(AgreementStage.EXECUTED)]),
        "agreements",
    ),
    "an amendment": (
        Said(
            [_AGREEMENT, Amendment(urn=AMENDMENT, amended_on=DAYS[0]), CoverageTerm(urn=TERM)],
            [(Agreement.amendments, AGREEMENT, AMENDMENT), (Agreement.terms, AGREEMENT, TERM)],
        ),
        Said([Amendment(urn=AMENDMENT, amended_on=DAYS[0], changes=f'{{"addTerms": ["{TERM}"]}}')]),
        "agreements",
    ),
    "a request of two that lead to one approval": (
        Said(
            [
                *(DataRequest(urn=each, title="R") for each in REQUESTS),
                Approval(urn=APPROVAL, decision=Decision.APPROVED),
                Agency(urn=AGENCY, name="A"),
            ],
            [*((DataRequest.approvals, each, APPROVAL) for each in REQUESTS), (Approval.given_by, APPROVAL, AGENCY)],
        ),
        Said([DataRequest(urn=REQUESTS[0], title="R", received_on=DAYS[0])]),
        "records",
    ),
    "a column that is of no dataset any more": (
        _CARRIED,
        Said(retracted=[(Dataset.columns, DATASET, COLUMN)]),
        "flows",
    ),
    "another name of a column": (_CARRIED, Said([Column(urn=COLUMN, name="other")]), "flows"),
    "what a job writes": (_RUNS, Said(edges=[(Job.writes, JOB, DATASET)]), "runs"),
    "a run of a job": (
        Said(_RUNS.nodes, [*_RUNS.edges, (Job.writes, JOB, DATASET)]),
        Said([_run(_LATER)], [(Run.executes, _LATER, JOB)]),
        "runs",
    ),
}


async def _followed(store: Store, kept: Gathered) -> Gathered:
    """The facts, brought up to date: they are those that are read anew."""
    found = await news(store, kept, STAFF_READER)
    assert found is not None
    after = brought(kept, found, UTC)
    assert after == await gather(store, STAFF_READER, UTC)
    return after


async def _opened(file: Path) -> Store:
    store = SqliteStore.open(file, Tables(MODEL))
    await store.migrate()
    return store


@pytest.mark.parametrize("name", CASES)
def test_a_part_that_changes_is_told(name: str, tmp_path: Path) -> None:
    first, then, of = CASES[name]

    async def work() -> None:
        store = await _opened(tmp_path / "graph.db")
        await store.write(first.batch(1))
        kept = await gather(store, STAFF_READER, UTC)
        await store.write(then.batch(2))
        after = await _followed(store, kept)
        assert getattr(after.facts, of) != getattr(kept.facts, of)
        await store.close()

    asyncio.run(work())


class _Busy:
    """A store to which others write whenever something is asked of it, as long as they have something to say."""

    def __init__(self, store: Store, said: Iterator[Said]) -> None:
        self.store = store
        self._said = said
        self._minute = 2

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)

    async def near(self, query: Near) -> Nearby:
        await self._write()
        return await self.store.near(query)

    async def scan(self, query: Scan) -> Scanned:
        await self._write()
        return await self.store.scan(query)

    async def _write(self) -> None:
        for each in islice(self._said, 1):
            self._minute += 1
            await self.store.write(each.batch(self._minute))


def _named(number: int) -> Said:
    """Another name of the column, that the flow and the dataset show."""
    return Said([Column(urn=COLUMN, name=f"c{number}")])


@pytest.mark.parametrize("writes", [1, 2, 3, 6])
def test_what_is_written_meanwhile_is_told_as_well(writes: int, tmp_path: Path) -> None:
    async def work() -> None:
        store = await _opened(tmp_path / "graph.db")
        await store.write(_CARRIED.batch(1))
        kept = await gather(store, STAFF_READER, UTC)
        await store.write(_named(0).batch(2))
        busy: Any = _Busy(store, map(_named, range(1, writes + 1)))
        after = await _followed(busy, kept)
        assert after.facts.flows[0].columns == ((DATASET, f"c{writes}"),)
        assert after.revision == await store.revision()
        await store.close()

    asyncio.run(work())


def test_where_others_write_all_the_time_everything_is_read_anew(tmp_path: Path) -> None:
    async def work() -> None:
        store = await _opened(tmp_path / "graph.db")
        await store.write(_CARRIED.batch(1))
        kept = await gather(store, STAFF_READER, UTC)
        await store.write(_named(0).batch(2))
        busy: Any = _Busy(store, map(_named, count(1)))
        assert await news(busy, kept, STAFF_READER) is None
        await store.close()

    asyncio.run(work())


def test_a_graph_that_went_back_is_read_anew(tmp_path: Path) -> None:
    async def work() -> None:
        store = await _opened(tmp_path / "graph.db")
        await store.write(_CARRIED.batch(1))
        kept = await gather(store, STAFF_READER, UTC)
        assert await news(store, kept._replace(revision=kept.revision + 1), STAFF_READER) is None
        await store.close()

    asyncio.run(work())


def test_a_run_of_a_copy_wrote_what_comes_to_be_known_later(tmp_path: Path) -> None:
    """In a copy a dataset comes after the edge that leads to it, where something else was said of it since."""

    async def work() -> None:
        source, copy = await _opened(tmp_path / "source.db"), await _opened(tmp_path / "copy.db")
        await source.write(Said(_RUNS.nodes, [*_RUNS.edges, (Job.writes, JOB, DATASET)]).batch(1))
        await source.write(Said([Dataset(urn=DATASET, title="other")]).batch(2))
        feed = (await source.changes("", MAX_CHANGES)).changes
        kept, outputs = await gather(copy, STAFF_READER, UTC), list[object]()
        for _, changes in groupby(feed, attrgetter("revision")):
            await copy.replay(list(changes))
            kept = await _followed(copy, kept)
            outputs.append(kept.facts.runs[0].outputs)
        assert outputs == [(), (Written(DATASET),)]
        await source.close()
        await copy.close()

    asyncio.run(work())
