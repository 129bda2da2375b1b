"""What a batch needs of a Neo4j is read by statements that it has seen before."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, cast

from catalog.batch import Batch, NodeStatement
from catalog.stores.neo4j.session import Often, Transaction
from catalog.stores.neo4j.write import LOCK, write
from catalog.urn import key
from tests.support.small_model import SMALL, TAgency, TGoal, small_urn


class _Empty:
    """A transaction in a graph without nodes, which keeps the statements that read."""

    def __init__(self, often: Often) -> None:
        self.often = often
        self.read: list[str] = []

    async def value(self, statement: str, params: Mapping[str, Any]) -> Any:
        if statement == LOCK:
            return [0, 1, "00" * 16]
        self.read.append(statement)
        return [[] for _ in params] if "UNION" in statement else []

    async def run(self, statement: str, params: Mapping[str, Any]) -> None:
        pass


def _two_kinds() -> Batch:
    batch = Batch(key("source", "test"), "test", datetime(2022, 1, 1, tzinfo=UTC), date(2022, 1, 1))
    batch.nodes += [
        NodeStatement(TAgency(urn=small_urn(TAgency, "a"), name="a")),
        NodeStatement(TGoal(urn=small_urn(TGoal, "g"))),
    ]
    return batch


def _read_for(batch: Batch, often: Often) -> list[str]:
    empty = _Empty(often)
    asyncio.run(write(cast("Transaction", empty), batch, SMALL))
    return empty.read


def test_parts_are_one_statement_once_they_came_often_together() -> None:
    batch, often = _two_kinds(), Often()
    first = [_read_for(batch, often) for _ in range(10)]
    assert len(first[0]) == 2
    assert all(read == first[0] and not any("UNION" in text for text in read) for read in first)
    (one,) = _read_for(batch, often)
    assert all(text in one for text in first[0])


def test_what_came_is_forgotten_before_it_is_much() -> None:
    often = Often(often=1, remembered=2)
    assert [often.comes(each) for each in "aaab"] == [False, True, True, False]
    assert not often.comes("c")
    assert not often.comes("a")
