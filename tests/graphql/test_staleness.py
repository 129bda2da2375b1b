"""Which datasets are updated later than promised: random ones against an oracle, and by hand, on both stores."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from graphql import parse

from catalog.access import PUBLIC_READER, STAFF_READER, Audience
from catalog.batch import Batch, EdgeStatement, NodeStatement
from catalog.model.data import Dataset
from catalog.model.enums import RunState, UpdateFrequency
from catalog.model.lineage import Run
from catalog.urn import Urn, key
from graphql_schema import build_schema
from graphql_schema.core import reading, staleness
from graphql_schema.core.limits import measure
from lineage import staleness as pure
from tests.contract.workshop import Workshop
from tests.graphql.graph import SOURCE, Asker, asker_of
from tests.support.flow_worlds import DAYS
from tests.support.planted import planted
from tests.support.run_worlds import DAYS_BETWEEN, RunWorld, make_run_world, said_of_runs

READERS = [PUBLIC_READER, STAFF_READER]

TOLD = "staleness(tolerance: $tolerance) { period lastUpdatedOn lastUpdatedBy dueOn daysOverdue isStale unknown }"
EACH = f"""
query ($among: [ID!], $tolerance: Float! = 0.1, $asOf: Date) {{
  datasets(filter: {{urn: {{in: $among}}}}, orderBy: {{field: URN}}, first: 100, asOf: $asOf) {{
    edges {{ node {{ urn {TOLD} }} }}
  }}
}}
"""
STALE = """
query ($among: [ID!], $tolerance: Float! = 0.1, $first: Int! = 100, $after: String, $asOf: Date) {
  staleDatasets(filter: {urn: {in: $among}}, tolerance: $tolerance, first: $first, after: $after, asOf: $asOf) {
    totalCount
    pageInfo { hasNextPage endCursor }
    completeness { isComplete reasons omittedCount }
    edges {
      node { urn }
      staleness { period lastUpdatedOn lastUpdatedBy dueOn daysOverdue isStale unknown }
    }
  }
}
"""
WHOLE: dict[str, Any] = {"isComplete": True, "reasons": [], "omittedCount": 0}


# Random datasets and runs.


def _opened(workshop: Workshop, seeds: range) -> tuple[Asker, dict[int, RunWorld]]:
    worlds = {seed: make_run_world(seed) for seed in seeds}
    return asker_of(workshop, [said_of_runs(worlds.values())]), worlds


def _compare(asker: Asker, worlds: dict[int, RunWorld]) -> int:
    """Ask about the datasets of so many worlds; answers how many were stale."""
    found = 0
    for seed, world in worlds.items():
        rng = random.Random(f"staleness/{seed}")
        reader, day, tolerance = rng.choice(READERS), rng.choice(DAYS), rng.choice([0.1, 0.1, 0.1, 0, 1])
        variables = {"among": list(world.datasets), "tolerance": tolerance, "asOf": day.isoformat()}
        each = asker.data(EACH, reader=reader, **variables)["datasets"]["edges"]
        right = [
            {"node": {"urn": urn, "staleness": world.staleness(urn, reader, day, tolerance)}}
            for urn in sorted(world.datasets)
            if world.datasets[urn].audience in reader.full
        ]
        assert each == right, f"world {seed}: {reader.name} on {day}, {tolerance}"
        stale = asker.data(STALE, reader=reader, **variables)["staleDatasets"]
        late = world.stale(reader, day, tolerance)
        assert stale["edges"] == late, f"world {seed}: {reader.name} on {day}, {tolerance}"
        assert (stale["totalCount"], stale["completeness"]) == (len(late), WHOLE)
        found += len(late)
    return found


def test_a_dataset_is_as_stale_as_its_promise_and_its_updates_say(workshop: Workshop) -> None:
    seeds = range(100 if workshop.backend.name == "sqlite" else 20)
    assert _compare(*_opened(workshop, seeds)) > len(seeds)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_a_dataset_is_as_stale_as_its_promise_and_its_updates_say_in_two_thousand_worlds(workshop: Workshop) -> None:
    for start in range(0, 2_000, 50):
        _compare(*_opened(workshop, range(start, start + 50)))


_FAULTS = {
    "a month has thirty days": ('Period("P1M", 31)', 'Period("P1M", 30)'),
    "what is to come counts": ("if on and on <= day", "if on"),
    "the earliest counts": ("max(known, key", "min(known, key"),
    "the run counts": (
        "(modified, UpdateBasis.MODIFIED), (written, UpdateBasis.RUN)",
        "(written, UpdateBasis.RUN), (modified, UpdateBasis.MODIFIED)",
    ),
    "never known is never updated": ("    if updated is None:", "    if updated is None and day is None:"),
    "what is early is overdue": ("max(age - period.days, 0)", "age - period.days"),
    "the last day is over": ("age > _allowed", "age >= _allowed"),
    "nothing is tolerated": ("period.days * (1 + tolerance)", "period.days * 1"),
    "there is no grace": ("_GRACE_DAYS = 1", "_GRACE_DAYS = 0"),
    "a day too few is looked at": ("Op.GE, since", "Op.GT, since - timedelta(days=2)"),
    "what changed later is fresh": (', Compare("modified", Op.LE, day)', ""),
    "as needed is not stated": (
        "_F.AS_NEEDED: StalenessUnknown.AS_NEEDED",
        "_F.AS_NEEDED: StalenessUnknown.NO_FREQUENCY",
    ),
}


@pytest.mark.parametrize("workshop", ["sqlite"], indirect=True)
def test_planted_faults_are_found(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    asker, worlds = _opened(workshop, range(100))
    for right, wrong in _FAULTS.values():
        module = planted(monkeypatch, pure, right, wrong)
        for each in ("may_be_stale", "staleness_of"):
            monkeypatch.setattr(staleness, each, getattr(module, each))
        with pytest.raises(AssertionError):
            _compare(asker, worlds)


# By hand.


def d(name: str) -> Urn:
    return key("dataset", "test", name)


@pytest.fixture(scope="module")
def promised(workshop: Workshop) -> Asker:
    """Datasets by what they are promised with and when they were last updated before the 20th of March 2022."""
    batch = Batch(SOURCE, "test", datetime(2022, 3, 20, tzinfo=UTC), date(2022, 3, 20))
    for name, frequency, modified in (
        ("daily", "DAILY", "2022-03-18"),
        ("daily-late", "DAILY", "2022-03-17"),
        ("monthly", "MONTHLY", "2022-01-01"),
        ("monthly-run", "MONTHLY", "2022-01-01"),
        ("quarterly", "QUARTERLY", None),
        ("as-needed", "AS_NEEDED", "2015-01-01"),
        ("unknown", None, "2015-01-01"),
    ):
        dataset = Dataset(
            urn=d(name),
            title=name,
            update_frequency=UpdateFrequency(frequency) if frequency else None,
            modified=date.fromisoformat(modified) if modified else None,
        )
        batch.nodes.append(NodeStatement(dataset, Audience.PUBLIC))
    for number, state in enumerate((RunState.COMPLETED, RunState.FAILED)):
        at = datetime(2022, 3, 1 + number, 2, tzinfo=UTC)
        run = Run(urn=key("run", "test", state.lower()), state=state, started_at=at, ended_at=at)
        batch.nodes.append(NodeStatement(run, Audience.PUBLIC))
        batch.edges.append(EdgeStatement(Run.outputs, run.urn, d("monthly-run")))
    return asker_of(workshop, [batch])


def _stale(asker: Asker, **arguments: Any) -> list[tuple[str, int]]:
    query = """
      query ($first: Int! = 20, $tolerance: Float! = 0.1, $asOf: Date) {
        staleDatasets(first: $first, tolerance: $tolerance, asOf: $asOf) {
          edges { node { title } staleness { daysOverdue } }
        }
      }
    """
    edges = asker.data(query, **arguments)["staleDatasets"]["edges"]
    return [(edge["node"]["title"], edge["staleness"]["daysOverdue"]) for edge in edges]


def test_what_is_late_is_listed_with_the_worst_first(promised: Asker) -> None:
    # Three days after an update that was due in one; 78 days where 31 were promised. The other monthly one was written since.
    assert _stale(promised) == [("monthly", 47), ("daily-late", 2)]
    assert promised.round_trips == 2
    assert _stale(promised, first=1) == [("monthly", 47)]


@pytest.mark.parametrize("workshop", ["sqlite"], indirect=True)
def test_how_late_is_a_matter_of_the_day_and_of_what_is_tolerated(promised: Asker) -> None:
    assert _stale(promised, tolerance=1.0) == [("monthly", 47)]
    assert _stale(promised, asOf="2022-03-21") == [("monthly", 48), ("daily-late", 3), ("daily", 2)]
    assert _stale(promised, asOf="2022-02-05") == [], "31 days, a tenth of them and one"
    assert _stale(promised, asOf="2022-02-06") == [("monthly", 5), ("monthly-run", 5)], "before the run"
    # Of what changed later it is not known when it had changed before.
    assert _stale(promised, asOf="2021-12-31") == []


@pytest.mark.parametrize("workshop", ["sqlite"], indirect=True)
def test_a_dataset_says_how_it_stands_or_why_that_cannot_be_said(promised: Asker) -> None:
    among = [d(name) for name in ("as-needed", "daily", "monthly-run", "quarterly", "unknown")]
    edges = promised.data(EACH, among=among)["datasets"]["edges"]
    assert promised.round_trips == 1
    names = ("period", "lastUpdatedOn", "lastUpdatedBy", "dueOn", "daysOverdue", "isStale", "unknown")
    assert [tuple(edge["node"]["staleness"][name] for name in names) for edge in edges] == [
        (None, "2015-01-01", "MODIFIED", None, None, None, "AS_NEEDED"),
        ("P1D", "2022-03-18", "MODIFIED", "2022-03-19", 1, False, None),
        ("P1M", "2022-03-01", "RUN", "2022-04-01", 0, False, None),
        ("P3M", None, None, None, None, None, "NO_UPDATE"),
        (None, "2015-01-01", "MODIFIED", None, None, None, "NO_FREQUENCY"),
    ]


@pytest.mark.parametrize("workshop", ["sqlite"], indirect=True)
def test_the_list_is_paged(promised: Asker) -> None:
    whole = promised.data(STALE)["staleDatasets"]
    page = promised.data(STALE, first=1)["staleDatasets"]
    assert (page["edges"], page["totalCount"], page["pageInfo"]["hasNextPage"]) == (whole["edges"][:1], 2, True)
    page = promised.data(STALE, first=1, after=page["pageInfo"]["endCursor"])["staleDatasets"]
    assert (page["edges"], page["totalCount"], page["pageInfo"]["hasNextPage"]) == (whole["edges"][1:], 2, False)
    assert promised.data("{ staleDatasets { totalCount } }") == {"staleDatasets": {"totalCount": 2}}


@pytest.mark.parametrize("workshop", ["sqlite"], indirect=True)
def test_what_a_bound_cut_is_told(promised: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_PAGE", 1)
    assert promised.data(STALE)["staleDatasets"]["completeness"] == WHOLE
    monkeypatch.setattr(staleness, "MAX_STALE", 2)
    found = promised.data(STALE)["staleDatasets"]
    # Both monthly ones and the daily one did not change in time, and neither did what is not known to have changed.
    assert found["completeness"] == {"isComplete": False, "reasons": ["BOUND"], "omittedCount": 2}
    assert [edge["node"]["urn"] for edge in found["edges"]] == [d("monthly")]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("first: 101", "'first' is 101: a page holds 0 to 100"),
        ('after: "x"', "'after' is no cursor of ours"),
        ("tolerance: 1.5", "'tolerance' is 1.5: a share of the period, 0 to 1"),
        ("tolerance: -0.1", "'tolerance' is -0.1: a share of the period, 0 to 1"),
    ],
)
def test_a_mistake_is_named_before_anything_is_read(asker: Asker, arguments: str, said: str) -> None:
    error = asker.error(f"{{ staleDatasets({arguments}) {{ totalCount }} }}")
    assert error["extensions"]["code"] == "INVALID_SELECTION"
    assert said in error["message"]
    assert asker.round_trips == 0


def test_the_tolerance_of_one_dataset_has_bounds_too(asker: Asker) -> None:
    error = asker.error(
        '{ datasets(filter: {title: {eq: "no"}}) { edges { node { staleness(tolerance: 2) { isStale } } } } }'
    )
    assert error["extensions"]["code"] == "INVALID_SELECTION"


def test_the_days_of_a_period_are_the_most_that_the_calendar_has() -> None:
    """Over eight years, leap years among them."""
    assert {name: (period.iso, period.days) for name, period in pure.PERIODS.items()} == DAYS_BETWEEN
    days = [date(2019, 1, 1) + timedelta(days=n) for n in range(8 * 365)]
    for name, months in (("MONTHLY", 1), ("BIMONTHLY", 2), ("QUARTERLY", 3), ("TWICE_A_YEAR", 6), ("ANNUALLY", 12)):
        firsts = [day for day in days if day.day == 1]
        gaps = [(later - day).days for day, later in zip(firsts, firsts[months:], strict=False)]
        assert max(gaps) == DAYS_BETWEEN[name][1]


def test_the_cost_is_counted_by_the_datasets_and_what_is_read_for_them() -> None:
    text = "{ staleDatasets(first: 10) { edges { node { agency { name } } } } }"
    assert measure(build_schema().graphql, parse(text)).cost == 1_000 + 10 * (1 + 1)
