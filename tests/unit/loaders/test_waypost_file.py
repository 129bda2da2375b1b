"""Our own file format: what it says is what is stated, and what is wrong in it is named with line, rule and remedy."""

from __future__ import annotations

import copy
import json
import random
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, cast

import pytest
import yaml
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.protocols import Validator

from catalog.access import Audience
from catalog.batch import EdgeStatement
from catalog.model import MODEL
from catalog.model.data import Dataset
from catalog.model.document import file_schema
from catalog.stated import check_node
from loaders.demo import FILES
from loaders.errors import LoaderError
from loaders.record import Problem, Record
from loaders.waypost_file import written as module
from loaders.waypost_file.loader import WaypostFileLoader
from loaders.waypost_file.parse import compose, value_of

DEMO = Path(__file__).resolve().parents[3] / "loaders" / "demo"
HEAD = """waypost: 1
source:
  urn: urn:waypost:source:key:test
  title: A test
nodes:
"""
OPM = "urn:waypost:agency:key:opm"
A, B, C = (f"urn:waypost:dataset:key:{letter}" for letter in "abc")


def records(tmp_path: Path, text: str, name: str = "file.yaml") -> list[Record]:
    return list(opened(tmp_path, text, name).records())


def opened(tmp_path: Path, text: str, name: str = "file.yaml", as_of: date | None = None) -> WaypostFileLoader:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return WaypostFileLoader(str(path), as_of=as_of)


def problem(tmp_path: Path, nodes: str) -> tuple[Record, Problem]:
    """The one record that is kept out, of nodes written below the head of a file."""
    kept_out = [r for r in records(tmp_path, HEAD + nodes) if r.problem is not None]
    assert len(kept_out) == 1
    found = kept_out[0].problem
    assert found is not None
    return kept_out[0], found


# What a file says


def test_states_what_it_says(tmp_path: Path) -> None:
    text = f"""
- kind: Dataset
  urn: {A}
  audience: PUBLIC
  valid_from: 2020-01-01
  title: "2021"
  keywords: [no, on, "12", 2022-03-01]
  population_unit: PERSON
  issued: 2022-03-01
  contains_pii: true
  links:
    held_by: {OPM}
    serves:
    - {{to: urn:waypost:goal:key:g1, how: DECLARED, reason: It does.}}
    - {{to: urn:waypost:goal:key:g2, valid_from: 2020-01-01, valid_to: 2021-01-01}}
"""
    (record,) = records(tmp_path, HEAD + text)
    (node,) = record.nodes
    entity = node.entity
    assert isinstance(entity, Dataset)
    assert (entity.title, entity.issued, entity.contains_pii) == ("2021", date(2022, 3, 1), True)
    assert entity.keywords == ("no", "on", "12", "2022-03-01")
    assert (node.audience, node.valid_from, node.valid_to) == (Audience.PUBLIC, date(2020, 1, 1), None)
    edges = {(e.relation.name, e.head, e.valid_from, e.valid_to, tuple(e.props.items())) for e in record.edges}
    assert edges == {
        ("held_by", OPM, None, None, ()),
        ("serves", "urn:waypost:goal:key:g1", None, None, (("how", "DECLARED"), ("reason", "It does."))),
        ("serves", "urn:waypost:goal:key:g2", date(2020, 1, 1), date(2021, 1, 1), ()),
    }
    # A node that is described has no other links than those shown.
    assert {relation.name for _, relation in record.restates} == {r.name for r in MODEL.kind("Dataset").relations}
    assert record.place == "file.yaml:7: nodes[0]"


def test_with_nothing_but_links_leaves_the_node_and_its_other_links_alone(tmp_path: Path) -> None:
    (record,) = records(tmp_path, HEAD + f"- {{kind: Dataset, urn: '{A}', links: {{held_by: '{OPM}'}}}}\n")
    assert record.nodes == []
    assert [relation.name for _, relation in record.restates] == ["held_by"]


def test_day_is_the_one_given_then_the_files_then_today(tmp_path: Path) -> None:
    empty = HEAD + " []"
    dated = "day: 2020-02-29\n" + empty
    assert opened(tmp_path, dated).day == date(2020, 2, 29)
    assert opened(tmp_path, dated, as_of=date(2019, 1, 1)).day == date(2019, 1, 1)
    assert opened(tmp_path, empty).day >= date(2026, 1, 1)


def test_yaml_and_json_say_the_same(tmp_path: Path) -> None:
    node = {
        "kind": "Agency",
        "urn": OPM,
        "name": 'Añ\u2028o 😀 \\ud83d "q" / \x7f \t',
        "aliases": ["", "\u0001", "null", "1e5"],
    }
    content = {"waypost": 1, "source": {"urn": "urn:waypost:source:key:t", "title": "T"}, "nodes": [node]}
    for indent, ascii_ in ((None, True), (2, False), ("\t", True)):
        text = json.dumps(content, indent=indent, ensure_ascii=ascii_).replace("/", "\\/")
        (record,) = records(tmp_path, text, "file.json")
        assert record.problem is None
        assert getattr(record.nodes[0].entity, "name") == node["name"]  # noqa: B009 - of whichever kind it is
        assert getattr(record.nodes[0].entity, "aliases") == tuple(node["aliases"])  # noqa: B009


# What flows amount to


def flow(urn: str, source: str, target: str, **more: Any) -> dict[str, Any]:
    job = "urn:waypost:job:ol:n:j"
    links = {"from_asset": source, "to_asset": target, "via": job}
    return {"kind": "Flow", "urn": f"urn:waypost:flow:key:{urn}", "links": links, "title": urn, **more}


def feeds(tmp_path: Path, nodes: list[dict[str, Any]]) -> list[tuple[str, str, date | None, str | None]]:
    found = _feeding(tmp_path, nodes)
    return [(e.tail[-1], e.head[-1], e.valid_from, str(e.props.get("flow"))[-1:]) for e in found]


def _feeding(tmp_path: Path, nodes: list[dict[str, Any]]) -> list[EdgeStatement]:
    edges = [e for r in records(tmp_path, HEAD + yaml.safe_dump(nodes)) for e in r.edges]
    return [e for e in edges if e.relation.type == Dataset.downstream.type]


def test_public_flows_make_datasets_feed_one_another(tmp_path: Path) -> None:
    nodes = [
        flow("2", A, B, audience="PUBLIC", first_seen="2022-02-01"),
        flow("1", A, B, audience="PUBLIC", first_seen="2022-03-01"),
        flow("3", B, C, audience="PUBLIC"),
        flow("4", A, "urn:waypost:system:key:s", audience="PUBLIC"),
    ]
    assert feeds(tmp_path, nodes) == [("a", "b", date(2022, 2, 1), "1"), ("b", "c", None, "3")]


def test_a_feed_ends_after_the_last_day_of_its_last_flow(tmp_path: Path) -> None:
    ended = [
        flow("1", A, B, audience="PUBLIC", first_seen="2022-02-01", last_seen="2022-03-31"),
        flow("2", A, B, audience="PUBLIC", first_seen="2022-01-01", last_seen="2022-02-28"),
    ]
    goes_on = flow("3", A, B, audience="PUBLIC", first_seen="2022-06-01")
    assert [(e.valid_from, e.valid_to) for e in _feeding(tmp_path, ended)] == [(date(2022, 1, 1), date(2022, 4, 1))]
    (found,) = _feeding(tmp_path, [*ended, goes_on])
    assert (found.valid_from, found.valid_to, found.props["flow"]) == (date(2022, 1, 1), None, "urn:waypost:flow:key:3")


def test_a_step_between_columns_lasts_as_long_as_its_flow(tmp_path: Path) -> None:
    def step(number: str, **more: Any) -> dict[str, Any]:
        links = {
            "from_column": "urn:waypost:column:key:a",
            "to_column": "urn:waypost:column:key:b",
            "part_of_flow": "urn:waypost:flow:key:1",
        }
        made = {"kind": "ColumnFlow", "urn": f"urn:waypost:column-flow:key:{number}", "derivation": "DIRECT"}
        return {**made, "links": links, **more}

    ended = flow("1", A, B, first_seen="2022-02-01", last_seen="2022-03-31")
    nodes = [step("1"), ended, step("2", valid_from="2022-03-01", valid_to="2022-03-15")]
    found = [
        n for r in records(tmp_path, HEAD + yaml.safe_dump(nodes)) for n in r.nodes if n.entity.urn != ended["urn"]
    ]
    assert [(n.valid_from, n.valid_to) for n in found] == [
        (date(2022, 2, 1), date(2022, 4, 1)),
        (date(2022, 3, 1), date(2022, 3, 15)),
    ]


def test_a_hidden_flow_between_public_datasets_is_not_told_of(tmp_path: Path) -> None:
    public = {"kind": "Dataset", "urn": A, "title": "A", "audience": "PUBLIC"}
    hidden = {"kind": "Dataset", "urn": B, "title": "B", "audience": "STAFF"}
    assert feeds(tmp_path, [public, flow("1", A, C)]) == []
    assert feeds(tmp_path, [public, hidden, flow("1", A, B)]) == [("a", "b", None, "1")]


def test_feeds_of_one_dataset_stand_in_one_record(tmp_path: Path) -> None:
    """Whatever restates the edges of a node must show all of them at once, or a part would close the others."""
    nodes = [flow(str(i), A, target, audience="PUBLIC") for i, target in enumerate((B, C))]
    for listed in (nodes, [*nodes, {"kind": "Dataset", "urn": A, "title": "A"}]):
        found = [r for r in records(tmp_path, HEAD + yaml.safe_dump(listed)) if any(_downstream(r))]
        assert len(found) == 1
        assert len(list(_downstream(found[0]))) == 2
        assert [rel.name for urn, rel in found[0].restates if urn == A].count("downstream") == 1


def _downstream(record: Record) -> Iterator[str]:
    return (e.head for e in record.edges if e.relation.name == "downstream")


def test_a_stated_feed_wins_over_the_derived_one(tmp_path: Path) -> None:
    stated = {"kind": "Dataset", "urn": A, "title": "A", "links": {"downstream": B}}
    assert feeds(tmp_path, [stated, flow("1", A, B, audience="PUBLIC")]) == [("a", "b", None, "e")]


# What is wrong with a node


@pytest.mark.parametrize(
    ("rule", "line", "path", "nodes"),
    [
        ("kind", 6, "nodes[0].kind", "- {kind: Agncy, urn: x}"),
        ("kind", 6, "nodes[0].kind", "- {urn: x}"),
        ("kind", 7, "nodes[0].kind", f"- urn: {OPM}\n  kind: LoadRun"),
        ("type", 6, "nodes[0]", "- just a text"),
        ("urn", 6, "nodes[0].urn", "- {kind: Agency, name: A}"),
        ("urn", 7, "nodes[0].urn", "- kind: Agency\n  urn: opm\n  name: A"),
        ("urn-kind", 6, "nodes[0].urn", f"- {{kind: Dataset, urn: '{OPM}', title: A}}"),
        ("required", 6, "nodes[0]", f"- {{kind: Agency, urn: '{OPM}'}}"),
        ("unknown-key", 9, "nodes[0].nme", f"- kind: Agency\n  urn: {OPM}\n  name: A\n  nme: A"),
        ("unknown-key", 6, "nodes[0].links.holds", f"- {{kind: Agency, urn: '{OPM}', links: {{holds: x}}}}"),
        ("type", 8, "nodes[0].name", f"- kind: Agency\n  urn: {OPM}\n  name: 12"),
        ("type", 6, "nodes[0].name", f"- {{kind: Agency, urn: '{OPM}', name: }}"),
        ("type", 6, "nodes[0].aliases", f"- {{kind: Agency, urn: '{OPM}', name: A, aliases: one}}"),
        ("type", 6, "nodes[0].issued", f"- {{kind: Dataset, urn: '{A}', title: A, issued: 2022-02-30}}"),
        ("type", 6, "nodes[0].issued", f"- {{kind: Dataset, urn: '{A}', title: A, issued: yesterday}}"),
        ("type", 6, "nodes[0].links", f"- {{kind: Agency, urn: '{OPM}', name: A, links: []}}"),
        ("enum", 6, "nodes[0].branch", f"- {{kind: Agency, urn: '{OPM}', name: A, branch: Executive}}"),
        ("enum", 6, "nodes[0].audience", f"- {{kind: Agency, urn: '{OPM}', name: A, audience: ALL}}"),
        (
            "enum",
            6,
            "nodes[0].links.serves.how",
            f"- {{kind: Dataset, urn: '{A}', title: A, links: {{serves: {{to: 'urn:waypost:goal:key:g', how: SO}}}}}}",
        ),
        (
            "urn-kind",
            11,
            "nodes[0].links.held_by[1]",
            f"- kind: Dataset\n  urn: {A}\n  links:\n    held_by:\n    - {OPM}\n    - {A}",
        ),
        (
            "span",
            6,
            "nodes[0].valid_to",
            f"- {{kind: Agency, urn: '{OPM}', name: A, valid_from: 2020-01-01, valid_to: 2020-01-01}}",
        ),
        (
            "open-start",
            6,
            "nodes[0].links.part_of",
            f"- {{kind: Agency, urn: '{OPM}', name: A, links: {{part_of: {{to: '{OPM}', valid_to: 2020-01-01}}}}}}",
        ),
        (
            "repeated-link",
            6,
            "nodes[0].links.part_of[1]",
            f"- {{kind: Agency, urn: '{OPM}', name: A, links: {{part_of: ['{OPM}', '{OPM}']}}}}",
        ),
        ("duplicate-key", 6, "nodes[0].name", f"- {{kind: Agency, urn: '{OPM}', name: A, name: B}}"),
        (
            "duplicate-urn",
            7,
            "nodes[1].urn",
            f"- {{kind: Agency, urn: '{OPM}', name: A}}\n- {{kind: Agency, urn: '{OPM}', name: B}}",
        ),
        ("plain", 6, "nodes[0].name", f"- {{kind: Agency, urn: '{OPM}', name: !!python/name:os.system x}}"),
        ("plain", 6, "nodes[0].name", f"- {{kind: Agency, urn: '{OPM}', name: &a A}}"),
        ("plain", 6, "nodes[0].name", f"- {{kind: Agency, urn: '{OPM}', name: *a}}"),
        ("key", 6, "nodes[0]", f"- {{<<: {{name: A}}, kind: Agency, urn: '{OPM}'}}"),
        ("encoding", 6, "nodes[0].name", f'- {{kind: Agency, urn: "{OPM}", name: "a\\0b"}}'),
        ("encoding", 6, "nodes[0].aliases", f'- {{kind: Agency, urn: "{OPM}", name: a, aliases: [b, "\\0"]}}'),
        ("type", 6, "nodes[0].branch", f"- {{kind: Agency, urn: '{OPM}', name: A, branch: }}"),
    ],
)
def test_names_what_is_wrong_and_where(tmp_path: Path, rule: str, line: int, path: str, nodes: str) -> None:
    record, found = problem(tmp_path, nodes + "\n")
    assert (found.rule, found.path) == (rule, path)
    assert record.place.startswith(f"file.yaml:{line}: nodes[")
    assert found.message
    assert found.remedy
    assert record.nodes == []
    assert record.edges == []


def test_keeps_the_raw_text_of_what_it_keeps_out(tmp_path: Path) -> None:
    bad = f"kind: Agency\n  urn: {OPM}\n  nme: Ü 😀"
    record, _ = problem(
        tmp_path, f"- {{kind: Agency, urn: '{OPM}2', name: Ä}}\n- {bad}\n- {{kind: Dataset, urn: '{A}', title: x}}\n"
    )
    assert record.raw == bad.replace("\n  ", "\n")


def test_says_all_that_is_wrong_with_a_node_by_line(tmp_path: Path) -> None:
    _, found = problem(tmp_path, f"- kind: Agency\n  urn: {OPM}\n  nme: A\n  branch: X\n")
    assert found.rule == "required"
    assert "line 8: nodes[0].nme" in found.remedy
    assert "line 9: nodes[0].branch" in found.remedy


# What is wrong with a file


@pytest.mark.parametrize(
    ("rule", "place", "text"),
    [
        ("empty", "file.yaml", ""),
        ("yaml", "file.yaml:2", "a: 1\nb: [\n"),
        ("yaml", "file.yaml:2", "a: 1\n---\nb: 1\n"),
        ("encoding", "file.yaml", "a: \x07\n"),
        ("depth", "file.yaml:1", "[" * 100_000),
        ("depth", "file.yaml:1", "- " * 5_000),
        ("version", "file.yaml:1", HEAD.replace("waypost: 1", "waypost: 2")),
        ("version", "file.yaml:1", HEAD.replace("waypost: 1", "waypost: true")),
        ("version", "file.yaml:1", "[]"),
        ("required", "file.yaml:2", "waypost: 1\nsource: {urn: 'urn:waypost:source:key:t'}\nnodes: []"),
        ("required", "file.yaml:1", "waypost: 1\nnodes: []"),
        ("urn", "file.yaml:3", HEAD.replace("urn:waypost:source:key:test", "me") + " []"),
        ("type", "file.yaml:5", HEAD + " {}"),
        ("unknown-key", "file.yaml:1", "more: 1\n" + HEAD + " []"),
        ("type", "file.yaml:1", "day: today\n" + HEAD + " []"),
        ("duplicate-key", "file.yaml:5", HEAD + " []\nnodes: []"),
    ],
)
def test_refuses_a_file_that_is_none(tmp_path: Path, rule: str, place: str, text: str) -> None:
    with pytest.raises(LoaderError) as raised:
        opened(tmp_path, text)
    assert raised.value.rule == rule
    assert f"{place}:" in str(raised.value)


def test_refuses_what_is_no_text_no_json_or_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file.yaml"
    path.write_bytes(b"waypost: 1\ntitle: \xff\n")
    with pytest.raises(LoaderError, match=r"encoding: file.yaml:2: the file: this is not UTF-8"):
        WaypostFileLoader(str(path))
    with pytest.raises(LoaderError, match=r"json: file.json:2: the file: this is no JSON"):
        opened(tmp_path, '{"waypost": 1,\n nodes: []}', "file.json")
    with pytest.raises(LoaderError, match=r"depth: file.json:1: "):
        opened(tmp_path, "[" * 100_000, "file.json")
    monkeypatch.setattr(module, "MAX_FILE_BYTES", 10)
    with pytest.raises(LoaderError, match=r"size: file.yaml:1: the file: it has 20 bytes"):
        WaypostFileLoader(str(path))


def test_no_bytes_at_all_do_more_than_refuse(tmp_path: Path) -> None:
    """Cut and flipped bytes of a real file end in records and problems, or in a LoaderError: nothing else."""
    whole = (DEMO / "agencies.yaml").read_bytes()[:6000]
    chance = random.Random(7)
    path = tmp_path / "file.yaml"
    outcomes = Counter[str]()
    for _ in range(150):
        content = bytearray(whole[: chance.randrange(len(whole))])
        for _ in range(chance.randrange(4)):
            if content:
                content[chance.randrange(len(content))] = chance.randrange(256)
        path.write_bytes(content)
        try:
            found = list(WaypostFileLoader(str(path)).records())
            outcomes["kept out" if any(r.problem for r in found) else "read"] += 1
        except LoaderError:
            outcomes["refused"] += 1
    assert outcomes["refused"] > 10
    assert outcomes["read"] + outcomes["kept out"] > 10


# The schema that is published is what is taken

_STRICTER = {"span", "open-start", "repeated-link", "encoding", "size", "duplicate-urn"}
"""Rules that a JSON Schema cannot say."""
_VALUES: list[Any] = [
    None,
    True,
    0,
    1.0,
    1.5,
    "x",
    "",
    "2022-01-01",
    "2022-13-01",
    [],
    ["x"],
    ["OPEN"],
    [1],
    {},
    A,
    OPM,
]


def _mutated(node: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    made = copy.deepcopy(node)
    where = made["links"] if "links" in made and chance.random() < 0.4 else made
    match chance.randrange(4):
        case 0 if where:
            del where[chance.choice(sorted(where))]
        case 1:
            where[chance.choice(["strange", "valid_from", "valid_to", "audience", "title", "name", "held_by"])] = (
                chance.choice(_VALUES)
            )
        case 2 if where:
            where[chance.choice(sorted(where))] = chance.choice(_VALUES)
        case _ if where:
            name = chance.choice(sorted(where))
            where[name] = [where[name]]
        case _:
            pass
    return made


def test_the_published_schema_and_the_loader_agree() -> None:
    schema = file_schema()
    nodes: list[dict[str, Any]] = []
    for name in (file.name for file in FILES if file.kind == "waypost"):
        nodes += value_of(compose((DEMO / name).read_bytes(), name)[1], (), [])["nodes"]
    of_node = {**schema["$defs"]["node"], "$defs": schema["$defs"]}
    validator = cast("Validator", Draft202012Validator(of_node, format_checker=FormatChecker()))
    chance = random.Random(1)
    outcomes = Counter[bool]()
    by_kind: dict[str, list[dict[str, Any]]] = {}
    for node in nodes:
        by_kind.setdefault(node["kind"], []).append(node)
    for _ in range(400):
        node = _mutated(chance.choice(by_kind[chance.choice(sorted(by_kind))]), chance)
        flaws: list[Any] = []
        check_node(node, ("nodes", 0), flaws)
        taken = not [f for f in flaws if f.rule not in _STRICTER]
        # An empty list where one at least is needed is the one thing that the schema may take and a store does not.
        empty = any(f.rule == "required" and "empty list" in f.message for f in flaws)
        assert empty or validator.is_valid(node) == taken, (node, flaws)
        outcomes[taken] += 1
    assert min(outcomes.values()) > 50
