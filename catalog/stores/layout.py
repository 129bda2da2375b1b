"""The stored form of the model, derived from its declaration and shared by the stores.

A node keeps, besides its declared properties: the system properties below; ``<name>_sort`` for each property that lists
can be ordered by; ``search_title`` and ``search_text`` (tokens) where anything is searched; ``opaque`` where the kind
keeps the shape of lineage for those who may not see it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import msgspec

from catalog.batch import Prepared
from catalog.errors import InvalidRecord
from catalog.model.declare import Entity, Kind, Property, Relation, Shape
from catalog.model.schema import Model
from catalog.text import tokens
from catalog.values import content_digest, encode, encode_shape, order_key

__all__ = [
    "EDGE_SYSTEM",
    "NODE_SYSTEM",
    "OPAQUE",
    "Column",
    "KindLayout",
    "Tables",
    "edge_props",
    "layout_of",
    "opaque_id",
]

OPAQUE = "veiled:"
"""What opaque ids begin with: after "urn:", so that placeholders are ordered as what has no value."""

NODE_SYSTEM: dict[str, Shape] = {
    "urn": Shape.TEXT,
    "audience": Shape.TEXT,
    "valid_from": Shape.TEXT,
    "valid_to": Shape.TEXT,
    "closed_reason": Shape.TEXT,
    "source": Shape.TEXT,
    "claims": Shape.TEXT,
    "recorded_at": Shape.TEXT,
    "recorded_by": Shape.TEXT,
    "retracted_at": Shape.TEXT,
    "revision": Shape.INTEGER,
    "digest": Shape.TEXT,
}
"""What every stored node has. ``digest`` tells two contents of its declared properties apart; ``claims`` is what each source
says of it (``catalog/stores/claims.py``), and ``source`` that whose word goes first.
"""

EDGE_SYSTEM: dict[str, Shape] = {
    "id": Shape.INTEGER,
    "valid_from": Shape.TEXT,
    "valid_to": Shape.TEXT,
    "source": Shape.TEXT,
    "claims": Shape.TEXT,
    "recorded_at": Shape.TEXT,
    "recorded_by": Shape.TEXT,
    "retracted_at": Shape.TEXT,
    "revision": Shape.INTEGER,
}
"""What every stored edge has. ``id`` is a number of this graph's own, the same in its replicas; ``claims`` is what other
sources say of the same two ends for the same time (``catalog/stores/assertions.py``), null where none does.
"""


@dataclass(frozen=True, slots=True)
class Column:
    """One stored property and its shape."""

    name: str
    shape: Shape


@dataclass(frozen=True, slots=True)
class KindLayout:
    """How nodes of one kind are stored."""

    kind: Kind
    props: tuple[Property, ...]
    sorts: tuple[Property, ...]
    titles: tuple[str, ...]
    texts: tuple[str, ...]
    named: tuple[tuple[str, Property], ...]
    """By name, as digests take them."""
    read: Callable[[Entity], tuple[Any, ...]]
    """The URN of an entity, then its properties in the order of ``named``."""

    @property
    def searchable(self) -> bool:
        """Whether the kind stands in the full-text index."""
        return bool(self.titles or self.texts)

    @property
    def title_sort(self) -> str:
        """The stored property that hits of equal rank are ordered by."""
        for declared in self.sorts:
            if declared.name in self.titles:
                return f"{declared.name}_sort"
        return "urn"

    def derived(self) -> list[Column]:
        """The stored properties that ``derive`` makes, in its order."""
        made = [Column(f"{p.name}_sort", _sort_shape(p.shape)) for p in self.sorts]
        if self.searchable:
            made += [Column("search_title", Shape.TEXT), Column("search_text", Shape.TEXT)]
        if self.kind.placeholder:
            made.append(Column("opaque", Shape.TEXT))
        return made

    def columns(self) -> list[Column]:
        """Every stored property: the system's, the declared, the derived."""
        system = [Column(name, shape) for name, shape in NODE_SYSTEM.items()]
        return [*system, *(Column(p.name, p.shape) for p in self.props), *self.derived()]

    def stored(self, entity: Entity) -> dict[str, Any]:
        """The stored form of the declared properties. Raises InvalidRecord, naming the node and the property."""
        try:
            return {
                name: (None if value is None and not p.required else encode(p, value))
                for (name, p), value in zip(self.named, self.read(entity)[1:], strict=True)
            }
        except InvalidRecord as error:
            raise InvalidRecord(f"{entity.urn}: {error}") from error

    def prepared(self, entity: Entity) -> Prepared:
        """All that a write plan makes of an entity without knowing the graph. Raises InvalidRecord."""
        stored = self.stored(entity)
        return Prepared(entity.urn, self.kind.label, stored, self._derived(stored), content_digest(stored))

    def derive(
        self, urn: str, stored: Mapping[str, Any], opaque_key: bytes, known: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """What is kept besides the stored properties so that stores need not compute it when they read.

        ``known`` is what follows from these properties alone, where that was made before.
        """
        made = self._derived(stored) if known is None else known
        return {**made, "opaque": opaque_id(urn, opaque_key)} if self.kind.placeholder else made

    def _derived(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        made: dict[str, Any] = {f"{p.name}_sort": order_key(p.shape, stored[p.name]) for p in self.sorts}
        if self.searchable:
            title = [t for name in self.titles for t in _tokens(stored[name])]
            made["search_title"] = " ".join(title)
            made["search_text"] = " ".join(sorted(set(title).union(*(_tokens(stored[name]) for name in self.texts))))
        return made

    def derivation(self) -> str:
        """A text that differs where ``derive`` would make something else of the same words."""
        derived = [(column.name, column.shape.value) for column in self.derived()]
        return hashlib.sha256(msgspec.json.encode([derived, self.titles, self.texts])).hexdigest()


class Tables:
    """The layouts of a model, by label."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.by_label = {label: layout_of(kind) for label, kind in model.kinds.items()}
        self.by_slug = {layout.kind.slug: layout for layout in self.by_label.values()}


def layout_of(kind: Kind) -> KindLayout:
    """The layout that follows from a kind's declaration."""
    named = tuple(sorted((p.name, p) for p in kind.properties))
    return KindLayout(
        kind=kind,
        props=kind.properties,
        sorts=tuple(p for p in kind.properties if p.order),
        titles=tuple(p.name for p in kind.properties if p.search == "title"),
        texts=tuple(p.name for p in kind.properties if p.search == "text"),
        named=named,
        read=attrgetter("urn", *(name for name, _ in named)),
    )


def edge_props(relation: Relation, given: Mapping[str, Any]) -> dict[str, Any]:
    """The stored form of an edge's declared properties. Raises InvalidRecord on one that is not declared."""
    if given and (unknown := set(given) - {p.name for p in relation.props}):
        raise InvalidRecord(f"{relation.type} has no property '{min(unknown)}'")
    stored: dict[str, Any] = {}
    for declared in relation.props:
        value = given.get(declared.name)
        stored[declared.name] = None if value is None else encode_shape(declared.name, declared.shape, value)
    return stored


def opaque_id(urn: str, opaque_key: bytes) -> str:
    """The id by which a reader knows a node that they may not see: no one can tell the URN from it."""
    return OPAQUE + hashlib.blake2b(urn.encode(), key=opaque_key, digest_size=12).hexdigest()


def _sort_shape(shape: Shape) -> Shape:
    if shape in (Shape.INTEGER, Shape.BOOLEAN):
        return Shape.INTEGER
    return Shape.REAL if shape is Shape.REAL else Shape.TEXT


def _tokens(value: Any) -> list[str]:
    if value is None:
        return []
    return tokens(value if isinstance(value, str) else " ".join(value))
