"""The demo catalog in a store of either kind: the same to the letter in each."""

from __future__ import annotations

from pathlib import Path

from catalog.model import MODEL
from catalog.stores.layout import Tables
from catalog.stores.port import MAX_CHANGES, Change, Store
from catalog.stores.sqlite.store import SqliteStore
from server.demo import load_demo
from tests.contract.backends import BACKENDS, Place

__all__ = ["demo_changes", "replayed"]

_AT_ONCE = 1_000
"""Changes of one transaction: what a Neo4j that has just started takes over well within the time of a write."""


async def demo_changes(path: Path) -> list[Change]:
    """The demo catalog as one store hands it to another. Its own is made in a new file of this path."""
    store = SqliteStore.open(path, Tables(MODEL))
    await load_demo(store)
    found: list[Change] = []
    cursor, more = "", True
    while more:
        page = await store.changes(cursor, MAX_CHANGES)
        found += page.changes
        cursor, more = page.cursor, page.has_next
    await store.close()
    return found


async def replayed(name: str, place: Place, changes: list[Change]) -> Store:
    """An empty store of a backend, with these changes in it."""
    store = BACKENDS[name].open(place, Tables(MODEL))
    await store.migrate()
    for start in range(0, len(changes), _AT_ONCE):
        await store.replay(changes[start : start + _AT_ONCE])
    return store
