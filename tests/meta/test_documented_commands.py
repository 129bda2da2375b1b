"""What the documents tell people to type, and the class that they tell them to write, work as they say."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from typing import Any

import pytest
from typer.main import get_command

from server.cli import app
from server.commands.sources import SourceKind
from tests.support.pages import PAGES, ROOT
from tests.support.patience import PATIENCE

CODE = re.compile(r"^ *```\w*\n(.*?)^ *```|`([^`]+)`", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"(?<![\w./:-])(waypost|scripts/[\w-]+|python -m benchmarks\.\w+)(?=\s|$)([^\n|>#;&]*)")
FLAG = re.compile(r"(?<![\w-])--?[A-Za-z][\w-]*")


def code() -> Iterator[tuple[str, str]]:
    """Each piece of code of each page, with the name of the page."""
    for page in PAGES:
        for fenced, inline in CODE.findall(page.read_text(encoding="utf-8")):
            yield page.name, (fenced or " ".join(inline.split())).replace("\\\n", " ")


def commands() -> list[Any]:
    """Each command that a page names, with its words, once."""
    found = {(page, name, words.strip()) for page, text in code() for name, words in COMMAND.findall(text)}
    return [pytest.param(name, words, id=f"{page}: {name} {words}") for page, name, words in sorted(found)]


def flags_of(command: Any) -> set[str]:
    """What the help of a command lists."""
    own = {flag for param in command.params for flag in (*param.opts, *param.secondary_opts) if not param.hidden}
    return own | {"--help"}


def every_command(command: Any) -> Iterator[Any]:
    yield command
    for below in getattr(command, "commands", {}).values():
        yield from every_command(below)


@pytest.fixture(scope="module")
def pytest_flags() -> set[str]:
    """The options of pytest, ours among them."""
    return flags_in_help("-m", "pytest", "--help")


def flags_in_help(*words: str) -> set[str]:
    done = subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(FLAG.findall(done.stdout))


def check_waypost(words: list[str], typed: str) -> None:
    command: Any = get_command(app)
    while hasattr(command, "commands") and words and not words[0].startswith("-"):
        assert words[0] in command.commands, f"{typed}: '{words[0]}' is none of {sorted(command.commands)}"
        command = command.commands[words.pop(0)]
    unknown = {word.partition("=")[0] for word in words if FLAG.match(word)} - flags_of(command)
    assert not unknown, f"{typed}: no such option"
    if command.name == "load":
        assert words[0] in set(SourceKind), f"{typed}: '{words[0]}' is none of {sorted(SourceKind)}"


@pytest.mark.parametrize(("name", "words"), commands())
def test_a_command_can_be_typed_as_a_page_shows_it(name: str, words: str, pytest_flags: set[str]) -> None:
    typed = f"{name} {words}"
    if name == "waypost":
        check_waypost(words.split(), typed)
    elif name == "scripts/demo":  # its arguments go to this command
        check_waypost(["demo", *words.split()], typed)
    elif name.startswith("scripts/"):
        assert (ROOT / name).is_file(), typed
        assert set(FLAG.findall(words)) <= pytest_flags, typed
    else:
        assert set(FLAG.findall(words)) <= flags_in_help(*name.split()[1:], "--help"), typed


def test_flags_that_stand_alone_are_somebodys(pytest_flags: set[str]) -> None:
    alone = {text for _, text in code() if FLAG.fullmatch(text)}
    assert "--require-neo4j" in alone
    assert alone <= pytest_flags | {flag for command in every_command(get_command(app)) for flag in flags_of(command)}


def test_enough_is_found() -> None:
    """A pattern that finds nothing would pass everything."""
    found = {parameter.values for parameter in commands()}
    assert ("waypost", "neo4j start --for-tests --home var/neo4j-test --port 17687") in found
    assert ("scripts/test", "--require-neo4j") in found
    assert len(found) > 12


@pytest.mark.parametrize(
    ("words", "trouble"),
    [
        ("verfy", "'verfy' is none of"),
        ("neo4j begin", "'begin' is none of"),
        ("schema --modle", "no such option"),
        ("neo4j start --format json --heap 1g", "no such option"),
        ("load dcat data.json", "'dcat' is none of"),
    ],
)
def test_what_cannot_be_typed_is_found(words: str, trouble: str) -> None:
    with pytest.raises(AssertionError, match=trouble):
        check_waypost(words.split(), words)


RECIPE = """
import __future__, asyncio, importlib, json, sys
from catalog.model.declare import declared
from catalog.model.schema import Model
from catalog.stores.layout import Tables
from catalog.stores.sqlite.store import SqliteStore

text, group = json.load(sys.stdin)
module = importlib.import_module(f"catalog.model.{group}")
known = set(declared())
exec(compile(text, "CONTRIBUTING.md", "exec", __future__.annotations.compiler_flag), vars(module))
(label,) = set(declared()) - known
model = Model(declared())

async def set_up():
    store = SqliteStore.open(":memory:", Tables(model))
    await store.migrate()
    await store.close()

asyncio.run(set_up())
kind = model.kind(label)
print(json.dumps({
    "label": label,
    "group": kind.group,
    "doc": kind.doc,
    "properties": [found.name for found in kind.properties],
    "steps": [[step.name, step.target.label] for step in model.steps(label)],
    "back": [relation.inverse for relation in kind.relations],
}))
"""


def test_the_class_of_the_recipe_is_an_entity() -> None:
    """In a process of its own: what is declared stays declared."""
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^( *```python\n.*?)^ *```", page, re.MULTILINE | re.DOTALL)
    text = textwrap.dedent(block).partition("\n")[2]
    (group,) = re.findall(r'group="(\w+)"', text)
    done = subprocess.run(
        [sys.executable, "-c", RECIPE],
        input=json.dumps([text, group]),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "label": "RequestFeedback",
        "group": group,
        "doc": "What a requestor says of how a request was dealt with (domain 3.4).",
        "properties": ["score", "given_on"],
        "steps": [["about", "DataRequest"]],
        "back": ["feedback"],
    }
