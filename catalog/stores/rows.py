"""A store's nested positional lists as pages of rows: the other half of ``catalog/stores/resolve.py``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from catalog.model.declare import Shape
from catalog.selection import Cursor, Page, Row, Select
from catalog.stores.resolve import Field, RSelect
from catalog.values import ALWAYS, NEVER, decode

__all__ = ["read_page"]

_Decoder = tuple[str, Callable[[Any], Any]]

_FIRST_FIELD = 3
"""Before the fields of a row stand its urn, order key and edge id."""
_AS_STORED = (Shape.TEXT, Shape.INTEGER, Shape.DATE, Shape.DATETIME)
_SPAN = ("valid_from", "valid_to")


def read_page(shape: RSelect, select: Select, raw: Sequence[Any]) -> Page:
    """The page of a store's nested lists."""
    return _Level(shape, select, ()).page(raw)


class _Level:
    """One level of the tree, prepared once for all its rows: most values need nothing but their name."""

    __slots__ = ("below", "decoders", "edge", "edge_decoders", "first", "names", "select", "width")

    def __init__(self, shape: RSelect, select: Select, edge: tuple[Field, ...]) -> None:
        self.select = select
        self.first = select.first
        self.names = tuple(field.name for field in shape.fields)
        self.decoders = _decoders(shape.fields)
        self.edge = tuple(field.name for field in edge)
        self.edge_decoders = _decoders(edge)
        self.below = [
            (related.name, _Level(resolved.select, related.select, resolved.edge))
            for resolved, related in zip(shape.related, select.related, strict=True)
        ]
        self.width = _FIRST_FIELD + len(shape.fields)

    def page(self, raw: Sequence[Any]) -> Page:
        found, total = raw
        rows = [self._row(row) for row in found[: self.first]]
        end = self._end(found[len(rows) - 1]) if rows else None
        return Page(rows, len(found) > self.first, end, total)

    def _row(self, raw: Sequence[Any]) -> Row:
        urn = raw[0]
        if urn is None:
            at = _FIRST_FIELD + 1
            row: Row = {"@hidden": raw[_FIRST_FIELD]}
        else:
            at = self.width
            row = dict(zip(self.names, raw[_FIRST_FIELD:at], strict=True))
            row["urn"] = urn
            for name, read in self.decoders:
                row[name] = read(row[name])
        if self.edge:
            facts = dict(zip(self.edge, raw[at : at + len(self.edge)], strict=True))
            for name, read in self.edge_decoders:
                facts[name] = read(facts[name])
            row["@edge"] = facts
            at += len(self.edge)
        if urn is not None:
            for (name, level), page in zip(self.below, raw[at:], strict=True):
                row[name] = level.page(page)
        return row

    def _end(self, last: Sequence[Any]) -> str:
        return Cursor(last[1], last[0] or last[_FIRST_FIELD], last[2] or 0).encode(self.select.order)


def _decoders(fields: tuple[Field, ...]) -> list[_Decoder]:
    """How to read the values that are not answered as they are stored."""
    found: list[_Decoder] = []
    for field in fields:
        if field.hidden:
            found.append((field.name, lambda _: None))
        elif field.name in _SPAN:
            found.append((field.name, lambda stored: None if stored in (ALWAYS, NEVER) else stored))
        elif field.shape not in _AS_STORED:
            found.append((field.name, partial(decode, field.shape)))
    return found
