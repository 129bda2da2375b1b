"""What a document passes before it is executed: the parser, the limits, the rules of the specification, in this order.

Some of those rules take quadratic time, so the limits come first. Sound documents are kept, with what is known of them;
what is refused is not, so that a flood of it neither drives them out nor fills the memory.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    get_operation_ast,
    parse,
    validate,
)
from strawberry.extensions import SchemaExtension
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from graphql_schema.core.bounds import exceeded, word_excesses
from graphql_schema.core.limits import excesses, measure

__all__ = ["MAX_ERRORS", "MAX_TOKENS", "Checks"]

MAX_TOKENS = 2_000
MAX_ERRORS = 10
"""Errors of a document, or of its variables, that are told of: each may take a look at all names of the schema."""

_KEPT = 128
"""Documents that are kept."""


@dataclass(frozen=True, slots=True)
class _Sound:
    """A document that passed."""

    document: DocumentNode
    varies: bool
    """Whether its cost hangs on the values of variables."""


class _Kept:
    """Sound documents by their schema and text, those that were asked for last."""

    def __init__(self) -> None:
        self._found: OrderedDict[tuple[GraphQLSchema, str], _Sound] = OrderedDict()

    def get(self, schema: GraphQLSchema, text: str) -> _Sound | None:
        """The document of this text, or None."""
        found = self._found.get((schema, text))
        if found is not None:
            self._found.move_to_end((schema, text))
        return found

    def put(self, schema: GraphQLSchema, text: str, found: _Sound) -> None:
        """Keep a document, instead of the one that was not asked for the longest."""
        self._found[schema, text] = found
        if len(self._found) > _KEPT:
            self._found.popitem(last=False)


_kept = _Kept()


class Checks(SchemaExtension):
    """All of it for one request."""

    _sound: _Sound | None = None

    @property
    def _schema(self) -> GraphQLSchema:
        return self.execution_context.schema._schema  # pyright: ignore[reportPrivateUsage] # noqa: SLF001 - as Strawberry's own extensions do

    def on_parse(self) -> Iterator[None]:
        """Parse up to the limit of tokens, unless the document is known."""
        context = self.execution_context
        text = context.query or ""
        self._sound = _kept.get(self._schema, text)
        if self._sound is not None:
            context.graphql_document = self._sound.document
        elif text:
            context.graphql_document = _parsed(text)
        yield

    def on_validate(self) -> Iterator[None]:
        """Validate, unless the document is known."""
        context = self.execution_context
        document, schema = context.graphql_document, self._schema
        context.pre_execution_errors = []
        if self._sound is None and document is not None:
            found = measure(schema, document)
            errors: list[GraphQLError] = [*word_excesses(document), *excesses(schema, found)]
            if not errors:
                rules = (*context.validation_rules, MaybeNullValidationRule, OneOfInputValidationRule)
                errors = validate(schema, document, rules, MAX_ERRORS)
            context.pre_execution_errors = errors
            if not errors:
                self._sound = _Sound(document, found.varies)
                _kept.put(schema, context.query or "", self._sound)
        yield

    def on_execute(self) -> Iterator[None]:
        """Look at the cost again where it hangs on variables, now that there are values."""
        context = self.execution_context
        if self._sound is not None and self._sound.varies:
            document = self._sound.document
            operation = get_operation_ast(document, context.operation_name)
            errors = list(excesses(self._schema, measure(self._schema, document, operation, context.variables)))
            if errors:
                context.result = ExecutionResult(None, errors)
        yield


def _parsed(text: str) -> DocumentNode:
    try:
        return parse(text, max_tokens=MAX_TOKENS)
    except GraphQLSyntaxError as error:
        if f"more than {MAX_TOKENS} tokens" not in error.message:
            raise
        raise exceeded("tokens", MAX_TOKENS, f"The document has over {MAX_TOKENS} tokens.") from error
