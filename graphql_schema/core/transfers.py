"""What the audit says of transfers that are only asked about: may they be, and which way is there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from catalog.errors import InvalidSelection
from catalog.model.enums_data import Classification
from graphql_schema.core.found import Answer
from graphql_schema.core.named import Named
from graphql_schema.core.plan import sized
from lineage.audit.asof import Cell
from lineage.audit.day import DayAudit
from lineage.audit.facts import Flow
from lineage.audit.levels import UNDECIDED, classes_of
from lineage.audit.pathways import Pathway, Step, may_share, pathways, steps, transfer
from lineage.audit.verdicts import Verdict

__all__ = ["PathwayRow", "PathwaysFound", "ShareFound", "lawful_pathways", "share"]


@dataclass(slots=True)
class ShareFound(Answer):
    """Whether a transfer is allowed, and what is missing."""

    allowed: bool
    found: Verdict
    provider: str | None
    recipient: str | None
    classes: tuple[Classification, ...]
    undecided: list[str]
    """Columns that flow and of which it is not decided what they are; by URN."""


@dataclass(frozen=True, slots=True)
class PathwayRow:
    """A way, with its steps."""

    way: Pathway
    steps: list[Step]


@dataclass(slots=True)
class PathwaysFound(Answer):
    """The ways from a dataset to an agency."""

    covered: bool
    pathways: list[PathwayRow]
    more: bool


def share(day: DayAudit, args: Mapping[str, Any]) -> ShareFound:
    """Whether columns of a dataset may go to an agency for a purpose on the day (9.2 F4)."""
    named = Named(day)
    dataset, to, purpose = _asked(named, args)
    names = [_name(day, dataset, urn) for urn in named.some(args.get("columns"), "columns", "Column")]
    answer = may_share(day.audit, dataset, names, to, purpose)
    new = transfer(day.audit, dataset, names, to, purpose)
    provider, recipient = day.audit.ends(new)
    classes, undecided = _classed(day, new)
    return ShareFound(answer.allowed, answer.verdict, provider, recipient, classes, undecided)


def lawful_pathways(day: DayAudit, args: Mapping[str, Any]) -> PathwaysFound:
    """The ways from a dataset to an agency for a purpose, the one with the fewest missing agreements first (9.2 F3)."""
    dataset, to, purpose = _asked(Named(day), args)
    first = sized(args)
    best, *others = islice(pathways(day.audit, dataset, to, purpose), max(first, 1) + 1)
    found = [best, *others]
    rows = [PathwayRow(each, steps(day.audit, each, to, purpose)) for each in found[:first]]
    return PathwaysFound(best.missing == 0, rows, len(found) > first)


def _asked(named: Named, args: Mapping[str, Any]) -> tuple[str, str, str | None]:
    """Dataset, agency and purpose of a transfer."""
    dataset, to = named.one(args["dataset"], "dataset", "Dataset"), named.one(args["to"], "to", "Agency")
    purpose = args.get("purpose")
    return dataset, to, None if purpose is None else named.one(purpose, "purpose", "Purpose")


def _name(day: DayAudit, dataset: str, column: str) -> str:
    """The name of a column. Raises InvalidSelection on one of another dataset."""
    of, name = day.columns[column]
    if of != dataset or name is None:
        raise InvalidSelection(
            f"columns: '{column[:200]}' is no column of '{dataset[:200]}': ask for those of each by itself"
        )
    return name


def _classed(day: DayAudit, flow: Flow) -> tuple[tuple[Classification, ...], list[str]]:
    """The classes of what flows, and the columns of which it is not decided what they are."""
    classes = day.audit.classes
    cells: tuple[Cell, ...] = day.audit.asof.flowing(flow)
    undecided = (day.column_ids.get(cell) for cell in cells if classes.of_cell(cell) & UNDECIDED)
    return classes_of(classes.of_flowing(classes.flowing(cells))), sorted(
        each for each in undecided if each is not None
    )
