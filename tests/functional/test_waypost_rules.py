"""Every rule of the files that people write, broken in a small file: one line that names file, line, path, rule and remedy."""

from __future__ import annotations

import ast
import re
from enum import StrEnum
from pathlib import Path

import pytest
from typer.testing import CliRunner

import loaders
from catalog import stated
from catalog.stated import StatedRule
from loaders.agencies.rules import ListRule
from loaders.plan.rules import PlanRule
from loaders.registers.rules import RegisterRule
from loaders.waypost_file.rules import Rule
from loaders.waypost_file.written import MAX_FILE_BYTES
from server.cli import app
from tests.support.broken_files import LISTS, PLANS, Broken
from tests.support.broken_registers import REGISTERS

SOURCE = "waypost: 1\nsource: {urn: 'urn:waypost:source:key:t', title: T}\n"
HEAD = f"{SOURCE}nodes:\n"
EMPTY = f"{SOURCE}nodes: []\n"
A, D = "urn:waypost:agency:key:a", "urn:waypost:dataset:key:d"
AGENCY = f"- {{kind: Agency, urn: '{A}', name: A}}\n"
URN_OF_AGENCY = "write one such as urn:waypost:agency:key:x"
VERSION = "write 'waypost: 1' on the first line"


def agency(more: str) -> str:
    """A file with one node, on line 4, that has this as well."""
    return f"{HEAD}- {{kind: Agency, urn: '{A}', name: A, {more}}}\n"


def node(rule: str, content: str, path: str, says: str, remedy: str, *, line: int = 4) -> Broken:
    """A file of which the first node is kept out."""
    return Broken(rule, content, f"file.yaml:{line}: nodes[0]", f"nodes[0]{path}", says, remedy, keeps_out=True)


def whole(rule: str, content: str | bytes, line: int, says: str, remedy: str, *, path: str = "the file") -> Broken:
    """A file that is refused."""
    return Broken(rule, content, f"file.yaml:{line}", path, says, remedy)


NODES = [
    node("kind", f"{HEAD}- {{kind: Agncy, urn: x}}", ".kind", "'Agncy' is no kind", "did you mean Agency?"),
    node("kind", f"{HEAD}- {{urn: x}}", ".kind", "'kind' is missing", "write one of \u2026"),
    node("kind", f"{HEAD}- urn: x\n  kind: LoadRun", ".kind", "'LoadRun' is no kind", "did you mean Run?", line=5),
    node("urn", f"{HEAD}- {{kind: Agency, name: A}}", ".urn", "'urn' is missing", URN_OF_AGENCY),
    node("urn", f"{HEAD}- {{kind: Agency, urn: 7}}", ".urn", "7 is no URN", URN_OF_AGENCY),
    node(
        "urn",
        f"{HEAD}- kind: Agency\n  urn: opm",
        ".urn",
        "'opm' is no Waypost URN: expected it to begin with 'urn:waypost:'",
        URN_OF_AGENCY,
        line=5,
    ),
    node(
        "urn",
        f'{HEAD}- {{kind: Agency, urn: "{A}\\n"}}',
        ".urn",
        r"'a\n' is no segment: expected plain characters, or %XX in capitals for other ones",
        URN_OF_AGENCY,
    ),
    node(
        "urn-kind",
        f"{HEAD}- {{kind: Dataset, urn: '{A}', title: D}}",
        ".urn",
        f"{A} is a URN of kind 'agency': expected one of Dataset",
        "write one such as urn:waypost:dataset:key:x",
    ),
    node(
        "urn-kind",
        f"{HEAD}- kind: Dataset\n  urn: {D}\n  title: D\n  links:\n    held_by:\n    - {A}\n    - {D}",
        ".links.held_by[1]",
        f"{D} is a URN of kind 'dataset': expected one of Agency",
        URN_OF_AGENCY,
        line=10,
    ),
    node("type", f"{HEAD}- a word", "", "'a word' is not an object", "write an object there"),
    node(
        "type",
        agency("aliases: one"),
        ".aliases",
        "'one' is not a list of texts",
        "write it as [a, b], each text in quotes where it could be a number",
    ),
    node("type", agency("mission: 12"), ".mission", "12 is not text", "put it in quotes"),
    node(
        "type",
        agency("branch: "),
        ".branch",
        "there is no value: expected text",
        "state it, or take the key out",
    ),
    node(
        "type",
        f"{HEAD}- kind: Dataset\n  urn: {D}\n  title: D\n  issued: 2022-02-30",
        ".issued",
        "'2022-02-30' is not a day",
        "write it as 2022-03-31",
        line=7,
    ),
    node(
        "type",
        agency("links: {part_of: 7}"),
        ".links.part_of",
        "7 is not a URN or an object with 'to'",
        "write a URN or an object with 'to' there",
    ),
    node("required", f"{HEAD}- {{kind: Agency, urn: '{A}'}}", "", "'name' is missing: Name in use", "state it"),
    node(
        "required",
        f"{HEAD}- {{kind: ClassificationDetermination, urn: 'urn:waypost:classification-determination:key:c', classes: []}}",
        ".classes",
        "'classes' is an empty list: The classes that hold, all at once",
        "state one at least",
    ),
    node("unknown-key", agency("nme: B"), ".nme", "'nme' is not known here", "did you mean 'name'?"),
    node(
        "unknown-key", agency("links: {holds: x}"), ".links.holds", "'holds' is not known here", "take it out; \u2026"
    ),
    node("unknown-key", agency('"x\\ny": 1'), r".x\ny", r"'x\ny' is not known here", "take it out; \u2026"),
    node("enum", agency("branch: Executive"), ".branch", "'Executive' is no Branch", "did you mean EXECUTIVE?"),
    node("enum", agency("audience: ALL"), ".audience", "'ALL' is no Audience", "write one of PUBLIC, STAFF"),
    node(
        "span",
        agency("valid_from: 2020-01-01, valid_to: 2020-01-01"),
        ".valid_to",
        "'valid_to' (2020-01-01) is not after 'valid_from' (2020-01-01); it is the first day no more",
        "give a later day, or leave it out",
    ),
    node(
        "open-start",
        agency(f"links: {{part_of: {{to: '{A}', valid_to: 2020-01-01}}}}"),
        ".links.part_of",
        "'valid_to' stands without 'valid_from'",
        "state the first day as well",
    ),
    node(
        "repeated-link",
        agency(f"links: {{part_of: ['{A}', '{A}']}}"),
        ".links.part_of[1]",
        f"{A} is linked twice for the same time",
        "state it once, or give each its days",
    ),
    node(
        "duplicate-key",
        agency("\n  name: B"),
        ".name",
        "'name' stands a second time (line 5)",
        "keep one of the two",
    ),
    Broken(
        "duplicate-urn",
        HEAD + AGENCY * 2,
        "file.yaml:5: nodes[1]",
        "nodes[1].urn",
        f"{A} is stated on line 4 already",
        "state each node once",
        keeps_out=True,
        code=0,
    ),
    node("key", agency("<<: {x: 1}"), "", "a key (line 4) is no plain word", "write each key as one word"),
    node("key", agency("[a, b]: 1"), "", "a key (line 4) is no plain word", "write each key as one word"),
    node(
        "plain",
        agency("aliases: !!python/name:os.system x"),
        ".aliases",
        "the tag 'tag:yaml.org,2002:python/name:os.system' is not read here",
        "write the value itself",
    ),
    node("plain", agency("mission: &m M"), ".mission", "an anchor (&) is not read here", "write the value itself"),
    node("plain", agency("mission: *m"), ".mission", "an alias (*) is not read here", "write the value itself"),
    node(
        "encoding", agency('mission: "a\\0b"'), ".mission", "'mission' holds U+0000, which no store keeps", "remove it"
    ),
    node(
        "size",
        agency(f"abbreviation: {'x' * 4097}"),
        ".abbreviation",
        "'abbreviation' has 4097 characters, and is looked up by them",
        "keep to 4096 bytes at most",
    ),
    node(
        "encoding", agency('aliases: ["\\0"]'), ".aliases", "'aliases' holds U+0000, which no store keeps", "remove it"
    ),
]
WHOLE = [
    whole(
        "urn",
        EMPTY.replace("urn:waypost:source:key:t", "me"),
        2,
        "'me' is \u2026",
        "\u2026source:key:x",
        path="source.urn",
    ),
    whole("type", f"day: today\n{EMPTY}", 1, "'today' is not a day", "write it as 2022-03-31", path="day"),
    whole("type", f"{HEAD} {{}}", 3, "'nodes' is no list", "list the nodes there, each begun with '-'", path="nodes"),
    whole(
        "required",
        "waypost: 1\nnodes: []",
        1,
        "'source' is no object: it names who states this",
        "state its urn and title",
        path="source",
    ),
    whole(
        "required",
        EMPTY.replace(", title: T", ""),
        2,
        "'title' is missing: Name of the source",
        "state it",
        path="source",
    ),
    whole("unknown-key", f"{EMPTY}note: x", 4, "'note' is not known here", "did you mean 'nodes'?", path="note"),
    whole(
        "duplicate-key",
        f"{EMPTY}nodes: []",
        3,
        "'nodes' stands a second time (line 4)",
        "keep one of the two",
        path="nodes",
    ),
    whole("encoding", HEAD.encode() + b"- caf\xe9", 4, "this is not UTF-8", "save the file as UTF-8"),
    whole(
        "encoding",
        f"{HEAD}# \u00e9\n- \u0007",
        5,
        "the character U+0007 is not allowed",
        "take it out, or write it as an escape in quotes",
    ),
    whole(
        "size",
        EMPTY.ljust(MAX_FILE_BYTES) + "#",
        1,
        "it has 16777217 bytes, over 16777216",
        "split it into files of one source each",
    ),
    whole(
        "empty", "# nothing\n", 1, "there is nothing in it", "say on its first line what it is, such as 'waypost: 1'"
    ),
    whole("yaml", f"{EMPTY}---\n", 4, "a second document begins (---)", "keep one document a file"),
    whole("yaml", f"{HEAD}- [a\n- b", 5, "this is no YAML (\u2026)", "mend the line or the one before"),
    Broken(
        "json",
        '{"waypost": 1,\n "nodes": [}',
        "file.json:2",
        "the file",
        "this is no JSON (\u2026)",
        "mend the line or the one before",
        "file.json",
    ),
    whole("depth", f"{HEAD}- {'[' * 20}", 4, "lists and objects lie more than 20 deep in one another", "flatten them"),
    Broken(
        "depth",
        '{"nodes":\n' + "[" * 100_000,
        "file.json:2",
        "the file",
        "lists and objects lie more than 20 deep in one another",
        "flatten them",
        "file.json",
    ),
    whole(
        "version",
        EMPTY.replace("1", "2"),
        1,
        "'waypost' is 2, and this program reads version 1",
        VERSION,
        path="waypost",
    ),
    whole(
        "version",
        "- a",
        1,
        "'waypost' is missing, and this program reads version 1",
        f"{VERSION} (and 3 more)",
        path="waypost",
    ),
]
FILES = [*NODES, *WHOLE, *PLANS, *LISTS, *REGISTERS]
RULES: dict[str, type[StrEnum]] = {
    "Rule": Rule,
    "PlanRule": PlanRule,
    "ListRule": ListRule,
    "RegisterRule": RegisterRule,
}
GIVEN: dict[str, type[StrEnum]] = {**RULES, "StatedRule": StatedRule}
"""What declares the rules, and what only one format has."""


@pytest.mark.parametrize("broken", FILES, ids=[f"{n}-{broken.rule}" for n, broken in enumerate(FILES)])
def test_a_broken_file_is_told_of_in_one_line(broken: Broken, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    content = broken.content if isinstance(broken.content, bytes) else broken.content.encode()
    Path(broken.name).write_bytes(content)
    for name, text in broken.beside.items():
        Path(name).write_text(text, encoding="utf-8")

    result = CliRunner().invoke(app, [*broken.command, broken.name, *broken.after])

    said = [line for line in result.output.splitlines() if f": {broken.rule}: " in line]
    pattern = re.escape(broken.line).replace("\u2026", ".+")
    assert [line for line in said if re.fullmatch(pattern, line)] == said
    assert len(said) == 1
    assert result.exit_code == broken.code


def test_a_link_that_leads_nowhere_is_told_of_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one rule that needs the graph: it is the pipeline's."""
    monkeypatch.chdir(tmp_path)
    Path("file.yaml").write_text(agency("links: {part_of: 'urn:waypost:agency:key:b'}"), encoding="utf-8")
    assert (
        "  kept out: file.yaml:4: nodes[0]: links.part_of: dangling: urn:waypost:agency:key:b is neither in this source "
        "nor in the catalog: state it in this source, or load the one that has it first"
    ) in CliRunner().invoke(app, ["load", "waypost", "file.yaml"]).output.splitlines()


def test_every_rule_is_given_and_has_a_file() -> None:
    """A rule that nothing gives, one for which there is no file here, and one that is not declared are found."""
    given: set[str] = set()
    for folder in ("waypost_file", "plan", "agencies", "registers"):
        of_loaders = (Path(loaders.__path__[0]) / folder).glob("*.py")
        for module in (Path(stated.__file__), *(path for path in of_loaders if path.name != "rules.py")):
            for found in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
                match found:
                    case ast.Attribute(value=ast.Name(declared), attr=name) if declared in GIVEN:
                        given.add(GIVEN[declared][name].value)
                    case ast.Call(func=ast.Name("Flaw" | "Problem" | "LoaderError" | "_refusal" as made), args=args):
                        rule = args[made == "Flaw"]
                        where = f"{module.name}:{found.lineno}"
                        assert not isinstance(rule, ast.Constant | ast.JoinedStr), f"{where}: {ast.unparse(rule)}"
                    case _:
                        pass
    declared = [rule.value for rules in RULES.values() for rule in rules]
    assert len(declared) == len(set(declared)), "a rule is declared twice"
    assert given == set(declared)
    assert {broken.rule for broken in FILES} == set(declared)


FORBIDDEN = f"""{SOURCE}day: 2022-12-31
nodes:
- {{kind: PlanVersion, urn: 'urn:waypost:plan-version:key:p', title: P}}
- {{kind: Agency, urn: '{A}', name: A, links: {{part_of: 'urn:waypost:agency:key:b'}}}}
- {{kind: Agency, urn: 'urn:waypost:agency:key:b', name: B, links: {{part_of: '{A}'}}}}
- {{kind: Person, urn: 'urn:waypost:person:key:x', name: X}}
- {{kind: Appointment, urn: 'urn:waypost:appointment:key:1', role: CDO,
  links: {{within: '{A}', held_by: 'urn:waypost:person:key:x'}}}}
- {{kind: Appointment, urn: 'urn:waypost:appointment:key:2', role: CDO, links: {{within: '{A}'}}}}
- {{kind: Dataset, urn: '{D}', title: D, links: {{held_by: ['{A}', 'urn:waypost:agency:key:b']}}}}
- {{kind: Dataset, urn: 'urn:waypost:dataset:key:e', title: E, links: {{held_by: 'urn:waypost:agency:key:b'}}}}
- {{kind: HighValueDetermination, urn: 'urn:waypost:high-value-determination:key:h', criteria: [],
  links: {{finds_high_value: '{D}'}}}}
- {{kind: ClassificationDetermination, urn: 'urn:waypost:classification-determination:key:c',
  classes: [OPEN, PERSONAL], links: {{classifies: '{D}'}}}}
- {{kind: Flow, urn: 'urn:waypost:flow:key:f', title: F, links: {{from_asset: '{D}', to_asset: 'urn:waypost:dataset:key:e'}}}}
- {{kind: Agreement, urn: 'urn:waypost:agreement:key:g', title: G, kind_of_agreement: DATA_SHARING_AGREEMENT,
  effective_to: 2020-01-01, stated_stage: ACTIVE}}
"""
"""A file of which every node is well written, and which says what the domain forbids."""


def test_what_the_domain_forbids_is_loaded_and_found_by_verify(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file.yaml").write_text(FORBIDDEN, encoding="utf-8")
    loaded = CliRunner().invoke(app, ["load", "waypost", "file.yaml"])
    assert "12 read = 12 written + 0 unchanged + 0 quarantined" in loaded.stdout

    found = CliRunner().invoke(app, ["verify"])

    assert found.exit_code == 1
    assert [line.partition(": ")[0] for line in found.stdout.splitlines()[:-1]] == [
        f"ERROR HIERARCHY_CYCLE {A}",
        f"ERROR TOO_MANY_ENDS {D}",
        "ERROR AGREEMENT_EXPIRED_YET_ACTIVE urn:waypost:agreement:key:g",
        "ERROR R1 urn:waypost:appointment:key:2",
        "ERROR R1 urn:waypost:appointment:key:2",
        f"ERROR R12 {D}",
        *["ERROR R9 urn:waypost:high-value-determination:key:h"] * 3,
        "WARNING R17 urn:waypost:flow:key:f",
    ]
