"""A flow network over datasets, each flow of capacity one (9.2 F5)."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Mapping

from lineage.audit.condense import condense, reach

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
        pairs = {pair for every in edges.values() for pair in every}
        for each in {source for source, _ in pairs}.intersection(protected):
            self._join(_SOURCE, f"d:{each}", _MANY)
        for each in {target for _, target in pairs}.intersection(open_):
            self._join(f"i:{each}" if each in both else f"d:{each}", _SINK, _MANY)
        for flow, every in edges.items():
            self._join(f"f:{flow}", f"g:{flow}", 1)
            for source, target in every:
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

    def first_cut(self) -> list[str]:
        """Of the minimum cuts the first by the ids of its flows.

        A minimum cut is a set of nodes that holds the source and all that has room from what it holds. So a full flow is in
        some cut with those taken before where its beginning may be held and its end need not be: they are of two components.
        """
        room = {node: [each for each, free in around.items() if free > 0] for node, around in self._room.items()}
        back: dict[str, list[str]] = defaultdict(list)
        for node, ahead in room.items():
            for each in ahead:
                back[each].append(node)
        component = {node: number for number, nodes in enumerate(condense(room, room)) for node in nodes}
        held, kept_out = reach((_SOURCE,), room), reach((_SINK,), back)
        cut: list[str] = []
        for flow in sorted(node.removeprefix("f:") for node in self._room if node.startswith("f:")):
            into, out = f"f:{flow}", f"g:{flow}"
            full = not self._room[into][out] and component[into] != component[out]
            if full and into not in kept_out and out not in held:
                cut.append(flow)
                held |= reach((into,), room)
                kept_out |= reach((out,), back)
        return cut
