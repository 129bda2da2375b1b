"""What the documents say is so: their commands run, their answers come, what is generated is fresh."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest

from catalog.model.document import data_dictionary
from catalog.values import MAX_INDEXED_BYTES
from graphql_schema.schema import export_sdl
from lineage.openlineage import names as openlineage
from loaders import fields
from loaders.agencies.rules import ListRule
from loaders.dbt.rules import DbtRule
from loaders.dcat_us import raw
from loaders.plan.rules import PlanRule
from loaders.registers.rules import RegisterRule
from loaders.socrata_views.rules import ViewRule
from loaders.waypost_file import parse
from loaders.waypost_file import rules as waypost_file
from loaders.waypost_file.written import MAX_FILE_BYTES, PRECEDENCE
from tests.support.pages import PAGES, ROOT
from tests.support.patience import PATIENCE

FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)")


def blocks(page: Path, language: str) -> list[str]:
    return [text for _, found, text in FENCE.findall(page.read_text(encoding="utf-8")) if found == language]


def console() -> Iterator[Any]:
    for page in PAGES:
        for number, text in enumerate(blocks(page, "console")):
            yield pytest.param(text, id=f"{page.name}-{number}")


@pytest.fixture
def environment() -> dict[str, str]:
    binaries = str(Path(sys.executable).parent)
    return {**os.environ, "PATH": f"{binaries}:{os.environ['PATH']}"}


@pytest.mark.real_data
@pytest.mark.parametrize("text", list(console()))
def test_a_console_block_does_what_it_shows(
    text: str, environment: dict[str, str], real_data: Path, tmp_path: Path
) -> None:
    environment["WAYPOST_REAL_DATA"] = str(real_data)
    commands = re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]
    assert commands
    for each in commands:
        command, _, shown = each.partition("\n")
        done = subprocess.run(  # noqa: S602 - a page of ours, run as its reader would
            command,
            shell=True,
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        assert done.returncode == 0, done.stderr
        for line in filter(None, shown.splitlines()):
            assert line in done.stdout, done.stdout


def test_the_answer_of_the_readme_is_the_answer(environment: dict[str, str], tmp_path: Path) -> None:
    (document,) = blocks(ROOT / "README.md", "graphql")
    (answer,) = blocks(ROOT / "README.md", "json")
    server = subprocess.Popen(
        ["waypost", "demo", "--port", "0"], cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True
    )
    stop = threading.Timer(50, server.kill)
    stop.start()
    try:
        assert server.stdout
        urls = (re.search(r"http://127\.0\.0\.1:\d+/graphql", line) for line in server.stdout)
        url = next(filter(None, urls), None)
        assert url, "the demo ended without saying where it is"
        got = _ask(url[0], document)
    finally:
        stop.cancel()
        server.terminate()
        server.communicate()

    assert got == json.loads(answer)


def _ask(url: str, document: str) -> Any:
    body = json.dumps({"query": document}).encode()
    for _ in range(50):
        try:
            request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310 - loopback
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310 - loopback
                return json.loads(answer.read())
        except ConnectionError:
            threading.Event().wait(0.2)
        except urllib.error.URLError as error:
            if not isinstance(error.reason, ConnectionError):
                raise
            threading.Event().wait(0.2)
    pytest.fail("the demo does not answer")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_the_data_dictionary_is_fresh() -> None:
    assert (ROOT / "docs" / "model.md").read_text(encoding="utf-8") == data_dictionary(), (
        "run: waypost schema --model > docs/model.md"
    )


def test_the_schema_is_fresh() -> None:
    assert (ROOT / "graphql_schema" / "schema.graphql").read_text(encoding="utf-8") == export_sdl(), (
        "run: waypost schema --sdl > graphql_schema/schema.graphql"
    )


@pytest.mark.parametrize(
    ("page", "heading", "rules"),
    [
        ("loading.md", "## A data.json", fields.Rule),
        ("loading.md", "## Derived views of Socrata portals", ViewRule),
        ("loading.md", "## A dbt project", DbtRule),
        ("loading.md", "## Our own format", waypost_file.Rule),
        ("plan-file.md", "The rules are", PlanRule),
        ("agencies.md", "## What is kept out", ListRule),
        ("registers.md", "## What is kept out", RegisterRule),
        ("lineage.md", "## What is kept out", openlineage.Rule),
    ],
)
def test_every_rule_that_keeps_something_out_is_told_of(page: str, heading: str, rules: type[StrEnum]) -> None:
    _, _, section = (ROOT / "docs" / page).read_text(encoding="utf-8").partition(heading)
    rows = re.findall(r"^\| (`[a-z-]+`(?:, `[a-z-]+`)*) \| \S", section.partition("\n## ")[0], re.MULTILINE)
    told = [rule.strip("`") for row in rows for rule in row.split(", ")]
    assert sorted(told) == sorted(rules)


@pytest.mark.parametrize("page", ["plan-file.md", "agencies.md", "registers.md"])
def test_the_rank_of_what_a_person_writes_is_told(page: str) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    (row,) = re.findall(r"^\| `source` \| who states.*", text, re.MULTILINE)
    assert f"(`precedence`) is {PRECEDENCE} " in row
    assert page in (ROOT / "docs" / "loading.md").read_text(encoding="utf-8")


def test_the_example_of_the_file_format_is_shown_as_it_is() -> None:
    example = (ROOT / "loaders" / "demo" / "pathway.yaml").read_text(encoding="utf-8")
    shown = blocks(ROOT / "docs" / "loading.md", "yaml")
    assert [text for text in shown if text not in example] == []
    assert len(shown) == 2
    for page in ("README.md", "docs/loading.md"):
        assert "loaders/demo/pathway.yaml" in (ROOT / page).read_text(encoding="utf-8"), page


def test_the_bounds_of_loading_are_those_that_are_told() -> None:
    text = (ROOT / "docs" / "loading.md").read_text(encoding="utf-8")
    bounds = (raw.MAX_BYTES, fields.MAX_TEXT, fields.MAX_ITEMS, MAX_INDEXED_BYTES)
    assert [bound for bound in bounds if f"{bound:,} " not in text] == []
    assert f"more than {raw.MAX_DEPTH} deep" in text
    assert f"more than {parse.MAX_DEPTH} deep" in text
    assert f"over {MAX_FILE_BYTES // 2**20} MiB" in text
