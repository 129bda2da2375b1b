"""Closures, which end on cycles (domain 9, Shape of the graph), and components, for which one is worked out once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Protocol, TypeVar

__all__ = ["condense", "reach", "with_the_stream"]


class Edge(Protocol):
    """What leads from one node to another; several may."""

    @property
    def source(self) -> str: ...

    @property
    def target(self) -> str: ...


E_co = TypeVar("E_co", bound=Edge, covariant=True)


def with_the_stream(
    into: Mapping[str, Collection[E_co]], after: Mapping[str, Collection[E_co]]
) -> Iterator[tuple[str, ...]]:
    """The components of what edges lead to, and from, each after all that leads to its members.

    ``into`` and ``after`` are the edges by target and by source.
    """
    left = {node: len(edges) for node, edges in into.items()}
    done = [node for node in after if node not in left]
    for node in done:
        yield (node,)
        for edge in after.get(node, ()):
            target = edge.target
            left[target] -= 1
            if not left[target]:
                done.append(target)
    rest = {node: {edge.source for edge in into[node]} for node, count in left.items() if count}
    yield from condense(rest, {node: before.intersection(rest) for node, before in rest.items()})


def condense(nodes: Iterable[str], after: Mapping[str, Iterable[str]]) -> Iterator[tuple[str, ...]]:
    """The components, each after all that its members lead to. Every edge is walked once, without recursion.

    What leads to no cycle is taken from its end on (Kahn), the rest is walked (Tarjan), which takes several times as long.
    """
    left = {node: len(set(after.get(node, ()))) for node in nodes}
    before: dict[str, list[str]] = {}
    for node in left:
        for following in set(after.get(node, ())):
            before.setdefault(following, []).append(node)
    done = [following for following in before if following not in left]
    done += [node for node, count in left.items() if not count]
    for node in done:
        yield (node,)
        for each in before.get(node, ()):
            left[each] -= 1
            if not left[each]:
                done.append(each)
    walk = _Walk(after, done)
    for start in left:
        if start not in walk.place:
            yield from walk.from_(start)


def reach(starts: Iterable[str], after: Mapping[str, Collection[str]]) -> set[str]:
    """What some nodes lead to, over any number of edges, and they themselves."""
    found = set(starts)
    waiting = list(found)
    while waiting:
        for following in after.get(waiting.pop(), ()):
            if following not in found:
                found.add(following)
                waiting.append(following)
    return found


class _Walk:
    """A walk depth first, with what it has met."""

    def __init__(self, after: Mapping[str, Iterable[str]], done: Iterable[str]) -> None:
        self._done = set(done)
        self.place = dict.fromkeys(self._done, 0)
        """The number of each node, in the order in which they were met; 0 of those that were done before."""
        self._after = after
        self._lowest: dict[str, int] = {}
        self._way: list[str] = []
        self._rests: list[tuple[str, Iterator[str]]] = []

    def from_(self, start: str) -> Iterator[tuple[str, ...]]:
        """The components that a node leads to, its own last."""
        self._enter(start)
        while self._rests:
            node, rest = self._rests[-1]
            following = next(rest, None)
            if following is None:
                self._rests.pop()
                if self._rests:
                    self._lower(self._rests[-1][0], self._lowest[node])
                if self._lowest[node] == self.place[node]:
                    yield self._close(node)
            elif following not in self.place:
                self._enter(following)
            elif following not in self._done:
                self._lower(node, self.place[following])

    def _enter(self, node: str) -> None:
        self.place[node] = self._lowest[node] = len(self.place)
        self._way.append(node)
        self._rests.append((node, iter(self._after.get(node, ()))))

    def _lower(self, node: str, place: int) -> None:
        self._lowest[node] = min(self._lowest[node], place)

    def _close(self, node: str) -> tuple[str, ...]:
        """Take the component that ends with this node off the way."""
        members = [self._way.pop()]
        while members[-1] != node:
            members.append(self._way.pop())
        self._done.update(members)
        return tuple(members)
