"""``waypost retract``, as its user meets it."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner, Result

from server.cli import app
from tests.support.openlineage import event

AIRFLOW = "urn:waypost:source:key:openlineage:airflow"


@pytest.fixture(autouse=True)
def _loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    Path("1.json").write_bytes(msgspec.json.encode(event("COMPLETE", "01", inputs="a", outputs="b")))
    for catalog in ("airflow", "spark"):
        assert waypost("load", "openlineage", "1.json", "--catalog", catalog).exit_code == 0


def waypost(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def test_what_would_go_is_said_and_nothing_is_written() -> None:
    dry = waypost("retract", AIRFLOW, "--dry-run")
    assert dry.exit_code == 0, dry.output
    lines = dry.stdout.splitlines()
    assert lines[0] == f"would be taken back of {AIRFLOW} (airflow)"
    # Two datasets, a job, a run and a flow; what each is linked with.
    assert lines[1] == "  statements: 13 said = 8 retracted + 5 left to others + 0 kept"
    assert "  left to others: 2 Dataset, 1 Flow, 1 Job, 1 Run" in lines
    assert "  records of events forgotten: 4" in lines
    assert waypost("retract", AIRFLOW, "--dry-run").stdout.splitlines()[:-1] == lines[:-1]


def test_taken_back_and_loaded_again() -> None:
    (report,) = json.loads(waypost("retract", AIRFLOW, "--format", "json").stdout)
    assert (report["is_settled"], report["kept_urns"], report["records"]) == (True, [], 4)
    again = waypost("retract", AIRFLOW)
    assert again.stdout.splitlines()[1] == "  statements: 0 said = 0 retracted + 0 left to others + 0 kept"
    loaded = waypost("load", "openlineage", "1.json", "--catalog", "airflow")
    assert "records: 1 read = 1 written + 0 unchanged + 0 quarantined" in loaded.stdout
    assert waypost("verify").exit_code == 0
    both = waypost("retract", AIRFLOW, AIRFLOW.replace("airflow", "spark"), AIRFLOW)
    assert both.stdout.count("taken back of") == 2
    assert waypost("verify").exit_code == 0


def test_a_source_that_is_not_there_is_named_with_those_that_are() -> None:
    done = waypost("retract", AIRFLOW, "urn:waypost:source:key:none")
    assert done.exit_code == 4, done.output
    assert "waypost: source: the graph knows of no source 'urn:waypost:source:key:none'" in done.stderr
    assert AIRFLOW in done.stderr
    assert "13 said" in waypost("retract", AIRFLOW, "--dry-run").stdout, "nothing of another was taken back before"
