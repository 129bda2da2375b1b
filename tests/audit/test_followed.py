"""Facts that follow what changed are those that reading everything anew gives: whatever is written, on either store."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from catalog.access import STAFF_READER
from catalog.model import MODEL
from catalog.stores.layout import Tables
from catalog.stores.port import Store
from lineage.audit.follow import brought, news
from lineage.audit.gather import Gathered, gather
from tests.contract.backends import BACKENDS, Place
from tests.support.audited_changes import Changing

ZONE = ZoneInfo("America/New_York")


def _on(backend: str, request: pytest.FixtureRequest, folder: Path, work: Callable[[Store], Awaitable[None]]) -> None:
    """Do work on an empty graph."""
    place = Place(folder / "graph.db")
    if BACKENDS[backend].needs_neo4j:
        graph = request.getfixturevalue("neo4j_graph")
        graph.clear()
        place = graph.place

    async def done() -> None:
        store = BACKENDS[backend].open(place, Tables(MODEL))
        await store.migrate()
        try:
            await work(store)
        finally:
            await store.close()

    asyncio.run(done())


def _differences(found: Gathered, wanted: Gathered) -> dict[str, Any]:
    """What is not the same, by name."""
    pairs = {
        name: (getattr(found.facts, name), getattr(wanted.facts, name)) for name in type(found.facts).__struct_fields__
    }
    pairs |= {"revision": (found.revision, wanted.revision), "titles": (found.titles, wanted.titles)}
    return {name: two for name, two in pairs.items() if two[0] != two[1]}


_SEEDS = [*range(4), *(pytest.param(number, marks=pytest.mark.long) for number in range(4, 100))]


@pytest.mark.parametrize("seed", _SEEDS)
def test_followed_facts_are_those_read_anew(seed: int, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    _follow("sqlite", request, tmp_path, seed, rounds=30, writes=1)


@pytest.mark.parametrize("seed", range(2))
def test_facts_of_a_mirror_are_followed_while_edges_wait_for_their_ends(
    seed: int, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """What is replayed has edges that lead to what changed later, and is not there yet: a node that comes is told by itself."""
    changing = Changing(f"mirror {seed}")
    changing.first()
    for _ in range(40):
        changing.next()
    revisions = groupby(changing.graph.graph.changes(), attrgetter("revision"))

    async def follow(store: Store) -> None:
        kept = await gather(store, STAFF_READER, ZONE)
        for revision, changes in revisions:
            await store.replay(list(changes))
            found = await news(store, kept, STAFF_READER)
            assert found is not None
            kept = brought(kept, found, ZONE)
            assert _differences(kept, await gather(store, STAFF_READER, ZONE)) == {}, revision

    _on("sqlite", request, tmp_path, follow)


@pytest.mark.neo4j
@pytest.mark.long
def test_followed_facts_are_those_read_anew_on_neo4j(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """Long, since every statement of another shape is planned anew there; ``test_stored_worlds`` follows one write."""
    _follow("neo4j", request, tmp_path, 0, rounds=20, writes=3)


def _follow(backend: str, request: pytest.FixtureRequest, folder: Path, seed: int, *, rounds: int, writes: int) -> None:
    """Follow so many writes a round, and read everything anew after each."""

    async def follow(store: Store) -> None:
        changing, shares = Changing(seed), list[float]()
        await store.write(changing.first())
        kept = await gather(store, STAFF_READER, ZONE)
        for _ in range(rounds):
            batches = [changing.next() for _ in range(writes)]
            for batch in batches:
                await store.write(batch)
            found = await news(store, kept, STAFF_READER)
            assert found is not None
            kept = brought(kept, found, ZONE)
            assert _differences(kept, await gather(store, STAFF_READER, ZONE)) == {}, batches
            shares.append(len(found.things) / len(changing.graph.graph.nodes))
        assert sum(shares) / rounds < 0.1 * (1 + writes), "of all things so many are read again"

    _on(backend, request, folder, follow)
