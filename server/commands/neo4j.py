"""Commands for a real Neo4j on this machine, without Docker: for development, tests and CI."""

from pathlib import Path
from typing import Annotated, Any

import typer

from server.commands.outcome import CommandFailed, ExitCode, Format, add_command, echo_json, say, shown
from server.settings import load_settings

__all__ = ["add_neo4j"]

_HOME = Path("var/neo4j")

_Home = Annotated[Path, typer.Option(help="Folder of the server: its data, logs and settings.")]
_Format = Annotated[Format, typer.Option("--format", help="For people, or for a script.")]


def add_neo4j(app: typer.Typer) -> None:
    """Add these commands to the root."""
    group = typer.Typer(
        no_args_is_help=True,
        help="Run a Neo4j on this machine without Docker: for development, tests and CI.",
        epilog=shown("waypost neo4j start", "waypost neo4j status", "waypost neo4j stop"),
    )
    starts = ("WAYPOST_NEO4J_PASSWORD=... waypost neo4j start", "waypost neo4j start --home /tmp/neo4j --port 7688")
    add_command(group, "start", start, *starts)
    add_command(group, "stop", stop, "waypost neo4j stop", "waypost neo4j stop --home /tmp/neo4j")
    add_command(group, "status", status, "waypost neo4j status", "waypost neo4j status --format json")
    app.add_typer(group, name="neo4j")


def start(
    home: _Home = _HOME,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port for Bolt, on 127.0.0.1.")] = 7687,
    version: Annotated[
        str | None, typer.Option(help="Version of Neo4j.", show_default="the LTS that the tests run on")
    ] = None,
    for_tests: Annotated[
        bool,
        typer.Option(
            "--for-tests", help="Plan and compile less, though the graph grows: quick to test on, slow with real data."
        ),
    ] = False,
    format: _Format = Format.TABLE,  # noqa: A002 - the word of the option
) -> None:
    """Start a Neo4j that goes on when this command has ended, and wait until it is ready.

    Its password is WAYPOST_NEO4J_PASSWORD (8 characters or more); where that is not set, it runs without one. It needs
    Java and, the first time, Maven and the network.
    """
    from server.neo4j_server import LTS_VERSION
    from server.neo4j_server import start as run

    password = load_settings().neo4j_password
    server = run(
        home,
        version=version or LTS_VERSION,
        bolt_port=port,
        password=password.get_secret_value() if password else None,
        for_tests=for_tests,
        on_progress=say,
    )
    if server.bolt_port != port:
        message = f"a Neo4j of {home} runs already, at {server.uri}"
        raise CommandFailed(f"{message}: stop it first ('waypost neo4j stop'), or choose another folder with --home")
    # The password is not printed: whoever started it knows it, and output is kept in logs.
    found = {"uri": server.uri, "user": server.user, "auth": password is not None, **_facts(server)}
    if format is Format.JSON:
        echo_json(found)
        return
    typer.echo(f"Neo4j {server.version} at {server.uri}, home {server.home}")
    typer.echo(f"To use it: WAYPOST_STORE={server.uri} waypost serve")
    typer.echo(f"To stop it: waypost neo4j stop --home {home}")


def stop(home: _Home = _HOME, format: _Format = Format.TABLE) -> None:  # noqa: A002 - the word of the option
    """Stop the Neo4j of a folder; where none runs there, that is said and is no failure."""
    from server.neo4j_server import stop as run

    stopped = run(home)
    if format is Format.JSON:
        echo_json({"home": str(home), "stopped": stopped})
    else:
        typer.echo(f"the Neo4j in {home} has stopped" if stopped else f"no Neo4j runs in {home}")


def status(home: _Home = _HOME, format: _Format = Format.TABLE) -> None:  # noqa: A002 - the word of the option
    """Say whether a Neo4j runs in a folder; ends with 0 where one does and with 1 where none does."""
    from server.neo4j_server import status as ask

    server = ask(home)
    if format is Format.JSON:
        running = {"running": False, "home": str(home)} if server is None else {"running": True, "uri": server.uri}
        echo_json(running | (_facts(server) if server else {}))
    elif server is None:
        typer.echo(f"no Neo4j runs in {home}")
    else:
        typer.echo(f"Neo4j {server.version} at {server.uri}, process {server.pid}, home {server.home}")
    if server is None:
        raise typer.Exit(ExitCode.FAILED)


def _facts(server: Any) -> dict[str, Any]:
    return {"version": server.version, "home": str(server.home), "port": server.bolt_port, "pid": server.pid}
