"""A load that is stopped leaves its account open, and an audit says so until another has made up for it."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from catalog.access import PUBLIC_READER, STAFF_READER, Reader
from catalog.batch import Batch, WriteResult
from catalog.loads import RETRACTION, open_runs
from catalog.model.enums import LoadState
from catalog.selection import Order, Select, Selection
from catalog.stores.port import Scan, Scanned, Store
from graphql_schema.core.context import Context
from graphql_schema.core.kept_audits import Audits
from graphql_schema.core.run import Request, answer
from graphql_schema.schema import build_schema
from loaders.account import Account
from loaders.dcat_us.loader import DcatUsLoader
from loaders.openlineage.loader import OpenLineageLoader, load_events
from loaders.pipeline import load
from loaders.retraction import find_source, retract_source
from loaders.waypost_file.loader import WaypostFileLoader
from server.cli import app
from tests.support.openlineage import event
from tests.support.patience import PATIENCE

DAY = date(2022, 1, 1)
SOURCE = "urn:waypost:source:key:t"


class _Cut(Exception):
    """The machine is gone."""


class _CutOff:
    """A store of which the machine goes at a write; until then it is the store itself."""

    def __init__(self, store: Store, writes: int) -> None:
        self._store, self._left = store, writes

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def write(self, batch: Batch) -> WriteResult:
        if not self._left:
            raise _Cut
        self._left -= 1
        return await self._store.write(batch)


def written(path: Path, names: str = "ab") -> Path:
    """Our own format: agencies, the first of which the last is a part of."""
    nodes = "".join(f"- {{kind: Agency, urn: 'urn:waypost:agency:key:{n}', name: {n}}}\n" for n in names)
    path.write_text(f"waypost: 1\nsource: {{urn: '{SOURCE}', title: T}}\nnodes:\n{nodes}", encoding="utf-8")
    return path


def own(path: Path, names: str = "ab", day: date = DAY) -> WaypostFileLoader:
    return WaypostFileLoader(str(written(path, names)), as_of=day)


def catalog(path: Path, *names: str, day: date = DAY) -> DcatUsLoader:
    path.write_text(json.dumps({"dataset": [{"identifier": n, "title": n} for n in names]}), encoding="utf-8")
    return DcatUsLoader.open(str(path), catalog="roads", as_of=day)


def stop(runner: asyncio.Runner, store: Store, writes: int, load_it: Callable[[Any], Any]) -> None:
    with pytest.raises(_Cut):
        runner.run(load_it(_CutOff(store, writes)))


def open_now(runner: asyncio.Runner, store: Store) -> list[tuple[str, str | None]]:
    return [(run.loader, run.input) for run in runner.run(open_runs(store))]


def states(runner: asyncio.Runner, store: Store) -> list[str]:
    select = Select("LoadRun", ("state",), order=Order("started_at"), first=100, ever=True)
    return [row["state"] for row in runner.run(store.select(Selection(select, STAFF_READER, date.max))).rows]


def test_a_load_that_ends_leaves_nothing_open(tmp_path: Path, runner: asyncio.Runner, store: Store) -> None:
    runner.run(load(own(tmp_path / "a.yaml"), store))
    assert open_now(runner, store) == []
    assert states(runner, store) == ["COMPLETED"]


def test_a_load_that_is_stopped_stays_open_until_it_is_run_again(
    tmp_path: Path, runner: asyncio.Runner, store: Store
) -> None:
    path = tmp_path / "a.yaml"
    stop(runner, store, 1, lambda cut: load(own(path), cut))
    (found,) = runner.run(open_runs(store))
    assert (found.source, found.title, found.loader, found.input) == (SOURCE, "T", "waypost", str(path))
    assert str(found).startswith(f"a load of {path} that began at 20")

    report = runner.run(load(own(path), store))
    assert open_now(runner, store) == []
    assert states(runner, store) == ["INTERRUPTED", "COMPLETED"]
    assert not report.created.keys() & {"LoadRun", "LOADED_FROM"}


def test_one_that_was_stopped_before_it_wrote_anything_is_not_open(
    tmp_path: Path, runner: asyncio.Runner, store: Store
) -> None:
    stop(runner, store, 0, lambda cut: load(own(tmp_path / "a.yaml"), cut))
    assert open_now(runner, store) == []


def test_only_what_takes_in_the_missing_part_makes_up_for_it(
    tmp_path: Path, runner: asyncio.Runner, store: Store
) -> None:
    stop(runner, store, 1, lambda cut: load(own(tmp_path / "a.yaml"), cut))
    still_open = [("waypost", str(tmp_path / "a.yaml"))]

    runner.run(load(own(tmp_path / "b.yaml", "c"), store))
    assert open_now(runner, store) == still_open, "another file of the source says nothing of this one"
    runner.run(load(own(tmp_path / "a.yaml", day=date(2021, 12, 31)), store))
    assert open_now(runner, store) == still_open, "a file that speaks of a day before is no later state"
    runner.run(load(catalog(tmp_path / "roads.json", "x"), store))
    assert open_now(runner, store) == still_open, "another source"
    runner.run(load(own(tmp_path / "moved.yaml"), store))
    assert open_now(runner, store) == [], "the same content under another name"


def test_a_mended_file_makes_up_for_what_it_was_before(tmp_path: Path, runner: asyncio.Runner, store: Store) -> None:
    path = tmp_path / "a.yaml"
    stop(runner, store, 1, lambda cut: load(own(path), cut))
    runner.run(load(own(path, "abc"), store))
    assert open_now(runner, store) == []


def test_a_source_that_lists_all_it_has_makes_up_for_every_part(
    tmp_path: Path, runner: asyncio.Runner, store: Store
) -> None:
    stop(runner, store, 1, lambda cut: load(catalog(tmp_path / "old.json", "x", "y"), cut))
    runner.run(load(catalog(tmp_path / "new.json", "x", "z", day=date(2022, 1, 2)), store))
    assert open_now(runner, store) == []


def test_a_source_that_was_not_believed_makes_up_for_nothing(
    tmp_path: Path, runner: asyncio.Runner, store: Store
) -> None:
    names = [f"d{number}" for number in range(20)]
    runner.run(load(catalog(tmp_path / "a.json", *names), store))
    stop(runner, store, 1, lambda cut: load(catalog(tmp_path / "a.json", *names, "new"), cut))
    with pytest.raises(Exception, match="--accept-shrink"):
        runner.run(load(catalog(tmp_path / "a.json", "d0"), store))
    assert open_now(runner, store) == [("dcat-us", str(tmp_path / "a.json"))]
    assert states(runner, store) == ["COMPLETED", "RUNNING", "REFUSED"]


def test_a_source_of_an_earlier_day_makes_up_for_nothing(tmp_path: Path, runner: asyncio.Runner, store: Store) -> None:
    """It is read, and nothing of it is written."""
    path = tmp_path / "a.json"
    runner.run(load(catalog(path, "x", day=date(2022, 3, 1)), store))
    stop(runner, store, 1, lambda cut: load(catalog(path, "x", "y", day=date(2022, 3, 1)), cut))
    assert runner.run(load(catalog(path, "x", "y", day=date(2022, 2, 1)), store)).superseded_by == "2022-03-01"
    assert open_now(runner, store) == [("dcat-us", str(path))]


def test_events_are_made_up_for_by_the_same_events(tmp_path: Path, runner: asyncio.Runner, store: Store) -> None:
    def events(name: str, job: str) -> OpenLineageLoader:
        (tmp_path / name).write_text(
            json.dumps(event("COMPLETE", "2022-01-01T00:00:00Z", run=job, job=job, outputs=job)), encoding="utf-8"
        )
        return OpenLineageLoader.open([str(tmp_path / name)])

    stop(runner, store, 1, lambda cut: load_events(events("a.json", "one"), cut))
    runner.run(load_events(events("b.json", "two"), store))
    assert open_now(runner, store) == [("openlineage", str(tmp_path / "a.json"))]
    runner.run(load_events(events("a.json", "one"), store))
    assert open_now(runner, store) == []
    assert states(runner, store) == ["INTERRUPTED", "COMPLETED", "COMPLETED"]


def test_a_retraction_that_is_stopped_stays_open_until_it_is_done(
    tmp_path: Path, runner: asyncio.Runner, store: Store
) -> None:
    """Also where it was stopped between its last write and its account, so that nothing is left to take back."""
    path = tmp_path / "a.yaml"
    stop(runner, store, 1, lambda cut: load(own(path), cut))
    runner.run(load(own(path), store))
    source = runner.run(find_source(store, SOURCE))
    for writes in (1, 2):
        stop(runner, store, writes, lambda cut: retract_source(cut, source))
        (found,) = runner.run(open_runs(store))
        assert found.loader == RETRACTION
        assert str(found).startswith("a retraction that began at 20")
        assert runner.run(retract_source(store, source)).is_settled
        assert open_now(runner, store) == []
        runner.run(load(own(path), store))


def test_to_take_a_source_back_makes_up_for_what_is_missing_of_it(
    tmp_path: Path, runner: asyncio.Runner, store: Store
) -> None:
    stop(runner, store, 2, lambda cut: load(own(tmp_path / "a.yaml"), cut))
    source = runner.run(find_source(store, SOURCE))
    runner.run(retract_source(store, source, is_dry=True))
    assert open_now(runner, store) == [("waypost", str(tmp_path / "a.yaml"))]
    runner.run(retract_source(store, source))
    assert open_now(runner, store) == []


def test_to_take_a_source_back_keeps_what_is_said_of_it(tmp_path: Path, runner: asyncio.Runner, store: Store) -> None:
    runner.run(load(catalog(tmp_path / "a.json", "x"), store))
    props = ("title", "kind_of_source", "description", "url", "format", "precedence")
    select = Selection(Select("Source", props, ever=True), STAFF_READER, date.max)
    before = runner.run(store.select(select)).rows
    assert before[0]["format"] == "dcat-us-1.1"
    runner.run(retract_source(store, runner.run(find_source(store, before[0]["urn"]))))
    assert runner.run(store.select(select)).rows == before


def test_the_account_of_a_load_that_ends_meanwhile_is_not_lost(
    tmp_path: Path, runner: asyncio.Runner, store: Store
) -> None:
    """It is read as open by another, and ends before that other one writes that it was made up for."""

    loader = own(tmp_path / "a.yaml")
    first = Account.of(loader, store, datetime.now(UTC), DAY, says_all=False)
    runner.run(first.begin())
    made_up_for: list[Batch] = []

    class Ending(_CutOff):
        async def write(self, batch: Batch) -> WriteResult:
            if batch.expects:
                made_up_for.append(batch)
                await first.end(replace(first.run, state=LoadState.COMPLETED, read=7), datetime.now(UTC))
            return await super().write(batch)

    ending: Any = Ending(store, 100)
    runner.run(load(loader, ending))
    assert len(made_up_for) == 1
    assert states(runner, store) == ["COMPLETED", "COMPLETED"]


def completeness(
    runner: asyncio.Runner, store: Any, reader: Reader = STAFF_READER, audits: Audits | None = None
) -> dict[str, Any]:
    """What an answer of the audit in GraphQL says of itself."""
    asked = Request("{ pathwaySummary { completeness { isComplete reasons } } }", {})
    found = runner.run(answer(build_schema(), asked, Context(store, reader, DAY, "open", audits=audits), PATIENCE))
    assert found.errors == []
    return (found.data or {})["pathwaySummary"]["completeness"]


def test_answers_of_the_audit_say_that_a_load_has_not_ended(
    tmp_path: Path, runner: asyncio.Runner, store: Store
) -> None:
    path = tmp_path / "a.yaml"
    kept = Audits(store)
    for audits in (None, kept):
        assert completeness(runner, store, audits=audits) == {"isComplete": True, "reasons": []}
    stop(runner, store, 1, lambda cut: load(own(path), cut))
    for audits in (None, kept):
        assert completeness(runner, store, audits=audits) == {"isComplete": False, "reasons": ["LOAD"]}
    assert completeness(runner, store, PUBLIC_READER) == {"isComplete": False, "reasons": ["LOAD", "READER"]}
    runner.run(load(own(path), store))
    for audits in (None, kept):
        assert completeness(runner, store, audits=audits) == {"isComplete": True, "reasons": []}


def test_that_it_ends_is_told_though_no_revision_moves(tmp_path: Path, runner: asyncio.Runner, store: Store) -> None:
    run = Account.of(own(tmp_path / "a.yaml"), store, datetime.now(UTC), DAY, says_all=False)
    audits = Audits(store)
    runner.run(run.begin())
    assert completeness(runner, store, audits=audits)["reasons"] == ["LOAD"]
    revision = runner.run(store.revision())
    runner.run(run.end(replace(run.run, state=LoadState.COMPLETED), datetime.now(UTC)))
    assert runner.run(store.revision()) == revision
    assert completeness(runner, store, audits=audits)["reasons"] == []


@pytest.mark.parametrize("turn", ["begins", "ends"])
def test_also_where_it_begins_or_ends_while_the_graph_is_read(
    tmp_path: Path, runner: asyncio.Runner, store: Store, turn: str
) -> None:
    run = Account.of(own(tmp_path / "a.yaml"), store, datetime.now(UTC), DAY, says_all=False)

    class Turning(_CutOff):
        async def scan(self, query: Scan) -> Scanned:
            if turn == "begins":
                await run.begin()
                return await self._store.scan(query)
            found = await self._store.scan(query)
            await run.end(replace(run.run, state=LoadState.COMPLETED), datetime.now(UTC))
            return found

    if turn == "ends":
        runner.run(run.begin())
    assert completeness(runner, Turning(store, 0))["reasons"] == ["LOAD"]
    assert completeness(runner, store)["reasons"] == (["LOAD"] if turn == "begins" else [])


def test_an_audit_warns_of_a_load_that_was_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed between two writes, with all that a process has. Every format says so, and a scheduled job can end by it."""
    monkeypatch.setenv("WAYPOST_STORE", f"sqlite:{tmp_path / 'g.db'}")
    path = written(tmp_path / "a.yaml")
    done = subprocess.run([sys.executable, "-c", _KILLED, str(path)], cwd=tmp_path, check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL

    told = f"WARNING OPEN_LOAD: a load of {path} that began at 20"
    for wanted in ("table", "json", "csv"):
        result = CliRunner().invoke(app, ["audit", "--format", wanted])
        assert result.exit_code == 0
        assert told in result.stderr
        assert f"a part of {SOURCE} may be missing; run it again to its end" in result.stderr
    assert CliRunner().invoke(app, ["audit", "--fail-on", "warning"]).exit_code == 1
    assert CliRunner().invoke(app, ["audit", "--fail-on", "note"]).exit_code == 1
    answer = json.loads(CliRunner().invoke(app, ["audit", "--format", "json"]).stdout)
    (row,) = answer["open_loads"]
    assert (row["source"], row["input"], row["severity"]) == (SOURCE, str(path), "WARNING")
    assert answer["severities"] == {"ERROR": 0, "WARNING": 1, "NOTE": 0}

    assert CliRunner().invoke(app, ["load", "waypost", str(path)]).exit_code == 0
    result = CliRunner().invoke(app, ["audit", "--fail-on", "note"])
    assert (result.exit_code, result.stderr) == (0, "")


_KILLED = """
import os, signal, sys
from catalog.stores.sqlite.store import SqliteStore
from server.cli import app
write, writes = SqliteStore.write, []

async def killed(self, batch):
    if writes:
        os.kill(os.getpid(), signal.SIGKILL)
    writes.append(batch)
    return await write(self, batch)

SqliteStore.write = killed
app(["load", "waypost", sys.argv[1]])
"""
