"""The demo catalog, and one load in its journal, in a store of either kind: the same to the letter in each."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from catalog.batch import Batch, EdgeStatement, NodeStatement
from catalog.model import MODEL
from catalog.model.enums import LoadState
from catalog.model.own import LoadRun
from catalog.stores.layout import Tables
from catalog.stores.port import MAX_CHANGES, Change, Store
from catalog.stores.sqlite.store import SqliteStore
from catalog.urn import key
from server.demo import load_demo
from tests.contract.backends import BACKENDS, Place
from tests.contract.workshop import Neo4jGraph

__all__ = ["demo_changes", "filled"]

_DEMO = "the demo catalog"

_AT_ONCE = 1_000
"""Changes of one transaction: what a Neo4j that has just started takes over well within the time of a write."""


async def demo_changes(path: Path) -> list[Change]:
    """The demo catalog as one store hands it to another. Its own is made in a new file of this path."""
    store = SqliteStore.open(path, Tables(MODEL))
    await load_demo(store)
    await store.write(_load())
    found: list[Change] = []
    cursor, more = "", True
    while more:
        page = await store.changes(cursor, MAX_CHANGES)
        found += page.changes
        cursor, more = page.cursor, page.has_next
    await store.close()
    return found


def filled(runner: asyncio.Runner, name: str, file: Path, graph: Neo4jGraph | None, changes: list[Change]) -> Store:
    """A store of a backend with these changes in it: in a new file, or in the Neo4j unless it holds them already."""
    store = BACKENDS[name].open(graph.place if graph else Place(file), Tables(MODEL))
    if graph is None:
        runner.run(_replayed(store, changes))
    elif graph.holds != _DEMO:
        graph.clear()
        runner.run(_replayed(store, changes))
        graph.holds = _DEMO
    return store


async def _replayed(store: Store, changes: list[Change]) -> None:
    await store.migrate()
    for start in range(0, len(changes), _AT_ONCE):
        await store.replay(changes[start : start + _AT_ONCE])


def _load() -> Batch:
    """A load, as the pipeline notes one."""
    at = datetime(2022, 5, 1, tzinfo=UTC)
    source = key("source", "waypost", "demo", "plan")
    batch = Batch(source, "the test", at, at.date())
    run = LoadRun(urn=key("load-run", "one"), started_at=at, state=LoadState.COMPLETED, read=3, loader="plan")
    batch.nodes.append(NodeStatement(run))
    batch.edges.append(EdgeStatement(LoadRun.loaded_from, run.urn, source))
    return batch
