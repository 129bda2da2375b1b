"""Random graphs, random questions: every store answers as the oracle does, to the letter, and so as the other store.

A failure names the seed of its world: ``make_world(seed, batches)`` and ``Asker(world, what)`` make it again.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from catalog.selection import Selection
from catalog.stores.port import Scanned
from tests.contract.backends import Blocking
from tests.contract.workshop import Workshop
from tests.support.compare import difference, exact
from tests.support.differential import Tally, differs_in_search, differs_in_selection, differs_in_walk
from tests.support.questions import Asker
from tests.support.worlds import World, make_world

_BATCHES = 5
_SHAPES_A_WORLD = 12
_SHAPES_IN_CI, _SHAPES_IN_LONG = 60, 1000
_OTHERS_IN_CI, _OTHERS_IN_CI_ON_NEO4J, _OTHERS_IN_LONG = 24, 12, 400
"""Questions to each of the other reads."""

# Planning a statement that it never saw takes Neo4j a good part of a second, and here every statement is one.
_SLOW = pytest.mark.timeout(600)

Check = Callable[[World, Blocking, Asker, Tally], str | None]


def _run(workshop: Workshop, shapes: int, what: str, check: Check) -> Tally:
    """So many questions, to worlds of which hypothesis chooses the seeds."""
    tally = Tally()

    @settings(
        max_examples=-(-shapes // _SHAPES_A_WORLD),
        suppress_health_check=[HealthCheck.too_slow],
        phases=[Phase.explicit, Phase.generate],  # a seed has no smaller one; the number of batches is in the message
        database=None,
    )
    @given(seed=st.integers(0, 2**31))
    def one_world(seed: int) -> None:
        world = make_world(seed, _BATCHES)
        store = workshop.fresh()
        for batch in world.batches:
            store.write(batch)
        asker = Asker(world, what)
        for number in range(_SHAPES_A_WORLD):
            different = check(world, store, asker, tally)
            assert different is None, f"world {seed}, question {number}: {different}"

    one_world()
    return tally


def _selection(world: World, store: Blocking, asker: Asker, tally: Tally) -> str | None:
    return differs_in_selection(world.reference, store, asker.selection(), tally)


def _scan(world: World, store: Blocking, asker: Asker, tally: Tally) -> str | None:
    query = asker.scan()
    expected, found = world.reference.scan(query), store.scan(query)
    tally.count(empty=not any(expected.edges.values()), pages=1)
    different = difference(_rows(expected), _rows(found))
    return different and f"{different}\n  in {query}"


def _rows(scanned: Scanned) -> list[Any]:
    """All that was scanned, in an order of our own where the store promises none. Of keys ``test_scan`` tells."""
    nodes = {label: list(table) for label, table in scanned.nodes.items()}
    edges = {named: sorted(table, key=repr) for named, table in scanned.edges.items()}
    return [scanned.revision, nodes, {".".join(named): rows for named, rows in edges.items()}]


def _together(world: World, store: Blocking, asker: Asker, tally: Tally) -> str | None:
    """A few trees asked at once; all on the day, and by the reader, of the first."""
    first, *others = [asker.selection() for _ in range(5)]
    roots = [first.root, *(other.root for other in others if other.reader == first.reader)]
    expected = [world.reference.select(Selection(root, first.reader, first.as_of)) for root in roots]
    tally.count(empty=not any(page.rows for page in expected), pages=1)
    before = store.round_trips
    found = store.select_all(roots, first.reader, first.as_of)
    if store.round_trips != before + 1:
        return f"{store.round_trips - before} round trips"
    different = difference(expected, found)
    return different and f"{different}\n  in {roots}"


def _search(world: World, store: Blocking, asker: Asker, tally: Tally) -> str | None:
    return differs_in_search(world.reference, store, asker.search(), tally)


def _walk(world: World, store: Blocking, asker: Asker, tally: Tally) -> str | None:
    query = asker.expansion()
    tally.count(empty=not world.reference.expand(query).hops, pages=1)
    return differs_in_walk(world.reference, store, query)


def _near(world: World, store: Blocking, asker: Asker, tally: Tally) -> str | None:
    query = asker.near()
    expected = world.reference.near(query)
    tally.count(empty=not expected.edges, pages=1)
    different = difference(expected, store.near(query))
    return different and f"{different}\n  in {query}"


def _aggregate(world: World, store: Blocking, asker: Asker, tally: Tally) -> str | None:
    query = asker.aggregate()
    expected = world.reference.aggregate(query)
    tally.count(empty=not expected, pages=1)
    different = difference(expected, store.aggregate(query))
    return different and f"{different}\n  in {query}"


def _others(workshop: Workshop) -> int:
    return _OTHERS_IN_CI_ON_NEO4J if workshop.backend.needs_neo4j else _OTHERS_IN_CI


@_SLOW
def test_select_answers_as_the_oracle_does(workshop: Workshop) -> None:
    tally = _run(workshop, _SHAPES_IN_CI, "select", _selection)
    assert tally.answers >= _SHAPES_IN_CI
    tally.check()


@_SLOW
def test_several_trees_at_once_are_answered_as_each_alone(workshop: Workshop) -> None:
    tally = _run(workshop, 12, "together", _together)
    assert 100 * tally.not_empty >= 80 * tally.answers, tally


@_SLOW
def test_search_answers_as_the_oracle_does(workshop: Workshop) -> None:
    tally = _run(workshop, _others(workshop), "search", _search)
    tally.check()


@_SLOW
def test_expand_answers_as_the_oracle_does(workshop: Workshop) -> None:
    tally = _run(workshop, _others(workshop), "expand", _walk)
    assert 100 * tally.not_empty >= 60 * tally.answers, tally


@_SLOW
def test_scan_answers_as_the_oracle_does(workshop: Workshop) -> None:
    tally = _run(workshop, _others(workshop), "scan", _scan)
    assert 100 * tally.not_empty >= 80 * tally.answers, tally


@_SLOW
def test_near_answers_as_the_oracle_does(workshop: Workshop) -> None:
    tally = _run(workshop, 6, "near", _near)
    assert 100 * tally.not_empty >= 60 * tally.answers, tally


@_SLOW
def test_aggregate_answers_as_the_oracle_does(workshop: Workshop) -> None:
    tally = _run(workshop, _others(workshop), "aggregate", _aggregate)
    assert 100 * tally.not_empty >= 60 * tally.answers, tally


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_select_answers_as_the_oracle_does_a_thousand_times(workshop: Workshop) -> None:
    tally = _run(workshop, _SHAPES_IN_LONG, "select", _selection)
    assert tally.answers >= _SHAPES_IN_LONG
    tally.check()


@pytest.mark.long
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("what", ["search", "expand", "scan", "near", "aggregate"])
def test_the_other_reads_answer_as_the_oracle_does_hundreds_of_times(workshop: Workshop, what: str) -> None:
    asked = {"search": _search, "expand": _walk, "scan": _scan, "near": _near, "aggregate": _aggregate}
    _run(workshop, _OTHERS_IN_LONG, what, asked[what])


@pytest.mark.neo4j
@_SLOW
def test_cursors_of_one_store_continue_on_the_other(workshop_of: Callable[[str], Workshop]) -> None:
    """What a cursor of search or of the feed looks like is not said; that it is the same on every store, is."""
    world = make_world(41, _BATCHES)
    stores = [workshop_of(name).fresh() for name in ("sqlite", "neo4j")]
    for store in stores:
        for batch in world.batches:
            store.write(batch)
    asker = Asker(world, "cursors")
    for _ in range(8):
        query = asker.search()
        first, second = (store.search(query) for store in stores)
        assert difference(first, second) is None, query
        if first.has_next:
            follows = dataclasses.replace(query, after=first.end_cursor)
            assert difference(*(exact(store.search(follows)) for store in stores)) is None, query
    cursor = ""
    for _ in range(20):
        first, second = (store.changes(cursor, 13) for store in stores)
        assert difference(first, second) is None, cursor
        cursor = first.cursor
