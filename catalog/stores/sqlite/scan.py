"""A scan: tables read from one end to the other, in one transaction.

A statement answers one row, with a column of the table in each value, as JSON. That takes half of the time that a row a node
takes, and the interpreter is free meanwhile: so the next statement is read while the columns of one are put together.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import msgspec

from catalog.model.declare import Shape
from catalog.stores.port import MAX_SCANNED, Scanned
from catalog.stores.resolve import Field
from catalog.stores.scan import RScan, RScannedEdges, RScannedLists, RScannedNodes, RScannedParts, Scanning
from catalog.stores.sqlite.conditions import Conditions
from catalog.stores.sqlite.schema import read_meta
from catalog.stores.sqlite.texts import json_item, name
from catalog.values import ALWAYS, NEVER

__all__ = ["scan"]

Columns = list[Sequence[Any]]
Take = Callable[[Columns], None]


def scan(db: sqlite3.Connection, shape: RScan, params: Mapping[str, Any]) -> Scanned:
    """Read what a shape names. The caller began the transaction, so that all of it is of one moment."""
    found = Scanning()
    for take, texts in _read(db, list(_statements(shape, found)), params):
        take([msgspec.json.decode(text) for text in texts])
    return found.answer(int(read_meta(db)["revision"]))


def _statements(shape: RScan, found: Scanning) -> Iterator[tuple[Take, str]]:
    """Every statement, with what takes its answer; in an order in which it can be taken."""
    arrays = _Arrays()
    for nodes in shape.nodes:
        yield partial(found.nodes, nodes), _nodes(nodes)
    for parts in shape.parts:
        yield partial(_take_arrays, partial(found.parts, parts), arrays), _parts(parts)
    for edges in shape.edges:
        yield partial(found.edges, edges), _edges(edges)
    for lists in shape.lists:
        yield partial(_take_arrays, partial(found.lists, lists), arrays), _lists(lists)


def _read(
    db: sqlite3.Connection, statements: Sequence[tuple[Take, str]], params: Mapping[str, Any]
) -> Iterator[tuple[Take, tuple[str, ...]]]:
    """The answer of each statement; while one is taken, the next is read."""
    with ThreadPoolExecutor(1, "sqlite-scan") as ahead:
        read = [ahead.submit(_answer, db, text, params) for _, text in statements[:1]]
        for (take, _), following in zip(statements, [*statements[1:], None], strict=True):
            answer = read.pop().result()
            if following is not None:
                read.append(ahead.submit(_answer, db, following[1], params))
            yield take, answer


def _answer(db: sqlite3.Connection, text: str, params: Mapping[str, Any]) -> tuple[str, ...]:
    (answer,) = db.execute(text, params).fetchall()
    return answer


def _take_arrays(take: Take, arrays: _Arrays, columns: Columns) -> None:
    """Take a column of tails, and columns of arrays."""
    take([columns[0], *map(arrays.read, columns[1:])])


class _Arrays:
    """Reads arrays that are JSON. Of equal ones there are many: each is read once, and is one tuple."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Any, ...]] = {}

    def read(self, texts: Iterable[str]) -> list[tuple[Any, ...]]:
        """The arrays of a column."""
        known = self._known
        found: list[tuple[Any, ...]] = []
        for text in texts:
            array = known.get(text)
            if array is None:
                array = known[text] = tuple(msgspec.json.decode(text))
            found.append(array)
        return found


def _nodes(of: RScannedNodes) -> str:
    fields = [("n.urn", Shape.TEXT), *_span("n"), *_columns("n", of.fields)]
    return _together(
        [("n.id", Shape.INTEGER), *fields],
        f"FROM {name(of.label)} AS n WHERE {_standing(of)} ORDER BY n.urn LIMIT {MAX_SCANNED + 1}",
    )


def _parts(of: RScannedParts) -> str:
    end = f"nullif(min(e.valid_to, n.valid_to), '{NEVER}')", Shape.TEXT
    wanted = [("e.head", Shape.INTEGER), end, *_columns("n", of.nodes.fields)]
    arrays = [(f"json_group_array({json_item(column, shape)})", Shape.TEXT) for column, shape in wanted]
    return _together(
        [("e.tail", Shape.INTEGER), *arrays],
        f"FROM {name(f'e_{of.type}')} AS e CROSS JOIN {name(of.nodes.label)} AS n ON n.id = e.head "
        f"WHERE e.retracted_at = '~' AND {_standing(of.nodes)} GROUP BY e.tail",
    )


def _edges(of: RScannedEdges) -> str:
    ends = [("e.tail", Shape.INTEGER), ("e.head", Shape.INTEGER)]
    return _together(
        [*ends, *_span("e"), *_columns("e", of.facts)], f"FROM {name(f'e_{of.type}')} AS e WHERE e.retracted_at = '~'"
    )


def _lists(of: RScannedLists) -> str:
    heads = "json_group_array(e.head)", Shape.TEXT
    return _together(
        [("e.tail", Shape.INTEGER), heads],
        f"FROM {name(f'e_{of.type}')} AS e WHERE e.retracted_at = '~' GROUP BY e.tail",
    )


def _together(columns: Sequence[tuple[str, Shape]], rest: str) -> str:
    """The statement that answers these columns, each as one array."""
    inner = ", ".join(f"{column} AS c{place}" for place, (column, _) in enumerate(columns))
    outer = ", ".join(f"json_group_array({json_item(f'c{place}', shape)})" for place, (_, shape) in enumerate(columns))
    return f"SELECT {outer} FROM (SELECT {inner} {rest})"


def _standing(of: RScannedNodes) -> str:
    return " AND ".join(Conditions().stands("n", of.needs, ever=True))


def _span(alias: str) -> list[tuple[str, Shape]]:
    span = f"nullif({alias}.valid_from, '{ALWAYS}')", f"nullif({alias}.valid_to, '{NEVER}')"
    return [(column, Shape.TEXT) for column in span]


def _columns(alias: str, fields: Iterable[Field]) -> list[tuple[str, Shape]]:
    return [("NULL", Shape.TEXT) if field.hidden else (f"{alias}.{name(field.name)}", field.shape) for field in fields]
