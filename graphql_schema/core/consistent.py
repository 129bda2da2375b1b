"""Whether what a client proposes can be so: days in their order, and one word on each thing. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from datetime import date
from typing import Any

from catalog.errors import InvalidSelection

__all__ = ["OneEach", "check_days"]


class OneEach:
    """What a list says of each thing: the same twice is once, and another word on it is refused."""

    def __init__(self, verb: str, remedy: str) -> None:
        self._verb, self._remedy = verb, remedy
        self._said: dict[Hashable, tuple[object, str, str]] = {}

    def add(self, about: Hashable, said: object, place: str, thing: str, words: str) -> None:
        """Take in what is said at a place; ``thing`` and ``words`` are for the error. Raises InvalidSelection."""
        first, where, first_words = self._said.setdefault(about, (said, place, words))
        if first != said:
            raise InvalidSelection(
                f"{place}: {thing} {self._verb} {words} here and {first_words} at {where}, which contradicts itself:"
                f" {self._remedy}"
            )


def check_days(
    given: Mapping[str, Any], place: str, first: str, last: str, above: Mapping[str, Any] | None = None
) -> None:
    """Check that an entry holds on some day, and on some day of what it belongs to. Raises InvalidSelection.

    The last day counts; a day that is not told bounds nothing.
    """
    if _after(given.get(first), given.get(last)):
        raise InvalidSelection(
            f"{place}.{last}: {given[last]} is before '{first}' ({given[first]}), and the last day is one that counts:"
            " correct one of the two, or leave it out"
        )
    if above is None:
        return
    for name, other, apart in (
        (last, first, _after(above.get(first), given.get(last))),
        (first, last, _after(given.get(first), above.get(last))),
    ):
        if apart:
            raise InvalidSelection(
                f"{place}.{name}: {given[name]} is outside of the days of its agreement ({other}: {above[other]}), so that it"
                " covers no day: correct it, or leave it out"
            )


def _after(one: date | None, other: date | None) -> bool:
    """Whether a day is after another; not where one of them is not told."""
    return one is not None and other is not None and one > other
