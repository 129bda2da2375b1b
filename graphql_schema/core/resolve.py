"""The reference executor's side: resolvers that make one plan for each root field and then read its answer by key."""

from __future__ import annotations

from typing import Any

from graphql import GraphQLResolveInfo, VariableValues

from catalog.selection import Selection
from graphql_schema.core.chosen import Chosen, Document, choose
from graphql_schema.core.context import Context
from graphql_schema.core.plan import Plan
from graphql_schema.core.roots import Root

__all__ = ["by_key", "from_store", "select_for"]


def select_for(chosen: Chosen) -> Plan:
    """The plan of a root field. Pure: the same for every executor. Raises CatalogError."""
    root = chosen.mapped
    if not isinstance(root, Root):
        raise TypeError(f"'{chosen.key}' is no root field")
    return root.begin(chosen)


async def from_store(_source: Any, info: GraphQLResolveInfo[Context], /, **args: Any) -> Any:
    """Resolve a root field: one selection, one round trip, the whole answer below it."""
    context = info.context
    variables: Any = info.variable_values
    document = Document(info.schema, info.fragments, VariableValues({}, variables))
    plan = select_for(choose(document, info.parent_type, info.field_nodes))
    as_of = args.get("asOf") or context.today
    return plan.shape(await context.store.select(Selection(plan.select, context.reader, as_of)))


def by_key(source: Any, info: GraphQLResolveInfo[Context], /, **_args: Any) -> Any:
    """Resolve any other field: the plan has put its value under its key in the answer."""
    return source[info.path.key]
