"""The declared model holds together, and what is derived from it for people and files says all of it."""

import dataclasses
import re
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Any, cast

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.protocols import Validator

from catalog.access import Audience
from catalog.errors import InvalidUrn
from catalog.model import MODEL, enums
from catalog.model.data import Dataset
from catalog.model.declare import EdgeProperty, Property, Relation
from catalog.model.document import GROUPS, data_dictionary, file_schema
from catalog.stores.layout import layout_of
from catalog.urn import dcat, key, kind_of, openlineage, parse, part

LISTED = re.findall(
    r"\w+",
    """
    Agency AgencyListing Unit Person Appointment Board PlanVersion Principle FocalPoint FocalComponent ImplementationStep
    Goal Metric Source LoadRun CatalogRecord LineageRecord Portal Program System Dataset DatasetVersion DatasetSeries Distribution Column
    CodeList Disaggregation ClassificationDetermination HighValueDetermination Inventory InventoryEntry Agreement
    AgreementParty CoverageTerm StageEvent Amendment Purpose Law Job Run Flow ColumnFlow
""",
)
RESERVED = set(
    re.findall(
        r"\w+",
        "urn audience valid_from valid_to recorded_at recorded_by retracted_at revision source closed_reason id kind digest"
        " opaque tail head type",
    )
)
BOOLEANS_OF_YAML = {"on", "off", "yes", "no", "y", "n", "true", "false", "null"}
FOR_STAFF = re.findall(
    r"\w+", "Dataset Agreement CoverageTerm Flow ColumnFlow Job Run CatalogRecord LoadRun InventoryEntry System Column"
)
RELATIONS = [relation for kind in MODEL.kinds.values() for relation in kind.relations]
ENUMS: list[type[StrEnum]] = [getattr(enums, name) for name in enums.__all__ if name not in {"Described", "meaning"}]
PARTICULAR = re.compile(r"connecticut|\bC\.?G\.?S\b|P20|\b4-5\b|\b4-38c\b|\b1-210\b|\bOPM\b", re.IGNORECASE)


def _properties() -> Iterator[tuple[str, Property | EdgeProperty]]:
    for kind in MODEL.kinds.values():
        yield from ((kind.label, p) for p in kind.properties)
        yield from ((f"{kind.label}.{r.name}", p) for r in kind.relations for p in r.props)


def test_every_listed_kind_is_declared() -> None:
    assert set(MODEL.kinds) >= set(LISTED)
    assert {kind.group for kind in MODEL.kinds.values()} == set(GROUPS)


def test_traits_of_kinds() -> None:
    assert [label for label, kind in MODEL.kinds.items() if kind.journal] == ["LoadRun", "LineageRecord"]
    assert {k.label for k in MODEL.kinds.values() if k.placeholder} == {"Dataset", "System", "Job", "Flow", "Column"}
    assert {label for label in FOR_STAFF if MODEL.kind(label).audience is not Audience.STAFF} == set()


@pytest.mark.parametrize("enum", ENUMS, ids=lambda e: e.__name__)
def test_values_of_enumerations_are_their_names(enum: type[StrEnum]) -> None:
    assert issubclass(enum, StrEnum)
    assert (enum.__doc__ or "").rstrip().endswith(").")
    for member in enum:
        assert member.value == member.name == str(member)
        assert enum(member.value) is member
        assert re.fullmatch(r"[A-Z][A-Z0-9_]*", member.name)
        assert enums.meaning(member).endswith(".")


def test_every_enumeration_is_offered_in_one_place() -> None:
    used = {p.enum.__name__ for _, p in _properties() if p.enum}
    assert used <= set(enums.__all__)
    assert {e.__name__ for e in ENUMS} <= used, "an enumeration that nothing uses"


@pytest.mark.parametrize("kind", MODEL.kinds.values(), ids=lambda k: k.label)
def test_every_declaration_says_what_it_means(kind: Any) -> None:
    assert re.search(r"\((domain|design) [0-9][^()]*\)\.", kind.doc), "a kind names where it comes from"
    assert kind.doc.endswith(".")
    for declared in (*kind.properties, *kind.relations, *(p for r in kind.relations for p in r.props)):
        assert declared.doc.endswith("."), declared
        assert "  " not in declared.doc


def test_no_property_takes_a_reserved_name() -> None:
    taken = [(where, p.name) for where, p in _properties() if p.name in RESERVED | BOOLEANS_OF_YAML]
    assert taken == []
    steps = {(k, s.name) for k in MODEL.kinds for s in MODEL.steps(k) if s.name in RESERVED | BOOLEANS_OF_YAML}
    assert steps == set()


def test_stored_names_do_not_collide() -> None:
    for kind in MODEL.kinds.values():
        names = [column.name for column in layout_of(kind).columns()]
        assert len(names) == len(set(names)), kind.label


@pytest.mark.parametrize("relation", RELATIONS, ids=lambda r: f"{r.tail}.{r.name}")
def test_names_of_relationships(relation: Relation) -> None:
    assert re.fullmatch(r"[A-Z][A-Z_]*", relation.type)
    for name in (relation.name, relation.inverse):
        assert re.fullmatch(r"[a-z][a-z_]*", name)
    for head in relation.heads:
        assert MODEL.step(relation.tail, relation.name, head).forward
        back = MODEL.step(head, relation.inverse, relation.tail)
        assert (back.forward, back.one) == (False, relation.one_tail)


def test_needs_lead_to_one_head_each() -> None:
    needs = {kind.label: kind.needs for kind in MODEL.kinds.values() if kind.needs}
    assert needs == {"Flow": ("from_asset", "to_asset"), "ColumnFlow": ("from_column", "to_column")}
    assert all(MODEL.relation(label, name).one for label, names in needs.items() for name in names)


def test_contacts_and_raw_records_are_for_staff() -> None:
    staff = {f"{k.label}.{p.name}" for k in MODEL.kinds.values() for p in k.properties if p.staff}
    assert staff >= {"Person.email", "Person.phone", "Dataset.contact_email", "InventoryEntry.owner_contact"}
    assert staff >= {"CatalogRecord.raw", "LoadRun.report"}
    named = {
        f"{k.label}.{p.name}" for k in MODEL.kinds.values() for p in k.properties if re.search("email|phone", p.name)
    }
    assert named <= staff


def test_each_source_speaks_for_itself_where_sources_differ() -> None:
    per_source = {relation.type for relation in RELATIONS if relation.per_source}
    assert per_source == {"SERVES", "SAME_AS", "FEEDS"}


def test_nothing_is_particular_to_one_state() -> None:
    text = data_dictionary() + str(file_schema())
    assert PARTICULAR.findall(text) == []


def test_entities_are_made_with_nothing_but_what_is_required() -> None:
    for kind in MODEL.kinds.values():
        required = {p.name: () for p in kind.properties if p.required}
        made = kind.cls(urn=key(kind.slug, "x"), **required)
        assert dataclasses.is_dataclass(made)
        for declared in kind.properties:
            assert getattr(made, declared.name) in (None, ())


def test_an_entity_keeps_its_words() -> None:
    found = Dataset(urn=key("dataset", "x"), title="Births", keywords=("a", "b"), modified=date(2020, 11, 2))
    assert (found.title, found.keywords, found.modified, found.description) == (
        "Births",
        ("a", "b"),
        date(2020, 11, 2),
        None,
    )


def test_the_dictionary_tells_of_everything() -> None:
    text = data_dictionary()
    assert "waypost schema --model" in text
    assert data_dictionary() == text
    sections = {s.splitlines()[0]: s for s in re.split(r"^### ", text, flags=re.MULTILINE)[1:]}
    assert set(sections) == {*MODEL.kinds, *(e.__name__ for e in ENUMS)}
    for kind in MODEL.kinds.values():
        section = sections[kind.label]
        assert kind.doc in section
        assert all(f"| `{p.name}` |" in section and p.doc in section for p in kind.properties)
        for relation in kind.relations:
            assert f"| `{relation.name}` | `{relation.type}` |" in section
            assert relation.doc in section
            assert all(f"`{p.name}`" in section and p.doc in section for p in relation.props)
        assert all(f"`{step.name}`" in section for step in MODEL.steps(kind.label))
    for enum in ENUMS:
        assert all(f"| `{m.value}` | {enums.meaning(m)} |" in sections[enum.__name__] for m in enum)


def test_the_rows_of_the_dictionary_are_whole() -> None:
    table: list[str] = []
    for line in [*data_dictionary().splitlines(), ""]:
        if line.startswith("|"):
            table.append(line)
        else:
            assert len({len(re.findall(r"(?<!\\)\|", row)) for row in table}) <= 1, table
            table = []


# The schema of our file format

SCHEMA = file_schema()
AGENCY = "urn:waypost:agency:key:demo:health"
DATASET = "urn:waypost:dataset:dcat:demo:births%20by%20town"
COLUMN = "urn:waypost:column:dcat:demo:births%20by%20town#town"


def _file() -> dict[str, Any]:
    return {
        "waypost": 1,
        "source": {"urn": "urn:waypost:source:key:demo", "title": "Demo", "kind_of_source": "FILE", "precedence": 1},
        "day": "2021-01-04",
        "nodes": [
            {"kind": "Agency", "urn": AGENCY, "name": "Health", "aliases": ["DPH"], "links": {"part_of": []}},
            {
                "kind": "Dataset",
                "urn": DATASET,
                "audience": "PUBLIC",
                "valid_from": "2020-01-01",
                "valid_to": "2022-01-01",
                "title": "Births by town",
                "modified": "2020-11-02",
                "high_priority": True,
                "keywords": ["birth"],
                "links": {
                    "held_by": AGENCY,
                    "controlled_by": {"to": AGENCY, "valid_from": "2020-01-01"},
                    "serves": [
                        {"to": "urn:waypost:goal:key:plan:1", "how": "DECLARED", "reason": "It says so."},
                        "urn:waypost:metric:key:plan:G1.M2",
                    ],
                },
            },
            {"kind": "Column", "urn": COLUMN, "name": "town", "position": 0, "dimensions": ["GEOGRAPHY"]},
            {"kind": "Goal", "urn": "urn:waypost:goal:key:plan:2", "links": {"based_on": DATASET}},
            {"kind": "Run", "urn": "urn:waypost:run:key:r1", "started_at": "2021-01-04T06:00:00Z"},
        ],
    }


def _errors(file: Any) -> list[str]:
    validator = cast("Validator", Draft202012Validator(SCHEMA, format_checker=FormatChecker()))
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(file)]


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert all("description" in definition for definition in SCHEMA["$defs"].values())
    for kind in MODEL.kinds.values():
        if kind.journal:
            assert kind.label not in SCHEMA["$defs"]
            continue
        properties = SCHEMA["$defs"][kind.label]["properties"]
        assert all(properties[p.name]["description"].startswith(p.doc) for p in kind.properties)
        assert {r.name: r.doc for r in kind.relations} == {
            name: link["description"] for name, link in properties.get("links", {}).get("properties", {}).items()
        }


def test_a_file_is_accepted() -> None:
    assert _errors(_file()) == []


# What is done to the file, and what the error says. ``at`` is the path of the value that is set.
WRONG: dict[str, tuple[tuple[str | int, ...], Any, str]] = {
    "another version": (("waypost",), 2, "$.waypost: 1 was expected"),
    "no such key": (("extra",), 1, "'extra' was unexpected"),
    "no such property of the source": (("source", "name"), "x", "$.source: Additional properties"),
    "no such kind": (("nodes", 0, "kind"), "Agence", "$.nodes[0].kind: 'Agence' is not one of"),
    "the journal": (("nodes", 0, "kind"), "LoadRun", "$.nodes[0].kind: 'LoadRun' is not one of"),
    "no such property": (("nodes", 0, "nmae"), "x", "$.nodes[0]: Additional properties are not allowed ('nmae'"),
    "no title": (("nodes", 1, "title"), None, "$.nodes[1]: 'title' is a required property"),
    "no text": (("nodes", 1, "title"), 7, "$.nodes[1].title: 7 is not of type 'string'"),
    "no list": (("nodes", 1, "keywords"), "birth", "$.nodes[1].keywords: 'birth' is not of type 'array'"),
    "no such word": (("nodes", 1, "update_frequency"), "daily", "$.nodes[1].update_frequency: 'daily' is not one of"),
    "no such word in a list": (("nodes", 2, "dimensions"), ["SHOE"], "$.nodes[2].dimensions[0]: 'SHOE' is not one of"),
    "no day": (("nodes", 1, "modified"), "2 November", "$.nodes[1].modified: '2 November' does not match"),
    "no zone": (("nodes", 4, "started_at"), "2021-01-04T06:00:00", "$.nodes[4].started_at: "),
    "no day of the calendar": (("nodes", 1, "modified"), "2020-02-30", "'2020-02-30' is not a 'date'"),
    "no such audience": (("nodes", 1, "audience"), "ALL", "$.nodes[1].audience: 'ALL' is not one of"),
    "the URN of another kind": (("nodes", 0, "urn"), DATASET, "$.nodes[0].urn: "),
    "a URN without a scheme": (("nodes", 0, "urn"), "urn:waypost:agency:health", "$.nodes[0].urn: "),
    "no such relationship": (("nodes", 1, "links", "owned_by"), AGENCY, "$.nodes[1].links: Additional properties"),
    "an inverse": (("nodes", 0, "links", "datasets_held"), [DATASET], "$.nodes[0].links: Additional properties"),
    "the wrong end": (("nodes", 1, "links", "held_by"), DATASET, "$.nodes[1].links.held_by: "),
    "the wrong end in a list": (("nodes", 1, "links", "serves", 1), AGENCY, "$.nodes[1].links.serves[1]: "),
    "no end": (("nodes", 1, "links", "held_by"), {}, "$.nodes[1].links.held_by: 'to' is a required property"),
    "a number for an end": (("nodes", 1, "links", "held_by"), 3, "$.nodes[1].links.held_by: 3 is not of type"),
    "no such fact of an edge": (
        ("nodes", 1, "links", "controlled_by", "how"),
        "DECLARED",
        "$.nodes[1].links.controlled_by: Additional properties",
    ),
    "no such word of an edge": (
        ("nodes", 1, "links", "serves", 0, "how"),
        "GUESSED",
        "$.nodes[1].links.serves[0].how: 'GUESSED' is not one of",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_file_is_refused_at_its_place(case: str) -> None:
    at, value, expected = WRONG[case]
    file = _file()
    place: Any = file
    for step in at[:-1]:
        place = place[step]
    if value is None:
        del place[at[-1]]
    else:
        place[at[-1]] = value
    errors = _errors(file)
    assert len(errors) == 1, errors
    assert expected in errors[0]


def test_a_node_of_links_alone_leaves_its_properties_to_others() -> None:
    node: dict[str, Any] = {"kind": "Dataset", "urn": DATASET, "links": {"held_by": AGENCY}}
    assert _errors(_file() | {"nodes": [node]}) == []
    assert _errors(_file() | {"nodes": [node | {"description": "x"}]}) == ["$.nodes[0]: 'title' is a required property"]
    del node["links"]
    assert _errors(_file() | {"nodes": [node]}) == ["$.nodes[0]: 'title' is a required property"]


@pytest.mark.parametrize(
    "urn",
    [
        dcat("dataset", "a b", "http://x/é#1"),
        openlineage("dataset", "postgres://h:5432", "db.t"),
        part(key("dataset", "x"), "dataset", "p", "q"),
        "urn:waypost:dataset:key:a:b:c",
        "urn:waypost:dataset:ol:a",
        "urn:waypost:dataset:ol:a:b:c",
        "urn:waypost:dataset:key:",
        "urn:waypost:dataset:key:a b",
        "urn:waypost:dataset:key:a%2f",
        "urn:waypost:dataset:key:a#",
        "urn:waypost:dataset:x:a",
        "urn:waypost:goal:key:a",
    ],
)
def test_the_schema_knows_a_urn(urn: str) -> None:
    try:
        parse(urn)
        good = kind_of(urn) == "dataset"
    except InvalidUrn:
        good = False
    node = {"kind": "Dataset", "urn": urn, "title": "x"}
    assert (_errors(_file() | {"nodes": [node]}) == []) == good
