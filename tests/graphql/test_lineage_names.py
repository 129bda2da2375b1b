"""Lineage across the names of one dataset, by hand: what is one path, who says so, and how it is split again (domain 9.2 E11)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from catalog.access import STAFF_READER, Audience
from catalog.batch import Batch, EdgeStatement, NodeStatement
from catalog.model.data import Dataset
from catalog.model.enums import AssertionStatus
from catalog.model.people import Agency
from catalog.urn import Urn, key
from tests.contract.workshop import Workshop
from tests.graphql.graph import VEILED_READER, Asker, asker_of

STATED, DENIED = AssertionStatus.STATED, AssertionStatus.DENIED
LOADER, PERSON = key("source", "test", "loader"), key("source", "test", "person")
DAY = date(2022, 1, 1)

NAMES = """
query ($urn: ID!, $depth: Int! = 9, $first: Int! = 200, $after: String, $asOf: Date) {
  lineage(urn: $urn, depth: $depth, first: $first, after: $after, asOf: $asOf) {
    endCursor
    nodes { id depth }
    edges { upstream downstream depth }
    sameAs { one other assertions { source since until evidence rule } }
    completeness { isComplete reasons omittedNodes frontier }
  }
}
"""


def d(name: str) -> Urn:
    return key("dataset", "test", name)


def short(id_: str) -> str:
    return id_.rpartition(":")[2] if id_.startswith("urn:") else "?"


def said(source: Urn, edges: Iterable[EdgeStatement], nodes: Iterable[NodeStatement] = ()) -> Batch:
    at = datetime(2020, 1, 1, tzinfo=UTC)
    return Batch(source, "test", at, at.date(), nodes=list(nodes), edges=list(edges))


def same(one: str, other: str, status: AssertionStatus = STATED, since: date | None = None) -> EdgeStatement:
    props = {"status": status, "evidence": "One key.", "rule": "by-key"}
    return EdgeStatement(Dataset.same_as, d(one), d(other), since, None, props)


def flow(tail: str, head: str) -> EdgeStatement:
    return EdgeStatement(Dataset.downstream, d(tail), d(head))


def dataset(name: str, audience: Audience = Audience.PUBLIC) -> NodeStatement:
    return NodeStatement(Dataset(urn=d(name), title=name), audience)


@pytest.fixture
def asker(workshop: Workshop) -> Asker:
    """A flow from raw into the portal's entry, and one from the warehouse's into the report; the agency's entry ties the two."""
    names = ("raw", "portal", "agency", "warehouse", "report")
    edges = [flow("raw", "portal"), flow("warehouse", "report"), same("agency", "portal"), same("agency", "warehouse")]
    holders = [key("agency", "test", name) for name in ("one", "two")]
    agencies = [NodeStatement(Agency(urn=urn, name=short(urn)), Audience.PUBLIC) for urn in holders]
    edges += [EdgeStatement(Dataset.held_by, d("portal"), holders[0])]
    edges += [EdgeStatement(Dataset.held_by, d(name), holders[1]) for name in ("agency", "warehouse", "report")]
    return asker_of(workshop, [said(LOADER, edges, [*map(dataset, names), *agencies])])


def told(found: dict[str, Any]) -> list[str]:
    return [f"{short(node['id'])} {node['depth']}" for node in found["nodes"]]


def pairs(found: dict[str, Any]) -> list[str]:
    return [f"{short(each['one'])}={short(each['other'])}" for each in found["sameAs"]]


def test_what_flows_into_one_name_and_out_of_another_is_one_path(asker: Asker) -> None:
    found = asker.data(NAMES, urn=d("raw"))["lineage"]
    assert told(found) == ["raw 0", "agency 1", "portal 1", "warehouse 1", "report 2"]
    assert pairs(found) == ["agency=portal", "agency=warehouse"]
    said_by = {"source": LOADER, "since": None, "until": None, "evidence": "One key.", "rule": "by-key"}
    assert [each["assertions"] for each in found["sameAs"]] == [[said_by], [said_by]]
    assert [(short(edge["downstream"]), edge["depth"]) for edge in found["edges"]] == [("portal", 1), ("report", 2)]
    assert found["completeness"]["isComplete"]
    # Upstream one hop, downstream three; one for what was chosen.
    assert asker.round_trips == 1 + 3 + 1


def test_where_the_root_has_other_names_its_depth_is_asked_once_more(asker: Asker) -> None:
    found = asker.data(NAMES, urn=d("warehouse"))["lineage"]
    assert told(found) == ["warehouse 0", "agency 0", "portal 0", "raw 1", "report 1"]
    assert asker.round_trips == 2 * (1 + 1 + 1) + 1


def test_names_that_found_no_room_come_after(asker: Asker) -> None:
    found = asker.data(NAMES, urn=d("warehouse"), first=2)["lineage"]
    assert told(found) == ["warehouse 0", "agency 0"]
    assert found["completeness"]["reasons"] == ["NODES"]
    more = asker.data(NAMES, urn=d("warehouse"), first=2, after=found["endCursor"])["lineage"]
    assert (told(more), pairs(more)) == (["portal 0", "raw 1"], ["agency=portal"])
    last = asker.data(NAMES, urn=d("warehouse"), first=2, after=more["endCursor"])["lineage"]
    assert (told(last), pairs(last), last["endCursor"]) == (["report 1"], [], None)


def test_a_denial_splits_what_another_source_states_from_its_day_on(asker: Asker) -> None:
    asker.runner.run(asker.store.write(said(PERSON, [same("warehouse", "agency", DENIED, DAY)])))
    after = asker.data(NAMES, urn=d("raw"), asOf=DAY.isoformat())["lineage"]
    assert (told(after), pairs(after)) == (["raw 0", "agency 1", "portal 1"], ["agency=portal"])
    before = asker.data(NAMES, urn=d("raw"), asOf="2021-12-31")["lineage"]
    assert told(before)[-1] == "report 2"


def test_a_name_that_is_not_there_for_the_reader_joins_nothing(asker: Asker) -> None:
    nodes = [dataset("agency", Audience.STAFF)]
    asker.runner.run(asker.store.write(said(LOADER, [], nodes)))
    public = asker.data(NAMES, urn=d("raw"))["lineage"]
    assert (told(public), pairs(public)) == (["raw 0", "portal 1"], [])
    veiled = asker.data(NAMES, urn=d("raw"), reader=VEILED_READER)["lineage"]
    assert told(veiled) == ["raw 0", "portal 1", "warehouse 1", "? 1", "report 2"]
    assert pairs(veiled) == ["portal=?", "warehouse=?"]
    assert [each["assertions"] for each in veiled["sameAs"]] == [[], []]
    assert told(asker.data(NAMES, urn=d("raw"), reader=STAFF_READER)["lineage"])[1] == "agency 1"


def test_a_path_meets_a_dataset_once_and_tells_by_which_names(asker: Asker) -> None:
    query = """
      query ($from: ID!, $to: ID!) { lineagePaths(from: $from, to: $to) {
        paths { length nodes } sameAs { one other assertions { source } } completeness { isComplete }
      } }
    """
    found = asker.data(query, **{"from": d("raw"), "to": d("report")})["lineagePaths"]
    (path,) = found["paths"]
    assert (path["length"], list(map(short, path["nodes"]))) == (2, ["raw", "portal", "agency", "warehouse", "report"])
    assert pairs(found) == ["agency=portal", "agency=warehouse"]
    assert found["sameAs"][0]["assertions"] == [{"source": LOADER}]
    one = asker.data(query, **{"from": d("portal"), "to": d("warehouse")})["lineagePaths"]
    assert [(each["length"], list(map(short, each["nodes"]))) for each in one["paths"]] == [
        (0, ["portal", "agency", "warehouse"])
    ]


def test_an_impact_counts_a_dataset_once_and_for_each_holder(asker: Asker) -> None:
    query = """
      query ($urn: ID!) { impact(urn: $urn) {
        totalCount withoutAgency depths { depth count hiddenCount } agencies { agency { name } count datasets }
      } }
    """
    found = asker.data(query, urn=d("raw"))["impact"]
    assert (found["totalCount"], found["withoutAgency"]) == (2, 0)
    assert found["depths"] == [{"depth": n, "count": 1, "hiddenCount": 0} for n in (1, 2)]
    assert found["agencies"] == [
        {"agency": {"name": "two"}, "count": 2, "datasets": [d("agency"), d("report")]},
        {"agency": {"name": "one"}, "count": 1, "datasets": [d("portal")]},
    ]
    # What stands downstream of one name stands downstream of each, and a name of the root is no dataset downstream.
    assert asker.data(query, urn=d("portal"))["impact"]["totalCount"] == 1


def test_of_thousands_of_names_none_is_told_and_the_answer_says_so(workshop: Workshop) -> None:
    names = [f"n{number:04}" for number in range(2_600)]
    edges = [flow("raw", names[0]), flow(names[0], "out"), *(same(names[0], name) for name in names[1:])]
    asker = asker_of(workshop, [said(LOADER, edges, map(dataset, ("raw", "out", *names)))])
    found = asker.data(NAMES, urn=d("raw"), first=1000)["lineage"]
    assert found["completeness"]["reasons"] == ["EDGES"]
    assert found["completeness"]["frontier"][0] == d("raw")
    begun = asker.data(NAMES, urn=d(names[7]), first=1000)["lineage"]
    assert (told(begun), begun["completeness"]["reasons"]) == (["n0007 0"], ["EDGES"])


def test_of_hundreds_of_names_it_is_told_who_states_each(workshop: Workshop) -> None:
    names = [f"n{number:04}" for number in range(700)]
    edges = [flow("raw", names[0]), *(same(names[0], name) for name in names[1:])]
    asker = asker_of(workshop, [said(LOADER, edges, map(dataset, ("raw", *names)))])
    found = asker.data(NAMES, urn=d("raw"), first=1000)["lineage"]
    assert len(found["sameAs"]) == 699
    assert all([each["source"] for each in pair["assertions"]] == [LOADER] for pair in found["sameAs"])
