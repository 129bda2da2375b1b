"""Derived views on a real store: loaded once, changed, kept out and played again, through the command line too."""

from __future__ import annotations

import asyncio
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from catalog.access import PUBLIC_READER, STAFF_READER
from catalog.selection import Compare, Op, Related, Select, Selection
from catalog.stores.port import Expand, Store
from catalog.urn import socrata
from loaders import ended
from loaders.errors import LoaderError
from loaders.pipeline import load
from loaders.report import LoadReport
from loaders.socrata_views.loader import SocrataViewsLoader
from server.cli import app

PORTAL = "data.roads.example"
JUNE, JULY = date(2012, 6, 1), date(2012, 7, 1)


def view(called: str, /, **more: Any) -> dict[str, Any]:
    return {"id": f"{called}-0000", "portal": PORTAL, "name": called.title(), "createdAt": 1325376000, **more}


def family(source: str, *derived: str) -> dict[str, Any]:
    return {"table": source, "source": view(source), "datasets": [view(name) for name in (source, *derived)]}


class Portal:
    """A portal whose views are loaded again and again."""

    def __init__(self, folder: Path, runner: asyncio.Runner, store: Store) -> None:
        self.path = folder / "views.ndjson"
        self.runner = runner
        self.store = store

    def lists(self, on: date, *families: Any, **options: Any) -> LoadReport:
        self.path.write_text("\n".join(map(json.dumps, families)), encoding="utf-8")
        return self.load(SocrataViewsLoader.open(str(self.path), as_of=on), **options)

    def load(self, loader: SocrataViewsLoader, **options: Any) -> LoadReport:
        report = self.runner.run(load(loader, self.store, **options))
        assert report.read == report.written + report.unchanged + len(report.quarantined)
        return report

    def flows(self, on: date) -> set[tuple[str, ...]]:
        """Source, view and last day of each flow that a reader sees on a day; of what is not there nothing is told."""
        ends = [Related(end, end, Select("Dataset", ("title",), first=1)) for end in ("from_asset", "to_asset")]
        select = Select("Flow", ("last_seen",), first=1000, related=tuple(ends))
        rows = self.runner.run(self.store.select(Selection(select, PUBLIC_READER, on))).rows
        names = [[found["title"] for end in ends for found in row[end.name].rows] for row in rows]
        return {(*found, *filter(None, [row["last_seen"]])) for found, row in zip(names, rows, strict=True)}

    def fed(self, name: str, on: date) -> set[str]:
        """What a dataset feeds on a day."""
        start = socrata("dataset", PORTAL, f"{name}-0000")
        step = Expand("Dataset", "downstream", (start,), PUBLIC_READER, on)
        hops = self.runner.run(self.store.expand(step)).hops
        return {hop.end.rpartition(":")[2].removesuffix("-0000") for hop in hops}


@pytest.fixture
def portal(tmp_path: Path, runner: asyncio.Runner, store: Store) -> Portal:
    return Portal(tmp_path, runner, store)


def test_families_are_loaded_once(portal: Portal) -> None:
    families = (family("road", "wide", "long"), family("town", "city"))
    first = portal.lists(JUNE, *families)
    again = portal.lists(JUNE, *families)
    assert (first.read, first.written, again.written, again.changed) == (2, 2, 0, False)
    assert again.revision == first.revision
    assert portal.flows(JUNE) == {("Road", "Wide"), ("Road", "Long"), ("Town", "City")}
    assert (portal.fed("road", JUNE), portal.fed("wide", JUNE)) == ({"wide", "long"}, set())
    assert portal.fed("road", date(2011, 12, 31)) == set()


def test_what_is_derived_no_more_ends_and_what_has_left_is_closed(portal: Portal) -> None:
    portal.lists(JUNE, family("road", "wide", "long"), family("town", "city"))
    # Long roads are made of towns now, and cities are gone.
    report = portal.lists(JULY, family("road", "wide"), family("town", "long"))
    assert report.closed["Dataset"] == 1
    assert portal.fed("road", JUNE) == {"wide", "long"}
    assert portal.fed("road", JULY) == {"wide"}
    assert portal.fed("town", JULY) == {"long"}
    ended = {("Road", "Long", "2012-06-30"), ("Town", "2012-06-30")}
    assert portal.flows(JULY) == {("Road", "Wide"), ("Town", "Long")} | ended
    assert not portal.lists(JULY, family("road", "wide"), family("town", "long")).changed

    back = portal.lists(JULY, family("road", "wide", "long"), family("town"))
    assert portal.flows(JULY) >= {("Road", "Long"), ("Town", "Long", "2012-06-30")}
    assert back.quarantined == []


@pytest.mark.long_on_neo4j
def test_more_flows_than_a_page_holds_end(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ended, "MAX_PAGE", 3)
    names = [f"v{n:03}" for n in range(8)]
    portal.lists(JUNE, family("road", *names))
    portal.lists(JULY, family("road", "wide"))
    some = Compare("last_seen", Op.EQ, date(2012, 6, 30))
    select = Select("Flow", where=some, total=True)
    assert portal.runner.run(portal.store.select(Selection(select, STAFF_READER, JULY))).total == 8
    assert ("Road", "Wide") in portal.flows(JULY)


@pytest.mark.long_on_neo4j
def test_what_is_kept_out_has_not_left_and_comes_again_mended(portal: Portal) -> None:
    portal.lists(JUNE, family("road", "wide"), family("town", "city"))
    broken = {**family("town", "city"), "datasets": [view("city", name=None)]}
    report = portal.lists(JULY, family("road", "wide", "city"), broken)
    # The first of two families that have one view keeps it.
    assert [(q.place, q.problem.rule) for q in report.quarantined] == [("views.ndjson: line 2", "two-sources")]
    assert not report.closed
    assert portal.fed("town", JULY) == {"city"}


@pytest.mark.long_on_neo4j
def test_a_file_that_shrinks_is_refused(portal: Portal) -> None:
    names = [f"v{n:03}" for n in range(20)]
    portal.lists(JUNE, family("road", *names))
    with pytest.raises(LoaderError, match=r"^shrunk: "):
        portal.lists(JULY, family("road", *names[:3]))
    assert portal.fed("road", JULY) == set(names)
    portal.lists(JULY, family("road", *names[:3]), accept_shrink=True)
    assert portal.fed("road", JULY) == set(names[:3])


@pytest.mark.long_on_neo4j
def test_the_real_file_is_whole_in_the_graph(portal: Portal, real_data: Path) -> None:
    path = str(real_data / "lineage" / "socrata-derived-views.2013-06.ndjson.gz")
    report = portal.load(SocrataViewsLoader.open(path))
    assert (report.read, report.written, report.quarantined) == (1983, 1983, [])
    assert (report.created["Dataset"], report.created["FEEDS"], report.created["Portal"]) == (10_520, 8_537, 55)
    assert not portal.load(SocrataViewsLoader.open(path)).changed
    select = Select("Flow", total=True)
    assert portal.runner.run(portal.store.select(Selection(select, STAFF_READER, date(2013, 8, 1)))).total == 8_537


def test_families_that_were_kept_out_are_played_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    def waypost(*arguments: str) -> Any:
        return CliRunner().invoke(app, arguments)

    lines = [
        json.dumps(family("road", "wide")),
        '{"table": "no JSON", ',
        json.dumps(family("town", "wide")),
        json.dumps({**family("lake"), "datasets": [view("pond", name="")]}),
    ]
    Path("views.2012-06.ndjson").write_text("\n".join(lines), encoding="utf-8")
    shown = waypost("load", "socrata-views", "views.2012-06.ndjson", "--catalog", "roads").stdout
    assert "urn:waypost:source:key:socrata-views:roads as of 2012-01-01" in shown
    assert "4 read = 1 written + 0 unchanged + 3 quarantined" in shown
    assert (
        "views.2012-06.ndjson: line 3: $.datasets[1].id: two-sources: data.roads.example:wide-0000 stands in" in shown
    )

    run = next(line for line in shown.splitlines() if "waypost quarantine" in line).split()[5]
    waypost("quarantine", run, "--output", "kept.ndjson")
    head, json_, twice, unnamed = Path("kept.ndjson").read_text(encoding="utf-8").splitlines()
    # What is not mended is kept out again, though the other family does not come with it.
    Path("kept.ndjson").write_text(f"{head}\n{twice}", encoding="utf-8")
    assert "1 read = 0 written + 0 unchanged + 1 quarantined" in waypost("replay", "kept.ndjson").stdout
    raw = (json.dumps(family("hill", "peak")), family("town", "tall"), family("lake", "pond"))
    lines = [{**json.loads(line), "raw": value} for line, value in zip((json_, twice, unnamed), raw, strict=True)]
    mended = map(json.dumps, lines)
    Path("kept.ndjson").write_text("\n".join((head, *mended)), encoding="utf-8")
    assert "3 read = 3 written + 0 unchanged + 0 quarantined" in waypost("replay", "kept.ndjson").stdout
    assert "3 read = 0 written + 3 unchanged + 0 quarantined" in waypost("replay", "kept.ndjson").stdout
    assert "0 ERROR, 0 WARNING" in waypost("verify").stdout
