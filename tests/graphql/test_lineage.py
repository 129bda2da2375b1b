"""Lineage on the hand-made graph, with answers written by hand: a round trip for each hop and way, and one for the fields."""

from __future__ import annotations

from typing import Any, cast

import pytest
from graphql import parse

from catalog.access import PUBLIC_READER, STAFF_READER, Reader
from catalog.errors import StoreTimeout, StoreUnavailable
from catalog.stores.port import Store
from catalog.urn import key
from graphql_schema import Answer, Context, Request, answer, build_schema
from graphql_schema.core.limits import measure
from tests.graphql.faulty import FaultyStore
from tests.graphql.graph import ENROLLMENT, OUTCOMES, REGISTER, TODAY, VEILED_READER, Asker

WHOLE: dict[str, Any] = {"isComplete": True, "reasons": [], "omittedNodes": 0, "hiddenNodes": 0, "frontier": []}

LINEAGE = """
query ($urn: ID!, $direction: LineageDirection! = BOTH, $depth: Int! = 3, $first: Int! = 200, $asOf: Date) {
  lineage(urn: $urn, direction: $direction, depth: $depth, first: $first, asOf: $asOf) {
    root
    nodes { id urn hiddenId depth direction dataset { title agency { abbreviation } } }
    edges { upstream downstream }
    completeness { isComplete reasons omittedNodes hiddenNodes frontier }
  }
}
"""


def d(name: str) -> str:
    return key("dataset", "test", name)


def ask(walker: Asker, name: str, reader: Reader = PUBLIC_READER, **arguments: Any) -> dict[str, Any]:
    found = walker.data(LINEAGE, urn=d(name), reader=reader, **arguments)["lineage"]
    assert found["root"] == d(name)
    return found


def told(found: dict[str, Any]) -> list[tuple[str | None, int, str]]:
    """(title, depth, direction) of the nodes."""
    return [(node["dataset"] and node["dataset"]["title"], node["depth"], node["direction"]) for node in found["nodes"]]


def edges(found: dict[str, Any]) -> list[str]:
    """Edges as "raw>side", with "?" for what is hidden."""

    def short(id_: str) -> str:
        return id_.rpartition(":")[2] if id_.startswith("urn:") else "?"

    return [f"{short(edge['upstream'])}>{short(edge['downstream'])}" for edge in found["edges"]]


def test_the_public_sees_no_trace_of_what_is_for_staff(walker: Asker) -> None:
    found = ask(walker, "outcomes")
    # Both ways at once: outcomes, then enrollment, then what was chosen of both.
    assert walker.round_trips == 2 + 2 + 1
    assert found == {
        "root": OUTCOMES,
        "nodes": [
            {
                "id": OUTCOMES,
                "urn": OUTCOMES,
                "hiddenId": None,
                "depth": 0,
                "direction": "BOTH",
                "dataset": {"title": "Outcomes by town", "agency": {"abbreviation": "DOL"}},
            },
            {
                "id": ENROLLMENT,
                "urn": ENROLLMENT,
                "hiddenId": None,
                "depth": 1,
                "direction": "BOTH",
                "dataset": {"title": "Enrollment", "agency": {"abbreviation": "SDE"}},
            },
        ],
        "edges": [{"upstream": ENROLLMENT, "downstream": OUTCOMES}, {"upstream": OUTCOMES, "downstream": ENROLLMENT}],
        "completeness": WHOLE,
    }


def test_staff_see_it_whole(walker: Asker) -> None:
    found = ask(walker, "outcomes", STAFF_READER)
    assert told(found) == [("Outcomes by town", 0, "BOTH"), ("Enrollment", 1, "BOTH"), ("Register", 1, "UPSTREAM")]
    assert edges(found) == ["enrollment>outcomes", "outcomes>enrollment", "register>outcomes"]
    assert found["completeness"] == WHOLE


def test_a_placeholder_keeps_the_shape_and_says_nothing_else(walker: Asker) -> None:
    found = ask(walker, "outcomes", VEILED_READER)
    assert told(found) == [("Outcomes by town", 0, "BOTH"), ("Enrollment", 1, "BOTH"), (None, 1, "UPSTREAM")]
    assert edges(found) == ["enrollment>outcomes", "outcomes>enrollment", "?>outcomes"]
    hidden = found["nodes"][2]
    assert hidden["urn"] is None
    assert hidden["id"] == hidden["hiddenId"] == found["edges"][2]["upstream"]
    assert "register" not in hidden["id"]
    assert found["completeness"] == {**WHOLE, "hiddenNodes": 1}


def test_a_path_goes_on_behind_a_placeholder(walker: Asker) -> None:
    seen = ask(walker, "raw", VEILED_READER, direction="DOWNSTREAM", depth=9)
    assert told(seen) == [
        ("Raw", 0, "DOWNSTREAM"),
        ("Side", 1, "DOWNSTREAM"),
        (None, 1, "DOWNSTREAM"),
        ("Mart", 2, "DOWNSTREAM"),
        ("Chart", 3, "DOWNSTREAM"),
        ("Table", 3, "DOWNSTREAM"),
        ("Report", 4, "DOWNSTREAM"),
    ]
    assert edges(seen) == [
        *("chart>report", "mart>chart", "mart>table", "raw>side", "raw>?", "report>report", "table>report"),
        "?>mart",
    ]
    assert seen["completeness"] == {**WHOLE, "hiddenNodes": 1}
    assert walker.round_trips == 5 + 1
    # Whoever may not know of the vault does not learn that anything lies behind it.
    public = ask(walker, "raw", direction="DOWNSTREAM", depth=9)
    assert told(public) == [("Raw", 0, "DOWNSTREAM"), ("Side", 1, "DOWNSTREAM")]
    assert public["completeness"] == WHOLE


def test_each_way_is_walked_on_its_own(walker: Asker) -> None:
    found = ask(walker, "mart", STAFF_READER)
    assert told(found) == [
        ("Mart", 0, "BOTH"),
        ("Chart", 1, "DOWNSTREAM"),
        ("Table", 1, "DOWNSTREAM"),
        ("Vault", 1, "UPSTREAM"),
        ("Raw", 2, "UPSTREAM"),
        ("Report", 2, "DOWNSTREAM"),
    ]
    assert found["completeness"] == WHOLE
    up = ask(walker, "mart", STAFF_READER, direction="UPSTREAM")
    assert told(up) == [("Mart", 0, "UPSTREAM"), ("Vault", 1, "UPSTREAM"), ("Raw", 2, "UPSTREAM")]


def test_what_the_depth_cuts_is_told(walker: Asker) -> None:
    found = ask(walker, "vault", STAFF_READER, direction="DOWNSTREAM", depth=1)
    assert told(found) == [("Vault", 0, "DOWNSTREAM"), ("Mart", 1, "DOWNSTREAM")]
    # The hop past the depth is asked as well: what is cut is known.
    assert walker.round_trips == 2 + 1
    cut = {"isComplete": False, "reasons": ["DEPTH"], "omittedNodes": 2, "hiddenNodes": 0, "frontier": [d("mart")]}
    assert found["completeness"] == cut
    exact = ask(walker, "vault", STAFF_READER, direction="DOWNSTREAM", depth=3)
    assert exact["completeness"] == WHOLE


def test_what_the_number_of_nodes_cuts_is_told(walker: Asker) -> None:
    found = ask(walker, "raw", VEILED_READER, direction="DOWNSTREAM", first=2)
    assert told(found) == [("Raw", 0, "DOWNSTREAM"), ("Side", 1, "DOWNSTREAM")]
    cut = {"isComplete": False, "reasons": ["NODES"], "omittedNodes": 1, "hiddenNodes": 0, "frontier": [d("raw")]}
    assert found["completeness"] == cut
    both = ask(walker, "raw", VEILED_READER, direction="DOWNSTREAM", first=4, depth=2)
    assert both["completeness"]["reasons"] == ["DEPTH"]
    assert ask(walker, "raw", VEILED_READER, first=6, depth=3)["completeness"]["reasons"] == ["DEPTH"]


def test_a_hidden_node_can_be_the_frontier(walker: Asker) -> None:
    found = ask(walker, "raw", VEILED_READER, direction="DOWNSTREAM", depth=1)
    hidden = found["nodes"][2]["hiddenId"]
    assert hidden
    assert found["completeness"]["frontier"] == [hidden]


def test_an_edge_is_there_on_its_days(walker: Asker) -> None:
    before = ask(walker, "chart", direction="DOWNSTREAM", asOf="2022-05-31")
    assert edges(before) == ["chart>report", "report>report"]
    after = ask(walker, "chart", direction="DOWNSTREAM", asOf="2022-06-01")
    assert edges(after) == []
    assert after["completeness"] == WHOLE


def test_where_there_is_nothing_there_is_null(walker: Asker) -> None:
    assert walker.data(LINEAGE, urn=d("nowhere")) == {"lineage": None}
    assert walker.data(LINEAGE, urn=REGISTER) == {"lineage": None}
    assert walker.data(LINEAGE, urn=REGISTER, reader=VEILED_READER) == {"lineage": None}
    # A root without lineage is a graph of one.
    alone = ask(walker, "directory")
    assert told(alone) == [("District directory", 0, "BOTH")]
    assert alone["edges"] == []
    assert alone["completeness"] == WHOLE


@pytest.mark.parametrize("reader", [PUBLIC_READER, VEILED_READER], ids=["public", "veiled"])
def test_fields_that_need_no_more_than_the_walk(walker: Asker, reader: Reader) -> None:
    query = "query ($urn: ID!) { lineage(urn: $urn) { nodes { depth dataset { urn __typename } } } }"
    found = walker.data(query, urn=OUTCOMES, reader=reader)["lineage"]["nodes"]
    assert [node["dataset"] and node["dataset"]["urn"] for node in found[:2]] == [OUTCOMES, ENROLLMENT]
    assert all(node["dataset"] is None for node in found[2:])
    for nothing in (REGISTER, d("nowhere")):
        assert walker.data(query, urn=nothing, reader=reader) == {"lineage": None}


def test_aliases_fragments_and_nested_pages_are_one_reading(walker: Asker) -> None:
    query = """
      query ($urn: ID!) { lineage(urn: $urn) {
        a: nodes { dataset { x: title } }
        b: nodes { ...Deep }
        __typename
      } }
      fragment Deep on LineageNode { dataset { x: urn columns(first: 1) { totalCount edges { node { name } } } } }
    """
    found = walker.data(query, urn=ENROLLMENT)["lineage"]
    assert walker.round_trips == 2 + 2 + 1
    assert found["__typename"] == "Lineage"
    assert found["a"] == [{"dataset": {"x": "Enrollment"}}, {"dataset": {"x": "Outcomes by town"}}]
    assert found["b"][0]["dataset"] == {
        "x": ENROLLMENT,
        "columns": {"totalCount": 3, "edges": [{"node": {"name": "SASID"}}]},
    }


# Mistakes and limits.


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ('urn: "x"', "INVALID_URN", "is no Waypost URN"),
        ('urn: "veiled:0123"', "INVALID_URN", "is no Waypost URN"),
        ('urn: "urn:waypost:goal:key:a"', "INVALID_URN", "is the URN of another kind"),
        (f'urn: "{OUTCOMES}", depth: 0', "INVALID_SELECTION", "'depth' is 0: lineage takes 1 to 20"),
        (f'urn: "{OUTCOMES}", depth: 21', "INVALID_SELECTION", "'depth' is 21"),
        (f'urn: "{OUTCOMES}", first: 0', "INVALID_SELECTION", "'first' is 0: lineage takes 1 to 1000"),
        (f'urn: "{OUTCOMES}", first: 1001', "INVALID_SELECTION", "'first' is 1001"),
        (f'urn: "{OUTCOMES}", direction: SIDEWAYS', "BAD_REQUEST", "SIDEWAYS"),
        (f'urn: "{OUTCOMES}", direction: null', "BAD_REQUEST", "null"),
        ("", "BAD_REQUEST", "urn"),
    ],
)
def test_a_mistake_is_named_before_anything_is_read(asker: Asker, arguments: str, code: str, said: str) -> None:
    error = asker.error(f"{{ lineage({arguments}) {{ root }} }}".replace("()", ""))
    assert error["extensions"]["code"] == code
    assert said in error["message"]
    assert asker.round_trips == 0


def test_the_cost_is_counted_by_the_nodes() -> None:
    def cost(arguments: str, chosen: str = "nodes { dataset { title } } edges { upstream }") -> int:
        text = f'{{ lineage(urn: "{OUTCOMES}"{arguments}) {{ {chosen} }} }}'
        return measure(build_schema().graphql, parse(text)).cost

    assert cost("") == 200
    assert cost(", first: 7") == 7
    assert cost(", first: 1000") == 1000
    assert cost(", first: 999999999999") == 1000
    assert cost(", first: 10", "nodes { dataset { agency { name } columns(first: 5) { totalCount } } }") == 70


def test_a_lineage_that_costs_too_much_is_refused(asker: Asker) -> None:
    query = "query ($n: Int!) { lineage(urn: %r, first: $n) { nodes { dataset { columns { totalCount } } } } }"
    text = (query % OUTCOMES).replace("'", '"')
    assert asker.ask(text, n=238).errors == []
    refused = asker.ask(text, n=239)
    assert [error["extensions"]["limit"] for error in refused.errors] == ["cost"]


# When the store is slow or away.


def ask_faulty(asker: Asker, store: FaultyStore, seconds: float = 10) -> Answer:
    context = Context(cast("Store", store), STAFF_READER, TODAY, "request-7")
    request = Request(LINEAGE, {"urn": OUTCOMES})
    return asker.runner.run(answer(build_schema(), request, context, seconds))


@pytest.mark.parametrize(("fails", "seconds"), [(None, 2), (StoreTimeout, 10)])
def test_where_time_runs_short_what_was_found_is_answered(
    asker: Asker, fails: type[Exception] | None, seconds: float
) -> None:
    found = ask_faulty(asker, FaultyStore(asker.store, fails, after=1), seconds)
    assert found.errors == []
    assert found.data is not None
    lineage = found.data["lineage"]
    assert told(lineage) == [("Outcomes by town", 0, "BOTH"), ("Enrollment", 1, "BOTH"), ("Register", 1, "UPSTREAM")]
    cut = {"isComplete": False, "reasons": ["TIME"], "omittedNodes": 0, "hiddenNodes": 0}
    assert lineage["completeness"] == {**cut, "frontier": [ENROLLMENT, REGISTER]}


@pytest.mark.parametrize("step", ["upstream", "downstream"])
def test_where_one_way_fails_the_field_fails(asker: Asker, step: str) -> None:
    found = ask_faulty(asker, FaultyStore(asker.store, StoreUnavailable, step))
    assert found.codes == {"DATABASE_UNAVAILABLE"}
    assert found.data == {"lineage": None}
