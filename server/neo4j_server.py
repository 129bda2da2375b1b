"""A real Neo4j on this machine without Docker, for development, tests and CI.

A server is known by its home folder, which holds its data, its logs, its neo4j.conf (written anew at each start) and
``waypost-server.json``: the process and its settings, never the password. That record stays after a stop; whether a
server runs is asked of the process alone. The server listens on 127.0.0.1 only.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from catalog.errors import CatalogError
from catalog.stores.neo4j.probe import PasswordRefused, ready, set_first_password
from server.neo4j_jars import (
    HOST,
    SIZE,
    Neo4jServerError,
    child_environment,
    fetch_jars,
    file_lock,
    find_java,
    need_free,
    release_of,
    replace_file,
)

__all__ = ["CURRENT_VERSION", "LTS_VERSION", "LocalServer", "Neo4jServerError", "free_port", "start", "status", "stop"]

LTS_VERSION = "5.26.30"
CURRENT_VERSION = "2026.09.0"

_PROC = Path("/proc")
_RECORD = "waypost-server.json"
_LEAST_PASSWORD = 8  # Neo4j's own rule
_POLL_SECONDS = 0.1
_KILL_SECONDS = 10.0
_QUOTED_LINES = 8
_QUOTED_CHARACTERS = 300

# What says nothing about why a server died: frames of a stack, and what a healthy start says as well.
_NOISE = re.compile(r'\s+at |\s*\.\.\. \d+ more|WARNING: |Picked up |\d{4}-\S+ \S+ +(?:INFO|DEBUG) |\{.*"level":"INFO"')

_LOGS = ("console.log", "neo4j.log", "debug.log")

# Processes that this one started: only those leave a zombie that we have to take away.
_children: set[int] = set()


@dataclass(frozen=True, slots=True)
class LocalServer:
    """A Neo4j that runs on this machine. ``password`` is what start() was given; status() does not know it."""

    version: str
    home: Path
    bolt_port: int
    pid: int | None
    """The Java process; start() and status() always name one."""
    user: str = "neo4j"
    password: str | None = field(default=None, repr=False)

    @property
    def uri(self) -> str:
        """The address for a driver."""
        return f"bolt://{HOST}:{self.bolt_port}"


class _Record(msgspec.Struct, frozen=True):
    version: str
    bolt_port: int
    pid: int
    auth: bool
    heap: str
    page_cache: str

    def server(self, home: Path, password: str | None) -> LocalServer:
        return LocalServer(self.version, home, self.bolt_port, self.pid, password=password)


def start(
    home: Path,
    *,
    version: str = LTS_VERSION,
    bolt_port: int = 7687,
    password: str | None,
    ready_timeout_seconds: float = 90,
    heap: str = "1g",
    page_cache: str = "1g",
    for_tests: bool = False,
    on_progress: Callable[[str], None] | None = None,
) -> LocalServer:
    """Start a Neo4j that outlives this process, and return when it takes statements (5 to 12 seconds, longer at first).

    A server that already runs in ``home`` is returned as it is, whatever its version, port and sizes. ``password`` of
    None means no authentication; a home's first start with one (8 characters or more) sets it, later ones must give
    the same. ``bolt_port`` is 1 to 65535; ``heap`` and ``page_cache`` are a number with k, m or g. ``for_tests`` keeps
    plans whatever becomes of the graph, and compiles less. ``on_progress`` gets a line for each step. The jars are fetched outside
    ``ready_timeout_seconds``. Raises Neo4jServerError, and then no server that this call started is left.
    """
    release = release_of(version)
    _check(bolt_port, password, heap, page_cache)
    report: Callable[[str], None] = on_progress or (lambda _: None)
    # One spelling everywhere: a running server is recognised by the folder on its command line.
    home = home.expanduser().resolve()
    with _home_errors(home):
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        with file_lock(home / "waypost-server.lock", lambda: report(f"waiting for another start of {home}")):
            record = _running(home)
            if record is not None:
                return _joined(record.server(home, password), record, ready_timeout_seconds, report)
            need_free(bolt_port)
            java = find_java(version)
            lib = fetch_jars(version, java=java, on_progress=report)
            auth = password is not None
            (home / "conf").mkdir(exist_ok=True)
            (home / "logs").mkdir(exist_ok=True)
            conf = release.conf(bolt_port=bolt_port, page_cache=page_cache, auth=auth, for_tests=for_tests)
            replace_file(home / "conf" / "neo4j.conf", conf.encode())
            report(f"starting Neo4j {version} in {home}")
            began = time.monotonic()
            planned = _Record(version, bolt_port, 0, auth, heap, page_cache)
            command = release.command(java=java, lib=lib, home=home, heap=heap, for_tests=for_tests)
            record, old_logs = _launch(home, planned, command)
            server = record.server(home, password)
            try:
                _wait_ready(server, record.pid, ready_timeout_seconds, old_logs)
            except BaseException:
                _end(record.pid, home, _KILL_SECONDS)
                raise
            report(f"Neo4j {version} is ready at {server.uri} after {time.monotonic() - began:.1f} s")
            return server


def _joined(
    server: LocalServer, record: _Record, ready_timeout_seconds: float, report: Callable[[str], None]
) -> LocalServer:
    if server.password is not None and not record.auth:
        raise Neo4jServerError(f"the Neo4j in {server.home} runs without a password: stop it first, or ask for none")
    # Its own start may have been killed before the server was ready.
    _wait_ready(server, record.pid, ready_timeout_seconds, None)
    report(f"Neo4j {server.version} already runs at {server.uri}")
    return server


def stop(home: Path, *, timeout_seconds: float = 30) -> bool:
    """Stop the Neo4j of ``home`` and wait until its process is gone; False where none ran.

    It is asked to stop cleanly; after ``timeout_seconds`` it is killed, which loses nothing that was committed. Raises
    Neo4jServerError where it may not be stopped, or does not go even then.
    """
    home = home.expanduser().resolve()
    record = _running(home)
    if record is None:
        return False
    _end(record.pid, home, timeout_seconds)
    return True


def status(home: Path) -> LocalServer | None:
    """The Neo4j that runs in ``home``, ready or still starting; None where none does. Raises Neo4jServerError."""
    home = home.expanduser().resolve()
    record = _running(home)
    return record.server(home, None) if record else None


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nothing listens on now; another process may take it before it is used."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def _home_errors(home: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise Neo4jServerError(
            f"cannot use {home} as the home of a Neo4j ({error.strerror or error}): name a folder of yours with room"
        ) from error


def _check(bolt_port: int, password: str | None, heap: str, page_cache: str) -> None:
    if not 0 < bolt_port < 2**16:
        raise Neo4jServerError(f"{bolt_port} is no port: give a number from 1 to 65535")
    if password is not None and len(password) < _LEAST_PASSWORD:
        raise Neo4jServerError(
            f"Neo4j takes no password of fewer than {_LEAST_PASSWORD} characters: set a longer WAYPOST_NEO4J_PASSWORD"
        )
    for name, value in (("heap", heap), ("page cache", page_cache)):
        if not SIZE.fullmatch(value):
            raise Neo4jServerError(f"'{value}' is no size of the {name}: write a number with k, m or g, such as 512m")


def _launch(home: Path, record: _Record, command: list[str]) -> tuple[_Record, dict[str, int]]:
    """Start Java on its own. The record with its process, and how long the logs of earlier starts are."""
    old_logs = {name: path.stat().st_size for name in _LOGS if (path := home / "logs" / name).exists()}
    old_logs["console.log"] = 0
    with (home / "logs" / "console.log").open("wb") as console:
        process = subprocess.Popen(
            command,
            cwd=home,
            # The names of its files are UTF-8 whatever the language of this machine.
            env={**child_environment(), "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _children.add(process.pid)
    process.returncode = 0  # or Python warns of a process that is left running, which is the purpose here
    record = msgspec.structs.replace(record, pid=process.pid)
    try:
        replace_file(home / _RECORD, msgspec.json.format(msgspec.json.encode(record)))
    except BaseException:
        _end(process.pid, home, _KILL_SECONDS)
        raise
    return record, old_logs


def _wait_ready(server: LocalServer, pid: int, seconds: float, old_logs: dict[str, int] | None) -> None:
    """Wait until the server takes statements. ``old_logs`` is for one that this call started, else None."""
    until = time.monotonic() + seconds
    port_is_its_own = old_logs is None
    while True:
        try:
            # Before it says so, whoever answers at this port is another server, which took it first.
            port_is_its_own = port_is_its_own or "Bolt enabled" in _new_text(server.home, "neo4j.log", old_logs or {})
            if port_is_its_own and ready(server.uri, server.user, server.password):
                return
        except PasswordRefused:
            _first_password(server)
            continue
        ended = not _is_server(pid, server.home)
        if ended or time.monotonic() > until:
            trouble = "ended while it started" if ended else f"was not ready within {seconds:g} seconds"
            remedy = "correct what its logs name" if ended else "allow it more, or correct what its logs name"
            raise Neo4jServerError(
                f"Neo4j {server.version} {trouble}: {remedy}, and start it again. They are in {server.home / 'logs'};"
                f" the last lines:{_last_lines(server.home, old_logs or {})}"
            )
        time.sleep(_POLL_SECONDS)


def _first_password(server: LocalServer) -> None:
    """Give a new home its password. Raises Neo4jServerError where the home has another one already."""
    if server.password is None:
        raise Neo4jServerError(f"the Neo4j in {server.home} asks for a password: set WAYPOST_NEO4J_PASSWORD")
    try:
        set_first_password(server.uri, server.password)
    except PasswordRefused as error:
        raise Neo4jServerError(
            f"the Neo4j in {server.home} has another password: set WAYPOST_NEO4J_PASSWORD to the one of its first"
            " start, or begin with a new home"
        ) from error
    except CatalogError as error:
        raise Neo4jServerError(str(error)) from error


def _new_text(home: Path, log: str, old_logs: dict[str, int]) -> str:
    try:
        content = (home / "logs" / log).read_bytes()
    except OSError:
        return ""
    # A log that is shorter than it was has been rotated.
    old = old_logs.get(log, 0)
    return content[old if old <= len(content) else 0 :].decode(errors="replace")


def _last_lines(home: Path, old_logs: dict[str, int]) -> str:
    """What the logs of this start say of its end, without frames of stacks; a line each, indented."""
    texts = [_new_text(home, log, old_logs) for log in _LOGS]
    for noise in (_NOISE, re.compile(r"\s*$")):
        for text in texts:
            lines = [line.rstrip() for line in text.splitlines() if line.strip() and not noise.match(line)]
            if lines:
                return "".join(f"\n  {line[:_QUOTED_CHARACTERS]}" for line in lines[-_QUOTED_LINES:])
    return "\n  (none)"


def _running(home: Path) -> _Record | None:
    """The record of the server that runs in ``home``; None where none runs, whatever an old record says."""
    try:
        record = msgspec.json.decode((home / _RECORD).read_bytes(), type=_Record)
    except (FileNotFoundError, NotADirectoryError, msgspec.DecodeError):
        return None
    except OSError as error:
        raise Neo4jServerError(
            f"cannot read {home / _RECORD} ({error.strerror}): ask as the user who started it"
        ) from error
    return record if _is_server(record.pid, home) else None


def _is_server(pid: int, home: Path) -> bool:
    """Whether this process lives and is the Java of that home: numbers of processes are used again."""
    if pid in _children:
        # The number of a child is its own until it is taken away, and its command line is empty for a moment at first.
        with suppress(ChildProcessError):
            if os.waitpid(pid, os.WNOHANG)[0] == 0:
                return True
        _children.discard(pid)
    if _PROC.exists():
        try:
            # Empty for a process that has ended and that its parent has not taken away.
            words = (_PROC / f"{pid}/cmdline").read_bytes().decode(errors="replace").replace("\0", " ")
        except OSError:
            return False
    else:
        command = ["ps", "-ww", "-o", "command=", "-p", str(pid)]
        words = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return f" --home-dir={home} " in words


def _has_ended(pid: int, home: Path) -> bool:
    """Whether nothing of the process is left: it loses its command line first, and its port and files later."""
    if pid in _children or not _PROC.exists():
        return not _is_server(pid, home)
    with suppress(OSError):
        tasks = [(task / "stat").read_text() for task in (_PROC / f"{pid}/task").iterdir()]
        return all(task.rpartition(")")[2].split()[0] in "ZX" for task in tasks)
    return not (_PROC / str(pid)).exists()


def _end(pid: int, home: Path, timeout_seconds: float) -> None:
    for number, seconds in ((signal.SIGTERM, timeout_seconds), (signal.SIGKILL, _KILL_SECONDS)):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        except PermissionError as error:
            raise Neo4jServerError(
                f"the Neo4j in {home} (process {pid}) belongs to another user: stop it as that user"
            ) from error
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if _has_ended(pid, home):
                return
            time.sleep(_POLL_SECONDS)
    raise Neo4jServerError(f"the Neo4j in {home} (process {pid}) does not end: look at it with 'ps -p {pid}'")
