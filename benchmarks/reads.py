"""The lineage of one dataset as Marquez's clients ask for it, by depth, over HTTP and on both stores.

    python -m benchmarks.reads --home FOLDER --output benchmarks/results/NAME.json

The graph has LAYERS layers of WIDTH datasets, 10,000 in all, and 50,000 edges, each to the next layer; a job writes each
dataset from those that feed it. ``waypost serve`` runs as its users run it, one process; one caller, a process of its own,
goes through ROOTS datasets of the layer in the middle, from which both ways are walked. An answer holds datasets with their
names, up to 1,000 as its bounds are, and jobs with their names and what they read and write. Server, client and, where there is
one, the Neo4j share the machine; what each used of the processor is measured for itself. Fails where the median is over its
bar.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from benchmarks.about import about, keep
from benchmarks.http import filled
from benchmarks.http_client import Driven, Target, drive
from benchmarks.served import Served, figures, served
from catalog.access import Audience
from catalog.batch import Batch, EdgeStatement, NodeStatement
from catalog.model.data import Dataset
from catalog.model.lineage import Job
from catalog.urn import Urn, key, openlineage
from server.neo4j_server import LTS_VERSION

LAYERS, WIDTH = 10, 1_000
EDGES = 50_000
ROOTS = 100
BARS = {3: 20.0, 5: 60.0, 10: 250.0}
"""Milliseconds, by depth, on SQLite; on Neo4j SLOWER times as many."""
SLOWER = 3.0

_NAMESPACE = "postgres://warehouse.example.gov:5432"
_DAY = date(2026, 11, 1)
_TARGET = Target("/api/v1/lineage?", (), 200, b'{"graph":[', "GET")


def batches() -> Iterator[Batch]:
    """The layered graph: seeded, the same every time."""
    rng = random.Random(11)
    least = EDGES // (WIDTH * (LAYERS - 1))
    more = EDGES - least * WIDTH * (LAYERS - 1)
    for layer in range(LAYERS):
        batch = Batch(key("source", "generated"), "benchmark", datetime(2026, 11, 1, tzinfo=UTC), _DAY)
        for place in range(WIDTH):
            number = layer * WIDTH + place
            count = 0 if layer == 0 else least + (number - WIDTH < more)
            sources = [_dataset((layer - 1) * WIDTH + each) for each in rng.sample(range(WIDTH), count)]
            _add(batch, number, sources)
        yield batch


def _add(batch: Batch, number: int, sources: list[Urn]) -> None:
    urn, job = _dataset(number), openlineage("job", "nightly", f"load_table_{number:05}")
    name = urn.rpartition(":")[2]
    batch.nodes.append(NodeStatement(Dataset(urn=urn, title=name, identifier=name), Audience.PUBLIC))
    batch.nodes.append(
        NodeStatement(Job(urn=job, namespace="nightly", name=f"load_table_{number:05}"), Audience.PUBLIC)
    )
    batch.edges.append(EdgeStatement(Job.writes, job, urn))
    for source in sources:
        batch.edges.append(EdgeStatement(Job.reads, job, source))
        batch.edges.append(EdgeStatement(Dataset.downstream, source, urn, props={"job": job}))


def _dataset(number: int) -> Urn:
    return openlineage("dataset", _NAMESPACE, f"public.table_{number:05}")


def queries(depth: int) -> list[bytes]:
    """The ends of the paths that are asked for."""
    begin = LAYERS // 2 * WIDTH
    numbers = range(begin, begin + WIDTH, WIDTH // ROOTS)
    return [f"nodeId=dataset:{_NAMESPACE}:public.table_{n:05}&depth={depth}".encode() for n in numbers]


def ask(url: str, query: bytes) -> Any:
    """One answer."""
    with urllib.request.urlopen(f"{url}{_TARGET.path}{query.decode()}", timeout=60) as answer:  # noqa: S310 - ours
        return json.load(answer)


def measure(server: Served, database: int | None, seconds: float) -> dict[str, dict[str, float]]:
    """The figures by depth, and how large the answers are."""
    found: dict[str, dict[str, float]] = {}
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        # All share the statements of a hop: the first depth must not pay for the others.
        every = [query for depth in BARS for query in queries(depth)]
        pool.submit(drive, server.url, every, 1, seconds, 0.01, target=_TARGET).result()
        for depth, bar in BARS.items():
            sent = queries(depth)
            graph = ask(server.url, sent[0])["graph"]
            size = {type_.lower() + "s": sum(n["type"] == type_ for n in graph) for type_ in ("DATASET", "JOB")}
            size["edges"] = sum(len(node["outEdges"]) for node in graph)
            pool.submit(drive, server.url, sent, 1, seconds / 2, 0.01, target=_TARGET).result()
            told = figures(server, database, partial(_driven, pool, server.url, sent, seconds))
            found[f"depth {depth}"] = {**size, **told, "bar_ms": bar * SLOWER if database else bar}
            print(
                f"  depth {depth}: " + ", ".join(f"{k} {v:g}" for k, v in found[f"depth {depth}"].items()), flush=True
            )
    return found


def _driven(pool: ProcessPoolExecutor, url: str, sent: list[bytes], seconds: float) -> Driven:
    return pool.submit(drive, url, sent, 1, 0, seconds, target=_TARGET).result()


def main() -> None:
    """Fill, serve, drive, print, keep, judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = Path(tempfile.gettempdir()) / "waypost-benchmark-reads"
    parser.add_argument("--home", type=Path, default=default, help="folder that keeps both graphs")
    parser.add_argument("--seconds", type=float, default=10, help="of each measure, after half as many to warm up")
    parser.add_argument("--output", type=Path, help="file for the figures, as JSON")
    given = parser.parse_args()
    given.home.mkdir(parents=True, exist_ok=True)
    kept: dict[str, Any] = {"about": {**about(), "neo4j": LTS_VERSION}, "seconds": given.seconds}
    answers: dict[str, Any] = {}
    for name in ("sqlite", "neo4j"):
        # A Neo4j that was just started takes its time for the first of each statement.
        patient = {"WAYPOST_QUERY_TIMEOUT_SECONDS": "60"}
        with filled(name, given.home, batches()) as (store, database), served(store, patient) as server:
            print(f"{name}, load {os.getloadavg()[0]:.1f}", flush=True)
            answers[name] = [_told(ask(server.url, queries(depth)[0])) for depth in BARS]
            # What the store and its caches do once is no part of a request.
            time.sleep(2)
            kept[name] = measure(server, database, given.seconds)
    assert answers["sqlite"] == answers["neo4j"], "the stores answer differently"
    keep(kept, given.output)
    over = [
        f"{name} {depth}" for name in answers for depth, told in kept[name].items() if told["p50_ms"] > told["bar_ms"]
    ]
    if over:
        raise SystemExit(f"over the bar: {', '.join(over)}")


def _told(answer: Any) -> Any:
    """An answer without the moments at which its store was filled."""
    for node in answer["graph"]:
        del node["data"]["createdAt"], node["data"]["updatedAt"]
    return answer


if __name__ == "__main__":
    main()
