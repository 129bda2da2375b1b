"""``select``, clause 7: two-valued logic, and every operator."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from catalog.access import STAFF_READER, Audience
from catalog.batch import NodeStatement
from catalog.selection import All, Any_, Compare, Has, IsNull, Not, Op, Predicate, Select
from catalog.urn import UrnParts, format_urn, parse
from tests.contract.backends import Blocking
from tests.support.reference import ReferenceStore
from tests.support.small_model import TAgency, TColour, TColumn, TDataset, TGoal, small_urn
from tests.support.statements import DAY, ask, edge, node, said, urns

Graph = Blocking | ReferenceStore

_FULL: dict[str, Any] = {
    "title": "Zoë 100%",
    "keywords": ("a", "", "Data"),
    "colour": TColour.RED,
    "size": 2**53 + 1,
    "score": 0.1 + 0.2,
    "issued": date(2022, 3, 20),
    "checked": datetime(2022, 3, 20, tzinfo=UTC),
    "open": False,
}
"""What the node "full" says; the node "bare" says nothing."""

_EAST = timezone(timedelta(hours=5, minutes=30))

_TRUE: list[Predicate] = [
    Compare("title", Op.EQ, "Zoë 100%"),
    Compare("title", Op.NE, "zoe 100%"),
    Compare("title", Op.IN, ("x", "Zoë 100%")),
    Compare("title", Op.STARTS_WITH, "ZOE\u0308 1"),
    Compare("title", Op.STARTS_WITH, ""),
    Compare("title", Op.STARTS_WITH, "zoe 100%"),
    Compare("keywords", Op.CONTAINS, "Data"),
    Compare("keywords", Op.CONTAINS, ""),
    Compare("colour", Op.EQ, TColour.RED),
    Compare("colour", Op.EQ, "RED"),
    Compare("colour", Op.IN, (TColour.BLUE, TColour.RED)),
    Compare("colour", Op.STARTS_WITH, "re"),
    Compare("size", Op.EQ, 2**53 + 1),
    Compare("size", Op.NE, 2**53),
    Compare("size", Op.GT, 2**53),
    Compare("size", Op.LE, 2**53 + 1),
    Compare("size", Op.IN, (1, 2**53 + 1)),
    Compare("score", Op.EQ, 0.1 + 0.2),
    Compare("score", Op.GT, 0.3),
    Compare("score", Op.LT, 1),
    Compare("issued", Op.EQ, date(2022, 3, 20)),
    Compare("issued", Op.LT, date(2022, 3, 21)),
    Compare("issued", Op.GE, date(2022, 3, 20)),
    Compare("checked", Op.EQ, datetime(2022, 3, 20, 5, 30, tzinfo=_EAST)),
    Compare("checked", Op.LT, datetime(2022, 3, 20, 0, 0, 0, 1, tzinfo=UTC)),
    Compare("open", Op.EQ, False),
    Compare("open", Op.NE, True),
    Compare("open", Op.IN, (True, False)),
]
_FALSE: list[Predicate] = [
    Compare("title", Op.EQ, "zoë 100%"),
    Compare("title", Op.NE, "Zoë 100%"),
    Compare("title", Op.IN, ()),
    Compare("title", Op.IN, ("x",)),
    Compare("title", Op.STARTS_WITH, "oe"),
    Compare("title", Op.STARTS_WITH, "z%"),
    Compare("title", Op.STARTS_WITH, "zo_"),
    Compare("title", Op.STARTS_WITH, "z*"),
    Compare("title", Op.STARTS_WITH, "zoe 100% "[:-1] + "x"),
    Compare("keywords", Op.CONTAINS, "data"),
    Compare("keywords", Op.CONTAINS, "Dat"),
    Compare("keywords", Op.CONTAINS, "b"),
    Compare("colour", Op.EQ, "red"),
    Compare("size", Op.EQ, 2**53),
    Compare("size", Op.LT, 2**53 + 1),
    Compare("size", Op.GE, 2**53 + 2),
    Compare("size", Op.IN, ()),
    Compare("score", Op.EQ, 0.3),
    Compare("score", Op.LE, 0.3),
    Compare("issued", Op.GT, date(2022, 3, 20)),
    Compare("issued", Op.NE, date(2022, 3, 20)),
    Compare("checked", Op.GT, datetime(2022, 3, 20, tzinfo=UTC)),
    Compare("open", Op.EQ, True),
    Compare("open", Op.IN, (True,)),
    IsNull("title"),
    IsNull("keywords"),
    IsNull("open"),
]


def _text(predicate: Predicate) -> str:
    return repr(predicate).encode("ascii", "backslashreplace").decode()


@pytest.fixture
def two(graph: Graph) -> Graph:
    graph.write(said(node(TDataset, "full", **_FULL), node(TDataset, "bare")))
    return graph


def _matching(graph: Graph, where: Predicate) -> list[str]:
    page = graph.select(ask(Select("TDataset", where=where, total=True)))
    assert page.total == len(page.rows)
    return urns(page)


def test_select_7_every_comparison_that_is_true(two: Graph) -> None:
    wrong = [_text(where) for where in _TRUE if _matching(two, where) != ["full"]]
    assert wrong == []


def test_select_7_every_comparison_that_is_false(two: Graph) -> None:
    wrong = [_text(where) for where in _FALSE if "full" in _matching(two, where)]
    assert wrong == []


def test_select_7_a_comparison_with_what_is_missing_is_false_and_its_negation_true(two: Graph) -> None:
    compares = [where for where in (*_TRUE, *_FALSE) if isinstance(where, Compare)]
    assert [_text(where) for where in compares if "bare" in _matching(two, where)] == []
    assert [_text(where) for where in compares if "bare" not in _matching(two, Not(where))] == []
    assert [_text(where) for where in _TRUE if _matching(two, Not(where)) != ["bare"]] == []
    assert [_text(where) for where in compares if _matching(two, Not(Not(where))) != _matching(two, where)] == []


def test_select_7_what_is_null(two: Graph) -> None:
    for prop in _FULL:
        assert _matching(two, IsNull(prop)) == ["bare"], prop
        assert _matching(two, Not(IsNull(prop))) == ["full"], prop


def test_select_7_an_empty_text_is_a_value_and_an_empty_list_none(graph: Graph) -> None:
    graph.write(said(node(TDataset, "d", title="", keywords=(), summary="")))
    assert _matching(graph, IsNull("title")) == []
    assert _matching(graph, IsNull("keywords")) == ["d"]
    assert _matching(graph, Compare("title", Op.EQ, "")) == ["d"]
    assert _matching(graph, Compare("title", Op.STARTS_WITH, "")) == ["d"]


def test_select_7_and_or_not(two: Graph) -> None:
    yes, no = Compare("open", Op.EQ, False), Compare("open", Op.EQ, True)
    both = ["bare", "full"]
    expected: list[tuple[Predicate, list[str]]] = [
        (All(()), both),
        (Any_(()), []),
        (Not(All(())), []),
        (Not(Any_(())), both),
        (All((yes,)), ["full"]),
        (All((yes, no)), []),
        (Any_((yes, no)), ["full"]),
        (Any_((no,)), []),
        (Not(Any_((yes, no))), ["bare"]),
        (Not(All((yes, no))), both),
        (All((Not(no), Not(yes))), ["bare"]),
        (Any_((Not(yes), yes)), both),
        (Not(Any_((Not(yes), no))), ["full"]),
    ]
    assert [_text(where) for where, names in expected if _matching(two, where) != names] == []


def test_select_7_urns_are_compared(two: Graph) -> None:
    urn = small_urn(TDataset, "full")
    assert _matching(two, Compare("urn", Op.EQ, urn)) == ["full"]
    assert _matching(two, Compare("urn", Op.NE, urn)) == ["bare"]
    assert _matching(two, Compare("urn", Op.IN, (urn, "urn:other"))) == ["full"]
    assert _matching(two, Compare("urn", Op.IN, ())) == []


def test_select_7_a_urn_is_within_what_it_is_one_segment_longer_than(two: Graph) -> None:
    deep = format_urn(UrnParts(parse(small_urn(TDataset, "x")).kind, "key", ("test", "full", "deep")))
    two.write(said(NodeStatement(TDataset(urn=deep))))
    begins = small_urn(TDataset, "full").removesuffix("full")
    assert _matching(two, Compare("urn", Op.WITHIN, begins)) == ["bare", "full"]
    assert _matching(two, Compare("urn", Op.WITHIN, f"{begins}full:")) == ["deep"]
    for none in ("", begins[:-1], f"{begins}fu:", begins.removesuffix("test:")):
        assert _matching(two, Compare("urn", Op.WITHIN, none)) == []
    assert _matching(two, Not(Compare("urn", Op.WITHIN, begins))) == ["deep"]


def test_select_7_quotes_and_braces_are_text(graph: Graph) -> None:
    texts = ["'", '"', "\\", "{x}", "$p0", "`", ":p0", "?", "--", "/*", "%", "\u2028", "\U0001f600", "null"]
    graph.write(said(*(node(TDataset, n, title=text, keywords=(text,)) for n, text in enumerate(texts))))
    for n, text in enumerate(texts):
        assert _matching(graph, Compare("title", Op.EQ, text)) == [str(n)]
        assert _matching(graph, Compare("keywords", Op.CONTAINS, text)) == [str(n)]
        if text.strip():  # U+2028 is white space, and so folds to nothing
            assert _matching(graph, Compare("title", Op.STARTS_WITH, text)) == [str(n)]


def test_select_7_has_a_related_node(graph: Graph) -> None:
    graph.write(
        said(
            *(node(TDataset, name) for name in "abcdef"),
            node(TAgency, "x", name="x"),
            node(TAgency, "y", name="y"),
            node(TAgency, "hidden", Audience.STAFF),
            node(TAgency, "closed", valid_to=DAY),
            node(TGoal, "g"),
            node(TColumn, "col", position=1),
            edge(TDataset.held_by, "a", "x"),
            edge(TDataset.held_by, "a", "y"),
            edge(TDataset.held_by, "b", "hidden"),
            edge(TDataset.held_by, "c", "closed"),
            edge(TDataset.held_by, "d", "x", None, DAY),
            edge(TDataset.serves, "e", "g"),
            edge(TColumn.dataset, "col", "f"),
            edge(TColumn.serves, "col", "g"),
        )
    )
    x = Compare("name", Op.EQ, "x")
    expected: list[tuple[Predicate, str]] = [
        (Has("held_by"), "a"),
        (Not(Has("held_by")), "bcdef"),
        (Has("held_by", x), "a"),
        (Has("held_by", Not(x)), "a"),
        (Has("held_by", All((x, Compare("name", Op.EQ, "y")))), ""),
        (All((Has("held_by", x), Has("held_by", Compare("name", Op.EQ, "y")))), "a"),
        (Not(Has("held_by", x)), "bcdef"),
        (Has("serves", target="TGoal"), "e"),
        (Has("serves", target="TAgency"), ""),
        (Has("columns", Has("serves")), "f"),
        (Has("columns", Compare("position", Op.GT, 1)), ""),
        (Has("held_by", IsNull("level")), "a"),
        (Has("held_by", Any_(())), ""),
    ]
    assert [_text(where) for where, names in expected if _matching(graph, where) != list(names)] == []
    staff = graph.select(ask(Select("TDataset", where=Has("held_by")), STAFF_READER))
    assert urns(staff) == ["a", "b"]
    ever = graph.select(ask(Select("TDataset", where=Has("held_by"), ever=True)))
    assert urns(ever) == ["a"], "a related node must hold on the day, whatever is listed"


def test_a_beginning_is_of_characters_not_of_how_they_are_spelled(graph: Graph) -> None:
    """Characters beyond the basic plane are spelled out in sort keys, and U+FFFD begins what is spelled."""
    graph.write(said(*(node(TDataset, n, title=t) for n, t in enumerate(["\U0001f600 a", "\ufffd a", "\uffff a"]))))
    for number, beginning in enumerate(["\U0001f600", "\ufffd", "\uffff"]):
        assert _matching(graph, Compare("title", Op.STARTS_WITH, beginning)) == [str(number)]
