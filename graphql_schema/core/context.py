"""What a request brings along: who asks, on which day, and where the graph is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from catalog.access import PUBLIC_READER, Reader
from catalog.stores.port import Store
from graphql_schema.core.kept_audits import Audits

__all__ = ["Caller", "Context"]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the name under which what they state is recorded, and whether they may state anything."""

    name: str = PUBLIC_READER.name
    is_known: bool = False
    may_write: bool = False


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Context:
    """One request. ``today`` is the day that a field without ``asOf`` is about."""

    store: Store
    reader: Reader
    today: date
    request_id: str
    deadline: asyncio.Timeout | None = None
    """When the request is given up; None: never."""
    write_seconds: float | None = None
    """How long a mutation may take from when its document is checked; None: no longer than a query."""
    audits: Audits | None = None
    """The audits of this store that are kept; None: each request works out its own, its days those of UTC."""
    caller: Caller = Caller()
    now: Callable[[], datetime] = _now
    """The clock, with a zone."""
