"""The time that a request has, by what its operation is: known once the document is parsed, when the time already runs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from strawberry.extensions import SchemaExtension
from strawberry.types.graphql import OperationType

from graphql_schema.core.context import Context

__all__ = ["Deadline"]


class Deadline(SchemaExtension):
    """Gives a mutation the time of a write, as many as it states; a query keeps that of a read."""

    def on_execute(self) -> Iterator[None]:
        """Put off the end of a mutation, or bring it forward, before anything of it is done."""
        context: Context = self.execution_context.context
        limit, seconds = context.deadline, context.write_seconds
        if (
            self.execution_context.operation_type is OperationType.MUTATION
            and limit is not None
            and seconds is not None
        ):
            limit.reschedule(asyncio.get_running_loop().time() + seconds)
        yield
