"""Load, page, point and search on both stores, as ratios to each other and to statements written by hand, in one run.

    python -m benchmarks.run --scale 1.0 --neo4j bolt://127.0.0.1:7687 --output benchmarks/results/NAME.json

The Neo4j must be empty (or hold this very graph): it is filled and left as it is. Every measure alternates what it compares,
round by round, and takes medians, so that a slow moment of the machine meets all alike. Times are milliseconds of one
caller, in the store: through ``store.select`` and the driver, without GraphQL or HTTP.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import sqlite3
import statistics
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from neo4j import AsyncGraphDatabase

from benchmarks.world import DAY, batches, dataset_urn
from catalog.access import PUBLIC_READER
from catalog.model import MODEL
from catalog.selection import Compare, Op, Order, Related, Select, Selection
from catalog.stores.layout import Tables
from catalog.stores.neo4j.store import Neo4jStore
from catalog.stores.port import SearchQuery, Store
from catalog.stores.sqlite.store import SqliteStore

HAND = Path(__file__).parent / "handwritten"
ROUNDS = 60
Call = Callable[[], Awaitable[Any]]


@dataclass
class Report:
    """What was measured: name to median, and the ratios that are worth stating."""

    medians: dict[str, float] = field(default_factory=dict[str, float])
    ratios: dict[str, float] = field(default_factory=dict[str, float])

    def tell(self) -> None:
        for name, value in self.medians.items():
            print(f"{name:44s} {value:10.2f} ms")
        for name, value in self.ratios.items():
            print(f"{name:44s} {value:10.2f} x")


def page(columns: int = 10, after: str | None = None) -> Selection:
    """A page of 50 datasets, each with its agency, the agency's officer, columns and goals."""
    person = Related("person", "held_by", Select("Person", props=("name",), first=1))
    officer = Related("officer", "data_officer", Select("Appointment", props=("role",), first=1, related=(person,)))
    related = (
        Related("agency", "held_by", Select("Agency", props=("name",), first=1, related=(officer,))),
        Related(
            "columns", "columns", Select("Column", props=("name", "data_type"), order=Order("position"), first=columns)
        ),
        Related("goals", "serves", Select("Goal", props=("title",), order=Order("number"), first=10), edge=("how",)),
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
    for batch in batches(scale):
        await store.write(batch)
    seconds = time.perf_counter() - began
    report.medians[f"{name}: load, a dataset with 10 columns"] = seconds * 1000 / (20_000 * scale)


async def alternate(calls: dict[str, Call], report: Report, rounds: int = ROUNDS) -> None:
    """Time the calls in turn; keep the medians."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for number in range(rounds + 5):
        for name, call in calls.items():
            began = time.perf_counter()
            await call()
            if number >= 5:
                times[name].append((time.perf_counter() - began) * 1000)
    report.medians |= {name: statistics.median(found) for name, found in times.items()}


async def measure(sqlite: SqliteStore, neo4j: Neo4jStore, hand: dict[str, Call], report: Report) -> None:
    """The four measures, alternating."""
    stores: dict[str, Store] = {"sqlite": sqlite, "neo4j": neo4j}
    search = SearchQuery("Dataset", "w12 w77", PUBLIC_READER, DAY, facets=("update_frequency", "held_by"), first=50)
    following = (await sqlite.select(page())).end_cursor
    for what, selection in (
        ("page of 50", page()),
        ("next page of 50", page(after=following)),
        ("page of 50, 20 columns", page(20)),
        ("point", point()),
    ):
        calls: dict[str, Call] = {
            f"{name}: {what}": (lambda store=store, selection=selection: store.select(selection))
            for name, store in stores.items()
        }
        calls |= {name: call for name, call in hand.items() if name.endswith(f"by hand: {what}")}
        await alternate(calls, report)
    await alternate({f"{n}: search": (lambda store=store: store.search(search)) for n, store in stores.items()}, report)
    for what in ("page of 50", "next page of 50"):
        for name in stores:
            by_hand = report.medians.get(f"{name} by hand: {what}")
            if by_hand:
                report.ratios[f"{name}: {what} to by hand"] = report.medians[f"{name}: {what}"] / by_hand
    for what in ("page of 50", "point", "search"):
        report.ratios[f"neo4j to sqlite: {what}"] = report.medians[f"neo4j: {what}"] / report.medians[f"sqlite: {what}"]


def by_hand(uri: str, password: str | None, file: Path) -> dict[str, Call]:
    """The statements written by hand, over the same driver and the same file."""
    driver = AsyncGraphDatabase.driver(uri, auth=("neo4j", password) if password else None)
    database = sqlite3.connect(file, check_same_thread=False)
    params = {"day": DAY.isoformat(), "full": ["PUBLIC"], "first": 50, "columns": 10}

    async def cypher(text: str, values: dict[str, Any]) -> Any:
        async with driver.session(default_access_mode="READ") as session:
            record = await (await session.run(text, values)).single()  # pyright: ignore[reportArgumentType]
            return record[0] if record else None

    async def sql(text: str, values: dict[str, Any]) -> Any:
        def run() -> Any:
            return json.loads(database.execute(text, values).fetchone()[0])

        return await asyncio.get_running_loop().run_in_executor(None, run)

    page_cypher, page_sql = (HAND / "page.cypher").read_text(), (HAND / "page.sql").read_text()
    return {
        "neo4j by hand: page of 50": lambda: cypher(page_cypher, params),
        "sqlite by hand: page of 50": lambda: sql(page_sql, {**params, "full": json.dumps(params["full"])}),
    }


def about() -> dict[str, str]:
    """The machine and the commit."""
    commit = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False).stdout.strip()
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit,
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}",
        "sqlite": sqlite3.sqlite_version,
    }


async def main() -> None:
    """Parse, fill, measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0, help="1.0 is 20,000 datasets and 200,000 columns")
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
    await measure(sqlite, neo4j, by_hand(given.neo4j, password, given.sqlite), report)
    report.tell()
    if given.output:
        given.output.parent.mkdir(parents=True, exist_ok=True)
        kept = {"about": about(), "scale": given.scale, "medians_ms": report.medians, "ratios": report.ratios}
        given.output.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
    await sqlite.close()
    await neo4j.close()


if __name__ == "__main__":
    asyncio.run(main())
