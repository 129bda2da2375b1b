"""What follows from the flows of a file: which dataset feeds which."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from catalog.access import Audience
from catalog.batch import EdgeStatement
from catalog.model.data import Dataset
from catalog.model.lineage import Flow
from catalog.urn import Urn, kind_of
from loaders.waypost_file.statements import Checked

__all__ = ["add_feeds"]


def add_feeds(checked: Iterable[Checked]) -> None:
    """Add to the nodes of a file the edges ``downstream`` that its flows between datasets amount to.

    An edge is seen by whoever sees both its ends. So a flow that is not public makes one only where an end is stated
    for staff in the same file: between two public datasets it would tell of a flow that the reader may not see.
    Of several flows between the same two datasets the one with the smallest URN is named, and the earliest day taken.
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
            holder.edges.append(_feeds(source, target, flows))


def _feeds(source: Urn, target: Urn, flows: list[Checked]) -> EdgeStatement:
    first = min(flows, key=lambda f: f.urn)
    props = {"flow": first.urn}
    if job := next((e.head for e in first.edges if e.relation.name == Flow.via.name), None):
        props["job"] = job
    days = [_first_seen(f) for f in flows]
    begin = None if None in days else min(day for day in days if day is not None)
    return EdgeStatement(Dataset.downstream, source, target, begin, None, props)


def _first_seen(flow: Checked) -> date | None:
    entity = flow.node.entity if flow.node else None
    return entity.first_seen if isinstance(entity, Flow) else None


def _end(flow: Checked, name: str) -> Urn | None:
    """The dataset at an end of a flow; None where it is a system."""
    head = next((e.head for e in flow.edges if e.relation.name == name), None)
    return head if head is not None and kind_of(head) == "dataset" else None
