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


class Register(msgspec.Struct, array_like=True, frozen=True):
    """The latest word on something."""

    time: str
    digest: str
    value: msgspec.Raw
    """JSON in one spelling."""


class Registers(msgspec.Struct, omit_defaults=True):
    """What is known of one run, job or dataset."""

    latest: dict[str, Register] = {}
    """Latest words by name: of a facet, its own."""
    spans: dict[str, dict[str, Span]] = {}
    """Spans by what was said, and of what."""


Known = dict[Urn, Registers]
"""Registers by the run, job or dataset that they are about."""


def join(mine: Registers, theirs: Registers) -> Change:
    """Add to registers what others hold; answers how much that changed."""
    change = Change.NOTHING
    for name, register in theirs.latest.items():
        word = mine.latest.get(name)
        if word is not None and not _is_later(register, word):
            continue
        mine.latest[name] = register
        is_same = word is not None and word.value == register.value
        change = max(change, Change.TIMES if is_same else Change.WORDS)
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
                held[key] = new = min(first, since), max(last, until)
                if change is not Change.WORDS:
                    change = Change.TIMES if _same_days(old, new) else Change.WORDS
    return change


def _is_later(one: Register, other: Register) -> bool:
    rank, held = (one.time, one.digest), (other.time, other.digest)
    return rank > held or (rank == held and bytes(one.value) > bytes(other.value))


def _same_days(one: Span, other: Span) -> bool:
    return one[0][:10] == other[0][:10] and one[1][:10] == other[1][:10]
