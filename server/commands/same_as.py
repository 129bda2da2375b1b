"""The command that finds one dataset under several names."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from catalog.stores.port import Store
from server.commands.outcome import Format, add_command, echo_json
from server.commands.work import with_store
from server.settings import load_settings

if TYPE_CHECKING:
    from loaders.same_as import SameAsReport

__all__ = ["add_same_as"]

_Format = Annotated[Format, typer.Option("--format", help="For people, or for a script.")]


def add_same_as(app: typer.Typer) -> None:
    """Add the command to the root."""
    add_command(app, "same-as", same_as, "waypost same-as --dry-run", "waypost same-as")


def same_as(
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing, and say what would be.")] = False,
    format: _Format = Format.TABLE,  # noqa: A002 - the word of the option
) -> None:
    """State by rules which entries are one dataset under several names; the same again writes nothing.

    socrata-id states that entries of several catalogs are the same asset of one Socrata portal; landing-page proposes
    those that one page presents. Each speaks as a source of its own, with its name as the rule and why as the evidence.
    Where anybody states of two that their status is DENIED, no rule says anything of them. docs/same-as.md has more.
    """
    settings = load_settings()

    async def work(store: Store) -> "list[SameAsReport]":
        from loaders.same_as import join_names

        await store.check()
        return await join_names(store, is_dry=dry_run)

    reports = asyncio.run(with_store(settings, work, make=False))
    if format is Format.JSON:
        echo_json(reports)
        return
    for each in reports:
        said = f"{each.found} found = {each.stated} stated + {each.denied} denied"
        typer.echo(f"{each.rule}: {said}; {each.ended} ended, {each.ambiguous} ambiguous keys")
