"""dbt's files in: the real ones whole, a project with what they lack, and each way in which a file or node can be wrong."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.model.data import Column, Dataset
from catalog.model.enums import RunState
from catalog.model.lineage import Flow, Job, Run
from catalog.urn import openlineage
from loaders.dbt.loader import DbtLoader
from loaders.dbt.rules import DbtRule
from loaders.errors import LoaderError
from loaders.fields import Rule
from loaders.record import Record
from tests.support.dbt_project import SCHEMA, WAREHOUSE, catalog, manifest, node, results, table_names, write

MANIFESTS = {
    "manifest.v5.jaffle_shop.manifest.json": (55, 30, 22),
    "manifest.v8.jaffle_shop.manifest.json": (28, 8, 8),
    "manifest.v12.jaffle_shop.manifest_1.10.json": (77, 22, 20),
}
"""Each real manifest: its nodes, the datasets that they are, and what flows between these."""


PARTS = ("nodes", "sources", "metrics", "semantic_models", "saved_queries")


def opened(folder: Path, content: Any = None, **more: Any) -> DbtLoader:
    """The loader of a manifest, with a catalog and results where these are given."""
    files: dict[str, Any] = {
        name: write(folder, name, more.pop(name)) for name in ("catalog", "run_results") if name in more
    }
    path = write(folder, "manifest", manifest() if content is None else content)
    more.setdefault("namespace", WAREHOUSE)
    return DbtLoader.open(path, **files, **more)


def entities(records: list[Record], kind: type[Any]) -> dict[str, Any]:
    """The things of a kind that are stated, by what they are called."""
    return {n.entity.urn.rpartition(":")[2]: n.entity for r in records for n in r.nodes if isinstance(n.entity, kind)}


def edges(records: list[Record], type_: str) -> set[tuple[str, str]]:
    return {
        (e.tail.rpartition(":")[2], e.head.rpartition(":")[2])
        for record in records
        for e in record.edges
        if e.relation.type == type_
    }


# What a project becomes


def test_every_node_is_accounted_for_and_what_is_disabled_is_none(tmp_path: Path) -> None:
    loader = opened(tmp_path)
    records = list(loader.records())

    assert [record.problem for record in records if record.problem] == []
    assert len(records) == loader.expected == 14
    assert {r.identifier for r in records} == {
        id_ for section in manifest().values() for id_ in section if id_.count(".roads.") and "off" not in id_
    } - {"group.roads.movement"}
    assert records[0].place == "manifest.json: nodes['seed.roads.towns']"
    assert (loader.source.urn, loader.day) == ("urn:waypost:source:key:dbt:roads:dot", date(2022, 5, 2))
    assert loader.source.title == "roads in dot"


def test_datasets_have_the_names_that_openlineage_gives_them(tmp_path: Path) -> None:
    stated = {d.urn for d in entities(list(opened(tmp_path).records()), Dataset).values()}
    expected = {openlineage("dataset", WAREHOUSE, name) for name in table_names()}
    assert stated == expected | {openlineage("dataset", "dbt", "exposure.roads.towns_page")}


@pytest.mark.parametrize(
    ("adapter", "namespace", "expected"),
    [
        ("bigquery", None, "bigquery"),
        ("postgres", None, "dbt://roads"),
        ("bigquery", "bigquery://x", "bigquery://x"),
        (None, None, "dbt://roads"),
    ],
)
def test_a_namespace_is_assumed_only_where_none_is_told(
    tmp_path: Path, adapter: str | None, namespace: str | None, expected: str
) -> None:
    content = manifest()
    content["metadata"]["adapter_type"] = adapter
    loader = opened(tmp_path, content, namespace=namespace)
    assert (loader.names.namespace, loader.names.is_assumed) == (expected, expected.startswith("dbt://"))


def test_a_table_is_named_as_the_database_names_it(tmp_path: Path) -> None:
    more = [
        node("model", "aliased", alias="known_as"),
        node("model", "no_database", database=None),
        node("model", "versioned", alias="versioned_v2", version=2),
        node("test", "kept", "model.aliased", relation_name='"dot"."audit"."kept"', schema="audit"),
    ]
    content = manifest(*more)
    content["sources"]["source.roads.state.trips"]["identifier"] = "trips_2022"
    datasets = entities(list(opened(tmp_path, content).records()), Dataset)
    found = {name: datasets[name].title for name in datasets}
    assert (
        found.items()
        >= {
            "dot.main.known_as": "aliased",
            "main.no_database": "no_database",
            "dot.main.versioned_v2": "versioned v2",
            "dot.audit.kept": "kept",
            "dot.raw.trips_2022": "trips",
        }.items()
    )


def test_lineage_goes_through_what_is_no_table(tmp_path: Path) -> None:
    records = list(opened(tmp_path).records())

    feeds = {
        ("dot.raw.trips", "dot.main.trips_clean"),
        ("dot.main.towns", "dot.main.trips_clean"),
        ("dot.main.trips_clean", "dot.main.trips_by_town"),
        ("dot.main.trips_clean", "dot.main.trips_history"),
        ("dot.main.trips_by_town", "exposure.roads.towns_page"),
        ("dot.main.trips_history", "exposure.roads.towns_page"),
        ("dot.main.trips_by_town", "dot.out.monthly"),
    }
    assert edges(records, "FEEDS") == feeds
    assert len(entities(records, Flow)) == len(feeds)
    via = dict(edges(records, "VIA"))
    assert Counter(via.values())["model.roads.trips_clean"] == 2
    assert edges(records, "WRITES") == {
        ("seed.roads.towns", "dot.main.towns"),
        ("model.roads.trips_clean", "dot.main.trips_clean"),
        ("model.roads.trips_by_town", "dot.main.trips_by_town"),
        ("snapshot.roads.trips_history", "dot.main.trips_history"),
        ("exposure.roads.towns_page", "exposure.roads.towns_page"),
        ("saved_query.roads.monthly", "dot.out.monthly"),
    }
    reads = edges(records, "READS")
    assert {("model.roads.only_valid", "dot.raw.trips"), ("metric.roads.trips", "dot.main.trips_by_town")} <= reads
    assert ("test.roads.not_null_trip_id.0123", "dot.main.trips_clean") in reads
    assert not [job for job, _ in reads if job.startswith(("unit_test", "operation", "seed"))]


def test_jobs_say_what_they_are_and_who_answers_for_them(tmp_path: Path) -> None:
    records = list(opened(tmp_path).records())
    jobs = entities(records, Job)
    assert {name: job.kind_of_job for name, job in jobs.items()} == {
        "seed.roads.towns": "dbt seed",
        "model.roads.only_valid": "dbt model",
        "model.roads.trips_clean": "dbt model",
        "model.roads.trips_by_town": "dbt model",
        "snapshot.roads.trips_history": "dbt snapshot",
        "test.roads.not_null_trip_id.0123": "dbt test",
        "operation.roads.on_run_end": "dbt operation",
        "analysis.roads.look": "dbt analysis",
        "exposure.roads.towns_page": "dbt exposure: dashboard",
        "semantic_model.roads.trips": "dbt semantic model",
        "metric.roads.trips": "dbt metric",
        "saved_query.roads.monthly": "dbt saved query",
        "unit_test.roads.trips_clean.cleans": "dbt unit test",
    }
    assert {(job.namespace, job.name) for job in jobs.values()} == {("dbt", name) for name in jobs}
    assert jobs["model.roads.trips_clean"].owner == "move@roads.example"
    assert jobs["model.roads.trips_clean"].description == "Trips, cleaned."
    page = entities(records, Dataset)["exposure.roads.towns_page"]
    assert (page.title, page.landing_page) == ("Trips by town", "https://roads.example/towns")
    assert (page.contact_name, page.contact_email) == ("Office of Roads", "roads@roads.example")


def test_columns_have_the_types_of_the_warehouse_and_the_words_of_the_project(tmp_path: Path) -> None:
    found = catalog(trips_clean={"town": "text", "trip_id": "bigint", "extra": "bool"})
    columns = entities(list(opened(tmp_path, catalog=found).records()), Column)

    told = {c.name: (c.data_type, c.definition, c.position) for c in columns.values()}
    assert told == {
        "extra": ("bool", "Said by it.", 0),
        "trip_id": ("bigint", "Number of the trip.", 1),
        "town": ("text", "Where it began.", 2),
        "gone": (None, "Is not there.", None),
    }
    assert columns["dot.main.trips_clean#town"].urn.endswith(":dot.main.trips_clean#town")
    assert {c.data_type for c in entities(list(opened(tmp_path).records()), Column).values()} == {"int", None}


def test_of_two_nodes_of_one_table_the_one_that_makes_it_speaks(tmp_path: Path) -> None:
    content = manifest()
    twin = node("source", "state.made", section="sources", name="trips_by_town", database="dot", schema="main")
    content["sources"] = {twin["unique_id"]: {**twin, "description": "Found."}, **content["sources"]}
    content["nodes"]["model.roads.trips_by_town"]["description"] = "Made."
    records = list(opened(tmp_path, content).records())
    stated = [n.entity for r in records for n in r.nodes if n.entity.urn.endswith(":dot.main.trips_by_town")]
    assert [d.description for d in stated if isinstance(d, Dataset)] == ["Made."]
    assert [record.problem for record in records if record.problem] == []


def test_a_round_of_ephemeral_models_ends(tmp_path: Path) -> None:
    ephemeral: dict[str, Any] = {"config": {"materialized": "ephemeral"}}
    more = [
        node("model", "a", "model.b", "source.state.trips", **ephemeral),
        node("model", "b", "model.a", **ephemeral),
        node("model", "c", "model.b", "model.c"),
    ]
    records = list(opened(tmp_path, manifest(*more)).records())
    assert {tail for tail, head in edges(records, "FEEDS") if head == "dot.main.c"} == {"dot.raw.trips"}


# Results


@pytest.mark.parametrize(
    ("status", "state", "wrote"),
    [
        ("success", RunState.COMPLETED, True),
        ("error", RunState.FAILED, False),
        ("runtime error", RunState.FAILED, False),
        ("partial success", RunState.FAILED, True),
        ("skipped", RunState.ABORTED, False),
        ("no-op", RunState.OTHER, False),
    ],
)
def test_a_result_is_a_run_of_the_job(tmp_path: Path, status: str, state: RunState, wrote: bool) -> None:
    found = results(model__trips_clean=status)
    records = list(opened(tmp_path, run_results=found).records())

    (run,) = entities(records, Run).values()
    assert run.urn == "urn:waypost:run:key:dbt:first:model.roads.trips_clean"
    assert (run.state, run.wrote, run.run_id) == (state, wrote, None)
    assert edges(records, "EXECUTES") == {("model.roads.trips_clean", "model.roads.trips_clean")}
    assert len(edges(records, "WROTE")) == wrote
    times = (datetime(2022, 5, 2, 2, 0, 2, 500000, UTC), datetime(2022, 5, 2, 2, 0, 3, tzinfo=UTC))
    assert (run.started_at, run.ended_at) == ((None, None) if status == "skipped" else times)
    assert (records[-1].place, records[-1].identifier) == ("run_results.json: results[0]", "model.roads.trips_clean")


def test_a_test_passes_fails_or_warns_and_writes_nothing(tmp_path: Path) -> None:
    content = manifest(node("test", "fails", "model.trips_clean"), node("test", "warns", "model.trips_clean"))
    found = results(**{"test__not_null_trip_id.0123": "pass", "test__fails": "fail", "test__warns": "warn"})
    runs = entities(list(opened(tmp_path, content, run_results=found).records()), Run)
    assert [(r.state, r.wrote) for r in runs.values()] == [
        (RunState.COMPLETED, None),
        (RunState.FAILED, None),
        (RunState.COMPLETED, None),
    ]


@pytest.mark.parametrize("command", ["compile", "generate", "show", "list"])
def test_what_was_only_compiled_did_not_happen(tmp_path: Path, command: str) -> None:
    found = results(command, model__trips_clean="success")
    records = list(opened(tmp_path, run_results=found).records())
    (run,) = entities(records, Run).values()
    assert (run.state, run.wrote, edges(records, "WROTE")) == (RunState.OTHER, False, set())


# The real files


@pytest.fixture
def folder(real_data: Path) -> Path:
    return real_data / "dbt"


def expected_flows(content: dict[str, Any]) -> set[tuple[str, str]]:
    """(table that is read, table that is made) by ids of nodes: what each node sees of tables, until nothing is added."""
    sections: list[dict[str, Any]] = [content[name] for name in PARTS if name in content]
    nodes: dict[str, Any] = {id_: each for section in sections for id_, each in section.items()}
    parents: dict[str, set[str]] = {id_: set(n.get("depends_on", {}).get("nodes", ())) for id_, n in nodes.items()}
    tables = {
        id_
        for id_, n in nodes.items()
        if n["resource_type"] in ("model", "seed", "source", "saved_query")
        and n["config"].get("materialized") != "ephemeral"
    }
    sees: dict[str, set[str]] = {id_: set() for id_ in nodes}
    before = -1
    while before != (before := sum(map(len, sees.values()))):
        for id_, above in parents.items():
            for parent in above:
                sees[id_] |= {parent} if parent in tables else sees[parent]
    return {(parent, id_) for id_ in tables for parent in sees[id_]}


@pytest.mark.parametrize("name", MANIFESTS)
def test_a_real_manifest_is_loaded_whole(folder: Path, name: str) -> None:
    content = json.loads((folder / name).read_bytes())
    records = list(DbtLoader.open(str(folder / name)).records())

    assert [record.problem for record in records if record.problem] == []
    datasets = [n.entity for r in records for n in r.nodes if isinstance(n.entity, Dataset)]
    flows = {d.urn: d.identifier for d in datasets}
    feeds = {(flows[e.tail], flows[e.head]) for r in records for e in r.edges if e.relation is Dataset.downstream}
    assert feeds == expected_flows(content)
    assert (len(records), len(datasets), len(feeds)) == MANIFESTS[name]
    stated = sum(len(n["columns"]) for s in ("nodes", "sources") for n in content[s].values())
    assert len(entities(records, Column)) == stated


def test_the_real_catalog_and_results_belong_to_their_manifest(folder: Path) -> None:
    found = json.loads((folder / "catalog.v1.jaffle_shop.catalog_1.11.json").read_bytes())
    loader = DbtLoader.open(
        str(folder / "manifest.v12.jaffle_shop.manifest_1.10.json"),
        catalog=str(folder / "catalog.v1.jaffle_shop.catalog_1.11.json"),
        run_results=str(folder / "run_results.v6.jaffle_shop.run_results_1.11.json"),
        namespace="duckdb://jaffle_shop.duckdb",
    )
    records = list(loader.records())

    assert [record.problem for record in records if record.problem] == []
    types = {
        (f"{t['metadata']['database']}.{t['metadata']['schema']}.{t['metadata']['name']}#{c['name']}", c["type"])
        for section in ("nodes", "sources")
        for t in found[section].values()
        for c in t["columns"].values()
    }
    assert types <= {(name, c.data_type) for name, c in entities(records, Column).items()}
    runs = entities(records, Run)
    # They are those of 'dbt docs generate', which builds nothing.
    assert Counter(r.state for r in runs.values()) == {RunState.OTHER: 40}
    assert all(r.started_at and r.ended_at for r in runs.values())


# What is wrong


def broken(change: dict[str, Any], name: str = "model.roads.trips_clean") -> dict[str, Any]:
    content = manifest()
    content["nodes"][name] |= change
    return content


NODES: list[tuple[str, str, dict[str, Any]]] = [
    (DbtRule.RESOURCE_TYPE, "$.resource_type", {"resource_type": "spell"}),
    (DbtRule.UNIQUE_ID, "$.unique_id", {"unique_id": "model.roads.other"}),
    (DbtRule.UNKNOWN_NODE, "$.depends_on.nodes", {"depends_on": {"nodes": ["model.roads.nowhere"]}}),
    (Rule.REQUIRED, "$.unique_id", {"unique_id": None}),
    (Rule.REQUIRED, "$.resource_type", {"resource_type": None}),
    (Rule.REQUIRED, "$.name", {"name": ""}),
    (Rule.TYPE, "$.name", {"name": ["a"]}),
    (Rule.TYPE, "$.depends_on", {"depends_on": ["model.roads.towns"]}),
    (Rule.TYPE, "$.depends_on.nodes", {"depends_on": {"nodes": {"a": 1}}}),
    (Rule.TYPE, "$.columns", {"columns": [{"name": "a"}]}),
    (Rule.TYPE, "$.columns['a']", {"columns": {"a": "text"}}),
    (Rule.REQUIRED, "$.columns['a'].name", {"columns": {"a": {"name": None}}}),
    (Rule.SIZE, "$.columns", {"columns": {str(n): {"name": str(n)} for n in range(5001)}}),
    (Rule.ENCODING, "$.description", {"description": "a\0b"}),
    (Rule.HTML, "$.description", {"description": "<script>a"}),
    (Rule.IDENTIFIER, "$.unique_id", {"alias": "x" * 3000}),
    (Rule.IDENTIFIER, "$.columns['a'].name", {"columns": {"a": {"name": "a\u200bb"}}}),
]


@pytest.mark.parametrize(("rule", "path", "change"), NODES)
def test_what_is_wrong_with_a_node_is_named_with_its_place(
    tmp_path: Path, rule: str, path: str, change: dict[str, Any]
) -> None:
    content = broken(change)
    loader = opened(tmp_path, content)
    records = {r.identifier: r for r in loader.records()}

    assert [id_ for id_, r in records.items() if r.problem] == ["model.roads.trips_clean"]
    bad = records["model.roads.trips_clean"]
    assert bad.problem is not None
    assert (bad.problem.rule, bad.problem.path) == (rule, path)
    assert (bad.place, bad.raw) == (
        "manifest.json: nodes['model.roads.trips_clean']",
        content["nodes"]["model.roads.trips_clean"],
    )
    assert bad.problem.message
    assert bad.problem.remedy
    assert not bad.nodes + bad.edges
    # Nothing of it flows, and since no list is whole nothing that flowed before ends.
    assert not any("trips_clean" in end for pair in edges(list(records.values()), "FEEDS") for end in pair)
    restated = {relation for r in records.values() for _, relation in r.restates}
    assert restated == {Dataset.columns}


def test_a_node_that_is_no_object_is_kept_out(tmp_path: Path) -> None:
    content = manifest()
    content["exposures"]["exposure.roads.towns_page"] = "a page"
    loader = opened(tmp_path, content)
    (problem,) = [r.problem for r in loader.records() if r.problem]
    assert (problem.rule, problem.path, loader.complete) == (Rule.TYPE, "$", False)


RESULTS: list[tuple[str, str, Any]] = [
    (DbtRule.UNKNOWN_NODE, "$.unique_id", {"unique_id": "model.roads.nowhere", "status": "success"}),
    (DbtRule.UNKNOWN_NODE, "$.unique_id", {"unique_id": "source.roads.state.trips", "status": "pass"}),
    (Rule.REQUIRED, "$.unique_id", {"status": "success"}),
    (Rule.REQUIRED, "$.status", {"unique_id": "model.roads.trips_clean"}),
    (Rule.TYPE, "$.timing", {"unique_id": "model.roads.trips_clean", "status": "success", "timing": "1 s"}),
    (
        DbtRule.TIME,
        "$.timing[0].started_at",
        {
            "unique_id": "model.roads.trips_clean",
            "status": "success",
            "timing": [{"name": "execute", "started_at": "at noon"}],
        },
    ),
    (Rule.TYPE, "$", "success"),
]


@pytest.mark.parametrize(("rule", "path", "result"), RESULTS)
def test_what_is_wrong_with_a_result_is_named_with_its_place(tmp_path: Path, rule: str, path: str, result: Any) -> None:
    found = results(model__trips_by_town="success")
    found["results"].append(result)
    *_, good, bad = opened(tmp_path, run_results=found).records()
    assert good.problem is None
    assert bad.problem is not None
    assert (bad.problem.rule, bad.problem.path) == (rule, path)
    assert (bad.place, bad.raw) == ("run_results.json: results[1]", result)


@pytest.mark.parametrize(
    ("rule", "path", "id_", "entry"),
    [
        (DbtRule.UNKNOWN_NODE, "$", "model.roads.nowhere", {}),
        (Rule.TYPE, "catalog.columns", "model.roads.trips_clean", {"columns": "many"}),
        (
            Rule.TYPE,
            "catalog.columns['a'].index",
            "model.roads.trips_clean",
            {"columns": {"a": {"name": "a", "index": "i"}}},
        ),
    ],
)
def test_what_is_wrong_with_the_catalog_is_named(tmp_path: Path, rule: str, path: str, id_: str, entry: Any) -> None:
    found = catalog()
    found["nodes"][id_] = entry
    (bad,) = [r for r in opened(tmp_path, catalog=found).records() if r.problem]
    assert bad.problem is not None
    assert (bad.identifier, bad.problem.rule, bad.problem.path) == (id_, rule, path)


def test_every_rule_of_a_node_has_a_broken_one() -> None:
    of_a_file = {DbtRule.NOT_JSON, DbtRule.NO_ARTIFACT, DbtRule.VERSION}
    assert set(DbtRule) - of_a_file <= {rule for rule, _, _ in [*NODES, *RESULTS]}


def changed(content: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    return {**content, "metadata": {**content["metadata"], **metadata}}


FILES: list[tuple[str, str, dict[str, Any]]] = [
    (DbtRule.NOT_JSON, "manifest.json is no JSON", {"content": b"{"}),
    (DbtRule.NOT_JSON, "manifest.json is no JSON", {"content": b""}),
    (DbtRule.NOT_JSON, "manifest.json is no JSON", {"content": b"[" * 200_000}),
    (DbtRule.NOT_JSON, "manifest.json is no JSON", {"content": b'"\xe9"'}),
    (DbtRule.NO_ARTIFACT, "manifest.json is no manifest of dbt", {"content": []}),
    (DbtRule.NO_ARTIFACT, "manifest.json is no manifest of dbt", {"content": {"metadata": "none"}}),
    (DbtRule.NO_ARTIFACT, "manifest.json is no manifest of dbt", {"content": catalog()}),
    (DbtRule.NO_ARTIFACT, "'nodes' is no object", {"content": {**manifest(), "nodes": []}}),
    (DbtRule.NO_ARTIFACT, "catalog.json is no catalog of dbt", {"catalog": manifest()}),
    (DbtRule.NO_ARTIFACT, "run_results.json is no run-results of dbt", {"run_results": manifest()}),
    (DbtRule.NO_ARTIFACT, "'results' is no list", {"run_results": {**results(), "results": {}}}),
    (DbtRule.NO_ARTIFACT, "invocation_id", {"run_results": changed(results(), invocation_id=None)}),
    (DbtRule.NO_ARTIFACT, "adapter_type: 1.5 is no text", {"content": changed(manifest(), adapter_type=1.5)}),
    (DbtRule.NO_ARTIFACT, "project_name", {"content": changed(manifest(), project_name=["roads"])}),
    (DbtRule.NO_ARTIFACT, "the project cannot be named", {"content": changed(manifest(), project_name="x" * 3000)}),
    (DbtRule.VERSION, "v4, and v5 to v12 are read", {"content": manifest(version=4)}),
    (DbtRule.VERSION, "v13, and v5 to v12 are read", {"content": manifest(version=13)}),
    (
        DbtRule.VERSION,
        "v2, and v1 are read",
        {"catalog": changed(catalog(), dbt_schema_version=SCHEMA.format("catalog", 2))},
    ),
    (DbtRule.TIME, "'generated_at' is missing", {"content": changed(manifest(), generated_at=None)}),
    (DbtRule.TIME, "is no instant", {"content": changed(manifest(), generated_at="at noon")}),
]


@pytest.mark.parametrize(("rule", "words", "files"), FILES)
def test_a_file_that_is_none_is_refused_by_a_rule(tmp_path: Path, rule: str, words: str, files: dict[str, Any]) -> None:
    with pytest.raises(LoaderError, match=words) as refused:
        opened(tmp_path, **files)
    assert refused.value.rule == rule


@pytest.mark.parametrize("version", range(5, 13))
def test_each_version_from_5_to_12_is_read(tmp_path: Path, version: int) -> None:
    assert all(r.problem is None for r in opened(tmp_path, manifest(version=version)).records())


@pytest.mark.parametrize(
    ("metadata", "name"),
    [
        ({"project_name": "roads"}, "roads"),
        ({"project_name": None, "project_id": "c8e66b33fa1e9e0a922075366ecde908"}, "roads"),
        ({"project_name": None, "project_id": "0123"}, "0123"),
        ({"project_name": None, "project_id": None}, "manifest.json"),
    ],
)
def test_a_project_is_known_by_its_name(tmp_path: Path, metadata: dict[str, Any], name: str) -> None:
    loader = opened(tmp_path, changed(manifest(), **metadata))
    assert loader.names.project == name


# Whatever stands in them

JUNK: list[Any] = [
    None,
    True,
    -1,
    1.5,
    10**30,
    "",
    "x" * 5000,
    "a\0b",
    "<script>",
    [],
    [None],
    {},
    {"": {}},
    {"name": 7},
]


def inside(value: Any) -> dict[Any, Any]:
    """What stands in an object or a list, by its key or place."""
    if isinstance(value, list):
        return dict(enumerate(cast("list[Any]", value)))
    return cast("dict[Any, Any]", value) if isinstance(value, dict) else {}


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to everything in a file."""
    for key, each in inside(value).items():
        yield (*path, key)
        yield from places(each, (*path, key))


def with_junk(value: Any, path: tuple[Any, ...], junk: Any) -> Any:
    """The same with something else in one place, if there is such a place."""
    if not path:
        return junk
    found = inside(value)
    if path[0] not in found:
        return value
    found = {**found, path[0]: with_junk(found[path[0]], path[1:], junk)}
    return list(found.values()) if isinstance(value, list) else found


def three_files() -> dict[str, Any]:
    found = catalog(trips_clean={"town": "text"})
    return {"content": manifest(), "catalog": found, "run_results": results(model__trips_clean="success")}


PLACES = [path for path in places(three_files()) if len(path) > 1]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(PLACES), st.sampled_from(JUNK)), min_size=1, max_size=3))
def test_whatever_stands_in_them_they_are_accounted_for_or_refused(
    tmp_path: Path, changes: list[tuple[tuple[Any, ...], Any]]
) -> None:
    files: Any = three_files()
    for path, junk in changes:
        files = with_junk(files, path, junk)
    try:
        loader = opened(tmp_path, **files)
    except LoaderError:
        return
    records = list(loader.records())
    assert len(records) == loader.expected
    assert all(record.problem is None or not record.nodes + record.edges for record in records)
    stated = {n.entity.urn for r in records for n in r.nodes} | {loader.source.urn}
    assert {end for r in records for e in r.edges for end in (e.tail, e.head)} <= stated
