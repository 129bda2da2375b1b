"""Ways that lead back to where they began."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

__all__ = ["cycles", "on_cycles"]

Pair = tuple[str, str]


def on_cycles(pairs: Iterable[Pair]) -> set[Pair]:
    """The (tail, head) that may lie on a cycle: what remains when those that lead nowhere on are taken away."""
    left = set(pairs)
    while True:
        tails, heads = {tail for tail, _ in left}, {head for _, head in left}
        kept = {(tail, head) for tail, head in left if head in tails and tail in heads}
        if len(kept) == len(left):
            return kept
        left = kept


def cycles(pairs: Iterable[Pair]) -> list[list[str]]:
    """Cycles of a graph, each from its smallest member on: one at least wherever there are any, not all there are.

    Every edge is walked once, without recursion: a hierarchy may be deep.
    """
    heads: dict[str, list[str]] = defaultdict(list)
    for tail, head in sorted(pairs):
        heads[tail].append(head)
    found: list[list[str]] = []
    done: set[str] = set()
    for start in sorted(heads):
        if start not in done:
            _walk(start, heads, done, found)
    return found


def _walk(start: str, heads: dict[str, list[str]], done: set[str], found: list[list[str]]) -> None:
    """Walk depth first from a node; an edge that leads back onto the way closes a cycle."""
    way = [start]
    place = {start: 0}
    rests: list[Iterator[str]] = [iter(heads[start])]
    while rests:
        following = next(rests[-1], None)
        if following is None:
            rests.pop()
            left = way.pop()
            del place[left]
            done.add(left)
        elif following in place:
            cycle = way[place[following] :]
            first = cycle.index(min(cycle))
            found.append(cycle[first:] + cycle[:first])
        elif following not in done:
            place[following] = len(way)
            way.append(following)
            rests.append(iter(heads.get(following, ())))
