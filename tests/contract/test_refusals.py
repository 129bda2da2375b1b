"""``select``, clause 8, and the same of the other reads: what is refused before anything is read."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from catalog.access import PUBLIC_READER
from catalog.errors import InvalidSelection
from catalog.selection import MAX_PATTERNS, All, Any_, Compare, Has, IsNull, Not, Op, Order, Related, Select
from catalog.stores.port import MAX_FRONTIER, MAX_ROOTS, Aggregate, Expand, SearchQuery
from catalog.stores.query import MAX_WORDS
from catalog.stores.resolve import resolve
from tests.contract.backends import Blocking
from tests.support.small_model import SMALL, TDataset
from tests.support.statements import DAY, ask, edge, node, said, urns


def _nested(depth: int) -> Select:
    related = (Related("up", "upstream", _nested(depth - 1)),) if depth else ()
    return Select("TDataset", related=related)


_EMAIL = Compare("contact", Op.EQ, "x")

_INVALID: list[Select] = [
    Select("TAgency", retracted=True),
    Select("TAgency", related=(Related("up", "part_of", Select("TAgency", order=Order("revision"))),)),
    Select("Nope"),
    Select("Agency"),
    Select("TDataset", ("nope",)),
    Select("TDataset", ("title_sort",)),
    Select("TDataset", ("title; DROP TABLE x",)),
    Select("TDataset", ("audience",)),
    Select("TDataset", where=Compare("nope", Op.EQ, 1)),
    Select("TDataset", where=Compare("digest", Op.EQ, "x")),
    Select("TDataset", where=IsNull("urn")),
    Select("TDataset", where=Compare("title", Op.LT, "a")),
    Select("TDataset", where=Compare("title", Op.CONTAINS, "a")),
    Select("TDataset", where=Compare("open", Op.GT, False)),
    Select("TDataset", where=Compare("keywords", Op.EQ, "a")),
    Select("TDataset", where=Compare("alias", Op.STARTS_WITH, "a")),
    Select("TDataset", where=Compare("urn", Op.STARTS_WITH, "urn")),
    Select("TDataset", where=Compare("urn", Op.GT, "urn")),
    Select("TDataset", where=Compare("title", Op.WITHIN, "a:")),
    Select("TDataset", where=Compare("size", Op.EQ, "7")),
    Select("TDataset", where=Compare("size", Op.EQ, 7.0)),
    Select("TDataset", where=Compare("size", Op.EQ, True)),
    Select("TDataset", where=Compare("size", Op.EQ, 2**63)),
    Select("TDataset", where=Compare("score", Op.EQ, float("nan"))),
    Select("TDataset", where=Compare("score", Op.LT, float("inf"))),
    Select("TDataset", where=Compare("open", Op.EQ, 1)),
    Select("TDataset", where=Compare("issued", Op.EQ, "2022-03-20")),
    Select("TDataset", where=Compare("issued", Op.EQ, datetime(2022, 3, 20, tzinfo=UTC))),
    Select("TDataset", where=Compare("checked", Op.EQ, date(2022, 3, 20))),
    Select("TDataset", where=Compare("checked", Op.EQ, datetime(2022, 3, 20))),  # noqa: DTZ001 - that is what is refused
    Select("TDataset", where=Compare("title", Op.EQ, "a\0b")),
    Select("TDataset", where=Compare("title", Op.EQ, "\ud800")),
    Select("TDataset", where=Compare("title", Op.EQ, ("a",))),
    Select("TDataset", where=Compare("title", Op.IN, "a")),
    Select("TDataset", where=Compare("size", Op.IN, tuple(range(1001)))),
    Select("TDataset", where=Has("nope")),
    Select("TDataset", where=Has("serves")),
    Select("TDataset", where=Has("held_by", target="TGoal")),
    Select("TDataset", where=Has("held_by", Compare("title", Op.EQ, "x"))),
    Select("TDataset", where=All(tuple(IsNull("title") for _ in range(200)))),
    Select("TDataset", where=_EMAIL),
    Select("TDataset", where=Not(_EMAIL)),
    Select("TDataset", where=IsNull("notes")),
    Select("TDataset", where=Has("upstream", _EMAIL)),
    Select("TDataset", where=Has("upstream", IsNull("title"), veiled=True)),
    Select("TDataset", order=Order("contact")),
    Select("TDataset", order=Order("nope")),
    Select("TDataset", order=Order("alias")),
    Select("TDataset", order=Order("valid_from")),
    Select("TDataset", first=-1),
    Select("TDataset", first=1001),
    Select("TDataset", skip=-1),
    Select("TDataset", skip=100_001),
    Select("TDataset", related=(Related("x", "nope", Select("TAgency")),)),
    Select("TDataset", related=(Related("x", "held_by", Select("TGoal")),)),
    Select("TDataset", related=(Related("x", "held_by", Select("TAgency", ("nope",))),)),
    Select("TDataset", related=(Related("x", "held_by", Select("TAgency", first=1001)),)),
    Select("TDataset", related=(Related("x", "held_by", Select("TAgency"), edge=("nope",)),)),
    Select("TDataset", related=(Related("x", "held_by", Select("TAgency"), edge=("retracted_at",)),)),
    _nested(9),
]


@pytest.mark.parametrize("number", range(len(_INVALID)))
def test_select_8_what_is_not_declared_or_over_a_bound_is_refused(store: Blocking, number: int) -> None:
    before = store.round_trips
    with pytest.raises(InvalidSelection):
        store.select(ask(_INVALID[number]))
    assert store.round_trips == before, "nothing may be read"


def test_select_8_what_is_at_a_bound_is_answered(store: Blocking) -> None:
    store.write(said(node(TDataset, "d"), edge(TDataset.upstream, "d", "d")))
    assert urns(store.select(ask(_nested(8)))) == ["d"]
    many = Compare("size", Op.IN, tuple(range(1000)))
    assert urns(store.select(ask(Select("TDataset", where=many, first=1000)))) == []
    parts = Any_(tuple(IsNull("title") for _ in range(199)))
    assert urns(store.select(ask(Select("TDataset", where=parts)))) == ["d"]


_INVALID_OTHERS: dict[str, tuple[str, Any]] = {
    "expand-kind": ("expand", Expand("Nope", "upstream", (), PUBLIC_READER, DAY)),
    "expand-step": ("expand", Expand("TDataset", "nope", (), PUBLIC_READER, DAY)),
    "expand-other-kind": ("expand", Expand("TDataset", "held_by", (), PUBLIC_READER, DAY)),
    "expand-frontier": ("expand", Expand("TDataset", "upstream", ("x",) * (MAX_FRONTIER + 1), PUBLIC_READER, DAY)),
    "expand-steps": ("expand", Expand("TDataset", "upstream." * 3 + "upstream", (), PUBLIC_READER, DAY)),
    "expand-to-other-kind": ("expand", Expand("TDataset", "upstream.held_by", (), PUBLIC_READER, DAY)),
    "expand-through-several-kinds": ("expand", Expand("TDataset", "serves.served_by", (), PUBLIC_READER, DAY)),
    "expand-by": ("expand", Expand("TDataset", "upstream", (), PUBLIC_READER, DAY, by="nope")),
    "expand-by-several-kinds": ("expand", Expand("TDataset", "upstream", (), PUBLIC_READER, DAY, by="serves")),
    "expand-via-nothing": ("expand", Expand("TDataset", "upstream", (), PUBLIC_READER, DAY, via=All(()))),
    "expand-via": ("expand", Expand("TFlow", "origin.outflows", (), PUBLIC_READER, DAY, via=_EMAIL)),
    "expand-same": ("expand", Expand("TDataset", "upstream", (), PUBLIC_READER, DAY, same="nope")),
    "expand-same-of-another-kind": ("expand", Expand("TDataset", "upstream", (), PUBLIC_READER, DAY, same="held_by")),
    "expand-same-without-status": ("expand", Expand("TDataset", "upstream", (), PUBLIC_READER, DAY, same="upstream")),
    "expand-same-by": (
        "expand",
        Expand("TDataset", "upstream", (), PUBLIC_READER, DAY, by="held_by", same="same_as"),
    ),
    "expand-where": ("expand", Expand("TDataset", "upstream", (), PUBLIC_READER, DAY, where=_EMAIL)),
    "search-kind": ("search", SearchQuery("Nope", "x", PUBLIC_READER, DAY)),
    "search-where": ("search", SearchQuery("TDataset", "x", PUBLIC_READER, DAY, where=_EMAIL)),
    "search-facet": ("search", SearchQuery("TDataset", "x", PUBLIC_READER, DAY, facets=("title",))),
    "search-staff-facet": ("search", SearchQuery("TDataset", "x", PUBLIC_READER, DAY, facets=("contact",))),
    "search-facet-of-several-kinds": ("search", SearchQuery("TDataset", "x", PUBLIC_READER, DAY, facets=("serves",))),
    "search-facet-at-the-end": ("search", SearchQuery("TDataset", "x", PUBLIC_READER, DAY, facets=("upstream.title",))),
    "search-facet-is-there": ("search", SearchQuery("TDataset", "x", PUBLIC_READER, DAY, facets=("title?",))),
    "search-staff-facet-at-the-end": (
        "search",
        SearchQuery("TDataset", "x", PUBLIC_READER, DAY, facets=("upstream.contact?",)),
    ),
    "search-facet-no-step": ("search", SearchQuery("TDataset", "x", PUBLIC_READER, DAY, facets=("nope.size",))),
    "search-facet-through-a-property": (
        "search",
        SearchQuery("TDataset", "x", PUBLIC_READER, DAY, facets=("size.size",)),
    ),
    "search-facet-of-nothing": ("search", SearchQuery("TDataset", "x", PUBLIC_READER, DAY, facets=("?",))),
    "search-facet-twice-asked": ("search", SearchQuery("TDataset", "x", PUBLIC_READER, DAY, facets=("size??",))),
    "search-facet-steps": (
        "search",
        SearchQuery("TDataset", "x", PUBLIC_READER, DAY, facets=("upstream.upstream.upstream.upstream",)),
    ),
    "search-facet-long": (
        "search",
        SearchQuery("TDataset", "x", PUBLIC_READER, DAY, facets=("upstream." * 4 + "size",)),
    ),
    "search-words": ("search", SearchQuery("TDataset", "x " * (MAX_WORDS + 1), PUBLIC_READER, DAY)),
    "search-unsearched-kind": ("search", SearchQuery("TColumn", "x", PUBLIC_READER, DAY)),
    "search-first": ("search", SearchQuery("TDataset", "x", PUBLIC_READER, DAY, first=1001)),
    "search-first-negative": ("search", SearchQuery("TDataset", "x", PUBLIC_READER, DAY, first=-1)),
    "search-cursor": ("search", SearchQuery("TDataset", "x", PUBLIC_READER, DAY, after="no cursor")),
    "aggregate-kind": ("aggregate", Aggregate("Nope", "size", PUBLIC_READER, DAY)),
    "aggregate-by": ("aggregate", Aggregate("TDataset", "nope", PUBLIC_READER, DAY)),
    "aggregate-path": ("aggregate", Aggregate("TDataset", "held_by.nope", PUBLIC_READER, DAY)),
    "aggregate-staff": ("aggregate", Aggregate("TDataset", "contact", PUBLIC_READER, DAY)),
    "aggregate-where": ("aggregate", Aggregate("TDataset", "size", PUBLIC_READER, DAY, where=Has("nope"))),
    "aggregate-first": ("aggregate", Aggregate("TDataset", "size", PUBLIC_READER, DAY, first=1001)),
}


@pytest.mark.parametrize("case", _INVALID_OTHERS)
def test_select_8_the_other_reads_refuse_alike(store: Blocking, case: str) -> None:
    method, query = _INVALID_OTHERS[case]
    before = store.round_trips
    with pytest.raises(InvalidSelection):
        getattr(store, method)(query)
    assert store.round_trips == before, "nothing may be read"


def test_select_all_takes_so_many_trees_and_none(store: Blocking) -> None:
    root = Select("TAgency")
    assert store.select_all([], PUBLIC_READER, DAY) == []
    assert len(store.select_all([root] * MAX_ROOTS, PUBLIC_READER, DAY)) == MAX_ROOTS
    with pytest.raises(InvalidSelection, match="at most 50"):
        store.select_all([root] * (MAX_ROOTS + 1), PUBLIC_READER, DAY)


def _beside(pages: int, counts: int, tests: int) -> Select:
    """So many pages of related nodes, the first few with their count, and so many related nodes in the filter."""
    related = tuple(Related(f"r{n}", "upstream", Select("TDataset", first=0, total=n < counts)) for n in range(pages))
    return Select("TDataset", where=Any_((Has("upstream"),) * tests) if tests else None, related=related)


@pytest.mark.parametrize(
    ("pages", "counts", "tests"), [(MAX_PATTERNS // 2, 0, 0), (40, 40, MAX_PATTERNS - 120), (0, 0, MAX_PATTERNS)]
)
def test_select_8_a_statement_is_no_wider_than_it_is_planned_in_time(pages: int, counts: int, tests: int) -> None:
    # Both stores resolve what they are asked; the widest of all would be planned for seconds each time that this runs.
    assert resolve(ask(_beside(pages, counts, tests)), SMALL).shape
    with pytest.raises(InvalidSelection, match=f"'upstream' of TDataset .* over {MAX_PATTERNS} steps .* ask for some"):
        resolve(ask(_beside(pages, counts, tests + 1)), SMALL)
