"""How the runs of a job went, read with the job: a few of the latest, counted, and the last that succeeded or failed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any, ClassVar

from catalog.errors import InvalidSelection
from catalog.model.enums import RunState
from catalog.selection import MAX_PAGE, All, Compare, IsNull, Not, Op, Order, Page, Predicate, Row
from graphql_schema.core.chosen import Chosen
from graphql_schema.core.plan import Get, Mapped, Rows, shape_of
from lineage.runs import RunSummary, RunTimes, began_between, duration_of, ended_by, summary_of

__all__ = ["DEFAULT_RUNS", "MAX_RUNS", "DurationOf", "LastRun", "SummaryOfRuns", "instant"]

MAX_RUNS = MAX_PAGE
DEFAULT_RUNS = 100
"""Runs that a summary is of."""

_TIMES = ("started_at", "ended_at")


@dataclass(frozen=True, slots=True)
class _Summary:
    """What the fields of a summary are read from."""

    summary: RunSummary
    total: int
    job: Row


@dataclass(frozen=True, slots=True)
class DurationOf(Mapped):
    """How long a run took, in seconds."""

    def plan(self, _chosen: Chosen, rows: Rows, /) -> Get:
        """See ``Mapped``."""
        rows.props |= dict.fromkeys(_TIMES)
        return lambda row: duration_of(instant(row["started_at"]), instant(row["ended_at"]))


@dataclass(frozen=True, slots=True)
class SummaryOfRuns(Mapped):
    """How the latest runs of a job went."""

    usual_first: ClassVar[int] = DEFAULT_RUNS
    max_first: ClassVar[int] = MAX_RUNS

    def plan(self, chosen: Chosen, rows: Rows, /) -> Get:
        """See ``Mapped``. Raises InvalidSelection on a bound that is passed."""
        first, since, day = chosen.args["first"], chosen.args.get("since"), chosen.as_of
        if not 1 <= first <= MAX_RUNS:
            raise InvalidSelection(f"'first' is {first}: a summary is of 1 to {MAX_RUNS} runs")
        among = began_between(since, day)
        # A run without a beginning would come before all others: it has its own place, by its end.
        begun = _runs(rows, "started_at", All((Not(IsNull("started_at")), among)), first)
        ended = _runs(rows, "ended_at", All((IsNull("started_at"), among)), first)
        shape = shape_of(chosen, rows)

        def get(row: Row) -> Any:
            pages: list[Page] = [row[begun], row[ended]]
            latest = _latest(chain.from_iterable(page.rows for page in pages), first)
            return shape(_Summary(summary_of(latest, day), sum(page.total or 0 for page in pages), row))

        return get

    def size(self, first: int, /) -> int:
        """See ``Mapped``."""
        return first


@dataclass(frozen=True, slots=True)
class LastRun(Mapped):
    """The run of a state that ended last by the day, or None."""

    brings: ClassVar[int] = 1

    state: RunState

    once: ClassVar[bool] = True

    def plan(self, chosen: Chosen, rows: Rows, /) -> Get:
        """See ``Mapped``."""
        of_state = All((Compare("state", Op.EQ, self.state), ended_by(chosen.as_of)))
        below = Rows("Run", of_state, Order("ended_at", descending=True), read=True)
        name, shape = rows.relate("runs", below), shape_of(chosen, below)

        def get(source: _Summary) -> Any:
            found = source.job[name].rows
            return shape(found[0]) if found else None

        return get


def _runs(job: Rows, by: str, where: Predicate, first: int) -> str:
    """Add the last runs of a job in an order; answers the key of their page."""
    below = Rows("Run", where, Order(by, descending=True), first=first, read=True, total=True)
    below.props |= dict.fromkeys(("state", *_TIMES))
    return job.relate("runs", below)


def _latest(rows: Iterable[Row], first: int) -> list[RunTimes]:
    """Those that began or, where that is not known, ended last; of one moment those with the later URN, as in a list."""
    ordered = sorted(rows, key=lambda row: (row["started_at"] or row["ended_at"], row["urn"]), reverse=True)
    return [_times(row) for row in ordered[:first]]


def _times(row: Row) -> RunTimes:
    return RunTimes(RunState(row["state"] or RunState.OTHER), instant(row["started_at"]), instant(row["ended_at"]))


def instant(stored: str | None) -> datetime | None:
    """An instant as a store answers it."""
    return None if stored is None else datetime.fromisoformat(stored)
