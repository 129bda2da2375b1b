"""Scalars. The stores answer days and instants as ISO text, which goes to the client as it is."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

from catalog.values import written_day

__all__ = ["SCALARS", "Int64", "InvalidScalar"]

Int64 = NewType("Int64", int)
"""A whole number that may be larger than GraphQL's own Int takes."""


class InvalidScalar(ValueError):
    """A value of the client's that is not of the type; the message may be shown."""


_MAX_SAFE = 2**53 - 1


def _day(value: Any) -> date:
    found = written_day(value) if isinstance(value, str) else None
    if found is not None:
        return found
    raise InvalidScalar(f"'{str(value)[:40]}' is no day: expected YYYY-MM-DD")


def _instant(value: Any) -> datetime:
    if isinstance(value, str):
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            found = None
        if found is not None and found.tzinfo is not None:
            return found
    raise InvalidScalar(f"'{str(value)[:40]}' is no instant: expected YYYY-MM-DDThh:mm:ssZ, or another offset")


def _whole(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _MAX_SAFE:
        return value
    raise InvalidScalar(f"'{str(value)[:40]}' is no whole number up to {_MAX_SAFE}")


SCALARS: dict[object, ScalarDefinition] = {
    date: strawberry.scalar(
        name="Date",
        description="A whole day, `YYYY-MM-DD`, in the time zone of the jurisdiction.",
        specified_by_url="https://scalars.graphql.org/andimarek/local-date",
        parse_value=_day,
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description="An instant, ISO 8601; answers are in UTC: `YYYY-MM-DDThh:mm:ss.ffffffZ`.",
        specified_by_url="https://scalars.graphql.org/andimarek/date-time",
        parse_value=_instant,
    ),
    Int64: strawberry.scalar(
        name="Int64",
        description="A whole number from -(2^53 - 1) to 2^53 - 1, which every JSON reader takes exactly.",
        serialize=_whole,
        parse_value=_whole,
    ),
}
