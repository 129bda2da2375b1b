"""Simple paths of a small graph, one after the other: the shortest first, those of one length by the ids along them.

Best-first over beginnings of paths. A beginning is kept only with the exact length of the shortest path that it begins,
so each that is taken up leads to a path: the work for so many paths grows with their lengths and with the graph, not
with how many paths there are, and no cycle leads it astray. Pure; the steps that it may take are told, and counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from heapq import heappop, heappush

__all__ = ["SimplePaths"]

_Path = tuple[str, ...]


class SimplePaths(Iterator[_Path]):
    """The paths from ``start`` to ``end`` that meet no node twice, of at most ``longest`` hops.

    ``after`` says what each node leads to, in order; self-loops do no harm. From a node to itself there is one path, of
    no hop.
    """

    def __init__(self, after: Mapping[str, Sequence[str]], start: str, end: str, longest: int, steps: int) -> None:
        self.length = 0
        """Hops of the path that came last, or where ``spent``, was looked for last: of all shorter ones none is missing."""
        self.longer = False
        """Whether there is a path of more than ``longest`` hops; known for sure once no path is left."""
        self._end = end
        self._longest = longest
        self._left = steps
        self._hops, self._nearer = _distances(after, end)
        # What does not lead to the end begins no path.
        self._after = {node: [each for each in after.get(node, ()) if each in self._hops] for node in self._hops}
        self._open: list[tuple[int, _Path]] = []
        if start in self._hops:
            self._open_up(self._hops[start], (start,))

    @property
    def spent(self) -> bool:
        """Whether it ended since it had taken all of its steps."""
        return self._left < 0

    def spend(self, steps: int) -> None:
        """Count steps that were taken on account of the path that came last."""
        self._left -= steps

    def __next__(self) -> _Path:
        """The next path."""
        while self._open and not self.spent:
            self.length, path = heappop(self._open)
            if path[-1] == self._end:
                return path
            met = frozenset(path)
            for node in self._after[path[-1]]:
                far = None if node in met else self._far(node, met)
                if far is not None:
                    self._open_up(len(path) + far, (*path, node))
        raise StopIteration

    def _open_up(self, length: int, path: _Path) -> None:
        """Keep a beginning of paths, of which the shortest has so many hops."""
        self._left -= len(path)
        if length > self._longest:
            self.longer = True
        else:
            heappush(self._open, (length, path))

    def _far(self, node: str, met: frozenset[str]) -> int | None:
        """Hops from a node to the end without meeting any of these; None where there is no way."""
        at = node
        while at != self._end and at not in met:
            at = self._nearer[at]
            self._left -= 1
        return self._hops[node] if at == self._end else self._around(node, met)

    def _around(self, node: str, met: frozenset[str]) -> int | None:
        """The same by a search, where the nearest way is blocked."""
        seen, level, far = {*met, node}, [node], 0
        while level and self._left >= 0:
            following: list[str] = []
            far += 1
            for each in level:
                self._left -= len(self._after[each])
                following += [found for found in self._after[each] if found not in seen]
                seen.update(following)
            if self._end in seen:
                return far
            level = following
        return None


def _distances(after: Mapping[str, Sequence[str]], end: str) -> tuple[dict[str, int], dict[str, str]]:
    """Of each node that leads to the end how far it is, and the first node of a nearest way."""
    before: dict[str, list[str]] = {}
    for node, following in after.items():
        for each in following:
            before.setdefault(each, []).append(node)
    hops, nearer = {end: 0}, dict[str, str]()
    level = [end]
    while level:
        further: list[str] = []
        for each in level:
            for node in before.get(each, ()):
                if node not in hops:
                    hops[node], nearer[node] = hops[each] + 1, each
                    further.append(node)
        level = further
    return hops, nearer
