"""What follows from the flows of a file: which dataset feeds which, and how long a column depended on another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from msgspec.structs import replace

from catalog.access import Audience
from catalog.model.data import Dataset
from catalog.model.lineage import ColumnFlow, Flow
from catalog.stated import Checked
from catalog.urn import Urn, kind_of
from lineage.flows import Feeding, feeds_of
from lineage.openlineage.flows import day_after

__all__ = ["add_feeds", "date_steps"]


def add_feeds(checked: Iterable[Checked]) -> None:
    """Add to the nodes of a file the edges ``downstream`` that its flows between datasets amount to.

    An edge is seen by whoever sees both its ends. So a flow that is not public makes one only where an end is stated
    for staff in the same file: between two public datasets it would tell of a flow that the reader may not see.
    """
    nodes = list(checked)
    staff = {n.urn for n in nodes if n.node is not None and n.node.audience is Audience.STAFF}
    found: dict[tuple[Urn, Urn], list[Checked]] = defaultdict(list)
    for node in nodes:
        if node.kind.cls is not Flow or node.node is None:
            continue
        source, target = _end(node, "from_asset"), _end(node, "to_asset")
        if source is None or target is None:
            continue
        if node.node.audience is Audience.PUBLIC or staff & {source, target}:
            found[(source, target)].append(node)
    holders = {n.urn: n for n in nodes if n.kind.cls is Dataset}
    for (source, target), flows in sorted(found.items()):
        holder = holders.setdefault(source, min(flows, key=lambda f: f.urn))
        restated = (source, Dataset.downstream)
        if restated not in holder.restates:
            holder.restates.append(restated)
        if not any((e.relation.name, e.head) == (Dataset.downstream.name, target) for e in holder.edges):
            holder.edges.append(feeds_of(source, target, [_feeding(flow) for flow in flows]))


def date_steps(checked: Iterable[Checked]) -> None:
    """Give the steps between columns the days of the flow that they are a part of, where the same file has it.

    A step for which days of its own are stated keeps them.
    """
    nodes = list(checked)
    flows = {n.urn: n for n in nodes if n.kind.cls is Flow and n.node is not None}
    for step in (n for n in nodes if n.kind.cls is ColumnFlow):
        of = next((e.head for e in step.edges if e.relation.name == ColumnFlow.part_of_flow.name), None)
        flow = None if of is None else flows.get(of)
        if flow is None or step.node is None or step.node.valid_from or step.node.valid_to:
            continue
        first, last = _span(flow)
        step.node = replace(step.node, valid_from=first, valid_to=last and day_after(last.isoformat()))


def _feeding(flow: Checked) -> Feeding:
    job = next((e.head for e in flow.edges if e.relation.name == Flow.via.name), None)
    return Feeding(flow.urn, job, *_span(flow))


def _span(flow: Checked) -> tuple[date | None, date | None]:
    """The first and the last day of a flow, which counts; None where that is not known, or it goes on."""
    entity = flow.node.entity if flow.node else None
    return (entity.first_seen, entity.last_seen) if isinstance(entity, Flow) else (None, None)


def _end(flow: Checked, name: str) -> Urn | None:
    """The dataset at an end of a flow; None where it is a system."""
    head = next((e.head for e in flow.edges if e.relation.name == name), None)
    return head if head is not None and kind_of(head) == "dataset" else None
