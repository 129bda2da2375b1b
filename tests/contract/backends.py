"""The table of backends, and a store of each that waits, so that a test reads from top to bottom."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from catalog.access import Reader
from catalog.batch import Batch, WriteResult
from catalog.selection import Page, Select, Selection
from catalog.stores.layout import Tables
from catalog.stores.port import (
    Aggregate,
    Change,
    ChangePage,
    Expand,
    Expansion,
    Image,
    Near,
    Nearby,
    Scan,
    Scanned,
    SearchPage,
    SearchQuery,
    Store,
)
from tests.support.patience import PATIENCE
from tests.support.reference_graph import OPAQUE_KEY

__all__ = ["BACKENDS", "Backend", "Blocking", "Place"]

_Answer = TypeVar("_Answer")


@dataclass(frozen=True)
class Place:
    """Where a store's graph lies: a file for the embedded one, a server's address for the other."""

    file: Path
    uri: str = ""
    user: str | None = None
    password: str | None = None

    @property
    def environment(self) -> dict[str, str]:
        """The settings of a program that is to use it."""
        patience = {f"WAYPOST_{what}_TIMEOUT_SECONDS": str(PATIENCE) for what in ("QUERY", "WRITE", "CONNECT")}
        settings = {"WAYPOST_STORE": self.uri or f"sqlite:{self.file}", **patience}
        if self.password:
            settings |= {"WAYPOST_NEO4J_USER": self.user or "neo4j", "WAYPOST_NEO4J_PASSWORD": self.password}
        return settings


@dataclass(frozen=True)
class Backend:
    """One kind of store. ``open`` does not migrate; it is called where a loop runs."""

    name: str
    needs_neo4j: bool
    open: Callable[[Place, Tables], Store]
    compiler: str
    """The module whose ``compile_select`` makes the text of a selection."""


def _open_sqlite(place: Place, tables: Tables) -> Store:
    from catalog.stores.sqlite.store import SqliteStore

    return SqliteStore.open(
        place.file,
        tables,
        read_timeout_seconds=PATIENCE,
        write_timeout_seconds=PATIENCE,
        opaque_key=OPAQUE_KEY,
    )


def _open_neo4j(place: Place, tables: Tables) -> Store:
    from catalog.stores.neo4j.store import Neo4jStore

    # Warnings are errors here: so is what the server has to say about any statement of any test.
    return Neo4jStore.open(
        place.uri,
        tables,
        user=place.user,
        password=place.password,
        read_timeout_seconds=PATIENCE,
        write_timeout_seconds=PATIENCE,
        connect_timeout_seconds=PATIENCE,
        opaque_key=OPAQUE_KEY,
        warn=True,
    )


BACKENDS = {
    "sqlite": Backend("sqlite", False, _open_sqlite, "catalog.stores.sqlite.compile"),
    "neo4j": Backend("neo4j", True, _open_neo4j, "catalog.stores.neo4j.compile"),
}


class Blocking:
    """A store of which every call waits for its answer. ``store`` is the one underneath, for calls at once."""

    def __init__(self, store: Store, runner: asyncio.Runner) -> None:
        self.store = store
        self.runner = runner

    def wait(self, call: Awaitable[_Answer]) -> _Answer:
        """Run one call, or several gathered into one, to its end."""

        async def waited() -> _Answer:
            return await call

        return self.runner.run(waited())

    @property
    def name(self) -> str:
        return self.store.name

    @property
    def round_trips(self) -> int:
        """Statements sent so far: what ``select`` and ``expand`` promise one of."""
        counted: Any = self.store
        return counted.round_trips

    def migrate(self) -> list[str]:
        return self.wait(self.store.migrate())

    def select(self, selection: Selection) -> Page:
        return self.wait(self.store.select(selection))

    def select_all(self, roots: Sequence[Select], reader: Reader, as_of: date) -> list[Page]:
        return self.wait(self.store.select_all(roots, reader, as_of))

    def expand(self, query: Expand) -> Expansion:
        return self.wait(self.store.expand(query))

    def scan(self, query: Scan) -> Scanned:
        return self.wait(self.store.scan(query))

    def near(self, query: Near) -> Nearby:
        return self.wait(self.store.near(query))

    def search(self, query: SearchQuery) -> SearchPage:
        return self.wait(self.store.search(query))

    def aggregate(self, query: Aggregate) -> list[tuple[Any, int]]:
        return self.wait(self.store.aggregate(query))

    def write(self, batch: Batch) -> WriteResult:
        return self.wait(self.store.write(batch))

    def changes(self, since: str = "", limit: int = 1000) -> ChangePage:
        return self.wait(self.store.changes(since, limit))

    def all_changes(self, limit: int = 1000) -> list[Change]:
        """Every change from the beginning, page by page."""
        found: list[Change] = []
        page = self.changes("", limit)
        found += page.changes
        while page.has_next:
            page = self.changes(page.cursor, limit)
            assert page.changes, "a page that was announced is empty"
            found += page.changes
        return found

    def replay(self, changes: Sequence[Change]) -> int:
        return self.wait(self.store.replay(changes))

    def keep_image(self, name: str, image: Image) -> None:
        self.wait(self.store.keep_image(name, image))

    def image(self, name: str) -> Image | None:
        return self.wait(self.store.image(name))

    def revision(self) -> int:
        return self.wait(self.store.revision())

    def check(self) -> None:
        self.wait(self.store.check())

    def close(self) -> None:
        self.wait(self.store.close())
