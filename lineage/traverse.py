"""A walk along lineage, breadth-first by frontier, and an honest account of what was cut (design 3, domain 10 question 67).

Pure: a walk says which hops it needs next, takes them, and answers a graph once it needs none.

    walk = Walk(root, LineageDirection.BOTH, Budget(depth=3, first=200))
    while asks := walk.asks():
        walk.take([<the expansion of each ask, in their order>])
    walk.graph()

What is shown is the root and its neighbourhood in order of (depth, id), up to the budget, with all that flows between
the nodes shown on the ways that were walked. The last of them are asked as well, one hop past the depth: so it is known, not
guessed, whether there is more, and how much of it lies one hop away.

Steps of no length lead between the names of what is one (domain 9.2 E11): those stand at one depth, and each is walked from. They
come with the hop that leads to any of them; those of where the walk begins, with its first, and where there are any, the depth
of the root is asked once more.

What an answer leaves out can be asked for: a walk may go on ``after`` the place where an earlier one ended. It goes over the
same ground first, a few hops for as many round trips; so depths, ways and the order are those of the whole graph, no node comes
twice, and nothing but the place is to be kept between the two.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, groupby
from operator import itemgetter
from typing import NamedTuple

from catalog.errors import InvalidSelection
from catalog.model.words import Described
from catalog.selection import MAX_PAGE
from catalog.stores.port import Expansion, Hop
from catalog.urn import is_urn
from lineage.way import Way, way_of

__all__ = ["DEFAULT_DEPTH", "DEFAULT_FIRST", "MAX_DEPTH", "MAX_EDGES", "MAX_FIRST", "MAX_REACH", "MAX_WALKED", "Ask"]
__all__ += ["Budget", "Completeness"]
__all__ += ["LineageCut", "LineageDirection", "LineageGraph", "Link", "Place", "Reached", "Same", "Walk"]

MAX_DEPTH = 20
DEFAULT_DEPTH = 3
MAX_FIRST = MAX_PAGE
"""Nodes of one answer: what a store reads the fields of in one page."""
DEFAULT_FIRST = 200
MAX_EDGES = 5_000
"""Edges that are looked at each way: five for each node of the largest answer."""
MAX_REACH = 100
"""Hops from the root to the furthest node, however often a walk goes on."""
_ONWARD = 10
"""How many times as much a walk that goes on may go over."""
MAX_WALKED = _ONWARD * MAX_FIRST
"""Nodes that all answers of one lineage hold together."""


_AFTER = "~"
"""What begins with it stands after all ids: they are ASCII without it at their beginning."""


class LineageDirection(Described):
    """Which way lineage is walked, seen from where the walk begins."""

    UPSTREAM = "UPSTREAM", "To where its data comes from, hop by hop against the flow."
    DOWNSTREAM = "DOWNSTREAM", "To where its data goes, hop by hop with the flow."
    BOTH = (
        "BOTH",
        "Each of the two on its own. What only shares a source or a use with it is no lineage of it, and not reached.",
    )


class LineageCut(Described):
    """Why an answer about lineage is not the whole of it."""

    DEPTH = "DEPTH", "There is more past `depth` hops."
    EDGES = (
        "EDGES",
        f"There are more edges one way than the {MAX_EDGES:,} that are looked at; {_ONWARD} times as many with `after`.",
    )
    FILTER = (
        "FILTER",
        "Nodes did not pass `filter`: they are left out, and with them what is reached through them only.",
    )
    NODES = (
        "NODES",
        f"Within `depth` hops there are more nodes than `first`, or than {MAX_WALKED:,} in all; the nearest are shown.",
    )
    TIME = "TIME", "The time of the request ran short before everything was looked at."


@dataclass(frozen=True, slots=True)
class Budget:
    """How far a walk goes. Raises InvalidSelection out of bounds."""

    depth: int = DEFAULT_DEPTH
    """Hops to the furthest node from the root, or from the depth of the place after which the walk goes on; 1 to MAX_DEPTH."""
    first: int = DEFAULT_FIRST
    """Nodes, the root among them; 1 to MAX_FIRST. Those that were shown before do not count."""
    edges: int = MAX_EDGES
    """Edges that are looked at, each way."""
    walked: int = MAX_WALKED
    """Nodes, those that were shown before among them."""

    def __post_init__(self) -> None:
        """Check the bounds."""
        for name, found, most in (("depth", self.depth, MAX_DEPTH), ("first", self.first, MAX_FIRST)):
            if not 1 <= found <= most:
                raise InvalidSelection(f"'{name}' is {found}: lineage takes 1 to {most}; go on from the frontier")


class Ask(NamedTuple):
    """One hop that a walk needs: every edge from these nodes that leads this way, up to so many."""

    direction: LineageDirection
    frontier: tuple[str, ...]
    limit: int
    begins: bool = False
    """Whether it is the first, which asks for the other names of its nodes as well."""


class Place(NamedTuple):
    """A place in the order of nodes: after the one of this depth and id, or after all of this depth."""

    depth: int
    id: str = "\U0010ffff"


class Reached(NamedTuple):
    """A node of the answer."""

    id: str
    """Its URN, or the opaque id of one that the reader may not see."""
    depth: int
    """Hops from the root by the shortest way."""
    direction: LineageDirection
    """The way that led to it; BOTH where each did, as it does on a cycle, and for the root where both were walked."""

    @property
    def hidden(self) -> bool:
        """Whether it stands for what the reader may not see."""
        return not is_urn(self.id)


class Link(NamedTuple):
    """An edge of the answer, by the ids of its ends: data flows from ``upstream`` to ``downstream``."""

    upstream: str
    downstream: str
    depth: int
    """How many hops from the root it is walked: one more than the nearer of its ends."""
    flows: int = 1
    """How many edges of the graph it stands for: one, unless nodes are put together."""


_link: Callable[[tuple[str, str, int, int]], Link] = partial(
    tuple.__new__,  # pyright: ignore[reportUnknownMemberType] - of a tuple of anything
    Link,
)
"""What the class does, at two thirds of the time: a large answer makes a hundred thousand."""
_START = itemgetter(0)


class Same(NamedTuple):
    """Two nodes of the answer that are one under two names, and are said to be: ``one`` is the first by id."""

    one: str
    other: str


@dataclass(frozen=True, slots=True)
class Completeness:
    """What an answer leaves out."""

    reasons: tuple[LineageCut, ...]
    """In the order of the alphabet; empty where nothing was cut."""
    omitted_nodes: int
    """Nodes that the walk met and does not show. There may be more behind them."""
    hidden_nodes: int
    """Nodes shown as an opaque id only."""
    frontier: tuple[str, ...]
    """Ids of the nodes from which there is more, or, past the edges or the time, may be; in order of (depth, id)."""
    filtered_nodes: int = 0
    """Nodes that the walk met and left out since they did not pass the filter. What is behind them was not looked at."""
    end: Place | None = None
    """Where another walk goes on: of all nodes up to there none is missing. None where there is no more, or no way on."""

    @property
    def is_complete(self) -> bool:
        """Whether the answer is the whole lineage that the reader may know of, on the ways that were walked."""
        return not self.reasons


@dataclass(frozen=True, slots=True)
class LineageGraph:
    """The answer. Nodes are ordered by (depth, id), the root first; links by (upstream, downstream), ``same`` by (one, other)."""

    root: str
    nodes: tuple[Reached, ...]
    links: tuple[Link, ...]
    completeness: Completeness
    same: tuple[Same, ...] = ()


class Walk:
    """One walk: what it has found, and what it needs next.

    It begins at the root, or at those nodes of each way that stand for it, all at depth 0: then it is no node itself. It goes
    on ``after`` a place where an earlier one ended. Hops of no pairs lead to what does not pass the filter: it is left out, and counted.
    """

    def __init__(
        self,
        root: str,
        direction: LineageDirection,
        budget: Budget,
        *,
        begins: Mapping[LineageDirection, Sequence[str]] | None = None,
        after: Place | None = None,
    ) -> None:
        both = (LineageDirection.UPSTREAM, LineageDirection.DOWNSTREAM)
        ways = both if direction is LineageDirection.BOTH else (direction,)
        edges = budget.edges if after is None else budget.edges * _ONWARD
        self._root = root
        self._budget = budget
        self._begins = after is None
        self._after = Place(-1, "") if after is None else after
        self._last = min((0 if after is None else after.depth) + budget.depth, MAX_REACH)
        first = {way: {root} if begins is None else set(begins[way]) for way in ways}
        self._first = frozenset(set[str]().union(*first.values()))
        self._depth = 0
        self._sure = 0
        """Depth up to which no node is missing, but for those that there was no room for."""
        self._full_at: int | None = None
        """Depth of the first that there was no room for."""
        self._known: dict[str, int] = {}
        """Nodes of this answer and of those before, with their depths."""
        self._room = budget.first
        self._late = False
        self._asked = False
        self._admit(sorted(self._first))
        self._ways = [way_of(way, edges, ids, self._known) for way, ids in first.items()]

    def asks(self) -> list[Ask]:
        """The hops that are needed next, one for each way at most; none: the walk has ended."""
        begins = not self._asked
        return [Ask(way.direction, tuple(way.frontier), way.room, begins) for way in self._ways if way.frontier]

    def take(self, found: Sequence[Expansion]) -> None:
        """Take what the hops of ``asks`` brought, in their order."""
        asked = [way for way in self._ways if way.frontier]
        for way, expansion in zip(asked, found, strict=True):
            way.take(expansion)
        if self._asked:
            self._go_on()
            return
        self._asked = True
        if any(expansion.same_cut for expansion in found):
            self._sure = -1
        if not self._has_begun_anew():
            self._go_on()

    def _has_begun_anew(self) -> bool:
        """Whether what the walk begins at has other names, from which it is to go as well before it goes on."""
        names = [way.other_names() for way in self._ways]
        self._admit(sorted(set[str]().union(*names) - self._known.keys()))
        for way, ids in zip(self._ways, names, strict=True):
            way.begin_anew(ids, self._known)
        return any(way.frontier for way in self._ways)

    def _go_on(self) -> None:
        """Go on a hop further, to what was met."""
        met = [way.met - way.visited.keys() for way in self._ways]
        self._depth += 1
        if not any(way.cut for way in self._ways):
            self._sure = self._depth
        if self._depth > self._last:
            return
        self._admit(sorted(set[str]().union(*met) - self._known.keys()))
        for way, ids in zip(self._ways, met, strict=True):
            way.go_on(ids, self._known, self._depth)

    def stop(self) -> None:
        """End the walk where it stands: there is no time for what it still needs."""
        self._late = bool(self.asks())
        for way in self._ways:
            way.leave(way.frontier)
        if any(way.met for way in self._ways):
            self._go_on()
            for way in self._ways:
                way.leave(way.frontier)

    def graph(self) -> LineageGraph:
        """The answer, once the walk has ended."""
        # Nodes were taken in by depth, those of one depth by id.
        shown = [id_ for id_ in self._known if self._begins or self._place(id_) > self._after]
        nodes = tuple(Reached(id_, self._known[id_], self._direction(id_)) for id_ in shown)
        completeness = self._completeness(nodes)
        return LineageGraph(self._root, nodes, self._links(), completeness, tuple(self._same()))

    def _links(self) -> tuple[Link, ...]:
        """The edges of the answer, in order. Sorted end by end, since ids are long and begin alike."""
        known = self._known
        links: dict[str, list[Link]] = defaultdict(list)
        """By their tails."""
        for way in self._ways:
            hops = (
                way.hops
                if self._begins
                else [hop for hop in way.hops if hop.end in known and self._comes_now(way, hop)]
            )
            if way.direction is LineageDirection.UPSTREAM:
                for start, tail, pairs in hops:
                    if pairs and tail in known:
                        links[tail].append(_link((tail, start, 1 + min(known[tail], known[start]), pairs)))
                continue
            for tail, group in groupby(hops, _START):
                depth = known[tail]
                links[tail] += [
                    _link((tail, head, 1 + min(depth, known[head]), pairs))
                    for _, head, pairs in group
                    if pairs and head in known
                ]
        if len(self._ways) > 1:
            # What is on a cycle is met both ways.
            links = {tail: list(set(found)) for tail, found in links.items()}
        return tuple(chain.from_iterable(sorted(links[tail]) for tail in sorted(links)))

    def _same(self) -> Iterator[Same]:
        """The steps between the names of what is one, in order."""
        found = {Same(*sorted(hop[:2])) for way in self._ways for hop in way.same if hop.pairs}
        for each in sorted(found):
            shown = each.one in self._known and each.other in self._known
            if shown and (self._begins or max(map(self._place, each)) > self._after):
                yield each

    def _admit(self, new: Sequence[str]) -> None:
        """Take in those of the nodes just met for which there is room, and those that were shown before."""
        before: Sequence[str] = ()
        if not self._begins:
            before = [id_ for id_ in new if self._place(id_) <= self._after]
            new = [id_ for id_ in new if self._place(id_) > self._after]
        rest = new[: self._room]
        self._room -= len(rest)
        admitted = [*before, *rest][: self._budget.walked - len(self._known)]
        if len(admitted) < len(before) + len(new) and self._full_at is None:
            self._full_at = self._depth
        self._known |= dict.fromkeys(admitted, self._depth)

    def _end(self) -> Place | None:
        """The place up to which no node is missing; None where that is no further than the last."""
        sure = min(self._sure, self._last)
        end = Place(sure)
        if self._full_at is not None and self._full_at <= sure:
            end = max(self._place(id_) for id_, depth in self._known.items() if depth <= self._full_at)
        return end if end.depth >= 0 and end > self._after else None

    def _place(self, id_: str) -> Place:
        """The place of a node that is known, or is met just now; other names of where the walk begins come after that."""
        return self._placed(self._known.get(id_, self._depth), id_)

    def _placed(self, depth: int, id_: str) -> Place:
        """The same of a node of this depth."""
        return Place(depth, id_ if depth or id_ in self._first else f"{_AFTER}{id_}")

    def _comes_now(self, way: Way, hop: Hop) -> bool:
        """Whether an edge belongs to this answer: to the one in which its way has come to both of its ends."""
        begun = self._placed(way.visited[hop.start], hop.start)
        return max(begun, self._place(hop.end)) > self._after

    def _direction(self, id_: str) -> LineageDirection:
        one, other = self._ways[0], self._ways[-1]
        if id_ in one.visited:
            return LineageDirection.BOTH if other is not one and id_ in other.visited else one.direction
        return other.direction if id_ in other.visited else LineageDirection.BOTH

    def _completeness(self, nodes: Sequence[Reached]) -> Completeness:
        past: set[str] = set()
        left: set[str] = set()
        frontier: set[str] = set()
        is_deeper = False
        for way in self._ways:
            steps = list(way.steps())
            left |= way.barred.union(end for _, end, pairs in steps if not pairs)
            beyond = way.passed.union(end for _, end, pairs in steps if pairs) - way.visited.keys()
            if beyond:
                frontier |= {start for start, end, pairs in chain(way.hops, steps) if pairs and end in beyond}
            is_deeper |= not beyond <= way.refused
            past |= beyond
            frontier |= way.unasked
        cut = {
            LineageCut.DEPTH: is_deeper,
            LineageCut.EDGES: any(way.cut for way in self._ways),
            LineageCut.FILTER: bool(left),
            LineageCut.NODES: any(way.refused for way in self._ways),
            LineageCut.TIME: self._late,
        }
        return Completeness(
            tuple(reason for reason, holds in cut.items() if holds),
            len(past - self._known.keys()),
            sum(node.hidden for node in nodes),
            tuple(id_ for id_ in self._known if id_ in frontier),
            len(left - self._known.keys()),
            self._end() if frontier or self._full_at is not None else None,
        )
