"""Load, page, point and search on both stores, as ratios to each other and to statements written by hand, in one run.

    python -m benchmarks.run --scale 1.0 --neo4j bolt://127.0.0.1:7687 --output benchmarks/results/NAME.json

The Neo4j must be empty (or hold this very graph): it is filled and left as it is. Every measure alternates what it compares,
round by round, and takes medians, so that a slow moment of the machine meets all alike. Times are milliseconds of one
caller, in the store: through ``store.select`` and the driver, without GraphQL or HTTP.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import sqlite3
import statistics
import tempfile
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from neo4j import AsyncGraphDatabase

from benchmarks.about import about, keep
from benchmarks.world import DAY, batches, dataset_urn
from catalog.access import PUBLIC_READER
from catalog.model import MODEL
from catalog.selection import Compare, Cursor, Op, Order, Page, Related, Row, Select, Selection
from catalog.stores.layout import Tables
from catalog.stores.neo4j.store import Neo4jStore
from catalog.stores.port import SearchQuery, Store
from catalog.stores.sqlite.store import SqliteStore

HAND = Path(__file__).parent / "handwritten"
COLUMNS = 20
ROUNDS = 100
WARM = 20
"""Rounds that do not count: plans, caches and the virtual machine of the Neo4j are warm after them."""
Call = Callable[[], Awaitable[Any]]
ByHand = dict[str, Callable[[str, dict[str, Any]], Awaitable[Any]]]
"""Store to what asks its statement of this name with these parameters."""


@dataclass
class Report:
    """What was measured: name to median, and the ratios that are worth stating."""

    medians: dict[str, float] = field(default_factory=dict[str, float])
    ratios: dict[str, float] = field(default_factory=dict[str, float])

    def tell(self) -> None:
        for name, value in self.medians.items():
            print(f"{name:60s} {value:10.2f} ms")
        for name, value in self.ratios.items():
            print(f"{name:60s} {value:10.2f} x")


def page(columns: int = 10, after: str | None = None) -> Selection:
    """A page of 50 datasets, each with its agency, the agency's officer, columns and goals; only the whole is gone on from."""
    person = Related("person", "held_by", Select("Person", props=("name",), first=1, cursor=False))
    seat = Select("Appointment", props=("role",), first=1, cursor=False, related=(person,))
    officer = Related("officer", "data_officer", seat)
    agency = Select("Agency", props=("name",), first=1, cursor=False, related=(officer,))
    listed = Select("Column", props=("name", "data_type"), order=Order("position"), first=columns, cursor=False)
    goals = Select("Goal", props=("title",), order=Order("number"), first=10, cursor=False)
    related = (
        Related("agency", "held_by", agency),
        Related("columns", "columns", listed),
        Related("goals", "serves", goals, edge=("how",)),
    )
    select = Select(
        "Dataset", props=("title", "modified"), order=Order("title"), first=50, after=after, related=related
    )
    return Selection(select, PUBLIC_READER, DAY)


def point() -> Selection:
    """One dataset with its agency."""
    agency = Related("agency", "held_by", Select("Agency", props=("name",), first=1))
    where = Compare("urn", Op.EQ, dataset_urn(4242))
    return Selection(Select("Dataset", props=("title",), where=where, first=1, related=(agency,)), PUBLIC_READER, DAY)


async def fill(store: Store, scale: float, name: str, report: Report) -> None:
    """Load the generated graph unless it is there already."""
    await store.migrate()
    if await store.revision():
        return
    began = time.perf_counter()
    for batch in batches(scale, columns=COLUMNS):
        await store.write(batch)
    seconds = time.perf_counter() - began
    report.medians[f"{name}: load, a dataset with {COLUMNS} columns"] = seconds * 1000 / (20_000 * scale)


async def alternate(calls: dict[str, Call], report: Report, pairs: list[tuple[str, str]]) -> None:
    """Time the calls in turn; keep the medians, and for each pair the median of the ratios of neighbours."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for number in range(ROUNDS + WARM):
        for name, call in calls.items():
            began = time.perf_counter()
            await call()
            if number >= WARM:
                times[name].append((time.perf_counter() - began) * 1000)
    report.medians |= {name: statistics.median(found) for name, found in times.items()}
    for one, other in pairs:
        ratios = [a / b for a, b in zip(times[one], times[other], strict=True)]
        report.ratios[f"{one} to {other.partition(':')[0]}"] = statistics.median(ratios)


async def measure(sqlite: SqliteStore, neo4j: Neo4jStore, hand: ByHand, report: Report) -> None:
    """The measures, each of which alternates what it compares."""
    stores: dict[str, Store] = {"sqlite": sqlite, "neo4j": neo4j}
    first = await sqlite.select(page())
    after = Cursor.decode(first.end_cursor or "", Order("title"))
    following = {"after_title": after.key, "after_urn": after.urn}
    for what, selection, statement, values in (
        ("page of 50", page(), "page", {"columns": 10}),
        ("next page of 50", page(after=first.end_cursor), "page_next", {"columns": 10, **following}),
        (f"page of 50, {COLUMNS} columns", page(COLUMNS), "page", {"columns": COLUMNS}),
        ("point", point(), None, {}),
    ):
        calls: dict[str, Call] = {
            f"{name}: {what}": (lambda store=store, selection=selection: store.select(selection))
            for name, store in stores.items()
        }
        if statement:
            for name, ask in hand.items():
                calls[f"{name} by hand: {what}"] = lambda ask=ask, statement=statement, values=values: ask(
                    statement, values
                )
                answer = await stores[name].select(selection)
                assert await ask(statement, values) == _plain(answer.rows), f"{name}: {what} differs"
        pairs = [(f"{name}: {what}", f"{name} by hand: {what}") for name in hand if statement]
        await alternate(calls, report, [*pairs, (f"neo4j: {what}", f"sqlite: {what}")])
    search = SearchQuery("Dataset", "w12 w77", PUBLIC_READER, DAY, facets=("update_frequency", "held_by"), first=50)
    calls = {f"{name}: search": (lambda store=store: store.search(search)) for name, store in stores.items()}
    await alternate(calls, report, [("neo4j: search", "sqlite: search")])


def _plain(rows: list[Row]) -> list[Row]:
    """Rows of a store without what the statements by hand do not tell: whether there is more, and where to go on."""
    return [{name: _plain(of.rows) if isinstance(of, Page) else of for name, of in row.items()} for row in rows]


def _named(page: list[Any]) -> list[Row]:
    """The lists of a statement by hand as the rows that a caller of the store gets."""
    return [
        {
            "urn": urn,
            "title": title,
            "modified": modified,
            "agency": [
                {
                    "urn": agency,
                    "name": name,
                    "officer": [
                        {"urn": officer, "role": role, "person": [{"urn": who, "name": n} for who, n in people]}
                        for officer, role, people in officers
                    ],
                }
                for agency, name, officers in agencies
            ],
            "columns": [{"urn": column, "name": name, "data_type": type_} for column, name, type_ in columns],
            "goals": [{"urn": goal, "title": title, "@edge": {"how": how}} for goal, title, how in goals],
        }
        for urn, title, modified, agencies, columns, goals in page
    ]


@contextlib.asynccontextmanager
async def by_hand(uri: str, password: str | None, file: Path) -> AsyncGenerator[ByHand]:
    """The statements written by hand, over the same driver and the same file, each until the same rows are there."""
    driver = connected(uri, password)
    database = sqlite3.connect(file, check_same_thread=False)
    # As a reader of the store has them.
    database.executescript("PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384; PRAGMA mmap_size = 1073741824;")
    params = {"day": DAY.isoformat(), "full": ["PUBLIC"], "first": 50}
    texts = {
        path.name: path.read_text(encoding="utf-8") for path in HAND.iterdir() if path.suffix in (".cypher", ".sql")
    }

    async def cypher(statement: str, values: dict[str, Any]) -> Any:
        async with driver.session(default_access_mode="READ") as session:
            text: Any = texts[f"{statement}.cypher"]
            record = await (await session.run(text, {**params, **values})).single()
            return _named(record[0]) if record else None

    async def sql(statement: str, values: dict[str, Any]) -> Any:
        sent = {**params, "full": json.dumps(params["full"]), **values}

        def run() -> Any:
            return _named(msgspec.json.decode(database.execute(texts[f"{statement}.sql"], sent).fetchone()[0]))

        return await asyncio.get_running_loop().run_in_executor(None, run)

    yield {"neo4j": cypher, "sqlite": sql}
    await driver.close()
    database.close()


def connected(uri: str, password: str | None) -> Any:
    """A driver of our own, beside the store's. Its options are untyped, and so it is."""
    driver: Any = AsyncGraphDatabase
    return driver.driver(uri, auth=("neo4j", password) if password else None)


async def version(uri: str, password: str | None) -> str:
    """The name and version of the server."""
    async with connected(uri, password) as driver:
        return (await driver.get_server_info()).agent


async def main() -> None:
    """Parse, fill, measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0, help="1.0 is 20,000 datasets of 20 columns each")
    parser.add_argument("--neo4j", required=True, help="address of an empty Neo4j, or of one filled by this program")
    parser.add_argument("--sqlite", type=Path, default=Path(tempfile.gettempdir()) / "waypost-benchmark.db")
    parser.add_argument("--output", type=Path, help="file for the figures, as JSON")
    given = parser.parse_args()
    password = os.environ.get("WAYPOST_NEO4J_PASSWORD")
    tables, report = Tables(MODEL), Report()
    sqlite = SqliteStore.open(given.sqlite, tables)
    neo4j = Neo4jStore.open(given.neo4j, tables, password=password, read_timeout_seconds=60, write_timeout_seconds=120)
    await fill(sqlite, given.scale, "sqlite", report)
    await fill(neo4j, given.scale, "neo4j", report)
    async with by_hand(given.neo4j, password, given.sqlite) as hand:
        await measure(sqlite, neo4j, hand, report)
    report.tell()
    about_all = {**about(), "neo4j": await version(given.neo4j, password)}
    kept = {"about": about_all, "scale": given.scale, "medians_ms": report.medians, "ratios": report.ratios}
    keep(kept, given.output)
    await sqlite.close()
    await neo4j.close()


if __name__ == "__main__":
    asyncio.run(main())
