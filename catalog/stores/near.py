"""What is one edge away from some nodes (``Store.near``), checked against the model and stripped of its values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.errors import InvalidSelection
from catalog.model.declare import Relation
from catalog.stores.layout import Tables
from catalog.stores.port import MAX_FRONTIER, Ends, Near, Nearby
from catalog.stores.scan import by_label

__all__ = ["RNear", "nearby", "resolve_near"]


@dataclass(frozen=True, slots=True)
class RNear:
    """Relationships between nodes of a kind and others. Rows of it: type, the URN of the tail, that of the head."""

    label: str
    """The kind of the nodes; it names the parameter with their URNs as well."""
    types: tuple[str, ...]
    tail: str | None = None
    """The kind from which they lead to the nodes; None: they leave them."""


def resolve_near(query: Near, tables: Tables) -> tuple[tuple[RNear, ...], dict[str, Any]]:
    """The shape, of which every part answers rows of its own, and parameters. Raises InvalidSelection and InvalidRecord."""
    if len(query.nodes) > MAX_FRONTIER:
        raise InvalidSelection(f"{len(query.nodes)} nodes are too many: at most {MAX_FRONTIER}")
    if query.limit < 0:
        raise InvalidSelection(f"'limit' is {query.limit}: expected 0 or more")
    out = [tables.model.relation(label, name) for label, name in query.out]
    into = [tables.model.relation(label, name) for label, name in query.into]
    urns = by_label(query.nodes, tables)
    shape: list[RNear] = []
    for label in urns:
        shape += _near(label, None, (each for each in out if each.tail == label))
        leading = [each for each in into if label in each.heads]
        for tail in sorted({each.tail for each in leading}):
            shape += _near(label, tail, (each for each in leading if each.tail == tail))
    return tuple(shape), {**urns, "first": query.limit + 1}


def _near(label: str, tail: str | None, relations: Iterable[Relation]) -> list[RNear]:
    types = tuple(sorted({each.type for each in relations}))
    return [RNear(label, types, tail)] if types else []


def nearby(query: Near, rows: Sequence[Sequence[str]]) -> Nearby:
    """What a store's answer says: rows in order, one more than the limit at most."""
    return Nearby([Ends(*row) for row in rows[: query.limit]], len(rows) > query.limit)
