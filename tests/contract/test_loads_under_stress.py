"""Loads that are killed, and loads that meet: the graph is that of one clean load (issue 3 section 6, reliability R1)."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from catalog.model import MODEL
from catalog.stores.layout import Tables
from tests.contract.workshop import Workshop
from tests.support.compare import content_of

TABLES = Tables(MODEL)
DATASETS = 1500
LOADERS = 8


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalog of several batches, so that a load has many moments to die at."""
    rng = random.Random(3)
    datasets = [
        {
            "identifier": f"d{i}",
            "title": f"Dataset {i}",
            "description": " ".join(rng.choices(["snap", "roads", "births", "été"], k=20)),
            "publisher": {"name": f"Agency {i % 20}"},
            "modified": "2021-03-04",
            "distribution": [
                {"format": form, "downloadURL": f"https://x.example/{i}.{form}"} for form in ("csv", "pdf")
            ],
        }
        for i in range(DATASETS)
    ]
    path = tmp_path_factory.mktemp("catalog") / "roads.json"
    path.write_text(json.dumps({"dataset": datasets}), encoding="utf-8")
    return path


def start(workshop: Workshop, catalog: Path) -> subprocess.Popen[str]:
    """``waypost load`` as a person would start it, on the graph that the workshop opened last."""
    place = workshop.place
    settings = {"WAYPOST_STORE": place.uri or f"sqlite:{place.file}", "WAYPOST_WRITE_TIMEOUT_SECONDS": "120"}
    if place.password:
        settings |= {"WAYPOST_NEO4J_USER": place.user or "neo4j", "WAYPOST_NEO4J_PASSWORD": place.password}
    return subprocess.Popen(
        [str(Path(sys.executable).with_name("waypost")), "load", "dcat-us", str(catalog), "--format", "json"],
        cwd=catalog.parent,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2]), **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> dict[str, Any]:
    """The report of a load that must end well and say nothing of errors."""
    out, err = process.communicate(timeout=240)
    assert process.returncode == 0, err
    assert "rror" not in err
    report: dict[str, Any] = json.loads(out)
    return report


def graph(workshop: Workshop) -> Any:
    store = workshop.again(TABLES)
    return content_of(store.all_changes(5000), MODEL)


def clean_load(workshop: Workshop, catalog: Path) -> tuple[Any, dict[str, Any], float]:
    """The graph of one load into an empty store, its report, and the seconds that it took."""
    workshop.fresh(TABLES)
    began = time.monotonic()
    report = finish(start(workshop, catalog))
    return graph(workshop), report, time.monotonic() - began


def kills(workshop: Workshop, catalog: Path, times: int, seed: int) -> None:
    rng = random.Random(seed)
    expected, report, seconds = clean_load(workshop, catalog)
    assert report["written"] == DATASETS
    killed = 0
    for _ in range(times * 6):
        workshop.fresh(TABLES)
        process = start(workshop, catalog)
        time.sleep(rng.uniform(0.2, 0.9) * seconds)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        killed += process.returncode == -signal.SIGKILL
        again = finish(start(workshop, catalog))

        assert again["read"] == again["written"] + again["unchanged"] == DATASETS
        assert graph(workshop) == expected
        if killed == times:
            return
    pytest.fail(f"only {killed} of {times * 6} loads were still running when they were killed")


@pytest.mark.timeout(400)
def test_a_load_that_is_killed_and_run_again_leaves_the_graph_of_one(workshop: Workshop, catalog: Path) -> None:
    kills(workshop, catalog, times=3, seed=1)


@pytest.mark.long
@pytest.mark.timeout(3000)
def test_a_load_that_is_killed_at_twenty_moments_leaves_the_graph_of_one(workshop: Workshop, catalog: Path) -> None:
    kills(workshop, catalog, times=20, seed=2)


@pytest.mark.timeout(400)
def test_eight_loads_at_once_leave_the_graph_of_one_and_show_no_error(workshop: Workshop, catalog: Path) -> None:
    expected, alone, _ = clean_load(workshop, catalog)
    workshop.fresh(TABLES)

    reports = [finish(process) for process in [start(workshop, catalog) for _ in range(LOADERS)]]

    assert graph(workshop) == expected
    assert sum(report["created"]["Dataset"] for report in reports if report["created"]) == alone["created"]["Dataset"]
    for report in reports:
        assert report["read"] == report["written"] + report["unchanged"] == DATASETS
