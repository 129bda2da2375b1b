"""Answers that are made of many nodes: they are read page by page, up to a bound, and what it cut is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from catalog.errors import StoreTimeout
from catalog.model.words import Described
from catalog.selection import MAX_PAGE, Row, Selection
from graphql_schema.core.context import Context
from graphql_schema.core.declare import part, view
from graphql_schema.core.plan import Rows
from graphql_schema.core.walk import Told, time_of_walk
from graphql_schema.core.words import enumeration

__all__ = ["EFFORT", "Completeness", "ReadCompleteness", "ReadCut", "read_pages"]

EFFORT = 1_000
"""What such an answer costs besides the nodes in it (``Mapped.effort``): a document has room for four of them."""

_T = TypeVar("_T")


@enumeration
class ReadCut(Described):
    """Why an answer is made of less than there is."""

    BOUND = "BOUND", "There is more than is looked at for one answer: ask with a filter."
    TIME = "TIME", "The time of the request ran short before everything was looked at."


@dataclass(frozen=True, slots=True)
class Completeness:
    """What an answer leaves out."""

    omitted: int = 0
    """What is known to be there and was not read."""
    reasons: tuple[ReadCut, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether everything was read."""
        return not self.reasons


@view("What an answer that is made of many nodes leaves out.")
class ReadCompleteness:
    """See the description."""

    is_complete: bool = part(Told("is_complete"), "Whether everything that the reader sees was looked at.")
    reasons: list[ReadCut] = part(
        Told("reasons"), "Why it is not complete; empty where it is. In the order of the alphabet."
    )
    omitted_count: int = part(Told("omitted"), "How many nodes that pass the filter were not looked at.")


async def read_pages(
    rows: Rows, take: Callable[[Row], _T], most: int, context: Context, as_of: date
) -> tuple[list[_T], Completeness]:
    """What is taken of each row, in their order, up to so many and as far as time allows: a round trip for each MAX_PAGE rows.

    A read takes at most half of the time that its request has left. Raises StoreTimeout, or TimeoutError, where that is not enough
    for one page: then nothing is known, not even how many there are.
    """
    rows.read = rows.total = rows.cursor = True
    rows.first = min(most, MAX_PAGE)
    select = rows.select()
    found: list[_T] = []
    total, reason = 0, ReadCut.BOUND
    try:
        async with asyncio.timeout_at(time_of_walk(context)):
            while len(found) < most:
                page = await context.store.select(Selection(select, context.reader, as_of))
                total = total or page.total or 0
                found += map(take, page.rows)
                if not page.has_next:
                    return found, Completeness()
                select = replace(select, after=page.end_cursor, total=False)
    except (TimeoutError, StoreTimeout):
        reason = ReadCut.TIME
        if not found:
            raise
    # There may be fewer than there were, since pages are not of one moment.
    return found, Completeness(max(total - len(found), 0), (reason,))
