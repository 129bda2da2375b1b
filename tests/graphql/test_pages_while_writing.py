"""Pages while four writers insert, close and retitle datasets: what stood all the time is neither missed nor doubled.

The reader goes on only after something was written, so that no two pages are of the same graph.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from catalog.access import PUBLIC_READER, Audience
from catalog.batch import Batch, Close, EdgeStatement, NodeStatement
from catalog.model import MODEL
from catalog.model.data import Dataset
from catalog.model.enums import ServesHow
from catalog.model.people import Agency
from catalog.model.plan import Goal
from catalog.stores.layout import Tables
from catalog.stores.port import Store
from catalog.urn import Urn, key
from graphql_schema import Context, Request, answer, build_schema
from tests.contract.workshop import Workshop
from tests.support.patience import PATIENCE

_TODAY = date(2022, 3, 20)
_WRITERS = 4
_STANDING, _MOVING = 90, 24
_SDE, _OPEN_DATA = key("agency", "test", "sde"), key("goal", "test", "g1")
_SOURCES = [key("source", "test", name) for name in ("harvest", "survey")]

_ROOT = """query ($order: DatasetOrder, $after: String) {
    datasets(first: 7, after: $after, orderBy: $order) { edges { node { urn } } pageInfo { hasNextPage endCursor } }
}"""
_HELD = f"""query ($after: String) {{ agency(urn: "{_SDE}") {{
    datasets(first: 7, after: $after) {{ edges {{ node {{ urn }} }} pageInfo {{ hasNextPage endCursor }} }}
}} }}"""
# An entry for each of the two sources that say so: pages end between them.
_SERVING = f"""query ($after: String) {{ goal(urn: "{_OPEN_DATA}") {{
    assets(first: 7, after: $after) {{
        edges {{ source node {{ urn }} }} pageInfo {{ hasNextPage endCursor }}
    }}
}} }}"""


@dataclass
class Question:
    """A list, how it is ordered, and whether what is retitled changes its place there."""

    text: str
    order: dict[str, str] | None = None
    moves: bool = True
    sources: int = 1
    """Entries of each dataset."""


_QUESTIONS = {
    "title": Question(_ROOT, {"field": "TITLE", "direction": "ASC"}),
    "title descending": Question(_ROOT, {"field": "TITLE", "direction": "DESC"}),
    "modified": Question(_ROOT, {"field": "MODIFIED", "direction": "ASC"}, moves=False),
    "urn": Question(_ROOT, {"field": "URN", "direction": "DESC"}, moves=False),
    "of an agency": Question(_HELD),
    "of a goal": Question(_SERVING, sources=2),
}


@dataclass
class Catalog:
    """What stands all the time and what is retitled; ``wrote`` is set at each write, ``done`` when the reader is."""

    standing: list[Urn]
    moving: list[Urn]
    wrote: asyncio.Event = field(default_factory=asyncio.Event)
    done: asyncio.Event = field(default_factory=asyncio.Event)
    written: Counter[str] = field(default_factory=Counter[str])
    moment: count[int] = field(default_factory=count)

    def batch(self, source: int = 0) -> Batch:
        at = datetime(2022, 1, 1, tzinfo=UTC) + timedelta(seconds=next(self.moment))
        return Batch(_SOURCES[source], "test", at, date(2022, 1, 1))


def _dataset(urn: Urn, title: str) -> Dataset:
    # Of few days and of none, always the same for the same dataset; what is equal there is ordered by URN.
    modified = random.Random(urn).choice([None, *(date(2021, 1, day) for day in (1, 2, 3))])
    return Dataset(urn=urn, title=title, modified=modified)


def _title(rng: random.Random) -> str:
    """One among those of what stands, often the same as one of them."""
    return f"Title {rng.randrange(_STANDING):02}"


def _say(batch: Batch, dataset: Dataset) -> None:
    batch.nodes.append(NodeStatement(dataset, Audience.PUBLIC))
    batch.edges.append(EdgeStatement(Dataset.held_by, dataset.urn, _SDE))
    _serve(batch, dataset.urn)


def _serve(batch: Batch, urn: Urn) -> None:
    batch.edges.append(EdgeStatement(Dataset.serves, urn, _OPEN_DATA, props={"how": ServesHow.DECLARED}))


def _begin() -> tuple[Catalog, list[Batch]]:
    rng = random.Random("pages")
    standing = [key("dataset", "test", f"{number:02}-stands") for number in range(_STANDING)]
    moving = [key("dataset", "test", f"{number:02}-moves") for number in range(_MOVING)]
    catalog = Catalog(standing, moving)
    first, second = catalog.batch(0), catalog.batch(1)
    first.nodes += [
        NodeStatement(Agency(urn=_SDE, name="SDE")),
        NodeStatement(Goal(urn=_OPEN_DATA, number=1, title="Open")),
    ]
    for number, urn in enumerate(standing):
        _say(first, _dataset(urn, f"Title {number:02}"))
    for urn in moving:
        _say(first, _dataset(urn, _title(rng)))
    for urn in (*standing, *moving):
        _serve(second, urn)
    return catalog, [first, second]


async def _write(store: Store, catalog: Catalog, writer: int) -> None:
    """Insert, close what was inserted some turns before, and retitle; and speak of what stands without moving it."""
    rng = random.Random(f"writer {writer}")
    mine: list[Urn] = []
    turn = 0
    while not catalog.done.is_set():
        batch = catalog.batch()
        inserted = key("dataset", "test", f"{rng.randrange(_STANDING):02}-{writer}-{turn}")
        _say(batch, _dataset(inserted, _title(rng)))
        mine.append(inserted)
        if len(mine) > 2:
            batch.closes.append(Close(mine.pop(rng.randrange(2)), date(2022, 3, 1), "It is gone."))
        moved = rng.choice(catalog.moving[writer::_WRITERS])
        batch.nodes.append(NodeStatement(_dataset(moved, _title(rng)), Audience.PUBLIC))
        batch.edges.append(EdgeStatement(Dataset.held_by, rng.choice(catalog.standing), _SDE))
        result = await store.write(batch)
        assert result.changed
        catalog.written["inserted"] += result.created.get("Dataset", 0)
        catalog.written["closed"] += result.closed.get("Dataset", 0)
        catalog.written["retitled"] += result.updated.get("Dataset", 0)
        catalog.wrote.set()
        turn += 1
        await asyncio.sleep(0)


async def _page(store: Store, question: Question, after: str | None) -> dict[str, Any]:
    context = Context(store, PUBLIC_READER, _TODAY, "pages")
    request = Request(question.text, {"order": question.order, "after": after} if question.order else {"after": after})
    found = await answer(build_schema(), request, context, PATIENCE)
    assert found.errors == []
    assert found.data is not None
    (page,) = found.data.values()
    return page if "edges" in page else next(iter(page.values()))


async def _pages(store: Store, catalog: Catalog, question: Question) -> AsyncIterator[dict[str, Any]]:
    after: str | None = None
    while True:
        page = await _page(store, question, after)
        yield page
        if not page["pageInfo"]["hasNextPage"]:
            return
        after = page["pageInfo"]["endCursor"]
        catalog.wrote.clear()
        await catalog.wrote.wait()


async def _read(store: Store, catalog: Catalog, question: Question) -> list[tuple[str, str]]:
    """(urn, source) of every entry of every page, in order."""
    pages = [page async for page in _pages(store, catalog, question)]
    assert len(pages) > question.sources * _STANDING // 7
    return [(edge["node"]["urn"], edge.get("source", "")) for page in pages for edge in page["edges"]]


def _check(found: list[tuple[str, str]], catalog: Catalog, question: Question) -> None:
    counts = Counter(found)
    standing = Counter({entry: times for entry, times in counts.items() if entry[0] in catalog.standing})
    sources = _SOURCES if question.sources > 1 else [""]
    assert standing == Counter((urn, source) for urn in catalog.standing for source in sources)
    moving = set(catalog.moving) if question.moves else set[str]()
    assert [entry for entry, times in counts.items() if times > 1 and entry[0] not in moving] == []
    if not question.moves:
        assert {(urn, "") for urn in catalog.moving} <= counts.keys()


async def _all_at_once(stores: list[Store], catalog: Catalog, question: Question, rounds: int) -> None:
    reader, *writers = stores
    tasks = [asyncio.create_task(_write(store, catalog, number)) for number, store in enumerate(writers)]
    try:
        for _ in range(rounds):
            _check(await _read(reader, catalog, question), catalog, question)
    finally:
        catalog.done.set()
        await asyncio.gather(*tasks)
    assert min(catalog.written[what] for what in ("inserted", "closed", "retitled")) >= _WRITERS


def _run(workshop: Workshop, question: Question, rounds: int) -> None:
    catalog, said = _begin()
    store = workshop.fresh(Tables(MODEL))
    for batch in said:
        store.write(batch)
    stores = [store.store, *(workshop.again(Tables(MODEL)).store for _ in range(_WRITERS))]
    store.wait(_all_at_once(stores, catalog, question, rounds))


@pytest.mark.parametrize(
    "question",
    [pytest.param(name, marks=[pytest.mark.long_on_neo4j] * (name != "of a goal")) for name in _QUESTIONS],
)
def test_pages_neither_miss_nor_double_what_stands(workshop: Workshop, question: str) -> None:
    _run(workshop, _QUESTIONS[question], rounds=1)


@pytest.mark.long
@pytest.mark.parametrize("question", list(_QUESTIONS))
def test_pages_neither_miss_nor_double_what_stands_many_times(workshop: Workshop, question: str) -> None:
    _run(workshop, _QUESTIONS[question], rounds=12)
