"""A server that is killed while it takes events in: nothing that it acknowledged is lost, nothing is doubled."""

from __future__ import annotations

import asyncio
import hashlib
import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from catalog.access import STAFF_READER
from catalog.selection import Select, Selection
from catalog.stores.port import Store
from lineage.openlineage.event import read_event
from tests.contract.backends import Place
from tests.functional.test_openlineage import fresh, graph_of, take
from tests.support.compare import difference
from tests.support.openlineage import random_events
from tests.support.patience import PATIENCE
from tests.support.program import free_port, running

TOKEN = "loader-secret-canary"
SENDERS = 4
EVENTS = 120


class Senders:
    """Clients that send events until each is acknowledged, as those of OpenLineage do."""

    def __init__(self, url: str, events: list[dict[str, Any]]) -> None:
        self.url = url
        self.waiting: Iterator[dict[str, Any]] = iter(events)
        self.lock = threading.Lock()
        self.acknowledged: list[dict[str, Any]] = []
        self.refused: list[str] = []

    def send(self) -> None:
        """Send one event after the other."""
        with httpx.Client(headers={"Authorization": f"Bearer {TOKEN}"}, timeout=PATIENCE) as client:
            while True:
                with self.lock:
                    event = next(self.waiting, None)
                if event is None:
                    return
                self._send(client, event)

    def _send(self, client: httpx.Client, event: dict[str, Any]) -> None:
        for _ in range(2_000):
            try:
                answer = client.post(f"{self.url}/api/v1/lineage", json=event)
            except httpx.TransportError:
                time.sleep(0.02)
                continue
            if answer.status_code == 201:
                self.acknowledged.append(event)
                return
            if answer.status_code < 500:
                break
        self.refused.append(str(event))


@pytest.mark.e2e
@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(1, 7))])
@pytest.mark.long_on_neo4j
def test_nothing_acknowledged_is_lost_and_nothing_is_doubled(
    seed: int, store: Store, place: Place, runner: asyncio.Runner, tmp_path: Path
) -> None:
    events = random_events(5_000 + seed, EVENTS)
    moments = sorted(random.Random(seed).sample(range(5, EVENTS - 20), 3))
    token = {"name": "test", "sha256": hashlib.sha256(TOKEN.encode()).hexdigest(), "scopes": ["ingest"]}
    settings = {**place.environment, "WAYPOST_TOKENS": msgspec.json.encode([token]).decode()}
    port = free_port()
    senders = Senders(f"http://127.0.0.1:{port}", events)
    with ThreadPoolExecutor(SENDERS) as pool:
        sending = [pool.submit(senders.send) for _ in range(SENDERS)]
        for moment in (*moments, EVENTS):
            with running("serve", "--port", str(port), until="serving", environment=settings) as (process, _):
                while len(senders.acknowledged) < moment and not senders.refused:
                    time.sleep(0.002)
                process.kill()
            known = list(senders.acknowledged)
            select = Select("Run", first=1000, ever=True)
            runs = {row["urn"] for row in runner.run(store.select(Selection(select, STAFF_READER, date.max))).rows}
            assert {read.run for read in map(read_event, known) if read.run} <= runs
        for each in sending:
            each.result()
        assert (len(senders.acknowledged), senders.refused) == (EVENTS, [])
        expected = runner.run(fresh(tmp_path / "expected.db"))
        runner.run(take(expected, events))
        assert difference(runner.run(graph_of(expected)), runner.run(graph_of(store))) is None
        runner.run(expected.close())
