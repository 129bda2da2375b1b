"""A real Neo4j comes up without Docker, keeps its password, and trouble is told in one clear sentence."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from catalog.stores.neo4j.probe import PasswordRefused, ready
from server import neo4j_jars
from server.neo4j_jars import fetch_jars, find_java
from server.neo4j_server import (
    CURRENT_VERSION,
    LTS_VERSION,
    LocalServer,
    Neo4jServerError,
    free_port,
    start,
    status,
    stop,
)
from tests.support.patience import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
RECORD = "waypost-server.json"
PASSWORD = "a long password of a test"

# They start servers of their own, one test after the other; the first of them may fetch the jars.
real = [pytest.mark.neo4j, pytest.mark.xdist_group("servers")]


def starts(test: Callable[..., None]) -> Callable[..., None]:
    """Mark a test that starts a server."""
    for mark in real:
        test = mark(test)
    return test


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    # A blank and a letter beyond ASCII, as in the homes of real users.
    folder = tmp_path / "wegweiser für alle"
    yield folder
    stop(folder)


def small(home: Path, **options: object) -> LocalServer:
    given: dict[str, Any] = {"bolt_port": free_port(), "password": None, "heap": "512m", "page_cache": "64m"}
    given |= {"ready_timeout_seconds": PATIENCE, **options}
    return start(home, **given)


def script(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)


@pytest.fixture
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without Java, Maven and jars; what is put into the folder is on the PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(neo4j_jars, "JVM_FOLDER", tmp_path / "jvm")
    return folder


def says_java(path: Path, version: str) -> Path:
    script(path, f"""echo 'openjdk version "{version}" 2025-04-15' >&2""")
    return path


# A Maven that makes one file of what it is asked for, and counts how often it ran.
MAVEN = """
for word; do case $word in -DoutputDirectory=*) lib=${word#*=};; esac; done
echo run >> "$COUNT"
/bin/mkdir -p "$lib"
: > "$lib/neo4j-server-5.26.30.jar"
"""


@starts
def test_a_server_starts_once_answers_and_stops(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYPOST_NEO4J_PASSWORD", "for nobody but us")
    steps: list[str] = []
    assert status(home) is None
    port = free_port()

    def asked(_: int) -> LocalServer:
        return small(home, bolt_port=port, for_tests=True, on_progress=steps.append)

    with ThreadPoolExecutor(2) as threads:
        first, second = threads.map(asked, range(2))
    assert first == second
    assert first.uri == f"bolt://127.0.0.1:{port}"
    assert (first.version, first.user, first.home) == (LTS_VERSION, "neo4j", home)
    assert ready(first.uri, first.user, None)
    assert status(home) == first
    assert small(home).pid == first.pid
    assert any("is ready" in step for step in steps)
    assert any("already runs" in step for step in steps)
    with pytest.raises(Neo4jServerError, match="runs without a password: stop it first"):
        small(home, password=PASSWORD)

    assert "dbms.cypher.min_replan_interval=1h\n" in (home / "conf" / "neo4j.conf").read_text()
    record = home / RECORD
    assert stat.S_IMODE(record.stat().st_mode) == 0o600
    assert json.loads(record.read_bytes())["pid"] == first.pid
    if Path("/proc/self").exists():
        assert b"WAYPOST_" not in Path(f"/proc/{first.pid}/environ").read_bytes()

    assert stop(home)
    assert status(home) is None
    assert not ready(first.uri, first.user, None)
    assert not stop(home)


@starts
def test_a_password_is_set_once_and_kept(home: Path) -> None:
    server = small(home, password=PASSWORD)
    assert server.password == PASSWORD
    assert PASSWORD not in repr(server)
    assert ready(server.uri, "neo4j", PASSWORD)
    for wrong in ("not the password", "neo4j", None):
        with pytest.raises(PasswordRefused, match="WAYPOST_NEO4J_PASSWORD"):
            ready(server.uri, "neo4j", wrong)
    assert small(home, password=PASSWORD).pid == server.pid
    with pytest.raises(Neo4jServerError, match="asks for a password"):
        small(home)
    assert stop(home)

    with pytest.raises(Neo4jServerError, match="has another password"):
        small(home, password="not the password")
    assert status(home) is None, "a start that failed leaves nothing running"

    again = small(home, password=PASSWORD)
    assert again.pid != server.pid
    assert ready(again.uri, "neo4j", PASSWORD)
    stop(home)
    written = [path for path in home.rglob("*") if path.is_file() and PASSWORD.encode() in path.read_bytes()]
    assert written == []


@pytest.mark.long
@starts
def test_a_server_outlives_its_starter_and_a_kill(home: Path) -> None:
    port = free_port()
    starter = (
        "import sys; from pathlib import Path; from server.neo4j_server import start\n"
        "print(start(Path(sys.argv[1]), bolt_port=int(sys.argv[2]), password=None, heap='512m', page_cache='64m').pid)"
    )
    # Warnings as errors: a process left running must not be reported as forgotten.
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", starter, str(home), str(port)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    server = status(home)
    assert server is not None
    assert server.pid == int(done.stdout)
    assert ready(server.uri, "neo4j", None)

    # The same port, whose old connections may linger, as soon as the server is gone.
    assert stop(home)
    again = small(home, bolt_port=port)
    assert ready(again.uri, "neo4j", None)

    assert again.pid is not None
    os.kill(again.pid, signal.SIGKILL)
    until = time.monotonic() + PATIENCE
    while status(home) is not None:
        assert time.monotonic() < until
        time.sleep(0.05)
    assert ready(small(home, bolt_port=port).uri, "neo4j", None)


@starts
@pytest.mark.java21
def test_the_current_release_starts_as_well(home: Path) -> None:
    server = small(home, version=CURRENT_VERSION, password=PASSWORD)
    assert server.version == CURRENT_VERSION
    assert ready(server.uri, "neo4j", PASSWORD)
    # It announces itself to the local network unless told otherwise.
    assert "broadcast" not in (home / "logs" / "neo4j.log").read_text()


@starts
def test_a_java_that_dies_is_quoted(home: Path) -> None:
    (home / "data").mkdir(parents=True)
    (home / "data" / "databases").write_text("no folder")
    with pytest.raises(Neo4jServerError, match="ended while it started") as caught:
        small(home)
    message = str(caught.value)
    assert "data/databases" in message
    assert str(home / "logs") in message
    assert "\tat " not in message
    assert status(home) is None


@starts
def test_a_server_that_takes_too_long_is_stopped(home: Path) -> None:
    with pytest.raises(Neo4jServerError, match=r"not ready within 0\.5 seconds"):
        small(home, ready_timeout_seconds=0.5)
    assert status(home) is None


def test_a_port_in_use_is_told_before_anything_starts(home: Path, bare_machine: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(Neo4jServerError, match=f"port {port} of 127.0.0.1 is in use: .* choose another port"):
            start(home, bolt_port=port, password=None)
    assert not (home / "logs").exists()


@pytest.mark.parametrize(
    ("version", "remedy"),
    [
        (LTS_VERSION, "needs Java 17 or 21, .* apt-get install openjdk-17-jre-headless maven"),
        (CURRENT_VERSION, "needs Java 21 or newer, .* apt-get install openjdk-21-jre-headless maven"),
    ],
)
def test_a_machine_without_java(home: Path, bare_machine: Path, version: str, remedy: str) -> None:
    with pytest.raises(Neo4jServerError, match=remedy):
        start(home, version=version, bolt_port=free_port(), password=None)
    says_java(bare_machine / "java", "1.8.0_402")
    with pytest.raises(Neo4jServerError, match=r"this machine has Java 8 \("):
        start(home, version=version, bolt_port=free_port(), password=None)


def test_a_machine_without_maven(home: Path, bare_machine: Path) -> None:
    says_java(bare_machine / "java", "17.0.15")
    with pytest.raises(Neo4jServerError, match=r"no 'mvn': install it .* openjdk-17-jre-headless maven"):
        start(home, bolt_port=free_port(), password=None)


def test_the_java_that_suits_is_found(bare_machine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "gone"))
    on_path = says_java(bare_machine / "java", "17.0.15")
    newer = says_java(tmp_path / "jvm" / "temurin-25" / "bin" / "java", "25")
    says_java(tmp_path / "jvm" / "a-java-20" / "bin" / "java", "20.0.2")
    assert find_java("5.26.30") == on_path
    assert find_java("2026.09.0") == newer
    named = says_java(tmp_path / "named" / "bin" / "java", "21.0.3")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "named"))
    assert find_java("5.26.30") == find_java("2026.09.0") == named


def test_jars_are_fetched_whole_and_once(bare_machine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    count = tmp_path / "count"
    monkeypatch.setenv("COUNT", str(count))
    java = says_java(bare_machine / "java", "17.0.15")
    maven = bare_machine / "mvn"
    cache = tmp_path / "cache" / "waypost" / "neo4j"

    def fetch(_: int = 0) -> Path:
        return fetch_jars("5.26.30", java=java, on_progress=lambda _: None)

    script(maven, MAVEN + "echo '[ERROR] Could not transfer artifact: no route to host'; exit 1")
    with pytest.raises(Neo4jServerError, match=r"check the network.*It said: Could not transfer artifact"):
        fetch()
    script(maven, "exit 0")  # a Maven that does nothing
    with pytest.raises(Neo4jServerError, match="no reason given"):
        fetch()
    assert not (cache / "5.26.30" / "lib").exists()

    remnant = cache / ".5.26.30-killed"
    remnant.mkdir()
    count.unlink()
    script(maven, MAVEN + "/bin/sleep 0.3")
    with ThreadPoolExecutor(3) as threads:
        folders = set(threads.map(fetch, range(3)))
    assert folders == {cache / "5.26.30" / "lib"}
    assert count.read_text() == "run\n"
    assert not remnant.exists()
    assert sorted(path.name for path in cache.iterdir()) == [".lock", "5.26.30"]


def test_a_record_of_another_process_is_not_believed(home: Path) -> None:
    home.mkdir()
    fields = {"version": LTS_VERSION, "bolt_port": 7687, "auth": False, "heap": "1g", "page_cache": "1g"}
    for text in (json.dumps({**fields, "pid": os.getpid()}), json.dumps({"pid": "x"}), "", "{"):
        (home / RECORD).write_text(text)
        assert status(home) is None
        assert not stop(home)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"version": "4.4.1"}, "'4.4.1' is no version of Neo4j that Waypost can start: give 5.26.x"),
        ({"version": "../5.26.30"}, "is no version"),
        ({"password": "short"}, "no password of fewer than 8 characters"),
        ({"bolt_port": 0}, "0 is no port: give a number from 1 to 65535"),
        ({"heap": "lots"}, "'lots' is no size of the heap"),
        ({"page_cache": "1m\nserver.http.enabled=true"}, "is no size of the page cache"),
    ],
)
def test_settings_that_cannot_be(home: Path, options: dict[str, object], sentence: str) -> None:
    with pytest.raises(Neo4jServerError, match=sentence):
        small(home, **options)
    assert not home.exists()


def test_a_home_that_cannot_be(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(Neo4jServerError, match=r"cannot use .* as the home of a Neo4j .*: name a folder"):
        small(file / "home")
    assert status(file / "home") is None
