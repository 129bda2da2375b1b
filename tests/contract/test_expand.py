"""``expand``: one hop from a whole frontier."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from catalog.access import PUBLIC_READER, STAFF_READER, Audience
from catalog.batch import Batch
from catalog.selection import Compare, Op
from catalog.stores.layout import opaque_id
from catalog.stores.port import MAX_FRONTIER, Expand, Expansion, Hop
from tests.contract.backends import Blocking
from tests.support.reference import ReferenceStore
from tests.support.reference_graph import OPAQUE_KEY
from tests.support.small_model import VEILED_READER, TAgency, TColumn, TDataset, TFlow, TStatus, small_urn
from tests.support.statements import DAY, edge, node, retract, said

Graph = Blocking | ReferenceStore
STAFF = Audience.STAFF


def _d(name: str) -> str:
    return small_urn(TDataset, name)


def _opaque(name: str) -> str:
    return opaque_id(_d(name), OPAQUE_KEY)


def _up(*frontier: str) -> Expand:
    return Expand("TDataset", "upstream", frontier, PUBLIC_READER, DAY)


def _diamond(graph: Graph) -> None:
    """a from b and c, both from d; every edge twice, said by two sources at two times."""
    graph.write(said(*(node(TDataset, name) for name in "abcd")))
    pairs = [("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")]
    graph.write(said(*(edge(TDataset.upstream, *pair, DAY - timedelta(days=9), DAY) for pair in pairs)))
    graph.write(said(*(edge(TDataset.upstream, *pair, DAY) for pair in pairs)))


def test_expand_1_one_round_trip(store: Blocking) -> None:
    _diamond(store)
    before = store.round_trips
    store.expand(_up(*(_d(name) for name in "abcd")))
    assert store.round_trips - before == 1


def test_expand_1_a_frontier_of_ten_thousand_is_one_round_trip(store: Blocking) -> None:
    _diamond(store)
    before = store.round_trips
    strangers = (_d(f"x{n}") for n in range(MAX_FRONTIER - 1))
    assert store.expand(_up(_d("d"), *strangers)) == Expansion([], cut=False)
    assert store.expand(_up(_d("b"), *(_d(f"x{n}") for n in range(MAX_FRONTIER - 1)))).hops == [Hop(_d("b"), _d("d"))]
    assert store.round_trips - before == 2


def test_expand_2_both_directions(graph: Graph) -> None:
    _diamond(graph)
    assert graph.expand(_up(_d("a"))).hops == [Hop(_d("a"), _d("b")), Hop(_d("a"), _d("c"))]
    down = dataclasses.replace(_up(_d("d")), step="downstream")
    assert graph.expand(down).hops == [Hop(_d("d"), _d("b")), Hop(_d("d"), _d("c"))]


def test_expand_2_what_is_not_there_leads_nowhere(graph: Graph) -> None:
    _diamond(graph)
    assert graph.expand(_up()) == Expansion([], cut=False)
    assert graph.expand(_up(_d("x"), "", "urn", "veiled:x", "'", "\U0001f600")) == Expansion([], cut=False)
    graph.write(said(retracts=[retract(TDataset, "b")]))
    assert graph.expand(_up(_d("a"), _d("b"))).hops == [Hop(_d("a"), _d("c"))]


def test_expand_2_a_loop_is_a_hop(graph: Graph) -> None:
    graph.write(said(node(TDataset, "a"), edge(TDataset.upstream, "a", "a")))
    assert graph.expand(_up(_d("a"))).hops == [Hop(_d("a"), _d("a"))]


def test_expand_2_only_what_holds_on_the_day_or_ever(graph: Graph) -> None:
    graph.write(
        said(
            node(TDataset, "a"),
            node(TDataset, "closed", valid_to=DAY),
            node(TDataset, "past"),
            node(TDataset, "there"),
            edge(TDataset.upstream, "a", "closed"),
            edge(TDataset.upstream, "a", "past", None, DAY),
            edge(TDataset.upstream, "a", "there", DAY),
            edge(TDataset.upstream, "closed", "there"),
        )
    )
    query = _up(_d("a"), _d("closed"))
    assert graph.expand(query).hops == [Hop(_d("a"), _d("there"))]
    ever = graph.expand(dataclasses.replace(query, ever=True))
    assert [(hop.start[-6:], hop.end.rpartition(":")[2]) for hop in ever.hops] == [
        ("test:a", "closed"),
        ("test:a", "past"),
        ("test:a", "there"),
        ("closed", "there"),
    ]


def _veiled(graph: Graph) -> None:
    """a from h, h from b; h is for staff."""
    graph.write(said(node(TDataset, "a"), node(TDataset, "b"), node(TDataset, "h", STAFF)))
    graph.write(said(edge(TDataset.upstream, "a", "h"), edge(TDataset.upstream, "h", "b")))


def test_expand_2_what_is_hidden_is_not_there(graph: Graph) -> None:
    _veiled(graph)
    assert graph.expand(_up(_d("a"), _d("h"), _opaque("h"))) == Expansion([], cut=False)
    staff = dataclasses.replace(_up(_d("a"), _d("h")), reader=STAFF_READER)
    assert graph.expand(staff).hops == [Hop(_d("a"), _d("h")), Hop(_d("h"), _d("b"))]


def test_expand_2_a_placeholder_is_walked_through_by_its_opaque_id(graph: Graph) -> None:
    _veiled(graph)
    first = graph.expand(dataclasses.replace(_up(_d("a")), reader=VEILED_READER))
    assert first.hops == [Hop(_d("a"), _opaque("h"))]
    second = graph.expand(dataclasses.replace(_up(_opaque("h")), reader=VEILED_READER))
    assert second.hops == [Hop(_opaque("h"), _d("b"))]


def test_expand_2_no_one_learns_which_urn_a_placeholder_stands_for(graph: Graph) -> None:
    _veiled(graph)
    by_urn = dataclasses.replace(_up(_d("h")), reader=VEILED_READER)
    assert graph.expand(by_urn).hops == []
    graph.write(said(edge(TDataset.upstream, "b", "a")))
    whole = dataclasses.replace(_up(_opaque("b")), reader=VEILED_READER)
    assert graph.expand(whole).hops == [], "b is known by its URN, and by no other id"


def test_expand_2_a_kind_that_needs_others_is_walked_only_where_they_are_seen(graph: Graph) -> None:
    public = Audience.PUBLIC
    ends = [edge(relation, flow, "d") for flow in "fgk" for relation in (TFlow.origin, TFlow.target)]
    graph.write(
        said(
            node(TDataset, "d"),
            node(TDataset, "secret", STAFF),
            *(node(TFlow, name, public) for name in "fgkh"),
            *ends,
            edge(TFlow.origin, "h", "d"),
            edge(TFlow.follows, "f", "g"),
            edge(TFlow.follows, "f", "h"),
            edge(TFlow.follows, "h", "k"),
        )
    )
    flows = [small_urn(TFlow, name) for name in "fgkh"]
    query = Expand("TFlow", "follows", tuple(flows), PUBLIC_READER, DAY)
    assert graph.expand(query).hops == [Hop(flows[0], flows[1])], "h has but one end"
    graph.write(said(edge(TFlow.target, "h", "secret")))
    assert graph.expand(query).hops == [Hop(flows[0], flows[1])]
    staff = dataclasses.replace(query, reader=STAFF_READER)
    assert len(graph.expand(staff).hops) == 3


@pytest.mark.parametrize("limit", [0, 1, 2, 3, 4, 5])
def test_expand_3_hops_are_distinct_ordered_and_cut_where_there_are_more(graph: Graph, limit: int) -> None:
    _diamond(graph)
    ever = dataclasses.replace(_up(*(_d(name) for name in "dcbaab")), ever=True, limit=limit)
    hops = [Hop(_d("a"), _d("b")), Hop(_d("a"), _d("c")), Hop(_d("b"), _d("d")), Hop(_d("c"), _d("d"))]
    assert graph.expand(ever) == Expansion(hops[:limit], cut=limit < 4)


def test_expand_3_placeholders_stand_after_urns(graph: Graph) -> None:
    hidden = [f"h{n}" for n in range(5)]
    graph.write(said(node(TDataset, "a"), node(TDataset, "z"), *(node(TDataset, name, STAFF) for name in hidden)))
    graph.write(said(*(edge(TDataset.upstream, "a", name) for name in (*hidden, "z"))))
    hops = graph.expand(dataclasses.replace(_up(_d("a")), reader=VEILED_READER)).hops
    assert [hop.end for hop in hops] == [_d("z"), *sorted(map(_opaque, hidden))]


def _held(graph: Graph) -> None:
    """Of agency p are a and b, of q (for staff) c, of p and r both d; e is nobody's, h (for staff) is p's."""
    graph.write(said(*(node(TAgency, name) for name in "pr"), node(TAgency, "q", STAFF)))
    graph.write(said(*(node(TDataset, name) for name in "abcde"), node(TDataset, "h", STAFF)))
    held = [("a", "p"), ("b", "p"), ("c", "q"), ("d", "r"), ("d", "p"), ("h", "p")]
    graph.write(said(*(edge(TDataset.held_by, *pair) for pair in held)))


def _agency(name: str) -> str:
    return small_urn(TAgency, name)


def test_expand_2_what_is_between_the_steps_is_seen_or_not_there(graph: Graph) -> None:
    public = Audience.PUBLIC
    graph.write(said(node(TDataset, "d"), node(TDataset, "h", STAFF)))
    graph.write(said(*(node(TFlow, name, public) for name in "fgk")))
    ends = [("f", "d"), ("g", "d"), ("f", "h"), ("k", "h")]
    graph.write(said(*(edge(TFlow.origin, *pair) for pair in ends)))
    graph.write(said(*(edge(TFlow.target, name, "d") for name in "fgk")))
    f, g, k = (small_urn(TFlow, name) for name in "fgk")
    query = Expand("TFlow", "origin.outflows", (f,), PUBLIC_READER, DAY)
    # There and back along one edge as well.
    assert graph.expand(query).hops == [Hop(f, f), Hop(f, g)]
    assert graph.expand(dataclasses.replace(query, reader=VEILED_READER)).hops == [Hop(f, f), Hop(f, g), Hop(f, k)]


def test_expand_2_what_is_between_the_steps_holds_on_the_day(graph: Graph) -> None:
    graph.write(said(node(TDataset, "d"), node(TDataset, "past", valid_to=DAY), *(node(TColumn, n) for n in "ab")))
    graph.write(said(*(edge(TColumn.dataset, name, "past") for name in "ab")))
    query = Expand("TColumn", "dataset.columns", (small_urn(TColumn, "a"),), PUBLIC_READER, DAY)
    assert graph.expand(query).hops == []
    assert len(graph.expand(dataclasses.replace(query, ever=True)).hops) == 2


def test_expand_4_nodes_are_put_together_by_what_the_reader_sees(graph: Graph) -> None:
    _held(graph)
    pairs = [("a", "c"), ("a", "d"), ("b", "d"), ("b", "e"), ("a", "h"), ("c", "a")]
    graph.write(said(*(edge(TDataset.upstream, *pair) for pair in pairs)))
    p, q = _agency("p"), _agency("q")
    query = dataclasses.replace(_up(p, q, _d("a"), _d("c"), _agency("r")), by="held_by")
    # The agency of c is not seen: c stands for itself. d is the first agency's, and a is known by no id of its own.
    assert graph.expand(query).hops == [Hop(p, p, 2), Hop(p, _d("c")), Hop(p, _d("e")), Hop(_d("c"), p)]
    veiled = dataclasses.replace(query, reader=VEILED_READER)
    assert graph.expand(veiled).hops == [*graph.expand(query).hops[:3], Hop(p, _opaque("h")), Hop(_d("c"), p)]
    staff = dataclasses.replace(query, reader=STAFF_READER)
    assert graph.expand(staff).hops == [Hop(p, p, 3), Hop(p, q), Hop(p, _d("e")), Hop(q, p)]


def test_expand_4_pairs_are_counted_that_pass(graph: Graph) -> None:
    _held(graph)
    pairs = [("a", "b"), ("a", "d"), ("b", "d"), ("a", "e"), ("e", "h")]
    graph.write(said(*(edge(TDataset.upstream, *pair) for pair in pairs)))
    some = Compare("urn", Op.IN, (_d("b"), _d("d"), _d("h")))
    single = dataclasses.replace(_up(_d("a"), _d("e")), where=some, reader=VEILED_READER)
    found = [
        Hop(_d("a"), _d("b"), 1),
        Hop(_d("a"), _d("d"), 1),
        Hop(_d("a"), _d("e"), 0),
        Hop(_d("e"), _opaque("h"), 0),
    ]
    assert graph.expand(single).hops == found, "it is asked of the end only, and true of nothing that is hidden"
    assert graph.expand(dataclasses.replace(single, limit=3)) == Expansion(found[:3], cut=True)
    grouped = dataclasses.replace(single, frontier=(_agency("p"),), by="held_by")
    assert graph.expand(grouped).hops == [Hop(_agency("p"), _agency("p"), 1), Hop(_agency("p"), _d("e"), 0)]


def _named(*statements: tuple[str, str, TStatus | None]) -> Batch:
    """What one source says of the names of datasets."""
    return said(*(edge(TDataset.same_as, a, b, status=status) for a, b, status in statements))


def _one(*frontier: str) -> Expand:
    return dataclasses.replace(_up(*frontier), same="same_as")


def _pairs(found: Expansion) -> list[str]:
    """The steps of no length as "ab", with "?" for what is hidden."""
    return ["".join(id_[-1] if id_.startswith("urn:") else "?" for id_ in hop[:2]) for hop in found.same]


def test_expand_5_what_is_one_is_told_however_long_the_chain(graph: Graph) -> None:
    graph.write(said(*(node(TDataset, name) for name in "abcdefg")))
    graph.write(said(edge(TDataset.upstream, "a", "b"), edge(TDataset.upstream, "a", "g")))
    graph.write(
        _named(("b", "c", TStatus.STATED), ("d", "c", None), ("d", "b", TStatus.STATED), ("f", "e", TStatus.STATED))
    )
    found = graph.expand(_one(_d("a")))
    assert found.hops == [Hop(_d("a"), _d("b")), Hop(_d("a"), _d("g"))]
    # A cycle of three. What nothing leads to is not told.
    assert _pairs(found) == ["bc", "bd", "cb", "cd", "db", "dc"]
    assert graph.expand(_up(_d("a"))).same == []
    begins = dataclasses.replace(_one(_d("e")), begins=True)
    assert (graph.expand(begins).hops, _pairs(graph.expand(begins))) == ([], ["ef", "fe"])
    assert _pairs(graph.expand(_one(_d("e")))) == []


def test_expand_5_only_what_is_stated_and_not_denied_is_one(graph: Graph) -> None:
    graph.write(said(*(node(TDataset, name) for name in "abcdef"), edge(TDataset.upstream, "a", "b")))
    graph.write(_named(("b", "c", TStatus.PROPOSED), ("b", "d", TStatus.DENIED), ("b", "e", TStatus.STATED)))
    graph.write(said(edge(TDataset.same_as, "b", "f", None, DAY, status=TStatus.STATED)))
    assert _pairs(graph.expand(_one(_d("a")))) == ["be", "eb"]
    assert _pairs(graph.expand(dataclasses.replace(_one(_d("a")), ever=True))) == ["be", "bf", "eb", "fb"]
    # Another source denies it, the other way round; then it does so no more.
    other = small_urn(TAgency, "other")
    denied = said(edge(TDataset.same_as, "e", "b", status=TStatus.DENIED), source=other)
    graph.write(denied)
    assert _pairs(graph.expand(_one(_d("a")))) == []
    graph.write(said(edge(TDataset.same_as, "e", "b", status=TStatus.PROPOSED), source=other))
    assert _pairs(graph.expand(_one(_d("a")))) == ["be", "eb"]


def test_expand_5_what_the_reader_does_not_see_joins_nothing(graph: Graph) -> None:
    graph.write(said(*(node(TDataset, name) for name in "abd"), node(TDataset, "c", STAFF)))
    graph.write(said(edge(TDataset.upstream, "a", "b")))
    graph.write(_named(("b", "c", TStatus.STATED), ("c", "d", TStatus.STATED)))
    assert _pairs(graph.expand(_one(_d("a")))) == []
    staff = graph.expand(dataclasses.replace(_one(_d("a")), reader=STAFF_READER))
    assert _pairs(staff) == ["bc", "cb", "cd", "dc"]
    # A placeholder keeps the shape, and passes no filter.
    where = Compare("urn", Op.IN, (_d("b"), _d("c")))
    veiled = graph.expand(dataclasses.replace(_one(_d("a")), reader=VEILED_READER, where=where))
    assert _pairs(veiled) == ["b?", "d?", "?b", "?d"]
    assert [hop.pairs for hop in veiled.same] == [0, 0, 1, 0]


@pytest.mark.parametrize("limit", [0, 1, 3, 5, 6, 7])
def test_expand_5_all_names_are_told_or_none(graph: Graph, limit: int) -> None:
    graph.write(said(*(node(TDataset, name) for name in "abcde"), edge(TDataset.upstream, "a", "b")))
    graph.write(_named(("b", "c", TStatus.STATED), ("c", "d", TStatus.STATED), ("d", "e", TStatus.STATED)))
    found = graph.expand(dataclasses.replace(_one(_d("a")), limit=limit))
    assert found.same_cut is (limit < 6)
    assert _pairs(found) == (["bc", "cb", "cd", "dc", "de", "ed"] if limit >= 6 else [])


def test_expand_5_is_one_round_trip(store: Blocking) -> None:
    store.write(said(*(node(TDataset, name) for name in "abc"), edge(TDataset.upstream, "a", "b")))
    store.write(_named(("b", "c", TStatus.STATED)))
    before = store.round_trips
    assert _pairs(store.expand(_one(_d("a")))) == ["bc", "cb"]
    assert store.round_trips - before == 1
