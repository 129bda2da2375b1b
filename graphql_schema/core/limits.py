"""What one request may ask for, measured before the database is touched.

One pass over the document, memoised per fragment, so that the time is linear in its length whatever the fragments
expand to (a chain of twenty that each spread the next twice is a million fields in 700 bytes). Numbers are those of
the document with its fragments spread. *Cost* is the number of nodes that an answer may hold: a page of 50 datasets
with 20 columns each costs 50 + 50 x 20. A field that reads far more nodes than it answers costs so much more as it says
(``Mapped.effort``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_introspection_query,
    get_named_type,
    is_composite_type,
    is_introspection_type,
    parse,
)

from graphql_schema.core.chosen import MAPPED
from graphql_schema.core.errors import LIMIT_EXCEEDED
from graphql_schema.core.introspection import lists_of
from graphql_schema.core.plan import Mapped

__all__ = ["MAX_ALIASES", "MAX_COST", "MAX_DEPTH", "MAX_DIRECTIVES", "MAX_FIELDS", "MAX_FRAGMENTS", "MAX_REPEATS"]
__all__ += ["MAX_INTROSPECTION_DEPTH", "MAX_SPREADS", "MAX_VARIABLES", "Measure", "excesses", "measure", "most_entries"]

MAX_DEPTH = 12
MAX_INTROSPECTION_DEPTH = 20
"""Levels below ``__schema`` and ``__type``, which lead to no data: what tools ask for is deeper than MAX_DEPTH."""
MAX_FIELDS = 1_000
MAX_ALIASES = 50
MAX_REPEATS = 20
MAX_DIRECTIVES = 20
MAX_FRAGMENTS = 30
MAX_VARIABLES = 100
MAX_SPREADS = 100
"""Places where fragments are spread, as written: the rules compare them with each other."""
MAX_COST = 5_000

_MOST_SHOWN = 10**9


@dataclass(slots=True)
class Measure:
    """What a document, an operation or a part of one asks for."""

    depth: int = 0
    introspection_depth: int = 0
    fields: int = 0
    aliases: int = 0
    repeats: int = 0
    """Fields chosen again where they are chosen already: each pair of them must be compared."""
    directives: int = 0
    fragments: int = 0
    spreads: int = 0
    variables: int = 0
    cost: int = 0
    cost_beside: int = 0
    """Cost of what stands beside rows that are yet to be counted, and not in each of them."""
    entries: float = 0
    """Entries of the schema that introspection answers."""
    varies: bool = False
    """Whether the cost hangs on the value of a variable."""

    def add(self, other: Measure) -> None:
        """Count a part that stands beside what is counted already."""
        self.depth = max(self.depth, other.depth)
        self.introspection_depth = max(self.introspection_depth, other.introspection_depth)
        self.fields += other.fields
        self.aliases += other.aliases
        self.repeats += other.repeats
        self.directives += other.directives
        self.cost += other.cost
        self.cost_beside += other.cost_beside
        self.entries += other.entries
        self.varies |= other.varies


def excesses(schema: GraphQLSchema, found: Measure) -> Iterator[GraphQLError]:
    """One error for each limit that a document passes."""
    for name, size, most, words in (
        ("depth", found.depth, MAX_DEPTH, "levels of fields"),
        ("introspectionDepth", found.introspection_depth, MAX_INTROSPECTION_DEPTH, "levels of introspection"),
        ("fields", found.fields, MAX_FIELDS, "fields, fragments spread"),
        ("aliases", found.aliases, MAX_ALIASES, "aliases, fragments spread"),
        ("repeats", found.repeats, MAX_REPEATS, "fields that are chosen already"),
        ("directives", found.directives, MAX_DIRECTIVES, "directives, fragments spread"),
        ("fragments", found.fragments, MAX_FRAGMENTS, "fragments"),
        ("variables", found.variables, MAX_VARIABLES, "variables that are declared"),
        ("spreads", found.spreads, MAX_SPREADS, "places where a fragment is spread"),
        (
            "cost",
            found.cost,
            MAX_COST,
            "nodes that the answer may hold or be made of: ask for smaller pages, and for less at once",
        ),
        ("entries", round(found.entries), most_entries(schema), "entries of the schema: ask for all of it only once"),
    ):
        if size > most:
            # A number of a thousand digits would say no more.
            shown = str(size) if size <= _MOST_SHOWN else f"over {_MOST_SHOWN}"
            extensions = {"code": LIMIT_EXCEEDED, "limit": name, "found": min(size, _MOST_SHOWN), "most": most}
            yield GraphQLError(f"The document has {shown} {words}; at most {most}.", extensions=extensions)


@lru_cache(maxsize=8)
def most_entries(schema: GraphQLSchema) -> int:
    """Entries of the schema that one document may ask for: as many as the longest query of tools, which is all, once."""
    asked = parse(get_introspection_query(input_value_deprecation=True, type_depth=1))
    return round(measure(schema, asked).entries)


def measure(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode | None = None,
    variables: Mapping[str, Any] | None = None,
) -> Measure:
    """Measure a document: all its operations, a page of variable size counting as one of 1; or one, with its values.

    The document need not be valid: what is unknown costs nothing, a cycle of fragments is cut.
    """
    operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    analysis = _Analysis(schema, document, None if operation is None else _values(operation, variables or {}))
    total = Measure(fragments=len(analysis.fragments))
    if total.fragments > MAX_FRAGMENTS:
        return total
    for found in operations if operation is None else [operation]:
        total.directives += len(found.directives or ())
        total.variables += len(found.variable_definitions or ())
        total.add(analysis.selections(found.selection_set, schema.get_root_type(found.operation), 1, once=False))
    for fragment in analysis.fragments:
        # Also what nothing spreads: it is validated all the same.
        analysis.fragment(fragment, 1, once=False)
    if analysis.too_deep:
        total.depth = max(total.depth, MAX_INTROSPECTION_DEPTH + 1)
    total.spreads = analysis.spreads
    return total


def _values(operation: OperationDefinitionNode, variables: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for definition in operation.variable_definitions or ():
        if isinstance(definition.default_value, IntValueNode):
            found[definition.variable.name.value] = int(definition.default_value.value)
    return {**found, **variables}


class _Analysis:
    """One pass over one document."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, values: Mapping[str, Any] | None) -> None:
        self.schema = schema
        self.values = values
        self.too_deep = False
        self.spreads = 0
        self.fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
        self.lists = lists_of(schema)
        self.known: dict[tuple[str, bool], Measure] = {}

    def selections(
        self, selected: SelectionSetNode, parent: GraphQLNamedType | None, level: int, *, once: bool
    ) -> Measure:
        """Measure a selection set. Only fields and fragments recurse, so that the stack stays as low as the limits.

        ``once`` is for introspection (``Lists``).
        """
        total = Measure()
        if level > MAX_INTROSPECTION_DEPTH + 1:
            self.too_deep = True
            return total
        pending = [(selected, parent)]
        keys: set[str] = set()
        while pending:
            current, on = pending.pop()
            for node in current.selections:
                total.directives += len(node.directives or ())
                if isinstance(node, FieldNode):
                    key = node.alias.value if node.alias else node.name.value
                    total.repeats += key in keys
                    keys.add(key)
                    total.add(self._field(node, on, level, once=once))
                elif isinstance(node, InlineFragmentNode):
                    condition = node.type_condition
                    inner = self.schema.get_type(condition.name.value) if condition else on
                    pending.append((node.selection_set, inner))
                elif isinstance(node, FragmentSpreadNode):
                    self.spreads += 1
                    total.add(self.fragment(node.name.value, level, once=once))
        return total

    def fragment(self, name: str, level: int, *, once: bool) -> Measure:
        """Measure a fragment: once for each of both ways to count the lists of the schema."""
        definition = self.fragments.get(name)
        if definition is None:
            return Measure()
        key = (name, once)
        if key not in self.known:
            # Stands until the real one is there: a fragment that spreads itself is cut where it does.
            self.known[key] = Measure()
            on = self.schema.get_type(definition.type_condition.name.value)
            found = self.selections(definition.selection_set, on, level, once=once)
            found.directives += len(definition.directives or ())
            self.known[key] = found
        return self.known[key]

    def _field(self, node: FieldNode, parent: GraphQLNamedType | None, level: int, *, once: bool) -> Measure:
        name = node.name.value
        definition = self.schema.get_field(parent, name) if is_composite_type(parent) else None
        total = Measure(depth=1, fields=1, aliases=1 if node.alias else 0)
        if node.selection_set:
            returned = get_named_type(cast("GraphQLNamedType", definition.type)) if definition else None
            below = self.lists.once_below(name, once=once)
            inner = self.selections(node.selection_set, returned, level + 1, once=below)
            inner.depth += 1
            total.add(inner)
        if name in ("__schema", "__type"):
            total.depth, total.introspection_depth = 1, max(total.introspection_depth, total.depth)
        elif parent is not None and is_introspection_type(parent):
            length = self.lists.length(name, once=once)
            total.entries = length * (1 + total.entries) if length else total.entries
        mapped: Mapped | None = definition.extensions.get(MAPPED) if definition else None
        if mapped is not None:
            size = mapped.size(self._first(node, mapped, total))
            if size:
                total.cost = size * (1 + total.cost)
            total.cost, total.cost_beside = total.cost + total.cost_beside + mapped.effort, 0
            if mapped.once:
                total.cost, total.cost_beside = 0, total.cost
        return total

    def _first(self, node: FieldNode, mapped: Mapped, total: Measure) -> int:
        """The argument ``first`` of a field, within its bounds: what is outside of them is refused later."""
        first: Any = mapped.usual_first
        for argument in node.arguments or ():
            if argument.name.value != "first":
                continue
            if isinstance(argument.value, IntValueNode):
                # A literal may have more digits than Python takes, and more than any page.
                first = int(argument.value.value) if len(argument.value.value) < len("1000000000") else mapped.max_first
            elif isinstance(argument.value, VariableNode):
                total.varies = True
                first = 1 if self.values is None else self.values.get(argument.value.name.value, mapped.usual_first)
        if isinstance(first, float) and first.is_integer():
            first = int(first)  # as GraphQL takes it
        return min(max(first, 0), mapped.max_first) if isinstance(first, int) else 1
