"""``near``: what is one edge away from some nodes, as it is stored."""

from __future__ import annotations

from datetime import timedelta

import pytest

from catalog.access import Audience
from catalog.errors import InvalidRecord, InvalidSelection
from catalog.stores.port import MAX_FRONTIER, Ends, Near
from tests.contract.backends import Blocking
from tests.support.reference import ReferenceStore
from tests.support.small_model import TAgency, TDataset, TOfficer, small_urn
from tests.support.statements import DAY, edge, node, retract, said

Graph = Blocking | ReferenceStore

UP, HELD = ("TDataset", "upstream"), ("TDataset", "held_by")


def _d(name: str) -> str:
    return small_urn(TDataset, name)


def _fed(graph: Graph) -> None:
    """a of b twice, b of c which is for staff, c of d which was retracted; an officer at the agency of b."""
    graph.write(said(*(node(TDataset, name) for name in "bda"), node(TDataset, "c", Audience.STAFF)))
    later = DAY + timedelta(days=9)
    graph.write(said(edge(TDataset.upstream, "a", "b", DAY, DAY + timedelta(days=3))))
    graph.write(said(edge(TDataset.upstream, "a", "b", later)))
    graph.write(said(edge(TDataset.upstream, "b", "c"), edge(TDataset.upstream, "c", "d")))
    graph.write(said(retracts=[retract(TDataset, "d")]))
    graph.write(said(node(TAgency, "x", name="x"), node(TOfficer, "o"), edge(TOfficer.at, "o", "x")))
    graph.write(said(edge(TDataset.held_by, "b", "x")))


def test_near_1_of_whatever_day_and_whoever_may_see_it(graph: Graph) -> None:
    _fed(graph)
    both = graph.near(Near((_d("b"),), out=(UP,), into=(UP,)))
    (type_,) = {each.type for each in both.edges}
    assert both.edges == [Ends(type_, _d("a"), _d("b")), Ends(type_, _d("b"), _d("c"))]
    assert graph.near(Near((_d("c"),), out=(UP,))).edges == [], "what was retracted"


def test_near_2_an_edge_once_in_order_and_no_more_than_the_limit(graph: Graph) -> None:
    _fed(graph)
    nodes = (_d("a"), _d("b"), small_urn(TAgency, "x"), _d("a"))
    whole = graph.near(Near(nodes, out=(UP, HELD), into=(UP, HELD)))
    assert whole.edges == sorted(set(whole.edges))
    ends = {(_d("a"), _d("b")), (_d("b"), _d("c")), (_d("b"), small_urn(TAgency, "x"))}
    assert {(each.tail, each.head) for each in whole.edges} == ends
    assert len(whole.edges) == len(ends)
    assert not whole.cut
    assert not graph.near(Near(nodes, out=(UP, HELD), into=(UP, HELD), limit=3)).cut
    less = graph.near(Near(nodes, out=(UP, HELD), into=(UP, HELD), limit=2))
    assert less.cut
    assert less.edges == whole.edges[:2]


def test_near_3_one_round_trip_or_none(store: Blocking) -> None:
    _fed(store)
    before = store.round_trips
    assert store.near(Near((_d("a"), "urn:waypost:nothing:key:x"), out=(UP,), into=(HELD,))).edges
    assert store.round_trips == before + 1
    assert store.near(Near((small_urn(TOfficer, "o"),), out=(UP,), into=(HELD,))).edges == []
    assert store.near(Near((), out=(UP,), into=(UP,))).edges == []
    assert store.round_trips == before + 1


def test_near_3_only_from_the_kinds_that_declare_it(graph: Graph) -> None:
    _fed(graph)
    agency = (small_urn(TAgency, "x"),)
    assert [each.tail for each in graph.near(Near(agency, into=(HELD,))).edges] == [_d("b")]
    assert [each.tail for each in graph.near(Near(agency, into=(("TOfficer", "at"),))).edges] == [
        small_urn(TOfficer, "o")
    ]


@pytest.mark.parametrize(
    ("query", "error"),
    [
        (Near(("x",), out=(("TDataset", "nope"),)), InvalidRecord),
        (Near(("x",), into=(("Nope", "upstream"),)), InvalidRecord),
        (Near(("x",), limit=-1), InvalidSelection),
        (Near(("x",) * (MAX_FRONTIER + 1)), InvalidSelection),
    ],
    ids=["relationship", "kind", "limit", "nodes"],
)
def test_near_4_what_is_not_declared_or_too_much_is_refused(
    store: Blocking, query: Near, error: type[Exception]
) -> None:
    with pytest.raises(error):
        store.near(query)
