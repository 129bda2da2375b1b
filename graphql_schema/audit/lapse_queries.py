"""Root fields of what ends with agreements."""

from __future__ import annotations

from graphql_schema.audit.lapses import CoverageCalendar, SinglePoints
from graphql_schema.core.audits import FindAudited
from graphql_schema.core.declare import AS_OF, PAGE, asked, roots
from graphql_schema.core.lapses import DEFAULT_DAYS, MAX_DAYS, coverage_calendar, single_points

__all__ = ["LapseQuery"]


@roots
class LapseQuery:
    """See the fields."""

    coverage_calendar: CoverageCalendar = asked(
        FindAudited(coverage_calendar),
        "The last days of agreements and of their terms from the day on, by what is agreed on each, with what lapses.",
        (
            "days",
            int,
            f"How many days ahead, the last one counted. Unit: days, 0 to {MAX_DAYS}; unless told: {DEFAULT_DAYS}.",
            DEFAULT_DAYS,
        ),
        *PAGE,
        AS_OF,
    )
    single_points_of_failure: SinglePoints = asked(
        FindAudited(single_points),
        "The agreements at whose end, after the day, flows would lapse: the one with the most first.",
        *PAGE,
        AS_OF,
    )
