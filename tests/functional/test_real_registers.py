"""Real registers of releases: loaded whole, and every release judged as its columns say (domain 8.4, 9, 13).

What is expected is counted from the CSV here, by what the columns say and not by any code of the loader.
"""

from __future__ import annotations

import asyncio
import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from catalog.access import STAFF_READER
from catalog.stores.port import Store
from lineage.audit.day import DayAudit
from lineage.audit.facts import Facts
from lineage.audit.gather import gather
from lineage.audit.words import VerdictKind
from loaders.pipeline import load
from loaders.registers.days import Days
from loaders.registers.loader import RegisterLoader
from loaders.report import LoadReport

NHS = "nhs-digital.release-register.2017-09-11.csv"
PHE = ("phe.release-register.2014-15.csv", "phe.release-register.2015-16.csv")
LONDON = ZoneInfo("Europe/London")
Judged = tuple[str, tuple[str, ...], tuple[str, ...]]
"""Verdict, first codes, and every code of the agreement that is claimed, by name."""
LACKING = ("DATASET_OUT_OF_SCOPE", "NOT_YET", "PURPOSE_UNKNOWN", "UNSIGNED")
"""Where an agreement fails of which no day, no signature, no purpose and no term is told: every clause, by name."""


def rows_of(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV, by headers without what is odd in their white space."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [{" ".join(name.split()): cell.strip() for name, cell in row.items()} for row in csv.DictReader(file)]


def judged(facts: Facts, day: date) -> dict[str, Judged]:
    """Of each release of a day: verdict, first codes, and every code of the agreement that it claims."""
    found = DayAudit(facts, day)
    made: dict[str, Judged] = {}
    for flow in found.live.values():
        verdict = found.audit.verdict(flow)
        brief = found.verdicts[flow.id]
        assert (verdict.kind, verdict.reasons, verdict.why) == (brief.kind, brief.reasons, brief.why)
        codes: set[str] = set()
        if verdict.kind is VerdictKind.UNCOVERED:
            (part,) = verdict.parts
            (tried,) = part.tried
            assert tried.agreement in flow.claims
            codes = {failure.code for failure in tried.failures}
        made[flow.id.rpartition(":")[2]] = (verdict.kind, (*verdict.reasons, *verdict.why), tuple(sorted(codes)))
    return made


def uncovered(*, without_basis: bool) -> Judged:
    """What is expected where data is restricted and an agreement is named, of which the register tells nothing more."""
    lacking = {*LACKING, "NO_LEGAL_BASIS"} if without_basis else {*LACKING}
    return "UNCOVERED", ("NOT_YET",), tuple(sorted(lacking))


def taken_whole(report: LoadReport, rows: int) -> bool:
    """Whether every row was written, and none kept out."""
    return (report.read, report.written, report.quarantined) == (rows, rows, [])


class Registers:
    """Registers that are loaded into one store."""

    def __init__(self, folder: Path, runner: asyncio.Runner, store: Store) -> None:
        self.folder, self.runner, self.store = folder, runner, store

    def load(self, file: str, mapping: str, as_of: date | None = None) -> LoadReport:
        loader = RegisterLoader.open(str(self.folder / file), mapping, as_of=as_of)
        return self.runner.run(load(loader, self.store))

    def facts(self) -> Facts:
        return self.runner.run(gather(self.store, STAFF_READER, LONDON)).facts


@pytest.fixture
def registers(real_data: Path, runner: asyncio.Runner, store: Store) -> Registers:
    return Registers(real_data / "registers", runner, store)


# Public Health England: each release is judged on its day


def expected_of_phe(row: dict[str, str]) -> Judged:
    if row["Data Recipient"] == "Public Health England":
        return "NOT_NEEDED", (), ()  # it stays where it is
    if row["Data Type provided to applicant"] == "Anonymised":
        return "UNKNOWN", ("CLASS_UNDETERMINED",), ()
    without_basis = row["Legal basis for the release of personally identifiable data"] == "No legal gateway required"
    return uncovered(without_basis=without_basis)


@pytest.mark.long_on_neo4j
def test_every_release_of_public_health_england_is_judged_on_its_day(registers: Registers) -> None:
    rows = [row for file in PHE for row in rows_of(registers.folder / file)]
    first = [registers.load(file, "phe-releases") for file in PHE]
    assert [taken_whole(report, count) for report, count in zip(first, (65, 76), strict=True)] == [True, True]
    assert [report.day for report in first] == ["2015-03-25", "2016-03-29"]
    # In whatever order: the same again writes nothing.
    for file, read in zip(PHE, (65, 76), strict=True):
        again = registers.load(file, "phe-releases")
        assert (again.read, again.written, again.unchanged, again.changed) == (read, 0, read, False)

    facts = registers.facts()
    expected: dict[str, dict[str, Judged]] = defaultdict(dict)
    for row in rows:
        expected[row["Date of release"]][row["Row ID"]] = expected_of_phe(row)
    found = {day: judged(facts, date.fromisoformat(day)) for day in expected}
    assert found == expected
    # By hand: 2 stay with their agency, 17 are called anonymised, and of 35 of the rest no basis is told.
    told = Counter((kind, codes) for releases in found.values() for kind, codes, _ in releases.values())
    assert told == {
        ("UNCOVERED", ("NOT_YET",)): 122,
        ("UNKNOWN", ("CLASS_UNDETERMINED",)): 17,
        ("NOT_NEEDED", ()): 2,
    }
    assert sum(told.values()) == len(rows) == 141
    assert sum("NO_LEGAL_BASIS" in codes for day in found.values() for _, _, codes in day.values()) == 35
    assert judged(facts, date(2014, 4, 1)) == {}


# NHS Digital: no day at all


def expected_of_nhs(rows: Iterable[dict[str, str]]) -> dict[str, Judged]:
    (column,) = {name for row in rows for name in row if name.startswith("Data provided to customer")}
    based = {r["NIC Number"] for r in rows if "identifiable, aggregate" not in r["Legal Basis for Provision of Data"]}
    made: dict[str, Judged] = {}
    for row in rows:
        if row[column].startswith("Aggregated"):
            made[row["RowID"]] = "NOT_NEEDED", (), ()
            continue
        made[row["RowID"]] = uncovered(without_basis=row["NIC Number"] not in based)
    return made


@pytest.mark.long_on_neo4j
@pytest.mark.timeout(600)  # a Neo4j takes minutes for it on a busy machine
def test_every_release_of_nhs_digital_is_judged_and_none_can_be_shown_to_be_covered(registers: Registers) -> None:
    rows = rows_of(registers.folder / NHS)
    report = registers.load(NHS, "nhs-digital-releases", date(2017, 9, 11))
    assert taken_whole(report, 5776)
    assert (report.created["Flow"], report.created["Agreement"]) == (5776, 568)
    assert len({re.sub(r"-v[\d.]+$", "", row["NIC Number"]) for row in rows}) == 527
    # Two of 389 names are one group's; and the provider.
    assert report.created["Agency"] == len({row["Organisation Name"] for row in rows}) - 1 + 1 == 389

    facts = registers.facts()
    numbers = {agreement.id.split(":")[6] for agreement in facts.agreements}
    assert len(numbers) == 527
    found = judged(facts, date(2017, 9, 11))
    assert found == expected_of_nhs(rows)
    told = Counter((kind, codes) for kind, codes, _ in found.values())
    assert told == {("UNCOVERED", ("NOT_YET",)): 5773, ("NOT_NEEDED", ()): 3}
    assert sum(told.values()) == len(rows) == 5776

    again = registers.load(NHS, "nhs-digital-releases", date(2017, 9, 11))
    assert (again.read, again.written, again.unchanged, again.changed) == (5776, 0, 5776, False)


# Days as registers write them


@pytest.mark.parametrize(
    ("file", "column", "days", "counts"),
    [
        ("alspac.proposals.odd-rows.csv", "Date proposal received", "%A, %d %B, %Y", (1378, 2)),
        ("alspac.proposals.odd-rows.csv", "Date proposal approved", "%A, %d %B, %Y", (1378, 26)),
        ("slam-cris.projects.csv", "Committee Approval Decision Date", "%d-%b-%y", (420, 0)),
    ],
)
def test_real_days_are_read_and_what_stands_for_none_is_none(
    real_data: Path, file: str, column: str, days: str, counts: tuple[int, int]
) -> None:
    texts = [row[column] for row in rows_of(real_data / "registers" / file)]
    found = [Days((days,)).read(text) if text else None for text in texts]
    assert (len(found), found.count(None)) == counts
