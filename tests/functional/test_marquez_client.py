"""Every read of the unmodified client of Marquez, on real events, against what the events themselves say."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from catalog.batch import Batch, EdgeStatement, NodeStatement
from catalog.model.data import DatasetVersion
from catalog.stores.port import Store
from catalog.urn import key, openlineage, part
from loaders.openlineage.loader import OpenLineageLoader, load_events
from tests.support.marquez import CLIENT, NOW, STAFF, Reads

SEED = "openlineage/marquez.seed.metadata.json"
NAMESPACE = "food_delivery"

pytestmark = pytest.mark.real_data

Value = dict[str, Any]
Call = Callable[[Any], Any]


class Told:
    """What the events of a file say: an oracle that reads nothing but their JSON."""

    def __init__(self, events: list[Value]) -> None:
        self.reads: dict[str, set[str]] = defaultdict(set)
        self.writes: dict[str, set[str]] = defaultdict(set)
        self.runs: dict[str, set[str]] = defaultdict(set)
        self.fields: dict[str, list[tuple[str, str]]] = {}
        self.steps: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
        """(dataset, column) to the columns that it is made of."""
        for event in sorted(events, key=lambda each: each["eventTime"]):
            job = event["job"]["name"]
            self.runs[job].add(event["run"]["runId"])
            for side, kept in (("inputs", self.reads[job]), ("outputs", self.writes[job])):
                datasets: list[Value] = event.get(side) or []
                for each in datasets:
                    kept.add(each["name"])
                    self._dataset(each)

    def _dataset(self, said: Value) -> None:
        facets: Value = said.get("facets") or {}
        if "schema" in facets:
            self.fields[said["name"]] = [(each["name"], each["type"]) for each in facets["schema"]["fields"]]
        steps: Value = facets["columnLineage"]["fields"] if "columnLineage" in facets else {}
        for name, made in steps.items():
            self.steps[said["name"], name] |= {(each["name"], each["field"]) for each in made["inputFields"]}

    @property
    def columns(self) -> set[tuple[str, str]]:
        """Those that the column lineage names: some of datasets that no job reads."""
        return {*self.steps, *(end for ends in self.steps.values() for end in ends)}

    @property
    def datasets(self) -> set[str]:
        named = {name for found in (*self.reads.values(), *self.writes.values()) for name in found}
        return named | {name for name, _ in self.columns}

    def upstream(self, begin: set[tuple[str, str]]) -> set[tuple[str, str]]:
        """Columns, and all that they are made of."""
        found: set[tuple[str, str]] = set()
        while begin:
            found |= begin
            begin = {end for column in begin for end in self.steps.get(column, ())} - found
        return found


@pytest.fixture
def told(real_data: Path) -> Told:
    return Told(json.loads((real_data / SEED).read_text(encoding="utf-8")))


@pytest.fixture
def reads(real_data: Path, store: Store, runner: asyncio.Runner) -> Reads:
    runner.run(load_events(OpenLineageLoader.open([str(real_data / SEED)]), store))
    return Reads(store, runner)


def called(reads: Reads, *calls: Call) -> list[Any]:
    """What the client answers to each call."""

    def run(url: str) -> list[Any]:
        client = CLIENT.MarquezClient(url, api_key=STAFF)
        return [call(client) for call in calls]

    return reads.served(run)


def names(listed: list[Value]) -> set[str]:
    assert len({each["name"] for each in listed}) == len(listed)
    return {each["name"] for each in listed}


def test_lists_hold_what_the_events_say(reads: Reads, told: Told) -> None:
    namespaces, datasets, jobs, sources, tags, events = called(
        reads,
        lambda client: client.list_namespaces(),
        lambda client: client.list_datasets(NAMESPACE),
        lambda client: client.list_jobs(NAMESPACE),
        lambda client: client.list_sources(),
        lambda client: client.list_tags(),
        lambda client: client.list_events(),
    )
    assert names(namespaces["namespaces"]) == {NAMESPACE}
    assert names(datasets["datasets"]) == told.datasets
    assert datasets["totalCount"] == len(told.datasets)
    assert names(jobs["jobs"]) == set(told.runs)
    assert names(sources["sources"]) == {"food_delivery_db"}
    assert tags == {"tags": [], "totalCount": 0}
    assert {each["run"]["runId"] for each in events["events"]} == {run for runs in told.runs.values() for run in runs}


@pytest.mark.long_on_neo4j
def test_each_job_is_what_the_events_say(reads: Reads, told: Told) -> None:
    for job, runs in told.runs.items():
        found, listed = called(
            reads,
            lambda client, job=job: client.get_job(NAMESPACE, job),
            lambda client, job=job: client.list_job_runs(NAMESPACE, job),
        )
        assert found["id"] == {"namespace": NAMESPACE, "name": job}
        assert names(found["inputs"]) == told.reads[job]
        assert names(found["outputs"]) == told.writes[job]
        assert {each["id"] for each in listed["runs"]} == runs
        assert found["latestRun"]["id"] in runs


@pytest.mark.long_on_neo4j
def test_each_dataset_has_the_fields_of_its_schema(reads: Reads, told: Told) -> None:
    wanted = sorted(told.datasets)
    calls: list[Call] = [lambda client, name=name: client.get_dataset(NAMESPACE, name) for name in wanted]
    for name, found in zip(wanted, called(reads, *calls), strict=True):
        assert (found["namespace"], found["name"]) == (NAMESPACE, name)
        fields = told.fields.get(name, [])
        assert found["sourceName"] == ("food_delivery_db" if fields else None)
        # Columns that no schema lists come after those that one does.
        others = {field for dataset, field in told.columns if dataset == name} - {field for field, _ in fields}
        assert [(each["name"], each["type"]) for each in found["fields"]][: len(fields)] == fields
        assert {each["name"] for each in found["fields"][len(fields) :]} == others


@pytest.mark.long_on_neo4j
def test_a_run_is_what_the_events_say(reads: Reads, real_data: Path) -> None:
    events: list[Value] = json.loads((real_data / SEED).read_text(encoding="utf-8"))
    (ended,) = [each for each in events if each["eventType"] == "COMPLETE"][-1:]
    (begun,) = [e for e in events if e["eventType"] == "START" and e["run"]["runId"] == ended["run"]["runId"]]
    (found,) = called(reads, lambda client: client.get_job_run(ended["run"]["runId"]))
    assert found["state"] == "COMPLETED"
    assert (found["startedAt"][:19], found["endedAt"][:19]) == (begun["eventTime"][:19], ended["eventTime"][:19])
    assert found["durationMs"] > 0
    assert found["jobVersion"] == {"namespace": NAMESPACE, "name": ended["job"]["name"], "version": None}


@pytest.mark.long_on_neo4j
def test_column_lineage_is_what_the_events_say(reads: Reads, told: Told) -> None:
    dataset, column = max(told.steps, key=lambda each: len(told.upstream({each})))
    job = next(job for job, written in told.writes.items() if dataset in written)
    written = {each for each in told.steps if each[0] in told.writes[job]}
    by_field, by_dataset, by_job = called(
        reads,
        lambda client: client.get_column_lineage_by_dataset_field(NAMESPACE, dataset, column),
        lambda client: client.get_column_lineage_by_dataset(NAMESPACE, dataset),
        lambda client: client.get_column_lineage_by_job(NAMESPACE, job),
    )
    begins = ({(dataset, column)}, {each for each in told.steps if each[0] == dataset}, written)
    for found, begin in zip((by_field, by_dataset, by_job), begins, strict=True):
        nodes = {(each["data"]["dataset"], each["data"]["field"]): each for each in found["graph"]}
        assert set(nodes) == told.upstream(begin)
        assert found["completeness"]["isComplete"]
        for (name, field), node in nodes.items():
            made_of = {(each["dataset"], each["field"]) for each in node["data"]["inputFields"]}
            assert made_of == told.steps.get((name, field), set())
            ends = {edge["destination"] for edge in node["inEdges"]}
            assert ends == {f"datasetField:{NAMESPACE}:{':'.join(each)}" for each in made_of}


def test_versions_and_the_rest_of_the_reads(reads: Reads, store: Store, runner: asyncio.Runner) -> None:
    runner.run(_add_version(store))
    versions, version, namespace, source, events = called(
        reads,
        lambda client: client.list_dataset_versions(NAMESPACE, "public.orders"),
        lambda client: client.get_dataset_version(NAMESPACE, "public.orders", "2020"),
        lambda client: client.get_namespace(NAMESPACE),
        lambda client: client.get_source("food_delivery_db"),
        lambda client: client.list_events(NAMESPACE, limit=2, offset=1),
    )
    assert versions == {"versions": [version], "totalCount": 1}
    assert version["id"] == {"namespace": NAMESPACE, "name": "public.orders", "version": "2020"}
    assert [each["name"] for each in version["fields"]] == ["id"]
    assert (namespace["name"], source["name"]) == (NAMESPACE, "food_delivery_db")
    assert (len(events["events"]), events["totalCount"]) == (2, 13)
    assert {each["job"]["namespace"] for each in events["events"]} == {NAMESPACE}


async def _add_version(store: Store) -> None:
    orders = openlineage("dataset", NAMESPACE, "public.orders")
    version = DatasetVersion(urn=part(orders, "dataset-version", "2020"), version="2020")
    batch = Batch(source=key("source", "test"), by="test", at=NOW, day=NOW.date())
    batch.nodes.append(NodeStatement(version))
    batch.edges.append(EdgeStatement(DatasetVersion.version_of, version.urn, orders))
    batch.edges.append(EdgeStatement(DatasetVersion.columns, version.urn, part(orders, "column", "id")))
    await store.write(batch)


@pytest.mark.long_on_neo4j
def test_what_is_not_there_is_an_error_of_the_client(reads: Reads) -> None:
    def nothing(url: str) -> None:
        client = CLIENT.MarquezClient(url, api_key=STAFF)
        for call in (
            lambda: client.get_namespace("nope"),
            lambda: client.list_datasets("nope"),
            lambda: client.list_jobs("nope"),
            lambda: client.get_source("nope"),
            lambda: client.get_dataset(NAMESPACE, "nope"),
            lambda: client.get_dataset_version(NAMESPACE, "public.orders", "nope"),
            lambda: client.list_dataset_versions(NAMESPACE, "nope"),
            lambda: client.get_job(NAMESPACE, "nope"),
            lambda: client.list_job_runs(NAMESPACE, "nope"),
            lambda: client.get_job_run("00000000-0000-0000-0000-000000000000"),
            lambda: client.get_column_lineage_by_job(NAMESPACE, "nope"),
            lambda: client.get_column_lineage_by_dataset(NAMESPACE, "public.orders", version="1"),
        ):
            with pytest.raises(CLIENT.errors.APIError):
                call()

    reads.served(nothing)


def test_no_read_of_the_client_is_left_out() -> None:
    here = Path(__file__).read_text(encoding="utf-8")
    there = [name for name in dir(CLIENT.MarquezClient) if name.startswith(("get_", "list_"))]
    assert len(there) == 17
    assert [name for name in there if f"client.{name}(" not in here] == []
