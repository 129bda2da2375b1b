"""What everyone does who speaks for a source, a loader or a mutation: its rank, its batches, what it may lead to, and waiting."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime

from catalog.access import STAFF_READER, Reader
from catalog.batch import PRECEDENCE, Batch, NodeStatement
from catalog.model import MODEL
from catalog.model.own import Source
from catalog.selection import MAX_PAGE, Compare, Op, Select, Selection
from catalog.stores.port import Store
from catalog.urn import Urn, kind_of

__all__ = ["begin_batch", "give_way", "precedence_of", "present"]

_PAGES = 10
"""Pages of nodes that are asked for in one round trip."""


async def precedence_of(store: Store, source: Urn) -> int | None:
    """The rank of a source as it was stated, by an earlier load or by someone else."""
    select = Select("Source", ("precedence",), where=Compare("urn", Op.EQ, source), ever=True)
    rows = (await store.select(Selection(select, STAFF_READER, date.max))).rows
    return rows[0]["precedence"] if rows else None


def begin_batch(source: Source, by: str, at: datetime, day: date) -> Batch:
    """A batch of a source that states nothing yet but the source itself."""
    rank = PRECEDENCE if source.precedence is None else source.precedence
    return Batch(source=source.urn, by=by, at=at, day=day, precedence=rank, nodes=[NodeStatement(source)])


async def present(urns: Iterable[str], store: Store, reader: Reader, day: date) -> set[str]:
    """Those of the nodes, each of a declared kind, that a reader sees in the graph, closed ones as well."""
    by_kind: dict[str, list[str]] = defaultdict(list)
    for urn in sorted(urns):
        by_kind[MODEL.by_slug[kind_of(urn)].label].append(urn)
    selects = [
        Select(label, where=Compare("urn", Op.IN, tuple(asked[start : start + MAX_PAGE])), first=MAX_PAGE, ever=True)
        for label, asked in by_kind.items()
        for start in range(0, len(asked), MAX_PAGE)
    ]
    found: set[str] = set()
    for start in range(0, len(selects), _PAGES):
        for page in await store.select_all(selects[start : start + _PAGES], reader, day):
            found.update(row["urn"] for row in page.rows if "urn" in row)
    return found


async def give_way(attempt: int) -> None:
    """Wait before a write is made anew, since others wrote what it was made of: the longer the more often that was so."""
    await asyncio.sleep(random.uniform(0, 0.01 * 2 ** min(attempt, 6)))  # noqa: S311 - jitter, no secret
