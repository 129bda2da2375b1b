"""How many entries of the schema a document asks for. The schema is large, and leads round in circles.

An entry is one item of a list: a type, a field, an argument. Below ``types`` the lists of all types are met once each, so
that their mean length counts; a step on to another type may lead to the largest of all, again and again.
"""

from __future__ import annotations

from functools import lru_cache

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    is_abstract_type,
)

__all__ = ["Lists", "lists_of"]

_ONWARD = frozenset({"type", "ofType", "interfaces", "possibleTypes"})
"""Fields that lead to types which another list may have led to before."""


class Lists:
    """The lengths of the lists that introspection answers."""

    def __init__(self, schema: GraphQLSchema) -> None:
        lengths: dict[str, list[int]] = {name: [] for name in ("fields", "inputFields", "enumValues")}
        lengths |= {name: [] for name in ("args", "interfaces", "possibleTypes")}
        for found in schema.type_map.values():
            for name, length in _lengths(schema, found).items():
                lengths[name].append(length)
            if isinstance(found, (GraphQLObjectType, GraphQLInterfaceType)):
                lengths["args"] += [len(field.args) for field in found.fields.values()]
        self._fixed = {"types": len(schema.type_map), "directives": len(schema.directives)}
        self._most = {name: max(found, default=0) for name, found in lengths.items()}
        self._mean = {name: sum(found) / max(len(found), 1) for name, found in lengths.items()}

    def length(self, field: str, *, once: bool) -> float:
        """Entries of the list that a field answers; 0 where it answers none. ``once``: below ``types``, each met once."""
        if field in self._fixed:
            return self._fixed[field]
        return (self._mean if once else self._most).get(field, 0)

    @staticmethod
    def once_below(field: str, *, once: bool) -> bool:
        """Whether the lists below a field are met once each."""
        return field == "types" or (once and field not in _ONWARD)


def _lengths(schema: GraphQLSchema, found: GraphQLNamedType) -> dict[str, int]:
    """The lengths of the lists that one type has; 0 for those that are null."""
    composite = isinstance(found, (GraphQLObjectType, GraphQLInterfaceType))
    return {
        "fields": len(found.fields) if composite else 0,
        "interfaces": len(found.interfaces) if composite else 0,
        "inputFields": len(found.fields) if isinstance(found, GraphQLInputObjectType) else 0,
        "enumValues": len(found.values) if isinstance(found, GraphQLEnumType) else 0,
        "possibleTypes": len(schema.get_possible_types(found)) if is_abstract_type(found) else 0,
    }


@lru_cache(maxsize=8)
def lists_of(schema: GraphQLSchema) -> Lists:
    """The lists of a schema, counted once."""
    return Lists(schema)
