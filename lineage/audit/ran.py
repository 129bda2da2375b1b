"""The verdicts of flows on the days when they last ran (domain 10, question 5)."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from msgspec import Struct

from lineage.audit.days import Days
from lineage.audit.facts import Flow
from lineage.audit.flowed import Flowed
from lineage.audit.verdicts import Audit, Verdict

__all__ = ["Ran", "last_ran", "ran"]


class Ran(Struct, frozen=True):
    """The verdicts of flows, each on the day of its last run."""

    verdicts: dict[str, tuple[date, Verdict]]
    """By flow, in order."""
    omitted: int
    """Flows that were not judged, since they ran on too many different days: those that ran the longest ago."""


def ran(days: Days, today: Audit, most: int) -> Ran:
    """Judge each flow that has happened by the day of an audit as of its last run; at most so many whole audits are made."""
    by_day: dict[date, list[Flow]] = defaultdict(list)
    for flow in today.ground.flowed.past:
        day = last_ran(today.flowed, flow)
        if day is not None:
            by_day[day].append(flow)
    found: dict[str, tuple[date, Verdict]] = {}
    anew = omitted = 0
    for day in sorted(by_day, reverse=True):
        anew += not days.is_near(day)
        if anew > most:
            omitted += len(by_day[day])
        else:
            found |= {id_: (day, verdict) for id_, verdict in days.at(day).verdicts(by_day[day]).items()}
    return Ran(dict(sorted(found.items())), omitted)


def last_ran(flowed: Flowed, flow: Flow) -> date | None:
    """The day on which a flow last ran by the day, so that it completed or wrote; without recorded runs, was first seen.

    None: it has not run (9.2 A10, A11).
    """
    runs = flowed.ran(flow)
    return flow.first_seen if runs is None else max((each.on for each in runs), default=None)
