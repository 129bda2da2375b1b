"""The command that prints what is declared: the model, the file format, the GraphQL schema."""

from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from server.commands.outcome import CommandFailed, ExitCode, add_command, write_file

__all__ = ["add_describe"]


def add_describe(app: typer.Typer) -> None:
    """Add the command to the root."""
    lines = ("waypost schema --sdl", "waypost schema --model --output docs/model.md", "waypost schema --json-schema")
    lines += ("waypost schema --plan-schema --output plan.schema.json",)
    add_command(app, "schema", schema, *lines)


def schema(
    model: Annotated[bool, typer.Option("--model", help="The data dictionary, in Markdown.")] = False,
    json_schema: Annotated[bool, typer.Option("--json-schema", help="The JSON Schema of our own file format.")] = False,
    plan_schema: Annotated[bool, typer.Option("--plan-schema", help="The JSON Schema of a plan file.")] = False,
    sdl: Annotated[bool, typer.Option("--sdl", help="The GraphQL schema.")] = False,
    output: Annotated[Path | None, typer.Option(help="File to write instead of printing.")] = None,
) -> None:
    """Print what is declared: one of the data dictionary, the schemas of the file formats, the GraphQL schema."""
    if (model, json_schema, plan_schema, sdl).count(True) != 1:
        raise CommandFailed("choose one of --model, --json-schema, --plan-schema and --sdl", ExitCode.USAGE)
    text = _text(model=model, json_schema=json_schema, plan_schema=plan_schema)
    if output is None:
        typer.echo(text, nl=False)
        return
    write_file(output, text)


def _text(*, model: bool, json_schema: bool, plan_schema: bool) -> str:
    if model:
        from catalog.model.document import data_dictionary

        return data_dictionary()
    if json_schema:
        from catalog.model.document import file_schema

        return _json(file_schema())
    if plan_schema:
        from loaders.plan.schema import plan_schema as schema_of_a_plan

        return _json(schema_of_a_plan())
    from graphql_schema import export_sdl

    return export_sdl()


def _json(schema: dict[str, Any]) -> str:
    return msgspec.json.format(msgspec.json.encode(schema), indent=2).decode() + "\n"
