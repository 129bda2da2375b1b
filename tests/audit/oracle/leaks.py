"""Protected data that reaches open data (domain 9, Leak; R23; 9.2 A4, A8, A10, A14, F5)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import combinations

from tests.audit.oracle.classes import Known, own_of_cell, restricted, said_of_dataset
from tests.audit.oracle.facts import Classification
from tests.audit.oracle.steps import Grade, Lineage, Step
from tests.audit.oracle.view import Cell, holds

__all__ = ["Cut", "Leak", "is_open", "leaks", "smallest_cut", "starts"]


@dataclass(frozen=True)
class Leak:
    """One leak a pair: the worst grade over all paths, and a shortest path of that grade (9.2 A14)."""

    protected: str
    open: str
    grade: Grade
    datasets: tuple[str, ...]
    """From the protected to the open one; the first by urn of the shortest."""
    flows: tuple[str, ...]
    """One fewer; of the shortest over the same datasets the first by urn."""
    agencies: tuple[str | None, ...]
    """Who holds each of `datasets`; None: not known."""
    last_to_stop: str | None
    """Who holds the dataset that the last step reads; None: not known."""


@dataclass(frozen=True)
class Cut:
    """A smallest set of flows without which no protected dataset reaches an open one (9.2 F5)."""

    flows: tuple[str, ...]
    """Of several the first by urn."""
    upper_bound: bool
    """Whether columns are known on the way, so that fewer might do."""


def is_open(lineage: Lineage, dataset: str) -> bool:
    """A determination in force says OPEN, or it is on a public portal at t (9.2 A14)."""
    said = any(Classification.OPEN in one.classes for one in said_of_dataset(lineage.view, dataset))
    return said or any(
        one.dataset == dataset and one.public and holds(one, lineage.t) for one in lineage.view.world.publications
    )


def starts(lineage: Lineage, dataset: str) -> set[Cell]:
    """The columns whose own class is restricted (9.2 A8, A14)."""
    return {cell for cell in lineage.columns(dataset) if restricted(own_of_cell(lineage.view, cell)) is Known.YES}


def leaks(lineage: Lineage) -> list[Leak]:
    """All leaks at t, by protected, then open dataset."""
    every = lineage.view.all_datasets()
    found: list[Leak] = []
    for protected in every:
        for goal in every:
            if protected != goal and is_open(lineage, goal):
                found += _leak(lineage, protected, goal)
    return found


def _leak(lineage: Lineage, protected: str, goal: str) -> list[Leak]:
    unstopped = [step for step in lineage.steps if not step.stopped]
    for grade in Grade:
        paths = _shortest([step for step in unstopped if step.grade <= grade], starts(lineage, protected), goal)
        if paths:
            datasets, flows = min(paths)
            agencies = tuple(lineage.view.holder(dataset) for dataset in datasets)
            return [Leak(protected, goal, grade, datasets, flows, agencies, agencies[-2])]
    return []


def _shortest(steps: list[Step], start: set[Cell], goal: str) -> set[tuple[tuple[str, ...], tuple[str, ...]]]:
    """All shortest paths by these steps into any column of a dataset, as (datasets, flows)."""
    ends: dict[Cell, set[tuple[tuple[str, ...], tuple[str, ...]]]] = {cell: {((cell[0],), ())} for cell in start}
    seen = set(start)
    while ends:
        further: dict[Cell, set[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
        for step in steps:
            if step.from_ in ends and step.to not in seen:
                longer = {((*datasets, step.to[0]), (*flows, step.flow.id)) for datasets, flows in ends[step.from_]}
                further.setdefault(step.to, set()).update(longer)
        arrived = [paths for cell, paths in further.items() if cell[0] == goal]
        if arrived:
            return set[tuple[tuple[str, ...], tuple[str, ...]]]().union(*arrived)
        seen |= set(further)
        ends = further
    return set()


def smallest_cut(lineage: Lineage, grades: Collection[Grade] = tuple(Grade)) -> Cut:
    """The fewest flows whose removal leaves no way from a protected to another, open dataset, over datasets (9.2 F5)."""
    steps, pairs = _on_leaks(lineage, grades)
    flows = sorted({step.flow.id for step in steps})
    for size in range(len(flows) + 1):
        for cut in combinations(flows, size):
            edges = {(step.from_[0], step.to[0]) for step in steps if step.flow.id not in cut}
            if not any(_leads(edges, protected, goal) for protected, goal in pairs):
                return Cut(cut, upper_bound=any(step.grade is not Grade.POSSIBLE for step in steps))
    msg = "without any flow nothing leads anywhere"
    raise AssertionError(msg)


def _leads(edges: set[tuple[str, str]], start: str, goal: str, seen: frozenset[str] = frozenset()) -> bool:
    return start == goal or any(
        source == start and target not in seen and _leads(edges, target, goal, seen | {start})
        for source, target in edges
    )


def _on_leaks(lineage: Lineage, grades: Collection[Grade]) -> tuple[list[Step], set[tuple[str, str]]]:
    """The steps on a path of one of the grades, and all pairs of a protected and another, open end of such paths."""
    every = lineage.view.all_datasets()
    steps = [step for step in lineage.steps if not step.stopped]
    down = {one: _graded(steps, starts(lineage, one), forward=True) for one in every}
    up = {one: _graded(steps, set(lineage.columns(one)), forward=False) for one in every if is_open(lineage, one)}
    found: dict[int, Step] = {}
    ends: set[tuple[str, str]] = set()
    for protected in every:
        for goal, ways_up in up.items():
            for number, step in enumerate(steps):
                ways = {
                    max(before, step.grade, after)
                    for before in down[protected].get(step.from_, ())
                    for after in ways_up.get(step.to, ())
                }
                if protected != goal and ways & set(grades):
                    found[number] = step
                    ends.add((protected, goal))
    first, last = {protected for protected, _ in ends}, {goal for _, goal in ends}
    return list(found.values()), {(one, other) for one in first for other in last if one != other}


def _graded(steps: list[Step], start: set[Cell], *, forward: bool) -> dict[Cell, set[Grade]]:
    """The grades of the ways from (or, backward, to) these columns, the way of no step being SEVERE."""
    found = {cell: {Grade.SEVERE} for cell in start}
    grew = True
    while grew:
        grew = False
        for step in steps:
            near, far = (step.from_, step.to) if forward else (step.to, step.from_)
            grades = {max(grade, step.grade) for grade in found.get(near, ())}
            if not grades <= found.get(far, set()):
                found.setdefault(far, set()).update(grades)
                grew = True
    return found
