"""One question to two stores: the first difference between their answers, page by page."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from catalog.selection import All, Compare, Op, Page, Selection
from catalog.stores.port import Aggregate, Expand, Expansion, SearchPage, SearchQuery
from tests.support.compare import difference

__all__ = ["Answering", "Tally", "differs_in_search", "differs_in_selection", "differs_in_walk"]
__all__ += ["questions_of"]

MAX_PAGES = 40
MAX_PAGES_BELOW = 5


class Answering(Protocol):
    """What answers: a store that waits, or the oracle."""

    def select(self, selection: Selection) -> Page: ...
    def expand(self, query: Expand) -> Expansion: ...
    def search(self, query: SearchQuery) -> SearchPage: ...
    def aggregate(self, query: Aggregate) -> list[tuple[Any, int]]: ...


@dataclass
class Tally:
    """How telling the questions were: an answer without rows shows little, and so does a list of one page."""

    answers: int = 0
    not_empty: int = 0
    paged: int = 0

    def count(self, *, empty: bool, pages: int) -> None:
        self.answers += 1
        self.not_empty += not empty
        self.paged += pages > 1

    def check(self) -> None:
        """At least four in five were not empty, three in ten over more than one page."""
        assert 100 * self.not_empty >= 80 * self.answers, self
        assert 100 * self.paged >= 30 * self.answers, self


def questions_of(oracle: Answering, selection: Selection) -> Iterator[tuple[Selection, Page]]:
    """A selection, the pages that follow, and those below the first row that has more; each with the right answer."""
    asked = selection
    for _ in range(MAX_PAGES):
        right = oracle.select(asked)
        yield asked, right
        yield from _below(oracle, asked, right)
        if not right.has_next or right.end_cursor is None:
            return
        asked = dataclasses.replace(asked, root=dataclasses.replace(asked.root, after=right.end_cursor))


def _below(oracle: Answering, selection: Selection, page: Page) -> Iterator[tuple[Selection, Page]]:
    """The pages below one row, for the first row and relation that have more than one."""
    for row in page.rows:
        for place, related in enumerate(selection.root.related):
            below: Page = row[related.name]
            for _ in range(MAX_PAGES_BELOW):
                if not below.has_next or below.end_cursor is None:
                    break
                asked = _continued(selection, row["urn"], place, below.end_cursor)
                right = oracle.select(asked)
                yield asked, right
                below = right.rows[0][related.name]
            else:
                return


def _continued(selection: Selection, urn: str, place: int, after: str) -> Selection:
    """The same of one row, and below it, in one place, what comes after."""
    root = selection.root
    this = Compare("urn", Op.EQ, urn)
    related = list(root.related)
    related[place] = dataclasses.replace(related[place], select=dataclasses.replace(related[place].select, after=after))
    where = All((root.where, this)) if root.where else this
    one = dataclasses.replace(root, where=where, related=tuple(related), after=None, skip=0, first=max(root.first, 1))
    return dataclasses.replace(selection, root=one)


def differs_in_selection(
    expected: Answering, got: Answering, selection: Selection, tally: Tally | None = None
) -> str | None:
    """Ask both, then for the pages that follow, then for what follows below a row."""
    pages = rows = 0
    for asked, right in questions_of(expected, selection):
        different = difference(right, got.select(asked))
        if different:
            return f"{different}\n  in {asked}"
        if asked.root.where == selection.root.where:
            pages += bool(right.rows)
            rows += len(right.rows)
    if tally:
        tally.count(empty=not rows, pages=pages)
    return None


def differs_in_search(
    expected: Answering, got: Answering, query: SearchQuery, tally: Tally | None = None
) -> str | None:
    """Ask both, and for the pages that follow. What a cursor of search looks like is each store's own."""
    ours, theirs = query, query
    pages = 0
    total = 0
    while True:
        right, found = expected.search(ours), got.search(theirs)
        plain = [dataclasses.replace(page, end_cursor=None) for page in (right, found)]
        different = difference(plain[0], plain[1])
        if different is None and (right.end_cursor is None) is not (found.end_cursor is None):
            different = f"end_cursor: expected {right.end_cursor}, got {found.end_cursor}"
        if different:
            return f"{different}\n  in page {pages} of {query}"
        pages += 1
        total = right.total
        if not right.has_next or pages >= MAX_PAGES:
            break
        ours = dataclasses.replace(query, after=right.end_cursor)
        theirs = dataclasses.replace(query, after=found.end_cursor)
    if tally:
        tally.count(empty=not total, pages=pages)
    return None


def differs_in_walk(expected: Answering, got: Answering, query: Expand, depth: int = 3) -> str | None:
    """Expand from a frontier, and from where that leads, as a traversal would: by ids that the hop before answered."""
    for hop in range(depth):
        right, found = expected.expand(query), got.expand(query)
        different = difference(right, found)
        if different:
            return f"{different}\n  in hop {hop} of {query}"
        if not right.hops:
            return None
        query = dataclasses.replace(query, frontier=tuple(sorted({h.end for h in right.hops})))
    return None
