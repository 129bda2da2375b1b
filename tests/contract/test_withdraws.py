"""``Store.write`` clause 8: a source takes back its own words, and what others said is as if it had never spoken (ADR 13)."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from catalog.batch import Batch
from catalog.errors import InvalidBatch
from catalog.model.declare import Relation
from catalog.selection import Related, Select
from catalog.urn import Urn, key
from tests.contract.backends import Blocking
from tests.contract.workshop import Workshop
from tests.support.compare import difference, standing
from tests.support.small_model import SMALL_MODEL, TAgency, TDataset, TFlow, small_urn
from tests.support.statements import AT, DAY, ask, close, edge, node, said, urns

_A, _B, _C = _SOURCES = [key("source", name) for name in "abc"]
_RANKS = dict(zip(_SOURCES, (60, 60, 20), strict=True))
_DAYS = [DAY + timedelta(days=n) for n in range(-3, 4)]
_RELATIONS: list[Relation] = [TDataset.upstream, TDataset.held_by, TAgency.part_of]


def _says(source: Urn, *statements: Any, **parts: Any) -> Batch:
    return said(*statements, source=source, precedence=_RANKS[source], **parts)


def _takes_back(source: Urn, named: Iterable[Urn]) -> Batch:
    return replace(_says(source), withdraws=list(named))


def _edges(store: Blocking, relation: Relation) -> list[tuple[str, str, str | None, str | None]]:
    """Tail, source, first day and last day of all that stand."""
    facts = ("source", "valid_from", "valid_to")
    select = Select(relation.tail, ever=True, first=100, related=(Related("x", relation.name, _of(relation), facts),))
    return [
        (row["urn"].rpartition(":")[2], at["source"], at["valid_from"], at["valid_to"])
        for row in store.select(ask(select)).rows
        for at in (found["@edge"] for found in row["x"].rows)
    ]


def _of(relation: Relation) -> Select:
    return Select(relation.heads[0], ever=True, first=100)


def test_write_8_what_only_one_said_goes_and_what_two_said_stays_in_the_words_of_the_other(store: Blocking) -> None:
    store.write(_says(_A, node(TDataset, "d", title="A's"), node(TDataset, "only"), node(TAgency, "x")))
    store.write(_says(_A, edge(TDataset.upstream, "d", "only")))
    store.write(_says(_B, node(TDataset, "d", title="B's", summary="more"), node(TDataset, "e")))
    store.write(_says(_B, edge(TDataset.upstream, "d", "e")))
    back = _takes_back(_A, [small_urn(TDataset, "d"), small_urn(TDataset, "only"), small_urn(TAgency, "x")])
    result = store.write(back)
    assert dict(result.retracted) == {"TDataset": 1, "TAgency": 1, "T_DERIVED_FROM": 1}
    assert (dict(result.updated), dict(result.kept)) == ({"TDataset": 1}, {})
    rows = store.select(ask(Select("TDataset", ("title", "summary", "source")))).rows
    assert [(row["title"], row["summary"], row["source"]) for row in rows if row["title"]] == [("B's", "more", _B)]
    assert [tail for tail, *_ in _edges(store, TDataset.upstream)] == ["d"]
    again = store.write(back)
    assert not again.changed
    assert again.revision == result.revision


def test_write_8_beneath_the_word_that_stands_wait_those_of_others(store: Blocking) -> None:
    nodes = [node(TDataset, "d"), node(TDataset, "e")]
    first, second = _DAYS[0], _DAYS[4]
    store.write(_says(_A, *nodes, edge(TDataset.upstream, "d", "e", first)))
    store.write(_says(_B, *nodes, edge(TDataset.upstream, "d", "e", second)))
    store.write(_says(_C, *nodes, edge(TDataset.upstream, "d", "e")))
    assert _edges(store, TDataset.upstream) == [("d", _A, str(first), None)], (
        "what begins on the earliest known day goes first"
    )
    revision = store.revision()
    for source, day in ((_A, first), (_B, second), (_C, None)):
        again = store.write(_says(source, *nodes, edge(TDataset.upstream, "d", "e", day)))
        assert not again.changed
    assert store.revision() == revision
    store.write(_takes_back(_A, [small_urn(TDataset, "d")]))
    assert _edges(store, TDataset.upstream) == [("d", _B, str(second), None)]
    store.write(_takes_back(_B, [small_urn(TDataset, "d")]))
    assert _edges(store, TDataset.upstream) == [("d", _C, None, None)]
    store.write(_takes_back(_C, [small_urn(TDataset, "d")]))
    assert _edges(store, TDataset.upstream) == []


def test_write_8_what_one_lists_no_more_goes_on_where_another_says_so(store: Blocking) -> None:
    nodes = [node(TDataset, "d"), node(TDataset, "e")]
    restates = [(TDataset, "d", TDataset.upstream)]
    for source in (_A, _B):
        store.write(_says(source, *nodes, edge(TDataset.upstream, "d", "e"), restates=restates))
    store.write(_says(_A, *nodes, restates=restates))
    assert _edges(store, TDataset.upstream) == [("d", _B, None, None)]
    store.write(_says(_B, *nodes, restates=restates))
    assert [until for *_, until in _edges(store, TDataset.upstream)] == [str(DAY)]


def test_write_8_what_others_assertions_stand_on_stays(store: Blocking) -> None:
    store.write(_says(_A, node(TDataset, "d"), node(TAgency, "x"), node(TFlow, "f"), edge(TFlow.origin, "f", "d")))
    store.write(_says(_B, node(TDataset, "e"), edge(TDataset.upstream, "e", "d"), edge(TFlow.follows, "f", "f")))
    named = [small_urn(TDataset, "d"), small_urn(TAgency, "x"), small_urn(TFlow, "f")]
    result = store.write(_takes_back(_A, named))
    assert dict(result.retracted) == {"TAgency": 1}
    assert dict(result.kept) == {"TDataset": 1, "TFlow": 1, "T_FROM": 1}
    assert result.kept_urns == {small_urn(TDataset, "d"), small_urn(TFlow, "f")}
    assert urns(store.select(ask(Select("TDataset")))) == ["d", "e"]
    assert not store.write(_takes_back(_A, named)).changed


def test_write_8_who_only_closed_it_leaves_nothing_to_stand(store: Blocking) -> None:
    store.write(_says(_A, node(TAgency, "x")))
    store.write(_says(_B, close(TAgency, "x", DAY)))
    store.write(_takes_back(_B, [small_urn(TAgency, "x")]))
    (row,) = store.select(ask(Select("TAgency", ("valid_to", "closed_reason")))).rows
    assert (row["valid_to"], row["closed_reason"]) == (None, None)
    store.write(_says(_B, close(TAgency, "x", DAY)))
    result = store.write(_takes_back(_A, [small_urn(TAgency, "x")]))
    assert dict(result.retracted) == {"TAgency": 1}


def test_write_8_one_batch_does_not_say_and_take_back(store: Blocking) -> None:
    with pytest.raises(InvalidBatch, match="choose one"):
        store.write(replace(_says(_A, node(TAgency, "x")), withdraws=[small_urn(TAgency, "x")]))


def _random_batch(rng: random.Random, number: int, source: Urn) -> Batch:
    """What one source says: nodes, and edges between these alone, so that none stands on what another described."""
    names = sorted(rng.sample("defghi", 4))
    statements: list[Any] = [node(TDataset, n, title=rng.choice(["one", "two", None])) for n in names]
    statements += [node(TAgency, n, level=rng.choice([1, 2, None])) for n in names]
    pairs: set[tuple[str, str, str]] = set()
    for _ in range(9):
        relation = rng.choice(_RELATIONS)
        tail, head = rng.choice(names), rng.choice(names)
        if (relation.type, tail, head) not in pairs:
            pairs.add((relation.type, tail, head))
            since = rng.choice([None, *_DAYS[:4]])
            until = rng.choice([None, *_DAYS[4:]]) if since else None
            statements.append(edge(relation, tail, head, since, until))
    restates = {(_kind(r), rng.choice(names), r) for r in _RELATIONS if rng.random() < 0.6}
    day = rng.choice(_DAYS)
    return _says(source, *statements, restates=restates, day=day, at=AT + timedelta(hours=number), by=f"run-{number}")


def _kind(relation: Relation) -> Any:
    return SMALL_MODEL.kind(relation.tail).cls


def _history(seed: int) -> list[Batch]:
    rng = random.Random(seed)
    return [_random_batch(rng, number, rng.choice(_SOURCES)) for number in range(rng.randint(4, 9))]


def _content(store: Blocking) -> dict[str, Any]:
    return standing(store.all_changes(), SMALL_MODEL)


def _as_if_it_had_never_spoken(workshop: Workshop, seed: int) -> None:
    batches = _history(seed)
    for source in _SOURCES:
        expected = workshop.fresh()
        for batch in batches:
            if batch.source != source:
                expected.write(batch)
        without = _content(expected)
        store = workshop.fresh()
        for batch in batches:
            store.write(batch)
        named = sorted({small_urn(kind, name) for kind in (TDataset, TAgency) for name in "defghi"})
        random.Random(seed).shuffle(named)
        for start in range(0, len(named), 5):
            store.write(_takes_back(source, named[start : start + 5]))
        found = difference(without, _content(store))
        assert found is None, f"seed {seed}, without {source}: {found}"


@pytest.mark.long_on_neo4j
@pytest.mark.parametrize("seed", range(6))
def test_write_8_what_is_left_is_as_if_it_had_never_spoken(workshop: Workshop, seed: int) -> None:
    _as_if_it_had_never_spoken(workshop, seed)


@pytest.mark.long
def test_write_8_of_many_histories_what_is_left_is_as_if_it_had_never_spoken(workshop: Workshop) -> None:
    for seed in range(100, 160):
        _as_if_it_had_never_spoken(workshop, seed)


@pytest.mark.long_on_neo4j
def test_write_8_a_history_has_words_beneath_others(workshop: Workshop) -> None:
    store = workshop.fresh()
    for batch in _history(3):
        store.write(batch)
    rows = [change.row for change in store.all_changes() if change.what == "edge"]
    assert sum(row["claims"] is not None for row in rows) > 0, "else the property above is of nothing"


def test_write_5_what_was_retracted_is_the_word_of_who_states_it_again(store: Blocking) -> None:
    store.write(_says(_A, node(TAgency, "x")))
    store.write(_takes_back(_A, [small_urn(TAgency, "x")]))
    store.write(_says(_B, node(TAgency, "x")))
    assert not store.write(_takes_back(_A, [small_urn(TAgency, "x")])).changed
    assert dict(store.write(_takes_back(_B, [small_urn(TAgency, "x")])).retracted) == {"TAgency": 1}
