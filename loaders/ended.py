"""What a source that lists everything says no more of lineage: flows that have ended, and jobs that are gone.

A flow that ended stays, with its last day: data stays where it came (domain 9.2 A11). Only what this source said ends; where
another one says the same, its word stands.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, cast

from catalog.access import STAFF_READER
from catalog.batch import Close, NodeStatement, Prepared
from catalog.model import MODEL
from catalog.model.data import Dataset
from catalog.model.declare import Entity, Property, Relation, Shape
from catalog.model.lineage import Flow, Job
from catalog.selection import MAX_PAGE, All, Compare, Has, IsNull, Op, Related, Row, Select, Selection
from catalog.stores.paging import every_row
from catalog.stores.port import Store
from catalog.urn import Urn, kind_of
from loaders.record import Record

__all__ = ["Lineage", "ended_flows", "left_jobs"]

_AT_ONCE = 100
"""Datasets whose flows are asked for in one round trip."""
_FLOW = MODEL.kind(Flow.__name__)
_JOB = MODEL.kind(Job.__name__)
_GOES_ON = IsNull("last_seen")


@dataclass(slots=True)
class Lineage:
    """What a load says of lineage, gathered from its records as they pass."""

    flows: set[str] = field(default_factory=set[str])
    jobs: set[str] = field(default_factory=set[str])
    namespaces: set[str] = field(default_factory=set[str])
    """Those of its jobs."""
    tails: set[str] = field(default_factory=set[str])
    """Datasets of which it says all that they feed."""

    def add(self, record: Record) -> None:
        """Take in what one record says."""
        for node in record.nodes:
            kind = kind_of(node.entity.urn)
            if kind == _FLOW.slug:
                self.flows.add(node.entity.urn)
            elif kind == _JOB.slug:
                self.jobs.add(node.entity.urn)
                self.namespaces.add(_namespace(node.entity))
        self.tails.update(tail for tail, relation in record.restates if relation == Dataset.downstream)


async def ended_flows(
    store: Store, source: Urn, said: Lineage, dropped: Iterable[str], day: date
) -> list[NodeStatement]:
    """The flows that the source has stated and states no more, each with the last day before ``day``.

    They are those that leave a dataset of which it says all that it feeds, or one that it ``dropped``.
    """
    tails = sorted(said.tails.union(dropped))
    flows = [
        row async for row in _leaving(store, tails, day) if row["source"] == source and row["urn"] not in said.flows
    ]
    return [NodeStatement(_ended(row, day)) for row in flows]


async def left_jobs(
    store: Store, source: Urn, said: Lineage, day: date
) -> tuple[list[Close], list[tuple[Urn, Relation]]]:
    """The jobs that the source has stated and states no more, in the namespaces of those that it does.

    What it said that they read and write ends. One that another source says something of stays itself.
    """
    closes: list[Close] = []
    restates: list[tuple[Urn, Relation]] = []
    for namespace in sorted(said.namespaces):
        some = Compare("namespace", Op.EQ, namespace)
        related = tuple(Related(r.name, r.name, Select("Dataset", first=MAX_PAGE), ("source",)) for r in _ENDS)
        async for row in every_row(store, Select("Job", ("source",), some, related=related), day):
            sources = {edge["@edge"]["source"] for r in _ENDS for edge in row[r.name].rows}
            if row["urn"] in said.jobs or source not in sources | {row["source"]}:
                continue
            urn = Urn(row["urn"])
            restates += [(urn, relation) for relation in _ENDS]
            if sources | {row["source"]} == {source}:
                closes.append(Close(urn, day, f"{source} states it no more"))
    return closes, restates


_ENDS = (Job.reads, Job.writes)


async def _leaving(store: Store, tails: list[str], day: date) -> AsyncIterator[Row]:
    """The flows that leave datasets and go on."""
    props = (*(p.name for p in _FLOW.properties), "source")
    flows = Related("flows", "flows_out", Select("Flow", props, _GOES_ON, first=MAX_PAGE))
    for some in _chunks(tails):
        select = Select("Dataset", where=Compare("urn", Op.IN, some), first=_AT_ONCE, related=(flows,))
        for dataset in (await store.select(Selection(select, STAFF_READER, day))).rows:
            if not dataset["flows"].has_next:
                for row in dataset["flows"].rows:
                    yield row
                continue
            of_it = All((_GOES_ON, Has("from_asset", Compare("urn", Op.EQ, dataset["urn"]), "Dataset")))
            async for row in every_row(store, Select("Flow", props, of_it), day):
                yield row


def _namespace(job: Entity | Prepared) -> str:
    stored = job.stored["namespace"] if isinstance(job, Prepared) else cast("Job", job).namespace
    return str(stored)


def _chunks(urns: list[str]) -> Iterator[tuple[str, ...]]:
    for start in range(0, len(urns), _AT_ONCE):
        yield tuple(urns[start : start + _AT_ONCE])


def _ended(row: Row, day: date) -> Flow:
    values = {p.name: _value(p, row[p.name]) for p in _FLOW.properties if row[p.name] is not None}
    last = day - timedelta(days=1)
    first = values.get("first_seen", last)
    return Flow(urn=Urn(row["urn"]), **{**values, "last_seen": max(first, last)})


def _value(declared: Property, stored: Any) -> Any:
    """A value as an entity takes it."""
    if declared.enum is not None:
        return declared.enum(stored)
    return date.fromisoformat(stored) if declared.shape is Shape.DATE else stored
