"""How an entity is declared: the words that ``catalog/model/*.py`` are written in.

An entity is one frozen class. Its annotated fields are properties; its ``rel(...)`` class variables are the
relationships that leave it. Everything else (tables, constraints, indexes, upserts, nested reads, search fields, the
data dictionary, the JSON Schema of our file format) is derived from the ``Kind`` that ``@entity`` makes of the class.

    @entity(group="people")
    class Agency(Entity):
        \"\"\"A body that holds data.\"\"\"

        name: str = prop("Name in use.", order=True, search="title")
        part_of: ClassVar[Relation] = rel("PART_OF", "Agency", "The agency above it.", inverse="parts", one=True)
"""

from __future__ import annotations

import dataclasses
import re
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum, StrEnum
from typing import Any, Literal, TypeVar, dataclass_transform

from catalog.access import Audience
from catalog.urn import Urn

__all__ = ["EdgeProperty", "Entity", "Kind", "Property", "Relation", "Shape", "declared", "entity", "prop", "rel"]

SearchField = Literal["title", "text"]
_ENTITY = TypeVar("_ENTITY", bound=type[Any])


class Shape(StrEnum):
    """How a value is kept. Dates are kept as ISO text, so that both stores compare and return them alike."""

    TEXT = "text"
    INTEGER = "integer"
    REAL = "real"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    TEXTS = "list of text"


@dataclass(frozen=True, slots=True)
class Property:
    """One declared property of a kind."""

    name: str
    doc: str
    shape: Shape
    required: bool
    enum: type[StrEnum] | None
    unit: str | None
    order: bool
    """Whether lists can be ordered by it; then the stores keep a sort key and an index."""
    index: bool
    """Whether single values are looked up by it; then the stores keep an index."""
    search: SearchField | None
    facet: bool
    """Whether search counts its values."""
    staff: bool
    """Whether only staff may read it (domain R35); other readers get null."""


@dataclass(frozen=True, slots=True)
class EdgeProperty:
    """One declared property of a relationship: always optional, of shape TEXT unless it says otherwise."""

    name: str
    doc: str
    enum: type[StrEnum] | None = None
    shape: Shape = Shape.TEXT


@dataclass(frozen=True, slots=True)
class Relation:
    """One declared relationship, stored once, from tail to head. ``name`` walks it forward, ``inverse`` backward."""

    type: str
    heads: tuple[str, ...]
    doc: str
    inverse: str
    one: bool
    """At most one head at any day; more is a finding."""
    one_tail: bool
    """At most one tail at any day for each head."""
    per_source: bool
    """Keeps one assertion per source; else a later statement about the same two ends replaces the earlier."""
    acyclic: bool
    """From a kind to itself, and on no day leads back to where it began; a round is a finding."""
    props: tuple[EdgeProperty, ...]
    name: str = ""
    tail: str = ""

    def __hash__(self) -> int:
        # That of all of it would be made anew each time that a statement is put into a set.
        return hash((self.tail, self.name))


@dataclass(frozen=True, slots=True)
class Kind:
    """A declared entity, read off its class."""

    label: str
    slug: str
    group: str
    doc: str
    cls: type[Entity]
    properties: tuple[Property, ...]
    relations: tuple[Relation, ...]
    audience: Audience
    """Whom a node is for when a person states it and says nothing of it."""
    journal: bool
    """Says only that something happened here; writing one moves no revision, and keeps no earlier words."""
    placeholder: bool
    """Keeps the shape of lineage for readers who may not see it whole."""
    needs: tuple[str, ...]
    """Relation names whose heads a reader must see to see this node at all (a flow needs both its ends)."""

    def property(self, name: str) -> Property:
        """The property of this name. Raises KeyError."""
        for found in self.properties:
            if found.name == name:
                return found
        raise KeyError(name)


def prop(
    doc: str,
    *,
    default: Any = None,
    required: bool = False,
    unit: str | None = None,
    order: bool = False,
    index: bool = False,
    search: SearchField | None = None,
    facet: bool = False,
    staff: bool = False,
) -> Any:
    """Declare a property. A property is optional (None, or an empty tuple) unless ``required``."""
    traits = {"unit": unit, "order": order, "index": index, "search": search, "facet": facet, "staff": staff}
    metadata = {"doc": doc, "required": required, **traits}
    return field(metadata=metadata) if required else field(default=default, metadata=metadata)


def rel(
    type: str,  # noqa: A002 - the word of the field
    heads: str | tuple[str, ...],
    doc: str,
    *,
    inverse: str,
    one: bool = False,
    one_tail: bool = False,
    per_source: bool = False,
    acyclic: bool = False,
    props: tuple[EdgeProperty, ...] = (),
) -> Relation:
    """Declare a relationship that leaves the class it stands in, towards ``heads`` (labels)."""
    targets = (heads,) if isinstance(heads, str) else heads
    return Relation(type, targets, doc, inverse, one, one_tail, per_source, acyclic, props)


@dataclass(frozen=True, kw_only=True, slots=True)
class Entity:
    """What every node has: its URN, the key of its kind."""

    urn: Urn


_KINDS: dict[str, Kind] = {}


def declared() -> Mapping[str, Kind]:
    """All kinds declared so far, by label, in the order of their declaration."""
    return types.MappingProxyType(_KINDS)


# ``prop`` is no field specifier here: so a type checker takes every property to have a default.
@dataclass_transform(frozen_default=True, kw_only_default=True)
def entity(
    *,
    group: str,
    audience: Audience = Audience.PUBLIC,
    journal: bool = False,
    placeholder: bool = False,
    needs: tuple[str, ...] = (),
) -> Callable[[_ENTITY], _ENTITY]:
    """Make an entity of a class that derives from ``Entity`` and declare its kind."""

    def declare(cls: _ENTITY) -> _ENTITY:
        made: Any = dataclasses.dataclass(frozen=True, kw_only=True, slots=True)(cls)
        label: str = made.__name__
        if label in _KINDS:
            raise TypeError(f"{label} is declared twice")
        relations = tuple(
            dataclasses.replace(value, name=name, tail=label)
            for name, value in vars(cls).items()
            if isinstance(value, Relation)
        )
        for relation in relations:
            setattr(made, relation.name, relation)
        _KINDS[label] = Kind(
            label=label,
            slug=re.sub(r"(?<!^)(?=[A-Z])", "-", label).lower(),
            group=group,
            doc=" ".join((cls.__doc__ or "").split()),
            cls=made,
            properties=_properties(made),
            relations=relations,
            audience=audience,
            journal=journal,
            placeholder=placeholder,
            needs=needs,
        )
        return made

    return declare


def _properties(cls: type[Any]) -> tuple[Property, ...]:
    hints = typing.get_type_hints(cls)
    return tuple(_property(f, hints[f.name]) for f in dataclasses.fields(cls) if f.name != "urn")


def _property(declaration: dataclasses.Field[Any], hint: Any) -> Property:
    if "doc" not in declaration.metadata:
        raise TypeError(f"{declaration.name} is no property: declare it with prop(...)")
    shape, enum = _shape(declaration.name, hint)
    return Property(name=declaration.name, shape=shape, enum=enum, **declaration.metadata)


_SHAPES: dict[Any, Shape] = {
    str: Shape.TEXT,
    int: Shape.INTEGER,
    float: Shape.REAL,
    bool: Shape.BOOLEAN,
    date: Shape.DATE,
    datetime: Shape.DATETIME,
}


def _shape(name: str, hint: Any) -> tuple[Shape, type[StrEnum] | None]:
    """Read a type hint: a plain type, an enum, either of them or None, or a tuple of texts or enums."""
    args = [a for a in typing.get_args(hint) if a is not type(None)]
    if typing.get_origin(hint) in (types.UnionType, typing.Union) and len(args) == 1:
        return _shape(name, args[0])
    if typing.get_origin(hint) is tuple and len(args) == 2 and args[1] is Ellipsis:  # noqa: PLR2004 - tuple[x, ...]
        shape, enum = _shape(name, args[0])
        if shape is Shape.TEXT:
            return Shape.TEXTS, enum
    elif isinstance(hint, type) and issubclass(hint, Enum):
        return Shape.TEXT, typing.cast("type[StrEnum]", hint)
    elif hint in _SHAPES:
        return _SHAPES[hint], None
    raise TypeError(f"{name} has a type that no store keeps: {hint}")
