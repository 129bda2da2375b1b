"""An empty store of each kind, for tests of what is written through the pipeline."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.model import MODEL
from catalog.stores.layout import Tables
from catalog.stores.port import Store
from tests.contract.backends import BACKENDS, Backend, Place
from tests.contract.workshop import Neo4jGraph

TABLES = Tables(MODEL)


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as made:
        yield made


@pytest.fixture(params=[pytest.param(b.name, marks=[pytest.mark.neo4j] * b.needs_neo4j) for b in BACKENDS.values()])
def backend(request: pytest.FixtureRequest) -> Backend:
    return BACKENDS[request.param]


@pytest.fixture
def graph(request: pytest.FixtureRequest, backend: Backend) -> Neo4jGraph | None:
    return request.getfixturevalue("neo4j_graph") if backend.needs_neo4j else None


@pytest.fixture
def place(graph: Neo4jGraph | None, tmp_path: Path) -> Place:
    """Where the graph of ``store`` lies."""
    return graph.place if graph else Place(tmp_path / "graph.db")


@pytest.fixture
def store(backend: Backend, graph: Neo4jGraph | None, place: Place, runner: asyncio.Runner) -> Iterator[Store]:
    async def opened() -> Store:
        return backend.open(place, TABLES)

    made = runner.run(opened())

    def migrate() -> list[str]:
        return runner.run(made.migrate())

    if graph is None:
        migrate()
    else:
        graph.bring_to(TABLES, migrate)
    yield made
    runner.run(made.close())
