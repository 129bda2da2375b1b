"""Anything by its URN, for clients and for routers: ``node``, ``nodes``, ``_entities``, ``_service``."""

from __future__ import annotations

import pytest
from graphql import GraphQLObjectType, GraphQLUnionType

from catalog.access import PUBLIC_READER, STAFF_READER
from catalog.model import MODEL
from graphql_schema import build_schema, export_sdl
from graphql_schema.core.chosen import MAPPED
from graphql_schema.core.declare import KIND
from graphql_schema.core.plan import Leaf, Mapped
from graphql_schema.federation.queries import ENTITIES
from tests.graphql.graph import BEN_OFFICER, ENROLLMENT, G1, M1, REGISTER, SDE, SOURCE, Asker

_NODES = """
query ($urns: [ID!]!) { nodes(urns: $urns) {
  __typename urn
  ... on Dataset { title agency { name } columns { totalCount } }
  ... on Agency { name }
  ... on Metric { code goals { edges { node { title } } } }
} }
"""
_ENTITIES = """
query ($found: [_Any!]!) { _entities(representations: $found) {
  __typename
  ... on Dataset { title }
  ... on Agency { name: abbreviation }
  ... on DataOfficer { role person { name } }
  ... on Goal { number }
} }
"""


def test_nodes_of_several_kinds_are_one_round_trip_in_their_order(asker: Asker) -> None:
    missing = "urn:waypost:goal:key:test:none"
    found = asker.data(_NODES, urns=[M1, ENROLLMENT, missing, SDE, ENROLLMENT])
    dataset = {
        "__typename": "Dataset",
        "urn": ENROLLMENT,
        "title": "Enrollment",
        "agency": {"name": "Department of Education"},
        "columns": {"totalCount": 3},
    }
    metric = {
        "__typename": "Metric",
        "urn": M1,
        "code": "G1.M1",
        "goals": {"edges": [{"node": {"title": "Open data"}}]},
    }
    agency = {"__typename": "Agency", "urn": SDE, "name": "Department of Education"}
    assert found["nodes"] == [metric, dataset, None, agency, dataset]
    assert asker.round_trips == 1


def test_one_node_and_what_every_node_says_of_itself(asker: Asker) -> None:
    query = """query ($urn: ID!) { node(urn: $urn, asOf: "2022-08-01") {
        urn source validFrom validTo closedReason recordedAt ... on DataOfficer { since } } }"""
    assert asker.data(query, urn=BEN_OFFICER)["node"] == {
        "urn": BEN_OFFICER,
        "source": SOURCE,
        "validFrom": "2022-07-01",
        "validTo": None,
        "closedReason": None,
        "recordedAt": "2022-01-01T00:00:00.000000Z",
        "since": "2022-07-01",
    }
    assert asker.round_trips == 1


def test_what_the_reader_may_not_see_is_not_there(asker: Asker) -> None:
    query = "query ($urn: ID!) { node(urn: $urn) { urn } }"
    assert asker.data(query, urn=REGISTER) == {"node": None}
    assert asker.data(query, urn=REGISTER, reader=STAFF_READER) == {"node": {"urn": REGISTER}}
    found = [{"__typename": "Dataset", "urn": REGISTER}]
    for reader, title in ((PUBLIC_READER, None), (STAFF_READER, "Register")):
        (entity,) = asker.data(_ENTITIES, found=found, reader=reader)["_entities"]
        assert (entity and entity["title"]) == title


@pytest.mark.parametrize(
    ("urns", "code"),
    [
        (["nonsense"], "INVALID_URN"),
        (["urn:waypost:spaceship:key:x"], "INVALID_URN"),
        ([ENROLLMENT] * 101, "INVALID_SELECTION"),
    ],
)
def test_nodes_that_cannot_be(asker: Asker, urns: list[str], code: str) -> None:
    assert asker.error(_NODES, urns=urns)["extensions"]["code"] == code
    assert asker.round_trips == 0
    assert asker.data(_NODES, urns=[]) == {"nodes": []}


def test_entities_are_answered_in_their_order_in_one_round_trip(asker: Asker) -> None:
    found = [
        {"__typename": "Goal", "urn": G1},
        {"__typename": "Dataset", "urn": ENROLLMENT},
        {"__typename": "Dataset", "urn": "urn:waypost:dataset:key:test:none"},
        {"__typename": "Agency", "urn": SDE, "name": "what the router knows besides"},
        {"__typename": "Dataset", "urn": ENROLLMENT},
    ]
    answered = asker.data(_ENTITIES, found=found)["_entities"]
    assert asker.round_trips == 1
    assert answered == [
        {"__typename": "Goal", "number": 1},
        {"__typename": "Dataset", "title": "Enrollment"},
        None,
        {"__typename": "Agency", "name": "SDE"},
        {"__typename": "Dataset", "title": "Enrollment"},
    ]


@pytest.mark.parametrize(
    ("represented", "code"),
    [
        ({"__typename": "Metric", "urn": M1}, "INVALID_SELECTION"),
        ({"urn": ENROLLMENT}, "INVALID_SELECTION"),
        ({"__typename": "Dataset"}, "INVALID_SELECTION"),
        ({"__typename": "Dataset", "urn": 7}, "INVALID_SELECTION"),
        ({"__typename": "Dataset", "urn": SDE}, "INVALID_URN"),
        ("a text", "BAD_REQUEST"),
    ],
)
def test_what_represents_no_entity(asker: Asker, represented: object, code: str) -> None:
    assert asker.error(_ENTITIES, found=[represented])["extensions"]["code"] == code
    assert asker.round_trips == 0


def test_the_service_tells_its_text(asker: Asker) -> None:
    text = asker.data("{ service: _service { text: sdl } }")["service"]["text"]
    assert asker.round_trips == 0
    assert text + "\n" == export_sdl()
    assert '@link(url: "https://specs.apollo.dev/federation/v2.9"' in text
    for name in ENTITIES:
        assert f'type {name} implements Node @key(fields: "urn")' in text
    entity = build_schema().graphql.type_map["_Entity"]
    assert isinstance(entity, GraphQLUnionType)
    assert {found.name for found in entity.types} == set(ENTITIES)


def test_everything_that_the_model_declares_can_be_asked_about() -> None:
    types = build_schema().graphql.type_map.values()
    kinds: dict[str, list[Mapped]] = {}
    for found in types:
        if isinstance(found, GraphQLObjectType) and "strawberry-definition" in found.extensions:
            label = getattr(found.extensions["strawberry-definition"].origin, KIND, "")
            kinds[label] = [field.extensions[MAPPED] for field in found.fields.values()]
    missing: list[str] = []
    for kind in MODEL.kinds.values():
        mapped = kinds.get(kind.label, [])
        props = {found.prop for found in mapped if isinstance(found, Leaf)}
        steps = {found.leads() for found in mapped}
        missing += [f"{kind.label}.{p.name}" for p in kind.properties if p.name not in props]
        missing += [
            f"{kind.label}.{step.name} -> {step.target.label}"
            for step in MODEL.steps(kind.label)
            if (step.name, step.target.label) not in steps
        ]
    # All officers of an agency are its ``appointments``; the field of this name is the one on the day.
    assert missing == ["Agency.data_officer -> Appointment"]
