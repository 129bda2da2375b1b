"""A plan file: what it says is what is stated, and what is wrong in it is named with line, path, rule and remedy."""

from __future__ import annotations

import copy
import json
import random
import re
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any, cast

import pytest
import yaml
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.protocols import Validator

import loaders.demo
from catalog.access import Audience
from catalog.batch import EdgeStatement
from catalog.model import MODEL
from catalog.model.declare import EdgeProperty, Property, Shape
from catalog.model.plan import Metric
from catalog.urn import kind_of
from loaders.errors import LoaderError
from loaders.plan import loader as module
from loaders.plan.format import CONTAINS, KEY, SECTIONS
from loaders.plan.loader import PlanLoader
from loaders.plan.schema import plan_schema
from loaders.record import Problem, Record
from loaders.waypost_file.parse import compose, value_of
from tests.support.pages import ROOT

PACKAGED = Path(loaders.demo.__file__).parent / "plan.yaml"
HEAD = """\
waypost_plan: 1
source: {urn: 'urn:waypost:source:key:test', title: A test}
key: xx:2021-2022
"""
PLAN = "plan: {title: A plan}\n"
BODY = f"""\
{HEAD}{PLAN}principles:
- {{key: p1, number: 1, text: One}}
- {{key: p2, number: 2, text: Two}}
focal_points:
- {{key: f1, number: 1, title: First}}
- {{key: f2, number: 2, title: Second}}
components:
- {{key: f1.c1, number: 1, title: A, component_of: f1}}
- {{key: f2.c1, number: 1, title: B, component_of: f2}}
goals:
- {{key: g1, number: 1, title: Goal}}
"""
"""Fifteen lines: what a test adds begins on line 16."""


def opened(tmp_path: Path, text: str, name: str = "plan.yaml", as_of: date | None = None) -> PlanLoader:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return PlanLoader(str(path), as_of=as_of)


def records(tmp_path: Path, text: str, name: str = "plan.yaml") -> list[Record]:
    return list(opened(tmp_path, text, name).records())


def by_key(found: list[Record]) -> dict[str | None, Record]:
    return {record.identifier: record for record in found}


def edges(found: list[Record]) -> list[EdgeStatement]:
    return [edge for record in found for edge in record.edges]


def short(edge: EdgeStatement) -> tuple[str, str, str]:
    return edge.tail.rpartition(":")[2], edge.relation.name, edge.head.rpartition(":")[2]


# What a file says


def test_the_packaged_plan_is_whole() -> None:
    found = list(PlanLoader(str(PACKAGED)).records())
    assert [record.problem for record in found if record.problem] == []
    assert all(len(record.nodes) == 1 for record in found)
    kinds = Counter(type(record.nodes[0].entity).__name__ for record in found)
    assert kinds == {
        "PlanVersion": 2,
        "Principle": 12,
        "FocalPoint": 3,
        "FocalComponent": 4,
        "ImplementationStep": 19,
        "Goal": 3,
        "Metric": 11,
    }
    measures = [short(edge) for edge in edges(found) if edge.relation is Metric.measures]
    assert len(measures) == 12
    assert [goal for metric, _, goal in measures if metric == "g2.m1"] == ["g2", "g3"]
    assert Counter(kind_of(edge.head) for edge in by_key(found)["ct:2021-2022"].edges) == {
        "principle": 12,
        "focal-point": 3,
        "goal": 3,
        "plan-version": 1,
        "agency": 1,
        "board": 1,
        "law": 2,
    }
    assert {record.nodes[0].audience for record in found} == {Audience.PUBLIC}


def test_items_are_called_by_key_and_the_rest_by_urn(tmp_path: Path) -> None:
    text = f"""\
{BODY}  revises: [urn:waypost:goal:key:xx:2019-2020:g1]
  based_on: {{to: 'urn:waypost:dataset:key:d', valid_from: 2021-03-01}}
"""
    text = text.replace("- {key: g1, number: 1, title: Goal}", "- key: g1\n  number: 1\n  title: Goal")
    text += "steps:\n- {key: s1, text: Do it, step_of: [f1, f1.c1], in_accord_with: p2, valid_from: 2021-01-01}\n"
    found = by_key(records(tmp_path, text))
    assert {short(edge) for edge in edges([found["g1"], found["s1"], found["f2.c1"]])} == {
        ("g1", "revises", "g1"),
        ("g1", "based_on", "d"),
        ("s1", "step_of", "f1"),
        ("s1", "step_of", "f1.c1"),
        ("s1", "in_accord_with", "p2"),
        ("f2.c1", "component_of", "f2"),
    }
    assert [edge.valid_from for edge in found["g1"].edges] == [None, date(2021, 3, 1)]
    (step,) = found["s1"].nodes
    assert (step.entity.urn, step.valid_from) == (
        "urn:waypost:implementation-step:key:xx:2021-2022:s1",
        date(2021, 1, 1),
    )
    # What is described has the links that it shows and no others.
    for record in found.values():
        kind = MODEL.by_slug[kind_of(record.nodes[0].entity.urn)]
        assert record.restates == [(record.nodes[0].entity.urn, relation) for relation in kind.relations]


def test_the_plan_is_linked_to_what_stands_in_its_file(tmp_path: Path) -> None:
    text = BODY.replace("{title: A plan}", "{title: A plan, goals: {to: g1, valid_from: 2021-02-01}}")
    plan = by_key(records(tmp_path, text))["xx:2021-2022"]
    assert plan.nodes[0].entity.urn == "urn:waypost:plan-version:key:xx:2021-2022"
    assert sorted((*short(edge)[1:], edge.valid_from) for edge in plan.edges) == [
        ("focal_points", "f1", None),
        ("focal_points", "f2", None),
        ("goals", "g1", date(2021, 2, 1)),
        ("principles", "p1", None),
        ("principles", "p2", None),
    ]


def test_an_earlier_version_can_be_stated_with_it(tmp_path: Path) -> None:
    text = BODY.replace("{title: A plan}", "{title: A plan, supersedes: xx:2019-2020}")
    found = by_key(
        records(tmp_path, text + "earlier:\n- {key: xx:2019-2020, title: Before, principles: [p1], goals: []}\n")
    )
    assert ("2021-2022", "supersedes", "2019-2020") in map(short, found["xx:2021-2022"].edges)
    assert [short(edge) for edge in found["xx:2019-2020"].edges] == [("2019-2020", "principles", "p1")]


def test_the_audience_of_the_file_is_that_of_items_that_say_none(tmp_path: Path) -> None:
    text = BODY + "metrics:\n- {key: m1, text: How many, audience: STAFF}\n"
    for head, expected in (("", None), ("audience: PUBLIC\n", Audience.PUBLIC)):
        found = by_key(records(tmp_path, head + text))
        assert {key: record.nodes[0].audience for key, record in found.items()} == dict.fromkeys(found, expected) | {
            "m1": Audience.STAFF
        }


def test_the_day_is_the_one_given_then_the_files_then_today(tmp_path: Path) -> None:
    dated = "day: 2021-02-28\n" + BODY
    assert opened(tmp_path, dated).day == date(2021, 2, 28)
    assert opened(tmp_path, dated, as_of=date(2020, 1, 1)).day == date(2020, 1, 1)
    assert opened(tmp_path, BODY).day >= date(2026, 1, 1)


def test_yaml_and_json_say_the_same(tmp_path: Path) -> None:
    loader = PlanLoader(str(PACKAGED))
    content = value_of(compose(PACKAGED.read_bytes(), "plan.yaml")[1], (), [])
    again = opened(tmp_path, json.dumps(content, indent=1), "plan.json")
    assert (again.source, again.day, again.expected) == (loader.source, loader.day, loader.expected)
    for one, other in zip(loader.records(), again.records(), strict=True):
        assert (one.nodes, one.edges, one.restates) == (other.nodes, other.edges, other.restates)


def test_the_example_of_the_page_is_one(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "plan-file.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"^```yaml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    found = records(tmp_path, example)
    assert [record.problem for record in found if record.problem] == []
    assert {record.nodes[0].entity.urn.split(":")[2] for record in found} == {k.slug for k in SECTIONS.values()}
    assert errors(value_of(compose(example.encode(), "plan.yaml")[1], (), [])) == []
    assert all(f"`{section}`" in page for section in SECTIONS)


# All that the model declares can be stated

_OTHER = "urn:waypost:{slug}:key:xx:other"
_SAMPLES: dict[Shape, Any] = {
    Shape.TEXT: "a text",
    Shape.INTEGER: 7,
    Shape.REAL: 0.5,
    Shape.BOOLEAN: True,
    Shape.DATE: "2021-05-06",
    Shape.DATETIME: "2021-05-06T07:08:09Z",
    Shape.TEXTS: ["a", "b"],
}


def sample(declared: Property | EdgeProperty) -> Any:
    member = next(iter(declared.enum)).value if declared.enum else None
    if declared.shape is Shape.TEXTS:
        return [member] if member else _SAMPLES[Shape.TEXTS]
    return member or _SAMPLES[declared.shape]


def full_item(kind_label: str) -> dict[str, Any]:
    kind = MODEL.kind(kind_label)
    links = {
        r.name: [{"to": _OTHER.format(slug=MODEL.kind(head).slug), **{p.name: sample(p) for p in r.props}}]
        for r in kind.relations
        for head in r.heads[-1:]
    }
    span = {"valid_from": "2021-01-01", "valid_to": "2022-01-01"}
    return {"key": "k1", "audience": "STAFF", **span, **{p.name: sample(p) for p in kind.properties}, **links}


@pytest.mark.parametrize("section", SECTIONS)
def test_whatever_the_model_declares_can_be_stated(section: str, tmp_path: Path) -> None:
    kind = SECTIONS[section]
    item = full_item(kind.label)
    content = yaml.safe_load(HEAD + PLAN) | {section: [item]}
    assert errors(content) == []
    record = by_key(records(tmp_path, json.dumps(content), "plan.json"))["k1"]
    assert record.problem is None
    (node,) = record.nodes
    values = {p.name: getattr(node.entity, p.name) for p in kind.properties}
    assert {name: value for name, value in values.items() if value in (None, ())} == {}
    assert [edge.relation for edge in record.edges] == list(kind.relations)
    assert all(set(edge.props) == {p.name for p in edge.relation.props} for edge in record.edges)
    assert (node.audience, node.valid_from, node.valid_to) == (Audience.STAFF, date(2021, 1, 1), date(2022, 1, 1))


def test_every_kind_of_the_plan_has_its_section() -> None:
    group = {kind.label for kind in MODEL.kinds.values() if kind.group == "plan"}
    assert {kind.label for kind in SECTIONS.values()} == group
    assert {name: relation.heads for name, relation in CONTAINS.items()} == {
        name: (SECTIONS[name].label,) for name in ("principles", "focal_points", "goals")
    }


# What is wrong with an item


def kept_out(tmp_path: Path, text: str) -> tuple[Record, Problem]:
    """The one record that is kept out, and why."""
    (record,) = [r for r in records(tmp_path, text) if r.problem is not None]
    assert record.problem is not None
    assert (record.nodes, record.edges, record.restates) == ([], [], [])
    return record, record.problem


@pytest.mark.parametrize(
    ("rule", "line", "path", "items"),
    [
        ("type", 17, "metrics[0]", "metrics:\n- just a text"),
        ("item-key", 17, "metrics[0].key", "metrics:\n- {text: A}"),
        ("item-key", 18, "metrics[0].key", "metrics:\n- text: A\n  key: 7"),
        ("item-key", 17, "metrics[0].key", "metrics:\n- {key: 'a:b', text: A}"),
        ("item-key", 17, "metrics[0].key", "metrics:\n- {key: 'a b', text: A}"),
        ("item-key", 17, "earlier[0].key", "earlier:\n- {key: 'urn:x', title: A}"),
        ("duplicate-item-key", 18, "metrics[0].key", "metrics:\n- text: A\n  key: g1"),
        ("duplicate-item-key", 17, "earlier[0].key", "earlier:\n- {key: xx:2021-2022, title: A}"),
        (
            "duplicate-code",
            19,
            "metrics[1].code",
            "metrics:\n- {key: m1, text: A, code: M}\n- key: m2\n  code: M\n  text: B",
        ),
        ("required", 17, "metrics[0]", "metrics:\n- {key: m1}"),
        ("unknown-key", 19, "metrics[0].measure", "metrics:\n- key: m1\n  text: A\n  measure: g1"),
        ("unknown-key", 17, "steps[0].links", "steps:\n- {key: s1, text: A, links: {}}"),
        ("type", 17, "metrics[0].text", "metrics:\n- {key: m1, text: 12}"),
        ("type", 17, "steps[0].potential", "steps:\n- {key: s1, text: A, potential: perhaps}"),
        ("type", 17, "metrics[0].measures", "metrics:\n- {key: m1, text: A, measures: 1}"),
        ("enum", 17, "metrics[0].direction", "metrics:\n- {key: m1, text: A, direction: UP}"),
        ("enum", 17, "metrics[0].audience", "metrics:\n- {key: m1, text: A, audience: ALL}"),
        ("unknown-reference", 19, "metrics[0].measures", "metrics:\n- key: m1\n  text: A\n  measures: g9"),
        (
            "unknown-reference",
            21,
            "metrics[0].measures[1]",
            "metrics:\n- key: m1\n  text: A\n  measures:\n  - g1\n  - goal",
        ),
        ("reference-kind", 17, "metrics[0].measures.to", "metrics:\n- {key: m1, text: A, measures: {to: p1}}"),
        (
            "urn-kind",
            17,
            "metrics[0].measures",
            "metrics:\n- {key: m1, text: A, measures: 'urn:waypost:principle:key:p'}",
        ),
        ("urn", 17, "steps[0].based_on", "steps:\n- {key: s1, text: A, based_on: g1}"),
        ("repeated-link", 17, "metrics[0].measures[1]", "metrics:\n- {key: m1, text: A, measures: [g1, g1]}"),
        (
            "span",
            17,
            "metrics[0].valid_to",
            "metrics:\n- {key: m1, text: A, valid_from: 2021-01-01, valid_to: 2021-01-01}",
        ),
        (
            "open-start",
            17,
            "metrics[0].measures",
            "metrics:\n- {key: m1, text: A, measures: {to: g1, valid_to: 2021-01-01}}",
        ),
        ("duplicate-key", 17, "metrics[0].text", "metrics:\n- {key: m1, text: A, text: B}"),
        ("plain", 17, "metrics[0].text", "metrics:\n- {key: m1, text: &a A}"),
        ("key", 17, "metrics[0]", "metrics:\n- {<<: {key: m1}, key: m1, text: A}"),
        ("encoding", 17, "metrics[0].text", 'metrics:\n- {key: m1, text: "a\\0b"}'),
    ],
)
def test_names_what_is_wrong_and_where(tmp_path: Path, rule: str, line: int, path: str, items: str) -> None:
    record, problem = kept_out(tmp_path, BODY + items + "\n")
    assert (problem.rule, problem.path) == (rule, path)
    item = re.match(r"\w+\[\d+\]", path)
    assert item is not None
    assert record.place == f"plan.yaml:{line}: {item[0]}"
    assert problem.message
    assert problem.remedy


@pytest.mark.parametrize(
    ("rule", "line", "path", "change"),
    [
        ("duplicate-number", 7, "principles[1].number", ("key: p2, number: 2", "key: p2, number: 1")),
        ("duplicate-item-key", 7, "principles[1].key", ("key: p2", "key: p1")),
        ("duplicate-number", 13, "components[1].number", ("component_of: f2", "component_of: f1")),
        ("required", 4, "plan", ("title: A plan", "")),
        ("unknown-key", 4, "plan.key", ("title: A plan", "title: A plan, key: xx:2021-2022")),
        ("enum", 4, "plan.status", ("title: A plan", "title: A plan, status: DONE")),
        ("urn", 4, "plan.issued_by", ("title: A plan", "title: A plan, issued_by: opm")),
        ("unknown-reference", 4, "plan.supersedes", ("title: A plan", "title: A plan, supersedes: xx:2019-2020")),
    ],
)
def test_what_tells_items_apart_is_used_once(
    tmp_path: Path, rule: str, line: int, path: str, change: tuple[str, str]
) -> None:
    record, problem = kept_out(tmp_path, BODY.replace(*change))
    assert (problem.rule, problem.path) == (rule, path)
    assert record.place.startswith(f"plan.yaml:{line}: ")


@pytest.mark.parametrize(
    ("written", "remedy"),
    [("f1.c", "did you mean 'f1.c1'?"), ("zzz", "write the key of one, or the whole URN of what is elsewhere")],
)
def test_a_reference_that_finds_nothing_is_told_what_is_near(tmp_path: Path, written: str, remedy: str) -> None:
    _, problem = kept_out(tmp_path, BODY + f"steps:\n- {{key: s1, text: A, step_of: {written}}}\n")
    assert problem.message == f"'{written}' is the key of no FocalPoint or FocalComponent here"
    assert problem.remedy == remedy


def test_says_all_that_is_wrong_with_an_item_by_line(tmp_path: Path) -> None:
    _, problem = kept_out(tmp_path, BODY + "metrics:\n- key: g1\n  code: 7\n  direction: UP\n  measures: g7\n")
    assert (problem.rule, problem.path) == ("duplicate-item-key", "metrics[0].key")
    assert "line 17: metrics[0]: 'text' is missing" in problem.remedy
    assert "line 18: metrics[0].code" in problem.remedy
    assert "line 19: metrics[0].direction" in problem.remedy
    assert "and 1 more" in problem.remedy


def test_an_item_that_is_kept_out_keeps_no_other_out(tmp_path: Path) -> None:
    found = by_key(records(tmp_path, BODY.replace("number: 2, text: Two", "number: two, text: Two")))
    assert [key for key, record in found.items() if record.problem] == ["p2"]
    plan = found["xx:2021-2022"]
    assert [short(edge) for edge in plan.edges if edge.relation.name == "principles"] == [
        ("2021-2022", "principles", "p1")
    ]
    # Its principles are not known whole, so what it had of them before is left; its goals are.
    restated = {relation.name for _, relation in plan.restates}
    assert {r.name for r in MODEL.kind("PlanVersion").relations} - restated == {"principles"}


def test_the_raw_text_goes_with_what_the_rest_of_the_file_says(tmp_path: Path) -> None:
    record, _ = kept_out(tmp_path, "audience: PUBLIC\n" + BODY + "metrics:\n- key: m1\n  txt: >-\n    Ü\n    😀\n")
    assert record.raw.section == "metrics"
    assert record.raw.text == "key: m1\ntxt: >-\n  Ü\n  😀"
    outline = record.raw.file
    assert (outline.key, outline.audience) == ("xx:2021-2022", "PUBLIC")
    assert outline.items["principles"] == {"p1": ["number 1"], "p2": ["number 2"]}
    assert outline.items["goals"] == {"g1": ["number 1"]}
    assert "metrics" not in outline.items


# What is wrong with a file


@pytest.mark.parametrize(
    ("rule", "place", "text"),
    [
        ("empty", "plan.yaml", ""),
        ("yaml", "plan.yaml:2", "a: 1\nb: [\n"),
        ("depth", "plan.yaml:1", "[" * 100_000),
        ("version", "plan.yaml:1", "[]"),
        ("version", "plan.yaml:1", BODY.replace("waypost_plan: 1", "waypost_plan: 2")),
        ("version", "plan.yaml:1", BODY.replace("waypost_plan: 1", "waypost: 1")),
        ("required", "plan.yaml:1", HEAD),
        ("type", "plan.yaml:4", HEAD + "plan: A plan\n"),
        ("type", "plan.yaml:5", HEAD + PLAN + "goals: {}\n"),
        ("type", "plan.yaml:5", HEAD + PLAN + "goals:\n"),
        ("plain", "plan.yaml:5", HEAD + PLAN + "goals: &all []\n"),
        ("duplicate-key", "plan.yaml:14", BODY + "goals: []\n"),
        ("unknown-key", "plan.yaml:5", HEAD + PLAN + "goal: []\n"),
        ("item-key", "plan.yaml:1", BODY.replace("key: xx:2021-2022\n", "")),
        ("item-key", "plan.yaml:3", BODY.replace("key: xx:2021-2022\n", "key: 2021\n")),
        ("item-key", "plan.yaml:3", BODY.replace("key: xx:2021-2022\n", "key: urn:waypost:plan-version:key:x\n")),
        ("enum", "plan.yaml:1", "audience: ALL\n" + BODY),
        ("type", "plan.yaml:1", "day: today\n" + BODY),
        ("required", "plan.yaml:2", BODY.replace(", title: A test", "")),
    ],
)
def test_refuses_a_file_that_is_none(tmp_path: Path, rule: str, place: str, text: str) -> None:
    with pytest.raises(LoaderError) as raised:
        opened(tmp_path, text)
    assert raised.value.rule == rule
    assert f"{place}:" in str(raised.value)


def test_refuses_more_items_than_a_plan_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_ITEMS", 8)
    assert opened(tmp_path, BODY).expected == 8
    with pytest.raises(
        LoaderError, match=r"size: plan\.yaml:1: the file: it has 9 items, over 8: state one plan version a file"
    ):
        opened(tmp_path, BODY + "metrics: [x]\n")


def test_no_bytes_at_all_do_more_than_refuse(tmp_path: Path) -> None:
    """Cut and flipped bytes of a real file end in records and problems, or in a LoaderError: nothing else."""
    whole = PACKAGED.read_bytes()
    chance = random.Random(7)
    path = tmp_path / "plan.yaml"
    outcomes = Counter[str]()
    for _ in range(100):
        content = bytearray(whole[: chance.randrange(1000, len(whole))])
        for _ in range(chance.randrange(4)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        path.write_bytes(content)
        try:
            found = list(PlanLoader(str(path)).records())
            outcomes["kept out" if any(r.problem for r in found) else "read"] += 1
        except LoaderError:
            outcomes["refused"] += 1
    assert outcomes["refused"] > 10
    assert outcomes["read"] + outcomes["kept out"] > 10


# The schema that is published is what is taken

SCHEMA = plan_schema()
VALIDATOR = cast("Validator", Draft202012Validator(SCHEMA, format_checker=FormatChecker()))
_STRICTER = {
    *("duplicate-item-key", "duplicate-number", "duplicate-code", "unknown-reference", "reference-kind"),
    *("span", "open-start", "repeated-link"),
}
"""Rules that a JSON Schema cannot say."""
_VALUES: list[Any] = [
    *(
        None,
        True,
        1.5,
        3,
        "x",
        "",
        "2021-01-01",
        "2021-13-01",
        [],
        ["g1"],
        {},
        "g1",
        "a b",
        "f3.c1",
        "INCREASE",
        "PUBLIC",
    ),
    *("urn:waypost:goal:key:g", "urn:waypost:law:key:l", "urn:x", {"to": "g1"}, {"too": "g1"}, [{"to": 1}]),
    {"to": "f3", "valid_from": "2021-01-01"},
]


def errors(content: Any) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(content)]


def packaged() -> dict[str, Any]:
    return value_of(compose(PACKAGED.read_bytes(), "plan.yaml")[1], (), [])


def test_the_packaged_plan_follows_the_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert errors(packaged()) == []
    assert all("description" in definition for definition in SCHEMA["$defs"].values())
    for section, kind in SECTIONS.items():
        found = SCHEMA["$defs"][kind.label]["properties"]
        assert SCHEMA["properties"][section]["items"] == {"$ref": f"#/$defs/{kind.label}"}
        assert {p.name: p.doc for p in kind.properties}.items() <= {
            k: v.get("description") for k, v in found.items()
        }.items()


def _mutate(item: dict[str, Any], chance: random.Random) -> None:
    names = sorted(item)
    match chance.randrange(4):
        case 0 if names:
            del item[chance.choice(names)]
        case 1:
            names = ["strange", "key", "valid_from", "audience", "title", "measures", "step_of", "supersedes", "links"]
            item[chance.choice(names)] = chance.choice(_VALUES)
        case 2 if names:
            item[chance.choice(names)] = chance.choice(_VALUES)
        case _ if names:
            name = chance.choice(names)
            item[name] = [item[name]]
        case _:
            pass


def test_the_published_schema_and_the_loader_agree(tmp_path: Path) -> None:
    whole = packaged()
    chance = random.Random(3)
    outcomes = Counter[bool]()
    for _ in range(250):
        content = copy.deepcopy(whole)
        section = chance.choice(["plan", *SECTIONS])
        item = content["plan"] if section == "plan" else chance.choice(content[section])
        _mutate(item, chance)
        taken = _taken(opened(tmp_path, json.dumps(content), "plan.json"))
        assert VALIDATOR.is_valid(content) == taken, (section, item, errors(content))
        outcomes[taken] += 1
    assert min(outcomes.values()) > 50


def _taken(loader: PlanLoader) -> bool:
    """Whether every item is taken, but for what a schema cannot say."""
    return all(_stricter(record.problem) for record in loader.records() if record.problem)


def _stricter(problem: Problem) -> bool:
    written = re.match(r"'(.*)' is the key of no", problem.message)
    shaped = written is None or re.fullmatch(KEY, written[1]) is not None
    return problem.rule in _STRICTER and shaped and "; line" not in problem.remedy
