"""What only the SQLite store can get wrong: its file, its plans, its parser, its locks. The rest is the contract suite's."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest

from catalog.access import PUBLIC_READER, Audience
from catalog.batch import Batch, EdgeStatement, NodeStatement
from catalog.errors import InvalidSelection, MigrationError, StoreTimeout, StoreUnavailable
from catalog.model.declare import declared
from catalog.model.schema import Model
from catalog.selection import All, Any_, Compare, Has, Not, Op, Order, Predicate, Related, Select, Selection
from catalog.stores.layout import Tables
from catalog.stores.port import Aggregate, Change, Expand, Scan, SearchQuery
from catalog.stores.resolve import resolve
from catalog.stores.sqlite.compile import compile_select
from catalog.stores.sqlite.schema import STEPS
from catalog.stores.sqlite.store import SqliteStore
from tests.support.patience import PATIENCE
from tests.support.small_model import SMALL, TAgency, TColumn, TDataset, TGoal, small_urn
from tests.support.worlds import make_world

ROOT = Path(__file__).resolve().parents[3]
DAY = date(2022, 3, 20)
T = TypeVar("T")


def run(path: Path | str, work: Callable[[SqliteStore], Awaitable[T]], **settings: Any) -> T:
    """Do work on a store that is migrated before and closed after."""

    async def whole() -> T:
        store = SqliteStore.open(path, settings.pop("tables", SMALL), **settings)
        try:
            await store.migrate()
            return await work(store)
        finally:
            await store.close()

    return asyncio.run(whole())


def batch(*statements: NodeStatement | EdgeStatement) -> Batch:
    return Batch(
        source=small_urn(TAgency, "source"),
        by="test",
        at=datetime(2022, 3, 20, tzinfo=UTC),
        day=DAY,
        nodes=[s for s in statements if isinstance(s, NodeStatement)],
        edges=[s for s in statements if isinstance(s, EdgeStatement)],
    )


def dataset(name: str | int, **props: Any) -> NodeStatement:
    return NodeStatement(TDataset(urn=small_urn(TDataset, name), **props), Audience.PUBLIC)


def agency(name: str) -> NodeStatement:
    return NodeStatement(TAgency(urn=small_urn(TAgency, name), name=name), Audience.PUBLIC)


def select(select: Select) -> Selection:
    return Selection(select, PUBLIC_READER, DAY)


def names(rows: list[dict[str, Any]]) -> list[str]:
    return [row["urn"].rpartition(":")[2] for row in rows]


# --- the file -----------------------------------------------------------------------------------------------------


def test_steps_are_taken_once_and_nothing_is_made_before(tmp_path: Path) -> None:
    async def whole() -> None:
        store = SqliteStore.open(tmp_path / "a b#%.db", SMALL)
        with pytest.raises(StoreUnavailable, match="waypost migrate"):
            await store.revision()
        assert not (tmp_path / "a b#%.db").exists()
        steps = await store.migrate()
        assert steps[: len(STEPS)] == [name for name, _ in STEPS]
        assert await store.migrate() == []
        assert await store.revision() == 0
        await store.check()
        await store.close()
        await store.close()
        with pytest.raises(StoreUnavailable, match="closed"):
            await store.revision()

    asyncio.run(whole())


@pytest.mark.parametrize("table", ["meta", "other"])
def test_what_is_not_ours_is_refused_untouched(tmp_path: Path, table: str) -> None:
    path = tmp_path / "theirs.db"
    with sqlite3.connect(path) as db:
        db.execute(f"CREATE TABLE {table}(key, value)")
    db.close()
    before = path.read_bytes()

    async def whole() -> None:
        store = SqliteStore.open(path, SMALL)
        with pytest.raises(MigrationError, match="not ours"):
            await store.migrate()
        with pytest.raises(MigrationError):
            await store.write(batch(agency("x")))
        with pytest.raises(MigrationError):
            await store.revision()
        await store.close()

    asyncio.run(whole())
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["theirs.db"]


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "text.db"
    path.write_text("no database, but a long enough text to be looked at as one\n" * 40)
    with pytest.raises(MigrationError, match="no SQLite file"):
        run(path, lambda store: store.check())


def test_newer_and_altered_databases_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "graph.db"
    run(path, lambda store: store.check())
    for change, undo in (
        ("INSERT INTO migration VALUES ('0999-later', 'x', 'x')", "DELETE FROM migration WHERE name = '0999-later'"),
        ('CREATE TABLE "Later"(id INTEGER)', 'DROP TABLE "Later"'),
        ('ALTER TABLE "TGoal" ADD COLUMN later TEXT', 'ALTER TABLE "TGoal" DROP COLUMN later'),
        ("UPDATE migration SET checksum = 'x' || checksum", "UPDATE migration SET checksum = substr(checksum, 2)"),
    ):
        db = sqlite3.connect(path, isolation_level=None)
        db.execute(change)
        with pytest.raises(MigrationError):
            run(path, lambda store: store.check())
        db.execute(undo)
        db.close()
        run(path, lambda store: store.check())


def test_what_the_model_declares_beyond_the_database_is_added(tmp_path: Path) -> None:
    path = tmp_path / "graph.db"
    few = Tables(Model({label: declared()[label] for label in ("TAgency", "TGoal")}))
    run(path, lambda store: store.write(batch(agency("z"), agency("a"))), tables=few)
    db = sqlite3.connect(path, isolation_level=None)
    # As an earlier model would have left it: not ordered by name, not searched.
    db.execute('DROP INDEX "ix_TAgency_name_sort"')
    db.execute('ALTER TABLE "TAgency" DROP COLUMN name_sort')
    db.execute('DROP TABLE "fts_TAgency"')
    db.execute("UPDATE meta SET value = 'other' WHERE key = 'derived:TAgency'")
    db.close()

    async def work(store: SqliteStore) -> None:
        assert await store.migrate() == []
        await store.write(batch(dataset(1, title="new")))
        page = await store.select(select(Select("TAgency", order=Order("name"))))
        assert names(page.rows) == ["a", "z"]
        assert (await store.search(SearchQuery("TAgency", "z", PUBLIC_READER, DAY))).total == 1

    run(path, work)
    with pytest.raises(MigrationError, match="newer"):
        run(path, lambda store: store.check(), tables=few)


def test_the_key_of_opaque_ids_stays(tmp_path: Path) -> None:
    path = tmp_path / "graph.db"
    run(path, lambda store: store.check(), opaque_key=b"one")
    run(path, lambda store: store.check())
    with pytest.raises(MigrationError, match="another key"):
        run(path, lambda store: store.check(), opaque_key=b"two")


def test_a_kill_leaves_every_acknowledged_write_and_a_whole_graph(tmp_path: Path) -> None:
    path = tmp_path / "graph.db"
    program = f"""
        import asyncio, sys
        sys.path.insert(0, {str(ROOT)!r})
        from pathlib import Path
        from catalog.stores.sqlite.store import SqliteStore
        from tests.support.small_model import SMALL
        from tests.unit.catalog.test_sqlite_store import batch, dataset

        async def main():
            store = SqliteStore.open(Path({str(path)!r}), SMALL)
            await store.migrate()
            for n in range(100000):
                done = await store.write(batch(*(dataset(f"{{n}}-{{i}}", title="words") for i in range(20))))
                print(done.revision, flush=True)

        asyncio.run(main())
    """
    child = subprocess.Popen([sys.executable, "-c", textwrap.dedent(program)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    said = 0
    with child.stdout:
        for line in child.stdout:
            said = int(line)
            if said >= 5:
                break
        os.kill(child.pid, signal.SIGKILL)
        child.wait()

    async def work(store: SqliteStore) -> None:
        revision = await store.revision()
        found = (await store.search(SearchQuery("TDataset", "words", PUBLIC_READER, DAY))).total
        assert revision >= said
        assert found == 20 * revision
        await store.check()

    run(path, work)


# --- plans --------------------------------------------------------------------------------------------------------


def plan_of(path: Path, selected: Select) -> list[str]:
    resolved = resolve(select(selected), SMALL)
    db = sqlite3.connect(path)
    db.create_function("exact", 1, str, deterministic=True)
    found = db.execute(f"EXPLAIN QUERY PLAN {compile_select(resolved.shape)}", _names(resolved.params)).fetchall()
    db.close()
    return [detail for *_, detail in found]


def _names(params: dict[str, Any]) -> dict[str, Any]:
    return {**dict.fromkeys(params), "last_real": 0}


ORDERED = ["urn", *(p.name for p in SMALL.by_label["TDataset"].sorts if not p.staff)]


@pytest.mark.parametrize("by", ORDERED)
@pytest.mark.parametrize("descending", [False, True])
def test_an_ordered_page_is_read_from_the_index_of_its_order(tmp_path: Path, by: str, descending: bool) -> None:
    path = tmp_path / "graph.db"

    async def work(store: SqliteStore) -> str | None:
        await store.write(batch(dataset(1), dataset(2), dataset(3)))
        page = await store.select(select(Select("TDataset", order=Order(by, descending), first=1)))
        return page.end_cursor

    after = run(path, work)
    where: list[Predicate | None] = [None, Has("held_by"), Not(Compare("size", Op.EQ, 1))]
    for cursor in (None, after):
        for filtered in where:
            order = Order(by, descending)
            plan = plan_of(path, Select("TDataset", order=order, where=filtered, after=cursor))
            index = "sqlite_autoindex_TDataset_1" if by == "urn" else f"ix_TDataset_{by}_sort"
            reads = [step for step in plan if f"USING INDEX {index}" in step]
            assert len(reads) == 1, plan
            assert reads[0].startswith("SEARCH n" if cursor else "SCAN n"), plan
            assert not any("TEMP B-TREE" in step for step in plan), plan


def test_what_is_below_is_read_from_the_index_of_its_edges(tmp_path: Path) -> None:
    path = tmp_path / "graph.db"
    run(path, lambda store: store.check())
    for kind, step, target in (("TDataset", "held_by", "TAgency"), ("TAgency", "holds", "TDataset")):
        below = Related("below", step, Select(target, total=True))
        plan = plan_of(path, Select(kind, related=(below,)))
        end = "tail" if step == "held_by" else "head"
        reads = [s for s in plan if s.startswith("SEARCH e ")]
        assert len(reads) == 2
        assert all(f"USING INDEX ix_e_T_HELD_BY_{end} ({end}=?)" in read or "COVERING" in read for read in reads), plan
        assert sum("SEARCH n USING INTEGER PRIMARY KEY" in step for step in plan) == 2, plan


def test_few_nodes_are_where_a_filter_by_them_begins(tmp_path: Path) -> None:
    path = tmp_path / "graph.db"
    run(path, lambda store: store.check())
    some = Compare("urn", Op.IN, (small_urn(TAgency, "a"),))
    plan = plan_of(path, Select("TDataset", order=Order("title"), where=Has("held_by", some)))
    assert any(step.startswith("SEARCH n USING INTEGER PRIMARY KEY") for step in plan), plan
    assert any("ix_e_T_HELD_BY_head" in step for step in plan), plan


# --- texts --------------------------------------------------------------------------------------------------------


def deep(levels: int, kind: str = "TAgency") -> Predicate:
    """A predicate that is true of an agency with a name, as deep as they come."""
    found: Predicate = Compare("name", Op.STARTS_WITH, "a")
    for level in range(levels):
        match level % 4:
            case 0:
                found = Not(Not(found))
            case 1:
                found = All((Compare("name", Op.NE, ""), found))
            case 2:
                found = Any_((Compare("name", Op.EQ, "no"), found))
            case _:
                found = Has("parts", found) if level % 8 == 3 else Has("part_of", found)
    return found


@pytest.mark.parametrize("levels", [1, 8, 16, 39, 40])
def test_a_predicate_may_be_as_deep_as_the_selection_allows(levels: int) -> None:
    async def work(store: SqliteStore) -> None:
        part_of = EdgeStatement(TAgency.part_of, small_urn(TAgency, "a"), small_urn(TAgency, "a2"))
        await store.write(batch(agency("a"), agency("a2"), agency("b"), part_of))
        for where in (deep(levels), Not(deep(levels)), Not(Not(deep(levels)))):
            await store.select(select(Select("TAgency", where=where)))
        chain: Predicate | None = None
        for _ in range(49):
            chain = Has("parts", Has("part_of", Not(Not(chain)) if chain else None))
        found = await store.select(select(Select("TAgency", where=chain, total=True)))
        assert names(found.rows) == ["a2"]
        facets = await store.aggregate(Aggregate("TAgency", "name", PUBLIC_READER, DAY, where=chain))
        assert facets == [("a2", 1)]
        hits = await store.search(SearchQuery("TAgency", "a2", PUBLIC_READER, DAY, where=chain, facets=("parts",)))
        assert hits.facets == {"parts": [(small_urn(TAgency, "a"), 1)]}

    run(":memory:", work)


def test_a_tree_may_be_as_deep_as_the_selection_allows() -> None:
    where = deep(12)

    async def work(store: SqliteStore) -> None:
        up = EdgeStatement(TAgency.part_of, small_urn(TAgency, "a"), small_urn(TAgency, "a2"))
        await store.write(batch(agency("a"), agency("a2"), up))
        tree = Select("TAgency", props=("name",), where=where)
        for level in range(8):
            step = "parts" if level % 2 else "part_of"
            tree = Select("TAgency", props=("name",), where=where, total=True, related=(Related("r", step, tree),))
        before = store.round_trips
        await store.select(select(tree))
        assert store.round_trips == before + 1

    run(":memory:", work)


def test_a_row_may_be_wide() -> None:
    async def work(store: SqliteStore) -> None:
        await store.write(batch(dataset(1, title="t", keywords=("a", "b"), score=0.1, open=True)))
        for times in (1, 30, 600):
            wide = Select("TDataset", props=("title", "keywords", "score", "open", "size") * times)
            (row,) = (await store.select(select(wide))).rows
            assert (row["title"], row["keywords"], row["score"], row["open"], row["size"]) == (
                "t",
                ["a", "b"],
                0.1,
                True,
                None,
            )

    run(":memory:", work)


def test_numbers_keep_every_digit() -> None:
    reals = [0.1 + 0.2, 1e-310, 1.7976931348623157e308, -0.0, 123456789.123456789]
    wholes = [-(2**63), 2**63 - 1, 2**53 + 1]

    async def work(store: SqliteStore) -> None:
        await store.write(batch(*(dataset(i, score=real) for i, real in enumerate(reals))))
        await store.write(batch(*(dataset(f"n{i}", size=whole) for i, whole in enumerate(wholes))))
        for real in reals:
            for compare in (Compare("score", Op.EQ, real), Compare("score", Op.IN, (real, 2.5))):
                page = await store.select(select(Select("TDataset", props=("score",), where=compare)))
                assert [row["score"] for row in page.rows] == [real]
        for whole in wholes:
            for compare in (Compare("size", Op.EQ, whole), Compare("size", Op.IN, (whole,))):
                page = await store.select(select(Select("TDataset", props=("size",), where=compare)))
                assert [row["size"] for row in page.rows] == [whole]

    run(":memory:", work)


def test_a_cursor_out_of_range_is_none_of_ours() -> None:
    import base64

    def forged(key: Any) -> str:
        import json

        return base64.urlsafe_b64encode(json.dumps(["size", False, key, "urn:x", 0]).encode()).decode().rstrip("=")

    async def work(store: SqliteStore) -> None:
        for key in (2**70, -(2**70)):
            with pytest.raises(InvalidSelection):
                await store.select(select(Select("TDataset", order=Order("size"), after=forged(key))))

    run(":memory:", work)


# --- locks and deadlines ------------------------------------------------------------------------------------------


def test_work_past_its_deadline_is_given_up_and_the_store_goes_on(tmp_path: Path) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"

    async def work(store: SqliteStore) -> None:
        inside = store._sqlite  # pyright: ignore[reportPrivateUsage] - no question of the port is endless
        begun = time.monotonic()
        with pytest.raises(StoreTimeout, match="gave up"):
            await inside.ask(lambda db: db.execute(endless).fetchone())
        with pytest.raises(StoreTimeout):
            await inside.write(lambda db: db.execute(endless).fetchone())
        assert time.monotonic() - begun < 30
        task = asyncio.create_task(inside.ask(lambda db: db.execute(endless).fetchone()))
        await asyncio.sleep(0.05)
        task.cancel()
        assert await store.revision() == 0
        await store.write(batch(agency("a")))
        assert await store.revision() == 1

    run(tmp_path / "graph.db", work, read_timeout_seconds=0.3, write_timeout_seconds=0.6)


@pytest.mark.parametrize("readers", [1, 2, 3])
def test_a_scan_is_of_one_revision_however_many_read_it_and_whatever_is_written_meanwhile(
    tmp_path: Path, readers: int
) -> None:
    query = Scan((("TAgency", ()), ("TDataset", ())), (("TDataset", "held_by"),), PUBLIC_READER)

    async def work(store: SqliteStore) -> None:
        async def write() -> None:
            for number in range(30):
                held = EdgeStatement(TDataset.held_by, small_urn(TDataset, number), small_urn(TAgency, number))
                await store.write(batch(agency(str(number)), dataset(number), held))

        async def scan() -> None:
            while not writing.done():
                found = await store.scan(query)
                counts = {*map(len, found.nodes.values()), *map(len, found.edges.values())}
                assert counts == {found.revision}

        writing = asyncio.create_task(write())
        await asyncio.gather(writing, *(scan() for _ in range(3)))

    run(tmp_path / "graph.db", work, readers=readers)


def test_nothing_waits_for_what_takes_long(tmp_path: Path) -> None:
    async def work(store: SqliteStore) -> None:
        inside = store._sqlite  # pyright: ignore[reportPrivateUsage] - no question of the port waits until it may end
        begun, end = threading.Event(), threading.Event()

        def long(_db: sqlite3.Connection, _beside: object) -> None:
            begun.set()
            assert end.wait(30)

        scanning = asyncio.create_task(inside.read_with_help(long))
        await asyncio.to_thread(begun.wait, 30)
        assert await asyncio.wait_for(store.revision(), PATIENCE) == 0
        assert not scanning.done()
        end.set()
        await scanning

    run(tmp_path / "graph.db", work, readers=1)


def test_a_lock_that_is_not_let_go_is_named(tmp_path: Path) -> None:
    path = tmp_path / "graph.db"

    async def work(store: SqliteStore) -> None:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="locked"):
            await store.write(batch(agency("a")))
        assert await store.revision() == 0
        other.execute("ROLLBACK")
        other.close()
        assert (await store.write(batch(agency("a")))).revision == 1

    run(path, work, write_timeout_seconds=0.3)


def test_stores_that_set_up_and_write_at_once_take_turns(tmp_path: Path) -> None:
    path = tmp_path / "graph.db"

    async def whole() -> None:
        stores = [SqliteStore.open(path, SMALL) for _ in range(6)]
        taken = await asyncio.gather(*(store.migrate() for store in stores))
        assert sorted(map(bool, taken)) == [False] * 5 + [True]
        work = [store.write(batch(dataset(f"{i}-{n}"))) for i, store in enumerate(stores) for n in range(10)]
        revisions = [done.revision for done in await asyncio.gather(*work)]
        assert sorted(revisions) == list(range(1, 61))
        again = await asyncio.gather(*(store.write(batch(dataset("0-0"))) for store in stores))
        assert not any(done.changed for done in again)
        for store in stores:
            await store.close()

    asyncio.run(whole())


def test_a_store_that_is_closed_answers_no_more(tmp_path: Path) -> None:
    async def whole() -> None:
        store = SqliteStore.open(tmp_path / "graph.db", SMALL, readers=1)
        await store.migrate()
        asked = [asyncio.create_task(store.revision()) for _ in range(20)]
        await asyncio.sleep(0)
        await store.close()
        for answer in await asyncio.gather(*asked, return_exceptions=True):
            assert answer == 0 or isinstance(answer, StoreUnavailable | StoreTimeout), answer

    asyncio.run(whole())


# --- taking over --------------------------------------------------------------------------------------------------


def test_an_edge_may_come_before_its_nodes_and_old_news_changes_nothing() -> None:
    async def work(store: SqliteStore) -> None:
        up = EdgeStatement(TDataset.upstream, small_urn(TDataset, 1), small_urn(TDataset, 2))
        await store.write(batch(dataset(1, title="one"), dataset(2, title="two"), up))
        old = (await store.changes("")).changes
        await store.write(batch(dataset(1, title="uno"), dataset(2, title="due")))
        new = (await store.changes("")).changes
        assert [change.what for change in new] == ["edge", "node", "node", "snapshot", "snapshot"]
        replica = SqliteStore.open(":memory:", SMALL)
        await replica.migrate()
        assert await replica.replay(new[:1]) == 1
        assert await replica.replay(new[1:]) == 2
        assert await replica.replay(old) == 2
        assert (await replica.changes("")).changes == new
        for words, total in (("uno", 1), ("one", 0)):
            assert (await replica.search(SearchQuery("TDataset", words, PUBLIC_READER, DAY))).total == total
        frontier = (small_urn(TDataset, 1),)
        assert len((await replica.expand(Expand("TDataset", "upstream", frontier, PUBLIC_READER, DAY))).hops) == 1
        third = EdgeStatement(TDataset.upstream, small_urn(TDataset, 2), small_urn(TDataset, 1))
        await replica.write(batch(third))
        assert {change.row["id"] for change in (await replica.changes("")).changes if change.what == "edge"} == {1, 2}
        await replica.close()

    run(":memory:", work)


def test_kinds_of_one_type_and_columns_go_to_their_own_tables() -> None:
    async def work(store: SqliteStore) -> None:
        goal = NodeStatement(TGoal(urn=small_urn(TGoal, "g"), statement="less"), Audience.PUBLIC)
        column = NodeStatement(TColumn(urn=small_urn(TColumn, "c"), name="c"), Audience.PUBLIC)
        served = [EdgeStatement(TColumn.serves, small_urn(TColumn, "c"), small_urn(TGoal, "g"))]
        served.append(EdgeStatement(TDataset.serves, small_urn(TDataset, 1), small_urn(TGoal, "g")))
        await store.write(batch(dataset(1), goal, column, *served))
        both = (Related("d", "served_by", Select("TDataset")), Related("c", "served_by", Select("TColumn")))
        (row,) = (await store.select(select(Select("TGoal", related=both)))).rows
        assert (names(row["d"].rows), names(row["c"].rows)) == (["1"], ["c"])

    run(":memory:", work)


def test_the_full_text_index_holds_what_the_tables_hold(tmp_path: Path) -> None:
    world = make_world(5, batches=6, size=25)
    origin, replica = tmp_path / "origin.db", tmp_path / "replica.db"

    async def written(store: SqliteStore) -> list[Change]:
        for each in world.batches:
            await store.write(each)
        return (await store.changes("", 10_000)).changes

    changes = run(origin, written)
    for start in range(0, len(changes), 50):
        # Each page twice: what is taken over again is indexed once.
        run(replica, lambda store, page=changes[start : start + 50]: store.replay(page))
        run(replica, lambda store, page=changes[start : start + 50]: store.replay(page))
    for path in (origin, replica):
        db = sqlite3.connect(path, isolation_level=None)
        for layout in SMALL.by_label.values():
            if layout.searchable:
                fts = f"fts_{layout.kind.label}"
                db.execute(f"INSERT INTO {fts}({fts}, rank) VALUES ('integrity-check', 1)")
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        db.close()


def test_a_file_from_before_there_were_claims_keeps_its_words_as_those_of_their_source(tmp_path: Path) -> None:
    path = tmp_path / "graph.db"
    told = batch(dataset("d", title="As it was"))
    run(path, lambda store: store.write(told))
    with sqlite3.connect(path) as db:
        for (table,) in db.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%claims%'"
        ).fetchall():
            db.execute(f"ALTER TABLE {table} DROP COLUMN claims")
    db.close()
    assert not run(path, lambda store: store.write(told)).changed
    other = batch(dataset("d", title="Another word", summary="More"))
    other.source, other.precedence = small_urn(TAgency, "other"), 80
    assert run(path, lambda store: store.write(other)).outranked == {"TDataset": 1}
    asked = select(Select("TDataset", ("title", "summary")))
    (row,) = run(path, lambda store: store.select(asked)).rows
    assert (row["title"], row["summary"]) == ("As it was", "More")
