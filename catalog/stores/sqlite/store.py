"""The embedded store: one SQLite file (WAL, FTS5, JSON). Its contract is ``catalog/stores/port.py``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import msgspec

from catalog.access import Reader
from catalog.batch import Batch, WriteResult
from catalog.errors import MigrationError
from catalog.selection import Page, Select, Selection
from catalog.stores.feed import FeedCursor, feed_page
from catalog.stores.layout import Tables
from catalog.stores.near import nearby, resolve_near
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
from catalog.stores.query import groups, resolve_aggregate, resolve_expand, resolve_search, search_page
from catalog.stores.resolve import resolve, resolve_all
from catalog.stores.rows import read_page
from catalog.stores.scan import resolve_scan
from catalog.stores.sqlite import changes as feed
from catalog.stores.sqlite import schema
from catalog.stores.sqlite.compile import compile_all, compile_select, read_all, read_answer
from catalog.stores.sqlite.expand import expand
from catalog.stores.sqlite.near import compile_near
from catalog.stores.sqlite.scan import scan
from catalog.stores.sqlite.search import compile_aggregate, compile_search, match
from catalog.stores.sqlite.session import Sqlite
from catalog.stores.sqlite.texts import LAST_REAL, exact, json_text
from catalog.stores.sqlite.write import write

__all__ = ["SqliteStore"]


class SqliteStore:
    """One graph in one SQLite file, or in memory. Any number of processes may have it open."""

    name = "sqlite"

    def __init__(self, sqlite: Sqlite, tables: Tables, opaque_key: bytes | None = None) -> None:
        self.round_trips = 0
        """Statements sent by select, expand, search and aggregate so far."""
        self._sqlite = sqlite
        self._tables = tables
        self._opaque_key = opaque_key

    @classmethod
    def open(
        cls,
        path: Path | str,
        tables: Tables,
        *,
        read_timeout_seconds: float = 10.0,
        write_timeout_seconds: float = 30.0,
        opaque_key: bytes | None = None,
        readers: int = 2,
        bulk: bool = False,
    ) -> SqliteStore:
        """A store on the file at ``path``, or ":memory:". Opens it when first asked; ``migrate`` makes it.

        ``opaque_key`` (at most 64 bytes) fixes the key of placeholder ids in a new database; else it is random.
        ``readers`` is how many reads are answered at once, besides scans. ``bulk`` is for one who writes much and reads
        little: up to 100 MB of what is written are held in memory, and none of the file is mapped.
        """
        sqlite = Sqlite(
            path,
            read_seconds=read_timeout_seconds,
            write_seconds=write_timeout_seconds,
            readers=readers,
            bulk=bulk,
        )
        return cls(sqlite, tables, opaque_key)

    async def migrate(self) -> list[str]:
        """See ``Store.migrate``."""
        tables, place, key = self._tables, self._sqlite.place, self._opaque_key
        return await self._sqlite.set_up(
            lambda db: schema.pending(db, tables, place), lambda db: schema.migrate(db, tables, place, key)
        )

    async def select(self, selection: Selection) -> Page:
        """See ``Store.select``."""
        key = await self.opaque_key()
        resolved = resolve(selection, self._tables, key)
        answer = await self._ask(compile_select(resolved.shape), resolved.params)
        return read_page(resolved.shape, selection.root, read_answer(resolved.shape, answer), key)

    async def select_all(self, roots: Sequence[Select], reader: Reader, as_of: date) -> list[Page]:
        """See ``Store.select_all``."""
        if not roots:
            return []
        key = await self.opaque_key()
        shapes, params = resolve_all(roots, reader, as_of, self._tables, key)
        answer = await self._ask(compile_all(shapes), params)
        pages = read_all(shapes, answer)
        return [read_page(*found, key) for found in zip(shapes, roots, pages, strict=True)]

    async def expand(self, query: Expand) -> Expansion:
        """See ``Store.expand``."""
        shape, params = resolve_expand(query, self._tables)
        self.round_trips += 1
        sent = _all_sent(params)
        return await self._sqlite.ask(lambda db: expand(db, query, shape, sent))

    async def scan(self, query: Scan) -> Scanned:
        """See ``Store.scan``."""
        shape, params = resolve_scan(query, self._tables)
        sent = _all_sent(params)
        return await self._sqlite.read_with_help(lambda db, beside: scan(db, shape, sent, beside))

    async def near(self, query: Near) -> Nearby:
        """See ``Store.near``."""
        shape, params = resolve_near(query, self._tables)
        if not shape:
            return Nearby([], cut=False)
        self.round_trips += 1
        sent = _all_sent(params)
        return nearby(query, await self._sqlite.ask(lambda db: db.execute(compile_near(shape), sent).fetchall()))

    async def search(self, query: SearchQuery) -> SearchPage:
        """See ``Store.search``."""
        shape, params = resolve_search(query, self._tables)
        params |= match(params["words"], prefix=shape.prefix)
        return search_page(query, shape, await self._ask_one(compile_search(shape), params))

    async def aggregate(self, query: Aggregate) -> list[tuple[Any, int]]:
        """See ``Store.aggregate``."""
        shape, params = resolve_aggregate(query, self._tables)
        return groups(shape.group, await self._ask_one(compile_aggregate(shape), params), query.first)

    async def write(self, batch: Batch) -> WriteResult:
        """See ``Store.write``."""
        return await self._sqlite.write(lambda db: write(db, batch, self._tables))

    async def changes(self, since: str, limit: int = 1000) -> ChangePage:
        """See ``Store.changes``."""
        after = FeedCursor.decode(since)
        after.params(limit)  # checks the limit
        found = await self._sqlite.read(lambda db: feed.read_changes(db, self._tables, after, limit + 1))
        return feed_page(found, since, limit)

    async def replay(self, changes: Sequence[Change]) -> int:
        """See ``Store.replay``."""
        return await self._sqlite.write(lambda db: feed.replay(db, changes, self._tables))

    async def keep_image(self, name: str, image: Image) -> None:
        """See ``Store.keep_image``."""
        row = (name, *image)
        put = "INSERT OR REPLACE INTO image VALUES (?, ?, ?, ?)"
        await self._sqlite.write_in_a_moment(lambda db: db.execute(put, row))

    async def image(self, name: str) -> Image | None:
        """See ``Store.image``."""
        asked = "SELECT revision, maker, content FROM image WHERE name = ?"
        row = await self._sqlite.ask(lambda db: db.execute(asked, (name,)).fetchone())
        return Image(*row) if row else None

    async def opaque_key(self) -> bytes:
        """See ``Store.opaque_key``."""
        if self._opaque_key is None:
            self._opaque_key = await self._sqlite.ask(lambda db: bytes.fromhex(schema.read_meta(db)["opaque_key"]))
        return self._opaque_key

    async def revision(self) -> int:
        """See ``Store.revision``."""
        return await self._sqlite.ask(lambda db: int(schema.read_meta(db)["revision"]))

    async def check(self) -> None:
        """See ``Store.check``."""
        lacks = await self._sqlite.read(lambda db: schema.pending(db, self._tables, self._sqlite.place))
        if not lacks.done:
            raise MigrationError(f"{self._sqlite.place} has an older schema: run 'waypost migrate' with this version")

    async def close(self) -> None:
        """See ``Store.close``."""
        await self._sqlite.close()

    async def _ask_one(self, text: str, params: Mapping[str, Any]) -> Any:
        """The answer of a statement that answers one value."""
        (answer,) = await self._ask(text, params)
        return msgspec.json.decode(answer)

    async def _ask(self, text: str, params: Mapping[str, Any]) -> tuple[str, ...]:
        """The one row of one statement."""
        self.round_trips += 1
        sent = _all_sent(params)
        return await self._sqlite.ask(lambda db: db.execute(text, sent).fetchone())


def _all_sent(params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters as they travel: lists as JSON."""
    return {**LAST_REAL, **{key: _sent(value) for key, value in params.items()}}


def _sent(value: Any) -> Any:
    """A parameter as it travels. Real numbers in a list are compared by their digits."""
    if not isinstance(value, list):
        return value
    return json_text([exact(item) if isinstance(item, float) else item for item in cast("list[Any]", value)])


if TYPE_CHECKING:
    _KEEPS_THE_CONTRACT: type[Store] = SqliteStore
