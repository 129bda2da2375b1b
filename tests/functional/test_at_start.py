"""A server works out the audit of today as it starts, where somebody may see it; and starts whatever comes of that."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from catalog.access import STAFF_READER
from catalog.errors import StoreUnavailable
from catalog.selection import Page, Selection
from catalog.stores.port import Scan, Scanned
from graphql_schema import Audits
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
    assert "could not be worked out at the start: the database is away" in record.getMessage()


def test_the_end_waits_for_no_reading() -> None:
    store = _Store(answers=False)
    _started(store, "read")
    assert len(store.readers) == 1
