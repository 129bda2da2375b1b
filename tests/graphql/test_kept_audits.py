"""Audits that are kept: after a write the answer is of the new revision, and no more was read for it than it takes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from catalog.access import PUBLIC_READER, STAFF_READER, Audience, Reader
from catalog.batch import Batch, EdgeStatement, NodeStatement
from catalog.errors import StoreUnavailable
from catalog.model.declare import Entity, Relation
from catalog.model.lineage import Flow
from catalog.model.own import Source
from catalog.model.plan import Goal
from catalog.stores.port import Change, Store
from catalog.urn import Urn, key
from graphql_schema import Audits, Context, Request, answer, build_schema
from lineage.audit import follow
from lineage.audit.day import DayAudit
from tests.graphql.demo import filled
from tests.support.patience import PATIENCE
from tests.support.watched import Watched

DAY = date(2022, 12, 31)
ENROLLMENT, SLDS = (key("dataset", "ct", *names) for names in (("sde", "enrollment"), ("p20win", "sde", "slds")))
NUMBERS = count()
SOURCE = key("source", "later")


class Kept:
    """The demo catalog, which is written to between questions."""

    def __init__(self, runner: asyncio.Runner, store: Store) -> None:
        self.runner = runner
        self.watched: Any = Watched(store)
        self.audits = Audits(self.watched)

    def flows(self, reader: Reader = STAFF_READER) -> int:
        """How many have a verdict."""
        context = Context(self.watched, reader, DAY, "kept", audits=self.audits)
        text = "{ flowVerdicts(first: 1) { totalCount } }"
        found = self.runner.run(answer(build_schema(), Request(text, {}), context, PATIENCE))
        assert found.errors == []
        return (found.data or {})["flowVerdicts"]["totalCount"]

    def audit(self) -> DayAudit:
        return self.runner.run(self.audits.ask(STAFF_READER, DAY, lambda day: day)).value

    def scans(self) -> list[int | None]:
        """How many nodes each scan since the last was of; None: of all."""
        found = list(self.watched.scans)
        self.watched.scans.clear()
        return found

    def write(self, *nodes: Entity, edges: tuple[tuple[Relation, Urn, Urn], ...] = ()) -> None:
        at = datetime(2022, 6, 1, tzinfo=UTC) + timedelta(minutes=next(NUMBERS))
        batch = Batch(SOURCE, "test", at, at.date())
        batch.nodes += [NodeStatement(each) for each in (Source(urn=SOURCE, title="later"), *nodes)]
        batch.edges += [EdgeStatement(*each) for each in edges]
        self.runner.run(self.watched.store.write(batch))

    def write_flow(self) -> Urn:
        """One that was never there."""
        urn = key("flow", "later", str(next(NUMBERS)))
        flow = Flow(urn=urn, title="one", first_seen=date(2022, 1, 1))
        self.write(flow, edges=((Flow.from_asset, urn, ENROLLMENT), (Flow.to_asset, urn, SLDS)))
        return urn


@pytest.fixture(scope="module")
def stored(
    demo_catalog: list[Change], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[asyncio.Runner, Store]]:
    with asyncio.Runner() as runner:
        store = filled(runner, "sqlite", tmp_path_factory.mktemp("kept") / "graph.db", None, demo_catalog)
        yield runner, store
        runner.run(store.close())


@pytest.fixture
def kept(stored: tuple[asyncio.Runner, Store]) -> Kept:
    return Kept(*stored)


def test_after_a_write_the_answer_is_of_the_new_revision_and_little_is_read(kept: Kept) -> None:
    before = kept.flows()
    assert kept.scans() == [None]
    kept.write_flow()
    assert kept.flows() == before + 1
    (read,) = kept.scans()
    assert read is not None
    assert read <= 5, "the flow, its ends and what determines these"
    kept.write_flow()
    kept.write_flow()
    assert kept.flows() == before + 3
    assert kept.scans() != [None]
    assert kept.flows() == before + 3
    assert kept.scans() == []


def test_what_no_fact_rests_on_leaves_the_audit_as_it_is(kept: Kept) -> None:
    audit = kept.audit()
    kept.scans()
    kept.write(Goal(urn=key("goal", "later"), number=9, title="Later"))
    assert kept.audit() is audit
    assert kept.scans() == []


def test_words_that_no_fact_rests_on_leave_it_as_well(kept: Kept) -> None:
    urn = kept.write_flow()
    audit = kept.audit()
    kept.scans()
    kept.write(Flow(urn=urn, title="one", description="more", first_seen=date(2022, 1, 1)))
    assert kept.audit() is audit
    assert len(kept.scans()) == 1


def test_whoever_sees_less_has_everything_read_anew(kept: Kept) -> None:
    for reader in (PUBLIC_READER, Reader("half", (Audience.PUBLIC, Audience.STAFF))):
        kept.flows(reader)
        kept.write_flow()
        kept.scans()
        kept.flows(reader)
        assert kept.scans() == [None]


def test_what_is_too_much_is_read_anew(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    before = kept.flows()
    kept.scans()
    monkeypatch.setattr(follow, "MOST_CHANGES", 1)
    kept.write_flow()
    assert kept.flows() == before + 1
    assert kept.scans() == [None]


def test_what_still_holds_is_taken_from_the_audit_before(kept: Kept) -> None:
    assert kept.runner.run(kept.audits.ask(STAFF_READER, DAY, lambda day: day.verdicts)).value
    flow = kept.write_flow()
    after = kept.audit()
    since = after.audit.ground.since
    assert since is not None
    assert (since.datasets, since.flows) == (set(), {flow})
    assert after.verdicts == DayAudit(after.facts, DAY).verdicts
    assert flow in after.verdicts


def test_facts_that_are_read_anew_have_nothing_in_common_with_those_before(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert kept.audit().verdicts
    monkeypatch.setattr(follow, "MOST_CHANGES", 1)
    kept.write_flow()
    assert kept.audit().audit.ground.since is None


def test_a_reading_that_failed_is_done_by_whoever_asks_next(kept: Kept) -> None:
    before = kept.flows()
    kept.write_flow()
    kept.watched.cut = True
    with pytest.raises(StoreUnavailable):
        kept.audit()
    kept.watched.cut = False
    assert kept.flows() == before + 1
