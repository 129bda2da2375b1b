"""Which datasets are updated later than they are promised to be (domain R25, 10 question 37, 11 G1.M2). Pure.

A dataset is updated on the day on which its content last changed, or on which a run completed that wrote it, whichever is later.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from catalog.errors import InvalidSelection
from catalog.model.enums import UpdateFrequency
from catalog.model.words import Described
from catalog.selection import All, Any_, Compare, Not, Op, Predicate

__all__ = ["DEFAULT_TOLERANCE", "MAX_STALE", "PERIODS", "Period", "Staleness", "StalenessUnknown", "UpdateBasis"]
__all__ += ["checked", "may_be_stale", "staleness_of"]

DEFAULT_TOLERANCE = 0.1
"""Share of the period by which an update may be late."""
_GRACE_DAYS = 1
"""What it may be late besides."""
MAX_STALE = 20_000
"""Datasets that one answer looks at."""

_F = UpdateFrequency


class Period(NamedTuple):
    """How often an update is due: as ISO 8601 says it, and the most days that this can be."""

    iso: str
    days: int


PERIODS = {
    _F.REAL_TIME: Period("PT1S", 0),
    _F.DAILY: Period("P1D", 1),
    # From a Friday to the Monday after it.
    _F.EVERY_WEEKDAY: Period("P1D", 3),
    _F.WEEKLY: Period("P1W", 7),
    _F.BIWEEKLY: Period("P2W", 14),
    _F.MONTHLY: Period("P1M", 31),
    _F.BIMONTHLY: Period("P2M", 62),
    _F.QUARTERLY: Period("P3M", 92),
    _F.TWICE_A_YEAR: Period("P6M", 184),
    _F.ANNUALLY: Period("P1Y", 366),
    _F.EVERY_TWO_YEARS: Period("P2Y", 731),
}
"""The frequencies that have a due date."""


class StalenessUnknown(Described):
    """Why it cannot be said whether a dataset is stale."""

    NO_FREQUENCY = "NO_FREQUENCY", "How often it is to be updated is not stated, or not to be made sense of."
    AS_NEEDED = "AS_NEEDED", "It is updated when there is something new: no day is promised."
    NOT_UPDATED = "NOT_UPDATED", "It is updated no more."
    OTHER_RHYTHM = "OTHER_RHYTHM", "It has a rhythm without a due date; `updateFrequencyText` has its words."
    NO_UPDATE = "NO_UPDATE", "No update of it by the day is known."


_UNKNOWN = {
    _F.UNKNOWN: StalenessUnknown.NO_FREQUENCY,
    _F.AS_NEEDED: StalenessUnknown.AS_NEEDED,
    _F.NOT_UPDATED: StalenessUnknown.NOT_UPDATED,
    _F.OTHER: StalenessUnknown.OTHER_RHYTHM,
}


class UpdateBasis(Described):
    """By what the last update of a dataset is known."""

    MODIFIED = "MODIFIED", "Its catalog says on which day its content last changed."
    RUN = "RUN", "A run completed that wrote it."


@dataclass(frozen=True, slots=True)
class Staleness:
    """How a dataset stands against its promise on a day. All is None that cannot be said; then ``unknown`` says why."""

    period: str | None = None
    updated_on: date | None = None
    basis: UpdateBasis | None = None
    due_on: date | None = None
    days_overdue: int | None = None
    is_stale: bool | None = None
    unknown: StalenessUnknown | None = None


def checked(tolerance: float) -> float:
    """The share of a period that is tolerated. Raises InvalidSelection out of bounds."""
    if not 0 <= tolerance <= 1:
        raise InvalidSelection(f"'tolerance' is {tolerance}: a share of the period, 0 to 1")
    return tolerance


def staleness_of(
    frequency: UpdateFrequency | None, modified: date | None, written: date | None, day: date, tolerance: float
) -> Staleness:
    """How a dataset stands on a day: by its frequency, the day of its last change and that of the last run that wrote it.

    Of a change after the day nothing follows: what was before it is not known.
    """
    known = [
        (on, basis) for on, basis in ((modified, UpdateBasis.MODIFIED), (written, UpdateBasis.RUN)) if on and on <= day
    ]
    # Of one day the catalog's own word counts.
    updated, basis = max(known, key=lambda each: each[0], default=(None, None))
    stated = frequency or UpdateFrequency.UNKNOWN
    period = PERIODS.get(stated)
    if period is None:
        return Staleness(None, updated, basis, unknown=_UNKNOWN[stated])
    if updated is None:
        return Staleness(period.iso, unknown=StalenessUnknown.NO_UPDATE)
    age = (day - updated).days
    overdue = max(age - period.days, 0)
    return Staleness(
        period.iso, updated, basis, _after(updated, period.days), overdue, age > _allowed(period, tolerance)
    )


def may_be_stale(day: date, tolerance: float) -> Predicate:
    """Whether a dataset is stale on a day, unless a run wrote it since."""
    return Any_(
        tuple(
            All(
                (
                    Compare("update_frequency", Op.EQ, frequency),
                    Not(_changed(_before(day, _allowed(period, tolerance)), day)),
                )
            )
            for frequency, period in PERIODS.items()
        )
    )


def _changed(since: date, day: date) -> Predicate:
    return All((Compare("modified", Op.GE, since), Compare("modified", Op.LE, day)))


def _allowed(period: Period, tolerance: float) -> int:
    """Whole days after an update on which the dataset is still fresh."""
    return int(period.days * (1 + tolerance) + _GRACE_DAYS)


def _after(day: date, days: int) -> date:
    return day + timedelta(days=min(days, (date.max - day).days))


def _before(day: date, days: int) -> date:
    return day - timedelta(days=min(days, (day - date.min).days))
