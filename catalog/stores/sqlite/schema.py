"""The tables of a SQLite store, derived from the model, and how a database is brought to them.

A table a kind, named by its label, and one a relationship type (``e_HELD_BY``); ``node`` gives every URN its number, the
same in all of them; ``snapshot`` keeps the earlier words of nodes, ``meta`` the graph's own state, ``image`` what was worked
out of it. Where anything is searched, ``fts_<label>`` indexes the tokens that the kind's table holds.

Steps are taken in one transaction: a process that is killed leaves nothing half done, and two at once take turns. The
steps of ``STEPS`` are written by hand and never changed; what the model declares beyond the database is added without
one. What the model no longer declares needs a step that drops it: a column that this version does not know is taken for
one of a newer version, whose meaning this one would spoil.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from catalog.errors import MigrationError
from catalog.stores.layout import EDGE_SYSTEM, NODE_SYSTEM, KindLayout, Tables
from catalog.stores.sqlite.texts import column_type, from_stored, name
from catalog.values import instant

__all__ = ["APPLICATION_ID", "STEPS", "Pending", "Table", "migrate", "pending", "read_meta", "wanted"]

APPLICATION_ID = 0x57617970
"""``PRAGMA application_id`` of our files: "Wayp"."""

STEPS: tuple[tuple[str, str], ...] = (
    (
        "0001-base",
        """
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE migration(name TEXT PRIMARY KEY, checksum TEXT NOT NULL, at TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE node(id INTEGER PRIMARY KEY, urn TEXT NOT NULL UNIQUE, kind TEXT NOT NULL) STRICT;
CREATE TABLE snapshot(id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, urn TEXT NOT NULL,
  recorded_at TEXT NOT NULL, retracted_at TEXT NOT NULL, revision INTEGER NOT NULL, content TEXT NOT NULL) STRICT;
CREATE INDEX ix_snapshot_revision ON snapshot(revision, key);
CREATE INDEX ix_snapshot_urn ON snapshot(urn, retracted_at);
INSERT INTO meta VALUES ('revision', '0'), ('next_edge', '1'), ('next_node', '1');
""",
    ),
    (
        "0002-image",
        """
CREATE TABLE image(name TEXT PRIMARY KEY, revision INTEGER NOT NULL, maker TEXT NOT NULL, content BLOB NOT NULL) STRICT;
""",
    ),
)
_MODEL = "model-"
_STANDS = "WHERE retracted_at = '~'"
_SYSTEM = frozenset(("image", "meta", "migration", "node", "snapshot"))
_MISSING_YET = frozenset(("closed_reason", "claims"))
"""System properties that may be null."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table as the model wants it: name to type of its columns; index texts by name; the full-text table's text."""

    name: str
    columns: dict[str, str]
    indexes: dict[str, str]
    fts: str | None = None

    def create(self) -> str:
        """The statement that makes it, without its indexes."""
        columns = ", ".join(f"{name(column)} {kept}" for column, kept in self.columns.items())
        unique = ", UNIQUE(urn)" if "urn" in self.columns else ""
        return f"CREATE TABLE {name(self.name)}({columns}{unique}) STRICT"


@dataclass(frozen=True, slots=True)
class Pending:
    """What a database lacks: steps by hand, then statements for the model, kinds to derive anew and their marks."""

    steps: list[tuple[str, str]]
    statements: list[str]
    derive: list[KindLayout]
    model: str
    recorded: bool

    @property
    def done(self) -> bool:
        """Whether the database is at this version."""
        return not (self.steps or self.statements or self.derive) and self.recorded


def wanted(tables: Tables) -> list[Table]:
    """The tables of a model. Raises TypeError where a label or a property has the name of something of ours."""
    found = [_kind_table(layout) for layout in tables.by_label.values()]
    found += [_edge_table(type_, tables) for type_ in tables.model.relations]
    names = [table.name.lower() for table in found]
    taken = _SYSTEM.intersection(names) or {n for n in names if names.count(n) > 1}
    if taken:
        raise TypeError(f"a kind cannot be named '{min(taken)}': SQLite tells table names apart without case")
    return found


def _kind_table(layout: KindLayout) -> Table:
    label = layout.kind.label
    columns = {"id": "INTEGER PRIMARY KEY"}
    for column, shape in NODE_SYSTEM.items():
        columns[column] = column_type(shape) + ("" if column in _MISSING_YET else " NOT NULL")
    derived = {column.name: column_type(column.shape) for column in layout.derived()}
    # Long texts come last: what stands before them is read without following a row's overflow pages.
    columns |= {column: kept for column, kept in derived.items() if not column.startswith("search_")}
    declared = {p.name: column_type(p.shape) for p in layout.props}
    if len({*map(str.lower, columns), *map(str.lower, declared)}) != len(columns) + len(declared):
        raise TypeError(f"{label} declares a property that has the name of one of the system's")
    columns |= declared | {column: kept for column, kept in derived.items() if column not in columns}
    indexes = {f"ix_{label}_revision": "(revision, urn)"}
    # Counts of what a reader sees are answered from this one alone.
    indexes[f"ix_{label}_seen"] = f"(audience, valid_from, valid_to) {_STANDS}"
    indexes |= {f"ix_{label}_{p.name}_sort": f"({name(f'{p.name}_sort')}, urn)" for p in layout.sorts}
    indexes |= {f"ix_{label}_{p.name}": f"({name(p.name)})" for p in layout.props if p.index}
    if layout.kind.placeholder:
        indexes[f"ix_{label}_opaque"] = "(opaque)"
    fts = None
    if layout.searchable:
        options = f"search_text, content={name(label)}, content_rowid=id, tokenize=ascii, detail=none, columnsize=0"
        fts = f"CREATE VIRTUAL TABLE {name(f'fts_{label}')} USING fts5({options})"
    return Table(label, columns, _indexes(label, indexes), fts)


def _edge_table(type_: str, tables: Tables) -> Table:
    table = f"e_{type_}"
    columns = {"id": "INTEGER PRIMARY KEY", "tail": "INTEGER NOT NULL", "head": "INTEGER NOT NULL"}
    for column, shape in EDGE_SYSTEM.items():
        if column not in columns:
            columns[column] = column_type(shape) + ("" if column in _MISSING_YET else " NOT NULL")
    declared = {p.name: column_type(p.shape) for p in tables.model.relations[type_][0].props}
    if set(columns) & set(declared):
        raise TypeError(f"{type_} declares a property that has the name of one of the system's")
    indexes = {
        f"ix_{table}_tail": f"(tail, head, valid_from, valid_to) {_STANDS}",
        f"ix_{table}_head": f"(head, tail, valid_from, valid_to) {_STANDS}",
        f"ix_{table}_revision": "(revision)",
    }
    return Table(table, columns | declared, _indexes(table, indexes))


def _indexes(table: str, columns: dict[str, str]) -> dict[str, str]:
    return {index: f"CREATE INDEX {name(index)} ON {name(table)}{on}" for index, on in columns.items()}


def pending(db: sqlite3.Connection, tables: Tables, place: str) -> Pending:
    """What a database lacks. Raises MigrationError on one that is not ours, newer, or altered; reads only."""
    (mark,) = db.execute("PRAGMA application_id").fetchone()
    present: dict[str, str | None] = dict(db.execute("SELECT name, sql FROM sqlite_schema"))
    wants = wanted(tables)
    model = _digest("\n".join(_texts(wants, tables)))
    if mark != APPLICATION_ID:
        if mark or present:
            raise MigrationError(f"{place} holds what is not ours: give Waypost a file of its own")
        statements = [text for table in wants for text in _create(table)]
        return Pending(list(STEPS), statements, [], model, recorded=False)
    taken: dict[str, str] = dict(db.execute("SELECT name, checksum FROM migration"))
    _check_taken(taken, place)
    statements = [text for table in wants for text in _missing(db, table, present, place)]
    known = {t.name for t in wants} | {f"fts_{t.name}" for t in wants if t.fts}
    strange = [n for n, sql in present.items() if _is_table(sql) and not _is_ours(n, known)]
    if strange:
        raise MigrationError(f"{place} holds {min(strange)}, which this version does not know: use the newer Waypost")
    meta = read_meta(db)
    changed = [each for each in tables.by_label.values() if meta.get(f"derived:{each.kind.label}") != each.derivation()]
    steps = [step for step in STEPS if step[0] not in taken]
    return Pending(steps, statements, changed, model, recorded=f"{_MODEL}{model[:12]}" in taken)


def read_meta(db: sqlite3.Connection) -> dict[str, str]:
    """The graph's own state. Raises MigrationError on a database that is not set up."""
    try:
        return dict(db.execute("SELECT key, value FROM meta"))
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):
            raise MigrationError("the database is not set up: run 'waypost migrate'") from error
        raise


def migrate(db: sqlite3.Connection, tables: Tables, place: str, opaque_key: bytes | None) -> list[str]:
    """Take the steps that the database lacks, inside a transaction that the caller began; answers their names."""
    lacks = pending(db, tables, place)
    names = [step for step, _ in lacks.steps]
    for step, text in lacks.steps:
        for statement in filter(str.strip, text.split(";\n")):
            db.execute(statement)
        _record(db, step, _digest(text))
    if names:
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    for statement in lacks.statements:
        db.execute(statement)
    _keep_opaque_key(db, place, opaque_key)
    derive = lacks.derive if STEPS[0][0] not in names else list(tables.by_label.values())
    for layout in derive:
        _derive(db, layout, bytes.fromhex(read_meta(db)["opaque_key"]))
    if not lacks.done:
        names.append(f"{_MODEL}{lacks.model[:12]}")
        _record(db, names[-1], lacks.model)
    return names


def _record(db: sqlite3.Connection, step: str, checksum: str) -> None:
    at = instant(datetime.now(UTC))
    db.execute(
        "INSERT OR REPLACE INTO migration VALUES (:name, :checksum, :at)",
        {"name": step, "checksum": checksum, "at": at},
    )


def _keep_opaque_key(db: sqlite3.Connection, place: str, opaque_key: bytes | None) -> None:
    key = (opaque_key or secrets.token_bytes(16)).hex()
    db.execute("INSERT INTO meta VALUES ('opaque_key', :key) ON CONFLICT DO NOTHING", {"key": key})
    if opaque_key is not None and read_meta(db)["opaque_key"] != key:
        raise MigrationError(f"{place} was made with another key for opaque ids: open it with that one, or with none")


def _derive(db: sqlite3.Connection, layout: KindLayout, opaque_key: bytes) -> None:
    """Make the derived columns of every node of a kind anew, and its full-text index."""
    label = layout.kind.label
    derived = [column.name for column in layout.derived()]
    props = [p.name for p in layout.props]
    shapes = [p.shape for p in layout.props]
    if derived:
        sets = ", ".join(f"{name(c)} = ?" for c in derived)
        update = f"UPDATE {name(label)} SET {sets} WHERE id = ?"
        read = f"SELECT id, urn{''.join(f', {name(p)}' for p in props)} FROM {name(label)} WHERE id > ? ORDER BY id LIMIT 1000"
        last = -1
        while rows := db.execute(read, (last,)).fetchall():
            last = rows[-1][0]
            made: list[tuple[object, ...]] = []
            for id_, urn, *values in rows:
                stored = {p: from_stored(s, v) for p, s, v in zip(props, shapes, values, strict=True)}
                made.append((*layout.derive(urn, stored, opaque_key).values(), id_))
            db.executemany(update, made)
    if layout.searchable:
        fts = name(f"fts_{label}")
        db.execute(f"INSERT INTO {fts}({fts}) VALUES ('rebuild')")
    mark = {"key": f"derived:{label}", "value": layout.derivation()}
    db.execute("INSERT OR REPLACE INTO meta VALUES (:key, :value)", mark)


def _check_taken(taken: dict[str, str], place: str) -> None:
    checksums = {step: _digest(text) for step, text in STEPS}
    for step, checksum in taken.items():
        ours = checksums.get(step)
        if ours is None and not step.startswith(_MODEL):
            raise MigrationError(f"{place} was written by a newer version (step {step}): use that one")
        if checksum != ours and not (step.startswith(_MODEL) and checksum.startswith(step[len(_MODEL) :])):
            raise MigrationError(f"step {step} of {place} was altered after it was taken: restore the file from a copy")


def _missing(db: sqlite3.Connection, table: Table, present: dict[str, str | None], place: str) -> Iterator[str]:
    if table.name not in present:
        yield from _create(table)
        return
    found = {c: kept for _, c, kept, *_ in db.execute(f"PRAGMA table_info({name(table.name)})")}
    strange = set(found) - set(table.columns)
    if strange:
        message = f"{place} holds {table.name}.{min(strange)}, which this version does not know: use the newer Waypost"
        raise MigrationError(message)
    for column, kept in table.columns.items():
        if column not in found:
            yield f"ALTER TABLE {name(table.name)} ADD COLUMN {name(column)} {kept}"
        elif found[column] != kept.split()[0]:
            raise MigrationError(
                f"{table.name}.{column} is kept as {found[column]} in {place}: a step must change that"
            )
    for index, text in table.indexes.items():
        if index in present and present[index] != text:
            yield f"DROP INDEX {name(index)}"
        if present.get(index) != text:
            yield text
    if table.fts and f"fts_{table.name}" not in present:
        yield table.fts


def _create(table: Table) -> list[str]:
    return [table.create(), *table.indexes.values(), *([table.fts] if table.fts else [])]


def _texts(wants: Iterable[Table], tables: Tables) -> Iterator[str]:
    for table in wants:
        yield from _create(table)
    for layout in tables.by_label.values():
        yield layout.derivation()


def _is_table(sql: str | None) -> bool:
    return sql is not None and sql.startswith(("CREATE TABLE", "CREATE VIRTUAL TABLE"))


def _is_ours(table: str, known: set[str]) -> bool:
    shadow = table.rpartition("_")[0]
    return (
        table in known
        or table in _SYSTEM
        or table.startswith("sqlite_")
        or (shadow.startswith("fts_") and shadow in known)
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
