"""What events add up to: the same in any order, however often, and in however many parts (ADR 12)."""

from __future__ import annotations

import random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.urn import Urn, key, openlineage
from lineage.openlineage.event import Event, read_event
from lineage.openlineage.registers import Change, Known
from lineage.openlineage.state import fold, fold_all, merge
from tests.support.openlineage import column_lineage, dataset, event, random_events, run_id

JOB = openlineage("job", "etl", "j")
SEEDS = st.integers(0, 2**32)


def events_of(values: list[dict[str, Any]]) -> list[Event]:
    return [read_event(value) for value in values]


def spelled(known: Known) -> bytes:
    """What is known, in one spelling."""
    return msgspec.json.encode(known, order="sorted")


def d(name: str) -> Urn:
    return openlineage("dataset", "warehouse", name)


@given(seed=SEEDS, count=st.integers(1, 25))
def test_any_order_and_any_repetition_come_to_the_same(seed: int, count: int) -> None:
    events = events_of(random_events(seed, count))
    shuffled = events * 3
    random.Random(seed).shuffle(shuffled)
    assert spelled(fold_all(shuffled)) == spelled(fold_all(events))


@given(seed=SEEDS)
def test_merging_is_commutative_associative_and_idempotent(seed: int) -> None:
    events = events_of(random_events(seed, 24))
    one, two, three = (fold_all(events[start::3]) for start in range(3))
    all_ = spelled(fold_all(events))
    assert spelled(merge(merge(one, two), three)) == all_
    assert spelled(merge(one, merge(two, three))) == all_
    assert spelled(merge(merge(three, one), merge(two, one))) == all_
    assert spelled(merge(one, one)) == spelled(one)


@given(seed=SEEDS)
def test_an_event_that_was_folded_changes_nothing_and_a_new_one_something(seed: int) -> None:
    events = events_of(random_events(seed, 12))
    known: Known = {}
    for each in events:
        before = spelled(known)
        changes = fold(known, each)
        assert bool(changes) == (spelled(known) != before)
    assert [fold(known, each) for each in events] == [{}] * len(events)


def test_what_was_seen_before_changes_times_alone() -> None:
    """So a schema that comes again costs no statement."""
    known = fold_all(events_of([event("COMPLETE", "01 10:00", inputs=[dataset("a", "xyz")], outputs="b")]))
    again = event("COMPLETE", "01 11:00", run="s", inputs=[dataset("a", "xyz")], outputs="b")
    changes = fold(known, read_event(again))
    assert changes[d("a")] is Change.TIMES
    other = event("COMPLETE", "01 12:00", run="t", inputs=[dataset("a", "xy")], outputs="b")
    assert fold(known, read_event(other))[d("a")] is Change.WORDS


def test_of_facets_of_one_time_the_digest_of_the_event_decides() -> None:
    one, two = (
        read_event(event("START", "01", inputs=[dataset("a", documentation={"description": text})]))
        for text in ("one", "two")
    )
    last = max((one, two), key=lambda each: each.digest)
    for order in ((one, two), (two, one)):
        register = fold_all(order)[d("a")].latest["documentation"]
        assert register.digest == last.digest


def test_the_inputs_of_a_start_flow_into_the_outputs_of_its_complete() -> None:
    known = fold_all(events_of([event("COMPLETE", "02", outputs="b"), event("START", "01", inputs="a")]))
    assert list(known[JOB].spans["cross"]) == [f"{d('a')} {d('b')}"]
    other = fold_all(events_of([event("START", "01", inputs="a"), event("COMPLETE", "02", run="s", outputs="b")]))
    assert "cross" not in other[JOB].spans


def test_a_run_that_changes_its_job_pairs_only_what_it_said_as_each() -> None:
    said = [event("START", "01", inputs="a", outputs="b"), event("COMPLETE", "02", job="k", inputs="c", outputs="d")]
    known = fold_all(events_of(said))
    assert list(known[JOB].spans["cross"]) == [f"{d('a')} {d('b')}"]
    assert list(known[openlineage("job", "etl", "k")].spans["cross"]) == [f"{d('c')} {d('d')}"]


def test_an_unknown_facet_is_kept_raw() -> None:
    facet = {"_producer": "p", "deep": {"list": [1, {"x": None}], "text": "\u00e9"}}
    known = fold_all(events_of([event("START", "01", run_facets={"my_facet": facet})]))
    kept = known[key("run", run_id("r"))].latest["my_facet"]
    assert msgspec.json.decode(kept.value) == facet


@pytest.mark.parametrize("type_", ["FAIL", "ABORT"])
def test_what_a_failed_run_lists_was_tried_and_not_done(type_: str) -> None:
    failed = event(type_, "01", inputs="a", outputs=[dataset("b", columnLineage=column_lineage("a.x>y"))])
    known = fold_all(events_of([failed]))
    assert not {"cross", "explicit", "steps"} & set(known[JOB].spans)
    wrote = {**failed["outputs"][0], "outputFacets": {"outputStatistics": {"rowCount": 3}}}
    known = fold_all(events_of([{**failed, "outputs": [wrote]}]))
    assert list(known[JOB].spans["cross happened"]) == [f"{d('a')} {d('b')}"]
