"""The demo: the packaged catalog, loaded and served, and where to look at it."""

import socket
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import as_file, files

from catalog.access import STAFF_READER
from catalog.selection import MAX_PAGE, Select, Selection
from catalog.stores.port import Store
from loaders.demo import FILES, DemoFile
from loaders.pipeline import load
from loaders.record import Loader
from server.commands.outcome import CommandFailed, ExitCode
from server.commands.sources import Options, SourceKind, loader_of
from server.queries import demo_queries
from server.serving import address_of
from server.settings import Settings, load_settings

__all__ = ["DEMO_STORE", "DemoLoad", "demo_settings", "load_demo", "open_demo", "welcome"]

DEMO_STORE = "sqlite:var/demo.db"
"""Where the demo keeps its catalog unless WAYPOST_STORE says otherwise: apart from one that is in earnest."""

_SOURCE = "urn:waypost:source:key:waypost:demo"
"""The packaged sources are this one, and those below it."""


@dataclass(frozen=True, slots=True)
class DemoLoad:
    """What loading the packaged catalog did, over all its files."""

    read: int
    written: int


def demo_settings(port: int | None) -> Settings:
    """The settings of a demo: those of this environment, with a store of its own where none is named."""
    given = {} if port is None else {"port": port}
    settings = load_settings(**given)
    return settings if "store" in settings.model_fields_set else load_settings(store=DEMO_STORE, **given)


async def load_demo(store: Store) -> DemoLoad:
    """Bring a store to this version and load the packaged catalog into it; again, that changes nothing.

    Raises CommandFailed on a store that holds a catalog in earnest.
    """
    await store.migrate()
    await _refuse_others(store)
    read = written = 0
    for file in FILES:
        report = await load(open_demo(file), store)
        read, written = read + report.read, written + report.written
    return DemoLoad(read, written)


def open_demo(file: DemoFile) -> Loader:
    """The loader of a packaged file, which it has read."""
    folder = files("loaders.demo")
    with ExitStack() as unpacked:
        path = unpacked.enter_context(as_file(folder / file.name))
        mapping = unpacked.enter_context(as_file(folder / file.mapping)) if file.mapping else None
        return loader_of(SourceKind(file.kind), str(path), Options(mapping=str(mapping) if mapping else None))


async def _refuse_others(store: Store) -> None:
    sources = Select("Source", ("title",), first=MAX_PAGE, ever=True)
    page = await store.select(Selection(sources, STAFF_READER, datetime.now(UTC).date()))
    for row in page.rows:
        if row["urn"] != _SOURCE and not row["urn"].startswith(f"{_SOURCE}:"):
            message = f"this store holds '{row['title']}', and the demo's persons and papers are invented"
            raise CommandFailed(f"{message}: unset WAYPOST_STORE, or name an empty store", ExitCode.USAGE)


def welcome(listening: socket.socket) -> str:
    """What to ask the server, and where it is: last, since that is what a terminal shows."""
    lines = ["", "Worth trying:"]
    for number, query in enumerate(demo_queries(), 1):
        lines += ["", f"{number}. {query.title}", "", *(f"    {line}" for line in query.text.strip().splitlines()[1:])]
    return "\n".join([*lines, "", f"GraphiQL, with these in it: {address_of(listening)}/graphql", "Ctrl-C stops it."])
