"""A scan: tables read from one end to the other, in one transaction, or in two that see the same revision.

A statement answers one row, with a column of the table in each value, as JSON. That takes half of the time that a row a node
takes, and the interpreter is free meanwhile: so statements are read while the columns of one are put together.
"""

from __future__ import annotations

import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any

import msgspec

from catalog.model.declare import Shape
from catalog.stores.port import MAX_SCANNED, Scanned
from catalog.stores.resolve import Field
from catalog.stores.scan import (
    RScan,
    RScannedEdges,
    RScannedJoins,
    RScannedLists,
    RScannedNodes,
    RScannedParts,
)
from catalog.stores.scanning import Scanning, Texts
from catalog.stores.sqlite.conditions import Conditions, among
from catalog.stores.sqlite.schema import read_meta
from catalog.stores.sqlite.session import Beside
from catalog.stores.sqlite.texts import json_item, name
from catalog.uncollected import uncollected
from catalog.values import ALWAYS, NEVER

__all__ = ["scan"]

Columns = list[Sequence[Any]]
Take = Callable[[Columns], None]
Answer = tuple[str, ...]

_AHEAD = 32_000_000
"""Of how many characters answers wait to be taken when no more is read."""


def scan(db: sqlite3.Connection, shape: RScan, params: Mapping[str, Any], beside: Beside) -> Scanned:
    """Read what a shape names. The caller began the transaction, so that all of it is of one moment.

    ``beside`` does work in a transaction of its own on another connection, once one is free.
    """
    found, revision = Scanning(shape), _revision(db)
    statements = deque(_statements(shape, found))
    answers = _Answers([text for _, text in statements], params)

    def help_(other: sqlite3.Connection) -> None:
        if _revision(other) == revision:
            answers.read(other)

    with uncollected(), ThreadPoolExecutor(1, "sqlite-scan") as own:
        own.submit(answers.read, db)
        helper = beside(help_)
        try:
            while statements:
                take, _ = statements.popleft()
                take([msgspec.json.decode(text) for text in answers.next()])
        finally:
            answers.close()
            helper.cancel()
    return found.answer(revision)


def _revision(db: sqlite3.Connection) -> int:
    return int(read_meta(db)["revision"])


def _statements(shape: RScan, found: Scanning) -> Iterator[tuple[Take, str]]:
    """Every statement, with what takes its answer; in an order in which it can be taken."""
    texts, keys = _Arrays(), _Arrays()
    for of in shape.in_order():
        match of:
            case RScannedNodes():
                yield partial(_take_nodes, partial(found.nodes, of), texts, of), _nodes(of)
            case RScannedParts():
                yield partial(_take_parts, partial(found.parts, of), keys, of), _parts(of)
            case RScannedLists():
                yield partial(_take_lists, partial(found.lists, of), keys), _lists(of)
            case RScannedJoins():
                yield partial(found.joins, of), _joins(of)
            case RScannedEdges():
                yield partial(found.edges, of), _edges(of)


class _Answers:
    """Answers of statements, one after the other. Each is read by whoever of the readers is free, some ahead of the taker."""

    def __init__(self, texts: Sequence[str], params: Mapping[str, Any]) -> None:
        self._params = params
        self._untaken = deque((text, Future[Answer]()) for text in texts)
        self._unread = deque(self._untaken)
        self._waiting = 0
        self._changed = threading.Condition()

    def next(self) -> Answer:
        """The next, once it is read; what the reader of it met is raised."""
        _, answer = self._untaken.popleft()
        found = answer.result()
        self._add(-_length(found))
        return found

    def read(self, db: sqlite3.Connection) -> None:
        """Read until nothing is left."""
        while True:
            with self._changed:
                # Answers are read and taken in one order, so what is waited for is never among those not read yet.
                self._changed.wait_for(lambda: self._waiting < _AHEAD or not self._unread)
                if not self._unread:
                    return
                text, answer = self._unread.popleft()
            try:
                found = _answer(db, text, self._params)
            except sqlite3.Error as error:
                answer.set_exception(error)
            else:
                self._add(_length(found))
                answer.set_result(found)

    def close(self) -> None:
        """Let the readers go."""
        with self._changed:
            self._unread.clear()
            self._changed.notify_all()

    def _add(self, characters: int) -> None:
        with self._changed:
            self._waiting += characters
            self._changed.notify_all()


def _length(answer: Answer) -> int:
    return sum(map(len, answer))


def _answer(db: sqlite3.Connection, text: str, params: Mapping[str, Any]) -> Answer:
    (answer,) = db.execute(text, params).fetchall()
    return answer


def _take_nodes(take: Take, arrays: _Arrays, of: RScannedNodes, columns: Columns) -> None:
    before = len(columns) - len(of.fields)
    fields = zip(of.fields, columns[before:], strict=True)
    take(
        [
            *columns[:before],
            *(
                arrays.read(column) if field.shape is Shape.TEXTS and not field.hidden else column
                for field, column in fields
            ),
        ]
    )


def _take_parts(take: Take, arrays: _Arrays, of: RScannedParts, columns: Columns) -> None:
    tails, keys, *whole, rare = columns
    read = [
        list(map(Texts.of, column)) if field.name == "urn" else arrays.read(column)
        for field, column in zip(of.nodes.fields, whole, strict=True)
    ]
    take([tails, arrays.read(keys), *read, [() if text == "[]" else msgspec.json.decode(text) for text in rare]])


def _take_lists(take: Take, arrays: _Arrays, columns: Columns) -> None:
    tails, keys = columns
    take([tails, arrays.read(keys)])


class _Arrays:
    """Reads arrays that are JSON. Of equal ones there are many: each is read once, and is one tuple."""

    def __init__(self) -> None:
        self._known: dict[str | None, tuple[Any, ...]] = {None: ()}

    def read(self, texts: Sequence[str | None]) -> list[tuple[Any, ...]]:
        """The arrays of a column; of what is missing an empty one."""
        known = self._known
        found = list(map(known.get, texts))
        unknown = list(dict.fromkeys(text for text, array in zip(texts, found, strict=True) if array is None and text))
        arrays = msgspec.json.decode(f"[{','.join(unknown)}]", type=list[tuple[Any, ...]])
        known.update(zip(unknown, arrays, strict=True))
        return [known[text] if array is None else array for text, array in zip(texts, found, strict=True)]


def _nodes(of: RScannedNodes) -> str:
    fields = [("n.urn", Shape.TEXT), *_span("n"), *_columns("n", of.fields)]
    # Lists travel as they are stored: most are like another.
    fields = [(column, Shape.TEXT if shape is Shape.TEXTS else shape) for column, shape in fields]
    return _together(
        [("n.id", Shape.INTEGER), *fields],
        f"FROM {name(of.label)} AS n WHERE {_wanted(of)}{_standing(of)} ORDER BY n.urn LIMIT {MAX_SCANNED + 1}",
    )


def _parts(of: RScannedParts) -> str:
    """What is rare is gathered of those alone that have any: an array of nothing takes as long as another."""
    whole = [("e.head", Shape.INTEGER), *_columns("n", of.nodes.fields)]
    arrays = [f"json_group_array({json_item(column, shape)})" for column, shape in whole]
    end = f"nullif(min(e.valid_to, n.valid_to), '{NEVER}')", Shape.TEXT
    rare = _columns("n", of.rare)
    values = ", ".join(json_item(column, shape) for column, shape in [whole[0], end, *rare])
    some = " OR ".join([f"{each}.valid_to <> '{NEVER}'" for each in "en"] + [f"{each} IS NOT NULL" for each, _ in rare])
    arrays.append(f"json_group_array(json_array({values})) FILTER (WHERE {some})")
    return _together(
        [("e.tail", Shape.INTEGER), *((array, Shape.TEXT) for array in arrays)],
        f"FROM {name(f'e_{of.type}')} AS e CROSS JOIN {name(of.nodes.label)} AS n ON n.id = e.head "
        f"WHERE {_leaving(of)} AND {_standing(of.nodes)} GROUP BY e.tail",
    )


def _joins(of: RScannedJoins) -> str:
    """Ends are what is in the index of tails, so that a row of an edge is not looked at."""
    aliases = [f"e{place}" for place in range(len(of.edges))]
    heads = [(f"{alias}.head", Shape.INTEGER) for alias in aliases]
    ends = [(f"nullif({alias}.valid_to, '{NEVER}')", Shape.TEXT) for alias in aliases]
    joined = " ".join(
        f"CROSS JOIN {name(f'e_{edge.type}')} AS {alias} ON {alias}.tail = n.id AND {alias}.retracted_at = '~'"
        for alias, edge in zip(aliases, of.edges, strict=True)
    )
    return _together(
        [("n.id", Shape.INTEGER), *heads, *ends, *_columns("n", of.nodes.fields)],
        f"FROM {name(of.nodes.label)} AS n {joined} WHERE {_wanted(of.nodes)}{_standing(of.nodes)} "
        f"ORDER BY n.urn LIMIT {MAX_SCANNED + 1}",
    )


def _edges(of: RScannedEdges) -> str:
    ends = [("e.tail", Shape.INTEGER), ("e.head", Shape.INTEGER)]
    return _together(
        [*ends, *_span("e"), *_columns("e", of.facts)], f"FROM {name(f'e_{of.type}')} AS e WHERE {_leaving(of)}"
    )


def _lists(of: RScannedLists) -> str:
    heads = "json_group_array(e.head)", Shape.TEXT
    return _together(
        [("e.tail", Shape.INTEGER), heads],
        f"FROM {name(f'e_{of.type}')} AS e WHERE {_leaving(of)} GROUP BY e.tail",
    )


def _together(columns: Sequence[tuple[str, Shape]], rest: str) -> str:
    """The statement that answers these columns, each as one array."""
    inner = ", ".join(f"{column} AS c{place}" for place, (column, _) in enumerate(columns))
    outer = ", ".join(f"json_group_array({json_item(f'c{place}', shape)})" for place, (_, shape) in enumerate(columns))
    return f"SELECT {outer} FROM (SELECT {inner} {rest})"


def _wanted(of: RScannedNodes) -> str:
    return "" if of.only is None else f"n.urn IN {among(of.only)} AND "


def _leaving(of: RScannedParts | RScannedEdges | RScannedLists) -> str:
    """The conditions of an edge: one that was not retracted, of those nodes that alone are read."""
    found = "e.retracted_at = '~'"
    if of.only is None:
        return found
    return f"{found} AND e.tail IN (SELECT id FROM {name(of.tail)} WHERE urn IN {among(of.only)})"


def _standing(of: RScannedNodes) -> str:
    made = Conditions()
    # Of some nodes it is soon seen what they need, and whether anything is hidden only by looking at all.
    found = made.scanned("n", of.needs) if of.only is None else made.stands("n", of.needs, ever=True)
    return " AND ".join(found)


def _span(alias: str) -> list[tuple[str, Shape]]:
    span = f"nullif({alias}.valid_from, '{ALWAYS}')", f"nullif({alias}.valid_to, '{NEVER}')"
    return [(column, Shape.TEXT) for column in span]


def _columns(alias: str, fields: Iterable[Field]) -> list[tuple[str, Shape]]:
    return [("NULL", Shape.TEXT) if field.hidden else (f"{alias}.{name(field.name)}", field.shape) for field in fields]
