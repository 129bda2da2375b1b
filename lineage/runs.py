"""How the runs of a job went: how long they took, how many failed (domain 3.5). Pure.

Days are those of instants in UTC, as they are in all of lineage.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from catalog.model.enums import RunState
from catalog.selection import All, Any_, Compare, IsNull, Op, Predicate

__all__ = [
    "ENDED",
    "RunSummary",
    "RunTimes",
    "StateCount",
    "began_between",
    "duration_of",
    "end_of",
    "ended_by",
    "summary_of",
]

ENDED = (RunState.COMPLETED, RunState.FAILED, RunState.ABORTED)
_SHARE = 0.95


class RunTimes(NamedTuple):
    """What is known of one run."""

    state: RunState
    started_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class StateCount:
    """How many runs stand so."""

    state: RunState
    count: int


@dataclass(frozen=True, slots=True)
class RunSummary:
    """How some runs went."""

    count: int
    states: tuple[StateCount, ...]
    """In the order of ``RunState``, without those of none."""
    failure_rate: float | None
    """Of those that ended, the share that failed, 0 to 1; None where none ended."""
    median_seconds: float | None
    p95_seconds: float | None
    """Of those that completed and of which it is known how long they took; None where there is none."""


def end_of(day: date) -> datetime:
    """The instant at which a day is over; the last that there is, for the last day."""
    last = day == date.max
    return datetime.combine(day, time.max, UTC) if last else datetime.combine(day + timedelta(days=1), time(), UTC)


def ended_by(day: date) -> Predicate:
    """Whether a run ended by the end of a day."""
    return Compare("ended_at", Op.LT, end_of(day))


def began_between(since: date | None, day: date) -> Predicate:
    """Whether a run began by the end of a day, and not before ``since``; by its end, where its beginning is not known."""
    return Any_((_between("started_at", since, day), All((IsNull("started_at"), _between("ended_at", since, day)))))


def _between(prop: str, since: date | None, day: date) -> Predicate:
    before = Compare(prop, Op.LT, end_of(day))
    return before if since is None else All((before, Compare(prop, Op.GE, datetime.combine(since, time(), UTC))))


def duration_of(started_at: datetime | None, ended_at: datetime | None) -> float | None:
    """Seconds from the beginning to the end of a run; None where either is not known, or the end comes first."""
    if started_at is None or ended_at is None or ended_at < started_at:
        return None
    return (ended_at - started_at).total_seconds()


def summary_of(runs: Iterable[RunTimes], day: date) -> RunSummary:
    """How these runs went as of a day: one that ended later was still running."""
    known = [_as_of(run, day) for run in runs]
    counts = Counter(run.state for run in known)
    ended = sum(counts[state] for state in ENDED)
    completed = [run for run in known if run.state is RunState.COMPLETED]
    taken = sorted(seconds for run in completed if (seconds := duration_of(run.started_at, run.ended_at)) is not None)
    return RunSummary(
        len(known),
        tuple(StateCount(state, counts[state]) for state in RunState if counts[state]),
        counts[RunState.FAILED] / ended if ended else None,
        _median(taken),
        taken[math.ceil(_SHARE * len(taken)) - 1] if taken else None,
    )


def _as_of(run: RunTimes, day: date) -> RunTimes:
    if run.ended_at is None or run.ended_at < end_of(day):
        return run
    return RunTimes(RunState.RUNNING, run.started_at, None)


def _median(ordered: Sequence[float]) -> float | None:
    if not ordered:
        return None
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
