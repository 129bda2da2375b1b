"""What every test stands on: the servers and files that some need, and what none may do."""

import gc
import ipaddress
import os
import shutil
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from tests.contract.workshop import Neo4jGraph

ROOT = Path(__file__).resolve().parent.parent
LONG_TIMEOUT_SECONDS = 1800
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

settings.register_profile(
    "ci",
    deadline=None,
    derandomize=True,  # a failure must be the change's, not the day's
    suppress_health_check=[HealthCheck.too_slow],  # says that the machine is busy
)
settings.register_profile(
    "long",
    deadline=None,
    max_examples=1000,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)


class Neo4jServer(NamedTuple):
    """Where the tests find their Neo4j; the password is None for a server without authentication."""

    uri: str
    user: str
    password: str | None


@dataclass
class Need:
    """Something that some tests need and that a machine may lack."""

    marker: str
    option: str
    noun: str
    remedy: str
    missing: Callable[[], bool]
    ran: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    evaded: dict[str, str] = field(default_factory=dict)
    """Tests that skipped themselves though the need was met, and why."""

    def wants(self, item: pytest.Item) -> bool:
        return item.get_closest_marker(self.marker) is not None


def _neo4j_uris() -> list[str]:
    """The addresses in WAYPOST_TEST_NEO4J_URI, apart by spaces: one, or one for each process that runs tests."""
    return os.environ.get("WAYPOST_TEST_NEO4J_URI", "").split()


def _neo4j_server() -> Neo4jServer | None:
    uris = _neo4j_uris()
    if not uris:
        return None
    uri = uris[int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % len(uris)]
    user = os.environ.get("WAYPOST_TEST_NEO4J_USER") or "neo4j"
    return Neo4jServer(uri, user, os.environ.get("WAYPOST_TEST_NEO4J_PASSWORD") or None)


def _neo4j_group(item: pytest.Item) -> str:
    """The name of the tests that one process runs with this one.

    Tests on one Neo4j share one graph, so one process runs them all, beside those that run the rest; where each process
    has a Neo4j of its own, those of one file stay together, and those on the demo catalog.
    """
    of_their_own = len(_neo4j_uris()) >= int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    fixtures: list[str] = getattr(item, "fixturenames", [])
    # To put the demo catalog into a Neo4j takes as long as to ask much of it.
    together = "demo_catalog" if "demo_catalog" in fixtures else item.location[0]
    return f"neo4j {together}" if of_their_own else "neo4j"


def _real_data() -> Path:
    return Path(os.environ.get("WAYPOST_REAL_DATA") or ROOT.parent / "shared" / "data")


def _no_java_for_the_current_neo4j() -> bool:
    from server.neo4j_jars import Neo4jServerError, find_java
    from server.neo4j_server import CURRENT_VERSION

    try:
        find_java(CURRENT_VERSION)
    except Neo4jServerError:
        return True
    return False


def _needs() -> list[Need]:
    return [
        Need(
            marker="neo4j",
            option="--require-neo4j",
            noun="a Neo4j",
            remedy=(
                "start one with 'waypost neo4j start' (it needs Java 17 and Maven: apt-get install"
                " openjdk-17-jre-headless maven) and set WAYPOST_TEST_NEO4J_URI to the address that it prints, and"
                " WAYPOST_TEST_NEO4J_PASSWORD to the WAYPOST_NEO4J_PASSWORD that it was started with, if any"
            ),
            missing=lambda: _neo4j_server() is None,
        ),
        Need(
            marker="java21",
            option="--require-java21",
            noun="a Java 21 or newer",
            remedy="install one (apt-get install openjdk-21-jre-headless), or set JAVA_HOME to it",
            missing=_no_java_for_the_current_neo4j,
        ),
        Need(
            marker="real_data",
            option="--require-real-data",
            noun="the real files",
            remedy=f"set WAYPOST_REAL_DATA to their folder (looked in {_real_data()})",
            missing=lambda: not _real_data().is_dir(),
        ),
        Need(
            marker="chromium",
            option="--require-chromium",
            noun="a Chromium",
            remedy="install one (apt-get install chromium)",
            missing=lambda: CHROMIUM is None,
        ),
    ]


NEEDS = pytest.StashKey[list[Need]]()

# Properties of a test that its reports carry, from whichever process it ran in.
NEEDED = "needed"
UNMET = "unmet"
"""Of a test that is skipped for a need: its skip is counted and shown."""


@dataclass(eq=False)
class Accounts:
    """Counts by the reports of tests what ran of those with a need, and what did not."""

    needs: list[Need]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        unmet = any(name == UNMET for name, _ in report.user_properties)
        for need in self.needs:
            if (NEEDED, need.marker) not in report.user_properties:
                continue
            if (UNMET, need.marker) in report.user_properties:
                need.skipped[report.location[0]] += report.when == "setup"
            elif report.skipped and not unmet and not hasattr(report, "wasxfail"):
                reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
                need.evaded[report.nodeid] = reason
            need.ran += report.when == "call"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("waypost")
    group.addoption("--long", action="store_true", help="run the tests marked long as well")
    group.addoption(
        "--worlds",
        default="0:10000",
        metavar="FIRST:END",
        help="random worlds that tests/audit/test_engine.py runs with --long, such as 0:100000",
    )
    for need in _needs():
        group.addoption(
            need.option,
            action="store_true",
            help=f"fail, instead of skipping, where {need.noun} is needed and missing, or no such test ran",
        )


def pytest_configure(config: pytest.Config) -> None:
    config.stash[NEEDS] = _needs()
    config.pluginmanager.register(Accounts(config.stash[NEEDS]))
    if not config.getoption("--hypothesis-profile", default=None):
        settings.load_profile("long" if config.getoption("--long") else "ci")
    # The settings of whoever runs the tests must not change what is tested.
    from server.settings import describe

    for item in describe():
        os.environ.pop(item.name, None)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what asks for a server or for files by its fixture, and leave long tests out unless asked for."""
    for item in items:
        fixtures: list[str] = getattr(item, "fixturenames", [])
        for fixture, marker in (("neo4j_uri", "neo4j"), ("neo4j_graph", "neo4j"), ("real_data", "real_data")):
            if fixture in fixtures and item.get_closest_marker(marker) is None:
                item.add_marker(marker)
        if item.get_closest_marker("neo4j") is not None and item.get_closest_marker("long_on_neo4j") is not None:
            item.add_marker("long")
        for need in config.stash[NEEDS]:
            if need.wants(item):
                item.user_properties.append((NEEDED, need.marker))
        if item.get_closest_marker("neo4j") is not None and item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(_neo4j_group(item)))
    long = [item for item in items if item.get_closest_marker("long")]
    if not config.getoption("--long"):
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if not item.get_closest_marker("long")]
        return
    for item in long:
        if item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(LONG_TIMEOUT_SECONDS))


def pytest_collection_finish() -> None:
    """Let collections of garbage leave out what thousands of collected tests hold: a tenth of the time of all tests."""
    gc.collect()
    gc.freeze()


def pytest_runtest_setup(item: pytest.Item) -> None:
    for need in item.config.stash[NEEDS]:
        if not need.wants(item):
            continue
        if not need.missing():
            continue
        item.user_properties.append((UNMET, need.marker))
        reason = f"needs {need.noun}: {need.remedy}"
        if item.config.getoption(need.option):
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Let a run that was to show something fail when some of it evaded, or none ran, as after a renamed marker."""
    if hasattr(session.config, "workerinput"):
        return  # one process of several, which has seen a part
    if session.config.option.collectonly or exitstatus not in (
        pytest.ExitCode.OK,
        pytest.ExitCode.NO_TESTS_COLLECTED,
    ):
        return
    required = [need for need in session.config.stash[NEEDS] if session.config.getoption(need.option)]
    if any(need.evaded or not need.ran for need in required):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for need in config.stash[NEEDS]:
        count = need.skipped.total()
        if count:
            subject = "1 test needs" if count == 1 else f"{count} tests need"
            terminalreporter.section(f"{subject} {need.noun} and did not run", yellow=True)
            terminalreporter.line(f"{subject} {need.noun} and did not run: {need.remedy}.")
            for place, number in sorted(need.skipped.items()):
                terminalreporter.line(f"  {number:5} in {place}")
        elif config.getoption(need.option) and not need.ran and not config.option.collectonly:
            terminalreporter.section(f"no test that needs {need.noun} ran", red=True)
            terminalreporter.line(f"{need.option} was given, and no test marked {need.marker} ran.")
        if config.getoption(need.option) and need.evaded:
            terminalreporter.section(f"tests that need {need.noun} skipped themselves", red=True)
            terminalreporter.line(f"{need.option} was given, and these skipped themselves for another reason:")
            for place, reason in need.evaded.items():
                terminalreporter.line(f"  {place}: {reason}")


@pytest.fixture(scope="session")
def neo4j_uri() -> Neo4jServer:
    """(uri, user, password) of the Neo4j that the tests of this process may use."""
    server = _neo4j_server()
    if server is None:
        pytest.fail("a test that asks for neo4j_uri by name at run time must be marked neo4j", pytrace=False)
    return server


@pytest.fixture(scope="session")
def neo4j_graph(request: pytest.FixtureRequest) -> Iterator["Neo4jGraph"]:
    """The graph of the Neo4j that the tests may use, marked as ours and held against other runs; one for all tests."""
    from tests.contract.backends import Place
    from tests.contract.workshop import Neo4jGraph

    uri, user, password = request.getfixturevalue("neo4j_uri")
    graph = Neo4jGraph(Place(file=request.config.rootpath, uri=uri, user=user, password=password))
    yield graph
    graph.release()
    graph.close()


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real files; never written to."""
    folder = _real_data()
    if not folder.is_dir():
        pytest.fail("a test that asks for real_data by name at run time must be marked real_data", pytrace=False)
    return folder


class SocketRefusedError(RuntimeError):
    """A test tried to reach another machine. No OSError, so that no retry swallows it."""


def _is_local(family: int, address: Any) -> bool:
    if family not in (socket.AF_INET, socket.AF_INET6):
        return True
    host = str(address[0])
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True, scope="session")
def _only_this_machine() -> Any:
    """Refuse connections to other machines: a test's answer must not hang on somebody's server."""

    def guarded(connect: Callable[..., Any]) -> Callable[..., Any]:
        def checked(self: socket.socket, address: Any, /) -> Any:
            if not _is_local(self.family, address):
                # socket.create_connection closes only after an OSError; an open socket would be a warning.
                self.close()
                raise SocketRefusedError(f"tests reach this machine only; refused to connect to {address!r}")
            return connect(self, address)

        return checked

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded(socket.socket.connect))
        patch.setattr(socket.socket, "connect_ex", guarded(socket.socket.connect_ex))
        yield
