"""When a flow stands, since when, and what ends it (issue 6, domain 3.5, 9, 9.2 A11)."""

from __future__ import annotations

import re
from typing import Any

import pytest

from catalog.urn import openlineage
from lineage.openlineage.event import read_event
from lineage.openlineage.flows import spans_of
from lineage.openlineage.state import fold_all
from tests.support.openlineage import column_lineage, dataset, dataset_event, event, job_event

JOB = openlineage("job", "etl", "j")
Values = dict[str, Any]
DROP: Values = {"lifecycleStateChange": {"lifecycleStateChange": "DROP"}}


def spans(*events: Values, what: str) -> dict[str, list[Any]]:
    """What of the job has an end, datasets by their letters; days by their number."""
    known = fold_all(read_event(each) for each in events)
    found: dict[str, list[Any]] = {}
    for name, values in spans_of(known[JOB]).items():
        kind, _, key = name.partition(" ")
        if kind == what:
            letters = re.sub(r"urn:\S*:", "", key)
            found[letters] = [value.removeprefix("2026-11-") for value in values]
    return found


def flows(*events: Values) -> dict[str, list[str]]:
    """The job's flows: first day stated, last day or nothing, first day it happened or nothing."""
    return spans(*events, what="flow")


def ran(time: str, inputs: Any, outputs: Any, *, run: str = "", type_: str = "COMPLETE", job: str = "j") -> Values:
    """An event of a run of its own."""
    return event(type_, time, run=run or time, inputs=inputs, outputs=outputs, job=job)


def test_a_later_complete_run_that_lists_others_ends_a_flow() -> None:
    assert flows(ran("01", "ab", "c")) == {"a c": ["01", "", "01"], "b c": ["01", "", "01"]}
    later = flows(ran("01", "ab", "c"), ran("02", "ab", "c"), ran("04", "a", "c"))
    assert later == {"a c": ["01", "", "01"], "b c": ["01", "02", "01"]}
    again = flows(ran("01", "ab", "c"), ran("04", "a", "c"), ran("05", "b", "c"))
    assert again == {"a c": ["01", "04", "01"], "b c": ["01", "", "01"]}


@pytest.mark.parametrize(
    "other",
    [
        ran("04", "a", "c", type_="START"),
        ran("04", "a", "c", type_="RUNNING"),
        ran("04", "a", "c", type_="FAIL"),
        ran("04", "a", "c", type_="ABORT"),
        ran("04", "a", "c", type_="OTHER"),
        ran("04", "", "", type_="COMPLETE"),
        ran("04", "", "c", type_="COMPLETE"),
        ran("04", "a", "", type_="COMPLETE"),
        ran("04", "a", "c", job="k"),
        ran("01 11:00", "a", "c"),
        job_event("04", inputs="a", outputs="c"),
    ],
    ids=[
        "START",
        "RUNNING",
        "FAIL",
        "ABORT",
        "OTHER",
        "empty",
        "no inputs",
        "no outputs",
        "another job",
        "earlier",
        "job",
    ],
)
def test_nothing_else_ends_one(other: Values) -> None:
    assert flows(ran("01 12:00", "b", "c"), other)["b c"] == ["01", "", "01"]


def test_a_running_event_without_inputs_removes_nothing() -> None:
    events = [ran("01", "ab", "c", run="r", type_="START"), ran("01 13:00", "", "c", run="r", type_="RUNNING")]
    assert flows(*events, ran("01 14:00", "", "", run="r")) == {"a c": ["01", "", "01"], "b c": ["01", "", "01"]}


def test_a_run_that_goes_on_is_not_ended_by_one_that_completes_meanwhile() -> None:
    slow = [ran("01", "b", "c", run="slow", type_="START"), ran("05", "b", "c", run="slow")]
    assert flows(*slow, ran("03", "a", "c"))["b c"] == ["01", "", "01"]
    assert flows(slow[0], ran("03", "a", "c"))["b c"] == ["01", "01", ""]


def test_a_flow_of_runs_that_failed_does_not_stand() -> None:
    """Domain 9: a failed or aborted run asserts no flow unless it wrote."""
    begun = ran("01", "a", "b", run="r", type_="START")
    failed = ran("01 13:00", "a", "b", run="r", type_="FAIL")
    assert flows(begun) == {"a b": ["01", "", ""]}
    assert flows(begun, failed) == flows(failed) == {}
    assert flows(begun, failed, ran("02", "a", "b", run="s", type_="START")) == {"a b": ["01", "", ""]}
    assert flows(begun, failed, ran("02", "a", "b", run="s")) == {"a b": ["01", "", "02"]}
    wrote = {**dataset("b"), "outputFacets": {"outputStatistics": {"rowCount": 1}}}
    assert flows(ran("01", "a", [wrote], type_="FAIL")) == {"a b": ["01", "", "01"]}


def test_a_facet_that_tells_what_flows_in_narrows_what_is_listed() -> None:
    told = dataset("c", columnLineage=column_lineage("a.x>y"))
    assert flows(ran("01", "ab", [told])) == {"a c": ["01", "", "01"]}
    assert flows(ran("01", "ab", [told, dataset("d")])).keys() == {"a c", "a d", "b d"}
    explicit = dataset("c", lineage={"inputs": [{**dataset("b"), "type": "DATASET"}]})
    assert flows(ran("01", "a", [explicit])) == {"b c": ["01", "", "01"]}
    assert flows(ran("01", "a", [dataset("c", lineage={"inputs": []})])) == {}
    assert flows(ran("01", "a", [dataset("c", columnLineage={"fields": {}})])).keys() == {"a c"}


def test_what_flowed_before_a_facet_told_otherwise_did_flow() -> None:
    told = dataset("c", columnLineage=column_lineage("a.x>y"))
    assert flows(ran("01", "ab", "c"), ran("03", "ab", [told])) == {"a c": ["01", "", "01"]}
    assert flows(ran("01", "b", "c"), ran("03", "a", [told])) == {"a c": ["03", "", "03"], "b c": ["01", "01", "01"]}


def test_an_entry_of_a_jobs_lineage_facet_is_a_flow() -> None:
    entry = {**dataset("c"), "type": "DATASET", "inputs": [{**dataset("a"), "type": "DATASET"}]}
    said = event("COMPLETE", "01", inputs="ab", outputs="c", job_facets={"lineage": {"entries": [entry]}})
    assert flows(said) == {"a c": ["01", "", "01"]}
    into = {"namespace": "etl", "name": "j", "type": "JOB", "inputs": [{**dataset("d"), "type": "DATASET"}]}
    said = event("COMPLETE", "01", inputs="a", job_facets={"lineage": {"entries": [into]}})
    assert spans(said, what="reads").keys() == {"a", "d"}


def test_a_dataset_that_is_dropped_ends_its_flows_until_it_is_there_again() -> None:
    drop = event("COMPLETE", "04", run="x", job="k", outputs=[dataset("c", **DROP)])
    assert flows(ran("01", "a", "c"), drop) == {"a c": ["01", "01", "01"]}
    assert flows(ran("01", "a", "c"), dataset_event("04", dataset("a", **DROP))) == {"a c": ["01", "01", "01"]}
    assert flows(ran("01", "a", "c"), drop, ran("05", "a", "c")) == {"a c": ["01", "", "01"]}


def test_a_job_that_drops_a_dataset_does_not_write_it() -> None:
    assert flows(event("COMPLETE", "01", inputs="a", outputs=[dataset("b", **DROP), dataset("c")])).keys() == {"a c"}


def test_one_sided_events_are_kept() -> None:
    assert spans(ran("01", "a", ""), what="reads") == {"a": ["01", ""]}
    assert spans(ran("01", "", "b"), what="writes") == {"b": ["01", ""]}
    assert spans(ran("01", "ab", ""), ran("02", "a", ""), what="reads") == {"a": ["01", ""], "b": ["01", "01"]}
    assert spans(ran("01", "ab", ""), ran("02", "", "c"), what="reads") == {"a": ["01", ""], "b": ["01", ""]}


def test_a_job_event_says_what_happens_without_a_run() -> None:
    assert flows(job_event("01", inputs="a", outputs="b")) == {"a b": ["01", "", "01"]}


def test_a_step_is_over_when_a_later_complete_run_tells_the_columns_without_it() -> None:
    def steps(*events: Values) -> dict[str, list[Any]]:
        return {name: values[:2] for name, values in spans(*events, what="step").items()}

    one = ran("01", "a", [dataset("c", columnLineage=column_lineage("a.x>y", "a.z>y"))])
    less = [dataset("c", columnLineage=column_lineage("a.x>y"))]
    assert steps(one) == {"a x\nc y": ["01", ""], "a z\nc y": ["01", ""]}
    assert steps(one, ran("03", "a", less)) == {"a x\nc y": ["01", ""], "a z\nc y": ["01", "01"]}
    assert steps(one, ran("03", "a", less, type_="RUNNING")) == steps(one)
    assert steps(one, ran("03", "a", "c")) == steps(one)
