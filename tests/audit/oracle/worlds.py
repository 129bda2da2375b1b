"""Random small worlds in which every verdict and every reason occurs: cycles, diamonds, versions, facts that are missing."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date

from tests.audit.oracle.facts import (
    Classification,
    Collected,
    Column,
    Dataset,
    Determination,
    HighValue,
    Holding,
    Member,
    PlannedPublication,
    Publication,
    SameAs,
    System,
    Unit,
    World,
)
from tests.audit.oracle.world_agreements import with_agreements
from tests.audit.oracle.world_draft import AGENCIES, DAY, PURPOSES, SERIES, SYSTEM, Draft, some
from tests.audit.oracle.world_flows import with_flows

__all__ = ["Scenario", "make_scenario"]

_UNITS = (Unit("unit:a", "agency:a"), Unit("unit:b", "agency:b"), Unit("unit:lost", None))
_UNIT_OF = {"agency:a": "unit:a", "agency:b": "unit:b"}
_LETTERS = frozenset("ABCDE")
_C = Classification
_CLASSES: tuple[frozenset[Classification], ...] = (
    *[frozenset({_C.PERSONAL})] * 6,
    frozenset({_C.PERSONAL, _C.PRIVATE}),
    *[frozenset({_C.PROTECTED})] * 2,
    frozenset({_C.PRIVATE}),
    *[frozenset({_C.PUBLIC})] * 2,
    *[frozenset({_C.OPEN})] * 4,
    frozenset({_C.OPEN, _C.PERSONAL}),
    frozenset({_C.PUBLIC, _C.UNDETERMINED}),
    frozenset({_C.PRIVATE, _C.UNDETERMINED}),
    frozenset({_C.UNDETERMINED}),
    frozenset[Classification](),
)


@dataclass(frozen=True)
class Scenario:
    """A world and the day to ask about."""

    world: World
    day: date


def make_scenario(seed: int) -> Scenario:
    """The same scenario for the same seed."""
    rng = random.Random(seed)
    ids = [f"dataset:{number}" for number in range(rng.randint(3, 6))]
    draft = Draft(
        rng,
        holders={id_: rng.choice(AGENCIES) for id_ in ids},
        columns={id_: tuple(f"c{number}" for number in range(rng.choice((0, 1, 2, 2, 3)))) for id_ in ids},
        members={id_: rng.choice((SERIES, SYSTEM)) for id_ in ids if rng.random() < 0.2},
    )
    return Scenario(with_agreements(draft, with_flows(draft, _data(draft))), DAY)


def _data(draft: Draft) -> World:
    """The datasets, who has them and what class they are."""
    ids = list(draft.holders)
    criteria: dict[str, frozenset[str]] = {}
    systems = (System(SYSTEM, draft.rng.choice((*AGENCIES, "unit:a", None))),)
    return World(
        units=_UNITS,
        systems=systems if draft.chance(0.5) or SYSTEM in draft.members.values() else (),
        datasets=tuple(_dataset(draft, id_, ids, criteria) for id_ in ids),
        columns=tuple(column for id_ in ids for name in draft.columns[id_] for column in _columns(draft, id_, name)),
        members=tuple(_member(draft, id_, group) for id_, group in draft.members.items()),
        same_as=_same_as(draft, ids),
        held_by=tuple(holding for id_ in ids for holding in _holdings(draft, id_)),
        controlled_by=tuple(_control(draft, id_) for id_ in ids if draft.chance(0.2)),
        collected_under=tuple(Collected(id_, "program:one", *_span(draft)) for id_ in some(draft.rng, ids, 0.1)),
        publications=tuple(
            Publication(id_, "portal:one", draft.chance(0.8), *_span(draft)) for id_ in some(draft.rng, ids, 0.1)
        ),
        determinations=tuple(one for id_ in ids for one in _determinations(draft, id_, criteria[id_])),
        high_values=tuple(HighValue(id_, draft.day()) for id_ in some(draft.rng, ids, 0.2)),
        planned=tuple(PlannedPublication(id_, draft.day()) for id_ in some(draft.rng, ids, 0.1)),
        purposes=PURPOSES,
    )


def _span(draft: Draft) -> tuple[date | None, date | None]:
    """A half open span that usually holds on the day."""
    if draft.chance(0.8):
        return None if draft.chance(0.5) else draft.past(), None
    return draft.day(-100, -1), draft.day(-1, 0, 1, 30)


def _dataset(draft: Draft, id_: str, ids: list[str], criteria: dict[str, frozenset[str]]) -> Dataset:
    """And the open criteria that the first of its determinations finds met."""
    criteria[id_] = draft.rng.choice((frozenset[str](), _LETTERS, _LETTERS - {"C"}))
    base = draft.rng.choice(ids) if draft.chance(0.1) else None
    return Dataset(id_, base, declared_personal=draft.chance(0.3))


def _columns(draft: Draft, id_: str, name: str) -> list[Column]:
    """Usually one fact of a column, sometimes none: then the catalog does not know it."""
    if draft.chance(0.05):
        return []
    first = draft.day(-150, -20, 0, 1) if draft.chance(0.15) else None
    last = draft.day(0, 1, 30) if draft.chance(0.05) else None
    return [Column(id_, name, first, last, personal=draft.chance(0.3))]


def _member(draft: Draft, id_: str, group: str) -> Member:
    return Member(id_, group, *_span(draft))


def _same_as(draft: Draft, ids: list[str]) -> tuple[SameAs, ...]:
    if not draft.chance(0.08):
        return ()
    one, other = draft.rng.sample(ids, 2)
    return (SameAs(one, other, stated=draft.chance(0.7)),)


def _holdings(draft: Draft, id_: str) -> list[Holding]:
    """Who holds it: usually its agency or a unit of it; sometimes no one, two, or another one before."""
    agency = draft.holders[id_]
    kind = draft.rng.random()
    if kind < 0.05:
        return []
    if kind < 0.08:
        return [Holding(id_, agency), Holding(id_, draft.rng.choice(AGENCIES))]
    if kind < 0.1:
        return [Holding(id_, "unit:lost")]
    if kind < 0.2:
        handover = draft.day(-1, 0, 1)
        other = draft.rng.choice(AGENCIES)
        return [Holding(id_, other, None, handover), Holding(id_, agency, handover, None)]
    return [Holding(id_, _UNIT_OF.get(agency, agency) if draft.chance(0.2) else agency)]


def _control(draft: Draft, id_: str) -> Holding:
    return Holding(id_, draft.rng.choice((*AGENCIES, "unit:b", "unit:lost")), *_span(draft))


def _determinations(draft: Draft, id_: str, criteria: frozenset[str]) -> list[Determination]:
    """Of the dataset usually one, sometimes none or several; of a column sometimes one."""
    made = [_determination(draft, id_, None) for _ in range(draft.rng.choice((0, 1, 1, 1, 1, 1, 2)))]
    made += [_determination(draft, id_, name) for name in some(draft.rng, draft.columns[id_], 0.2)]
    if len(made) > 1 and draft.chance(0.3):
        made[1] = replace(made[1], on=made[0].on)
    # The second finds one less, so that it matters which of them holds.
    found = criteria, criteria - {"E"}, frozenset[str]()
    of_dataset = [replace(one, open_criteria=met) for one, met in zip(made, found, strict=False) if one.column is None]
    return of_dataset + made[len(of_dataset) :]


def _determination(draft: Draft, id_: str, column: str | None) -> Determination:
    return Determination(
        id_,
        column,
        draft.rng.choice(_CLASSES),
        on=None if draft.chance(0.15) else draft.day(-300, -100, -100, -30, -1, 0, 1),
        valid_to=draft.day(-1, 0, 1, 30) if draft.chance(0.1) else None,
        reasons=("VIOLATES_LAW",) if draft.chance(0.7) else (),
        laws=("law:one",) if draft.chance(0.5) else (),
    )
