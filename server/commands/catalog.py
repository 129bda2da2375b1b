"""Commands on the catalog itself: migrate, verify."""

import asyncio
from collections import Counter
from datetime import UTC, date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from catalog.findings import Finding, Severity
from catalog.stores.port import Store
from server.commands.outcome import ExitCode, Format, add_command, echo_json, telling
from server.commands.progress import progress
from server.commands.work import with_store
from server.settings import load_settings

__all__ = ["add_catalog"]

_LINES = 100
"""Findings that are printed for people; --format json has all."""


_Format = Annotated[Format, typer.Option("--format", help="For people, or for a script.")]


def add_catalog(app: typer.Typer) -> None:
    """Add these commands to the root."""
    add_command(app, "migrate", migrate, "waypost migrate", "WAYPOST_STORE=bolt://localhost:7687 waypost migrate")
    add_command(app, "verify", verify, "waypost verify", "waypost verify --format json > findings.json")


def migrate(format: _Format = Format.TABLE) -> None:  # noqa: A002 - the word of the option
    """Bring the database to the schema of this version; the same again does nothing."""
    settings = load_settings()

    async def work(store: Store) -> list[str]:
        return await store.migrate()

    steps = asyncio.run(with_store(settings, work))
    if format is Format.JSON:
        echo_json({"store": settings.store, "steps": steps})
        return
    for step in steps:
        typer.echo(f"migrated: {step}")
    if not steps:
        typer.echo(f"{settings.store}: nothing to do")


def verify(
    format: _Format = Format.TABLE,  # noqa: A002 - the word of the option
    strict: Annotated[bool, typer.Option("--strict", help="End with 1 where there are warnings as well.")] = False,
) -> None:
    """Check that the graph is whole and that the rules which must hold do; ends with 1 where there is an error.

    Reads everything that the store keeps, history included, and changes nothing. Findings are of the moment: load nothing
    meanwhile.
    """
    settings = load_settings()
    today = datetime.now(UTC).astimezone(ZoneInfo(settings.zone)).date()

    async def work(store: Store) -> tuple[int, list[Finding]]:
        return await _findings(store, today)

    revision, findings = asyncio.run(with_store(settings, work, make=False))
    counts = {severity.value: 0 for severity in Severity} | Counter(f.severity.value for f in findings)
    with telling():
        if format is Format.JSON:
            echo_json({"revision": revision, "counts": counts, "findings": findings})
        else:
            for finding in findings[:_LINES]:
                typer.echo(f"{finding.severity} {finding.code} {finding.urn or '-'}: {finding.message}")
            if len(findings) > _LINES:
                typer.echo(f"... and {len(findings) - _LINES} more: --format json lists them all")
            words = ", ".join(f"{number} {severity}" for severity, number in counts.items())
            typer.echo(f"{settings.store} at revision {revision}: {words}")
    if counts[Severity.ERROR] or (strict and counts[Severity.WARNING]):
        raise typer.Exit(ExitCode.FAILED)


async def _findings(store: Store, today: date) -> tuple[int, list[Finding]]:
    from catalog.rules import check_rules
    from catalog.verify import count_kinds, read_feed, verify
    from server.stores import TABLES

    await store.check()
    before = await store.revision()
    with progress("reading", None, "changes") as told:
        changes = await read_feed(store, told)
    counts = await count_kinds(store, TABLES, today)
    revision = await store.revision()
    found = [*verify(changes, TABLES, revision=revision, counts=counts), *await check_rules(store, today)]
    if revision != before:
        message = "the graph was written to meanwhile, and what is said of it may be of the moment: run this again"
        found.append(Finding("GRAPH_CHANGED", Severity.NOTE, "", message))
    return revision, found
