"""A resolved selection as one SQL statement that answers one row (``design.md`` section 3).

Text comes from the shape, which holds names of the declared model and of parameters only. Why it is written as it is:

- Each level of the tree is a column of the row: the root's page, then, for each ``Related``, the pages of all its
  parents. Nothing is nested in the text, since SQLite's parser gives up at a depth of a hundred symbols; and what many
  rows lead to is read once.
- A page is chosen in a subquery with ORDER BY and LIMIT, and an aggregate stands over it: SQLite 3.40 has no ORDER BY
  inside one. JSON is put together as text, so that only the ids of a level in the middle are parsed again.
- Sets (audiences, IN lists) travel as JSON text; ``+audience`` keeps a page from being read from any index but that of
  its order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from typing import Any

import msgspec

from catalog.model.declare import Shape
from catalog.stores.resolve import RRelated, RSelect
from catalog.stores.sqlite.conditions import Conditions, holds
from catalog.stores.sqlite.texts import json_item, json_value, name

__all__ = ["compile_all", "compile_select", "read_all", "read_answer"]

_MOST_ARGUMENTS = 120


@lru_cache(maxsize=2048)
def compile_select(shape: RSelect) -> str:
    """The statement of a shape. It answers one row, which ``read_answer`` reads."""
    return _Text().select(shape)


@lru_cache(maxsize=512)
def compile_all(shapes: tuple[RSelect, ...]) -> str:
    """One statement of several shapes: its row holds the columns of each, one after the other."""
    return "SELECT * FROM " + " CROSS JOIN ".join(f"({compile_select(shape)})" for shape in shapes)


def read_all(shapes: Sequence[RSelect], answer: Sequence[str]) -> list[Any]:
    """The nested lists of each shape, of the row that a statement of all of them answered."""
    columns = iter(answer)
    return [_read(shape, columns) for shape in shapes]


def read_answer(shape: RSelect, answer: Sequence[str]) -> Any:
    """The nested lists that ``catalog/stores/resolve.py`` describes, of the row that a statement answered."""
    return _read(shape, iter(answer))


def _read(shape: RSelect, columns: Iterator[str]) -> Any:
    page = msgspec.json.decode(next(columns))
    if shape.related:
        _attach(shape, page[0], columns)
    return page


def _attach(shape: RSelect, rows: list[list[Any]], columns: Iterator[str]) -> None:
    """Put the pages below under their rows, each of which ends with its node's id until then."""
    pages: list[dict[int, list[Any]]] = []
    for related in shape.related:
        found: list[list[Any]] = msgspec.json.decode(next(columns))
        if related.select.related:
            _attach(related.select, [row for _, below, _ in found for row in below], columns)
        pages.append({parent: [below, total] for parent, below, total in found})
    for row in rows:
        if row[0] is not None:
            id_ = row.pop()
            row += [page[id_] for page in pages]


@dataclass(frozen=True, slots=True)
class _Level:
    """Where the rows of one level are read: the aliases of the node and, below the root, of its edge."""

    shape: RSelect
    node: str
    edge: str = ""
    facts: tuple[tuple[str, Shape], ...] = ()

    @property
    def veils(self) -> bool:
        """Whether placeholders may stand among the rows: of what is hidden, no filter is true."""
        return self.shape.placeholders and self.shape.where is None

    @property
    def fields(self) -> list[str]:
        """The properties to read, each once."""
        return list(dict.fromkeys(field.name for field in self.shape.fields if not field.hidden))

    def rows(self, source: str, conditions: list[str]) -> str:
        """The rows of a page, in order."""
        shape, node = self.shape, self.node
        key, urn, edge = f"{node}.{name(shape.order)}", f"{node}.urn", f"{self.edge}.id" if self.edge else "0"
        if shape.after is not None:
            conditions = [*conditions, _beyond(shape, key, urn, edge)]
        answered = [f"{node}.id AS i", f"{urn} AS u", f"{key} AS k", f"{edge} AS e", *self.columns()]
        keys = [*([] if shape.order == "urn" else [key]), urn, *([edge] if self.edge else [])]
        where = " AND ".join(conditions)
        return f"SELECT {', '.join(answered)} FROM {source} WHERE {where} ORDER BY {_by(shape, keys)} {_limit(shape)}"

    def veiled(self, source: str, conditions: list[str], whole: list[str]) -> str:
        """The rows of a page of which some are placeholders: ordered by what the reader may see of them."""
        shape, node = self.shape, self.node
        answered = [f"{node}.id AS i", f"{self.edge}.id AS e", f"({' AND '.join(whole)}) AS w", f"{node}.urn AS u0"]
        answered += [f"{node}.opaque AS o", f"{node}.{name(shape.order)} AS k0", *self.columns()]
        found = f"SELECT {', '.join(answered)} FROM {source} WHERE {' AND '.join(conditions)}"
        missing = "o" if shape.order == "urn" else _missing(shape.order_shape)
        seen = (
            f"SELECT *, CASE WHEN w THEN u0 ELSE o END AS u, CASE WHEN w THEN k0 ELSE {missing} END AS k FROM ({found})"
        )
        after = "" if shape.after is None else f" WHERE {_beyond(shape, 'k', 'u', 'e')}"
        return f"SELECT * FROM ({seen}){after} ORDER BY {_by(shape, ['k', 'u', 'e'])} {_limit(shape)}"

    def columns(self) -> list[str]:
        """The properties and the facts of the edge that are answered."""
        found = [f"{self.node}.{name(declared)} AS c{i}" for i, declared in enumerate(self.fields)]
        return found + [f"{self.edge}.{name(fact)} AS f{i}" for i, (fact, _) in enumerate(self.facts)]

    def listed(self, rows: str) -> str:
        """A scalar: the rows as JSON text, without the brackets around them; null where there is none."""
        shape = self.shape
        key = Shape.TEXT if shape.order == "urn" else shape.order_shape
        place = [("k", key), ("e", Shape.INTEGER)] if shape.cursor else []
        facts = [(f"f{i}", kept) for i, (_, kept) in enumerate(self.facts)]
        columns = {declared: f"c{i}" for i, declared in enumerate(self.fields)}
        fields = [(columns.get(field.name, "NULL"), field.shape) for field in shape.fields]
        below = [("i", Shape.INTEGER)] if shape.related else []
        row = _array([("u", Shape.TEXT), *fields, *place, *facts, *below])
        if self.veils:
            hidden = _array([("NULL", Shape.TEXT), ("o", Shape.TEXT), *place, *facts])
            row = f"CASE WHEN w THEN {row} ELSE {hidden} END"
        return f"(SELECT group_concat({row}, ',') FROM {rows})"


class _Text:
    """The making of one text: levels are numbered as they come, depth first, as ``read_answer`` reads them."""

    def __init__(self) -> None:
        self.conditions = Conditions()
        self.numbers = count()
        self.columns: list[str] = []

    def select(self, shape: RSelect) -> str:
        """The statement of a whole tree."""
        conditions = self.conditions.stands("n", shape.needs, ever=shape.ever, retracted=shape.retracted)
        if shape.where is not None:
            conditions.append(self.conditions.predicate(shape.where, "n", shape.label))
        source = f"{name(shape.label)} AS n"
        total = "'null'"
        if shape.total:
            # Here the audience may choose the index: one that answers the count alone.
            counted = " AND ".join([conditions[0].removeprefix("+"), *conditions[1:]])
            total = f"(SELECT count(*) FROM {source} WHERE {counted})"
        level = _Level(shape, "n")
        self.conditions.keep("root", level.rows(source, conditions))
        self.columns.append(f"'[[' || ifnull({level.listed('root')}, '') || '],' || {total} || ']'")
        for related in shape.related:
            self._below(related, "root")
        return f"{self.conditions.kept()}SELECT {', '.join(self.columns)}"

    def _below(self, related: RRelated, parents: str) -> None:
        """The pages of related nodes, one for each row of ``parents``."""
        shape, made = related.select, self.conditions
        level = _Level(shape, "n", "e", tuple((f.name, f.shape) for f in related.edge))
        source, conditions = made.edge(related.step, "p.i", "e", "n", ever=shape.ever)
        conditions.append("n.retracted_at = '~'")
        if not shape.ever:
            conditions.append(holds("n"))
        whole = made.whole("n", shape.needs)
        filtered = [] if shape.where is None else [made.predicate(shape.where, "n", shape.label)]
        listed = [*conditions, *whole, *filtered]
        rows = (
            level.veiled(source, [*conditions, *made.seen("n", shape.needs)], whole)
            if level.veils
            else level.rows(source, listed)
        )
        total = f"(SELECT count(*) FROM {source} WHERE {' AND '.join(listed)})" if shape.total else "'null'"
        page = f"'[' || p.i || ',[' || ifnull({level.listed(f'({rows})')}, '') || '],' || {total} || ']'"
        number = next(self.numbers)
        if not shape.related:
            self.columns.append(f"(SELECT {_list('page')} FROM (SELECT {page} AS page FROM {parents} AS p))")
            return
        made.keep(f"pages{number}", f"SELECT {page} AS page FROM {parents} AS p")
        self.columns.append(f"(SELECT {_list('page')} FROM pages{number})")
        ids = (
            f"SELECT DISTINCT json_extract(j.value, '$[#-1]') AS i FROM pages{number} AS p "
            "CROSS JOIN json_each(p.page, '$[1]') AS j WHERE json_extract(j.value, '$[0]') IS NOT NULL"
        )
        made.keep(f"nodes{number}", ids)
        for below in shape.related:
            self._below(below, f"nodes{number}")


def _list(item: str) -> str:
    return f"'[' || ifnull(group_concat({item}, ','), '') || ']'"


def _array(values: list[tuple[str, Shape]]) -> str:
    """A row as JSON text. One call is the quickest; but a function of SQLite takes 127 arguments."""
    if len(values) <= _MOST_ARGUMENTS:
        return f"json_array({', '.join(json_item(column, shape) for column, shape in values)})"
    return f"'[' || {_balanced([json_value(column, shape) for column, shape in values])} || ']'"


def _balanced(parts: list[str]) -> str:
    """Texts with commas between them, as a tree that is not too high for SQLite."""
    if len(parts) == 1:
        return parts[0]
    half = len(parts) // 2
    return f"({_balanced(parts[:half])} || ',' || {_balanced(parts[half:])})"


def _by(shape: RSelect, keys: list[str]) -> str:
    return ", ".join(f"{key} DESC" if shape.descending else key for key in keys)


def _limit(shape: RSelect) -> str:
    return f"LIMIT :{shape.first}" + ("" if shape.skip is None else f" OFFSET :{shape.skip}")


def _beyond(shape: RSelect, key: str, urn: str, edge: str) -> str:
    if shape.after is None:
        raise AssertionError
    after_key, after_urn, after_edge = shape.after
    operator = "<" if shape.descending else ">"
    return f"({key}, {urn}, {edge}) {operator} (:{after_key}, :{after_urn}, :{after_edge})"


def _missing(shape: Shape) -> str:
    """The order key of what has no value (``catalog.values.order_key``)."""
    if shape in (Shape.INTEGER, Shape.BOOLEAN):
        return "9223372036854775807"
    return ":last_real" if shape is Shape.REAL else "char(65535)"
