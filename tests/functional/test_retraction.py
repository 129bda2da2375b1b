"""A source is taken back, and only its word goes (ADR 13)."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Iterable
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec
import pytest

from catalog.access import STAFF_READER
from catalog.model import MODEL
from catalog.model.own import Source
from catalog.selection import Row, Select, Selection
from catalog.stores.layout import Tables
from catalog.stores.port import Store
from catalog.verify import read_feed, verify
from lineage.openlineage.event import read_event
from loaders import retraction
from loaders.dcat_us.loader import DcatUsLoader
from loaders.openlineage.intake import Intake
from loaders.openlineage.loader import events_source
from loaders.pipeline import load
from loaders.report import LoadReport
from loaders.retraction import retract_source
from loaders.retraction_report import RetractionReport
from tests.functional.test_openlineage import fresh, graph_of
from tests.support.compare import difference
from tests.support.openlineage import event, random_events

Values = dict[str, Any]
ONE, OTHER = events_source("one"), events_source("other", 40)


async def _take(store: Store, source: Source, events: Iterable[Values]) -> None:
    read = [read_event(each) for each in events]
    for start in range(0, len(read), 7):
        await Intake(store, source, "tester").take(read[start : start + 7])


async def _check(store: Store) -> None:
    found = verify(await read_feed(store), Tables(MODEL), revision=await store.revision())
    # Events may name two systems for one day.
    assert [finding for finding in found if finding.code != "TOO_MANY_ENDS"] == []


def _accounts(report: RetractionReport) -> None:
    for what, number in report.said.items():
        assert number == report.retracted[what] + report.left[what] + report.kept[what], what


async def _without_one(expected: Store, store: Store, seed: int) -> None:
    """Two sources tell of the same jobs and datasets; what is left of both is what the other alone makes."""
    first, second = random_events(seed, 24), random_events(seed + 1000, 24)
    rng = random.Random(seed)
    told = [(ONE, each) for each in first] + [(OTHER, each) for each in second]
    rng.shuffle(told)
    for source, group in groupby(told, lambda each: each[0]):
        await _take(store, source, [each for _, each in group])
    both = await graph_of(store)
    await _take(expected, OTHER, second)
    foreseen = await retract_source(store, ONE, is_dry=True)
    assert difference(both, await graph_of(store)) is None, "looking changes nothing"
    report = await retract_source(store, ONE)
    _accounts(report)
    counted = ("said", "retracted", "left", "kept", "records")
    assert [getattr(report, name) for name in counted] == [getattr(foreseen, name) for name in counted]
    await _check(store)
    left = await graph_of(store)
    # The description of the source itself stays.
    source = {name: row for name, row in left.items() if f"{ONE.urn}" in name.split(" ")[:2]}
    assert len(source) == 1
    found = difference(await graph_of(expected), {name: row for name, row in left.items() if name not in source})
    assert found is None, f"seed {seed}: {found}"
    revision = await store.revision()
    again = await retract_source(store, ONE)
    assert not again.changed
    assert await store.revision() == revision
    await _take(store, ONE, first)
    found = difference(both, await graph_of(store))
    assert found is None, f"seed {seed}, loaded again: {found}"
    await _check(store)


@pytest.mark.long_on_neo4j
@pytest.mark.parametrize("seed", range(2))
def test_what_is_left_is_what_the_others_say(tmp_path: Path, runner: asyncio.Runner, store: Store, seed: int) -> None:
    expected = runner.run(fresh(tmp_path / "expected.db"))
    runner.run(_without_one(expected, store, seed))
    runner.run(expected.close())


@pytest.mark.long
def test_of_many_stories_what_is_left_is_what_the_others_say(tmp_path: Path, runner: asyncio.Runner) -> None:
    for seed in range(10, 30):
        stores = [runner.run(fresh(tmp_path / f"{name}-{seed}.db")) for name in ("expected", "store")]
        runner.run(_without_one(stores[0], stores[1], seed))
        for each in stores:
            runner.run(each.close())


def test_a_flow_that_one_source_takes_back_stays_where_another_tells_of_it(
    runner: asyncio.Runner, store: Store
) -> None:
    begun = event("START", "01 08:00", run="r", inputs="a", outputs="b")
    done = event("COMPLETE", "02", run="s", inputs="a", outputs="b")

    async def flows() -> list[Row]:
        select = Select("Flow", ("source", "first_seen"), ever=True)
        return (await store.select(Selection(select, STAFF_READER, date.max))).rows

    async def story() -> None:
        await _take(store, ONE, [begun])
        await _take(store, OTHER, [done])
        await _take(store, ONE, [event("FAIL", "01 09:00", run="r")])
        (flow,) = await flows()
        assert (flow["source"], flow["first_seen"]) == (OTHER.urn, "2026-11-02")
        await retract_source(store, OTHER)
        assert await flows() == []

    runner.run(story())


class _Killed(Exception):
    """What ends the work in the middle."""


@pytest.mark.long_on_neo4j
def test_whoever_is_stopped_begins_again(
    tmp_path: Path, runner: asyncio.Runner, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retraction, "_NODES", 3)
    events = random_events(7, 10)

    async def story() -> None:
        await _take(store, ONE, events)
        foreseen = await retract_source(store, ONE, is_dry=True)
        seen: list[int] = []

        def stop(steps: int) -> None:
            seen.append(steps)
            if len(seen) == 4:
                raise _Killed

        with pytest.raises(_Killed):
            await retract_source(store, ONE, on_progress=stop)
        assert seen == sorted(seen)
        half = await retract_source(store, ONE, is_dry=True)
        assert 0 < half.said.total() < foreseen.said.total()
        await retract_source(store, ONE)
        await _check(store)
        left = await retract_source(store, ONE, is_dry=True)
        assert (left.said, left.records) == (Counter(), 0)

    runner.run(story())


@pytest.mark.long_on_neo4j
def test_an_event_that_comes_meanwhile_is_taken_back_as_well(
    runner: asyncio.Runner, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retraction, "_NODES", 2)
    events = random_events(8, 8)

    async def story() -> None:
        await _take(store, ONE, events[:4])
        sent = asyncio.create_task(_take(store, ONE, events))
        report = await retract_source(store, ONE)
        await sent
        if report.is_settled:
            last = await retract_source(store, ONE)
            assert last.is_settled
        await _check(store)
        graph = await graph_of(store)
        assert not any("LineageRecord" in str(row) for row in graph)
        assert (await retract_source(store, ONE, is_dry=True)).said.total() == 0

    runner.run(story())


@pytest.mark.long_on_neo4j
def test_a_file_of_an_earlier_day_is_loaded_once_the_later_one_was_taken_back(
    tmp_path: Path, runner: asyncio.Runner, store: Store
) -> None:
    path = tmp_path / "data.json"
    listed = [{"identifier": str(n), "title": f"Dataset {n}"} for n in range(3)]
    path.write_bytes(msgspec.json.encode({"dataset": listed}))

    async def run(day: date) -> LoadReport:
        return await load(DcatUsLoader.open(str(path), catalog="test", as_of=day), store)

    async def story() -> None:
        later = await run(date(2022, 3, 2))
        assert (await run(date(2022, 3, 1))).superseded_by == "2022-03-02"
        report = await retract_source(store, later.source)
        _accounts(report)
        assert report.retracted["Dataset"] == 3
        again = await run(date(2022, 3, 1))
        assert (again.superseded_by, again.written) == (None, 3)

    runner.run(story())
