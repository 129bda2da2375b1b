"""Strongly connected components, so that a closure is worked out once for each and ends on cycles (domain 9, Shape)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

__all__ = ["condense"]


def condense(nodes: Iterable[str], after: Mapping[str, Iterable[str]]) -> Iterator[tuple[str, ...]]:
    """The components, each after all that its members lead to. Every edge is walked once, without recursion (Tarjan)."""
    walk = _Walk(after)
    for start in nodes:
        if start not in walk.place:
            yield from walk.from_(start)


class _Walk:
    """A walk depth first, with what it has met."""

    def __init__(self, after: Mapping[str, Iterable[str]]) -> None:
        self.place: dict[str, int] = {}
        """The number of each node, in the order in which they were met."""
        self._after = after
        self._lowest: dict[str, int] = {}
        self._way: list[str] = []
        self._rests: list[tuple[str, Iterator[str]]] = []
        self._done: set[str] = set()

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
