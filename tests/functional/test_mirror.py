"""``changes``: who applies it to an empty copy has the graph, as their reader sees it, whoever writes meanwhile."""

from __future__ import annotations

import asyncio
import json
import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from catalog.access import PUBLIC_READER, STAFF_READER, Audience, Reader
from catalog.batch import Batch, Close, EdgeStatement, NodeStatement, RetractEdge
from catalog.model import MODEL
from catalog.model.data import Dataset
from catalog.model.people import Agency
from catalog.selection import Select, Selection
from catalog.stores.layout import Tables
from catalog.stores.port import Store
from catalog.stores.sqlite.store import SqliteStore
from catalog.urn import Urn, key
from catalog.values import ALWAYS, NEVER
from catalog.verify import read_feed
from graphql_schema import Context, Request, answer, build_schema
from tests.contract.backends import BACKENDS, Place
from tests.graphql.graph import TODAY
from tests.graphql.twins import make_twins
from tests.support.compare import difference
from tests.support.patience import PATIENCE

Values = dict[str, Any]

_PAGE = Path(__file__).parents[2] / "docs" / "mirroring.md"
_CHANGES = _PAGE.read_text(encoding="utf-8").partition("```graphql\n")[2].partition("```")[0]
_SOURCES = [key("source", "test", name) for name in "ab"]
_DATASETS = [key("dataset", "test", str(n)) for n in range(6)]
_AGENCIES = [key("agency", "test", str(n)) for n in range(3)]
_DAYS = [date(2022, 1, day) for day in range(1, 9)]


@dataclass
class Mirror:
    """What a mirror keeps: nodes by URN and edges by key, and where it goes on."""

    nodes: dict[str, Values] = field(default_factory=dict[str, Values])
    edges: dict[str, Values] = field(default_factory=dict[str, Values])
    since: str | None = None
    has_begun: bool = False
    """Whether the first pass is over."""
    to_ask: set[str] = field(default_factory=set[str])
    """Nodes of which edges may have been told while they could not be seen: the edges are to be asked for."""

    def apply(self, change: Values) -> None:
        """Take over one change, as docs/mirroring.md says."""
        if change["urn"] is None:
            if change["state"] == "STANDS":
                self.edges[change["key"]] = change
            else:
                self.edges.pop(change["key"], None)
        elif change["state"] != "STANDS":
            if self.nodes.pop(change["urn"], None):
                self._let_go(change["urn"])
        else:
            if self.has_begun and change["urn"] not in self.nodes:
                self.to_ask.add(change["urn"])
            self.nodes[change["urn"]] = change

    def _let_go(self, urn: str) -> None:
        self.edges = {k: e for k, e in self.edges.items() if urn not in (e["tail"], e["head"])}


async def ask(store: Store, reader: Reader, **variables: Any) -> Any:
    return await answer(
        build_schema(), Request(_CHANGES, variables, None), Context(store, reader, TODAY, "r"), PATIENCE
    )


async def follow(store: Store, mirror: Mirror, reader: Reader, first: int) -> list[Values]:
    """Read on to the end of the feed; answers what was told."""
    told: list[Values] = []
    more = True
    while more:
        found = await ask(store, reader, since=mirror.since, first=first)
        assert found.errors == [], found.errors
        page = found.data["changes"]
        assert len(page["changes"]) <= first
        for change in page["changes"]:
            mirror.apply(change)
        told += page["changes"]
        mirror.since = page["pageInfo"]["endCursor"] or mirror.since
        more = page["pageInfo"]["hasNextPage"]
    mirror.has_begun = True
    return told


def said(rng: random.Random, number: int, source: Urn) -> Batch:
    """A batch of one writer: it states, hides, opens, closes, retracts, links and takes links back."""
    at = datetime(2022, 3, 1, tzinfo=UTC) + timedelta(minutes=number)
    batch = Batch(source, f"run-{number}", at, rng.choice(_DAYS))
    datasets = rng.sample(_DATASETS, 4)
    for urn in datasets:
        audience = rng.choice([None, Audience.PUBLIC, Audience.STAFF])
        title = rng.choice(["One", "Two", "Three"])
        batch.nodes.append(NodeStatement(Dataset(urn=urn, title=title, contact_email="x@example.org"), audience))
    batch.nodes += [NodeStatement(Agency(urn=urn, name=f"{urn[-1]} {rng.randint(0, 2)}")) for urn in _AGENCIES]
    for tail in datasets[:3]:
        start = rng.choice([None, *_DAYS[:4]])
        batch.edges.append(EdgeStatement(Dataset.held_by, tail, rng.choice(_AGENCIES), start))
        head = rng.choice(datasets)
        batch.edges.append(EdgeStatement(Dataset.downstream, tail, head, start, props={"flow": "urn:x"}))
    batch.retracts_edges.append(RetractEdge(Dataset.downstream, datasets[3], datasets[0]))
    return batch


def ended(rng: random.Random, number: int, source: Urn) -> Batch:
    """A batch that ends what may be there."""
    at = datetime(2022, 3, 1, tzinfo=UTC) + timedelta(minutes=number)
    batch = Batch(source, f"run-{number}", at, rng.choice(_DAYS))
    gone = rng.sample(_DATASETS, 2)
    batch.retracts, batch.withdraws = gone[:1], gone[1:]
    return batch


async def write(store: Store, seed: int, source: Urn, count: int) -> None:
    """One writer at work."""
    rng = random.Random(f"{seed} {source}")
    for number in range(count):
        await store.write(said(rng, number, source) if rng.random() < 0.75 else ended(rng, number, source))
        await asyncio.sleep(0)


async def whole(store: Store) -> tuple[Values, list[list[Any]]]:
    """The nodes and edges that stand, from the store's own feed."""
    standing = [c for c in await read_feed(store) if c.what != "snapshot" and c.row["retracted_at"] == NEVER]
    nodes = {c.row["urn"]: (c.type, _span(c.row), _props(c.type, c.row)) for c in standing if c.what == "node"}
    edges = [
        [c.type, c.row["tail"], c.row["head"], c.row["source"], _span(c.row)] for c in standing if c.what == "edge"
    ]
    return nodes, sorted(edges, key=repr)


def _span(row: Values) -> list[str | None]:
    return [None if row[name] in (ALWAYS, NEVER) else row[name] for name in ("valid_from", "valid_to")]


def _props(label: str, row: Values) -> Values:
    return {p.name: row[p.name] for p in MODEL.kinds[label].properties if row[p.name] not in (None, [])}


def kept(mirror: Mirror) -> tuple[Values, list[list[Any]]]:
    """What a mirror holds, in the form of ``whole``."""
    nodes = {
        urn: (
            change["type"],
            [change["since"], change["until"]],
            {word["property"]: json.loads(word["value"]) for word in change["words"]},
        )
        for urn, change in mirror.nodes.items()
    }
    edges = [
        [e["type"], e["tail"], e["head"], e["source"], [e["since"], e["until"]]]
        for e in mirror.edges.values()
        if {e["tail"], e["head"]} <= nodes.keys()
    ]
    return nodes, sorted(edges, key=repr)


async def _mirrored(store: Store, seed: int, batches: int) -> None:
    """Two writers, and two mirrors that read as they write; what each has at the end is what its reader may see."""
    staff, public = Mirror(), Mirror()
    await write(store, seed, key("source", "test", "first"), 3)
    for mirror, reader in ((staff, STAFF_READER), (public, PUBLIC_READER)):
        await follow(store, mirror, reader, 4)
    writers = [asyncio.create_task(write(store, seed, source, batches)) for source in _SOURCES]
    rng = random.Random(seed)
    while not all(writer.done() for writer in writers):
        await follow(store, staff, STAFF_READER, rng.randint(1, 9))
        await follow(store, public, PUBLIC_READER, rng.randint(1, 9))
    await asyncio.gather(*writers)
    await follow(store, staff, STAFF_READER, 50)
    await follow(store, public, PUBLIC_READER, 3)
    expected = await whole(store)
    found = difference(list(expected), list(kept(staff)))
    assert found is None, f"seed {seed}: {found}"
    await _check_public(store, public, expected, seed)
    # Who begins anew has all of it in one pass.
    for reader in (STAFF_READER, PUBLIC_READER):
        again = Mirror()
        await follow(store, again, reader, 1_000)
        if reader is STAFF_READER:
            assert difference(list(expected), list(kept(again))) is None
        else:
            await _check_public(store, again, expected, seed)
            assert again.to_ask == set()
    nothing = await ask(store, STAFF_READER, since=staff.since, first=5)
    assert nothing.data["changes"] == {"pageInfo": {"hasNextPage": False, "endCursor": None}, "changes": []}


async def _check_public(store: Store, public: Mirror, expected: tuple[Values, list[list[Any]]], seed: int) -> None:
    nodes, edges = kept(public)
    seen: set[str] = set()
    for kind in ("Dataset", "Agency"):
        page = await store.select(Selection(Select(kind, first=100, ever=True), PUBLIC_READER, TODAY))
        seen |= {row["urn"] for row in page.rows}
    assert nodes.keys() == seen, f"seed {seed}"
    for urn, (type_, span, words) in nodes.items():
        whole_words = expected[0][urn][2]
        assert (type_, span) == expected[0][urn][:2]
        assert words == {name: word for name, word in whole_words.items() if name != "contact_email"}
    visible = [edge for edge in expected[1] if {edge[1], edge[2]} <= seen]
    differ = [edge for edge in (*visible, *edges) if (edge in visible) != (edge in edges)]
    assert all(public.to_ask & {edge[1], edge[2]} for edge in differ), f"seed {seed}: only what is to be asked for"


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.long_on_neo4j)])
def test_what_a_mirror_has_is_the_graph_whoever_writes_meanwhile(
    runner: asyncio.Runner, store: Store, seed: int
) -> None:
    runner.run(_mirrored(store, seed, 6))


@pytest.mark.long
def test_what_many_mirrors_have_is_the_graph(runner: asyncio.Runner, store: Store) -> None:
    for seed in range(10, 14):
        runner.run(_mirrored(store, seed, 20))


def test_what_becomes_hidden_leaves_a_mirror_and_comes_back(runner: asyncio.Runner, store: Store) -> None:
    urn, other = _DATASETS[:2]

    def stated(day: int, audience: Audience, title: str) -> Batch:
        at = datetime(2022, 3, day, tzinfo=UTC)
        nodes = [NodeStatement(Dataset(urn=urn, title=title), audience)]
        nodes.append(NodeStatement(Dataset(urn=other, title="Other"), Audience.PUBLIC))
        link = EdgeStatement(Dataset.downstream, urn, other)
        return Batch(_SOURCES[0], "test", at, at.date(), nodes=nodes, edges=[link])

    async def story() -> None:
        mirror = Mirror()
        hidden = Mirror()
        await store.write(stated(1, Audience.PUBLIC, "One"))
        await follow(store, mirror, PUBLIC_READER, 1)
        assert (len(mirror.nodes), len(mirror.edges)) == (2, 1)
        await store.write(stated(2, Audience.STAFF, "Two"))
        told = await follow(store, mirror, PUBLIC_READER, 1)
        assert [(c["state"], c["urn"], c["words"], c["source"]) for c in told] == [("HIDDEN", urn, [], None)]
        assert (list(mirror.nodes), mirror.edges) == ([other], {})
        await store.write(stated(3, Audience.STAFF, "Three"))
        assert await follow(store, mirror, PUBLIC_READER, 1) == [], "what changes while it is hidden is not told"
        await follow(store, hidden, PUBLIC_READER, 5)
        assert list(hidden.nodes) == [other]
        await store.write(stated(4, Audience.PUBLIC, "Four"))
        told = await follow(store, mirror, PUBLIC_READER, 5)
        assert [(c["state"], c["urn"]) for c in told] == [("STANDS", urn)]
        assert mirror.to_ask == {urn}, "its edge was told while it was hidden, and is to be asked for"
        assert mirror.nodes.keys() == {urn, other}
        at = datetime(2022, 3, 5, tzinfo=UTC)
        await store.write(Batch(_SOURCES[0], "test", at, at.date(), closes=[Close(urn, at.date(), "moved")]))
        (closed,) = await follow(store, mirror, PUBLIC_READER, 5)
        assert (closed["state"], closed["until"]) == ("STANDS", "2022-03-05")
        await store.write(Batch(_SOURCES[0], "test", at, at.date(), retracts=[urn]))
        told = await follow(store, mirror, PUBLIC_READER, 5)
        assert (told[-1]["state"], {change["urn"] for change in told}) == ("RETRACTED", {urn})
        assert list(mirror.nodes) == [other]

    runner.run(story())


def test_what_was_always_hidden_is_as_if_it_were_not(runner: asyncio.Runner, tmp_path: Path) -> None:
    async def told_of(batches: list[Batch], first: int, name: str) -> list[Values]:
        store = SqliteStore.open(tmp_path / name, Tables(MODEL))
        await store.migrate()
        for batch in batches:
            await store.write(batch)
        told = await follow(store, Mirror(), PUBLIC_READER, first)
        await store.close()
        return [{name: value for name, value in change.items() if name != "key"} for change in told]

    async def story() -> None:
        for seed in range(3):
            twins = make_twins(seed)
            whole = await told_of(twins.whole, 7, f"whole-{seed}.db")
            bare = await told_of(twins.bare, 50, f"bare-{seed}.db")
            assert difference(bare, whole) is None, f"seed {seed}"
            assert len(whole) > 100

    runner.run(story())


def test_a_cursor_that_is_none_and_one_of_a_later_state_are_refused(
    runner: asyncio.Runner, store: Store, tmp_path: Path
) -> None:
    async def story() -> None:
        await write(store, 3, _SOURCES[0], 3)
        mirror = Mirror()
        await follow(store, mirror, STAFF_READER, 100)
        assert mirror.since
        for since, first, says in (
            ("nonsense", 5, "no cursor of ours"),
            (mirror.since[:-1], 5, "no cursor of ours"),
            (None, 1_001, "a page holds 0 to 1000 changes"),
            (None, -1, "a page holds 0 to 1000 changes"),
        ):
            (error,) = (await ask(store, STAFF_READER, since=since, first=first)).errors
            assert error["extensions"]["code"] == "INVALID_SELECTION"
            assert says in error["message"]

    runner.run(story())


def test_a_cursor_of_a_state_that_a_restored_graph_has_not_reached_is_refused(
    runner: asyncio.Runner, tmp_path: Path
) -> None:
    async def story() -> None:
        mirror = Mirror()
        for count in (3, 1):
            store = BACKENDS["sqlite"].open(Place(tmp_path / f"{count}.db"), Tables(MODEL))
            await store.migrate()
            await write(store, 3, _SOURCES[0], count)
            if mirror.since is None:
                await follow(store, mirror, STAFF_READER, 100)
            else:
                (error,) = (await ask(store, STAFF_READER, since=mirror.since, first=5)).errors
                assert "begin anew" in error["message"]
            await store.close()

    runner.run(story())
