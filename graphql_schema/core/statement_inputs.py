"""Inputs of what is stated by hand: they follow from a form and from the model, under the names that answers have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import EnumMeta
from functools import cache
from importlib import import_module
from typing import Any, cast

import strawberry
from strawberry.types.field import StrawberryField
from strawberry.utils.str_converters import to_camel_case

from catalog.access import Audience
from catalog.forms import Form
from catalog.model.declare import Kind, Property, Relation, Shape
from catalog.stated import Path
from catalog.values import instant
from graphql_schema.core.chosen import MAPPED
from graphql_schema.core.plan import Leaf, Mapped
from graphql_schema.core.roots import NAMES
from graphql_schema.core.scalars import Int64
from graphql_schema.core.words import plain

__all__ = ["CLIENT_MUTATION_ID", "MAX_KEY", "MAX_REASON", "REASON", "StatementInput", "statement_input"]

CLIENT_MUTATION_ID = "client_mutation_id"
REASON = "reason"
MAX_KEY = 200
"""Characters of a ``clientMutationId``."""
MAX_REASON = 2_000
"""Characters of a reason."""

_SCALARS: dict[Shape, Any] = {
    Shape.TEXT: str,
    Shape.INTEGER: Int64,
    Shape.REAL: float,
    Shape.BOOLEAN: bool,
    Shape.DATE: date,
    Shape.DATETIME: datetime,
    Shape.TEXTS: list[str],
}
_UNLESS_TOLD = "Unless told: nothing is said of it."
_LEFT = "Unless told: what was stated of it by hand before stays."

strawberry.enum(cast("EnumMeta", Audience), description="Whom something is for.")
for _value in cast("Any", Audience).__strawberry_definition__.values:
    _value.description = {"PUBLIC": "Everyone.", "STAFF": "Those who show a token."}[_value.name]


@dataclass(frozen=True, slots=True)
class _Field:
    """A field of an input: what it is called in the form and in the schema, what it takes, and its words."""

    model: str
    name: str
    hint: Any
    words: str
    required: bool = True
    inner: StatementInput | None = None
    """Of a list of parts: what each takes."""


@dataclass(frozen=True, slots=True)
class StatementInput:
    """An input type, and how to read one as the client gave it."""

    type: type
    fields: Mapping[str, _Field]
    """By the name in the schema."""

    def read(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The values of an input as our file format has them, under the names of the form; null is as if left out."""
        found: dict[str, Any] = {}
        for name, value in given.items():
            if value is not None:
                field = self.fields[name]
                found[field.model] = [field.inner.read(v) for v in value] if field.inner else _plain(value)
        return found

    def path(self, path: Path) -> list[str | int]:
        """A place in what was read, as the client calls it."""
        if not path:
            return []
        field = next(field for field in self.fields.values() if field.model == path[0])
        if field.inner is None or len(path) == 1:
            return [field.name, *path[1:]]
        return [field.name, path[1], *field.inner.path(path[2:])]


def statement_input(operation: str, form: Form) -> StatementInput:
    """The input of a mutation that states what a form takes."""
    urn = "URN of the one that is meant. Unless told: the only one of which the rest is true."
    if not form.is_there:
        urn = "URN to give it, or that of one to state anew: what is left out is then no longer stated by hand. Unless told: "
        urn += "one that follows from what it is about." if form.identify else "one that follows from the key."
    own = (
        _Field(
            CLIENT_MUTATION_ID,
            to_camel_case(CLIENT_MUTATION_ID),
            str,
            f"A key of yours for this statement, 1 to {MAX_KEY} characters. Sent again with the same input it answers the same and"
            " writes nothing; with another input it is refused. Each token has keys of its own.",
        ),
        _Field(REASON, REASON, str, f"Why it is stated; plain text, 1 to {MAX_REASON:,} characters. It is kept."),
        _Field("urn", "urn", _optional(strawberry.ID), urn, required=False),
    )
    fields = (*own, *_belongs(form), *_fields(form))
    return _made(f"{operation[0].upper()}{operation[1:]}Input", "What is stated, why, and under which key.", fields)


def _made(name: str, words: str, fields: Sequence[_Field]) -> StatementInput:
    if len({field.model for field in fields}) < len(fields):
        raise TypeError(f"{name} has two fields of one name")
    body: dict[str, Any] = {"__annotations__": {field.model: field.hint for field in fields}, "__doc__": words}
    for field in fields:
        default = {} if field.required else {"default": strawberry.UNSET}
        body[field.model] = StrawberryField(graphql_name=field.name, description=field.words, **default)
    made = strawberry.input(type(name, (), body), description=words)
    return StatementInput(made, {field.name: field for field in fields})


def _belongs(form: Form) -> Iterator[_Field]:
    """What it belongs to."""
    if form.owner is not None:
        words = f"URN of the {form.owner.tail} that it belongs to."
        yield _Field(form.owner_name, to_camel_case(form.owner_name), strawberry.ID, words)


def _fields(form: Form) -> Iterator[_Field]:
    """What is said of a thing: what it is about, its properties, other links, parts, and its days."""
    kind = form.declared
    names = _names(kind)
    for relation in form.about:
        yield _link(relation, names, required=True)
    for prop in kind.properties:
        yield _property(prop, names, required=prop.required or prop.name in form.must)
    for relation in form.links:
        if relation not in form.about:
            yield _link(relation, names, required=False)
    for inner in form.parts:
        yield _parts(inner)
    if form.is_there:
        return
    audience = f"Whom it is for. Unless told: as before, or {kind.audience.value} for a new one."
    yield _Field("audience", "audience", _optional(Audience), audience, required=False)
    first, last = "First day on which it holds.", "First day on which it holds no more. Unless told: there is no end."
    if "valid_from" in form.must:
        yield _Field("valid_from", "validFrom", date, first)
    else:
        yield _Field(
            "valid_from", "validFrom", _optional(date), f"{first} Unless told: as before, or not known.", required=False
        )
    yield _Field("valid_to", "validTo", _optional(date), last, required=False)


def _property(prop: Property, names: Mapping[str, str], *, required: bool) -> _Field:
    name = names.get(prop.name, to_camel_case(prop.name))
    words = plain(prop.doc) + (f" Unit: {prop.unit}." if prop.unit else "")
    hint: Any = prop.enum or _SCALARS[prop.shape]
    if prop.shape is Shape.TEXTS and prop.enum:
        hint = list[prop.enum]
    if required:
        return _Field(prop.name, name, hint, words)
    return _Field(prop.name, name, _optional(hint), f"{words} {_UNLESS_TOLD}", required=False)


def _link(relation: Relation, names: Mapping[str, str], *, required: bool) -> _Field:
    name = names.get(relation.name, to_camel_case(relation.name))
    kinds = " or ".join(relation.heads)
    hint: Any = strawberry.ID if relation.one else list[strawberry.ID]
    words = f"{plain(relation.doc)} {'URN' if relation.one else 'URNs'} of {kinds}."
    if required:
        return _Field(relation.name, name, hint, words)
    if not relation.one:
        words += " They replace those that were stated by hand before."
    return _Field(relation.name, name, _optional(hint), f"{words} {_LEFT}", required=False)


def _parts(form: Form) -> _Field:
    relation = form.owner
    if relation is None:
        raise TypeError(f"a {form.kind} is a part of nothing: its form says no owner")
    words = f"{plain(form.declared.doc)} Stated along with the {relation.tail} that it belongs to."
    inner = _made(f"{NAMES.get(form.kind, form.kind)}Input", words, tuple(_fields(form)))
    hint = _optional(list[inner.type])
    stated = f"{plain(relation.doc)} They replace those that were stated by hand before."
    return _Field(relation.name, to_camel_case(relation.name), hint, f"{stated} {_LEFT}", required=False, inner=inner)


@cache
def _names(kind: Kind) -> Mapping[str, str]:
    """What the type of a kind calls a property, or a relationship that leads to one kind, where that is not its own name."""
    cls: Any = getattr(import_module(f"graphql_schema.{kind.group}.types"), NAMES.get(kind.label, kind.label))
    relations = {(relation.name, relation.heads[0]) for relation in kind.relations if len(relation.heads) == 1}
    found: dict[str, str] = {}
    for field in cls.__strawberry_definition__.fields:
        mapped: Mapped = field.metadata[MAPPED]
        leads = mapped.leads()
        name = field.graphql_name or to_camel_case(field.python_name)
        if isinstance(mapped, Leaf):
            found[mapped.prop] = name
        elif leads in relations:
            found[leads[0]] = name
    return found


def _optional(hint: Any) -> Any:
    return hint | None


def _plain(value: Any) -> Any:
    """A value that GraphQL took, as JSON has it."""
    if isinstance(value, list):
        return [_plain(item) for item in cast("list[Any]", value)]
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, str) else value
