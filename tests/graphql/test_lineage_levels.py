"""Lineage at every level: random graphs against an oracle that lists every edge, and by hand, on both stores."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import parse

from catalog.access import PUBLIC_READER, STAFF_READER, Audience, Reader
from catalog.selection import NO_EDGE, Cursor, Order
from catalog.urn import key
from graphql_schema import build_schema
from graphql_schema.core import links
from graphql_schema.core.limits import measure
from tests.contract.workshop import Workshop
from tests.graphql.graph import (
    DIRECTORY,
    DOL,
    ENROLLMENT,
    OUTCOMES,
    REGISTER,
    SDE,
    SOURCE,
    VEILED_READER,
    Asker,
    asker_of,
    batches,
)
from tests.graphql.levels import WORLDS_AT_ONCE, compare, opened
from tests.graphql.work import AUDIT, COLLECT, COUNT, COUNTED, GRADE, MATCH, SASID, TOWN, run, work
from tests.support.flow_worlds import FlowWorld, said_of

_CURSOR = Cursor(1, MATCH, NO_EDGE).encode(Order("lineage JOB"))
_TEXT = Cursor("1", MATCH, NO_EDGE).encode(Order("lineage JOB"))


def test_lineage_is_what_the_whole_graph_says(workshop: Workshop) -> None:
    # Planning each of the many texts takes a Neo4j far longer than answering it: of few worlds, some lead nowhere.
    asked, found = compare(*opened(workshop, range(2 if workshop.graph else WORLDS_AT_ONCE)))
    assert 5 * found >= (2 if workshop.graph else 4) * asked


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_lineage_is_what_the_whole_graph_says_in_two_thousand_worlds(workshop: Workshop) -> None:
    starts = range(0, 2_000, WORLDS_AT_ONCE)
    counts = [compare(*opened(workshop, range(n, n + WORLDS_AT_ONCE))) for n in starts]
    assert 5 * sum(found for _, found in counts) >= 4 * sum(asked for asked, _ in counts)


def test_a_hub_of_more_neighbours_than_an_answer_holds_is_shown_page_by_page(workshop: Workshop) -> None:
    hub, spokes = (
        key("dataset", "test", "hub"),
        [key("dataset", "test", f"spoke{number:04}") for number in range(1_200)],
    )
    star = FlowWorld(
        dict.fromkeys([hub, *spokes], (Audience.PUBLIC, (None, None))),
        {(0, hub, spoke): (None, None) for spoke in spokes},
    )
    asker = asker_of(workshop, [batch for batch in said_of([star]) if batch.size])
    query = """query ($urn: ID!, $after: String) { lineage(urn: $urn, first: 1000, after: $after) {
      nodes { dataset { title } id } edges { downstream } endCursor completeness { omittedNodes }
    } }"""
    begun = asker.data(query, urn=hub)["lineage"]
    assert begun["completeness"] == {"omittedNodes": 201}
    further = asker.data(query, urn=hub, after=begun["endCursor"])["lineage"]
    assert [node["id"] for node in (*begun["nodes"], *further["nodes"])] == [hub, *spokes]
    assert [edge["downstream"] for edge in (*begun["edges"], *further["edges"])] == spokes
    assert all(node["dataset"]["title"] for node in further["nodes"])
    assert further["endCursor"] is None


# By hand.

_NODES = """
query (
  $urn: ID!, $level: LineageLevel!, $direction: LineageDirection! = BOTH, $depth: Int! = 3, $first: Int! = 200
  $after: String, $filter: LineageFilter, $asOf: Date
) {
  lineage(
    urn: $urn, level: $level, direction: $direction, depth: $depth, first: $first, after: $after, filter: $filter
    asOf: $asOf
  ) {
    nodes { id depth }
    edges { upstream downstream flows }
    endCursor
    completeness { reasons omittedNodes filteredNodes hiddenNodes frontier }
  }
}
"""


@pytest.fixture(scope="module")
def worker(workshop: Workshop) -> Asker:
    """Who asks the hand-made graph with jobs and columns in it."""
    return asker_of(workshop, [*batches(), work()])


def told(found: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Nodes as "sde 0" and edges as "sde>dol 1", with "?" for what is hidden."""

    def short(id_: str) -> str:
        return id_.rpartition(":")[2].rpartition("#")[2] if id_.startswith("urn:") else "?"

    nodes = [f"{short(node['id'])} {node['depth']}" for node in found["nodes"]]
    return nodes, [f"{short(e['upstream'])}>{short(e['downstream'])} {e['flows']}" for e in found["edges"]]


def ask(worker: Asker, urn: str, level: str, reader: Reader = PUBLIC_READER, **arguments: Any) -> dict[str, Any]:
    return worker.data(_NODES, urn=urn, level=level, reader=reader, **arguments)["lineage"]


def test_agencies_are_tied_by_how_many_flows_the_reader_knows_of(worker: Asker) -> None:
    assert told(ask(worker, SDE, "AGENCY")) == (["sde 0", "dol 1"], ["dol>sde 1", "sde>dol 1"])
    # Two hops each way, the second to nothing new; then the fields.
    assert worker.round_trips == 2 + 2 + 1
    assert told(ask(worker, SDE, "AGENCY", STAFF_READER)) == (["sde 0", "dol 1"], ["dol>sde 1", "sde>dol 2"])


def test_nobody_is_told_who_holds_a_hidden_dataset(worker: Asker) -> None:
    found = ask(worker, DOL, "AGENCY", VEILED_READER, direction="UPSTREAM")
    assert told(found) == (["dol 0", "sde 1", "? 1"], ["dol>sde 1", "sde>dol 1", "?>dol 1"])
    assert found["completeness"]["hiddenNodes"] == 1


def test_the_day_says_who_holds_what(worker: Asker) -> None:
    query = (
        '{ lineage(urn: "%s", level: AGENCY) { nodes { agency { abbreviation dataOfficer { person { name } } } } } }'
    )
    found = worker.data(query % SDE)["lineage"]["nodes"]
    assert [node["agency"]["abbreviation"] for node in found] == ["SDE", "DOL"]
    assert found[0]["agency"]["dataOfficer"]["person"] == {"name": "Ana"}


def test_an_edge_between_jobs_says_what_is_written_and_read_and_when_it_last_ran(worker: Asker) -> None:
    query = """
      query ($urn: ID!, $asOf: Date) { lineage(urn: $urn, level: JOB, direction: UPSTREAM, asOf: $asOf) {
        edges { upstream downstream depth assertions { source since dataset job { name } lastRun { urn state } } }
        nodes { job { name } }
      } }
    """
    found = worker.data(query, urn=MATCH)["lineage"]
    last = {"urn": run("03-01"), "state": "COMPLETED"}
    said = {"source": SOURCE, "dataset": ENROLLMENT}
    assert found == {
        "nodes": [{"job": {"name": "match"}}, {"job": {"name": "collect"}}],
        "edges": [
            {
                "upstream": COLLECT,
                "downstream": MATCH,
                "depth": 1,
                "assertions": [
                    {**said, "since": "2022-01-10", "job": {"name": "collect"}, "lastRun": None},
                    {**said, "since": None, "job": {"name": "match"}, "lastRun": last},
                ],
            }
        ],
    }
    # Two hops; the nodes with what is said of edges; the jobs.
    assert worker.round_trips == 2 + 1 + 1
    for day, expected in (("2022-02-28", None), ("2022-03-01", run("03-01")), ("2022-04-01", run("04-01"))):
        assertions = worker.data(query, urn=MATCH, asOf=day)["lineage"]["edges"][0]["assertions"]
        assert (assertions[1]["lastRun"] or {"urn": None})["urn"] == expected
    assert worker.data(query, urn=MATCH, asOf="2022-01-09")["lineage"]["edges"] == []


def test_a_job_that_is_hidden_keeps_the_shape_or_is_not_there(worker: Asker) -> None:
    assert told(ask(worker, MATCH, "JOB")) == (["match 0", "collect 1"], ["collect>match 1"])
    veiled = ask(worker, MATCH, "JOB", VEILED_READER)
    assert told(veiled) == (["match 0", "collect 1", "? 1"], ["collect>match 1", "match>? 1"])
    assert told(ask(worker, AUDIT, "JOB", STAFF_READER))[0] == ["audit 0", "match 1", "collect 2"]


_COLUMNS = """
query ($column: ID!, $direction: LineageDirection! = BOTH, $asOf: Date) {
  columnLineage(column: $column, direction: $direction, asOf: $asOf) {
    root
    nodes { id depth direction column { name dataset { title } } }
    edges { upstream downstream depth steps { derivation transformation subtype description masking } }
    endCursor
    completeness { isComplete hiddenNodes }
  }
}
"""


def test_a_column_says_what_is_done_to_the_values_it_depends_on(worker: Asker) -> None:
    found = worker.data(_COLUMNS, column=COUNT)["columnLineage"]
    none = dict.fromkeys(("derivation", "transformation", "subtype", "description", "masking"))
    counted = {
        "derivation": "DIRECT",
        "transformation": "AGGREGATE",
        "description": COUNTED,
        "masking": True,
    }
    outcomes, enrollment = {"title": "Outcomes by town"}, {"title": "Enrollment"}
    assert found == {
        "root": COUNT,
        "nodes": [
            {"id": COUNT, "depth": 0, "direction": "BOTH", "column": {"name": "count", "dataset": outcomes}},
            {"id": SASID, "depth": 1, "direction": "UPSTREAM", "column": {"name": "SASID", "dataset": enrollment}},
            {"id": GRADE, "depth": 1, "direction": "UPSTREAM", "column": {"name": "grade", "dataset": enrollment}},
        ],
        "edges": [
            {"upstream": SASID, "downstream": COUNT, "depth": 1, "steps": [{**none, **counted}]},
            {
                "upstream": GRADE,
                "downstream": COUNT,
                "depth": 1,
                "steps": [{**none, "derivation": "INDIRECT", "subtype": "GROUP_BY"}],
            },
        ],
        "endCursor": None,
        "completeness": {"isComplete": True, "hiddenNodes": 0},
    }
    # Downstream a hop that leads nowhere; upstream two; then the fields and what is said of the edges.
    assert worker.round_trips == 1 + 2 + 1
    veiled = worker.data(_COLUMNS, column=COUNT, reader=VEILED_READER)["columnLineage"]
    assert [edge["steps"] == [] for edge in veiled["edges"]] == [False, False, True]
    assert veiled["completeness"]["hiddenNodes"] == 1


def test_a_step_between_columns_is_there_on_its_days(worker: Asker) -> None:
    def upstream(day: str) -> list[str]:
        found = worker.data(_COLUMNS, column=GRADE, direction="UPSTREAM", asOf=day)["columnLineage"]
        return [node["id"] for node in found["nodes"]]

    assert upstream("2022-01-31") == [GRADE, TOWN]
    assert upstream("2022-02-01") == [GRADE]


def test_what_a_filter_leaves_out_is_told_and_not_walked_through(worker: Asker) -> None:
    at_dol: dict[str, Any] = {"dataset": {"agency": {"abbreviation": {"eq": "DOL"}}}}
    found = ask(worker, ENROLLMENT, "DATASET", direction="DOWNSTREAM", filter=at_dol)
    # The root is shown all the same, and so is what flows back to it.
    assert told(found) == (["enrollment 0", "outcomes 1"], ["enrollment>outcomes 1", "outcomes>enrollment 1"])
    assert found["completeness"]["reasons"] == []
    at_sde: dict[str, Any] = {"dataset": {"agency": {"abbreviation": {"eq": "SDE"}}}}
    cut = ask(worker, ENROLLMENT, "DATASET", direction="DOWNSTREAM", filter=at_sde)
    assert told(cut) == (["enrollment 0"], [])
    left = {"reasons": ["FILTER"], "omittedNodes": 0, "filteredNodes": 1, "hiddenNodes": 0, "frontier": []}
    assert cut["completeness"] == left
    assert cut["endCursor"] is None
    grouped = ask(worker, SDE, "AGENCY", filter=at_dol)
    assert told(grouped) == (["sde 0"], [])
    assert grouped["completeness"]["filteredNodes"] == 1
    of_outcomes: dict[str, Any] = {"dataset": {"urn": {"eq": OUTCOMES}}}
    assert told(ask(worker, COUNT, "COLUMN", filter=of_outcomes)) == (["count 0"], [])
    direct: dict[str, Any] = {"step": {"derivation": {"eq": "DIRECT"}}}
    assert told(ask(worker, COUNT, "COLUMN", filter=direct)) == (["count 0", "SASID 1"], ["SASID>count 1"])
    none: dict[str, Any] = {"dataset": {"title": {"eq": "Register"}}}
    assert told(ask(worker, COLLECT, "JOB", filter=none)) == (["collect 0"], [])
    batch: dict[str, Any] = {"job": {"kindOfJob": {"eq": "batch"}, "urn": {"eq": MATCH}}}
    assert told(ask(worker, COLLECT, "JOB", filter=batch))[0] == ["collect 0", "match 1"]


def test_of_what_a_filter_may_not_look_at_it_is_not_true(worker: Asker) -> None:
    everything: dict[str, Any] = {"dataset": {}}
    found = ask(worker, OUTCOMES, "DATASET", VEILED_READER, direction="UPSTREAM", depth=1, filter=everything)
    assert told(found)[0] == ["outcomes 0", "enrollment 1"]
    assert (found["completeness"]["filteredNodes"], found["completeness"]["hiddenNodes"]) == (1, 0)


def test_an_answer_goes_on_where_another_ended(worker: Asker) -> None:
    begun = ask(worker, COLLECT, "JOB", STAFF_READER, direction="DOWNSTREAM", depth=1)
    assert told(begun) == (["collect 0", "match 1"], ["collect>match 1"])
    assert begun["completeness"]["frontier"] == [MATCH]
    further = ask(worker, COLLECT, "JOB", STAFF_READER, direction="DOWNSTREAM", depth=1, after=begun["endCursor"])
    assert told(further) == (["audit 2"], ["match>audit 1"])
    assert further["endCursor"] is None


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (f'urn: "{SDE}"', "INVALID_URN", "expected 'urn:waypost:dataset:...'"),
        (f'urn: "{SDE}", level: COLUMN', "INVALID_URN", "expected 'urn:waypost:column:...'"),
        (f'urn: "{SDE}", level: AGENCY, filter: {{job: {{}}}}', "INVALID_SELECTION", "it takes 'dataset'"),
        (f'urn: "{SASID}", level: COLUMN, filter: {{job: {{}}}}', "INVALID_SELECTION", "it takes 'column', 'dataset', 'step'"),
        (f'urn: "{SDE}", level: AGENCY, filter: {{dataset: {{contactEmail: {{eq: "x"}}}}}}', "INVALID_SELECTION", "for staff"),
        (f'urn: "{SDE}", level: AGENCY, after: "x"', "INVALID_SELECTION", "'after' is no cursor of ours"),
        (f'urn: "{SDE}", level: AGENCY, after: "{_CURSOR}"', "INVALID_SELECTION", "belongs to the order 'lineage JOB'"),
        (f'urn: "{MATCH}", level: JOB, after: "{_TEXT}"', "INVALID_SELECTION", "'after' is no cursor of ours"),
        (f'urn: "{SDE}", level: STATE', "BAD_REQUEST", "STATE"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_before_anything_is_read(worker: Asker, arguments: str, code: str, said: str) -> None:
    error = worker.error(f"{{ lineage({arguments}) {{ root }} }}")
    assert error["extensions"]["code"] == code
    assert said in error["message"]
    assert worker.round_trips == 0


def test_a_column_is_asked_for_by_its_own_urn(worker: Asker) -> None:
    error = worker.error(f'{{ columnLineage(column: "{ENROLLMENT}") {{ root }} }}')
    assert error["extensions"]["code"] == "INVALID_URN"
    missing = TOWN.replace("town", "none")
    assert worker.data(_COLUMNS, column=missing) == {"columnLineage": None}


def test_of_more_edges_than_are_told_of_nobody_says_anything(worker: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "MAX_TOLD", 1)
    query = '{ lineage(urn: "%s", level: COLUMN) { edges { assertions { source } steps { urn } } } }'
    first, second = worker.data(query % COUNT)["lineage"]["edges"]
    assert (len(first["assertions"]), len(first["steps"])) == (1, 1)
    assert second == {"assertions": None, "steps": None}


def test_what_is_said_of_edges_is_counted_by_the_nodes() -> None:
    def cost(chosen: str) -> int:
        return measure(build_schema().graphql, parse(f'{{ lineage(urn: "{SDE}", first: 10) {{ {chosen} }} }}')).cost

    assert cost("edges { upstream }") == 10
    assert cost("edges { assertions { source } }") == 20
    assert cost("edges { assertions { job { name } lastRun { state } } }") == 40
    assert cost("edges { steps { derivation } }") == 20


def test_other_nodes_stand_for_a_dataset(worker: Asker) -> None:
    columns = ask(worker, ENROLLMENT, "COLUMN", direction="DOWNSTREAM", filter={"column": {"name": {"eq": "count"}}})
    assert told(columns) == (["SASID 0", "grade 0", "name 0", "count 1"], ["SASID>count 1", "grade>count 1"])
    # The columns, and two hops: of the nodes no more is chosen.
    assert worker.round_trips == 1 + 2
    assert told(ask(worker, OUTCOMES, "AGENCY"))[0] == ["dol 0", "sde 1"]
    assert told(ask(worker, ENROLLMENT, "JOB")) == (["collect 0", "match 0"], ["collect>match 1"])
    assert told(ask(worker, DIRECTORY, "JOB")) == ([], [])
    for level in ("COLUMN", "AGENCY", "JOB"):
        for nothing in (REGISTER, key("dataset", "test", "none")):
            answer = worker.data(_NODES, urn=nothing, level=level, reader=VEILED_READER)
            assert (answer, worker.round_trips) == ({"lineage": None}, 1)


def test_of_more_columns_than_asked_for_the_first_are_begun_at(worker: Asker) -> None:
    begun = ask(worker, ENROLLMENT, "COLUMN", direction="DOWNSTREAM", first=2)
    assert told(begun) == (["SASID 0", "grade 0"], [])
    assert begun["completeness"]["reasons"] == ["NODES"]
    further = ask(worker, ENROLLMENT, "COLUMN", direction="DOWNSTREAM", first=2, after=begun["endCursor"])
    assert told(further) == (["name 0", "count 1"], ["SASID>count 1", "grade>count 1"])
    assert further["endCursor"] is None
