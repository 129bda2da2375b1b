"""``waypost load openlineage``, as its user meets it."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner, Result

from server.cli import app
from tests.support.openlineage import event, run_id

GOOD = [event("START", "01", inputs="a"), event("COMPLETE", "02", outputs="b")]
BAD = {**GOOD[0], "run": {"runId": "x"}}


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    for name, said in (("1.json", GOOD[0]), ("2.json", GOOD[1]), ("3.json", BAD)):
        Path(name).write_bytes(msgspec.json.encode(said))


def waypost(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def test_several_files_are_one_load() -> None:
    done = waypost("load", "openlineage", "1.json", "2.json", "3.json", "--catalog", "airflow")
    assert done.exit_code == 0, done.output
    assert "openlineage: urn:waypost:source:key:openlineage:airflow as of" in done.stdout
    assert "records: 3 read = 2 written + 0 unchanged + 1 quarantined" in done.stdout
    assert "kept out: 3.json:1: $.run.runId: run-id: 'x' is no UUID: give each run a UUID of its own" in done.stdout
    assert waypost("load", "openlineage", "1.json", "3.json", "--strict").exit_code == 1


def test_what_is_kept_out_is_mended_and_played_again() -> None:
    report = json.loads(waypost("load", "openlineage", "1.json", "3.json", "--format", "json").stdout)
    waypost("quarantine", report["run"], "--output", "out.ndjson")
    mended = Path("out.ndjson").read_text(encoding="utf-8").replace('"runId":"x"', f'"runId":"{run_id("s")}"')
    Path("out.ndjson").write_text(mended, encoding="utf-8")
    done = waypost("replay", "out.ndjson")
    assert "records: 1 read = 1 written + 0 unchanged + 0 quarantined" in done.stdout, done.output


def test_events_without_what_they_should_say_are_counted() -> None:
    bare = {name: value for name, value in GOOD[0].items() if name not in ("producer", "schemaURL")}
    Path("bare.json").write_bytes(msgspec.json.encode(bare))
    done = waypost("load", "openlineage", "bare.json", "1.json")
    assert "  taken in all the same: 1 no-producer, 1 no-schemaURL" in done.stdout.splitlines()


@pytest.mark.parametrize(
    ("command", "code", "says"),
    [
        ("load openlineage 3.json", 4, "no record of 3.json could be taken"),
        ("load openlineage none.json", 4, "unreadable: none.json"),
        ("load openlineage 1.json --as-of 2022-01-01", 2, "each event says when it happened"),
        ("load openlineage 1.json --mapping 2.json", 2, "--mapping is for agencies, register: openlineage takes none"),
        ("load openlineage 1.json --accept-shrink", 2, "--accept-shrink is not for openlineage"),
        ("load waypost 1.json 2.json", 2, "only openlineage takes several files"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(command: str, code: int, says: str) -> None:
    done = waypost(*command.split())
    assert (done.exit_code, says in done.stderr) == (code, True), done.output
    assert done.stderr.startswith("waypost: ")
    assert not Path("var").exists() or code == 4
