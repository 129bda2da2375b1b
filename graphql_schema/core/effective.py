"""What the audit says of classes: what was decided of a dataset or column against what it is by what flowed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from catalog.model.enums_data import Classification
from graphql_schema.core.found import Answer
from lineage.audit.asof import Cell
from lineage.audit.day import DayAudit
from lineage.audit.raised import Effective, Raise
from lineage.audit.steps import Step
from lineage.audit.words import Grade

__all__ = ["ClassesFound", "RaiseRow", "StepRow", "effective_of_column", "effective_of_dataset"]


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step by which a class came on. Columns are None where the catalog knows none."""

    flow: str
    from_dataset: str
    from_column: str | None
    to_dataset: str
    to_column: str | None
    grade: Grade


@dataclass(frozen=True, slots=True)
class RaiseRow:
    """A class that came from elsewhere, and the way by which it came."""

    classification: Classification
    dataset: str
    column: str | None
    steps: list[StepRow]


@dataclass(slots=True)
class ClassesFound(Answer):
    """Own and effective classes of a dataset or column."""

    declared: tuple[Classification, ...]
    effective: tuple[Classification, ...]
    raises: list[RaiseRow]

    @property
    def raised(self) -> bool:
        """Whether the effective class is another than the own one."""
        return self.declared != self.effective


def effective_of_dataset(day: DayAudit, dataset: str, _args: Mapping[str, Any]) -> ClassesFound:
    """Of a dataset."""
    return _found(day, day.raised.dataset(day.audit.asof.dataset(dataset)))


def effective_of_column(day: DayAudit, column: str, _args: Mapping[str, Any]) -> ClassesFound | None:
    """Of a column; None where it is of no dataset."""
    cell = day.columns.get(column)
    return None if cell is None else _found(day, day.raised.column(cell))


def _found(day: DayAudit, found: Effective) -> ClassesFound:
    return ClassesFound(found.own, found.effective, [_raise(day, each) for each in found.raises])


def _raise(day: DayAudit, found: Raise) -> RaiseRow:
    steps = [_step(day, each) for each in found.steps]
    return RaiseRow(found.classification, found.origin[0], day.column_ids.get(found.origin), steps)


def _step(day: DayAudit, step: Step) -> StepRow:
    return StepRow(step.flow, *_ends(day, step.from_), *_ends(day, step.to), step.grade)


def _ends(day: DayAudit, cell: Cell) -> tuple[str, str | None]:
    return cell[0], day.column_ids.get(cell)
