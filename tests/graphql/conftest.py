"""The hand-made graph in a store, for the tests of the GraphQL layer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from catalog.model import MODEL
from catalog.stores.layout import Tables
from catalog.stores.port import Change
from graphql_schema import build_schema
from tests.contract.backends import BACKENDS
from tests.contract.workshop import Workshop
from tests.graphql.demo import demo_changes
from tests.graphql.graph import Asker, batches, lineage, open_store

_STORES = [pytest.param(b.name, marks=[pytest.mark.neo4j] if b.needs_neo4j else []) for b in BACKENDS.values()]


@pytest.fixture(scope="session")
def demo_catalog(tmp_path_factory: pytest.TempPathFactory) -> list[Change]:
    """The demo catalog as one store hands it to another."""
    return asyncio.run(demo_changes(tmp_path_factory.mktemp("demo") / "demo.db"))


@pytest.fixture(scope="session")
def asker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asker]:
    """Who asks the graph."""
    build_schema()  # once and early, so that no test pays for it that measures time
    with asyncio.Runner() as runner:
        store = runner.run(open_store(tmp_path_factory.mktemp("graphql") / "graph.db", batches()))
        yield Asker(store, runner)
        runner.run(store.close())


@pytest.fixture(scope="module", params=_STORES)
def walker(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asker]:
    """Who asks the graph with more lineage in it, on both stores."""
    backend = BACKENDS[request.param]
    graph = request.getfixturevalue("neo4j_graph") if backend.needs_neo4j else None
    with asyncio.Runner() as runner:
        workshop = Workshop(backend, runner, tmp_path_factory, graph)
        store = workshop.fresh(Tables(MODEL))
        for batch in (*batches(), lineage()):
            store.write(batch)
        yield Asker(store.store, runner)
        workshop.close()


@pytest.fixture(scope="module", params=_STORES)
def workshop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    """Opens stores of each kind."""
    backend = BACKENDS[request.param]
    graph = request.getfixturevalue("neo4j_graph") if backend.needs_neo4j else None
    with asyncio.Runner() as runner:
        made = Workshop(backend, runner, tmp_path_factory, graph)
        yield made
        made.close()
