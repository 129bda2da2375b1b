"""The command that audits sharing: which flows are not covered by an agreement on a day, and why."""

import asyncio
from collections.abc import Awaitable
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from catalog.findings import Severity
from catalog.stores.port import Store
from server.commands.days import DAY, day
from server.commands.outcome import ExitCode, add_command, check_output, say, telling, write_file
from server.commands.work import with_store
from server.settings import load_settings

__all__ = ["add_audit"]


class _Format(StrEnum):
    TABLE = "table"
    JSON = "json"
    CSV = "csv"


class _FailOn(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"
    NEVER = "never"


def add_audit(app: typer.Typer) -> None:
    """Add the command to the root."""
    into_a_file = "waypost audit --as-of 2022-05-09 --format csv --output audit.csv"
    add_command(app, "audit", audit, "waypost audit", into_a_file)


def audit(
    as_of: Annotated[
        date | None, typer.Option("--as-of", parser=day, metavar=DAY, help="The day; today where none is given.")
    ] = None,
    format: Annotated[  # noqa: A002 - the word of the option
        _Format,
        typer.Option(
            "--format", help="For people (what is not in order, at most 100), or for a script (csv: the flows)."
        ),
    ] = _Format.TABLE,
    fail_on: Annotated[
        _FailOn, typer.Option("--fail-on", help="End with 1 where there is such a finding, or a worse one.")
    ] = _FailOn.ERROR,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", help="File to write instead of printing, whole or not at all; its folder must be there."
        ),
    ] = None,
    anew: Annotated[
        bool,
        typer.Option("--anew", help="Read everything anew, and nothing of what an earlier audit kept in the store."),
    ] = False,
) -> None:
    """Say of every flow that goes on on a day whether an agreement covers it, and why not; and what else is not in order.

    Errors: a flow that is not covered, a claim that does not hold, a severe leak of protected data into an open dataset, classes
    that exclude each other. Warnings: what cannot be told, other leaks, what lapses within 30 days, classes that lack
    something, a load that has not ended. Changes nothing of what the graph says.
    """
    if output is not None:
        check_output(output)
    settings = load_settings()
    zone = ZoneInfo(settings.zone)
    asked = as_of or datetime.now(UTC).astimezone(zone).date()

    # Imported here: they are needed only where there is something to audit, and every --help would wait for them.
    from server.commands.audit_table import named_in_table, table
    from server.commands.audited import Audited, as_csv, as_json, audited, named_in_csv, named_in_json, summary, warn
    from server.memory import give_back

    give_back()
    names, text = {
        _Format.TABLE: (named_in_table, partial(table, place=settings.store)),
        _Format.JSON: (named_in_json, as_json),
        _Format.CSV: (named_in_csv, as_csv),
    }[format]

    def tell(found: Audited) -> None:
        warn(found)
        if output is None:
            with telling():
                typer.echo(text(found), nl=False)
        else:
            write_file(output, text(found))
            say(summary(found, settings.store))

    def work(store: Store) -> Awaitable[Audited]:
        return audited(store, asked, zone, names=names, tell=tell, anew=anew)

    found = asyncio.run(with_store(settings, work, make=False, patient=True))
    if fail_on is not _FailOn.NEVER and found.has(Severity(fail_on.upper())):
        raise typer.Exit(ExitCode.FAILED)
