"""Requests a second over HTTP, on both stores: one dataset, a page of 50, and the page with 10 columns of each.

    python -m benchmarks.http --home FOLDER --output benchmarks/results/NAME.json

``waypost serve`` runs as its users run it, one process, on the graph of ``world.py`` (20,000 datasets of 10 columns each). The
callers are a process of their own (``http_client.py``). Server, client and, where there is one, the Neo4j share the machine;
what each used of the processor is measured for itself. FOLDER keeps both graphs, so that the next run need not fill them.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tempfile
import time
import urllib.request
from collections.abc import Generator, Iterable
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from benchmarks.about import about, keep
from benchmarks.http_client import Driven, drive
from benchmarks.served import Served, figures, served
from benchmarks.world import batches, dataset_urn
from catalog.batch import Batch
from catalog.model import MODEL
from catalog.stores.layout import Tables
from catalog.stores.neo4j.store import Neo4jStore
from catalog.stores.port import Store
from catalog.stores.sqlite.store import SqliteStore
from server.neo4j_server import LTS_VERSION, free_port, start, stop

CALLERS = (8, 1)
PAGES = 20
"""Successive pages that the callers go through; datasets of the query for one are PAGES x 50."""
COLUMNS = 10

_AGENCY = "agency { urn name }"
_ROW = "urn title modified agency { urn name dataOfficer { role person { name } } } goals(derived: false) { goal { title } }"
_PAGE = "query ($after: String) { datasets(first: 50, after: $after) { edges { node { %s } } pageInfo { endCursor } } }"
QUERIES = {
    "one dataset": f"query ($urn: ID!) {{ dataset(urn: $urn) {{ urn title {_AGENCY} }} }}",
    "page of 50": _PAGE % _ROW,
    f"page of 50, {COLUMNS} columns": _PAGE
    % f"{_ROW} columns(first: {COLUMNS}) {{ edges {{ node {{ name dataType }} }} }}",
}


def ask(url: str, body: bytes) -> Any:
    """One answer."""
    request = urllib.request.Request(f"{url}/graphql", body, {"Content-Type": "application/json"})  # noqa: S310 - ours
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - our own address
        return json.load(answer)


def bodies_of(url: str) -> dict[str, list[bytes]]:
    """The requests of each query, which go through the graph, so that no answer is the one before."""
    cursors: list[str | None] = [None]
    body = json.dumps({"query": "{ datasets(first: 50) { pageInfo { endCursor } } }"}).encode()
    for _ in range(PAGES - 1):
        cursors.append(ask(url, body)["data"]["datasets"]["pageInfo"]["endCursor"])
        query = "query ($after: String) { datasets(first: 50, after: $after) { pageInfo { endCursor } } }"
        body = json.dumps({"query": query, "variables": {"after": cursors[-1]}}).encode()
    variables = {
        name: [{"urn": dataset_urn(n * 17)} for n in range(PAGES * 50)]
        if name == "one dataset"
        else [{"after": cursor} for cursor in cursors]
        for name in QUERIES
    }
    return {
        name: [json.dumps({"query": query, "variables": each}).encode() for each in variables[name]]
        for name, query in QUERIES.items()
    }


def measure(server: Served, database: int | None, seconds: float) -> dict[str, dict[str, float]]:
    """The figures of each query, by the number of callers."""
    found: dict[str, dict[str, float]] = {}
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        for name, bodies in bodies_of(server.url).items():
            for callers in CALLERS:
                pool.submit(drive, server.url, bodies, callers, seconds / 2, 0.01).result()
                driving = partial(_driven, pool, server.url, bodies, callers, seconds)
                told = found[f"{name}, {callers} callers"] = figures(server, database, driving)
                print(f"  {name}, {callers} callers: " + ", ".join(f"{k} {v:.2f}" for k, v in told.items()), flush=True)
    return found


def _driven(pool: ProcessPoolExecutor, url: str, bodies: list[bytes], callers: int, seconds: float) -> Driven:
    return pool.submit(drive, url, bodies, callers, 0, seconds).result()


async def fill(store: Store, said: Iterable[Batch]) -> None:
    """Load a graph unless there is one already."""
    await store.migrate()
    if not await store.revision():
        for batch in said:
            await store.write(batch)
    await store.close()


@contextmanager
def filled(name: str, home: Path, said: Iterable[Batch]) -> Generator[tuple[str, int | None]]:
    """The address of a store that holds a graph, and the process of its database where it is one of its own."""
    tables = Tables(MODEL)
    if name == "sqlite":
        file = home / "graph.db"
        asyncio.run(fill(SqliteStore.open(file, tables), said))
        yield f"sqlite:{file}", None
        return
    server = start(home / "neo4j", version=LTS_VERSION, bolt_port=free_port(), password=None)
    try:
        asyncio.run(fill(Neo4jStore.open(server.uri, tables, write_timeout_seconds=120), said))
        yield server.uri, server.pid
    finally:
        stop(home / "neo4j")


def main() -> None:
    """Fill, serve, drive, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = Path(tempfile.gettempdir()) / "waypost-benchmark-http"
    parser.add_argument("--home", type=Path, default=default, help="folder that keeps both graphs")
    parser.add_argument("--seconds", type=float, default=10, help="of each measure, after half as many to warm up")
    parser.add_argument("--output", type=Path, help="file for the figures, as JSON")
    given = parser.parse_args()
    given.home.mkdir(parents=True, exist_ok=True)
    kept: dict[str, Any] = {"about": {**about(), "neo4j": LTS_VERSION}, "seconds": given.seconds}
    answers: dict[str, Any] = {}
    for name in ("sqlite", "neo4j"):
        with filled(name, given.home, batches(columns=COLUMNS)) as (store, database), served(store) as server:
            print(f"{name}, load {os.getloadavg()[0]:.1f}", flush=True)
            answers[name] = [ask(server.url, bodies[0]) for bodies in bodies_of(server.url).values()]
            # What the store and its caches do once is no part of a request.
            time.sleep(2)
            kept[name] = measure(server, database, given.seconds)
    assert answers["sqlite"] == answers["neo4j"], "the stores answer differently"
    keep(kept, given.output)


if __name__ == "__main__":
    main()
