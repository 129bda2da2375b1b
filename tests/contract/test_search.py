"""``search`` and ``aggregate``: who is found by which words, in what order, and what is counted."""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import Any

import pytest

from catalog.access import PUBLIC_READER, STAFF_READER, Audience, Reader
from catalog.selection import Compare, Has, Op
from catalog.stores.port import Aggregate, Hit, SearchPage, SearchQuery
from catalog.stores.query import MAX_WORDS
from tests.contract.backends import Blocking
from tests.support.compare import exact
from tests.support.reference import ReferenceStore
from tests.support.small_model import VEILED_READER, TAgency, TColour, TColumn, TDataset, TFlow, TGoal, small_urn
from tests.support.statements import DAY, close, edge, node, retract, said

Graph = Blocking | ReferenceStore


def _words(text: str, kind: str = "TDataset", reader: Reader = PUBLIC_READER, **more: Any) -> SearchQuery:
    return SearchQuery(kind, text, reader, DAY, **more)


def _found(page: SearchPage) -> list[tuple[str, int]]:
    return [(hit.urn.rpartition(":")[2], hit.tier) for hit in page.hits]


def _library(graph: Graph) -> None:
    graph.write(
        said(
            node(TDataset, "exact", title="State Data"),
            node(TDataset, "begins", title="state data of Connecticut"),
            node(TDataset, "prefix", title="State databases"),
            node(TDataset, "holds", title="The data of the state"),
            node(TDataset, "text", title="Other", summary="data, said the state"),
            node(TDataset, "list", title="Another", keywords=("STATE", "school data")),
            node(TDataset, "across", title="data", summary="state"),
            node(TDataset, "half", title="state"),
            node(TDataset, "none"),
        )
    )


def test_search_1_every_word_is_held_and_the_last_may_begin_one(graph: Graph) -> None:
    _library(graph)
    expected = [("exact", 0), ("begins", 1), ("prefix", 1), ("holds", 2), ("list", 3), ("across", 3), ("text", 3)]
    assert _found(graph.search(_words("state data"))) == expected
    assert _found(graph.search(_words("STATE  Dat"))) == [
        ("exact", 1),
        ("begins", 1),
        ("prefix", 1),
        ("holds", 2),
        ("list", 3),
        ("across", 3),
        ("text", 3),
    ]


def test_search_1_only_the_last_word_and_only_from_three_letters_may_begin_one(graph: Graph) -> None:
    _library(graph)
    assert _found(graph.search(_words("da"))) == []
    assert _found(graph.search(_words("dat state"))) == []
    assert {name for name, _ in _found(graph.search(_words("sch")))} == {"list"}
    graph.write(said(node(TDataset, "short", title="da state"), node(TDataset, "word", title="state da")))
    assert _found(graph.search(_words("da"))) == [("short", 1), ("word", 2)]
    # "da" is no beginning of "databases", though the text begins with it.
    assert _found(graph.search(_words("state da"))) == [("word", 0), ("short", 2)]


def test_search_1_words_are_folded(graph: Graph) -> None:
    titles = {"1": "École", "2": "ECOLE", "3": "\u0065\u0301cole", "4": "ﬁnance", "5": "Straße", "6": "\u4e2d\u6587"}
    graph.write(said(*(node(TDataset, name, title=title) for name, title in titles.items())))
    assert _found(graph.search(_words("ecole"))) == [("1", 0), ("2", 0), ("3", 0)]
    assert _found(graph.search(_words("FINANCE"))) == [("4", 0)]
    assert _found(graph.search(_words("strasse"))) == [("5", 0)]
    assert _found(graph.search(_words("\u4e2d\u6587"))) == [("6", 0)]


_SYNTAX = [
    "title:state AND (",
    '"state',
    "state*",
    "stat?",
    "-state",
    "NOT state",
    "state OR data",
    "state~2",
    "^state",
    "a:b",
    "NEAR(state data)",
    "{state}",
    "[a TO z]",
    "\\",
    "search_title : state",
    "'; DROP TABLE x; --",
    "\U0001f600",
    "$p0",
]


@pytest.mark.parametrize("text", _SYNTAX)
def test_search_1_nothing_in_the_words_is_syntax(graph: Graph, text: str) -> None:
    """What is found by a text is what is found by its words."""
    _library(graph)
    words = " ".join(word for word in "".join(c if c.isalnum() else " " for c in text).split())
    assert graph.search(_words(text)).hits == graph.search(_words(words)).hits


@pytest.mark.parametrize("text", ["", "  ", "...", "-- ; *", "_"])
def test_search_1_no_word_finds_every_node_in_the_last_tier(graph: Graph, text: str) -> None:
    _library(graph)
    page = graph.search(_words(text))
    assert page.total == 9
    # By folded title; what has none comes last.
    names = ["list", "across", "text", "half", "exact", "begins", "prefix", "holds", "none"]
    assert _found(page) == [(name, 3) for name in names]


def test_search_1_words_that_come_twice_and_long_ones(graph: Graph) -> None:
    long = "x" * 300
    graph.write(said(node(TDataset, "once", title="data"), node(TDataset, "twice", title="data data")))
    graph.write(said(node(TDataset, "long", title=long)))
    assert _found(graph.search(_words("data data"))) == [("twice", 0), ("once", 2)]
    assert _found(graph.search(_words(long))) == [("long", 0)]
    assert _found(graph.search(_words("x" * 64))) == [("long", 0)], "a word counts up to MAX_TOKEN characters"
    assert _found(graph.search(_words("x" * 63))) == [("long", 1)]
    many = " ".join(["data"] * MAX_WORDS)
    assert _found(graph.search(_words(many))) == [("once", 2), ("twice", 2)]


def test_search_1_titles_stand_in_the_order_of_their_declaration(graph: Graph) -> None:
    graph.write(said(node(TDataset, "d", alias="one", title="two"), node(TGoal, "g", statement="one two", area="one")))
    assert _found(graph.search(_words("one two"))) == [("d", 0)]
    assert _found(graph.search(_words("two one"))) == [("d", 2)]
    assert _found(graph.search(_words("one two", "TGoal"))) == [("g", 0)]


def test_search_1_what_is_said_later_is_found_and_what_was_said_before_is_not(graph: Graph) -> None:
    graph.write(said(node(TDataset, "d", title="old")))
    graph.write(said(node(TDataset, "d", title="new")))
    assert _found(graph.search(_words("old"))) == []
    assert _found(graph.search(_words("new"))) == [("d", 0)]
    graph.write(said(close(TDataset, "d", DAY)))
    assert _found(graph.search(_words("new"))) == []
    graph.write(said(node(TDataset, "d", title="new")))
    assert _found(graph.search(_words("new"))) == [("d", 0)]
    graph.write(said(retracts=[retract(TDataset, "d")]))
    assert _found(graph.search(_words("new"))) == []


def test_search_2_equal_tiers_are_ordered_by_folded_title_then_urn(graph: Graph) -> None:
    # By UTF-16 unit, what lies beyond the basic plane would come before U+FA0E.
    titles = {"9": "data \U00010348", "8": "data \ufa0e", "7": "Data b", "6": "data B", "5": "dáta a", "4": "data"}
    graph.write(said(*(node(TDataset, name, title=title) for name, title in titles.items())))
    assert [name for name, _ in _found(graph.search(_words("data")))] == ["4", "5", "6", "7", "8", "9"]


def test_search_2_a_kind_whose_titles_order_no_list_is_ordered_by_urn(graph: Graph) -> None:
    graph.write(said(*(node(TGoal, name, statement=f"goal {title}") for name, title in (("a", "z"), ("b", "y")))))
    assert _found(graph.search(_words("goal", "TGoal"))) == [("a", 1), ("b", 1)]


@pytest.mark.parametrize("first", [1, 2, 3, 7, 8])
@pytest.mark.parametrize("text", ["state data", ""])
def test_search_2_pages_are_the_list_cut_in_pieces(graph: Graph, text: str, first: int) -> None:
    _library(graph)
    whole = graph.search(_words(text))
    query = _words(text, first=first, facets=("keywords",))
    found: list[Hit] = []
    while True:
        page = graph.search(query)
        assert (page.total, page.facets) == (whole.total, {"keywords": [("STATE", 1), ("school data", 1)]})
        found += page.hits
        if not page.has_next:
            break
        query = dataclasses.replace(query, after=page.end_cursor)
    assert found == whole.hits
    assert len(page.hits) in (first, len(whole.hits) % first)


def test_search_2_no_hits_may_be_asked_for(graph: Graph) -> None:
    _library(graph)
    page = graph.search(_words("state", first=0, facets=("keywords",)))
    assert (page.hits, page.has_next, page.end_cursor) == ([], True, None)
    assert (page.total, page.facets["keywords"][0]) == (8, ("STATE", 1))
    page = graph.search(_words("nothing", facets=("keywords",)))
    assert page == SearchPage([], 0, has_next=False, end_cursor=None, facets={"keywords": []})


def test_search_3_hits_are_seen_hold_and_fulfil_the_filter(graph: Graph) -> None:
    graph.write(
        said(
            node(TDataset, "seen", title="data", size=1, open=True),
            node(TDataset, "staff", Audience.STAFF, title="data", size=1, open=True),
            node(TDataset, "closed", valid_to=DAY, title="data", size=1, open=True),
            node(TDataset, "future", valid_from=date(2022, 3, 21), title="data", size=1, open=True),
            node(TDataset, "filtered", title="data", size=2, open=True),
        )
    )
    one = Compare("size", Op.EQ, 1)
    for reader in (PUBLIC_READER, VEILED_READER):
        page = graph.search(_words("data", reader=reader, where=one, facets=("open", "size")))
        assert (_found(page), page.total) == ([("seen", 0)], 1)
        assert exact(page.facets) == exact({"open": [(True, 1)], "size": [(1, 1)]})
    page = graph.search(_words("data", reader=STAFF_READER, where=one, facets=("open",)))
    assert (_found(page), page.total, page.facets["open"]) == ([("seen", 0), ("staff", 0)], 2, [(True, 2)])


def test_search_3_a_kind_that_needs_others_is_found_only_where_they_are_seen(graph: Graph) -> None:
    graph.write(
        said(node(TDataset, "d"), node(TFlow, "f", Audience.PUBLIC, title="data"), edge(TFlow.origin, "f", "d"))
    )
    assert graph.search(_words("data", "TFlow")).total == 0
    graph.write(said(edge(TFlow.target, "f", "d")))
    assert graph.search(_words("data", "TFlow")).total == 1


_VALUES = ["b", "a", "B", "\U0001f600", "\uffee", "", "é", "10", "9"]


def _coloured(graph: Graph) -> None:
    graph.write(
        said(
            node(TDataset, "1", title="data", keywords=("a", "a", "b"), colour=TColour.RED, size=10, open=True),
            node(TDataset, "2", title="data", keywords=tuple(_VALUES), size=9, open=False, issued=DAY),
            node(TDataset, "3", title="data", colour=TColour.BLUE, size=-(2**63), open=True, contact="x", score=0.5),
            node(TDataset, "4", title="data", colour=TColour.BLUE, size=2**63 - 1, contact="x", score=0.1 + 0.2),
            node(TAgency, "x", level=1),
            node(TAgency, "y", level=1),
            node(TAgency, "hidden", Audience.STAFF),
            node(TColumn, "c"),
            *(edge(TDataset.held_by, d, a) for d, a in (("1", "x"), ("2", "x"), ("2", "y"), ("3", "hidden"))),
            edge(TDataset.held_by, "4", "y", None, DAY),
            edge(TColumn.dataset, "c", "1"),
        )
    )
    graph.write(said(edge(TDataset.held_by, "1", "x"), source=small_urn(TAgency, "other")))


_KEYWORDS = [("a", 2), ("b", 2), *((v, 1) for v in sorted(set(_VALUES) - {"a", "b"}))]
_COUNTS: dict[str, list[tuple[Any, int]]] = {
    "keywords": _KEYWORDS,
    "colour": [("BLUE", 2), ("RED", 1)],
    "size": [(-(2**63), 1), (9, 1), (10, 1), (2**63 - 1, 1)],
    "open": [(True, 2), (False, 1)],
    "issued": [("2022-03-20", 1)],
    "held_by": [(small_urn(TAgency, "x"), 2), (small_urn(TAgency, "y"), 1)],
    "columns": [(small_urn(TColumn, "c"), 1)],
}


@pytest.mark.parametrize("by", _COUNTS)
def test_search_3_facets_count_hits_by_value(graph: Graph, by: str) -> None:
    _coloured(graph)
    page = graph.search(_words("data", facets=(by,), first=1))
    assert exact(page.facets) == exact({by: _COUNTS[by]})


def test_search_3_several_facets_at_once(graph: Graph) -> None:
    _coloured(graph)
    assert exact(graph.search(_words("data", facets=tuple(_COUNTS))).facets) == exact(_COUNTS)


@pytest.mark.parametrize("by", _COUNTS)
def test_aggregate_1_counts_nodes_by_value(graph: Graph, by: str) -> None:
    _coloured(graph)
    assert exact(graph.aggregate(Aggregate("TDataset", by, PUBLIC_READER, DAY))) == exact(_COUNTS[by])


def test_aggregate_1_any_property_by_those_who_may_ask(graph: Graph) -> None:
    _coloured(graph)
    by_score = graph.aggregate(Aggregate("TDataset", "score", PUBLIC_READER, DAY))
    assert exact(by_score) == exact([(0.1 + 0.2, 1), (0.5, 1)])
    assert graph.aggregate(Aggregate("TDataset", "title", PUBLIC_READER, DAY)) == [("data", 4)]
    assert graph.aggregate(Aggregate("TDataset", "contact", STAFF_READER, DAY)) == [("x", 2)]
    by_agency = graph.aggregate(Aggregate("TDataset", "held_by", STAFF_READER, DAY))
    assert by_agency[1:] == [(small_urn(TAgency, "hidden"), 1), (small_urn(TAgency, "y"), 1)]


def test_aggregate_1_first_groups_and_a_filter(graph: Graph) -> None:
    _coloured(graph)
    query = Aggregate("TDataset", "keywords", PUBLIC_READER, DAY, first=1)
    assert graph.aggregate(query) == [("a", 2)]
    assert graph.aggregate(dataclasses.replace(query, first=0)) == []
    held = Has("held_by", Compare("level", Op.EQ, 1))
    assert graph.aggregate(dataclasses.replace(query, by="open", where=held, first=9)) == [(False, 1), (True, 1)]


def test_aggregate_1_counts_as_select_would_list(graph: Graph) -> None:
    graph.write(
        said(
            node(TDataset, "1", colour=TColour.RED),
            node(TDataset, "2", Audience.STAFF, colour=TColour.RED),
            node(TDataset, "3", valid_to=DAY, colour=TColour.RED),
            node(TDataset, "4", colour=TColour.RED),
        )
    )
    graph.write(said(retracts=[retract(TDataset, "4")]))
    assert graph.aggregate(Aggregate("TDataset", "colour", VEILED_READER, DAY)) == [("RED", 1)]
    assert graph.aggregate(Aggregate("TDataset", "colour", STAFF_READER, DAY)) == [("RED", 2)]
    assert graph.aggregate(Aggregate("TDataset", "colour", STAFF_READER, date(2022, 3, 19))) == [("RED", 3)]


def test_aggregate_1_at_most_a_thousand_groups(graph: Graph) -> None:
    graph.write(said(*(node(TAgency, n, level=n, name=f"agency {n}") for n in range(1005))))
    counts = graph.aggregate(Aggregate("TAgency", "level", PUBLIC_READER, DAY))
    assert counts == [(n, 1) for n in range(1000)]
    assert graph.search(_words("agency", "TAgency", facets=("level",))).facets == {"level": counts}
