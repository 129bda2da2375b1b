"""What a command leaves behind that wrote much: an audit of it, which the next process recalls (ADR 19)."""

import asyncio
import time
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from catalog.errors import CatalogError
from catalog.stores.port import Store
from server.commands.outcome import say
from server.commands.work import with_store
from server.settings import Settings

__all__ = ["Ready", "leave_ready"]

Ready = Annotated[
    bool,
    typer.Option(
        "--audit/--no-audit",
        help="Where more was written than an audit can follow, audit today's flows and keep what was read and found, so that no"
        " question of the audit has to read everything.",
    ),
]


def leave_ready(settings: Settings) -> None:
    """Keep an audit of today in the store, where an audit could not follow what was written; what that takes is said.

    Nothing depends on it, but how long the next audit takes: so whatever goes wrong is said, and no error.
    """

    async def work(store: Store) -> None:
        # Imported here: every --help would wait for them.
        from lineage.audit.recall import is_due, keep_of
        from server.memory import give_back

        zone = ZoneInfo(settings.zone)
        if not await is_due(store, zone):
            return
        give_back()
        say("auditing today's flows, so that the next audit need not read everything ...")
        clock = time.monotonic()
        age = await keep_of(store, datetime.now(zone).date(), zone)
        say(f"audited as of {age.day} at revision {age.revision} and kept, in {time.monotonic() - clock:.1f} s")

    try:
        asyncio.run(with_store(settings, work, make=False, patient=True))
    except KeyboardInterrupt:
        say("stopped; what was written stays, and the next audit reads everything")
    except CatalogError as error:
        say(f"what was written stays, and the next audit reads everything: {error}")
