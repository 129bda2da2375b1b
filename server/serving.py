"""Running the application: a listening socket, a server on it, and a clean end."""

import asyncio
import errno
import gc
import signal
import socket
from collections.abc import Generator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from server.commands.outcome import CommandFailed
from server.memory import give_back

__all__ = ["address_of", "listen", "serve"]

_GRACE_SECONDS = 10
YOUNG_OBJECTS = 50_000
"""Objects made since the collector looked last, before it looks again: some milliseconds of its time."""


def listen(host: str, port: int) -> socket.socket:
    """A socket that holds an address from now on, so that nothing is begun for a server that could not listen."""
    try:
        family, kind, proto, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise CommandFailed(
            f"'{host}' is no address of this machine: set WAYPOST_HOST to one, such as 127.0.0.1"
        ) from error
    made = socket.socket(family, kind, proto)
    try:
        # Connections of a server that just stopped do not count.
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        # From here on a second server fails to bind, and a client waits instead of being refused.
        made.listen(128)
    except OSError as error:
        made.close()
        raise CommandFailed(_cannot_listen(host, port, error)) from error
    return made


def address_of(listening: socket.socket) -> str:
    """The address of a listening socket, as a browser takes it."""
    host, port = listening.getsockname()[:2]
    if host in ("0.0.0.0", "::"):  # noqa: S104 - asked about, not listened on
        host = "127.0.0.1"
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


async def serve(app: FastAPI, listening: socket.socket) -> None:
    """Serve until SIGINT or SIGTERM; requests under way get ten seconds to end. A second signal ends at once."""
    give_back()
    # What is there by now stays to the end. The collector would walk it again and again, a tenth of a second each time
    # in which nobody is answered.
    gc.collect()
    gc.freeze()
    # Of what a request makes little is garbage in cycles: looked for as often as usual, it takes a fifth of the processor.
    gc.set_threshold(YOUNG_OBJECTS, 20, 50)
    config = uvicorn.Config(
        # The application has nothing to do at its start or end; the store is its caller's.
        app,
        lifespan="off",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    await _Server(config).serve(sockets=[listening])


class _Server(uvicorn.Server):
    """uvicorn's, save that a signal which was obeyed is not raised again after the end: that is no failure."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        loop = asyncio.get_running_loop()
        signals = (signal.SIGINT, signal.SIGTERM)
        for each in signals:
            loop.add_signal_handler(each, self.handle_exit, each, None)
        try:
            yield
        finally:
            for each in signals:
                loop.remove_signal_handler(each)


def _cannot_listen(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} of {host} is in use: stop what listens there, or choose another with --port"
    if error.errno == errno.EACCES:
        return f"port {port} is not for this user: choose one above 1023 with --port"
    return f"cannot listen on {host} port {port} ({error.strerror}): set WAYPOST_HOST to an address of this machine"
