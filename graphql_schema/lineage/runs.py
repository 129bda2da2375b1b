"""Types of how the runs of a job went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import strawberry

from catalog.model.enums import RunState
from graphql_schema.core.declare import part, view
from graphql_schema.core.runs import LastRun
from graphql_schema.core.walk import Told

if TYPE_CHECKING:
    from graphql_schema.lineage.types import Run

__all__ = ["RunSummary", "RunsOfState"]

_LINEAGE = strawberry.lazy("graphql_schema.lineage.types")


@view("The runs that stand so.")
class RunsOfState:
    """See the description."""

    state: RunState = part(
        Told("state"),
        "Where they stood at the end of the day: one that ended later was RUNNING. OTHER where that is not known.",
    )
    count: int = part(Told("count"), "How many of the runs these are.")


@view("How the latest runs of a job went, as of the day asked about.")
class RunSummary:
    """See the description."""

    run_count: int = part(Told("summary.count"), "How many runs it is of: the latest, at most `first`.")
    total_count: int = part(Told("total"), "How many runs there are in all, since `since` and by the day.")
    states: list[RunsOfState] = part(
        Told("summary.states", listed=True),
        "The runs by where they stand; states of none are left out. In the order of `RunState`.",
    )
    failure_rate: float | None = part(
        Told("summary.failure_rate"),
        "Of the runs that ended (completed, failed or aborted), the share that failed. Unit: 1, from 0 to 1; null where none"
        " ended.",
    )
    median_seconds: float | None = part(
        Told("summary.median_seconds"),
        "How long the completed runs took: half took no longer, the mean of the two in the middle where they are even in"
        " number. Unit: seconds; null where that is known of none.",
    )
    p95_seconds: float | None = part(
        Told("summary.p95_seconds"),
        "What 95 of 100 completed runs did not exceed: the duration of one of them, by nearest rank. Unit: seconds; null as"
        " above.",
    )
    last_success: Annotated[Run, _LINEAGE] | None = part(
        LastRun(RunState.COMPLETED),
        "The completed run that ended last by the day, however long ago; null where there is none.",
    )
    last_failure: Annotated[Run, _LINEAGE] | None = part(
        LastRun(RunState.FAILED),
        "The failed run that ended last by the day, however long ago; null where there is none.",
    )
