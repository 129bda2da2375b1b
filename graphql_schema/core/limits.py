"""What one request may ask for, measured before the database is touched.

One pass over the document, memoised per fragment, so that the time is linear in its length whatever the fragments
expand to (a chain of twenty that each spread the next twice is a million fields in 700 bytes). Numbers are those of
the document with its fragments spread. *Cost* is the number of nodes that an answer may hold: a page of 50 datasets
with 20 columns each costs 50 + 50 x 20.

The rule stands apart from the rules of the specification and runs first: some of those take quadratic time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from graphql import (
    BREAK,
    DocumentNode,
    ExecutionResult,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSyntaxError,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValidationRule,
    VariableNode,
    VisitorAction,
    get_named_type,
    get_operation_ast,
)
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.types.execution import ExecutionContext

from graphql_schema.core.chosen import MAPPED
from graphql_schema.core.errors import LIMIT_EXCEEDED
from graphql_schema.core.plan import Mapped

__all__ = ["MAX_ALIASES", "MAX_CHARACTERS", "MAX_COST", "MAX_DEPTH", "MAX_DIRECTIVES", "MAX_FIELDS", "MAX_FRAGMENTS"]
__all__ += ["MAX_INTROSPECTION_DEPTH", "MAX_REPEATS", "MAX_TOKENS", "Limits", "Measure", "Parser", "measure"]

MAX_CHARACTERS = 100_000
MAX_TOKENS = 2_000
MAX_DEPTH = 12
MAX_INTROSPECTION_DEPTH = 20
"""Levels below ``__schema`` and ``__type``, which lead to no data: what tools ask for is deeper than MAX_DEPTH."""
MAX_FIELDS = 1_000
MAX_ALIASES = 50
MAX_REPEATS = 20
MAX_DIRECTIVES = 20
MAX_FRAGMENTS = 30
MAX_COST = 5_000

_MOST_SHOWN = 10**9

_CACHED = 128
"""Documents whose analysis is kept."""


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
    cost: int = 0
    cost_beside: int = 0
    """Cost of what stands beside rows that are yet to be counted, and not in each of them."""
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
        self.varies |= other.varies

    def excesses(self) -> Iterator[GraphQLError]:
        """One error for each limit that is passed."""
        for name, found, most, words in (
            ("depth", self.depth, MAX_DEPTH, "levels of fields"),
            ("introspectionDepth", self.introspection_depth, MAX_INTROSPECTION_DEPTH, "levels of introspection"),
            ("fields", self.fields, MAX_FIELDS, "fields, fragments spread"),
            ("aliases", self.aliases, MAX_ALIASES, "aliases, fragments spread"),
            ("repeats", self.repeats, MAX_REPEATS, "fields that are chosen already"),
            ("directives", self.directives, MAX_DIRECTIVES, "directives, fragments spread"),
            ("fragments", self.fragments, MAX_FRAGMENTS, "fragments"),
            ("cost", self.cost, MAX_COST, "nodes that the answer may hold: ask for smaller pages"),
        ):
            if found > most:
                # A number of a thousand digits would say no more.
                shown = str(found) if found <= _MOST_SHOWN else f"over {_MOST_SHOWN}"
                extensions = {"code": LIMIT_EXCEEDED, "limit": name, "found": min(found, _MOST_SHOWN), "most": most}
                yield GraphQLError(f"The document has {shown} {words}; at most {most}.", extensions=extensions)


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
        total.add(analysis.selections(found.selection_set, schema.get_root_type(found.operation), 1))
    for fragment in analysis.fragments:
        # Also what nothing spreads: it is validated all the same.
        analysis.fragment(fragment, 1)
    if analysis.too_deep:
        total.depth = max(total.depth, MAX_INTROSPECTION_DEPTH + 1)
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
        self.fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
        self.known: dict[str, Measure] = {}

    def selections(self, selected: SelectionSetNode, parent: GraphQLNamedType | None, level: int) -> Measure:
        """Measure a selection set. Only fields and fragments recurse, so that the stack stays as low as the limits."""
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
                    total.add(self._field(node, on, level))
                elif isinstance(node, InlineFragmentNode):
                    condition = node.type_condition
                    inner = self.schema.get_type(condition.name.value) if condition else on
                    pending.append((node.selection_set, inner))
                elif isinstance(node, FragmentSpreadNode):
                    total.add(self.fragment(node.name.value, level))
        return total

    def fragment(self, name: str, level: int) -> Measure:
        """Measure a fragment, once."""
        definition = self.fragments.get(name)
        if definition is None:
            return Measure()
        if name not in self.known:
            # Stands until the real one is there: a fragment that spreads itself is cut where it does.
            self.known[name] = Measure()
            on = self.schema.get_type(definition.type_condition.name.value)
            found = self.selections(definition.selection_set, on, level)
            found.directives += len(definition.directives or ())
            self.known[name] = found
        return self.known[name]

    def _field(self, node: FieldNode, parent: GraphQLNamedType | None, level: int) -> Measure:
        name = node.name.value
        definition = parent.fields.get(name) if isinstance(parent, GraphQLObjectType) else None
        total = Measure(depth=1, fields=1, aliases=1 if node.alias else 0)
        if node.selection_set:
            returned = get_named_type(cast("GraphQLNamedType", definition.type)) if definition else None
            inner = self.selections(node.selection_set, returned, level + 1)
            inner.depth += 1
            total.add(inner)
        if name in ("__schema", "__type"):
            total.depth, total.introspection_depth = 1, max(total.introspection_depth, total.depth)
        mapped: Mapped | None = definition.extensions.get(MAPPED) if definition else None
        if mapped is not None:
            size = mapped.size(self._first(node, mapped, total))
            if size:
                total.cost = size * (1 + total.cost)
            total.cost, total.cost_beside = total.cost + total.cost_beside, 0
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
        return min(max(first, 0), mapped.max_first) if isinstance(first, int) else 1


@lru_cache(maxsize=_CACHED)
def _measured(schema: GraphQLSchema, document: DocumentNode) -> Measure:
    return measure(schema, document)


class LimitsRule(ValidationRule):
    """The limits as a validation rule: one class for all requests, so that the validation cache can know it."""

    def enter_document(self, node: DocumentNode, *_args: Any) -> VisitorAction:
        """Report what is over a limit; there is nothing to see below."""
        for error in _measured(self.context.schema, node).excesses():
            self.report_error(error)
        return BREAK


class Parser(ParserCache):
    """The parser, cached, which stops at the limit of tokens and says so as the other limits do."""

    def on_parse(self) -> Iterator[None]:
        """Parse, unless the same document was."""
        self.execution_context.parse_options["max_tokens"] = MAX_TOKENS
        try:
            yield from super().on_parse()
        except GraphQLSyntaxError as error:
            if f"more than {MAX_TOKENS} tokens" not in error.message:
                raise
            extensions = {"code": LIMIT_EXCEEDED, "limit": "tokens", "most": MAX_TOKENS}
            raise GraphQLError(f"The document has over {MAX_TOKENS} tokens.", extensions=extensions) from error


class Limits(ValidationCache):
    """Validation, cached, in two steps: the limits first, the rules of the specification where those are kept."""

    def on_validate(self) -> Iterator[None]:
        """Validate, unless the same document was."""
        context = self.execution_context
        schema = _schema_of(context)
        errors = self.cached_validate_document(schema, context.graphql_document, (LimitsRule,))
        if not errors:
            errors = self.cached_validate_document(schema, context.graphql_document, context.validation_rules)
        context.pre_execution_errors = errors
        yield

    def on_execute(self) -> Iterator[None]:
        """Look at the cost again where it hangs on variables, now that there are values."""
        context = self.execution_context
        document = context.graphql_document
        if document is not None and _measured(_schema_of(context), document).varies:
            operation = get_operation_ast(document, context.operation_name)
            found = measure(_schema_of(context), document, operation, context.variables)
            errors = list(found.excesses())
            if errors:
                context.result = ExecutionResult(None, errors)
        yield


def _schema_of(context: ExecutionContext) -> GraphQLSchema:
    return context.schema._schema  # pyright: ignore[reportPrivateUsage] # noqa: SLF001 - as the class above does
