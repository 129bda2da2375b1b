"""OpenLineage events for tests: made by hand in few words, and random ones that meet each other in every way."""

from __future__ import annotations

import random
import uuid
from typing import Any

__all__ = ["EVENT_TYPES", "column_lineage", "dataset", "dataset_event", "event", "job_event", "random_events", "run_id"]

EVENT_TYPES = ("START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER")
PRODUCER = "https://example.gov/etl/1"
_SCHEMA = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/"
_NAMESPACE = "warehouse"

Value = dict[str, Any]


def run_id(name: str) -> str:
    """A run id of one's own for a short name."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, name))


def dataset(name: str, columns: str = "", **facets: Any) -> Value:
    """A dataset with a column for each letter, and these facets besides."""
    made: Value = {"namespace": _NAMESPACE, "name": name}
    if columns:
        facets["schema"] = {"fields": [{"name": column, "type": "text"} for column in columns]}
    return {**made, "facets": facets} if facets else made


def column_lineage(*steps: str, kind: str = "DIRECT", subtype: str = "IDENTITY", masking: bool = False) -> Value:
    """A columnLineage facet of steps such as "a.x>y": column x of dataset a into column y."""
    fields: Value = {}
    for step in steps:
        source, _, target = step.partition(">")
        name, _, column = source.partition(".")
        done = [{"type": kind, "subtype": subtype, "masking": masking}]
        input_ = {"namespace": _NAMESPACE, "name": name, "field": column, "transformations": done}
        fields.setdefault(target, {"inputFields": []})["inputFields"].append(input_)
    return {"fields": fields}


def event(
    type_: str | None,
    time: str,
    *,
    run: str = "r",
    job: str = "j",
    inputs: list[Value] | str = "",
    outputs: list[Value] | str = "",
    run_facets: Value | None = None,
    job_facets: Value | None = None,
) -> Value:
    """A run event. ``time`` is a day of November 2026 and a time, such as "03 12:00"; datasets may be letters."""
    day, _, clock = time.partition(" ")
    made = {
        "eventTime": f"2026-11-{day}T{clock or '12:00'}:00Z",
        "producer": PRODUCER,
        "schemaURL": f"{_SCHEMA}RunEvent",
        "run": {"runId": run_id(run), "facets": run_facets or {}},
        "job": {"namespace": "etl", "name": job, "facets": job_facets or {}},
        "inputs": [dataset(name) for name in inputs] if isinstance(inputs, str) else inputs,
        "outputs": [dataset(name) for name in outputs] if isinstance(outputs, str) else outputs,
    }
    return {**made, "eventType": type_} if type_ else made


def job_event(time: str, *, job: str = "j", inputs: str = "", outputs: str = "", **facets: Any) -> Value:
    """A job event."""
    made = event(None, time, job=job, inputs=inputs, outputs=outputs, job_facets=facets)
    del made["run"]
    return {**made, "schemaURL": f"{_SCHEMA}JobEvent"}


def dataset_event(time: str, said: Value) -> Value:
    """A dataset event."""
    made = event(None, time)
    return {name: made[name] for name in ("eventTime", "producer")} | {
        "schemaURL": f"{_SCHEMA}DatasetEvent",
        "dataset": said,
    }


def random_events(seed: int, count: int) -> list[Value]:
    """Events of few runs, jobs, datasets and times, so that they meet: some alike but for one facet, some at one time."""
    made = _Random(seed)
    return [made.event() for _ in range(count)]


class _Random:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def event(self) -> Value:
        time = f"{self.random.randint(1, 6):02} {self.random.randint(8, 11):02}:00"
        match self.random.randrange(12):
            case 0:
                return job_event(time, job=self._of("jk"), inputs=self._some(), outputs=self._some())
            case 1:
                return dataset_event(time, self._dataset(self._of("abcd")))
            case _:
                return event(
                    self._of(EVENT_TYPES + ("COMPLETE",) * 4),
                    time,
                    run=self._of("rstuv"),
                    job=self._of("jjjk"),
                    inputs=[self._dataset(name) for name in self._some()],
                    outputs=[self._output(name) for name in self._some()],
                    run_facets=self._run_facets(),
                    job_facets=self._job_facets(),
                )

    def _of(self, choices: Any) -> Any:
        return self.random.choice(choices)

    def _some(self) -> str:
        return "".join(self.random.sample("abcd", self.random.randint(0, 3)))

    def _is(self, percent: int) -> bool:
        return self.random.randrange(100) < percent

    def _dataset(self, name: str) -> Value:
        facets: Value = {}
        if self._is(20):
            facets["documentation"] = {"description": self._of(("one", "two"))}
        if self._is(15):
            facets["dataSource"] = {"name": self._of(("lake", "sea"))}
        if self._is(10):
            facets["symlinks"] = {"identifiers": [{"namespace": _NAMESPACE, "name": self._of("abcd"), "type": "TABLE"}]}
        if self._is(8):
            facets["lifecycleStateChange"] = {"lifecycleStateChange": self._of(("DROP", "CREATE"))}
        if self._is(15):
            facets["unheard-of"] = {"number": self.random.randint(1, 3)}
        return dataset(name, self._of(("", "", "x", "xy", "yz")), **facets)

    def _output(self, name: str) -> Value:
        made = self._dataset(name)
        facets = made.setdefault("facets", {})
        if self._is(25):
            steps = [f"{self._of('abcd')}.{self._of('xyz')}>{self._of('xy')}" for _ in range(self.random.randint(1, 3))]
            kind = self._of(("DIRECT", "INDIRECT"))
            facets["columnLineage"] = column_lineage(*steps, kind=kind, masking=self._is(30))
        if self._is(5):
            facets["lineage"] = {"inputs": [dataset(name) for name in self._some()]}
        if self._is(15):
            made["outputFacets"] = {"outputStatistics": {"rowCount": self.random.randint(0, 1)}}
        return made

    def _run_facets(self) -> Value:
        facets: Value = {}
        if self._is(20):
            parent = {"run": {"runId": run_id(self._of("pqr"))}, "job": {"namespace": "etl", "name": self._of("jw")}}
            facets["parent"] = parent
        if self._is(20):
            facets["nominalTime"] = {"nominalStartTime": f"2026-11-0{self.random.randint(1, 3)}T00:00:00Z"}
        return facets

    def _job_facets(self) -> Value:
        facets: Value = {}
        if self._is(20):
            facets["documentation"] = {"description": self._of(("this", "that"))}
        if self._is(5):
            entry = {**dataset(self._of("abcd")), "type": "DATASET", "inputs": [dataset(self._of("abcd"))]}
            facets["lineage"] = {"entries": [entry]}
        return facets
