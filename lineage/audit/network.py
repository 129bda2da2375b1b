"""A flow network over datasets, each flow of capacity one (9.2 F5)."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Mapping

__all__ = ["Network"]

_SOURCE, _SINK = "+", "-"
_MANY = 1 << 60


class Network:
    """The network with its greatest flow, from protected datasets to open ones.

    A dataset that is both is two nodes, one that data leaves and one that it comes to: what passes it has leaked already.
    """

    def __init__(
        self, edges: Mapping[str, Iterable[tuple[str, str]]], protected: Collection[str], open_: Collection[str]
    ) -> None:
        self._room: dict[str, dict[str, int]] = defaultdict(dict)
        both = set(protected) & set(open_)
        for each in protected:
            self._join(_SOURCE, f"d:{each}", _MANY)
        for each in open_:
            self._join(f"i:{each}" if each in both else f"d:{each}", _SINK, _MANY)
        for flow, pairs in edges.items():
            self._join(f"f:{flow}", f"g:{flow}", 1)
            for source, target in pairs:
                self._join(f"d:{source}", f"f:{flow}", _MANY)
                self._join(f"g:{flow}", f"i:{target}" if target in both else f"d:{target}", _MANY)
        self.width = 0
        """How many flows at least must be cut."""
        while self._widen():
            self.width += 1

    def _join(self, one: str, other: str, room: int) -> None:
        self._room[one][other] = room
        self._room[other].setdefault(one, 0)

    def _reached(self, start: str, end: str) -> dict[str, str]:
        """What has room from a node on, until the end is reached, each with where it was reached from."""
        came = {start: start}
        waiting = deque((start,))
        while waiting and end not in came:
            here = waiting.popleft()
            for following, room in self._room[here].items():
                if room > 0 and following not in came:
                    came[following] = here
                    waiting.append(following)
        return came

    def _widen(self) -> bool:
        """Lead one more through, where there is a way."""
        came = self._reached(_SOURCE, _SINK)
        if _SINK not in came:
            return False
        here = _SINK
        while here != _SOURCE:
            before = came[here]
            self._room[before][here] -= 1
            self._room[here][before] += 1
            here = before
        return True

    def is_cut(self, flow: str) -> bool:
        """Whether the flow lies in some minimum cut: it is full, and there is no way round it."""
        into, out = f"f:{flow}", f"g:{flow}"
        return self._room[into][out] == 0 and out not in self._reached(into, out)
