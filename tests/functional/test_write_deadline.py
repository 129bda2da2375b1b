"""A mutation has the time of a write, over HTTP: here it waits for another process that writes into the same file."""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from server.app import create_app
from server.settings import Settings, Token
from tests.graphql.desk import Desk, graph, operation
from tests.graphql.graph import open_store
from tests.support.patience import PATIENCE

_READ = 0.2
"""Seconds: less than the other writer takes."""


@contextmanager
def _desk(path: Path, *, write_seconds: float) -> Generator[Desk]:
    """A desk on a file, with little time for reads."""
    token = Token(name="desk", sha256=hashlib.sha256(b"desk").hexdigest(), scopes=frozenset(("read", "write")))
    settings = Settings(tokens=(token,), query_timeout_seconds=_READ, write_timeout_seconds=write_seconds)
    with asyncio.Runner() as runner:
        store = runner.run(open_store(path, [graph()]))
        yield Desk(store, runner, create_app(settings, store))
        runner.run(store.close())


def _state(desk: Desk) -> dict[str, Any]:
    told = {"clientMutationId": "1", "reason": "as the minutes say", "title": "MOU"}
    return desk.ask(operation("recordAgreement", "changeset { actor }"), input=told)


def test_a_mutation_outlasts_the_time_of_a_read(tmp_path: Path) -> None:
    path = tmp_path / "graph.db"
    with _desk(path, write_seconds=PATIENCE) as desk:
        other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        other.execute("BEGIN IMMEDIATE")
        timer = threading.Timer(5 * _READ, other.rollback)
        timer.start()
        found = _state(desk)
        timer.join()
        other.close()
    assert found == {"data": {"recordAgreement": {"changeset": {"actor": "desk"}}}}


@pytest.mark.parametrize("write_seconds", [_READ / 2, 2 * _READ])
def test_a_mutation_is_given_up_after_the_time_of_a_write(tmp_path: Path, write_seconds: float) -> None:
    path = tmp_path / "graph.db"
    with _desk(path, write_seconds=write_seconds) as desk:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        found = _state(desk)
        other.close()
        revision = desk.revision
    assert [error["extensions"]["code"] for error in found["errors"]] == ["DEADLINE_EXCEEDED"]
    assert revision == 1
