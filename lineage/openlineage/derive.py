"""What of the graph follows from records: nodes and edges of the declared model, as statements. Pure (ADR 12).

``follow`` derives what changed and nothing else: a schema that was seen before costs the comparison of its words. Days are
those of the events, in UTC, and stated: so no order in which events come, and no day on which, makes another graph.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from catalog.access import Audience
from catalog.batch import EdgeStatement, NodeStatement
from catalog.model.lineage import Flow
from catalog.urn import Urn, kind_of, parse
from lineage.flows import flow_urn
from lineage.openlineage.bounds import forget
from lineage.openlineage.datasets import derive_dataset, derive_feeds
from lineage.openlineage.flows import feeds_key, spans_of
from lineage.openlineage.jobs import derive_job, derive_read, derive_run, derive_step, step_urn
from lineage.openlineage.record import DERIVATION, Feed, Record
from lineage.openlineage.registers import Change
from lineage.openlineage.statements import Follows

__all__ = ["Records", "derive_spans", "follow", "targets"]

Records = dict[Urn, Record]
"""Records by what they are about."""

Spans = dict[str, list[Any]]


def derive_spans(records: Records, changes: Mapping[Urn, Change]) -> dict[Urn, Spans]:
    """The flows and all else that has an end, of each changed job, and of each dataset that knows flows without a job."""
    return {
        urn: spans_of(records[urn].registers) for urn in changes if kind_of(urn) == "job" or _has_flows(records[urn])
    }


def targets(records: Records, spans: Mapping[Urn, Spans]) -> set[Urn]:
    """The datasets into which a flow changed: ``follow`` needs their records."""
    found: set[Urn] = set()
    for urn, new in spans.items():
        for name in _changed(records[urn], new):
            what, _, key = name.partition(" ")
            if what == "flow":
                found.add(Urn(key.partition(" ")[2]))
    return found


def follow(records: Records, changes: Mapping[Urn, Change], spans: Mapping[Urn, Spans]) -> Follows:
    """The statements that follow from what changed; the records are brought up to date.

    ``spans`` are those of ``derive_spans``; ``records`` holds the ``targets`` of what changed.
    """
    out = Follows()
    fed: dict[Urn, set[str]] = {}
    for urn, new in spans.items():
        _follow_spans(urn, records, new, fed, out)
    for urn, change in changes.items():
        record = records[urn]
        kind = kind_of(urn)
        if kind == "run":
            derive_run(urn, record.registers, out)
        elif change is Change.WORDS or record.derivation != DERIVATION or "dropped" in record.registers.spans:
            (derive_job if kind == "job" else derive_dataset)(urn, record.registers, out)
        record.derivation = DERIVATION
    for urn, sources in fed.items():
        derive_feeds(urn, records[urn].feeds, sources, out)
    for urn in {*changes, *fed}:
        forget(records[urn])
    return out


def _follow_spans(holder: Urn, records: Records, new: Spans, fed: dict[Urn, set[str]], out: Follows) -> None:
    """What of one job changed that has an end."""
    record = records[holder]
    job = holder if kind_of(holder) == "job" else ""
    for name in _changed(record, new):
        what, _, key = name.partition(" ")
        values = new.get(name)
        if what == "flow":
            source, _, target = key.partition(" ")
            _flow(source, job, target, values, out)
            flow = flow_urn(source, job, target)
            fed.setdefault(Urn(target), set()).add(source)
            feeds = records[Urn(target)].feeds
            if values is None:
                feeds.pop(feeds_key(source, flow), None)
            else:
                feeds[feeds_key(source, flow)] = Feed(values[0], values[1], job)
        elif what == "step":
            if values is None:
                out.withdraws.append(step_urn(key, job))
            else:
                derive_step(key, job, values, record.registers.latest[f"@step {key}"].value, out)
        elif values is not None:
            derive_read(what, holder, Urn(key), values, out)
    record.spans = new


def _changed(record: Record, new: Spans) -> list[str]:
    """The names of what is new, gone or another than it was derived before, in order."""
    is_same_version = record.derivation == DERIVATION
    if is_same_version and record.spans == new:
        return []
    old = record.spans if is_same_version else {}
    found = [name for name, values in new.items() if old.get(name) != values]
    return sorted(found + [name for name in record.spans if name not in new])


def _flow(source: str, job: str, target: str, values: list[Any] | None, out: Follows) -> None:
    urn = flow_urn(source, job, target)
    if values is None:
        out.withdraws.append(urn)
        return
    _, last, happened = values
    flow = Flow(
        urn=urn,
        title=f"{_name(source)} to {_name(target)}",
        first_seen=date.fromisoformat(happened) if happened else None,
        last_seen=date.fromisoformat(last) if last else None,
    )
    # Who may see it is stated, since one that was retracted and stands again would else keep what it had.
    out.node(NodeStatement(flow, Audience.STAFF))
    out.edges.append(EdgeStatement(Flow.from_asset, urn, Urn(source)))
    out.edges.append(EdgeStatement(Flow.to_asset, urn, Urn(target)))
    if job:
        out.edges.append(EdgeStatement(Flow.via, urn, Urn(job)))


def _name(dataset: str) -> str:
    return parse(dataset).segments[-1]


def _has_flows(record: Record) -> bool:
    return "explicit" in record.registers.spans or bool(record.spans)
