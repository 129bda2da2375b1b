"""Leaks, lapses, uses of agreements, changed verdicts and findings in GraphQL: bounds, pages, and what the command line tells too."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from catalog.access import STAFF_READER
from catalog.findings import Severity
from catalog.stores.port import Change, Store
from graphql_schema import Answer, Audits, Context, Request, answer, build_schema
from lineage.audit import days
from lineage.audit.day import DayAudit
from lineage.audit.gather import gather
from lineage.audit.report import Report, report
from tests.graphql.demo import filled
from tests.support.patience import PATIENCE

_DAY = date(2022, 12, 31)
_ZONE = ZoneInfo("America/New_York")


@dataclass
class Demo:
    """The demo catalog in a SQLite store, asked by staff."""

    runner: asyncio.Runner
    store: Store
    audits: Audits

    def answer(self, text: str, **variables: Any) -> Answer:
        context = Context(self.store, STAFF_READER, _DAY, "surfaces", audits=self.audits)
        return self.runner.run(answer(build_schema(), Request(text, variables), context, PATIENCE))

    def ask(self, text: str, **variables: Any) -> Any:
        """The value of the one field. Fails on any error."""
        found = self.answer(text, **variables)
        assert found.errors == []
        assert found.data is not None
        (value,) = found.data.values()
        return value

    def pages(self, text: str, first: int) -> list[Any]:
        """All edges of a list, so many a page at most; ``text`` takes ``$first`` and ``$after``."""
        edges: list[Any] = []
        more, cursor, total = True, None, 0
        while more:
            page = self.ask(text, first=first, after=cursor)
            assert page["edges"]
            edges += page["edges"]
            total = page["totalCount"]
            more, cursor = page["pageInfo"]["hasNextPage"], page["pageInfo"]["endCursor"]
        assert len(edges) == total
        return edges

    def worked(self, day: date) -> bool:
        """Whether anything of the audit of a day was worked out."""
        return self.runner.run(self.audits.ask(STAFF_READER, day, lambda found: "audit" in vars(found))).value

    def report(self) -> Report:
        gathered = self.runner.run(gather(self.store, STAFF_READER, _ZONE))
        return report(DayAudit(gathered.facts, _DAY))


@pytest.fixture(scope="module")
def demo(demo_catalog: list[Change], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with asyncio.Runner() as runner:
        store = filled(runner, "sqlite", tmp_path_factory.mktemp("surfaces") / "graph.db", None, demo_catalog)
        yield Demo(runner, store, Audits(store, _ZONE))
        runner.run(store.close())


_PAGE = "totalCount pageInfo { hasNextPage endCursor }"
_LEAKS = f"""query ($first: Int!, $after: String) {{ leaks(first: $first, after: $after) {{ {_PAGE}
    edges {{ protected {{ urn }} open {{ urn }} grade lastToStop {{ urn }} }} }} }}"""
_FINDINGS = f"""query ($first: Int!, $after: String) {{ auditFindings(first: $first, after: $after) {{ {_PAGE}
    edges {{ severity rule dataset {{ urn }} system {{ urn }} column flow {{ urn }} end agreement {{ urn }} reasons }} }} }}"""
_CALENDAR = f"""query ($first: Int!, $after: String) {{ coverageCalendar(days: 366, first: $first, after: $after) {{ {_PAGE}
    edges {{ agreement {{ urn }} term {{ urn }} lapse {{ day flows(first: 10) {{ urn }} cutOffCount thinnedCount }} }} }} }}"""


def _urn(node: Any) -> str | None:
    return node and node["urn"]


def test_leaks_are_those_of_the_command_line(demo: Demo) -> None:
    found = demo.pages(_LEAKS, 7)
    told = [(each.protected, each.open, str(each.grade), each.last_to_stop) for each in demo.report().leaks]
    assert told == [
        (_urn(each["protected"]), _urn(each["open"]), each["grade"], _urn(each["lastToStop"])) for each in found
    ]
    assert {each["grade"] for each in found} == {"SEVERE", "MINOR", "POSSIBLE"}


def test_findings_are_those_of_the_command_line(demo: Demo) -> None:
    found = demo.pages(_FINDINGS, 100)
    report = demo.report()
    data = [(each, _urn(each["dataset"]) or _urn(each["system"])) for each in found]
    classes = {(each["rule"], urn, each["column"], tuple(each["reasons"])) for each, urn in data if urn}
    assert classes == {(str(each.rule), each.dataset, each.column, each.reasons) for each in report.classes}
    holders = {(each["rule"], _urn(each["flow"]), each["end"]) for each in found if each["end"]}
    assert holders == {(str(each.rule), each.flow, str(each.end).upper()) for each in report.holders}
    claims = {(_urn(each["flow"]), _urn(each["agreement"])) for each in found if each["rule"] == "CLAIM_FAILS"}
    assert claims == {(row.flow, claim.agreement) for row in report.flows for claim in row.failing_claims}
    assert claims
    severities = [list(Severity).index(each["severity"]) for each in found]
    assert severities == sorted(severities)
    errors = demo.ask("{ auditFindings(severity: ERROR, first: 0) { totalCount } }")["totalCount"]
    assert errors == severities.count(0) >= len(claims)


def test_a_calendar_is_that_of_the_command_line_and_pages_that_end_early_add_up(
    demo: Demo, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = demo.pages(_CALENDAR, 50)
    told = [(each.day.isoformat(), each.agreement, each.term, each.flows) for each in demo.report().lapses]
    found = [
        (
            each["lapse"]["day"],
            _urn(each["agreement"]),
            _urn(each["term"]),
            [_urn(flow) for flow in each["lapse"]["flows"]],
        )
        for each in whole
    ]
    assert found[: len(told)] == told
    assert len(told) < len(found)
    monkeypatch.setattr(days, "_MOST_AUDITED", 1)
    assert demo.pages(_CALENDAR, 50) == whole


def test_too_many_different_days_are_refused_with_the_remedy(demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    many = "query ($on: Date) { agreements(first: 60) { edges { node { lapse(on: $on) { day flowCount } } } } }"
    whole = [each["node"]["lapse"] for each in demo.ask(many)["edges"]]
    assert len({each["day"] for each in whole}) > 5
    monkeypatch.setattr(days, "_MOST_AUDITED", 1)
    (error,) = demo.answer(many).errors
    assert "ask of fewer, or say 'on' which day" in error["message"]
    assert {each["node"]["lapse"]["day"] for each in demo.ask(many, on="2022-12-31")["edges"]} == {"2022-12-31"}


def test_flows_that_ran_on_too_many_days_are_counted(demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = "query ($day: Date) { verdictChanges(asOf: $day) { totalCount completeness { reasons omittedCount } } }"
    assert demo.ask(changed, day="2022-12-30")["completeness"] == {"reasons": [], "omittedCount": 0}
    monkeypatch.setattr(days, "_MOST_AUDITED", 1)
    found = demo.ask(changed, day="2022-12-29")["completeness"]
    assert found["reasons"] == ["BOUND"]
    assert found["omittedCount"] > 0


@pytest.mark.parametrize("page", ['first: 1, after: "made up"', "first: 1001", "first: -1"])
def test_a_page_that_cannot_be_is_refused_before_verdicts_are_compared(demo: Demo, page: str) -> None:
    begin, end = date(2022, 3, 1), date(2022, 3, 2)
    demo = replace(demo, audits=Audits(demo.store, _ZONE))  # for which nothing was worked out before
    for between in ("", f', from: "{begin}"', f', from: "{begin}", to: "{end}"'):
        (error,) = demo.answer(f'{{ verdictChanges({page}{between}, asOf: "{end}") {{ totalCount }} }}').errors
        assert error["extensions"]["code"] in {"INVALID_CURSOR", "INVALID_SELECTION"}
    assert not any(map(demo.worked, (begin, end)))
    demo.ask(f'{{ verdictChanges(from: "{begin}", to: "{end}") {{ totalCount }} }}')
    assert all(map(demo.worked, (begin, end)))


def test_a_page_of_nothing_tells_the_total_of_changes(demo: Demo) -> None:
    text = (
        "query ($first: Int!) { verdictChanges(first: $first) { totalCount pageInfo { hasNextPage } edges { turn } } }"
    )
    whole, none = (demo.ask(text, first=first) for first in (100, 0))
    assert none == {"totalCount": whole["totalCount"], "pageInfo": {"hasNextPage": True}, "edges": []}
    assert whole["totalCount"] == len(whole["edges"]) > 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{ coverageCalendar(days: 367) { totalCount } }", "'days' is 367: a calendar goes 0 to 366 days ahead"),
        ("{ coverageCalendar(days: -1) { totalCount } }", "'days' is -1"),
        ("{ agreementPairs(moreThan: -1) { totalCount } }", "'moreThan' is -1"),
        ('{ leaks(open: "urn:waypost:agency:key:ct:opm") { totalCount } }', "is the URN of another kind"),
        ('{ agreementPairs(agency: "opm") { totalCount } }', "opm"),
    ],
)
def test_what_is_out_of_bounds_is_refused(demo: Demo, text: str, message: str) -> None:
    (error,) = demo.answer(text).errors
    assert message in error["message"]
    assert error["extensions"]["code"] in {"INVALID_SELECTION", "INVALID_URN"}


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_the_first_and_the_last_day_are_answered(demo: Demo, day: str) -> None:
    text = """query ($day: Date!) {
        leaks(asOf: $day) { totalCount smallestCut { flowCount } }
        coverageCalendar(days: 366, asOf: $day) { totalCount }
        singlePointsOfFailure(asOf: $day) { mostFlows }
    }"""
    assert demo.answer(text, day=day).errors == []
    lapse = demo.ask(
        'query ($day: Date) { agreement(urn: "urn:waypost:agreement:key:ct:dsa-a") { lapse(on: $day) { day } } }',
        day=day,
    )
    assert lapse == {"lapse": {"day": day}}


def test_a_cut_stops_what_was_asked_for(demo: Demo) -> None:
    text = """query ($grades: [Grade!], $open: ID) { leaks(grades: $grades, open: $open) {
        totalCount edges { protected { urn } grade } smallestCut { flowCount isUpperBound flows { urn } } } }"""
    severe = demo.ask(text, grades=["SEVERE"])
    # What DECD lists of its contracts and of jobs that were kept: each comes by a flow of its own.
    assert [each["protected"]["urn"].rpartition(":")[2] for each in severe["edges"]] == ["contracts", "jobs-kept"]
    assert severe["smallestCut"]["isUpperBound"]
    none = demo.ask(text, open="urn:waypost:dataset:key:ct:nowhere")
    assert (none["totalCount"], none["smallestCut"]["flowCount"]) == (0, 0)


def test_a_flow_is_found_by_either_name_of_a_dataset_that_is_the_same_as_another(demo: Demo) -> None:
    text = """query ($dataset: ID) { flowVerdicts(dataset: $dataset, first: 50) { edges { node { urn } verdict { verdict } } } }"""
    flow = "urn:waypost:flow:key:ct:school-enrollment-2013-14-to-equity-facts"
    names = ("socrata:data.ct.gov:fzp6-x2p2", "key:ct:internal:enrollment-2013")
    found = [demo.ask(text, dataset=f"urn:waypost:dataset:{name}")["edges"] for name in names]
    told = [{_urn(each["node"]): each["verdict"]["verdict"] for each in edges} for edges in found]
    # The one has no class; the other, which is the same, is public (domain 9.2 E11).
    assert [each[flow] for each in told] == ["NOT_NEEDED", "NOT_NEEDED"]
