"""A network and a database that fail: a write takes effect once, every call ends in time, and the store recovers."""

from __future__ import annotations

import asyncio
import functools
import gc
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import pytest
from neo4j import AsyncGraphDatabase

from catalog.batch import Batch, WriteResult
from catalog.errors import StoreTimeout, StoreUnavailable
from catalog.selection import Page, Select
from catalog.stores.neo4j import store as store_module
from catalog.stores.neo4j.session import Bolt, Transaction
from catalog.stores.neo4j.store import Neo4jStore
from catalog.stores.neo4j.write import write
from tests.contract.backends import Blocking
from tests.contract.workshop import Neo4jGraph, Workshop
from tests.support.bolt_proxy import BoltProxy, Mode
from tests.support.compare import difference
from tests.support.patience import PATIENCE
from tests.support.reference_graph import OPAQUE_KEY
from tests.support.small_model import SMALL, TAgency, small_urn
from tests.support.statements import ask, node, said, urns
from tests.support.worlds import make_world

pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
"""The driver drops a socket as it is where a deadline falls amid its connect; who collects it closes it."""

T = TypeVar("T")

_DEADLINE = 0.5
_SLACK = 30.0
"""What a machine that is busy may add to a deadline. Without the deadline nothing would end at all."""
_RECOVERY = 60.0
_AGENCIES = ask(Select("TAgency", ("name",), first=1000))


@dataclass
class Line:
    """A graph, and two ways to it: ``direct``, and through a proxy that fails on demand."""

    proxy: BoltProxy
    graph: Neo4jGraph
    direct: Blocking
    opened: list[Blocking]

    def open(self, *, read: float = PATIENCE, write: float = PATIENCE, connect: float = 5.0) -> Blocking:
        """A store that reaches the graph through the proxy, with these deadlines."""
        place = self.graph.place

        async def opened() -> Neo4jStore:
            return Neo4jStore.open(
                self.proxy.uri,
                SMALL,
                user=place.user,
                password=place.password,
                read_timeout_seconds=read,
                write_timeout_seconds=write,
                connect_timeout_seconds=connect,
                opaque_key=OPAQUE_KEY,
                warn=True,
            )

        store = Blocking(self.direct.wait(opened()), self.direct.runner)
        self.opened.append(store)
        return store

    def hasty(self, deadline: float = _DEADLINE) -> Blocking:
        """A store with small deadlines, and a connection that it has used."""
        store = self.open(read=deadline, write=deadline)
        self.eventually(store.revision)
        return store

    def switch(self, mode: Mode, *, spare: int = 0) -> None:
        self.direct.wait(self.proxy.switch(mode, spare=spare))

    def in_time(self, call: Awaitable[T], seconds: float = _DEADLINE) -> T:
        """What the call answers or raises, which it does soon after its deadline, leaving no task behind."""

        async def bounded() -> T:
            async with asyncio.timeout(seconds + _SLACK):
                return await call

        async def left() -> set[Any]:
            return asyncio.all_tasks() - self.proxy.tasks - {asyncio.current_task()}

        try:
            return self.direct.wait(bounded())
        except TimeoutError:
            pytest.fail(f"not done {_SLACK} seconds after a deadline of {seconds}")
        finally:
            assert self.direct.wait(left()) == set(), "tasks were left behind"

    def eventually(self, call: Callable[[], T]) -> T:
        """What the call answers once the store has recovered."""
        give_up = time.monotonic() + _RECOVERY
        while True:
            try:
                return call()
            except (StoreTimeout, StoreUnavailable):
                if time.monotonic() > give_up:
                    raise


@pytest.fixture
def line(neo4j_graph: Neo4jGraph, workshop_of: Callable[[str], Workshop], runner: asyncio.Runner) -> Iterator[Line]:
    workshop = workshop_of("neo4j")
    proxy = BoltProxy(neo4j_graph.place.uri)
    made = Line(proxy, neo4j_graph, workshop.fresh(), [])
    runner.run(proxy.open())
    yield made
    runner.run(proxy.close())
    for store in made.opened:
        store.close()
    workshop.close()
    gc.collect()  # here, where a warning of sockets is expected


def _bolt(store: Blocking) -> Bolt:
    assert isinstance(store.store, Neo4jStore)
    return store.store._bolt  # pyright: ignore[reportPrivateUsage] - what lies under the port is the subject


def _pool_of(size: int, patch: pytest.MonkeyPatch) -> None:
    """Drivers that are made from now on have so many connections at most."""
    make = functools.partial(AsyncGraphDatabase.driver, max_connection_pool_size=size)  # pyright: ignore[reportUnknownMemberType] - untyped **config
    patch.setattr(AsyncGraphDatabase, "driver", make)


def _batch(name: str) -> Batch:
    return said(node(TAgency, name))


_CUTS = pytest.mark.parametrize("cuts", [5, pytest.param(100, marks=pytest.mark.long)])


@_CUTS
@pytest.mark.parametrize("mode", [Mode.CUT_BEFORE_COMMIT, Mode.CUT_AFTER_COMMIT])
def test_write_6_a_line_cut_beside_the_commit_leaves_one_effect(line: Line, mode: Mode, cuts: int) -> None:
    """A random world, each batch of which meets a cut: its graph and its revisions are those of the oracle."""
    world = make_world(47, cuts, 8)
    replayed = make_world(47, 0).reference
    store = line.open()
    for number, batch in enumerate(world.batches, start=1):
        expected = replayed.write(batch)
        line.switch(mode)
        result = store.write(batch)
        assert line.proxy.cuts == number
        assert result.revision == line.direct.revision() == expected.revision
        assert not store.write(batch).changed
    assert difference(world.reference.graph.changes(), line.direct.all_changes()) is None


@_CUTS
def test_a_read_cut_amid_its_answer_is_answered(line: Line, cuts: int) -> None:
    line.direct.write(said(*(node(TAgency, n) for n in range(300))))
    expected = line.direct.select(_AGENCIES)
    assert len(expected.rows) == 300
    store = line.open()
    for number in range(1, cuts + 1):
        line.switch(Mode.CUT_ANSWER)
        assert store.select(_AGENCIES) == expected
        assert line.proxy.cuts == number


@pytest.mark.parametrize("spare", range(6))
def test_migrate_2_a_commit_that_nobody_heard_of_is_no_other_process(line: Line, spare: int) -> None:
    """A migration does not wait for its own lease, where it never heard that it got it."""
    line.graph.clear()
    store = line.open()
    line.switch(Mode.CUT_AFTER_COMMIT, spare=spare)
    steps = line.in_time(store.store.migrate(), 5)
    assert [step.partition("-")[0] for step in steps] == ["0001", "model"]
    assert line.proxy.cuts == 1
    store.check()


def _all_fail(line: Line, calls: Sequence[Coroutine[Any, Any, Any]]) -> None:
    """At once, each by its deadline, and as the port says."""

    async def all_at_once() -> list[Any]:
        return await asyncio.gather(*calls, return_exceptions=True)

    answers = line.in_time(all_at_once())
    assert {type(answer) for answer in answers} <= {StoreTimeout, StoreUnavailable}


def _works_again(line: Line, store: Blocking) -> None:
    assert line.eventually(functools.partial(store.write, _batch("a"))).revision == 1
    assert urns(line.eventually(functools.partial(store.select, _AGENCIES))) == ["a"]


def test_a_black_hole_ends_every_call_by_its_deadline_and_then_is_forgotten(line: Line) -> None:
    used, fresh = line.hasty(), line.open(read=_DEADLINE, write=_DEADLINE)
    stores = [used.store, fresh.store]
    line.switch(Mode.BLACK_HOLE)
    _all_fail(line, [each.select(_AGENCIES) for each in stores] + [each.write(_batch("a")) for each in stores])
    line.switch(Mode.PASS)
    for store in (used, fresh):
        _works_again(line, store)


def test_a_black_hole_takes_no_connection_of_the_pool(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    _pool_of(2, monkeypatch)
    store = line.hasty()
    line.switch(Mode.BLACK_HOLE)
    _all_fail(line, [store.store.select(_AGENCIES) for _ in range(20)] + [store.store.check() for _ in range(5)])
    line.switch(Mode.PASS)
    _works_again(line, store)


def test_a_writer_lost_in_a_black_hole_lets_go_of_the_lock(line: Line) -> None:
    """The server hears nothing of its end, so it must give the transaction up by itself; what is late has no effect."""
    line.direct.write(_batch("first"))
    store = line.hasty(1.0)
    line.switch(Mode.HOLE_BEFORE_COMMIT)
    while not line.proxy.cuts:  # a machine that is busy may not come so far in time
        with pytest.raises((StoreTimeout, StoreUnavailable)):
            line.in_time(store.store.write(_batch("lost")))
    assert line.in_time(line.direct.store.write(_batch("next")), _RECOVERY).revision == 2
    line.switch(Mode.PASS)
    assert line.eventually(functools.partial(store.write, _batch("then"))).revision == 3
    assert urns(line.direct.select(_AGENCIES)) == ["first", "next", "then"]


def test_close_ends_in_a_black_hole(line: Line) -> None:
    """Even where it cannot say goodbye, since a statement that nobody takes fills the line."""
    store = line.open(read=30)
    store.check()

    async def closed_amid_a_read() -> None:
        reading = asyncio.create_task(_bolt(store).read("RETURN size($text)", {"text": "x" * 20_000_000}))
        await asyncio.sleep(_DEADLINE)
        await store.store.close()
        await store.store.close()
        reading.cancel()
        await asyncio.wait([reading])

    line.switch(Mode.BLACK_HOLE)
    line.in_time(closed_amid_a_read(), 2)


def test_a_database_that_refuses_is_unavailable_and_says_where(line: Line) -> None:
    store = line.open(read=1, write=1)
    line.eventually(store.check)
    line.switch(Mode.REFUSE)
    for call in (store.store.select(_AGENCIES), store.store.write(_batch("a"))):
        with pytest.raises(StoreUnavailable, match=f"no Neo4j answers at {line.proxy.uri}: is it running"):
            line.in_time(call, 1)
    line.switch(Mode.PASS)
    _works_again(line, store)


def test_a_write_waits_for_a_database_that_comes_back(line: Line) -> None:
    store = line.open()
    store.check()

    async def back_after_a_while() -> WriteResult:
        await line.proxy.switch(Mode.REFUSE)
        writing = asyncio.create_task(store.store.write(_batch("a")))
        await asyncio.sleep(1)
        await line.proxy.switch(Mode.PASS)
        return await writing

    assert line.in_time(back_after_a_while(), 5).revision == 1


def test_a_pool_without_a_free_connection_is_unavailable_soon(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """Long before the deadline, and not tried again: one more in the queue helps nobody."""
    _pool_of(1, monkeypatch)
    store = line.open(connect=_DEADLINE / 2)
    line.eventually(store.check)

    async def first_and_others() -> Page:
        await line.proxy.switch(Mode.BLACK_HOLE)
        first = asyncio.create_task(store.store.select(_AGENCIES))
        await asyncio.sleep(_DEADLINE / 5)
        for call in (store.store.select(_AGENCIES), store.store.write(_batch("a"))):
            with pytest.raises(StoreUnavailable, match=r"every connection to .* is in use: try again"):
                await call
        assert not first.done()
        await line.proxy.switch(Mode.PASS)
        return await first

    assert line.in_time(first_and_others(), 2 * _DEADLINE).rows == []


def _racing(times: int) -> Callable[[Transaction, Batch, Any], Awaitable[WriteResult]]:
    """The store's ``write``, which loses a race for a key so many times: a node that is there is made again."""
    left = iter(range(times))

    async def raced(tx: Transaction, batch: Batch, tables: Any) -> WriteResult:
        result = await write(tx, batch, tables)
        if next(left, None) is not None:
            await tx.run("CREATE (:TAgency {urn: $urn})", {"urn": small_urn(TAgency, "there")})
        return result

    return raced


def test_write_6_a_lost_race_for_a_key_is_run_again(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    line.direct.write(_batch("there"))
    store = line.open()
    monkeypatch.setattr(store_module, "write", _racing(2))
    assert store.write(_batch("a")).created == {"TAgency": 1}
    assert line.direct.revision() == 2
    assert urns(line.direct.select(_AGENCIES)) == ["a", "there"]


def test_write_6_a_race_that_is_always_lost_is_busy_not_forever(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    line.direct.write(_batch("there"))
    store = line.open()
    monkeypatch.setattr(store_module, "write", _racing(1000))
    with pytest.raises(StoreUnavailable, match="busy"):
        line.in_time(store.store.write(_batch("a")), 5)
    assert line.direct.revision() == 1


def test_a_read_sends_the_bookmarks_of_all_who_wrote_at_once(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a cluster a read may come to a server that has only one of two writes; it waits for those it names."""
    store = line.open()
    both = asyncio.Barrier(2)

    async def together(tx: Transaction, batch: Batch, tables: Any) -> WriteResult:
        await both.wait()  # each has begun, and so knows nothing of the other
        return await write(tx, batch, tables)

    async def at_once() -> None:
        await asyncio.gather(*(store.store.write(_batch(name)) for name in "ab"))

    monkeypatch.setattr(store_module, "write", together)
    store.wait(at_once())
    bookmarks = store.wait(_bolt(store)._bookmarks.get_bookmarks())  # pyright: ignore[reportPrivateUsage] - no port tells them
    assert len(bookmarks) == 2
    assert urns(store.select(_AGENCIES)) == ["a", "b"]
    assert all(bookmark.encode() in line.proxy.last_run for bookmark in bookmarks)


def test_a_database_that_is_not_there_is_named_with_its_setting(neo4j_graph: Neo4jGraph) -> None:
    place = neo4j_graph.place

    async def ask_another() -> None:
        store = Neo4jStore.open(place.uri, SMALL, user=place.user, password=place.password, database="nope")
        try:
            await store.revision()
        finally:
            await store.close()

    with pytest.raises(StoreUnavailable, match="no database 'nope': set WAYPOST_NEO4J_DATABASE"):
        asyncio.run(ask_another())
