"""Leaks: protected data that reaches an open dataset without a reviewed step that declassifies (domain 9; 9.2 A8, A14)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from msgspec import Struct

from catalog.model.enums_data import Classification
from lineage.audit.asof import Cell, holds
from lineage.audit.classes import Classes
from lineage.audit.condense import reach
from lineage.audit.levels import restricted
from lineage.audit.steps import Step, steps_between
from lineage.audit.words import Grade, Known

__all__ = ["MOST", "Leak", "Leaking", "Leaks"]

MOST = 10_000
"""Leaks that are worked out, unless told."""
_MOST_STEPS = 5_000_000
"""Steps between columns that are walked for them: a few seconds of work."""

_ASKED = {
    Grade.SEVERE: frozenset((Grade.SEVERE,)),
    Grade.MINOR: frozenset((Grade.SEVERE, Grade.MINOR)),
    Grade.POSSIBLE: frozenset(Grade),
}
"""The steps that a path of each grade may take, the worst grade first."""


class Leak(Struct, frozen=True):
    """One leak a pair: the worst grade over all paths, and a shortest path of that grade."""

    protected: str
    open: str
    grade: Grade
    datasets: tuple[str, ...]
    """From the protected to the open one; of the shortest the first by id."""
    flows: tuple[str, ...]
    """One fewer; of the shortest over these datasets the first by id."""
    agencies: tuple[str | None, ...]
    """Who holds each of ``datasets``. None: not known."""

    @property
    def last_to_stop(self) -> str | None:
        """Who holds the dataset that the last step reads. None: not known."""
        return self.agencies[-2]


class Leaking(Struct, frozen=True):
    """Leaks, and how far they were looked for."""

    leaks: tuple[Leak, ...]
    """By protected, then open dataset."""
    unfinished: int = 0
    """Open datasets that protected data may reach and into which not all leaks were looked for, since there are too many."""


class Leaks:
    """The leaks as of a day."""

    def __init__(self, classes: Classes) -> None:
        self.classes = classes
        self._asof = classes.asof
        datasets = classes.all_datasets()
        public = {each.dataset for each in self._asof.facts.publications if each.public and holds(each, self._asof.day)}
        self.open = [each for each in datasets if each in public or self._says_open(each)]
        """Datasets that a determination in force says to be OPEN, or that are on a public portal (9.2 A14)."""
        starts = {each: self._starts(each) for each in datasets}
        self.starts = {each: cells for each, cells in starts.items() if cells}
        """The columns of each protected dataset whose own class is restricted."""
        self._after: dict[str, set[str]] = defaultdict(set)
        self._before: dict[str, set[str]] = defaultdict(set)
        for each in classes.passages:
            self._after[each.source].add(each.target)
            self._before[each.target].add(each.source)
        self._between = self._leading(self.starts, self.open)
        self._steps = list(steps_between(classes, self._between))

    def _says_open(self, dataset: str) -> bool:
        return any(Classification.OPEN in each.classes for each in self._asof.said(dataset))

    def _starts(self, dataset: str) -> frozenset[Cell]:
        own = self.classes.own.of_cell
        return frozenset(cell for cell in self.classes.columns(dataset) if restricted(own(cell)) is Known.YES)

    def _leading(self, protected: Iterable[str], open_: Iterable[str]) -> set[str]:
        """The datasets on the ways from some to some."""
        return reach(protected, self._after) & reach(open_, self._before)

    def ends(self, protected: str | None = None, open_: str | None = None) -> tuple[set[str], set[str]]:
        """The protected and the open datasets that may leak and be leaked into: all, or of one kind only a given one."""
        starts = self.starts.keys() if protected is None else self.starts.keys() & {protected}
        goals = set(self.open) if open_ is None else set(self.open) & {open_}
        between = self._between if protected is None and open_ is None else self._leading(starts, goals)
        return starts & between, goals & between

    def steps(self, grades: Collection[Grade], protected: Iterable[str], open_: Iterable[str]) -> list[Step]:
        """The steps of these grades on the way from protected to open datasets."""
        between = self._leading(protected, open_)
        return [
            each for each in self._steps if each.grade in grades and each.from_[0] in between and each.to[0] in between
        ]

    def found(self, protected: str | None = None, open_: str | None = None, most: int = MOST) -> Leaking:
        """The leaks: all, or those from or into one dataset; at most so many, the worst grades first."""
        starts, goals = self.ends(protected, open_)
        found: dict[tuple[str, str], Leak] = {}
        unfinished: set[str] = set()
        walked = 0
        for grade, grades in _ASKED.items():
            ways = _Ways(self.steps(grades, starts, goals))
            for goal in sorted(goals):
                if len(found) >= most or walked + ways.walked > _MOST_STEPS:
                    unfinished.add(goal)
                    continue
                far = ways.to(goal, self.classes.columns(goal))
                for start in sorted(
                    starts & ({cell[0] for cell in far if cell in self.starts.get(cell[0], ())} - {goal})
                ):
                    if (start, goal) not in found and len(found) < most:
                        cells = [cell for cell in self.starts[start] if cell in far]
                        found[start, goal] = self._leak(start, goal, grade, *ways.first(cells, far))
                    elif (start, goal) not in found:
                        unfinished.add(goal)
            walked += ways.walked
        return Leaking(tuple(found[pair] for pair in sorted(found)), len(unfinished))

    def _leak(
        self, protected: str, open_: str, grade: Grade, datasets: tuple[str, ...], flows: tuple[str, ...]
    ) -> Leak:
        return Leak(protected, open_, grade, datasets, flows, tuple(self._asof.holder(each) for each in datasets))


class _Ways:
    """Shortest ways by some steps."""

    def __init__(self, steps: Iterable[Step]) -> None:
        self._after: dict[Cell, list[Step]] = defaultdict(list)
        self._before: dict[Cell, list[Cell]] = defaultdict(list)
        self.walked = 0
        """How many steps were looked at to find ways."""
        for each in steps:
            self._after[each.from_].append(each)
            self._before[each.to].append(each.from_)

    def to(self, dataset: str, cells: Iterable[Cell]) -> dict[Cell, int]:
        """How many steps each column is from a dataset; only columns that lead there."""
        far = {cell: 0 for cell in cells if cell[0] == dataset}
        layer = list(far)
        while layer:
            following: list[Cell] = []
            for to in layer:
                before = self._before.get(to, ())
                self.walked += len(before)
                for cell in before:
                    if cell not in far:
                        far[cell] = far[to] + 1
                        following.append(cell)
            layer = following
        return far

    def first(self, starts: Collection[Cell], far: Mapping[Cell, int]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The datasets, then the flows, of a shortest way: the first by the list of datasets, then of flows."""
        left = min(far[cell] for cell in starts)
        layers = [{cell for cell in starts if far[cell] == left}]
        datasets = [next(iter(starts))[0]]
        while left:
            left -= 1
            steps = [each for cell in layers[-1] for each in self._after[cell] if far.get(each.to) == left]
            datasets.append(min(each.to[0] for each in steps))
            layers.append({each.to for each in steps if each.to[0] == datasets[-1]})
        return tuple(datasets), self._flows(layers)

    def _flows(self, layers: list[set[Cell]]) -> tuple[str, ...]:
        """The first flows by id that lead through the layers."""
        alive = [layers[-1]]
        for layer in reversed(layers[:-1]):
            alive.append({cell for cell in layer if any(each.to in alive[-1] for each in self._after[cell])})
        alive.reverse()
        here, flows = alive[0], list[str]()
        for following in alive[1:]:
            steps = [each for cell in here for each in self._after[cell] if each.to in following]
            flows.append(min(each.flow for each in steps))
            here = {each.to for each in steps if each.flow == flows[-1]}
        return tuple(flows)
