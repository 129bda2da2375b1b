"""What bounds the raw parts of a request: its lines and characters, the words of the document, the values of variables.

Whatever comes after is at worst linear in these: a position in the document is found by counting lines, a name that is
not known is compared with all that are, a value is coerced whole before anyone looks at how long a list is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from graphql import DocumentNode, GraphQLError, TokenKind

from graphql_schema.core.errors import LIMIT_EXCEEDED

__all__ = ["MAX_CHARACTERS", "MAX_DIGITS", "MAX_LINES", "MAX_NAME", "MAX_TEXT", "MAX_VALUES", "MAX_VALUE_DEPTH"]
__all__ += ["document_excess", "exceeded", "variables_excess", "word_excesses"]

MAX_CHARACTERS = 100_000
MAX_LINES = 2_000
MAX_NAME = 200
"""Characters of a name, of whatever."""
MAX_DIGITS = 400
"""Characters of a number: the largest that a float can be has 309 digits."""
MAX_TEXT = 10_000
"""Characters of a text, in the document or in a variable: the longest cursor has about 8,000."""
MAX_VALUES = 3_000
"""Values in variables, lists and objects among them: three lists of 1,000."""
MAX_VALUE_DEPTH = 50
"""Levels of lists and objects in variables: a filter of 10 levels has about 30."""

_MOST_BY_KIND = {
    TokenKind.NAME: ("nameLength", MAX_NAME, "characters in a name"),
    TokenKind.INT: ("digits", MAX_DIGITS, "digits in a number"),
    TokenKind.FLOAT: ("digits", MAX_DIGITS, "digits in a number"),
    TokenKind.STRING: ("textLength", MAX_TEXT, "characters in a text"),
    TokenKind.BLOCK_STRING: ("textLength", MAX_TEXT, "characters in a text"),
}


def exceeded(limit: str, most: int, message: str) -> GraphQLError:
    """The error of a request that passes the limit of this name."""
    return GraphQLError(message, extensions={"code": LIMIT_EXCEEDED, "limit": limit, "most": most})


def document_excess(text: str) -> GraphQLError | None:
    """What a document passes before it is parsed."""
    if len(text) > MAX_CHARACTERS:
        words = f"The document has {len(text)} characters; at most {MAX_CHARACTERS}."
        return exceeded("characters", MAX_CHARACTERS, words)
    lines = text.count("\n") + text.count("\r") + 1
    if lines > MAX_LINES:
        return exceeded("lines", MAX_LINES, f"The document has {lines} lines; at most {MAX_LINES}.")
    return None


def word_excesses(document: DocumentNode) -> Iterator[GraphQLError]:
    """One error for each limit that a name, number or text of a document passes."""
    told: set[str] = set()
    token = document.loc.start_token if document.loc else None
    while token is not None:
        name, most, words = _MOST_BY_KIND.get(token.kind, ("", 0, ""))
        length = token.end - token.start
        if name and length > most and name not in told:
            told.add(name)
            yield exceeded(name, most, f"The document has {length} {words}; at most {most}.")
        token = token.next


def variables_excess(variables: Mapping[str, Any]) -> GraphQLError | None:
    """What the values of variables pass, the unused ones among them. Stops at the first excess."""
    level: list[Any] = [variables]
    values = 0
    for _ in range(MAX_VALUE_DEPTH):
        following: list[Any] = []
        for value in level:
            if isinstance(value, str):
                if len(value) > MAX_TEXT:
                    words = f"The variables hold a text of {len(value)} characters; at most {MAX_TEXT}."
                    return exceeded("textLength", MAX_TEXT, words)
                continue
            if isinstance(value, dict):
                inner = cast("dict[str, Any]", value).values()
            elif isinstance(value, list):
                inner = cast("list[Any]", value)
            else:
                continue
            values += len(inner)
            if values > MAX_VALUES:
                return exceeded("values", MAX_VALUES, f"The variables hold over {MAX_VALUES} values.")
            following.extend(inner)
        if not following:
            return None
        level = following
    return exceeded("valueDepth", MAX_VALUE_DEPTH, f"The variables are over {MAX_VALUE_DEPTH} levels deep.")
