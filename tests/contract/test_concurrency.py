"""``write``, clauses 3 and 5: many at once, as if one after the other, and no revision seen before a smaller one."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from catalog.batch import Batch, WriteResult
from catalog.selection import Order, Select
from catalog.stores.port import Change, Store
from tests.contract.backends import Blocking
from tests.contract.workshop import Workshop
from tests.support.compare import content_of
from tests.support.patience import PATIENCE
from tests.support.small_model import SMALL_MODEL, TAgency, TDataset, TOfficer, TRun, small_urn
from tests.support.statements import AT, ask, edge, node, said, urns
from tests.support.worlds import make_world

_ROOT = Path(__file__).resolve().parents[2]
_WRITERS = 8


def _writers(workshop: Workshop) -> list[Store]:
    """Stores of their own, as eight processes would have them, on the graph that was opened last."""
    return [workshop.again().store for _ in range(_WRITERS)]


def test_write_6_eight_writers_of_the_same_make_the_graph_of_one(workshop: Workshop) -> None:
    batch = make_world(31, 1, 30).batches[0]
    alone = workshop.fresh()
    alone.write(batch)
    expected = content_of(alone.all_changes(), SMALL_MODEL)
    store = workshop.fresh()
    stores = _writers(workshop)

    async def all_at_once() -> list[WriteResult]:
        return await asyncio.gather(*(each.write(batch) for each in stores))

    results = store.wait(all_at_once())
    assert [result.changed for result in results].count(True) == 1
    assert {result.revision for result in results} == {1}
    assert content_of(store.all_changes(), SMALL_MODEL) == expected
    assert store.revision() == 1


def test_write_6_one_store_takes_writers_at_once_as_well(store: Blocking) -> None:
    batches = [said(node(TAgency, "shared", name=f"{n}"), node(TAgency, n)) for n in range(_WRITERS)]

    async def all_at_once() -> list[WriteResult]:
        return await asyncio.gather(*(store.store.write(batch) for batch in batches))

    results = store.wait(all_at_once())
    assert sorted(result.revision for result in results) == list(range(1, _WRITERS + 1))
    last = max(range(_WRITERS), key=lambda n: results[n].revision)
    named = {row["urn"]: row["name"] for row in store.select(ask(Select("TAgency", ("name",)))).rows}
    assert len(named) == _WRITERS + 1
    assert [name for urn, name in named.items() if urn.endswith("shared")] == [str(last)]


def _contested(writer: int, turn: int) -> Batch:
    """What one writer says in one turn: something of its own, and something that all speak of."""
    return said(
        node(TDataset, f"{writer}-{turn}"),
        node(TDataset, "shared", title=f"{writer} {turn}"),
        node(TOfficer, "shared", name=f"{writer} {turn}"),
        node(TAgency, f"a{turn}"),
        node(TRun, f"{writer}-{turn}"),
        edge(TDataset.upstream, f"{writer}-{turn}", "shared"),
        edge(TDataset.held_by, "shared", f"a{turn}", rank=writer),
        at=AT + timedelta(seconds=turn),
        by=f"writer {writer}",
    )


def test_write_3_a_reader_of_the_feed_misses_nothing_while_eight_write(workshop: Workshop) -> None:
    store = workshop.fresh()
    stores = _writers(workshop)
    turns = 5
    found: list[Change] = []
    polled: list[int] = []

    async def write(writer: int) -> list[int]:
        results = [await stores[writer].write(_contested(writer, turn)) for turn in range(turns)]
        assert all(result.changed for result in results)
        return [result.revision for result in results]

    async def tail(done: asyncio.Event) -> None:
        cursor, idle = "", False
        while not idle:
            idle = done.is_set()  # once more after the last writer
            polled.append(await store.store.revision())
            page = await store.store.changes(cursor, 7)
            while True:
                found.extend(page.changes)
                cursor = page.cursor
                if not page.has_next:
                    break
                page = await store.store.changes(cursor, 7)
            await asyncio.sleep(0)

    async def all_at_once() -> list[list[int]]:
        done = asyncio.Event()
        reader = asyncio.create_task(tail(done))
        revisions = await asyncio.gather(*(write(writer) for writer in range(_WRITERS)))
        done.set()
        await reader
        return revisions

    revisions = store.wait(all_at_once())
    count = _WRITERS * turns
    assert sorted(r for each in revisions for r in each) == list(range(1, count + 1)), "one revision a batch"
    assert all(each == sorted(each) for each in revisions)
    seen = [change.revision for change in found]
    assert seen == sorted(seen), "a smaller revision came after a greater one"
    assert polled == sorted(polled)
    assert polled[-1] == count
    # What was seen last of each thing is what stands: nothing was missed.
    whole = store.all_changes()
    assert _latest(found) == _latest(whole)
    corrections = Counter(change.row["urn"] for change in whole if change.what == "snapshot")
    expected = {small_urn(kind, "shared"): count - 1 for kind in (TDataset, TOfficer)}
    assert corrections == expected, "each correction keeps the words before"


def _latest(changes: list[Change]) -> dict[tuple[str, str | int], Change]:
    latest: dict[tuple[str, str | int], Change] = {}
    for change in changes:
        key = change.row["id"] if change.what == "edge" else change.row["urn"]
        suffix = change.row["retracted_at"] + str(change.revision) if change.what == "snapshot" else ""
        latest[change.what + suffix, key] = change
    return latest


@pytest.mark.parametrize("workshop", ["sqlite"], indirect=True)
def test_write_1_readers_of_sqlite_see_whole_batches(workshop: Workshop) -> None:
    """A batch of two nodes is seen whole or not at all, while others are written.

    A statement on Neo4j reads what is committed when it comes to it, and so may see half of a batch: no clause says
    otherwise. SQLite reads one state, and keeps to that.
    """
    store = workshop.fresh()
    writer = workshop.again().store
    select = ask(Select("TAgency", ("name",), order=Order("name"), first=1000))

    async def write() -> None:
        for turn in range(30):
            await writer.write(said(node(TAgency, "left", name=f"{turn}"), node(TAgency, "right", name=f"{turn}")))

    async def read(done: asyncio.Event) -> list[list[str]]:
        pairs: list[list[str]] = []
        while not done.is_set():
            page = await store.store.select(select)
            pairs.append([row["name"] for row in page.rows])
            await asyncio.sleep(0)
        return pairs

    async def all_at_once() -> list[list[str]]:
        done = asyncio.Event()
        reader = asyncio.create_task(read(done))
        await write()
        done.set()
        return await reader

    pairs = store.wait(all_at_once())
    assert pairs
    assert [pair for pair in pairs if pair and (len(pair) != 2 or pair[0] != pair[1])] == []
    assert urns(store.select(select)) == ["left", "right"]


@pytest.mark.parametrize("workshop", ["sqlite"], indirect=True)
def test_write_1_processes_that_read_sqlite_see_whole_batches(workshop: Workshop) -> None:
    """Two other processes read the file while this one writes it: each of their reads is of one batch."""
    count, turns = 50, 40
    store = workshop.fresh()

    def write(turn: int) -> None:
        store.write(said(*(node(TAgency, n, name=f"{turn:03}") for n in range(count))))

    write(0)
    command = [sys.executable, "-m", "tests.contract.reader", str(workshop.place.file), str(count)]
    readers = [
        subprocess.Popen(command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    try:
        for reader in readers:
            assert reader.stdout
            assert reader.stdout.readline() == "ready\n"
        for turn in range(1, turns):
            write(turn)
            time.sleep(0.01)
        answers = [json.loads(reader.communicate(timeout=PATIENCE)[0]) for reader in readers]
    finally:
        for reader in readers:
            reader.kill()
            reader.communicate()
    whole = [[f"{count} of {count}", f"{turn:03}"] for turn in range(turns)]
    for seen in answers:
        assert [names for names in seen if names not in whole] == []
        assert seen == sorted(seen), "an older batch was seen after a newer one"
        assert (seen[0], seen[-1]) == (whole[0], whole[-1])
        assert len(seen) > turns // 8, "it read before and after, and hardly between"


def test_write_6_a_read_sees_what_was_written_before_it(workshop: Workshop) -> None:
    """Another store may come later; the one that wrote reads its own words at once."""
    store = workshop.fresh()
    for turn in range(20):
        store.write(said(node(TAgency, f"{turn:02}")))
        assert len(store.select(ask(Select("TAgency", first=100))).rows) == turn + 1
        assert store.revision() == turn + 1
