"""What a Neo4j needs before it can run: flags and settings, a Java that suits, its jars (by Maven), a free port."""

from __future__ import annotations

import errno
import fcntl
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Container, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

__all__ = [
    "HOST",
    "SIZE",
    "Neo4jServerError",
    "Release",
    "child_environment",
    "fetch_jars",
    "file_lock",
    "find_java",
    "need_free",
    "release_of",
    "replace_file",
]

HOST = "127.0.0.1"
"""The only address that a local server listens on."""

SIZE = re.compile(r"([1-9]\d{0,5})([kmg])", re.IGNORECASE)
"""A size of memory, as both Java and Neo4j write it."""

JVM_FOLDER = Path("/usr/lib/jvm")
"""Where Debian and others install Javas that need not be on the PATH."""

_DOWNLOAD_SECONDS = 900  # 155 MB at 200 KB/s, and to spare
_JAVA_VERSION_SECONDS = 30
_PORT_SECONDS = 1.0  # a server that was killed closes its port a moment after it is gone
_JAVA_VERSION = re.compile(r'version "(?:1\.)?(\d+)')
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")

_JVM_FLAGS = (
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
    "-Dio.netty.tryReflectionSetAccessible=true",
    "-Dfile.encoding=UTF-8",
)

_JVM_FLAGS_FOR_TESTS = (
    # Of a server that lives for minutes a third of the time would go into code compiled better than it is worth: only what
    # runs ten times as often as usual is compiled a second time.
    "-XX:Tier4InvocationThreshold=50000",
    "-XX:Tier4MinInvocationThreshold=6000",
    "-XX:Tier4CompileThreshold=150000",
    "-XX:Tier4BackEdgeThreshold=400000",
)
_SETTINGS_FOR_TESTS = (
    # A graph that is emptied and filled again by each test would have every plan made anew, time and again: what is
    # planned once stays, whatever the graph has grown to since.
    "dbms.cypher.min_replan_interval=1h",
)

_POM = """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>waypost</groupId>
  <artifactId>neo4j-jars</artifactId>
  <version>1</version>
  <dependencies>
    <dependency><groupId>org.neo4j</groupId><artifactId>neo4j</artifactId><version>{version}</version></dependency>
    <dependency><groupId>org.neo4j.app</groupId><artifactId>neo4j-server</artifactId><version>{version}</version></dependency>
  </dependencies>
</project>
"""


class Neo4jServerError(Exception):
    """A local Neo4j cannot be had. The message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Release:
    """How the versions of one line of Neo4j are run."""

    versions: re.Pattern[str]
    main_class: str
    java_majors: Container[int]
    java_words: str
    """The Javas that suit, as words of a sentence."""
    java_package: str
    """The Debian package of one that suits."""
    jvm_flags: tuple[str, ...]
    settings: tuple[str, ...]
    """What only this line takes in neo4j.conf."""

    def command(self, *, java: Path, lib: Path, home: Path, heap: str, for_tests: bool) -> list[str]:
        """The command that runs the server of ``home``, which names its folder as ``--home-dir=HOME``."""
        first_heap = min(heap, "256m", key=_bytes)
        flags = (*_JVM_FLAGS, *self.jvm_flags, *(_JVM_FLAGS_FOR_TESTS if for_tests else ()))
        return [
            *(str(java), f"-Xms{first_heap}", f"-Xmx{heap}", *flags),
            *("-cp", f"{lib}/*", self.main_class, f"--home-dir={home}", f"--config-dir={home / 'conf'}"),
        ]

    def conf(self, *, bolt_port: int, page_cache: str, auth: bool, for_tests: bool) -> str:
        """The text of neo4j.conf."""
        lines = (
            "# Written by Waypost at each start: changes made here are lost.",
            f"server.default_listen_address={HOST}",
            # What routing tells a driver; the default, localhost, may be tried by IPv6, where nothing listens.
            f"server.default_advertised_address={HOST}",
            f"server.bolt.listen_address={HOST}:{bolt_port}",
            "server.http.enabled=false",
            f"server.memory.pagecache.size={page_cache}",
            "dbms.usage_report.enabled=false",
            f"dbms.security.auth_enabled={str(auth).lower()}",
            # Two logs of 256 MB each would be laid out for an empty graph.
            "db.tx_log.preallocate=false",
            # Plans of long statements are large: a thousand of them, the default, fill a heap of 1 GB.
            "server.memory.query_cache.per_db_cache_num_entries=250",
            *self.settings,
            *(_SETTINGS_FOR_TESTS if for_tests else ()),
        )
        return "".join(f"{line}\n" for line in lines)


def _bytes(size: str) -> int:
    match = SIZE.fullmatch(size)
    return int(match[1]) * 1024 ** ("kmg".index(match[2].lower()) + 1) if match else 0


_RELEASES = (
    Release(
        versions=re.compile(r"5\.26\.\d+"),
        main_class="org.neo4j.server.CommunityEntryPoint",
        java_majors=(17, 21),
        java_words="Java 17 or 21",
        java_package="openjdk-17-jre-headless",
        jvm_flags=(),
        # Without these quiet periods a stop takes ten seconds, with them half a second.
        settings=("internal.dbms.bolt.netty_server_shutdown_quiet_period=0",),
    ),
    Release(
        versions=re.compile(r"20(?:2[6-9]|[3-9]\d)\.\d{2}\.\d+"),
        main_class="org.neo4j.server.Neo4jCommunity",
        java_majors=range(21, 1000),
        java_words="Java 21 or newer",
        java_package="openjdk-21-jre-headless",
        jvm_flags=("--enable-native-access=ALL-UNNAMED",),
        settings=(
            # Settings come and go with the months of this line: one that is not there yet must not stop the start.
            "server.config.strict_validation.enabled=false",
            "internal.dbms.bolt.netty_server_shutdown_quiet_period_duration=0s",
            # Both are on unless told otherwise; the first announces the server to the local network.
            "server.fleet_discovery.enabled=false",
            "dbms.fleet_manager.enabled=false",
        ),
    ),
)


def release_of(version: str) -> Release:
    """How ``version`` is run. Raises Neo4jServerError for a version of no line that Waypost knows."""
    for release in _RELEASES:
        if release.versions.fullmatch(version):
            return release
    raise Neo4jServerError(
        f"'{version}' is no version of Neo4j that Waypost can start: give 5.26.x (such as 5.26.30) or one of 2026 or"
        " later (such as 2026.09.0)"
    )


def find_java(version: str) -> Path:
    """The first of JAVA_HOME, the PATH and /usr/lib/jvm that suits this Neo4j. Raises Neo4jServerError."""
    release = release_of(version)
    seen: dict[Path, int | None] = {}
    for candidate in _javas():
        java = candidate.resolve()
        if java in seen:
            continue
        major = seen[java] = _java_major(java)
        if major is not None and major in release.java_majors:
            return java
    found = ", ".join(f"Java {major} ({java})" for java, major in seen.items() if major) or "none"
    raise Neo4jServerError(
        f"Neo4j {version} needs {release.java_words}, and this machine has {found}: install one (Debian: apt-get"
        f" install {release.java_package} maven) or set JAVA_HOME to it"
    )


def _javas() -> Iterator[Path]:
    if home := os.environ.get("JAVA_HOME"):
        yield Path(home) / "bin" / "java"
    if on_path := shutil.which("java"):
        yield Path(on_path)
    yield from sorted(JVM_FOLDER.glob("*/bin/java"))


def _java_major(java: Path) -> int | None:
    """The major version that this Java says it is; None where it does not run."""
    try:
        said = subprocess.run(
            [java, "-version"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_JAVA_VERSION_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    match = _JAVA_VERSION.search(said.stdout.decode(errors="replace"))
    return int(match[1]) if match else None


def child_environment() -> dict[str, str]:
    """The environment for Java and Maven: without our own settings, which hold passwords and tokens."""
    return {name: value for name, value in os.environ.items() if not name.startswith("WAYPOST_")}


def fetch_jars(version: str, *, java: Path, on_progress: Callable[[str], None]) -> Path:
    """The folder of the jars of ``version``, from the user's cache; fetched by Maven the first time (130 to 160 MB).

    A fetch that is killed leaves nothing that a later one takes for whole, and two at once fetch one time. Waits for
    the other one, and at most 15 minutes for Maven. ``java`` is for a Maven that would find none. Raises
    Neo4jServerError.
    """
    release = release_of(version)
    cache = _cache_folder()
    lib = cache / version / "lib"
    if lib.is_dir():
        return lib
    maven = shutil.which("mvn")
    if maven is None:
        raise Neo4jServerError(
            f"the jars of Neo4j {version} are fetched by Maven, and this machine has no 'mvn': install it (Debian:"
            f" apt-get install {release.java_package} maven)"
        )
    try:
        cache.mkdir(parents=True, exist_ok=True)
        # One lock for all versions: Maven's own repository is not made for two at once.
        with file_lock(cache / ".lock", lambda: on_progress("waiting for another process that fetches a Neo4j")):
            if lib.is_dir():
                return lib
            for remnant in cache.glob(f".{version}-*"):
                shutil.rmtree(remnant, ignore_errors=True)
            on_progress(f"fetching Neo4j {version} from Maven Central (about 150 MB, once)")
            work = Path(tempfile.mkdtemp(prefix=f".{version}-", dir=cache))
            try:
                _run_maven(maven, version, work, _maven_environment(java))
                lib.parent.mkdir(exist_ok=True)
                (work / "lib").rename(lib)
            finally:
                shutil.rmtree(work, ignore_errors=True)
    except OSError as error:
        raise Neo4jServerError(
            f"cannot keep the jars of Neo4j in {cache} ({error.strerror or error}): make room there, or set"
            " XDG_CACHE_HOME to a folder of yours"
        ) from error
    return lib


def _cache_folder() -> Path:
    named = Path(os.environ.get("XDG_CACHE_HOME", ""))
    # The specification of XDG says to ignore a relative one.
    return (named if named.is_absolute() else Path.home() / ".cache") / "waypost" / "neo4j"


def _maven_environment(java: Path) -> Mapping[str, str]:
    environment = child_environment()
    home = environment.get("JAVA_HOME")
    has_its_own = (Path(home) / "bin" / "java").exists() if home else shutil.which("java")
    if not has_its_own:
        environment["JAVA_HOME"] = str(java.parent.parent)
    return environment


def _run_maven(maven: str, version: str, work: Path, environment: Mapping[str, str]) -> None:
    (work / "pom.xml").write_text(_POM.format(version=version), encoding="utf-8")
    command = [
        *(maven, "-q", "-B", "-Dstyle.color=never", "dependency:copy-dependencies"),
        *(f"-DoutputDirectory={work / 'lib'}", "-DincludeScope=runtime"),
    ]
    try:
        done = subprocess.run(
            command,
            cwd=work,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_DOWNLOAD_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Neo4jServerError(
            f"Maven did not fetch Neo4j {version} within {_DOWNLOAD_SECONDS // 60} minutes: check the network, or name"
            " a mirror in ~/.m2/settings.xml, and try again"
        ) from error
    if done.returncode == 0 and (work / "lib" / f"neo4j-server-{version}.jar").is_file():
        return
    said = [line.strip() for line in _COLOUR.sub("", done.stdout.decode(errors="replace")).splitlines()]
    reason = next((line for line in said if line.startswith("[ERROR]")), next(filter(None, said), "no reason given"))
    raise Neo4jServerError(
        f"Maven could not fetch Neo4j {version}: check the network, or name a mirror in ~/.m2/settings.xml, and try"
        f" again. It said: {reason.removeprefix('[ERROR]').strip()[:500]}"
    )


def need_free(port: int) -> None:
    """Wait a second at most until a port of 127.0.0.1 can be listened on. Raises Neo4jServerError where it cannot."""
    until = time.monotonic() + _PORT_SECONDS
    while (error := _listen_error(port)) is not None:
        if error.errno != errno.EADDRINUSE:
            raise Neo4jServerError(
                f"cannot listen on port {port} of {HOST} ({error.strerror}): choose a port above 1023"
            ) from error
        if time.monotonic() > until:
            raise Neo4jServerError(
                f"port {port} of {HOST} is in use: stop what listens there, or choose another port"
            ) from error
        time.sleep(0.05)


def _listen_error(port: int) -> OSError | None:
    with socket.socket() as probe:
        # As Java does it: connections of a server that just stopped do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            return error
    return None


@contextmanager
def file_lock(path: Path, on_wait: Callable[[], None]) -> Generator[None]:
    """Hold the lock of a file, which ends with this process at the latest; ``on_wait`` is called if another has it.

    Raises OSError where the file cannot be made.
    """
    with path.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            on_wait()
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def replace_file(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
