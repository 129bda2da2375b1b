"""What a server does beside its requests: it works out the audit of the day, so that no question has to wait for it.

Once at the start, then each hour: of a new day, and of what was written meanwhile. And it keeps what it read and found in the store
where what is kept there has grown old, so that the next start need not read everything.
"""

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
_EACH_SECONDS = 3600


@asynccontextmanager
async def judging_today(settings: Settings, audits: Audits) -> AsyncGenerator[None]:
    """Meanwhile the facts of the audit are read and all flows of today judged, where a token may see that and the settings say so.

    Given up at the end. What goes wrong is logged, and hinders nobody: the first question does it then, or the next start.
    """
    wanted = settings.audit_at_start and any(
        Principal(token.name, token.scopes).reader == STAFF_READER for token in settings.tokens
    )
    reading = asyncio.create_task(_judge_each_day(audits, ZoneInfo(settings.zone))) if wanted else None
    try:
        yield
    finally:
        if reading is not None:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)


async def _judge_each_day(audits: Audits, zone: ZoneInfo) -> None:
    while True:
        try:
            await _judge(audits, datetime.now(zone).date())
        except Exception:  # noqa: BLE001 - nobody else waits for it, so nobody would tell; in an hour it may go well
            _log.exception("the audit could not be worked out, or not be kept")
        await asyncio.sleep(_EACH_SECONDS)


async def _judge(audits: Audits, day: date) -> None:
    try:
        found = await audits.ask(STAFF_READER, day, lambda audit: len(audit.verdicts))
    except CatalogError as error:
        _log.warning("the audit could not be worked out: %s", error)
        return
    _log.info("%d flows were judged as of %s, at revision %d", found.value, day, found.revision)
    try:
        if await audits.keep(day):
            _log.info("what was read and found is kept in the store")
    except CatalogError as error:
        _log.warning("what was read and found could not be kept in the store: %s", error)
