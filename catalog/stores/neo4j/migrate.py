"""How a Neo4j is brought to the schema of this version; the clauses are those of ``Store.migrate``.

Schema and data do not mix in one transaction of a Neo4j. So a lease in the meta node keeps two processes apart, each
step can be taken again, and the model is recorded last: until then ``check`` says that the database is not ready.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from catalog.errors import MigrationError
from catalog.stores.layout import KindLayout, Tables
from catalog.stores.neo4j.schema import BASE, SCHEMA_VERSION, Index, Model, model_of, names_of, wanted
from catalog.stores.neo4j.session import Bolt, Transaction

__all__ = ["check", "migrate"]

_LEASE_SECONDS = 120
_WAIT_SECONDS = 180
_DERIVED_AT_ONCE = 1000

_STEPS = {"0001-base": hashlib.sha256("\n".join(index.create() for index in BASE).encode()).hexdigest()}
"""Steps by hand and their checksums."""


@dataclass(frozen=True, slots=True)
class _State:
    """What a database says of itself."""

    version: int | None
    """None where it was never set up."""
    foreign: int
    """Nodes that are not ours, where it was never set up."""
    revision: int
    taken: dict[str, str]
    model: Model | None
    digest: str | None


async def check(bolt: Bolt, tables: Tables) -> None:
    """Return when the database answers and is at this version; else raise MigrationError."""
    version, digest = await bolt.read(_VERSION, {}, probe=True)
    if version is None:
        raise MigrationError("the database is not set up: run 'waypost migrate'")
    if (version, digest) != (SCHEMA_VERSION, model_of(tables).digest()):
        raise MigrationError(f"the database has another schema ({version}): run 'waypost migrate' with this version")


async def migrate(bolt: Bolt, tables: Tables, opaque_key: bytes | None) -> list[str]:
    """Take the steps that the database lacks; answers their names."""
    before = await _state(bolt)
    _refuse(before, tables)
    if before.digest != model_of(tables).digest():
        # What the lease needs, and names that no statement after this warns of.
        await bolt.schema([index.create() for index in BASE])
        await bolt.write(lambda tx: tx.run(_NAME_PROPERTIES, {"names": names_of(tables)}))
        await bolt.write(lambda tx: tx.run(_NAME_IMAGES, {}))
    owner = secrets.token_hex(8)
    await _lease(bolt, owner, (opaque_key or secrets.token_bytes(16)).hex())
    try:
        state = await _state(bolt)
        _refuse(state, tables)
        return await _take(bolt, tables, state)
    finally:
        await bolt.write(lambda tx: tx.run(_RELEASE, {"owner": owner}))


async def _take(bolt: Bolt, tables: Tables, state: _State) -> list[str]:
    names = [name for name in _STEPS if name not in state.taken]
    for name in names:
        await bolt.write(lambda tx, n=name: tx.run(_RECORD, {"name": n, "checksum": _STEPS[n]}))
    model = model_of(tables)
    made = await _make_indexes(bolt, tables)
    if not made and state.digest == model.digest():
        return names
    await bolt.read("CALL db.awaitIndexes(110) RETURN 1", {}, timeout_seconds=120)
    before = state.model.derived if state.model else {}
    for layout in tables.by_label.values():
        if state.revision and before.get(layout.kind.label) != layout.derivation():
            await _derive(bolt, layout)
    params = {"model": model.text(), "digest": model.digest(), "version": SCHEMA_VERSION}
    await bolt.write(lambda tx: tx.run(_KEEP_MODEL, params))
    return [*names, f"model-{model.digest()[:12]} ({made} constraints and indexes made)"]


async def _make_indexes(bolt: Bolt, tables: Tables) -> int:
    """Make what is missing, and anew what has another definition; answers how many."""
    present = {row[0]: row for row in await bolt.read(_PRESENT, {})}
    missing = [index for index in wanted(tables) if present.get(index.name) != index.told()]
    for replaced in (index for index in missing if index.name in present):
        await bolt.schema(replaced.drop())
    for group in _groups(missing):
        await bolt.schema([index.create() for index in group])
    return len(missing)


def _groups(indexes: list[Index]) -> Iterator[list[Index]]:
    """By kind: one transaction may make many, and fewer commits make a first start quick."""
    for unique, type_ in ((True, "RANGE"), (False, "RANGE"), (False, "FULLTEXT")):
        found = [index for index in indexes if (index.unique, index.type) == (unique, type_)]
        if found:
            yield found


async def _derive(bolt: Bolt, layout: KindLayout) -> None:
    """Make the derived properties of every node of a kind anew. Each page holds the lock of writes, and the lease."""
    label = layout.kind.label
    names = [p.name for p in layout.props]
    page = (
        f"MATCH (n:{label}) WHERE n.urn > $last WITH n ORDER BY n.urn LIMIT {_DERIVED_AT_ONCE} "
        f"RETURN collect([n.urn{''.join(f', n.{name}' for name in names)}])"
    )
    keep = f"UNWIND $rows AS row MATCH (n:{label} {{urn: row[0]}}) SET n += row[1]"

    async def next_page(tx: Transaction, last: str) -> str | None:
        opaque_key = bytes.fromhex(await tx.value(_RENEW, {"seconds": _LEASE_SECONDS}))
        rows: list[list[Any]] = await tx.value(page, {"last": last})
        made = [[urn, layout.derive(urn, dict(zip(names, values, strict=True)), opaque_key)] for urn, *values in rows]
        await tx.run(keep, {"rows": made})
        return rows[-1][0] if rows else None

    last: str | None = ""
    while last is not None:
        last = await bolt.write(lambda tx, after=last: next_page(tx, after))


async def _state(bolt: Bolt) -> _State:
    version, foreign, revision, taken, model, digest = await bolt.read(_LOOK, {}, probe=True)
    read = None if model is None else msgspec.json.decode(model, type=Model)
    return _State(version, foreign, revision or 0, dict(taken), read, digest)


def _refuse(state: _State, tables: Tables) -> None:
    """Raise MigrationError on a database that is another's, newer, or altered."""
    if state.version is None:
        if state.foreign:
            message = f"the database holds {state.foreign} nodes that are not ours"
            raise MigrationError(f"{message}: give Waypost an empty database of its own")
        return
    if state.version > SCHEMA_VERSION:
        message = f"the database has schema {state.version}, this version knows {SCHEMA_VERSION}"
        raise MigrationError(f"{message}: use the newer Waypost")
    for name, checksum in state.taken.items():
        if name not in _STEPS:
            raise MigrationError(f"the database was written by a newer version (step {name}): use that one")
        if checksum != _STEPS[name]:
            raise MigrationError(f"step {name} was altered after it was taken: use the version that took it")
    if state.model is not None:
        ours = model_of(tables)
        _refuse_unknown(state.model.kinds, ours.kinds)
        _refuse_unknown(state.model.relations, ours.relations)


def _refuse_unknown(held: dict[str, dict[str, str]], ours: dict[str, dict[str, str]]) -> None:
    """What this version does not know is of a newer one, whose meaning this one would spoil."""
    for label, properties in held.items():
        for name, shape in properties.items() or [("", "")]:
            known = ours.get(label, {}).get(name) if name else ours.get(label) is not None
            what = f"{label}.{name}" if name else label
            if not known:
                raise MigrationError(
                    f"the database holds {what}, which this version does not know: use the newer Waypost"
                )
            if name and known != shape:
                raise MigrationError(f"{what} is kept as {shape} in the database: a step must change that")


async def _lease(bolt: Bolt, owner: str, opaque_key: str) -> None:
    params = {"owner": owner, "key": opaque_key, "version": SCHEMA_VERSION, "seconds": _LEASE_SECONDS}
    give_up = time.monotonic() + _WAIT_SECONDS
    while not await bolt.write(lambda tx: tx.value(_TAKE_LEASE, params)):
        if time.monotonic() > give_up:
            raise MigrationError("another process has been migrating this database for minutes: try again later")
        await asyncio.sleep(0.2)


_VERSION = "OPTIONAL MATCH (m:WaypostMeta {id: 1}) RETURN [m.version, m.digest]"
_LOOK = """
OPTIONAL MATCH (m:WaypostMeta {id: 1})
RETURN [m.version,
  CASE WHEN m IS NULL THEN
    COUNT { MATCH (n) WHERE none(l IN labels(n) WHERE l STARTS WITH 'Waypost') AND NOT n:Resource } ELSE 0 END,
  m.revision, COLLECT { MATCH (s:WaypostMigration) RETURN [s.name, s.checksum] }, m.model, m.digest]
"""
_RECORD = "MERGE (m:WaypostMigration {name: $name}) SET m.checksum = $checksum, m.at = toString(datetime())"
_NAME_PROPERTIES = "UNWIND $names AS name CALL db.createProperty(name)"
_NAME_IMAGES = "CALL db.createLabel('WaypostImage')"
_KEEP_MODEL = "MATCH (m:WaypostMeta {id: 1}) SET m.model = $model, m.digest = $digest, m.version = $version"
_PRESENT = """
SHOW INDEXES YIELD name, type, entityType, labelsOrTypes, properties, owningConstraint, options
WHERE type IN ['RANGE', 'FULLTEXT']
RETURN collect([name, type, entityType, labelsOrTypes, properties, owningConstraint IS NOT NULL,
  options.indexConfig['fulltext.analyzer']]) AS rows
"""
_TAKE_LEASE = """
MERGE (m:WaypostMeta {id: 1})
  ON CREATE SET m.revision = 0, m.next_edge = 1, m.opaque_key = $key, m.version = $version, m.types = [], m.settled = 0
SET m.lock = $owner
WITH m WHERE m.lease IS NULL OR m.lease = $owner OR m.lease_until < timestamp()
SET m.lease = $owner, m.lease_until = timestamp() + $seconds * 1000
RETURN m.lease
"""
_RENEW = """
MATCH (m:WaypostMeta {id: 1})
SET m.lock = randomUUID(), m.lease_until = timestamp() + $seconds * 1000
RETURN m.opaque_key
"""
_RELEASE = "MATCH (m:WaypostMeta {id: 1}) WHERE m.lease = $owner SET m.lease = null"
