"""What ends with an agreement, when, and at the end of which most ends (domain 10, questions 3, 4 and 14)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from catalog.errors import InvalidSelection
from graphql_schema.core.audits import Audited
from graphql_schema.core.found import Answer, Listed, page_of
from lineage.audit.day import DayAudit
from lineage.audit.days import affordable
from lineage.audit.last_days import CalendarDay, LastDay, ended_by, last_days
from lineage.audit.papers import end_of
from lineage.audit.report import LapseRow, lapse_row
from lineage.audit.turning import later

__all__ = ["DEFAULT_DAYS", "MAX_DAYS", "AuditedLapse", "LapseFound", "PointFound", "PointsFound", "coverage_calendar"]
__all__ += ["lapse_of", "single_points"]

DEFAULT_DAYS = 90
MAX_DAYS = 366


@dataclass(slots=True)
class LapseFound(Answer):
    """What ends after a day, as it is told."""

    row: LapseRow


@dataclass(frozen=True, slots=True)
class PointFound:
    """An agreement, and how many flows lapse with it."""

    agreement: str
    flows: int
    is_largest: bool

    @property
    def place(self) -> str:
        """Where it stands: the most flows first, then by URN."""
        return f"{10**12 - self.flows:013} {self.agreement}"


@dataclass(slots=True)
class PointsFound(Listed[PointFound]):
    """A page of agreements with which something lapses."""

    most: int
    """How many flows lapse with the first."""


@dataclass(frozen=True, slots=True)
class AuditedLapse(Audited):
    """What lapses with an agreement. It may take audits of days of its own: of as many as may be made for one answer."""

    def asks(self, args: Mapping[str, Any]) -> Callable[[DayAudit, str], Answer | None]:
        """See ``Audited``. Raises InvalidSelection where too many different days are to be audited."""
        anew = 0

        def ask(day: DayAudit, agreement: str) -> Answer | None:
            nonlocal anew
            on = _last_day(day, agreement, args)
            if on is None:
                return None
            anew += _anew(day, on)
            if anew > affordable(day.facts):
                raise InvalidSelection(
                    "these agreements end on too many different days to audit at once: ask of fewer, or say 'on' which day"
                )
            return self.question(day, agreement, args)

        return ask


def lapse_of(day: DayAudit, agreement: str, args: Mapping[str, Any]) -> LapseFound | None:
    """What lapses if an agreement ends after a day: that asked for, else its last one, else that of the audit (9.2 F1)."""
    on = _last_day(day, agreement, args)
    if on is None:
        return None
    lapse = day.days.lapses(on, agreement).of(agreement)
    return LapseFound(lapse_row(CalendarDay(on, agreement, None, lapse)))


def _last_day(day: DayAudit, agreement: str, args: Mapping[str, Any]) -> date | None:
    """The day after which an agreement is to end; None: the audit does not know it."""
    paper = day.audit.papers.all.get(agreement)
    return paper and (args.get("on") or end_of(paper.agreement, day.day) or day.day)


def _anew(day: DayAudit, on: date) -> int:
    """How many audits from the beginning it takes to tell what lapses after a day."""
    return sum(not day.days.is_near(each) for each in {on, later(on)})


def coverage_calendar(day: DayAudit, args: Mapping[str, Any]) -> Listed[LapseFound]:
    """A page of the last days of agreements and terms, the day of the audit and so many after it (9.2 F6)."""
    days = args["days"]
    if not 0 <= days <= MAX_DAYS:
        raise InvalidSelection(f"'days' is {days}: a calendar goes 0 to {MAX_DAYS} days ahead")
    ends = last_days(day.audit.asof.facts.agreements, day.day, later(day.day, days))
    page = page_of(ends, _place, "lastDay", args)
    found = _worked_out(day, page.edges)
    if len(found) < len(page.edges):
        page = page_of(ends, _place, "lastDay", {**args, "first": len(found)})
    return Listed(found, page.total, page.has_next, page.end_cursor)


def _place(end: LastDay) -> str:
    return f"{end.day.isoformat()} {end.agreement} {end.term}"


def _worked_out(day: DayAudit, ends: Sequence[LastDay]) -> list[LapseFound]:
    """What lapses on the first of these days: as many as may be audited for one answer, one at least."""
    found: list[LapseFound] = []
    anew = 0
    for end in ends:
        anew += _anew(day, end.day)
        if found and anew > affordable(day.facts):
            break
        found.append(LapseFound(lapse_row(ended_by(day.days, end))))
    return found


def single_points(day: DayAudit, args: Mapping[str, Any]) -> PointsFound:
    """A page of the agreements at whose end flows lapse, those with the most first (9.2 F2)."""
    largest = day.lapses.single_points()
    found = [PointFound(urn, flows, urn in largest) for urn, flows in day.lapses.counts.items()]
    most = max((each.flows for each in found), default=0)
    page = page_of(sorted(found, key=_place_of_point), _place_of_point, "lapsing", args)
    return PointsFound(page.edges, page.total, page.has_next, page.end_cursor, most)


def _place_of_point(point: PointFound) -> str:
    return point.place
