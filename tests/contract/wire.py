"""What goes to the databases, heard at their drivers: a store's own counter counts what the store says of itself."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest
from neo4j import AsyncManagedTransaction, AsyncSession

__all__ = ["listen"]


def listen(patch: pytest.MonkeyPatch) -> list[str]:
    """The statements that are sent from now on, in their order; on SQLite by connections that are yet to be opened.

    PRAGMAs, by which a connection is set up, are no questions and not among them.
    """
    sent: list[str] = []

    def hear(statement: object) -> None:
        if not str(statement).startswith("PRAGMA"):
            sent.append(str(statement))

    connect = sqlite3.connect

    def traced(*words: Any, **options: Any) -> sqlite3.Connection:
        connection = connect(*words, **options)
        connection.set_trace_callback(hear)
        return connection

    patch.setattr(sqlite3, "connect", traced)
    for sender in (AsyncSession, AsyncManagedTransaction):
        patch.setattr(sender, "run", _heard(sender.run, hear))
    return sent


def _heard(run: Any, hear: Any) -> Any:
    async def heard(self: Any, query: Any, *words: Any, **options: Any) -> Any:
        hear(getattr(query, "text", query))
        return await run(self, query, *words, **options)

    return heard
