"""What several sources say of one node, and the node that follows (design 2: federation of what sources say; ADR 10).

A node of which one source has spoken holds that source's words, and its ``claims`` only say whose they are. From the second
source on, ``claims`` keeps the words of each, and the node is their merge: property by property the word of the source
of the best rank that has one; of equals, of the one that spoke last; then by URN. So no order of loading changes the
outcome, a person's title stands over a harvest's, and the harvest fills in what the person left out.

Pure. Words are stored forms, as ``KindLayout.stored`` makes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import msgspec
from msgspec.structs import replace

from catalog.values import ALWAYS, NEVER

__all__ = ["Claim", "Merged", "claims_of", "merge", "order", "text_of"]

_SHORT = 300
"""Characters of claims that are worth keeping read: those of one source, which are alike on many nodes."""


class Claim(msgspec.Struct, frozen=True, gc=False):
    """What one source says of a node. None is no word: it leaves the word to others.

    ``props`` None means that the node itself holds the words and the span: it is the only claim. Else it has no null.
    ``day`` is that on which the source first spoke so.
    """

    source: str
    rank: int
    day: str
    audience: str | None
    valid_from: str | None = None
    valid_to: str | None = None
    closed_reason: str | None = None
    closed_day: str | None = None
    """The day on which it said that the node ends, where that came after its words."""
    props: Mapping[str, Any] | None = None

    @property
    def describes(self) -> bool:
        """Whether it says that there is such a node; else it only says when the node ends."""
        return bool(self.props) or self.closed_day is None

    def says_as(self, other: Claim) -> bool:
        """Whether both say the same, whenever they began to."""
        return self == other or replace(self, day=other.day) == other


class Merged(msgspec.Struct, frozen=True, gc=False):
    """The node that follows from claims, and the ``source`` whose word goes first."""

    source: str
    audience: str | None
    valid_from: str
    valid_to: str
    closed_reason: str | None
    props: dict[str, Any]


def claims_of(text: str) -> tuple[Claim, ...]:
    """The claims that this is the stored form of."""
    return _read_short(text) if len(text) <= _SHORT else _read(text)


def text_of(claims: Iterable[Claim]) -> str:
    """The stored form of claims."""
    rows: list[list[Any]] = []
    for claim in claims:
        row = [claim.source, claim.rank, claim.day, claim.audience]
        if claim.props is not None or claim.closed_day is not None:
            row += [claim.valid_from, claim.valid_to, claim.closed_reason, claim.closed_day, claim.props]
        rows.append(row)
    return msgspec.json.encode(rows).decode()


def order(claims: Iterable[Claim]) -> list[Claim]:
    """The claims by whose word goes first."""
    found = sorted(claims, key=lambda claim: claim.source)
    found.sort(key=lambda claim: claim.day, reverse=True)
    return sorted(found, key=lambda claim: claim.rank)


def merge(claims: Iterable[Claim], names: Iterable[str]) -> Merged:
    """The node of these claims, with these declared properties. Every claim has its words (``props``)."""
    ranked = order(claims)
    props: dict[str, Any] = {}
    for name in names:
        words = (claim.props.get(name) for claim in ranked if claim.props is not None)
        props[name] = next((word for word in words if word is not None), None)
    start = next((claim.valid_from for claim in ranked if claim.valid_from is not None), ALWAYS)
    ending = _ending(ranked)
    return Merged(
        # Who only closed it has no words.
        source=next((claim.source for claim in ranked if claim.props), ranked[0].source),
        audience=next((claim.audience for claim in ranked if claim.audience is not None), None),
        valid_from=start,
        valid_to=max(start, ending.valid_to or NEVER) if ending else NEVER,
        closed_reason=ending.closed_reason if ending else None,
        props=props,
    )


def _ending(ranked: list[Claim]) -> Claim | None:
    """The claim that ends the node: the first that has an end, unless one of no worse rank spoke of the node later."""
    ending = next((claim for claim in ranked if claim.valid_to is not None), None)
    if ending is None:
        return None
    later = (claim for claim in ranked if claim.valid_to is None and claim.props)
    opened = any(claim.rank <= ending.rank and claim.day > (ending.closed_day or ending.day) for claim in later)
    return None if opened else ending


def _read(text: str) -> tuple[Claim, ...]:
    return tuple(Claim(*row) for row in msgspec.json.decode(text))


_read_short = lru_cache(maxsize=4096)(_read)
