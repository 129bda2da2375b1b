"""What the audit finds in the demo catalog: every verdict, reason and grade, as docs/demo-audit.md tells it by hand."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from catalog.access import STAFF_READER
from catalog.stores.port import Change
from lineage.audit.day import DayAudit
from lineage.audit.gather import Gathered, gather
from lineage.audit.words import Grade, Reason, VerdictKind, Why
from tests.contract.backends import BACKENDS
from tests.graphql.demo import filled
from tests.support.pages import ROOT

STORES = [pytest.param(each.name, marks=[pytest.mark.neo4j] * each.needs_neo4j) for each in BACKENDS.values()]
DAY = date(2022, 12, 31)
ROW = re.compile(r"^\| ((?:`[A-Z_]+` ?)+) \| ([^|]+) \|", re.MULTILINE)

KEY, PORTAL = "urn:waypost:dataset:key:ct:", "urn:waypost:dataset:socrata:data.ct.gov:"
WAGES = [f"{KEY}{name}" for name in ("decd:company-wages", "dol:quarterly-wages", "dol:wage-reports")]
JOBS = [f"{KEY}decd:{name}" for name in ("contracts", "jobs-kept")]
LINKED = [f"{KEY}{name}" for name in ("dol:linked-file", "dss:snap-participation", "sde:enrollment")]
LEAKS = {
    # Of one of the two lists it is known which column comes from where.
    **{(each, f"{PORTAL}xnw3-nytd"): Grade.SEVERE for each in JOBS},
    **{(each, f"{PORTAL}xnw3-nytd"): Grade.POSSIBLE for each in WAGES},
    **{(each, f"{PORTAL}t2xi-dmhg"): Grade.POSSIBLE for each in (*JOBS, *WAGES)},
    (f"{KEY}oec:licence-files", f"{PORTAL}4jc3-c5bs"): Grade.MINOR,
    (f"{KEY}oec:licence-files", f"{PORTAL}fnpd-u9pc"): Grade.POSSIBLE,
    (f"{KEY}dds:waiver-enrollment", f"{PORTAL}9x9z-wwvd"): Grade.POSSIBLE,
    **{(each, f"{KEY}dol:outcomes-by-town"): Grade.POSSIBLE for each in LINKED},
    (f"{PORTAL}b674-jy6w", f"{KEY}opm:equity-dashboard"): Grade.POSSIBLE,
    (f"{PORTAL}b674-jy6w", f"{KEY}opm:data-story"): Grade.POSSIBLE,
}


@pytest.fixture(scope="module", params=STORES)
def gathered(
    request: pytest.FixtureRequest, demo_catalog: list[Change], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gathered]:
    graph = request.getfixturevalue("neo4j_graph") if BACKENDS[request.param].needs_neo4j else None
    file = tmp_path_factory.mktemp("demo-audit") / "graph.db"
    with asyncio.Runner() as runner:
        store = filled(runner, request.param, file, graph, demo_catalog)
        yield runner.run(gather(store, STAFF_READER, ZoneInfo("America/New_York")))
        runner.run(store.close())


@pytest.fixture(scope="module")
def found(gathered: Gathered) -> DayAudit:
    return DayAudit(gathered.facts, DAY)


def test_the_demo_shows_everything_that_the_audit_can_say(found: DayAudit) -> None:
    verdicts = found.verdicts.values()
    assert set(VerdictKind) - {each.kind for each in verdicts} == set()
    assert set(Reason) - {code for each in verdicts for code in each.reasons} == set()
    assert set(Why) - {why for each in verdicts for why in each.why} == set()
    assert set(Grade) - {each.grade for each in found.leaks} == set()


def test_what_is_not_covered_or_not_known_is_told_in_the_page(gathered: Gathered, found: DayAudit) -> None:
    page = (ROOT / "docs" / "demo-audit.md").read_text(encoding="utf-8").partition("## Leaks")[0]
    told = {(title, tuple(codes.replace("`", "").split())) for codes, title in ROW.findall(page)}
    assert told == {
        (gathered.titles[flow], (*verdict.reasons, *verdict.why))
        for flow, verdict in found.verdicts.items()
        if verdict.kind in {VerdictKind.UNCOVERED, VerdictKind.UNKNOWN}
    }


def test_most_of_what_needs_an_agreement_has_one(found: DayAudit) -> None:
    kinds = [each.kind for each in found.verdicts.values()]
    assert kinds.count(VerdictKind.COVERED) > kinds.count(VerdictKind.UNCOVERED)


def test_no_more_leaks_than_are_told(found: DayAudit) -> None:
    assert {(each.protected, each.open): each.grade for each in found.leaks} == LEAKS
