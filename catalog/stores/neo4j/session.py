"""Statements to a Neo4j: deadlines, retries and errors in one place.

The driver waits without limit on a silent network and does not retry a lost commit or a lost race
(``reference/reliability-security-explorer.md`` section 0.4 and A2, measured). So every call has an outer deadline; reads
are retried here; writes are idempotent and run again after any failure that leaves their fate open. All retries are made
here: those of the driver know of no deadline, and what they met would be lost at ours.
"""

from __future__ import annotations

import asyncio
import itertools
import math
import random
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any, LiteralString, TypeVar, cast

import neo4j
from neo4j import AsyncDriver, AsyncGraphDatabase, AsyncSession, AsyncTransaction, Query
from neo4j import exceptions as driver_errors

from catalog.errors import CatalogError, StoreTimeout, StoreUnavailable

__all__ = ["Bolt", "Work", "planned_once", "text"]

T = TypeVar("T")
Work = Callable[["Transaction"], Awaitable[T]]

_ATTEMPTS = 5
_CLOSE_SECONDS = 1.0
_TIMED_OUT = "TransactionTimedOut"
_NO_DATABASE = "Neo.ClientError.Database.DatabaseNotFound"
_MAY_NOT = frozenset(("Neo.ClientError.Security.Forbidden", "Neo.ClientError.General.WriteOnReadOnlyAccessDatabase"))
"""What is said to a user who may only read, and of a database that is read only."""
_VALUES = "p"
_PARAMETER = re.compile(r"\$(\w+)")


def text(compiled: str) -> LiteralString:
    """The one door from a compiled text to a statement: what passes is made of the declared model and constants."""
    return cast("LiteralString", compiled)


def planned_once(statement: str, params: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """A statement and its parameters so that a Neo4j plans it once, whatever their values.

    It keeps a plan for each order of magnitude (1, 10, 100) of the length of each text and list among the parameters, and to
    plan a nested read takes a second. Of what a map holds it looks at no length.
    """
    # Days are all of one length, and named so often that reading them of a map would show in the time of planning.
    within = {name for name, value in params.items() if isinstance(value, Sequence) and name != "day"}
    values: dict[str, Any] = {name: value for name, value in params.items() if name not in within}
    values[_VALUES] = {name: params[name] for name in within}
    return _with_map(statement, frozenset(within)), values


@lru_cache(maxsize=1024)
def _with_map(statement: str, within: frozenset[str]) -> str:
    """The statement as it names its parameters where these are within the map."""
    return _PARAMETER.sub(lambda found: f"${_VALUES}.{found[1]}" if found[1] in within else found[0], statement)


class Often:
    """Which statements come often."""

    def __init__(self, often: int = 10, remembered: int = 10_000) -> None:
        """Often is what came more than ``often`` times; of more than ``remembered`` statements all are forgotten."""
        self._often = often
        self._remembered = remembered
        self._came: Counter[int] = Counter()

    def comes(self, statement: str) -> bool:
        """Note that it came; whether it comes often."""
        if len(self._came) > self._remembered:
            self._came.clear()
        about = hash(statement)
        self._came[about] += 1
        return self._came[about] > self._often


class Transaction:
    """A transaction, as far as writes need it."""

    def __init__(self, inner: AsyncTransaction, often: Often) -> None:
        """``often`` is asked whether a statement is worth its planning."""
        self._inner = inner
        self.often = often

    async def value(self, statement: str, params: Mapping[str, Any]) -> Any:
        """The first value of the one record that the statement answers; None where it answers none."""
        result = await self._inner.run(text(statement), dict(params))
        record = await result.single()
        return record[0] if record else None

    async def run(self, statement: str, params: Mapping[str, Any]) -> None:
        """Carry out a statement that answers nothing."""
        result = await self._inner.run(text(statement), dict(params))
        await result.consume()


class Bolt:
    """A driver with deadlines. Raises StoreUnavailable and StoreTimeout, never the driver's own errors."""

    def __init__(
        self,
        uri: str,
        *,
        user: str | None,
        password: str | None,
        database: str | None,
        read_timeout_seconds: float,
        write_timeout_seconds: float,
        connect_timeout_seconds: float,
        warn: bool,
    ) -> None:
        self.uri = uri
        self.database = database
        self.read_timeout_seconds = read_timeout_seconds
        self.write_timeout_seconds = write_timeout_seconds
        self._bookmarks = AsyncGraphDatabase.bookmark_manager()
        self._often = Often()
        try:
            self._driver: AsyncDriver = AsyncGraphDatabase.driver(  # pyright: ignore[reportUnknownMemberType] - untyped options
                uri,
                auth=(user or "neo4j", password) if password else None,
                connection_timeout=connect_timeout_seconds,
                connection_acquisition_timeout=connect_timeout_seconds * 2,
                user_agent="waypost",
                notifications_min_severity="WARNING" if warn else "OFF",
                warn_notification_severity="WARNING" if warn else None,
            )
        except (ValueError, driver_errors.ConfigurationError) as error:
            raise StoreUnavailable(f"'{uri}' is no address of a Neo4j: write it as bolt://host:7687") from error

    async def close(self) -> None:
        """Close every connection, where one is silent without a goodbye. Calling it twice is harmless."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_CLOSE_SECONDS):
                await self._driver.close()

    async def read(
        self, statement: str, params: Mapping[str, Any], *, timeout_seconds: float | None = None, probe: bool = False
    ) -> Any:
        """The first value of the one record of a statement that only reads; retried while that can help.

        A ``probe`` asks what a database is that may never have been set up: that it lacks what is asked about is no
        warning but the answer.
        """
        budget = timeout_seconds or self.read_timeout_seconds
        sent, values = planned_once(statement, params)
        query = Query(text(sent), timeout=budget)

        async def once() -> Any:
            async with self._session(neo4j.READ_ACCESS, probe=probe) as session:
                result = await session.run(query, values)
                record = await result.single()
                return record[0] if record else None

        return await self._bounded(once, budget)

    async def read_each(
        self, statement: str, params: Mapping[str, Any], keep: Callable[[list[T], Any], None]
    ) -> list[T]:
        """As ``read``, of a statement of several large records.

        ``keep`` adds what is to be kept of one to what was kept of those before it, and may refuse more; then the next is asked for.
        """
        sent, values = planned_once(statement, params)
        query = Query(text(sent), timeout=self.read_timeout_seconds)

        async def once() -> list[T]:
            async with self._session(neo4j.READ_ACCESS, fetch_size=1) as session:
                found: list[T] = []
                async for record in await session.run(query, values):
                    keep(found, record[0])
                return found

        return await self._bounded(once, self.read_timeout_seconds)

    async def write(self, work: Work[T]) -> T:
        """Carry out idempotent work in one transaction, again where a race or a lost commit leaves its fate open.

        Waits for a database that starts again, as long as there is time.
        """
        budget = self.write_timeout_seconds

        async def once() -> T:
            # The server gives it up as well: one whose client went away would hold the lock of all writers.
            async with (
                self._session(neo4j.WRITE_ACCESS) as session,
                await session.begin_transaction(None, budget) as tx,
            ):
                done = await work(Transaction(tx, self._often))
                await tx.commit()
                return done

        return await self._bounded(once, budget, attempts=math.inf)

    async def schema(self, statements: list[str]) -> None:
        """Carry out schema statements, which Neo4j does not mix with data, in one transaction."""

        async def once() -> None:
            async with self._session(neo4j.WRITE_ACCESS) as session, await session.begin_transaction() as tx:
                for statement in statements:
                    await (await tx.run(text(statement))).consume()
                await tx.commit()

        await self._bounded(once, max(120.0, self.write_timeout_seconds))

    def _session(self, access: str, *, probe: bool = False, fetch_size: int = 1000) -> AsyncSession:
        """A session that reads what this process wrote, on a cluster too."""
        settings: dict[str, Any] = {
            "database": self.database,
            "default_access_mode": access,
            "bookmark_manager": self._bookmarks,
            "fetch_size": fetch_size,
        }
        if probe:
            settings["notifications_min_severity"] = "OFF"
        return self._driver.session(**settings)  # pyright: ignore[reportUnknownMemberType] - untyped options

    async def _bounded(self, call: Callable[[], Awaitable[T]], seconds: float, attempts: float = _ATTEMPTS) -> T:
        try:
            async with asyncio.timeout(seconds + 0.5):
                return await _retried(call, seconds, attempts)
        except TimeoutError as error:
            raise StoreTimeout(f"the database at {self.uri} did not answer within {seconds:g} seconds") from error
        except CatalogError:
            raise
        except driver_errors.AuthError as error:
            message = f"the database at {self.uri} refuses the user or password: set WAYPOST_NEO4J_PASSWORD"
            raise StoreUnavailable(message) from error
        except driver_errors.Neo4jError as error:
            if error.code and _TIMED_OUT in error.code:
                raise StoreTimeout(f"the database gave up a statement after {seconds:g} seconds") from error
            if error.code == _NO_DATABASE:
                message = f"the Neo4j at {self.uri} has no database '{self.database}': set WAYPOST_NEO4J_DATABASE"
                raise StoreUnavailable(message) from error
            if error.code in _MAY_NOT:
                message = (
                    f"the database at {self.uri} does not let this user write, or not ask this: check their rights"
                )
                raise StoreUnavailable(message) from error
            if _open_fate(error):
                raise StoreUnavailable(f"the database at {self.uri} is busy: try again") from error
            raise
        except driver_errors.ConnectionAcquisitionTimeoutError as error:
            message = f"every connection to the database at {self.uri} is in use: try again"
            raise StoreUnavailable(message) from error
        except (driver_errors.DriverError, OSError) as error:
            message = f"no Neo4j answers at {self.uri}: is it running ('waypost neo4j status')?"
            raise StoreUnavailable(message) from error


async def _retried(call: Callable[[], Awaitable[T]], seconds: float, attempts: float) -> T:
    """Make the call again while that can help and there is time; then the failure is the answer, not the deadline."""
    give_up = time.monotonic() + seconds
    for attempt in itertools.count(1):
        try:
            return await call()
        except (driver_errors.Neo4jError, driver_errors.DriverError) as error:
            # A race that is lost every time is none.
            most = _ATTEMPTS if isinstance(error, driver_errors.ConstraintError) else attempts
            pause = 0.05 * 2 ** min(attempt - 1, 4) * random.uniform(0.8, 1.2)  # noqa: S311 - jitter, no secret
            if attempt >= most or not _open_fate(error) or time.monotonic() + pause > give_up:
                raise
        await asyncio.sleep(pause)
    raise AssertionError


def _open_fate(error: Exception) -> bool:
    """Whether doing idempotent work again can help: what the driver retries, a lost commit, a lost race for a key."""
    if isinstance(error, driver_errors.ConstraintError | driver_errors.IncompleteCommit):
        return True
    retryable = isinstance(error, driver_errors.Neo4jError | driver_errors.DriverError) and error.is_retryable()
    return retryable and not isinstance(error, driver_errors.ConnectionAcquisitionTimeoutError)
