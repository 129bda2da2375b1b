"""Jobs, their runs, and the steps from column to column, derived from registers. Pure."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import msgspec

from catalog.access import Audience
from catalog.batch import EdgeStatement, NodeStatement, RetractEdge
from catalog.errors import InvalidRecord
from catalog.model.declare import Relation
from catalog.model.enums import Derivation, RunState, TransformationKind
from catalog.model.lineage import ColumnFlow, Job, Run
from catalog.urn import Urn, key, parse
from catalog.values import instant
from lineage.flows import flow_urn
from lineage.openlineage.datasets import facet_of
from lineage.openlineage.event import EventType
from lineage.openlineage.facets import items_of, object_of, owners, text_of
from lineage.openlineage.flows import day_after
from lineage.openlineage.names import column_urn
from lineage.openlineage.registers import Registers
from lineage.openlineage.statements import Follows

__all__ = ["derive_job", "derive_read", "derive_run", "derive_step", "step_urn"]

_ENDS = {
    EventType.COMPLETE: RunState.COMPLETED,
    EventType.FAIL: RunState.FAILED,
    EventType.ABORT: RunState.ABORTED,
}
"""What ends a run, and the state it is in then. Of two ends of one time the first of these stands."""
_KINDS = {
    "IDENTITY": TransformationKind.COPY,
    "TRANSFORMATION": TransformationKind.DERIVE,
    "AGGREGATION": TransformationKind.AGGREGATE,
    "JOIN": TransformationKind.JOIN,
    "GROUP_BY": TransformationKind.AGGREGATE,
    "FILTER": TransformationKind.FILTER,
}
"""OpenLineage's subtypes, as far as we have a word for them."""


def derive_job(urn: Urn, registers: Registers, out: Follows) -> None:
    """State a job by its facets."""
    namespace, name = parse(urn).segments
    processing = text_of(facet_of(registers, "jobType").get("processingType"))
    job = Job(
        urn=urn,
        namespace=namespace,
        name=name,
        kind_of_job=processing.lower() if processing and processing != "NONE" else None,
        description=text_of(facet_of(registers, "documentation").get("description")),
        owner=owners(facet_of(registers, "ownership")),
    )
    out.node(NodeStatement(job))


def derive_read(what: str, job: Urn, dataset: Urn, days: list[Any], out: Follows) -> None:
    """State that a job reads or writes a dataset, from the first day to the last."""
    out.edge(Job.reads if what == "reads" else Job.writes, job, dataset, *days)


def derive_run(urn: Urn, registers: Registers, out: Follows) -> None:
    """State a run, its job, the run that started it and what it wrote."""
    spans = registers.spans
    events = spans.get("events", {})
    begun = events.get(EventType.START)
    ends = [(events[type_][1], -rank, type_) for rank, type_ in enumerate(_ENDS) if type_ in events]
    end = max(ends) if ends else None
    wrote = "wrote" in spans
    run = Run(
        urn=urn,
        run_id=parse(urn).segments[-1],
        state=_state(set(events), end[2] if end else None),
        nominal_at=_nominal(facet_of(registers, "nominalTime").get("nominalStartTime")),
        started_at=_moment(begun[0]) if begun else None,
        ended_at=_moment(end[0]) if end else None,
        wrote=True if wrote else None,
    )
    out.node(NodeStatement(run))
    _one(Run.executes, urn, registers, ("@job", "@named job"), "jobs", out=out)
    _one(Run.part_of, urn, registers, ("@parent",), "parents", out=out)
    if wrote or EventType.COMPLETE in events:
        for job in spans["jobs"]:
            for tried in ("", "tried ") if wrote else ("",):
                for dataset in spans.get(f"{tried}writes {job}", ()):
                    out.edges.append(EdgeStatement(Run.outputs, urn, Urn(dataset)))


def derive_step(step: str, job: str, days: list[Any], value: msgspec.Raw, out: Follows) -> None:
    """State how a column depends on another."""
    (source, from_name), (target, to_name) = (line.split(" ", 1) for line in step.split("\n"))
    ends = column_urn(Urn(source), from_name), column_urn(Urn(target), to_name)
    urn = step_urn(step, job)
    if ends[0] is None or ends[1] is None:
        return
    done = [object_of(each) for each in items_of(msgspec.json.decode(value))]
    subtypes = list(dict.fromkeys(text for each in done if (text := text_of(each.get("subtype")))))
    said = list(dict.fromkeys(text for each in done if (text := text_of(each.get("description")))))
    types = {each.get("type") for each in done}
    masks = [each["masking"] for each in done if isinstance(each.get("masking"), bool)]
    flow = ColumnFlow(
        urn=urn,
        derivation=Derivation.DIRECT if "DIRECT" in types else Derivation.INDIRECT if "INDIRECT" in types else None,
        transformation=next((_KINDS[name] for name in subtypes if name in _KINDS), None),
        subtype=", ".join(subtypes) or None,
        description="; ".join(said) or None,
        # Values that reach the column once unmasked are unmasked.
        masking=all(masks) and len(masks) == len(done) if masks else None,
    )
    out.node(NodeStatement(flow, Audience.STAFF, valid_to=day_after(days[1]) if days[1] else None))
    out.edges.append(EdgeStatement(ColumnFlow.from_column, urn, ends[0]))
    out.edges.append(EdgeStatement(ColumnFlow.to_column, urn, ends[1]))
    out.edges.append(EdgeStatement(ColumnFlow.part_of_flow, urn, flow_urn(source, job, target)))


@lru_cache(maxsize=16_384)
def step_urn(step: str, job: str) -> Urn:
    """The URN of a step from column to column: of the digest of what it is keyed by."""
    return key("column-flow", hashlib.sha256(f"{step}\n{job}".encode()).hexdigest()[:32])


def _one(
    relation: Relation, run: Urn, registers: Registers, names: tuple[str, ...], ever: str, *, out: Follows
) -> None:
    """State the one head that the latest word names; those of other words never were."""
    register = next((registers.latest[name] for name in names if name in registers.latest), None)
    if register is None:
        return
    named: str = msgspec.json.decode(register.value)
    out.edges.append(EdgeStatement(relation, run, Urn(named)))
    others = [head for head in registers.spans[ever] if head != named]
    out.unlinks += [RetractEdge(relation, run, Urn(head)) for head in others]


def _state(types: set[str], end: EventType | None) -> RunState | None:
    """Where a run stands: once it ended it stays so, whatever comes late."""
    if end is not None:
        return _ENDS[end]
    if types & {EventType.START, EventType.RUNNING}:
        return RunState.RUNNING
    return RunState.OTHER if types else None


def _moment(stored: str) -> datetime:
    return datetime.fromisoformat(stored)


def _nominal(value: Any) -> datetime | None:
    """A nominal time, where it is one; without an offset it is taken to be UTC."""
    try:
        moment = datetime.fromisoformat(value if isinstance(value, str) else "")
        found = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        instant(found)
    except (ValueError, InvalidRecord):
        return None
    return found
