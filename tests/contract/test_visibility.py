"""``select``, clauses 3 and 6, and ``catalog/access.py``: whole, as a placeholder, or not at all."""

from __future__ import annotations

from datetime import timedelta

import pytest

from catalog.access import PUBLIC_READER, STAFF_READER, Audience, Reader
from catalog.batch import EdgeStatement, NodeStatement
from catalog.selection import All, Compare, Has, Not, Op, Order, Related, Select
from catalog.stores.layout import opaque_id
from tests.contract.backends import Blocking
from tests.support.reference import ReferenceStore
from tests.support.reference_graph import OPAQUE_KEY
from tests.support.small_model import VEILED_READER, TAgency, TColumn, TDataset, TFlow, TGoal, small_urn
from tests.support.statements import DAY, ask, close, edge, node, retract, retract_edge, said, urns

Graph = Blocking | ReferenceStore
STAFF = Audience.STAFF

_BEFORE, _AFTER = DAY - timedelta(days=1), DAY + timedelta(days=1)


def _hidden(name: str, kind: type = TDataset) -> str:
    return opaque_id(small_urn(kind, name), OPAQUE_KEY)


def test_access_a_kind_says_whom_its_nodes_are_for(graph: Graph) -> None:
    graph.write(said(node(TDataset, "d"), node(TFlow, "f"), edge(TFlow.origin, "f", "d"), edge(TFlow.target, "f", "d")))
    assert urns(graph.select(ask(Select("TFlow")))) == []
    assert urns(graph.select(ask(Select("TFlow"), STAFF_READER))) == ["f"]


def test_access_an_audience_stays_until_another_is_stated(graph: Graph) -> None:
    graph.write(said(node(TAgency, "a", STAFF)))
    graph.write(said(node(TAgency, "a", name="other")))
    assert urns(graph.select(ask(Select("TAgency")))) == []
    graph.write(said(node(TAgency, "a", Audience.PUBLIC, name="other")))
    assert urns(graph.select(ask(Select("TAgency")))) == ["a"]


def test_access_a_reader_without_audiences_sees_nothing(graph: Graph) -> None:
    graph.write(said(node(TAgency, "a"), node(TAgency, "b", STAFF)))
    page = graph.select(ask(Select("TAgency", total=True), Reader("nobody", ())))
    assert (page.rows, page.total) == ([], 0)


def test_select_3_at_the_root_there_are_no_placeholders(graph: Graph) -> None:
    graph.write(said(node(TDataset, "a"), node(TDataset, "b", STAFF)))
    page = graph.select(ask(Select("TDataset", total=True), VEILED_READER))
    assert (urns(page), page.total) == (["a"], 1)


def test_select_3_a_placeholder_is_an_opaque_id_and_nothing_else(graph: Graph) -> None:
    below = Related("below", "upstream", Select("TDataset", ("title",)))
    graph.write(said(node(TDataset, "a"), node(TDataset, "b", STAFF, title="secret"), node(TDataset, "c")))
    graph.write(said(edge(TDataset.upstream, "a", "b", via="v"), edge(TDataset.upstream, "b", "c")))
    upstream = Related("upstream", "upstream", Select("TDataset", ("title", "size"), related=(below,)))
    row = graph.select(ask(Select("TDataset", related=(upstream,)), VEILED_READER)).rows[0]
    assert row["upstream"].rows == [{"@hidden": _hidden("b")}]
    upstream = Related("upstream", "upstream", Select("TDataset", ("title",)), edge=("via", "valid_to"))
    row = graph.select(ask(Select("TDataset", related=(upstream,)), VEILED_READER)).rows[0]
    assert row["upstream"].rows == [{"@hidden": _hidden("b"), "@edge": {"via": "v", "valid_to": None}}]
    row = graph.select(ask(Select("TDataset", related=(upstream,)), PUBLIC_READER)).rows[0]
    assert row["upstream"].rows == []
    row = graph.select(ask(Select("TDataset", related=(upstream,)), STAFF_READER)).rows[0]
    assert urns(row["upstream"]) == ["b"]


def test_select_3_only_kinds_that_keep_the_shape_of_lineage_have_placeholders(graph: Graph) -> None:
    graph.write(said(node(TDataset, "d"), node(TAgency, "a", STAFF), edge(TDataset.held_by, "d", "a")))
    holder = Related("holder", "held_by", Select("TAgency", total=True))
    (row,) = graph.select(ask(Select("TDataset", related=(holder,)), VEILED_READER)).rows
    assert (row["holder"].rows, row["holder"].total, row["holder"].has_next) == ([], 0, False)


@pytest.mark.parametrize("by", ["urn", "title", "size"])
@pytest.mark.parametrize("descending", [False, True])
def test_select_3_placeholders_are_ordered_by_their_ids_after_every_value(
    graph: Graph, by: str, *, descending: bool
) -> None:
    hidden = [f"h{n}" for n in range(6)]
    graph.write(
        said(
            node(TDataset, "a", title="z", size=9),
            node(TDataset, "b"),
            *(node(TDataset, name, STAFF, title=f"t{name}", size=-1) for name in hidden),
            *(edge(TDataset.upstream, "a", name) for name in ("a", "b", *hidden)),
        )
    )
    upstream = Related("upstream", "upstream", Select("TDataset", order=Order(by, descending)))
    row = graph.select(ask(Select("TDataset", related=(upstream,)), VEILED_READER)).rows[0]
    shown = [r.get("urn") or r["@hidden"] for r in row["upstream"].rows]
    expected = [small_urn(TDataset, "a"), small_urn(TDataset, "b"), *sorted(map(_hidden, hidden))]
    assert shown == (expected[::-1] if descending else expected)


def test_select_3_placeholders_hold_on_the_day_like_the_rest(graph: Graph) -> None:
    graph.write(
        said(
            node(TDataset, "a"),
            node(TDataset, "closed", STAFF, valid_to=DAY),
            node(TDataset, "edge-past", STAFF),
            node(TDataset, "retracted", STAFF),
            node(TDataset, "there", STAFF),
            edge(TDataset.upstream, "a", "closed"),
            edge(TDataset.upstream, "a", "edge-past", _BEFORE, DAY),
            edge(TDataset.upstream, "a", "retracted"),
            edge(TDataset.upstream, "a", "there"),
        )
    )
    graph.write(said(retracts=[retract(TDataset, "retracted")]))
    for ever, names in ((False, ["there"]), (True, ["closed", "edge-past", "there"])):
        upstream = Related("upstream", "upstream", Select("TDataset", ever=ever))
        (row,) = graph.select(ask(Select("TDataset", related=(upstream,)), VEILED_READER)).rows
        assert [r["@hidden"] for r in row["upstream"].rows] == sorted(map(_hidden, names))


@pytest.mark.parametrize("where", [All(()), Compare("title", Op.EQ, "x"), Not(Compare("title", Op.EQ, "x"))])
def test_access_a_placeholder_stands_in_no_filter(graph: Graph, where: All | Compare | Not) -> None:
    graph.write(said(node(TDataset, "a"), node(TDataset, "b", STAFF, title="x"), edge(TDataset.upstream, "a", "b")))
    upstream = Related("upstream", "upstream", Select("TDataset", where=where, total=True))
    (row,) = graph.select(ask(Select("TDataset", related=(upstream,)), VEILED_READER)).rows
    assert (row["upstream"].rows, row["upstream"].total) == ([], 0)
    assert urns(graph.select(ask(Select("TDataset", where=Has("upstream")), VEILED_READER))) == []
    assert urns(graph.select(ask(Select("TDataset", where=Has("upstream")), STAFF_READER))) == ["a"]


@pytest.mark.parametrize("step", ["upstream", "outflows"])
def test_access_that_there_is_a_placeholder_may_be_asked(graph: Graph, step: str) -> None:
    flow = [node(TDataset, "a"), node(TDataset, "b", STAFF), node(TFlow, "flow", STAFF)]
    graph.write(said(*flow, edge(TFlow.origin, "flow", "a"), edge(TFlow.target, "flow", "b", to=TDataset)))
    graph.write(said(edge(TDataset.upstream, "a", "b")))
    there = Has(step, veiled=True)
    for reader, found in ((PUBLIC_READER, []), (VEILED_READER, ["a"]), (STAFF_READER, ["a"])):
        page = graph.select(ask(Select("TDataset", where=there, total=True), reader))
        assert (urns(page), page.total) == (found, len(found))
        page = graph.select(ask(Select("TDataset", where=Not(there)), reader))
        assert ("a" in urns(page)) is not bool(found)
    graph.write(said(close(TDataset, "b", _BEFORE)))
    if step == "upstream":
        assert urns(graph.select(ask(Select("TDataset", where=there), VEILED_READER))) == [], "it holds no more"


def _flow(**audiences: Audience) -> list[NodeStatement | EdgeStatement]:
    names = ("from", "into", "flow")
    a, b, f = (audiences.get(name, Audience.PUBLIC) for name in names)
    nodes = [node(TDataset, "from", a), node(TDataset, "into", b), node(TFlow, "flow", f)]
    return [*nodes, edge(TFlow.origin, "flow", "from"), edge(TFlow.target, "flow", "into", to=TDataset)]


@pytest.mark.parametrize("hidden", ["from", "into"])
def test_select_6_a_flow_needs_both_its_ends(graph: Graph, hidden: str) -> None:
    graph.write(said(*_flow()))
    select = Select("TFlow", total=True)
    assert urns(graph.select(ask(select))) == ["flow"]
    graph.write(said(node(TDataset, hidden, STAFF)))
    page = graph.select(ask(select))
    assert (urns(page), page.total) == ([], 0)
    assert urns(graph.select(ask(select, STAFF_READER))) == ["flow"]


def test_select_6_an_end_that_is_a_placeholder_is_seen(graph: Graph) -> None:
    graph.write(said(*_flow(into=STAFF)))
    assert urns(graph.select(ask(Select("TFlow"), VEILED_READER))) == ["flow"]
    graph.write(said(node(TAgency, "a", STAFF), retract_edge(TFlow.target, "flow", "into")))
    graph.write(said(edge(TFlow.target, "flow", "a", to=TAgency)))
    assert urns(graph.select(ask(Select("TFlow"), VEILED_READER))) == [], "an agency keeps no placeholder"


def test_select_6_an_end_that_is_missing_or_retracted_is_not_seen(graph: Graph) -> None:
    graph.write(said(node(TDataset, "d"), node(TFlow, "f", Audience.PUBLIC), edge(TFlow.origin, "f", "d")))
    assert urns(graph.select(ask(Select("TFlow", ever=True)))) == []
    assert urns(graph.select(ask(Select("TFlow", ever=True), STAFF_READER))) == [], "nor by staff"
    graph.write(said(*_flow()))
    graph.write(said(retracts=[retract(TDataset, "from")]))
    assert urns(graph.select(ask(Select("TFlow", ever=True)))) == []


def test_select_6_seeing_is_about_audience_and_not_about_days(graph: Graph) -> None:
    graph.write(said(*_flow()))
    graph.write(said(close(TDataset, "from", _BEFORE), edge(TFlow.target, "flow", "into", None, _BEFORE, to=TDataset)))
    assert urns(graph.select(ask(Select("TFlow")))) == ["flow"]


def test_select_6_one_head_of_several_is_enough(graph: Graph) -> None:
    graph.write(said(*_flow(), node(TDataset, "secret", STAFF), edge(TFlow.origin, "flow", "secret")))
    assert urns(graph.select(ask(Select("TFlow")))) == ["flow"]


def test_select_6_needs_hold_below_the_root_in_filters_and_for_placeholders(graph: Graph) -> None:
    graph.write(said(*_flow(), node(TAgency, "a", STAFF), edge(TFlow.target, "flow", "a", to=TAgency)))
    graph.write(said(retract_edge(TFlow.target, "flow", "into")))
    outflows = Related("outflows", "outflows", Select("TFlow", total=True))
    for reader, seen in ((PUBLIC_READER, []), (VEILED_READER, []), (STAFF_READER, ["flow"])):
        row = graph.select(ask(Select("TDataset", related=(outflows,)), reader)).rows[0]
        assert (urns(row["outflows"]), row["outflows"].total) == (seen, len(seen))
        filtered = graph.select(ask(Select("TDataset", where=Has("outflows")), reader))
        assert urns(filtered) == (["from"] if seen else [])
    graph.write(said(node(TFlow, "flow", STAFF)))
    row = graph.select(ask(Select("TDataset", related=(outflows,)), VEILED_READER)).rows[0]
    assert row["outflows"].rows == [], "a placeholder whose end is not seen"
    graph.write(said(edge(TFlow.target, "flow", "into", to=TDataset)))
    row = graph.select(ask(Select("TDataset", related=(outflows,)), VEILED_READER)).rows[0]
    assert row["outflows"].rows == [{"@hidden": _hidden("flow", TFlow)}]


def test_access_what_is_hidden_leaves_no_hint_in_what_leads_to_it(graph: Graph) -> None:
    graph.write(
        said(
            node(TDataset, "d", title="t"),
            node(TColumn, "c", STAFF),
            node(TGoal, "g", STAFF),
            edge(TColumn.dataset, "c", "d"),
            edge(TDataset.serves, "d", "g"),
        )
    )
    for step, kind in (("columns", "TColumn"), ("serves", "TGoal")):
        for where, expected in ((Has(step, target=kind), []), (Not(Has(step, target=kind)), ["d"])):
            page = graph.select(ask(Select("TDataset", where=where, total=True)))
            assert (urns(page), page.total) == (expected, len(expected))
        related = Related("r", step, Select(kind, first=0, total=True))
        (row,) = graph.select(ask(Select("TDataset", related=(related,)))).rows
        assert (row["r"].total, row["r"].has_next, row["r"].end_cursor) == (0, False, None)
