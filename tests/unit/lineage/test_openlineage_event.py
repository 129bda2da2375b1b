"""One event, read: what is told apart, what is taken as it is, and every rule that keeps one out."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from lineage.openlineage.event import MAX_BYTES, EventProblem, EventType, Rule, decode, read_event
from lineage.openlineage.facets import Known
from tests.support.openlineage import column_lineage, dataset, dataset_event, event, job_event, run_id

GOOD = event("COMPLETE", "01", inputs="a", outputs="b")
DEEP = b'{"a":' * 100_000 + b"1" + b"}" * 100_000


def changed(path: str, value: Any = ...) -> bytes:
    """The good event with another value there, or none."""
    made = msgspec.json.decode(msgspec.json.encode(GOOD))
    *steps, last = [int(step) if step.isdecimal() else step for step in path.split(".")]
    place = made
    for step in steps:
        place = place[step]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return msgspec.json.encode(made)


BROKEN: list[tuple[Rule, bytes, str]] = [
    (Rule.JSON, b"{", "$"),
    (Rule.JSON, b'{"a": "\xff"}', "$"),
    (Rule.JSON, b'{"a": "\\ud800"}', "$"),
    (Rule.DEPTH, DEEP, "$"),
    (Rule.SIZE, b" " * (MAX_BYTES + 1), "$"),
    (Rule.SIZE, changed("inputs", [dataset("a")] * 2_001), "$.inputs"),
    (Rule.SIZE, msgspec.json.encode({**GOOD, "inputs": [dataset("a")] * 201, "outputs": [dataset("b")] * 100}), "$"),
    (Rule.TYPE, b"[]", "$"),
    (Rule.TYPE, changed("run", 7), "$.run"),
    (Rule.TYPE, changed("inputs", {}), "$.inputs"),
    (Rule.TYPE, changed("inputs.0", "a"), "$.inputs[0]"),
    (Rule.TYPE, changed("job.facets", "{{ any(result) }}"), "$.job.facets"),
    (Rule.EVENT, b"{}", "$"),
    (Rule.EVENT, changed("job"), "$"),
    (Rule.EVENT_TYPE, changed("eventType", "FINISHED"), "$.eventType"),
    (Rule.EVENT_TYPE, changed("eventType", 1), "$.eventType"),
    (Rule.TIME, changed("eventTime"), "$.eventTime"),
    (Rule.TIME, changed("eventTime", 1_700_000_000), "$.eventTime"),
    (Rule.TIME, changed("eventTime", "{{ is_datetime(result) }}"), "$.eventTime"),
    (Rule.TIME, changed("eventTime", "2026-11-22"), "$.eventTime"),
    (Rule.TIME, changed("eventTime", "2026-02-30T07:00:00Z"), "$.eventTime"),
    (Rule.TIME, changed("eventTime", "0001-01-01T00:00:00+14:00"), "$.eventTime"),
    (Rule.TIME_ZONE, changed("eventTime", "2026-11-22T07:00:00"), "$.eventTime"),
    (Rule.RUN_ID, changed("run.runId"), "$.run.runId"),
    (Rule.RUN_ID, changed("run.runId", "run_id"), "$.run.runId"),
    (Rule.RUN_ID, changed("run.facets", {"parent": {"run": {"runId": "x"}}}), "$.run.facets.parent.run.runId"),
    (Rule.NAME, changed("job.name"), "$.job.name"),
    (Rule.NAME, changed("job.namespace", " "), "$.job.namespace"),
    (Rule.NAME, changed("inputs.0.name", "a\nb"), "$.inputs[0].name"),
    (Rule.NAME, changed("outputs.0.name", "x" * 2_100), "$.outputs[0]"),
    (
        Rule.NAME,
        changed("outputs.0", dataset("b", columnLineage=column_lineage("a.>y"))),
        "$.outputs[0].facets.columnLineage.fields.y.inputFields[0].field",
    ),
    (Rule.PLACEHOLDER, changed("inputs.0.name", "raw_{{ ds }}"), "$.inputs[0].name"),
    (Rule.PLACEHOLDER, changed("job.namespace", "${NAMESPACE}"), "$.job.namespace"),
    (
        Rule.PLACEHOLDER,
        changed("outputs.0", dataset("b", columnLineage=column_lineage("${t}.x>y"))),
        "$.outputs[0].facets.columnLineage.fields.y.inputFields[0].name",
    ),
    (
        Rule.PLACEHOLDER,
        changed("outputs.0", dataset("b", schema={"fields": [{"name": "{{ column }}"}]})),
        "$.outputs[0].facets.schema.fields[0].name",
    ),
]


@pytest.mark.parametrize(("rule", "text", "path"), BROKEN, ids=[f"{rule}-{path}" for rule, _, path in BROKEN])
def test_what_breaks_a_rule_is_told_with_its_place_and_a_remedy(rule: Rule, text: bytes, path: str) -> None:
    with pytest.raises(EventProblem) as caught:
        read_event(decode(text))
    problem = caught.value
    assert (problem.rule, problem.path) == (rule, path)
    assert problem.message
    assert problem.remedy
    assert len(problem.message) < 300


def test_every_rule_is_broken_above() -> None:
    assert {rule for rule, _, _ in BROKEN} == set(Rule)


def test_too_many_columns_or_steps_are_refused() -> None:
    wide = dataset("b", schema={"fields": [{"name": f"c{n}"} for n in range(5_001)]})
    with pytest.raises(EventProblem, match="5001 columns"):
        read_event(event("START", "01", outputs=[wide]))
    steps = column_lineage(*(f"a.c{n}>y" for n in range(20_001)))
    with pytest.raises(EventProblem, match="20001 steps"):
        read_event(event("START", "01", outputs=[dataset("b", columnLineage=steps)]))


def test_events_are_told_apart_by_what_they_hold() -> None:
    run = read_event(GOOD)
    assert (run.type, run.run is not None, run.dataset) == (EventType.COMPLETE, True, None)
    job = read_event({**job_event("01", inputs="a", outputs="b"), "eventType": "COMPLETE"})
    assert (job.type, job.run, len(job.inputs)) == (None, None, 1)
    alone = read_event(dataset_event("01", dataset("a")))
    assert (alone.type, alone.run, alone.job) == (None, None, None)
    assert alone.dataset is not None


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("2026-11-22T07:00:00Z", "2026-11-22T07:00:00.000000Z"),
        ("2026-11-22T07:00:00.5+02:00", "2026-11-22T05:00:00.500000Z"),
        ("2026-11-22T07:00:00.123456789Z", "2026-11-22T07:00:00.123456Z"),
        ("2026-11-22 07:00:00.1234-05:00", "2026-11-22T12:00:00.123400Z"),
    ],
)
def test_times_are_kept_in_utc_to_the_microsecond(text: str, stored: str) -> None:
    assert read_event({**GOOD, "eventTime": text}).time == stored


def test_a_missing_producer_or_schema_is_counted_and_no_more() -> None:
    assert read_event(GOOD).warnings == ()
    bare = {name: value for name, value in GOOD.items() if name not in ("producer", "schemaURL")}
    assert read_event(bare).warnings == ("no-producer", "no-schemaURL")


def test_the_digest_is_of_the_event_and_not_of_its_spelling() -> None:
    spelled = b'{"x": 1, ' + msgspec.json.encode(dict(reversed(GOOD.items())))[1:]
    other = msgspec.json.format(msgspec.json.encode({**GOOD, "x": 1}), indent=4)
    assert read_event(decode(spelled)).digest == read_event(decode(other)).digest
    assert read_event(decode(spelled)).digest != read_event(GOOD).digest


def test_a_run_id_is_one_in_either_case() -> None:
    upper = {**GOOD, "run": {"runId": run_id("r").upper()}}
    assert read_event(upper).run == read_event(GOOD).run


def test_a_known_facet_of_another_shape_says_nothing_and_is_kept() -> None:
    odd: dict[str, Any] = {
        "schema": {"fields": "all"},
        "symlinks": [],
        "columnLineage": {"fields": []},
        "ownership": "me",
    }
    found = read_event(event("START", "01", outputs=[dataset("b", **odd)])).outputs[0].facets
    assert {name: msgspec.json.decode(facet) for name, facet in found.spelled.items()} == odd
    assert found.known == Known()


def test_nested_columns_are_named_with_dots() -> None:
    fields = [{"name": "address", "type": "struct", "fields": [{"name": "street", "type": "text"}]}, {"name": "id"}]
    found = read_event(event("START", "01", outputs=[dataset("b", schema={"fields": fields})])).outputs[0].facets
    assert found.known.schema is not None
    assert [field.name for field in found.known.schema.fields] == ["address", "address.street", "id"]


def test_columns_that_decide_over_a_whole_dataset_lead_into_each_of_its_columns() -> None:
    facet = {**column_lineage("a.x>y", "a.x>z"), "dataset": [{**dataset("a"), "field": "w"}]}
    found = read_event(event("START", "01", outputs=[dataset("b", columnLineage=facet)])).outputs[0].facets
    assert [(s.from_column, s.to_column, s.transformations[0]["type"]) for s in found.known.steps] == [
        ("x", "y", "DIRECT"),
        ("x", "z", "DIRECT"),
        ("w", "y", "INDIRECT"),
        ("w", "z", "INDIRECT"),
    ]


def test_the_older_facet_says_what_is_done_once_for_a_column() -> None:
    input_ = {**dataset("a"), "field": "x"}
    facet = {
        "fields": {"y": {"inputFields": [input_], "transformationType": "MASKED", "transformationDescription": "m"}}
    }
    found = read_event(event("START", "01", outputs=[dataset("b", columnLineage=facet)])).outputs[0].facets
    (step,) = found.known.steps
    assert step.transformations == ({"type": "DIRECT", "subtype": "MASKED", "description": "m"},)
