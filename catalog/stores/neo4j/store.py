"""The production store: a Neo4j over Bolt. Its contract is ``catalog/stores/port.py``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from catalog.access import Reader
from catalog.batch import Batch, WriteResult
from catalog.errors import MigrationError
from catalog.selection import Page, Select, Selection
from catalog.stores.layout import Tables
from catalog.stores.near import nearby, resolve_near
from catalog.stores.neo4j import changes as feed
from catalog.stores.neo4j import images, migrate, search
from catalog.stores.neo4j.compile import compile_all, compile_select
from catalog.stores.neo4j.expand import compile_expand, read_expansion
from catalog.stores.neo4j.near import compile_near
from catalog.stores.neo4j.scan import scan
from catalog.stores.neo4j.session import Bolt
from catalog.stores.neo4j.write import write
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

__all__ = ["Neo4jStore"]


class Neo4jStore:
    """One graph in one Neo4j database, 5.26 or later."""

    name = "neo4j"

    def __init__(self, bolt: Bolt, tables: Tables, opaque_key: bytes | None = None) -> None:
        self.round_trips = 0
        """Statements sent by reads so far."""
        self._bolt = bolt
        self._tables = tables
        self._opaque_key = opaque_key

    @classmethod
    def open(
        cls,
        uri: str,
        tables: Tables,
        *,
        user: str | None = None,
        password: str | None = None,
        database: str | None = None,
        read_timeout_seconds: float = 10.0,
        write_timeout_seconds: float = 30.0,
        connect_timeout_seconds: float = 5.0,
        opaque_key: bytes | None = None,
        warn: bool = False,
    ) -> Neo4jStore:
        """A store on the Neo4j at ``uri``. Connects when first asked; ``migrate`` makes an empty database ready.

        ``opaque_key`` (at most 64 bytes) fixes the key of placeholder ids in a new database; else it is random. With
        ``warn``, what the server has to say about a statement (an index that is not there) becomes a Python warning.
        """
        bolt = Bolt(
            uri,
            user=user,
            password=password,
            database=database,
            read_timeout_seconds=read_timeout_seconds,
            write_timeout_seconds=write_timeout_seconds,
            connect_timeout_seconds=connect_timeout_seconds,
            warn=warn,
        )
        return cls(bolt, tables, opaque_key)

    async def migrate(self) -> list[str]:
        """See ``Store.migrate``."""
        return await migrate.migrate(self._bolt, self._tables, self._opaque_key)

    async def select(self, selection: Selection) -> Page:
        """See ``Store.select``."""
        key = await self.opaque_key()
        resolved = resolve(selection, self._tables, key)
        raw = await self._read(compile_select(resolved.shape), resolved.params)
        return read_page(resolved.shape, selection.root, raw, key)

    async def select_all(self, roots: Sequence[Select], reader: Reader, as_of: date) -> list[Page]:
        """See ``Store.select_all``."""
        if not roots:
            return []
        key = await self.opaque_key()
        shapes, params = resolve_all(roots, reader, as_of, self._tables, key)
        pages = await self._read(compile_all(shapes), params)
        return [read_page(*found, key) for found in zip(shapes, roots, pages, strict=True)]

    async def expand(self, query: Expand) -> Expansion:
        """See ``Store.expand``."""
        shape, params = resolve_expand(query, self._tables)
        return read_expansion(query, shape, await self._read(compile_expand(shape), params))

    async def scan(self, query: Scan) -> Scanned:
        """See ``Store.scan``."""
        shape, params = resolve_scan(query, self._tables)
        return await scan(self._bolt, shape, params)

    async def near(self, query: Near) -> Nearby:
        """See ``Store.near``."""
        shape, params = resolve_near(query, self._tables)
        return nearby(query, await self._read(compile_near(shape), params)) if shape else Nearby([], cut=False)

    async def search(self, query: SearchQuery) -> SearchPage:
        """See ``Store.search``."""
        shape, params = resolve_search(query, self._tables)
        if shape.words:
            params["lucene"] = search.lucene(params["words"], prefix=shape.prefix)
        return search_page(query, shape, await self._read(search.compile_search(shape), params))

    async def aggregate(self, query: Aggregate) -> list[tuple[Any, int]]:
        """See ``Store.aggregate``."""
        shape, params = resolve_aggregate(query, self._tables)
        return groups(shape.group, await self._read(search.compile_aggregate(shape), params), query.first)

    async def write(self, batch: Batch) -> WriteResult:
        """See ``Store.write``."""
        return await self._bolt.write(lambda tx: write(tx, batch, self._tables))

    async def changes(self, since: str, limit: int = 1000) -> ChangePage:
        """See ``Store.changes``."""
        return await feed.read_changes(self._bolt, self._tables, since, limit)

    async def replay(self, changes: Sequence[Change]) -> int:
        """See ``Store.replay``."""
        return await self._bolt.write(lambda tx: feed.replay(tx, changes, self._tables))

    async def keep_image(self, name: str, image: Image) -> None:
        """See ``Store.keep_image``."""
        await images.keep(self._bolt, name, image)

    async def image(self, name: str) -> Image | None:
        """See ``Store.image``."""
        return await images.find(self._bolt, name)

    async def opaque_key(self) -> bytes:
        """See ``Store.opaque_key``."""
        if self._opaque_key is None:
            found = await self._bolt.read("OPTIONAL MATCH (m:WaypostMeta {id: 1}) RETURN m.opaque_key", {})
            if found is None:
                raise MigrationError("the database is not set up: run 'waypost migrate'")
            self._opaque_key = bytes.fromhex(found)
        return self._opaque_key

    async def revision(self) -> int:
        """See ``Store.revision``."""
        found = await self._bolt.read("OPTIONAL MATCH (m:WaypostMeta {id: 1}) RETURN m.revision", {}, probe=True)
        if found is None:
            raise MigrationError("the database is not set up: run 'waypost migrate'")
        return found

    async def check(self) -> None:
        """See ``Store.check``."""
        await migrate.check(self._bolt, self._tables)

    async def close(self) -> None:
        """See ``Store.close``."""
        await self._bolt.close()

    async def _read(self, statement: str, params: Mapping[str, Any]) -> Any:
        self.round_trips += 1
        return await self._bolt.read(statement, params)


if TYPE_CHECKING:
    _: type[Store] = Neo4jStore
