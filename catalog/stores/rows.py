"""A store's nested positional lists as pages of rows: the other half of ``catalog/stores/resolve.py``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import repeat
from typing import Any

from catalog.model.declare import Shape
from catalog.selection import NO_EDGE, Page, Row, Select, past_edges
from catalog.stores.resolve import Field, RSelect
from catalog.values import ALWAYS, NEVER, decode

__all__ = ["decoders", "read_page"]

_Decoder = tuple[str, Callable[[Any], Any]]

_AS_STORED = (Shape.TEXT, Shape.INTEGER, Shape.DATE, Shape.DATETIME)
_SPAN = ("valid_from", "valid_to", "retracted_at")


def read_page(shape: RSelect, select: Select, raw: Sequence[Any], key: bytes) -> Page:
    """The page of a store's nested lists; ``key`` seals its cursors."""
    return _Level(shape, select, (), key).page(raw)


class _Level:
    """One level of the tree, prepared once for all its rows: most values need nothing but their name."""

    __slots__ = (
        "below",
        "cursor",
        "decoders",
        "edge",
        "edge_decoders",
        "first",
        "key",
        "names",
        "order",
        "plain",
        "width",
    )

    def __init__(self, shape: RSelect, select: Select, edge: tuple[Field, ...], key: bytes) -> None:
        self.order = select.order
        self.key = key
        self.first = select.first
        self.names = ("urn", *(field.name for field in shape.fields))
        self.width = len(self.names)
        self.decoders = decoders(shape.fields)
        self.edge = tuple(field.name for field in edge)
        self.edge_decoders = decoders(edge)
        self.below = [
            (related.name, _Level(resolved.select, related.select, resolved.edge, key))
            for resolved, related in zip(shape.related, select.related, strict=True)
        ]
        self.cursor = 2 if shape.cursor else 0
        """Values of a row that say where it stands."""
        self.plain = not (self.decoders or edge or self.below or shape.placeholders)

    def page(self, raw: Sequence[Any]) -> Page:
        found, total = raw
        if not found:
            return Page([], False, None, total, self.order, self.key)
        more = len(found) > self.first
        following = None
        if more:
            following = found[self.first]
            found = found[: self.first]
        if not self.plain:
            rows = [self._row(row) for row in found]
        elif self.width == 1:
            rows = [{"urn": row[0]} for row in found]
        else:
            # A row begins with what its names name. Read so, it costs half of what a comprehension does; most rows can be.
            rows = list(map(dict, map(zip, repeat(self.names), found)))
        end = self._place(found[-1], following) if found and self.cursor else None
        return Page(rows, more, end, total, self.order, self.key)

    def _row(self, raw: Sequence[Any]) -> Row:
        if raw[0] is None:
            row: Row = {"@hidden": raw[1]}
            at = 2 + self.cursor
        else:
            row = dict(zip(self.names, raw, strict=False))
            for name, read in self.decoders:
                row[name] = read(row[name])
            at = self.width + self.cursor
        if self.edge:
            facts = dict(zip(self.edge, raw[at:], strict=False))
            for name, read in self.edge_decoders:
                facts[name] = read(facts[name])
            row["@edge"] = facts
            at += len(self.edge)
        if raw[0] is not None:
            for place, (name, level) in enumerate(self.below, at):
                row[name] = level.page(raw[place])
        return row

    def _place(self, raw: Sequence[Any], following: Sequence[Any] | None) -> tuple[Any, str, int]:
        """Order key, urn (of a placeholder its id) and edge of a row: where the next page begins.

        The edge is told only where the following row is of the same node: edges are numbered as they come, and their
        numbers would count those that the reader may not see.
        """
        key, edge = (raw[2], raw[3]) if raw[0] is None else (raw[self.width], raw[self.width + 1])
        id_ = _id(raw)
        split = following is not None and _id(following) == id_
        return key, id_, edge if split or edge == NO_EDGE else past_edges(self.order)


def _id(raw: Sequence[Any]) -> str:
    """The urn of a row, of a placeholder its id."""
    return raw[1] if raw[0] is None else raw[0]


def decoders(fields: tuple[Field, ...]) -> list[_Decoder]:
    """How to read the values that are not answered as they are stored. What is hidden is answered as null already."""
    found: list[_Decoder] = []
    for field in fields:
        if field.name in _SPAN:
            found.append((field.name, lambda stored: None if stored in (ALWAYS, NEVER) else stored))
        elif field.shape not in _AS_STORED and not field.hidden:
            found.append((field.name, partial(decode, field.shape)))
    return found
