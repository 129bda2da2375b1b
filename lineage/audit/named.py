"""What an audit names by URN, and what that is called: read from the store once it is known what is named."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import islice

from catalog.access import STAFF_READER
from catalog.selection import MAX_PAGE, Compare, Op, Select
from catalog.stores.port import Store
from catalog.urn import kind_of
from lineage.audit.report import ClassRow, FlowFindingRow, FlowRow, LeakRow, Row

__all__ = ["named", "read_titles"]

_CALLED = {"agreement": ("Agreement", "title"), "dataset": ("Dataset", "title"), "system": ("System", "name")}
"""Slugs of kinds whose titles are read, with the kind and the property. Those of flows came with the facts (``Gathered``)."""
_PAGES = 10
"""Pages of nodes that are asked for in one round trip."""


def named(row: Row) -> Iterator[str]:
    """The URNs of all datasets, systems, flows and agreements that a row names, in no order, some of them again and again."""
    match row:
        case FlowRow():
            yield from (row.flow, row.source, row.target, *row.by)
            yield from (tried.agreement for owed in row.owed for tried in owed.tried)
            yield from (claim.agreement for claim in row.failing_claims)
        case LeakRow():
            yield from (row.protected, row.open, *row.datasets, *row.flows)
        case ClassRow():
            yield row.dataset
        case FlowFindingRow():
            yield row.flow
            if row.agreement is not None:
                yield row.agreement
        case _:
            yield from (row.agreement, *row.flows, *row.undecided, *row.cut_off, *row.thinned)


async def read_titles(store: Store, urns: Iterable[str], day: date) -> dict[str, str]:
    """What the datasets, systems and agreements among these URNs are called, by URN, whether or not they hold on the day.

    In no order. What is called nothing, or was retracted meanwhile, is not there. A round trip for each 10,000 of them, none for none.
    """
    selects = _selects(urns)
    found: dict[str, str] = {}
    while some := list(islice(selects, _PAGES)):
        for select, page in zip(some, await store.select_all(some, STAFF_READER, day), strict=True):
            (prop,) = select.props
            found.update((row["urn"], row[prop]) for row in page.rows if row[prop])
    return found


def _selects(urns: Iterable[str]) -> Iterator[Select]:
    by_slug: dict[str, list[str]] = defaultdict(list)
    for urn in sorted(set(urns)):
        by_slug[kind_of(urn)].append(urn)
    for slug, (kind, prop) in _CALLED.items():
        asked = by_slug[slug]
        for start in range(0, len(asked), MAX_PAGE):
            some = tuple(asked[start : start + MAX_PAGE])
            yield Select(kind, (prop,), Compare("urn", Op.IN, some), first=len(some), cursor=False, ever=True)
