"""A server that is killed after it wrote and before anyone heard of it: what is sent again is not done again."""

from __future__ import annotations

import asyncio
import hashlib
import json
import socket
import time
from pathlib import Path

import httpx
import msgspec
import pytest

from catalog.model import MODEL
from catalog.stores.layout import Tables
from catalog.stores.sqlite.store import SqliteStore
from tests.graphql.desk import MOU, graph, operation
from tests.support.patience import PATIENCE
from tests.support.program import free_port, running

SECRET = "desk"
BODY = {
    "query": operation("recordStage", "stageEvent { urn stageOf { stages { totalCount } } } changeset { statedAt }"),
    "variables": {
        "input": {
            "clientMutationId": "form 7",
            "reason": "the last signature came",
            "agreement": MOU,
            "stage": "EXECUTED",
            "occurredOn": "2022-01-05",
        }
    },
}


def _send_and_hear_nothing(port: int) -> socket.socket:
    content = json.dumps(BODY)
    head = f"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nAuthorization: Bearer {SECRET}\r\n"
    connection = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    connection.sendall(f"{head}Content-Length: {len(content)}\r\n\r\n{content}".encode())
    return connection


@pytest.mark.e2e
def test_what_was_written_and_not_heard_of_is_not_doubled(tmp_path: Path) -> None:
    token = {"name": "desk", "sha256": hashlib.sha256(SECRET.encode()).hexdigest(), "scopes": ["write"]}
    place = tmp_path / "graph.db"
    settings = {"WAYPOST_STORE": f"sqlite:{place}", "WAYPOST_TOKENS": msgspec.json.encode([token]).decode()}
    port = free_port()
    server = ("serve", "--port", str(port))
    with asyncio.Runner() as runner:
        store = SqliteStore.open(place, Tables(MODEL))
        runner.run(store.migrate())
        before = runner.run(store.write(graph())).revision
        with running(*server, until="serving", environment=settings) as (process, _), _send_and_hear_nothing(port):
            while runner.run(store.revision()) == before:
                time.sleep(0.002)
            process.kill()
        assert runner.run(store.revision()) == before + 1
        with running(*server, until="serving", environment=settings):
            shown = {"Authorization": f"Bearer {SECRET}"}
            url = f"http://127.0.0.1:{port}/graphql"
            first, second = (httpx.post(url, json=BODY, headers=shown, timeout=PATIENCE).json() for _ in range(2))
        assert "errors" not in first
        assert first["data"]["recordStage"]["stageEvent"]["stageOf"]["stages"]["totalCount"] == 1
        assert second == first
        assert runner.run(store.revision()) == before + 1
        runner.run(store.close())
