"""What is changed while the feed is read from a Neo4j is told later, and whole."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from catalog.stores.neo4j.changes import read_changes
from catalog.stores.neo4j.session import Bolt
from tests.support.small_model import SMALL, TAgency, TDataset, small_urn

HELD_BY = TDataset.held_by.type
NOTHING = dict[str, object]()
ENDS = small_urn(TDataset, "d"), small_urn(TAgency, "a")


class _Answering:
    """A database that answers one statement after the other."""

    def __init__(self, *answers: Any) -> None:
        self._answers = list(answers)

    async def read(self, *_: object) -> Any:
        return self._answers.pop(0)


@pytest.mark.parametrize(
    "row",
    [
        pytest.param((4, HELD_BY, *ENDS, {"id": 8, "revision": 6}), id="changed"),
        pytest.param((4, HELD_BY, None, None, NOTHING), id="gone"),
        pytest.param((4, HELD_BY, *ENDS, None), id="gone, and what it said"),
    ],
)
def test_an_edge_that_changed_while_it_was_read_is_told_later(row: tuple[object, ...]) -> None:
    still = 3, HELD_BY, *ENDS, {"id": 7, "revision": 3}
    database = _Answering((5, 5, [HELD_BY]), [(HELD_BY, [(3, 7), (4, 8)])], [[still, row]], [[still, row]])
    page = asyncio.run(read_changes(cast("Bolt", database), SMALL, "", 10))
    assert [(change.revision, change.row["id"]) for change in page.changes] == [(3, 7)]
    assert page.has_next, "the reader would not come back for the other"


@pytest.mark.parametrize(("then", "told"), [((4, HELD_BY, *ENDS, {"id": 8, "revision": 4}), ENDS[1]), (None, None)])
def test_an_end_that_is_missing_is_looked_for_once_more(then: tuple[object, ...] | None, told: str | None) -> None:
    first = 4, HELD_BY, ENDS[0], None, {"id": 8, "revision": 4}
    database = _Answering((5, 5, [HELD_BY]), [(HELD_BY, [(4, 8)])], [[first]], [[then or first]])
    page = asyncio.run(read_changes(cast("Bolt", database), SMALL, "", 10))
    assert [change.row["head"] for change in page.changes] == [told]
    assert not page.has_next
