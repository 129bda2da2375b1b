"""The fewest flows to stop so that nothing leaks (9.2 F5): a minimum cut over datasets, each flow of capacity one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping

from msgspec import Struct

from lineage.audit.asof import Cell
from lineage.audit.leaks import Leaks
from lineage.audit.network import Network
from lineage.audit.steps import Step
from lineage.audit.words import Grade

__all__ = ["Cut", "smallest_cut"]

_WORST = (Grade.SEVERE, Grade.MINOR, Grade.POSSIBLE)
"""A path is as doubtful as its most doubtful step (9.2 A14)."""
_FEW = 24
"""Flows among which every cut may be tried."""


class Cut(Struct, frozen=True):
    """A smallest set of flows without which no protected dataset reaches an open one."""

    flows: tuple[str, ...]
    """Of several the first by id."""
    upper_bound: bool
    """Whether fewer might do: columns are known on the way, or a dataset is protected, open and on a circle."""


Edges = Mapping[str, frozenset[tuple[str, str]]]
"""What each flow feeds: (source, target) of datasets."""


def smallest_cut(leaks: Leaks, grades: Collection[Grade] = tuple(Grade)) -> Cut:
    """The smallest cut of the leaks of these grades."""
    steps, pairs = _on_leaks(leaks, grades)
    edges: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for each in steps:
        edges[each.flow].add((each.from_[0], each.to[0]))
    known = any(each.grade is not Grade.POSSIBLE for each in steps)
    frozen = {flow: frozenset(each) for flow, each in edges.items()}
    protected, open_ = {each for each, _ in pairs}, {each for _, each in pairs}
    if not _circles(frozen, protected, open_):
        return Cut(_cut(frozen, protected, open_), known)
    if len(frozen) <= _FEW:
        return Cut(_tried(frozen, protected, open_), known)
    return Cut(_cut(frozen, protected, open_), upper_bound=True)


def _on_leaks(leaks: Leaks, grades: Collection[Grade]) -> tuple[set[Step], set[tuple[str, str]]]:
    """The steps on a path whose grade is among these, and the pairs that such paths lead from and to."""
    both = leaks.starts.keys() & set(leaks.open)
    single = leaks.starts.keys() - both
    steps: set[Step] = set()
    pairs: set[tuple[str, str]] = set()
    walk = _Graded(leaks.steps(tuple(Grade)), grades)
    # A dataset that is both is no pair with itself, so it is walked from by itself.
    for protected in [single, *({each} for each in both)]:
        for goals in [set(leaks.open) - both, *({each} for each in both if {each} != protected)]:
            starts = [cell for each in protected for cell in leaks.starts[each]]
            found = walk.between(starts, goals)
            steps |= found
            pairs |= {(one, other) for one in protected for other in goals if walk.leads(leaks.starts[one], other)}
    return steps, pairs


class _Graded:
    """Walks that remember the most doubtful step so far."""

    def __init__(self, steps: Iterable[Step], grades: Collection[Grade]) -> None:
        self._steps = [(each, _WORST.index(each.grade)) for each in steps]
        self._wanted = {_WORST.index(each) for each in grades}
        self._after: dict[Cell, list[tuple[Cell, int]]] = defaultdict(list)
        self._before: dict[Cell, list[tuple[Cell, int]]] = defaultdict(list)
        for each, grade in self._steps:
            self._after[each.from_].append((each.to, grade))
            self._before[each.to].append((each.from_, grade))

    def between(self, starts: Iterable[Cell], goals: Collection[str]) -> set[Step]:
        """The steps on a path of a wanted grade from some columns to some datasets."""
        ahead = _spread(starts, self._after)
        ends = [cell for cell in self._before if cell[0] in goals]
        behind = _spread(ends, self._before)
        return {
            each
            for each, grade in self._steps
            if any(
                max(grade, one, other) in self._wanted
                for one in ahead.get(each.from_, ())
                for other in behind.get(each.to, ())
            )
        }

    def leads(self, starts: Iterable[Cell], goal: str) -> bool:
        """Whether a path of a wanted grade leads from some columns to a dataset."""
        ahead = _spread(starts, self._after)
        return any(cell[0] == goal and not self._wanted.isdisjoint(grades) for cell, grades in ahead.items())


def _spread(starts: Iterable[Cell], after: Mapping[Cell, list[tuple[Cell, int]]]) -> dict[Cell, set[int]]:
    """The columns that some lead to, each with the grades of the ways there."""
    found: dict[Cell, set[int]] = {cell: {0} for cell in starts}
    waiting = [(cell, 0) for cell in found]
    while waiting:
        here, worst = waiting.pop()
        for following, grade in after.get(here, ()):
            grades = found.setdefault(following, set())
            if max(worst, grade) not in grades:
                grades.add(max(worst, grade))
                waiting.append((following, max(worst, grade)))
    return found


def _circles(edges: Edges, protected: set[str], open_: set[str]) -> bool:
    """Whether a dataset that is both feeds itself by way of datasets that are neither: no leak, which a cut would cut."""
    both = protected & open_
    ends = protected | open_
    after: dict[str, set[str]] = defaultdict(set)
    for pairs in edges.values():
        for source, target in pairs:
            after[source].add(target)
    for start in both:
        found: set[str] = set()
        waiting = list(after[start])
        while waiting:
            here = waiting.pop()
            if here not in found:
                found.add(here)
                if here not in ends:
                    waiting.extend(after[here])
        if start in found:
            return True
    return False


def _cut(edges: Edges, protected: set[str], open_: set[str]) -> tuple[str, ...]:
    """A minimum cut, the first by ids: each flow in turn that lies in one with those taken before."""
    cut: list[str] = []
    left = dict(edges)
    while True:
        network = Network(left, protected, open_)
        if not network.width:
            return tuple(cut)
        cut.append(next(flow for flow in sorted(left) if network.is_cut(flow)))
        del left[cut[-1]]


def _tried(edges: Edges, protected: set[str], open_: set[str]) -> tuple[str, ...]:
    """The same where a circle is in the way: of every path that is left one flow must go."""
    for size in range(len(edges) + 1):
        found = min(_cuts(edges, protected, open_, frozenset(), size), default=None)
        if found is not None:
            return found
    return ()


def _cuts(
    edges: Edges, protected: set[str], open_: set[str], cut: frozenset[str], size: int
) -> Iterator[tuple[str, ...]]:
    left = {flow: pairs for flow, pairs in edges.items() if flow not in cut}
    path = next((path for start in sorted(protected) if (path := _path(left, start, open_))), None)
    if path is None:
        yield tuple(sorted(cut))
    elif size:
        for flow in path:
            yield from _cuts(edges, protected, open_, cut | {flow}, size - 1)


def _path(edges: Edges, start: str, open_: set[str]) -> list[str] | None:
    """The flows of a shortest way from a dataset to another one that is open; None: there is none."""
    came: dict[str, list[str]] = {start: []}
    layer = [start]
    while layer:
        following: list[str] = []
        for flow in sorted(edges):
            for source, target in edges[flow]:
                if source in layer and target not in came:
                    came[target] = [*came[source], flow]
                    if target in open_:
                        return came[target]
                    following.append(target)
        layer = following
    return None
