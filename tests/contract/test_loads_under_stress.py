"""Loads that are killed, and loads that meet: the graph is that of one clean load (issue 3 section 6, reliability R1)."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from catalog.batch import Batch
from catalog.model import MODEL
from catalog.stores.layout import Tables
from catalog.stores.port import Change
from catalog.urn import key
from tests.contract.workshop import Workshop
from tests.support.compare import GraphContent, content_of

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
    return subprocess.Popen(
        [str(Path(sys.executable).with_name("waypost")), "load", "dcat-us", str(catalog), "--format", "json"],
        cwd=catalog.parent,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2]), **workshop.place.environment},
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


def history(workshop: Workshop) -> list[Change]:
    return workshop.again(TABLES).all_changes(5000)


def graph(workshop: Workshop) -> GraphContent:
    return content_of(history(workshop), MODEL)


def clean_load(workshop: Workshop, catalog: Path) -> tuple[list[Change], dict[str, Any], list[float]]:
    """The history of one load into an empty store, its report, and the moments at which its revisions appeared."""
    workshop.fresh(TABLES)
    process = start(workshop, catalog)
    moments: list[float] = []
    while reaches(workshop, process, len(moments) + 1):
        moments.append(time.monotonic())
    report = finish(process)
    assert report["revision"] == len(moments)
    return history(workshop), report, moments


def reaches(workshop: Workshop, process: subprocess.Popen[str], revision: int) -> bool:
    """Wait until the load has written this revision; False where it ends before."""
    store = workshop.again(TABLES)
    while process.poll() is None:
        if store.revision() >= revision:
            return True
        time.sleep(0.002)
    return store.revision() >= revision


def left_by_the_dead(workshop: Workshop) -> list[Change]:
    """The history after a kill. The empty batch waits for the graph's lock, which a dying transaction may hold yet."""
    at = datetime.now(UTC)
    workshop.again(TABLES).write(Batch(key("source", "nobody"), "the test", at, at.date()))
    return history(workshop)


def kills(workshop: Workshop, catalog: Path, times: int, seed: int) -> None:
    """Kill loads after each of their revisions in turn, some way into the batch that follows.

    Moments are counted from revisions: how long a process takes to start, and a store to warm, says nothing of them.
    """
    rng = random.Random(seed)
    clean, report, moments = clean_load(workshop, catalog)
    assert report["written"] == DATASETS
    expected = content_of(clean, MODEL)
    last = len(moments)
    killed = partial = 0
    for turn in range(times * 2):
        revision = 1 + turn % (last - 1)
        workshop.fresh(TABLES)
        process = start(workshop, catalog)
        reaches(workshop, process, revision)
        time.sleep(rng.uniform(0, 0.5) * (moments[revision] - moments[revision - 1]))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        was_killed = process.returncode == -signal.SIGKILL
        killed += was_killed

        left = left_by_the_dead(workshop)
        reached = workshop.again(TABLES).revision()
        part = content_of(left, MODEL)
        # The first batch holds the source alone: more than one node means that records are there.
        partial += was_killed and reached < last and len(part.nodes) > 1 and part != expected
        assert part == content_of([change for change in clean if change.revision <= reached], MODEL)

        again = finish(start(workshop, catalog))
        assert again["read"] == again["written"] + again["unchanged"] == DATASETS
        assert graph(workshop) == expected
        if killed >= times and partial:
            return
    pytest.fail(f"{killed} loads were killed, {times} wanted; {partial} of them left a part of the catalog, 1 wanted")


@pytest.mark.timeout(400)
def test_a_load_that_is_killed_and_run_again_leaves_the_graph_of_one(workshop: Workshop, catalog: Path) -> None:
    kills(workshop, catalog, times=3, seed=1)


@pytest.mark.long
@pytest.mark.timeout(3000)
def test_a_load_that_is_killed_at_twenty_moments_leaves_the_graph_of_one(workshop: Workshop, catalog: Path) -> None:
    kills(workshop, catalog, times=20, seed=2)


@pytest.mark.long_on_neo4j
@pytest.mark.timeout(400)
def test_eight_loads_at_once_leave_the_graph_of_one_and_show_no_error(workshop: Workshop, catalog: Path) -> None:
    clean, alone, _ = clean_load(workshop, catalog)
    expected = content_of(clean, MODEL)
    workshop.fresh(TABLES)

    reports = [finish(process) for process in [start(workshop, catalog) for _ in range(LOADERS)]]

    assert graph(workshop) == expected
    assert sum(report["created"]["Dataset"] for report in reports if report["created"]) == alone["created"]["Dataset"]
    for report in reports:
        assert report["read"] == report["written"] + report["unchanged"] == DATASETS
