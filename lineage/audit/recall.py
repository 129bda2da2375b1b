"""What the last process read and found, recalled by the next (ADR 19).

Facts that are recalled are followed like those that were kept in memory, and of their audit is taken what still holds. So whatever
is recalled, the answer is that of the graph as it is; where nothing can be recalled, everything is read.
"""

from __future__ import annotations

import asyncio
from datetime import date, tzinfo
from typing import Any, NamedTuple

from catalog.access import STAFF_READER
from catalog.selection import Select, Selection
from catalog.stores.feed import cursor_after
from catalog.stores.port import Image, Store
from lineage.audit.day import DayAudit
from lineage.audit.earlier import Earlier
from lineage.audit.facts import Facts
from lineage.audit.follow import MOST_CHANGES, Work, followed
from lineage.audit.gather import Gathered, gather
from lineage.audit.image import Age, Left, maker, packed, unpacked
from lineage.audit.turning import later

__all__ = ["Current", "current", "grown_old", "is_due", "keep", "keep_of", "recalled"]

_NAME = "audit"
_OLD_REVISIONS = 500
"""So many revisions after it was kept, what is recalled is worth keeping anew: more than 5,000 changes are not followed."""


class Current(NamedTuple):
    """The facts as they are, what is left of an audit of those before, and how old what was recalled was."""

    gathered: Gathered
    earlier: Earlier | None
    age: Age | None
    """None: everything was read anew."""


async def recalled(
    store: Store, zone: tzinfo, work: Work[Any] = asyncio.to_thread, *, after: int | None = None
) -> Left | None:
    """What was kept in a store by this very code, of a later revision than ``after``; None where there is nothing."""
    image = await _image(store, zone)
    if image is None or (after is not None and image.revision <= after):
        return None
    return await work(unpacked, image.content)


async def is_due(store: Store, zone: tzinfo) -> bool:
    """Whether data flows, and more was written than is followed since what is kept, or since there was nothing at all.

    So of a small graph nothing is kept: to read it is as quick.
    """
    image = await _image(store, zone)
    since = 0 if image is None or image.revision > await store.revision() else image.revision
    if not (await store.changes(cursor_after(since), MOST_CHANGES)).has_next:
        return False
    flow = Select("Flow", first=1, cursor=False, ever=True)
    return bool((await store.select(Selection(flow, STAFF_READER, date.max))).rows)


async def _image(store: Store, zone: tzinfo) -> Image | None:
    image = await store.image(_NAME)
    return None if image is None or image.maker != maker(zone) else image


async def keep(
    store: Store, gathered: Gathered, earlier: Earlier, zone: tzinfo, work: Work[Any] = asyncio.to_thread
) -> Age:
    """Keep facts and what is left of their audit in the store, in the place of what is kept there.

    With it what is left of the audit of the day after: whoever starts then has it as quickly.
    """
    after = await work(_found, gathered.facts, later(earlier.day), earlier)
    earlier.learn(after)
    left = Left(gathered, (earlier, after))
    content = await work(packed, left)
    await store.keep_image(_NAME, Image(gathered.revision, maker(zone), content))
    return left.age


async def keep_of(store: Store, day: date, zone: tzinfo) -> Age:
    """Read everything, audit a day, and keep what was read and found."""
    gathered = await gather(store, STAFF_READER, zone)
    return await keep(store, gathered, await asyncio.to_thread(_found, gathered.facts, day), zone)


def _found(facts: Facts, day: date, earlier: Earlier | None = None) -> Earlier:
    """What is left of the audit of a day; of what the data was nothing, which is not kept, and most of the memory."""
    audit = DayAudit(facts, day, earlier=earlier)
    found = Earlier(audit.audit, audit.verdicts)
    found.ground = None
    return found


def grown_old(age: Age | None, revision: int, day: date, today: date) -> bool:
    """Whether facts and audit are worth keeping: what is kept (None: nothing) is far behind, or of a day farther from today."""
    if age is None or abs(revision - age.revision) >= _OLD_REVISIONS:
        return True
    # Of two who ask for different days in turns one has to do without, rather than both each time.
    return abs(day - today) < abs(age.day - today)


async def current(store: Store, day: date, zone: tzinfo, *, anew: bool) -> Current:
    """The facts of a store as one who sees all sees them, for an audit of a day; ``anew``: nothing is recalled."""
    left = None if anew else await recalled(store, zone)
    now = None if left is None else await followed(store, left.gathered, STAFF_READER, zone)
    if left is None or now is None:
        return Current(await gather(store, STAFF_READER, zone), None, None)
    return Current(now, left.near(day), left.age)
