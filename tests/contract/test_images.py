"""``keep_image`` and ``image``: what was worked out of a graph, beside it."""

from __future__ import annotations

import asyncio
import secrets
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from neo4j import AsyncSession
from neo4j.exceptions import ClientError

from catalog.errors import CatalogError, StoreUnavailable
from catalog.selection import Select
from catalog.stores.neo4j import images
from catalog.stores.neo4j.store import Neo4jStore
from catalog.stores.port import Image
from catalog.stores.sqlite import session
from catalog.stores.sqlite.store import SqliteStore
from tests.contract.backends import Blocking
from tests.contract.workshop import Workshop
from tests.support.patience import PATIENCE
from tests.support.small_model import SMALL, TAgency
from tests.support.statements import ask, node, said, urns

ONE = Image(1, "one", b"\x00\xff" * 40)
OTHER = Image(2, "another", secrets.token_bytes(300))


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "_PIECE", 16)


def test_image_1_answers_what_was_kept_last_under_the_name(workshop: Workshop) -> None:
    store = workshop.fresh()
    assert store.image("audit") is None
    for image in (ONE, OTHER, Image(2, "short", b"x"), Image(0, "", b"")):
        store.keep_image("audit", image)
        assert store.image("audit") == image
        assert workshop.again().image("audit") == image
    store.keep_image("audit", OTHER)
    store.keep_image("beside", ONE)
    assert store.image("audit") == OTHER
    assert store.image("beside") == ONE
    assert store.image("aud") is None


def test_keep_image_1_is_no_part_of_the_graph(store: Blocking) -> None:
    store.write(said(node(TAgency, "a")))
    before = store.all_changes()
    store.keep_image("audit", ONE)
    assert store.revision() == 1
    assert store.all_changes() == before
    assert urns(store.select(ask(Select("TAgency")))) == ["a"]
    store.write(said(node(TAgency, "b")))
    assert store.image("audit") == ONE, "a write leaves it: of which revision it is it says itself"
    assert store.migrate() == []


def test_keep_image_2_is_whole_or_none_where_many_keep_at_once(workshop: Workshop) -> None:
    store = workshop.fresh()
    kept = [Image(number, f"maker {number}", secrets.token_bytes(100 * number)) for number in range(1, 5)]
    others = [workshop.again().store for _ in kept]

    async def all_at_once() -> list[Image | None]:
        keeping = asyncio.gather(*(each.keep_image("audit", image) for each, image in zip(others, kept, strict=True)))
        found = await asyncio.gather(*(store.store.image("audit") for _ in range(20)))
        await keeping
        return found

    for found in store.wait(all_at_once()):
        assert found is None or found in kept
    assert store.image("audit") in [None, *kept]
    store.keep_image("audit", ONE)
    assert store.image("audit") == ONE


def test_keep_image_2_one_that_is_cut_off_leaves_the_one_before(workshop: Workshop) -> None:
    store = workshop.fresh()
    store.keep_image("audit", ONE)
    if workshop.graph is None:
        with closing(sqlite3.connect(workshop.place.file)) as db:
            db.execute("CREATE TRIGGER full BEFORE INSERT ON image BEGIN SELECT RAISE(ABORT, 'cut off'); END")
            with pytest.raises(sqlite3.IntegrityError):
                store.keep_image("audit", OTHER)
            db.execute("DROP TRIGGER full")
    else:
        with mock.patch.object(images, "_BEGIN", "RETURN 1 / 0"), pytest.raises(Exception, match="zero"):
            store.keep_image("audit", OTHER)
    assert store.image("audit") == ONE
    store.keep_image("audit", OTHER)
    assert store.image("audit") == OTHER
    if workshop.graph is not None:
        (left,) = workshop.graph.run("MATCH (i:WaypostImage) RETURN count(i) AS count")
        assert left == {"count": 19}, "what the one that was cut off had written is gone"


def test_image_1_what_is_not_there_to_its_end_is_no_image(workshop: Workshop) -> None:
    store = workshop.fresh()
    for piece in (3, 0):
        store.keep_image("audit", OTHER)
        if workshop.graph is None:
            with closing(sqlite3.connect(workshop.place.file)) as db, db:
                db.execute("DELETE FROM image")
        else:
            workshop.graph.run("MATCH (i:WaypostImage {piece: $piece}) DELETE i", piece=piece)
        assert store.image("audit") is None


def test_replay_1_lets_go_of_images(workshop: Workshop) -> None:
    store = workshop.fresh()
    store.write(said(node(TAgency, "a")))
    changes = store.all_changes()
    store.keep_image("audit", ONE)
    store.replay(changes)
    assert store.image("audit") is None


def test_what_a_store_cannot_keep_is_an_error_of_the_catalog(workshop: Workshop) -> None:
    store = workshop.fresh()
    store.close()
    with pytest.raises(CatalogError):
        store.keep_image("audit", ONE)


def test_keep_image_3_a_sqlite_waits_a_moment_only_for_who_writes(tmp_path: Path) -> None:
    """Who keeps what it found is not held up, nor a server that ends, until a long load lets others write."""
    place = tmp_path / "graph.db"

    async def keep(db: sqlite3.Connection) -> None:
        store = SqliteStore.open(place, SMALL, write_timeout_seconds=10 * PATIENCE)
        try:
            await store.migrate()
            db.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreUnavailable, match="locked by another process"):
                await asyncio.wait_for(store.keep_image("audit", ONE), PATIENCE)
            db.execute("ROLLBACK")
            await store.keep_image("audit", ONE)
            db.execute("BEGIN IMMEDIATE")
            writing = asyncio.create_task(store.write(said(node(TAgency, "a"))))
            await asyncio.sleep(1.5 * session.MOMENT)
            db.execute("ROLLBACK")
            assert (await writing).revision == 1, "a write waits as before"
        finally:
            await store.close()

    with closing(sqlite3.connect(place, isolation_level=None)) as other:
        asyncio.run(keep(other))


class _Refused(ClientError):
    """As the driver makes it of what a server says."""

    def __init__(self, code: str) -> None:
        super().__init__()
        self._said = code

    @property
    def code(self) -> str:
        return self._said


@pytest.mark.parametrize("code", ["Security.Forbidden", "General.WriteOnReadOnlyAccessDatabase"])
def test_a_neo4j_that_only_reads_for_us_says_so_in_an_error_of_the_catalog(
    code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refused(*_: Any) -> None:
        raise _Refused(f"Neo.ClientError.{code}")

    async def keep() -> None:
        store = Neo4jStore.open("bolt://127.0.0.1:1", SMALL)
        try:
            await store.keep_image("audit", ONE)
        finally:
            await store.close()

    monkeypatch.setattr(AsyncSession, "begin_transaction", refused)
    with pytest.raises(StoreUnavailable, match="does not let this user write"):
        asyncio.run(keep())
