"""Which files were matched, and whether they were destroyed in time (question 20; domain R34).

R34 asks that files received for matching are destroyed within five business days after the match is confirmed. Business
days are Mondays to Fridays: holidays are not known, so that a file may be called late a little early. The day of the match
counts as that of its confirmation, and a shorter time that an agency has agreed on is not known to the catalog. Only the day
that the run itself states shows that they were destroyed.
"""

from __future__ import annotations

from datetime import date

from lineage.audit.asof import AsOf, holds
from lineage.audit.duties import Standing, later, standing
from lineage.audit.records import LinkageRun

__all__ = ["happened", "of_files"]

_WITHIN_DAYS = 7
"""Five business days: from a Monday to a Friday the same day of the next week."""
_FRIDAY = 4


def happened(asof: AsOf) -> list[LinkageRun]:
    """The linkage runs of which files had come in or were matched by the day, by id; those without any day among them."""
    return sorted(
        (each for each in asof.facts.records.linkage_runs if _began(each, asof.day)), key=lambda each: each.id
    )


def _began(run: LinkageRun, day: date) -> bool:
    days = [each for each in (run.received_on, run.matched_on) if each is not None]
    return holds(run, day) and (not days or min(days) <= day)


def of_files(run: LinkageRun, day: date) -> Standing:
    """Whether the files were destroyed on a day; by when is not known as long as they are not known to be matched."""
    matched = run.matched_on if run.matched_on is not None and run.matched_on <= day else None
    return standing(None if matched is None else _due(matched), run.destroyed_on, day)


def _due(matched: date) -> date | None:
    """The last day in time; None where that is no day of the calendar. From a weekend it counts as from the Friday before."""
    return later(matched, _WITHIN_DAYS - max(0, matched.weekday() - _FRIDAY))
