"""What a server does beside its first requests: it works out the audit of the day, so that no question has to wait for it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import date, datetime
from zoneinfo import ZoneInfo

from catalog.access import STAFF_READER
from catalog.errors import CatalogError
from graphql_schema import Audits
from server.auth import Principal
from server.settings import Settings

__all__ = ["judging_today"]

_log = logging.getLogger("waypost.audit")


@asynccontextmanager
async def judging_today(settings: Settings, audits: Audits) -> AsyncGenerator[None]:
    """Meanwhile the facts of the audit are read and all flows of today judged, where a token may see that and the settings say so.

    Given up at the end. What goes wrong is logged, and hinders nobody: the first question does it then.
    """
    wanted = settings.audit_at_start and any(
        Principal(token.name, token.scopes).reader == STAFF_READER for token in settings.tokens
    )
    today = datetime.now(ZoneInfo(settings.zone)).date()
    reading = asyncio.create_task(_judge(audits, today)) if wanted else None
    try:
        yield
    finally:
        if reading is not None:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)


async def _judge(audits: Audits, day: date) -> None:
    try:
        found = await audits.ask(STAFF_READER, day, lambda audit: len(audit.verdicts))
    except CatalogError as error:
        _log.warning("the audit could not be worked out at the start: %s", error)
    else:
        _log.info("%d flows were judged as of %s, at revision %d", found.value, day, found.revision)
