"""The import rules of pyproject.toml hold, and they catch what they are there for."""

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("catalog", "lineage", "graphql_schema", "loaders", "server")

# One breach of each contract: the module that is planted, and its text.
BREACHES = {
    "server → graphql_schema | loaders → lineage → catalog": [
        ("catalog", "import lineage"),
        ("lineage", "import loaders"),
        ("loaders", "import graphql_schema"),
        ("graphql_schema", "import server"),
    ],
    "neo4j only in catalog.stores.neo4j": [
        ("catalog/stores", "import neo4j"),
        ("server", "from neo4j import GraphDatabase"),
    ],
    "sqlite3 only in catalog.stores.sqlite": [
        ("catalog/stores", "import sqlite3"),
        ("loaders", "import sqlite3"),
    ],
    "strawberry only in graphql_schema and server": [("lineage", "import strawberry")],
    "fastapi, uvicorn and starlette only in server": [("graphql_schema", "import starlette.requests")],
    "httpx only in loaders": [("server", "import httpx")],
}


def _lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            *(
                sys.executable,
                "-c",
                "from importlinter.cli import lint_imports_command; lint_imports_command()",
            ),
            "--no-cache",
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_rules_hold() -> None:
    result = _lint_imports(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


def test_each_rule_catches_its_breach(tmp_path: Path) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    for number, (folder, text) in enumerate(plant for plants in BREACHES.values() for plant in plants):
        (tmp_path / folder / f"breach_{number}.py").write_text(text + "\n", encoding="utf-8")
    result = _lint_imports(tmp_path)
    assert result.returncode == 1, result.stdout + result.stderr
    broken = re.findall(r"^(.+) BROKEN(?: \(.+\))?$", result.stdout, re.MULTILINE)
    assert broken == list(BREACHES)
    for number in range(sum(map(len, BREACHES.values()))):
        assert f"breach_{number}" in result.stdout


def test_the_server_takes_only_the_fastapi_part_of_strawberry() -> None:
    # import-linter sees a package of others as one module, so this rule is read from the source.
    found: set[str] = set()
    for path in (ROOT / "server").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                found.add(node.module)
    taken = {name for name in found if name.split(".")[0] == "strawberry"}
    assert {name for name in taken if not f"{name}.".startswith("strawberry.fastapi.")} == set()
