"""OpenLineage events a second over HTTP, on both stores: one a request, and in batches.

    python -m benchmarks.events --output benchmarks/results/NAME.json

``waypost serve`` runs as its users run it, on an empty store; the callers are a process of their own. Each event is the end of
a new run of one of JOBS jobs, with 6 datasets of 10 columns each; of 20 events one has a dataset with a column that was not
seen before. Server, client and, where there is one, the Neo4j share the machine.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import secrets
import tempfile
import uuid
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from benchmarks.about import about, keep
from benchmarks.http_client import Driven, Target, drive
from benchmarks.served import Served, figures, served
from server.neo4j_server import LTS_VERSION, free_port, start, stop

JOBS = 200
INPUTS, OUTPUTS, COLUMNS = 4, 2, 10
NEW_SCHEMA = 20
"""Of so many events one has a schema that was not seen before."""
BATCH = 500
_KEY = secrets.token_urlsafe(24)
_HEADERS = ("Content-Type: application/json", f"Authorization: Bearer {_KEY}")
ONE = Target("/api/v1/lineage", _HEADERS, 201)
SEVERAL = Target("/api/v1/lineage/batch", _HEADERS, 200, b'{"status":"success"')


def events(seed: int) -> Iterator[dict[str, Any]]:
    """Events without end, each of a run of its own."""
    rng = random.Random(seed)
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    versions: dict[str, int] = {}
    for number in range(10**9):
        job = rng.randrange(JOBS)
        names = [f"layer{job % 10}.table{(job * 7 + n) % (JOBS * 3)}" for n in range(INPUTS)]
        made = [f"layer{job % 10 + 1}.table{job * OUTPUTS + n}" for n in range(OUTPUTS)]
        if not number % NEW_SCHEMA:
            versions[made[0]] = versions.get(made[0], 0) + 1
        moment += timedelta(milliseconds=700)
        yield {
            "eventType": "COMPLETE",
            "eventTime": moment.isoformat(),
            "producer": "https://example.gov/benchmark",
            "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
            "run": {"runId": str(uuid.UUID(int=rng.getrandbits(128), version=4)), "facets": {}},
            "job": {"namespace": "benchmark", "name": f"job{job}", "facets": {}},
            "inputs": [_dataset(name, versions) for name in names],
            "outputs": [_dataset(name, versions) for name in made],
        }


def _dataset(name: str, versions: dict[str, int]) -> dict[str, Any]:
    fields = [{"name": f"column{n}", "type": "VARCHAR"} for n in range(COLUMNS - 1)]
    fields.append({"name": f"version{versions.get(name, 0)}", "type": "INTEGER"})
    schema = {
        "_producer": "https://example.gov/benchmark",
        "_schemaURL": "https://openlineage.io/spec/facets/1-1-1/SchemaDatasetFacet.json",
        "fields": fields,
    }
    return {"namespace": "postgres://warehouse.example.gov:5432", "name": name, "facets": {"schema": schema}}


def measure(server: Served, database: int | None, seconds: float) -> dict[str, dict[str, float]]:
    """The figures of single events by 8 callers, and of batches by 2."""
    found: dict[str, dict[str, float]] = {}
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        for name, target, callers, size in (("one a request", ONE, 8, 1), (f"batches of {BATCH}", SEVERAL, 2, BATCH)):
            made = list(islice(events(size), int(seconds * 4000)))
            parts = made if size == 1 else [made[start : start + size] for start in range(0, len(made), size)]
            bodies = [json.dumps(part).encode() for part in parts]
            # What warms the server up is not sent again: an event that was taken in before says nothing new.
            warm = max(len(bodies) // 5, callers)
            pool.submit(drive, server.url, bodies[:warm], callers, 0, seconds / 2, target=target).result()
            driving = partial(_driven, pool, server.url, bodies[warm:], callers, seconds, target=target)
            told = found[name] = figures(server, database, driving, unit="events", size=size)
            print(f"  {name}: " + ", ".join(f"{k} {v:.2f}" for k, v in told.items()), flush=True)
    return found


def _driven(
    pool: ProcessPoolExecutor, url: str, bodies: list[bytes], callers: int, seconds: float, *, target: Target
) -> Driven:
    driven = pool.submit(drive, url, bodies, callers, 0, seconds, target=target).result()
    assert len(driven.latencies) <= len(bodies), "too few events were made: all were sent, and then again"
    return driven


def main() -> None:
    """Serve, drive, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10, help="of each measure, after half as many to warm up")
    parser.add_argument("--output", type=Path, help="file for the figures, as JSON")
    given = parser.parse_args()
    kept: dict[str, Any] = {"about": {**about(), "neo4j": LTS_VERSION}, "seconds": given.seconds}
    digest = hashlib.sha256(_KEY.encode()).hexdigest()
    environment = {"WAYPOST_TOKENS": json.dumps([{"name": "benchmark", "sha256": digest, "scopes": ["ingest"]}])}
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        print("sqlite", flush=True)
        with served(f"sqlite:{home / 'graph.db'}", environment) as server:
            kept["sqlite"] = measure(server, None, given.seconds)
        print("neo4j", flush=True)
        database = start(home / "neo4j", version=LTS_VERSION, bolt_port=free_port(), password=None)
        try:
            with served(database.uri, environment) as server:
                kept["neo4j"] = measure(server, database.pid, given.seconds)
        finally:
            stop(home / "neo4j")
    keep(kept, given.output)


if __name__ == "__main__":
    main()
