"""The distribution holds the five packages, from this checkout, with their types."""

import importlib
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ["catalog", "lineage", "graphql_schema", "loaders", "server"]


@pytest.fixture(scope="module")
def pyproject() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_is_the_one_of_this_checkout_and_typed(package: str) -> None:
    file = importlib.import_module(package).__file__
    assert file is not None
    assert Path(file).resolve().parent == ROOT / package
    assert (ROOT / package / "py.typed").is_file()


def test_the_wheel_holds_exactly_the_five(pyproject: dict) -> None:
    assert pyproject["tool"]["hatch"]["build"]["targets"]["wheel"] == {"packages": PACKAGES}


def test_every_package_of_the_checkout_is_listed() -> None:
    found = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert found - {"tests", "benchmarks"} == set(PACKAGES)


def test_it_cannot_be_published_by_mistake(pyproject: dict) -> None:
    assert "Private :: Do Not Upload" in pyproject["project"]["classifiers"]


def test_the_tools_agree_on_the_oldest_python(pyproject: dict) -> None:
    assert pyproject["project"]["requires-python"] == ">=3.11"
    assert pyproject["tool"]["ruff"]["target-version"] == "py311"
    assert pyproject["tool"]["basedpyright"]["pythonVersion"] == "3.11"
