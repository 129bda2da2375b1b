"""Connections to one database file, each on a thread of its own, and their deadlines and errors.

One connection writes; ``readers`` others read, beside it and beside each other (WAL), and as many again what takes long, so that
nothing else waits for it. Other processes may do the same: ``BEGIN IMMEDIATE`` is the lock that orders writes.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from catalog.errors import InvalidSelection, MigrationError, StoreTimeout, StoreUnavailable
from catalog.stores.sqlite.schema import APPLICATION_ID
from catalog.stores.sqlite.texts import exact

__all__ = ["MOMENT", "Beside", "Sqlite"]

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]
Beside = Callable[[Work[None]], Future[None]]
"""Starts work on another connection; what is cancelled before it began is never done."""

_MEMORY = ":memory:"
_WRITER = "sqlite-write"
_STEPS_BETWEEN_LOOKS = 500_000
"""Steps of SQLite's machine between two looks at the clock: about 25 milliseconds.

A look waits for the interpreter, which another thread holds for 5 milliseconds at a time: looks that come every millisecond
would let a statement run for a sixth of the time while Python runs beside it.
"""
MOMENT = 3.0
"""Seconds that what is only of use, and not needed, waits for who writes."""
_SET_UP_SECONDS = 3600
"""What a step may take that makes columns of every node anew; a lock is waited for no longer than a write waits."""
_SETTINGS = (
    # Of a file that is made; one that was made with another size keeps it. A load changes pages all over the indexes:
    # with pages of 4096 bytes, four times as many, a load of 100,000 datasets takes a tenth more of the processor.
    "PRAGMA page_size = 16384",
    # A commit is on the disk when it is acknowledged. NORMAL would survive a kill -9 as well, but not a power cut; FULL
    # costs one more fsync a batch: 5 to 15 % of the time of a first load in batches of a thousand datasets.
    "PRAGMA synchronous = FULL",
    "PRAGMA temp_store = MEMORY",
    # Readers read the file as mapped memory, which they share; the writer keeps its pages until the commit.
    "PRAGMA cache_size = -16384",
    "PRAGMA mmap_size = 1073741824",
    # No table declares a foreign key: the write plan knows that both ends of an edge are there.
    "PRAGMA foreign_keys = OFF",
    "PRAGMA trusted_schema = OFF",
)
_WRITER_SETTINGS = (
    "PRAGMA cache_size = -65536",
    "PRAGMA wal_autocheckpoint = 4000",
    "PRAGMA journal_size_limit = 67108864",
)
# What is mapped counts as memory of the process: of a load, which looks at all of the file, as much as the file.
_BULK_SETTINGS = ("PRAGMA mmap_size = 0",)
_BULK_WRITER_SETTINGS = (
    # What a batch of a large load changes stays in memory until the commit, and what several batches change comes into the
    # file once: without these a load of 100,000 datasets writes 1.4 times as much.
    "PRAGMA cache_size = -100000",
    "PRAGMA wal_autocheckpoint = 32000",
)
_UNAVAILABLE = {
    sqlite3.SQLITE_BUSY: "is locked by another process: try again",
    sqlite3.SQLITE_LOCKED: "is locked by another connection: try again",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened: run 'waypost migrate', or check the path and its permissions",
    sqlite3.SQLITE_IOERR: "cannot be read or written: check the disk",
    sqlite3.SQLITE_FULL: "cannot grow: the disk is full",
    sqlite3.SQLITE_READONLY: "cannot be written: check its permissions",
    sqlite3.SQLITE_PERM: "cannot be opened: check its permissions",
    sqlite3.SQLITE_CORRUPT: "is damaged: restore it from a copy",
    sqlite3.SQLITE_NOMEM: "needs more memory than there is",
}


class _Deadline:
    """The moment at which work is given up; earlier where its caller is gone."""

    __slots__ = ("at",)

    def __init__(self, seconds: float) -> None:
        self.at = time.monotonic() + seconds

    def passed(self) -> bool:
        return time.monotonic() > self.at


class _Lane:
    """One connection, used by one thread."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db
        self.ours = False
        """Whether the file was seen to be one of ours."""
        self.deadline = _Deadline(0)
        db.set_progress_handler(self._passed, _STEPS_BETWEEN_LOOKS)

    def _passed(self) -> bool:
        return self.deadline.passed()


class Sqlite:
    """One database file, or one in memory (which has one connection)."""

    def __init__(
        self, path: Path | str, *, read_seconds: float, write_seconds: float, readers: int, bulk: bool
    ) -> None:
        memory = str(path) == _MEMORY
        # Whole, since it is told: whoever started Waypost in the wrong folder sees where it looked.
        self.path = _MEMORY if memory else Path(path).absolute()
        self._seconds = (read_seconds, write_seconds)
        self._bulk = bulk
        self._own = threading.local()
        self._lanes: list[_Lane] = []
        self._writer = ThreadPoolExecutor(1, thread_name_prefix=_WRITER)
        self._readers, self._scanners = (
            self._writer if memory else ThreadPoolExecutor(readers, thread_name_prefix=name)
            for name in ("sqlite-read", "sqlite-scan")
        )
        self._closed = False

    @property
    def place(self) -> str:
        """The database, for people."""
        return f"the database {self.path}"

    async def read(self, work: Work[T]) -> T:
        """Do work that only reads, in one transaction."""
        return await self._read(self._readers, work)

    async def read_with_help(self, work: Callable[[sqlite3.Connection, Beside], T]) -> T:
        """As ``read``, of work that may take long, and start other such work beside itself once a connection is free."""
        loop = asyncio.get_running_loop()

        def beside(help_: Work[None]) -> Future[None]:
            return asyncio.run_coroutine_threadsafe(self._read(self._scanners, help_), loop)

        return await self._read(self._scanners, lambda db: work(db, beside))

    async def _read(self, pool: ThreadPoolExecutor, work: Work[T]) -> T:
        return await self._run(pool, self._seconds[0], lambda db: self._transaction(db, work, "BEGIN"))

    async def ask(self, work: Work[T]) -> T:
        """Do work of one statement, which needs no transaction around it."""
        return await self._run(self._readers, self._seconds[0], work)

    async def write(self, work: Work[T]) -> T:
        """Do work in one transaction that holds the lock of writes from its beginning: all of it, or nothing."""
        return await self._run(
            self._writer, self._seconds[1], lambda db: self._transaction(db, work, "BEGIN IMMEDIATE")
        )

    async def write_in_a_moment(self, work: Work[T]) -> T:
        """As ``write``, but where another process holds the lock for longer than a moment it is left undone.

        SQLite cannot be woken from waiting for a lock: who closes the database would wait as well.
        """

        def soon(db: sqlite3.Connection) -> T:
            db.execute(f"PRAGMA busy_timeout = {min(MOMENT, self._seconds[1]) * 1000:.0f}")
            try:
                return self._transaction(db, work, "BEGIN IMMEDIATE")
            finally:
                db.execute(f"PRAGMA busy_timeout = {self._seconds[1] * 1000:.0f}")

        return await self._run(self._writer, self._seconds[1], soon)

    async def set_up(self, look: Work[object], work: Work[T]) -> T:
        """Do work that may make the file. ``look`` is called first, and may refuse what is there untouched."""

        def both(db: sqlite3.Connection) -> T:
            # In one transaction: a file that another process makes meanwhile is not there yet, or whole.
            self._transaction(db, look, "BEGIN")
            if self.path != _MEMORY:
                _use_wal(db, self._seconds[1])
            return self._transaction(db, work, "BEGIN IMMEDIATE")

        return await self._run(self._writer, _SET_UP_SECONDS, both, create=True)

    async def close(self) -> None:
        """Let go of every connection; work that is under way is given up."""
        if self._closed:
            return
        self._closed = True
        for lane in self._lanes:
            lane.deadline.at = 0
        await asyncio.to_thread(self._shut_down)

    def _shut_down(self) -> None:
        for pool in {self._writer, self._readers, self._scanners}:
            pool.shutdown()
        for lane in self._lanes:
            lane.db.close()

    async def _run(self, pool: ThreadPoolExecutor, seconds: float, work: Work[T], *, create: bool = False) -> T:
        self._check_open()
        deadline = _Deadline(seconds)

        def job() -> T:
            with self._translated(seconds):
                self._check_open()
                if deadline.passed():
                    raise StoreTimeout(f"{self.place} was too busy to begin within {seconds:g} seconds")
                lane = self._lane(create=create)
                lane.deadline = deadline
                if not create:
                    self._own_file(lane)
                return work(lane.db)

        try:
            return await asyncio.get_running_loop().run_in_executor(pool, job)
        except asyncio.CancelledError:
            deadline.at = 0
            raise

    def _check_open(self) -> None:
        if self._closed:
            raise StoreUnavailable(f"{self.place} was closed by this process")

    def _lane(self, *, create: bool) -> _Lane:
        """This thread's connection."""
        lane: _Lane | None = getattr(self._own, "lane", None)
        if lane is None:
            lane = _Lane(self._connect(create=create))
            self._own.lane = lane
            self._lanes.append(lane)
        return lane

    def _own_file(self, lane: _Lane) -> None:
        """Refuse a file that is not set up, or another's."""
        if not lane.ours:
            (mark,) = lane.db.execute("PRAGMA application_id").fetchone()
            if mark != APPLICATION_ID:
                raise MigrationError(f"{self.place} is not set up, or not ours: run 'waypost migrate'")
            lane.ours = True

    def _connect(self, *, create: bool) -> sqlite3.Connection:
        writes = threading.current_thread().name.startswith(_WRITER)
        place = _MEMORY
        if isinstance(self.path, Path):
            place = f"{self.path.as_uri()}?mode={'rwc' if create else 'rw'}"
        db = sqlite3.connect(
            place,
            uri=place != _MEMORY,
            timeout=self._seconds[writes],
            isolation_level=None,
            check_same_thread=False,
            cached_statements=1000,
        )
        try:
            for setting in _settings(writes=writes, bulk=self._bulk):
                db.execute(setting)
            db.create_function("exact", 1, exact, deterministic=True)
        except BaseException:
            db.close()
            raise
        return db

    def _transaction(self, db: sqlite3.Connection, work: Work[T], begin: str) -> T:
        db.execute(begin)
        try:
            done = work(db)
            if self._own.lane.deadline.passed():
                # Not while SQLite worked, so that it could not be interrupted: nobody waits for it any more.
                raise StoreTimeout(f"{self.place} gave up: the work took too long, and nothing of it was kept")
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
        return done

    @contextmanager
    def _translated(self, seconds: float) -> Generator[None]:
        try:
            yield
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            if code == sqlite3.SQLITE_INTERRUPT:
                raise StoreTimeout(f"{self.place} gave up after {seconds:g} seconds") from error
            if code == sqlite3.SQLITE_NOTADB:
                raise MigrationError(f"{self.place} is no SQLite file: give Waypost a file of its own") from error
            if code in _UNAVAILABLE:
                raise StoreUnavailable(f"{self.place} {_UNAVAILABLE[code]}") from error
            if code == sqlite3.SQLITE_ERROR and str(error).startswith(("no such table", "no such column")):
                raise MigrationError(f"{self.place} has an older schema ({error}): run 'waypost migrate'") from error
            raise
        except (OverflowError, UnicodeEncodeError) as error:
            raise InvalidSelection(f"a value is out of the range that is kept: {error}") from error


def _settings(*, writes: bool, bulk: bool) -> tuple[str, ...]:
    """What a connection is told before it is used, in order."""
    usual = (*_SETTINGS, *(_WRITER_SETTINGS if writes else ()))
    if not bulk:
        return usual
    return (*usual, *_BULK_SETTINGS, *(_BULK_WRITER_SETTINGS if writes else ()))


def _use_wal(db: sqlite3.Connection, seconds: float) -> None:
    """Let readers and the writer go on beside each other. The file keeps the setting.

    SQLite does not wait for the lock that this takes, so that two who set up a file at once must.
    """
    give_up = time.monotonic() + seconds
    while db.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        try:
            db.execute("PRAGMA journal_mode = WAL").fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
                raise
            time.sleep(0.01)
