"""``select``, clause 5: pages, cursors and totals."""

from __future__ import annotations

import base64
import dataclasses
from datetime import date

import msgspec
import pytest

from catalog.access import PUBLIC_READER, STAFF_READER, Audience, Reader
from catalog.errors import InvalidSelection
from catalog.selection import NO_EDGE, Cursor, Order, Page, Related, Select
from tests.contract.backends import Blocking
from tests.support.reference import ReferenceStore
from tests.support.reference_graph import OPAQUE_KEY
from tests.support.small_model import VEILED_READER, TAgency, TDataset, small_urn
from tests.support.statements import DAY, ask, edge, node, said, urns

Graph = Blocking | ReferenceStore

_ORDERS = [
    Order(by, descending) for by in ("urn", "title", "size", "score", "issued", "open") for descending in (False, True)
]


def _page(*, has_next: bool = False, total: int | None = None) -> Page:
    return Page([], has_next, None, total, key=OPAQUE_KEY)


def _pages(graph: Graph, select: Select) -> list[Page]:
    pages = [graph.select(ask(select))]
    while pages[-1].has_next:
        assert len(pages) < 50, "pages go on for ever"
        pages.append(graph.select(ask(dataclasses.replace(select, after=pages[-1].end_cursor))))
    return pages


def _pages_below(graph: Graph, related: Related, reader: Reader = PUBLIC_READER) -> list[Page]:
    """The pages below the first dataset."""
    pages: list[Page] = []
    while not pages or pages[-1].has_next:
        assert len(pages) < 50, "pages go on for ever"
        after = pages[-1].end_cursor if pages else None
        below = dataclasses.replace(related, select=dataclasses.replace(related.select, after=after))
        row = graph.select(ask(Select("TDataset", first=1, related=(below,)), reader)).rows[0]
        pages.append(row[related.name])
    return pages


def _datasets(count: int) -> list[str]:
    return [f"{n:02}" for n in range(count)]


def test_select_5_first_rows_then_the_rest(graph: Graph) -> None:
    graph.write(said(*(node(TDataset, name) for name in _datasets(5))))
    pages = _pages(graph, Select("TDataset", first=2, total=True))
    assert [urns(page) for page in pages] == [["00", "01"], ["02", "03"], ["04"]]
    assert [page.has_next for page in pages] == [True, True, False]
    assert [page.total for page in pages] == [5, 5, 5]
    last = Cursor(str(small_urn(TDataset, "04")), str(small_urn(TDataset, "04")), 0).encode(Order())
    assert pages[-1].end_cursor == last
    assert graph.select(ask(Select("TDataset", after=last))) == _page()


def test_select_5_a_full_last_page_has_no_next(graph: Graph) -> None:
    graph.write(said(*(node(TDataset, name) for name in _datasets(4))))
    assert [len(page.rows) for page in _pages(graph, Select("TDataset", first=2))] == [2, 2]


def test_select_5_no_rows_may_be_asked_for(graph: Graph) -> None:
    assert graph.select(ask(Select("TDataset", first=0, total=True))) == _page(total=0)
    graph.write(said(*(node(TDataset, name) for name in _datasets(3))))
    assert graph.select(ask(Select("TDataset", first=0, total=True))) == _page(has_next=True, total=3)
    # The total alone, below the root as well.
    graph.write(said(*(edge(TDataset.upstream, "00", name) for name in _datasets(3))))
    upstream = Related("upstream", "upstream", Select("TDataset", first=0, total=True))
    (row,) = graph.select(ask(Select("TDataset", first=1, related=(upstream,)))).rows
    assert row["upstream"] == _page(has_next=True, total=3)


def test_select_5_a_page_holds_a_thousand_rows(graph: Graph) -> None:
    names = [f"{n:04}" for n in range(1001)]
    graph.write(said(*(node(TAgency, name) for name in names)))
    pages = _pages(graph, Select("TAgency", first=1000))
    assert [urns(page) for page in pages] == [names[:1000], names[1000:]]


@pytest.mark.parametrize("order", _ORDERS, ids=lambda o: f"{o.by}-{'down' if o.descending else 'up'}")
def test_select_5_pages_are_the_list_cut_in_pieces(graph: Graph, order: Order) -> None:
    titles = [None, "a", "A", "b", "\U0001f600", "\uffee", ""]
    sizes = [None, 2**63 - 1, 2**63 - 2, -(2**63), 0, 5]
    scores = [None, 0.1 + 0.2, 0.3, -1e308, 1.7976931348623157e308]
    days = [None, date(2022, 1, 1), date(2022, 1, 2)]
    graph.write(
        said(
            *(
                node(
                    TDataset,
                    name,
                    title=titles[n % 7],
                    size=sizes[n % 6],
                    score=scores[n % 5],
                    issued=days[n % 3],
                    open=[None, True, False][n % 3],
                )
                for n, name in enumerate(_datasets(23))
            )
        )
    )
    whole = urns(graph.select(ask(Select("TDataset", order=order, first=1000))))
    assert len(whole) == 23
    for first in (1, 4, 23):
        pages = _pages(graph, Select("TDataset", order=order, first=first))
        assert [name for page in pages for name in urns(page)] == whole


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("by", ["urn", "title"])
def test_select_5_pages_below_the_root_continue(graph: Graph, by: str, *, descending: bool) -> None:
    names = _datasets(7)
    graph.write(said(*(node(TDataset, name, title="same" if name < "04" else None) for name in names)))
    graph.write(said(*(edge(TDataset.upstream, "00", name) for name in names)))
    order = Order(by, descending)
    upstream = Related("upstream", "upstream", Select("TDataset", order=order, first=2, total=True))
    pages = _pages_below(graph, upstream)
    assert [name for page in pages for name in urns(page)] == (names[::-1] if descending else names)
    assert [(len(page.rows), page.total) for page in pages] == [(2, 7), (2, 7), (2, 7), (1, 7)]


def test_select_5_rows_are_left_out_before_the_first(graph: Graph) -> None:
    names = _datasets(5)
    graph.write(said(*(node(TDataset, name) for name in names), *(edge(TDataset.upstream, "00", n) for n in names)))
    for skip in range(7):
        page = graph.select(ask(Select("TDataset", first=2, skip=skip, total=True)))
        assert (urns(page), page.total, page.has_next) == (names[skip:][:2], 5, skip < 3)
    upstream = Related("upstream", "upstream", Select("TDataset", first=2, skip=3))
    (row,) = graph.select(ask(Select("TDataset", first=1, related=(upstream,)))).rows
    assert urns(row["upstream"]) == names[3:]
    after = graph.select(ask(Select("TDataset", first=2))).end_cursor
    assert urns(graph.select(ask(Select("TDataset", first=2, skip=1, after=after)))) == names[3:]


def test_select_5_a_cursor_goes_between_edges_to_one_node(graph: Graph) -> None:
    graph.write(said(node(TDataset, "d"), node(TAgency, "a")))
    for rank in range(3):
        graph.write(said(edge(TDataset.held_by, "d", "a", rank=rank), source=small_urn(TAgency, f"s{rank}")))
    pages = _pages_below(graph, Related("holder", "held_by", Select("TAgency", first=1), edge=("rank",)))
    assert [r["@edge"]["rank"] for page in pages for r in page.rows] == [0, 1, 2]


def test_select_5_the_number_of_an_edge_is_neither_read_from_a_cursor_nor_tried(graph: Graph) -> None:
    graph.write(said(node(TDataset, "d"), node(TAgency, "a")))
    for rank in range(2):
        graph.write(said(edge(TDataset.held_by, "d", "a", rank=rank), source=small_urn(TAgency, f"s{rank}")))
    (first, last) = _pages_below(graph, Related("holder", "held_by", Select("TAgency", first=1)))
    assert first.end is not None
    assert last.end is not None
    assert first.end_cursor is not None
    with pytest.raises(InvalidSelection, match="no cursor of ours"):
        Cursor.decode(first.end_cursor, Order(), b"a key of another graph")
    number = first.end[2]
    assert number not in (NO_EDGE, last.end[2])
    plain = msgspec.json.encode(["urn", False, *first.end])
    tried = [
        base64.urlsafe_b64encode(plain).decode().rstrip("="),
        Cursor(*first.end).encode(Order(), b"a key of another graph"),
        first.end_cursor[:-2],
    ]
    for after in tried:
        select = Select("TAgency", first=1, after=after)
        with pytest.raises(InvalidSelection, match="no cursor of ours"):
            graph.select(ask(Select("TDataset", related=(Related("holder", "held_by", select),))))


def test_select_5_the_total_counts_no_placeholder_and_pages_hold_them(graph: Graph) -> None:
    graph.write(
        said(
            *(node(TDataset, name) for name in "abc"),
            *(node(TDataset, name, Audience.STAFF) for name in "xy"),
            *(edge(TDataset.upstream, "a", name) for name in "bcxy"),
        )
    )
    pages = _pages_below(graph, Related("upstream", "upstream", Select("TDataset", first=1, total=True)), VEILED_READER)
    assert [name for page in pages for name in urns(page)] == ["b", "c", "@", "@"]
    assert [page.total for page in pages] == [2, 2, 2, 2]


def test_select_5_a_cursor_that_points_at_what_is_gone_still_continues(graph: Graph) -> None:
    graph.write(said(*(node(TDataset, name, title=name) for name in _datasets(4))))
    page = graph.select(ask(Select("TDataset", order=Order("title"), first=2)))
    graph.write(said(retracts=[small_urn(TDataset, "01")]))
    rest = graph.select(ask(Select("TDataset", order=Order("title"), after=page.end_cursor)))
    assert urns(rest) == ["02", "03"]


@pytest.mark.parametrize("descending", [False, True])
def test_select_5_pages_over_a_changing_graph_neither_miss_nor_repeat(graph: Graph, *, descending: bool) -> None:
    standing = _datasets(20)
    graph.write(said(*(node(TDataset, name, title=f"t{int(name) % 4}") for name in standing)))
    select = Select("TDataset", order=Order("title", descending), first=3)
    page = graph.select(ask(select))
    found = urns(page)
    for turn in range(30):
        if not page.has_next:
            break
        come_and_gone = [node(TDataset, f"{turn:02}x", title=f"t{turn % 5}"), node(TDataset, f"new{turn}")]
        graph.write(said(*come_and_gone, retracts=[small_urn(TDataset, f"{turn - 1:02}x")] if turn else ()))
        page = graph.select(ask(dataclasses.replace(select, after=page.end_cursor)))
        found += urns(page)
    assert not page.has_next
    assert sorted(name for name in found if name in standing) == standing


_BAD = ["", "x", "???", "bm90IGpzb24", "W10", Cursor("k", "u", 0).encode(Order())[:-3], "\U0001f600", "W" * 5000]


@pytest.mark.parametrize("after", _BAD, ids=range(len(_BAD)))
def test_select_5_a_cursor_that_we_did_not_make_is_refused(store: Blocking, after: str) -> None:
    with pytest.raises(InvalidSelection, match="'after' is no cursor of ours"):
        store.select(ask(Select("TDataset", after=after)))


@pytest.mark.parametrize(
    ("made_for", "used_for"),
    [
        (Order("title"), Order("urn")),
        (Order("urn"), Order("title")),
        (Order("title"), Order("title", descending=True)),
        (Order("size"), Order("score")),
    ],
)
def test_select_5_a_cursor_of_another_order_is_refused(store: Blocking, made_for: Order, used_for: Order) -> None:
    store.write(said(*(node(TDataset, name) for name in _datasets(3))))
    page = store.select(ask(Select("TDataset", order=made_for, first=1)))
    with pytest.raises(InvalidSelection, match="begin anew"):
        store.select(ask(Select("TDataset", order=used_for, after=page.end_cursor)))


@pytest.mark.parametrize(
    ("by", "key"), [("size", "text"), ("score", "1"), ("open", "x"), ("title", 1), ("issued", 2.0)]
)
def test_select_5_a_cursor_with_a_key_of_another_kind_is_refused(store: Blocking, by: str, key: str | float) -> None:
    forged = Cursor(key, "urn:waypost:t-dataset:key:test:x", 0).encode(Order(by))
    with pytest.raises(InvalidSelection, match="no cursor of ours"):
        store.select(ask(Select("TDataset", order=Order(by), after=forged)))


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 10**30])
def test_select_5_a_cursor_with_a_number_that_no_store_keeps_is_refused(store: Blocking, number: int) -> None:
    content = f'["size",false,{number},"urn:waypost:t-dataset:key:test:x",0]'
    forged = base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")
    with pytest.raises(InvalidSelection, match="'after' is no cursor of ours"):
        store.select(ask(Select("TDataset", order=Order("size"), after=forged)))


@pytest.mark.parametrize("number", [2**63 - 1, -(2**63)])
def test_select_5_a_cursor_with_the_last_number_that_is_kept_continues(graph: Graph, number: int) -> None:
    graph.write(said(node(TDataset, "d", size=number), node(TDataset, "e", size=number)))
    first = graph.select(ask(Select("TDataset", order=Order("size"), first=1), STAFF_READER))
    rest = graph.select(ask(Select("TDataset", order=Order("size"), after=first.end_cursor), STAFF_READER))
    assert [*urns(first), *urns(rest)] == ["d", "e"]


def test_select_5_cursors_are_those_of_the_contract(graph: Graph) -> None:
    """A cursor made by one store continues on the other: it says the order key, the URN and the edge."""
    graph.write(said(node(TDataset, "d", title="Zoë", size=7, score=0.1 + 0.2, open=True, issued=DAY)))
    keys = {"title": "zoe", "size": 7, "score": 0.1 + 0.2, "open": 1, "issued": "2022-03-20", "contact": "\uffff"}
    urn = str(small_urn(TDataset, "d"))
    for by, key in keys.items():
        order = Order(by)
        page = graph.select(ask(Select("TDataset", order=order), STAFF_READER))
        assert page.end_cursor == Cursor(key, urn, 0).encode(order)
