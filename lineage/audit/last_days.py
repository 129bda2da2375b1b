"""The last days of agreements and their terms, and what lapses on each (9.2 D5, F6)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from msgspec import Struct

from lineage.audit.asof import holds
from lineage.audit.days import Days
from lineage.audit.facts import Agreement
from lineage.audit.lapse import Lapse
from lineage.audit.papers import ends_after, last_days_of, terms_in_force
from lineage.audit.turning import later

__all__ = ["CalendarDay", "LastDay", "calendar", "ended_by", "last_days"]


class LastDay(Struct, frozen=True, order=True):
    """The last day of an agreement, or of one of its terms."""

    day: date
    agreement: str
    term: str
    """Empty: the agreement itself."""


class CalendarDay(Struct, frozen=True):
    """A last day with what lapses on it."""

    day: date
    agreement: str
    term: str | None
    """None: the agreement itself."""
    lapse: Lapse


def last_days(agreements: Iterable[Agreement], first: date, last: date) -> list[LastDay]:
    """Every last day of an agreement or term in the window, both ends counted, by day, agreement and term (9.2 F6)."""
    found = (LastDay(day, each.id, term) for each in agreements for day, term in _last_days(each))
    return sorted(each for each in found if first <= each.day <= last)


def ended_by(days: Days, end: LastDay) -> CalendarDay:
    """A last day with what lapses on it."""
    lapses = days.lapses(end.day, end.agreement)
    lapse = lapses.of_term(end.agreement) if end.term else lapses.of(end.agreement)
    return CalendarDay(end.day, end.agreement, end.term or None, lapse)


def calendar(days: Days, agreements: Iterable[Agreement], first: date, last: date) -> list[CalendarDay]:
    """Every last day in the window with what lapses on it, in order."""
    return [ended_by(days, each) for each in last_days(agreements, first, last)]


def _last_days(agreement: Agreement) -> Iterator[tuple[date, str]]:
    """The last days of an agreement and of its terms, by what is agreed on each; with the id of the term.

    A term that an amendment ends has its last day before that.
    """
    for day in (each for each in last_days_of(agreement) if holds(agreement, each)):
        if ends_after(agreement, day):
            yield day, ""
        ended = {id_ for each in agreement.amendments if each.on == later(day) > day for id_ in each.end_terms}
        yield from ((day, term.id) for term in terms_in_force(agreement, day) if term.to == day or term.id in ended)
