"""Marquez's reads as its clients ask for them: over a socket of a real server, or in this process."""

from __future__ import annotations

import asyncio
import hashlib
import importlib
import socket
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeVar

import httpx
import uvicorn
from fastapi import FastAPI

from catalog.stores.port import Store
from server.app import create_app
from server.settings import Scope, Settings, Token
from tests.support.patience import PATIENCE

__all__ = ["CLIENT", "LOADER", "NOW", "STAFF", "Reads", "app_of"]

LOADER, STAFF = "loader-secret-canary", "staff-secret-canary"
NOW = datetime.combine(max(date(2026, 11, 26), datetime.now(UTC).date() + timedelta(days=1)), time(12), UTC)
"""After every event of the tests, also those of the moment in which they are sent; at noon, when everywhere it is that day."""

CLIENT: Any = importlib.import_module("marquez_client")
"""The unmodified client, which has no types."""

_Answer = TypeVar("_Answer")


def app_of(store: Store, timeout_seconds: float = PATIENCE) -> FastAPI:
    """The application on a store, which knows two tokens: one that may read, and one that may not."""
    tokens = (_token("events", LOADER, "ingest"), _token("desk", STAFF, "read"))
    settings = Settings(tokens=tokens, query_timeout_seconds=timeout_seconds)
    return create_app(settings, store, now=lambda: NOW)


def _token(name: str, secret: str, *scopes: Scope) -> Token:
    return Token(name=name, sha256=hashlib.sha256(secret.encode()).hexdigest(), scopes=frozenset(scopes))


class Reads:
    """Asks one store and waits for the answer. ``round_trips`` are those of the last question."""

    def __init__(self, store: Store, runner: asyncio.Runner, timeout_seconds: float = PATIENCE) -> None:
        self.store = store
        self.runner = runner
        self.app = app_of(store, timeout_seconds)
        self.round_trips = 0

    def ask(
        self, path: str, token: str | None = STAFF, method: str = "GET", headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """The answer to one request below ``/api/v1``, by a reader who shows this token."""
        given = {**({"Authorization": f"Bearer {token}"} if token else {}), **(headers or {})}
        counted: Any = self.store
        before = counted.round_trips
        found = self.runner.run(self._asked(method, f"/api/v1{path}", given))
        self.round_trips = counted.round_trips - before
        return found

    def get(self, path: str, token: str | None = STAFF) -> Any:
        """The body of an answer that is no error."""
        found = self.ask(path, token)
        assert found.status_code == 200, found.text
        return found.json()

    def served(self, call: Callable[[str], _Answer]) -> _Answer:
        """What a client does in a thread of its own, given the address of a server of this application."""
        return self.runner.run(self._served(call))

    async def _asked(self, method: str, path: str, headers: Mapping[str, str]) -> httpx.Response:
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.request(method, path, headers=dict(headers))

    async def _served(self, call: Callable[[str], _Answer]) -> _Answer:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            server = _Server(uvicorn.Config(self.app, lifespan="off", log_config=None, access_log=False))
            task = asyncio.create_task(server.serve(sockets=[listening]))
            try:
                return await asyncio.to_thread(call, f"http://127.0.0.1:{listening.getsockname()[1]}")
            finally:
                server.should_exit = True
                await task


class _Server(uvicorn.Server):
    """Leaves signals to the tests."""

    def install_signal_handlers(self) -> None:
        """None."""
