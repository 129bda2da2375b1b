"""What of an error reaches the client: a message, and a stable code that programs can rely on.

BAD_REQUEST            the document does not parse, does not fit the schema, or a value is of the wrong type
LIMIT_EXCEEDED         the document asks for more than one request may (``limits``)
INVALID_SELECTION      an argument that the catalog cannot answer, such as a page that is too large
INVALID_URN            a text that is no URN, or the URN of another kind
UNAUTHENTICATED        a mutation without a token: show one
FORBIDDEN              a mutation with a token that may not write
REFUSED                a mutation whose input breaks a rule; ``problems`` has each with its place, rule and remedy
KEY_REUSED             a ``clientMutationId`` under which something else was stated before
DATABASE_UNAVAILABLE   try again later
DEADLINE_EXCEEDED      it took too long and was given up; ask for less at once
INTERNAL               a fault of ours; ``requestId`` finds it in the log
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from graphql import GraphQLError

from catalog.errors import (
    CatalogError,
    InvalidSelection,
    InvalidUrn,
    KeyReused,
    MigrationError,
    StoreTimeout,
    StoreUnavailable,
)
from graphql_schema.core.scalars import InvalidScalar

__all__ = ["BAD_REQUEST", "DATABASE_UNAVAILABLE", "DEADLINE_EXCEEDED", "FORBIDDEN", "INTERNAL", "LIMIT_EXCEEDED"]
__all__ += ["UNAUTHENTICATED", "present"]

BAD_REQUEST = "BAD_REQUEST"
LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
UNAUTHENTICATED = "UNAUTHENTICATED"
FORBIDDEN = "FORBIDDEN"
DATABASE_UNAVAILABLE = StoreUnavailable.code
DEADLINE_EXCEEDED = StoreTimeout.code
INTERNAL = "INTERNAL"

_UNAVAILABLE = "The database cannot be reached. Try again later."
_TOO_LONG = "The query took too long and was given up. Ask for less at once, or try again later."
_UNEXPECTED = "Unexpected error."

_MAX_MESSAGE = 1_000
"""Characters of a message: it may repeat what the client sent, and many errors may repeat the same."""

_log = logging.getLogger("waypost.graphql")


def present(errors: Sequence[GraphQLError], request_id: str) -> list[dict[str, Any]]:
    """Errors as the client sees them. What nobody expected is written to the log and masked."""
    return [_present(error, request_id) for error in errors]


def _present(error: GraphQLError, request_id: str) -> dict[str, Any]:
    cause = error.original_error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    message, code = _public(error.message, cause)
    if len(message) > _MAX_MESSAGE:
        message = f"{message[:_MAX_MESSAGE]}…"
    found: dict[str, Any] = dict(error.formatted)
    extensions = {**(error.extensions or {}), "code": (error.extensions or {}).get("code", code)}
    if code in (DATABASE_UNAVAILABLE, DEADLINE_EXCEEDED, INTERNAL):
        extensions["requestId"] = request_id
        known = {"request_id": request_id}
        if code == INTERNAL:
            _log.error("a query failed in a way that nobody expected", exc_info=cause, extra=known)
        else:
            _log.warning("%s: %s", code, cause, extra=known)
    return {**found, "message": message, "extensions": extensions}


def _public(message: str, cause: Exception | None) -> tuple[str, str]:
    match cause:
        case None | InvalidScalar():
            return message, BAD_REQUEST
        case InvalidSelection() | InvalidUrn() | KeyReused():
            return str(cause), cause.code
        case StoreUnavailable() | MigrationError():
            # The text of the store may name hosts and files.
            return _UNAVAILABLE, DATABASE_UNAVAILABLE
        case StoreTimeout() | TimeoutError():
            return _TOO_LONG, DEADLINE_EXCEEDED
        case CatalogError() | Exception():
            return _UNEXPECTED, INTERNAL
