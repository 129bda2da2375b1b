"""The ways that data takes from one node to another, shortest first, and an honest account of what was cut (issue 6).

Pure, as ``traverse`` is: a search says which hops it needs next, takes them, and answers once it needs none.

    search = PathSearch(start, end, PathBudget(first=10))
    while asks := search.asks():
        search.take([<the expansion of each ask, in their order>])
    search.answer()

Two walks go towards each other, breadth-first: with the flow from the start, against it from the end. Whichever comes to
its end first knows every edge of every path, and the other need not go on: so a hub on one side costs nothing. Otherwise the
levels that they went add up to a length, and of all paths up to that length every edge is known. The paths themselves are
put in order afterwards (``simple_paths``), and never by a store.

What is one under several names (domain 9.2 E11) is one place on a path, which meets it once; it is known by the first of them
while paths are put in order, and then by those between which data flows (``names``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from catalog.errors import InvalidSelection
from catalog.model.words import Described
from catalog.stores.port import Expansion, Hop
from catalog.urn import kind_of
from lineage.names import Names, under_all_names
from lineage.simple_paths import SimplePaths
from lineage.traverse import MAX_EDGES, Ask, LineageDirection, Same

__all__ = ["DEFAULT_PATHS", "MAX_LENGTH", "MAX_NODES", "MAX_PATHS", "MAX_STEPS", "LineagePathCut"]
__all__ += ["PathBudget", "PathCompleteness", "PathSearch", "Paths"]

MAX_PATHS = 100
DEFAULT_PATHS = 10
MAX_LENGTH = 100
"""Hops of a path."""
MAX_NODES = 500
"""Different nodes on the paths of one answer."""
MAX_STEPS = 500_000
"""Ids that are looked at or kept while paths are put in order: a good quarter of a second, a few megabytes."""


class LineagePathCut(Described):
    """Why an answer about paths is not all of them."""

    EDGES = "EDGES", f"There are more edges than the {MAX_EDGES:,} that are looked at from each end."
    EFFORT = "EFFORT", "So many ways lead through each other that the search was given up; what was found is shown."
    LENGTH = "LENGTH", f"There are, or may be, paths of more than {MAX_LENGTH} hops, which are not looked for."
    NODES = "NODES", f"With the next path there would be more than {MAX_NODES} different nodes."
    PATHS = "PATHS", "There are more paths than `first`; the first in order are shown."
    TIME = "TIME", "The time of the request ran short before everything was looked at."


@dataclass(frozen=True, slots=True)
class PathBudget:
    """How far a search goes. Raises InvalidSelection out of bounds."""

    first: int = DEFAULT_PATHS
    """Paths; 1 to MAX_PATHS."""
    length: int = MAX_LENGTH
    """Hops of a path."""
    nodes: int = MAX_NODES
    """Different nodes on all paths."""
    edges: int = MAX_EDGES
    """Edges that are looked at from each end."""
    steps: int = MAX_STEPS

    def __post_init__(self) -> None:
        """Check the bounds."""
        if not 1 <= self.first <= MAX_PATHS:
            raise InvalidSelection(f"'first' is {self.first}: one asks for 1 to {MAX_PATHS} paths")


@dataclass(frozen=True, slots=True)
class PathCompleteness:
    """What an answer leaves out."""

    reasons: tuple[LineagePathCut, ...]
    """In the order of the alphabet; empty where nothing was cut."""
    complete_to_length: int | None
    """Every path of at most so many hops is shown; None where every path is, -1 where it is not known whether both ends are one."""
    hidden_nodes: int
    """Nodes of the paths that are shown as an opaque id only."""

    @property
    def is_complete(self) -> bool:
        """Whether these are all paths that the reader may know of."""
        return not self.reasons


@dataclass(frozen=True, slots=True)
class Paths:
    """The answer. Paths are ordered by (hops, ids along them); each is the ids of its nodes, both ends among them.

    What has several names is put in order by the first of them. Where a path comes in by one and goes on by another, both
    are among its nodes, one after the other.
    """

    paths: tuple[tuple[str, ...], ...]
    nodes: tuple[str, ...]
    """Each id that is on a path once, in the order in which the paths meet them first."""
    completeness: PathCompleteness
    lengths: tuple[int, ...] = ()
    """Of each path how many hops it has: between two names of one dataset there is none."""
    same: tuple[Same, ...] = ()
    """Names that stand one after the other on a path, and are one; ordered by (one, other)."""


class PathSearch:
    """One search: what it has found, and what it needs next."""

    def __init__(self, start: str, end: str, budget: PathBudget) -> None:
        self._start, self._end = start, end
        self._budget = budget
        self._late = False
        self._asked = False
        # From a node to itself there is nothing to look for.
        begin = start != end
        with_flow = _Way(LineageDirection.DOWNSTREAM, start, budget.edges, [start] * begin, {start, end})
        against = _Way(LineageDirection.UPSTREAM, end, budget.edges, [end] * begin, {start, end})
        self._ways = (with_flow, against)

    def asks(self) -> list[Ask]:
        """The hops that are needed next, one from each end at most; none: the search has ended."""
        if self._knows_all or self._levels >= self._budget.length:
            return []
        begins = not self._asked
        return [Ask(way.direction, tuple(way.frontier), way.room, begins) for way in self._ways if way.frontier]

    def take(self, found: Sequence[Expansion]) -> None:
        """Take what the hops of ``asks`` brought, in their order."""
        asked = [way for way in self._ways if way.frontier]
        for way, expansion in zip(asked, found, strict=True):
            way.take(expansion)
        if not self._asked:
            self._asked = True
            self._begin_anew()

    def _begin_anew(self) -> None:
        """Ask the other names of both ends as well, and go on from none of the other end."""
        names = [way.other_names() for way in self._ways]
        ends = {self._start, self._end}.union(*names)
        for way, own in zip(self._ways, names, strict=True):
            way.begin_anew(own, ends)
        if self._end in names[0]:
            # They are one, and from one to itself there is nothing to look for.
            for way in self._ways:
                way.frontier = []

    def stop(self) -> None:
        """End the search where it stands: there is no time for what it still needs."""
        self._late = bool(self.asks())

    def answer(self) -> Paths:
        """The paths, once the search has ended."""
        budget, after = self._budget, self._after()
        names = Names((hop.start, hop.end) for way in self._ways for hop in way.same)
        firsts = _by_first_names(after, names) if names else after
        start, end = names.first(self._start), names.first(self._end)
        ordered = SimplePaths(firsts, start, end, budget.length, budget.steps)
        paths: list[tuple[str, ...]] = []
        lengths: list[int] = []
        nodes: dict[str, None] = {}
        stopped: LineagePathCut | None = None
        for by_first_names in ordered:
            path = by_first_names
            if names and len(paths) < budget.first:
                path, steps = names.spelled(path, self._start, self._end, after)
                ordered.spend(steps)
            if len(paths) == budget.first:
                stopped = LineagePathCut.PATHS
            elif len(nodes.keys() | path) > budget.nodes:
                stopped = LineagePathCut.NODES
            if stopped:
                break
            paths.append(path)
            lengths.append(len(by_first_names) - 1)
            nodes.update(dict.fromkeys(path))
        if ordered.spent:
            stopped = LineagePathCut.EFFORT
        pairs = {
            Same(*sorted(pair))
            for path in paths
            for pair in pairwise(path)
            if names.first(pair[0]) == names.first(pair[1])
        }
        completeness = self._completeness(ordered, stopped, nodes)
        return Paths(tuple(paths), tuple(nodes), completeness, tuple(lengths), tuple(sorted(pairs)))

    @property
    def _knows_all(self) -> bool:
        """Whether a walk came to its end: then it has every edge of every path."""
        return any(way.ended for way in self._ways)

    @property
    def _levels(self) -> int:
        """The length up to which every edge of every path is known, where no walk came to its end.

        Before anything was asked, it is not known either whether both ends are one.
        """
        return sum(way.levels for way in self._ways) if self._asked else -1

    def _after(self) -> dict[str, list[str]]:
        """What each node leads to, by the edges that either walk has seen."""
        after: dict[str, set[str]] = {}
        for way in self._ways:
            for upstream, downstream in way.edges:
                after.setdefault(upstream, set()).add(downstream)
        return {node: sorted(following) for node, following in after.items()}

    def _completeness(
        self, ordered: SimplePaths, stopped: LineagePathCut | None, shown: Collection[str]
    ) -> PathCompleteness:
        budget = self._budget
        known = budget.length if self._knows_all else min(self._levels, budget.length)
        # Where the paths go on, they are right as far as these are short enough to be known.
        wanted = ordered.length if stopped else budget.length
        cut = {
            LineagePathCut.EDGES: known < wanted and any(way.cut for way in self._ways),
            LineagePathCut.LENGTH: not stopped and (ordered.longer or (known == wanted and not self._knows_all)),
            LineagePathCut.TIME: known < wanted and self._late,
        }
        if stopped:
            cut[stopped] = True
        reasons = tuple(sorted(reason for reason, holds in cut.items() if holds))
        whole = min(known, wanted - 1 if stopped else wanted)
        return PathCompleteness(reasons, whole if reasons else None, sum(not kind_of(id_) for id_ in shown))


@dataclass(slots=True)
class _Way:
    """The walk from one of the ends."""

    direction: LineageDirection
    begin: str
    room: int
    """Edges that may still be looked at."""
    frontier: list[str]
    """Nodes to ask next, in order."""
    visited: set[str]
    """Nodes met, and both ends: a path does not go on from where it ends, nor back to where it begins."""
    edges: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    """As (upstream, downstream)."""
    levels: int = 0
    """Levels of which every edge was seen."""
    cut: bool = False
    same: list[Hop] = field(default_factory=list[Hop])
    """The steps of no length between names, both ways."""
    waiting: set[str] = field(default_factory=set[str])
    """Nodes met from the end, until its other names are asked as well."""

    @property
    def ended(self) -> bool:
        """Whether there is nothing more to ask: it has seen everything on its way."""
        return not self.frontier and not self.cut

    def take(self, found: Expansion) -> None:
        """Note what the frontier leads to, and go on from there."""
        ends = self.waiting | under_all_names((hop.end for hop in found.hops), found.same)
        self.waiting = set()
        self.edges.update(self._turned(found))
        self.same += found.same
        self.room = max(0, self.room - len(found.hops) - len(found.same))
        self.cut = found.cut or found.same_cut
        self.levels += not self.cut
        self.frontier = [] if self.cut else sorted(ends - self.visited)
        self.visited |= ends

    def other_names(self) -> set[str]:
        """The names of where it begins besides the one that it began with."""
        return under_all_names([self.begin], self.same) - {self.begin}

    def begin_anew(self, names: set[str], ends: set[str]) -> None:
        """Begin at the other names as well, before it goes on; not past either end under any name."""
        self.visited |= ends
        met = [id_ for id_ in self.frontier if id_ not in ends]
        if names and not self.cut:
            self.waiting.update(met)
            self.visited -= self.waiting
            self.frontier = sorted(names)
            self.levels -= 1
        else:
            self.frontier = met

    def _turned(self, found: Expansion) -> Iterable[tuple[str, str]]:
        """The edges of hops, turned the way that data flows."""
        if self.direction is LineageDirection.UPSTREAM:
            return ((hop.end, hop.start) for hop in found.hops)
        return ((hop.start, hop.end) for hop in found.hops)


def _by_first_names(after: Mapping[str, Iterable[str]], names: Names) -> dict[str, list[str]]:
    """What each node leads to, all by their first names."""
    found: dict[str, set[str]] = {}
    for node, following in after.items():
        found.setdefault(names.first(node), set()).update(map(names.first, following))
    return {node: sorted(following) for node, following in found.items()}
