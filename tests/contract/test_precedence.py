"""``Store.write`` clause 5: what several sources say of one node (ADR 10)."""

from __future__ import annotations

import random
from datetime import date, timedelta
from itertools import permutations
from typing import Any

import pytest

from catalog.access import STAFF_READER, Audience
from catalog.batch import Batch, NodeStatement
from catalog.selection import Row, Select
from catalog.urn import Urn, key
from tests.contract.backends import Blocking
from tests.support.small_model import SMALL_MODEL, TAgency, TDataset
from tests.support.statements import DAY, ask, close, node, said
from tests.support.worlds import random_value

_HARVEST, _OTHER, _PERSON = (key("source", name) for name in ("harvest", "other", "person"))
_RANKS = {_HARVEST: 60, _OTHER: 60, _PERSON: 20}
_NEXT = DAY + timedelta(days=1)
_PROPS = tuple(p.name for p in SMALL_MODEL.kind("TDataset").properties)


def _says(source: Urn, *statements: Any, day: date = DAY) -> Batch:
    return said(*statements, source=source, precedence=_RANKS[source], day=day)


def _dataset(store: Blocking, *, reader: Any = STAFF_READER, name: str = "d") -> Row:
    select = Select("TDataset", (*_PROPS, "source", "valid_to", "closed_reason"), ever=True)
    return next(row for row in store.select(ask(select, reader)).rows if row["urn"].endswith(f":{name}"))


def test_write_5_a_persons_word_stands_and_a_harvest_fills_in_the_rest(store: Blocking) -> None:
    store.write(_says(_PERSON, node(TDataset, "d", title="Wells")))
    harvested = _says(_HARVEST, node(TDataset, "d", title="WELLS 2019", summary="Depths", keywords=("water",)))
    result = store.write(harvested)
    found = _dataset(store)
    assert (found["title"], found["summary"], found["keywords"]) == ("Wells", "Depths", ["water"])
    assert found["source"] == _PERSON
    assert (result.updated, result.outranked) == ({"TDataset": 1}, {"TDataset": 1})
    again = store.write(harvested)
    assert (again.changed, again.outranked) == (False, {"TDataset": 1})


def test_write_5_a_person_corrects_a_harvest_and_takes_the_correction_back(store: Blocking) -> None:
    store.write(_says(_HARVEST, node(TDataset, "d", title="WELLS", size=3)))
    store.write(_says(_PERSON, node(TDataset, "d", title="Wells", size=4)))
    assert (_dataset(store)["title"], _dataset(store)["size"]) == ("Wells", 4)
    store.write(_says(_PERSON, node(TDataset, "d", title="Wells")))
    assert (_dataset(store)["title"], _dataset(store)["size"]) == ("Wells", 3)
    kept = [c.row["content"]["title"] for c in store.all_changes() if c.what == "snapshot"]
    assert kept == ["WELLS", "Wells"], "each state of the node is kept, as of a node with one source"


def test_write_5_of_equals_the_later_word_stands_and_saying_it_again_is_none(store: Blocking) -> None:
    store.write(_says(_OTHER, node(TDataset, "d", title="Older")))
    store.write(_says(_HARVEST, node(TDataset, "d", title="Newer"), day=_NEXT))
    assert _dataset(store)["title"] == "Newer"
    much_later = _NEXT + timedelta(days=30)
    assert not store.write(_says(_OTHER, node(TDataset, "d", title="Older"), day=much_later)).changed
    assert _dataset(store)["title"] == "Newer"
    store.write(_says(_OTHER, node(TDataset, "d", title="Newest"), day=much_later))
    assert _dataset(store)["title"] == "Newest"


def test_write_5_what_a_person_closed_to_the_public_a_harvest_does_not_open(store: Blocking) -> None:
    store.write(_says(_PERSON, node(TDataset, "d", Audience.STAFF, title="Wells")))
    store.write(_says(_HARVEST, node(TDataset, "d", Audience.PUBLIC, title="WELLS")))
    assert store.select(ask(Select("TDataset"))).rows == []
    store.write(_says(_HARVEST, node(TDataset, "e", Audience.PUBLIC, title="Other")))
    store.write(_says(_PERSON, node(TDataset, "e", Audience.STAFF, title="Other")))
    assert store.select(ask(Select("TDataset"))).rows == []


@pytest.mark.parametrize(
    ("closer", "opener", "day", "open_again"),
    [
        (_HARVEST, _HARVEST, DAY, True),
        (_PERSON, _HARVEST, _NEXT, False),
        (_HARVEST, _PERSON, _NEXT, True),
        (_HARVEST, _OTHER, _NEXT, True),
        (_HARVEST, _OTHER, DAY, False),
        (_HARVEST, _PERSON, DAY, False),
    ],
)
def test_write_5_closed_and_open_again(store: Blocking, closer: Urn, opener: Urn, day: date, open_again: bool) -> None:
    store.write(_says(closer, node(TDataset, "d", title="Wells"), day=DAY - timedelta(days=9)))
    store.write(_says(opener, node(TDataset, "d", title="Wells"), day=DAY - timedelta(days=8)))
    ending = _says(closer, close(TDataset, "d", DAY, "gone"))
    store.write(ending)
    assert (_dataset(store)["valid_to"], _dataset(store)["closed_reason"]) == (DAY.isoformat(), "gone")
    assert not store.write(ending).changed
    spoken = _says(opener, node(TDataset, "d", title="Wells"), day=day)
    assert store.write(spoken).changed is open_again
    assert _dataset(store)["valid_to"] == (None if open_again else DAY.isoformat())
    assert not store.write(spoken).changed


def test_write_5_a_harvest_closes_what_a_person_only_annotated(store: Blocking) -> None:
    store.write(_says(_HARVEST, node(TDataset, "d", title="WELLS")))
    store.write(_says(_PERSON, node(TDataset, "d", title="Wells")))
    result = store.write(_says(_HARVEST, close(TDataset, "d", _NEXT, "left"), day=_NEXT))
    assert result.closed == {"TDataset": 1}
    assert (_dataset(store)["title"], _dataset(store)["closed_reason"]) == ("Wells", "left")


def test_write_5_a_source_that_never_spoke_of_a_node_can_close_it(store: Blocking) -> None:
    store.write(_says(_HARVEST, node(TAgency, "a", name="Parks")))
    store.write(_says(_PERSON, close(TAgency, "a", DAY, "merged")))
    (row,) = store.select(ask(Select("TAgency", ("name", "source", "closed_reason"), ever=True))).rows
    assert (row["name"], row["source"], row["closed_reason"]) == ("Parks", _HARVEST, "merged")


def test_write_5_what_was_retracted_begins_anew_with_who_states_it(store: Blocking) -> None:
    store.write(_says(_PERSON, node(TDataset, "d", title="Wells", size=1)))
    store.write(said(retracts=[node(TDataset, "d").entity.urn], source=_PERSON, precedence=20))
    store.write(_says(_HARVEST, node(TDataset, "d", title="WELLS")))
    assert (_dataset(store)["title"], _dataset(store)["size"], _dataset(store)["source"]) == ("WELLS", None, _HARVEST)


@pytest.mark.parametrize(
    "seed", [*range(3), *(pytest.param(seed, marks=pytest.mark.long_on_neo4j) for seed in range(3, 12))]
)
def test_write_5_in_whatever_order_against_a_merge_by_hand(store: Blocking, seed: int) -> None:
    rng = random.Random(seed)
    kind = SMALL_MODEL.kind("TDataset")
    sources = [*_RANKS, key("source", "late")]
    ranks = {**_RANKS, sources[3]: rng.choice((20, 60, 80))}
    days = {source: DAY + timedelta(days=rng.randrange(2)) for source in sources}
    words = {s: {p.name: random_value(rng, p) for p in kind.properties} for s in sources}
    for number, order in enumerate(rng.sample(list(permutations(sources)), 4)):
        for source in order:
            entity = TDataset(urn=node(TDataset, number).entity.urn, **words[source])
            store.write(said(NodeStatement(entity), source=source, precedence=ranks[source], day=days[source]))
    ranked = sorted(sources, key=lambda s: (ranks[s], -days[s].toordinal(), s))
    expected = {
        name: next((words[s][name] for s in ranked if words[s][name] not in (None, ())), None) for name in _PROPS
    }
    store.write(said(NodeStatement(TDataset(urn=node(TDataset, "by-hand").entity.urn, **expected))))  # type: ignore[arg-type]
    (by_hand, *merged) = [_dataset(store, name=str(name)) for name in ("by-hand", 0, 1, 2, 3)]
    assert len(merged) == 4
    for found in merged:
        assert {n: found[n] for n in _PROPS} == {n: by_hand[n] for n in _PROPS}
