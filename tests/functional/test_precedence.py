"""What a person says stands over what is harvested, from one load to the next (ADR 10)."""

from __future__ import annotations

import asyncio
import json
from datetime import date
from pathlib import Path
from typing import Any

from catalog.access import STAFF_READER
from catalog.selection import Row, Select, Selection
from catalog.stores.port import Store
from loaders.dcat_us.loader import DcatUsLoader
from loaders.pipeline import load
from loaders.report import LoadReport
from loaders.waypost_file.loader import WaypostFileLoader

_DAY = date(2021, 1, 1)
_HARVESTED = [{"identifier": "w", "title": "WELLS_2019", "description": "Depths of wells", "keyword": ["water"]}]
_SAID = """
waypost: 1
day: 2021-01-01
source: {urn: 'urn:waypost:source:key:steward', title: The steward}
nodes:
- kind: Dataset
  urn: urn:waypost:dataset:dcat:state:w
  title: Wells
  audience: STAFF
"""


def _harvest(tmp_path: Path, datasets: list[Any], **options: Any) -> DcatUsLoader:
    path = tmp_path / "state.json"
    path.write_text(json.dumps({"dataset": datasets}), encoding="utf-8")
    return DcatUsLoader.open(str(path), as_of=_DAY, **options)


def _said(tmp_path: Path) -> WaypostFileLoader:
    path = tmp_path / "steward.yaml"
    path.write_text(_SAID, encoding="utf-8")
    return WaypostFileLoader(str(path))


def _row(runner: asyncio.Runner, store: Store, kind: str, *props: str) -> Row:
    (row,) = runner.run(store.select(Selection(Select(kind, (*props, "source")), STAFF_READER, _DAY))).rows
    return row


def _unchanged(report: LoadReport) -> bool:
    return (report.read, report.written, report.unchanged) == (1, 0, 1)


def test_a_harvest_never_overwrites_what_a_person_entered(tmp_path: Path, runner: asyncio.Runner, store: Store) -> None:
    runner.run(load(_harvest(tmp_path, _HARVESTED), store))
    runner.run(load(_said(tmp_path), store))
    again = runner.run(load(_harvest(tmp_path, _HARVESTED), store))
    assert _unchanged(again)
    assert again.outranked == {"Dataset": 1}
    assert "outranked: 1 Dataset" in again.to_text()
    assert _unchanged(runner.run(load(_said(tmp_path), store)))

    changed = [{**_HARVESTED[0], "title": "WELLS_2020", "description": "Depths and yields"}]
    assert runner.run(load(_harvest(tmp_path, changed), store)).written == 1
    found = _row(runner, store, "Dataset", "title", "description", "keywords")
    assert (found["title"], found["description"], found["keywords"]) == ("Wells", "Depths and yields", ["water"])
    assert found["source"] == "urn:waypost:source:key:steward"


def test_the_rank_of_a_catalog_is_stated_once_and_kept(tmp_path: Path, runner: asyncio.Runner, store: Store) -> None:
    runner.run(load(_said(tmp_path), store))
    runner.run(load(_harvest(tmp_path, _HARVESTED, precedence=10), store))
    assert _row(runner, store, "Dataset", "title")["title"] == "WELLS_2019"
    assert _unchanged(runner.run(load(_harvest(tmp_path, _HARVESTED), store)))
    runner.run(load(_harvest(tmp_path, _HARVESTED, precedence=60), store))
    assert _row(runner, store, "Dataset", "title")["title"] == "Wells"
