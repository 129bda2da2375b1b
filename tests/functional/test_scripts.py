"""The scripts on machines that lack something: one clear sentence, status 1, and nothing made or lost."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.patience import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ("demo", "test", "test-long")
TOOLS = ("cksum", "dirname", "ls", "rm")
"""All that the scripts call before they have a Python; where that is not so, 'not found' is the second line."""

OLD = f"""
[ "$1" = -V ] && echo 'Python 3.9.2' && exit 0
exec '{sys.executable}' -c 'import sys; sys.version_info = (3, 9, 2); exec(sys.argv[1])' "$2"
"""
"""A Python that answers as 3.9 does whatever is asked of its version."""
WITHOUT_VENV = "case $2 in *version_info*) exit 0 ;; esac; exit 1"

pytestmark = pytest.mark.e2e


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What the scripts read of a checkout, in a folder of its own."""
    folder = tmp_path / "a checkout"
    shutil.copytree(ROOT / "scripts", folder / "scripts")
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """The one folder of the PATH: no Python is in it but what a test puts there."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found, tool
        (folder / tool).symlink_to(found)
    return folder


def python(machine: Path, text: str) -> None:
    path = machine / "python3"
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)


def refused(checkout: Path, machine: Path, script: str = "test", **settings: str) -> str:
    """The one sentence with which a script ends."""
    before = files(checkout)
    done = subprocess.run(
        [str(checkout / "scripts" / script)],
        env={"PATH": str(machine), "HOME": str(machine), **settings},
        cwd=checkout.parent,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert (done.returncode, done.stdout) == (1, ""), done.stderr
    (line,) = done.stderr.splitlines()
    start, _, sentence = line.partition(": ")
    assert start == "waypost"
    assert files(checkout) == before
    return sentence


def files(checkout: Path) -> set[Path]:
    return set(checkout.rglob("*"))


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_python_that_is_too_old(checkout: Path, machine: Path, script: str) -> None:
    python(machine, OLD)
    assert refused(checkout, machine, script) == (
        "needs Python 3.11 or newer; this machine has Python 3.9.2. Install one (on Debian or Ubuntu: apt-get install"
        " python3 python3-venv) and run this again."
    )


def test_no_python(checkout: Path, machine: Path) -> None:
    assert "needs Python 3.11 or newer; this machine has no python3 at all." in refused(checkout, machine)


def test_a_python_that_makes_no_environments(checkout: Path, machine: Path) -> None:
    python(machine, WITHOUT_VENV)
    sentence = refused(checkout, machine)
    assert sentence.startswith(f"{machine / 'python3'} cannot make virtual environments.")
    assert "apt-get install python3-venv" in sentence


def test_an_environment_in_a_folder_of_other_files(checkout: Path, machine: Path, tmp_path: Path) -> None:
    thesis = tmp_path / "documents" / "thesis.txt"
    thesis.parent.mkdir()
    thesis.write_text("years of work", encoding="utf-8")
    sentence = refused(checkout, machine, WAYPOST_VENV=str(thesis.parent))
    assert sentence == (
        f"{thesis.parent} holds files and is no virtual environment. Name a new folder with WAYPOST_VENV, or empty"
        " this one."
    )
    assert thesis.read_text(encoding="utf-8") == "years of work"


@pytest.mark.parametrize("below", ["venv", "deep/down/venv", ""])
def test_an_environment_that_would_lie_under_a_file(checkout: Path, machine: Path, tmp_path: Path, below: str) -> None:
    file = tmp_path / "file"
    file.write_text("", encoding="utf-8")
    sentence = refused(checkout, machine, WAYPOST_VENV=str(file / below))
    assert sentence.startswith(f"cannot write to {file}. ")
    assert "WAYPOST_VENV" in sentence


def test_a_demo_that_cannot_keep_its_catalog(checkout: Path, machine: Path) -> None:
    (checkout / "var").write_text("", encoding="utf-8")
    assert refused(checkout, machine, "demo") == (
        f"cannot write to {checkout / 'var'}. The demo keeps its catalog there: copy the checkout to a folder of yours,"
        " or set WAYPOST_STORE."
    )
    # Where another store is named, that is no trouble, and the next one is told.
    assert refused(checkout, machine, "demo", WAYPOST_STORE="sqlite:/x.db").startswith("needs Python")


@pytest.mark.parametrize("path", [*(f"scripts/{name}" for name in (*SCRIPTS, "venv.sh")), ".ci/run"])
def test_a_script_can_be_parsed_and_run(path: str) -> None:
    script = ROOT / path
    shell = "bash" if "bash" in script.read_text(encoding="utf-8").partition("\n")[0] else "sh"
    done = subprocess.run([shell, "-n", str(script)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert os.access(script, os.X_OK) == (script.suffix != ".sh"), "what is sourced is not run, and the other way round"


def test_every_script_is_parsed() -> None:
    assert {path.name for path in (ROOT / "scripts").iterdir()} == {*SCRIPTS, "venv.sh"}
