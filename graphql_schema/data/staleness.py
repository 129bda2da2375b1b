"""Types of how datasets stand against the frequency that they are promised with."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import strawberry

from graphql_schema.core.declare import part, view
from graphql_schema.core.reading import ReadCompleteness
from graphql_schema.core.telling import DayAt
from graphql_schema.core.types import PageInfo, page_info
from graphql_schema.core.walk import NodeOfWalk, Told
from lineage.staleness import DEFAULT_TOLERANCE, MAX_STALE, StalenessUnknown, UpdateBasis

if TYPE_CHECKING:
    from graphql_schema.data.types import Dataset

__all__ = ["TOLERANCE", "StaleDataset", "StaleDatasets", "Staleness"]

TOLERANCE = (
    f"Share of the period by which an update may be late. Unit: 1, from 0 to 1; unless told: {DEFAULT_TOLERANCE}."
)
"""What is said of the argument that says how much is tolerated."""

_DATA = strawberry.lazy("graphql_schema.data.types")


@view("How a dataset stands against the frequency that it is promised with, on the day asked about.")
class Staleness:
    """See the description."""

    period: str | None = part(
        Told("period"), "How often an update is due: a duration of ISO 8601. Null where the frequency has no due date."
    )
    last_updated_on: date | None = part(
        DayAt("updated_on"),
        "The day by which it was last updated, as far as is known: `modified`, or the day in UTC on which a run ended that"
        " completed and wrote it, whichever is later and not after the day asked about. Null where neither is known.",
    )
    last_updated_by: UpdateBasis | None = part(Told("basis"), "By what that is known; null where it is not.")
    due_on: date | None = part(
        DayAt("due_on"),
        "The day on which the next update is due: the most days after the last that the period can have (a month 31, a year"
        " 366; 3 from weekday to weekday, 0 in real time). Null where there is none.",
    )
    days_overdue: int | None = part(
        Told("days_overdue"),
        "How many days past `dueOn` the day is; 0 before it. Unit: days; null where there is none.",
    )
    is_stale: bool | None = part(
        Told("is_stale"),
        "Whether the last update is longer ago than the period, the share of it that is tolerated, and one day. Null where"
        " that cannot be said.",
    )
    unknown: StalenessUnknown | None = part(
        Told("unknown"), "Why it cannot be said whether it is stale; null where it can."
    )


@view("A dataset that is stale.")
class StaleDataset:
    """See the description."""

    node: Annotated[Dataset, _DATA] | None = part(
        NodeOfWalk("Dataset"), "The dataset; null where it was closed while the answer was made."
    )
    staleness: Staleness = part(Told("staleness"), "How it stands against its promise.")


@view("The datasets that are stale, those first that are the most days overdue.")
class StaleDatasets:
    """See the description."""

    edges: list[StaleDataset] = part(
        Told("stale", listed=True), "What is on the page. Ordered by daysOverdue, descending, then URN."
    )
    page_info: PageInfo = page_info
    total_count: int = part(Told("total"), "How many stale datasets there are in all, before paging.")
    completeness: ReadCompleteness = part(
        Told("completeness"),
        "What the list leaves out: at most"
        f" {MAX_STALE:,} datasets that did not change in time are looked at, those first that changed the longest ago.",
    )
