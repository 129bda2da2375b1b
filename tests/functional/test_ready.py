"""Who writes more than an audit can follow leaves one behind, which the next process recalls."""

from __future__ import annotations

import asyncio
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from catalog.access import STAFF_READER
from catalog.errors import StoreUnavailable
from catalog.model import MODEL
from catalog.stores.layout import Tables
from catalog.stores.port import Image
from catalog.stores.sqlite.store import SqliteStore
from graphql_schema import Audits
from lineage.audit import follow, recall
from server.cli import app
from tests.support.own_files import stated, whole_readings
from tests.support.watched import Watched

DAY = "2022-05-09"
LEFT = "audited as of "


class Office:
    """Whoever runs commands on one SQLite file; ``few`` changes are too much to follow, unless told."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.path = folder / "office.db"
        self.monkeypatch = monkeypatch
        monkeypatch.setenv("WAYPOST_STORE", f"sqlite:{self.path}")
        self.whole = whole_readings(monkeypatch)

    def few(self, number: int) -> None:
        """So few changes are followed from now on."""
        for module in (follow, recall):
            self.monkeypatch.setattr(module, "MOST_CHANGES", number)

    def run(self, *words: str) -> Any:
        done = CliRunner().invoke(app, words)
        assert done.exit_code == 0, done.output
        return done

    def load(self, flows: int, *words: str, first: int = 0) -> Any:
        file = self.folder / "file.json"
        file.write_text(stated([None] * flows, source=f"office-{first}", first=first), encoding="utf-8")
        return self.run("load", "waypost", str(file), *words)

    def audit(self, *words: str) -> dict[str, Any]:
        self.whole.clear()
        return json.loads(self.run("audit", "--as-of", DAY, "--format", "json", "--fail-on", "never", *words).stdout)

    def image(self) -> Image | None:
        """What is kept."""

        async def found() -> Image | None:
            store = SqliteStore.open(self.path, Tables(MODEL))
            try:
                return await store.image("audit")
            finally:
                await store.close()

        return asyncio.run(found())


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    return Office(tmp_path, monkeypatch)


def test_an_audit_after_a_large_load_reads_little_and_says_the_same(office: Office) -> None:
    """Of as many flows as it takes: each is a node and two edges."""
    done = office.load(recall.MOST_CHANGES // 3 + 1)
    assert LEFT in done.stderr
    assert len(office.whole) == 1
    recalled = office.audit()
    assert len(office.whole) == 0
    assert recalled["counts"] == {**recalled["counts"], "UNKNOWN": recall.MOST_CHANGES // 3 + 1}
    assert office.audit("--anew") == recalled
    assert len(office.whole) == 1


def test_what_is_followed_or_read_at_once_is_left_alone(office: Office) -> None:
    assert LEFT not in office.load(3).stderr
    assert office.image() is None, "all of it is quickly read"
    office.few(20)
    assert LEFT in office.load(4, first=3).stderr
    kept = office.image()
    assert kept is not None
    assert LEFT not in office.load(3, first=10).stderr
    assert office.image() == kept
    assert LEFT in office.load(4, first=20).stderr
    assert office.image() != kept
    assert LEFT not in office.load(4, first=20).stderr, "the same again"
    office.audit()
    assert len(office.whole) == 0


def test_where_nothing_flows_nothing_is_kept(office: Office) -> None:
    office.few(1)
    assert LEFT not in office.load(0).stderr
    assert office.image() is None


def test_who_wants_none_gets_none(office: Office) -> None:
    office.few(1)
    assert LEFT not in office.load(2, "--no-audit").stderr
    assert office.image() is None


def test_a_retraction_leaves_one_too(office: Office) -> None:
    office.load(9)
    office.load(2, first=20)
    office.few(5)
    source = "urn:waypost:source:key:office-0"
    assert LEFT not in office.run("retract", source, "--dry-run").stderr
    assert LEFT in office.run("retract", source).stderr
    assert office.audit()["counts"]["UNKNOWN"] == 2
    assert len(office.whole) == 0


@pytest.mark.parametrize(
    ("error", "said"), [(StoreUnavailable("may not write"), "may not write"), (KeyboardInterrupt(), "stopped")]
)
def test_that_it_cannot_be_kept_is_said_and_is_no_error(office: Office, error: BaseException, said: str) -> None:
    async def refused(*_: Any) -> None:
        raise error

    office.few(1)
    with office.monkeypatch.context() as patched:
        patched.setattr(SqliteStore, "keep_image", refused)
        done = office.load(2)
    assert said in done.stderr
    assert "records: 4 read = 4 written" in done.stdout
    assert office.audit()["counts"]["UNKNOWN"] == 2


def test_a_server_recalls_what_a_large_load_left(office: Office) -> None:
    """Rather than read everything, as it has to where nothing was left, or what is kept is as old as what it has."""
    office.few(10)
    office.load(3, "--no-audit")

    async def work() -> None:
        watched: Any = Watched(SqliteStore.open(office.path, Tables(MODEL)))
        audits = Audits(watched)

        async def flows() -> int:
            return (await audits.ask(STAFF_READER, date(2022, 5, 9), lambda day: len(day.verdicts))).value

        async def load(first: int, *words: str) -> None:
            await asyncio.to_thread(office.load, 4, *words, first=first)

        assert await flows() == 3
        await load(10)
        assert await flows() == 7
        assert watched.scans == [None], "only what it began with was read whole"
        await load(20, "--no-audit")
        assert await flows() == 11
        assert watched.scans == [None, None]
        await watched.close()

    asyncio.run(work())
