"""Random worlds, written into a store and read from it again, are audited as the oracle says: from either store."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from msgspec import Struct

from catalog.access import STAFF_READER
from catalog.model import MODEL
from catalog.stores.layout import Tables
from catalog.stores.port import Store
from lineage.audit.day import DayAudit
from lineage.audit.facts import Facts
from lineage.audit.follow import brought, news
from lineage.audit.gather import gather
from lineage.audit.image import Left
from lineage.audit.recall import keep, recalled
from tests.audit.adapted import adapted
from tests.audit.answers import expected, given_of
from tests.audit.oracle.worlds import make_scenario
from tests.audit.storable import storable, world_of
from tests.contract.backends import BACKENDS, Place
from tests.support.audit_facts import batches

STORES = [pytest.param(each.name, marks=[pytest.mark.neo4j] * each.needs_neo4j) for each in BACKENDS.values()]
WORLDS = 50
ZONE = ZoneInfo("UTC")

_DAY = date(2022, 6, 1)
_LAST = 40
"""Nodes that are written last, and followed: flows, and how their columns feed each other."""

_TUPLES = [name for name in Facts.__struct_fields__ if name != "records"]
"""What a world states: records, about which the oracle is not asked, are in none."""


@pytest.mark.parametrize("backend", STORES)
@pytest.mark.parametrize("first", [0, *(pytest.param(n * WORLDS, marks=pytest.mark.long) for n in range(1, 20))])
def test_what_was_written_is_audited_as_the_oracle_says(
    backend: str, first: int, request: pytest.FixtureRequest, tmp_path: Any
) -> None:
    """All worlds stand in one graph; what belongs to which is told by its ids."""
    scenarios = {number: make_scenario(number) for number in range(first, first + WORLDS)}
    worlds = {number: storable(each.world, number) for number, each in scenarios.items()}
    whole = _joined(adapted(world) for world in worlds.values())
    place = Place(tmp_path / "graph.db")
    if BACKENDS[backend].needs_neo4j:
        graph = request.getfixturevalue("neo4j_graph")
        graph.clear()
        place = graph.place
    facts = _parts(asyncio.run(_through(backend, place, whole)))
    for number, world in worlds.items():
        day = scenarios[number].day
        wanted, found = expected(world, day), given_of(facts[number], day)
        for part, answer in wanted.items():
            assert found[part] == answer, f"world {number}: {part}"


async def _through(backend: str, place: Place, facts: Facts) -> Facts:
    """The facts after a way through a store; those that were kept there, and followed a last small write, are the same."""
    store = BACKENDS[backend].open(place, Tables(MODEL))
    await store.migrate()
    *most, last = batches(facts)
    late = {each.entity.urn for each in last.nodes[-_LAST:]}
    small = replace(last, nodes=last.nodes[-_LAST:], edges=[each for each in last.edges if each.tail in late])
    rest = replace(last, nodes=last.nodes[:-_LAST], edges=[each for each in last.edges if each.tail not in late])
    for batch in (*most, rest):
        await store.write(batch)
    audited = await _audited(store)
    await keep(store, audited.gathered, audited.days[0], ZONE)
    await store.write(small)
    kept = await recalled(store, ZONE)
    assert kept is not None
    followed = await news(store, kept.gathered, STAFF_READER)
    found = await gather(store, STAFF_READER, ZONE)
    await store.close()
    assert followed is not None
    assert 0 < len(followed.things) <= 2 * _LAST
    now = brought(kept.gathered, followed, ZONE)
    assert now == found
    for earlier in kept.days:
        after = DayAudit(now.facts, earlier.day, earlier=earlier)
        assert after.verdicts == DayAudit(found.facts, earlier.day).verdicts
        assert after.audit.ground.since is not None, "nothing was taken"
    return found.facts


async def _audited(store: Store) -> Left:
    found = await gather(store, STAFF_READER, ZONE)
    audit = DayAudit(found.facts, _DAY)
    assert audit.verdicts
    left = audit.left()
    assert left is not None
    return Left(found, (left,))


def _joined(several: Iterable[Facts]) -> Facts:
    """The facts of several worlds as those of one."""
    found: dict[str, Any] = {}
    for facts in several:
        for name in _TUPLES:
            found[name] = (*found.get(name, ()), *getattr(facts, name))
    return Facts(**found)


def _parts(facts: Facts) -> dict[int, Facts]:
    """The facts of each world."""
    found: dict[int, dict[str, list[Any]]] = {}
    for name in _TUPLES:
        for each in getattr(facts, name):
            found.setdefault(world_of(_first_id(each)), {}).setdefault(name, []).append(each)
    return {number: _facts(parts) for number, parts in found.items()}


def _facts(parts: dict[str, list[Any]]) -> Facts:
    stated: dict[str, Any] = {name: tuple(some) for name, some in parts.items()}
    return Facts(**stated)


def _first_id(fact: Any) -> str:
    value = getattr(fact, fact.__struct_fields__[0]) if isinstance(fact, Struct) else fact
    return value if isinstance(value, str) else _first_id(cast("tuple[Any, ...]", value)[0])
