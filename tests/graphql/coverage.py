"""What of a schema no document asks for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from graphql import (
    ArgumentNode,
    FieldNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    is_introspection_type,
    parse,
    visit,
)

from tests.graphql.documents import Asked

__all__ = ["not_asked"]


def _named(of: Any) -> GraphQLNamedType:
    return cast("GraphQLNamedType", get_named_type(of.type))


def not_asked(schema: GraphQLSchema, documents: Iterable[Asked]) -> set[str]:
    """The fields, arguments, input fields and values of enumerations of input that no document asks for."""
    seen: set[str] = set()
    for asked in documents:
        types = TypeInfo(schema)
        document = parse(asked.text)
        visit(document, TypeInfoVisitor(types, _Seen(types, seen)))
        for name, value in asked.variables.items():
            for definition in document.definitions:
                for variable in getattr(definition, "variable_definitions", None) or ():
                    if variable.variable.name.value == name:
                        given: Any = variable.type
                        while not hasattr(given, "name"):
                            given = given.type
                        _see_value(schema.type_map[given.name.value], value, seen)
    return set(_everything(schema)) - seen


class _Seen(Visitor):
    """Notes what a document asks for."""

    def __init__(self, types: TypeInfo, seen: set[str]) -> None:
        super().__init__()
        self.types = types
        self.seen = seen

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        parent = self.types.get_parent_type()
        if parent is not None:
            self.seen.add(f"{parent.name}.{node.name.value}")
            # What an interface is asked for is asked of the types below it.
            if isinstance(parent, GraphQLInterfaceType):
                self.seen.add(f"*.{node.name.value}")

    def enter_argument(self, node: ArgumentNode, *_: Any) -> None:
        parent, definition = self.types.get_parent_type(), self.types.get_field_def()
        if parent is not None and definition is not None:
            for name, found in getattr(parent, "fields", {}).items():
                if found is definition:
                    self.seen.add(f"{parent.name}.{name}({node.name.value})")


def _see_value(type_: GraphQLNamedType, value: Any, seen: set[str]) -> None:
    if isinstance(value, list):
        for item in cast("list[Any]", value):
            _see_value(type_, item, seen)
    elif isinstance(type_, GraphQLInputObjectType) and isinstance(value, Mapping):
        for name, inner in cast("Mapping[str, Any]", value).items():
            seen.add(f"{type_.name}.{name}")
            _see_value(_named(type_.fields[name]), inner, seen)
    elif isinstance(type_, GraphQLEnumType):
        seen.add(f"{type_.name}.{value}")


def _everything(schema: GraphQLSchema) -> Iterator[str]:
    inputs: set[str] = set()
    for found in schema.type_map.values():
        if is_introspection_type(found):
            continue
        if isinstance(found, GraphQLObjectType):
            for name, definition in found.fields.items():
                yield f"{found.name}.{name}"
                for argument, given in definition.args.items():
                    yield f"{found.name}.{name}({argument})"
                    inputs.add(_named(given).name)
        elif isinstance(found, GraphQLInputObjectType):
            for name, given in found.fields.items():
                yield f"{found.name}.{name}"
                inputs.add(_named(given).name)
    for name in inputs:
        found = schema.type_map[name]
        # Of an enumeration that data has, a filter is asked with one value; of an order, with each.
        if isinstance(found, GraphQLEnumType) and (name.endswith("OrderField") or name == "Direction"):
            yield from (f"{name}.{value}" for value in found.values)
