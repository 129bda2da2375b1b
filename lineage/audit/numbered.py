"""Sets as integers: each thing has a number, and a set is the integer of which those bits are set.

Of thousands of sets of some hundred things each one is an object, and to join two or to meet them is one operation.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

__all__ = ["Numbered"]

Thing = TypeVar("Thing", bound=Hashable)


class Numbered(Generic[Thing]):
    """Things with their numbers, in the order in which they were asked for."""

    def __init__(self) -> None:
        self._bits: dict[Thing, int] = {}
        self._things: list[Thing] = []

    def __len__(self) -> int:
        """How many have a number."""
        return len(self._things)

    def bit(self, thing: Thing) -> int:
        """The set of this thing alone."""
        found = self._bits.get(thing)
        if found is None:
            found = self._bits[thing] = 1 << len(self._things)
            self._things.append(thing)
        return found

    def bits(self, things: Iterable[Thing]) -> int:
        """The set of these things."""
        found = 0
        for each in things:
            found |= self.bit(each)
        return found

    def after(self, number: int) -> list[Thing]:
        """The things of this number and those after it, in order."""
        return self._things[number:]

    def things(self, bits: int) -> list[Thing]:
        """What is in a set, by number."""
        found: list[Thing] = []
        while bits:
            lowest = bits & -bits
            found.append(self._things[lowest.bit_length() - 1])
            bits ^= lowest
        return found
