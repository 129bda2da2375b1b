"""A server works out the audit of today as it starts, where somebody may see it; and starts whatever comes of that."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

import pytest

from catalog.access import STAFF_READER
from catalog.errors import StoreUnavailable
from catalog.model import MODEL
from catalog.selection import Page, Selection
from catalog.stores.layout import Tables
from catalog.stores.port import Image, Scan, Scanned
from catalog.stores.sqlite.store import SqliteStore
from graphql_schema import Audits
from server import at_start
from server.at_start import judging_today
from server.settings import Scope, Settings, Token
from tests.support.patience import PATIENCE


class _Store:
    """One that is empty, and answers a scan with an error, or never, where it is told to."""

    def __init__(self, error: Exception | None = None, *, answers: bool = True) -> None:
        self.readers: list[str] = []
        self._error = error
        self._answers = answers

    async def revision(self) -> int:
        return 0

    async def select(self, _: Selection) -> Page:
        return Page([])

    async def image(self, _: str) -> None:
        return None

    async def scan(self, query: Scan) -> Scanned:
        self.readers.append(query.reader.name)
        if self._error is not None:
            raise self._error
        await asyncio.sleep(0 if self._answers else 3600)
        raise StoreUnavailable("nothing there")


def _started(store: Any, *scopes: Scope, **given: Any) -> None:
    """Begin and end a server whose one token has these scopes."""
    tokens = (Token(name="one", sha256="0" * 64, scopes=frozenset(scopes)),) if scopes else ()

    async def serve() -> None:
        async with judging_today(Settings(tokens=tokens, **given), Audits(store)):
            await asyncio.sleep(0.01)

    asyncio.run(asyncio.wait_for(serve(), PATIENCE))


@pytest.mark.parametrize("scope", ["read", "write"])
def test_it_reads_where_a_token_shows_everything(scope: Scope) -> None:
    store = _Store()
    _started(store, scope, "ingest")
    assert store.readers == [STAFF_READER.name]


@pytest.mark.parametrize(
    ("scopes", "given"), [((), {}), (("ingest",), {}), (("read",), {"audit_at_start": False})], ids=str
)
def test_it_reads_nothing_where_nobody_sees_it_or_it_is_not_to(
    scopes: tuple[Scope, ...], given: dict[str, Any]
) -> None:
    store = _Store()
    _started(store, *scopes, **given)
    assert store.readers == []


def test_what_goes_wrong_is_logged_and_hinders_nobody(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "waypost.audit"):
        _started(_Store(StoreUnavailable("the database is away")), "read")
    (record,) = caplog.records
    assert "could not be worked out: the database is away" in record.getMessage()


class _Last(logging.Handler):
    """Says when it was told what became of keeping."""

    def __init__(self) -> None:
        super().__init__()
        self.told = asyncio.Event()

    def emit(self, record: logging.LogRecord) -> None:
        if "kept" in record.getMessage():
            self.told.set()


def _on_a_file(path: Path, caplog: pytest.LogCaptureFixture) -> list[str]:
    """What is said by a server on a SQLite file with nothing in it, until it has audited that."""
    log = logging.getLogger("waypost.audit")

    async def serve() -> None:
        store, last = SqliteStore.open(path, Tables(MODEL)), _Last()
        await store.migrate()
        token = Token(name="one", sha256="0" * 64, scopes=frozenset({"read"}))
        log.addHandler(last)
        try:
            async with judging_today(Settings(tokens=(token,)), Audits(store)):
                await last.told.wait()
        finally:
            log.removeHandler(last)
            await store.close()

    caplog.clear()
    with caplog.at_level(logging.INFO, log.name):
        asyncio.run(asyncio.wait_for(serve(), PATIENCE))
    return [record.getMessage() for record in caplog.records]


def test_what_it_read_and_found_is_kept_for_the_next_start(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "graph.db"
    first, second = _on_a_file(path, caplog)
    assert first.startswith("0 flows were judged as of ")
    assert second == "what was read and found is kept in the store"

    async def image() -> Image | None:
        store = SqliteStore.open(path, Tables(MODEL))
        try:
            return await store.image("audit")
        finally:
            await store.close()

    assert asyncio.run(image()) is not None


def test_what_cannot_be_kept_hinders_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refused(*_: Any) -> None:
        raise StoreUnavailable("may not write")

    monkeypatch.setattr(SqliteStore, "keep_image", refused)
    (*_, last) = _on_a_file(tmp_path / "graph.db", caplog)
    assert last == "what was read and found could not be kept in the store: may not write"


def test_it_looks_again_each_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(at_start, "_EACH_SECONDS", 0.001)
    store = _Store(StoreUnavailable("the database is away"))
    _started(store, "read")
    assert len(store.readers) > 1


def test_it_looks_again_whatever_went_wrong(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else would tell of it, and an hour later it may go well."""
    monkeypatch.setattr(at_start, "_EACH_SECONDS", 0.001)
    store = _Store(RecursionError("nobody thought of that"))
    with caplog.at_level(logging.ERROR, "waypost.audit"):
        _started(store, "read")
    assert len(store.readers) > 1
    assert "nobody thought of that" in caplog.text


def test_the_end_waits_for_no_reading() -> None:
    store = _Store(answers=False)
    _started(store, "read")
    assert len(store.readers) == 1
