"""Facets by paths: what hits are counted by that lies some steps away, whether there is any of it, and what it is called.

The graph: datasets 1 to 4, found by "data". 1 and 2 are made of a and b; agencies x and y hold them. What must not count
(hidden, closed, not yet, retracted) hangs beside what must.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from catalog.access import PUBLIC_READER, STAFF_READER, Audience, Reader
from catalog.batch import NodeStatement
from catalog.selection import Compare, Op
from catalog.stores.port import URN_NAMESPACE, Aggregate, SearchQuery
from catalog.urn import UrnParts, format_urn, parse
from tests.contract.backends import Blocking
from tests.support.compare import exact
from tests.support.reference import ReferenceStore
from tests.support.small_model import VEILED_READER, TAgency, TColour, TColumn, TDataset, TFlow, TGoal, small_urn
from tests.support.statements import DAY, close, edge, node, retract, said

Graph = Blocking | ReferenceStore

_TOMORROW = DAY + timedelta(days=1)
_OTHER = small_urn(TAgency, "other")


def _counted(
    graph: Graph, *paths: str, reader: Reader = PUBLIC_READER, **more: Any
) -> dict[str, list[tuple[Any, int]]]:
    return graph.search(SearchQuery("TDataset", "data", reader, DAY, facets=paths, first=1, **more)).facets


def _named(*names: str) -> list[str]:
    return [small_urn(TDataset, name) for name in names]


def _made(graph: Graph) -> None:
    graph.write(
        said(
            *(node(TDataset, name, title="data", size=int(name)) for name in "1234"),
            node(TDataset, "a", colour=TColour.RED, keywords=("k", "l", "k"), size=5, open=True, contact="c"),
            node(TDataset, "b", colour=TColour.RED, keywords=("l", "m"), size=6, open=False),
            node(TDataset, "hidden", Audience.STAFF, colour=TColour.BLUE, size=7),
            node(TDataset, "closed", valid_to=DAY, colour=TColour.BLUE, size=7),
            node(TDataset, "future", valid_from=_TOMORROW, colour=TColour.BLUE, size=7),
            node(TDataset, "gone", colour=TColour.BLUE, size=7),
            *(edge(TDataset.upstream, "1", end) for end in ("a", "b", "hidden", "closed", "future", "gone")),
            edge(TDataset.upstream, "2", "a"),
            edge(TDataset.upstream, "3", "a", None, DAY),
            edge(TDataset.upstream, "3", "b", _TOMORROW),
            edge(TDataset.upstream, "4", "hidden"),
        )
    )
    graph.write(
        said(
            node(TAgency, "x", name="Agency X", level=1),
            node(TAgency, "y", name="Agency Y", level=1),
            node(TAgency, "z", Audience.STAFF, name="Agency Z", level=2),
            *(edge(TDataset.held_by, end, "x") for end in ("1", "a")),
            *(edge(TDataset.held_by, end, "y") for end in ("1", "2", "b")),
            *(edge(TDataset.held_by, end, "z") for end in ("3", "b")),
            retracts=[retract(TDataset, "gone")],
        )
    )
    # The same edges, as another source says them: an assertion each.
    graph.write(said(*(edge(TDataset.held_by, end, "x") for end in ("1", "a")), source=_OTHER))


_BY_PATH: dict[str, list[tuple[Any, int]]] = {
    "upstream": [(small_urn(TDataset, "a"), 2), (small_urn(TDataset, "b"), 1)],
    "upstream.colour": [("RED", 2)],
    "upstream.keywords": [("k", 2), ("l", 2), ("m", 1)],
    "upstream.size": [(5, 2), (6, 1)],
    "upstream.open": [(True, 2), (False, 1)],
    "held_by.level": [(1, 2)],
    "upstream.held_by": [(small_urn(TAgency, "x"), 2), (small_urn(TAgency, "y"), 1)],
    "upstream.held_by.level": [(1, 2)],
    # Back to where it began, and on: 1 and 2 are made of a, 1 alone of b.
    "upstream.downstream": [(_named("1")[0], 2), (_named("2")[0], 2)],
    "upstream.downstream.size": [(1, 2), (2, 2)],
    "held_by.holds.upstream": [(small_urn(TDataset, "a"), 2), (small_urn(TDataset, "b"), 2)],
    "held_by.holds.upstream.colour": [("RED", 2)],
    "upstream.issued": [],
    "size?": [(True, 4)],
    "issued?": [(False, 4)],
    "keywords?": [(False, 4)],
    "upstream?": [(False, 2), (True, 2)],
    "upstream.colour?": [(False, 2), (True, 2)],
    "upstream.keywords?": [(False, 2), (True, 2)],
    "upstream.issued?": [(False, 4)],
    "upstream.held_by?": [(False, 2), (True, 2)],
    "upstream.held_by.level?": [(False, 2), (True, 2)],
}


@pytest.mark.parametrize("path", _BY_PATH)
def test_search_4_a_facet_counts_hits_by_what_is_at_the_end_of_a_path(graph: Graph, path: str) -> None:
    _made(graph)
    assert exact(_counted(graph, path)) == exact({path: _BY_PATH[path]})


def test_search_5_all_of_them_at_once_are_one_round_trip(graph: Graph) -> None:
    _made(graph)
    before = graph.round_trips if isinstance(graph, Blocking) else 0
    assert exact(_counted(graph, *_BY_PATH)) == exact(_BY_PATH)
    if isinstance(graph, Blocking):
        assert graph.round_trips == before + 1


@pytest.mark.parametrize("path", _BY_PATH)
def test_aggregate_1_counts_nodes_along_a_path_as_search_counts_hits(graph: Graph, path: str) -> None:
    _made(graph)
    hits = Compare("title", Op.EQ, "data")
    assert exact(graph.aggregate(Aggregate("TDataset", path, PUBLIC_READER, DAY, hits))) == exact(_BY_PATH[path])


def test_aggregate_1_a_path_may_end_at_any_property(graph: Graph) -> None:
    _made(graph)
    assert graph.aggregate(Aggregate("TDataset", "held_by.name", PUBLIC_READER, DAY)) == [
        ("Agency Y", 3),
        ("Agency X", 2),
    ]
    assert graph.aggregate(Aggregate("TDataset", "upstream.contact", STAFF_READER, DAY)) == [("c", 2)]


def test_aggregate_1_urns_are_counted_by_what_they_begin_with(graph: Graph) -> None:
    _made(graph)
    begins = small_urn(TDataset, "1").removesuffix("1")
    deep = format_urn(UrnParts(parse(begins + "x").kind, "key", ("test", "1", "x:y")))
    graph.write(said(NodeStatement(TDataset(urn=deep))))
    counted = graph.aggregate(Aggregate("TDataset", URN_NAMESPACE, PUBLIC_READER, DAY))
    assert counted == [(begins, 6), (f"{begins}1:", 1)]


def test_search_4_each_reader_counts_what_they_see_whole(graph: Graph) -> None:
    _made(graph)
    paths = ("upstream.colour", "upstream?", "held_by", "held_by.level")
    seen = {
        "upstream.colour": [("RED", 2)],
        "upstream?": [(False, 2), (True, 2)],
        "held_by": [(small_urn(TAgency, "y"), 2), (small_urn(TAgency, "x"), 1)],
        "held_by.level": [(1, 2)],
    }
    assert exact(_counted(graph, *paths)) == exact(seen)
    # A placeholder keeps the shape of lineage and counts nowhere.
    assert exact(_counted(graph, *paths, reader=VEILED_READER)) == exact(seen)
    assert exact(_counted(graph, *paths, reader=STAFF_READER)) == exact(
        {
            "upstream.colour": [("BLUE", 2), ("RED", 2)],
            "upstream?": [(True, 3), (False, 1)],
            "held_by": [(small_urn(TAgency, "y"), 2), (small_urn(TAgency, "x"), 1), (small_urn(TAgency, "z"), 1)],
            "held_by.level": [(1, 2), (2, 1)],
        }
    )


def test_search_4_what_holds_on_the_day_counts(graph: Graph) -> None:
    _made(graph)

    def reds(day: date) -> list[tuple[Any, int]]:
        query = SearchQuery("TDataset", "data", PUBLIC_READER, day, facets=("upstream.colour",))
        return graph.search(query).facets["upstream.colour"]

    assert reds(DAY - timedelta(days=1)) == [("RED", 3), ("BLUE", 1)]
    assert reds(DAY) == [("RED", 2)]
    assert reds(_TOMORROW) == [("RED", 3), ("BLUE", 1)]


def test_search_4_a_later_word_replaces_an_earlier_one(graph: Graph) -> None:
    _made(graph)
    graph.write(said(close(TDataset, "a", DAY), node(TDataset, "b", colour=TColour.GREEN)))
    assert _counted(graph, "upstream.colour", "upstream?") == {
        "upstream.colour": [("GREEN", 1)],
        "upstream?": [(False, 3), (True, 1)],
    }


def test_search_4_only_hits_are_counted(graph: Graph) -> None:
    _made(graph)
    found = _counted(graph, "upstream.colour", "upstream?", where=Compare("size", Op.GE, 2))
    assert found == {"upstream.colour": [("RED", 1)], "upstream?": [(False, 2), (True, 1)]}
    nothing = graph.search(
        SearchQuery("TDataset", "nothing", PUBLIC_READER, DAY, facets=("upstream.colour", "upstream?"))
    )
    assert nothing.facets == {"upstream.colour": [], "upstream?": []}


def test_search_4_a_kind_that_needs_others_counts_only_where_they_are_seen(graph: Graph) -> None:
    graph.write(
        said(
            node(TDataset, "1", title="data"),
            node(TDataset, "end"),
            node(TDataset, "hidden", Audience.STAFF),
            *(node(TFlow, name, Audience.PUBLIC, title=name) for name in ("whole", "half")),
            *(edge(TFlow.origin, name, "1") for name in ("whole", "half")),
            edge(TFlow.target, "whole", "end"),
            edge(TFlow.target, "half", "hidden"),
        )
    )
    assert _counted(graph, "outflows") == {"outflows": [(small_urn(TFlow, "whole"), 1)]}


def test_names_say_what_is_called_whose_urn_was_counted(graph: Graph) -> None:
    _made(graph)

    def names(*paths: str, reader: Reader = PUBLIC_READER) -> dict[str, str]:
        return graph.search(SearchQuery("TDataset", "data", reader, DAY, facets=paths)).names

    x, y, z = (small_urn(TAgency, name) for name in "xyz")
    assert names("held_by") == {x: "Agency X", y: "Agency Y"}
    assert names("held_by", reader=STAFF_READER) == {x: "Agency X", y: "Agency Y", z: "Agency Z"}
    assert names("upstream.held_by", "held_by.level", "held_by?") == {x: "Agency X", y: "Agency Y"}
    assert names("held_by.level", "size", "held_by?") == {}
    # Its first title is the one it is called by; the second stands in for none.
    assert names("upstream") == {}
    graph.write(said(node(TDataset, "a", alias="Alias", title="Title"), node(TDataset, "b", title="Title")))
    assert names("upstream") == {small_urn(TDataset, "a"): "Alias"}


def test_names_of_a_kind_without_titles_are_none(graph: Graph) -> None:
    graph.write(said(node(TDataset, "1", title="data"), node(TColumn, "c"), edge(TColumn.dataset, "c", "1")))
    page = graph.search(SearchQuery("TDataset", "data", PUBLIC_READER, DAY, facets=("columns",)))
    assert (page.facets, page.names) == ({"columns": [(small_urn(TColumn, "c"), 1)]}, {})


def test_names_are_those_of_the_values_that_are_answered(graph: Graph) -> None:
    graph.write(said(node(TDataset, "1", title="data"), *(node(TAgency, n, name=f"agency {n}") for n in range(1005))))
    graph.write(said(*(edge(TDataset.held_by, "1", n) for n in range(1005))))
    page = graph.search(SearchQuery("TDataset", "data", PUBLIC_READER, DAY, facets=("held_by",)))
    assert len(page.facets["held_by"]) == 1000
    assert {urn for urn, _ in page.facets["held_by"]} == set(page.names)


def test_a_facet_of_a_kind_with_one_step_to_itself(graph: Graph) -> None:
    graph.write(
        said(
            *(node(TAgency, name, name=f"agency {name}") for name in "abc"),
            edge(TAgency.part_of, "a", "b"),
            edge(TAgency.part_of, "b", "c"),
            node(TGoal, "g", statement="agency"),
        )
    )
    query = SearchQuery("TAgency", "agency", PUBLIC_READER, DAY, facets=("part_of", "part_of.part_of", "parts?"))
    page = graph.search(query)
    b, c = small_urn(TAgency, "b"), small_urn(TAgency, "c")
    assert page.facets == {"part_of": [(b, 1), (c, 1)], "part_of.part_of": [(c, 1)], "parts?": [(True, 2), (False, 1)]}
    assert page.names == {b: "agency b", c: "agency c"}
