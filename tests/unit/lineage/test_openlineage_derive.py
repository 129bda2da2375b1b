"""What follows from what is known: where a run stands, which columns there are, what is let go of."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

import pytest

from catalog.model.data import Column, Dataset
from catalog.model.enums import RunState
from catalog.model.lineage import ColumnFlow, Flow, Run
from catalog.urn import Urn, key, openlineage, part
from lineage.openlineage import bounds
from lineage.openlineage.derive import Records, derive_spans, follow, targets
from lineage.openlineage.event import read_event
from lineage.openlineage.record import Record, decode_record, encode_record
from lineage.openlineage.registers import Change
from lineage.openlineage.state import fold
from lineage.openlineage.statements import Follows
from tests.support.openlineage import column_lineage, dataset, dataset_event, event, run_id

A = openlineage("dataset", "warehouse", "a")
Values = dict[str, Any]


class Memory:
    """Records as an intake keeps them, without a store: each time as written and read again."""

    def __init__(self) -> None:
        self.records: Records = {}

    def take(self, *events: Values) -> Follows:
        """What follows from these events, taken in at once."""
        self.records = {
            urn: decode_record(encode_record(urn, urn, record).registers) for urn, record in self.records.items()
        }
        known = {urn: record.registers for urn, record in self.records.items()}
        changes: dict[Urn, Change] = {}
        for each in events:
            for urn, change in fold(known, read_event(each)).items():
                changes[urn] = max(change, changes.get(urn, Change.NOTHING))
        for urn, registers in known.items():
            self.records.setdefault(urn, Record(registers))
        spans = derive_spans(self.records, changes)
        assert targets(self.records, spans) <= self.records.keys()
        return follow(self.records, changes, spans)


def run_of(*types: str) -> Run:
    """The run of these events, one an hour from eight."""
    events = [event(type_, f"01 {hour:02}:00") for hour, type_ in enumerate(types, 8)]
    found = Memory().take(*events).nodes[key("run", run_id("r"))].entity
    assert isinstance(found, Run)
    return found


@pytest.mark.parametrize(
    ("types", "state", "started", "ended"),
    [
        (("START",), RunState.RUNNING, 8, None),
        (("RUNNING",), RunState.RUNNING, None, None),
        (("OTHER",), RunState.OTHER, None, None),
        (("START", "RUNNING", "COMPLETE"), RunState.COMPLETED, 8, 10),
        (("START", "FAIL"), RunState.FAILED, 8, 9),
        (("START", "ABORT"), RunState.ABORTED, 8, 9),
        (("COMPLETE", "RUNNING", "OTHER"), RunState.COMPLETED, None, 8),
        (("FAIL", "START", "COMPLETE"), RunState.COMPLETED, 9, 10),
        (("START", "COMPLETE", "FAIL"), RunState.FAILED, 8, 10),
    ],
)
def test_where_a_run_stands(types: tuple[str, ...], state: RunState, started: int | None, ended: int | None) -> None:
    run = run_of(*types)
    hours = tuple(moment and moment.hour for moment in (run.started_at, run.ended_at))
    assert (run.state, *hours) == (state, started, ended)


def test_of_two_ends_of_one_time_one_stands_in_any_order() -> None:
    events = [event(type_, "01 10:00") for type_ in ("FAIL", "ABORT", "COMPLETE")]
    for order in itertools.permutations(events):
        run = Memory().take(*order).nodes[key("run", run_id("r"))].entity
        assert isinstance(run, Run)
        assert run.state is RunState.COMPLETED


def columns_of(found: Follows) -> dict[str, tuple[Any, ...]]:
    """Of each column that is stated: type, place, day it came later, first day and the first day no more."""
    made: dict[str, tuple[Any, ...]] = {}
    edges = {edge.head: edge for edge in found.edges if edge.relation is Dataset.columns}
    for node in found.nodes.values():
        if isinstance(node.entity, Column):
            column, edge = node.entity, edges[node.entity.urn]
            days = [day and day.day for day in (column.first_seen, edge.valid_from, edge.valid_to)]
            made[column.name] = (column.data_type, column.position, *days)
    return made


def test_columns_come_and_go_with_the_latest_schema() -> None:
    memory = Memory()
    assert columns_of(memory.take(dataset_event("01", dataset("a", "xy")))) == {
        "x": ("text", 0, None, 1, None),
        "y": ("text", 1, None, 1, None),
    }
    assert columns_of(memory.take(dataset_event("03", dataset("a", "zx")))) == {
        "x": ("text", 1, None, 1, None),
        "y": (None, None, None, 1, 2),
        "z": ("text", 0, 3, 3, None),
    }
    late = columns_of(memory.take(dataset_event("02", dataset("a", "xy"))))
    assert late["y"] == (None, None, None, 1, 3), "a late event tells that it was there a day longer"


def test_what_was_said_before_is_not_stated_again() -> None:
    memory = Memory()
    first = event("COMPLETE", "01 10:00", inputs=[dataset("a", "xy")], outputs=[dataset("b", "xy")])
    assert memory.take(first).size > 10
    again = memory.take({**first, "eventTime": "2026-11-01T11:00:00Z", "run": {"runId": run_id("s")}})
    assert {type(node.entity) for node in again.nodes.values()} == {Run}
    assert {edge.relation.name for edge in again.edges} == {"executes", "outputs"}
    assert memory.take(first).size == 0


def test_a_dataset_that_is_dropped_and_spoken_of_again_on_one_day_is_there() -> None:
    memory = Memory()
    drop = dataset("a", lifecycleStateChange={"lifecycleStateChange": "DROP"})
    ends = [
        memory.take(said).nodes[A].valid_to
        for said in (
            dataset_event("03 08:00", dataset("a")),
            dataset_event("03 09:00", drop),
            dataset_event("03 10:00", dataset("a")),
        )
    ]
    assert ends == [None, date(2026, 11, 3), None]


def test_of_a_flow_that_only_failed_nothing_is_left() -> None:
    memory = Memory()
    told = [dataset("b", columnLineage=column_lineage("a.x>y"))]
    begun = memory.take(event("START", "01 08:00", inputs="a", outputs=told))
    flows = {urn for urn, node in begun.nodes.items() if isinstance(node.entity, Flow | ColumnFlow)}
    assert len(flows) == 2
    failed = memory.take(event("FAIL", "01 09:00"))
    assert set(failed.withdraws) == flows
    assert [(edge.tail, edge.relation.name) for edge in failed.unlinks] == [(A, "downstream")]
    again = memory.take(event("START", "01 10:00", run="s", inputs="a", outputs=told))
    assert flows <= again.nodes.keys()


def test_of_many_schemas_the_days_of_their_columns_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MAX_SCHEMAS", 2)
    memory, found = Memory(), {}
    for day, columns in enumerate(("ab", "bc", "cd", "de"), 1):
        found = columns_of(memory.take(dataset_event(f"{day:02}", dataset("a", columns))))
    assert {name: days[2:] for name, days in found.items()} == {
        "a": (None, 1, 2),
        "b": (None, 1, 3),
        "c": (2, 2, 4),
        "d": (3, 3, None),
        "e": (4, 4, None),
    }
    spans = memory.records[A].registers.spans
    assert (len(spans["schemas"]), set(spans["columns"])) == (2, set("abc"))
    assert sum(name.startswith("@columns") for name in memory.records[A].registers.latest) == 2


def test_of_many_flows_into_a_dataset_those_that_go_on_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MAX_FEEDS", 3)
    memory = Memory()
    for day in range(1, 8):
        memory.take(event("COMPLETE", f"{day:02}", run=str(day), inputs=[dataset(f"s{day}")], outputs="a"))
    feeds = memory.records[A].feeds
    assert [feed.last for feed in feeds.values()].count("") == 1
    assert sorted(feed.last for feed in feeds.values()) == ["", "2026-11-05", "2026-11-06"]


def test_a_column_is_named_by_its_dataset() -> None:
    assert part(A, "column", "x") in Memory().take(dataset_event("01", dataset("a", "x"))).nodes
