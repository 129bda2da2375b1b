"""What a server does beside its first requests: it reads what the audit rests on, so that no question has to wait for it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from catalog.access import STAFF_READER
from catalog.errors import CatalogError
from graphql_schema import Audits
from server.auth import Principal
from server.settings import Settings

__all__ = ["reading_facts"]

_log = logging.getLogger("waypost.audit")


@asynccontextmanager
async def reading_facts(settings: Settings, audits: Audits) -> AsyncGenerator[None]:
    """Meanwhile the facts of the audit are read, where a token may see them and the settings say so.

    Given up at the end. What goes wrong is logged, and hinders nobody: the first question reads them then.
    """
    wanted = settings.audit_at_start and any(
        Principal(token.name, token.scopes).reader == STAFF_READER for token in settings.tokens
    )
    reading = asyncio.create_task(_read(audits)) if wanted else None
    try:
        yield
    finally:
        if reading is not None:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)


async def _read(audits: Audits) -> None:
    try:
        revision = await audits.keep(STAFF_READER)
    except CatalogError as error:
        _log.warning("what the audit rests on could not be read at the start: %s", error)
    else:
        _log.info("what the audit rests on was read, of revision %d", revision)
