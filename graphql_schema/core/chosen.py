"""What the client chose, as a tree: fragments flattened, fields merged, conditions and arguments evaluated.

The tree is all that the planner knows of a document. It is made here from the syntax tree of graphql-core, by the rules
of *CollectFields* in the GraphQL specification; whoever executes a document in another way makes the same tree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any, cast

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLIncludeDirective,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSkipDirective,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    VariableValues,
    get_argument_values,
    get_directive_values,
    get_named_type,
    is_abstract_type,
)

from catalog.access import Reader

if TYPE_CHECKING:
    from graphql_schema.core.audits import Later
    from graphql_schema.core.plan import Mapped

__all__ = ["MAPPED", "Chosen", "Document", "choose"]

MAPPED = "waypost"
"""Key of ``GraphQLField.extensions`` under which a field says what of the graph it stands for."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """One field of the answer: its key there, what it stands for, its arguments and the fields chosen below it."""

    key: str
    mapped: Mapped | None
    """None for ``__typename``."""
    args: Mapping[str, Any]
    fields: tuple[Chosen, ...]
    parent: str
    """Name of the object type that has the field."""
    reader: Reader
    """Who asks."""
    as_of: date
    """The day that the whole answer is about."""
    later: list[Later]
    """What is to be worked out of the audit once the store was read; fields add to it while they are planned."""
    as_type: Callable[[str], Chosen] | None = None
    """Of a field that several types may answer: the same, with the fields chosen of the type of this name."""


@dataclass(frozen=True, slots=True)
class Document:
    """What the fields of one operation need: the schema, the fragments, the values of variables, who asks, about which day."""

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: VariableValues
    reader: Reader
    as_of: date
    later: list[Later] = field(default_factory=list["Later"])
    """See ``Chosen``."""


def choose(document: Document, parent: GraphQLObjectType, nodes: Sequence[FieldNode]) -> Chosen:
    """The tree of one field of ``parent``, given the nodes that stand for it. Raises GraphQLError."""
    first = nodes[0]
    key = first.alias.value if first.alias else first.name.value
    if first.name.value == "__typename":
        return Chosen(key, None, {}, (), parent.name, document.reader, document.as_of, document.later)
    definition = parent.fields[first.name.value]
    returned = get_named_type(cast("GraphQLNamedType", definition.type))
    args = get_argument_values(definition, first, document.variables)
    mapped = definition.extensions[MAPPED]
    found = Chosen(key, mapped, args, (), parent.name, document.reader, document.as_of, document.later)
    if isinstance(returned, GraphQLObjectType):
        return replace(found, fields=_children(document, returned, nodes))
    if not is_abstract_type(returned):
        return found

    def as_type(name: str) -> Chosen:
        concrete = cast("GraphQLObjectType", document.schema.type_map[name])
        return replace(found, fields=_children(document, concrete, nodes))

    return replace(found, as_type=as_type)


def _children(document: Document, parent: GraphQLObjectType, nodes: Sequence[FieldNode]) -> tuple[Chosen, ...]:
    grouped: dict[str, list[FieldNode]] = {}
    seen: set[str] = set()
    for node in nodes:
        if node.selection_set:
            for field in _fields(document, parent, node.selection_set, seen):
                grouped.setdefault(field.alias.value if field.alias else field.name.value, []).append(field)
    return tuple(choose(document, parent, group) for group in grouped.values())


def _fields(
    document: Document, parent: GraphQLObjectType, selected: SelectionSetNode, seen: set[str]
) -> Iterator[FieldNode]:
    for node in selected.selections:
        if not _included(document, node):
            continue
        if isinstance(node, FieldNode):
            yield node
        elif isinstance(node, InlineFragmentNode):
            condition = node.type_condition.name.value if node.type_condition else None
            if condition is None or _applies(document.schema, condition, parent):
                yield from _fields(document, parent, node.selection_set, seen)
        elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
            seen.add(node.name.value)
            fragment = document.fragments[node.name.value]
            if _applies(document.schema, fragment.type_condition.name.value, parent):
                yield from _fields(document, parent, fragment.selection_set, seen)


def _included(document: Document, node: SelectionNode) -> bool:
    if not node.directives:
        return True
    skip = get_directive_values(GraphQLSkipDirective, node, document.variables)
    include = get_directive_values(GraphQLIncludeDirective, node, document.variables)
    return not (skip and skip["if"]) and not (include and not include["if"])


def _applies(schema: GraphQLSchema, condition: str, parent: GraphQLObjectType) -> bool:
    named = schema.get_type(condition)
    return named is parent or (is_abstract_type(named) and schema.is_sub_type(named, parent))
