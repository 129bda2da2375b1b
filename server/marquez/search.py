"""``GET /search``: datasets and jobs by words."""

from __future__ import annotations

import asyncio
from typing import Literal

from catalog.errors import InvalidUrn
from catalog.selection import Compare, Op, Row, Select
from catalog.stores.port import SearchPage, SearchQuery
from graphql_schema.core.search import MAX_TEXT
from server.marquez.asking import Asking, bad
from server.marquez.lists import MAX_LISTED
from server.marquez.names import dataset_id, job_id, named, within
from server.marquez.rows import ids
from server.marquez.shapes import SearchHit, SearchHits

__all__ = ["search"]

_DEFAULT = 10
_TYPES: dict[str, Literal["DATASET", "JOB"]] = {"Dataset": "DATASET", "Job": "JOB"}
_SORTS = ("NAME", "UPDATE_AT", "UPDATED_AT")


async def search(asking: Asking) -> SearchHits:
    """The best hits among datasets and jobs, then by name or with the latest first. Three round trips, two of them at once."""
    query = asking.query
    words, limit = query.text("q"), query.number("limit", _DEFAULT, 0, MAX_LISTED)
    if len(words) > MAX_TEXT:
        raise bad(f"'q' has {len(words)} characters: at most {MAX_TEXT} are looked for")
    only, sort = query.choice("filter", _TYPES.values()), query.choice("sort", _SORTS)
    namespace = query.maybe("namespace")
    kinds = [kind for kind, type_ in _TYPES.items() if only in (None, type_)]
    pages = await asyncio.gather(*(_found(asking, kind, words, namespace, limit) for kind in kinds))
    best = sorted((hit.tier, kind, hit.urn) for kind, page in zip(kinds, pages, strict=True) for hit in page.hits)
    hits = await _hits(asking, [(kind, urn) for _, kind, urn in best[:limit]])
    if sort in (None, "NAME"):
        hits.sort(key=lambda hit: (hit.name, hit.namespace, hit.type))
    else:
        hits.sort(key=lambda hit: (hit.updated_at, hit.node_id), reverse=True)
    return SearchHits(total_count=sum(page.total for page in pages), results=hits)


async def _found(asking: Asking, kind: str, words: str, namespace: str | None, limit: int) -> SearchPage:
    where = None
    if namespace is not None:
        try:
            where = Compare("urn", Op.WITHIN, within(kind.lower(), namespace))
        except InvalidUrn:
            return SearchPage([], 0, has_next=False, end_cursor=None)
    query = SearchQuery(kind, words, asking.reader, asking.context.today, where, first=limit)
    return await asking.store.search(query)


async def _hits(asking: Asking, best: list[tuple[str, str]]) -> list[SearchHit]:
    """What was found, with when it was last told of; what was taken away since is left out."""
    wanted = {kind: [urn for each, urn in best if each == kind] for kind in _TYPES}
    selects = [Select(kind, ("recorded_at",), ids(urns), first=len(urns)) for kind, urns in wanted.items() if urns]
    pages = await asking.store.select_all(selects, asking.reader, asking.context.today)
    rows: dict[str, Row] = {row["urn"]: row for page in pages for row in page.rows}
    return [_hit(kind, rows[urn]) for kind, urn in best if urn in rows]


def _hit(kind: str, row: Row) -> SearchHit:
    namespace, name = named(row["urn"])
    return SearchHit(
        type=_TYPES[kind],
        name=name,
        updated_at=row["recorded_at"],
        namespace=namespace,
        node_id=(dataset_id if kind == "Dataset" else job_id)(row["urn"]),
    )
