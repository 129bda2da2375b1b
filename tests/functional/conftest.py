"""An empty store of each kind, for tests of what is written through the pipeline."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.model import MODEL
from catalog.stores.layout import Tables
from catalog.stores.port import Store
from tests.contract.backends import BACKENDS, Place


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as made:
        yield made


@pytest.fixture(params=[pytest.param(b.name, marks=[pytest.mark.neo4j] * b.needs_neo4j) for b in BACKENDS.values()])
def store(request: pytest.FixtureRequest, tmp_path: Path, runner: asyncio.Runner) -> Iterator[Store]:
    backend = BACKENDS[request.param]
    place = Place(tmp_path / "graph.db")
    if backend.needs_neo4j:
        graph = request.getfixturevalue("neo4j_graph")
        graph.clear()
        place = graph.place

    async def opened() -> Store:
        made = backend.open(place, Tables(MODEL))
        await made.migrate()
        return made

    made = runner.run(opened())
    yield made
    runner.run(made.close())
