"""A scan: tables read from one end to the other, in one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from catalog.model.declare import Shape
from catalog.stores.port import MAX_SCANNED, Scanned
from catalog.stores.resolve import Field
from catalog.stores.scan import RScan, RScannedEdges, RScannedNodes, Scanning
from catalog.stores.sqlite.conditions import Conditions
from catalog.stores.sqlite.schema import read_meta
from catalog.stores.sqlite.texts import from_stored, name
from catalog.values import ALWAYS, NEVER

__all__ = ["scan"]

_BEFORE_FIELDS = 4
"""Columns before the first field: of a node its id and urn, of an edge its ends, and the two days of the span."""


def scan(db: sqlite3.Connection, shape: RScan, params: Mapping[str, Any]) -> Scanned:
    """Read what a shape names. The caller began the transaction, so that all of it is of one moment."""
    found = Scanning(shape)
    for nodes in shape.nodes:
        rows = list(_rows(db.execute(_nodes(nodes), params), nodes.fields))
        found.nodes(nodes, (row[0] for row in rows), [row[1:] for row in rows])
    for edges in shape.edges:
        found.edges(edges, _rows(db.execute(_edges(edges)), edges.facts))
    return found.answer(int(read_meta(db)["revision"]))


def _rows(rows: Iterable[tuple[Any, ...]], fields: tuple[Field, ...]) -> Iterable[Sequence[Any]]:
    """Rows with their lists read."""
    lists = [n for n, field in enumerate(fields, _BEFORE_FIELDS) if field.shape is Shape.TEXTS and not field.hidden]
    return map(partial(_with_lists, lists), rows) if lists else rows


def _with_lists(places: Sequence[int], row: tuple[Any, ...]) -> list[Any]:
    values = list(row)
    for place in places:
        values[place] = from_stored(Shape.TEXTS, values[place])
    return values


def _nodes(of: RScannedNodes) -> str:
    made = Conditions()
    columns = ["n.id", "n.urn", *_span("n"), *(_column("n", field) for field in of.fields)]
    where = " AND ".join(made.stands("n", of.needs, ever=True))
    return (
        f"SELECT {', '.join(columns)} FROM {name(of.label)} AS n WHERE {where} ORDER BY n.urn LIMIT {MAX_SCANNED + 1}"
    )


def _edges(of: RScannedEdges) -> str:
    columns = ["e.tail", "e.head", *_span("e"), *(_column("e", fact) for fact in of.facts)]
    return f"SELECT {', '.join(columns)} FROM {name(f'e_{of.type}')} AS e WHERE e.retracted_at = '~'"


def _span(alias: str) -> tuple[str, str]:
    return f"nullif({alias}.valid_from, '{ALWAYS}')", f"nullif({alias}.valid_to, '{NEVER}')"


def _column(alias: str, field: Field) -> str:
    return "NULL" if field.hidden else f"{alias}.{name(field.name)}"
