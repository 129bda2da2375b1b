"""Lists of agencies on a real store: accounted for, the same again writes nothing, and what is kept out comes again."""

from __future__ import annotations

import asyncio
import json
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner, Result

import loaders.demo
from catalog.access import STAFF_READER
from catalog.findings import Severity
from catalog.model import MODEL
from catalog.model.own import Source
from catalog.selection import Compare, Op, Order, Related, Select, Selection
from catalog.stores.layout import Tables
from catalog.stores.port import Store
from catalog.urn import key
from catalog.verify import read_feed, verify
from loaders.agencies.loader import AgenciesLoader
from loaders.pipeline import load
from loaders.quarantine import Quarantine, Quarantined, kept_out, read_quarantine, write_quarantine
from loaders.record import Problem
from loaders.report import LoadReport
from server.cli import app

PACKAGED = Path(loaders.demo.__file__).parent / "agencies-mapping.yaml"
HEADER = "section,order,text,agency,abbreviation,note\n"
MAPPING = """\
agencies_mapping: 1
day: 2022-01-01
source: {urn: 'urn:waypost:source:key:t', title: T}
prefix: xx
jurisdiction: Nowhere
sections:
  1-1: {law: {urn: 'urn:waypost:law:key:xx:1-1', citation: N.S. 1-1}}
agencies:
  roads: {name: Department of Roads, abbreviation: DR, part_of: state}
  ways: {name: Board of Ways, valid_to: 1950-01-01, succeeded_by: roads}
  state: {name: The State}
  water: {name: Water Authority, abbreviation: WA}
seats:
  roads-1: {agency: roads, valid_from: 2016-01-08, valid_to: 2020-01-01}
  roads-2: {agency: roads, valid_from: 2020-01-01}
"""
ROADS = "1-1,1,Commissioner of Roads,Department of Roads,DR,\n"
WATER = "1-1,2,Chief of Water,Water Authority,WA,\n"


def counted(report: LoadReport) -> tuple[int, int, int, int]:
    assert report.read == report.written + report.unchanged + len(report.quarantined)
    return report.read, report.written, report.unchanged, len(report.quarantined)


class Lists:
    """A list of agencies that is loaded again and again into one store."""

    def __init__(self, folder: Path, runner: asyncio.Runner, store: Store) -> None:
        self.folder, self.runner, self.store = folder, runner, store

    def load(self, rows: str, mapping: str = MAPPING, as_of: date | None = None) -> LoadReport:
        (self.folder / "list.csv").write_text(HEADER + rows, encoding="utf-8")
        (self.folder / "mapping.yaml").write_text(mapping, encoding="utf-8")
        paths = (str(self.folder / name) for name in ("list.csv", "mapping.yaml"))
        return self.runner.run(load(AgenciesLoader.open(*paths, as_of=as_of), self.store))

    def agency(self, name: str, day: date) -> dict[str, Any] | None:
        """What a reader finds of an agency on a day: the rest of each URN that a step leads to."""
        steps = {
            "listed_in": "AgencyListing",
            "part_of": "Agency",
            "preceded_by": "Agency",
            "data_officer": "Appointment",
        }
        related = tuple(Related(step, step, Select(label, first=9)) for step, label in steps.items())
        where = Compare("urn", Op.EQ, f"urn:waypost:agency:key:xx:{name}")
        select = Select("Agency", ("name",), where, Order("name"), first=1, related=related)
        page = self.runner.run(self.store.select(Selection(select, STAFF_READER, day)))
        if not page.rows:
            return None
        return {step: [row["urn"].partition(":xx:")[2] for row in page.rows[0][step].rows] for step in steps}

    def sound(self) -> bool:
        """Whether the graph is whole."""
        revision = self.runner.run(self.store.revision())
        found = verify(self.runner.run(read_feed(self.store)), Tables(MODEL), revision=revision)
        return [f for f in found if f.severity is Severity.ERROR] == []


@pytest.fixture
def lists(tmp_path: Path, runner: asyncio.Runner, store: Store) -> Lists:
    return Lists(tmp_path, runner, store)


@pytest.mark.long_on_neo4j
@pytest.mark.real_data
def test_the_real_lists_are_taken_whole_and_again_write_nothing(
    real_data: Path, runner: asyncio.Runner, store: Store
) -> None:
    path = str(real_data / "agencies" / "ct-departments.csv")
    first = runner.run(load(AgenciesLoader.open(path, str(PACKAGED)), store))
    again = runner.run(load(AgenciesLoader.open(path, str(PACKAGED)), store))

    assert counted(first) == (53, 53, 0, 0)
    assert (first.created["AgencyListing"], first.created["Law"], first.created["LISTED_IN"]) == (53, 2, 53)
    # Thirty that the lists name, and the predecessor of one.
    assert first.created["Agency"] == 31
    assert counted(again) == (53, 0, 53, 0)
    assert not again.changed
    assert again.revision == first.revision


def test_the_graph_says_what_row_and_mapping_say(lists: Lists) -> None:
    lists.load(ROADS + WATER)
    assert lists.agency("roads", date(2018, 1, 1)) == {
        "listed_in": ["1-1:roads"],
        "part_of": ["state"],
        "preceded_by": [],  # it is no more on that day
        "data_officer": ["roads-1"],
    }
    assert (lists.agency("roads", date(1949, 1, 1)) or {})["preceded_by"] == ["ways"]
    assert (lists.agency("roads", date(2021, 1, 1)) or {})["data_officer"] == ["roads-2"]
    assert lists.agency("ways", date(2021, 1, 1)) is None
    assert lists.sound()


@pytest.mark.long_on_neo4j
def test_what_the_mapping_says_no_more_is_closed_and_what_the_list_lacks_is_not(lists: Lists) -> None:
    lists.load(ROADS + WATER)
    changed = MAPPING.replace(", part_of: state", "").replace(
        "roads-2: {agency: roads, valid_from: 2020", "roads-3: {agency: roads, valid_from: 2023"
    )
    report = lists.load(ROADS, changed, date(2023, 1, 1))
    assert counted(report) == (1, 1, 0, 0)
    assert report.closed == {"PART_OF": 1, "HAS_DATA_OFFICER": 1}
    before, after = (lists.agency("roads", date(year, 6, 1)) or {} for year in (2022, 2023))
    assert (before["part_of"], before["data_officer"]) == (["state"], ["roads-2"])
    assert after["part_of"] == []
    assert (lists.agency("water", date(2023, 6, 1)) or {})["listed_in"] == ["1-1:water"]


@pytest.mark.long_on_neo4j
def test_a_day_that_contradicts_another_source_keeps_out_that_row_alone(lists: Lists) -> None:
    """Of Roads it is known that it began in 1901: that it ended before is refused by the store, not by the loader."""
    began = MAPPING.replace("part_of: state", "valid_from: 1901-01-01").replace("  ways: {", "  old-ways: {")
    lists.load(ROADS, began)
    report = lists.load(ROADS + WATER, began.replace("valid_from: 1901-01-01", "valid_to: 1900-01-01"))
    assert counted(report) == (2, 1, 0, 1)
    assert [(q.place, q.problem.rule) for q in report.quarantined] == [("list.csv:2", "INVALID_BATCH")]
    assert (lists.agency("water", date(2022, 1, 1)) or {})["listed_in"] == ["1-1:water"]


BROKEN = {
    "ragged": "1-1,2,Chief of Water, and Ice,Water Authority,WA,",
    "encoding": "1-1,2,Chief\0of Water,Water Authority,WA,",
    "size": f"1-1,2,{'x' * 2001},Water Authority,WA,",
    "required": "1-1,2,,Water Authority,WA,",
    "order": "1-1,two,Chief of Water,Water Authority,WA,",
    "unknown-section": "1-3,2,Chief of Water,Water Authority,WA,",
    "unknown-agency": "1-1,2,Chief of Water,Watr Authority,,",
    "other-agency": "1-1,2,Chief of Water,Water Authority,DR,",
    "duplicate-row": ROADS.strip(),
}
"""A row that breaks each rule, below one that breaks none."""
MENDED = [f"1-1,2,Chief,Office {number},," for number in range(len(BROKEN))]
OFFICES = "".join(f"  office-{number}: {{name: Office {number}}}\n" for number in range(len(BROKEN)))


@pytest.mark.long_on_neo4j
def test_what_is_kept_out_is_mended_and_played_again(lists: Lists) -> None:
    mapping = MAPPING.replace("seats:", f"{OFFICES}seats:")
    report = lists.load(ROADS + "\n".join(BROKEN.values()), mapping)
    assert counted(report) == (10, 1, 0, 9)
    found = lists.runner.run(kept_out(lists.store, report.run))
    assert [(q.place, q.problem.rule, q.raw) for q in found.records] == [
        (f"list.csv:{line}", rule, raw) for line, (rule, raw) in enumerate(BROKEN.items(), 3)
    ]

    file = lists.folder / "kept.ndjson"
    file.write_bytes(b"".join(write_quarantine(found)))

    def replayed() -> LoadReport:
        loader = AgenciesLoader.replay(read_quarantine(str(file)), str(file), str(lists.folder / "mapping.yaml"))
        return lists.runner.run(load(loader, lists.store))

    # Not mended, they stay out.
    again = replayed()
    assert counted(again) == (9, 0, 0, 9)
    assert [(q.place, q.problem.rule) for q in again.quarantined] == [
        (f"kept.ndjson: record {number}", rule) for number, rule in enumerate(BROKEN, 1)
    ]
    head, *lines = file.read_text(encoding="utf-8").splitlines()
    mended = [json.dumps({**json.loads(line), "raw": raw}) for line, raw in zip(lines, MENDED, strict=True)]
    file.write_text("\n".join([head, *mended]), encoding="utf-8")
    assert counted(replayed()) == (9, 9, 0, 0)
    assert counted(replayed()) == (9, 0, 9, 0)
    for name in ("roads", "office-0", "office-8"):
        assert (lists.agency(name, date(2022, 1, 1)) or {})["listed_in"] == [f"1-1:{name}"]
    assert lists.sound()


@pytest.mark.long_on_neo4j
def test_a_line_that_was_mended_into_no_row_is_kept_out(lists: Lists) -> None:
    kept = Quarantined("", None, Problem("order", "", "", ""), None)
    wrong = {"type": 7, "rows": "", "csv": '1-1,2,"Chief', "ragged": "1-1"}
    found = Quarantine("agencies", Source(urn=key("source", "t"), title="T"), date(2022, 1, 1), "run", [])
    found.records.extend(msgspec.structs.replace(kept, raw=raw) for raw in (*wrong.values(), ROADS + WATER))
    (lists.folder / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    loader = AgenciesLoader.replay(found, "kept.ndjson", str(lists.folder / "mapping.yaml"))
    report = lists.runner.run(load(loader, lists.store))
    assert [q.problem.rule for q in report.quarantined] == [*wrong, "rows"]


# The command line


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("list.csv").write_text(HEADER + ROADS + WATER + "1-2,1,X,Water Authority,WA,\n", encoding="utf-8")
    Path("mapping.yaml").write_text(MAPPING, encoding="utf-8")
    return tmp_path


def waypost(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


@pytest.mark.usefixtures("folder")
def test_a_list_is_loaded_and_played_again_after_its_mapping_was_mended() -> None:
    loaded = waypost("load", "agencies", "list.csv", "--mapping", "mapping.yaml")
    assert loaded.exit_code == 0, loaded.output
    assert "3 read = 2 written + 0 unchanged + 1 quarantined" in loaded.stdout
    assert "list.csv:4: section: unknown-section: '1-2' is no section of mapping.yaml" in loaded.stdout
    (run,) = json.loads(waypost("quarantine", "--format", "json").stdout)
    waypost("quarantine", run["urn"], "--output", "kept.ndjson")
    more = "  1-2: {law: {urn: 'urn:waypost:law:key:xx:1-2', citation: N.S. 1-2}}\nagencies:"
    Path("mended.yaml").write_text(MAPPING.replace("agencies:", more), encoding="utf-8")
    again = waypost("replay", "kept.ndjson", "--mapping", "mended.yaml", "--strict")
    assert again.exit_code == 0, again.output
    assert "1 read = 1 written + 0 unchanged + 0 quarantined" in again.stdout
    assert "0 ERROR" in waypost("verify").stdout


@pytest.mark.usefixtures("folder")
def test_a_mapping_that_is_missing_wrong_or_out_of_place_is_one_sentence() -> None:
    Path("wrong.yaml").write_text(MAPPING.replace("key:t'", "key:other'"), encoding="utf-8")
    Path("broken.yaml").write_text(MAPPING.replace("prefix: xx\n", ""), encoding="utf-8")
    Path("file.yaml").write_text("waypost: 1\nsource: {urn: 'urn:waypost:source:key:o', title: O}\nnodes: [{}]\n")
    waypost("load", "agencies", "list.csv", "--mapping", "mapping.yaml")
    waypost("load", "waypost", "file.yaml")
    runs = {run["input"]: run["urn"] for run in json.loads(waypost("quarantine", "--format", "json").stdout)}
    waypost("quarantine", runs["list.csv"], "--output", "rows.ndjson")
    waypost("quarantine", runs["file.yaml"], "--output", "nodes.ndjson")
    for words, code, says in (
        ("load agencies list.csv", 2, "agencies: give --mapping"),
        ("load waypost file.yaml --mapping mapping.yaml", 2, "--mapping is for agencies, register: waypost takes none"),
        ("load dcat-us list.csv --mapping mapping.yaml", 2, "--mapping is for agencies, register: dcat-us takes none"),
        ("load agencies list.csv --mapping broken.yaml", 4, "required: broken.yaml:1: prefix: "),
        ("load agencies list.csv --mapping mapping.yaml --catalog x", 2, "--catalog is for dcat-us"),
        ("replay rows.ndjson", 2, "agencies: give --mapping"),
        ("replay rows.ndjson --mapping wrong.yaml", 4, "give the mapping of urn:waypost:source:key:t"),
        ("replay nodes.ndjson --mapping mapping.yaml", 2, "--mapping is for agencies, register: waypost takes none"),
    ):
        result = waypost(*words.split())
        assert (result.exit_code, says in result.stderr) == (code, True), (words, result.output)
