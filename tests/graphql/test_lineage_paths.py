"""Paths between two datasets: random graphs against an oracle that lists every path, and by hand, on both stores."""

from __future__ import annotations

import random
from datetime import date
from itertools import pairwise
from typing import Any, cast

import pytest
from graphql import parse

from catalog.access import PUBLIC_READER, STAFF_READER, Audience, Reader
from catalog.errors import StoreTimeout, StoreUnavailable
from catalog.stores.port import Store
from catalog.urn import key
from graphql_schema import Context, Request, answer, build_schema
from graphql_schema.core.limits import measure
from tests.contract.workshop import Workshop
from tests.graphql.faulty import FaultyStore
from tests.graphql.graph import DIRECTORY, OUTCOMES, REGISTER, TODAY, VEILED_READER, Asker, asker_of
from tests.support.flow_worlds import DAYS, FlowWorld, make_flow_world, said_of
from tests.support.simple_paths import every_path, first_names, hops_of, leads_to

READERS = [PUBLIC_READER, VEILED_READER, STAFF_READER]
WHOLE: dict[str, Any] = {"isComplete": True, "reasons": [], "completeToLength": None, "hiddenNodes": 0}

PATHS = """
query ($from: ID!, $to: ID!, $first: Int! = 10, $asOf: Date) {
  lineagePaths(from: $from, to: $to, first: $first, asOf: $asOf) {
    paths { length nodes }
    nodes { id urn hiddenId dataset { urn title } }
    sameAs { one other }
    completeness { isComplete reasons completeToLength hiddenNodes }
  }
}
"""


def d(name: str) -> str:
    return key("dataset", "test", name)


def ask(walker: Asker, ends: str, reader: Reader = PUBLIC_READER, **arguments: Any) -> Any:
    start, end = map(d, ends.split())
    return walker.data(PATHS, reader=reader, **{"from": start, "to": end}, **arguments)["lineagePaths"]


def told(found: dict[str, Any]) -> list[str]:
    """The paths as "raw side", with "?" for what is hidden."""
    names = {node["id"]: node["urn"].rpartition(":")[2] if node["urn"] else "?" for node in found["nodes"]}
    return [" ".join(names[id_] for id_ in path["nodes"]) for path in found["paths"]]


# Random graphs.

_WORLDS_AT_ONCE = 100
_QUESTIONS = 2
"""Questions about one graph."""


def _expected(world: FlowWorld, ends: tuple[str, str], first: int, reader: Reader, day: date) -> dict[str, Any] | None:
    """The whole answer, written from the list of every path."""
    ids = world.ids(reader, day)
    if not all((end, end) in ids.items() for end in ends):
        return None
    one = world.one(reader, day)
    paths, firsts = every_path(world.pairs(reader, day), *ends, one), first_names(one)
    shown, more = paths[:first], paths[first:]
    urns = {id_: urn for urn, id_ in ids.items()}
    nodes = dict.fromkeys(id_ for path in shown for id_ in path)
    hidden = {id_ for id_ in nodes if urns[id_] != id_}
    steps = {step for path in shown for step in pairwise(path) if hops_of(step, firsts) == 0}
    return {
        "paths": [{"length": hops_of(path, firsts), "nodes": list(path)} for path in shown],
        "nodes": [
            {"id": id_, "urn": None, "hiddenId": id_, "dataset": None}
            if id_ in hidden
            else {"id": id_, "urn": id_, "hiddenId": None, "dataset": {"urn": id_, "title": f"Title of {id_[-1]}"}}
            for id_ in nodes
        ],
        "sameAs": [{"one": one, "other": other} for one, other in sorted({(min(step), max(step)) for step in steps})],
        "completeness": {
            "isComplete": not more,
            "reasons": ["PATHS"] if more else [],
            "completeToLength": hops_of(more[0], firsts) - 1 if more else None,
            "hiddenNodes": len(hidden),
        },
    }


def _ends(rng: random.Random, world: FlowWorld, reader: Reader, day: date) -> tuple[str, str]:
    """Two datasets; mostly two that a path may connect."""
    pairs, seen = world.pairs(reader, day), [urn for urn, id_ in world.ids(reader, day).items() if urn == id_]
    steps = pairs | world.one(reader, day)
    tied = [(start, end) for start in seen for end in leads_to(steps, start) & set(seen) if start != end]
    urns = list(world.nodes)
    return rng.choice(tied) if tied and rng.random() < 0.9 else (rng.choice(urns), rng.choice(urns))


def _compare(workshop: Workshop, seeds: range) -> tuple[int, int]:
    """Ask about so many worlds; answers how many questions there were, and how many had a path of a hop for an answer."""
    worlds = {seed: make_flow_world(seed) for seed in seeds}
    asker = asker_of(workshop, said_of(worlds.values()))
    asked = found = 0
    for seed, world in worlds.items():
        rng = random.Random(f"paths/{seed}")
        for _ in range(_QUESTIONS):
            reader, day, first = rng.choice(READERS), rng.choice(DAYS), rng.choice([1, 2, 5, 100])
            start, end = ends = _ends(rng, world, reader, day)
            variables = {"from": start, "to": end, "first": first, "asOf": day.isoformat()}
            right = _expected(world, ends, first, reader, day)
            assert asker.data(PATHS, reader=reader, **variables) == {"lineagePaths": right}, (
                f"world {seed}: {variables}"
            )
            asked += 1
            found += bool(right and right["paths"] and start != end)
    return asked, found


def test_paths_are_those_that_the_whole_graph_has(workshop: Workshop) -> None:
    asked, found = _compare(workshop, range(_WORLDS_AT_ONCE))
    assert 5 * found >= 4 * asked


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_paths_are_those_that_the_whole_graph_has_in_two_thousand_worlds(workshop: Workshop) -> None:
    counts = [_compare(workshop, range(n, n + _WORLDS_AT_ONCE)) for n in range(0, 2_000, _WORLDS_AT_ONCE)]
    assert 5 * sum(found for _, found in counts) >= 4 * sum(asked for asked, _ in counts)


# By hand.


def test_a_ladder_of_forty_diamonds_is_answered_from_its_beginning(workshop: Workshop) -> None:
    """It has 2 ** 40 paths, all of eighty hops."""
    rungs = [key("dataset", "test", f"{rung:02}{side}") for rung in range(41) for side in ("", "x", "y")][:-2]
    starts = range(0, 120, 3)
    edges = [(n, n + side) for n in starts for side in (1, 2)] + [(n + side, n + 3) for n in starts for side in (1, 2)]
    ladder = FlowWorld(
        dict.fromkeys(rungs, (Audience.PUBLIC, (None, None))),
        {(0, rungs[tail], rungs[head]): (None, None) for tail, head in edges},
    )
    asker = asker_of(workshop, [batch for batch in said_of([ladder]) if batch.size])
    variables = {"from": rungs[0], "to": rungs[-1], "first": 100}
    found = asker.data(PATHS, **variables)["lineagePaths"]
    assert {path["length"] for path in found["paths"]} == {80}
    assert len(found["paths"]) == 100
    assert found["completeness"] == {**WHOLE, "isComplete": False, "reasons": ["PATHS"], "completeToLength": 79}
    # A hundred hops between the two ends.
    assert asker.round_trips == 100 + 1


def test_the_shortest_come_first_and_a_placeholder_keeps_their_shape(walker: Asker) -> None:
    found = ask(walker, "raw report", VEILED_READER)
    assert told(found) == ["raw ? mart chart report", "raw ? mart table report"]
    assert [path["length"] for path in found["paths"]] == [4, 4]
    # From both ends at once, four hops each; then what was chosen of the nodes.
    assert walker.round_trips == 4 + 4 + 1
    assert [node["dataset"] and node["dataset"]["title"] for node in found["nodes"]] == [
        *("Raw", None, "Mart", "Chart", "Report", "Table")
    ]
    hidden = found["nodes"][1]
    assert hidden == {"id": hidden["hiddenId"], "urn": None, "hiddenId": hidden["id"], "dataset": None}
    assert "vault" not in hidden["id"]
    assert found["completeness"] == {**WHOLE, "hiddenNodes": 1}


def test_what_the_public_may_not_know_of_is_on_no_path(walker: Asker) -> None:
    assert ask(walker, "raw report") == {"paths": [], "nodes": [], "sameAs": [], "completeness": WHOLE}
    assert told(ask(walker, "raw report", STAFF_READER))[0] == "raw vault mart chart report"


def test_an_edge_is_there_on_its_days(walker: Asker) -> None:
    assert told(ask(walker, "mart report", asOf="2022-05-31")) == ["mart chart report", "mart table report"]
    assert told(ask(walker, "mart report", asOf="2022-06-01")) == ["mart table report"]


def test_more_paths_than_asked_for_are_told_of(walker: Asker) -> None:
    found = ask(walker, "mart report", first=1)
    assert told(found) == ["mart chart report"]
    assert found["completeness"] == {**WHOLE, "isComplete": False, "reasons": ["PATHS"], "completeToLength": 1}


def test_from_a_dataset_to_itself_there_is_one_path(walker: Asker) -> None:
    found = ask(walker, "report report")
    assert found["paths"] == [{"length": 0, "nodes": [d("report")]}]
    assert found["completeness"] == WHOLE
    assert walker.round_trips == 1


@pytest.mark.parametrize("reader", [PUBLIC_READER, VEILED_READER], ids=["public", "veiled"])
def test_where_there_are_not_both_there_is_null(walker: Asker, reader: Reader) -> None:
    for ends in ("raw nowhere", "nowhere raw", "raw vault", "vault mart", "nowhere nowhere", "vault vault"):
        assert ask(walker, ends, reader) is None
    assert ask(walker, "raw vault", STAFF_READER)["paths"] == [{"length": 1, "nodes": [d("raw"), d("vault")]}]


def test_fields_that_need_no_more_than_the_search(walker: Asker) -> None:
    query = """
      query ($from: ID!, $to: ID!) { lineagePaths(from: $from, to: $to) {
        paths { nodes } nodes { dataset { urn __typename } } __typename
      } }
    """
    found = walker.data(query, **{"from": d("mart"), "to": d("table")})["lineagePaths"]
    assert found["paths"] == [{"nodes": [d("mart"), d("table")]}]
    assert found["nodes"] == [{"dataset": {"urn": d(name), "__typename": "Dataset"}} for name in ("mart", "table")]
    assert walker.data(query, **{"from": d("mart"), "to": REGISTER}) == {"lineagePaths": None}


# Mistakes and limits.


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (f'from: "x", to: "{OUTCOMES}"', "INVALID_URN", "is no Waypost URN"),
        (f'from: "{OUTCOMES}", to: "veiled:0123"', "INVALID_URN", "is no Waypost URN"),
        (f'from: "{OUTCOMES}", to: "urn:waypost:goal:key:a"', "INVALID_URN", "is the URN of another kind"),
        (f'from: "{OUTCOMES}", to: "{DIRECTORY}", first: 0', "INVALID_SELECTION", "'first' is 0"),
        (f'from: "{OUTCOMES}", to: "{DIRECTORY}", first: 101', "INVALID_SELECTION", "asks for 1 to 100 paths"),
        (f'from: "{OUTCOMES}"', "BAD_REQUEST", "to"),
        (f'to: "{OUTCOMES}"', "BAD_REQUEST", "from"),
    ],
)
def test_a_mistake_is_named_before_anything_is_read(asker: Asker, arguments: str, code: str, said: str) -> None:
    error = asker.error(f"{{ lineagePaths({arguments}) {{ nodes {{ id }} }} }}")
    assert error["extensions"]["code"] == code
    assert said in error["message"]
    assert asker.round_trips == 0


@pytest.mark.parametrize(
    ("first", "cost"), [("", 500), (", first: 1", 101), (", first: 4", 404), (", first: 9999", 500)]
)
def test_the_cost_is_counted_by_the_nodes_that_paths_may_have(first: str, cost: int) -> None:
    text = f'{{ lineagePaths(from: "{OUTCOMES}", to: "{DIRECTORY}"{first}) {{ nodes {{ dataset {{ title }} }} }} }}'
    assert measure(build_schema().graphql, parse(text)).cost == cost


# When the store is slow or away.


@pytest.mark.parametrize(("fails", "seconds"), [(None, 2), (StoreTimeout, 10)])
def test_where_time_runs_short_what_was_found_is_answered(
    walker: Asker, fails: type[Exception] | None, seconds: float
) -> None:
    store = cast("Store", FaultyStore(walker.store, fails, after=2))
    context = Context(store, STAFF_READER, TODAY, "request-7")
    request = Request(PATHS, {"from": d("raw"), "to": d("report")})
    found = walker.runner.run(answer(build_schema(), request, context, seconds))
    assert found.errors == []
    assert found.data is not None
    # After two hops from each end they have met.
    paths = found.data["lineagePaths"]
    assert told(paths) == ["raw vault mart chart report", "raw vault mart table report"]
    cut = {"isComplete": False, "reasons": ["TIME"], "completeToLength": 4, "hiddenNodes": 0}
    assert paths["completeness"] == cut


def test_where_the_store_is_away_the_field_fails(walker: Asker) -> None:
    store = cast("Store", FaultyStore(walker.store, StoreUnavailable))
    context = Context(store, STAFF_READER, TODAY, "request-7")
    request = Request(PATHS, {"from": d("raw"), "to": d("report")})
    found = walker.runner.run(answer(build_schema(), request, context, 10))
    assert found.codes == {"DATABASE_UNAVAILABLE"}
    assert found.data == {"lineagePaths": None}
