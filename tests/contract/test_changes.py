"""``changes`` and ``replay``: complete, in order, and enough to make the same graph elsewhere."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace

import pytest

from catalog.access import STAFF_READER, Audience
from catalog.errors import InvalidSelection
from catalog.selection import Order, Select
from catalog.stores.port import MAX_CHANGES, Change
from tests.contract.backends import BACKENDS, Blocking
from tests.contract.workshop import Workshop
from tests.support.compare import content_of, difference
from tests.support.differential import differs_in_selection
from tests.support.questions import Asker
from tests.support.small_model import SMALL_MODEL, TAgency, TDataset, TGoal, TOfficer, TRun, small_urn
from tests.support.statements import DAY, ask, close, edge, node, retract, retract_edge, said, urns
from tests.support.worlds import World, make_world


def _written(workshop: Workshop, world: World) -> Blocking:
    store = workshop.fresh()
    for batch in world.batches:
        store.write(batch)
    return store


def test_changes_1_states_of_nodes_edges_and_snapshots_in_order(store: Blocking) -> None:
    store.write(said(node(TAgency, "b"), node(TAgency, "a"), node(TDataset, "d"), node(TOfficer, "o", name="1")))
    store.write(said(edge(TDataset.held_by, "d", "a"), edge(TDataset.held_by, "d", "b")))
    store.write(said(node(TOfficer, "o", name="2"), close(TAgency, "b", ask(Select("x")).as_of)))
    store.write(said(retract_edge(TDataset.held_by, "d", "a"), node(TGoal, "g")))
    seen = [(c.revision, c.what, c.type, str(c.row.get("urn", "")).rpartition(":")[2]) for c in store.all_changes()]
    assert seen == [
        (1, "node", "TAgency", "a"),
        (1, "node", "TDataset", "d"),
        (2, "edge", "T_HELD_BY", ""),
        (3, "node", "TAgency", "b"),
        (3, "node", "TOfficer", "o"),
        (3, "snapshot", "TAgency", "b"),
        (3, "snapshot", "TOfficer", "o"),
        (4, "node", "TGoal", "g"),
        (4, "edge", "T_HELD_BY", ""),
    ]


def test_changes_1_retirements_are_there(store: Blocking) -> None:
    store.write(said(node(TAgency, "a"), node(TAgency, "b"), edge(TAgency.part_of, "a", "b")))
    store.write(said(retracts=[retract(TAgency, "b")]))
    retracted = [(c.what, c.row["retracted_at"] != "~") for c in store.all_changes()]
    assert retracted == [("node", False), ("node", True), ("edge", True)]


@pytest.mark.parametrize("limit", [*(pytest.param(n, marks=pytest.mark.long_on_neo4j) for n in (1, 2, 1000)), 7])
def test_changes_1_pages_are_the_feed_cut_in_pieces(workshop: Workshop, limit: int) -> None:
    world = make_world(3, 3, 5)
    store = _written(workshop, world)
    different = difference(world.reference.graph.changes(), store.all_changes(limit))
    assert different is None, different


def test_changes_1_the_cursor_continues_after_the_last(store: Blocking) -> None:
    store.write(said(node(TAgency, "a"), node(TAgency, "b")))
    page = store.changes("", 1)
    assert (len(page.changes), page.has_next) == (1, True)
    page = store.changes(page.cursor, 1)
    assert (len(page.changes), page.has_next) == (1, False)
    end = store.changes(page.cursor)
    assert (end.changes, end.has_next) == ([], False)
    store.write(said(node(TAgency, "a", name="new"), node(TAgency, "0")))
    for cursor in (page.cursor, end.cursor):
        after = store.changes(cursor)
        told = [(c.what, c.row["urn"]) for c in after.changes]
        new, changed = small_urn(TAgency, "0"), small_urn(TAgency, "a")
        assert told == [("node", new), ("node", changed), ("snapshot", changed)]


def test_changes_1_an_empty_graph_has_none(store: Blocking) -> None:
    page = store.changes()
    assert (page.changes, page.has_next) == ([], False)
    store.write(said(node(TAgency, "a")))
    assert len(store.changes(page.cursor).changes) == 1


def test_changes_1_what_changes_while_it_is_read_comes_later_and_is_not_missed(store: Blocking) -> None:
    names = [f"{n:02}" for n in range(20)]
    store.write(said(*(node(TAgency, name) for name in names)))
    found: list[Change] = []
    cursor = ""
    for turn in itertools.count():
        page = store.changes(cursor, 3)
        found += page.changes
        cursor = page.cursor
        if turn < 5:
            # One that was read already and one that was not.
            store.write(said(node(TAgency, "00", name=f"turn {turn}"), node(TAgency, "19", name=f"turn {turn}")))
        elif not page.has_next:
            break
    latest = {change.row["urn"]: change.row for change in found}
    assert latest == {change.row["urn"]: change.row for change in store.all_changes()}
    revisions = [change.revision for change in found]
    assert revisions == sorted(revisions)


def test_changes_2_the_journal_is_left_out(store: Blocking) -> None:
    store.write(said(node(TRun, "r"), node(TAgency, "a"), edge(TRun.ran_for, "r", "a")))
    cursor = store.changes().cursor
    assert [change.type for change in store.all_changes()] == ["TAgency"]
    store.write(said(node(TRun, "r", name="new"), node(TRun, "s"), edge(TRun.ran_for, "s", "a")))
    store.write(said(retract_edge(TRun.ran_for, "r", "a")))
    assert store.changes(cursor).changes == []
    store.write(said(retracts=[retract(TAgency, "a")]))
    assert [(c.what, c.type) for c in store.all_changes()] == [("node", "TAgency")]


_FORGED = ["x", "???", "W10", "WzEsMF0", "WzEsOSwiYSJd", "WzEsMiwiYSJd", "WzEsMCwxXQ", "\U0001f600", "W" * 5000]


@pytest.mark.parametrize("since", _FORGED, ids=range(len(_FORGED)))
def test_changes_3_a_cursor_that_we_did_not_make_is_refused(store: Blocking, since: str) -> None:
    with pytest.raises(InvalidSelection):
        store.changes(since)


@pytest.mark.parametrize("limit", [0, -1, MAX_CHANGES + 1])
def test_changes_3_a_limit_out_of_bounds_is_refused(store: Blocking, limit: int) -> None:
    with pytest.raises(InvalidSelection):
        store.changes("", limit)


_PAIRS = [
    pytest.param(
        a,
        b,
        marks=[pytest.mark.neo4j] * (BACKENDS[a].needs_neo4j or BACKENDS[b].needs_neo4j)
        # What goes from one kind of store to the other shows what both tell and take.
        + [pytest.mark.long_on_neo4j] * (a == b),
    )
    for a in BACKENDS
    for b in BACKENDS
]


@pytest.mark.parametrize(("origin", "replica"), _PAIRS)
@pytest.mark.parametrize(
    ("limit", "seed", "size"), [pytest.param(3, 11, 7, marks=pytest.mark.long_on_neo4j), (1000, 12, 14)]
)
def test_changes_1_replayed_they_make_the_same_graph(
    workshop_of: Callable[[str], Workshop], *, origin: str, replica: str, limit: int, seed: int, size: int
) -> None:
    _replay_between(workshop_of(origin), workshop_of(replica), make_world(seed, 4, size), limit)


@pytest.mark.long
@pytest.mark.parametrize(("origin", "replica"), _PAIRS)
def test_changes_1_many_graphs_are_the_same_when_replayed(
    workshop_of: Callable[[str], Workshop], origin: str, replica: str
) -> None:
    for seed in range(100, 115):
        _replay_between(workshop_of(origin), workshop_of(replica), make_world(seed, 5, 14), 37)


def _replay_between(origin: Workshop, replica: Workshop, world: World, limit: int) -> None:
    first = _written(origin, world)
    changes, revision = first.all_changes(limit), first.revision()
    second = replica.fresh()
    # Page by page: an edge may come long before its ends, which a later revision touched.
    reached = [second.replay(changes[start : start + limit]) for start in range(0, len(changes), limit)]
    assert (reached[-1], second.revision()) == (revision, revision)
    copied = second.all_changes(limit)
    assert difference(changes, copied) is None, f"world {world.seed}: {difference(changes, copied)}"
    assert content_of(copied, SMALL_MODEL) == content_of(world.reference.graph.changes(), SMALL_MODEL)
    _check_answers(world, second)


def _check_answers(world: World, replica: Blocking) -> None:
    """What the replica answers is what a graph answers that never had a journal."""
    kept = world.reference.graph.changes()
    unlogged = make_world(world.seed, 0)
    unlogged.reference.graph.replay(kept)
    asker = Asker(unlogged, "replica")
    for _ in range(4):
        different = differs_in_selection(unlogged.reference, replica, asker.selection())
        assert different is None, f"world {world.seed}: {different}"


@pytest.mark.long_on_neo4j
def test_replay_is_idempotent_and_takes_later_changes(workshop: Workshop) -> None:
    world = make_world(21, 5, 6)
    feed: list[list[Change]] = []
    store = workshop.fresh()
    cursor = ""
    for batch in world.batches:
        store.write(batch)
        page = store.changes(cursor)
        assert not page.has_next
        cursor = page.cursor
        feed.append(page.changes)
    whole = store.all_changes()
    replica = workshop.fresh()
    for number, changes in enumerate(feed):
        for _ in range(2):
            assert replica.replay(changes) == number + 1
    assert difference(whole, replica.all_changes()) is None, difference(whole, replica.all_changes())
    assert replica.replay([]) == len(feed)
    assert replica.replay(whole) == len(feed)
    assert difference(whole, replica.all_changes()) is None


def test_replay_keeps_what_is_here_of_a_later_revision(workshop: Workshop) -> None:
    """A page that was sent before comes again after those that follow it: it takes nothing back."""
    store = workshop.fresh()
    store.write(said(node(TAgency, "a", name="old"), node(TAgency, "b"), edge(TAgency.part_of, "a", "b")))
    early = store.all_changes()
    store.write(said(node(TAgency, "a", name="new"), retract_edge(TAgency.part_of, "a", "b")))
    late = store.all_changes()
    for pages in ([late, early], [[*late, *early]]):
        replica = workshop.fresh()
        assert [replica.replay(page) for page in pages] == [2] * len(pages)
        assert difference(late, replica.all_changes()) is None, difference(late, replica.all_changes())


def test_replay_leaves_a_graph_that_can_be_written(workshop: Workshop) -> None:
    world = make_world(22, 3, 10)
    changes = _written(workshop, world).all_changes()
    replica = workshop.fresh()
    replica.replay(changes)
    result = replica.write(said(node(TDataset, "new"), node(TAgency, "new"), edge(TDataset.held_by, "new", "new")))
    assert result.revision == 4
    ids = [change.row["id"] for change in replica.all_changes() if change.what == "edge"]
    assert len(set(ids)) == len(ids)
    again = replica.write(world.batches[-1])
    assert not set(again.created) - {"TRun", "T_RAN_FOR"}, "only the journal is unknown to a replica"
    assert "new" in urns(replica.select(ask(Select("TAgency", first=1000), STAFF_READER)))


def test_select_4_by_revision_what_changes_comes_again_after_a_cursor(store: Blocking) -> None:
    mirror = Select("TAgency", ("name", "retracted_at"), order=Order("revision"), first=2, ever=True, retracted=True)
    store.write(said(node(TAgency, "a"), node(TAgency, "b")))
    store.write(said(node(TAgency, "c", Audience.STAFF)))
    first = store.select(ask(mirror))
    assert (urns(first), first.has_next) == (["a", "b"], False)
    store.write(said(node(TAgency, "a", name="again")))
    store.write(said(node(TAgency, "d"), retracts=[retract(TAgency, "b")]))
    store.write(said(close(TAgency, "a", DAY)))
    second = store.select(ask(replace(mirror, after=first.end_cursor)))
    assert (urns(second), second.has_next) == (["b", "d"], True)
    assert [row["retracted_at"] for row in second.rows] == ["2022-03-20T12:00:00.000000Z", None]
    third = store.select(ask(replace(mirror, after=second.end_cursor)))
    assert (urns(third), third.has_next) == (["a"], False)
    assert urns(store.select(ask(replace(mirror, retracted=False, first=9)))) == ["d", "a"]
