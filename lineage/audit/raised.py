"""Why an effective class is stricter than the own one: the shortest way by which each class came (domain 7; 9.2 A3 to A5)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property

from msgspec import Struct

from catalog.model.enums_data import Classification
from lineage.audit.asof import Cell
from lineage.audit.classes import Classes
from lineage.audit.inflow import Passage
from lineage.audit.levels import classes_of, mask_of
from lineage.audit.steps import Step, steps_into

__all__ = ["Effective", "Raise", "Raised"]


class Raise(Struct, frozen=True):
    """A class that came from elsewhere."""

    classification: Classification
    """UNDETERMINED: something there is undecided."""
    origin: Cell
    """The nearest column whose own class it is."""
    steps: tuple[Step, ...]
    """From there; none where the origin is a column of the dataset itself."""


class Effective(Struct, frozen=True):
    """What was decided of a dataset or column, and what it is by what flowed in; both in the order of ``Classification``.

    The strictest known classes, with UNDETERMINED beside them where anything is undecided (domain R16).
    """

    own: tuple[Classification, ...]
    effective: tuple[Classification, ...]
    raises: tuple[Raise, ...]
    """One for each class of ``effective`` that is not among ``own``, in that order."""


class Raised:
    """Own against effective classes, as of a day."""

    def __init__(self, classes: Classes) -> None:
        self._classes = classes

    def dataset(self, dataset: str) -> Effective:
        """Of a dataset."""
        own, effective = self._classes.own.of_dataset(dataset), self._classes.of_dataset(dataset)
        return self._told(own, effective, self._classes.columns(dataset))

    def column(self, cell: Cell) -> Effective:
        """Of a column."""
        return self._told(self._classes.own.of_cell(cell), self._classes.of_cell(cell), (cell,))

    def _told(self, own: int, effective: int, cells: Iterable[Cell]) -> Effective:
        before, after = classes_of(own), classes_of(effective)
        new = [each for each in after if each not in before]
        found = self._ways(cells, new)
        return Effective(before, after, tuple(found[each] for each in new if each in found))

    def _ways(self, cells: Iterable[Cell], wanted: Iterable[Classification]) -> Mapping[Classification, Raise]:
        """Of each class the nearest column whose own it is, upwards; of several equally near the first by id."""
        missing = {each: mask_of(frozenset((each,))) for each in wanted}
        found: dict[Classification, Raise] = {}
        layer = sorted(cells, key=_place)
        by: dict[Cell, Step | None] = dict.fromkeys(layer)
        passed: set[int] = set()
        while layer and missing:
            for cell in layer:
                own = self._classes.own.of_cell(cell)
                for each in [each for each, mask in missing.items() if own & mask]:
                    found[each] = Raise(each, cell, _way(cell, by))
                    del missing[each]
            layer = self._above(layer, by, passed)
        return found

    def _above(self, layer: Iterable[Cell], by: dict[Cell, Step | None], passed: set[int]) -> list[Cell]:
        """The columns that feed a layer and were not met yet; notes the step by which each is met."""
        above: list[Cell] = []
        for cell in layer:
            for number, passage in self._into.get(cell[0], ()):
                # Where a flow is known between datasets only, each of its columns feeds every one alike.
                if number in passed or (passage.into is not None and cell[1] not in passage.into):
                    continue
                if not passage.pairs:
                    passed.add(number)
                for step in steps_into(passage, cell):
                    if step.from_ not in by:
                        by[step.from_] = step
                        above.append(step.from_)
        return sorted(above, key=_place)

    @cached_property
    def _into(self) -> Mapping[str, list[tuple[int, Passage]]]:
        """What flowed into each dataset, numbered; by id of the flow."""
        found: dict[str, list[tuple[int, Passage]]] = defaultdict(list)
        ordered = sorted(self._classes.passages, key=lambda passage: (passage.flow.id, passage.source, passage.target))
        for number, passage in enumerate(ordered):
            found[passage.target].append((number, passage))
        return found


def _place(cell: Cell) -> tuple[str, str]:
    return cell[0], cell[1] or ""


def _way(start: Cell, by: Mapping[Cell, Step | None]) -> tuple[Step, ...]:
    found: list[Step] = []
    step = by[start]
    while step is not None:
        found.append(step)
        step = by[step.to]
    return tuple(found)
