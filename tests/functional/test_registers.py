"""Registers on a real store: what is judged by what they tell, what a corrected file changes, what is kept out."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from typer.testing import CliRunner, Result

from catalog.access import PUBLIC_READER, STAFF_READER, Reader
from catalog.findings import Severity
from catalog.model import MODEL
from catalog.selection import Compare, Op, Select, Selection
from catalog.stores.layout import Tables
from catalog.stores.port import Expand, Store
from catalog.urn import Urn
from catalog.verify import read_feed, verify
from lineage.audit.day import DayAudit
from lineage.audit.gather import gather
from loaders.errors import LoaderError
from loaders.pipeline import load
from loaders.quarantine import kept_out, read_quarantine, write_quarantine
from loaders.registers.loader import RegisterLoader
from loaders.report import LoadReport
from server.cli import app
from tests.support.pages import ROOT

HEADER = "No,To,What,Kind,Basis,Use,Paper,Asked,Signed,From,Until,On"
MAPPING = """\
register_mapping: 1
source: {urn: 'urn:waypost:source:key:t', title: T}
prefix: xx
register: r
audience: PUBLIC
provider: roads
columns:
  release: 'No'
  recipient: To
  dataset: What
  class: Kind
  basis: [Grounds, Basis]
  purpose: Use
  agreement: Paper
  requested_on: Asked
  executed_on: Signed
  effective_from: From
  effective_to: Until
  first_seen: 'On'
  last_seen: 'On'
agreement: {version_after: ' v', covers: true}
agencies:
  roads: {name: Department of Roads, abbreviation: DR, aliases: [Roads]}
classes:
  identifiable: [PERSONAL, PRIVATE]
  counts: PUBLIC
  who knows: UNDETERMINED
laws:
  act: {urn: 'urn:waypost:law:key:xx:act', citation: Act}
bases: {under the Act: act, none: []}
purposes:
  audit: {urn: 'urn:waypost:purpose:key:xx:audit', label: Audit}
  study: {urn: 'urn:waypost:purpose:key:xx:study', label: Study}
dates: {formats: ['%d/%m/%Y'], none: [open]}
"""
GOOD = (
    "Uni",
    "Trips",
    "identifiable",
    "under the Act",
    "audit",
    "A v1",
    "2020-01-01",
    "2020-02-01",
    "01/03/2020",
    "open",
)
"""All but the number and the day of a release that is covered from 2020-03-01 on."""


def row(number: str, on: str, **other: str) -> str:
    """A row of a release like ``GOOD``, but for some columns."""
    cells = dict(zip(HEADER.split(","), (number, *GOOD, on), strict=True)) | other
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerow(cells.values())
    return written.getvalue().rstrip("\n")


def counted(report: LoadReport) -> tuple[int, int, int, int]:
    assert report.read == report.written + report.unchanged + len(report.quarantined)
    return report.read, report.written, report.unchanged, len(report.quarantined)


class Office:
    """An office whose registers are loaded again and again into one store."""

    def __init__(self, folder: Path, runner: asyncio.Runner, store: Store) -> None:
        self.folder, self.runner, self.store = folder, runner, store

    def publishes(
        self, *rows: str, mapping: str = MAPPING, header: str = HEADER, name: str = "2020", **more: Any
    ) -> LoadReport:
        """Load a file under the name of its year."""
        (self.folder / f"{name}.csv").write_text("\n".join((header, *rows)), encoding="utf-8")
        (self.folder / "mapping.yaml").write_text(mapping, encoding="utf-8")
        as_of = more.pop("as_of", None)
        paths = (str(self.folder / file) for file in (f"{name}.csv", "mapping.yaml"))
        return self.runner.run(load(RegisterLoader.open(*paths, as_of=as_of), self.store, **more))

    def verdicts(self, day: date) -> dict[str, tuple[str, ...]]:
        """Of each release that is live on a day: the verdict with its codes."""
        found = DayAudit(self.runner.run(gather(self.store, STAFF_READER, ZoneInfo("UTC"))).facts, day)
        said = ((flow.rpartition(":")[2], each) for flow, each in found.verdicts.items())
        return {name: (each.kind, *each.reasons, *each.why) for name, each in said}

    def nodes(self, label: str, *props: str, reader: Reader = STAFF_READER, day: date = date(2021, 1, 1)) -> list[Any]:
        """What a reader finds of a kind: the URN without its beginning, and some properties."""
        page = self.runner.run(self.store.select(Selection(Select(label, props, first=100), reader, day)))
        return sorted((found["urn"].partition(":key:")[2], *(found[prop] for prop in props)) for found in page.rows)

    def fed(self, data: str, on: date) -> set[str]:
        """The releases of a body of data on a day, by lineage."""
        start = Urn(f"urn:waypost:dataset:key:xx:r:roads:{data}")
        step = Expand("Dataset", "downstream", (start,), PUBLIC_READER, on)
        return {hop.end.rpartition(":")[2] for hop in self.runner.run(self.store.expand(step)).hops}

    def sound(self) -> bool:
        """Whether the graph is whole."""
        revision = self.runner.run(self.store.revision())
        found = verify(self.runner.run(read_feed(self.store)), Tables(MODEL), revision=revision)
        return [each for each in found if each.severity is Severity.ERROR] == []


@pytest.fixture
def office(tmp_path: Path, runner: asyncio.Runner, store: Store) -> Office:
    return Office(tmp_path, runner, store)


# What is judged


def test_a_release_is_judged_by_what_the_register_tells(office: Office) -> None:
    day = "2020-03-01"
    told = {
        "1": row("1", day),
        "2": row("2", day, Paper="B", From="2020-03-02"),
        "3": row("3", day, Paper="C", Until="29/02/2020", From="2020-02-02"),
        "4": row("4", day, Paper="D", Signed="-"),
        "5": row("5", day, Paper="E", Basis="none", To="School"),
        "6": row("6", day, Paper="F", Use="", To="Lab"),
        "7": row("7", day, Paper="", To="Shop"),
        "8": row("8", day, Kind="Counts"),
        "9": row("9", day, Kind="who  KNOWS"),
        "10": row("10", day, To="roads"),
        "11": row("11", day, Paper="G", From="1900-01-01", What="Fines"),
        "12": row("12", "2020-03-02"),
    }
    report = office.publishes(*told.values())
    assert counted(report) == (12, 12, 0, 0)
    assert office.verdicts(date(2020, 3, 1)) == {
        # Whatever was about that data, or between the two, is tried; what one agreement covers is covered.
        "1": ("COVERED",),
        "2": ("COVERED",),
        "3": ("COVERED",),
        "4": ("COVERED",),
        # School, Lab and Shop are in no agreement that is in force but their own.
        "5": ("UNCOVERED", "EXPIRED", "NOT_YET", "NO_LEGAL_BASIS", "RECIPIENT_NOT_PERMITTED", "UNSIGNED"),
        "6": ("UNCOVERED", "EXPIRED", "NOT_YET", "PURPOSE_UNKNOWN", "RECIPIENT_NOT_PERMITTED", "UNSIGNED"),
        "7": ("UNCOVERED", "EXPIRED", "NOT_YET", "RECIPIENT_NOT_PERMITTED", "UNSIGNED"),
        "8": ("NOT_NEEDED",),
        "9": ("UNKNOWN", "CLASS_UNDETERMINED"),
        "10": ("NOT_NEEDED",),
        # A day that stands for none is none.
        "11": ("UNCOVERED", "DATASET_OUT_OF_SCOPE", "EXPIRED", "NOT_YET", "UNSIGNED"),
    }
    assert office.verdicts(date(2020, 3, 2)) == {"12": ("COVERED",)}
    assert office.sound()


@pytest.mark.long_on_neo4j
def test_agreements_of_one_register_cover_the_releases_of_another(office: Office) -> None:
    releases = MAPPING.replace(", covers: true", "").replace("key:t'", "key:releases'")
    for name in ("requested_on: Asked", "executed_on: Signed", "effective_from: From", "effective_to: Until"):
        releases = releases.replace(f"  {name}\n", "")
    office.publishes(row("1", "2020-03-01"), mapping=releases)
    assert office.verdicts(date(2020, 3, 1)) == {"1": ("UNCOVERED", "NOT_YET")}

    agreements = MAPPING.replace("  release: 'No'\n", "").replace("  first_seen: 'On'\n  last_seen: 'On'\n", "")
    rows = (row("", ""), row("", "", What="Fines"))
    assert counted(office.publishes(*rows, mapping=agreements, name="agreements")) == (2, 2, 0, 0)
    assert counted(office.publishes(*rows, mapping=agreements, name="agreements")) == (2, 0, 2, 0)
    assert office.nodes("Agreement", "reference") == [("xx:r:A:1", "A v1")]
    assert office.verdicts(date(2020, 3, 1)) == {"1": ("COVERED",)}
    assert office.sound()


@pytest.mark.long_on_neo4j
def test_each_row_may_name_its_provider(office: Office) -> None:
    mapping = MAPPING.replace("provider: roads\n", "").replace("columns:\n", "columns:\n  provider: By\n")
    rows = (f"{row('1', '2020-03-01')},DR", f"{row('2', '2020-03-01', Paper='B')},Water", row("3", "2020-03-01") + ",")
    report = office.publishes(*rows, mapping=mapping, header=f"{HEADER},By")
    assert [(kept.place, kept.problem.path, kept.problem.rule) for kept in report.quarantined] == [
        ("2020.csv:4", "By", "required")
    ]
    assert [urn for (urn,) in office.nodes("Agency")] == ["xx:roads", "xx:uni", "xx:water"]
    assert office.verdicts(date(2020, 3, 1)) == {"1": ("COVERED",), "2": ("COVERED",)}


@pytest.mark.long_on_neo4j
def test_what_is_published_is_public_and_the_rest_is_for_staff(office: Office) -> None:
    office.publishes(row("1", "2020-03-01"))
    assert office.nodes("Agreement", "title", reader=PUBLIC_READER) == [("xx:r:A:1", "A version 1")]
    assert office.nodes("CatalogRecord", reader=PUBLIC_READER) == []
    ((_, raw),) = office.nodes("CatalogRecord", "raw")
    assert json.loads(raw) == dict(zip(HEADER.split(","), ("1", *GOOD, "2020-03-01"), strict=True))

    office.publishes(row("2", "2020-03-01"), mapping=MAPPING.replace("audience: PUBLIC\n", ""), name="2021")
    assert [urn for (urn,) in office.nodes("Flow", reader=PUBLIC_READER)] == ["xx:r:1"]


# What a corrected file changes


@pytest.mark.long_on_neo4j
def test_a_corrected_file_replaces_the_one_of_its_name_alone(office: Office) -> None:
    march, may = date(2020, 3, 1), date(2020, 5, 1)
    mapping = MAPPING.replace("  last_seen: 'On'\n", "")  # they go on
    first = [row("1", "2020-03-01"), row("2", "2020-03-01"), row("3", "2020-03-01")]
    office.publishes(*first, mapping=mapping, as_of=march)
    office.publishes(row("4", "2020-04-01"), mapping=mapping, name="2021", as_of=march)
    assert office.fed("trips:identifiable", date(2020, 4, 1)) == {"1", "2", "3", "4"}

    # The data of 2 was another, under no basis, and 3 was no release.
    changed = (row("1", "2020-03-01", Basis="none"), row("2", "2020-03-01", What="Fines", Basis="none"))
    report = office.publishes(*changed, mapping=mapping, as_of=may)
    assert report.closed["Dataset"] == report.closed["CatalogRecord"] == 1
    assert office.fed("trips:identifiable", date(2020, 4, 1)) == {"1", "2", "3", "4"}
    assert office.fed("trips:identifiable", may) == {"1", "4"}
    assert office.fed("fines:identifiable", may) == {"2"}
    # The other file still says what the agreement rests on.
    assert set(office.verdicts(may).values()) == {("COVERED",)}
    assert set(office.verdicts(may)) == {"1", "2", "4"}
    assert counted(office.publishes(*changed, mapping=mapping, as_of=may)) == (2, 0, 2, 0)
    assert office.sound()


@pytest.mark.long_on_neo4j
def test_a_row_that_is_kept_out_has_not_left(office: Office) -> None:
    mapping = MAPPING.replace("  last_seen: 'On'\n", "")  # they go on
    rows = [row("1", "2020-03-01"), row("2", "2020-03-01", To="School", Basis="none", Use="study")]
    office.publishes(*rows, mapping=mapping, as_of=date(2020, 4, 1))
    for broken in (row("2", "soon"), f"{rows[1]},more"):
        report = office.publishes(rows[0], broken, mapping=mapping, as_of=date(2020, 5, 1))
        assert counted(report) == (2, 0, 1, 1)
        assert not report.changed
    assert office.fed("trips:identifiable", date(2020, 6, 1)) == {"1", "2"}
    assert office.verdicts(date(2020, 6, 1)) == {"1": ("COVERED",), "2": ("COVERED",)}


@pytest.mark.long_on_neo4j
def test_a_register_that_shrinks_is_refused(office: Office) -> None:
    rows = [row(str(number), "2020-03-01") for number in range(20)]
    office.publishes(*rows)
    with pytest.raises(LoaderError, match=r"^shrunk: "):
        office.publishes(*rows[:3])
    assert office.publishes(*rows[:3], accept_shrink=True).closed["Dataset"] == 17


def test_progress_tells_of_what_is_written_and_not_of_what_is_read_alone(office: Office) -> None:
    told: list[int] = []
    office.publishes(row("1", "2020-03-01"), row("2", "2020-03-01"), row("3", "soon"), on_progress=told.append)
    # The nodes of all rows, then their edges; the row that is kept out is done with.
    assert told == [1, 3]


def test_a_load_of_which_nothing_could_be_taken_does_not_keep_out_the_mended_one(office: Office) -> None:
    # Days that the mapping does not explain: the register speaks of today, as far as anybody can tell.
    rows = [row("1", "02-Mar-20"), row("2", "05-Mar-20")]
    report = office.publishes(*rows)
    assert counted(report) == (2, 0, 0, 2)
    assert report.day > "2020-03-05"
    report = office.publishes(*rows, mapping=MAPPING.replace("'%d/%m/%Y'", "'%d/%m/%Y', '%d-%b-%y'"))
    assert (report.day, report.superseded_by) == ("2020-03-05", None)
    assert counted(report) == (2, 2, 0, 0)


# What is kept out


BROKEN = {
    "ragged": "2,Uni",
    "encoding": row("2", "2020-03-01", To="U\0ni"),
    "size": row("2" * 301, "2020-03-01"),
    "required": row("2", "2020-03-01", What=" "),
    "unknown-class": row("2", "2020-03-01", Kind="identifable"),
    "unknown-basis": row("2", "2020-03-01", Basis="custom"),
    "unknown-purpose": row("2", "2020-03-01", Use="fun"),
    "day": row("2", "2020-02-30"),
    "backwards": row("2", "2020-03-01", Asked="2020-02-02"),
    "contradiction": row("2", "2020-03-01", Signed="2020-02-02"),
    "duplicate-row": row("1", "2020-03-02"),
}
"""A row that breaks each rule, below one that breaks none."""


@pytest.mark.long_on_neo4j
def test_what_is_kept_out_is_mended_and_played_again(office: Office) -> None:
    report = office.publishes(row("1", "2020-03-01"), *BROKEN.values())
    assert counted(report) == (12, 1, 0, 11)
    found = office.runner.run(kept_out(office.store, report.run))
    assert [(kept.place, kept.problem.rule) for kept in found.records] == [
        (f"2020.csv:{line}", rule) for line, rule in enumerate(BROKEN, 3)
    ]
    names = HEADER.split(",")
    for kept, text in zip(found.records, BROKEN.values(), strict=True):
        (cells,) = csv.reader([text])
        assert kept.raw == (text if kept.problem.rule == "ragged" else dict(zip(names, cells, strict=True)))

    file = office.folder / "kept.ndjson"
    file.write_bytes(b"".join(write_quarantine(found)))

    def replayed() -> LoadReport:
        loader = RegisterLoader.replay(read_quarantine(str(file)), str(file), str(office.folder / "mapping.yaml"))
        return office.runner.run(load(loader, office.store))

    # Not mended, they stay out, for the same reasons.
    again = replayed()
    assert counted(again) == (11, 0, 0, 11)
    assert [kept.problem.rule for kept in again.quarantined] == list(BROKEN)
    head, *lines = file.read_text(encoding="utf-8").splitlines()
    good = [dict(zip(names, (f"m{number}", *GOOD, "2020-03-01"), strict=True)) for number in range(len(lines))]
    mended = [json.dumps({**json.loads(line), "raw": raw}) for line, raw in zip(lines, good, strict=True)]
    file.write_text("\n".join([head, *mended]), encoding="utf-8")
    assert counted(replayed()) == (11, 11, 0, 0)
    assert counted(replayed()) == (11, 0, 11, 0)
    assert office.fed("trips:identifiable", date(2020, 3, 1)) == {"1", *(each["No"] for each in good)}
    assert set(office.verdicts(date(2020, 3, 1)).values()) == {("COVERED",)}
    assert office.sound()


@pytest.mark.long_on_neo4j
def test_a_line_that_was_mended_into_no_row_is_kept_out(office: Office) -> None:
    report = office.publishes(row("1", "2020-03-01"), BROKEN["day"])
    found = office.runner.run(kept_out(office.store, report.run))
    (kept,) = found.records
    wrong: Iterable[Any] = (7, [], {}, {"No": 7}, "2,Uni", {"No": "2", "To": "\ud800"})
    found = msgspec.structs.replace(found, records=[msgspec.structs.replace(kept, raw=raw) for raw in wrong])
    loader = RegisterLoader.replay(found, "kept.ndjson", str(office.folder / "mapping.yaml"))
    rules = [record.problem and record.problem.rule for record in loader.records()]
    assert rules == ["type", "type", "type", "type", "ragged", "encoding"]


# Names


@pytest.mark.long_on_neo4j
def test_names_that_a_key_does_not_hold_whole_are_told_apart(office: Office) -> None:
    names = ("Uni", "U.N.I. ", "\u5927\u5b66 A", "\u5927\u962a A", "\u5927\u5b66", "x" * 200, "x" * 201)
    rows = [row(str(number), "2020-03-01", To=name, Paper="") for number, name in enumerate(names)]
    office.publishes(*rows)
    found = {name for _, name in office.nodes("Agency", "name")}
    assert found == {"Department of Roads", *(name.strip() for name in names)}


@pytest.mark.long_on_neo4j
def test_one_name_in_several_spellings_is_one(office: Office) -> None:
    names = ("Uni of X", "UNI OF  X", "Uni-of-X", "roads!")
    report = office.publishes(*(row(str(number), "2020-03-01", To=name) for number, name in enumerate(names)))
    assert counted(report) == (4, 4, 0, 0)
    assert [name for _, name in office.nodes("Agency", "name")] == ["Department of Roads", "Uni of X"]
    assert office.verdicts(date(2020, 3, 1))["3"] == ("NOT_NEEDED",)
    where = Compare("urn", Op.EQ, "urn:waypost:agreement:key:xx:r:A:1")
    select = Select("Agreement", where=where, total=True)
    assert office.runner.run(office.store.select(Selection(select, STAFF_READER, date.max))).total == 1


# The command line


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WAYPOST_ZONE", "UTC")
    Path("2020.csv").write_text(
        "\n".join((HEADER, row("1", "2020-03-01"), row("2", "2020-03-01", Basis="custom"))), encoding="utf-8"
    )
    Path("mapping.yaml").write_text(MAPPING, encoding="utf-8")
    return tmp_path


def waypost(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


@pytest.mark.usefixtures("folder")
def test_a_register_is_loaded_mended_and_audited() -> None:
    loaded = waypost("load", "register", "2020.csv", "--mapping", "mapping.yaml")
    assert loaded.exit_code == 0, loaded.output
    assert "register: urn:waypost:source:key:t:2020 as of 2020-03-01" in loaded.stdout
    assert "2 read = 1 written + 0 unchanged + 1 quarantined" in loaded.stdout
    assert (
        "kept out: 2020.csv:3: Basis: unknown-basis: mapping.yaml does not say what 'custom' means: "
        "mend the word, or add it to the mapping"
    ) in loaded.stdout
    (run,) = json.loads(waypost("quarantine", "--format", "json").stdout)
    waypost("quarantine", run["urn"], "--output", "kept.ndjson")
    Path("mended.yaml").write_text(MAPPING.replace("none: []", "none: [], custom: act"), encoding="utf-8")
    again = waypost("replay", "kept.ndjson", "--mapping", "mended.yaml", "--strict")
    assert again.exit_code == 0, again.output
    assert "0 ERROR" in waypost("verify").stdout
    audit = waypost("audit", "--as-of", "2020-03-01", "--format", "csv")
    assert audit.exit_code == 0, audit.output
    lines = list(csv.DictReader(io.StringIO(audit.stdout)))
    assert [(line["title"], line["verdict"], line["by"]) for line in lines] == [
        ("1: Trips", "COVERED", "urn:waypost:agreement:key:xx:r:A:1"),
        ("2: Trips", "COVERED", "urn:waypost:agreement:key:xx:r:A:1"),
    ]


@pytest.mark.usefixtures("folder")
def test_the_mapping_that_the_page_shows_loads_such_a_register() -> None:
    page = (ROOT / "docs" / "registers.md").read_text(encoding="utf-8")
    (mapping,) = re.findall(r"^```yaml\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    (header,) = re.findall(r"with the header `([^`]+)`", page)
    Path("shown.yaml").write_text(mapping, encoding="utf-8")
    Path("releases.csv").write_text(f"{header}\n7,Uni,Trips,identifiable,A,31/03/2020\n", encoding="utf-8")
    loaded = waypost("load", "register", "releases.csv", "--mapping", "shown.yaml", "--strict")
    assert loaded.exit_code == 0, loaded.output
    audit = waypost("audit", "--as-of", "2020-03-31", "--format", "csv", "--fail-on", "never")
    (line,) = csv.DictReader(io.StringIO(audit.stdout))
    assert (line["title"], line["verdict"], line["reasons"]) == ("7: Trips", "UNCOVERED", "NOT_YET")


@pytest.mark.usefixtures("folder")
def test_a_mapping_that_is_missing_or_out_of_place_is_one_sentence() -> None:
    waypost("load", "register", "2020.csv", "--mapping", "mapping.yaml", "--catalog", "of-2020")
    (run,) = json.loads(waypost("quarantine", "--format", "json").stdout)
    waypost("quarantine", run["urn"], "--output", "kept.ndjson")
    for words, code, says in (
        ("load register 2020.csv", 2, "register: give --mapping, the file that says what its columns"),
        ("load register 2020.csv --mapping phe", 4, "give a path, or one of nhs-digital-releases, phe-releases"),
        ("load register 2020.csv --mapping phe-releases", 4, "header: 2020.csv:1: the file: no column is called"),
        ("load waypost x.yaml --mapping mapping.yaml", 2, "--mapping is for agencies, register: waypost takes none"),
        ("replay kept.ndjson", 2, "register: give --mapping"),
        ("replay kept.ndjson --mapping phe-releases", 4, "give the mapping of urn:waypost:source:key:t:of-2020"),
    ):
        result = waypost(*words.split())
        assert (result.exit_code, says in result.stderr) == (code, True), (words, result.output)
