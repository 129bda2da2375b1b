"""``write``, clause 7: a batch that was made of what it read is refused where that has changed (ADR 12)."""

from __future__ import annotations

import asyncio
import dataclasses

import pytest

from catalog.batch import Batch
from catalog.errors import Conflict, InvalidBatch
from catalog.model.declare import Entity
from catalog.selection import Compare, Op, Select
from catalog.stores.port import Store
from catalog.urn import key
from tests.contract.backends import Blocking
from tests.contract.workshop import Workshop
from tests.support.small_model import TAgency, TDataset, TRun, small_urn
from tests.support.statements import ask, edge, node, retract, said

WRITERS = 4
TURNS = 5


def agency(name: str) -> TAgency:
    """The agency "a", under a name."""
    return TAgency(urn=small_urn(TAgency, "a"), name=name)


def made_of(batch: Batch, *expected: Entity) -> Batch:
    """The batch, made of these nodes as they are here."""
    return dataclasses.replace(batch, expects={entity.urn: entity for entity in expected})


def test_write_7_what_is_as_it_was_read_is_written(store: Blocking) -> None:
    new = dataclasses.replace(said(node(TAgency, "a", name="one")), expects={small_urn(TAgency, "a"): None})
    assert store.write(new).created == {"TAgency": 1}
    changed = made_of(said(node(TAgency, "a", name="two")), agency("one"))
    assert store.write(changed).updated == {"TAgency": 1}
    beside = made_of(said(node(TDataset, "d"), edge(TDataset.held_by, "d", "a")), agency("two"))
    assert store.write(beside).created == {"TDataset": 1, "T_HELD_BY": 1}


@pytest.mark.parametrize("now", ["changed", "there", "gone"])
def test_write_7_what_is_another_by_now_is_a_conflict_and_nothing_is_written(store: Blocking, now: str) -> None:
    batch = said(node(TDataset, "d"), node(TRun, "r"), node(TAgency, "a", name="ours"))
    expects = {small_urn(TAgency, "a"): None if now == "there" else agency("as read")}
    if now != "gone":
        store.write(said(node(TAgency, "a", name="theirs")))
    revision = store.revision()
    with pytest.raises(Conflict, match="read it again"):
        store.write(dataclasses.replace(batch, expects=expects))
    assert store.revision() == revision
    for label in ("TDataset", "TRun"):
        assert store.select(ask(Select(label, ever=True))).rows == []


def test_write_7_what_was_retracted_is_not_there(store: Blocking) -> None:
    store.write(said(node(TAgency, "a", name="one")))
    store.write(said(retracts=[retract(TAgency, "a")]))
    with pytest.raises(Conflict):
        store.write(made_of(said(node(TDataset, "d")), agency("one")))
    again = dataclasses.replace(said(node(TAgency, "a", name="two")), expects={small_urn(TAgency, "a"): None})
    assert store.write(again).changed


def test_write_7_a_batch_that_was_written_is_no_conflict_with_itself(store: Blocking) -> None:
    """Its commit may have been lost on the way back: then it is written again, and has its effect once."""
    store.write(said(node(TAgency, "a", name="one")))
    batch = made_of(said(node(TAgency, "a", name="two"), node(TDataset, "d")), agency("one"))
    first = store.write(batch)
    again = store.write(batch)
    assert (first.changed, again.changed, again.revision) == (True, False, first.revision)


def test_write_7_what_is_expected_must_be_of_a_declared_kind(store: Blocking) -> None:
    with pytest.raises(InvalidBatch, match="no declared kind"):
        store.write(dataclasses.replace(said(node(TDataset, "d")), expects={key("nothing", "x"): None}))


def test_write_7_writers_who_read_and_write_at_once_lose_nothing(workshop: Workshop) -> None:
    """Each adds its words to a list that all of them read: every word is in it at the end."""
    store = workshop.fresh()
    store.write(said(node(TDataset, "d", title="d")))
    urn = small_urn(TDataset, "d")
    one = Select("TDataset", ("title", "keywords"), Compare("urn", Op.EQ, urn))

    async def add(mine: Store, word: str) -> int:
        refused = 0
        while True:
            (row,) = (await mine.select(ask(one))).rows
            words = tuple(row["keywords"])
            read = TDataset(urn=urn, title=row["title"], keywords=words)
            try:
                await mine.write(made_of(said(node(TDataset, "d", title="d", keywords=(*words, word))), read))
            except Conflict:
                refused += 1
            else:
                return refused

    async def write(mine: Store, writer: int) -> int:
        return sum([await add(mine, f"{writer}-{turn}") for turn in range(TURNS)])

    stores = [workshop.again().store for _ in range(WRITERS)]

    async def all_at_once() -> list[int]:
        return await asyncio.gather(*(write(each, n) for n, each in enumerate(stores)))

    refused = store.wait(all_at_once())
    (row,) = store.select(ask(one)).rows
    assert sorted(row["keywords"]) == sorted(f"{writer}-{turn}" for writer in range(WRITERS) for turn in range(TURNS))
    assert sum(refused) > 0, "no two of them met: the test shows nothing"
