"""The demo queries on the demo catalog: by themselves, and in GraphiQL under a real browser."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from catalog.access import PUBLIC_READER
from catalog.model import MODEL
from catalog.stores.layout import Tables
from catalog.stores.sqlite.store import SqliteStore
from graphql_schema import Context, Request, answer, build_schema
from server.app import create_app
from server.demo import load_demo
from server.queries import demo_queries
from server.settings import Settings
from tests.graphql.browser import Browser
from tests.support.patience import PATIENCE

SECONDS_TO_START = 20


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the demo catalog."""
    path = tmp_path_factory.mktemp("demo") / "demo.db"

    async def fill() -> None:
        store = SqliteStore.open(path, Tables(MODEL))
        await load_demo(store)
        await store.close()

    asyncio.run(fill())
    return path


def test_the_demo_queries_have_answers_worth_reading(catalog: Path) -> None:
    async def ask() -> list[tuple[dict[str, Any], int]]:
        store = SqliteStore.open(catalog, Tables(MODEL))
        found: list[tuple[dict[str, Any], int]] = []
        for query in demo_queries():
            before = store.round_trips
            context = Context(store, PUBLIC_READER, date(2026, 1, 1), "demo")
            answered = await answer(build_schema(), Request(query.text, query.variables), context, PATIENCE)
            assert answered.errors == []
            assert answered.data is not None
            found.append((answered.data, store.round_trips - before))
        await store.close()
        return found

    answers = asyncio.run(ask())
    first, second, third, fourth = (data for data, _ in answers)
    nodes = fourth["lineage"]["nodes"]
    # Lineage goes hop by hop, and asks at its end what was chosen of all nodes.
    hops = nodes[-1]["depth"] + 1
    assert [trips for _, trips in answers] == [1, 1, 1, hops + 1]
    dataset = first["dataset"]
    assert [served["goal"]["number"] for served in dataset["goals"]] == [3]
    assert [edge["node"]["title"] for edge in dataset["upstream"]["edges"]] == ["Enrollment", "SNAP participation"]
    assert dataset["agency"]["name"] == "Department of Labor"
    assert dataset["agency"]["dataOfficer"]["person"]["name"]
    assert second["datasets"]["edges"][0]["node"]["columns"]["totalCount"] > 0
    assert [edge["node"]["number"] for edge in third["goals"]["edges"]] == [1, 2, 3]
    assert all(edge["node"]["metrics"]["edges"] for edge in third["goals"]["edges"])
    assert nodes[-1] == {
        "id": "urn:waypost:dataset:key:ct:sde:student-records",
        "depth": 10,
        "dataset": {"title": "Student records", "agency": {"abbreviation": "SDE"}},
    }
    assert fourth["lineage"]["completeness"] == {
        "isComplete": True,
        "reasons": [],
        "omittedNodes": 0,
        "hiddenNodes": 0,
        "frontier": [],
    }


@contextmanager
def serving(catalog: Path) -> Generator[str]:
    """The application on a free port of this machine, in a thread; answers its address."""
    started = threading.Event()
    servers: list[uvicorn.Server] = []

    class Server(uvicorn.Server):
        async def startup(self, sockets: Any = None) -> None:
            await super().startup(sockets)
            started.set()

    async def serve() -> None:
        store = SqliteStore.open(catalog, Tables(MODEL))
        config = uvicorn.Config(create_app(Settings(), store), port=0, log_config=None, lifespan="off")
        servers.append(Server(config))
        await servers[0].serve()
        await store.close()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        assert started.wait(SECONDS_TO_START)
        yield f"http://127.0.0.1:{servers[0].servers[0].sockets[0].getsockname()[1]}"
    finally:
        for server in servers:
            server.should_exit = True
        thread.join(SECONDS_TO_START)


ANSWER = "(document.querySelector('.result-window .CodeMirror')?.CodeMirror.getValue() || '')"
EDITOR = "document.querySelector('.graphiql-query-editor .CodeMirror').CodeMirror"


@pytest.mark.e2e
@pytest.mark.chromium
def test_graphiql_runs_the_demo_queries_and_asks_no_other_machine(catalog: Path, tmp_path: Path) -> None:
    with serving(catalog) as address, Browser(tmp_path / "profile") as browser:
        browser.open(f"{address}/graphql")
        browser.wait_for("document.querySelectorAll('.graphiql-tab').length === 4")
        # Until the schema has come: only then the editor knows the fields.
        browser.wait_for(f"!!{EDITOR}.options.hintOptions.schema")
        for number, said in enumerate(("Linked analysis file", "Outcomes by town", "Site traffic", "Student records")):
            browser.evaluate(f"document.querySelectorAll('.graphiql-tab button')[{number * 2}].click()")
            browser.wait_for(f"{EDITOR}.getValue().startsWith({demo_queries()[number].text[:20]!r})")
            # GraphiQL reads the name of the operation a tenth of a second after the text has changed.
            time.sleep(0.5)
            browser.evaluate("document.querySelector('.graphiql-execute-button').click()")
            browser.wait_for(f"{ANSWER}.includes({said!r})")
            assert '"errors"' not in browser.evaluate(ANSWER)
        browser.screenshot(tmp_path / "graphiql.png")

        # It completes what one types.
        browser.evaluate(f"{EDITOR}.setValue('{{ datas }}'); {EDITOR}.setCursor(0, 7); {EDITOR}.focus()")
        browser.press(" ", 32, modifiers=2)
        browser.wait_for("document.querySelector('.CodeMirror-hints')?.textContent.includes('datasets')")

        strangers = [url for url in browser.requests if not url.startswith((f"{address}/", "data:", "about:"))]
        assert strangers == []
        assert len([url for url in browser.requests if url.startswith(f"{address}/")]) > 6
        assert browser.complaints == []
