"""The hand-made graph in an embedded store, for the tests of the GraphQL layer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from graphql_schema import build_schema
from tests.graphql.graph import Asker, batches, open_store


@pytest.fixture(scope="session")
def asker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asker]:
    """Who asks the graph."""
    build_schema()  # once and early, so that no test pays for it that measures time
    with asyncio.Runner() as runner:
        store = runner.run(open_store(tmp_path_factory.mktemp("graphql") / "graph.db", batches()))
        yield Asker(store, runner)
        runner.run(store.close())
