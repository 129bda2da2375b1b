"""A catalog that changes: what has left it is closed, and one that is not to be believed closes nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from catalog.access import PUBLIC_READER, STAFF_READER
from catalog.selection import Order, Select, Selection
from catalog.stores.port import Store
from loaders.dcat_us.loader import DcatUsLoader
from loaders.errors import LoaderError
from loaders.pipeline import load
from loaders.reconcile import judge
from loaders.report import LoadReport

JUNE, JULY = date(2021, 6, 1), date(2021, 7, 1)


class Portal:
    """A portal whose catalog is loaded again and again."""

    def __init__(self, folder: Path, runner: asyncio.Runner, store: Store, name: str = "roads") -> None:
        self.path = folder / f"{name}.json"
        self.runner = runner
        self.store = store

    def lists(self, identifiers: Sequence[str], on: date, **options: Any) -> LoadReport:
        """Load a catalog that lists these and was taken on this day."""
        datasets = [{"identifier": i, "title": f"Title {i}", "publisher": {"name": "Roads"}} for i in identifiers]
        self.path.write_text(json.dumps({"dataset": datasets}), encoding="utf-8")
        report = self.runner.run(load(DcatUsLoader.open(str(self.path), as_of=on), self.store, **options))
        assert report.read == report.written + report.unchanged + len(report.quarantined)
        return report

    def shown(self, on: date) -> list[str]:
        """The identifiers of the datasets that a reader finds on a day."""
        select = Select("Dataset", ("identifier",), order=Order("title"), first=1000)
        page = self.runner.run(self.store.select(Selection(select, PUBLIC_READER, on)))
        return [row["identifier"] for row in page.rows]

    def runs(self) -> list[tuple[str, str | None]]:
        """State and reason of every load, in order."""
        select = Select("LoadRun", ("state", "reason"), order=Order("started_at"), first=100)
        page = self.runner.run(self.store.select(Selection(select, STAFF_READER, JULY)))
        return [(row["state"], row["reason"]) for row in page.rows]

    def revision(self) -> int:
        return self.runner.run(self.store.revision())


@pytest.fixture
def portal(tmp_path: Path, runner: asyncio.Runner, store: Store) -> Portal:
    return Portal(tmp_path, runner, store)


TWENTY = [f"d{n:02}" for n in range(20)]


def test_what_has_left_is_closed_and_not_deleted(portal: Portal) -> None:
    portal.lists(TWENTY, JUNE)
    report = portal.lists([*TWENTY[2:], "new"], JULY)

    assert (report.written, report.unchanged) == (1, 18)
    assert report.closed == {"Dataset": 2, "CatalogRecord": 2}
    assert portal.shown(JUNE) == [*TWENTY, "new"], "nobody says since when it is there"
    assert portal.shown(JULY) == [*TWENTY[2:], "new"]
    revision = portal.revision()
    again = portal.lists([*TWENTY[2:], "new"], JULY)
    assert (again.written, again.changed, portal.revision()) == (0, False, revision)


def test_what_comes_back_is_open_again(portal: Portal) -> None:
    portal.lists(TWENTY, JUNE)
    portal.lists(TWENTY[1:], JULY)
    assert portal.lists(TWENTY, date(2021, 8, 1)).written == 1
    assert portal.shown(date(2021, 8, 1)) == TWENTY


@pytest.mark.long_on_neo4j
def test_what_is_listed_and_cannot_be_kept_has_not_left(portal: Portal) -> None:
    portal.lists(TWENTY, JUNE)
    datasets = [{"identifier": i, "title": f"Title {i}" if i != "d00" else None} for i in TWENTY]
    portal.path.write_text(json.dumps({"dataset": datasets}), encoding="utf-8")
    report = portal.runner.run(load(DcatUsLoader.open(str(portal.path), as_of=JULY), portal.store))

    assert len(report.quarantined) == 1
    assert not {"Dataset", "CatalogRecord"} & set(report.closed)
    assert portal.shown(JULY) == TWENTY


@pytest.mark.long_on_neo4j
def test_an_older_catalog_undoes_nothing(portal: Portal) -> None:
    portal.lists(TWENTY[:18], JULY)
    revision = portal.revision()
    # Of twenty that it lists, it is not even asked whether that is likely.
    report = portal.lists(["other"], JUNE)

    assert (report.read, report.unchanged, report.superseded_by) == (1, 1, "2021-07-01")
    assert "loaded as of 2021-07-01" in report.to_text()
    assert portal.revision() == revision
    assert portal.shown(JULY) == TWENTY[:18]
    # What came later is still what counts.
    assert portal.lists(TWENTY[:17], date(2021, 6, 30)).superseded_by == "2021-07-01"


@pytest.mark.long_on_neo4j
@pytest.mark.parametrize(
    ("identifiers", "rule"),
    [(TWENTY[:15], "shrunk"), ([], "shrunk"), ([f"new-{i}" for i in TWENTY], "renumbered")],
    ids=["a part", "nothing", "other names"],
)
def test_a_catalog_that_is_not_likely_is_refused_before_anything_is_written(
    portal: Portal, identifiers: list[str], rule: str
) -> None:
    portal.lists(TWENTY, JUNE)
    revision = portal.revision()
    with pytest.raises(LoaderError, match="--accept-shrink") as refused:
        portal.lists(identifiers, JULY)

    assert refused.value.rule == rule
    assert portal.revision() == revision
    assert portal.shown(JULY) == TWENTY
    assert portal.runs() == [("COMPLETED", None), ("REFUSED", str(refused.value))]
    # It was no load: what it would have listed does not count as the latest.
    assert portal.lists(TWENTY, date(2021, 6, 15)).superseded_by is None

    accepted = portal.lists(identifiers, JULY, accept_shrink=True)
    assert accepted.closed["Dataset"] == len(set(TWENTY) - set(identifiers))
    assert portal.shown(JULY) == sorted(identifiers)


def test_small_catalogs_change_as_they_like() -> None:
    assert judge(["a", "b", "c"], ["c"], accept_shrink=False) == ["a", "b"]
    assert judge([], ["c"], accept_shrink=False) == []
    ten = [str(n) for n in range(10)]
    assert judge(ten, ten[2:], accept_shrink=False) == ["0", "1"]
    with pytest.raises(LoaderError, match="lists 7 datasets, and of 10 that it listed before 3 are gone"):
        judge(ten, ten[3:], accept_shrink=False)


@pytest.mark.long_on_neo4j
@pytest.mark.real_data
def test_one_portal_fifteen_months_apart(real_data: Path, runner: asyncio.Runner, store: Store, tmp_path: Path) -> None:
    portal = Portal(tmp_path, runner, store)

    def loaded(name: str) -> LoadReport:
        path = real_data / "dcat-us-1.1" / f"cdc.gov.{name}.data.json"
        return runner.run(load(DcatUsLoader.open(str(path)), store))

    first = loaded("2020-04-24")
    assert (first.written, first.created["Dataset"]) == (533, 533)
    second = loaded("2021-08-01")
    assert (second.created["Dataset"], second.closed["Dataset"], second.closed["CatalogRecord"]) == (211, 5, 5)
    assert second.read - second.created["Dataset"] == 528
    day = date.fromisoformat(second.day)
    shown, revision = portal.shown(day), portal.revision()
    assert len(shown) == 739

    third = loaded("2020-04-24")
    assert third.superseded_by == second.day
    assert (portal.shown(day), portal.revision()) == (shown, revision)
