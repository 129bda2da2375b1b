"""Registers: what is kept of what was said, so that any order of saying it fills them alike (ADR 12).

Two things are kept of each run, job and dataset: the latest word of each facet, by (event time, digest of the event), and
spans: the first and the last time at which something was said. Both only grow, so joining registers is commutative,
associative and idempotent. Pure.
"""

from __future__ import annotations

from enum import IntEnum

import msgspec

from catalog.urn import Urn

__all__ = ["Change", "Known", "Register", "Registers", "Span", "join"]

Span = tuple[str, str]
"""The first and the last time, as stored instants."""


class Change(IntEnum):
    """How much joining changed."""

    NOTHING = 0
    TIMES = 1
    """Something that was known was said again, at another time of a day that was known."""
    WORDS = 2
    """Something was said that was not, or on another day."""


class Register(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """The latest word on something."""

    time: str
    digest: str
    value: msgspec.Raw
    """JSON in one spelling."""


class Registers(msgspec.Struct, omit_defaults=True, gc=False):
    """What is known of one run, job or dataset."""

    latest: dict[str, Register] = {}
    """Latest words by name: of a facet, its own."""
    spans: dict[str, dict[str, Span]] = {}
    """Spans by what was said, and of what."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was said."""
        return not (self.latest or self.spans)


Known = dict[Urn, Registers]
"""Registers by the run, job or dataset that they are about."""


def join(mine: Registers, theirs: Registers) -> Change:
    """Add to registers what others hold; answers how much that changed."""
    if mine.is_empty and not theirs.is_empty:
        mine.latest = dict(theirs.latest)
        mine.spans = {what: dict(spans) for what, spans in theirs.spans.items()}
        return Change.WORDS
    change = Change.NOTHING
    for name, register in theirs.latest.items():
        word = mine.latest.get(name)
        if word is None:
            mine.latest[name] = register
            change = Change.WORDS
            continue
        is_same = word.value == register.value
        if _is_later(register, word, is_same=is_same):
            mine.latest[name] = register
            if not is_same:
                change = Change.WORDS
            elif change is Change.NOTHING:
                change = Change.TIMES
    for what, spans in theirs.spans.items():
        held = mine.spans.setdefault(what, {})
        for key, span in spans.items():
            old = held.get(key)
            if old is None:
                held[key] = span
                change = Change.WORDS
                continue
            (first, last), (since, until) = span, old
            if first < since or last > until:
                held[key] = new = min(since, first), max(until, last)
                if change is not Change.WORDS:
                    change = Change.TIMES if _same_days(old, new) else Change.WORDS
    return change


def _is_later(one: Register, other: Register, *, is_same: bool) -> bool:
    """Whether one is the later word; ``is_same`` says that both are the same."""
    if one.time != other.time:
        return one.time > other.time
    if one.digest != other.digest:
        return one.digest > other.digest
    return not is_same and bytes(one.value) > bytes(other.value)


def _same_days(one: Span, other: Span) -> bool:
    return one[0][:10] == other[0][:10] and one[1][:10] == other[1][:10]
