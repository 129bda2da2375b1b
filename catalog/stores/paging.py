"""Every row of a selection, page by page, for work that goes over all of a kind."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from datetime import date

from catalog.access import STAFF_READER
from catalog.selection import MAX_PAGE, Row, Select, Selection
from catalog.stores.port import Store

__all__ = ["every_row"]


async def every_row(store: Store, select: Select, day: date) -> AsyncIterator[Row]:
    """The rows that staff see on a day, in the order of the selection; one round trip for each MAX_PAGE of them."""
    after: str | None = None
    more = True
    while more:
        root = dataclasses.replace(select, first=MAX_PAGE, after=after)
        page = await store.select(Selection(root, STAFF_READER, day))
        for row in page.rows:
            yield row
        after, more = page.end_cursor, page.has_next
