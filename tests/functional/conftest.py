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


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as made:
        yield made


@pytest.fixture(params=[pytest.param(b.name, marks=[pytest.mark.neo4j] * b.needs_neo4j) for b in BACKENDS.values()])
def backend(request: pytest.FixtureRequest) -> Backend:
    return BACKENDS[request.param]


@pytest.fixture
def place(request: pytest.FixtureRequest, backend: Backend, tmp_path: Path) -> Place:
    if not backend.needs_neo4j:
        return Place(tmp_path / "graph.db")
    graph: Neo4jGraph = request.getfixturevalue("neo4j_graph")
    graph.clear()
    return graph.place


@pytest.fixture
def store(backend: Backend, place: Place, runner: asyncio.Runner) -> Iterator[Store]:

    async def opened() -> Store:
        made = backend.open(place, Tables(MODEL))
        await made.migrate()
        return made

    made = runner.run(opened())
    yield made
    runner.run(made.close())
