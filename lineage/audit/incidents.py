"""Which flows and agreements an incident touched, and whether notice was in time (question 22; domain 3.4).

Where the domain leaves something open:

- Touched are the flows that are named and, of each dataset that is named, those by which data had come into it by the day of the
  incident: it is their providers whose data it was. Where that day is not known, all that brought data into it count.
- Its agreements are those that are named, those that a touched flow claims or under which it ran by the day of the incident, and
  those of which a term of any time names what flowed while both agencies are parties in their roles, as for what is received:
  whether one covered the flow then does not matter here.
- The shortest time that any of them, or of those above them, allows for telling of a breach counts.
- Days are known and no hours. In time is what was in time even if it happened at the beginning of its day and was told at the
  end of the other; late is what was late even the other way round; of the rest it cannot be told (9.2, the leaning).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cached_property

from msgspec import Struct

from lineage.audit.asof import holds
from lineage.audit.duties import later
from lineage.audit.facts import Flow
from lineage.audit.received import Received
from lineage.audit.record_words import NoticeStatus
from lineage.audit.records import Incident
from lineage.audit.verdicts import Audit

__all__ = ["Incidents", "Notice", "notice_of"]

_HOURS = 24
"""Of a day."""


class Notice(Struct, frozen=True):
    """Whether those whose data it is were told in time."""

    status: NoticeStatus
    hours: int | None
    """Within how many they are to be told. None: no agreement says so."""
    due_on: date | None
    """The last day that may be in time."""
    told_on: date | None
    days: int | None
    """From the day of the incident to that of the notice."""


class Incidents:
    """The incidents that had happened by a day."""

    def __init__(self, audit: Audit, received: Received) -> None:
        self._audit = audit
        self._received = received
        self._asof = audit.asof
        day = self._asof.day
        self._texts = {each.agreement: each for each in self._asof.facts.records.texts}
        self.all = sorted(
            (
                each
                for each in self._asof.facts.records.incidents
                if holds(each, day) and (each.occurred_on is None or each.occurred_on <= day)
            ),
            key=lambda each: each.id,
        )
        """By id; those of which no day is known among them."""

    @cached_property
    def _flows(self) -> dict[str, Flow]:
        return {each.id: each for each in self._asof.facts.flows}

    @cached_property
    def _into(self) -> dict[str, list[Flow]]:
        """What flowed into each dataset that any incident touched."""
        found: dict[str, list[Flow]] = {touched: [] for each in self.all for touched in each.touched}
        for flow in self._audit.flowed.past:
            for target in self._asof.datasets_in(flow.target):
                if target in found:
                    found[target].append(flow)
        return found

    def flows(self, incident: Incident) -> tuple[Flow, ...]:
        """The flows that it touched, by id."""
        named = [self._flows[each] for each in incident.touched if each in self._flows]
        brought = [
            flow
            for each in incident.touched
            for flow in self._into[each]
            if self._had_come(flow, each, incident.occurred_on)
        ]
        return tuple(sorted({each.id: each for each in (*named, *brought)}.values(), key=lambda each: each.id))

    def _had_come(self, flow: Flow, dataset: str, day: date | None) -> bool:
        writings = self._audit.flowed.writings(flow, dataset)
        return any(day is None or each.on <= day for each in writings)

    def agreements(self, incident: Incident) -> tuple[str, ...]:
        """The agreements under which the data was shared, by id."""
        found = set(incident.under)
        for flow in self.flows(incident):
            found.update(flow.claims, self._ran_under(flow, incident.occurred_on), self._received.naming(flow))
        return tuple(sorted(found))

    def _ran_under(self, flow: Flow, day: date | None) -> Iterable[str]:
        until = day or self._asof.day
        runs = self._audit.flowed.runs.get(flow.process or "", ())
        return [run.agreement for run in runs if run.agreement is not None and run.on <= until]

    def notice(self, incident: Incident) -> Notice:
        """Whether those whose data it is were told in time."""
        return notice_of(incident, self._hours(self.agreements(incident)), self._asof.day)

    def _hours(self, agreements: Iterable[str]) -> int | None:
        papers = [paper for each in agreements if (paper := self._audit.papers.all.get(each)) is not None]
        stated = (self._texts.get(each.id) for paper in papers for each in (paper, *paper.above))
        hours = (text.notice_hours for text in stated if text is not None)
        return min((each for each in hours if each is not None), default=None)


def notice_of(incident: Incident, hours: int | None, day: date) -> Notice:
    """Whether an incident was told of in time by a day, where it is to be within so many hours."""
    began = incident.occurred_on
    told = incident.notified_on if incident.notified_on is not None and incident.notified_on <= day else None
    days = None if began is None or told is None else (told - began).days
    due = None if hours is None else later(began, -(-hours // _HOURS))
    return Notice(_status(began, told or day, hours, told=told is not None), hours, due, told, days)


def _status(began: date | None, until: date, hours: int | None, *, told: bool) -> NoticeStatus:
    if began is None or hours is None:
        return NoticeStatus.UNKNOWN
    days = (until - began).days
    too_late = (days - 1) * _HOURS >= hours
    if not told:
        return NoticeStatus.OVERDUE if too_late else NoticeStatus.OPEN
    if too_late:
        return NoticeStatus.LATE
    # A notice before the day of the incident says that one of the two days is wrong.
    in_time = days >= 0 and (days + 1) * _HOURS <= hours
    return NoticeStatus.IN_TIME if in_time else NoticeStatus.UNKNOWN
