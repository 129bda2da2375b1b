"""One dataset under several names: found by rules with names, denied by a person, split again (domain E11)."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from catalog.access import STAFF_READER
from catalog.batch import Batch, EdgeStatement, NodeStatement
from catalog.model.data import Dataset
from catalog.model.enums import AssertionStatus
from catalog.selection import MAX_PAGE, Related, Select, Selection
from catalog.stores.port import Store
from catalog.urn import Urn, dcat, key, socrata
from loaders.retraction import find_source, retract_source
from loaders.same_as import NameRules, SameAsReport, join_names, rule_source

_PERSON = key("source", "test", "person")
_AT = datetime(2026, 3, 1, tzinfo=UTC)
_HOST = "data.example.gov"


def _said(*datasets: Dataset, edges: tuple[EdgeStatement, ...] = (), day: int = 1) -> Batch:
    at = _AT.replace(day=day)
    batch = Batch(_PERSON, "test", at, at.date(), nodes=[NodeStatement(each) for each in datasets], edges=list(edges))
    batch.restates = {(each.urn, Dataset.same_as) for each in datasets}
    return batch


def _entry(catalog: str, name: str, **props: Any) -> Dataset:
    return Dataset(urn=dcat("dataset", catalog, name), identifier=name, title=name, **props)


async def _run(store: Store, day: int = 1, *, is_dry: bool = False) -> dict[NameRules, SameAsReport]:
    reports = await join_names(store, is_dry=is_dry, now=lambda: _AT.replace(day=day))
    return {report.rule: report for report in reports}


async def _joined(store: Store, on: date) -> set[tuple[str, str, str, str | None, str]]:
    """Pairs that hold on a day: tail, head, status, rule, source."""
    other = Related("other", "same_as", Select("Dataset", first=MAX_PAGE), ("status", "rule", "source", "evidence"))
    rows = (await store.select(Selection(Select("Dataset", first=MAX_PAGE, related=(other,)), STAFF_READER, on))).rows
    found = [(row["urn"], o["urn"], o["@edge"]) for row in rows for o in row["other"].rows]
    assert all(edge["evidence"] for _, _, edge in found)
    return {(tail, head, edge["status"], edge["rule"], edge["source"]) for tail, head, edge in found}


def test_found_by_a_rule_denied_by_a_person_and_stated_again(runner: asyncio.Runner, store: Store) -> None:
    portal = Dataset(urn=socrata("dataset", _HOST, "abcd-1234"), title="Portal's")
    one = _entry("one", f"https://{_HOST}/api/views/ABCD-1234", landing_page="https://agency.example.gov/wells/")
    two = _entry("two", "7", landing_page="http://agency.example.gov/wells")
    rule = rule_source(NameRules.SOCRATA_ID)
    page = rule_source(NameRules.LANDING_PAGE)
    stated = (portal.urn, one.urn, "STATED", "socrata-id", rule)
    proposed = (two.urn, one.urn, "PROPOSED", "landing-page", page)

    async def story() -> None:
        await store.write(_said(portal, one, two))
        dry = await _run(store, is_dry=True)
        assert (dry[NameRules.SOCRATA_ID].stated, await store.revision()) == (1, 1)
        reports = await _run(store)
        assert [(r.found, r.stated, r.denied, r.ended) for r in reports.values()] == [(1, 1, 0, 0), (1, 1, 0, 0)]
        assert await _joined(store, _AT.date()) == {stated, proposed}
        revision = await store.revision()
        again = await _run(store, 2)
        assert (await store.revision(), [r.changed for r in again.values()]) == (revision, [False, False])

        # A person says the contrary, from the other end; the rule's word has its last day.
        props = {"status": AssertionStatus.DENIED, "evidence": "Other years."}
        denial = EdgeStatement(Dataset.same_as, one.urn, portal.urn, props=props)
        await store.write(_said(portal, one, two, edges=(denial,), day=3))
        denied = (await _run(store, 3))[NameRules.SOCRATA_ID]
        assert (denied.found, denied.stated, denied.denied, denied.ended) == (1, 0, 1, 1)
        no = (one.urn, portal.urn, "DENIED", None, _PERSON)
        assert await _joined(store, _AT.replace(day=3).date()) == {no, proposed}
        assert stated in await _joined(store, _AT.replace(day=2).date()), "what held is still answered"
        assert not (await _run(store, 4))[NameRules.SOCRATA_ID].changed, "nor does the rule say it again"

        # The denial is taken back, and then the rule's own words.
        await store.write(_said(portal, one, two, day=5))
        await _run(store, 6)
        assert await _joined(store, _AT.replace(day=6).date()) == {stated, proposed}
        await retract_source(store, await find_source(store, rule))
        assert await _joined(store, _AT.replace(day=6).date()) == {proposed}

    runner.run(story())


@pytest.mark.long_on_neo4j
def test_what_is_ambiguous_says_nothing(runner: asyncio.Runner, store: Store) -> None:
    async def story() -> None:
        shared = [_entry("one", str(n), landing_page="https://a.example.gov/x") for n in range(2)]
        many = [_entry(f"c{n}", "1", landing_page="https://b.example.gov/x") for n in range(9)]
        fronts = [_entry(f"f{n}", "1", landing_page="https://c.example.gov/") for n in range(2)]
        odd = [_entry(f"o{n}", "1", landing_page=text) for n, text in enumerate(("http://[", "mailto:x", "x", ""))]
        other = _entry("two", "3", landing_page="https://a.example.gov/x")
        await store.write(_said(*shared, *many, *fronts, *odd, other))
        reports = await _run(store)
        assert [(r.found, r.ambiguous) for r in reports.values()] == [(0, 0), (0, 2)]
        assert await _joined(store, _AT.date()) == set()

    runner.run(story())


def _oracle(datasets: list[Dataset], denied: set[frozenset[Urn]]) -> set[frozenset[Urn]]:
    """Which pairs one page presents, looked at pair by pair."""
    found: set[frozenset[Urn]] = set()
    for page in {each.landing_page for each in datasets if each.landing_page}:
        there = [each.urn for each in datasets if each.landing_page == page]
        catalogs = {urn.split(":")[4] for urn in there}
        if len(there) == len(catalogs) <= 8:
            found |= {frozenset((a, b)) for a in there for b in there if a != b}
    return found - denied


@pytest.mark.long_on_neo4j
def test_random_entries_against_pairs_by_hand(runner: asyncio.Runner, store: Store) -> None:
    rng = random.Random(5)
    names = [(catalog, name) for catalog in "abcd" for name in "123"]

    async def story() -> None:
        for day in range(1, 7):
            pages = [f"https://x.example.gov/{n}" for n in range(5)]
            datasets = [_entry(c, n, landing_page=rng.choice([None, *pages])) for c, n in names]
            pairs = rng.sample([(a.urn, b.urn) for a in datasets for b in datasets if a != b], 12)
            props = {"status": AssertionStatus.DENIED, "evidence": "Looked."}
            denials = tuple(EdgeStatement(Dataset.same_as, *pair, props=props) for pair in pairs)
            # Denied on their own day: what an earlier batch denied and this one does not is over.
            await store.write(_said(*datasets, edges=denials, day=day))
            await _run(store, day)
            joined = await _joined(store, _AT.replace(day=day).date() + timedelta(0))
            found = {frozenset((a, b)) for a, b, status, *_ in joined if status == "PROPOSED"}
            assert found == _oracle(datasets, {frozenset(pair) for pair in pairs}), f"day {day}"

    runner.run(story())
