"""What flows from agency to agency: random estates against an oracle, and by hand, on both stores."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, cast

import pytest
from graphql import parse

from catalog.access import PUBLIC_READER, STAFF_READER, Audience, Reader
from catalog.batch import Batch, EdgeStatement, NodeStatement
from catalog.errors import StoreTimeout
from catalog.model.determinations import ClassificationDetermination
from catalog.model.enums import Classification
from catalog.model.lineage import Flow, Job
from catalog.stores.port import Store
from catalog.urn import Urn, key
from graphql_schema import Answer, Context, Request, answer, build_schema
from graphql_schema.core import agency_flows as served
from graphql_schema.core import reading
from graphql_schema.core.limits import measure
from lineage import agency_flows as pure
from tests.contract.workshop import Workshop
from tests.graphql.faulty import FaultyStore
from tests.graphql.graph import (
    DIRECTORY,
    DOL,
    ENROLLMENT,
    OUTCOMES,
    REGISTER,
    SDE,
    SOURCE,
    TODAY,
    VEILED_READER,
    Asker,
    asker_of,
    batches,
)
from tests.support.agency_worlds import AgencyWorld, make_agency_world, said_of_agencies
from tests.support.flow_worlds import DAYS
from tests.support.planted import planted

READERS = [PUBLIC_READER, VEILED_READER, STAFF_READER]

MATRIX = """
query ($flows: [ID!], $agency: ID, $crossing: Boolean! = false, $first: Int! = 100, $after: String, $asOf: Date) {
  agencyFlows(
    filter: {urn: {in: $flows}}, agency: $agency, crossing: $crossing, first: $first, after: $after, asOf: $asOf
  ) {
    totalCount flowCount
    pageInfo { hasNextPage endCursor }
    edges {
      provider { urn name } recipient { urn name } isCrossing flowCount datasetCount jobCount
      classifications { classification flowCount }
    }
    completeness { isComplete reasons omittedCount }
  }
}
"""
WHOLE: dict[str, Any] = {"isComplete": True, "reasons": [], "omittedCount": 0}


# Random estates.


def _opened(workshop: Workshop, seeds: range) -> tuple[Asker, dict[int, AgencyWorld]]:
    worlds = {seed: make_agency_world(seed) for seed in seeds}
    return asker_of(workshop, said_of_agencies(worlds.values())), worlds


def _compare(asker: Asker, worlds: dict[int, AgencyWorld]) -> tuple[int, int]:
    """Ask about so many worlds; answers how many cells there were, and how many crossed a boundary."""
    cells = crossing = 0
    for seed, world in worlds.items():
        reader, day = READERS[seed % 3], DAYS[seed // 3 % 3]
        right = world.cells(reader, day)
        variables = {"flows": list(world.estate.moves), "asOf": day.isoformat()}
        found = asker.data(MATRIX, reader=reader, **variables)["agencyFlows"]
        assert found["edges"] == right, f"world {seed}: {reader.name} on {day}"
        assert (found["totalCount"], found["flowCount"]) == (len(right), sum(cell["flowCount"] for cell in right))
        assert (found["completeness"], found["pageInfo"]["hasNextPage"]) == (WHOLE, False)
        cells += len(right)
        crossing += sum(cell["isCrossing"] is True for cell in right)
    return cells, crossing


def test_the_matrix_is_what_the_whole_estate_says(workshop: Workshop) -> None:
    seeds = range(100 if workshop.backend.name == "sqlite" else 18)
    cells, crossing = _compare(*_opened(workshop, seeds))
    assert cells > len(seeds)
    assert 4 * crossing > len(seeds)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_the_matrix_is_what_the_whole_estate_says_in_two_thousand_worlds(workshop: Workshop) -> None:
    for start in range(0, 2_000, 50):
        _compare(*_opened(workshop, range(start, start + 50)))


_FAULTS = {
    "the fewest come first": ("return -self.flows,", "return self.flows,"),
    "unknown sides come first": ("sides[0] is None, sides[0]", "sides[0] is not None, sides[0]"),
    "unknown recipients come first": ("sides[1] is None, sides[1]", "sides[1] is not None, sides[1]"),
    "an unknown side crosses": ("if self.provider is None or", "if self.provider is None and"),
    "the last dataset is all": ("cell.datasets |= movement.sources", "cell.datasets = set(movement.sources)"),
    "the last job is all": ("cell.jobs |= movement.jobs", "cell.jobs = set(movement.jobs)"),
    "what is stated decides": ("in (set(holders), set(stated))", "in (set(stated), set(holders))"),
    "several hold": ("if len(known) == 1", "if known"),
    "an edition decides": ("in_force = own or edition_of", "in_force = edition_of or own"),
    "the earliest decides": ("max((each.since", "min((each.since"),
    "the laxest decides": ("max(classes, key=", "min(classes, key="),
    "what is undecided is passed over": ("if not classes or Classification.UNDETERMINED in classes", "if not classes"),
    "one of two classes stands": ("return frozenset(strictest)", "return frozenset({min(strictest)})"),
}


@pytest.mark.parametrize("workshop", ["sqlite"], indirect=True)
def test_planted_faults_are_found(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    asker, worlds = _opened(workshop, range(100))
    for right, wrong in _FAULTS.values():
        module = planted(monkeypatch, pure, right, wrong)
        for each in ("Movement", "cells_of", "class_of", "holder_of"):
            monkeypatch.setattr(served, each, getattr(module, each))
        with pytest.raises(AssertionError):
            _compare(asker, worlds)


# By hand.


def _flow(batch: Batch, name: str, ends: tuple[Urn, Urn], since: date | None, last: date | None = None) -> Urn:
    urn = key("flow", "test", name)
    batch.nodes.append(NodeStatement(Flow(urn=urn, first_seen=since, last_seen=last), Audience.PUBLIC))
    batch.edges.append(EdgeStatement(Flow.from_asset, urn, ends[0]))
    batch.edges.append(EdgeStatement(Flow.to_asset, urn, ends[1]))
    return urn


def _moved() -> Batch:
    """Enrollment and the hidden register flow to Outcomes by one job, the directory to itself, the register from nowhere."""
    batch = Batch(SOURCE, "test", datetime(2022, 1, 5, tzinfo=UTC), date(2022, 1, 5))
    job = key("job", "test", "outcomes")
    batch.nodes.append(NodeStatement(Job(urn=job, namespace="test", name="outcomes"), Audience.PUBLIC))
    flows = [
        _flow(batch, "enrollment", (ENROLLMENT, OUTCOMES), date(2021, 1, 1), date(2022, 3, 31)),
        _flow(batch, "register", (REGISTER, OUTCOMES), date(2022, 3, 20)),
        _flow(batch, "directory", (DIRECTORY, DIRECTORY), None),
    ]
    batch.edges += [EdgeStatement(Flow.via, flow, job) for flow in flows[:2]]
    batch.edges.append(EdgeStatement(Flow.provided_by, flows[1], DOL))
    urn = key("classification-determination", "test", "enrollment")
    both = ClassificationDetermination(urn=urn, classes=(Classification.PERSONAL, Classification.PRIVATE))
    batch.nodes.append(NodeStatement(both, Audience.PUBLIC))
    batch.edges.append(EdgeStatement(ClassificationDetermination.classifies, urn, ENROLLMENT))
    return batch


@pytest.fixture(scope="module")
def moved(workshop: Workshop) -> Asker:
    """The graph made by hand, with flows in it."""
    return asker_of(workshop, [*batches(), _moved()])


_SIDES = {"SDE": {"urn": SDE, "name": "Department of Education"}, "DOL": {"urn": DOL, "name": "Department of Labor"}}


def _edge(provider: str, recipient: str, flows: int, datasets: int, jobs: int, **classes: int) -> dict[str, Any]:
    return {
        "provider": _SIDES[provider],
        "recipient": _SIDES[recipient],
        "isCrossing": provider != recipient,
        "flowCount": flows,
        "datasetCount": datasets,
        "jobCount": jobs,
        "classifications": [{"classification": name, "flowCount": count} for name, count in classes.items()],
    }


def _edges(asker: Asker, reader: Reader, **variables: Any) -> list[dict[str, Any]]:
    flows = [key("flow", "test", name) for name in ("enrollment", "register", "directory")]
    return asker.data(MATRIX, reader=reader, flows=flows, **variables)["agencyFlows"]["edges"]


def test_a_flow_is_counted_by_who_holds_its_ends_and_what_it_carries(moved: Asker) -> None:
    within = _edge("SDE", "SDE", 1, 1, 0, UNDETERMINED=1)
    assert _edges(moved, STAFF_READER) == [
        _edge("SDE", "DOL", 2, 2, 1, PERSONAL=1, PRIVATE=1, UNDETERMINED=1),
        within,
    ]
    assert moved.round_trips == 2
    # The public does not see the register: no count speaks of what flows from it.
    assert _edges(moved, PUBLIC_READER) == [_edge("SDE", "DOL", 1, 1, 1, PERSONAL=1, PRIVATE=1), within]
    # Who knows of it only sees the flow, and who is said to send it.
    assert _edges(moved, VEILED_READER) == [
        _edge("DOL", "DOL", 1, 0, 1, UNDETERMINED=1),
        _edge("SDE", "DOL", 1, 1, 1, PERSONAL=1, PRIVATE=1),
        within,
    ]


@pytest.mark.parametrize("workshop", ["sqlite"], indirect=True)
def test_a_flow_is_counted_from_its_first_day_to_its_last(moved: Asker) -> None:
    for day, counted in (
        ("2020-12-31", [("SDE", 1)]),
        ("2021-01-01", [("DOL", 1), ("SDE", 1)]),
        ("2022-03-20", [("DOL", 2), ("SDE", 1)]),
        ("2022-03-31", [("DOL", 2), ("SDE", 1)]),
        ("2022-04-01", [("DOL", 1), ("SDE", 1)]),
    ):
        edges = _edges(moved, STAFF_READER, asOf=day)
        assert [(edge["recipient"]["name"], edge["flowCount"]) for edge in edges] == [
            (_SIDES[name]["name"], count) for name, count in counted
        ], day


@pytest.mark.parametrize("workshop", ["sqlite"], indirect=True)
def test_the_matrix_is_narrowed_and_paged(moved: Asker) -> None:
    crossing = _edges(moved, STAFF_READER, crossing=True)
    assert [(edge["isCrossing"], edge["flowCount"]) for edge in crossing] == [(True, 2)]
    assert _edges(moved, STAFF_READER, agency=DOL) == crossing
    assert _edges(moved, STAFF_READER, agency=key("agency", "test", "state")) == []
    whole = moved.data(MATRIX, reader=STAFF_READER)["agencyFlows"]
    page = moved.data(MATRIX, reader=STAFF_READER, first=1)["agencyFlows"]
    assert (page["edges"], page["pageInfo"]["hasNextPage"]) == (whole["edges"][:1], True)
    assert (page["totalCount"], page["flowCount"]) == (whole["totalCount"], whole["flowCount"]) == (2, 3)
    after = page["pageInfo"]["endCursor"]
    page = moved.data(MATRIX, reader=STAFF_READER, first=1, after=after)["agencyFlows"]
    assert (page["edges"], page["pageInfo"]["hasNextPage"]) == (whole["edges"][1:], False)
    # Where no agency is chosen, none is read.
    assert moved.data("{ agencyFlows { flowCount } }", reader=STAFF_READER) == {"agencyFlows": {"flowCount": 3}}
    assert moved.round_trips == 1


@pytest.mark.parametrize("workshop", ["sqlite"], indirect=True)
def test_what_a_bound_cut_is_told(moved: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_PAGE", 1)
    assert moved.data(MATRIX, reader=STAFF_READER)["agencyFlows"]["completeness"] == WHOLE
    assert moved.round_trips == 3 + 1
    monkeypatch.setattr(served, "MAX_FLOWS", 2)
    found = moved.data(MATRIX, reader=STAFF_READER)["agencyFlows"]
    assert found["completeness"] == {"isComplete": False, "reasons": ["BOUND"], "omittedCount": 1}
    assert found["flowCount"] == 2
    monkeypatch.setattr(served, "MAX_FLOWS", 3)
    assert moved.data(MATRIX, reader=STAFF_READER)["agencyFlows"]["completeness"] == WHOLE


def _ask_faulty(asker: Asker, store: FaultyStore, seconds: float) -> Answer:
    context = Context(cast("Store", store), STAFF_READER, TODAY, "request-7")
    return asker.runner.run(answer(build_schema(), Request(MATRIX), context, seconds))


@pytest.mark.parametrize("workshop", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("fails", "seconds"), [(None, 2), (StoreTimeout, 10)])
def test_where_time_runs_short_what_was_read_is_counted(
    moved: Asker, monkeypatch: pytest.MonkeyPatch, fails: type[Exception] | None, seconds: float
) -> None:
    monkeypatch.setattr(reading, "MAX_PAGE", 1)
    found = _ask_faulty(moved, FaultyStore(moved.store, fails, pages=2), seconds)
    assert found.errors == []
    assert found.data is not None
    cut = {"isComplete": False, "reasons": ["TIME"], "omittedCount": 1}
    assert (found.data["agencyFlows"]["flowCount"], found.data["agencyFlows"]["completeness"]) == (2, cut)
    assert _ask_faulty(moved, FaultyStore(moved.store, StoreTimeout, pages=0), seconds).codes == {"DEADLINE_EXCEEDED"}


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ("first: 1001", "INVALID_SELECTION", "'first' is 1001: a page holds 0 to 1000 edges"),
        ("first: -1", "INVALID_SELECTION", "'first' is -1: a page holds 0 to 1000 edges"),
        ('after: "x"', "INVALID_SELECTION", "'after' is no cursor of ours"),
        ('agency: "urn:waypost:goal:key:a"', "INVALID_URN", "is the URN of another kind"),
    ],
)
def test_a_mistake_is_named_before_anything_is_read(asker: Asker, arguments: str, code: str, said: str) -> None:
    error = asker.error(f"{{ agencyFlows({arguments}) {{ flowCount }} }}")
    assert error["extensions"]["code"] == code
    assert said in error["message"]
    assert asker.round_trips == 0


def test_the_cost_is_counted_by_the_edges_and_what_is_read_for_them() -> None:
    text = "{ agencyFlows(first: 10) { edges { provider { dataOfficer { person { name } } } } } }"
    assert measure(build_schema().graphql, parse(text)).cost == 1_000 + 10 * (1 + 1 * (1 + 1))
