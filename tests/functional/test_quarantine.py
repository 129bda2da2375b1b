"""What is kept out comes again: as a file to mend, played without the rest of its source."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from server.cli import app

DATASETS: list[dict[str, Any]] = [
    {"identifier": "a", "title": "A"},
    {"identifier": "b", "title": None},
    {"identifier": "a", "title": "Another A"},
    {"identifier": "c", "title": "C", "distribution": "a.csv"},
]
FILE = """\
waypost: 1
source: {urn: 'urn:waypost:source:key:t', title: T}
nodes:
- {kind: Agency, urn: 'urn:waypost:agency:key:a', name: A}
- kind: Agency
  urn: urn:waypost:agency:key:b
  nme: >-
    B of
    this
"""


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("roads.json").write_text(json.dumps({"dataset": DATASETS}), encoding="utf-8")
    Path("agencies.yaml").write_text(FILE, encoding="utf-8")


def waypost(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def counts(result: Result) -> tuple[int, int, int, int]:
    """(read, written, unchanged, quarantined) of a load's report."""
    found = json.loads(result.stdout)
    kept_out = len(found["quarantined"])
    assert found["read"] == found["written"] + found["unchanged"] + kept_out
    return found["read"], found["written"], found["unchanged"], kept_out


def kept_out() -> list[Any]:
    """The lines of what the last load kept out."""
    (run, *_) = json.loads(waypost("quarantine", "--format", "json").stdout)
    result = waypost("quarantine", run["urn"], "--output", "kept/out.ndjson")
    assert (result.exit_code, result.stdout) == (0, "")
    assert Path("kept/out.ndjson").read_text(encoding="utf-8") == waypost("quarantine", run["urn"]).stdout
    return [json.loads(line) for line in Path("kept/out.ndjson").read_text(encoding="utf-8").splitlines()]


def replayed(lines: list[Any]) -> Result:
    Path("mended.ndjson").write_text("".join(json.dumps(line) + "\n\n" for line in lines), encoding="utf-8")
    return waypost("replay", "mended.ndjson", "--format", "json")


def test_datasets_are_mended_and_played_again() -> None:
    assert counts(waypost("load", "dcat-us", "roads.json", "--format", "json")) == (4, 1, 0, 3)
    assert "3 of      4" in waypost("quarantine").stdout
    head, *records = kept_out()
    assert (head["kind"], head["source"]["urn"]) == ("dcat-us", "urn:waypost:source:key:dcat-us:roads")
    assert [(r["place"], r["identifier"], r["problem"]["rule"], r["raw"]) for r in records] == [
        ("roads.json: dataset[1]", "b", "required", DATASETS[1]),
        ("roads.json: dataset[2]", "a", "duplicate-identifier", DATASETS[2]),
        ("roads.json: dataset[3]", "c", "type", DATASETS[3]),
    ]

    # Not mended, they stay out; nothing of the source is closed or overwritten.
    assert counts(replayed([head, *records])) == (3, 0, 0, 3)
    records[0]["raw"]["title"] = "B"
    records[1]["raw"]["title"] = "Still another A"
    records[2]["raw"]["distribution"] = {"downloadURL": "https://x.example/a.csv"}
    assert counts(replayed([head, *records])) == (3, 2, 0, 1)
    records[1]["raw"]["identifier"] = "a-2"
    assert counts(replayed([head, *records])) == (3, 1, 2, 0)
    assert counts(replayed([head, *records])) == (3, 0, 3, 0)
    # A line that was taken out stays out.
    assert counts(replayed([head, records[1]])) == (1, 0, 1, 0)


def test_nodes_of_a_file_are_mended_and_played_again() -> None:
    assert counts(waypost("load", "waypost", "agencies.yaml", "--format", "json")) == (2, 1, 0, 1)
    head, record = kept_out()
    assert record["raw"] == "kind: Agency\nurn: urn:waypost:agency:key:b\nnme: >-\n  B of\n  this"
    again = replayed([head, record])
    assert counts(again) == (1, 0, 0, 1)
    assert json.loads(again.stdout)["quarantined"][0]["place"] == "mended.ndjson: record 1"
    record["raw"] = record["raw"].replace("nme", "name")
    assert counts(replayed([head, record])) == (1, 1, 0, 0)
    assert counts(replayed([head, record])) == (1, 0, 1, 0)
    assert waypost("verify").exit_code == 0


def test_where_nothing_was_kept_out_that_is_said() -> None:
    waypost("migrate")
    assert waypost("quarantine").stdout == "no load kept anything out\n"
    assert json.loads(waypost("quarantine", "--format", "json").stdout) == []


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "kept.ndjson:1: this is no line"),
        ("{}", "kept.ndjson:1: this is no line"),
        ('{"quarantine":2,"kind":"x","source":{"urn":"u","title":"t"},"day":"2021-01-01","run":"r"}', "version 2"),
        ('{"quarantine":1,"kind":"x","source":{"urn":"u","title":"t"},"day":"2021-01-01","run":"r"}', "kind 'x'"),
        ('{"quarantine":1,"kind":"dcat-us","source":{"urn":"u","title":"t"},"day":"2021-01-01","run":"r"}\n[]', ":2:"),
    ],
)
def test_a_file_that_is_none_is_refused_with_its_line(content: str, says: str) -> None:
    Path("kept.ndjson").write_text(content, encoding="utf-8")
    result = waypost("replay", "kept.ndjson")
    assert result.exit_code == 4, result.output
    assert says in result.stderr


def test_a_run_that_is_none_is_refused() -> None:
    waypost("migrate")
    result = waypost("quarantine", "urn:waypost:load-run:key:x")
    assert result.exit_code == 4
    assert "is no load of this store" in result.stderr
