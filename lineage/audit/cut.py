"""The fewest flows to stop so that nothing leaks (9.2 F5): a minimum cut over datasets, each flow of capacity one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping

from msgspec import Struct

from lineage.audit.asof import Cell
from lineage.audit.condense import reach
from lineage.audit.leaks import Leaks
from lineage.audit.network import Network
from lineage.audit.steps import Step
from lineage.audit.words import Grade

__all__ = ["MOST_FLOWS", "Cut", "smallest_cut"]

MOST_FLOWS = 2_000
"""Flows on the ways of leaks among which a smallest cut is looked for."""
_MOST_STEPS = 5_000_000
"""Steps between columns that are walked for it: a few seconds of work."""

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


def smallest_cut(
    leaks: Leaks, grades: Collection[Grade] = tuple(Grade), protected: str | None = None, open_: str | None = None
) -> Cut | None:
    """The smallest cut of the leaks of these grades: of all, or of those from or into one dataset.

    None where more flows are on the way than are looked at, MOST_FLOWS.
    """
    starts, goals = leaks.ends(protected, open_)
    found = _on_leaks(leaks, grades, starts, goals)
    if found is None:
        return None
    steps, sources, sinks = found
    edges: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for each in steps:
        edges[each.flow].add((each.from_[0], each.to[0]))
    known = any(each.grade is not Grade.POSSIBLE for each in steps)
    frozen = {flow: frozenset(each) for flow, each in edges.items()}
    if not _circles(frozen, sources, sinks):
        return Cut(_cut(frozen, sources, sinks), known)
    if len(frozen) <= _FEW:
        return Cut(_tried(frozen, sources, sinks), known)
    return Cut(_cut(frozen, sources, sinks), upper_bound=True)


def _on_leaks(
    leaks: Leaks, grades: Collection[Grade], starts: set[str], goals: set[str]
) -> tuple[set[Step], set[str], set[str]] | None:
    """The steps on a path whose grade is among these, and the datasets that such paths lead from and to; None: too many."""
    every = leaks.steps(tuple(Grade), starts, goals)
    if len({each.flow for each in every}) > MOST_FLOWS:
        return None
    both = starts & goals
    walk = _Graded(every, grades)
    steps: set[Step] = set()
    # A dataset that is both is no pair with itself, so it is walked from by itself.
    for some in [starts - both, *({each} for each in both)]:
        for ends in [goals - both, *({each} for each in both if {each} != some)]:
            steps |= walk.between([cell for each in some for cell in leaks.starts[each]], ends)
            if walk.walked > _MOST_STEPS:
                return None
    sources: set[str] = set()
    sinks: set[str] = set()
    for each in starts:
        led = (walk.led_to(leaks.starts[each]) & goals) - {each}
        if led:
            sources.add(each)
            sinks |= led
        if walk.walked > _MOST_STEPS:
            return None
    return steps, sources, sinks


class _Graded:
    """Walks that remember the most doubtful step so far."""

    def __init__(self, steps: Iterable[Step], grades: Collection[Grade]) -> None:
        self._steps = [(each, _WORST.index(each.grade)) for each in steps]
        self._wanted = {_WORST.index(each) for each in grades}
        self._after: dict[Cell, list[tuple[Cell, int]]] = defaultdict(list)
        self._before: dict[Cell, list[tuple[Cell, int]]] = defaultdict(list)
        self.walked = 0
        """How many steps were looked at."""
        for each, grade in self._steps:
            self._after[each.from_].append((each.to, grade))
            self._before[each.to].append((each.from_, grade))

    def between(self, starts: Iterable[Cell], goals: Collection[str]) -> set[Step]:
        """The steps on a path of a wanted grade from some columns to some datasets."""
        ahead = self._spread(starts, self._after)
        ends = [cell for cell in self._before if cell[0] in goals]
        behind = self._spread(ends, self._before)
        self.walked += len(self._steps)
        return {
            each
            for each, grade in self._steps
            if any(
                max(grade, one, other) in self._wanted
                for one in ahead.get(each.from_, ())
                for other in behind.get(each.to, ())
            )
        }

    def led_to(self, starts: Iterable[Cell]) -> set[str]:
        """The datasets that a path of a wanted grade leads to from some columns."""
        ahead = self._spread(starts, self._after)
        return {cell[0] for cell, grades in ahead.items() if not self._wanted.isdisjoint(grades)}

    def _spread(self, starts: Iterable[Cell], after: Mapping[Cell, list[tuple[Cell, int]]]) -> dict[Cell, set[int]]:
        """The columns that some lead to, each with the grades of the ways there."""
        found: dict[Cell, set[int]] = {cell: {0} for cell in starts}
        waiting = [(cell, 0) for cell in found]
        while waiting:
            here, worst = waiting.pop()
            following = after.get(here, ())
            self.walked += len(following)
            for cell, grade in following:
                grades = found.setdefault(cell, set())
                if max(worst, grade) not in grades:
                    grades.add(max(worst, grade))
                    waiting.append((cell, max(worst, grade)))
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
    """A minimum cut, the first by ids: that of each part that hangs together by itself."""
    parts = _parts(edges, protected, open_)
    return tuple(sorted(flow for part in parts for flow in Network(part, protected, open_).first_cut()))


def _parts(edges: Edges, protected: set[str], open_: set[str]) -> Iterator[Edges]:
    """The flows, those together that meet in a dataset where a way neither begins nor ends."""
    met: dict[str, set[str]] = defaultdict(set)
    for flow, pairs in edges.items():
        for source, target in pairs:
            for inner in ({source} - protected) | ({target} - open_):
                met[f"d:{inner}"].add(f"f:{flow}")
                met[f"f:{flow}"].add(f"d:{inner}")
    left = dict.fromkeys(sorted(edges))
    while left:
        together = reach((f"f:{next(iter(left))}",), met)
        part = [flow for flow in left if f"f:{flow}" in together]
        yield {flow: edges[flow] for flow in part}
        for flow in part:
            del left[flow]


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
