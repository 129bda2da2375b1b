"""Values between Python and the stores: one stored form for each declared shape, the same in both (ADR 3).

Days are ``YYYY-MM-DD``, instants UTC with six decimals and a ``Z``: as text they sort by time. The ends of a span of
time are never null: ``''`` is before every day and ``~`` after, so that one comparison answers "does it hold".
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from math import isfinite
from typing import Any, cast

import msgspec

from catalog.errors import InvalidRecord
from catalog.model.declare import Property, Shape
from catalog.text import LAST, sort_key

__all__ = [
    "ALWAYS",
    "MAX_INDEXED_BYTES",
    "NEVER",
    "WHOLE_NUMBERS",
    "content_digest",
    "day_before",
    "day_end",
    "day_start",
    "decode",
    "encode",
    "instant",
    "order_key",
    "written_day",
]

ALWAYS = ""
"""The stored start of what has no known start."""
NEVER = "~"
"""The stored end of what has not ended; also the ``retracted_at`` of what still stands."""

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

MAX_INDEXED_BYTES = 4096
"""Size in UTF-8 of a text that single values are looked up by: a Neo4j indexes twice as much, and refuses more."""

WHOLE_NUMBERS = range(-(2**63), 2**63)
"""Those that both stores keep."""


def written_day(text: str) -> date | None:
    """The day that somebody wrote as ``YYYY-MM-DD``; None: it is none. Python would take weeks of ISO 8601 as well."""
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def day_before(end: date | None) -> date | None:
    """The last day of what holds no more from a day on (9.2 A7), or the first that there is; None: it has no end."""
    return None if end is None else end - min(timedelta(days=1), end - date.min)


def instant(moment: datetime) -> str:
    """The stored form of an instant. Raises InvalidRecord on one without a zone."""
    if moment.tzinfo is None:
        raise InvalidRecord(f"{moment.isoformat()} has no time zone: state one, such as +00:00")
    try:
        utc = moment.astimezone(UTC)
    except OverflowError as error:
        raise InvalidRecord(f"{moment.isoformat()} is out of range: state a year from 1 to 9999") from error
    return utc.isoformat(timespec="microseconds").replace("+00:00", "Z")


def day_start(day: date | None) -> str:
    """The stored first day of a span."""
    return ALWAYS if day is None else day.isoformat()


def day_end(day: date | None) -> str:
    """The stored first day after a span (domain 9.2 A7: half open)."""
    return NEVER if day is None else day.isoformat()


def encode(declared: Property, value: Any) -> Any:
    """The stored form of a property's value. Raises InvalidRecord, naming the property and the shape."""
    if value is None or value == ():
        if declared.required:
            raise InvalidRecord(f"'{declared.name}' is missing: every record of this kind states it")
        return None
    stored = encode_shape(declared.name, declared.shape, value)
    if declared.index and isinstance(stored, str) and len(stored.encode()) > MAX_INDEXED_BYTES:
        raise InvalidRecord(
            f"'{declared.name}' is over {MAX_INDEXED_BYTES} bytes, and is looked up by them: shorten it"
        )
    return stored


def encode_shape(name: str, shape: Shape, value: Any) -> Any:
    """The stored form of a value of this shape. Raises InvalidRecord."""
    # Most are one of these two: asked first, since the cases below are asked one after the other.
    if shape is Shape.TEXT and isinstance(value, str):
        return _text(name, value)
    if shape is Shape.TEXTS and isinstance(value, tuple | list):
        return [_text(name, item) for item in cast("Sequence[Any]", value)]
    match shape, value:
        case (Shape.BOOLEAN, bool()):
            return value
        case (Shape.INTEGER, int()) if not isinstance(value, bool) and value in WHOLE_NUMBERS:
            return value
        case (Shape.REAL, int() | float()) if not isinstance(value, bool) and isfinite(value):
            return float(value)
        case (Shape.DATETIME, datetime()):
            return instant(value)
        case (Shape.DATE, date()) if not isinstance(value, datetime):
            return value.isoformat()
        case _:
            raise InvalidRecord(f"'{name}' is {value!r:.60}: expected {shape.value}")


def decode(shape: Shape, stored: Any) -> Any:
    """The value of a stored form; a missing list is an empty one."""
    if shape is Shape.TEXTS:
        return stored or []
    if stored is None:
        return None
    if shape is Shape.BOOLEAN:
        return bool(stored)
    if shape is Shape.REAL:
        return float(stored)
    return stored


def order_key(shape: Shape, stored: Any) -> str | int | float:
    """What a list is ordered by: never null, one type a property, the missing last."""
    if shape in (Shape.INTEGER, Shape.BOOLEAN):
        return WHOLE_NUMBERS[-1] if stored is None else int(stored)
    if shape is Shape.REAL:
        return 1.7976931348623157e308 if stored is None else stored
    if shape is Shape.TEXT:
        return sort_key(stored)
    return LAST if stored is None else stored


def content_digest(stored: Mapping[str, Any]) -> str:
    """24 hexadecimal digits that tell one content of declared properties from another.

    What is missing does not count, so that a property which the model gains changes no digest until it is stated.
    """
    content = sorted([(name, value) for name, value in stored.items() if value is not None])
    return hashlib.blake2b(msgspec.json.encode(content), digest_size=12).hexdigest()


def _text(name: str, value: Any) -> str:
    if type(value) is str and value.isascii() and "\0" not in value:
        return value
    if not isinstance(value, str):
        raise InvalidRecord(f"'{name}' holds {value!r:.60}: expected text")
    text = str(value)
    if "\0" in text:
        raise InvalidRecord(f"'{name}' holds U+0000, which no store keeps: remove it")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidRecord(f"'{name}' holds a lone surrogate: it is no Unicode text") from error
    return text
