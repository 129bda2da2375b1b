"""The schema: the domains put together, and its text."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import strawberry
from graphql import (
    GraphQLError,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
)
from strawberry.federation import Schema
from strawberry.schema.config import StrawberryConfig
from strawberry.types.execution import ExecutionContext

from catalog.model import MODEL
from catalog.model.declare import Kind
from graphql_schema.audit.lapse_queries import LapseQuery
from graphql_schema.audit.leak_queries import LeakQuery
from graphql_schema.audit.queries import AuditQuery
from graphql_schema.audit.record_queries import RecordQuery
from graphql_schema.audit.transfer_queries import TransferQuery
from graphql_schema.audit.usage_queries import UsageQuery
from graphql_schema.core.checks import MAX_ERRORS, Checks
from graphql_schema.core.chosen import MAPPED
from graphql_schema.core.deadline import Deadline
from graphql_schema.core.declare import KIND
from graphql_schema.core.plan import Edges, Many, Mapped, NodeOf, One
from graphql_schema.core.resolve import by_key, from_store
from graphql_schema.core.roots import NAMES, TYPE, Find, ListAll, Root
from graphql_schema.core.scalars import SCALARS
from graphql_schema.core.search import Search
from graphql_schema.core.walk import NodeOfWalk
from graphql_schema.data.mutations import DataMutation
from graphql_schema.data.queries import DataQuery
from graphql_schema.federation.queries import federation_query
from graphql_schema.federation.types import ANY, VERSION, FederationAny
from graphql_schema.lineage.mutations import LineageMutation
from graphql_schema.lineage.queries import LineageQuery
from graphql_schema.own.queries import OwnQuery
from graphql_schema.people.queries import PeopleQuery
from graphql_schema.plan.queries import PlanQuery
from graphql_schema.search.queries import SearchQuery
from graphql_schema.sharing.mutations import SharingMutation
from graphql_schema.sharing.queries import SharingQuery

__all__ = ["SDL_PATH", "WaypostSchema", "build_schema", "export_sdl"]

SDL_PATH = Path(__file__).parent / "schema.graphql"
"""The text of the schema as it is checked in."""

_DOMAINS: tuple[type, ...] = (
    AuditQuery,
    DataQuery,
    LapseQuery,
    LeakQuery,
    LineageQuery,
    OwnQuery,
    PeopleQuery,
    PlanQuery,
    RecordQuery,
    SearchQuery,
    SharingQuery,
    TransferQuery,
    UsageQuery,
)

_MUTATIONS: tuple[type, ...] = (DataMutation, LineageMutation, SharingMutation)


class WaypostSchema(Schema):
    """A Strawberry schema whose fields are answered by plans. Raises TypeError on a type that does not fit the model."""

    def __init__(self, query: type, types: Iterable[type] = (), mutation: type | None = None) -> None:
        super().__init__(  # pyright: ignore[reportUnknownMemberType] - its hints leave type arguments out
            query=_query(federation_query(self.as_str), query),
            mutation=mutation,
            types=types,
            extensions=[Checks, Deadline],
            config=StrawberryConfig(scalar_map=SCALARS, sort_schema=True),
            scalar_overrides={FederationAny: ANY},
            federation_version=VERSION,
        )
        for found in self._schema.type_map.values():
            if isinstance(found, (GraphQLInterfaceType, GraphQLUnionType)):
                found.resolve_type = _type_said
            elif isinstance(found, GraphQLObjectType) and not found.name.startswith("__"):
                # Values are plain dictionaries: of which type one is, it says itself.
                found.is_type_of = None
                for name, field in found.fields.items():
                    self._attach(f"{found.name}.{name}", field)

    @property
    def graphql(self) -> GraphQLSchema:
        """The schema as graphql-core knows it."""
        return self._schema

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Leave logging to ``core/errors.py``, which knows which errors are nobody's fault."""

    def _get_custom_context_kwargs(self, *args: Any, **options: Any) -> dict[str, Any]:
        """What the executor is told besides: to stop at as many wrong values of variables as validation does."""
        return {**super()._get_custom_context_kwargs(*args, **options), "max_coercion_errors": MAX_ERRORS}

    def _attach(self, place: str, field: GraphQLField) -> None:
        mapped = _mapped(field)
        if mapped is None:
            raise TypeError(f"{place} does not say what it stands for: see graphql_schema/core/declare.py")
        if isinstance(mapped, (One, Many, Find, ListAll, NodeOfWalk, Search)):
            _check_kind(place, field, mapped.kind)
        field.extensions[MAPPED] = mapped
        field.resolve = from_store if isinstance(mapped, Root) else by_key


def _type_said(value: dict[str, Any], *_: Any) -> str:
    """The name of the type of a value that may be of several: it says so itself."""
    return value[TYPE]


def _check_kind(place: str, field: GraphQLField, kind: str) -> None:
    """A step to a kind must be answered by the type of that kind, or by a list whose nodes are."""
    returned = _named(field)
    while isinstance(returned, GraphQLObjectType) and _kind_of(returned) is None:
        inner = [f for f in returned.fields.values() if isinstance(_mapped(f), (Edges, NodeOf))]
        returned = _named(inner[0]) if inner else None
    found = _kind_of(returned) if isinstance(returned, GraphQLObjectType) else None
    if found != kind:
        raise TypeError(f"{place} leads to {kind}, and its type stands for {found}")


def _kind_of(found: GraphQLObjectType) -> str | None:
    """The label of the kind that a type stands for; None for an edge, a page and the like."""
    return getattr(_definition(found).origin, KIND, None)


def _definition(of: GraphQLField | GraphQLObjectType) -> Any:
    """What Strawberry knows of a field or a type."""
    return of.extensions["strawberry-definition"]


def _named(field: GraphQLField) -> GraphQLNamedType | None:
    """The type of a field without its lists and non-nulls."""
    return get_named_type(cast("GraphQLNamedType", field.type))


def _mapped(field: GraphQLField) -> Mapped | None:
    return _definition(field).metadata.get(MAPPED)


@cache
def build_schema() -> WaypostSchema:
    """The whole schema. Every call answers the same one."""
    return WaypostSchema(_query(*_DOMAINS), [_type_of(kind) for kind in MODEL.kinds.values()], _mutation())


def _query(*domains: type) -> type:
    return strawberry.type(type("Query", domains, {}), description="Where every question begins.")


def _mutation() -> type:
    words = "What can be stated by hand, one write each, in order: for tokens that may write (`docs/mutations.md`)."
    return strawberry.type(type("Mutation", _MUTATIONS, {}), description=words)


def _type_of(kind: Kind) -> type:
    """The type that stands for a kind: one of its group's ``types.py``. Raises TypeError where there is none."""
    module = f"graphql_schema.{kind.group}.types"
    found = getattr(import_module(module), NAMES.get(kind.label, kind.label), None)
    if getattr(found, KIND, None) != kind.label:
        raise TypeError(f"{kind.label} cannot be asked about: give it a class in {module}")
    return cast("type", found)


def export_sdl() -> str:
    """The text of the schema, sorted: what stands in ``schema.graphql``."""
    return build_schema().as_str() + "\n"
