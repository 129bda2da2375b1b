"""One direction of a walk along lineage: what it has met, and what it asks next. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING

from catalog.stores.port import Expansion, Hop
from lineage.names import under_all_names

if TYPE_CHECKING:
    from lineage.traverse import LineageDirection

__all__ = ["Way", "way_of"]

_END, _PAIRS = itemgetter(1), itemgetter(2)


@dataclass(slots=True)
class Way:
    """One direction of a walk."""

    direction: LineageDirection
    room: int
    """Edges that may still be looked at."""
    frontier: list[str]
    """Nodes to ask next, in order."""
    visited: dict[str, int]
    """Nodes that are shown and were reached this way, with the hops that it took: each is asked once."""
    refused: set[str] = field(default_factory=set[str])
    """Nodes reached in depth, for which there was no room."""
    hops: list[Hop] = field(default_factory=list[Hop])
    same: list[Hop] = field(default_factory=list[Hop])
    """The steps of no length, both ways."""
    met: set[str] = field(default_factory=set[str])
    """Nodes that the hops of the depth lead to and that pass the filter, under all names."""
    passed: set[str] = field(default_factory=set[str])
    """All nodes that hops lead to and that pass the filter."""
    barred: set[str] = field(default_factory=set[str])
    """Those that do not."""
    unasked: set[str] = field(default_factory=set[str])
    """Nodes that are shown and were not asked, or not to the end."""
    cut: bool = False

    def take(self, found: Expansion) -> None:
        """Note what the frontier leads to."""
        self.hops += found.hops
        self.same += found.same
        self.room = max(0, self.room - len(found.hops) - len(found.same))
        if found.cut or found.same_cut:
            # Hops come in the order of their starts: those from the last one on are not all there.
            self.cut = True
            begin = found.hops[-1].start if found.hops and not found.same_cut else ""
            self.unasked.update(id_ for id_ in self.frontier if id_ >= begin)
        passing = found.hops
        if not all(map(_PAIRS, passing)):
            self.barred |= {hop.end for hop in passing if not hop.pairs}
            passing = [hop for hop in passing if hop.pairs]
        met = set(map(_END, passing))
        self.passed |= met
        self.met = self.met | met if self.met else met
        if found.same:
            self.met = under_all_names(self.met, found.same)
        self.frontier = []

    def other_names(self) -> set[str]:
        """Of the nodes at which it has been, those names at which it has not."""
        return under_all_names(self.visited, self.same) - self.visited.keys() if self.same else set()

    def begin_anew(self, names: set[str], shown: Iterable[str]) -> None:
        """Ask other names of where it begins as well, as far as they are shown."""
        admitted = names.intersection(shown)
        self.visited |= dict.fromkeys(admitted, 0)
        self.refused |= names - admitted
        if self.cut:
            self.leave(admitted)
        else:
            self.frontier = sorted(admitted)

    def steps(self) -> Iterator[Hop]:
        """The steps of no length from the nodes that are shown."""
        return (hop for hop in self.same if hop.start in self.visited)

    def go_on(self, met: set[str], shown: Iterable[str], depth: int) -> None:
        """Go on from those of the nodes just met, so many hops away, that are shown."""
        self.met = set()
        admitted = met.intersection(shown)
        self.visited |= dict.fromkeys(admitted, depth)
        self.refused |= met - admitted
        if self.cut:
            self.leave(admitted)
        else:
            self.frontier = sorted(admitted)

    def leave(self, ids: Iterable[str]) -> None:
        """Ask no more, though these nodes were to be asked."""
        self.unasked.update(ids)
        self.frontier = []


def way_of(direction: LineageDirection, edges: int, first: set[str], known: Mapping[str, int]) -> Way:
    """A way that begins at these nodes, as far as they are known."""
    begun = {id_: 0 for id_ in sorted(first) if id_ in known}
    return Way(direction, edges, list(begun), begun, first - known.keys())
