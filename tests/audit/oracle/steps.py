"""What has happened by t, the steps that it made between columns, and the effective classes (domain 9; 9.2 A4-A13)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from functools import cached_property

from tests.audit.oracle.classes import Known, Level, join, own_of_cell, own_of_dataset, restricted
from tests.audit.oracle.facts import Flow, Process, Run, RunState, TransformationKind
from tests.audit.oracle.view import Cell, View

__all__ = ["Grade", "Lineage", "Step", "declassifies"]


class Grade(IntEnum):
    """How a step raises, the worst first (9.2 A4)."""

    SEVERE = 0
    MINOR = 1
    POSSIBLE = 2


@dataclass(frozen=True)
class Step:
    """One column feeds another by one flow."""

    flow: Flow
    from_: Cell
    to: Cell
    grade: Grade
    stopped: bool


@dataclass(frozen=True)
class _Writing:
    """A run as the steps see it; a flow without recorded runs counts as one run on firstSeen (9.2 A10)."""

    on: date
    rule: str | None
    agreement: str | None


def declassifies(process: Process | None, t: date) -> bool:
    """9.2 A9."""
    if process is None or not process.declassifies:
        return False
    if process.method is TransformationKind.AGGREGATE:
        return process.suppression_rule is not None
    if process.method is TransformationKind.PSEUDONYMIZE:
        return process.link_destroyed_on is not None and process.link_destroyed_on <= t
    return process.method is TransformationKind.REDACT


class Lineage:
    """What flowed by `view.t`."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.t = view.t
        self._into: dict[Cell, list[Step]] = {}
        self._effective: dict[Cell, Level] = {}
        self._columns: dict[str, list[Cell]] = {}

    # Flows

    def happened(self, flow: Flow) -> bool:
        """Whether the flow has happened by t (9.2 A11)."""
        if runs := self.view.runs_of(flow):
            return any(run.on <= self.t and (run.state is RunState.COMPLETE or bool(run.outputs)) for run in runs)
        return flow.first_seen is not None and flow.first_seen <= self.t

    def live(self, flow: Flow) -> bool:
        """It began by t or is only planned, and has not ended (9.2 A11)."""
        ever = flow.first_seen is not None or any(
            run.state is RunState.COMPLETE or run.outputs for run in self.view.runs_of(flow)
        )
        return (self.happened(flow) or not ever) and (flow.last_seen is None or flow.last_seen >= self.t)

    @cached_property
    def past(self) -> list[Flow]:
        """The flows that have happened by t, also those that have ended."""
        return [flow for flow in self.view.world.flows if self.happened(flow)]

    # Runs

    def writings(self, flow: Flow, cell: Cell) -> list[_Writing]:
        """The runs by t that wrote this column, a target of a flow that has happened (9.2 A10)."""
        process = self.view.process(flow)
        rule = None if process is None else process.suppression_rule
        runs = self.view.runs_of(flow)
        if not runs:
            return [] if flow.first_seen is None else [_Writing(flow.first_seen, rule, None)]
        return [
            _Writing(run.on, rule if run.rule is None else run.rule, run.agreement)
            for run in runs
            if run.on <= self.t and _wrote(run, cell)
        ]

    def wrote_under(self, agreement: str, dataset: str) -> bool:
        """Whether a run under this agreement wrote the dataset by t (9.2 E9)."""
        return any(
            writing.agreement == agreement
            for flow in self.past
            if dataset in self.view.targets(flow)
            for cell in self.columns(dataset)
            for writing in self.writings(flow, cell)
        )

    def stopped(self, flow: Flow, cell: Cell) -> bool:
        """Whether the step of this flow into this column is stopped (9.2 A10)."""
        process = self.view.process(flow)
        if process is None or not declassifies(process, self.t):
            return False
        return all(self._reviewed(process, writing, cell) for writing in self.writings(flow, cell))

    def _reviewed(self, process: Process, writing: _Writing, cell: Cell) -> bool:
        """Approved on a day before the run's, not withdrawn by t, and it saw the column and the run's rule."""
        for review in self.view.world.reviews:
            saw = review.columns is None or cell in [(ref.dataset, ref.column) for ref in review.columns]
            stands = review.withdrawn_on is None or review.withdrawn_on > self.t
            before = review.on is not None and review.on < writing.on
            right = review.process == process.id and review.approved and review.rule == writing.rule
            if right and before and stands and saw:
                return True
        return False

    # Columns and steps

    def columns(self, dataset: str) -> list[Cell]:
        """Its columns at t, (dataset, None) where the catalog knows none, and those that what happened by t names."""
        if dataset in self._columns:
            return self._columns[dataset]
        cells: set[Cell] = {(dataset, name) for name in self.view.catalog_columns(dataset)} or {(dataset, None)}
        for flow in self.past:
            cells.update((ref.dataset, ref.column) for ref in flow.columns)
            for one in flow.column_flows:
                cells.update([(one.from_.dataset, one.from_.column), (one.to.dataset, one.to.column)])
            for run in self.view.runs_of(flow):
                for output in run.outputs or () if run.on <= self.t else ():
                    cells.update((output.dataset, name) for name in output.columns or ())
        found = sorted((cell for cell in cells if cell[0] == dataset), key=str)
        self._columns[dataset] = found
        return found

    def into(self, cell: Cell) -> list[Step]:
        """Every step into a column, stopped or not (9.2 A4, A10)."""
        if cell in self._into:
            return self._into[cell]
        steps: list[Step] = []
        for flow in self.past:
            if cell[0] not in self.view.targets(flow) or not self.writings(flow, cell):
                continue
            stopped = self.stopped(flow, cell)
            mentioned = {(one.from_.dataset, one.from_.column) for one in flow.column_flows}
            for one in flow.column_flows:
                if (one.to.dataset, one.to.column) == cell:
                    grade = Grade.SEVERE if one.direct and not one.masked else Grade.MINOR
                    steps.append(Step(flow, (one.from_.dataset, one.from_.column), cell, grade, stopped))
            unmentioned = [source for source in self.view.flowing(flow) if source not in mentioned]
            steps += [Step(flow, source, cell, Grade.POSSIBLE, stopped) for source in unmentioned]
        self._into[cell] = steps
        return steps

    @cached_property
    def steps(self) -> list[Step]:
        """All steps by t."""
        return [
            step for dataset in self.view.all_datasets() for cell in self.columns(dataset) for step in self.into(cell)
        ]

    def steps_of(self, flow: Flow) -> list[Step]:
        """The steps of one flow."""
        return [step for step in self.steps if step.flow.id == flow.id]

    def feeds(self, *, stopped_too: bool, flows: Iterable[Flow] | None = None) -> set[tuple[str, str]]:
        """Which dataset feeds which, in one step (of these flows only)."""
        ids = None if flows is None else {flow.id for flow in flows}
        return {
            (step.from_[0], step.to[0])
            for step in self.steps
            if (stopped_too or not step.stopped) and (ids is None or step.flow.id in ids)
        }

    # Effective classes

    def effective_of_cell(self, cell: Cell) -> Level:
        """Its own class joined with those that flow into it (9.2 A5): the own classes of all that reaches it."""
        if cell not in self._effective:
            reached = {cell}
            self._walk_up(cell, reached)
            self._effective[cell] = join(own_of_cell(self.view, one) for one in reached)
        return self._effective[cell]

    def _walk_up(self, cell: Cell, reached: set[Cell]) -> None:
        for step in self.into(cell):
            if not step.stopped and step.from_ not in reached:
                reached.add(step.from_)
                self._walk_up(step.from_, reached)

    def effective_of_dataset(self, dataset: str) -> Level:
        """Its own joined with its columns' effective (9.2 A5; domain R15)."""
        cells = [self.effective_of_cell(cell) for cell in self.columns(dataset)]
        return join([own_of_dataset(self.view, dataset), *cells])

    def restricted_dataset(self, dataset: str) -> Known:
        """Whether the effective class of the dataset is stricter than PUBLIC."""
        return restricted(self.effective_of_dataset(dataset))

    def restricted_cells(self, cells: Iterable[Cell]) -> Known:
        """Whether what flows is stricter than PUBLIC (9.2 B1); no column information: the dataset's class decides."""
        return restricted(
            join(
                self.effective_of_dataset(dataset) if column is None else self.effective_of_cell((dataset, column))
                for dataset, column in cells
            )
        )


def _wrote(run: Run, cell: Cell) -> bool:
    dataset, column = cell
    if run.outputs is None:
        return run.state is RunState.COMPLETE
    return any(
        output.dataset == dataset and (output.columns is None or column is None or column in output.columns)
        for output in run.outputs
    )
