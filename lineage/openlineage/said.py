"""What one event says, as registers: by run, job and dataset. Pure.

Keys of pairs are two URNs with a blank between them, which no URN holds. Those of steps from column to column are two
lines of a URN, a blank and a column.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from catalog.urn import Urn
from lineage.openlineage.event import DatasetSaid, Event, EventType
from lineage.openlineage.facets import Entry, Facets, is_deleted, object_of
from lineage.openlineage.registers import Known, Register, Registers

__all__ = ["FAILED", "pairs_of", "said"]

FAILED = (EventType.FAIL, EventType.ABORT)


def said(event: Event) -> Known:
    """What one event says, by what it says it of."""
    return _Said(event).of_all()


class _Said:
    """The registers that one event makes."""

    def __init__(self, event: Event) -> None:
        self.event = event
        self.at = (event.time, event.time)
        self.known: Known = {}

    def of_all(self) -> Known:
        event = self.event
        if event.job is None:
            if event.dataset is not None:
                self._dataset(event.dataset, None)
                self._flows(event.dataset, event.dataset.thing.urn)
            return self.known
        job = event.job.urn
        self._facets(job, event.job_facets)
        self._span(job, "seen", "")
        for dataset in (*event.inputs, *event.outputs):
            self._dataset(dataset, job)
        writes = [dataset for dataset in event.outputs if not dataset.facets.known.is_dropped]
        for dataset in writes:
            self._flows(dataset, job)
        for entry in event.entries:
            self._entry(entry, job)
        if event.run is None:
            self._of_job(job, writes)
        else:
            self._of_run(event.run, job, writes)
        return self.known

    def _of_job(self, job: Urn, writes: list[DatasetSaid]) -> None:
        """A job event: its flows are as good as having happened, since it says so of the job itself."""
        reads = [dataset.thing.urn for dataset in self.event.inputs]
        targets = [dataset.thing.urn for dataset in writes]
        for urn in (*reads, *self._into_job()):
            self._span(job, "reads", urn)
        for urn in targets:
            self._span(job, "writes", urn)
        for what, pairs in (("cross", pairs_of(reads, targets)), ("explicit", self._explicit(writes))):
            for pair in pairs:
                self._span(job, what, pair)
                self._span(job, f"{what} happened", pair)

    def _of_run(self, run: Urn, job: Urn, writes: list[DatasetSaid]) -> None:
        event = self.event
        self._facets(run, event.run_facets)
        self._latest(run, "@job", job)
        self._span(run, "jobs", job)
        self._span(run, "events", str(event.type))
        # What a run that failed lists was tried, not done (domain 9, shape of the graph).
        tried = "tried " if event.type in FAILED else ""
        for urn in (*(dataset.thing.urn for dataset in event.inputs), *self._into_job()):
            self._span(run, f"{tried}reads {job}", urn)
        for dataset in writes:
            self._span(run, f"{tried}writes {job}", dataset.thing.urn)
        for pair in self._explicit(writes):
            self._span(run, f"{tried}explicit {job}", pair)
        for dataset in (*event.inputs, *event.outputs):
            for name, facet in dataset.of_run.items():
                self._latest(run, f"{name} {dataset.thing.urn}", facet)
        if any(_wrote(dataset.of_run) for dataset in writes):
            self._span(run, "wrote", "")
        if event.parent is not None:
            self._parent(run, event.parent.run, event.parent.job.urn if event.parent.job else None)

    def _parent(self, run: Urn, parent: Urn, job: Urn | None) -> None:
        self._latest(run, "@parent", parent)
        self._span(run, "parents", parent)
        self._span(parent, "named", "")
        if job is not None:
            self._latest(parent, "@named job", job)
            self._span(parent, "jobs", job)
            self._span(job, "seen", "")

    def _explicit(self, writes: list[DatasetSaid]) -> Iterator[str]:
        """The pairs that facets name, whatever is listed."""
        for dataset in writes:
            for source in dataset.facets.known.sources:
                yield f"{source} {dataset.thing.urn}"
        for entry in self.event.entries:
            if entry.target is not None:
                yield from (f"{source} {entry.target}" for source in entry.sources)

    def _dataset(self, dataset: DatasetSaid, job: Urn | None) -> None:
        """A dataset as an input or an output, or by itself."""
        urn, known = dataset.thing.urn, dataset.facets.known
        for name, facet in dataset.facets.spelled.items():
            # A schema that cannot be read says nothing, and must not stand in the place of one that could.
            unread = name == "schema" and known.schema is None
            self._spelled(urn, f"unread {name}" if unread else name, facet)
        self._span(urn, "dropped" if known.is_dropped else "seen", "")
        if job is not None:
            self._is_of(urn, job)
        if known.schema is not None:
            self._span(urn, "schemas", known.schema.digest)
            names = Register("", "", msgspec.Raw(known.schema.names))
            self._of(urn).latest[f"@columns {known.schema.digest}"] = names
        for other in known.symlinks:
            self._span(urn, "symlinks", other)
            self._span(other, "seen", "")
        if known.system:
            self._span(urn, "systems", known.system)

    def _into_job(self) -> list[Urn]:
        """The datasets that the job is said to read by an entry of its own, whatever is listed."""
        return [source for entry in self.event.entries if entry.target is None for source in entry.sources]

    def _entry(self, entry: Entry, job: Urn) -> None:
        """An entry of the job's ``lineage`` facet."""
        for dataset in (*entry.sources, *([entry.target] if entry.target else ())):
            self._span(dataset, "seen", "")
            self._is_of(dataset, job)
        if entry.target is not None and self.event.type not in FAILED:
            self._span(job, "narrowed", entry.target)

    def _flows(self, target: DatasetSaid, holder: Urn) -> None:
        """What facets say flows into a dataset, kept with the job, or where there is none with the dataset."""
        facets, urn = target.facets.known, target.thing.urn
        for source in facets.sources:
            self._span(source, "seen", "")
            if self.event.job is not None:
                self._is_of(source, holder)
        for step in facets.steps:
            self._span(step.source, "mentioned", step.from_column)
            self._span(urn, "mentioned", step.to_column)
        if self.event.type in FAILED:
            return
        if self.event.job is None:
            for source in facets.sources:
                self._span(holder, "explicit", f"{source} {urn}")
                self._span(holder, "explicit happened", f"{source} {urn}")
        if facets.narrows:
            self._span(holder, "narrowed", urn)
        if facets.steps and self.event.type in (EventType.COMPLETE, None):
            self._span(holder, "steps told", urn)
        done: dict[str, list[Any]] = {}
        for step in facets.steps:
            done.setdefault(f"{step.source} {step.from_column}\n{urn} {step.to_column}", []).extend(
                step.transformations
            )
        for key, transformations in done.items():
            self._span(holder, "steps", key)
            self._latest(holder, f"@step {key}", transformations)

    def _is_of(self, dataset: Urn, job: Urn) -> None:
        """The job reads or writes the dataset: whoever learns that it was dropped tells the job. When is of no matter."""
        self._of(dataset).spans.setdefault("jobs", {})[job] = ("", "")

    def _of(self, urn: Urn) -> Registers:
        found = self.known.get(urn)
        if found is None:
            found = self.known[urn] = Registers({}, {})
        return found

    def _span(self, urn: Urn, what: str, key: str) -> None:
        self._of(urn).spans.setdefault(what, {})[key] = self.at

    def _latest(self, urn: Urn, name: str, value: Any) -> None:
        self._spelled(urn, name, msgspec.json.encode(value, order="sorted"))

    def _spelled(self, urn: Urn, name: str, value: bytes) -> None:
        self._of(urn).latest[name] = Register(self.event.time, self.event.digest, msgspec.Raw(value))

    def _facets(self, urn: Urn, facets: Facets) -> None:
        for name, facet in facets.items():
            self._latest(urn, name, facet)


def pairs_of(reads: Iterable[str], writes: Iterable[str]) -> list[str]:
    """The keys of every pair: from each that is read into each that is written."""
    return [f"{source} {target}" for target in writes for source in reads]


def _wrote(facets: Facets) -> bool:
    """Whether the statistics of an output say that something was written."""
    found = object_of(facets.get("outputStatistics"))
    sizes = (found.get("rowCount"), found.get("size"))
    return not is_deleted(found) and any(isinstance(size, int | float) and size > 0 for size in sizes)
