"""An empty store of each kind, for tests of what is written through the pipeline."""

from __future__ import annotations

import asyncio
import shutil
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


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that holds an empty graph. To copy it takes a hundredth of the time of making it."""
    place = Place(tmp_path_factory.mktemp("empty") / "graph.db")

    async def make() -> None:
        made = BACKENDS["sqlite"].open(place, TABLES)
        await made.migrate()
        await made.close()

    asyncio.run(make())
    return place.file


@pytest.fixture
def store(
    backend: Backend, graph: Neo4jGraph | None, place: Place, migrated: Path, runner: asyncio.Runner
) -> Iterator[Store]:
    async def opened() -> Store:
        return backend.open(place, TABLES)

    if graph is None:
        shutil.copyfile(migrated, place.file)
    made = runner.run(opened())
    if graph is not None:
        graph.bring_to(TABLES, lambda: runner.run(made.migrate()))
    yield made
    runner.run(made.close())
