"""The command line, as its user meets it: through typer's runner, and as processes where signals and sockets matter."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from typer.testing import CliRunner, Result

from catalog.model.document import data_dictionary, file_schema
from loaders import pipeline
from loaders.plan.schema import plan_schema
from server import neo4j_server
from server.cli import app
from server.commands import progress
from server.neo4j_server import LocalServer, Neo4jServerError
from server.queries import demo_queries
from server.settings import Settings
from server.stores import open_store
from tests.support.patience import PATIENCE
from tests.support.program import ask, ended, free_port, running

COMMANDS = [
    "demo",
    "serve",
    "health",
    "load",
    "quarantine",
    "replay",
    "retract",
    "same-as",
    "migrate",
    "verify",
    "audit",
    "schema",
    "neo4j start",
    "neo4j stop",
    "neo4j status",
]
FILE: dict[str, Any] = {
    "waypost": 1,
    "source": {"urn": "urn:waypost:source:key:test", "title": "A test"},
    "day": "2022-01-01",
    "nodes": [
        {"kind": "Agency", "urn": "urn:waypost:agency:key:a", "name": "A", "audience": "PUBLIC"},
        {"kind": "Agency", "urn": "urn:waypost:agency:key:b", "name": "B"},
    ],
}


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    # Help texts are laid out for the terminal that they are read in.
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("TERM", "dumb")


def waypost(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def sentence(result: Result, code: int) -> str:
    """What a command that ended so says: one sentence on standard error, and no traceback."""
    assert result.exit_code == code, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    lines = result.stderr.strip().splitlines()
    assert lines[-1].startswith("waypost: "), result.stderr
    assert "Traceback" not in result.output
    return lines[-1].removeprefix("waypost: ")


def stated(**changes: Any) -> str:
    Path("file.yaml").write_text(yaml.safe_dump({**FILE, **changes}), encoding="utf-8")
    return "file.yaml"


# Help


@pytest.mark.parametrize("command", ["", "neo4j", *COMMANDS])
def test_every_help_shows_an_example(command: str) -> None:
    result = waypost(*command.split(), "--help")
    assert result.exit_code == 0
    examples = re.findall(r"\$ (?:\w+=\S+ )?waypost ([a-z0-9 -]*)", result.stdout.partition("Examples:")[2])
    assert examples
    assert all(example.startswith(command) for example in examples)
    assert not re.search("[\U0001f000-\U0001ffff]", result.stdout), "a part of a URN was printed as an emoji"


def test_every_command_is_in_the_help_and_in_this_test() -> None:
    found: list[str] = []

    def walk(group: Any, above: str) -> None:
        for name, command in group.commands.items():
            if hasattr(command, "commands"):
                walk(command, f"{above}{name} ")
            else:
                found.append(above + name)

    walk(typer.main.get_command(app), "")
    assert sorted(found) == sorted(COMMANDS)


def test_the_help_tells_the_exit_codes_and_completion_is_there() -> None:
    text = waypost("--help").stdout
    for words in (
        "0 done",
        "1 failed",
        "2 wrong argument",
        "3 store unavailable",
        "4 bad input",
        "--install-completion",
    ):
        assert words in " ".join(text.split())
    assert waypost("--version").stdout.startswith("waypost 0")


# Load, migrate, verify


def test_load_accounts_for_each_record_and_again_writes_nothing() -> None:
    first = waypost("load", "waypost", stated())
    assert first.exit_code == 0
    assert "2 read = 2 written + 0 unchanged + 0 quarantined" in first.stdout
    again = waypost("load", "waypost", "file.yaml", "--format", "json")
    report = json.loads(again.stdout)
    assert (report["read"], report["written"], report["unchanged"]) == (2, 0, 2)
    assert report["day"] == "2022-01-01"
    dated = waypost("load", "waypost", "file.yaml", "--format", "json", "--as-of", "2023-02-03")
    assert json.loads(dated.stdout)["day"] == "2023-02-03"


def test_load_keeps_a_bad_record_out_and_ends_well_unless_told_otherwise() -> None:
    nodes = [*FILE["nodes"], {"kind": "Agency", "urn": "urn:waypost:agency:key:c"}]
    result = waypost("load", "waypost", stated(nodes=nodes))
    assert result.exit_code == 0
    assert "1 quarantined" in result.stdout
    assert re.search(r"file\.yaml:\d+: nodes\[2\]", result.stdout)
    assert sentence(waypost("load", "waypost", "file.yaml", "--strict"), 1).startswith("kept out: 1 of 3 records")


def test_load_shows_a_bar_in_a_terminal_and_lines_elsewhere(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", 0)
    for expected, line in ((8, "waypost: 3 of 8 records read\n"), (None, "waypost: 3 records read\n")):
        with progress.progress("loading", expected, "records") as told:
            told(3)
        assert capsys.readouterr().err == line
    command = [sys.executable, "-c", "from server.main import main; main()", "load", "waypost", stated()]
    ours, theirs = os.openpty()
    try:
        environment = {**os.environ, "TERM": "xterm"}
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=theirs, env=environment, check=True, text=True)
        assert b"2/2" in os.read(ours, 100_000)
        assert "2 read" in done.stdout
    finally:
        os.close(ours)
        os.close(theirs)


def test_a_load_that_is_interrupted_says_that_it_can_be_run_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(pipeline, "load", interrupted)
    assert sentence(waypost("load", "waypost", stated()), 130) == (
        "stopped; a part of it may be missing from every answer until it is run again, which is safe: until then"
        " 'waypost audit' warns of it"
    )


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["load", "waypost", "missing.yaml"], 4, "missing.yaml"),
        (["load", "waypost", "broken.yaml"], 4, "broken.yaml:1"),
        (["load", "dcat-us", "broken.yaml"], 4, "not-json"),
        (["load", "waypost", "bad.yaml"], 4, "no record of bad.yaml could be taken"),
        (["schema"], 2, "choose one of"),
        (["schema", "--sdl", "--model"], 2, "choose one of"),
        (["load", "plan", "broken.yaml"], 4, "broken.yaml:1"),
        (["load", "plan", "plan.yaml", "--catalog", "x"], 2, "--catalog is for dcat-us"),
        (["schema", "--sdl", "--output", "broken.yaml/x"], 1, "cannot be written"),
        (["neo4j", "start", "--version", "1.0"], 1, "no version of Neo4j"),
        (["verify"], 3, "waypost migrate"),
    ],
)
def test_expected_trouble_is_one_sentence(arguments: list[str], code: int, words: str) -> None:
    Path("broken.yaml").write_text("waypost: [", encoding="utf-8")
    Path("bad.yaml").write_text(yaml.safe_dump({**FILE, "nodes": [{"kind": "Agency"}]}), encoding="utf-8")
    assert words in sentence(waypost(*arguments), code)


@pytest.mark.parametrize(
    ("name", "value", "code", "words"),
    [
        ("WAYPOST_STORE", "sqlite:file/graph.db", 3, "the folder"),
        ("WAYPOST_STORE", "bolt://127.0.0.1:1", 3, "bolt://127.0.0.1:1"),
        ("WAYPOST_STORE", "mysql://x", 2, "WAYPOST_STORE"),
        ("WAYPOST_STORES", "x", 2, "did you mean WAYPOST_STORE?"),
        ("WAYPOST_PORT", "many", 2, "WAYPOST_PORT"),
    ],
)
def test_settings_that_cannot_be_used_are_one_sentence(
    name: str, value: str, code: int, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("file").touch()
    monkeypatch.setenv(name, value)
    assert words in sentence(waypost("migrate"), code)


def test_unknown_kinds_and_days_are_refused_with_what_there_is() -> None:
    kind = waypost("load", "excel", "x")
    assert kind.exit_code == 2
    assert "dcat-us" in kind.output
    assert waypost("load", "waypost", "x", "--as-of", "yesterday").exit_code == 2


def test_a_file_of_another_program_is_refused_untouched(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("notes.txt").write_text("my notes\n" * 100, encoding="utf-8")
    monkeypatch.setenv("WAYPOST_STORE", "sqlite:notes.txt")
    for command in ("migrate", "verify"):
        assert "notes.txt" in sentence(waypost(command), 3)
    assert Path("notes.txt").read_text(encoding="utf-8") == "my notes\n" * 100


@pytest.mark.parametrize(
    "arguments", [["audit"], ["verify"], ["quarantine"], ["same-as"], ["retract", "urn:waypost:source:key:s"]]
)
def test_a_store_that_is_not_there_is_told_with_its_folder(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WAYPOST_STORE", "sqlite:nope.db")
    assert f"the database {Path.cwd() / 'nope.db'} cannot be opened" in sentence(waypost(*arguments), 3)
    assert not Path("nope.db").exists()


def test_migrate_says_its_steps_and_then_that_there_is_nothing_to_do() -> None:
    assert "migrated: 0001-base" in waypost("migrate").stdout
    assert "nothing to do" in waypost("migrate").stdout
    assert json.loads(waypost("migrate", "--format", "json").stdout)["steps"] == []


def test_verify_ends_with_one_where_there_is_an_error() -> None:
    waypost("load", "waypost", stated())
    clean = waypost("verify")
    assert (clean.exit_code, clean.stdout.rpartition(": ")[2]) == (0, "0 ERROR, 0 WARNING, 0 NOTE\n")
    nodes = [
        {"kind": "PlanVersion", "urn": "urn:waypost:plan-version:key:p", "title": "Plan"},
        {
            "kind": "ClassificationDetermination",
            "urn": "urn:waypost:classification-determination:key:c",
            "classes": ["OPEN", "PERSONAL"],
        },
    ]
    waypost("load", "waypost", stated(nodes=nodes))
    found = waypost("verify")
    assert found.exit_code == 1
    assert "ERROR R12 urn:waypost:classification-determination:key:c: it says OPEN and PERSONAL at once" in found.stdout
    answer = json.loads(waypost("verify", "--format", "json").stdout)
    assert answer["counts"] == {"ERROR": 2, "WARNING": 0, "NOTE": 0}
    assert [f["code"] for f in answer["findings"]] == ["R1", "R12"]
    assert answer["revision"] > 0


def test_verify_calls_warnings_a_failure_when_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    waypost("demo", "--no-serve")
    monkeypatch.setenv("WAYPOST_STORE", "sqlite:var/demo.db")
    assert waypost("verify").exit_code == 0
    assert waypost("verify", "--strict").exit_code == 1


# Schema


def test_schema_prints_or_writes_what_is_declared() -> None:
    assert waypost("schema", "--model").stdout == data_dictionary()
    assert json.loads(waypost("schema", "--json-schema").stdout) == file_schema()
    assert json.loads(waypost("schema", "--plan-schema").stdout) == plan_schema()
    sdl = waypost("schema", "--sdl").stdout
    assert "type Query" in sdl
    out = Path("new/schema.graphql")
    assert waypost("schema", "--sdl", "--output", str(out)).stdout == ""
    assert out.read_text(encoding="utf-8") == sdl
    assert [p.name for p in out.parent.iterdir()] == ["schema.graphql"]


def test_a_file_that_is_written_is_as_open_to_others_as_the_one_before_or_as_any_other() -> None:
    before = os.umask(0o027)
    try:
        for mode in (0o640, 0o604):
            assert waypost("schema", "--json-schema", "--output", "out.json").exit_code == 0
            assert Path("out.json").stat().st_mode & 0o777 == mode
            Path("out.json").chmod(0o604)
        assert os.umask(0o027) == 0o027
    finally:
        os.umask(before)


def test_a_file_is_written_behind_the_link_that_names_it() -> None:
    Path("there").mkdir()
    Path("link.json").symlink_to("there/out.json")
    for _ in range(2):
        assert waypost("schema", "--json-schema", "--output", "link.json").exit_code == 0
        assert Path("link.json").is_symlink()
        assert json.loads(Path("there/out.json").read_text(encoding="utf-8")) == file_schema()


def test_output_on_a_full_disk_is_a_sentence() -> None:
    for arguments in (["schema", "--json-schema"], ["--help"]):
        command = [sys.executable, "-c", "from server.main import main; main()", *arguments]
        with Path("/dev/full").open("w") as full:
            done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
        assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
        assert done.stderr.startswith("waypost: the output cannot be written (No space left on device)")


def test_a_terminal_that_lacks_a_character_gets_its_number() -> None:
    command = [sys.executable, "-c", "from server.main import main; main()", "--help"]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, capture_output=True, env=environment, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "\\xb7" in done.stdout


def _read_one_line(*command: str) -> tuple[int, str]:
    """How a command ends of whose output nobody reads more than a line, and what it says of that."""
    run = [sys.executable, "-c", "from server.main import main; main()", *command]
    with subprocess.Popen(run, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.readline()
        process.stdout.close()
        said = process.stderr.read()
        return process.wait(PATIENCE), said


def test_output_that_nobody_reads_on_is_no_trouble() -> None:
    assert _read_one_line("schema", "--json-schema") == (0, "")


def test_a_check_ends_by_what_it_found_though_nobody_reads_on() -> None:
    # A flow without its ends, which is an error; long enough that it does not fit into a pipe unread.
    nodes = [{"kind": "Flow", "urn": f"urn:waypost:flow:key:{number}", "audience": "PUBLIC"} for number in range(2_000)]
    assert waypost("load", "waypost", stated(nodes=nodes)).exit_code == 0
    assert _read_one_line("verify", "--format", "json") == (1, "")


# Neo4j


def test_neo4j_start_hands_over_the_password_and_prints_it_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}

    def start(home: Path, **given: Any) -> LocalServer:
        asked.update(given, home=home)
        given["on_progress"]("a step")
        return LocalServer("5.26.30", home, 7700, 42, password=given["password"])

    monkeypatch.setattr(neo4j_server, "start", start)
    monkeypatch.setenv("WAYPOST_NEO4J_PASSWORD", "hunter2-hunter2")
    result = waypost("neo4j", "start", "--home", "here", "--port", "7700", "--format", "json")
    assert result.exit_code == 0
    answer = json.loads(result.stdout)
    assert (answer["uri"], answer["user"], answer["auth"]) == ("bolt://127.0.0.1:7700", "neo4j", True)
    assert (asked["password"], asked["bolt_port"], asked["home"]) == ("hunter2-hunter2", 7700, Path("here"))
    assert (asked["version"], asked["for_tests"]) == (neo4j_server.LTS_VERSION, False)
    assert "hunter2" not in result.output
    assert "waypost: a step" in result.stderr
    assert "hunter2" not in waypost("neo4j", "start", "--port", "7700", "--for-tests").output
    assert asked["for_tests"] is True
    monkeypatch.delenv("WAYPOST_NEO4J_PASSWORD")
    assert json.loads(waypost("neo4j", "start", "--port", "7700", "--format", "json").stdout)["auth"] is False
    assert asked["password"] is None
    # One that runs already keeps its port.
    assert "stop it first" in sentence(waypost("neo4j", "start", "--port", "7701"), 1)


def test_neo4j_status_and_stop_say_whether_one_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    assert waypost("neo4j", "status").exit_code == 1
    assert json.loads(waypost("neo4j", "status", "--format", "json").stdout)["running"] is False
    stopped = waypost("neo4j", "stop")
    assert (stopped.exit_code, stopped.stdout) == (0, "no Neo4j runs in var/neo4j\n")

    def one_runs(home: Path) -> LocalServer:
        return LocalServer("5.26.30", home, 7700, 42)

    def it_stops(home: Path) -> bool:
        return True

    monkeypatch.setattr(neo4j_server, "status", one_runs)
    monkeypatch.setattr(neo4j_server, "stop", it_stops)
    assert waypost("neo4j", "status").exit_code == 0
    assert json.loads(waypost("neo4j", "status", "--format", "json").stdout)["uri"] == "bolt://127.0.0.1:7700"
    assert "has stopped" in waypost("neo4j", "stop").stdout
    assert json.loads(waypost("neo4j", "stop", "--format", "json").stdout)["stopped"] is True


def test_neo4j_trouble_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any, **__: Any) -> LocalServer:
        raise Neo4jServerError("there is no Java here: install one")

    monkeypatch.setattr(neo4j_server, "start", fails)
    assert sentence(waypost("neo4j", "start"), 1) == "there is no Java here: install one"


# Health


@contextmanager
def answering(status: int) -> Generator[int]:
    """A server that answers so; its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/health/ready" else 404)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name it has there
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def test_health_says_whether_a_server_is_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    # A proxy of the environment does not lead to this machine.
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with answering(200) as port:
        assert waypost("health", "--port", str(port)).stdout == f"http://127.0.0.1:{port}/health/ready: ready\n"
        monkeypatch.setenv("WAYPOST_PORT", str(port))
        assert json.loads(waypost("health", "--format", "json").stdout)["ready"] is True
    with answering(503) as port:
        assert "is not ready: its log says why" in sentence(waypost("health", "--port", str(port)), 1)
        told = waypost("health", "--port", str(port), "--format", "json")
        assert told.exit_code == 1
        assert json.loads(told.stdout)["ready"] is False
    with answering(404) as port:
        assert "another program" in sentence(waypost("health", "--port", str(port)), 1)
    assert "does not answer" in sentence(waypost("health", "--port", str(port)), 1)


# Demo and serve


def test_demo_answers_the_queries_that_it_prints_and_ends_on_ctrl_c() -> None:
    port = free_port()
    with running("demo", "--port", str(port), until="Ctrl-C") as (process, lines):
        text = "".join(lines)
        assert "records" in lines[0]
        assert f"http://127.0.0.1:{port}/graphql" in text
        for query in demo_queries():
            assert query.title in text
            answer = ask(port, query.text)
            assert "errors" not in answer
            assert all(answer["data"].values())
        assert len(demo_queries()) == 4
        served = ask(port, demo_queries()[0].text)["data"]["dataset"]
        assert served["goals"]
        assert served["upstream"]["edges"]
        assert served["agency"]["dataOfficer"]["person"]["name"]
        assert waypost("health", "--port", str(port)).exit_code == 0
        # A visitor sees nothing of what is hidden, not even in a count.
        titles = titles_of_datasets(port)
        assert "Enrollment" in titles
        assert "New file of student services" not in titles
        # A second one on the same port begins nothing.
        assert f"port {port} of 127.0.0.1 is in use" in sentence(waypost("demo", "--port", str(port)), 1)
        assert ended(process, signal.SIGINT) == (0, "waypost: stopped\n")
    assert Path("var/demo.db").exists()


def titles_of_datasets(port: int) -> list[str]:
    """The title of every dataset, page by page; as many as the total says."""
    titles: list[str] = []
    after = "null"
    while True:
        query = f"{{ datasets(first: 100, after: {after}) {{ totalCount pageInfo {{ hasNextPage endCursor }} edges {{ node {{ title }} }} }} }}"
        page = ask(port, query)["data"]["datasets"]
        titles += [edge["node"]["title"] for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            assert page["totalCount"] == len(titles)
            return titles
        after = json.dumps(page["pageInfo"]["endCursor"])


def test_demo_again_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    first = waypost("demo", "--no-serve")
    assert first.exit_code == 0
    read = re.search(r"(\d+) records, (\d+) written", first.stdout)
    assert read is not None
    assert read[1] == read[2] != "0"
    assert f"{read[1]} records, 0 written" in waypost("demo", "--no-serve").stdout
    monkeypatch.setenv("WAYPOST_STORE", "sqlite:elsewhere/graph.db")
    assert f"{read[1]} records, {read[1]} written" in waypost("demo", "--no-serve").stdout
    assert Path("elsewhere/graph.db").exists()


def test_demo_keeps_its_inventions_out_of_a_catalog_in_earnest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYPOST_STORE", "sqlite:earnest.db")
    waypost("load", "waypost", stated())
    before = waypost("verify").stdout
    assert "name an empty store" in sentence(waypost("demo", "--no-serve"), 2)
    assert waypost("verify").stdout == before


def test_demo_on_a_port_in_use_is_refused_before_it_loads() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        for command in ("demo", "serve"):
            told = sentence(waypost(command, "--port", str(port)), 1)
            assert told == f"port {port} of 127.0.0.1 is in use: stop what listens there, or choose another with --port"
    assert not Path("var").exists()


def test_serve_brings_the_database_up_to_date_and_ends_on_sigterm() -> None:
    with running("serve", "--port", "0", until="serving") as (process, lines):
        assert any(line.startswith("migrated: ") for line in lines)
        found = re.search(r"http://127\.0\.0\.1:(\d+)/graphql", lines[-1])
        assert found is not None
        port = int(found[1])
        assert ask(port, "{ datasets { totalCount } }")["data"]["datasets"]["totalCount"] == 0
        assert waypost("health", "--port", str(port)).exit_code == 0
        assert ended(process, signal.SIGTERM) == (0, "waypost: stopped\n")
    with pytest.raises(urllib.error.URLError):
        ask(port, "{ datasets { totalCount } }")


def test_serve_listens_where_others_reach_it_only_with_a_token() -> None:
    assert "WAYPOST_TOKENS" in sentence(waypost("serve", "--host", "0.0.0.0", "--port", "0"), 2)
    settings = {"WAYPOST_TOKENS": json.dumps([{"name": "a", "sha256": "0" * 64, "scopes": ["read"]}])}
    result = CliRunner(env=settings).invoke(app, ["serve", "--host", "192.0.2.1", "--port", "0"])
    assert "cannot listen on 192.0.2.1" in sentence(result, 1)


def test_serve_waits_for_a_database_and_gives_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYPOST_STORE", "bolt://127.0.0.1:1")
    # A process of its own: one that serves takes over the logging.
    command = [sys.executable, "-c", "from server.main import main; main()", "serve", "--port", "0", "--wait", "2"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert result.returncode == 3
    first, last = result.stderr.splitlines()
    assert first.startswith("waypost: waiting up to 2 s: ")
    assert last.startswith("waypost: no Neo4j answers at bolt://127.0.0.1:1")


def test_only_the_settings_choose_the_store() -> None:
    async def names() -> list[str]:
        found: list[str] = []
        for store in ("sqlite:x.db", "bolt://localhost"):
            opened = open_store(Settings(store=store))
            found.append(opened.name)
            await opened.close()
        return found

    assert asyncio.run(names()) == ["sqlite", "neo4j"]
    assert not Path("x.db").exists()
