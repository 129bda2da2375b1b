"""What has flowed by a day, and what stops a step (9.2 A9 to A11)."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from functools import cached_property
from operator import attrgetter

from msgspec import Struct

from catalog.model.enums import RunState, TransformationKind
from lineage.audit.asof import AsOf, Cell, grouped_by
from lineage.audit.facts import DisclosureReview, Flow, Process, Run

__all__ = ["Flowed", "Writing"]

_UNRECORDED = "unrecorded"
"""Stands where a process has no recorded run."""


class Writing(Struct, frozen=True):
    """What one run wrote of one dataset. A flow without recorded runs counts as one run on firstSeen (9.2 A10)."""

    on: date
    rule: str | None
    agreement: str | None
    columns: frozenset[str] | None
    """None: all."""

    def wrote(self, column: str | None) -> bool:
        """Whether it wrote this column; one without a name is written with its dataset."""
        return self.columns is None or column is None or column in self.columns


class Flowed:
    """The flows of the facts, their runs and the reviews of their processes, as of a day."""

    def __init__(self, asof: AsOf) -> None:
        self.asof = asof
        self._writings: dict[tuple[str, str], tuple[Writing, ...]] = {}
        self._written: dict[tuple[str, str], frozenset[str | None] | None] = {}

    @cached_property
    def _processes(self) -> dict[str, Process]:
        return {each.id: each for each in self.asof.facts.processes}

    @cached_property
    def _ran(self) -> dict[str | None, bool | None]:
        """The processes with recorded runs of any day: whether one by the day wrote everything, or anything; None: none did."""
        return self._that_ran()

    def process(self, flow: Flow) -> Process | None:
        """The process of a flow, where it is known."""
        return None if flow.process is None else self._processes.get(flow.process)

    @cached_property
    def runs(self) -> dict[str, tuple[Run, ...]]:
        """The recorded runs of each process, of any day."""
        return grouped_by(self.asof.facts.runs, attrgetter("process"))

    def _recorded(self, flow: Flow) -> tuple[Run, ...]:
        return () if flow.process is None else self.runs.get(flow.process, ())

    def happened(self, flow: Flow) -> bool:
        """Whether the flow has happened by the day (9.2 A11)."""
        ran = self._ran.get(flow.process, _UNRECORDED)
        if ran is _UNRECORDED:
            return flow.first_seen is not None and flow.first_seen <= self.asof.day
        return ran is not None

    def _that_ran(self) -> dict[str | None, bool | None]:
        runs, day = self.asof.facts.runs, self.asof.day
        found: dict[str | None, bool | None] = dict.fromkeys([run.process for run in runs])
        some = [run for run in runs if run.on <= day and _ran(run)]
        found.update([(run.process, False) for run in some])
        found.update([(run.process, True) for run in some if run.outputs is None])
        return found

    def ran(self, flow: Flow) -> list[Run] | None:
        """The recorded runs by the day that completed or wrote; None where the process of the flow has no recorded run."""
        recorded = self._recorded(flow)
        return [run for run in recorded if run.on <= self.asof.day and _ran(run)] if recorded else None

    @cached_property
    def past(self) -> list[Flow]:
        """The flows that have happened by the day, also those that have ended."""
        return [flow for flow in self.asof.facts.flows if self.happened(flow)]

    def live(self, flow: Flow) -> bool:
        """It began by the day or is only planned, and has not ended (9.2 A11)."""
        if flow.last_seen is not None and flow.last_seen < self.asof.day:
            return False
        return self.happened(flow) or (flow.first_seen is None and not any(map(_ran, self._recorded(flow))))

    def writings(self, flow: Flow, dataset: str) -> tuple[Writing, ...]:
        """The runs that wrote something of this target of the flow by the day."""
        process = flow.process
        if process is None or process not in self._ran:
            if flow.first_seen is None or flow.first_seen > self.asof.day:
                return ()
            known = self.process(flow)
            return (Writing(flow.first_seen, known.suppression_rule if known else None, None, None),)
        key = process, dataset
        found = self._writings.get(key)
        if found is None:
            runs = [run for run in self.runs[process] if run.on <= self.asof.day]
            found = tuple(each for run in runs for each in self._wrote(run, dataset))
            self._writings[key] = found
        return found

    def _wrote(self, run: Run, dataset: str) -> list[Writing]:
        if run.outputs is None:
            parts: list[frozenset[str] | None] = [None] if run.state is RunState.COMPLETED else []
        else:
            parts = [
                None if each.columns is None else frozenset(each.columns)
                for each in run.outputs
                if each.dataset == dataset
            ]
        process = self._processes.get(run.process)
        rule = run.rule if run.rule is not None or process is None else process.suppression_rule
        nameless = self.asof.columns(dataset)[0][1] is None
        return [Writing(run.on, rule, run.agreement, each) for each in parts if each is None or each or nameless]

    def written(self, flow: Flow, dataset: str) -> frozenset[str | None] | None:
        """The columns of a target that the flow has a step into, stopped or not; None: every one (9.2 A10)."""
        process = flow.process
        if self.wrote_all(flow):
            return None
        if process is None or process not in self._ran:
            return frozenset()
        key = process, dataset
        if key not in self._written:
            self._written[key] = self._columns_of(self.writings(flow, dataset), dataset)
        return self._written[key]

    def wrote_all(self, flow: Flow) -> bool:
        """Whether by the day the flow has a step into every column of its targets, stopped or not, as far as is seen at once."""
        ran = self._ran.get(flow.process, _UNRECORDED)
        return self.happened(flow) if ran is _UNRECORDED else ran is True

    def _columns_of(self, writings: tuple[Writing, ...], dataset: str) -> frozenset[str | None] | None:
        if any(each.columns is None for each in writings):
            return None
        named = {column for each in writings for column in each.columns or ()}
        nameless = writings and self.asof.columns(dataset)[0][1] is None
        return frozenset((*named, None)) if nameless else frozenset(named)

    def declassifies(self, process: Process | None) -> bool:
        """Whether it says so and its method does (9.2 A9)."""
        if process is None or not process.declassifies:
            return False
        if process.method is TransformationKind.AGGREGATE:
            return process.suppression_rule is not None
        if process.method is TransformationKind.PSEUDONYMIZE:
            return process.link_destroyed_on is not None and process.link_destroyed_on <= self.asof.day
        return process.method is TransformationKind.REDACT

    @cached_property
    def _reviews(self) -> dict[str, list[DisclosureReview]]:
        """The reviews that approved and stand, by process."""
        found: dict[str, list[DisclosureReview]] = defaultdict(list)
        for each in self.asof.facts.reviews:
            stands = each.withdrawn_on is None or self.asof.day < each.withdrawn_on
            if each.approved and stands:
                found[each.process].append(each)
        return found

    def may_stop(self, flow: Flow) -> bool:
        """Whether any step of the flow can be stopped at all."""
        return flow.process in self.stoppable

    @cached_property
    def stoppable(self) -> set[str | None]:
        """The processes that declassify, and of which a review approved."""
        return {process for process in self._reviews if self.declassifies(self._processes.get(process))}

    def stops_alike(self, flow: Flow, dataset: str) -> bool:
        """Whether the steps of the flow into all columns of a target are stopped, or none: no run or review tells of some."""
        reviews = [] if flow.process is None else self._reviews[flow.process]
        told = [each.columns for each in reviews] + [each.columns for each in self.writings(flow, dataset)]
        return all(each is None for each in told)

    def stopped(self, flow: Flow, cell: Cell) -> bool:
        """Whether the step of the flow into this column is stopped (9.2 A10)."""
        if flow.process is None or not self.may_stop(flow):
            return False
        reviews = self._reviews[flow.process]
        runs = [each for each in self.writings(flow, cell[0]) if each.wrote(cell[1])]
        return bool(runs) and all(any(_stands(review, run, cell) for review in reviews) for run in runs)


def _ran(run: Run) -> bool:
    """Whether it completed or wrote (9.2 A11)."""
    return run.state is RunState.COMPLETED or bool(run.outputs)


def _stands(review: DisclosureReview, run: Writing, cell: Cell) -> bool:
    """Whether a review that approved was before the run and saw its rule and the column."""
    before = review.on is not None and review.on < run.on
    return before and review.rule == run.rule and (review.columns is None or cell in review.columns)
