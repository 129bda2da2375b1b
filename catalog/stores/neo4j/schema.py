"""The schema of a Neo4j, derived from the model, and how a database is brought to it.

Nodes carry their kind's label and ``Resource``; an edge that was retracted is kept under the type ``WAS`` with its own
type as a property, the earlier words of a node as a ``WaypostSnapshot``; ``WaypostMeta`` is the graph's own state, and the
node whose lock orders writes. Community edition has no existence or type constraints: the write plan keeps those rules.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import time
from collections.abc import Iterator

from catalog.errors import MigrationError
from catalog.stores.layout import EDGE_SYSTEM, Tables
from catalog.stores.neo4j.session import Bolt, Transaction

__all__ = ["SCHEMA_VERSION", "migrate", "wanted"]

SCHEMA_VERSION = 1
"""Grows when what is stored changes in a way that an older version would misread."""

_LEASE_SECONDS = 120
_WAIT_SECONDS = 180

_BASE = [
    "CREATE CONSTRAINT waypost_meta IF NOT EXISTS FOR (n:WaypostMeta) REQUIRE n.id IS UNIQUE",
    "CREATE CONSTRAINT waypost_migration IF NOT EXISTS FOR (n:WaypostMigration) REQUIRE n.name IS UNIQUE",
    "CREATE INDEX waypost_resource_revision IF NOT EXISTS FOR (n:Resource) ON (n.revision, n.urn)",
    "CREATE INDEX waypost_snapshot_revision IF NOT EXISTS FOR (n:WaypostSnapshot) ON (n.revision, n.key)",
    "CREATE INDEX waypost_was_revision IF NOT EXISTS FOR ()-[r:WAS]-() ON (r.revision, r.id)",
]


def wanted(tables: Tables) -> dict[str, str]:
    """The statements of the derived schema, by the name of the constraint or index each one makes."""
    found: dict[str, str] = {}
    for layout in tables.by_label.values():
        label = layout.kind.label
        found[f"urn_{label}"] = f"CREATE CONSTRAINT urn_{label} IF NOT EXISTS FOR (n:{label}) REQUIRE n.urn IS UNIQUE"
        for declared in layout.sorts:
            name = f"sort_{label}_{declared.name}"
            found[name] = f"CREATE INDEX {name} IF NOT EXISTS FOR (n:{label}) ON (n.{declared.name}_sort, n.urn)"
        for declared in (p for p in layout.props if p.index):
            name = f"value_{label}_{declared.name}"
            found[name] = f"CREATE INDEX {name} IF NOT EXISTS FOR (n:{label}) ON (n.{declared.name})"
        if layout.kind.placeholder:
            name = f"opaque_{label}"
            found[name] = f"CREATE INDEX {name} IF NOT EXISTS FOR (n:{label}) ON (n.opaque)"
        if layout.searchable:
            name = f"search_{label}"
            found[name] = (
                f"CREATE FULLTEXT INDEX {name} IF NOT EXISTS FOR (n:{label}) ON EACH [n.search_text] "
                "OPTIONS {indexConfig: {`fulltext.analyzer`: 'whitespace'}}"
            )
    for type_ in tables.model.relations:
        name = f"revision_{type_}"
        found[name] = f"CREATE INDEX {name} IF NOT EXISTS FOR ()-[r:{type_}]-() ON (r.revision, r.id)"
    return found


async def migrate(bolt: Bolt, tables: Tables, opaque_key: bytes | None) -> list[str]:
    """Take the steps that the database lacks; the clauses are those of ``Store.migrate``."""
    await _refuse_foreign(bolt)
    await bolt.schema(_BASE)
    owner = secrets.token_hex(8)
    await _lease(bolt, owner, (opaque_key or secrets.token_bytes(16)).hex())
    try:
        return [name async for name in _steps(bolt, tables)]
    finally:
        await bolt.write(lambda tx: _release(tx, owner))


async def _steps(bolt: Bolt, tables: Tables):  # noqa: ANN202 - an async generator of names
    taken: dict[str, str] = dict(await bolt.read(_TAKEN, {}))
    for name, statements in (("0001-base", _BASE),):
        checksum = hashlib.sha256("\n".join(statements).encode()).hexdigest()
        if taken.get(name, checksum) != checksum:
            raise MigrationError(f"step {name} was altered after it was taken: use the version that took it")
        if name not in taken:
            await bolt.write(lambda tx, n=name, c=checksum: tx.run(_RECORD, {"name": n, "checksum": c}))
            yield name
    present = set(await bolt.read(_PRESENT, {}))
    missing = {name: text for name, text in wanted(tables).items() if name not in present}
    for group in _groups(list(missing.values())):
        await bolt.schema(group)
    if missing:
        await bolt.write(lambda tx: tx.run(_NAME_PROPERTIES, {"names": _properties(tables)}))
        await bolt.read("CALL db.awaitIndexes(110) RETURN 1", {}, timeout_seconds=120)
        yield f"model ({len(missing)} constraints and indexes)"


def _properties(tables: Tables) -> list[str]:
    """Every property a statement may name. Neo4j warns of one that it has never seen, on an empty graph of every one."""
    columns = {c.name for layout in tables.by_label.values() for c in layout.columns()}
    facts = {p.name for found in tables.model.relations.values() for relation in found for p in relation.props}
    return sorted({*columns, *facts, *EDGE_SYSTEM, "was", "snapshot_of", "key", "lease", "lease_until", "lock"})


def _groups(statements: list[str]) -> Iterator[list[str]]:
    """Schema statements by kind: one transaction may make many, and fewer commits make a first start quick."""
    for word in ("CREATE CONSTRAINT", "CREATE INDEX", "CREATE FULLTEXT"):
        found = [s for s in statements if s.startswith(word)]
        if found:
            yield found


async def _refuse_foreign(bolt: Bolt) -> None:
    version, foreign = await bolt.read(_LOOK, {})
    if version is not None and version > SCHEMA_VERSION:
        raise MigrationError(
            f"the database has schema {version}, this version knows {SCHEMA_VERSION}: use the newer Waypost"
        )
    if version is None and foreign:
        raise MigrationError(
            f"the database holds {foreign} nodes that are not ours: give Waypost an empty database of its own"
        )


async def _lease(bolt: Bolt, owner: str, opaque_key: str) -> None:
    """Take the migration's lock: a lease in the meta node, since schema and data do not mix in one transaction."""
    params = {"owner": owner, "key": opaque_key, "version": SCHEMA_VERSION, "seconds": _LEASE_SECONDS}
    give_up = time.monotonic() + _WAIT_SECONDS
    while not await bolt.write(lambda tx: tx.value(_TAKE_LEASE, params)):
        if time.monotonic() > give_up:
            raise MigrationError("another process has been migrating this database for minutes: try again later")
        await asyncio.sleep(0.2)


async def _release(tx: Transaction, owner: str) -> None:
    await tx.run("MATCH (m:WaypostMeta {id: 1}) WHERE m.lease = $owner SET m.lease = null", {"owner": owner})


_LOOK = """
OPTIONAL MATCH (m:WaypostMeta {id: 1})
RETURN [m.version, CASE WHEN m IS NULL THEN
  COUNT { MATCH (n) WHERE none(l IN labels(n) WHERE l STARTS WITH 'Waypost') AND NOT n:Resource } ELSE 0 END]
"""
_TAKEN = "RETURN COLLECT { MATCH (m:WaypostMigration) RETURN [m.name, m.checksum] }"
_RECORD = "MERGE (m:WaypostMigration {name: $name}) SET m.checksum = $checksum, m.at = toString(datetime())"
_NAME_PROPERTIES = "UNWIND $names AS name CALL db.createProperty(name)"
_PRESENT = "SHOW INDEXES YIELD name RETURN collect(name) AS names"
_TAKE_LEASE = """
MERGE (m:WaypostMeta {id: 1})
  ON CREATE SET m.revision = 0, m.next_edge = 1, m.opaque_key = $key, m.version = $version, m.types = [], m.settled = 0
SET m.lock = $owner
WITH m WHERE m.lease IS NULL OR m.lease_until < timestamp()
SET m.lease = $owner, m.lease_until = timestamp() + $seconds * 1000
RETURN m.lease
"""
