"""``select``, clauses 1 to 4: one round trip, what a row holds, which rows there are, and their order."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from catalog.access import PUBLIC_READER, STAFF_READER
from catalog.selection import Has, Order, Related, Select
from tests.contract.backends import Blocking
from tests.contract.wire import listen
from tests.contract.workshop import Workshop
from tests.support.compare import exact
from tests.support.reference import ReferenceStore
from tests.support.small_model import TAgency, TColour, TColumn, TDataset, TGoal, TOfficer, small_urn
from tests.support.statements import DAY, SOURCE, ask, close, edge, node, retract, said, urns

Graph = Blocking | ReferenceStore

_BEFORE, _AFTER = DAY - timedelta(days=1), DAY + timedelta(days=1)


def test_select_1_a_nested_page_is_one_round_trip(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page that the product is measured with: 50 datasets, their owner and its officer, 20 columns each, goals."""
    columns = [f"{d:02}-{c:02}" for d in range(50) for c in range(20)]
    nodes = [node(TDataset, n) for n in range(50)] + [node(TColumn, name) for name in columns]
    others = [node(TAgency, "a"), node(TOfficer, "o"), node(TGoal, "g"), node(TGoal, "h")]
    edges = [edge(TDataset.held_by, n, "a") for n in range(50)]
    edges += [edge(TDataset.serves, n, goal) for n in range(50) for goal in "gh"]
    edges += [edge(TColumn.dataset, name, int(name[:2])) for name in columns]
    workshop.fresh().write(said(*nodes, *others, *edges, edge(TOfficer.at, "o", "a")))
    officers = Related("officers", "officers", Select("TOfficer", ("name",), first=1))
    selection = ask(
        Select(
            "TDataset",
            ("title",),
            where=Has("held_by"),
            first=50,
            total=True,
            related=(
                Related("owner", "held_by", Select("TAgency", ("name",), first=1, related=(officers,))),
                Related("columns", "columns", Select("TColumn", ("name",), order=Order("name"), first=20, total=True)),
                Related("goals", "serves", Select("TGoal", ("statement",))),
            ),
        )
    )
    sent = listen(monkeypatch)
    store = workshop.again()
    page = store.select(selection)
    assert len(sent) == store.round_trips == 1, sent
    assert (len(page.rows), page.total) == (50, 50)
    of_each = {row["urn"].rpartition(":")[2]: row for row in page.rows}
    for n in range(50):
        row = of_each[str(n)]
        assert [column["name"] for column in row["columns"].rows] == columns[n * 20 : n * 20 + 20]
        assert row["columns"].total == 20
        assert urns(row["owner"]) == ["a"]
        assert urns(row["owner"].rows[0]["officers"]) == ["o"]
        assert urns(row["goals"]) == ["g", "h"]


def test_select_2_rows_hold_values_of_every_shape_exactly(graph: Graph) -> None:
    instant = datetime(2022, 3, 20, 5, 30, 0, 7, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    values: dict[str, Any] = {
        "title": '\U0001f600 it\'s "Zoë" \\ \n',
        "summary": "",
        "keywords": ("", "b", "a", "b"),
        "colour": TColour.GREEN,
        "size": -(2**63),
        "score": 0.1 + 0.2,
        "issued": date(2022, 3, 20),
        "checked": instant,
        "open": False,
        "contact": "x@example.org",
        "notes": ("", "n"),
    }
    graph.write(said(node(TDataset, "d", **values)))
    page = graph.select(ask(Select("TDataset", tuple(values)), STAFF_READER))
    expected = {
        "urn": str(small_urn(TDataset, "d")),
        **values,
        "keywords": ["", "b", "a", "b"],
        "colour": "GREEN",
        "issued": "2022-03-20",
        "checked": "2022-03-20T00:00:00.000007Z",
        "notes": ["", "n"],
    }
    assert exact(page.rows) == exact([expected])


@pytest.mark.parametrize("size", [2**63 - 1, 2**63 - 2, 2**53 + 1, -(2**63) + 1, 0])
def test_select_2_whole_numbers_keep_every_digit(graph: Graph, size: int) -> None:
    graph.write(said(node(TDataset, "d", size=size)))
    assert exact(graph.select(ask(Select("TDataset", ("size",)))).rows[0]["size"]) == ("int", size)


@pytest.mark.parametrize("score", [1 / 3, 1.7976931348623157e308, 5e-324, 123456789.12345679, 1e22, 3.0, 2.0**53 + 2])
def test_select_2_real_numbers_keep_every_digit(graph: Graph, score: float) -> None:
    graph.write(said(node(TDataset, "d", score=score)))
    page = graph.select(ask(Select("TDataset", ("score",), order=Order("score"), first=1)))
    assert exact(page.rows[0]["score"]) == ("float", score)
    assert graph.select(ask(Select("TDataset", order=Order("score"), after=page.end_cursor))).rows == []


def test_select_2_what_is_missing_is_none_and_a_missing_list_empty(graph: Graph) -> None:
    graph.write(said(node(TDataset, "d")))
    props = ("title", "keywords", "colour", "size", "score", "issued", "checked", "open", "notes")
    lists: dict[str, object] = {"keywords": [], "notes": []}
    expected = {**dict.fromkeys(props), "urn": str(small_urn(TDataset, "d")), **lists}
    assert graph.select(ask(Select("TDataset", props), STAFF_READER)).rows == [expected]


def test_select_2_staff_properties_are_none_for_others(graph: Graph) -> None:
    graph.write(said(node(TDataset, "d", contact="x@example.org", notes=("n",), title="t")))
    (row,) = graph.select(ask(Select("TDataset", ("contact", "notes", "title")))).rows
    assert row == {"urn": small_urn(TDataset, "d"), "contact": None, "notes": None, "title": "t"}
    (row,) = graph.select(ask(Select("TDataset", ("contact", "notes")), STAFF_READER)).rows
    assert (row["contact"], row["notes"]) == ("x@example.org", ["n"])


def test_select_2_only_what_is_asked_for(graph: Graph) -> None:
    graph.write(said(node(TDataset, "d", title="t", size=1)))
    assert graph.select(ask(Select("TDataset"))).rows == [{"urn": small_urn(TDataset, "d")}]


def test_select_2_when_it_holds_and_who_said_so_can_be_asked(graph: Graph) -> None:
    props = ("valid_from", "valid_to", "closed_reason", "source", "recorded_at", "recorded_by")
    graph.write(said(node(TAgency, "a"), node(TAgency, "b", valid_from=_BEFORE, valid_to=_AFTER), node(TAgency, "c")))
    graph.write(said(close(TAgency, "c", _AFTER, "~")))
    rows = graph.select(ask(Select("TAgency", props))).rows
    stamp = {"source": SOURCE, "recorded_at": "2022-03-20T12:00:00.000000Z", "recorded_by": "tester"}
    spans = [(None, None, None), ("2022-03-19", "2022-03-21", None), (None, "2022-03-21", "~")]
    names = ("valid_from", "valid_to", "closed_reason")
    expected = [
        {"urn": small_urn(TAgency, name), **dict(zip(names, span, strict=True)), **stamp}
        for name, span in zip("abc", spans, strict=True)
    ]
    assert rows == expected


def test_select_3_spans_of_nodes_are_half_open(graph: Graph) -> None:
    graph.write(
        said(
            node(TAgency, "always"),
            node(TAgency, "begins-today", valid_from=DAY),
            node(TAgency, "begins-tomorrow", valid_from=_AFTER),
            node(TAgency, "ended-today", valid_to=DAY),
            node(TAgency, "ends-tomorrow", valid_to=_AFTER),
        )
    )
    today = ["always", "begins-today", "ends-tomorrow"]
    assert urns(graph.select(ask(Select("TAgency", total=True)))) == today
    assert graph.select(ask(Select("TAgency", total=True))).total == 3
    everything = ["always", "begins-today", "begins-tomorrow", "ended-today", "ends-tomorrow"]
    assert urns(graph.select(ask(Select("TAgency", ever=True)))) == everything
    assert graph.select(ask(Select("TAgency", ever=True, total=True))).total == 5


def test_select_3_what_is_closed_is_listed_before_and_ever(graph: Graph) -> None:
    graph.write(said(node(TAgency, "a")))
    graph.write(said(close(TAgency, "a", DAY)))
    assert urns(graph.select(ask(Select("TAgency")))) == []
    assert urns(graph.select(ask(Select("TAgency"), as_of=_BEFORE))) == ["a"]
    assert urns(graph.select(ask(Select("TAgency", ever=True)))) == ["a"]


def test_select_3_what_is_retracted_never_was(graph: Graph) -> None:
    graph.write(said(node(TAgency, "a"), node(TAgency, "b"), edge(TAgency.part_of, "b", "a")))
    graph.write(said(retracts=[retract(TAgency, "a")]))
    above = Related("above", "part_of", Select("TAgency", ever=True))
    page = graph.select(ask(Select("TAgency", ever=True, total=True, related=(above,))))
    assert (urns(page), page.total) == (["b"], 1)
    assert urns(page.rows[0]["above"]) == []


def test_select_3_below_the_root_the_edge_must_hold_as_well(graph: Graph) -> None:
    spans = [("open", None, None), ("past", None, DAY), ("present", DAY, _AFTER), ("future", _AFTER, None)]
    agencies = [node(TAgency, name) for name, *_ in spans]
    graph.write(said(node(TDataset, "d"), *agencies, *(edge(TDataset.held_by, "d", *span) for span in spans)))
    facts = ("valid_from", "valid_to")
    for ever, expected in ((False, ["open", "present"]), (True, ["future", "open", "past", "present"])):
        holder = Related("holder", "held_by", Select("TAgency", ever=ever, total=True), edge=facts)
        (row,) = graph.select(ask(Select("TDataset", related=(holder,)))).rows
        assert (urns(row["holder"]), row["holder"].total) == (expected, len(expected))
    assert row["holder"].rows[0]["@edge"] == {"valid_from": "2022-03-21", "valid_to": None}
    assert row["holder"].rows[2]["@edge"] == {"valid_from": None, "valid_to": "2022-03-20"}


def test_select_3_ever_is_said_level_by_level(graph: Graph) -> None:
    graph.write(
        said(node(TDataset, "d", valid_to=DAY), node(TAgency, "a"), edge(TDataset.held_by, "d", "a", None, DAY))
    )
    holder = Related("holder", "held_by", Select("TAgency"))
    (row,) = graph.select(ask(Select("TDataset", ever=True, related=(holder,)))).rows
    assert urns(row["holder"]) == []


def test_select_3_each_edge_is_a_row(graph: Graph) -> None:
    graph.write(said(node(TDataset, "d"), node(TAgency, "a"), edge(TDataset.held_by, "d", "a", rank=1)))
    other = said(edge(TDataset.held_by, "d", "a", rank=2), source=small_urn(TAgency, "other"), by="b")
    graph.write(other)
    holder = Related("holder", "held_by", Select("TAgency", total=True), edge=("rank", "source", "recorded_by"))
    (row,) = graph.select(ask(Select("TDataset", related=(holder,)))).rows
    assert row["holder"].total == 2
    assert [r["@edge"] for r in row["holder"].rows] == [
        {"rank": 1, "source": SOURCE, "recorded_by": "tester"},
        {"rank": 2, "source": small_urn(TAgency, "other"), "recorded_by": "b"},
    ]


def test_select_3_edge_facts_of_every_shape(graph: Graph) -> None:
    facts: dict[str, Any] = {"role": TColour.RED, "rank": 2**63 - 1, "share": 1 / 3, "agreed": date(2022, 1, 2)}
    facts |= {"firm": False, "seen_at": datetime(2022, 1, 2, 3, tzinfo=UTC), "tags": ("", "b")}
    graph.write(said(node(TDataset, "d"), node(TAgency, "a"), node(TAgency, "b"), edge(TDataset.held_by, "d", "b")))
    graph.write(said(edge(TDataset.held_by, "d", "a", **facts)))
    holder = Related("holder", "held_by", Select("TAgency"), edge=(*facts, "recorded_at"))
    (row,) = graph.select(ask(Select("TDataset", related=(holder,)))).rows
    moment = {"recorded_at": "2022-03-20T12:00:00.000000Z"}
    stored = {"role": "RED", "agreed": "2022-01-02", "seen_at": "2022-01-02T03:00:00.000000Z", "tags": ["", "b"]}
    said_of_a, said_of_b = (r["@edge"] for r in row["holder"].rows)
    assert exact(said_of_a) == exact({**facts, **stored, **moment})
    assert exact(said_of_b) == exact({**dict.fromkeys(facts), "tags": [], **moment})


def test_select_3_steps_are_walked_both_ways_and_to_the_kind_asked_for(graph: Graph) -> None:
    graph.write(
        said(
            *(node(TDataset, name) for name in "def"),
            *(node(kind, name) for kind, name in ((TGoal, "g"), (TAgency, "a"), (TColumn, "c"))),
            edge(TDataset.upstream, "d", "e"),
            edge(TDataset.upstream, "f", "d"),
            edge(TDataset.serves, "d", "g"),
            edge(TDataset.serves, "d", "a", to=TAgency),
            edge(TColumn.serves, "c", "g"),
        )
    )
    steps = [("upstream", "TDataset", ["e"]), ("downstream", "TDataset", ["f"])]
    steps += [("serves", "TGoal", ["g"]), ("serves", "TAgency", ["a"])]
    related = tuple(Related(f"{step}-{kind}", step, Select(kind)) for step, kind, _ in steps)
    row = graph.select(ask(Select("TDataset", related=related))).rows[0]
    assert [urns(row[r.name]) for r in related] == [expected for *_, expected in steps]
    related = tuple(Related(kind, "served_by", Select(kind)) for kind in ("TDataset", "TColumn"))
    (row,) = graph.select(ask(Select("TGoal", related=related))).rows
    assert [urns(row[kind]) for kind in ("TDataset", "TColumn")] == [["d"], ["c"]]


def test_select_3_a_node_may_lead_to_itself(graph: Graph) -> None:
    graph.write(said(node(TDataset, "d"), edge(TDataset.upstream, "d", "d")))
    both = tuple(Related(step, step, Select("TDataset")) for step in ("upstream", "downstream"))
    (row,) = graph.select(ask(Select("TDataset", related=both))).rows
    assert [urns(row["upstream"]), urns(row["downstream"])] == [["d"], ["d"]]


_TITLES = {"n1": "zoe", "n2": "Zoë", "n3": "\U0001f600", "n4": "\uffee", "n5": None, "n6": "", "n7": "abc", "n8": "ABC"}


@pytest.mark.parametrize("descending", [False, True])
def test_select_4_text_is_ordered_by_its_folded_form(graph: Graph, *, descending: bool) -> None:
    graph.write(said(*(node(TDataset, name, title=title) for name, title in _TITLES.items())))
    # U+FFEE folds to U+25CB; what lies beyond the basic plane is spelled, beginning with U+FFFD.
    expected = ["n6", "n7", "n8", "n1", "n2", "n4", "n3", "n5"]
    page = graph.select(ask(Select("TDataset", order=Order("title", descending))))
    assert urns(page) == (expected[::-1] if descending else expected)


_ORDERED: dict[str, list[Any]] = {
    "size": [-(2**63), -1, 0, 2**53, 2**53 + 1, 2**63 - 2, None],
    "score": [-1e308, -1.0, -5e-324, 0.0, 5e-324, 0.3, 0.1 + 0.2, 1e308, None],
    "issued": [date(1999, 1, 1), date(2022, 3, 20), date(9999, 12, 31), None],
    "checked": [datetime(1999, 1, 1, tzinfo=UTC), datetime(2022, 1, 1, 0, 0, 0, 1, tzinfo=UTC), None],
    "open": [False, True, None],
    "colour": [TColour.BLUE, TColour.GREEN, TColour.RED, None],
}


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("by", _ORDERED)
def test_select_4_values_are_ordered_by_size_and_the_missing_come_last(
    graph: Graph, by: str, *, descending: bool
) -> None:
    values = _ORDERED[by]
    # The URNs run against the values, so that an order by URN would show.
    graph.write(said(*(node(TDataset, 9 - n, **{by: value}) for n, value in enumerate(values))))
    page = graph.select(ask(Select("TDataset", order=Order(by, descending))))
    expected = [str(9 - n) for n in range(len(values))]
    assert urns(page) == (expected[::-1] if descending else expected)


@pytest.mark.parametrize("descending", [False, True])
def test_select_4_equal_keys_are_told_apart_by_urn(graph: Graph, *, descending: bool) -> None:
    names = ["10", "9", "A", "Z", "a", "b", "~"]  # by code point
    graph.write(said(*(node(TDataset, name, title="Same", size=7, open=True) for name in reversed(names))))
    for by in ("title", "size", "open", "score", "urn"):
        page = graph.select(ask(Select("TDataset", order=Order(by, descending))))
        assert urns(page) == (names[::-1] if descending else names), by


@pytest.mark.parametrize("descending", [False, True])
def test_select_4_parallel_edges_are_told_apart_by_edge(graph: Graph, *, descending: bool) -> None:
    graph.write(said(node(TDataset, "d"), node(TAgency, "a")))
    for rank in range(12):
        graph.write(said(edge(TDataset.held_by, "d", "a", rank=rank), source=small_urn(TAgency, f"s{rank}")))
    order = Order("name", descending)
    holder = Related("holder", "held_by", Select("TAgency", order=order), edge=("rank",))
    (row,) = graph.select(ask(Select("TDataset", related=(holder,)))).rows
    ranks = [r["@edge"]["rank"] for r in row["holder"].rows]
    assert ranks == (list(range(11, -1, -1)) if descending else list(range(12)))


def test_select_4_titles_that_are_equal_where_they_are_cut_are_told_apart_by_urn(graph: Graph) -> None:
    graph.write(said(node(TDataset, "1", title="x" * 160 + "b"), node(TDataset, "2", title="x" * 160 + "a")))
    assert urns(graph.select(ask(Select("TDataset", order=Order("title"))))) == ["1", "2"]


def test_select_4_each_reader_has_the_same_order(graph: Graph) -> None:
    graph.write(said(*(node(TDataset, n, size=-n) for n in range(5))))
    for reader in (PUBLIC_READER, STAFF_READER):
        assert urns(graph.select(ask(Select("TDataset", order=Order("size")), reader))) == ["4", "3", "2", "1", "0"]
