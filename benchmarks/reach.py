"""How fast lineage is walked ten hops deep, how that grows with what is touched, and what the worst shapes cost.

    python -m benchmarks.reach --edges 100000 --edges 1000000 --output benchmarks/results/NAME.json
    python -m benchmarks.reach --edges 100000 --neo4j bolt://127.0.0.1:7687

A graph has ten layers, in which each dataset feeds five of the next, and roots that feed 1, 2, 4, ... datasets of the
first, so that walks touch a few edges up to most of the graph. They are walks of the product without the bounds that a client
has: one round trip a hop. The exponent of growth is the slope of log(seconds) over log(edges touched), of the walks that
touch 1,000 edges or more. A chain of 5,000, a star of 50,000 and a ladder of 40 diamonds are walked with those bounds.
Neo4j, an empty one, is held against a loop by hand: the same hops, each as the statement that one would write for it.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import math
import os
import random
import resource
import statistics
import tempfile
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks.about import about, keep
from benchmarks.run import connected
from benchmarks.world import DAY
from catalog.access import PUBLIC_READER, Audience
from catalog.batch import Batch, EdgeStatement, NodeStatement
from catalog.model import MODEL
from catalog.model.data import Dataset
from catalog.model.own import Source
from catalog.stores.layout import Tables
from catalog.stores.neo4j.store import Neo4jStore
from catalog.stores.port import MAX_FRONTIER, Expansion, Store
from catalog.stores.sqlite.store import SqliteStore
from catalog.urn import Urn, key
from lineage.levels import LEVELS, LineageLevel
from lineage.neighbourhood import EVERYTHING, neighbourhood, paths_between
from lineage.paths import PathBudget, Paths, PathSearch
from lineage.traverse import Budget, LineageDirection, LineageGraph, Walk
from server.serving import YOUNG_OBJECTS

STEPS = LEVELS[LineageLevel.DATASET]
LAYERS = 10
FED = 5
ROUNDS = 15
WARM_UP = 20
WRITTEN = 10_000
ENOUGH = 1_000
"""Edges that a walk must touch for its time to tell of growth."""
MANY = 10**9
BY_HAND = (
    "UNWIND $frontier AS f MATCH (n:Dataset {urn: f})-[e:FEEDS]->(x:Dataset) "
    "WHERE n.audience = 'PUBLIC' AND x.audience = 'PUBLIC' AND e.retracted_at = '~' AND n.retracted_at = '~' "
    "AND x.retracted_at = '~' AND e.valid_from <= $day AND $day < e.valid_to AND n.valid_from <= $day "
    "AND $day < n.valid_to AND x.valid_from <= $day AND $day < x.valid_to RETURN collect([f, x.urn]) AS found"
)
"""In one record: a record for each edge takes three times as long."""

Pair = tuple[str, str]


class Unbound(Budget):
    """A budget that only a benchmark has."""

    def __post_init__(self) -> None:
        """Take any bounds."""


def node(name: str) -> Urn:
    """The URN of the dataset of this name."""
    return key("dataset", "reach", name)


def layered(edges: int) -> Iterator[Pair]:
    """The edges of a graph of about so many, and of its roots, by names."""
    rng = random.Random(edges)
    width = edges // ((LAYERS - 1) * FED)
    for layer in range(LAYERS - 1):
        for number in range(width):
            for to in sorted({(number + rng.randrange(FED * 4)) % width for _ in range(FED * 2)})[:FED]:
                yield f"{layer}.{number}", f"{layer + 1}.{to}"
    for number in range(width.bit_length()):
        for to in range(0, width, max(1, width >> number)):
            yield f"root.{number}", f"0.{to}"


def shapes() -> Iterator[Pair]:
    """The edges of the chain, the star and the ladder."""
    yield from pairwise(f"chain.{number}" for number in range(5_000))
    for number in range(50_000):
        yield "star", f"star.{number}"
    for number in range(40):
        for side in "ab":
            yield f"ladder.{number}", f"ladder.{number}{side}"
            yield f"ladder.{number}{side}", f"ladder.{number + 1}"


async def fill(store: Store, pairs: list[Pair]) -> None:
    """Write the graph."""
    await store.migrate()
    source = key("source", "reach")
    names = sorted({name for pair in pairs for name in pair})
    nodes = [NodeStatement(Source(urn=source, title="generated"))]
    nodes += [NodeStatement(Dataset(urn=node(n), identifier=n, title=n), Audience.PUBLIC) for n in names]
    edges = [EdgeStatement(Dataset.downstream, node(tail), node(head)) for tail, head in pairs]
    at = datetime.combine(DAY, datetime.min.time(), UTC)
    for start in range(0, len(nodes), WRITTEN):
        await store.write(Batch(source, "benchmark", at, DAY, nodes=nodes[start : start + WRITTEN]))
    for start in range(0, len(edges), WRITTEN):
        await store.write(Batch(source, "benchmark", at, DAY, edges=edges[start : start + WRITTEN]))


async def walked(store: Store, name: str) -> LineageGraph:
    """Everything within ten hops of a root; a hop from more nodes than one read takes is several."""
    walk = Walk(node(name), LineageDirection.DOWNSTREAM, Unbound(10, MANY, MANY, MANY))
    while asks := walk.asks():
        (ask,) = asks
        parts = [ask.frontier[start : start + MAX_FRONTIER] for start in range(0, len(ask.frontier), MAX_FRONTIER)]
        queries = [STEPS.query(ask._replace(frontier=part), PUBLIC_READER, DAY, EVERYTHING) for part in parts]
        found = [await store.expand(query) for query in queries]
        hops = found[0].hops if len(found) == 1 else [hop for each in found for hop in each.hops]
        same = [step for each in found for step in each.same]
        cuts = (any(each.cut for each in found), any(each.same_cut for each in found))
        walk.take([Expansion(hops, cuts[0], same, cuts[1])])
    return walk.graph()


async def by_hand(session: Any, name: str) -> tuple[dict[str, int], list[Pair]]:
    """The same without Waypost: nodes with their depths, and edges, both in order."""
    edges: list[Pair] = []
    frontier: list[str] = [node(name)]
    depths = dict.fromkeys(frontier, 0)
    for depth in range(1, 12):
        result = await session.run(BY_HAND, frontier=frontier, day=DAY.isoformat())
        (found,) = await result.single(strict=True)
        edges += map(tuple, found)
        frontier = sorted({end for _, end in found} - depths.keys())
        if not frontier:
            break
        depths |= dict.fromkeys(frontier, depth)
    return depths, sorted(edges)


async def timed(*calls: Callable[[], Awaitable[Any]], rounds: int = ROUNDS) -> list[tuple[float, Any]]:
    """Of each the median of seconds, after one that does not count, and the last answer; in turns, so that a busy moment is
    shared."""
    answers = [await call() for call in calls]
    seconds: list[list[float]] = [[] for _ in calls]
    for _ in range(rounds):
        for place, call in enumerate(calls):
            began = time.perf_counter()
            answers[place] = await call()
            seconds[place].append(time.perf_counter() - began)
    return list(zip(map(statistics.median, seconds), answers, strict=True))


def exponent(walks: list[dict[str, float]]) -> float:
    """The slope of log(seconds) over log(edges touched)."""
    xs = [math.log(walk["edges"]) for walk in walks if walk["edges"] >= ENOUGH]
    ys = [math.log(walk["seconds"]) for walk in walks if walk["edges"] >= ENOUGH]
    return statistics.linear_regression(xs, ys).slope


async def measure(store: Store, edges: int, hand: Any = None) -> list[dict[str, float]]:
    """The walks from every root of a graph; with a session, each held against one by hand."""
    walks: list[dict[str, float]] = []
    roots = [f"root.{number}" for number in range((edges // ((LAYERS - 1) * FED)).bit_length())]

    def calls_of(name: str) -> list[Callable[[], Awaitable[Any]]]:
        return [partial(walked, store, name), *([] if hand is None else [partial(by_hand, hand, name)])]

    if hand is not None:
        # A server that was just started translates what it runs for a while.
        await timed(*calls_of(roots[-1]), rounds=WARM_UP)
    for name in roots:
        (seconds, graph), *others = await timed(*calls_of(name))
        assert graph.completeness.is_complete
        found: dict[str, float] = {"nodes": len(graph.nodes), "edges": len(graph.links), "seconds": seconds}
        for by_hand_seconds, answer in others:
            found["by_hand_seconds"] = by_hand_seconds
            depths, links = {each.id: each.depth for each in graph.nodes}, [link[:2] for link in graph.links]
            assert answer == (depths, links), "the loop by hand found something else"
        walks.append(found)
    return walks


async def worst(store: Store) -> dict[str, dict[str, Any]]:
    """The chain, the star and the ladder, as a client may ask for them."""
    found: dict[str, dict[str, Any]] = {}
    budget = Budget(20, 1_000)

    async def walk(root: str) -> LineageGraph:
        walk = Walk(node(root), LineageDirection.DOWNSTREAM, budget)
        return await neighbourhood(store, walk, STEPS, PUBLIC_READER, DAY)

    async def search(start: str, end: str) -> Paths:
        search = PathSearch(node(start), node(end), PathBudget(100))
        return await paths_between(store, search, STEPS, PUBLIC_READER, DAY)

    for name, root in (("chain of 5,000", "chain.0"), ("star of 50,000", "star"), ("ladder of 40", "ladder.0")):
        ((seconds, graph),) = await timed(partial(walk, root))
        found[name] = _told(seconds, graph)
    for name, *ends in (
        ("paths along the chain", "chain.0", "chain.4999"),
        ("paths up the ladder", "ladder.0", "ladder.40"),
    ):
        ((seconds, paths),) = await timed(partial(search, *ends))
        found[name] = _told(seconds, paths)
    return found


def _told(seconds: float, answer: Any) -> dict[str, Any]:
    return {"seconds": seconds, "nodes": len(answer.nodes), "cut": [str(cut) for cut in answer.completeness.reasons]}


@asynccontextmanager
async def opened(given: argparse.Namespace, folder: str, edges: int) -> AsyncGenerator[tuple[Store, Any]]:
    """The store to fill, and a session by hand where it is a Neo4j."""
    tables = Tables(MODEL)
    if not given.neo4j:
        sqlite = SqliteStore.open(Path(folder) / f"{edges}.db", tables)
        yield sqlite, None
        await sqlite.close()
        return
    password = os.environ.get("WAYPOST_NEO4J_PASSWORD")
    neo4j = Neo4jStore.open(given.neo4j, tables, password=password, read_timeout_seconds=60, write_timeout_seconds=120)
    async with connected(given.neo4j, password) as driver, driver.session(default_access_mode="READ") as session:
        yield neo4j, session
    await neo4j.close()


async def main() -> None:
    """Parse, fill, measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--edges", type=int, action="append", help="edges of a graph; may be repeated")
    parser.add_argument("--neo4j", help="address of an empty Neo4j; without it, SQLite is measured")
    parser.add_argument("--output", type=Path, help="file for the figures, as JSON")
    given = parser.parse_args()
    sizes: list[int] = given.edges or [100_000]
    if given.neo4j and len(sizes) > 1:
        parser.error("a Neo4j holds one graph: give one number of edges")
    kept: dict[str, Any] = {"about": about(), "store": "neo4j" if given.neo4j else "sqlite", "graphs": {}}
    walks: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        for edges in sizes:
            async with opened(given, folder, edges) as (store, hand):
                await fill(store, [*layered(edges), *shapes()])
                gc.collect()
                gc.freeze()
                # Cycles of garbage are looked for as often as in a server.
                gc.set_threshold(YOUNG_OBJECTS, 20, 50)
                found = await measure(store, edges, hand)
                walks += found
                before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
                kept["graphs"][edges] = {"walks": found, "worst": await worst(store)}
                grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
            tell(edges, kept["graphs"][edges], grown)
    kept["exponent"] = exponent(walks)
    print(f"exponent of growth {kept['exponent']:.2f}")
    keep(kept, given.output)


def tell(edges: int, graph: dict[str, Any], grown: int) -> None:
    """Print what was measured on one graph."""
    print(f"{edges:,} edges")
    for walk in graph["walks"]:
        hand = walk.get("by_hand_seconds")
        ratio = f", {walk['seconds'] / hand:.2f} x by hand" if hand else ""
        print(
            f"  {walk['nodes']:9,} nodes {walk['edges']:9,} edges {walk['seconds'] * 1000:9.1f} ms "
            f"{walk['edges'] / walk['seconds']:11,.0f} edges a second{ratio}"
        )
    for name, shape in graph["worst"].items():
        cut = f", cut by {', '.join(shape['cut'])}" if shape["cut"] else ", complete"
        print(f"  {name:24} {shape['seconds'] * 1000:9.1f} ms, {shape['nodes']:,} nodes{cut}")
    print(f"  the last five made the process {grown / 1024:.0f} MB larger")


if __name__ == "__main__":
    asyncio.run(main())
