"""Reach along lineage from nodes of real graphs, both ways, against networkx: every node with its depth, and every edge."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import networkx as nx
import pytest

from catalog.access import PUBLIC_READER, STAFF_READER, Audience, Reader
from catalog.batch import Batch, EdgeStatement, NodeStatement
from catalog.model.data import Dataset
from catalog.model.own import Source
from catalog.stores.port import Store
from catalog.urn import Urn, key, part, socrata
from lineage.levels import LEVELS, LineageLevel, Steps
from lineage.neighbourhood import neighbourhood
from lineage.traverse import MAX_DEPTH, MAX_FIRST, Budget, LineageDirection, LineageGraph, Walk
from loaders.openlineage.loader import OpenLineageLoader, load_events
from loaders.pipeline import load
from loaders.socrata_views.loader import SocrataViewsLoader

DAY = date(2013, 8, 1)
DATASETS, COLUMNS = LEVELS[LineageLevel.DATASET], LEVELS[LineageLevel.COLUMN]
WAYS = (LineageDirection.DOWNSTREAM, LineageDirection.UPSTREAM)
LAYERS = 8
AT_ONCE = 16
"""Walks under way at a time."""
WRITTEN = 20_000
"""Statements of a batch."""

Edges = list[tuple[Urn, Urn]]

every = pytest.mark.parametrize(
    "stride",
    [
        97,
        pytest.param(1, marks=[pytest.mark.long, pytest.mark.timeout(4 * 3600)]),
    ],
    ids=["some", "every one"],
)
"""How many nodes lie between two from which is walked."""


def families(path: Path) -> tuple[set[Urn], Edges]:
    """What the file says: every view, and from which source it was made."""
    nodes: set[Urn] = set()
    edges: Edges = []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for family in map(json.loads, lines):
            views = [socrata("dataset", each["portal"], each["id"]) for each in (family["source"], *family["datasets"])]
            nodes.update(views)
            # A family lists its source among its own.
            edges += [(views[0], view) for view in views[1:] if view != views[0]]
    return nodes, edges


def layered(edges: Edges) -> Edges:
    """The families over and over: what one layer derived is what the next is made of, and loops lie between them."""

    def at(layer: int, urn: Urn) -> Urn:
        return key("dataset", "layer", str(layer), urn)

    found = [(at(layer, tail), at(layer + 1, head)) for layer in range(LAYERS) for tail, head in edges]
    found += [(at(layer, tail), at(layer + 1, tail)) for layer in range(LAYERS) for tail, _ in edges]
    # From the end of each tenth family back to its beginning: a cycle through all layers; and what feeds itself.
    found += [(at(LAYERS, head), at(0, tail)) for tail, head in edges[::10]]
    found += [(at(3, tail), at(3, tail)) for tail, _ in edges[::7]]
    return list(dict.fromkeys(found))


async def write(store: Store, edges: Edges) -> None:
    """Put a graph into an empty store."""
    source = key("source", "layers")
    stated = [NodeStatement(Source(urn=source, title="Layers"))]
    datasets = [Dataset(urn=urn, identifier=urn, title=urn) for urn in sorted({urn for edge in edges for urn in edge})]
    stated += [NodeStatement(dataset, Audience.PUBLIC) for dataset in datasets]
    fed = [EdgeStatement(Dataset.downstream, tail, head) for tail, head in edges]
    at = datetime(2013, 8, 1, tzinfo=UTC)
    for start in range(0, len(stated), WRITTEN):
        await store.write(Batch(source, "test", at, DAY, nodes=stated[start : start + WRITTEN]))
    for start in range(0, len(fed), WRITTEN):
        await store.write(Batch(source, "test", at, DAY, edges=fed[start : start + WRITTEN]))


class Oracle:
    """What networkx says of the same edges."""

    def __init__(self, nodes: set[Urn], edges: Edges) -> None:
        graph: nx.DiGraph[Urn] = nx.DiGraph()
        graph.add_nodes_from(nodes)
        graph.add_edges_from(edges)
        self._graphs = {LineageDirection.DOWNSTREAM: graph, LineageDirection.UPSTREAM: graph.reverse()}

    def reach(self, start: Urn, way: LineageDirection) -> dict[Urn, int]:
        """Every node within the depth of a walk, with its own."""
        return dict(nx.single_source_shortest_path_length(self._graphs[way], start, cutoff=MAX_DEPTH))

    def links(self, nodes: dict[Urn, int], way: LineageDirection) -> set[tuple[Urn, Urn]]:
        """The edges between nodes, the way that data flows."""
        found = {(tail, head) for tail, head in self._graphs[way].edges(nodes) if head in nodes}
        return found if way is LineageDirection.DOWNSTREAM else {(head, tail) for tail, head in found}


async def check_all(
    store: Store, oracle: Oracle, nodes: list[Urn], steps: Steps = DATASETS, reader: Reader = PUBLIC_READER
) -> Counter[str]:
    """Walk both ways from each of the nodes and hold it against the oracle; answers how many were how."""
    seen: Counter[str] = Counter()

    async def walked(start: Urn, way: LineageDirection) -> LineageGraph:
        walk = Walk(start, way, Budget(MAX_DEPTH, MAX_FIRST))
        return await neighbourhood(store, walk, steps, reader, DAY)

    asked = [(start, way) for start in nodes for way in WAYS]
    for begin in range(0, len(asked), AT_ONCE):
        some = asked[begin : begin + AT_ONCE]
        for (start, way), graph in zip(some, await asyncio.gather(*(walked(*each) for each in some)), strict=True):
            seen[check(oracle, start, way, graph)] += 1
    return seen


def check(oracle: Oracle, start: Urn, way: LineageDirection, graph: LineageGraph) -> str:
    """Hold one walk against the oracle; answers whether it led anywhere, and whether it was cut."""
    expected = oracle.reach(start, way)
    found = {Urn(node.id): node.depth for node in graph.nodes}
    if graph.completeness.is_complete:
        assert found == expected, (start, way)
        assert {(link.upstream, link.downstream) for link in graph.links} == oracle.links(expected, way), (start, way)
        return "somewhere" if len(found) > 1 else "nowhere"
    # Cut for its size alone, and then the nearest are shown.
    assert len(expected) > len(found), (start, way)
    assert {urn: expected[urn] for urn in found} == found, (start, way)
    assert max(found.values()) <= min(depth for urn, depth in expected.items() if urn not in found), (start, way)
    return "cut"


@every
@pytest.mark.long_on_neo4j
def test_from_every_view_of_the_real_portals(
    store: Store, runner: asyncio.Runner, real_data: Path, stride: int
) -> None:
    path = real_data / "lineage" / "socrata-derived-views.2013-06.ndjson.gz"
    nodes, edges = families(path)
    assert (len(nodes), len(set(edges))) == (10_520, 8_537)
    runner.run(load(SocrataViewsLoader.open(str(path)), store))
    seen = runner.run(check_all(store, Oracle(nodes, edges), sorted(nodes)[::stride]))
    assert seen.total() == 2 * len(sorted(nodes)[::stride])
    # A source leads one way, a view the other: of the two walks from each, one goes somewhere.
    assert seen["somewhere"] >= 0.49 * seen.total()


@every
@pytest.mark.long_on_neo4j
def test_from_every_node_of_eight_layers(store: Store, runner: asyncio.Runner, real_data: Path, stride: int) -> None:
    _, real = families(real_data / "lineage" / "socrata-derived-views.2013-06.ndjson.gz")
    edges = layered(real if stride == 1 else real[::20])
    nodes = {urn for edge in edges for urn in edge}
    runner.run(write(store, edges))
    seen = runner.run(check_all(store, Oracle(nodes, edges), sorted(nodes)[::stride]))
    # What nothing was made of leads nowhere, one way, and so does what was made of nothing: two layers of the eight.
    assert seen["somewhere"] + seen["cut"] >= 0.5 * seen.total()


def columns_of(files: list[Path]) -> Edges:
    """What the accepted events say of columns: from which to which, in the latest facet of each dataset."""
    told: dict[Urn, tuple[str, set[tuple[Urn, Urn]]]] = {}
    events = [read.event for read in OpenLineageLoader.open(list(map(str, files))).events() if read.event]
    for event in events:
        for output in event.outputs:
            steps = {
                (part(step.source, "column", step.from_column), part(output.thing.urn, "column", step.to_column))
                for step in output.facets.known.steps
            }
            if steps:
                told[output.thing.urn] = max(told.get(output.thing.urn, ("", set())), (event.time, steps))
    return sorted({pair for _, pairs in told.values() for pair in pairs})


def test_from_every_column_of_the_real_events(store: Store, runner: asyncio.Runner, real_data: Path) -> None:
    files = sorted(path for path in (real_data / "openlineage").rglob("*.json") if path.parent.name != "facets")
    edges = columns_of(files)
    columns = sorted({urn for edge in edges for urn in edge})
    assert len(edges) > 20
    runner.run(load_events(OpenLineageLoader.open(list(map(str, files))), store))
    seen = runner.run(check_all(store, Oracle(set(columns), edges), columns, COLUMNS, STAFF_READER))
    assert seen.total() == 2 * len(columns)
    assert seen["somewhere"] >= 0.5 * seen.total()


def test_what_is_cut_is_told_from_what_is_whole(store: Store, runner: asyncio.Runner) -> None:
    edges = [(key("dataset", "star"), key("dataset", "star", str(number))) for number in range(MAX_FIRST + 1)]
    runner.run(write(store, edges))
    oracle = Oracle(set(), edges)
    assert runner.run(check_all(store, oracle, [edges[0][0], edges[0][1]])) == {"cut": 1, "nowhere": 2, "somewhere": 1}
