"""The distribution holds the five packages, from this checkout, with their types."""

import importlib
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ["catalog", "lineage", "graphql_schema", "loaders", "server"]


@pytest.fixture(scope="module")
def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_is_the_one_of_this_checkout_and_typed(package: str) -> None:
    file = importlib.import_module(package).__file__
    assert file is not None
    assert Path(file).resolve().parent == ROOT / package
    assert (ROOT / package / "py.typed").is_file()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names of what an installation brings, from a wheel that is built here and now, without the network."""
    folder = tmp_path_factory.mktemp("wheel")
    options = ("--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--disable-pip-version-check")
    done = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", *options, "--wheel-dir", str(folder), str(ROOT)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("waypost-*.whl")
    with zipfile.ZipFile(built) as archive:
        return set(archive.namelist())


def test_the_wheel_holds_exactly_the_five(pyproject: dict[str, Any], wheel: set[str]) -> None:
    assert pyproject["tool"]["hatch"]["build"]["targets"]["wheel"] == {"packages": PACKAGES}
    folders = {name.partition("/")[0] for name in wheel}
    assert {folder for folder in folders if not folder.endswith(".dist-info")} == set(PACKAGES)


def test_the_wheel_holds_every_file_of_the_five(wheel: set[str]) -> None:
    files = {path.relative_to(ROOT) for package in PACKAGES for path in (ROOT / package).rglob("*") if path.is_file()}
    assert {str(file) for file in files if "__pycache__" not in file.parts} <= wheel


@pytest.mark.parametrize(
    ("pattern", "least"),
    [
        ("loaders/demo/*.yaml", 12),
        ("loaders/demo/*.csv", 1),
        ("loaders/registers/mappings/*.yaml", 2),
        ("graphql_schema/schema.graphql", 1),
        ("server/queries/*.graphql", 3),
        ("server/static/**/*", 2),
        *((f"{package}/py.typed", 1) for package in PACKAGES),
    ],
)
def test_the_wheel_holds_what_is_no_module(wheel: set[str], pattern: str, least: int) -> None:
    here = {str(path.relative_to(ROOT)) for path in ROOT.glob(pattern) if path.is_file()}
    assert len(here) >= least
    assert here <= wheel


def test_every_package_of_the_checkout_is_listed() -> None:
    found = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert found - {"tests", "benchmarks"} == set(PACKAGES)


def test_it_cannot_be_published_by_mistake(pyproject: dict[str, Any]) -> None:
    assert "Private :: Do Not Upload" in pyproject["project"]["classifiers"]


def test_the_tools_agree_on_the_oldest_python(pyproject: dict[str, Any]) -> None:
    assert pyproject["project"]["requires-python"] == ">=3.11"
    assert pyproject["tool"]["ruff"]["target-version"] == "py311"
    assert pyproject["tool"]["basedpyright"]["pythonVersion"] == "3.11"
