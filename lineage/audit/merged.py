"""Facts of some things put among all others, in the place of what was known of these things before. Pure.

Every fact is about the thing that it names first, and facts stand in the order of these ids (``reading``): so a thing's own are
found without looking at the others, of which there may be a hundred thousand.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from itertools import chain
from operator import attrgetter, itemgetter
from typing import Any, TypeVar

import msgspec

from lineage.audit.facts import Facts
from lineage.audit.records import Records

__all__ = ["is_known", "merged"]

_S = TypeVar("_S", Facts, Records)

_OTHERS, _RECORDS = "others", "records"
_KNOWN = {
    "unit": "units",
    "system": "systems",
    "dataset": "datasets",
    "purpose": "purposes",
    "agreement": "agreements",
    "job": "processes",
}
"""Kinds of which each node that is there has a fact, with the name of these facts."""


def is_known(facts: Facts, kind: str, urn: str) -> bool:
    """Whether facts tell of a node that it was there; of most kinds they do not tell."""
    if kind not in _KNOWN:
        return urn in facts.others
    some: tuple[Any, ...] = getattr(facts, _KNOWN[kind])
    about = _about(some)
    place = bisect_left(some, urn, key=about)
    return place < len(some) and about(some[place]) == urn


def merged(kept: Facts, read: Facts, things: Collection[str]) -> Facts:
    """What was kept, with what was read of some things. What stayed as it was is the very object that was kept.

    What was read of other things is not looked at: of them not all was read.
    """
    ordered = sorted(things)
    others = kept.others.difference(ordered) | read.others.intersection(ordered)
    return _merged(
        kept,
        read,
        ordered,
        others=kept.others if others == kept.others else others,
        records=_merged(kept.records, read.records, ordered),
    )


def _merged(kept: _S, read: _S, things: list[str], **known: Any) -> _S:
    parts = {
        name: _placed(getattr(kept, name), getattr(read, name), things)
        for name in kept.__struct_fields__
        if name not in (_OTHERS, _RECORDS)
    }
    news = {name: part for name, part in {**parts, **known}.items() if part is not getattr(kept, name)}
    return msgspec.structs.replace(kept, **news) if news else kept


def _placed(kept: tuple[Any, ...], read: tuple[Any, ...], things: list[str]) -> tuple[Any, ...]:
    """Facts of one kind with those of some things, in order, in the place of what they have."""
    about = _about(kept or read)
    news: dict[str, list[Any]] = defaultdict(list)
    for fact in read:
        news[about(fact)].append(fact)
    pieces: list[Iterable[Any]] = []
    done = 0
    for thing in things:
        start = bisect_left(kept, thing, done, key=about)
        end = start
        while end < len(kept) and about(kept[end]) == thing:
            end += 1
        new = tuple(news.get(thing, ()))
        if kept[start:end] != new:
            pieces += kept[done:start], new
            done = end
    return (*chain.from_iterable(pieces), *kept[done:]) if pieces else kept


def _about(facts: tuple[Any, ...]) -> Callable[[Any], str]:
    """What a fact is about."""
    if not facts or isinstance(facts[0], tuple):
        return itemgetter(0)
    return attrgetter(facts[0].__struct_fields__[0])
