"""A dataset that is broken, of every kind: kept out by itself with place, rule, remedy and its own words, and played again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from catalog.access import PUBLIC_READER
from catalog.model import MODEL
from catalog.selection import Compare, Op, Select, Selection
from catalog.stores.layout import Tables
from catalog.stores.port import Store
from catalog.urn import dcat
from loaders.dcat_us.loader import DcatUsLoader
from loaders.errors import LoaderError
from loaders.fields import Rule
from loaders.pipeline import load
from loaders.quarantine import Quarantined, kept_out, read_quarantine, write_quarantine
from loaders.report import LoadReport
from server.cli import app
from tests.contract.backends import BACKENDS, Place
from tests.support.broken_datasets import KINDS, MENDED, SOUND, Kind

DAY = date(2021, 6, 1)
LAST = {**SOUND, "identifier": "last", "title": "Roads"}
NAMES = [kind.name for kind in KINDS]


@pytest.fixture(scope="module")
def worker() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as made:
        yield made


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, worker: asyncio.Runner) -> Iterator[Store]:
    """One store for all kinds."""
    place = Place(tmp_path_factory.mktemp("graph") / "graph.db")

    async def opened() -> Store:
        made = BACKENDS["sqlite"].open(place, Tables(MODEL))
        await made.migrate()
        return made

    made = worker.run(opened())
    yield made
    worker.run(made.close())


class Portal:
    """A portal whose catalog has datasets between two that are sound. It has a name of its own within the store."""

    def __init__(self, name: str, folder: Path, worker: asyncio.Runner, store: Store) -> None:
        self.name = name
        self.folder = folder
        self.worker = worker
        self.store = store

    def lists(self, *datasets: bytes) -> LoadReport:
        """Load the catalog with these datasets between the two."""
        path = self.folder / "roads.json"
        path.write_bytes(catalog(*datasets))
        return self.run(DcatUsLoader.open(str(path), catalog=self.name, as_of=DAY))

    def plays_again(self, run: str, *raw: Any) -> LoadReport:
        """Write what a load kept out to a file, put these in its place, and load that."""
        path = self.folder / "kept-out.ndjson"
        found = write_quarantine(self.worker.run(kept_out(self.store, run)))
        head, *records = map(json.loads, found)
        for record, mended in zip(records, raw, strict=True):
            record["raw"] = mended
        path.write_text("\n".join(map(json.dumps, (head, *records))), encoding="utf-8")
        return self.run(DcatUsLoader.replay(read_quarantine(str(path)), str(path)))

    def run(self, loader: DcatUsLoader) -> LoadReport:
        return self.worker.run(load(loader, self.store))

    def shown(self, *names: str) -> dict[str, str]:
        """Identifiers and titles of those of the datasets that a reader finds."""
        urns = tuple(dcat("dataset", self.name, name) for name in names)
        select = Select("Dataset", ("identifier", "title"), Compare("urn", Op.IN, urns), first=len(urns))
        rows = self.worker.run(self.store.select(Selection(select, PUBLIC_READER, DAY))).rows
        return {row["identifier"]: row["title"] for row in rows}


def catalog(*datasets: bytes) -> bytes:
    """A catalog with these datasets between the two that are sound."""
    return b'{"dataset": [' + b",\n".join((encoded(SOUND), *datasets, encoded(LAST))) + b'], "conformsTo": "x"}'


def encoded(dataset: Any) -> bytes:
    return json.dumps(dataset).encode()


def accounts(report: LoadReport) -> tuple[int, int, int, int]:
    """(read, written, unchanged, quarantined)."""
    assert report.read == report.written + report.unchanged + len(report.quarantined)
    return report.read, report.written, report.unchanged, len(report.quarantined)


@pytest.mark.parametrize("kind", KINDS, ids=NAMES)
def test_is_kept_out_by_itself_and_played_again(
    kind: Kind, tmp_path: Path, worker: asyncio.Runner, kept: Store
) -> None:
    portal = Portal(f"portal-{KINDS.index(kind)}", tmp_path, worker, kept)
    report = portal.lists(kind.content)

    assert accounts(report) == (3, 2, 0, 1)
    (found,) = report.quarantined
    assert told(found) == ("roads.json: dataset[1]", kind.rule, kind.path, kind.identifier)
    assert kind.says in found.problem.message
    assert found.problem.remedy
    assert found.raw == kind.raw
    both = {"first": "Bridges & culverts", "last": "Roads"}
    assert portal.shown("first", "second", "last") == both
    where = f"roads.json: dataset[1]: {kind.path}: {kind.rule}: {found.problem.message}: {found.problem.remedy}"
    assert f"  kept out: {where}\n" in report.to_text()

    # As it came, it stays out.
    assert accounts(portal.plays_again(report.run, found.raw)) == (1, 0, 0, 1)
    # What is kept as text is mended as text.
    mended = json.dumps(MENDED) if isinstance(kind.broken, bytes) else MENDED
    assert accounts(portal.plays_again(report.run, mended)) == (1, 1, 0, 0)
    assert portal.shown("first", "second", "last") == {**both, "second": "Tunnels"}
    assert accounts(portal.plays_again(report.run, MENDED)) == (1, 0, 1, 0)
    assert accounts(portal.lists(encoded(MENDED))) == (3, 0, 3, 0)


def told(found: Quarantined) -> tuple[str, str, str, str | None]:
    return found.place, found.problem.rule, found.problem.path, found.identifier


def test_every_rule_has_a_kind() -> None:
    assert {kind.rule for kind in KINDS} == set(Rule)
    assert len(set(NAMES)) == len(NAMES)
    assert len(NAMES) >= 40


@pytest.mark.long_on_neo4j
def test_all_kinds_at_once_are_kept_out_and_played_again(tmp_path: Path, runner: asyncio.Runner, store: Store) -> None:
    count = len(KINDS)
    portal = Portal("portal", tmp_path, runner, store)
    report = portal.lists(*(kind.content for kind in KINDS))

    assert accounts(report) == (count + 2, 2, 0, count)
    assert [(*told(found), found.raw) for found in report.quarantined] == [
        (f"roads.json: dataset[{n}]", kind.rule, kind.path, kind.identifier, kind.raw)
        for n, kind in enumerate(KINDS, 1)
    ]
    assert accounts(portal.plays_again(report.run, *(kind.raw for kind in KINDS))) == (count, 0, 0, count)

    names = [f"second-{n}" for n in range(count)]
    mended = [{**MENDED, "identifier": name} for name in names]
    assert accounts(portal.plays_again(report.run, *mended)) == (count, count, 0, 0)
    assert portal.shown("first", *names[:50], "last").keys() == {"first", *names[:50], "last"}
    assert accounts(portal.lists(*map(encoded, mended))) == (count + 2, 0, count + 2, 0)


def test_they_are_mended_from_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    def waypost(*arguments: str) -> str:
        return CliRunner().invoke(app, arguments).stdout

    kinds = {kind.name: kind for kind in KINDS if kind.name in ("Latin-1 in the title", "title is null")}
    Path("roads.json").write_bytes(catalog(*(kind.content for kind in kinds.values())))
    shown = waypost("load", "dcat-us", "roads.json", "--as-of", "2021-06-01")
    assert "4 read = 2 written + 0 unchanged + 2 quarantined" in shown
    assert "kept out: roads.json: dataset[1]: $.title: required: it is missing or blank: state it\n" in shown
    at = kinds["Latin-1 in the title"].content.index(b"\xe9")
    assert f"dataset[2]: $: encoding: its byte {at} (0xE9) is not UTF-8: write it in UTF-8\n" in shown

    run = next(line for line in shown.splitlines() if "waypost quarantine" in line).split()[5]
    text = waypost("quarantine", run)
    assert r"Caf\\xe9" in text
    text = text.replace(r"Caf\\xe9", "Caf\u00e9").replace('"title":null', '"title":"Tunnels"')
    Path("mended.ndjson").write_text(text.replace(r"\"second\"", r"\"third\""), encoding="utf-8")
    assert "2 read = 2 written + 0 unchanged + 0 quarantined" in waypost("replay", "mended.ndjson")
    assert "0 ERROR, 0 WARNING" in waypost("verify")


# A catalog that cannot be taken apart, and what was loaded before


@pytest.mark.parametrize(
    "dataset",
    [
        pytest.param(b'{"identifier": "second, "title": "Tunnels"}', id="a quote missing"),
        pytest.param(b'{"identifier": "second", "keyword": ["a", "b"}', id="a bracket missing"),
        pytest.param(b'{"identifier": "second", "title": "Tunnels"', id="a brace missing"),
        pytest.param(b'{"identifier": "second"}}', id="a brace too many"),
    ],
)
def test_a_catalog_that_cannot_be_taken_apart_is_refused_whole(
    dataset: bytes, tmp_path: Path, worker: asyncio.Runner, kept: Store
) -> None:
    portal = Portal("portal-refused", tmp_path, worker, kept)
    with pytest.raises(LoaderError, match=r"^not-json: .*roads\.json is no JSON \(.*byte \d+\)\): give the path"):
        portal.lists(dataset)
    assert portal.shown("first", "last") == {}


def test_what_is_broken_outside_its_datasets_is_refused_whole(tmp_path: Path) -> None:
    path = tmp_path / "data.json"
    path.write_bytes(catalog().replace(b'"conformsTo": "x"', b'"conformsTo": NaN'))
    with pytest.raises(LoaderError, match=r"not-json: .*data\.json"):
        DcatUsLoader.open(str(path))


@pytest.mark.parametrize(
    "name", ["Latin-1 in the title", "NaN", "100,000 levels of lists", "two titles", "title is null"]
)
def test_what_is_listed_and_cannot_be_read_has_not_left(
    name: str, tmp_path: Path, worker: asyncio.Runner, kept: Store
) -> None:
    portal = Portal(f"portal-{name}", tmp_path, worker, kept)
    portal.lists(encoded(MENDED))
    report = portal.lists(next(kind.content for kind in KINDS if kind.name == name))

    assert accounts(report) == (3, 0, 2, 1)
    assert not report.closed
    assert portal.shown("second") == {"second": "Tunnels"}
