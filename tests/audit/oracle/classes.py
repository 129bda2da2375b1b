"""Classes, their join, and the own class of a dataset or column (domain 7; 9.2 A1-A3, A5, A6)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tests.audit.oracle.facts import Classification, Determination
from tests.audit.oracle.view import Cell, View

__all__ = [
    "RESTRICTED",
    "UNDECIDED",
    "Known",
    "Level",
    "join",
    "level_of",
    "own_of_cell",
    "own_of_dataset",
    "restricted",
    "said_of_dataset",
]

_BELOW: dict[Classification, frozenset[Classification]] = {
    Classification.OPEN: frozenset(),
    Classification.PUBLIC: frozenset({Classification.OPEN}),
    Classification.PROTECTED: frozenset({Classification.OPEN, Classification.PUBLIC}),
    Classification.PERSONAL: frozenset({Classification.OPEN, Classification.PUBLIC, Classification.PROTECTED}),
    Classification.PRIVATE: frozenset({Classification.OPEN, Classification.PUBLIC, Classification.PROTECTED}),
}
"""What each class is stricter than; PERSONAL and PRIVATE are incomparable (domain 7)."""

RESTRICTED = frozenset({Classification.PROTECTED, Classification.PERSONAL, Classification.PRIVATE})
"""Stricter than PUBLIC, and what PROTECTED means (9.2 A2)."""


class Known(StrEnum):
    """The three values of a predicate."""

    YES = "YES"
    NO = "NO"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True)
class Level:
    """What the join keeps (9.2 A3)."""

    known: frozenset[Classification]
    """The strictest known classes: none, one, or PERSONAL with PRIVATE."""
    undecided: bool

    @property
    def shown(self) -> frozenset[Classification]:
        """UNDETERMINED when anything is."""
        return frozenset({Classification.UNDETERMINED}) if self.undecided else self.known


UNDECIDED = Level(frozenset(), undecided=True)


def level_of(classes: Iterable[Classification]) -> Level:
    """Classes that stand together, joined: the strictest, and whether anything is undecided (9.2 A1, A3)."""
    said = set(classes)
    known = said - {Classification.UNDETERMINED}
    strictest = frozenset(one for one in known if not any(one in _BELOW[other] for other in known))
    return Level(strictest, undecided=known != said or not known)


def join(levels: Iterable[Level]) -> Level:
    """The join of several; of none it is undecided."""
    classes: set[Classification] = set()
    for level in levels:
        classes |= level.known
        if level.undecided:
            classes.add(Classification.UNDETERMINED)
    return level_of(classes)


def restricted(level: Level) -> Known:
    """Known part first (9.2 A3)."""
    if level.known & RESTRICTED:
        return Known.YES
    return Known.UNKNOWN if level.undecided else Known.NO


def _in_force(view: View, dataset: str, column: str | None) -> list[Determination]:
    """The latest of the determinations of one thing in force at t, with others of its day (9.2 A6)."""
    found = [
        one
        for one in view.world.determinations
        if one.dataset == dataset
        and one.column == column
        and (one.on is None or one.on <= view.t)
        and (one.valid_to is None or view.t < one.valid_to)
    ]
    latest = max((one.on or date.min for one in found), default=None)
    return [one for one in found if (one.on or date.min) == latest]


def said_of_dataset(view: View, dataset: str) -> list[Determination]:
    """Its determination; else that of the dataset it is a version of (9.2 A5)."""
    for base in view.bases(dataset):
        if found := _in_force(view, base, None):
            return found
    return []


def said_of_column(view: View, dataset: str, column: str) -> list[Determination]:
    """Determinations of the column itself."""
    return _in_force(view, dataset, column)


def _joined(determinations: Iterable[Determination]) -> Level:
    return join(level_of(one.classes) for one in determinations)


def _was_there(view: View, dataset: str, name: str, on: date | None) -> bool:
    """Whether the catalog knows the column as there on the day of a determination, None being undated (9.2 A5)."""
    return any(
        column.first_day is None or (on is not None and column.first_day <= on)
        for column in view.world.columns
        if column.dataset == dataset
        and column.name == name
        and (on is None or column.valid_to is None or on < column.valid_to)
    )


def own_of_cell(view: View, cell: Cell) -> Level:
    """Own class of a column: its determination; else its dataset's, if it was there; else UNDETERMINED (9.2 A5)."""
    dataset, column = cell
    if column is None:
        return own_of_dataset(view, dataset)
    if said := said_of_column(view, dataset, column):
        return _joined(said)
    said = said_of_dataset(view, dataset)
    if said and _was_there(view, dataset, column, said[0].on):
        return _joined(said)
    return UNDECIDED


def own_of_dataset(view: View, dataset: str) -> Level:
    """Own class of a dataset: what is determined; else the join of its columns' own (9.2 A5)."""
    if said := said_of_dataset(view, dataset):
        return _joined(said)
    return join(own_of_cell(view, (dataset, column)) for column in view.catalog_columns(dataset))
