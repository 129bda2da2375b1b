"""Carrying out a write plan on a SQLite, set-wise, in the transaction that holds the lock of writes."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from operator import itemgetter
from typing import Any

from catalog.batch import Batch, WriteResult
from catalog.model.declare import Shape
from catalog.stores.layout import EDGE_SYSTEM, NODE_SYSTEM, KindLayout, Tables
from catalog.stores.plan import Changes, plan
from catalog.stores.sqlite.schema import read_meta
from catalog.stores.sqlite.texts import from_stored, json_item, json_text, name
from catalog.stores.state import NODE_STATE, EdgeState, Needed, NodeState, State, contested, needed
from catalog.values import NEVER

__all__ = ["Nodes", "advance", "forget_words", "put_edges", "put_nodes", "write"]

Row = dict[str, Any]

_EDGE = {**EDGE_SYSTEM, "tail": Shape.INTEGER, "head": Shape.INTEGER}
_SNAPSHOT_OWN = frozenset(("revision", "retracted_at"))
"""What a snapshot says of itself, not of the words it keeps."""


def write(db: sqlite3.Connection, batch: Batch, tables: Tables) -> WriteResult:
    """Plan and carry out a batch. The caller began the transaction, so that what is read stays so until its commit."""
    wanted = needed(batch, tables)
    meta = read_meta(db)
    nodes = Nodes(db, int(meta["next_node"]))
    nodes.look_up(chain.from_iterable(wanted.nodes.values()))
    # What has no number is not there: nothing more is asked about it.
    known = {label: [urn for urn in urns if urn in nodes.ids] for label, urns in wanted.nodes.items()}
    states = {urn: state for label, urns in known.items() for urn, state in _states(db, label, urns)}
    edges = list(_edges(db, wanted, tables, nodes))
    others = contested(batch, states, tables)
    contents = dict(chain.from_iterable(_contents(db, tables.by_label[label], urns) for label, urns in others.items()))
    counters = int(meta["revision"]), int(meta["next_edge"])
    state = State(*counters, bytes.fromhex(meta["opaque_key"]), states, edges, contents)
    changes = plan(batch, state, tables)
    if not changes.empty:
        _carry_out(db, changes, tables, nodes)
        advance(db, changes.revision, changes.next_edge, nodes)
    return changes.result


class Nodes:
    """The numbers of nodes by URN: those looked up, and those given out since."""

    def __init__(self, db: sqlite3.Connection, following: int) -> None:
        self.db = db
        self.following = following
        self.ids: dict[str, int] = {}

    def look_up(self, urns: Iterable[str]) -> None:
        """Learn the numbers of these, as far as they have one."""
        asked = [urn for urn in urns if urn not in self.ids]
        text = "SELECT urn, id FROM node WHERE urn IN (SELECT value FROM json_each(:urns))"
        if asked:
            self.ids.update(self.db.execute(text, {"urns": json_text(asked)}))

    def number(self, label: str, urns: Iterable[str]) -> None:
        """Give a number to those of a kind that were looked up and have none."""
        new: list[tuple[int, str, str]] = []
        for urn in urns:
            if urn not in self.ids:
                self.ids[urn] = self.following
                new.append((self.following, urn, label))
                self.following += 1
        self.db.executemany("INSERT INTO node VALUES (?, ?, ?)", new)


def advance(db: sqlite3.Connection, revision: int, next_edge: int, nodes: Nodes) -> None:
    """Keep where the graph's counters stand."""
    values = [(str(revision), "revision"), (str(next_edge), "next_edge"), (str(nodes.following), "next_node")]
    db.executemany("UPDATE meta SET value = ? WHERE key = ?", values)


def _states(db: sqlite3.Connection, label: str, urns: list[str]) -> Iterator[tuple[str, NodeState]]:
    text = f"SELECT urn, {', '.join(NODE_STATE)} FROM {name(label)} WHERE urn IN (SELECT value FROM json_each(:urns))"
    for urn, *state in db.execute(text, {"urns": json_text(urns)}):
        yield urn, NodeState(*state)


def _contents(db: sqlite3.Connection, layout: KindLayout, urns: list[str]) -> Iterator[tuple[str, Row]]:
    shapes = {"closed_reason": Shape.TEXT, **{p.name: p.shape for p in layout.props}}
    text = (
        f"SELECT urn, {', '.join(map(name, shapes))} FROM {name(layout.kind.label)} "
        "WHERE urn IN (SELECT value FROM json_each(:urns))"
    )
    for urn, *values in db.execute(text, {"urns": json_text(urns)}):
        yield urn, {n: from_stored(shapes[n], value) for n, value in zip(shapes, values, strict=True)}


def _edges(db: sqlite3.Connection, wanted: Needed, tables: Tables, nodes: Nodes) -> Iterator[EdgeState]:
    ids = nodes.ids
    for type_, pairs in wanted.between.items():
        # A pair of which one end is new has no edges: nothing is asked about it.
        known = [(ids[tail], ids[head]) for tail, head in pairs if tail in ids and head in ids]
        start = (
            f"json_each(:pairs) AS a CROSS JOIN {name(f'e_{type_}')} AS e "
            "ON e.tail = json_extract(a.value, '$[0]') AND e.head = json_extract(a.value, '$[1]')"
        )
        if known:
            yield from _standing(db, type_, start, {"pairs": json_text(known)}, tables)
    for type_, tails in wanted.from_tails.items():
        start = f"json_each(:tails) AS a CROSS JOIN {name(f'e_{type_}')} AS e ON e.tail = a.value"
        asked = {"tails": json_text([ids[tail] for tail in tails if tail in ids])}
        yield from _standing(db, type_, start, asked, tables)
    for label, urns in wanted.at_nodes.items():
        asked = {"ends": json_text([ids[urn] for urn in urns if urn in ids])}
        for type_, relations in tables.model.relations.items():
            for end, touches in (
                ("tail", any(r.tail == label for r in relations)),
                ("head", any(label in r.heads for r in relations)),
            ):
                start = f"json_each(:ends) AS a CROSS JOIN {name(f'e_{type_}')} AS e ON e.{end} = a.value"
                if touches:
                    yield from _standing(db, type_, start, asked, tables)


def _standing(db: sqlite3.Connection, type_: str, start: str, params: Row, tables: Tables) -> Iterator[EdgeState]:
    declared = tables.model.relations[type_][0].props
    names = [p.name for p in declared]
    shapes = [p.shape for p in declared]
    text = (
        f"SELECT e.id, t.urn, h.urn, e.valid_from, e.valid_to, e.source, e.claims{''.join(f', e.{name(n)}' for n in names)} "
        f"FROM {start} CROSS JOIN node AS t ON t.id = e.tail CROSS JOIN node AS h ON h.id = e.head "
        "WHERE e.retracted_at = '~' ORDER BY e.id"
    )
    for id_, tail, head, valid_from, valid_to, source, claims, *values in db.execute(text, params):
        props = {n: from_stored(s, v) for n, s, v in zip(names, shapes, values, strict=True)}
        yield EdgeState(id_, type_, tail, head, valid_from, valid_to, source, props, claims)


def _carry_out(db: sqlite3.Connection, changes: Changes, tables: Tables, nodes: Nodes) -> None:
    moment = {"at": changes.at, "revision": changes.revision}
    for label, urns in changes.snapshots.items():
        db.execute(_snapshot(tables.by_label[label]), {"label": label, "urns": json_text(urns), **moment})
    for label, rows in changes.created.items():
        nodes.number(label, (row["urn"] for row in rows))
        put_nodes(db, tables.by_label[label], rows, nodes)
    for label, rows in changes.replaced.items():
        forget_words(db, tables.by_label[label], [nodes.ids[row["urn"]] for row in rows])
        put_nodes(db, tables.by_label[label], rows, nodes)
    for label, rows in changes.touched.items():
        alike: dict[tuple[str, ...], list[Row]] = defaultdict(list)
        for row in rows:
            alike[tuple(row)].append(row)
        for columns, found in alike.items():
            sets = ", ".join(f"{name(c)} = :{c}" for c in columns if c != "urn")
            db.executemany(f"UPDATE {name(label)} SET {sets} WHERE urn = :urn", found)
    for type_, rows in changes.retracted_edges.items():
        text = f"UPDATE {name(f'e_{type_}')} SET retracted_at = ?, revision = ? WHERE id = ?"
        db.executemany(text, [(changes.at, changes.revision, row["id"]) for row in rows])
    for type_, rows in changes.touched_edges.items():
        text = f"UPDATE {name(f'e_{type_}')} SET claims = ?, revision = ? WHERE id = ?"
        db.executemany(text, [(row["claims"], changes.revision, row["id"]) for row in rows])
    # Also ends that the batch does not name: an assertion that it closes is written anew.
    nodes.look_up({row[end] for rows in changes.new_edges.values() for row in rows for end in ("tail", "head")})
    for type_, rows in changes.new_edges.items():
        put_edges(db, type_, rows, tables, nodes)


def put_nodes(db: sqlite3.Connection, layout: KindLayout, rows: list[Row], nodes: Nodes) -> None:
    """Keep whole rows of nodes that have a number, new or in the place of what is there; rows are spent by it."""
    label, ids = layout.kind.label, nodes.ids
    shapes = {"id": Shape.INTEGER, **{column.name: column.shape for column in layout.columns()}}
    for row in rows:
        row["id"] = ids[row["urn"]]
    _put(db, label, shapes, rows)
    if layout.searchable:
        text = f"INSERT INTO {name(f'fts_{label}')}(rowid, search_text) VALUES (?, ?)"
        db.executemany(text, [(row["id"], row["search_text"]) for row in rows])


def forget_words(db: sqlite3.Connection, layout: KindLayout, ids: Sequence[int]) -> None:
    """Take nodes out of the full-text index, which must be told what it holds of them: before their words change."""
    if layout.searchable:
        label, fts = layout.kind.label, name(f"fts_{layout.kind.label}")
        text = (
            f"INSERT INTO {fts}({fts}, rowid, search_text) SELECT 'delete', id, search_text FROM {name(label)} "
            "WHERE id IN (SELECT value FROM json_each(:ids))"
        )
        db.execute(text, {"ids": json_text(ids)})


def put_edges(db: sqlite3.Connection, type_: str, rows: list[Row], tables: Tables, nodes: Nodes) -> None:
    """Keep whole rows of edges, new or in the place of what is there; rows are spent by it."""
    shapes = {**_EDGE, **{p.name: p.shape for p in tables.model.relations[type_][0].props}}
    for row in rows:
        row["tail"], row["head"] = nodes.ids[row["tail"]], nodes.ids[row["head"]]
    _put(db, f"e_{type_}", shapes, rows)


def _put(db: sqlite3.Connection, table: str, shapes: Mapping[str, Shape], rows: list[Row]) -> None:
    if not rows:
        return
    # A null takes longer to hand over than a text: what is null in all rows, of a wide kind a half, is left out.
    stated = [c for c in shapes if any(row[c] is not None for row in rows)]
    for listed in (c for c in stated if shapes[c] is Shape.TEXTS):
        for row in rows:
            if row[listed] is not None:
                row[listed] = json_text(row[listed])
    db.executemany(_upsert(table, stated, shapes), map(itemgetter(*stated), rows))


def _upsert(table: str, stated: Iterable[str], columns: Iterable[str]) -> str:
    """By ``id``, and only where what is there is not of a later revision; what is not stated is null."""
    names = [name(c) for c in stated]
    sets = ", ".join(f"{name(c)} = excluded.{name(c)}" for c in columns if c != "id")
    return (
        f"INSERT INTO {name(table)}({', '.join(names)}) VALUES ({', '.join('?' * len(names))}) "
        f"ON CONFLICT(id) DO UPDATE SET {sets} WHERE excluded.revision >= {name(table)}.revision"
    )


def _snapshot(layout: KindLayout) -> str:
    """The statement that keeps the present words of nodes."""
    label = name(layout.kind.label)
    columns = {c: s for c, s in NODE_SYSTEM.items() if c not in _SNAPSHOT_OWN}
    columns |= {p.name: p.shape for p in layout.props}
    pairs = ", ".join(f"'{c}', {_kept(name(c), shape)}" for c, shape in columns.items())
    return (
        "INSERT INTO snapshot(key, kind, urn, recorded_at, retracted_at, revision, content) "
        f"SELECT urn || '|' || :revision, :label, urn, recorded_at, iif(retracted_at = '{NEVER}', :at, retracted_at), "
        f":revision, json_object({pairs}) "
        f"FROM {label} WHERE urn IN (SELECT value FROM json_each(:urns))"
    )


def _kept(column: str, shape: Shape) -> str:
    """As ``json_item``; but what is kept tells yes and no from numbers."""
    if shape is Shape.BOOLEAN:
        return f"json(CASE {column} WHEN 1 THEN 'true' WHEN 0 THEN 'false' ELSE 'null' END)"
    return json_item(column, shape)
