"""The reference executor's side: resolvers that answer each root field whole and then read its parts by key."""

from __future__ import annotations

from typing import Any

from graphql import GraphQLResolveInfo, VariableValues

from graphql_schema.core.audits import Slot, settle
from graphql_schema.core.chosen import Document, choose
from graphql_schema.core.context import Context
from graphql_schema.core.roots import Root

__all__ = ["by_key", "from_store"]


async def from_store(_source: Any, info: GraphQLResolveInfo[Context], /, **args: Any) -> Any:
    """Resolve a root field, the whole answer below it included."""
    context = info.context
    variables: Any = info.variable_values
    as_of = args.get("asOf") or context.today
    document = Document(info.schema, info.fragments, VariableValues({}, variables), context.reader, as_of)
    chosen = choose(document, info.parent_type, info.field_nodes)
    root = chosen.mapped
    if not isinstance(root, Root):
        raise TypeError(f"'{chosen.key}' is no root field")
    value = await root.answer(chosen, context, as_of)
    await settle(document.later, context, as_of)
    return value


def by_key(source: Any, info: GraphQLResolveInfo[Context], /, **_args: Any) -> Any:
    """Resolve any other field: the plan has put its value under its key in the answer."""
    value = source[info.path.key]
    return value.value if type(value) is Slot else value
