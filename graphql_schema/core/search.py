"""Search: a root field that asks the store once for hits, facets and names, and once more for what is chosen of the hits.

    search(text) ──store.search──▶ hits, total, facets, names      one round trip
                 ──store.select──▶ the rows of the hits            one more, where more than their URN and rank is chosen

The fields below read a ``Found``, as those of a list read a page; those of an edge read a row, which says its tier.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import islice
from operator import itemgetter
from typing import Any, ClassVar

from strawberry.utils.str_converters import to_camel_case

from catalog.errors import InvalidSelection
from catalog.highlight import Excerpt, excerpt
from catalog.model import MODEL
from catalog.model.declare import Property
from catalog.selection import Compare, Op, Row, Selection
from catalog.stores.port import SearchPage, SearchQuery
from catalog.text import tokens
from graphql_schema.core.chosen import Chosen
from graphql_schema.core.context import Context
from graphql_schema.core.filters import FilterTest, predicate
from graphql_schema.core.plan import Get, Mapped, Rows, shape_of, sized
from graphql_schema.core.roots import Root

__all__ = [
    "MAX_ENTRIES",
    "MAX_TEXT",
    "Counted",
    "FacetOf",
    "Facets",
    "Found",
    "Highlights",
    "Missing",
    "Objects",
    "Search",
]
__all__ += ["TierOf", "facet_of"]

MAX_TEXT = 1_000
"""Characters that can be looked for: a sign may become many letters where texts are folded."""
MAX_ENTRIES = 5
"""Entries of one list that are answered as highlights of a hit."""

_TIER = "@tier"
"""Key of a row that says how well it was found."""
_TEXTS_OF_A_HIT = 4
"""Texts of a hit that the cost of a query counts its highlights with."""


@dataclass(slots=True)
class SearchRows(Rows):
    """The rows of hits, and what else the fields of a search need."""

    words: Sequence[str] = ()
    """What is looked for."""
    facets: dict[str, None] = field(default_factory=dict[str, None])
    """What hits are counted by: paths of ``SearchQuery.facets``."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found: the source of the fields of its page. Its first fields are those of a page of a list."""

    rows: list[Row]
    has_next: bool
    end_cursor: str | None
    total: int
    facets: Mapping[str, list[tuple[Any, int]]]
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Search(Root):
    """Nodes of a kind that hold the words of a text and pass the filter, best first: at most two round trips."""

    kind: str
    tests: Mapping[str, FilterTest]

    async def answer(self, chosen: Chosen, context: Context, as_of: date) -> Any:
        """See ``Root``."""
        args = chosen.args
        if len(args["text"]) > MAX_TEXT:
            raise InvalidSelection(f"the text has {len(args['text'])} characters: at most {MAX_TEXT} are looked for")
        where = None if args.get("filter") is None else predicate(args["filter"], self.tests)
        rows = SearchRows(self.kind, where, first=sized(args), after=args.get("after"), words=tokens(args["text"]))
        shape = shape_of(chosen, rows)
        query = SearchQuery(
            self.kind,
            args["text"],
            context.reader,
            as_of,
            where,
            tuple(rows.facets),
            rows.first if rows.read else 0,
            rows.after,
        )
        page = await context.store.search(query)
        hits = await _rows(rows, page, context, as_of)
        return shape(Found(hits, page.has_next, page.end_cursor, page.total, page.facets, page.names))

    def size(self, first: int, /) -> int:
        """See ``Mapped``."""
        return first


async def _rows(rows: SearchRows, page: SearchPage, context: Context, as_of: date) -> list[Row]:
    """What is chosen of hits, in their order. What was taken away since they were found is left out."""
    urns = tuple(hit.urn for hit in page.hits)
    found: dict[str, Row] = {urn: {"urn": urn} for urn in urns}
    if urns and (rows.props or rows.below):
        select = replace(rows.select(), where=Compare("urn", Op.IN, urns), first=len(urns), after=None)
        select = replace(select, total=False, cursor=False)
        answered = await context.store.select(Selection(select, context.reader, as_of))
        found = {row["urn"]: row for row in answered.rows}
    return [{**found[hit.urn], _TIER: hit.tier} for hit in page.hits if hit.urn in found]


@dataclass(frozen=True, slots=True)
class TierOf(Mapped):
    """How well a hit was found: the name of its tier."""

    names: tuple[str, ...]

    def plan(self, _chosen: Chosen, _rows: Rows, /) -> Get:
        """See ``Mapped``."""

        def get(row: Row) -> str:
            tier: int = row[_TIER]
            return self.names[tier]

        return get


@dataclass(frozen=True, slots=True)
class Highlights(Mapped):
    """Where a hit holds the words: an excerpt of each text that is searched and does, of a list one an entry."""

    def plan(self, chosen: Chosen, rows: Rows, /) -> Get:
        """See ``Mapped``."""
        words = _searching(rows).words
        searched = [p for p in MODEL.kinds[rows.kind].properties if p.search and not p.staff]
        texts = searched if words else []
        rows.props.update(dict.fromkeys(p.name for p in texts))
        shape = shape_of(chosen, Rows(rows.kind))

        def get(row: Row) -> list[Any]:
            return [shape(found) for text in texts for found in _highlights(text, row[text.name], words)]

        return get

    def size(self, _first: int, /) -> int:
        """See ``Mapped``."""
        return _TEXTS_OF_A_HIT


def _highlights(text: Property, value: str | list[str] | None, words: Sequence[str]) -> list[dict[str, Any]]:
    entries = [value] if isinstance(value, str) else value or []
    found = (excerpt(entry, words) for entry in entries)
    return [_highlight(text, each) for each in islice(filter(None, found), MAX_ENTRIES)]


def _highlight(text: Property, found: Excerpt) -> dict[str, Any]:
    parts = [{"text": part.text, "match": part.match} for part in found.parts]
    return {
        "field": to_camel_case(text.name),
        "parts": parts,
        "cut_before": found.cut_before,
        "cut_after": found.cut_after,
    }


@dataclass(frozen=True, slots=True)
class Objects(Mapped):
    """A list of objects that its source has under this name."""

    name: str

    def plan(self, chosen: Chosen, rows: Rows, /) -> Get:
        """See ``Mapped``."""
        shape = shape_of(chosen, rows)
        return lambda source: [shape(found) for found in source[self.name]]


@dataclass(frozen=True, slots=True)
class Facets(Mapped):
    """What all hits are counted by: beside the page, whatever its size."""

    once: ClassVar[bool] = True

    def plan(self, chosen: Chosen, rows: Rows, /) -> Get:
        """See ``Mapped``."""
        return shape_of(chosen, rows)


@dataclass(slots=True)
class _FacetRows(Rows):
    """What is chosen of a facet."""

    counted: bool = False
    missing: bool = False


@dataclass(frozen=True, slots=True)
class FacetOf(Mapped):
    """What all hits are counted by: the values at the end of a path, at most ``first`` of them."""

    path: str
    """As ``SearchQuery.facets`` has it."""
    enumerated: bool
    """Whether its values are those of an enumeration."""

    def plan(self, chosen: Chosen, rows: Rows, /) -> Get:
        """See ``Mapped``. Only what is chosen of the facet is counted."""
        facets, first, path = _searching(rows).facets, sized(chosen.args), self.path
        below = _FacetRows(rows.kind)
        shape = shape_of(chosen, below)
        if below.counted:
            facets[path] = None
        # Whether there is something, every hit says.
        there = "" if path.endswith("?") else f"{path}?"
        if below.missing and there:
            facets[there] = None

        def get(found: Found) -> Any:
            counted = found.facets.get(path, ())
            values = [self._value(value, count, found.names) for value, count in counted[:first]]
            missing = dict(found.facets.get(there, ())).get(False, 0)
            return shape({"values": values, "value_count": len(counted), "missing_count": missing})

        return get

    def size(self, first: int, /) -> int:
        """See ``Mapped``."""
        return first

    def _value(self, value: Any, count: int, names: Mapping[str, str]) -> dict[str, Any]:
        if isinstance(value, bool):
            written, label = str(value).lower(), "Yes" if value else "No"
        else:
            written = str(value)
            label = written.replace("_", " ").capitalize() if self.enumerated else names.get(written, written)
        return {"value": written, "label": label, "count": count}


@dataclass(frozen=True, slots=True)
class Counted(Mapped):
    """The values of a facet with their counts, or how many there are."""

    of: Mapped

    def plan(self, chosen: Chosen, rows: Rows, /) -> Get:
        """See ``Mapped``."""
        _facet(rows).counted = True
        return self.of.plan(chosen, rows)


@dataclass(frozen=True, slots=True)
class Missing(Mapped):
    """How many hits have no value."""

    def plan(self, _chosen: Chosen, rows: Rows, /) -> Get:
        """See ``Mapped``."""
        _facet(rows).missing = True
        return itemgetter("missing_count")


def facet_of(kind: str, path: str) -> FacetOf:
    """The facet of nodes of a kind that a path leads to. Raises on a path that the model does not have."""
    *steps, last = path.removesuffix("?").split(".")
    for name in steps:
        kind = MODEL.step(kind, name).target.label
    if any(step.name == last for step in MODEL.steps(kind)):
        return FacetOf(path, enumerated=False)
    declared = MODEL.kinds[kind].property(last)
    if not declared.facet:
        raise TypeError(f"{kind}.{last} is no facet: the model has to declare it one")
    return FacetOf(path, declared.enum is not None)


def _searching(rows: Rows) -> SearchRows:
    if not isinstance(rows, SearchRows):
        raise TypeError("what a search found stands below a search only")
    return rows


def _facet(rows: Rows) -> _FacetRows:
    if not isinstance(rows, _FacetRows):
        raise TypeError("what a facet counts stands below a facet only")
    return rows
