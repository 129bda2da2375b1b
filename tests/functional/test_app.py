"""The application over HTTP: the protocol, who may see what, health, headers, and the page."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

import httpx
import pytest
import structlog
from fastapi import FastAPI

from catalog.errors import MigrationError, StoreUnavailable
from catalog.selection import Page, Selection
from catalog.stores.port import Store
from server.app import create_app
from server.graphql_http import MAX_BODY_BYTES
from server.logging import configure_logging
from server.queries import demo_queries
from server.settings import Scope, Settings, Token
from tests.graphql.graph import REGISTER, SDE, batches, open_store

QUESTION = {"query": "{ goals { totalCount } }"}
ANSWER = {"data": {"goals": {"totalCount": 2}}}
JSON = "application/json"
GRAPHQL_JSON = "application/graphql-response+json"
STAFF, LOADER = "staff-secret-canary", "loader-secret-canary"


def _token(name: str, secret: str, *scopes: Scope) -> Token:
    return Token(name=name, sha256=hashlib.sha256(secret.encode()).hexdigest(), scopes=frozenset(scopes))


SETTINGS = Settings(
    tokens=(_token("desk", STAFF, "read", "write"), _token("loader", LOADER, "ingest")),
    zone="America/New_York",
    query_timeout_seconds=0.3,
    write_timeout_seconds=3600,
)


@dataclass
class Client:
    """Sends requests and waits for the answers."""

    app: FastAPI
    runner: asyncio.Runner

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        async def sent() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
                return await client.request(method, path, **options)

        return self.runner.run(sent())

    def ask(self, query: str, token: str | None = None, **variables: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.send("POST", "/graphql", json={"query": query, "variables": variables}, headers=headers)


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as made:
        yield made


@pytest.fixture(scope="module")
def store(runner: asyncio.Runner, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    made = runner.run(open_store(tmp_path_factory.mktemp("app") / "graph.db", batches()))
    yield made
    runner.run(made.close())


@pytest.fixture(scope="module")
def client(runner: asyncio.Runner, store: Store) -> Client:
    return Client(create_app(SETTINGS, store, now=lambda: datetime(2022, 3, 20, 12, tzinfo=UTC)), runner)


# The protocol.


def test_a_query_is_answered(client: Client) -> None:
    response = client.send("POST", "/graphql", json=QUESTION)
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    assert response.json() == ANSWER


def test_variables_and_the_name_of_an_operation_are_taken(client: Client) -> None:
    body = {
        "query": "query A { agencies { totalCount } } query B($n: Int!) { goals(first: $n) { edges { node { number } } } }",
        "variables": {"n": 1},
        "operationName": "B",
        "extensions": {"anything": 1},
        "somethingElse": None,
    }
    assert client.send("POST", "/graphql", json=body).json() == {
        "data": {"goals": {"edges": [{"node": {"number": 1}}]}}
    }


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (JSON, JSON),
        (GRAPHQL_JSON, GRAPHQL_JSON),
        (f"{GRAPHQL_JSON}, {JSON}", GRAPHQL_JSON),
        (f"{GRAPHQL_JSON}; charset=utf-8, {JSON}; charset=utf-8", GRAPHQL_JSON),
        (f"{GRAPHQL_JSON};q=0.8, {JSON};q=0.9", JSON),
        (f"{GRAPHQL_JSON};q=0.9, */*;q=0.1", GRAPHQL_JSON),
        (f"{JSON};q=0, */*", GRAPHQL_JSON),
        (f"{JSON};q=nonsense, {GRAPHQL_JSON}", GRAPHQL_JSON),
    ],
)
def test_the_client_chooses_the_media_type(client: Client, accept: str | None, media_type: str) -> None:
    headers = {"Accept": accept} if accept else {}
    response = client.send("POST", "/graphql", json=QUESTION, headers=headers)
    assert response.status_code == 200
    assert response.headers["content-type"] == f"{media_type}; charset=utf-8"


def test_a_client_that_wants_neither_is_told(client: Client) -> None:
    response = client.send("POST", "/graphql", json=QUESTION, headers={"Accept": "text/csv"})
    assert response.status_code == 406
    assert response.json()["errors"][0]["extensions"]["code"] == "NOT_ACCEPTABLE"


@pytest.mark.parametrize(
    "body",
    [
        {"query": "{"},
        {"query": "{ nothing }"},
        {"query": ""},
        {"query": "query ($n: Int!) { goals(first: $n) { totalCount } }", "variables": {"n": "x"}},
        {"query": "{ goals { totalCount } }", "operationName": "B"},
        {
            "query": "{ goals(first: 5) { totalCount } datasets(first: 100) { edges { node { columns(first: 60) { totalCount } } } } }"
        },
    ],
)
def test_a_request_at_fault_is_400_where_the_client_knows_how_to_read_it(client: Client, body: dict[str, Any]) -> None:
    plain = client.send("POST", "/graphql", json=body)
    special = client.send("POST", "/graphql", json=body, headers={"Accept": GRAPHQL_JSON})
    assert (plain.status_code, special.status_code) == (200, 400)
    assert plain.json() == special.json()
    assert list(plain.json()) == ["errors"]


def test_an_error_in_an_argument_is_an_answer(client: Client) -> None:
    response = client.send(
        "POST", "/graphql", json={"query": '{ dataset(urn: "x") { title } }'}, headers={"Accept": GRAPHQL_JSON}
    )
    assert response.status_code == 200
    assert response.json()["data"] == {"dataset": None}
    assert response.json()["errors"][0]["extensions"]["code"] == "INVALID_URN"


@pytest.mark.parametrize(
    "content",
    [
        b"1",
        b"null",
        b'"x"',
        b"[]",
        b"{}",
        b"",
        b"{",
        b'{"query": 1}',
        b'{"query": null}',
        b'{"query": "{a}", "variables": []}',
        b'{"query": "{a}", "variables": "x"}',
        b'{"query": "{a}", "operationName": 1}',
        b'{"query": "{a}", "extensions": "x"}',
        b'[{"query": "{ goals { totalCount } }"}]',
        b'{"query": "\xff\xfe"}',
        b'\xff\xfe{\x00"\x00',
        b'{"query": "\\ud800"}',
        b"[" * 100_000,
        b'{"query": "{a}", "variables": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}",
        b'{"query": "{a}", "variables": {"a": NaN}}',
        b'{"query": "{a}"} trailing',
        b'{"query": "{a}", "variables": {"a": "\\udc00"}}',
    ],
)
def test_a_body_that_is_no_request_is_400(client: Client, content: bytes) -> None:
    response = client.send("POST", "/graphql", content=content, headers={"Content-Type": JSON})
    assert response.status_code == 400, response.text
    error = response.json()["errors"][0]
    assert error["extensions"]["code"] == "BAD_REQUEST"
    assert error["message"].startswith("The body is no GraphQL request")


@pytest.mark.parametrize("value", ["1" * 5000, "1e400", "-1", "1.5", "true", '"1"', "[1]", "null"])
def test_odd_values_of_variables_are_mistakes_of_the_client(client: Client, value: str) -> None:
    body = '{"query": "query ($n: Int!) { goals(first: $n) { totalCount } }", "variables": {"n": ' + value + "}}"
    response = client.send("POST", "/graphql", content=body, headers={"Content-Type": JSON})
    assert response.status_code in (200, 400)
    assert {e["extensions"]["code"] for e in response.json()["errors"]} <= {"BAD_REQUEST", "INVALID_SELECTION"}


@pytest.mark.parametrize("depth", [100, 500, 900])
def test_deep_variables_are_no_fault_of_ours(client: Client, depth: int) -> None:
    deep: Any = {}
    for _ in range(depth):
        deep = {"not": deep}
    query = "query ($f: DatasetFilter) { datasets(filter: $f) { totalCount } }"
    response = client.send(
        "POST",
        "/graphql",
        content=json.dumps({"query": query, "variables": {"f": deep}}),
        headers={"Content-Type": JSON},
    )
    assert response.status_code in (200, 400)
    assert {e["extensions"]["code"] for e in response.json()["errors"]} == {"LIMIT_EXCEEDED"}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "multipart/form-data; boundary=x"},
        {"Content-Type": "text/plain; application/json"},
        {"Content-Type": "application/json-patch+json"},
        {"Content-Type": "application/json; charset=utf-16"},
        {"Content-Type": JSON, "Content-Encoding": "gzip"},
    ],
)
def test_a_body_of_another_type_is_415(client: Client, headers: dict[str, str]) -> None:
    response = client.send("POST", "/graphql", content=json.dumps(QUESTION), headers=headers)
    assert response.status_code == 415
    assert response.json()["errors"][0]["extensions"]["code"] == "UNSUPPORTED_MEDIA_TYPE"


def test_the_body_has_a_cap(client: Client) -> None:
    def body(size: int) -> bytes:
        head = b'{"query": "{ goals { totalCount } }", "extensions": {"a": "'
        return head + b"x" * (size - len(head) - 3) + b'"}}'

    headers = {"Content-Type": JSON}
    assert client.send("POST", "/graphql", content=body(MAX_BODY_BYTES), headers=headers).json() == ANSWER
    response = client.send("POST", "/graphql", content=body(MAX_BODY_BYTES + 1), headers=headers)
    assert response.status_code == 413
    assert response.json()["errors"][0]["extensions"]["code"] == "PAYLOAD_TOO_LARGE"


def test_a_body_that_does_not_say_its_size_is_read_to_the_cap_and_no_further(client: Client) -> None:
    read = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 100_000
            yield b" " * 100_000

    async def sent() -> int:
        transport = httpx.ASGITransport(client.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
            response = await http.post("/graphql", content=chunks(), headers={"Content-Type": JSON})
            return response.status_code

    assert client.runner.run(sent()) == 413
    assert read <= MAX_BODY_BYTES + 200_000


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_queries_come_by_post_only(client: Client, method: str) -> None:
    response = client.send(method, "/graphql?query={goals{totalCount}}", headers={"Accept": JSON})
    assert response.status_code == 405
    assert response.headers["allow"] == "POST"
    assert response.json()["errors"][0]["extensions"]["code"] == "METHOD_NOT_ALLOWED"


def test_a_client_that_hangs_up_in_the_middle_is_let_go(client: Client) -> None:
    messages = iter([{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}])
    sent: list[Any] = []

    async def receive() -> Any:
        return next(messages)

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"content-type", JSON.encode()), (b"host", b"127.0.0.1")]
    scope = {"type": "http", "method": "POST", "path": "/graphql", "headers": headers, "query_string": b""}
    client.runner.run(client.app(scope, receive, send))
    assert sent == []


# Who is asking.


def _title(client: Client, token: str | None) -> Any:
    response = client.ask("query ($urn: ID!) { dataset(urn: $urn) { title } }", token, urn=REGISTER)
    assert response.status_code == 200
    return response.json()["data"]["dataset"]


def test_a_token_with_the_scope_read_opens_what_is_for_staff(client: Client) -> None:
    assert _title(client, None) is None
    assert _title(client, STAFF) == {"title": "Register"}
    assert _title(client, LOADER) is None


@pytest.mark.parametrize(
    "authorization",
    ["Bearer wrong", "Bearer ", "Bearer", "", "Basic c3RhZmY6", STAFF, f"Bearer {STAFF}x", f"Bearer {STAFF} more"],
)
def test_credentials_that_are_none_of_ours_are_refused(client: Client, authorization: str) -> None:
    response = client.send("POST", "/graphql", json=QUESTION, headers={"Authorization": authorization})
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == 'Bearer realm="waypost", error="invalid_token"'
    assert response.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert "canary" not in response.text


def test_two_authorizations_are_one_too_many(client: Client) -> None:
    headers = [("Authorization", f"Bearer {STAFF}"), ("Authorization", f"Bearer {STAFF}")]
    assert client.send("POST", "/graphql", json=QUESTION, headers=headers).status_code == 401


def test_the_scheme_is_read_whatever_its_case(client: Client) -> None:
    headers = {"Authorization": f"bearer  {STAFF}"}
    assert client.send("POST", "/graphql", json=QUESTION, headers=headers).status_code == 200


# Days.


@pytest.mark.parametrize(
    ("now", "officer"),
    [(datetime(2022, 7, 1, 3, 59, tzinfo=UTC), "Ana"), (datetime(2022, 7, 1, 4, 0, tzinfo=UTC), "Ben")],
)
def test_today_is_the_day_of_the_jurisdiction(
    runner: asyncio.Runner, store: Store, now: datetime, officer: str
) -> None:
    client = Client(create_app(SETTINGS, store, now=lambda: now), runner)
    query = "query ($urn: ID!) { agency(urn: $urn) { dataOfficer { person { name } } } }"
    assert client.ask(query, urn=SDE).json()["data"]["agency"]["dataOfficer"]["person"]["name"] == officer


# When the database is away.


class _Broken:
    """A store that cannot answer, and says so in words that nobody else may read; or one that takes its time."""

    def __init__(self, error: Exception | None) -> None:
        self._error = error
        self.cancelled = False

    async def select(self, _selection: Selection) -> Page:
        await self.check()
        return Page([])

    async def check(self) -> None:
        if self._error:
            raise self._error
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            self.cancelled = True
            raise


CANARY = "neo4j://canary:7687"


def _broken(runner: asyncio.Runner, error: Exception | None) -> tuple[Client, _Broken]:
    store = _Broken(error)
    return Client(create_app(SETTINGS, cast("Store", store)), runner), store


def test_a_database_that_is_away_is_503(runner: asyncio.Runner) -> None:
    client, _ = _broken(runner, StoreUnavailable(CANARY))
    for accept in (JSON, GRAPHQL_JSON):
        response = client.send("POST", "/graphql", json=QUESTION, headers={"Accept": accept, "X-Request-ID": "r-1"})
        assert response.status_code == 503
        assert response.headers["retry-after"] == "5"
        extensions = {"code": "DATABASE_UNAVAILABLE", "requestId": "r-1"}
        assert response.json()["errors"][0]["extensions"] == extensions
        assert "canary" not in response.text


def test_a_query_past_the_deadline_is_504_and_given_up(runner: asyncio.Runner) -> None:
    client, store = _broken(runner, None)
    response = client.send("POST", "/graphql", json=QUESTION)
    assert response.status_code == 504
    assert response.json()["errors"][0]["extensions"]["code"] == "DEADLINE_EXCEEDED"
    assert store.cancelled


def test_what_needs_no_database_is_answered_without_it(runner: asyncio.Runner) -> None:
    client, _ = _broken(runner, StoreUnavailable(CANARY))
    assert client.ask("{ __typename }").json() == {"data": {"__typename": "Query"}}


def test_a_fault_of_ours_is_masked(runner: asyncio.Runner) -> None:
    client, _ = _broken(runner, ZeroDivisionError(CANARY))
    response = client.send("POST", "/graphql", json=QUESTION)
    assert response.json()["errors"][0]["message"] == "Unexpected error."
    assert response.json()["errors"][0]["extensions"]["requestId"] == response.headers["x-request-id"]
    assert "canary" not in response.text


# Health.


def test_it_lives_whatever_the_database_does(runner: asyncio.Runner) -> None:
    for error in (None, StoreUnavailable(CANARY)):
        client, _ = _broken(runner, error)
        response = client.send("GET", "/health/live")
        assert (response.status_code, response.json()) == (200, {"status": "live"})


def test_it_is_ready_with_its_database(client: Client) -> None:
    response = client.send("GET", "/health/ready")
    assert (response.status_code, response.json()) == (200, {"status": "ready"})


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (StoreUnavailable(CANARY), "The database cannot be reached; the log says more."),
        (MigrationError(CANARY), "The schema of the database is not this version's: run 'waypost migrate'."),
        (None, "The database did not answer within 1 second."),
    ],
)
def test_it_is_not_ready_without_and_says_why(
    runner: asyncio.Runner, error: Exception | None, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.app._READY_SECONDS", 1.0 if error else 0.05)
    client, _ = _broken(runner, error)
    response = client.send("GET", "/health/ready")
    assert response.status_code == 503
    assert response.headers["content-type"] == "application/problem+json"
    expected = reason if error else reason.replace("1 second", "0.05 second")
    assert response.json() == {"type": "about:blank", "title": "Not ready", "status": 503, "detail": expected}


# Around every answer.


def test_every_answer_has_an_id(client: Client) -> None:
    for path in ("/graphql", "/health/live", "/nowhere"):
        found = client.send("GET", path).headers["x-request-id"]
        assert len(found) == 32
        assert client.send("GET", path, headers={"X-Request-ID": "mine-1"}).headers["x-request-id"] == "mine-1"
    forged = client.send("GET", "/health/live", headers={"X-Request-ID": "a b\tc"}).headers["x-request-id"]
    assert len(forged) == 32


def test_every_answer_binds_the_browser(client: Client) -> None:
    for path in ("/graphql", "/health/live", "/nowhere", "/static/graphiql/start.js"):
        headers = client.send("GET", path, headers={"Accept": "text/html"}).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert "default-src 'none'" in headers["content-security-policy"]


@pytest.mark.parametrize(
    "path", ["/nowhere", "/docs", "/redoc", "/static/graphiql/../app.py", "/static/graphiql/app.py"]
)
def test_an_address_that_leads_nowhere_is_a_problem_in_json(client: Client, path: str) -> None:
    response = client.send("GET", path)
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["title"] == "Not Found"


def test_a_route_that_fails_is_a_problem_that_says_nothing(client: Client) -> None:
    app = create_app(SETTINGS, cast("Store", _Broken(None)))

    @app.get("/fails")
    async def fails() -> None:
        raise ValueError(CANARY)

    response = Client(app, client.runner).send("GET", "/fails", headers={"X-Request-ID": "r-2"})
    assert response.status_code == 500
    assert response.json()["requestId"] == "r-2"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "canary" not in response.text


# The log.


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What is logged, as JSON lines."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure_logging("json", stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_every_request_is_a_line_and_no_line_holds_a_secret(client: Client, log: io.StringIO) -> None:
    client.send("POST", "/graphql", json=QUESTION, headers={"Authorization": f"Bearer {STAFF}", "X-Request-ID": "r-3"})
    client.send("POST", "/graphql", json=QUESTION, headers={"Authorization": f"Bearer {STAFF}-wrong"})
    client.send("GET", "/health/live")
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    asked = [line for line in lines if line["event"] == "request"]
    assert [(line["method"], line["path"], line["status"]) for line in asked] == [
        ("POST", "/graphql", 200),
        ("POST", "/graphql", 401),
    ]
    assert asked[0]["request_id"] == "r-3"
    assert [line["principal"] for line in asked] == ["desk", None]
    assert asked[0]["ms"] >= 0
    assert "canary" not in log.getvalue()


def test_what_is_masked_stands_in_the_log(runner: asyncio.Runner, log: io.StringIO) -> None:
    client, _ = _broken(runner, ZeroDivisionError("why it failed"))
    client.send("POST", "/graphql", json=QUESTION, headers={"X-Request-ID": "r-4"})
    found = [json.loads(line) for line in log.getvalue().splitlines()]
    failed = next(line for line in found if line["level"] == "error")
    assert failed["request_id"] == "r-4"
    assert "why it failed" in failed["exception"]


def test_a_value_with_the_name_of_a_secret_is_hidden(log: io.StringIO) -> None:
    structlog.get_logger("test").info("said", neo4j_password="canary", nested={"Authorization": "canary", "a": 1})
    logging.getLogger("test").warning("said too", extra={"api_token": "canary"})
    first, second = (json.loads(line) for line in log.getvalue().splitlines())
    assert first["neo4j_password"] == "[hidden]"
    assert first["nested"] == {"Authorization": "[hidden]", "a": 1}
    assert second["api_token"] == "[hidden]"


def test_text_is_for_people(log: io.StringIO) -> None:
    configure_logging("text", stream=log)
    structlog.get_logger("test").info("said", colour="red")
    assert "said" in log.getvalue()
    assert "colour=red" in log.getvalue()


# The page.


def test_a_browser_gets_the_page(client: Client) -> None:
    response = client.send("GET", "/graphql", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    policy = response.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "http" not in response.text.replace("http://www.w3.org", "")


def test_the_files_of_the_page_are_served_and_may_be_kept(client: Client) -> None:
    page = client.send("GET", "/graphql", headers={"Accept": "text/html"}).text
    addresses = [part.split('"')[0] for part in page.split('="')[1:] if part.startswith("/static/")]
    assert len(addresses) == 6
    for address in addresses:
        packed = client.send("GET", address)
        plain = client.send("GET", address, headers={"Accept-Encoding": "identity"})
        assert packed.status_code == plain.status_code == 200
        assert packed.content == plain.content
        assert packed.headers["content-encoding"] == "gzip"
        assert "immutable" in packed.headers["cache-control"]


def test_the_page_opens_with_the_demo_queries(client: Client) -> None:
    page = client.send("GET", "/graphql", headers={"Accept": "text/html"}).text
    told = json.loads(page.split('id="told">')[1].split("</script>")[0])
    assert told["endpoint"] == "/graphql"
    assert [tab["query"] for tab in told["tabs"]] == [query.text for query in demo_queries()]


def test_the_demo_queries_say_what_they_ask() -> None:
    found = demo_queries()
    assert len(found) == 4
    assert found[0].title == (
        "Which goals does this dataset serve, what is upstream of it, and who is its agency's data officer?"
    )
    assert all(query.title.endswith("?") for query in found)
