"""A walk along lineage, breadth-first by frontier, and an honest account of what was cut (design 3, domain 10 question 67).

Pure: a walk says which hops it needs next, takes them, and answers a graph once it needs none.

    walk = Walk(root, LineageDirection.BOTH, Budget(depth=3, first=200))
    while asks := walk.asks():
        walk.take([<the expansion of each ask, in their order>])
    walk.graph()

What is shown is the root and its neighbourhood in order of (depth, id), up to the budget, with all that flows between
the nodes shown on the ways that were walked. The last of them are asked as well, one hop past the depth: so it is known, not
guessed, whether there is more, and how much of it lies one hop away.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from catalog.errors import InvalidSelection
from catalog.model.words import Described
from catalog.selection import MAX_PAGE
from catalog.stores.port import Expansion, Hop
from catalog.urn import kind_of

__all__ = ["DEFAULT_DEPTH", "DEFAULT_FIRST", "MAX_DEPTH", "MAX_EDGES", "MAX_FIRST", "Ask", "Budget", "Completeness"]
__all__ += ["LineageCut", "LineageDirection", "LineageGraph", "Link", "Reached", "Walk"]

MAX_DEPTH = 20
DEFAULT_DEPTH = 3
MAX_FIRST = MAX_PAGE
"""Nodes of one answer: what a store reads the fields of in one page."""
DEFAULT_FIRST = 200
MAX_EDGES = 5_000
"""Edges that are looked at each way: five for each node of the largest answer."""


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
    EDGES = "EDGES", f"There are more edges one way than the {MAX_EDGES:,} that are looked at."
    NODES = "NODES", "Within `depth` hops there are more nodes than `first`; the nearest are shown."
    TIME = "TIME", "The time of the request ran short before everything was looked at."


@dataclass(frozen=True, slots=True)
class Budget:
    """How far a walk goes. Raises InvalidSelection out of bounds."""

    depth: int = DEFAULT_DEPTH
    """Hops from the root to the furthest node; 1 to MAX_DEPTH."""
    first: int = DEFAULT_FIRST
    """Nodes, the root among them; 1 to MAX_FIRST."""
    edges: int = MAX_EDGES
    """Edges that are looked at, each way."""

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
        return not kind_of(self.id)


class Link(NamedTuple):
    """An edge of the answer, by the ids of its ends: data flows from ``upstream`` to ``downstream``."""

    upstream: str
    downstream: str


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
    """Ids of the nodes shown from which there is more, or, past the edges or the time, may be; in the nodes' order."""

    @property
    def is_complete(self) -> bool:
        """Whether the answer is the whole lineage that the reader may know of, on the ways that were walked."""
        return not self.reasons


@dataclass(frozen=True, slots=True)
class LineageGraph:
    """The answer. Nodes are ordered by (depth, id), the root first; links by (upstream, downstream)."""

    root: str
    nodes: tuple[Reached, ...]
    links: tuple[Link, ...]
    completeness: Completeness


class Walk:
    """One walk: what it has found, and what it needs next."""

    def __init__(
        self,
        root: str,
        direction: LineageDirection,
        budget: Budget,
        *,
        begins: Mapping[LineageDirection, Sequence[str]] | None = None,
    ) -> None:
        """``begins`` are the nodes that each way begins at, where those are not the root: then it is no node itself."""
        both = (LineageDirection.UPSTREAM, LineageDirection.DOWNSTREAM)
        ways = both if direction is LineageDirection.BOTH else (direction,)
        first = {way: sorted(set((root,) if begins is None else begins[way])) for way in ways}
        self._ways = [_Way(way, budget.edges, first[way], set(first[way])) for way in ways]
        self._root = root
        self._budget = budget
        self._depth = 0
        self._shown = dict.fromkeys((id_ for ids in first.values() for id_ in ids), 0)
        self._late = False

    def asks(self) -> list[Ask]:
        """The hops that are needed next, one for each way at most; none: the walk has ended."""
        return [Ask(way.direction, tuple(way.frontier), way.room) for way in self._ways if way.frontier]

    def take(self, found: Sequence[Expansion]) -> None:
        """Take what the hops of ``asks`` brought, in their order."""
        asked = [way for way in self._ways if way.frontier]
        met = [way.take(expansion) for way, expansion in zip(asked, found, strict=True)]
        self._depth += 1
        if self._depth > self._budget.depth:
            return
        new = sorted(set[str]().union(*met) - self._shown.keys())
        self._shown |= dict.fromkeys(new[: self._budget.first - len(self._shown)], self._depth)
        for way, ids in zip(asked, met, strict=True):
            way.go_on(ids, self._shown)

    def stop(self) -> None:
        """End the walk where it stands: there is no time for what it still needs."""
        self._late = bool(self.asks())
        for way in self._ways:
            way.leave(way.frontier)

    def graph(self) -> LineageGraph:
        """The answer, once the walk has ended."""
        order = sorted(self._shown, key=lambda id_: (self._shown[id_], id_))
        nodes = tuple(Reached(id_, self._shown[id_], self._direction(id_)) for id_ in order)
        links = {way.link(hop) for way in self._ways for hop in way.hops if hop.end in self._shown}
        return LineageGraph(self._root, nodes, tuple(sorted(links)), self._completeness(nodes))

    def _direction(self, id_: str) -> LineageDirection:
        reached = [way.direction for way in self._ways if id_ in way.visited]
        return reached[0] if len(reached) == 1 else LineageDirection.BOTH

    def _completeness(self, nodes: Iterable[Reached]) -> Completeness:
        past = [(way, hop) for way in self._ways for hop in way.hops if hop.end not in way.visited]
        cut = {
            LineageCut.DEPTH: any(hop.end not in way.refused for way, hop in past),
            LineageCut.EDGES: any(way.cut for way in self._ways),
            LineageCut.NODES: any(way.refused for way in self._ways),
            LineageCut.TIME: self._late,
        }
        frontier = {hop.start for _, hop in past}.union(*(way.unasked for way in self._ways))
        return Completeness(
            tuple(reason for reason, holds in cut.items() if holds),
            len({hop.end for _, hop in past} - self._shown.keys()),
            sum(node.hidden for node in nodes),
            tuple(node.id for node in nodes if node.id in frontier),
        )


@dataclass(slots=True)
class _Way:
    """One direction of a walk."""

    direction: LineageDirection
    room: int
    """Edges that may still be looked at."""
    frontier: list[str]
    """Nodes to ask next, in order."""
    visited: set[str]
    """Nodes that are shown and were reached this way: each is asked once."""
    refused: set[str] = field(default_factory=set[str])
    """Nodes reached in depth, for which there was no room."""
    hops: list[Hop] = field(default_factory=list[Hop])
    unasked: set[str] = field(default_factory=set[str])
    """Nodes that are shown and were not asked, or not to the end."""
    cut: bool = False

    def take(self, found: Expansion) -> set[str]:
        """Note what the frontier leads to; answers the nodes that this way has not been at."""
        self.hops += found.hops
        self.room -= len(found.hops)
        if found.cut:
            # Hops come in the order of their starts: those from the last one on are not all there.
            self.cut = True
            begun = found.hops[-1].start if found.hops else ""
            self.unasked.update(id_ for id_ in self.frontier if id_ >= begun)
        self.frontier = []
        return {hop.end for hop in found.hops} - self.visited

    def go_on(self, met: set[str], shown: Iterable[str]) -> None:
        """Go on from those of the nodes just met that are shown."""
        admitted = met.intersection(shown)
        self.visited |= admitted
        self.refused |= met - admitted
        if self.cut:
            self.leave(admitted)
        else:
            self.frontier = sorted(admitted)

    def leave(self, ids: Iterable[str]) -> None:
        """Ask no more, though these nodes were to be asked."""
        self.unasked.update(ids)
        self.frontier = []

    def link(self, hop: Hop) -> Link:
        """The edge of a hop, turned the way that data flows."""
        return Link(hop.end, hop.start) if self.direction is LineageDirection.UPSTREAM else Link(hop.start, hop.end)
