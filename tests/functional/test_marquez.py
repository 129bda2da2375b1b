"""Marquez's reads: who sees what, bounds, refusals, names, and the graph of lineage; on both stores."""

from __future__ import annotations

import asyncio
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from catalog.access import Audience, Reader
from catalog.batch import Batch, EdgeStatement, NodeStatement
from catalog.model import MODEL
from catalog.model.data import Column, Dataset
from catalog.model.enums import AssertionStatus
from catalog.model.lineage import Job
from catalog.stores.layout import Tables
from catalog.stores.port import Store
from catalog.stores.sqlite.store import SqliteStore
from catalog.urn import Urn, dcat, key, openlineage, part
from graphql_schema import Context
from lineage.traverse import MAX_DEPTH
from loaders.openlineage.loader import OpenLineageLoader, load_events
from server.marquez.asking import MAX_LIMIT, Asking, Query
from server.marquez.lineage import lineage
from server.marquez.lists import MAX_LISTED, MAX_NESTED
from server.marquez.routes import ROUTES
from tests.support.marquez import LOADER, NOW, STAFF, Reads
from tests.support.openlineage import column_lineage, dataset, event, random_events, run_id

Value = dict[str, Any]


@pytest.fixture
def reads(store: Store, runner: asyncio.Runner) -> Reads:
    return Reads(store, runner)


def say(reads: Reads, *nodes: NodeStatement, edges: list[EdgeStatement] | None = None) -> None:
    batch = Batch(source=key("source", "test"), by="test", at=NOW, day=date(2026, 11, 1))
    batch.nodes += nodes
    batch.edges += edges or []
    reads.runner.run(reads.store.write(batch))


def load(reads: Reads, events: list[Value], folder: Path) -> None:
    import msgspec

    path = folder / "events.ndjson"
    path.write_bytes(b"\n".join(msgspec.json.encode(each) for each in events))
    reads.runner.run(load_events(OpenLineageLoader.open([str(path)]), reads.store))


def made(urn: Urn, audience: Audience = Audience.PUBLIC, **props: Any) -> NodeStatement:
    return NodeStatement(Dataset(urn=urn, title=str(props.pop("title", "t")), **props), audience)


def job(name: str, audience: Audience = Audience.PUBLIC) -> NodeStatement:
    return NodeStatement(Job(urn=openlineage("job", "etl", name), namespace="etl", name=name), audience)


def ol(name: str) -> Urn:
    return openlineage("dataset", "warehouse", name)


def node_id(name: str) -> str:
    return f"dataset:warehouse:{name}"


# Names


@pytest.mark.long_on_neo4j
def test_names_go_round_whatever_is_in_them(reads: Reads) -> None:
    spaces = ["s3://bucket/a b", "postgres://db:5432", "é%2F?#", "waypost:x"]
    names = ["a/b.parquet", "public.t:x#y", "ü"]
    say(reads, *(made(openlineage("dataset", namespace, name)) for namespace in spaces for name in names))
    listed = [each["name"] for each in reads.get("/namespaces")["namespaces"]]
    assert listed == sorted([*spaces[:-1], "waypost:ol:waypost%3Ax"])
    for namespace in listed:
        datasets = reads.get(f"/namespaces/{quote(namespace, safe='')}/datasets")["datasets"]
        assert sorted(each["name"] for each in datasets) == sorted(names)
        for each in datasets:
            assert each["namespace"] == namespace
            path = f"/namespaces/{quote(namespace, safe='')}/datasets/{quote(each['name'], safe='')}"
            assert reads.get(path) == each
            graph = reads.get(f"/lineage?nodeId={quote(':'.join(('dataset', namespace, each['name'])))}")["graph"]
            assert [node["data"]["urn"] for node in graph] == [each["urn"]]


def test_a_dataset_of_a_catalog_is_in_the_namespace_of_its_catalog(reads: Reads) -> None:
    urn = dcat("dataset", "data.example.gov", "https://data.example.gov/d/1")
    say(reads, made(urn, title="Budget", identifier="1", keywords=("money",), modified=date(2026, 1, 2)))
    (found,) = reads.get("/namespaces/waypost:dcat:data.example.gov/datasets")["datasets"]
    assert (found["id"]["name"], found["physicalName"], found["title"]) == (
        "https://data.example.gov/d/1",
        "1",
        "Budget",
    )
    assert (found["tags"], found["lastModifiedAt"]) == (["money"], "2026-01-02T00:00:00Z")
    assert reads.get("/tags") == {"tags": [{"name": "money", "description": None}], "totalCount": 1}


# Who sees what


def test_what_is_for_staff_is_not_there_for_others(reads: Reads, tmp_path: Path) -> None:
    load(reads, [event("COMPLETE", "01", inputs="a", outputs=[dataset("b", "x")])], tmp_path)
    say(reads, made(dcat("dataset", "portal", "1")))
    run = run_id("r")
    paths = [
        "/namespaces/warehouse",
        "/namespaces/warehouse/datasets",
        "/namespaces/warehouse/datasets/a",
        "/namespaces/warehouse/datasets/a/versions",
        "/namespaces/etl/jobs",
        "/namespaces/etl/jobs/j",
        "/namespaces/etl/jobs/j/runs",
        f"/jobs/runs/{run}",
        f"/lineage?nodeId={node_id('a')}",
        f"/column-lineage?nodeId={node_id('b')}",
    ]
    for path in paths:
        assert reads.ask(path).status_code == 200, path
        for token in (None, LOADER):
            found = reads.ask(path, token)
            assert (found.status_code, found.json()["code"]) == (404, 404), path
            assert "urn:" not in found.text
    for token in (None, LOADER):
        assert [each["name"] for each in reads.get("/namespaces", token)["namespaces"]] == ["waypost:dcat:portal"]
        assert reads.get("/search?q=a", token)["totalCount"] == 0
        assert reads.get("/events", token) == {"events": [], "totalCount": 0}
        assert reads.get("/sources", token)["totalCount"] == 0


@pytest.mark.long_on_neo4j
def test_a_job_for_staff_leaves_a_step_from_dataset_to_dataset(reads: Reads) -> None:
    a, b, c, d = map(ol, "abcd")
    feeds = [
        EdgeStatement(Dataset.downstream, a, b, props={"job": openlineage("job", "etl", "secret")}),
        EdgeStatement(Dataset.downstream, b, c, props={"job": openlineage("job", "etl", "open")}),
        EdgeStatement(Dataset.downstream, c, d),
    ]
    say(reads, *map(made, (a, b, c, d)), job("secret", Audience.STAFF), job("open"), edges=feeds)
    public = edges_of(reads.get(f"/lineage?nodeId={node_id('a')}", None))
    assert public == {
        (node_id("a"), node_id("b")),
        (node_id("b"), "job:etl:open"),
        ("job:etl:open", node_id("c")),
        (node_id("c"), node_id("d")),
    }
    staff = edges_of(reads.get(f"/lineage?nodeId={node_id('a')}"))
    assert staff - public == {(node_id("a"), "job:etl:secret"), ("job:etl:secret", node_id("b"))}


@pytest.mark.long_on_neo4j
def test_a_placeholder_keeps_the_shape(reads: Reads) -> None:
    a, b, c = map(ol, "abc")
    feeds = [EdgeStatement(Dataset.downstream, *ends) for ends in ((a, b), (b, c))]
    say(reads, made(a), made(b, Audience.STAFF), made(c), edges=feeds)
    reader = Reader("veiled", (Audience.PUBLIC,), (Audience.STAFF,))
    asking = Asking(Context(reads.store, reader, NOW.date(), "test"), Query(f"nodeId={node_id('a')}".encode()))
    found = reads.runner.run(lineage(asking))
    hidden = found.graph[1]
    assert [node.id for node in found.graph] == [node_id("a"), hidden.id, node_id("c")]
    assert hidden.id.startswith("dataset:waypost:hidden:")
    assert hidden.data is None
    assert [(edge.origin, edge.destination) for edge in hidden.out_edges] == [(hidden.id, node_id("c"))]
    assert found.completeness.hidden_nodes == 1
    assert reads.ask(f"/lineage?nodeId={quote(hidden.id)}").status_code == 404


# The graph


def edges_of(found: Value) -> set[tuple[str, str]]:
    """The edges of an answer, once it is seen that each stands at both its nodes."""
    into = {(edge["origin"], edge["destination"]) for node in found["graph"] for edge in node["inEdges"]}
    out = {(edge["origin"], edge["destination"]) for node in found["graph"] for edge in node["outEdges"]}
    assert into == out
    for node in found["graph"]:
        assert {edge["destination"] for edge in node["inEdges"]} <= {node["id"]}
        assert {edge["origin"] for edge in node["outEdges"]} <= {node["id"]}
    assert {id_ for edge in into for id_ in edge} <= {node["id"] for node in found["graph"]}
    return into


WALK = """query ($urn: ID!, $depth: Int!) { lineage(urn: $urn, direction: BOTH, depth: $depth) {
  nodes { urn } edges { upstream downstream } completeness { isComplete reasons omittedNodes hiddenNodes } } }"""


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.long_on_neo4j)])
def test_lineage_is_that_of_graphql_with_the_jobs_in_it(reads: Reads, tmp_path: Path, seed: int) -> None:
    load(reads, random_events(seed, 40), tmp_path)
    jobs = {each["name"]: each for each in reads.get("/namespaces/etl/jobs")["jobs"]}
    datasets = reads.get("/namespaces/warehouse/datasets")["datasets"]
    for each in datasets:
        for depth in (1, MAX_DEPTH):
            found = reads.get(f"/lineage?nodeId=dataset:warehouse:{each['name']}&depth={depth}")
            walked = graphql(reads, urn=each["urn"], depth=depth)
            shown = {node["data"]["urn"]: node["id"] for node in found["graph"] if node["type"] == "DATASET"}
            assert set(shown) == {node["urn"] for node in walked["nodes"]}
            assert found["completeness"] == walked["completeness"]
            edges = edges_of(found)
            for link in walked["edges"]:
                ends = shown[link["upstream"]], shown[link["downstream"]]
                through = {end for start, end in edges if start == ends[0]} & {s for s, end in edges if end == ends[1]}
                assert ends in edges or through, link
            for node in found["graph"]:
                if node["type"] == "JOB":
                    told = jobs[node["data"]["name"]]
                    inputs = {f"dataset:warehouse:{d['name']}" for d in told["inputs"]} & set(shown.values())
                    outputs = {f"dataset:warehouse:{d['name']}" for d in told["outputs"]} & set(shown.values())
                    ends = (
                        {start for start, end in edges if end == node["id"]},
                        {e for s, e in edges if s == node["id"]},
                    )
                    assert ends == (inputs, outputs)
                    assert (inputs and outputs) or not (told["inputs"] and told["outputs"])


def graphql(reads: Reads, **variables: Any) -> Value:
    import httpx

    async def asked() -> Value:
        transport = httpx.ASGITransport(reads.app)
        headers = {"Authorization": f"Bearer {STAFF}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", headers=headers) as client:
            answer = await client.post("/graphql", json={"query": WALK, "variables": variables})
            found: Value = answer.json()["data"]["lineage"]
            return found

    return reads.runner.run(asked())


@pytest.mark.long_on_neo4j
def test_a_job_has_upstream_what_it_reads_and_downstream_what_it_writes(reads: Reads, tmp_path: Path) -> None:
    chain = [event("COMPLETE", "01", run=n, job=n, inputs=n, outputs=chr(ord(n) + 1)) for n in "abcd"]
    load(reads, [*chain, event("COMPLETE", "01", run="x", job="x", inputs="c", outputs="z")], tmp_path)

    def datasets(depth: int) -> set[str]:
        found = reads.get(f"/lineage?nodeId=job:etl:b&depth={depth}")["graph"]
        return {node["data"]["name"] for node in found if node["type"] == "DATASET"}

    assert datasets(1) == {"a", "b", "c", "d", "z"}
    assert datasets(2) == {"a", "b", "c", "d", "e", "z"}


def test_jobs_shown_are_those_on_the_way_and_those_that_lead_nowhere(reads: Reads, tmp_path: Path) -> None:
    load(
        reads,
        [
            event("COMPLETE", "01", run="1", job="source", outputs="a"),
            event("COMPLETE", "01", run="2", job="ab", inputs="a", outputs="b"),
            event("COMPLETE", "01", run="3", job="bc", inputs="b", outputs="c"),
            event("COMPLETE", "01", run="4", job="sink", inputs="b"),
        ],
        tmp_path,
    )

    def jobs(depth: int) -> set[str]:
        found = reads.get(f"/lineage?nodeId={node_id('a')}&depth={depth}")
        return {node["data"]["name"] for node in found["graph"] if node["type"] == "JOB"}

    assert jobs(1) == {"source", "ab"}
    assert jobs(2) == {"source", "ab", "bc", "sink"}


def test_a_request_takes_a_fixed_number_of_round_trips_and_lineage_one_a_level(reads: Reads, tmp_path: Path) -> None:
    steps = [event("COMPLETE", "01", run=n, job=n, inputs=n, outputs=[dataset(chr(ord(n) + 1), "x")]) for n in "abcdef"]
    for each in steps:
        source = each["inputs"][0]["name"]
        each["outputs"][0]["facets"]["columnLineage"] = column_lineage(f"{source}.x>x")
    load(reads, steps, tmp_path)
    expected = {
        "/namespaces": 2,
        "/namespaces/warehouse": 1,
        "/namespaces/warehouse/datasets": 1,
        "/namespaces/warehouse/datasets/a": 1,
        "/namespaces/warehouse/datasets/a/versions": 1,
        "/namespaces/etl/jobs": 1,
        "/namespaces/etl/jobs/a": 1,
        "/namespaces/etl/jobs/a/runs": 1,
        f"/jobs/runs/{run_id('a')}": 1,
        "/sources": 1,
        "/tags": 1,
        "/events": 1,
        "/events/etl": 1,
        "/search?q=a": 3,
        # The node, three hops downstream and one past them, one hop upstream that finds nothing, datasets, jobs.
        f"/lineage?nodeId={node_id('a')}&depth=3": 1 + 4 + 1 + 2,
        f"/lineage?nodeId={node_id('d')}&depth=2": 1 + 2 * 3 + 2,
        # The node, two levels and one past them.
        f"/column-lineage?nodeId={node_id('g')}&depth=2": 1 + 3,
        f"/column-lineage?nodeId={node_id('d')}&depth=2&withDownstream=true": 1 + 3,
    }
    for path, count in expected.items():
        reads.get(path)
        assert reads.round_trips == count, path


# Bounds


@pytest.mark.long_on_neo4j
def test_lists_are_paged_by_number(reads: Reads) -> None:
    names = [f"d{n}" for n in range(7)]
    say(reads, *(made(ol(name)) for name in names))
    for limit, offset in ((3, 0), (3, 3), (3, 6), (3, 9), (0, 0), (100, 2)):
        found = reads.get(f"/namespaces/warehouse/datasets?limit={limit}&offset={offset}")
        assert [each["name"] for each in found["datasets"]] == names[offset:][:limit]
        assert found["totalCount"] == 7
    assert len(reads.get("/namespaces?limit=0&offset=0")["namespaces"]) == 0


@pytest.mark.long_on_neo4j
def test_what_is_cut_is_told(reads: Reads) -> None:
    say(reads, made(ol("wide")))
    columns = [part(ol("wide"), "column", f"c{n:03}") for n in range(MAX_NESTED + 1)]
    say(
        reads,
        *(NodeStatement(Column(urn=urn, name=urn[-4:])) for urn in columns),
        edges=[EdgeStatement(Dataset.columns, ol("wide"), urn) for urn in columns],
    )
    (listed,) = reads.get("/namespaces/warehouse/datasets")["datasets"]
    assert (len(listed["fields"]), listed["incomplete"]) == (MAX_NESTED, ["fields"])
    alone = reads.get("/namespaces/warehouse/datasets/wide")
    assert len(alone["fields"]) == MAX_NESTED + 1
    assert "incomplete" not in alone


@pytest.mark.long_on_neo4j
def test_lineage_says_what_it_leaves_out(reads: Reads, tmp_path: Path) -> None:
    load(reads, [event("COMPLETE", "01", run=n, job=n, inputs=n, outputs=chr(ord(n) + 1)) for n in "abc"], tmp_path)
    cut = reads.get(f"/lineage?nodeId={node_id('a')}&depth=1")["completeness"]
    assert cut == {"isComplete": False, "reasons": ["DEPTH"], "omittedNodes": 1, "hiddenNodes": 0}
    whole = reads.get(f"/lineage?nodeId={node_id('a')}&depth=3")["completeness"]
    assert whole == {"isComplete": True, "reasons": [], "omittedNodes": 0, "hiddenNodes": 0}


def test_lineage_crosses_the_names_of_a_dataset(reads: Reads, tmp_path: Path) -> None:
    """A flow into b and one out of c, which are stated to be one."""
    pairs = [("in", "a", "b"), ("out", "c", "d")]
    load(reads, [event("COMPLETE", "01", run=job, job=job, inputs=i, outputs=o) for job, i, o in pairs], tmp_path)
    before = reads.get(f"/lineage?nodeId={node_id('a')}")
    assert edges_of(before) == {(node_id("a"), "job:etl:in"), ("job:etl:in", node_id("b"))}
    say(reads, edges=[EdgeStatement(Dataset.same_as, ol("b"), ol("c"), props={"status": AssertionStatus.STATED})])
    for begin in "ad":
        found = reads.get(f"/lineage?nodeId={node_id(begin)}")
        assert edges_of(found) == {
            *edges_of(before),
            *((node_id("b"), node_id("c")), (node_id("c"), node_id("b"))),
            *((node_id("c"), "job:etl:out"), ("job:etl:out", node_id("d"))),
        }
        assert found["completeness"]["isComplete"]


# Refusals

AT_FAULT = [
    "/namespaces?limit=-1",
    "/namespaces?limit=x",
    "/namespaces?limit=",
    "/namespaces?limit=1.0",
    "/namespaces?limit=%2B1",
    "/namespaces?limit=٣",
    f"/namespaces?limit={MAX_LIMIT + 1}",
    "/namespaces?offset=-1",
    "/namespaces?offset=100001",
    "/namespaces?limit=" + "9" * 5000,
    "/namespaces?limit=%ff",
    "/namespaces?" + "&".join(f"a{n}=" for n in range(60)),
    f"/events?limit={MAX_LISTED + 1}",
    "/lineage",
    "/lineage?nodeId=",
    "/lineage?nodeId=nope",
    "/lineage?nodeId=run:a:b",
    "/lineage?nodeId=datasetField:a:b:c",
    "/lineage?nodeId=dataset:" + ":" * 100,
    "/lineage?nodeId=dataset:a:b&depth=0",
    f"/lineage?nodeId=dataset:a:b&depth={MAX_DEPTH + 1}",
    "/column-lineage?nodeId=dataset:a:b&withDownstream=maybe",
    "/search",
    "/search?q=%20",
    "/search?q=" + "a" * 1001,
    "/search?q=" + "+".join(f"w{n}" for n in range(17)),
    "/search?q=a&filter=run",
    "/search?q=a&sort=size",
    "/jobs/runs/nope",
    "/namespaces/%ff",
]
NOT_THERE = [
    "/namespaces/nope",
    "/namespaces/nope/datasets",
    "/namespaces/nope/jobs",
    "/namespaces/waypost:nope/datasets",
    "/namespaces/a/datasets/" + "b" * 3000,
    "/namespaces/a%00/datasets/b",
    "/sources/nope",
    f"/jobs/runs/{run_id('nope')}",
    "/lineage?nodeId=dataset:a:b",
    "/column-lineage?nodeId=datasetField:a:b:c",
    "/nope",
    "/",
    "/namespaces/",
    "/namespaces//datasets",
    "/events/a//b",
    "/lineage/nope",
]


@pytest.mark.long_on_neo4j
def test_what_is_at_fault_is_refused_in_marquez_form(reads: Reads) -> None:
    for path in AT_FAULT:
        found = reads.ask(path)
        assert (found.status_code, found.json()["code"]) == (400, 400), path
        assert set(found.json()) == {"code", "message"}
        assert len(found.text) < 1000
        assert found.headers["content-type"] == "application/json"
        assert reads.round_trips == 0


@pytest.mark.long_on_neo4j
def test_what_is_not_there_is_404_in_marquez_form(reads: Reads) -> None:
    for path in NOT_THERE:
        found = reads.ask(path)
        assert (found.status_code, found.json()["code"]) == (404, 404), path
        assert set(found.json()) == {"code", "message"}


@pytest.mark.long_on_neo4j
def test_who_shows_a_wrong_token_is_refused(reads: Reads) -> None:
    found = reads.ask("/namespaces", "nobody-canary")
    assert (found.status_code, found.json()["code"]) == (401, 401)
    assert found.headers["www-authenticate"].startswith("Bearer")
    assert "canary" not in found.text


@pytest.mark.long_on_neo4j
def test_other_methods_are_refused(reads: Reads) -> None:
    for method in ("PUT", "POST", "DELETE", "PATCH"):
        found = reads.ask("/namespaces/a", method=method)
        assert (found.status_code, found.headers["allow"]) == (405, "GET, HEAD")
    assert reads.ask("/lineage", method="PUT").headers["allow"] == "GET, HEAD, POST"
    head = reads.ask("/namespaces", method="HEAD")
    assert head.status_code == 200


@pytest.mark.long_on_neo4j
def test_answers_are_kept_by_nobody_and_bind_the_browser(reads: Reads) -> None:
    for path in ("/namespaces", "/nope"):
        headers = reads.ask(path).headers
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-request-id"]


@pytest.mark.long_on_neo4j
def test_a_request_has_the_time_that_a_query_has(store: Store, runner: asyncio.Runner) -> None:
    found = Reads(store, runner, timeout_seconds=1e-6).ask("/namespaces/a/datasets")
    assert (found.status_code, found.json()["code"]) == (504, 504)


def test_a_database_that_is_away_is_worth_a_retry(tmp_path: Path, runner: asyncio.Runner) -> None:
    (tmp_path / "a folder.db").mkdir()
    store = SqliteStore.open(tmp_path / "a folder.db", Tables(MODEL))
    for path in ("/namespaces", "/namespaces/a/datasets", "/lineage?nodeId=dataset:a:b"):
        found = Reads(store, runner).ask(path)
        assert (found.status_code, found.headers["retry-after"]) == (503, "5")
        assert str(tmp_path) not in found.text


def test_every_route_is_in_the_documents() -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "marquez.md"
    text = page.read_text(encoding="utf-8")
    assert [path for path in ROUTES if f"`{path.replace('...', '')}" not in text] == []
    for bound in (MAX_LIMIT, MAX_LISTED, MAX_NESTED, MAX_DEPTH):
        assert f"{bound:,}" in text
