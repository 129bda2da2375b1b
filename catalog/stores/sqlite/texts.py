"""Names, and values on their way in and out of SQLite's types: what the texts of this store are made with."""

from __future__ import annotations

from typing import Any

import msgspec

from catalog.model.declare import Shape
from catalog.values import order_key

__all__ = ["LAST_REAL", "column_type", "exact", "from_stored", "json_item", "json_text", "json_value", "name"]

LAST_REAL = {"last_real": order_key(Shape.REAL, None)}
"""A parameter: the order key of a real number that is missing. As a literal, it would lose its last digit."""

_TYPES = {Shape.INTEGER: "INTEGER", Shape.BOOLEAN: "INTEGER", Shape.REAL: "REAL"}


def name(declared: str) -> str:
    """A declared name, quoted."""
    return f'"{declared}"'


def column_type(shape: Shape) -> str:
    """SQLite's type for a shape: lists are JSON text, yes and no are 1 and 0."""
    return _TYPES.get(shape, "TEXT")


def from_stored(shape: Shape, value: Any) -> Any:
    """The stored form of what a column keeps."""
    if value is None:
        return None
    if shape is Shape.TEXTS:
        return msgspec.json.decode(value)
    return bool(value) if shape is Shape.BOOLEAN else value


def json_text(value: Any) -> str:
    """The value as JSON."""
    return msgspec.json.encode(value).decode()


def exact(value: float | None) -> str:
    """A real number with all its digits, as JSON: SQLite writes fifteen of them. -0.0 is 0.0, as it compares."""
    return "null" if value is None else repr(value + 0.0)


def json_value(column: str, shape: Shape) -> str:
    """The text that makes JSON of a column."""
    match shape:
        case Shape.INTEGER | Shape.BOOLEAN | Shape.TEXTS:
            return f"ifnull({column}, 'null')"
        case Shape.REAL:
            return f"exact({column})"
        case _:
            return f"json_quote({column})"


def json_item(column: str, shape: Shape) -> str:
    """The text that makes an argument of ``json_array`` of a column."""
    match shape:
        case Shape.TEXTS:
            return f"json({column})"
        case Shape.REAL:
            return f"json(exact({column}))"
        case _:
            return column
