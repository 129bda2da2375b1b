"""Commands on the catalog itself: load, migrate, verify."""

import asyncio
import sys
import time
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from catalog.findings import Finding, Severity
from catalog.stores.port import Store
from server.commands.outcome import CommandFailed, ExitCode, Format, add_command, echo_json, say
from server.commands.work import with_store
from server.settings import load_settings

if TYPE_CHECKING:
    from loaders.record import Loader
    from loaders.report import LoadReport

__all__ = ["add_catalog"]

_LINES = 100
"""Findings that are printed for people; --format json has all."""
_SECONDS_BETWEEN_LINES = 5.0


class SourceKind(StrEnum):
    """What can be loaded."""

    WAYPOST = "waypost"
    DCAT_US = "dcat-us"


_Format = Annotated[Format, typer.Option("--format", help="For people, or for a script.")]


def add_catalog(app: typer.Typer) -> None:
    """Add these commands to the root."""
    add_command(
        app,
        "load",
        load,
        "waypost load waypost agreements.yaml",
        "waypost load dcat-us https://healthdata.gov/data.json --as-of 2019-11-01",
        "waypost load dcat-us data.json --format json > report.json",
    )
    add_command(app, "migrate", migrate, "waypost migrate", "WAYPOST_STORE=bolt://localhost:7687 waypost migrate")
    add_command(app, "verify", verify, "waypost verify", "waypost verify --format json > findings.json")


def load(
    kind: Annotated[SourceKind, typer.Argument(help="What the source is.", show_choices=True)],
    location: Annotated[str, typer.Argument(metavar="PATH-OR-URL", help="Where it is.", show_default=False)],
    *,
    as_of: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Day that the source speaks of.", show_default="as it says, or today"),
    ] = None,
    format: _Format = Format.TABLE,  # noqa: A002 - the word of the option
    strict: Annotated[bool, typer.Option("--strict", help="End with 1 where any record was kept out.")] = False,
    accept_shrink: Annotated[
        bool, typer.Option("--accept-shrink", help="Believe a catalog of which more has left than is likely.")
    ] = False,
) -> None:
    """Load a source, and account for each of its records; the same again writes nothing.

    A record that breaks a rule is kept out and named, and the others are loaded. What a catalog lists no more is closed; one
    that shrinks by more than a fifth, or lists other identifiers, is refused. A catalog older than one that is loaded
    changes nothing. Ends with 4 where the source is refused
    as a whole or nothing of it could be taken.
    """
    settings = load_settings()
    source = _loader(kind, location, as_of.date() if as_of else None)

    async def work(store: Store) -> "LoadReport":
        from loaders.pipeline import load as run

        await store.migrate()
        with _progress("loading", source.expected, "records") as told:
            return await run(source, store, accept_shrink=accept_shrink, on_progress=told)

    report = asyncio.run(with_store(settings, work))
    typer.echo(report.to_json() if format is Format.JSON else report.to_text())
    if report.read and len(report.quarantined) == report.read:
        raise CommandFailed(f"no record of {location} could be taken: mend what is said of each", ExitCode.BAD_INPUT)
    if strict and report.quarantined:
        raise CommandFailed(f"kept out: {len(report.quarantined)} of {report.read} records")


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
    with _progress("reading", None, "changes") as told:
        changes = await read_feed(store, told)
    counts = await count_kinds(store, TABLES, today)
    revision = await store.revision()
    found = [*verify(changes, TABLES, revision=revision, counts=counts), *await check_rules(store, today)]
    if revision != before:
        message = "the graph was written to meanwhile, and what is said of it may be of the moment: run this again"
        found.append(Finding("GRAPH_CHANGED", Severity.NOTE, "", message))
    return revision, found


def _loader(kind: SourceKind, location: str, as_of: date | None) -> "Loader":
    match kind:
        case SourceKind.WAYPOST:
            from loaders.waypost_file.loader import WaypostFileLoader

            return WaypostFileLoader(location, as_of=as_of)
        case SourceKind.DCAT_US:
            from loaders.dcat_us.loader import DcatUsLoader

            return DcatUsLoader(location, as_of=as_of)


@contextmanager
def _progress(what: str, expected: int | None, units: str) -> Generator[Callable[[int], None]]:
    """Who is told how many were read: a bar where somebody watches, else a line now and then."""
    if not sys.stderr.isatty():
        yield _lines(expected, units)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns: list[Any] = [TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()]
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=expected)
        yield lambda read: bar.update(task, completed=read)


def _lines(expected: int | None, units: str) -> Callable[[int], None]:
    last = time.monotonic()

    def told(read: int) -> None:
        nonlocal last
        if time.monotonic() - last >= _SECONDS_BETWEEN_LINES:
            last = time.monotonic()
            say(f"{read} of {expected} {units} read" if expected else f"{read} {units} read")

    return told
