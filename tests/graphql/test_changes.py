"""``datasetChanges``: what changed since a cursor, closed and retracted datasets among it (question 61)."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from catalog.access import STAFF_READER, Audience
from catalog.batch import Batch, Close, NodeStatement
from catalog.model.data import Dataset
from tests.graphql.graph import DIRECTORY, ENROLLMENT, OUTCOMES, REGISTER, SOURCE, Asker, batches, open_store

_CHANGES = """
query ($after: String, $first: Int! = 10) { datasetChanges(after: $after, first: $first) {
  pageInfo { hasNextPage endCursor } edges { urn state changedAt node { title agency { name } } }
} }
"""


def _said(day: date, **parts: Any) -> Batch:
    return Batch(SOURCE, "test", datetime(day.year, day.month, day.day, tzinfo=UTC), day, **parts)


def _edges(found: dict[str, Any]) -> list[tuple[str, str, str | None]]:
    edges = found["datasetChanges"]["edges"]
    return [(edge["urn"], edge["state"], edge["node"] and edge["node"]["title"]) for edge in edges]


def test_what_changed_since_a_cursor_comes_once_more_and_what_is_hidden_never(tmp_path: Path) -> None:
    with asyncio.Runner() as runner:
        store = runner.run(open_store(tmp_path / "graph.db", batches()))
        asker = Asker(store, runner)
        first = asker.data(_CHANGES)
        assert asker.round_trips == 1
        assert {urn for urn, _, _ in _edges(first)} == {ENROLLMENT, DIRECTORY, OUTCOMES}
        assert first["datasetChanges"]["pageInfo"]["hasNextPage"] is False
        after = first["datasetChanges"]["pageInfo"]["endCursor"]
        nothing = asker.data(_CHANGES, after=after)["datasetChanges"]
        assert nothing == {"pageInfo": {"hasNextPage": False, "endCursor": None}, "edges": []}

        title = NodeStatement(Dataset(urn=ENROLLMENT, title="Enrollment by town"))
        hidden = NodeStatement(Dataset(urn=REGISTER, title="Register of pupils"), Audience.STAFF)
        runner.run(store.write(_said(date(2022, 2, 1), nodes=[title, hidden])))
        runner.run(store.write(_said(date(2022, 2, 2), closes=[Close(DIRECTORY, date(2022, 2, 2), "no longer kept")])))
        runner.run(store.write(_said(date(2022, 2, 3), retracts=[OUTCOMES])))
        runner.run(store.write(_said(date(2022, 2, 4), closes=[Close(ENROLLMENT, date(2022, 12, 1), "to be ended")])))

        expected = [
            (DIRECTORY, "CLOSED", "District directory"),
            (OUTCOMES, "RETRACTED", None),
            (ENROLLMENT, "STANDS", "Enrollment by town"),
        ]
        changed = asker.data(_CHANGES, after=after)
        assert _edges(changed) == expected
        moments = [edge["changedAt"][:10] for edge in changed["datasetChanges"]["edges"]]
        assert moments == ["2022-02-02", "2022-02-03", "2022-02-04"]
        assert _edges(asker.data(_CHANGES, after=after, reader=STAFF_READER)) == [
            (REGISTER, "STANDS", "Register of pupils"),
            *expected,
        ]
        paged: list[tuple[str, str, str | None]] = []
        for _ in expected:
            page = asker.data(_CHANGES, after=after, first=1)
            paged += _edges(page)
            after = page["datasetChanges"]["pageInfo"]["endCursor"]
        assert paged == expected
        assert asker.error(_CHANGES, after="nonsense")["extensions"]["code"] == "INVALID_SELECTION"
        runner.run(store.close())
