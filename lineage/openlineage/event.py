"""One OpenLineage event, read and checked (1.x and 2-0-2; ``reference/peers.md`` section 4.3, domain 12).

Told apart by what they hold: a run event has a run and its job, a job event a job, a dataset event a dataset. What is wrong
with one is an ``EventProblem``, by the same rules wherever events come in. A missing ``producer`` or ``schemaURL`` is only
counted. Facets that are known here are read in ``lineage/openlineage/facets.py``; the others are kept as they are.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, cast

import msgspec

from catalog.errors import InvalidRecord
from catalog.urn import Urn, key
from catalog.values import instant
from lineage.openlineage.facets import (
    DatasetFacets,
    Entry,
    Facets,
    Parent,
    read_dataset_facets,
    read_entries,
    read_parent,
)
from lineage.openlineage.names import EventProblem, Rule, Thing, joined, read_thing, refusal

__all__ = ["MAX_BYTES", "MAX_DATASETS", "MAX_PAIRS", "DatasetSaid", "Event", "EventProblem", "EventType", "Rule"]
__all__ += ["decode", "read_event"]

MAX_BYTES = 5_000_000
"""Size of one event; a Spark event with its logical plan has about 40,000."""
MAX_DATASETS = 2_000
"""Inputs, or outputs, of one event."""
MAX_PAIRS = 20_000
"""Inputs times outputs of one event: each pair is a flow where no facet narrows them."""

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_CLOCK = re.compile(r"[Tt ]\d\d:\d\d")


class EventType(StrEnum):
    """What a run event tells of its run."""

    START = "START"
    RUNNING = "RUNNING"
    COMPLETE = "COMPLETE"
    ABORT = "ABORT"
    FAIL = "FAIL"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class DatasetSaid:
    """A dataset as an event speaks of it."""

    thing: Thing
    facets: DatasetFacets
    of_run: Facets
    """Its input or output facets, which are about one run of the job."""


@dataclass(frozen=True, slots=True)
class Event:
    """A checked event."""

    time: str
    """When it happened, in the stored form of an instant."""
    digest: str
    """What orders events of one time: the first half of the SHA-256 of the event in one spelling."""
    type: EventType | None
    """None of an event that is about no run."""
    run: Urn | None
    job: Thing | None
    run_facets: Facets
    job_facets: Facets
    inputs: tuple[DatasetSaid, ...]
    outputs: tuple[DatasetSaid, ...]
    dataset: DatasetSaid | None = None
    parent: Parent | None = None
    entries: tuple[Entry, ...] = ()
    """What the job's ``lineage`` facet names as its flows."""
    warnings: tuple[str, ...] = field(default=())
    """What it lacks and was taken without: names of rules, each as often as it applies."""


def decode(text: bytes) -> Any:
    """The value of an event's text. Raises EventProblem where it has none."""
    if len(text) > MAX_BYTES:
        raise refusal(Rule.SIZE, (), f"it has {len(text)} bytes", f"keep to {MAX_BYTES} at most")
    try:
        return msgspec.json.decode(text)
    except RecursionError:
        raise refusal(Rule.DEPTH, (), "lists and objects lie too deep in one another", "flatten them") from None
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        what = str(error).removeprefix("JSON is malformed: ")
        raise refusal(Rule.JSON, (), f"it is no JSON ({what})", "send one JSON object in UTF-8") from None


def read_event(value: Any) -> Event:
    """Check a decoded event. Raises EventProblem, naming the first rule that it breaks."""
    content = _object(value, ())
    run, job, dataset = (content.get(name) for name in ("run", "job", "dataset"))
    if job is None and (run is not None or dataset is None):
        lack = "a run without its job" if run is not None else "neither a job nor a dataset"
        raise refusal(Rule.EVENT, (), f"it has {lack}", "send a run, job or dataset event of OpenLineage")
    time = _time(content.get("eventTime"))
    warnings = tuple(f"no-{name}" for name in ("producer", "schemaURL") if not content.get(name))
    digest = _digest(content)
    if job is None:
        said = _dataset(dataset, ("dataset",))
        return Event(time, digest, None, None, None, {}, {}, (), (), said, warnings=warnings)
    run_urn: Urn | None = None
    type_: EventType | None = None
    run_facets: Facets = {}
    if run is not None:
        found = _object(run, ("run",))
        run_urn = key("run", read_run_id(found.get("runId"), ("run", "runId")))
        type_ = _type(content.get("eventType"))
        run_facets = _facets(found.get("facets"), ("run", "facets"))
    found = _object(job, ("job",))
    job_facets = _facets(found.get("facets"), ("job", "facets"))
    inputs = _datasets(content.get("inputs"), "inputs")
    outputs = _datasets(content.get("outputs"), "outputs")
    if len(inputs) * len(outputs) > MAX_PAIRS:
        what = f"{len(inputs)} inputs times {len(outputs)} outputs are over {MAX_PAIRS} flows"
        raise refusal(Rule.SIZE, (), what, "split the event, or leave out what does not flow")
    return Event(
        time,
        digest,
        type_,
        run_urn,
        read_thing("job", found, ("job",)),
        run_facets,
        job_facets,
        inputs,
        outputs,
        parent=read_parent(run_facets, read_run_id),
        entries=read_entries(job_facets),
        warnings=warnings,
    )


def read_run_id(value: Any, path: tuple[str | int, ...]) -> str:
    """A run id in lower case. Raises EventProblem on what is no UUID."""
    if isinstance(value, str) and _UUID.fullmatch(value):
        return value.lower()
    what = "there is no run id" if value is None else f"{value!r:.60} is no UUID"
    raise refusal(Rule.RUN_ID, path, what, "give each run a UUID of its own")


def _digest(content: Mapping[str, Any]) -> str:
    try:
        spelled = msgspec.json.encode(content, order="sorted")
    except RecursionError:
        raise refusal(Rule.DEPTH, (), "lists and objects lie too deep in one another", "flatten them") from None
    return hashlib.sha256(spelled).hexdigest()[:32]


def _time(value: Any) -> str:
    path = ("eventTime",)
    if not isinstance(value, str):
        what = "there is no event time" if value is None else f"{value!r:.60} is no time"
        raise refusal(Rule.TIME, path, what, "state when it happened, such as 2026-11-22T07:00:00Z")
    try:
        moment = datetime.fromisoformat(value)
        if not _CLOCK.search(value, 8):
            raise ValueError(value)
        if moment.tzinfo is None:
            remedy = "write the offset from UTC, such as Z or +02:00"
            raise refusal(Rule.TIME_ZONE, path, f"{value!r:.60} has no time zone", remedy)
        return instant(moment)
    except (ValueError, InvalidRecord):
        remedy = "write an instant of RFC 3339, such as 2026-11-22T07:00:00Z"
        raise refusal(Rule.TIME, path, f"{value!r:.60} is no time", remedy) from None


def _type(value: Any) -> EventType:
    if value is None:
        return EventType.OTHER
    if isinstance(value, str) and value in EventType.__members__:
        return EventType(value)
    remedy = f"write one of {', '.join(EventType)}"
    raise refusal(Rule.EVENT_TYPE, ("eventType",), f"{value!r:.60} is no event type", remedy)


def _datasets(value: Any, name: str) -> tuple[DatasetSaid, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise refusal(Rule.TYPE, (name,), f"{value!r:.60} is no list", "list the datasets, or leave it out")
    found = cast("list[Any]", value)
    if len(found) > MAX_DATASETS:
        raise refusal(Rule.SIZE, (name,), f"it lists {len(found)} datasets", f"keep to {MAX_DATASETS} at most")
    return tuple(_dataset(item, (name, index)) for index, item in enumerate(found))


def _dataset(value: Any, path: tuple[str | int, ...]) -> DatasetSaid:
    content = _object(value, path)
    thing = read_thing("dataset", content, path)
    facets = _facets(content.get("facets"), (*path, "facets"))
    name = "outputFacets" if path[0] == "outputs" else "inputFacets"
    of_run = _facets(content.get(name), (*path, name))
    return DatasetSaid(thing, read_dataset_facets(thing, facets, (*path, "facets")), of_run)


def _facets(value: Any, path: tuple[str | int, ...]) -> Facets:
    """Facets by name. A facet that is null is none."""
    if value is None:
        return {}
    return {name: facet for name, facet in _object(value, path).items() if facet is not None}


def _object(value: Any, path: tuple[str | int, ...]) -> dict[str, Any]:
    if isinstance(value, dict):
        return cast("dict[str, Any]", value)
    what = f"{value!r:.60} is no object" if path else "it is no object"
    raise refusal(Rule.TYPE, path, what, f"write an object{' as ' + joined(path) if path else ''}")
