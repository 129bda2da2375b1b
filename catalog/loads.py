"""Loads that have not ended: what tells whether a part of some source may be missing from the graph."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from catalog.access import STAFF_READER
from catalog.model.enums import LoadState
from catalog.selection import MAX_PAGE, Compare, Op, Order, Related, Row, Select, Selection
from catalog.stores.port import Store

__all__ = ["NEWEST_FIRST", "RETRACTION", "RUNNING", "OpenRun", "is_any_open", "open_runs"]

RETRACTION = "retraction"
"""What the journal calls the loader of a run that took back all that its source had said."""
RUNNING = Compare("state", Op.EQ, LoadState.RUNNING)
NEWEST_FIRST = Order("started_at", descending=True)


@dataclass(frozen=True, slots=True)
class OpenRun:
    """A load, or a retraction, that has not ended: it goes on, or was stopped, and a part of its source may be missing."""

    run: str
    source: str
    title: str
    loader: str
    input: str | None
    started_at: datetime

    def __str__(self) -> str:
        what = "a retraction" if self.loader == RETRACTION else f"a load of {self.input}"
        return f"{what} that began at {self.started_at:%Y-%m-%d %H:%M} UTC has not ended"


async def open_runs(store: Store) -> list[OpenRun]:
    """The runs that have not ended, the newest first; at most a page of them."""
    source = Related("source", "loaded_from", Select("Source", ("title",), first=1, ever=True))
    props = ("loader", "input", "started_at")
    select = Select("LoadRun", props, RUNNING, NEWEST_FIRST, first=MAX_PAGE, related=(source,), ever=True)
    rows = (await store.select(Selection(select, STAFF_READER, date.max))).rows
    return [_open_run(row, row["source"].rows[0]) for row in rows]


async def is_any_open(store: Store) -> bool:
    """Whether there is a run that has not ended. Anybody may know that, and only staff which."""
    select = Select("LoadRun", where=RUNNING, first=1, cursor=False, ever=True)
    return bool((await store.select(Selection(select, STAFF_READER, date.max))).rows)


def _open_run(row: Row, source: Row) -> OpenRun:
    began = datetime.fromisoformat(row["started_at"])
    return OpenRun(row["urn"], source["urn"], source["title"], row["loader"], row["input"], began)
