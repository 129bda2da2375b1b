"""How the runs of jobs went: random runs against an oracle, and by hand, on both stores."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from graphql import parse

from catalog.access import PUBLIC_READER, STAFF_READER, Audience
from catalog.batch import Batch, EdgeStatement, NodeStatement
from catalog.model.enums import RunState
from catalog.model.lineage import Job, Run
from catalog.urn import key
from graphql_schema import build_schema
from graphql_schema.core import runs as served
from graphql_schema.core.limits import measure
from lineage import runs as pure
from tests.contract.workshop import Workshop
from tests.graphql.graph import SOURCE, Asker, asker_of
from tests.support.flow_worlds import DAYS
from tests.support.planted import planted
from tests.support.run_worlds import RunWorld, make_run_world, said_of_runs

READERS = [PUBLIC_READER, STAFF_READER]

SUMMARY = """
query ($urn: ID!, $first: Int! = 100, $since: Date, $asOf: Date) {
  job(urn: $urn, asOf: $asOf) {
    runSummary(first: $first, since: $since) {
      runCount totalCount states { state count } failureRate medianSeconds p95Seconds
      lastSuccess { urn } lastFailure { urn }
    }
  }
}
"""


# Random runs.


def _opened(workshop: Workshop, seeds: range) -> tuple[Asker, dict[int, RunWorld]]:
    worlds = {seed: make_run_world(seed) for seed in seeds}
    return asker_of(workshop, [said_of_runs(worlds.values())]), worlds


def _compare(asker: Asker, worlds: dict[int, RunWorld]) -> int:
    """Ask about a job of so many worlds; answers of how many runs there was a summary."""
    found = 0
    for seed, world in worlds.items():
        rng = random.Random(f"runs/{seed}/asked")
        reader, day, job = rng.choice(READERS), rng.choice(DAYS), rng.choice(world.jobs)
        first, since = rng.choice([1, 2, 5, 100, 100]), rng.choice([None, None, *DAYS])
        said = None if since is None else since.isoformat()
        variables = {"urn": job, "first": first, "since": said, "asOf": day.isoformat()}
        summary = asker.data(SUMMARY, reader=reader, **variables)["job"]["runSummary"]
        assert summary == world.summary(job, first, since, reader, day), f"world {seed}: {variables}"
        found += summary["runCount"]
    return found


def test_a_summary_is_what_all_runs_say(workshop: Workshop) -> None:
    seeds = range(100 if workshop.backend.name == "sqlite" else 20)
    assert _compare(*_opened(workshop, seeds)) > len(seeds)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_a_summary_is_what_all_runs_say_in_two_thousand_worlds(workshop: Workshop) -> None:
    for start in range(0, 2_000, 50):
        _compare(*_opened(workshop, range(start, start + 50)))


_FAULTS = {
    "a day ends before it begins": ("day + timedelta(days=1), time(), UTC", "day, time(), UTC"),
    "the end is not known": ('All((IsNull("started_at"), _between("ended_at", since, day)))', 'IsNull("state")'),
    "since is left out": ("before if since is None else", "before if since is not None else"),
    "the first day is over": ("Op.GE, datetime.combine(since", "Op.GT, datetime.combine(since"),
    "time runs backwards": (" or ended_at < started_at", ""),
    "what ended later had ended": ("run.ended_at is None or run.ended_at < end_of(day)", "run.ended_at is None or run"),
    "failed runs took time": ("if run.state is RunState.COMPLETED", "if run.state in ENDED"),
    "all runs ended": ("counts[state] for state in ENDED", "counts[state] for state in RunState"),
    "aborted runs failed": ("counts[RunState.FAILED] / ended", "(ended - counts[RunState.COMPLETED]) / ended"),
    "the rank is too high": ("* len(taken)) - 1]", "* len(taken)) - 2]"),
    "the median is one of two": (
        "return ordered[middle] if len(ordered) % 2 else",
        "return ordered[middle] if ordered else",
    ),
}


@pytest.mark.parametrize("workshop", ["sqlite"], indirect=True)
def test_planted_faults_are_found(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    asker, worlds = _opened(workshop, range(100))
    for right, wrong in _FAULTS.values():
        module = planted(monkeypatch, pure, right, wrong)
        for each in ("RunTimes", "began_between", "ended_by", "summary_of"):
            monkeypatch.setattr(served, each, getattr(module, each))
        with pytest.raises(AssertionError):
            _compare(asker, worlds)


# By hand.

NIGHTLY = key("job", "test", "nightly")


@pytest.fixture(scope="module")
def nightly(workshop: Workshop) -> Asker:
    """A job that ran on twenty nights in March 2022, a second longer each night; it failed on the 5th, is running on the 20th."""
    batch = Batch(SOURCE, "test", datetime(2022, 3, 20, tzinfo=UTC), date(2022, 3, 20))
    batch.nodes.append(NodeStatement(Job(urn=NIGHTLY, namespace="test", name="nightly"), Audience.PUBLIC))
    for night in range(1, 21):
        started = datetime(2022, 3, night, 2, tzinfo=UTC)
        state = {5: RunState.FAILED, 20: RunState.RUNNING}.get(night, RunState.COMPLETED)
        ended = None if state is RunState.RUNNING else started + timedelta(seconds=night)
        run = Run(urn=key("run", "test", f"{night:02}"), state=state, started_at=started, ended_at=ended)
        batch.nodes.append(NodeStatement(run, Audience.PUBLIC))
        batch.edges.append(EdgeStatement(Run.executes, run.urn, NIGHTLY))
    return asker_of(workshop, [batch])


def _summary(asker: Asker, **arguments: Any) -> Any:
    return asker.data(SUMMARY, urn=NIGHTLY, **arguments)["job"]["runSummary"]


def test_a_job_tells_how_its_runs_went(nightly: Asker) -> None:
    # Eighteen completed, in 1 to 4 and 6 to 19 seconds: the median is between the ninth and the tenth, 95 of 100 is the last.
    assert _summary(nightly) == {
        "runCount": 20,
        "totalCount": 20,
        "states": [
            {"state": "RUNNING", "count": 1},
            {"state": "COMPLETED", "count": 18},
            {"state": "FAILED", "count": 1},
        ],
        "failureRate": 1 / 19,
        "medianSeconds": 10.5,
        "p95Seconds": 19.0,
        "lastSuccess": {"urn": key("run", "test", "19")},
        "lastFailure": {"urn": key("run", "test", "05")},
    }
    assert nightly.round_trips == 1


@pytest.mark.parametrize("workshop", ["sqlite"], indirect=True)
def test_a_summary_is_of_the_latest_since_a_day_and_as_of_one(nightly: Asker) -> None:
    last = _summary(nightly, first=3)
    assert (last["runCount"], last["totalCount"], last["medianSeconds"], last["failureRate"]) == (3, 20, 18.5, 0.0)
    assert last["lastFailure"] == {"urn": key("run", "test", "05")}, "however long ago"
    since = _summary(nightly, since="2022-03-19")
    assert (since["runCount"], since["totalCount"], since["medianSeconds"]) == (2, 2, 19.0)
    before = _summary(nightly, asOf="2022-03-05")
    assert (before["runCount"], before["failureRate"], before["lastSuccess"]["urn"][-2:]) == (5, 0.2, "04")
    none = _summary(nightly, asOf="2022-02-28")
    assert (none["runCount"], none["states"], none["failureRate"], none["medianSeconds"]) == (0, [], None, None)
    assert (none["p95Seconds"], none["lastSuccess"], none["lastFailure"]) == (None, None, None)


@pytest.mark.parametrize("workshop", ["sqlite"], indirect=True)
def test_runs_come_the_latest_first_each_with_its_duration(nightly: Asker) -> None:
    query = "query ($urn: ID!) { job(urn: $urn) { runs(first: 3) { totalCount edges { node { state durationSeconds } } } } }"
    runs = nightly.data(query, urn=NIGHTLY)["job"]["runs"]
    assert runs["totalCount"] == 20
    assert [(edge["node"]["state"], edge["node"]["durationSeconds"]) for edge in runs["edges"]] == [
        ("RUNNING", None),
        ("COMPLETED", 19.0),
        ("COMPLETED", 18.0),
    ]


def test_many_jobs_are_one_round_trip(nightly: Asker) -> None:
    query = "{ jobs { edges { node { name runSummary(first: 2) { runCount lastSuccess { durationSeconds } } } } } }"
    (edge,) = nightly.data(query)["jobs"]["edges"]
    assert edge["node"]["runSummary"] == {"runCount": 2, "lastSuccess": {"durationSeconds": 19.0}}
    assert nightly.round_trips == 1


@pytest.mark.parametrize("first", [0, 1001])
def test_a_mistake_is_named_before_anything_is_read(asker: Asker, first: int) -> None:
    error = asker.error(f'{{ job(urn: "{NIGHTLY}") {{ runSummary(first: {first}) {{ runCount }} }} }}')
    assert error["extensions"]["code"] == "INVALID_SELECTION"
    assert f"'first' is {first}: a summary is of 1 to 1000 runs" in error["message"]
    assert asker.round_trips == 0


def test_the_cost_is_counted_by_the_runs() -> None:
    text = "{ jobs(first: 10) { edges { node { runSummary(first: 7) { runCount lastSuccess { urn } } } } } }"
    assert measure(build_schema().graphql, parse(text)).cost == 10 * (1 + 7 + 1)
