"""``waypost audit`` on the demo catalog: what it prints for people and for scripts, and how it ends."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from catalog.model import MODEL
from catalog.stores.layout import Tables
from catalog.stores.sqlite.store import SqliteStore
from server.cli import app
from server.demo import load_demo

FLOW = "urn:waypost:flow:key:ct:5-linked-file-to-uconn"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a store that holds the demo catalog."""
    path = tmp_path_factory.mktemp("audit") / "demo.db"

    async def fill() -> None:
        store = SqliteStore.open(path, Tables(MODEL))
        await load_demo(store)
        await store.close()

    asyncio.run(fill())
    return f"sqlite:{path}"


@pytest.fixture
def audit(demo: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    def run(*words: str, store: str = demo) -> Any:
        monkeypatch.setenv("WAYPOST_STORE", store)
        monkeypatch.setenv("WAYPOST_ZONE", "America/New_York")
        return CliRunner().invoke(app, ["audit", *words])

    return run


def test_for_people_it_says_what_is_not_in_order_and_why(audit: Any) -> None:
    done = audit("--as-of", "2022-05-09")
    assert done.exit_code == 1
    assert (
        "ERROR UNCOVERED PURPOSE_NOT_PERMITTED: 5: Linked file to the researchers\n"
        f"  dol to uconn: {FLOW}\n"
        "  tried: urn:waypost:agreement:key:ct:dsa-a (PURPOSE_NOT_PERMITTED)\n"
        "  owed to dss: urn:waypost:agreement:key:ct:dsa-a (PURPOSE_NOT_PERMITTED)\n"
        "  owed to sde: urn:waypost:agreement:key:ct:dsa-a (PURPOSE_NOT_PERMITTED)\n"
    ) in done.stdout
    assert "WARNING UNKNOWN CLASS_UNDETERMINED: 12: New file to DOL\n" in done.stdout
    assert "1: Enrollment to the hub" not in done.stdout
    *_, last = done.stdout.splitlines()
    assert " flows on 2022-05-09: " in last


def test_scripts_get_every_flow(audit: Any) -> None:
    answer = json.loads(audit("--as-of", "2022-05-09", "--format", "json").stdout)
    by_flow = {row["flow"]: row for row in answer["flows"]}
    assert list(by_flow) == sorted(by_flow)
    assert sum(answer["counts"].values()) == len(by_flow) > 250
    assert by_flow[FLOW]["title"] == "5: Linked file to the researchers"
    assert by_flow[FLOW]["owed"][1] == {
        "direct": False,
        "agency": "urn:waypost:agency:key:ct:dss",
        "verdict": "UNCOVERED",
        "tried": [{"agreement": "urn:waypost:agreement:key:ct:dsa-a", "code": "PURPOSE_NOT_PERMITTED"}],
    }
    lines = list(csv.DictReader(io.StringIO(audit("--as-of", "2022-05-09", "--format", "csv").stdout)))
    assert [line["flow"] for line in lines] == list(by_flow)
    for line in lines:
        row = by_flow[line["flow"]]
        assert {**row, **line, "by": line["by"].split(), "reasons": line["reasons"].split()} == {
            **row,
            **{name: row[name] or "" for name in ("provider", "recipient", "purpose")},
            "why": " ".join(row["why"]),
            "failing_claims": " ".join(f"{each['agreement']} {each['code']}" for each in row["failing_claims"]),
        }


@pytest.mark.parametrize(
    ("day", "fail_on", "code"),
    [
        ("2022-05-09", "error", 1),
        ("2022-05-09", "warning", 1),
        ("2022-05-09", "never", 0),
        # Nothing of the demo flowed yet.
        ("1990-01-01", "warning", 0),
    ],
)
def test_it_ends_as_was_asked(audit: Any, day: str, fail_on: str, code: int) -> None:
    assert audit("--as-of", day, "--fail-on", fail_on, "--format", "csv").exit_code == code


def test_trouble_is_told_in_a_sentence(audit: Any, tmp_path: Path) -> None:
    assert audit("--as-of", "yesterday").exit_code == 2
    done = audit(store=f"sqlite:{tmp_path / 'none.db'}")
    assert done.exit_code == 3
    assert "run 'waypost migrate'" in done.stderr
