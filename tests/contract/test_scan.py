"""``scan``: everything of some kinds at once, and nothing that the reader may not see."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from operator import itemgetter

import pytest

from catalog.access import PUBLIC_READER, STAFF_READER, Audience, Reader
from catalog.errors import InvalidRecord, InvalidSelection
from catalog.stores import scanning
from catalog.stores.port import Scan
from tests.contract.backends import Blocking
from tests.support.reference import ReferenceStore
from tests.support.small_model import TAgency, TDataset, TFlow, TOfficer, small_urn
from tests.support.statements import DAY, edge, node, retract, said

Graph = Blocking | ReferenceStore

FED = Scan((("TDataset", ("title",)),), (("TDataset", "upstream"),), PUBLIC_READER)


def _d(name: str) -> str:
    return small_urn(TDataset, name)


def _fed(graph: Graph) -> None:
    """a of b, b of c which is for staff; d was retracted, and so was what it was made of."""
    graph.write(said(*(node(TDataset, name, title=name) for name in "bda")))
    graph.write(said(node(TDataset, "c", Audience.STAFF)))
    graph.write(said(*(edge(TDataset.upstream, tail, head, DAY) for tail, head in ("ab", "bc", "ad"))))
    graph.write(said(retracts=[retract(TDataset, "d")]))


def test_scan_1_what_the_reader_sees_whole_on_whatever_days(graph: Graph) -> None:
    _fed(graph)
    found = graph.scan(FED)
    assert list(found.nodes["TDataset"]) == [(_d("a"), None, None, "a"), (_d("b"), None, None, "b")]
    assert list(found.edges["TDataset", "upstream"]) == [(_d("a"), _d("b"), DAY.isoformat(), None, None)]
    whole = graph.scan(Scan(FED.nodes, FED.edges, STAFF_READER))
    assert [row[0] for row in whole.nodes["TDataset"]] == [_d("a"), _d("b"), _d("c")]
    assert len(whole.edges["TDataset", "upstream"]) == 2


PARTED = Scan(
    (("TDataset", ()), ("TOfficer", ())),
    (("TDataset", "held_by"),),
    PUBLIC_READER,
    parts=(("TOfficer", "at", ("name", "level")),),
    lists=(("TDataset", "held_by"),),
)


def _parted(graph: Graph) -> None:
    """One officer at two agencies; one of them is over. Of others, one is at an agency for staff, one for staff itself."""
    graph.write(said(*(node(TAgency, name, name=name, level=1) for name in "xy"), node(TOfficer, "o")))
    graph.write(said(node(TAgency, "s", Audience.STAFF, name="s"), node(TDataset, "d", title="d"), node(TOfficer, "p")))
    later = DAY + timedelta(days=9)
    graph.write(said(edge(TOfficer.at, "o", "x"), edge(TOfficer.at, "o", "y", DAY, later), edge(TOfficer.at, "p", "s")))
    graph.write(said(node(TAgency, "z", name="z"), node(TOfficer, "q", Audience.STAFF), edge(TOfficer.at, "q", "z")))
    graph.write(said(*(edge(TDataset.held_by, "d", held_by) for held_by in "ysz")))


def test_scan_3_what_is_read_in_parts_stands_together_under_its_tail(graph: Graph) -> None:
    _parted(graph)
    found = graph.scan(PARTED)
    ((tail, keys, *columns),) = found.parts["TOfficer", "at"]
    assert tail == small_urn(TOfficer, "o")
    parts = sorted(zip(*columns, strict=True), key=itemgetter(1))
    until = (DAY + timedelta(days=9)).isoformat()
    assert parts == [(None, "x", 1), (until, "y", 1)]
    of_y = keys[columns[1].index("y")]
    assert [row[:2] for row in found.edges["TDataset", "held_by"]] == [(_d("d"), of_y)]
    ((tail, keys),) = found.lists["TDataset", "held_by"]
    assert tail == _d("d")
    assert of_y in keys
    rows = {row[0]: row[2:] for row in graph.scan(replace(PARTED, reader=STAFF_READER)).parts["TOfficer", "at"]}
    assert rows[small_urn(TOfficer, "p")] == (None, ("s",), None), "nothing of any head"


def test_scan_3_it_says_where_a_part_stands_under_several_tails(graph: Graph) -> None:
    _parted(graph)
    assert graph.scan(PARTED).shared == set()
    graph.write(said(edge(TOfficer.at, "p", "x")))
    assert graph.scan(PARTED).shared == {("TOfficer", "at")}


JOINED = Scan(
    (("TDataset", ()), ("TAgency", ())), (), PUBLIC_READER, joins=(("TFlow", ("origin", "target"), ("title",)),)
)


def _joined(graph: Graph) -> None:
    """Flows of a: into b, and until some day into an agency; from and into what is for staff; into nothing."""
    graph.write(said(*(node(TDataset, name, title=name) for name in "ba"), node(TAgency, "x", name="x")))
    graph.write(said(node(TDataset, "s", Audience.STAFF, title="s")))
    graph.write(said(*(node(TFlow, name, Audience.PUBLIC, title=name) for name in ("two", "from", "into", "open"))))
    graph.write(said(edge(TFlow.origin, "two", "a"), edge(TFlow.target, "two", "b", to=TDataset)))
    graph.write(said(edge(TFlow.target, "two", "x", DAY, DAY + timedelta(days=9), to=TAgency)))
    graph.write(said(edge(TFlow.origin, "from", "s"), edge(TFlow.target, "from", "b", to=TDataset)))
    graph.write(said(edge(TFlow.origin, "into", "a"), edge(TFlow.target, "into", "s", to=TDataset)))
    graph.write(said(edge(TFlow.origin, "open", "a")))


def test_scan_5_what_is_joined_stands_with_each_way_it_leads(graph: Graph) -> None:
    _joined(graph)
    table = graph.scan(JOINED).joins["TFlow"]
    until = (DAY + timedelta(days=9)).isoformat()
    ways = [(_d("a"), small_urn(TAgency, "x"), None, until, "two"), (_d("a"), _d("b"), None, None, "two")]
    assert sorted(row[1:] for row in table) == ways
    assert len(set(table.columns[0])) == 1
    whole = graph.scan(replace(JOINED, reader=STAFF_READER)).joins["TFlow"]
    assert [row[-1] for row in whole] == ["from", "into", "two", "two"]


@pytest.mark.parametrize(("reader", "seen"), [(PUBLIC_READER, ["two"]), (STAFF_READER, ["from", "into", "two"])])
def test_scan_5_what_a_node_needs_must_be_seen(graph: Graph, reader: Reader, seen: list[str]) -> None:
    _joined(graph)
    assert [row[-1] for row in graph.scan(Scan((("TFlow", ("title",)),), (), reader)).nodes["TFlow"]] == seen


def test_scan_6_only_some_nodes_are_read_as_if_there_were_no_others(graph: Graph) -> None:
    _fed(graph)
    found = graph.scan(replace(FED, reader=STAFF_READER, only=(_d("a"), _d("c"), _d("nobody"), "urn:waypost:x:key:x")))
    assert [row[0] for row in found.nodes["TDataset"]] == [_d("a"), _d("c")]
    assert len(found.edges["TDataset", "upstream"]) == 0
    found = graph.scan(replace(FED, only=(_d("b"), _d("a"))))
    assert [row[:2] for row in found.edges["TDataset", "upstream"]] == [(_d("a"), _d("b"))]
    assert found.revision == graph.revision()


def test_scan_6_what_is_read_in_parts_is_read_with_its_tails(graph: Graph) -> None:
    _parted(graph)
    whole = graph.scan(PARTED)
    some = graph.scan(replace(PARTED, only=(small_urn(TOfficer, "o"), _d("d"))))
    for found, wanted in zip(some.parts["TOfficer", "at"], whole.parts["TOfficer", "at"], strict=True):
        assert found[0] == wanted[0] == small_urn(TOfficer, "o")
        assert set(zip(*found[1:], strict=True)) == set(zip(*wanted[1:], strict=True))
    assert list(some.edges["TDataset", "held_by"]) == list(whole.edges["TDataset", "held_by"])
    ((tail, keys),), ((_, others),) = some.lists["TDataset", "held_by"], whole.lists["TDataset", "held_by"]
    assert (tail, set(keys)) == (_d("d"), set(others))
    none = graph.scan(replace(PARTED, only=(_d("d"),)))
    assert len(none.parts["TOfficer", "at"]) == len(none.edges["TDataset", "held_by"]) == 0
    assert [row[0] for row in none.nodes["TDataset"]] == [_d("d")]
    assert len(graph.scan(replace(PARTED, only=(small_urn(TOfficer, "o"),))).lists["TDataset", "held_by"]) == 0


def test_scan_6_what_is_joined_is_read_where_it_is_wanted(graph: Graph) -> None:
    _joined(graph)
    ends = (_d("a"), _d("b"), small_urn(TAgency, "x"))
    for only, ways in ((ends, 0), ((*ends, small_urn(TFlow, "two")), 2), ((_d("a"), small_urn(TFlow, "two")), 0)):
        assert len(graph.scan(replace(JOINED, only=only)).joins["TFlow"]) == ways


def test_scan_3_there_may_be_nothing(graph: Graph) -> None:
    found = graph.scan(PARTED)
    tables = (*found.nodes.values(), *found.edges.values(), *found.parts.values(), *found.lists.values())
    assert [len(table) for table in tables] == [0] * 5
    assert len(graph.scan(JOINED).joins["TFlow"]) == 0


def test_scan_2_it_says_of_which_revision_it_is(graph: Graph) -> None:
    assert graph.scan(FED).revision == 0
    _fed(graph)
    assert graph.scan(FED).revision == graph.revision()


@pytest.mark.parametrize(
    ("query", "error"),
    [
        (Scan((("Nope", ()),), (), PUBLIC_READER), InvalidSelection),
        (Scan((("TDataset", ("nope",)),), (), PUBLIC_READER), InvalidSelection),
        (Scan((("TDataset", ()),), (("TDataset", "nope"),), PUBLIC_READER), InvalidRecord),
        (Scan((("TAgency", ()),), (("TDataset", "upstream"),), PUBLIC_READER), InvalidSelection),
        (replace(PARTED, nodes=(*PARTED.nodes, ("TAgency", ()))), InvalidSelection),
        (replace(PARTED, parts=()), InvalidSelection),
        (replace(JOINED, nodes=(*JOINED.nodes, ("TFlow", ()))), InvalidSelection),
        (replace(JOINED, nodes=JOINED.nodes[:1], joins=(("TRun", ("ran_for",), ()),)), InvalidSelection),
        (replace(JOINED, joins=(("TFlow", (), ()),)), InvalidSelection),
    ],
    ids=[
        "kind",
        "property",
        "relationship",
        "an end that is not scanned",
        "a part that is scanned",
        "a list of nothing",
        "what is joined that is scanned",
        "what is joined to what is not scanned",
        "what is joined to nothing",
    ],
)
def test_scan_4_what_is_not_declared_is_refused(store: Blocking, query: Scan, error: type[Exception]) -> None:
    with pytest.raises(error):
        store.scan(query)


def test_scan_4_too_much_is_refused(store: Blocking, monkeypatch: pytest.MonkeyPatch) -> None:
    _fed(store)
    monkeypatch.setattr(scanning, "MAX_SCANNED", 1)
    with pytest.raises(InvalidSelection, match="there are over 1 of TDataset: too many to be read at once"):
        store.scan(FED)
