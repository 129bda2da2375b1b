"""Questions to the hand-made graph, with the answers that were written by hand; one round trip for each root field."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.access import PUBLIC_READER, STAFF_READER
from tests.graphql.graph import (
    BEN,
    DIRECTORY,
    DOL,
    ENROLLMENT,
    G1,
    M1,
    OTHER_SOURCE,
    OUTCOMES,
    REGISTER,
    SDE,
    SOURCE,
    STATE,
    VEILED_READER,
    Asker,
)

PAGE = "pageInfo { hasNextPage endCursor }"


def titles(connection: dict[str, Any]) -> list[Any]:
    return [edge["node"] and edge["node"]["title"] for edge in connection["edges"]]


def test_everything_about_a_dataset_is_one_round_trip(asker: Asker) -> None:
    found = asker.data(
        """
        query ($urn: ID!) { dataset(urn: $urn) {
            __typename urn title updateFrequency keywords modified issued source
            agency { name branch parent { name parent { name } } dataOfficer { role since until person { name } } }
            distributions { totalCount edges { node { title sizeBytes } } }
            columns(first: 2) { totalCount edges { node { name position } } pageInfo { hasNextPage } }
            goals { how reason source goal { number title horizon } }
            upstream { totalCount edges { node { title } } }
            downstream { edges { hiddenId node { title agency { abbreviation } } } }
        } }
        """,
        urn=ENROLLMENT,
    )
    assert asker.round_trips == 1
    assert found["dataset"] == {
        "__typename": "Dataset",
        "urn": ENROLLMENT,
        "title": "Enrollment",
        "updateFrequency": "ANNUALLY",
        "keywords": ["schools", "enrollment"],
        "modified": "2022-01-01",
        "issued": None,
        "source": SOURCE,
        "agency": {
            "name": "Department of Education",
            "branch": "EXECUTIVE",
            "parent": {"name": "State", "parent": None},
            "dataOfficer": {
                "role": "AGENCY_DATA_OFFICER",
                "since": "2020-01-01",
                "until": "2022-07-01",
                "person": {"name": "Ana"},
            },
        },
        "distributions": {
            "totalCount": 1,
            "edges": [{"node": {"title": "Enrollment.csv", "sizeBytes": 5_000_000_000}}],
        },
        "columns": {
            "totalCount": 3,
            "edges": [{"node": {"name": "SASID", "position": 0}}, {"node": {"name": "name", "position": 1}}],
            "pageInfo": {"hasNextPage": True},
        },
        "goals": [
            {
                "how": "DECLARED",
                "reason": "It is asked for.",
                "source": SOURCE,
                "goal": {"number": 1, "title": "Open data", "horizon": "WITHIN_TWO_YEARS"},
            },
            {
                "how": "DERIVED_FROM_METRIC",
                "reason": M1,
                "source": OTHER_SOURCE,
                "goal": {"number": 1, "title": "Open data", "horizon": "WITHIN_TWO_YEARS"},
            },
            {
                "how": "DERIVED_ALONG_LINEAGE",
                "reason": OUTCOMES,
                "source": SOURCE,
                "goal": {"number": 2, "title": "Equity", "horizon": None},
            },
        ],
        "upstream": {"totalCount": 1, "edges": [{"node": {"title": "Outcomes by town"}}]},
        "downstream": {
            "edges": [{"hiddenId": None, "node": {"title": "Outcomes by town", "agency": {"abbreviation": "DOL"}}}]
        },
    }


def test_each_root_field_is_a_round_trip_of_its_own(asker: Asker) -> None:
    found = asker.data(
        "{ a: goals { totalCount } b: goals(first: 1) { edges { node { title } } } agencies { totalCount } }"
    )
    assert asker.round_trips == 3
    assert found == {
        "a": {"totalCount": 2},
        "b": {"edges": [{"node": {"title": "Open data"}}]},
        "agencies": {"totalCount": 3},
    }


@pytest.mark.parametrize(
    ("day", "officer"),
    [("2019-12-31", None), ("2020-01-01", "Ana"), ("2022-06-30", "Ana"), ("2022-07-01", "Ben"), (None, "Ana")],
)
def test_the_data_officer_of_a_day(asker: Asker, day: str | None, officer: str | None) -> None:
    query = "query ($urn: ID!, $day: Date) { agency(urn: $urn, asOf: $day) { dataOfficer { person { name } } } }"
    found = asker.data(query, urn=SDE, day=day)["agency"]["dataOfficer"]
    assert (found and found["person"]["name"]) == officer


@pytest.mark.parametrize("day", ["2019-12-31", "2022-03-20", "2030-01-01"])
def test_all_who_hold_a_seat_are_told_whatever_the_day(asker: Asker, day: str) -> None:
    query = """query ($urn: ID!, $day: Date) { agency(urn: $urn, asOf: $day) { dataOfficers {
        totalCount edges { since until source node { person { name } } }
    } } }"""
    found = asker.data(query, urn=SDE, day=day)["agency"]["dataOfficers"]
    ana = {"since": "2020-01-01", "until": "2022-07-01", "source": SOURCE, "node": {"person": {"name": "Ana"}}}
    ben = {"since": "2022-07-01", "until": None, "source": SOURCE, "node": {"person": {"name": "Ben"}}}
    assert found == {"totalCount": 2, "edges": [ana, ben]}
    assert asker.round_trips == 1


@pytest.mark.parametrize(
    ("day", "where", "expected"),
    [
        ("2022-03-20", "{dataOfficer: {}}", [SDE]),
        ("2022-03-20", '{dataOfficer: {person: {name: {eq: "Ana"}}}}', [SDE]),
        ("2022-03-20", '{dataOfficer: {person: {name: {eq: "Ben"}}}}', []),
        ("2022-07-01", '{dataOfficer: {person: {name: {eq: "Ben"}}}}', [SDE]),
        ("2022-03-20", "{not: {dataOfficer: {}}}", [DOL, STATE]),
        ("2019-12-31", "{not: {dataOfficer: {}}}", [DOL, SDE, STATE]),
    ],
)
def test_agencies_are_found_by_who_is_their_data_officer_on_the_day(
    asker: Asker, day: str, where: str, expected: list[str]
) -> None:
    query = f'{{ agencies(filter: {where}, asOf: "{day}", orderBy: {{field: URN}}) {{ edges {{ node {{ urn }} }} }} }}'
    assert [edge["node"]["urn"] for edge in asker.data(query)["agencies"]["edges"]] == expected


def test_what_is_not_there_is_null(asker: Asker) -> None:
    found = asker.data('{ dataset(urn: "urn:waypost:dataset:key:nowhere") { title } }')
    assert found == {"dataset": None}


def test_pages_go_on_where_the_last_one_ended(asker: Asker) -> None:
    query = f"query ($after: String) {{ datasets(first: 2, after: $after) {{ edges {{ node {{ title }} }} {PAGE} }} }}"
    first = asker.data(query)["datasets"]
    second = asker.data(query, after=first["pageInfo"]["endCursor"])["datasets"]
    assert titles(first) == ["District directory", "Enrollment"]
    assert first["pageInfo"]["hasNextPage"] is True
    assert titles(second) == ["Outcomes by town"]
    assert second["pageInfo"]["hasNextPage"] is False


def test_pages_below_a_node_go_on_as_well(asker: Asker) -> None:
    query = f"""query ($urn: ID!, $after: String) {{ dataset(urn: $urn) {{
        columns(first: 2, after: $after) {{ edges {{ node {{ name }} }} {PAGE} }}
    }} }}"""
    first = asker.data(query, urn=ENROLLMENT)["dataset"]["columns"]
    second = asker.data(query, urn=ENROLLMENT, after=first["pageInfo"]["endCursor"])["dataset"]["columns"]
    assert [edge["node"]["name"] for edge in second["edges"]] == ["grade"]


def test_an_empty_page(asker: Asker) -> None:
    found = asker.data(f"{{ datasets(first: 0) {{ totalCount edges {{ node {{ title }} }} {PAGE} }} }}")
    page = {"hasNextPage": True, "endCursor": None}
    assert found["datasets"] == {"totalCount": 3, "edges": [], "pageInfo": page}


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("{field: TITLE, direction: DESC}", ["Outcomes by town", "Enrollment", "District directory"]),
        ("{field: MODIFIED}", ["Enrollment", "District directory", "Outcomes by town"]),
        ("{field: URN}", ["District directory", "Enrollment", "Outcomes by town"]),
    ],
)
def test_orders(asker: Asker, order: str, expected: list[str]) -> None:
    assert (
        titles(asker.data(f"{{ datasets(orderBy: {order}) {{ edges {{ node {{ title }} }} }} }}")["datasets"])
        == expected
    )


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ('{title: {startsWith: "OUT"}}', ["Outcomes by town"]),
        ('{agency: {abbreviation: {eq: "SDE"}}}', ["District directory", "Enrollment"]),
        ('{not: {agency: {abbreviation: {eq: "SDE"}}}}', ["Outcomes by town"]),
        ("{agency: {branch: {in: [EXECUTIVE]}}, modified: {isNull: false}}", ["Enrollment"]),
        ("{goal: {horizon: {isNull: true}}}", ["Outcomes by town"]),
        ('{modified: {ge: "2022-01-01", lt: "2022-01-02"}}', ["Enrollment"]),
        ('{keywords: {contains: "outcomes by town"}}', ["Outcomes by town"]),
        ("{updateFrequency: {eq: DAILY}}", []),
        (f'{{urn: {{in: ["{DIRECTORY}", "{REGISTER}"]}}}}', ["District directory"]),
        ('{or: [{title: {eq: "Enrollment"}}, {title: {eq: "Outcomes by town"}}]}', ["Enrollment", "Outcomes by town"]),
        ("{or: []}", []),
        ("{}", ["District directory", "Enrollment", "Outcomes by town"]),
    ],
)
def test_filters(asker: Asker, where: str, expected: list[str]) -> None:
    found = asker.data(f"{{ datasets(filter: {where}) {{ totalCount edges {{ node {{ title }} }} }} }}")["datasets"]
    assert titles(found) == expected
    assert found["totalCount"] == len(expected)


def test_the_goal_knows_what_serves_it(asker: Asker) -> None:
    query = """query ($urn: ID!) { goal(urn: $urn) {
        metrics { edges { node { code unit goals { totalCount } } } }
        assets { totalCount edges { how source node { title } } }
    } }"""
    assert asker.data(query, urn=G1)["goal"] == {
        "metrics": {"edges": [{"node": {"code": "G1.M1", "unit": "visits", "goals": {"totalCount": 1}}}]},
        "assets": {
            "totalCount": 2,
            "edges": [
                {"how": "DECLARED", "source": SOURCE, "node": {"title": "Enrollment"}},
                {"how": "DERIVED_FROM_METRIC", "source": OTHER_SOURCE, "node": {"title": "Enrollment"}},
            ],
        },
    }


# Who sees what.

UPSTREAM = (
    "query ($urn: ID!) { dataset(urn: $urn) { upstream { totalCount edges { hiddenId source node { title } } } } }"
)


def test_the_public_sees_no_trace_of_what_is_for_staff(asker: Asker) -> None:
    found = asker.data(UPSTREAM, urn=OUTCOMES)["dataset"]["upstream"]
    edge = {"hiddenId": None, "source": SOURCE, "node": {"title": "Enrollment"}}
    assert found == {"totalCount": 1, "edges": [edge]}
    assert asker.data("query ($urn: ID!) { dataset(urn: $urn) { title } }", urn=REGISTER) == {"dataset": None}


def test_staff_see_it_whole(asker: Asker) -> None:
    found = asker.data(UPSTREAM, urn=OUTCOMES, reader=STAFF_READER)["dataset"]["upstream"]
    assert found["totalCount"] == 2
    assert titles(found) == ["Enrollment", "Register"]


def test_a_placeholder_keeps_the_shape_of_lineage_and_says_nothing_else(asker: Asker) -> None:
    found = asker.data(UPSTREAM, urn=OUTCOMES, reader=VEILED_READER)["dataset"]["upstream"]
    assert found["totalCount"] == 1
    hidden = found["edges"][1]
    assert hidden["node"] is None
    assert hidden["source"] is None
    assert hidden["hiddenId"]
    assert "register" not in hidden["hiddenId"]


def test_a_placeholder_stands_in_no_other_list(asker: Asker) -> None:
    query = "query ($urn: ID!) { agency(urn: $urn) { datasets { totalCount edges { node { title } } } } }"
    found = asker.data(query, urn=SDE, reader=VEILED_READER)["agency"]["datasets"]
    assert titles(found) == ["District directory", "Enrollment"]
    assert found["totalCount"] == 2


def test_contacts_are_for_staff(asker: Asker) -> None:
    query = """query ($urn: ID!) { dataset(urn: $urn) {
        contactEmail agency { dataOfficer { person { email phone } } }
    } }"""
    hidden = asker.data(query, urn=ENROLLMENT)["dataset"]
    assert hidden["contactEmail"] is None
    assert hidden["agency"]["dataOfficer"]["person"] == {"email": None, "phone": None}
    shown = asker.data(query, urn=ENROLLMENT, reader=STAFF_READER)["dataset"]
    assert shown["contactEmail"] == "data@example.org"
    assert shown["agency"]["dataOfficer"]["person"]["email"] == "ana@example.org"


def test_a_node_says_which_of_its_fields_are_kept_from_the_reader(asker: Asker) -> None:
    query = """query ($urn: ID!) {
        dataset(urn: $urn) { withheldFields agency { dataOfficer { person { withheldFields } } } }
        node(urn: $urn) { ... on Dataset { withheldFields } }
    }"""
    for reader in (PUBLIC_READER, VEILED_READER):
        kept = asker.data(query, urn=ENROLLMENT, reader=reader)
        assert kept["dataset"]["withheldFields"] == kept["node"]["withheldFields"] == ["contactEmail"]
        assert kept["dataset"]["agency"]["dataOfficer"]["person"]["withheldFields"] == ["email", "phone"]
    shown = asker.data(query, urn=ENROLLMENT, reader=STAFF_READER)
    assert shown["dataset"]["withheldFields"] == shown["node"]["withheldFields"] == []
    assert shown["dataset"]["agency"]["dataOfficer"]["person"]["withheldFields"] == []


def test_a_filter_on_what_is_for_staff_is_for_staff(asker: Asker) -> None:
    query = '{ datasets(filter: {contactEmail: {eq: "a"}}) { totalCount } }'
    error = asker.error(query)
    assert error["extensions"]["code"] == "INVALID_SELECTION"
    assert "for staff" in error["message"]
    assert asker.round_trips == 0
    assert asker.data(query, reader=STAFF_READER) == {"datasets": {"totalCount": 0}}


def test_introspection_is_answered_without_the_store(asker: Asker) -> None:
    found = asker.data('{ __type(name: "Dataset") { name fields { name } } __typename }')
    assert asker.round_trips == 0
    assert found["__typename"] == "Query"
    assert {"name": "title"} in found["__type"]["fields"]


def test_the_handover_of_an_office_is_told_by_its_days(asker: Asker) -> None:
    query = 'query ($urn: ID!) { agency(urn: $urn, asOf: "2022-07-01") { dataOfficer { person { urn } since until } } }'
    officer = asker.data(query, urn=SDE)["agency"]["dataOfficer"]
    assert officer == {"person": {"urn": BEN}, "since": "2022-07-01", "until": None}
