"""A dbt project on a real store: loaded once, changed, and met by what OpenLineage says; through the command line too."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from catalog.access import STAFF_READER
from catalog.model import MODEL
from catalog.selection import Related, Select, Selection
from catalog.stores.layout import Tables
from catalog.stores.port import Store
from catalog.urn import openlineage
from catalog.verify import read_feed, verify
from loaders.dbt.loader import DbtLoader
from loaders.errors import LoaderError
from loaders.pipeline import load
from loaders.report import LoadReport
from server.cli import app
from tests.support.dbt_project import WAREHOUSE, catalog, manifest, node, results, write

MAY, JUNE = date(2022, 5, 2), date(2022, 6, 1)


class Project:
    """A project whose manifest is loaded again and again."""

    def __init__(self, folder: Path, runner: asyncio.Runner, store: Store) -> None:
        self.folder = folder
        self.runner = runner
        self.store = store

    def load(self, on: date, content: Any, **more: Any) -> LoadReport:
        files: dict[str, Any] = {
            name: write(self.folder, name, more.pop(name)) for name in ("catalog", "run_results") if name in more
        }
        path = write(self.folder, "manifest", content)
        return self.take(DbtLoader.open(path, namespace=WAREHOUSE, as_of=on, **files), **more)

    def take(self, loader: DbtLoader, **options: Any) -> LoadReport:
        report = self.runner.run(load(loader, self.store, **options))
        assert report.read == report.written + report.unchanged + len(report.quarantined)
        return report

    def rows(self, kind: str, on: date, *props: str, step: str = "") -> dict[str, Any]:
        """What staff find of a kind on a day, by its name, with what is one step away."""
        target = "Job" if step == "via" else "Dataset"
        related = (Related("far", step, Select(target, first=100)),) if step else ()
        select = Select(kind, props, first=1000, related=related)
        page = self.runner.run(self.store.select(Selection(select, STAFF_READER, on)))
        return {row["urn"].rpartition(":")[2]: row for row in page.rows}

    def steps(self, kind: str, step: str, on: date) -> set[tuple[str, str]]:
        """What one step leads from and to on a day."""
        rows = self.rows(kind, on, step=step)
        return {(name, far["urn"].rpartition(":")[2]) for name, row in rows.items() for far in row["far"].rows}


@pytest.fixture
def project(tmp_path: Path, runner: asyncio.Runner, store: Store) -> Project:
    return Project(tmp_path, runner, store)


def test_a_project_is_loaded_once_with_its_runs(project: Project) -> None:
    files = {
        "catalog": catalog(trips_clean={"town": "text"}),
        "run_results": results(seed__towns="success", model__trips_clean="success", model__trips_by_town="error"),
    }
    first = project.load(MAY, manifest(), **files)
    again = project.load(MAY, manifest(), **files)

    assert (first.read, first.written, first.quarantined) == (17, 17, [])
    assert (again.written, again.unchanged, again.changed, again.revision) == (0, 17, False, first.revision)
    states = {name: row["state"] for name, row in project.rows("Run", MAY, "state").items()}
    assert states == {
        "seed.roads.towns": "COMPLETED",
        "model.roads.trips_clean": "COMPLETED",
        "model.roads.trips_by_town": "FAILED",
    }
    assert project.steps("Run", "outputs", MAY) == {
        ("seed.roads.towns", "dot.main.towns"),
        ("model.roads.trips_clean", "dot.main.trips_clean"),
    }
    assert ("dot.raw.trips", "dot.main.trips_clean") in project.steps("Dataset", "downstream", MAY)
    files["run_results"] = results(invocation="second", model__trips_by_town="success")
    later = project.load(MAY, manifest(), **files)
    assert (later.written, later.unchanged, later.created["Run"]) == (1, 14, 1)
    found = verify(project.runner.run(read_feed(project.store)), Tables(MODEL), revision=later.revision)
    assert found == []


@pytest.mark.long_on_neo4j
def test_what_dbt_read_again_without_a_change_writes_nothing(project: Project) -> None:
    project.load(MAY, manifest())
    touched = manifest()
    for each in touched["nodes"].values():
        each["created_at"] = 1700000000.0
    assert not project.load(JUNE, touched).changed


def test_what_a_newer_manifest_says_no_more_has_ended(project: Project) -> None:
    project.load(MAY, manifest())
    content = manifest(without="test.roads.not_null_trip_id.0123")
    # The snapshot is gone with all that flowed through it, and trips are cleaned without the towns.
    del content["nodes"]["snapshot.roads.trips_history"]
    content["exposures"]["exposure.roads.towns_page"]["depends_on"]["nodes"] = ["model.roads.trips_by_town"]
    content["nodes"]["model.roads.trips_clean"]["depends_on"]["nodes"] = ["model.roads.only_valid"]
    report = project.load(JUNE, content)

    assert report.closed.items() >= {"Dataset": 1, "CatalogRecord": 1, "Job": 2}.items()
    before, now = (project.steps("Dataset", "downstream", day) for day in (MAY, JUNE))
    assert before - now == {
        ("dot.main.towns", "dot.main.trips_clean"),
        ("dot.main.trips_clean", "dot.main.trips_history"),
        ("dot.main.trips_history", "exposure.roads.towns_page"),
    }
    assert now < before
    ended = Counter(row["last_seen"] for row in project.rows("Flow", JUNE, "last_seen").values())
    assert ended == {"2022-05-31": 3, None: 4}
    assert project.steps("Job", "reads", JUNE) == {
        (job, dataset)
        for job, dataset in project.steps("Job", "reads", MAY)
        if (job, dataset) != ("exposure.roads.towns_page", "dot.main.trips_history")
        and (job, dataset) != ("model.roads.trips_clean", "dot.main.towns")
        and not job.startswith(("snapshot", "test"))
    }
    assert not project.load(JUNE, content).changed

    project.load(JUNE, manifest())
    assert project.steps("Dataset", "downstream", JUNE) == before
    assert not [row for row in project.rows("Flow", JUNE, "last_seen").values() if row["last_seen"]]


@pytest.mark.long_on_neo4j
def test_where_a_node_is_kept_out_nothing_ends(project: Project) -> None:
    project.load(MAY, manifest())
    before = project.steps("Dataset", "downstream", MAY)
    content = manifest(without="test.roads.not_null_trip_id.0123")
    content["nodes"]["model.roads.trips_clean"]["columns"] = "many"
    report = project.load(JUNE, content)

    assert [(q.identifier, q.problem.rule) for q in report.quarantined] == [("model.roads.trips_clean", "type")]
    assert not report.closed
    assert project.steps("Dataset", "downstream", JUNE) == before


@pytest.mark.long_on_neo4j
def test_two_targets_of_a_project_are_two_sources(project: Project) -> None:
    """They share their jobs; what each reads and writes is its own, and one does not end the other's."""
    project.load(MAY, manifest())
    content = manifest()
    for section in ("nodes", "sources"):
        for each in content[section].values():
            each["database"] = "test"
    report = project.load(JUNE, content)
    assert report.source.urn == "urn:waypost:source:key:dbt:roads:test"
    assert not report.closed
    writes = {dataset for job, dataset in project.steps("Job", "writes", JUNE) if job == "model.roads.trips_clean"}
    assert writes == {"dot.main.trips_clean", "test.main.trips_clean"}

    shrunk = project.load(JUNE, manifest(without="test.roads.not_null_trip_id.0123"))
    assert "Job" not in shrunk.closed  # the other target has it still
    reads = {dataset for job, dataset in project.steps("Job", "reads", JUNE) if job.startswith("test.")}
    assert reads == {"test.main.trips_clean"}


@pytest.mark.long_on_neo4j
def test_a_project_that_shrinks_is_refused(project: Project) -> None:
    project.load(MAY, manifest(*(node("model", f"m{n}") for n in range(20))))
    with pytest.raises(LoaderError, match=r"^shrunk: "):
        project.load(JUNE, manifest())
    assert project.load(JUNE, manifest(), accept_shrink=True).closed["Dataset"] == 20


@pytest.mark.long_on_neo4j
def test_two_jobs_that_make_one_table_of_another_feed_it_once(project: Project) -> None:
    content = manifest()
    (query,) = content["saved_queries"].values()
    other = {**query, "unique_id": "saved_query.roads.other", "name": "other"}
    content["saved_queries"][other["unique_id"]] = other
    report = project.load(MAY, content)
    assert report.quarantined == []
    jobs = {job for _, job in project.steps("Flow", "via", MAY) if job.startswith("saved_query")}
    assert jobs == {"saved_query.roads.monthly", "saved_query.roads.other"}
    fed = [head for tail, head in project.steps("Dataset", "downstream", MAY) if tail == "dot.main.trips_by_town"]
    assert sorted(fed) == ["dot.out.monthly", "exposure.roads.towns_page"]
    assert not project.load(MAY, content).changed


@pytest.mark.long_on_neo4j
def test_a_dataset_is_the_one_that_events_name(project: Project) -> None:
    project.load(MAY, manifest())
    urn = openlineage("dataset", "postgres://warehouse.example:5432", "dot.main.trips_clean")
    assert project.rows("Dataset", MAY)["dot.main.trips_clean"]["urn"] == urn


@pytest.mark.long_on_neo4j
def test_the_real_projects_are_whole_side_by_side(project: Project, real_data: Path) -> None:
    folder = real_data / "dbt"
    files: dict[str, Any] = {
        "catalog": str(folder / "catalog.v1.jaffle_shop.catalog_1.11.json"),
        "run_results": str(folder / "run_results.v6.jaffle_shop.run_results_1.11.json"),
    }
    manifests: list[tuple[str, dict[str, Any], int]] = [
        ("manifest.v5.jaffle_shop.manifest.json", {}, 55),
        ("manifest.v8.jaffle_shop.manifest.json", {}, 28),
        ("manifest.v12.jaffle_shop.manifest_1.10.json", files, 117),
    ]
    for name, more, count in manifests:
        report = project.take(DbtLoader.open(str(folder / name), **more))
        assert (report.read, report.written, report.quarantined) == (count, count, [])
    for name, more, count in manifests:
        report = project.take(DbtLoader.open(str(folder / name), **more))
        assert (report.read, report.unchanged, report.changed) == (count, count, False)
    assert len(project.rows("Dataset", date(2026, 1, 1))) == 60


# The command line


def waypost(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_command_takes_all_three_files_and_says_what_it_assumes(here: Path) -> None:
    write(here, "manifest", manifest())
    write(here, "catalog", catalog(trips_clean={"town": "text"}))
    write(here, "run_results", results(model__trips_clean="success", model__nowhere="success"))
    command = ("load", "dbt", "manifest.json", "--catalog", "catalog.json", "--run-results", "run_results.json")
    shown = waypost(*command)
    assert "16 read = 15 written + 0 unchanged + 1 quarantined" in shown.stdout
    assert (
        "run_results.json: results[1]: $.unique_id: unknown-node: the manifest has no 'model.roads.nowhere'"
        in shown.stdout
    )
    assert "dbt://roads" in shown.stderr
    assert "--namespace" in shown.stderr
    told = waypost(*command, "--namespace", WAREHOUSE, "--accept-shrink")
    assert told.exit_code == 0
    assert "--namespace" not in told.stderr

    run = next(line for line in shown.stdout.splitlines() if "to look at them" in line).split()[6].rstrip(";")
    waypost("quarantine", run, "--output", "kept.ndjson")
    again = waypost("replay", "kept.ndjson")
    assert again.exit_code == 4
    assert "mend the project, run dbt again" in again.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["dcat-us", "x", "--run-results", "x"], "--run-results is for dbt"),
        (["waypost", "x", "--namespace", "x"], "--namespace is for dbt"),
        (
            ["agencies", "x", "--mapping", "x", "--catalog", "x"],
            "--catalog is for dcat-us, register, socrata-views, dbt",
        ),
        (["dbt", "x", "--mapping", "x"], "--mapping is for agencies, register"),
        (["socrata-views", "x", "--precedence", "3"], "--precedence is for dcat-us"),
    ],
)
def test_options_of_other_sources_are_refused(arguments: list[str], words: str) -> None:
    result = waypost("load", *arguments)
    assert result.exit_code == 2
    assert words in result.stderr


def test_the_help_tells_of_both(here: Path) -> None:
    assert here.is_dir()
    shown = " ".join(waypost("load", "--help").stdout.split())
    assert "waypost load dbt target/manifest.json" in shown
    assert "socrata-views" in shown
    assert "--run-results" in shown
