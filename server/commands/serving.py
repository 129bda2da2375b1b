"""Commands that serve, and the one that asks whether a server does."""

import asyncio
import socket
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable
from contextlib import closing, suppress
from http import HTTPStatus
from http.client import HTTPException
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from catalog.errors import StoreUnavailable
from catalog.stores.port import Store
from server.commands.outcome import CommandFailed, Format, add_command, echo_json, say
from server.commands.work import with_store
from server.settings import Settings, load_settings

__all__ = ["add_serving"]

_WAIT_SECONDS = 60.0
_RETRY_SECONDS = 1.0
_HEALTH_SECONDS = 4.0

_Port = Annotated[
    int | None,
    typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.", show_default="WAYPOST_PORT, or 8000"),
]


def add_serving(app: typer.Typer) -> None:
    """Add these commands to the root."""
    add_command(app, "demo", demo, "waypost demo", "waypost demo --port 8080", "waypost demo --no-serve")
    add_command(app, "serve", serve, "waypost serve", "WAYPOST_STORE=bolt://localhost:7687 waypost serve --port 8080")
    add_command(app, "health", health, "waypost health", "waypost health --port 8080 && echo ready")


def demo(
    port: _Port = None,
    serve: Annotated[bool, typer.Option(help="Serve it, after it was loaded.")] = True,
) -> None:
    """Load the packaged catalog and serve it on this machine.

    The catalog is kept in var/demo.db of the working folder, or in WAYPOST_STORE where that is set. Running it again
    is quick and changes nothing.
    """
    from server.demo import demo_settings, load_demo, welcome

    settings = demo_settings(port)

    async def prepare(store: Store) -> None:
        report = await load_demo(store)
        typer.echo(f"demo catalog in {settings.store}: {report.read} records, {report.written} written")

    if not serve:
        asyncio.run(with_store(settings, prepare))
        return
    with _listen(settings) as listening:
        _run(settings, listening, prepare, lambda: typer.echo(welcome(listening)))


def serve(
    host: Annotated[
        str | None, typer.Option(help="Address to listen on.", show_default="WAYPOST_HOST, or 127.0.0.1")
    ] = None,
    port: _Port = None,
    wait: Annotated[
        float, typer.Option(min=0, help="Longest to wait for a database that does not answer yet, in seconds.")
    ] = _WAIT_SECONDS,
) -> None:
    """Serve the catalog: GraphQL and GraphiQL at /graphql, health at /health/live and /health/ready.

    The settings are environment variables or a .env file; .env.example lists them. The database is brought to the schema
    of this version first.
    """
    given = {"host": host, "port": port}
    settings = load_settings(**{name: value for name, value in given.items() if value is not None})

    async def prepare(store: Store) -> None:
        # A file is there or not; a database may be starting beside this server.
        for step in await _patiently(store.migrate, 0 if settings.sqlite_path else wait):
            typer.echo(f"migrated: {step}")

    with _listen(settings) as listening:
        from server.serving import address_of

        _run(
            settings,
            listening,
            prepare,
            lambda: typer.echo(f"serving {settings.store} at {address_of(listening)}/graphql"),
        )


def health(
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port to ask.", show_default="WAYPOST_PORT, or 8000")
    ] = None,
    format: Annotated[Format, typer.Option("--format", help="For people, or for a script.")] = Format.TABLE,  # noqa: A002 - the word of the option
) -> None:
    """Ask a server on this machine whether it is ready; ends with 0 where it is and with 1 where it is not."""
    settings = load_settings()
    # A server that listens on every address answers on this machine's own.
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::", "localhost") else settings.host.strip("[]")  # noqa: S104
    url = f"http://{f'[{host}]' if ':' in host else host}:{settings.port if port is None else port}/health/ready"
    wrong = _what_is_wrong(url)
    if format is Format.JSON:
        echo_json({"url": url, "ready": wrong is None, "reason": wrong})
    elif wrong is None:
        typer.echo(f"{url}: ready")
    if wrong is not None:
        raise CommandFailed(f"{url} {wrong}")


def _what_is_wrong(url: str) -> str | None:
    """Why the server that answers there, if any, is not ready."""
    # A proxy of the environment does not lead to this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=_HEALTH_SECONDS):
            return None
    except urllib.error.HTTPError as error:
        with error:
            if error.code == HTTPStatus.SERVICE_UNAVAILABLE:
                return "is not ready: its log says why"
            return f"answered {error.code}: another program than Waypost listens there"
    except (OSError, ValueError, HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        return f"does not answer ({reason}): start it with 'waypost serve'"


def _listen(settings: Settings) -> "closing[socket.socket]":
    from server.serving import listen

    return closing(listen(settings.host, settings.port))


def _run(
    settings: Settings, listening: socket.socket, prepare: Callable[[Store], Awaitable[None]], ready: Callable[[], None]
) -> None:
    """Prepare a store and serve it until a signal; Ctrl-C is the way to end it, and no failure."""
    from graphql_schema import Audits
    from server.app import create_app
    from server.at_start import judging_today
    from server.logging import configure_logging
    from server.reading import read_beside
    from server.serving import serve

    configure_logging(settings.log_format, level="WARNING" if settings.log_format == "text" else "INFO")

    async def work(store: Store) -> None:
        await prepare(store)
        audits = Audits(store, ZoneInfo(settings.zone))
        async with read_beside() as read, judging_today(settings, audits):
            app = create_app(settings, store, read=read, audits=audits)
            ready()
            await serve(app, listening)

    # Raised before the server took over the signal; of what was being loaded nothing is half done.
    with suppress(KeyboardInterrupt):
        asyncio.run(with_store(settings, work))
    say("stopped")


async def _patiently(act: Callable[[], Awaitable[list[str]]], seconds: float) -> list[str]:
    """Do it, again and again while the database is not there yet."""
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    told = False
    while True:
        try:
            return await act()
        except StoreUnavailable as error:
            if loop.time() + _RETRY_SECONDS > until:
                raise
            if not told:
                say(f"waiting up to {seconds:g} s: {error}")
                told = True
            await asyncio.sleep(_RETRY_SECONDS)
