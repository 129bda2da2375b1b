"""Facts that are brought up to date by what changed since they were read (ADR 16).

What comes out is what reading everything anew would give. Where that cannot be told, or is too much, nothing comes out: then
everything is to be read anew, which is always right.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import tzinfo
from typing import Any, NamedTuple, TypeVar

from catalog.access import Reader
from catalog.stores.feed import cursor_after
from catalog.stores.port import MAX_FRONTIER, Change, Scanned, Store
from lineage.audit.facts import Facts
from lineage.audit.gather import Gathered, gathered, scan_for
from lineage.audit.merged import merged
from lineage.audit.touched import Needed, Touched

__all__ = ["MOST_CHANGES", "News", "Work", "brought", "followed", "news"]

_T = TypeVar("_T")
Work = Callable[..., Awaitable[_T]]
"""Calls a function with arguments, in a thread."""

MOST_CHANGES = 5_000
"""Changes that are followed."""
_ATTEMPTS = 8
"""Each takes some hundredths of a second, in which others may write."""


class News(NamedTuple):
    """What is to be put into facts that were kept."""

    revision: int
    """That of which the facts are then."""
    things: frozenset[str]
    """Those whose facts were read again."""
    scanned: Scanned | None
    """None where the facts are as they were."""


async def followed(
    store: Store, kept: Gathered, reader: Reader, zone: tzinfo, work: Work[Any] = asyncio.to_thread
) -> Gathered | None:
    """The facts that were kept, brought up to date; None where everything is to be read anew."""
    found = await news(store, kept, reader)
    return None if found is None else await work(brought, kept, found, zone)


async def news(store: Store, kept: Gathered, reader: Reader) -> News | None:
    """What changed since, for one who sees all; None where everything is to be read anew.

    All of it is of one revision. Changes are known up to a revision, and what they touch is read afterwards: if that is of the
    same revision, nothing was written in between. Else it is looked at again, with what was written meanwhile; and given up
    where others write all the time. Where a store shows some of a commit before its revision, what was seen of it too early is
    among the changes after this revision, and so read again the next time.
    """
    if not reader.sees_all:
        # To others something may come or go by the audience of another node.
        return None
    for _ in range(_ATTEMPTS):
        revision = await store.revision()
        page = await store.changes(cursor_after(kept.revision), MOST_CHANGES)
        if revision < kept.revision or page.has_next:
            return None
        revision = max([revision, *(change.revision for change in page.changes[-1:])])
        found = await _read(store, page.changes, kept.facts, reader)
        if found is None:
            return None
        things, scanned = found
        if scanned is None or scanned.revision == revision:
            return News(revision, things, scanned)
    return None


async def _read(
    store: Store, changes: list[Change], facts: Facts, reader: Reader
) -> tuple[frozenset[str], Scanned | None] | None:
    """The things that changes touched, and what their facts are made of; None where it is too much."""
    touched = Touched(changes, facts)
    if not await _walk(store, touched):
        return None
    if not touched.things:
        return frozenset(), None
    needed = Needed(touched.things)
    if not await _walk(store, needed):
        return None
    return frozenset(touched.things), await store.scan(scan_for(reader, needed.nodes))


async def _walk(store: Store, walk: Touched | Needed) -> bool:
    """Walk to the end, a round trip a question; false where it is too far."""
    while questions := walk.questions():
        for question in questions:
            if len(question.nodes) > MAX_FRONTIER:
                return False
            answer = await store.near(question)
            if answer.cut:
                return False
            walk.learn(answer.edges)
    return True


def brought(kept: Gathered, found: News, zone: tzinfo) -> Gathered:
    """Facts, up to date. Where all are as they were, they are the very object that was kept. Pure."""
    if found.scanned is None:
        return kept._replace(revision=found.revision)
    read = gathered(found.scanned, zone)
    facts = merged(kept.facts, read.facts, found.things)
    titles = {urn: read.titles[urn] for urn in found.things if urn in read.titles}
    before = {urn: kept.titles[urn] for urn in found.things if urn in kept.titles}
    if titles != before:
        others = {urn: title for urn, title in kept.titles.items() if urn not in before}
        return Gathered(found.revision, facts, others | titles)
    return Gathered(found.revision, facts, kept.titles)
