"""The walk with its hops fetched from a store."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from catalog.access import STAFF_READER
from catalog.urn import key
from lineage.levels import Steps
from lineage.neighbourhood import neighbourhood, paths_between
from lineage.paths import LineagePathCut, PathBudget, Paths, PathSearch
from lineage.traverse import Budget, LineageCut, LineageDirection, LineageGraph, Walk
from tests.graphql.graph import TODAY, batches, lineage, open_store

STEPS = Steps("Dataset", "upstream", "downstream")


def d(name: str) -> str:
    return key("dataset", "test", name)


def walked(folder: Path, name: str, budget: Budget, *, until: float | None = None) -> tuple[LineageGraph, int]:
    """The lineage of a dataset of the hand-made graph, both ways, and the round trips that it took."""

    async def walk() -> tuple[LineageGraph, int]:
        store = await open_store(folder / "graph.db", [*batches(), lineage()])
        begun = store.round_trips
        way = Walk(d(name), LineageDirection.BOTH, budget)
        graph = await neighbourhood(store, way, STEPS, STAFF_READER, TODAY, until=until)
        taken = store.round_trips - begun
        await store.close()
        return graph, taken

    return asyncio.run(walk())


def names(ids: tuple[str, ...]) -> list[str]:
    return [id_.rpartition(":")[2] for id_ in ids]


@pytest.mark.parametrize(
    ("edges", "shown", "frontier"),
    [
        (0, ["mart"], ["mart"]),
        (1, ["mart", "chart", "vault"], ["mart", "chart", "vault"]),
        (2, ["mart", "chart", "table", "vault", "raw"], ["chart", "table"]),
        (4, ["mart", "chart", "table", "vault", "raw", "report"], ["report"]),
        (5, ["mart", "chart", "table", "vault", "raw", "report"], []),
    ],
)
def test_no_more_edges_are_fetched_than_the_budget_has(
    tmp_path: Path, edges: int, shown: list[str], frontier: list[str]
) -> None:
    graph, _ = walked(tmp_path, "mart", Budget(edges=edges))
    assert names(tuple(node.id for node in graph.nodes)) == shown
    assert names(graph.completeness.frontier) == frontier
    assert graph.completeness.reasons == ((LineageCut.EDGES,) if frontier else ())


def test_a_hop_is_one_round_trip_for_each_way_that_goes_on(tmp_path: Path) -> None:
    graph, taken = walked(tmp_path, "mart", Budget())
    # Upstream: mart, vault, raw. Downstream: mart, chart and table, report.
    assert taken == 3 + 3
    assert graph.completeness.is_complete


def test_what_is_not_there_leads_nowhere(tmp_path: Path) -> None:
    graph, taken = walked(tmp_path, "nowhere", Budget())
    assert names(tuple(node.id for node in graph.nodes)) == ["nowhere"]
    assert taken == 2


def test_past_its_time_a_walk_tells_that_it_did_not_begin(tmp_path: Path) -> None:
    graph, _ = walked(tmp_path, "mart", Budget(), until=0.0)
    assert names(tuple(node.id for node in graph.nodes)) == ["mart"]
    assert graph.completeness.reasons == (LineageCut.TIME,)
    assert names(graph.completeness.frontier) == ["mart"]


def searched(folder: Path, ends: str, budget: PathBudget, *, until: float | None = None) -> tuple[Paths, int]:
    """The paths between two datasets of the hand-made graph, and the round trips that it took."""

    async def search() -> tuple[Paths, int]:
        store = await open_store(folder / "graph.db", [*batches(), lineage()])
        begun = store.round_trips
        start, end = map(d, ends.split())
        sought = PathSearch(start, end, budget)
        found = await paths_between(store, sought, STEPS, STAFF_READER, TODAY, until=until)
        taken = store.round_trips - begun
        await store.close()
        return found, taken

    return asyncio.run(search())


def test_a_search_goes_a_hop_from_each_end_at_once(tmp_path: Path) -> None:
    found, taken = searched(tmp_path, "raw report", PathBudget())
    assert [names(path) for path in found.paths] == [
        ["raw", "vault", "mart", "chart", "report"],
        ["raw", "vault", "mart", "table", "report"],
    ]
    assert found.completeness.is_complete
    # From raw: raw; side and vault; mart; chart and table, which lead to the end. Against the flow as many, at once.
    assert taken == 4 + 4


def test_no_more_edges_are_fetched_for_paths_than_the_budget_has(tmp_path: Path) -> None:
    found, _ = searched(tmp_path, "raw report", PathBudget(edges=4))
    # Two levels from raw, one from the report, which flows into itself as well; of the next the first edge each.
    assert [names(path) for path in found.paths] == [["raw", "vault", "mart", "chart", "report"]]
    assert found.completeness.reasons == (LineagePathCut.EDGES,)
    assert found.completeness.complete_to_length == 3


def test_past_its_time_a_search_tells_that_it_did_not_begin(tmp_path: Path) -> None:
    found, _ = searched(tmp_path, "raw report", PathBudget(), until=0.0)
    assert found.paths == ()
    assert found.completeness.reasons == (LineagePathCut.TIME,)
    assert found.completeness.complete_to_length == -1
