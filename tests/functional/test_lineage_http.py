"""``/api/v1/lineage``: what the unmodified clients of OpenLineage send is taken, and everything else answered exactly."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from fastapi import FastAPI
from openlineage.client.client import OpenLineageClient
from openlineage.client.event_v2 import (
    DatasetEvent,
    InputDataset,
    Job,
    JobEvent,
    OutputDataset,
    Run,
    RunEvent,
    RunState,
    StaticDataset,
)
from openlineage.client.serde import Serde
from openlineage.client.transport.async_http import AsyncHttpConfig, AsyncHttpTransport
from openlineage.client.transport.http import ApiKeyTokenProvider, HttpCompression, HttpConfig, HttpTransport

from catalog.access import STAFF_READER
from catalog.model import MODEL
from catalog.selection import Order, Select, Selection
from catalog.stores.layout import Tables
from catalog.stores.port import Store
from catalog.stores.sqlite.store import SqliteStore
from lineage.openlineage.event import MAX_BYTES, read_event
from lineage.openlineage.registers import Known
from lineage.openlineage.state import fold_all, told
from loaders.openlineage.intake import Intake, Taken
from loaders.openlineage.loader import OpenLineageLoader, events_source, load_events
from server.app import create_app
from server.gather import Gathered
from server.lineage_http import MAX_BATCH_EVENTS
from server.reading import MANY, Reading, read_beside, read_here
from server.settings import Scope, Settings, Token
from tests.functional.test_openlineage import fresh, graph_of, real_files
from tests.support.compare import difference
from tests.support.marquez import NOW
from tests.support.openlineage import event, random_events
from tests.support.patience import PATIENCE
from tests.support.program import ended, free_port, running

PATH, BATCH = "/api/v1/lineage", "/api/v1/lineage/batch"
LOADER, STAFF = "loader-secret-canary", "staff-secret-canary"
GOOD = event("COMPLETE", "01", inputs="a", outputs="b")
BAD = {**GOOD, "run": {"runId": "x"}}


def _token(name: str, secret: str, *scopes: Scope) -> Token:
    return Token(name=name, sha256=hashlib.sha256(secret.encode()).hexdigest(), scopes=frozenset(scopes))


SETTINGS = Settings(
    tokens=(_token("events", LOADER, "ingest"), _token("desk", STAFF, "read", "write")),
    query_timeout_seconds=PATIENCE,
)

Send = Callable[..., httpx.Response]


@pytest.fixture
def app(store: Store) -> FastAPI:
    return create_app(SETTINGS, store, now=lambda: NOW)


@pytest.fixture
def send(app: FastAPI, runner: asyncio.Runner) -> Send:
    def sent(content: Any, path: str = PATH, method: str = "POST", **headers: str) -> httpx.Response:
        return runner.run(_sent(app, content, path, method, headers))

    return sent


async def _sent(
    app: FastAPI, content: Any, path: str, method: str = "POST", headers: Mapping[str, str] | None = None
) -> httpx.Response:
    body = content if isinstance(content, bytes) else msgspec.json.encode(content)
    given = {"Authorization": f"Bearer {LOADER}", "Content-Type": "application/json"}
    given |= {name.replace("_", "-"): value for name, value in (headers or {}).items()}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        return await client.request(method, path, content=body, headers={n: v for n, v in given.items() if v})


def flows(runner: asyncio.Runner, store: Store) -> list[str]:
    select = Select("Flow", ("title",), order=Order("title"), first=1000)
    page = runner.run(store.select(Selection(select, STAFF_READER, date.max)))
    return [row["title"] for row in page.rows]


def test_an_event_is_written_when_it_is_acknowledged(send: Send, runner: asyncio.Runner, store: Store) -> None:
    answer = send(GOOD)
    assert (answer.status_code, answer.content) == (201, b"")
    assert flows(runner, store) == ["a to b"]
    revision = runner.run(store.revision())
    assert send(GOOD).status_code == 201
    assert runner.run(store.revision()) == revision, "the same again writes nothing"


@pytest.mark.long_on_neo4j
def test_what_was_sent_is_answered_to_staff_and_to_nobody_else(send: Send) -> None:
    assert send([GOOD, event("COMPLETE", "02", run="s", job="k", inputs="b", outputs="c")], BATCH).status_code == 200
    urn = "urn:waypost:dataset:ol:warehouse:a"
    walk = f'lineage(urn: "{urn}", direction: DOWNSTREAM, depth: 5)'
    query = f"{{ {walk} {{ nodes {{ depth dataset {{ title }} }} completeness {{ isComplete }} }} }}"
    found = send({"query": query}, "/graphql", Authorization=f"Bearer {STAFF}").json()["data"]["lineage"]
    assert [(n["depth"], n["dataset"]["title"]) for n in found["nodes"]] == [(0, "a"), (1, "b"), (2, "c")]
    assert found["completeness"] == {"isComplete": True}
    for nobody in ("", f"Bearer {LOADER}"):
        assert send({"query": query}, "/graphql", Authorization=nobody).json()["data"]["lineage"] is None


@pytest.mark.long_on_neo4j
def test_a_gzipped_body_is_read(send: Send, runner: asyncio.Runner, store: Store) -> None:
    assert send(gzip.compress(msgspec.json.encode(GOOD)), Content_Encoding="gzip").status_code == 201
    assert flows(runner, store) == ["a to b"]


@pytest.mark.long_on_neo4j
@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (BAD, (422, "run-id", "$.run.runId")),
        ({**GOOD, "eventTime": None}, (422, "time", "$.eventTime")),
        ({**GOOD, "job": {"namespace": "n", "name": "{{ dag }}"}}, (422, "placeholder", "$.job.name")),
        (b'{"eventTime":', (400, "json", "$")),
        (b"[]", (422, "type", "$")),
    ],
)
def test_an_event_that_breaks_a_rule_is_refused_with_it(
    send: Send, runner: asyncio.Runner, store: Store, content: Any, refusal: tuple[int, str, str]
) -> None:
    answer = send(content)
    found = answer.json()
    assert (answer.status_code, found["rule"], found["path"]) == refusal
    assert answer.headers["content-type"] == "application/problem+json"
    assert found["detail"]
    assert found["remedy"]
    assert runner.run(store.revision()) == 0


@pytest.mark.long_on_neo4j
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": ""}, 401),
        ({"Authorization": "Bearer nobody"}, 401),
        ({"Authorization": f"Bearer {STAFF}"}, 403),
        ({"Content_Type": "text/plain"}, 415),
        ({"Content_Encoding": "br"}, 415),
        ({"Content_Encoding": "gzip"}, 415),
        ({"Content_Length": "9" * 12}, 413),
    ],
)
def test_who_may_not_send_and_what_is_not_read(send: Send, headers: dict[str, str], status: int) -> None:
    for path in (PATH, BATCH):
        answer = send(GOOD, path, **headers)
        assert answer.status_code == status, answer.text
        assert ("www-authenticate" in answer.headers) == (status == 401)


@pytest.mark.long_on_neo4j
def test_other_methods_are_told_which_to_use(send: Send) -> None:
    for path, allowed in ((PATH, "GET, HEAD, POST"), (BATCH, "POST")):
        answer = send(b"", path, method="PUT", Authorization=f"Bearer {STAFF}")
        assert (answer.status_code, answer.headers["allow"]) == (405, allowed)


@pytest.mark.long_on_neo4j
def test_a_small_gzip_of_something_large_is_not_unpacked(send: Send) -> None:
    bomb = gzip.compress(b" " * (MAX_BYTES + 1))
    assert len(bomb) < 10_000
    assert send(bomb, Content_Encoding="gzip").status_code == 413
    assert send(gzip.compress(b"{}")[:-3], Content_Encoding="gzip").status_code == 415
    assert send(b" " * (MAX_BYTES + 1)).status_code == 413


@pytest.mark.long_on_neo4j
@pytest.mark.parametrize("form", ["list", "lines"])
def test_a_batch_tells_of_each_event_that_it_could_not_take(
    send: Send, runner: asyncio.Runner, store: Store, form: str
) -> None:
    events = [GOOD, BAD, event("COMPLETE", "02", run="s", inputs="b", outputs="c"), GOOD]
    lines = [msgspec.json.encode(each) for each in events]
    answer = send(b"[" + b",".join(lines) + b"]" if form == "list" else b"\n".join(lines), BATCH)
    assert answer.status_code == 200
    found = answer.json()
    assert found["status"] == "partial_success"
    assert found["summary"] == {"received": 4, "successful": 3, "failed": 1, "retriable": 0, "non_retriable": 1}
    (failed,) = found["failed_events"]
    assert (failed["index"], failed["rule"], failed["retriable"]) == (1, "run-id", False)
    assert flows(runner, store) == ["a to b", "b to c"]
    assert send([GOOD], BATCH).json()["status"] == "success"


@pytest.mark.long_on_neo4j
def test_a_batch_has_bounds(send: Send) -> None:
    assert send([{}] * (MAX_BATCH_EVENTS + 1), BATCH).status_code == 413
    assert send(b"[{}", BATCH).status_code == 400
    assert send([], BATCH).json()["summary"]["received"] == 0


def test_requests_at_once_are_all_written(app: FastAPI, runner: asyncio.Runner, store: Store, tmp_path: Path) -> None:
    events = random_events(7, 60)

    async def all_at_once() -> list[int]:
        answers = await asyncio.gather(*(_sent(app, each, PATH) for each in events * 2))
        return [answer.status_code for answer in answers]

    assert set(runner.run(all_at_once())) == {201}
    path = tmp_path / "events.ndjson"
    path.write_bytes(b"\n".join(msgspec.json.encode(each) for each in events))
    expected = runner.run(fresh(tmp_path / "expected.db"))
    runner.run(load_events(OpenLineageLoader.open([str(path)]), expected, now=lambda: NOW))
    assert difference(runner.run(graph_of(expected)), runner.run(graph_of(store))) is None
    runner.run(expected.close())


def test_a_request_that_fails_fails_alone(app: FastAPI, runner: asyncio.Runner, store: Store) -> None:
    """One of those that share a write says more than a write may hold."""
    fields = [{"name": f"c{n}"} for n in range(450)]
    wide = [{"namespace": "w", "name": f"d{n}", "facets": {"schema": {"fields": fields}}} for n in range(60)]
    contents = [GOOD, {**event("START", "01", run="2"), "inputs": wide}, event("START", "01", run="3", inputs="c")]

    async def all_at_once() -> list[int]:
        answers = await asyncio.gather(*(_sent(app, each, PATH) for each in contents))
        return [answer.status_code for answer in answers]

    assert runner.run(all_at_once()) == [201, 422, 201]


class Faulty(Intake):
    """Ends in an error that nobody expects where an event of the job "bad" is among others."""

    async def take_told(self, news: Sequence[Known]) -> Taken:
        if any(urn.endswith(":bad") for each in news for urn in each):
            raise RuntimeError("bad")
        return await super().take_told(news)


@pytest.mark.long_on_neo4j
def test_what_nobody_expects_of_one_request_is_told_to_it_alone(runner: asyncio.Runner, store: Store) -> None:
    gathered = Gathered(Faulty(store, events_source("events"), "events"))
    events = [told(read_event(event("START", "01", run=job, job=job))) for job in ("one", "bad", "two")]

    async def all_at_once() -> list[Any]:
        return await asyncio.gather(*(gathered.take(each) for each in events), return_exceptions=True)

    one, bad, two = runner.run(all_at_once())
    assert (one, two, repr(bad)) == (True, True, "RuntimeError('bad')")
    assert runner.run(gathered.take(events[0])) is False, "and it goes on"


def test_another_process_reads_large_batches_alike_and_is_done_without(runner: asyncio.Runner) -> None:
    good = [
        event("COMPLETE", f"{day:02}", run=str(day), job="j", inputs="a", outputs="b") for day in range(1, MANY + 1)
    ]
    texts = [*(msgspec.json.encode(each) for each in good), b"{", b'{"job": 1}', msgspec.json.encode({"run": {}})]

    async def read() -> tuple[list[Reading], list[int]]:
        async with read_beside() as beside:
            found = [await beside(texts), await beside(texts[:2])]
            (process,) = _children()
            os.kill(process, signal.SIGKILL)
            found += [await beside(texts), await beside(texts), await read_here(texts)]
            assert _children() not in ([], [process]), "another one was started"
        return found, _children()

    (first, few, killed, again, here), left = runner.run(read())
    assert first == killed == again == here
    assert few == runner.run(read_here(texts[:2]))
    assert [*here.problems] == [MANY, MANY + 1, MANY + 2]
    assert here.news == fold_all(map(read_event, good))
    assert left == []


def _children() -> list[int]:
    """The processes of ``server.reading`` below this one."""
    found = subprocess.run(["pgrep", "-P", str(os.getpid()), "-f", "server.reading"], capture_output=True, check=False)
    return [int(each) for each in found.stdout.split()]


def test_a_database_that_is_away_is_worth_a_retry(tmp_path: Path, runner: asyncio.Runner) -> None:
    (tmp_path / "a folder.db").mkdir()
    store = SqliteStore.open(tmp_path / "a folder.db", Tables(MODEL))
    answer = runner.run(_sent(create_app(SETTINGS, store), GOOD, PATH))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert str(tmp_path) not in answer.text


# The unmodified client, against the program itself


def rebuilt(value: dict[str, Any]) -> Any:
    """An event as the client's own object. A facet is what it is: a mapping."""
    when = {"eventTime": value["eventTime"], "producer": value.get("producer", "https://example.gov")}
    if "job" not in value:
        return DatasetEvent(dataset=StaticDataset(**_named(value["dataset"])), **when)
    inputs: list[dict[str, Any]] = value.get("inputs") or []
    outputs: list[dict[str, Any]] = value.get("outputs") or []
    sides: dict[str, Any] = {
        "inputs": [InputDataset(**_named(each), inputFacets=each.get("inputFacets", {})) for each in inputs],
        "outputs": [OutputDataset(**_named(each), outputFacets=each.get("outputFacets", {})) for each in outputs],
        "job": Job(**_named(value["job"])),
    }
    if "run" not in value:
        return JobEvent(**sides, **when)
    run = Run(runId=value["run"]["runId"], facets=value["run"].get("facets") or {})
    return RunEvent(eventType=RunState[value["eventType"]], run=run, **sides, **when)


def _named(value: dict[str, Any]) -> dict[str, Any]:
    return {"namespace": value["namespace"], "name": value["name"], "facets": value.get("facets") or {}}


def _plain(url: str) -> HttpTransport:
    return HttpTransport(HttpConfig(url=url, auth=ApiKeyTokenProvider({"api_key": LOADER})))


def _gzip(url: str) -> HttpTransport:
    config = HttpConfig(url=url, auth=ApiKeyTokenProvider({"api_key": LOADER}), compression=HttpCompression.GZIP)
    return HttpTransport(config)


def _async(url: str) -> AsyncHttpTransport:
    return AsyncHttpTransport(AsyncHttpConfig(url=url, auth=ApiKeyTokenProvider({"api_key": LOADER})))


@pytest.fixture
def accepted(real_data: Path) -> list[Any]:
    """The real events that are accepted, as the client's own objects."""
    reads = OpenLineageLoader.open(real_files(real_data)).events()
    return [rebuilt(read.raw) for read in reads if read.problem is None]


@pytest.mark.e2e
@pytest.mark.parametrize(
    "transport",
    [pytest.param(each, marks=[pytest.mark.long_on_neo4j] * (each is not _async)) for each in (_plain, _gzip, _async)],
    ids=["plain", "gzip", "async"],
)
def test_the_unmodified_client_makes_the_graph_that_files_make(
    accepted: list[Any], tmp_path: Path, runner: asyncio.Runner, transport: Callable[[str], Any]
) -> None:
    assert len(accepted) == 90
    port = free_port()
    token = {"name": "events", "sha256": hashlib.sha256(LOADER.encode()).hexdigest(), "scopes": ["ingest"]}
    settings = {
        "WAYPOST_STORE": f"sqlite:{tmp_path}/served.db",
        "WAYPOST_TOKENS": msgspec.json.encode([token]).decode(),
    }
    runner.run(_migrated(tmp_path / "served.db"))
    with running("serve", "--port", str(port), until="serving", environment=settings) as (process, _):
        sender = transport(f"http://127.0.0.1:{port}")
        client = OpenLineageClient(transport=sender)
        for each in accepted:
            client.emit(each)
        client.close(timeout=PATIENCE)
        assert ended(process, signal.SIGINT)[0] == 0
    path = tmp_path / "events.ndjson"
    path.write_text("\n".join(Serde.to_json(each) for each in accepted), encoding="utf-8")
    expected, served = (runner.run(fresh(tmp_path / name)) for name in ("expected.db", "served.db"))
    report = runner.run(load_events(OpenLineageLoader.open([str(path)]), expected))
    assert (report.read, report.quarantined) == (90, [])
    assert difference(runner.run(graph_of(expected)), runner.run(graph_of(served))) is None
    for each in (expected, served):
        runner.run(each.close())


async def _migrated(path: Path) -> None:
    await (await fresh(path)).close()
