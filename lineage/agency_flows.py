"""Which agency's data flows to which agency, counted (domain 10 question 70, 9.2 C1). Pure.

matrix = matrix_of(movements)          one movement a flow
matrix.cells                           a cell for each pair of agencies between which something flows
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from catalog.model.enums import Classification

__all__ = ["DEFAULT_CELLS", "MAX_CELLS", "MAX_FLOWS", "AgencyCell", "ClassCount", "Determined"]
__all__ += ["Movement", "cells_of", "class_of", "holder_of"]

MAX_FLOWS = 20_000
"""Flows that are counted in one answer."""
MAX_CELLS = 1_000
DEFAULT_CELLS = 100
"""Cells of one page."""


class Determined(NamedTuple):
    """A determination in force: its classes, and the first day of it as ISO text, empty where it is not known."""

    classes: tuple[Classification, ...]
    since: str


@dataclass(frozen=True, slots=True)
class Movement:
    """A flow as it is counted. What the reader may not see is in none of it."""

    provider: str | None
    """URN of the agency that holds what it comes from; None where that is not known."""
    recipient: str | None
    """URN of the agency that holds where it goes; as above."""
    sources: frozenset[str]
    """URNs of the datasets that it comes from: none where that is a system."""
    jobs: frozenset[str]
    classes: frozenset[Classification]
    """Those of what it carries, as ``class_of`` joins them."""


class ClassCount(NamedTuple):
    """How many flows carry data of a class."""

    classification: Classification
    flows: int


@dataclass(slots=True)
class AgencyCell:
    """What flows from one agency to one agency, which may be the same."""

    provider: str | None
    recipient: str | None
    flows: int = 0
    datasets: set[str] = field(default_factory=set[str])
    jobs: set[str] = field(default_factory=set[str])
    classes: dict[Classification, int] = field(default_factory=dict[Classification, int])

    @property
    def place(self) -> tuple[int, bool, str, bool, str]:
        """Where it stands: most flows first, then by the URNs of both sides; a side that is not known last."""
        sides = (self.provider, self.recipient)
        return -self.flows, sides[0] is None, sides[0] or "", sides[1] is None, sides[1] or ""

    @property
    def is_crossing(self) -> bool | None:
        """Whether it crosses the boundary of an agency; None where a side is not known."""
        if self.provider is None or self.recipient is None:
            return None
        return self.provider != self.recipient

    @property
    def dataset_count(self) -> int:
        """How many datasets flow."""
        return len(self.datasets)

    @property
    def job_count(self) -> int:
        """How many jobs move them."""
        return len(self.jobs)

    @property
    def class_counts(self) -> list[ClassCount]:
        """Flows by class, in the order of ``Classification``."""
        return [ClassCount(each, self.classes[each]) for each in Classification if each in self.classes]


def cells_of(movements: Iterable[Movement]) -> list[AgencyCell]:
    """The matrix: a cell for each pair of sides between which something flows, in their order."""
    found: dict[tuple[str | None, str | None], AgencyCell] = {}
    for movement in movements:
        sides = movement.provider, movement.recipient
        cell = found.setdefault(sides, AgencyCell(*sides))
        cell.flows += 1
        cell.datasets |= movement.sources
        cell.jobs |= movement.jobs
        for each in movement.classes:
            cell.classes[each] = cell.classes.get(each, 0) + 1
    return sorted(found.values(), key=lambda cell: cell.place)


def holder_of(holders: Iterable[str], stated: Iterable[str]) -> str | None:
    """The agency on one side of a flow (domain 9.2 C1).

    It is the one that holds what is there; where none does, or several, the one that the flow states.
    """
    for known in (set(holders), set(stated)):
        if len(known) == 1:
            return known.pop()
    return None


def class_of(own: Sequence[Determined], edition_of: Sequence[Determined]) -> frozenset[Classification]:
    """The classes of a dataset, joined (domain 7, 9.2 A1, A3, A5, A6).

    ``own`` are the determinations of the dataset that are in force, ``edition_of`` those of the dataset that it is an edition of,
    which speak where there are none. The latest holds, several of that day are joined: the strictest stands, PERSONAL and PRIVATE
    side by side, and UNDETERMINED where anything is undecided.
    """
    in_force = own or edition_of
    latest = max((each.since for each in in_force), default="")
    classes = {each for determined in in_force if determined.since == latest for each in determined.classes}
    if not classes or Classification.UNDETERMINED in classes:
        return frozenset({Classification.UNDETERMINED})
    strictest = classes & {Classification.PERSONAL, Classification.PRIVATE}
    if strictest:
        return frozenset(strictest)
    return frozenset({max(classes, key=list(Classification).index)})
