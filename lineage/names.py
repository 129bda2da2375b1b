"""What is one under several names (domain 9.2 E11): which name comes first, and ways from name to name. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from heapq import heappop, heappush

from catalog.stores.port import Hop

__all__ = ["Names", "under_all_names"]


class Names:
    """The names of some nodes: pairs of which the two are one."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._others: dict[str, set[str]] = defaultdict(set)
        for one, other in pairs:
            self._others[one].add(other)
            self._others[other].add(one)
        self._first: dict[str, str] = {}
        # The first name of what is one is met first.
        for name in sorted(self._others):
            if name not in self._first:
                self._first |= dict.fromkeys(self._all(name), name)

    def __bool__(self) -> bool:
        """Whether there are two names of anything."""
        return bool(self._first)

    def first(self, name: str) -> str:
        """The first of the names of what goes by one: itself, where it has no other."""
        return self._first.get(name, name)

    def others(self) -> dict[str, str]:
        """Each name that is not the first of what goes by it, with that one."""
        return {name: first for name, first in self._first.items() if name != first}

    def spelled(
        self, path: Sequence[str], start: str, end: str, after: Mapping[str, Collection[str]]
    ) -> tuple[tuple[str, ...], int]:
        """A path by first names under those names by which data flows, and how many steps were looked at.

        ``after`` says what each name leads to. Where a path comes in by one name and goes on by another, both stand in it, and
        those between which it is said that they are one: as few as may be, and of as few the first in order.
        """
        seen: set[tuple[int, str]] = set()
        left: list[tuple[int, tuple[str, ...], int]] = [(1, (start,), 0)]
        steps = 0
        while left:
            length, names, at = heappop(left)
            name = names[-1]
            if (at, name) == (len(path) - 1, end):
                return names, steps
            if (at, name) in seen:
                continue
            seen.add((at, name))
            following = path[at + 1] if at + 1 < len(path) else None
            more = [(other, at) for other in self._others.get(name, ())]
            more += [(other, at + 1) for other in after.get(name, ()) if self.first(other) == following]
            steps += len(names) + len(more)
            for other, place in more:
                heappush(left, (length + 1, (*names, other), place))
        raise LookupError("no such path leads from name to name")

    def _all(self, name: str) -> set[str]:
        found, left = {name}, [name]
        while left:
            more = self._others[left.pop()] - found
            found |= more
            left += more
        return found


def under_all_names(ids: Iterable[str], steps: Sequence[Hop]) -> set[str]:
    """Some nodes and all that is one with them by steps of no length, as far as it passes the filter."""
    found = set(ids)
    if not steps:
        return found
    after: dict[str, list[str]] = defaultdict(list)
    for start, end, pairs in steps:
        if pairs:
            after[start].append(end)
    left = [id_ for id_ in after if id_ in found]
    while left:
        more = [id_ for id_ in after.get(left.pop(), ()) if id_ not in found]
        found.update(more)
        left += more
    return found
