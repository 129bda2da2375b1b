"""The command that takes back what a source said."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from catalog.stores.port import Store
from server.commands.outcome import CommandFailed, Format, add_command, echo_json
from server.commands.progress import progress
from server.commands.ready import Ready, leave_ready
from server.commands.work import with_store
from server.settings import load_settings

if TYPE_CHECKING:
    from loaders.retraction_report import RetractionReport

__all__ = ["add_retraction"]

_Format = Annotated[Format, typer.Option("--format", help="For people, or for a script.")]


def add_retraction(app: typer.Typer) -> None:
    """Add the command to the root."""
    add_command(
        app,
        "retract",
        retract,
        "waypost retract urn:waypost:source:key:openlineage:airflow --dry-run",
        "waypost retract urn:waypost:source:key:openlineage:airflow",
    )


def retract(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE", help="URN of a source, as the report of its load names it.", show_default=False
        ),
    ],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing, and say what would go.")] = False,
    format: _Format = Format.TABLE,  # noqa: A002 - the word of the option
    audit: Ready = True,
) -> None:
    """Take back all that a source said, and account for each of its statements; the same again writes nothing.

    What only it said is retracted: its history stays. What others said as well stays, in their words; so does what only it
    described and others' assertions stand on, which is named. Load the source again, and all of it is back. Stopped half-way,
    run it again. Ends with 1 where the source goes on speaking meanwhile: take its token first.
    """
    settings = load_settings()

    async def work(store: Store) -> "list[RetractionReport]":
        from loaders.retraction import find_source, retract_source

        await store.check()
        # All are looked up before anything is written of one.
        found = [await find_source(store, urn) for urn in dict.fromkeys(sources)]
        with progress("taking back", None, "steps") as told:
            return [await retract_source(store, source, is_dry=dry_run, on_progress=told) for source in found]

    reports = asyncio.run(with_store(settings, work, make=False))
    if format is Format.JSON:
        echo_json([report.public() for report in reports])
    else:
        for report in reports:
            typer.echo(report.to_text())
    if audit and not dry_run:
        leave_ready(settings)
    unsettled = [report.source.urn for report in reports if not report.is_settled]
    if unsettled:
        remedy = "take its token from it, or end its loads, and run this again"
        raise CommandFailed(f"{', '.join(unsettled)} went on speaking, and not all is taken back: {remedy}")
