"""An input of each mutation with all that it takes, and what to ask the thing for that is stated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
)

from catalog.urn import Urn
from tests.graphql.desk import (
    COPY,
    DCF,
    DOL,
    FRAME,
    JOB,
    LAW,
    MOU,
    NAME,
    NAME_OF_COPY,
    PERSON,
    PRINCIPLE,
    PUPILS,
    PURPOSE,
    REQUEST,
    SDE,
    VERSION,
)

_VALUES: dict[str, Any] = {
    "String": "as stated",
    "Int64": 7,
    "Float": 0.5,
    "Boolean": True,
    "Date": "2022-02-02",
    "DateTime": "2022-02-02T08:00:00Z",
}
_NAMED: dict[str, Urn] = {
    "agreement": MOU,
    "dataRequest": REQUEST,
    "standsFor": SDE,
    "givenBy": DCF,
    "parent": FRAME,
    "permits": PURPOSE,
    "prohibits": PURPOSE,
    "forPurpose": PURPOSE,
    "restsOn": LAW,
    "mayPassOn": PUPILS,
    "inAccordWith": PRINCIPLE,
    "covers": PUPILS,
    "recipients": DOL,
    "classifies": NAME,
    "determinedBy": PERSON,
    "reviews": JOB,
    "saw": NAME_OF_COPY,
    "fromAsset": PUPILS,
    "toAsset": COPY,
    "fromVersion": VERSION,
    "via": JOB,
    "columns": NAME,
    "claims": MOU,
    "providedBy": SDE,
    "receivedBy": DOL,
}
"""What is named in an input, by the field that names it."""
_OTHERWISE: dict[str, Any] = {"validTo": "2030-01-01", "role": "PROVIDER"}


def mutations(schema: GraphQLSchema) -> list[str]:
    """The names of all mutations."""
    assert schema.mutation_type
    return sorted(schema.mutation_type.fields)


def _field(schema: GraphQLSchema, name: str) -> Any:
    assert schema.mutation_type
    return schema.mutation_type.fields[name]


def thing_of(schema: GraphQLSchema, name: str) -> tuple[str, GraphQLObjectType]:
    """The field of the answer that holds the thing that a mutation states, and its type."""
    answer = cast("GraphQLObjectType", get_named_type(_field(schema, name).type))
    (found,) = set(answer.fields) - {"changeset", "clientMutationId"}
    return found, cast("GraphQLObjectType", get_named_type(answer.fields[found].type))


def is_of_mutations(schema: GraphQLSchema, place: str) -> bool:
    """Whether only a mutation leads to a field, an argument or a field of an input."""
    answers = {str(_field(schema, name).type) for name in mutations(schema)}
    inputs = {f"{name[0].upper()}{name[1:]}Input" for name in mutations(schema)}
    return place.partition(".")[0] in {"Mutation", "AgreementPartyInput"} | answers | inputs


def everything(schema: GraphQLSchema, name: str) -> dict[str, Any]:
    """An input with all that a mutation takes, save its URN, which follows."""
    given = _everything(cast("GraphQLInputObjectType", get_named_type(_field(schema, name).args["input"].type)))
    return {**given, "clientMutationId": f"all of {name}", "reason": "as the minutes say"}


def _everything(of: GraphQLInputObjectType) -> dict[str, Any]:
    return {name: _value(name, field.type) for name, field in of.fields.items() if name != "urn"}


def _value(name: str, type_: Any) -> Any:
    several = str(type_).startswith("[")
    found = _single(name, cast("GraphQLNamedType", get_named_type(type_)))
    return [found] if several else found


def _single(name: str, type_: GraphQLNamedType) -> Any:
    if name in _OTHERWISE:
        return _OTHERWISE[name]
    if isinstance(type_, GraphQLInputObjectType):
        return _everything(type_)
    if isinstance(type_, GraphQLEnumType):
        return next(iter(type_.values))
    return _NAMED[name] if type_.name == "ID" else _VALUES[type_.name]


def said_back(type_: GraphQLObjectType, given: Mapping[str, Any]) -> str:
    """What to ask a thing for, to hear what an input states of it, as far as its type has the same names."""
    chosen = ["urn"]
    for name, value in given.items():
        if name not in type_.fields:
            continue
        below = _named(type_.fields[name])
        if not isinstance(below, GraphQLObjectType):
            chosen.append(name)
        elif below.name.endswith("Connection"):
            node = _named(cast("GraphQLObjectType", _named(below.fields["edges"])).fields["node"])
            inner = said_back(cast("GraphQLObjectType", node), _first_object(value))
            chosen.append(f"{name} {{ edges {{ node {{ {inner} }} }} }}")
        else:
            chosen.append(f"{name} {{ urn }}")
    return " ".join(chosen)


def heard(given: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
    """What a thing says, in the form of the input that stated it."""
    return {name: _heard(given[name], value) for name, value in told.items() if name in given}


def said(given: Mapping[str, Any], stated: Mapping[str, Any]) -> dict[str, Any]:
    """Of an input what a thing can say of it, given what it said."""
    return {name: _said(given[name], value) for name, value in stated.items()}


def _said(given: Any, stated: Any) -> Any:
    parts = _first_object(stated)
    return [said(item, parts) for item in given] if parts else given


def _heard(given: Any, told: Any) -> Any:
    if isinstance(told, dict):
        page = cast("dict[str, Any]", told)
        if "edges" not in page:
            return page["urn"]
        nodes = [edge["node"] for edge in page["edges"]]
        return [heard(_first_object(given), node) if isinstance(given[0], dict) else node["urn"] for node in nodes]
    return told


def _first_object(value: Any) -> Mapping[str, Any]:
    items = cast("list[Any]", value) if isinstance(value, list) else [None]
    return cast("Mapping[str, Any]", items[0]) if isinstance(items[0], dict) else {}


def _named(field: Any) -> GraphQLNamedType:
    return cast("GraphQLNamedType", get_named_type(field.type))
