"""One GraphQL request, from its text to the answer: the way in for servers."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from graphql import GraphQLError
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.execution import ExecutionResult
from strawberry.types.graphql import OperationType

from graphql_schema.core.bounds import document_excess, variables_excess
from graphql_schema.core.context import Caller, Context
from graphql_schema.core.errors import FORBIDDEN, UNAUTHENTICATED, present
from graphql_schema.schema import WaypostSchema

__all__ = ["Answer", "Request", "answer"]


@dataclass(frozen=True, slots=True)
class Request:
    """What the client sent."""

    query: str
    variables: Mapping[str, Any] | None = None
    operation_name: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What the client gets."""

    data: dict[str, Any] | None
    errors: list[dict[str, Any]]
    refused: bool
    """The request itself was at fault: nothing was executed, and the answer holds no ``data``."""

    @property
    def body(self) -> dict[str, Any]:
        """The members of the JSON object, in the order that the specification recommends."""
        found: dict[str, Any] = {"errors": self.errors} if self.errors else {}
        return found if self.refused else {**found, "data": self.data}

    @property
    def codes(self) -> set[str]:
        """The codes of the errors."""
        return {error["extensions"]["code"] for error in self.errors}


async def answer(schema: WaypostSchema, request: Request, context: Context, timeout_seconds: float) -> Answer:
    """Answer a request. Raises nothing but cancellation: every fault is an error in the answer.

    It is given up after ``timeout_seconds``; a mutation after the ``write_seconds`` of its context.
    """
    excess = document_excess(request.query) or variables_excess(request.variables or {})
    if excess is not None:
        return _refused(excess, context)
    try:
        async with asyncio.timeout(timeout_seconds) as limit:
            result = await schema.execute(
                request.query,
                variable_values=dict(request.variables or {}),
                context_value=replace(context, deadline=limit),
                operation_name=request.operation_name,
                allowed_operation_types=_ALLOWED if context.caller.may_write else _ALLOWED[:1],
            )
    except MissingQueryError:
        return _refused(GraphQLError("The request holds no query: send a document as 'query'."), context)
    except CannotGetOperationTypeError as error:
        return _refused(GraphQLError(error.as_http_error_reason()), context)
    except InvalidOperationTypeError as error:
        return _refused(_not_allowed(error.operation_type, context.caller), context)
    except TimeoutError as error:
        late = GraphQLError(str(error), original_error=error)
        return Answer(None, present([late], context.request_id), refused=False)
    return _answer(result, context)


_ALLOWED = (OperationType.QUERY, OperationType.MUTATION)
"""What is answered; the second to those who may write."""


def _not_allowed(operation: OperationType, caller: Caller) -> GraphQLError:
    """Why an operation is not for the caller: nothing was looked at but its kind."""
    if operation is not OperationType.MUTATION:
        return GraphQLError("Only queries and mutations are answered here.")
    if caller.is_known:
        message = "This token may not change anything: use one with the scope 'write'."
        return GraphQLError(message, extensions={"code": FORBIDDEN})
    message = "Mutations are for those we know: send a bearer token with the scope 'write'."
    return GraphQLError(message, extensions={"code": UNAUTHENTICATED})


def _answer(result: ExecutionResult, context: Context) -> Answer:
    errors = result.errors or []
    # An error of the execution has a path; without one the document or its variables were refused.
    refused = result.data is None and any(error.path is None for error in errors)
    return Answer(result.data, present(errors, context.request_id), refused)


def _refused(error: GraphQLError, context: Context) -> Answer:
    return Answer(None, present([error], context.request_id), refused=True)
