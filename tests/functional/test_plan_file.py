"""A plan file on a real store: loaded once, brought up to date, and what it keeps out mended and played again."""

from __future__ import annotations

import asyncio
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from catalog.access import PUBLIC_READER
from catalog.model import MODEL
from catalog.selection import Compare, Op, Related, Select, Selection
from catalog.stores.port import Store
from loaders.demo import FILES
from loaders.pipeline import load
from loaders.plan.format import CONTAINS
from loaders.plan.loader import PlanLoader
from loaders.quarantine import kept_out, read_quarantine, write_quarantine
from loaders.report import LoadReport
from loaders.waypost_file.loader import WaypostFileLoader
from server.cli import app
from server.demo import open_demo

PLAN = "urn:waypost:plan-version:key:xx:2021-2022"
METRIC = "urn:waypost:metric:key:xx:2021-2022:m1"
FILE = """\
waypost_plan: 1
source: {urn: 'urn:waypost:source:key:test', title: A test}
day: 2021-01-01
key: xx:2021-2022
audience: PUBLIC
plan:
  title: A plan
principles:
- {key: p1, number: 1, text: One}
- {key: p2, number: 2, text: Two}
goals:
- {key: g1, number: 1, title: First}
- {key: g2, number: 2, title: Second}
metrics:
- {key: m1, code: M1, text: How many, measures: [g1, g2]}
"""


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def opened(text: str, as_of: date | None = None) -> PlanLoader:
    Path("plan.yaml").write_text(text, encoding="utf-8")
    return PlanLoader("plan.yaml", as_of=as_of)


def accounts(report: LoadReport) -> tuple[int, int, int, int]:
    assert report.read == report.written + report.unchanged + len(report.quarantined)
    return report.read, report.written, report.unchanged, len(report.quarantined)


def heads(runner: asyncio.Runner, store: Store, urn: str, name: str, on: date) -> list[str]:
    """The keys of what a node is linked to on a day."""
    step = next(s for s in MODEL.steps(MODEL.by_slug[urn.split(":")[2]].label) if s.name == name)
    related = Related("found", name, Select(step.target.label, first=100))
    select = Select(step.relation.tail, where=Compare("urn", Op.EQ, urn), related=(related,))
    (row,) = runner.run(store.select(Selection(select, PUBLIC_READER, on))).rows
    return sorted(found["urn"].rpartition(":")[2] for found in row["found"].rows)


def test_the_packaged_plan_is_loaded_once(runner: asyncio.Runner, store: Store) -> None:
    plan = next(file for file in FILES if file.name == "plan.yaml")
    for file in FILES[: FILES.index(plan)]:
        runner.run(load(open_demo(file), store))
    first, again = (runner.run(load(open_demo(plan), store)) for _ in range(2))

    assert accounts(first) == (54, 54, 0, 0)
    expected = {
        "Principle": 12,
        "FocalPoint": 3,
        "FocalComponent": 4,
        "ImplementationStep": 19,
        "Goal": 3,
        "Metric": 11,
    }
    assert {kind: first.created[kind] for kind in expected} == expected
    assert first.created["MEASURES"] == 12
    assert accounts(again) == (54, 0, 54, 0)
    assert not again.changed
    training = "urn:waypost:metric:key:ct:2021-2022:g2.m1"
    assert heads(runner, store, training, "measures", date(2022, 12, 31)) == ["g2", "g3"]


def test_what_an_item_says_no_more_is_closed(runner: asyncio.Runner, store: Store) -> None:
    runner.run(load(opened(FILE), store))
    fewer = FILE.replace("measures: [g1, g2]", "measures: g2").replace("- {key: p2, number: 2, text: Two}\n", "")
    report = runner.run(load(opened(fewer, date(2021, 6, 1)), store))

    assert accounts(report) == (5, 2, 3, 0)
    assert report.closed == {"HAS_PRINCIPLE": 1, "MEASURES": 1}
    for day, goals, principles in (
        (date(2021, 5, 31), ["g1", "g2"], ["p1", "p2"]),
        (date(2021, 6, 1), ["g2"], ["p1"]),
    ):
        assert heads(runner, store, METRIC, "measures", day) == goals
        assert heads(runner, store, PLAN, "principles", day) == principles


@pytest.mark.long_on_neo4j
def test_what_is_kept_out_is_closed_nowhere(runner: asyncio.Runner, store: Store) -> None:
    runner.run(load(opened(FILE), store))
    broken = FILE.replace("number: 2, text: Two", "number: two").replace("- {key: g2, number: 2, title: Second}\n", "")
    report = runner.run(load(opened(broken.replace("[g1, g2]", "g1"), date(2021, 6, 1)), store))

    assert accounts(report)[3] == 1
    assert report.closed == {"HAS_GOAL": 1, "MEASURES": 1}
    assert heads(runner, store, PLAN, "principles", date(2021, 6, 1)) == ["p1", "p2"]
    assert heads(runner, store, PLAN, "goals", date(2021, 6, 1)) == ["g1"]


# What is kept out

BROKEN = """\
waypost_plan: 1
source: {urn: 'urn:waypost:source:key:test', title: A test}
day: 2021-01-01
key: xx:2021-2022
audience: PUBLIC
plan: {title: A plan}
principles:
- {key: p1, number: 1, text: One}
- {key: p2, number: 1, text: Two}
- key: p3
  number: 3
  txt: Three
goals:
- {key: g1, number: 1, title: First}
- {key: g1, number: 2, title: Second}
metrics:
- {key: m1, code: M1, text: How many, measures: [g1, g2]}
"""
"""A principle repeats a number and another lacks its text; a goal repeats a key, and a metric misses that goal."""
KEPT_OUT = [
    ("p2", "duplicate-number", "principles[1].number"),
    ("p3", "required", "principles[2]"),
    (None, "duplicate-item-key", "goals[1].key"),
    ("m1", "unknown-reference", "metrics[0].measures[1]"),
]


def replayed(
    runner: asyncio.Runner, store: Store, run: str, mended: dict[int, tuple[str, str]], count: int | None = None
) -> LoadReport:
    """Play the records of a run again from a file, each mended in its text; ``count`` of them, or all."""
    quarantine = runner.run(kept_out(store, run))
    for number, change in mended.items():
        raw = quarantine.records[number].raw
        assert change[0] in raw["text"]
        raw["text"] = raw["text"].replace(*change)
    quarantine.records[:] = quarantine.records[:count]
    Path("mended.ndjson").write_bytes(b"".join(write_quarantine(quarantine)))
    return runner.run(load(PlanLoader.replay(read_quarantine("mended.ndjson"), "mended.ndjson"), store))


@pytest.mark.long_on_neo4j
def test_items_are_mended_and_played_again(runner: asyncio.Runner, store: Store) -> None:
    first = runner.run(load(opened(BROKEN), store))
    assert accounts(first) == (7, 3, 0, 4)
    assert [(q.identifier, q.problem.rule, q.problem.path) for q in first.quarantined] == KEPT_OUT
    assert [q.place for q in first.quarantined] == [
        "plan.yaml:9: principles[1]",
        "plan.yaml:10: principles[2]",
        "plan.yaml:15: goals[1]",
        "plan.yaml:17: metrics[0]",
    ]

    # Not mended they stay out, for the same reasons and with the same text.
    again = replayed(runner, store, first.run, {})
    assert accounts(again) == (4, 0, 0, 4)
    assert [(q.identifier, q.problem.rule) for q in again.quarantined] == [(key, rule) for key, rule, _ in KEPT_OUT]
    assert [q.place for q in again.quarantined] == [f"mended.ndjson: record {number}" for number in (1, 2, 3, 4)]
    assert [q.raw for q in again.quarantined] == [q.raw for q in first.quarantined]

    mended = {0: ("number: 1", "number: 2"), 1: ("txt", "text"), 2: ("key: g1", "key: g2")}
    assert accounts(replayed(runner, store, again.run, mended, count=2)) == (2, 2, 0, 0)
    day = date(2021, 1, 1)
    assert heads(runner, store, PLAN, "principles", day) == ["p1", "p2", "p3"]
    assert heads(runner, store, PLAN, "goals", day) == ["g1"]
    # Each says that the plan version has it; so all four are about something that was written.
    assert accounts(replayed(runner, store, first.run, mended)) == (4, 4, 0, 0)
    assert accounts(replayed(runner, store, first.run, mended)) == (4, 0, 4, 0)
    assert heads(runner, store, PLAN, "goals", day) == ["g1", "g2"]
    assert heads(runner, store, METRIC, "measures", day) == ["g1", "g2"]


@pytest.mark.long_on_neo4j
def test_the_plan_version_is_mended_and_linked_to_its_items(runner: asyncio.Runner, store: Store) -> None:
    first = runner.run(load(opened(FILE.replace("  title: A plan\n", "  titel: A plan\n")), store))
    assert accounts(first) == (6, 5, 0, 1)
    assert accounts(replayed(runner, store, first.run, {0: ("titel", "title")})) == (1, 1, 0, 0)
    assert accounts(replayed(runner, store, first.run, {0: ("titel", "title")})) == (1, 0, 1, 0)
    linked = {name: heads(runner, store, PLAN, name, date(2021, 1, 1)) for name in CONTAINS}
    assert linked == {"principles": ["p1", "p2"], "focal_points": [], "goals": ["g1", "g2"]}


@pytest.mark.long_on_neo4j
def test_who_issues_a_plan_must_be_in_the_catalog(runner: asyncio.Runner, store: Store) -> None:
    text = FILE.replace("  title: A plan\n", "  title: A plan\n  issued_by: urn:waypost:agency:key:xx:a\n")
    first = runner.run(load(opened(text), store))
    assert accounts(first) == (6, 5, 0, 1)
    (found,) = first.quarantined
    assert (found.place, found.problem.rule, found.problem.path) == ("plan.yaml:6: plan", "dangling", "plan.issued_by")
    Path("agencies.yaml").write_text(
        "waypost: 1\nsource: {urn: 'urn:waypost:source:key:t', title: T}\n"
        "nodes: [{kind: Agency, urn: 'urn:waypost:agency:key:xx:a', name: A, audience: PUBLIC}]\n",
        encoding="utf-8",
    )
    runner.run(load(WaypostFileLoader("agencies.yaml"), store))
    assert accounts(replayed(runner, store, first.run, {})) == (1, 1, 0, 0)
    assert heads(runner, store, PLAN, "issued_by", date(2021, 1, 1)) == ["a"]
    assert heads(runner, store, PLAN, "goals", date(2021, 1, 1)) == ["g1", "g2"]


@pytest.mark.long_on_neo4j
def test_an_item_that_the_catalog_refuses_comes_again_as_itself(runner: asyncio.Runner, store: Store) -> None:
    """That it ends before it began is known from an earlier load, not from the file."""
    began = FILE.replace("title: First}", "title: First, valid_from: 2020-01-01}")
    runner.run(load(opened(began), store))
    first = runner.run(load(opened(began.replace("valid_from: 2020", "valid_to: 2019")), store))
    assert accounts(first) == (6, 0, 5, 1)
    assert [(q.identifier, q.place, q.problem.rule) for q in first.quarantined] == [
        ("g1", "plan.yaml:12: goals[0]", "INVALID_BATCH")
    ]
    mended = {0: ("title: First, valid_to: 2019", "title: Foremost, valid_from: 2020")}
    assert accounts(replayed(runner, store, first.run, mended)) == (1, 1, 0, 0)
    assert heads(runner, store, PLAN, "goals", date(2021, 1, 1)) == ["g1", "g2"]


# The command line


def waypost(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def test_a_plan_is_loaded_kept_out_and_mended_by_commands() -> None:
    Path("plan.yaml").write_text(BROKEN, encoding="utf-8")
    loaded = waypost("load", "plan", "plan.yaml")
    assert loaded.exit_code == 0
    assert "plan: urn:waypost:source:key:test as of 2021-01-01" in loaded.stdout
    assert "7 read = 3 written + 0 unchanged + 4 quarantined" in loaded.stdout
    assert (
        "plan.yaml:17: metrics[0]: metrics[0].measures[1]: unknown-reference: 'g2' is the key of no Goal here:"
        " write the key of one, or the whole URN of what is elsewhere"
    ) in loaded.stdout
    (run,) = json.loads(waypost("quarantine", "--format", "json").stdout)
    assert waypost("quarantine", run["urn"], "--output", "kept.ndjson").exit_code == 0
    lines = Path("kept.ndjson").read_text(encoding="utf-8")
    for old, new in (("{key: p2, number: 1", "{key: p2, number: 2"), ("txt:", "text:"), ("{key: g1", "{key: g2")):
        assert old in lines
        lines = lines.replace(old, new)
    Path("kept.ndjson").write_text(lines, encoding="utf-8")
    report = json.loads(waypost("replay", "kept.ndjson", "--format", "json").stdout)
    assert (report["read"], report["written"], report["quarantined"]) == (4, 4, [])
    findings = json.loads(waypost("verify", "--format", "json").stdout)["findings"]
    assert [(f["code"], f["message"].partition(" ")[0]) for f in findings] == [("R1", "nobody")]


HEAD_LINE = (
    '{"quarantine":1,"kind":"plan","source":{"urn":"urn:waypost:source:key:t","title":"T"},'
    '"day":"2021-01-01","run":"r"}\n'
)


def line_of(place: tuple[str, ...] = (), value: Any = None) -> str:
    """A line of a quarantine with another value at a place."""
    file = {"key": "xx:2021-2022", "audience": None, "items": {"goals": {"g1": ["number 1"]}}}
    raw = {"section": "goals", "text": "key: g2\nnumber: 2\ntitle: A", "file": file}
    problem = {"rule": "r", "path": "p", "message": "m", "remedy": "r"}
    line: Any = {"place": "p", "identifier": None, "problem": problem, "raw": raw}
    inside = line
    for step in place[:-1]:
        inside = inside[step]
    if place:
        inside[place[-1]] = value
    return json.dumps(line) + "\n"


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ("", "it holds no record"),
        (line_of(("raw",), "key: g2"), "record 1 is no item of a plan file"),
        (line_of(("raw", "file"), {}), "record 1 is no item of a plan file"),
        (line_of(("raw", "section"), "goal"), "it names a section that no plan file has"),
        (line_of(("raw", "file", "items", "goal"), {}), "it names a section that no plan file has"),
        (line_of(("raw", "file", "key"), "a b"), "item-key: kept.ndjson:3: key: 'a b' is no key"),
        (line_of(("raw", "text"), "{"), "yaml: kept.ndjson:"),
        (line_of(("raw", "text"), "key: g2\x85- key: g3"), "1 records make 2 items"),
        (
            line_of() + line_of(("raw", "file", "key"), "xx:2023"),
            "record 2 is no item of a plan file (it is of the plan",
        ),
    ],
)
def test_lines_that_are_no_items_are_refused(lines: str, says: str) -> None:
    Path("kept.ndjson").write_text(HEAD_LINE + lines, encoding="utf-8")
    result = waypost("replay", "kept.ndjson")
    assert result.exit_code == 4, result.output
    assert says in result.stderr
