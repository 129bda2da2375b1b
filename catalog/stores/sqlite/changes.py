"""What changed, for those who mirror the graph, and taking over what another store says changed."""

from __future__ import annotations

import heapq
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import msgspec

from catalog.errors import InvalidBatch
from catalog.model.declare import Shape
from catalog.stores.feed import FeedCursor
from catalog.stores.layout import EDGE_SYSTEM, NODE_SYSTEM, KindLayout, Tables
from catalog.stores.port import Change
from catalog.stores.sqlite.schema import read_meta
from catalog.stores.sqlite.texts import from_stored, json_text, name
from catalog.stores.sqlite.write import Nodes, advance, forget_words, put_edges, put_nodes
from catalog.urn import kind_of

__all__ = ["read_changes", "replay"]

Found = Iterator[tuple[FeedCursor, Change]]


def read_changes(
    db: sqlite3.Connection, tables: Tables, after: FeedCursor, most: int
) -> list[tuple[FeedCursor, Change]]:
    """The first changes after a cursor, in order. Each table answers its own, in order and no faster than asked."""
    params = after.params(1)
    feeds = [_nodes(db, layout, params) for layout in tables.by_label.values() if not layout.kind.journal]
    feeds.append(_snapshots(db, params))
    kinds = tables.model.kinds
    for type_, relations in tables.model.relations.items():
        if not all(kinds[relation.tail].journal for relation in relations):
            feeds.append(_edges(db, type_, tables, params))
    return list(islice(heapq.merge(*feeds, key=lambda found: found[0]), most))


def _nodes(db: sqlite3.Connection, layout: KindLayout, params: dict[str, Any]) -> Found:
    label = layout.kind.label
    shapes = {**NODE_SYSTEM, **{p.name: p.shape for p in layout.props}}
    text = (
        f"SELECT {', '.join(map(name, shapes))} FROM {name(label)} "
        "WHERE (revision, urn) > (:revision, :node) ORDER BY revision, urn"
    )
    for values in db.execute(text, params):
        row = _row(shapes, values)
        yield FeedCursor(row["revision"], 0, row["urn"]), Change(row["revision"], "node", label, row)


def _snapshots(db: sqlite3.Connection, params: dict[str, Any]) -> Found:
    text = (
        "SELECT key, kind, urn, recorded_at, retracted_at, revision, content FROM snapshot "
        "WHERE (revision, key) > (:revision, :snapshot) ORDER BY revision, key"
    )
    for key, kind, urn, recorded_at, retracted_at, revision, content in db.execute(text, params):
        row = {"urn": urn, "recorded_at": recorded_at, "retracted_at": retracted_at, "revision": revision}
        row["content"] = msgspec.json.decode(content)
        yield FeedCursor(revision, 1, key), Change(revision, "snapshot", kind, row)


def _edges(db: sqlite3.Connection, type_: str, tables: Tables, params: dict[str, Any]) -> Found:
    shapes = {**EDGE_SYSTEM, **{p.name: p.shape for p in tables.model.relations[type_][0].props}}
    text = (
        f"SELECT {', '.join(f'e.{name(c)}' for c in shapes)}, t.urn, h.urn FROM {name(f'e_{type_}')} AS e "
        "CROSS JOIN node AS t ON t.id = e.tail CROSS JOIN node AS h ON h.id = e.head "
        "WHERE (e.revision, e.id) > (:revision, :edge) ORDER BY e.revision, e.id"
    )
    for *values, tail, head in db.execute(text, params):
        row = {"tail": tail, "head": head, **_row(shapes, values)}
        yield FeedCursor(row["revision"], 2, row["id"]), Change(row["revision"], "edge", type_, row)


def _row(shapes: dict[str, Shape], values: Sequence[Any]) -> dict[str, Any]:
    return {column: from_stored(shape, value) for (column, shape), value in zip(shapes.items(), values, strict=True)}


def replay(db: sqlite3.Connection, changes: Sequence[Change], tables: Tables) -> int:
    """Take over changes as they stand. What is here of a later revision stays: it holds the earlier change already."""
    meta = read_meta(db)
    opaque_key = bytes.fromhex(meta["opaque_key"])
    nodes = Nodes(db, int(meta["next_node"]))
    rows: dict[tuple[str, str], dict[Any, dict[str, Any]]] = defaultdict(dict)
    for change in sorted(changes, key=lambda c: c.revision):
        _check(change, tables)
        key = change.row["id"] if change.what == "edge" else (change.row["urn"], change.row["revision"])
        rows[(change.what, change.type)][key] = dict(change.row)
    _number(nodes, rows, tables)
    next_edge = int(meta["next_edge"])
    for (what, type_), found in rows.items():
        if what == "node":
            _take_nodes(db, tables.by_label[type_], list(found.values()), nodes, opaque_key)
        elif what == "edge":
            put_edges(db, type_, list(found.values()), tables, nodes)
            next_edge = max(next_edge, *(id_ + 1 for id_ in found))
        else:
            kept = [{**row, "kind": type_, "content": json_text(row["content"])} for row in found.values()]
            db.executemany(_SNAPSHOT, kept)
    revision = max([int(meta["revision"]), *(change.revision for change in changes)])
    advance(db, revision, next_edge, nodes)
    db.execute("DELETE FROM image")
    return revision


def _check(change: Change, tables: Tables) -> None:
    known = tables.model.relations if change.what == "edge" else tables.by_label
    if change.what not in ("node", "snapshot", "edge") or change.type not in known:
        raise InvalidBatch(f"a change of {change.what} {change.type} is not of this model: use the same version")


def _number(nodes: Nodes, rows: dict[tuple[str, str], dict[Any, dict[str, Any]]], tables: Tables) -> None:
    """Give every node a number, and the ends of edges as well: a node of a later revision comes after its edges."""
    by_kind: dict[str, dict[str, None]] = defaultdict(dict)
    for (what, type_), found in rows.items():
        if what == "node":
            by_kind[type_].update(dict.fromkeys(row["urn"] for row in found.values()))
        elif what == "edge":
            for urn in (row[end] for row in found.values() for end in ("tail", "head")):
                by_kind[_label(urn, tables)][urn] = None
    for label, urns in by_kind.items():
        nodes.look_up(urns)
        nodes.number(label, urns)


def _label(urn: str, tables: Tables) -> str:
    layout = tables.by_slug.get(kind_of(urn))
    if layout is None:
        raise InvalidBatch(f"'{urn[:120]}' is the URN of no declared kind: use the same version")
    return layout.kind.label


def _take_nodes(
    db: sqlite3.Connection, layout: KindLayout, rows: list[dict[str, Any]], nodes: Nodes, opaque_key: bytes
) -> None:
    text = f"SELECT urn, revision FROM {name(layout.kind.label)} WHERE urn IN (SELECT value FROM json_each(:urns))"
    here = dict(db.execute(text, {"urns": json_text([row["urn"] for row in rows])}))
    latest = {row["urn"]: row for row in sorted(rows, key=lambda row: row["revision"])}
    news = [row for urn, row in latest.items() if row["revision"] >= here.get(urn, -1)]
    forget_words(db, layout, [nodes.ids[row["urn"]] for row in news if row["urn"] in here])
    put_nodes(db, layout, [row | layout.derive(row["urn"], row, opaque_key) for row in news], nodes)


_SNAPSHOT = """
INSERT INTO snapshot(key, kind, urn, recorded_at, retracted_at, revision, content)
VALUES (:urn || '|' || :revision, :kind, :urn, :recorded_at, :retracted_at, :revision, :content)
ON CONFLICT(key) DO UPDATE SET recorded_at = excluded.recorded_at, retracted_at = excluded.retracted_at,
  content = excluded.content
"""
