"""What a source listed before and lists no more: whether to believe it, and what to close (``design.md`` section 6).

A catalog that answers with a part of itself, or under new identifiers, looks like one that most datasets have left. So
what it lists is judged before anything is written: the shares below say what is believed without being told.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from catalog.access import STAFF_READER
from catalog.batch import Close
from catalog.loads import RETRACTION
from catalog.model.enums import LoadState
from catalog.model.own import Source
from catalog.selection import MAX_PAGE, All, Any_, Compare, Has, Op, Order, Related, Select, Selection
from catalog.stores.paging import every_row
from catalog.stores.port import Store
from catalog.urn import Urn
from loaders.errors import LoaderError

__all__ = ["MAX_GONE_SHARE", "Left", "judge", "last_day", "listed_before", "what_to_close"]

MAX_GONE_SHARE = 0.2
"""Share of what a source listed that may leave at once; more must be meant (``--accept-shrink``)."""
_FEW = 10
"""What a source of fewer records lists says nothing about shares."""
_RECORDS = 100
"""Records of one dataset that are read to see whether another source still lists it."""


async def last_day(store: Store, source: Source) -> date | None:
    """The latest day of which a load of this source, that was completed, spoke; None where there was none.

    A load before the latest retraction of the source is none: nothing of it stands. Nor is one of which nothing could be
    taken, under a wrong mapping for example: its day may be a guess, and would keep out the source once that is mended.
    """
    took = Any_(tuple(Compare(name, Op.GT, 0) for name in ("written", "unchanged", "closed")))
    completed = Compare("state", Op.EQ, LoadState.COMPLETED)
    of_source = Has("loaded_from", Compare("urn", Op.EQ, source.urn))
    retractions = Select(
        "LoadRun",
        ("started_at",),
        All((of_source, Compare("loader", Op.EQ, RETRACTION))),
        Order("started_at", descending=True),
        first=1,
        ever=True,
    )
    page = await store.select(Selection(retractions, STAFF_READER, date.max))
    since = [Compare("started_at", Op.GT, datetime.fromisoformat(row["started_at"])) for row in page.rows]
    runs = Select(
        "LoadRun",
        ("as_of",),
        All((completed, took, of_source, *since, Compare("as_of", Op.GE, date.min))),
        Order("as_of", descending=True),
        first=1,
        ever=True,
    )
    page = await store.select(Selection(runs, STAFF_READER, date.max))
    return date.fromisoformat(page.rows[0]["as_of"]) if page.rows else None


async def listed_before(store: Store, source: Source, day: date) -> set[str]:
    """The URNs of the records that the source listed until now."""
    in_source = Has("in_catalog", Compare("urn", Op.EQ, source.urn), "Source")
    return {row["urn"] async for row in every_row(store, Select("CatalogRecord", where=in_source), day)}


def judge(before: Collection[str], now: Collection[str], *, accept_shrink: bool) -> list[str]:
    """The records that have left, in order. Raises LoaderError where that is not to be believed."""
    listed = set(now)
    gone = sorted(urn for urn in before if urn not in listed)
    if accept_shrink or len(before) < _FEW or len(gone) <= MAX_GONE_SHARE * len(before):
        return gone
    kept = len(before) - len(gone)
    remedy = "look at the source; if it is so, load it with --accept-shrink"
    if len(listed) > len(before) * (1 - MAX_GONE_SHARE):
        message = f"of {len(before)} identifiers that it listed {kept} are left, and {len(listed) - kept} are new"
        raise LoaderError("renumbered", f"{message}: it gave its datasets other identifiers; {remedy}")
    message = f"it lists {len(listed)} datasets, and of {len(before)} that it listed before {len(gone)} are gone"
    raise LoaderError("shrunk", f"{message}: {remedy}")


@dataclass(frozen=True, slots=True)
class Left:
    """What has left a source: its records, and the datasets that no source lists any more."""

    records: list[str]
    datasets: list[str]

    def closes(self, source: Source, day: date) -> list[Close]:
        """The statements that close all of it."""
        reason = f"{source.title} listed it no more on {day}"
        return [Close(Urn(urn), day, reason) for urn in (*self.records, *self.datasets)]


async def what_to_close(store: Store, records: Sequence[str], day: date) -> Left:
    """The datasets to close along with the records that have left: those that no record which stays describes."""
    gone = set(records)
    others = Related("records", "records", Select("CatalogRecord", first=_RECORDS))
    dataset = Related("dataset", "describes", Select("Dataset", first=1, related=(others,)))
    datasets: set[str] = set()
    for start in range(0, len(records), MAX_PAGE):
        asked = tuple(records[start : start + MAX_PAGE])
        select = Select("CatalogRecord", where=Compare("urn", Op.IN, asked), related=(dataset,))
        async for row in every_row(store, select, day):
            for described in row["dataset"].rows:
                if gone.issuperset(record["urn"] for record in described["records"].rows):
                    datasets.add(described["urn"])
    return Left(list(records), sorted(datasets))
