"""OpenLineage events into a real store: accounted for, in any order, by any number of writers, one and the same graph."""

from __future__ import annotations

import asyncio
import gzip
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import pytest

from catalog.access import STAFF_READER
from catalog.model import MODEL
from catalog.selection import Compare, Op, Order, Related, Select, Selection
from catalog.stores.layout import Tables
from catalog.stores.port import Change, Store
from catalog.stores.sqlite.store import SqliteStore
from catalog.urn import key, openlineage
from lineage.openlineage import bounds
from lineage.openlineage.event import Rule, read_event
from lineage.openlineage.said import said
from lineage.openlineage.state import fold_all, told
from loaders.errors import LoaderError
from loaders.openlineage import kept
from loaders.openlineage import loader as loading
from loaders.openlineage.intake import Intake
from loaders.openlineage.loader import OpenLineageLoader, events_source, load_events
from loaders.quarantine import kept_out
from loaders.record import Problem
from loaders.report import LoadReport
from tests.contract.backends import BACKENDS, Place
from tests.support.compare import difference, standing
from tests.support.openlineage import column_lineage, dataset, dataset_event, event, random_events, run_id

Values = dict[str, Any]
SOURCE = events_source("test")
WRITERS = 4
twenty = pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(1, 20))])


def accounts(report: LoadReport) -> tuple[int, int, int, int]:
    assert report.read == report.written + report.unchanged + len(report.quarantined)
    return report.read, report.written, report.unchanged, len(report.quarantined)


def real_files(folder: Path) -> list[str]:
    """The files of events; beside them lie samples of single facets, which are none."""
    return sorted(str(path) for path in (folder / "openlineage").rglob("*.json") if path.parent.name != "facets")


def written(folder: Path, *events: Values, name: str = "events.ndjson") -> OpenLineageLoader:
    """A loader of these events, one a line."""
    path = folder / name
    path.write_bytes(b"".join(msgspec.json.encode(each) + b"\n" for each in events))
    return OpenLineageLoader.open([str(path)])


async def take(store: Store, events: Iterable[Values], size: int = 7) -> None:
    """Take in events, a few at a time, in turn: by one who knows nothing of before, and by two who remember their own."""
    read = [read_event(each) for each in events]
    one, other = (Intake(store, SOURCE, "tester") for _ in range(2))
    for number, start in enumerate(range(0, len(read), size)):
        intake = (one, Intake(store, SOURCE, "tester"), other, one)[number % 4]
        taken = await intake.take(read[start : start + size])
        assert all(isinstance(outcome, bool) for outcome in taken.outcomes), taken.outcomes


async def take_at_once(store: Store, events: Iterable[Values], size: int = 7) -> None:
    """As ``take``, by one to whom all is given at once: what follows is made ready while what came before is written."""
    read = [read_event(each) for each in events]
    intake = Intake(store, SOURCE, "tester")
    parts = [read[start : start + size] for start in range(0, len(read), size)]
    # Every other part as another process would tell it: together.
    news = [[told(each) for each in part] if n % 2 else [fold_all(part)] for n, part in enumerate(parts)]
    for taken in await asyncio.gather(*map(intake.take_told, news)):
        assert all(isinstance(outcome, bool) for outcome in taken.outcomes), taken.outcomes


async def graph_of(store: Store) -> dict[str, Any]:
    """What stands in the graph, and all that is kept so that later events add to it."""
    changes: list[Change] = []
    cursor, more = "", True
    while more:
        page = await store.changes(cursor, 1000)
        changes += page.changes
        cursor, more = page.cursor, page.has_next
    graph = standing(changes, MODEL)
    select = Select("LineageRecord", ("about", "registers"), first=1000, ever=True)
    rows = (await store.select(Selection(select, STAFF_READER, date.max))).rows
    assert len(rows) < 1000
    return {**graph, **{row["about"]: msgspec.json.decode(row["registers"]) for row in rows}}


async def fresh(path: Path) -> Store:
    made = SqliteStore.open(path, Tables(MODEL))
    await made.migrate()
    return made


async def shuffled_as_sorted(expected: Store, store: Store, seed: int) -> None:
    """Load random events in two ways and compare what came of them."""
    events = random_events(seed, 40)
    await take(expected, events, size=len(events))
    order = random.Random(seed)
    tripled = events * 3
    order.shuffle(tripled)
    await take(store, tripled, size=order.randint(1, 9))
    found = difference(await graph_of(expected), await graph_of(store))
    assert found is None, f"seed {seed}: {found}"


# Whole files


def test_every_real_event_is_taken_in_or_kept_out_by_a_named_rule(
    real_data: Path, runner: asyncio.Runner, store: Store
) -> None:
    files = real_files(real_data)
    assert len(files) == 268
    first = runner.run(load_events(OpenLineageLoader.open(files), store))
    assert accounts(first) == (657, 89, 1, 567)
    assert Counter(q.problem.rule for q in first.quarantined) == {Rule.RUN_ID: 355, Rule.TIME: 212}
    assert first.warnings == {"no-schemaURL": 45}
    assert all(q.raw and q.place.startswith(str(real_data)) and q.problem.remedy for q in first.quarantined)

    second = runner.run(load_events(OpenLineageLoader.open(files), store))
    assert accounts(second) == (657, 0, 90, 567)
    assert not second.changed
    assert runner.run(store.revision()) == first.revision == second.revision


@pytest.mark.long_on_neo4j
def test_what_real_events_say_is_in_the_graph(real_data: Path, runner: asyncio.Runner, store: Store) -> None:
    runner.run(load_events(OpenLineageLoader.open(real_files(real_data)), store))
    target = openlineage("dataset", "file", "/tmp/cll_test/tbl1")
    flows = Related("flows", "column_flows_in", Select("ColumnFlow", ("derivation", "transformation", "masking")))
    columns = Related(
        "columns", "columns", Select("Column", ("name", "data_type"), order=Order("position"), related=(flows,))
    )
    upstream = Related("upstream", "upstream", Select("Dataset", ("title",), order=Order("title")), edge=("job",))
    select = Select("Dataset", ("title",), Compare("urn", Op.EQ, target), related=(columns, upstream))
    (row,) = runner.run(store.select(Selection(select, STAFF_READER, date.max))).rows
    assert [each["title"] for each in row["upstream"].rows] == [
        "/tmp/cll_test/cll_source1",
        "/tmp/cll_test/cll_source2",
    ]
    assert [(c["name"], c["data_type"], len(c["flows"].rows)) for c in row["columns"].rows] == [
        ("ident", "integer", 3),
        ("trans", "string", 3),
        ("agg", "long", 4),
    ]


@pytest.mark.long_on_neo4j
@twenty
def test_real_files_in_any_order_and_thrice_make_one_graph(
    real_data: Path, tmp_path: Path, runner: asyncio.Runner, store: Store, seed: int
) -> None:
    events = [read.event for read in OpenLineageLoader.open(real_files(real_data)).events() if read.event is not None]
    assert len(events) == 90
    expected = runner.run(fresh(tmp_path / "expected.db"))
    runner.run(Intake(expected, SOURCE, "tester").take(events))
    order = random.Random(seed)
    tripled = events * 3
    order.shuffle(tripled)
    for start in range(0, len(tripled), 40):
        runner.run(Intake(store, SOURCE, "tester").take(tripled[start : start + 40]))
    assert difference(runner.run(graph_of(expected)), runner.run(graph_of(store))) is None
    runner.run(expected.close())


# What is remembered


@pytest.mark.long_on_neo4j
def test_what_was_taken_in_and_taken_back_is_taken_in_again(runner: asyncio.Runner, store: Store) -> None:
    events = [read_event(each) for each in random_events(3, 12)]
    intake = Intake(store, SOURCE, "tester")
    first = runner.run(intake.take(events)).outcomes
    assert first.count(True) > 6
    assert not any(runner.run(intake.take(events)).outcomes)
    before = runner.run(graph_of(store))
    select = Select("LineageRecord", first=1000, ever=True)
    records = [row["urn"] for row in runner.run(store.select(Selection(select, STAFF_READER, date.max))).rows]
    assert len(records) > 10
    taking_back = intake.begin()
    taking_back.retracts = records
    runner.run(store.write(taking_back))

    assert runner.run(intake.take(events)).outcomes == first
    assert difference(before, runner.run(graph_of(store))) is None


@pytest.mark.long_on_neo4j
def test_of_much_that_is_remembered_the_oldest_goes(
    runner: asyncio.Runner, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = [read_event(each) for each in random_events(4, 40)]
    abouts = sorted({about for each in events for about in said(each)})
    monkeypatch.setattr(kept, "MAX_KEPT", 4_000)
    intake = Intake(store, SOURCE, "tester")
    for each in events:
        runner.run(intake.take([each]))
    left = [found for about in abouts if (found := intake.kept.take(about))]
    assert 0 < len(left) < len(abouts)
    assert 2_000 < sum(len(node.stored["registers"]) for node, _ in left) <= 4_000


@pytest.mark.long_on_neo4j
def test_what_was_made_of_what_the_graph_refuses_is_made_again(
    tmp_path: Path, runner: asyncio.Runner, store: Store
) -> None:
    """One names more than a batch may hold. The next, made meanwhile, says nothing besides, but of another job."""
    fields = [{"name": f"c{n}"} for n in range(450)]
    inputs: list[Values] = [dataset(f"d{n}", schema={"fields": fields}) for n in range(60)]
    wide = event("COMPLETE", "09", run="9", inputs=inputs)
    others = ({**event("COMPLETE", "09", run="9"), "producer": f"https://example.gov/{n}"} for n in count())
    said_by_it = next(each for each in others if read_event(each).digest < read_event(wide).digest)
    before, after = (event("COMPLETE", day, run=day, inputs="a", outputs="b") for day in ("01", "02"))
    parts = [[before], [wide], [said_by_it, event("COMPLETE", "09", run="8", job="k", inputs="e")], [after]]
    intake = Intake(store, SOURCE, "tester")

    async def all_at_once() -> list[list[bool]]:
        found = await asyncio.gather(*(intake.take([*map(read_event, part)]) for part in parts))
        return [[isinstance(outcome, Problem) for outcome in taken.outcomes] for taken in found]

    assert runner.run(all_at_once()) == [[False], [True], [False, False], [False]]
    expected = runner.run(fresh(tmp_path / "expected.db"))
    runner.run(take(expected, [before, *parts[2], after]))
    assert difference(runner.run(graph_of(expected)), runner.run(graph_of(store))) is None
    runner.run(expected.close())


# Any order


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.long_on_neo4j)])
def test_events_in_any_order_and_thrice_make_one_graph(
    tmp_path: Path, runner: asyncio.Runner, store: Store, seed: int
) -> None:
    expected = runner.run(fresh(tmp_path / "expected.db"))
    runner.run(shuffled_as_sorted(expected, store, seed))
    runner.run(expected.close())


@pytest.mark.long
def test_events_in_any_order_and_thrice_make_one_graph_for_many_seeds(tmp_path: Path, runner: asyncio.Runner) -> None:
    for seed in range(100, 300):
        one, other = (runner.run(fresh(tmp_path / f"{seed}-{name}.db")) for name in "ab")
        runner.run(shuffled_as_sorted(one, other, seed))
        runner.run(one.close())
        runner.run(other.close())


@twenty
def test_writers_at_once_make_the_graph_of_one(
    request: pytest.FixtureRequest, tmp_path: Path, runner: asyncio.Runner, store: Store, seed: int
) -> None:
    """Each writer has a store of its own, as processes have; all speak of the same runs, jobs and datasets."""
    events = random_events(1000 + seed, 40)
    expected = runner.run(fresh(tmp_path / "expected.db"))
    runner.run(take(expected, events))
    order = random.Random(seed)
    parts = [order.sample(events, len(events) * 2 // 3) for _ in range(WRITERS)]
    parts[0] = events[::-1]

    async def all_at_once() -> None:
        place = request.getfixturevalue("neo4j_graph").place if store.name == "neo4j" else Place(tmp_path / "graph.db")
        stores = [BACKENDS[store.name].open(place, Tables(MODEL)) for _ in parts]
        ways = [take, take_at_once] * (WRITERS // 2)
        given = zip(ways, stores, parts, strict=True)
        await asyncio.gather(*(way(each, part, size=5) for way, each, part in given))
        await asyncio.gather(*(each.close() for each in stores))

    runner.run(all_at_once())
    assert difference(runner.run(graph_of(expected)), runner.run(graph_of(store))) is None
    runner.run(expected.close())


def test_a_later_event_of_a_run_adds_to_what_another_process_took_in(
    tmp_path: Path, runner: asyncio.Runner, store: Store
) -> None:
    runner.run(load_events(written(tmp_path, event("START", "01", inputs="a")), store))
    runner.run(load_events(written(tmp_path, event("COMPLETE", "02", outputs="b")), store))
    select = Select("Flow", ("title", "first_seen", "last_seen"))
    (flow,) = runner.run(store.select(Selection(select, STAFF_READER, date.max))).rows
    assert (flow["title"], flow["first_seen"], flow["last_seen"]) == ("a to b", "2026-11-01", None)
    run = Select("Run", ("state", "started_at", "ended_at"), Compare("urn", Op.EQ, key("run", run_id("r"))))
    (row,) = runner.run(store.select(Selection(run, STAFF_READER, date.max))).rows
    assert (row["state"], row["started_at"], row["ended_at"]) == (
        "COMPLETED",
        "2026-11-01T12:00:00.000000Z",
        "2026-11-02T12:00:00.000000Z",
    )


def test_a_schema_that_was_seen_before_moves_no_revision(tmp_path: Path, runner: asyncio.Runner, store: Store) -> None:
    said = [dataset("a", "xyz"), dataset("b")]
    first = dataset_event("01 10:00", said[0])
    revision = runner.run(load_events(written(tmp_path, first), store)).revision
    again = runner.run(load_events(written(tmp_path, dataset_event("01 11:00", said[0])), store))
    assert accounts(again) == (1, 1, 0, 0)
    assert (again.created, again.updated, again.revision) == ({}, {"LineageRecord": 1}, revision)


# What is said


async def _rows(store: Store, select: Select, on: date = date.max) -> list[Values]:
    return (await store.select(Selection(select, STAFF_READER, on))).rows


def test_facets_become_properties_and_edges(tmp_path: Path, runner: asyncio.Runner, store: Store) -> None:
    target = dataset(
        "b",
        "xy",
        documentation={"description": "What it holds."},
        ownership={"owners": [{"name": "team:one"}, {"name": "team:two"}]},
        dataSource={"name": "lake", "uri": "lake://host"},
        symlinks={"identifiers": [{"namespace": "hive", "name": "default.b", "type": "TABLE"}]},
    )
    parent = {"run": {"runId": run_id("p")}, "job": {"namespace": "etl", "name": "whole"}}
    said = event(
        "COMPLETE",
        "01",
        inputs=[dataset("a")],
        outputs=[target],
        run_facets={"parent": parent, "nominalTime": {"nominalStartTime": "2026-11-01T00:00:00+01:00"}},
        job_facets={"jobType": {"processingType": "BATCH"}, "documentation": {"description": "It copies."}},
    )
    runner.run(load_events(written(tmp_path, said), store))

    names = Related("names", "same_as", Select("Dataset", ("title",)), edge=("status",))
    system = Related("system", "stored_in", Select("System", ("name",), first=1))
    select = Select("Dataset", ("description", "contact_name"), Compare("title", Op.EQ, "b"), related=(names, system))
    (row,) = runner.run(_rows(store, select))
    assert (row["description"], row["contact_name"]) == ("What it holds.", "team:one, team:two")
    assert [(n["title"], n["@edge"]["status"]) for n in row["names"].rows] == [("default.b", "STATED")]
    assert [s["name"] for s in row["system"].rows] == ["lake"]

    above = Related("above", "part_of", Select("Run", ("state",), related=(_job(),)))
    outputs = Related("outputs", "outputs", Select("Dataset", ("title",)))
    run = Select("Run", ("nominal_at",), Compare("run_id", Op.EQ, run_id("r")), related=(_job(), above, outputs))
    (row,) = runner.run(_rows(store, run))
    assert row["nominal_at"] == "2026-10-31T23:00:00.000000Z"
    (job,) = row["job"].rows
    assert (job["name"], job["kind_of_job"], job["description"]) == ("j", "batch", "It copies.")
    assert [(r["state"], r["job"].rows[0]["name"]) for r in row["above"].rows] == [(None, "whole")]
    assert [d["title"] for d in row["outputs"].rows] == ["b"]


def _job() -> Related:
    return Related("job", "executes", Select("Job", ("name", "kind_of_job", "description"), first=1))


def test_columns_flow_with_what_is_done_to_them(tmp_path: Path, runner: asyncio.Runner, store: Store) -> None:
    direct = column_lineage("a.x>y", subtype="TRANSFORMATION", masking=True)
    indirect = column_lineage("a.z>y", kind="INDIRECT", subtype="FILTER")
    both = direct["fields"]["y"]["inputFields"] + indirect["fields"]["y"]["inputFields"]
    target = dataset("b", "y", columnLineage={"fields": {"y": {"inputFields": both}}})
    runner.run(load_events(written(tmp_path, event("COMPLETE", "01", inputs="ac", outputs=[target])), store))
    ends = [Related(name, name, Select("Column", ("name",), first=1)) for name in ("from_column", "to_column")]
    props = ("derivation", "transformation", "subtype", "masking")
    flow = Related("flow", "part_of_flow", Select("Flow", ("title",), first=1))
    rows = runner.run(_rows(store, Select("ColumnFlow", props, related=(*ends, flow))))
    found = {
        (r["from_column"].rows[0]["name"], r["to_column"].rows[0]["name"]): [r[name] for name in props] for r in rows
    }
    assert found == {
        ("x", "y"): ["DIRECT", "DERIVE", "TRANSFORMATION", True],
        ("z", "y"): ["INDIRECT", "FILTER", "FILTER", False],
    }
    assert {r["flow"].rows[0]["title"] for r in rows} == {"a to b"}, "what the columns do not name does not flow"


@pytest.mark.long_on_neo4j
def test_edges_hold_on_the_days_of_the_events(tmp_path: Path, runner: asyncio.Runner, store: Store) -> None:
    events = [
        event("COMPLETE", "02", run="1", inputs=[dataset("a", "xy"), dataset("b")], outputs="c"),
        event("COMPLETE", "04", run="2", inputs=[dataset("a", "xz")], outputs="c"),
    ]
    runner.run(load_events(written(tmp_path, *events), store))

    def on(day: int) -> tuple[list[str], list[str]]:
        sources = Related("up", "upstream", Select("Dataset", ("title",), order=Order("title")))
        select = Select("Dataset", (), Compare("title", Op.EQ, "c"), related=(sources,))
        (c,) = runner.run(_rows(store, select, date(2026, 11, day)))
        columns = Related("columns", "columns", Select("Column", ("name",), order=Order("urn")))
        select = Select("Dataset", (), Compare("title", Op.EQ, "a"), related=(columns,))
        (a,) = runner.run(_rows(store, select, date(2026, 11, day)))
        return [r["title"] for r in c["up"].rows], [r["name"] for r in a["columns"].rows]

    assert on(1) == ([], [])
    assert on(2) == (["a", "b"], ["x", "y"])
    assert on(4) == (["a"], ["x", "z"])


@pytest.mark.long_on_neo4j
def test_a_dataset_that_was_dropped_holds_no_more(tmp_path: Path, runner: asyncio.Runner, store: Store) -> None:
    drop = dataset("b", lifecycleStateChange={"lifecycleStateChange": "DROP"})
    events = [event("COMPLETE", "01", inputs="a", outputs="b"), dataset_event("03", drop)]
    runner.run(load_events(written(tmp_path, *events), store))
    titles = Select("Dataset", ("title",), order=Order("title"))

    def on(day: int) -> list[str]:
        return [row["title"] for row in runner.run(_rows(store, titles, date(2026, 11, day)))]

    assert (on(2), on(3)) == (["a", "b"], ["a"])
    runner.run(load_events(written(tmp_path, event("COMPLETE", "05", run="s", outputs="b")), store))
    assert on(6) == ["a", "b"]


@pytest.mark.long_on_neo4j
def test_what_two_sources_say_is_kept_apart(tmp_path: Path, runner: asyncio.Runner, store: Store) -> None:
    path = tmp_path / "events.json"
    path.write_bytes(msgspec.json.encode(event("COMPLETE", "01", inputs="a", outputs="b")))
    for catalog in ("one", "two"):
        report = runner.run(load_events(OpenLineageLoader.open([str(path)], catalog=catalog), store))
        assert accounts(report) == (1, 1, 0, 0)
    edges = Related("down", "downstream", Select("Dataset", ("title",)), edge=("source",))
    (row,) = runner.run(_rows(store, Select("Dataset", (), Compare("title", Op.EQ, "a"), related=(edges,))))
    assert [each["@edge"]["source"] for each in row["down"].rows] == [
        events_source("one").urn,
        events_source("two").urn,
    ]


# Files


GOOD = [event("START", "01", inputs="a"), event("COMPLETE", "02", outputs="b")]
BAD: Values = {**GOOD[0], "run": {"runId": "x"}}


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("form", ["lines", "list", "single", "spread"])
def test_every_form_of_file_is_read_with_places(tmp_path: Path, form: str, packed: bool) -> None:
    spelled = [msgspec.json.encode(each) for each in (*GOOD, BAD)]
    content, places = {
        "lines": (b"\n".join([spelled[0], b"", *spelled[1:]]), [":1", ":3", ":4"]),
        "list": (b"\n [" + b",\n".join(spelled) + b"]", [" event[0]", " event[1]", " event[2]"]),
        "single": (spelled[0], [":1"]),
        "spread": (b"\xef\xbb\xbf" + msgspec.json.format(spelled[0], indent=2), [""]),
    }[form]
    path = tmp_path / "events"
    path.write_bytes(gzip.compress(content[:100]) + gzip.compress(content[100:]) if packed else content)
    reads = list(OpenLineageLoader.open([str(path)]).events())
    assert [read.place for read in reads] == [f"{path}{place}" for place in places]
    assert [read.problem.rule if read.problem else None for read in reads] == [None, None, Rule.RUN_ID][: len(places)]


@pytest.mark.long_on_neo4j
def test_a_line_that_is_no_json_is_kept_out_alone_and_can_be_mended(
    tmp_path: Path, runner: asyncio.Runner, store: Store
) -> None:
    path = tmp_path / "events.ndjson"
    lines = [
        msgspec.json.encode(GOOD[0]),
        b'{"eventTime": "2026',
        msgspec.json.encode(BAD),
        msgspec.json.encode(GOOD[1]),
    ]
    path.write_bytes(b"\n".join(lines))
    report = runner.run(load_events(OpenLineageLoader.open([str(path)]), store))
    assert accounts(report) == (4, 2, 0, 2)
    assert [(q.place, q.problem.rule) for q in report.quarantined] == [(f"{path}:2", "json"), (f"{path}:3", "run-id")]
    assert [q.raw for q in report.quarantined] == ['{"eventTime": "2026', BAD]

    found = runner.run(kept_out(store, report.run))
    found.records[1].raw["run"]["runId"] = run_id("mended")
    again = runner.run(load_events(OpenLineageLoader.replay(found, "to-mend.ndjson"), store))
    assert accounts(again) == (2, 1, 0, 1)
    assert accounts(runner.run(load_events(OpenLineageLoader.replay(found, "to-mend.ndjson"), store))) == (2, 0, 1, 1)


@pytest.mark.long_on_neo4j
@pytest.mark.parametrize(
    ("content", "rule"),
    [(b"no events\n", "not-json"), (b"[{}, ", "not-json"), (b'{"a": 1,\n "b":', "not-json"), (b"\x1f\x8bnone", "gzip")],
)
def test_a_file_of_something_else_is_refused_before_anything_is_written(
    tmp_path: Path, runner: asyncio.Runner, store: Store, content: bytes, rule: str
) -> None:
    good, other = tmp_path / "good.json", tmp_path / "other"
    good.write_bytes(msgspec.json.encode(GOOD[0]))
    other.write_bytes(content)
    with pytest.raises(LoaderError) as caught:
        runner.run(load_events(OpenLineageLoader.open([str(good), str(other)]), store))
    assert (caught.value.rule, str(other) in str(caught.value)) == (rule, True)
    assert runner.run(store.revision()) == 0


@pytest.mark.long_on_neo4j
def test_a_long_file_is_read_in_batches(
    tmp_path: Path, runner: asyncio.Runner, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "BATCH_EVENTS", 10)
    told: list[int] = []
    events = [event("COMPLETE", "01", run=str(n), inputs="a", outputs="b") for n in range(35)]
    report = runner.run(load_events(written(tmp_path, *events), store, on_progress=told.append))
    assert accounts(report) == (35, 35, 0, 0)
    assert told == [10, 20, 30, 35]


@pytest.mark.long_on_neo4j
def test_what_the_graph_refuses_is_kept_out_alone(tmp_path: Path, runner: asyncio.Runner, store: Store) -> None:
    """One event names more than a batch may hold."""
    wide: Sequence[Values] = [
        dataset(f"d{n}", schema={"fields": [{"name": f"c{c}"} for c in range(450)]}) for n in range(60)
    ]
    events = [event("START", "01", run="1", inputs="a"), event("START", "01", run="2", inputs=list(wide))]
    report = runner.run(load_events(written(tmp_path, *events, GOOD[1]), store))
    assert accounts(report) == (3, 2, 0, 1)
    assert [(q.place.rpartition(":")[2], q.problem.rule) for q in report.quarantined] == [("2", "INVALID_BATCH")]


@pytest.mark.long_on_neo4j
def test_a_job_that_writes_to_a_new_name_each_day_is_kept_within_bounds(
    tmp_path: Path, runner: asyncio.Runner, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "MAX_SPANS", 30)
    monkeypatch.setattr(bounds, "KEPT_SPANS", 20)
    days = range(1, 29)
    for day in days:
        said = event("COMPLETE", f"{day:02}", run=str(day), inputs="a", outputs=[dataset(f"b{day:02}")])
        runner.run(load_events(written(tmp_path, said), store))
    select = Select("Flow", ("title", "last_seen"), order=Order("title"), first=100)
    flows = runner.run(_rows(store, select))
    assert [f["title"] for f in flows] == [f"a to b{day:02}" for day in days], "the graph keeps every one"
    assert [f["last_seen"] for f in flows] == [*(f"2026-11-{day:02}" for day in days[:-1]), None]
    about = openlineage("job", "etl", "j")
    kept = Select("LineageRecord", ("registers",), Compare("about", Op.EQ, about))
    (row,) = runner.run(_rows(store, kept))
    assert len(msgspec.json.decode(row["registers"])["spans"]) <= 30
