"""What a process kept in the store is recalled by the next: it reads little, and answers what it would if it had read everything."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, date, timedelta, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from catalog.access import PUBLIC_READER, STAFF_READER
from catalog.model import MODEL
from catalog.stores.layout import Tables
from catalog.stores.port import Image, Store
from graphql_schema import Audits
from lineage.audit import follow, recall
from lineage.audit.day import DayAudit
from lineage.audit.gather import Gathered, gather
from tests.contract.backends import BACKENDS, Place
from tests.support.audited_changes import Changing
from tests.support.patience import PATIENCE
from tests.support.watched import Watched

pytestmark = pytest.mark.long_on_neo4j
"""There every statement is planned anew on a graph that was cleared; ``tests/audit/test_stored_worlds`` recalls on both."""
ZONE = ZoneInfo("America/New_York")
DAY = date(2022, 6, 1)
_STORES = [pytest.param(b.name, marks=[pytest.mark.neo4j] if b.needs_neo4j else []) for b in BACKENDS.values()]


class Graph:
    """A random graph in a store, which every process opens anew."""

    def __init__(self, open_: Callable[[], Store], seed: int) -> None:
        self._open = open_
        self._changing = Changing(f"recalled {seed}")
        self.store = open_()

    async def begin(self) -> None:
        await self.store.migrate()
        await self.store.write(self._changing.first())
        await self.write(20)

    async def write(self, times: int) -> None:
        for _ in range(times):
            await self.store.write(self._changing.next())

    def process(self, zone: tzinfo = ZONE) -> tuple[Audits, Watched]:
        watched: Any = Watched(self._open())
        return Audits(watched, zone), watched

    async def scans(self, day: date) -> list[int | None]:
        """What a new process scans to audit a day, which it does rightly."""
        audits, watched = self.process()
        await self.check(audits, day)
        return watched.scans

    async def check(self, audits: Audits, day: date) -> DayAudit:
        """The audit of a day answers what one that takes nothing does, of the graph as it is."""
        found = await audits.ask(STAFF_READER, day, lambda audit: (audit, audit.verdicts))
        audit, verdicts = found.value
        now = await gather(self.store, STAFF_READER, ZONE)
        assert found.revision == now.revision
        assert audit.facts == now.facts
        alone = DayAudit(now.facts, day)
        assert verdicts == alone.verdicts
        assert audit.leaks == alone.leaks
        assert audit.unpermitted == alone.unpermitted
        return audit


On = Callable[[Callable[[Graph], Awaitable[None]]], None]


@pytest.fixture(params=_STORES)
def on(request: pytest.FixtureRequest, tmp_path: Path) -> On:
    """Does work on a graph of its own, in a store of a backend."""
    backend = BACKENDS[request.param]
    place = Place(tmp_path / "graph.db")
    if backend.needs_neo4j:
        neo4j = request.getfixturevalue("neo4j_graph")
        neo4j.clear()
        place = neo4j.place

    def run(work: Callable[[Graph], Awaitable[None]]) -> None:
        async def worked() -> None:
            opened: list[Store] = []

            def open_() -> Store:
                opened.append(backend.open(place, Tables(MODEL)))
                return opened[-1]

            graph = Graph(open_, 1)
            try:
                await graph.begin()
                await work(graph)
            finally:
                for each in opened:
                    await each.close()

        asyncio.run(worked())

    return run


async def _kept(graph: Graph, day: date = DAY) -> None:
    """One process reads everything, and keeps it."""
    audits, watched = graph.process()
    await graph.check(audits, day)
    assert watched.scans == [None]
    assert await audits.keep(day)
    assert not await audits.keep(day), "it has just been kept"


def test_the_next_process_reads_nothing_where_nothing_was_written(on: On) -> None:
    async def work(graph: Graph) -> None:
        await _kept(graph)
        audits, watched = graph.process()
        audit = await graph.check(audits, DAY)
        assert watched.scans == []
        since = audit.audit.ground.since
        assert since is not None
        assert since.nothing
        assert not await audits.keep(DAY)

    on(work)


def test_what_was_written_since_is_read_and_the_rest_still_holds(on: On) -> None:
    async def work(graph: Graph) -> None:
        await _kept(graph)
        await graph.write(5)
        for day in (DAY, DAY + timedelta(days=1), DAY - timedelta(days=200), DAY + timedelta(days=4000)):
            audits, watched = graph.process()
            audit = await graph.check(audits, day)
            assert None not in watched.scans
            if abs(day - DAY) < timedelta(days=2):
                assert audit.audit.ground.since is not None, "nothing was taken"
        await graph.write(2)
        await graph.check(audits, DAY)

    on(work)


def test_the_day_after_is_kept_as_well(on: On) -> None:
    async def work(graph: Graph) -> None:
        await _kept(graph)
        left = await recall.recalled(graph.store, ZONE)
        assert left is not None
        tomorrow = DAY + timedelta(days=1)
        assert [each.day for each in left.days] == [DAY, tomorrow]
        for each in left.days:
            assert each.verdicts == DayAudit(left.gathered.facts, each.day).verdicts
        assert left.near(tomorrow + timedelta(days=3)).day == tomorrow

    on(work)


def test_it_is_kept_anew_when_it_has_grown_old(on: On, monkeypatch: pytest.MonkeyPatch) -> None:
    async def work(graph: Graph) -> None:
        await _kept(graph)
        audits, _ = graph.process()
        later = DAY + timedelta(days=7)
        await graph.check(audits, DAY)
        await graph.check(audits, later)
        assert not await audits.keep(DAY)
        assert await audits.keep(later)
        monkeypatch.setattr(recall, "_OLD_REVISIONS", 3)
        await graph.write(4)
        await graph.check(audits, later)
        assert await audits.keep(later)
        assert await graph.scans(later) == []

    on(work)


def test_what_cannot_be_followed_is_read_anew_and_kept(on: On, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "MOST_CHANGES", 1)

    async def work(graph: Graph) -> None:
        await _kept(graph)
        await graph.write(5)
        audits, watched = graph.process()
        audit = await graph.check(audits, DAY)
        assert watched.scans == [None]
        assert audit.audit.ground.since is None
        assert await audits.keep(DAY)
        assert await graph.scans(DAY) == []

    on(work)


def test_what_another_made_or_what_is_broken_is_not_recalled(on: On) -> None:
    async def work(graph: Graph) -> None:
        await _kept(graph)
        image = await graph.store.image("audit")
        assert image is not None
        broken = bytes([image.content[0] ^ 1]) + image.content[1:]
        for other in (image._replace(maker="another"), image._replace(content=broken), image._replace(content=b"")):
            await graph.store.keep_image("audit", other)
            assert await graph.scans(DAY) == [None]
        await graph.store.keep_image("audit", image)
        audits, watched = graph.process(UTC)
        await audits.ask(STAFF_READER, DAY, lambda audit: audit.verdicts)
        assert watched.scans == [None], "days of another zone are other days"

    on(work)


def test_who_sees_less_recalls_nothing(on: On) -> None:
    async def work(graph: Graph) -> None:
        await _kept(graph)
        audits, watched = graph.process()
        await audits.ask(PUBLIC_READER, DAY, lambda audit: audit.verdicts)
        assert watched.scans == [None]
        assert not await audits.keep(DAY), "nobody has asked for all that there is"

    on(work)


def test_a_graph_that_went_back_is_read_anew(on: On) -> None:
    """A copy of the file from before was put in its place, and the image of later came with something else."""

    async def work(graph: Graph) -> None:
        await _kept(graph)
        image = await graph.store.image("audit")
        assert image is not None
        audits, _ = graph.process()
        found = (await audits.ask(STAFF_READER, DAY, lambda audit: audit)).value
        left = found.left()
        assert left is not None
        await recall.keep(graph.store, Gathered(image.revision + 1, found.facts, {}), left, ZONE)
        assert await graph.scans(DAY) == [None]

    on(work)


def test_nothing_is_kept_of_a_day_that_was_not_audited(on: On) -> None:
    async def work(graph: Graph) -> None:
        audits, _ = graph.process()
        assert not await audits.keep(DAY)
        await audits.ask(STAFF_READER, DAY, lambda audit: audit.day)
        assert not await audits.keep(DAY), "it was not worked out"
        assert not await audits.keep(DAY + timedelta(days=1))

    on(work)


def test_what_is_left_of_others_is_not_kept_as_found_of_these(on: On) -> None:
    """Asked of a revision, and not worked out, an audit has nothing but what was found of the revision before."""

    async def work(graph: Graph) -> None:
        audits, _ = graph.process()
        await graph.check(audits, DAY)
        await graph.write(5)
        for day in (DAY, DAY + timedelta(days=1)):
            await audits.ask(STAFF_READER, day, lambda audit: audit.day)
            assert not await audits.keep(day)
        await graph.check(audits, DAY)
        assert await audits.keep(DAY)
        await graph.check(graph.process()[0], DAY)

    on(work)


def test_questions_are_answered_while_the_store_keeps(on: On) -> None:
    """Another process may hold the lock of writes, for as long as a write waits."""

    async def work(graph: Graph) -> None:
        audits, watched = graph.process()
        begun, free = asyncio.Event(), asyncio.Event()

        async def keep_image(name: str, image: Image) -> None:
            begun.set()
            await free.wait()
            await watched.store.keep_image(name, image)

        vars(watched)["keep_image"] = keep_image
        await graph.check(audits, DAY)
        keeping = asyncio.create_task(audits.keep(DAY))
        await asyncio.wait_for(begun.wait(), PATIENCE)
        await graph.write(1)
        await asyncio.wait_for(graph.check(audits, DAY), PATIENCE)
        free.set()
        assert await keeping
        await graph.check(graph.process()[0], DAY)

    on(work)
