"""``write``, clauses 1 to 4: atomic, idempotent, one revision a batch, and nothing overwritten."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.access import STAFF_READER
from catalog.batch import Batch, Close, EdgeStatement, NodeStatement, WriteResult
from catalog.errors import InvalidBatch, InvalidRecord
from catalog.selection import Compare, Op, Related, Select
from catalog.urn import key
from catalog.values import MAX_INDEXED_BYTES, instant
from tests.contract.backends import Blocking
from tests.contract.workshop import Workshop
from tests.support.compare import GraphContent, content_of, difference
from tests.support.small_model import SMALL_MODEL, TAgency, TColumn, TDataset, TGoal, TOfficer, TRun, small_urn
from tests.support.statements import AT, DAY, SOURCE, ask, close, edge, node, retract, retract_edge, said, urns
from tests.support.worlds import make_world

_BEFORE, _AFTER = DAY - timedelta(days=1), DAY + timedelta(days=1)
_OTHER = key("source", "other")


def _holders(store: Blocking, *, ever: bool = True) -> list[tuple[Any, ...]]:
    """Of each edge from the dataset "d" to its holders: head, from, to."""
    holder = Related("holder", "held_by", Select("TAgency", ever=ever), edge=("valid_from", "valid_to"))
    (row,) = store.select(ask(Select("TDataset", related=(holder,)))).rows
    return [(name, *r["@edge"].values()) for name, r in zip(urns(row["holder"]), row["holder"].rows, strict=True)]


_BAD: dict[str, Any] = {
    "edge to what is not there": edge(TDataset.held_by, "new", "nowhere"),
    "edge from what is not there": edge(TDataset.held_by, "nowhere", "there"),
    "edge to another kind": EdgeStatement(TDataset.held_by, small_urn(TDataset, "new"), small_urn(TGoal, "g")),
    "edge that ends before it begins": edge(TDataset.held_by, "new", "there", DAY, _BEFORE),
    "edge with an unknown property": edge(TDataset.held_by, "new", "there", colour="RED"),
    "edge with a value of another shape": edge(TDataset.held_by, "new", "there", rank="one"),
    "node that ends before it begins": node(TAgency, "x", valid_from=DAY, valid_to=DAY),
    "node with a value of another shape": node(TDataset, "x", size=1.5),
    "node with a text that no store keeps": node(TDataset, "x", title="a\0b"),
    "node without what is required": node(TAgency, "x", name=None),
    "node whose class is another": NodeStatement(TGoal(urn=small_urn(TAgency, "x"))),
    "node of no declared kind": NodeStatement(TGoal(urn=key("nothing", "x"))),
    "text too long to be looked up by": node(TDataset, "long", title="x" * (MAX_INDEXED_BYTES + 1)),
    "node stated twice, differently": node(TDataset, "new", title="another"),
    "close of what is not there": Close(small_urn(TAgency, "nowhere"), DAY, "r"),
    "close of what is stated": close(TDataset, "new", DAY),
    "retraction of an edge that is stated": retract_edge(TDataset.held_by, "new", "there"),
}


@pytest.mark.parametrize("case", _BAD)
def test_write_1_a_batch_with_one_bad_statement_writes_nothing(store: Blocking, case: str) -> None:
    store.write(said(node(TAgency, "there"), node(TGoal, "g")))
    before = store.all_changes()
    good = [node(TDataset, "new", title="new"), node(TRun, "run"), edge(TDataset.held_by, "new", "there")]
    with pytest.raises((InvalidBatch, InvalidRecord)):
        store.write(said(*good, node(TAgency, "there", name="changed"), _BAD[case]))
    assert store.all_changes() == before
    assert store.revision() == 1
    assert urns(store.select(ask(Select("TDataset", ever=True), STAFF_READER))) == []
    assert urns(store.select(ask(Select("TRun", ever=True), STAFF_READER))) == []


def test_write_1_what_contradicts_itself_is_refused(store: Blocking) -> None:
    store.write(said(node(TAgency, "a"), node(TDataset, "d")))
    contradictions: list[Batch] = [
        said(close(TAgency, "a", DAY), close(TAgency, "a", _AFTER)),
        said(node(TAgency, "a"), retracts=[retract(TAgency, "a")]),
        said(close(TAgency, "a", DAY), retracts=[retract(TAgency, "a")]),
        said(edge(TDataset.held_by, "d", "a", rank=1), edge(TDataset.held_by, "d", "a", rank=2)),
        said(edge(TDataset.held_by, "d", "a", None, DAY), edge(TDataset.held_by, "d", "a", _BEFORE, _AFTER)),
    ]
    for batch in contradictions:
        with pytest.raises(InvalidBatch):
            store.write(batch)
    assert store.revision() == 1


def test_write_1_a_batch_that_is_too_large_is_refused(store: Blocking) -> None:
    batch = said()
    batch.retracts = [small_urn(TAgency, "a")] * 50_001
    with pytest.raises(InvalidBatch, match="split it"):
        store.write(batch)


def _varied() -> Batch:
    """A batch with one of everything."""
    return said(
        *(node(TDataset, name, title=name, keywords=("k",)) for name in "de"),
        node(TAgency, "a"),
        node(TAgency, "b"),
        node(TAgency, "c", valid_to=_AFTER),
        node(TOfficer, "o", name="first"),
        edge(TDataset.held_by, "d", "a", rank=1, tags=("t",)),
        edge(TDataset.held_by, "d", "b", _BEFORE, _AFTER),
        edge(TDataset.upstream, "d", "e", None, _AFTER),
        edge(TDataset.upstream, "e", "e", None, _BEFORE),
        restates=[(TDataset, "d", TDataset.held_by)],
    )


def test_write_2_the_same_again_changes_nothing(store: Blocking) -> None:
    first = store.write(_varied())
    assert (first.revision, first.changed) == (1, True)
    assert first.created == {
        "TDataset": 2,
        "TAgency": 3,
        "TOfficer": 1,
        "T_HELD_BY": 2,
        "T_DERIVED_FROM": 2,
    }
    before = store.all_changes()
    for batch in (_varied(), dataclasses.replace(_varied(), at=AT + timedelta(days=1), by="another")):
        again = store.write(batch)
        assert again == WriteResult(1, changed=False, unchanged=first.created)
        assert store.all_changes() == before


@settings(max_examples=3, database=None)
@given(seed=st.integers(0, 2**31))
def test_write_2_random_batches_are_idempotent(workshop: Workshop, seed: int) -> None:
    store = workshop.fresh()
    for batch in make_world(seed, 4, 12).batches:
        result = store.write(batch)
        again = store.write(dataclasses.replace(batch, at=batch.at + timedelta(hours=1)))
        assert (again.changed, again.revision, again.written_urns) == (False, result.revision, frozenset())


def test_write_2_statements_are_compared_with_what_the_graph_holds(store: Blocking) -> None:
    store.write(_varied())
    part = said(node(TDataset, "d", title="d", keywords=("k",)), node(TDataset, "n"), edge(TDataset.upstream, "d", "n"))
    result = store.write(part)
    assert result == WriteResult(
        2,
        changed=True,
        created={"TDataset": 1, "T_DERIVED_FROM": 1},
        unchanged={"TDataset": 1},
        written_urns=frozenset({small_urn(TDataset, "n"), small_urn(TDataset, "d")}),
    )


def test_write_3_each_batch_that_changes_anything_is_one_revision(store: Blocking) -> None:
    assert store.revision() == 0
    assert store.write(said()) == WriteResult(0, changed=False)
    for number in range(1, 4):
        assert store.write(said(node(TAgency, "a", name=f"{number}"), node(TGoal, number))).revision == number
        assert store.revision() == number
    assert {change.revision for change in store.all_changes()} == {1, 2, 3}


def test_write_3_the_journal_moves_no_revision(store: Blocking) -> None:
    store.write(said(node(TAgency, "a")))
    result = store.write(said(node(TRun, "r", name="x"), edge(TRun.ran_for, "r", "a")))
    assert (result.revision, result.changed) == (1, True)
    assert store.revision() == 1
    ran = Related("runs", "runs", Select("TRun", ("name",)))
    (row,) = store.select(ask(Select("TAgency", related=(ran,)))).rows
    assert [r["name"] for r in row["runs"].rows] == ["x"]
    assert store.write(said(node(TRun, "r", name="y"))).revision == 1
    assert store.write(said(node(TRun, "s"), node(TAgency, "b"))).revision == 2
    assert store.write(said(retracts=[retract(TRun, "s")])).revision == 2


def test_write_4_the_latest_words_stand_and_the_earlier_are_kept(store: Blocking) -> None:
    store.write(said(node(TOfficer, "o", name="one", phone="1")))
    later = AT + timedelta(hours=1)
    store.write(said(node(TOfficer, "o", name="two"), at=later))
    (officer,) = store.select(ask(Select("TOfficer", ("name", "phone")), STAFF_READER)).rows
    assert (officer["name"], officer["phone"]) == ("two", None)
    (snapshot,) = [change for change in store.all_changes() if change.what == "snapshot"]
    assert (snapshot.type, snapshot.revision, snapshot.row["urn"]) == ("TOfficer", 2, small_urn(TOfficer, "o"))
    words = snapshot.row["content"]
    assert (words["name"], words["phone"], words["recorded_by"]) == ("one", "1", "tester")
    assert snapshot.row["recorded_at"] == "2022-03-20T12:00:00.000000Z"
    assert snapshot.row["retracted_at"] == "2022-03-20T13:00:00.000000Z"
    store.write(said(close(TOfficer, "o", _AFTER)))
    names = [change.row["content"]["name"] for change in store.all_changes() if change.what == "snapshot"]
    assert names == ["one", "two"]


def test_write_4_what_was_closed_and_is_stated_again_keeps_when_and_why(store: Blocking) -> None:
    store.write(said(node(TAgency, "a")))
    store.write(said(close(TAgency, "a", _AFTER, "merged")))
    store.write(said(node(TAgency, "a")))
    kept = [change.row["content"] for change in store.all_changes() if change.what == "snapshot"]
    assert [(words["valid_to"], words["closed_reason"]) for words in kept] == [
        ("~", None),
        (_AFTER.isoformat(), "merged"),
    ]


def test_write_4_what_is_retracted_was_known_until_then_and_no_longer(store: Blocking) -> None:
    """Also after it is stated again: between the two nothing was known of it."""
    moments = [AT + timedelta(hours=hours) for hours in range(3)]
    known = [instant(moment) for moment in moments]
    store.write(said(node(TOfficer, "o", name="one"), at=moments[0]))
    store.write(said(retracts=[retract(TOfficer, "o")], at=moments[1]))
    (gone,) = [change.row for change in store.all_changes()]
    assert (gone["recorded_at"], gone["retracted_at"], gone["name"]) == (known[0], known[1], "one")
    store.write(said(node(TOfficer, "o", name="two"), at=moments[2]))
    now, before = [change.row for change in store.all_changes()]
    assert (now["recorded_at"], now["retracted_at"], now["name"]) == (known[2], "~", "two")
    assert (before["recorded_at"], before["retracted_at"]) == (known[0], known[1])


def test_write_4_the_journal_keeps_no_earlier_words(store: Blocking) -> None:
    for name in ("one", "two"):
        store.write(said(node(TRun, "r", name=name)))
    assert store.all_changes() == []


def test_write_4_edges_are_retracted_and_added_never_overwritten(store: Blocking) -> None:
    store.write(said(node(TDataset, "d"), node(TAgency, "a"), edge(TDataset.held_by, "d", "a", rank=1)))
    later = AT + timedelta(hours=1)
    result = store.write(said(edge(TDataset.held_by, "d", "a", rank=2), at=later, by="corrector"))
    assert (result.updated, result.written_urns) == ({"T_HELD_BY": 1}, {small_urn(TDataset, "d")})
    old, new = [change.row for change in store.all_changes() if change.what == "edge"]
    assert (old["rank"], old["retracted_at"], old["revision"]) == (1, "2022-03-20T13:00:00.000000Z", 2)
    assert (old["recorded_by"], old["recorded_at"]) == ("tester", "2022-03-20T12:00:00.000000Z")
    assert (new["rank"], new["retracted_at"], new["revision"], new["recorded_by"]) == (2, "~", 2, "corrector")
    assert old["id"] < new["id"]


def test_write_4_what_a_batch_restates_is_closed_where_it_is_not_stated(store: Blocking) -> None:
    store.write(said(node(TDataset, "d"), *(node(TAgency, name) for name in "abc")))
    store.write(said(edge(TDataset.held_by, "d", "a"), edge(TDataset.held_by, "d", "b", _AFTER)))
    store.write(said(edge(TDataset.held_by, "d", "c"), source=_OTHER))
    result = store.write(said(edge(TDataset.held_by, "d", "c"), restates=[(TDataset, "d", TDataset.held_by)]))
    assert (result.closed, result.created) == ({"T_HELD_BY": 2}, {"T_HELD_BY": 1})
    # b, which was to begin tomorrow, never was; the other source's word stands; what came later began since.
    assert _holders(store) == [("a", None, "2022-03-20"), ("c", None, None), ("c", "2022-03-20", None)]
    assert [name for name, *_ in _holders(store, ever=False)] == ["c", "c"]


def test_write_4_what_was_closed_and_is_stated_again_begins_anew_on_the_day(store: Blocking) -> None:
    store.write(said(node(TDataset, "d"), node(TAgency, "a"), edge(TDataset.held_by, "d", "a")))
    store.write(said(restates=[(TDataset, "d", TDataset.held_by)]))
    assert _holders(store) == [("a", None, "2022-03-20")]
    store.write(said(edge(TDataset.held_by, "d", "a"), day=_AFTER))
    assert _holders(store) == [("a", None, "2022-03-20"), ("a", "2022-03-21", None)]
    again = store.write(said(edge(TDataset.held_by, "d", "a"), day=_AFTER + timedelta(days=9)))
    assert not again.changed


def test_write_4_a_dated_statement_replaces_what_overlaps_it(store: Blocking) -> None:
    days = [DAY + timedelta(days=n) for n in range(10)]
    store.write(said(node(TDataset, "d"), node(TAgency, "a")))
    for start, end in ((0, 2), (2, 4), (6, 8)):
        store.write(said(edge(TDataset.held_by, "d", "a", days[start], days[end])))
    assert len(_holders(store)) == 3
    store.write(said(edge(TDataset.held_by, "d", "a", days[3], days[7])))
    text = [day.isoformat() for day in days]
    assert _holders(store) == [("a", text[0], text[2]), ("a", text[3], text[7])]


def test_write_4_one_assertion_a_source_where_the_relation_says_so(store: Blocking) -> None:
    store.write(said(*(node(TDataset, name) for name in "de"), node(TAgency, "a"), node(TGoal, "g")))
    for source in (SOURCE, _OTHER):
        store.write(said(edge(TDataset.held_by, "d", "a", rank=1), edge(TDataset.serves, "d", "g"), source=source))
    counted = {"T_HELD_BY": 2, "T_SERVES": 1}
    standing = (c for c in store.all_changes() if c.what == "edge" and c.row["retracted_at"] == "~")
    edges = [change.type for change in standing]
    assert {type_: edges.count(type_) for type_ in counted} == counted
    store.write(said(retract_edge(TDataset.held_by, "d", "a"), source=_OTHER))
    (left,) = [
        c.row
        for c in store.all_changes()
        if c.what == "edge" and c.type == "T_HELD_BY" and c.row["retracted_at"] == "~"
    ]
    assert left["source"] == SOURCE


def test_write_4_retracting_a_node_retracts_its_edges(store: Blocking) -> None:
    store.write(said(node(TDataset, "d"), *(node(TAgency, name) for name in "ab"), node(TColumn, "c")))
    store.write(said(*(edge(TDataset.held_by, "d", name) for name in "ab"), edge(TColumn.dataset, "c", "d")))
    result = store.write(said(retracts=[retract(TDataset, "d"), retract(TAgency, "never was")]))
    assert result.retracted == {"TDataset": 1, "T_HELD_BY": 2, "T_COLUMN_OF": 1}
    assert result.unchanged == {"TAgency": 1}
    assert {c.row["retracted_at"] for c in store.all_changes() if c.what == "edge"} == {"2022-03-20T12:00:00.000000Z"}
    with pytest.raises(InvalidBatch):
        store.write(said(edge(TDataset.held_by, "d", "a")))
    store.write(said(node(TDataset, "d")))
    assert _holders(store) == [], "what is stated again begins without edges"
    assert [c.what for c in store.all_changes() if c.type == "TDataset"] == ["node", "snapshot"]


def test_write_4_closing_and_opening(store: Blocking) -> None:
    store.write(said(node(TAgency, "a", valid_from=DAY)))
    span = Select("TAgency", ("valid_from", "valid_to", "closed_reason"), ever=True)
    close_early = said(close(TAgency, "a", _BEFORE, "never"))
    store.write(close_early)
    assert not store.write(close_early).changed
    (row,) = store.select(ask(span)).rows
    assert (row["valid_from"], row["valid_to"], row["closed_reason"]) == ("2022-03-20", "2022-03-20", "never")
    assert store.write(said(node(TAgency, "a"))).updated == {"TAgency": 1}
    (row,) = store.select(ask(span)).rows
    assert (row["valid_from"], row["valid_to"], row["closed_reason"]) == ("2022-03-20", None, None)


def test_write_4_what_is_replaced_leaves_nothing_behind(store: Blocking) -> None:
    store.write(said(node(TDataset, "d", title="t", keywords=("k",), size=1, open=True, summary="words")))
    store.write(said(node(TDataset, "d")))
    fresh = said(node(TDataset, "d"))
    (row,) = [c.row for c in store.all_changes() if c.what == "node"]
    declared = {p.name for p in SMALL_MODEL.kind("TDataset").properties}
    assert {name: row[name] for name in declared} == dict.fromkeys(declared)
    assert not store.write(fresh).changed


def test_write_4_thousands_of_statements_at_once(store: Blocking) -> None:
    count = 3000
    batch = said(
        *(node(TDataset, n, title=f"t{n}") for n in range(count)),
        *(edge(TDataset.upstream, n, (n * 7 + 1) % count) for n in range(count)),
    )
    result = store.write(batch)
    assert result.created == {"TDataset": count, "T_DERIVED_FROM": count}
    assert not store.write(batch).changed
    assert len(store.all_changes()) == 2 * count


def test_write_4_what_comes_often_is_written_as_what_comes_once(store: Blocking) -> None:
    """A store may come to read in another way what such batches need."""
    for number in range(1, 15):
        stated = node(TDataset, f"d{number}", title=f"{number}"), node(TAgency, "a", name=f"{number}")
        ends = edge(TDataset.held_by, f"d{number}", "a"), edge(TDataset.upstream, f"d{number}", f"d{number}")
        result = store.write(said(*stated, *ends))
        assert (result.revision, result.created["TDataset"], result.updated) == (
            number,
            1,
            {"TAgency": 1} if number > 1 else {},
        )
        again = store.write(said(*stated, *ends))
        assert (again.changed, again.unchanged) == (
            False,
            {"TDataset": 1, "TAgency": 1, "T_HELD_BY": 1, "T_DERIVED_FROM": 1},
        )


def test_write_4_statements_say_what_the_plan_says(workshop: Workshop) -> None:
    """Random worlds: the counts, the revision and every stored row are those that the plan decides."""
    for seed in range(2 if workshop.backend.needs_neo4j else 10):
        world = make_world(seed, 5)
        replay = make_world(seed, 0).reference
        store = workshop.fresh()
        for number, batch in enumerate(world.batches):
            assert difference(replay.write(batch), store.write(batch)) is None, f"world {seed}, batch {number}"
            assert store.revision() == replay.revision()
        different = difference(world.reference.graph.changes(), store.all_changes())
        assert different is None, f"world {seed}: {different}"


def test_write_4_moments_are_kept_in_utc(store: Blocking) -> None:
    with pytest.raises(InvalidRecord):
        store.write(dataclasses.replace(_varied(), at=datetime(2022, 1, 1)))  # noqa: DTZ001 - that is what is refused
    store.write(said(node(TAgency, "a"), at=datetime(987, 1, 2, 3, 4, 5, 6, tzinfo=UTC)))
    assert store.all_changes()[0].row["recorded_at"] == "0987-01-02T03:04:05.000006Z"


def test_write_1_a_text_is_looked_up_by_up_to_its_bound(store: Blocking) -> None:
    longest = "\u00e9" * (MAX_INDEXED_BYTES // 2)
    store.write(said(node(TDataset, "d", title=longest)))
    assert urns(store.select(ask(Select("TDataset", where=Compare("title", Op.EQ, longest))))) == ["d"]


def test_content_of_ignores_who_came_first_and_nothing_that_is_said(store: Blocking) -> None:
    """The graph equality that the suite relies on does tell graphs apart."""
    store.write(_varied())
    before = content_of(store.all_changes(), SMALL_MODEL)
    store.write(said(node(TRun, "r")))
    assert content_of(store.all_changes(), SMALL_MODEL) == before
    store.write(said(edge(TDataset.held_by, "d", "a", rank=2)))
    assert content_of(store.all_changes(), SMALL_MODEL) != before


def test_content_of_tells_who_recorded_what_a_snapshot_keeps(workshop: Workshop) -> None:
    """Persons are told apart; one load run is as good as another."""

    def corrected(by: str) -> GraphContent:
        store = workshop.fresh()
        for name in ("one", "two"):
            store.write(said(node(TOfficer, "o", name=name), by=by if name == "one" else "corrector"))
        return content_of(store.all_changes(), SMALL_MODEL)

    assert corrected("one person") != corrected("another")
    assert corrected(small_urn(TRun, "r1")) == corrected(small_urn(TRun, "r2")) != corrected("a person")
