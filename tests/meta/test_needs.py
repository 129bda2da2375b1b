"""What a run of the tests says of tests that did not run: counted and shown, and failed where they were required."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.patience import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
TESTS = """
import pytest

@pytest.mark.neo4j
def test_that_runs():
    pass

@pytest.mark.neo4j
def test_that_evades():
    pytest.skip("not today")

@pytest.mark.neo4j
@pytest.mark.java21
def test_that_needs_two():
    pass
"""


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the three tests above with the plugin of ours, on a machine without any Java."""
    (tmp_path / "test_these.py").write_text(TESTS, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n    neo4j\n    java21\n", encoding="utf-8")
    plugin = "from server import neo4j_jars\nfrom pathlib import Path\nneo4j_jars.JVM_FOLDER = Path('/nowhere')\n"
    (tmp_path / "no_java.py").write_text(plugin, encoding="utf-8")

    def run(*words: str, uri: str = "bolt://127.0.0.1:1") -> subprocess.CompletedProcess[str]:
        environment = {"PATH": str(tmp_path), "PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}"}
        if uri:
            environment["WAYPOST_TEST_NEO4J_URI"] = uri
        plugins = ("-p", "tests.conftest", "-p", "no_java", "-p", "no:cacheprovider")
        return subprocess.run(
            [sys.executable, "-m", "pytest", *plugins, *words],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )

    return run


Run = Callable[..., subprocess.CompletedProcess[str]]


def test_a_skip_for_a_need_is_counted_and_shown(run: Run) -> None:
    done = run()
    assert done.returncode == 0, done.stdout
    assert "1 test needs a Java 21 or newer and did not run: install one" in done.stdout
    assert "1 test needs a Neo4j" not in done.stdout
    done = run(uri="")
    assert done.returncode == 0, done.stdout
    assert "3 tests need a Neo4j and did not run: start one" in done.stdout


def test_a_test_that_evades_fails_a_run_that_requires_it(run: Run) -> None:
    done = run("--require-neo4j")
    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout
    assert "these skipped themselves for another reason:" in done.stdout
    assert "test_these.py::test_that_evades: Skipped: not today" in done.stdout
    assert "test_that_needs_two: " not in done.stdout
    assert run("--require-neo4j", "-k", "runs").returncode == 0


def test_what_is_required_and_missing_fails(run: Run) -> None:
    done = run("--require-java21", "-k", "two")
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert "needs a Java 21 or newer: install one" in done.stdout
    assert run("--require-neo4j", uri="").returncode == pytest.ExitCode.TESTS_FAILED


def test_a_run_in_which_nothing_of_it_ran_fails(run: Run) -> None:
    done = run("--require-real-data")
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert "no test marked real_data ran" in done.stdout
