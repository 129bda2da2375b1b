"""What the contract suite runs on: stores of every backend, and the oracle."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import pytest

from catalog.stores.neo4j import scan as neo4j_scan
from tests.contract.backends import BACKENDS, Blocking
from tests.contract.workshop import Workshop
from tests.support.reference import ReferenceStore
from tests.support.small_model import SMALL

_STORES = [pytest.param(b.name, marks=[pytest.mark.neo4j] if b.needs_neo4j else []) for b in BACKENDS.values()]


@pytest.fixture(scope="session")
def runner() -> Iterator[asyncio.Runner]:
    """The event loop on which every call of the suite runs: a driver belongs to one."""
    with asyncio.Runner() as made:
        yield made


@pytest.fixture(autouse=True)
def _few_nodes_in_a_record(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that what is scanned comes in several records from a small graph, too."""
    monkeypatch.setattr(neo4j_scan, "_PIECE", 2)


@pytest.fixture(scope="session")
def workshop_of(
    request: pytest.FixtureRequest, runner: asyncio.Runner, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Workshop]]:
    """Where stores of a backend are opened, by its name. A test that asks for Neo4j's is marked neo4j."""
    made: dict[str, Workshop] = {}

    def workshop(name: str) -> Workshop:
        if name not in made:
            backend = BACKENDS[name]
            graph = request.getfixturevalue("neo4j_graph") if backend.needs_neo4j else None
            made[name] = Workshop(backend, runner, tmp_path_factory, graph)
        return made[name]

    yield workshop
    for each in made.values():
        each.close()


@pytest.fixture(scope="session", params=_STORES)
def workshop(request: pytest.FixtureRequest, workshop_of: Callable[[str], Workshop]) -> Workshop:
    """Where stores of one backend are opened; what asks for it runs once for each."""
    return workshop_of(request.param)


@pytest.fixture
def store(workshop: Workshop) -> Iterator[Blocking]:
    """A store on an empty graph of the small model."""
    yield workshop.fresh()
    workshop.close()


@pytest.fixture(params=["reference", *_STORES])
def graph(
    request: pytest.FixtureRequest, workshop_of: Callable[[str], Workshop]
) -> Iterator[Blocking | ReferenceStore]:
    """As ``store``, and the oracle as one more: what tests say by hand, it must say as well."""
    if request.param == "reference":
        yield ReferenceStore(SMALL)
    else:
        workshop = workshop_of(request.param)
        yield workshop.fresh()
        workshop.close()
