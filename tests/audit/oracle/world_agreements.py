"""Random agreements, each made so that it covers one flow of the world, most of them with a fault or two."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from tests.audit.oracle.facts import (
    Agreement,
    AgreementKind,
    Amendment,
    Approval,
    ColumnRef,
    Condition,
    CoverageTerm,
    DataRequest,
    Flow,
    NewEnd,
    Party,
    PartyRole,
    Redisclosure,
    Stage,
    StageEvent,
    World,
)
from tests.audit.oracle.world_draft import AGENCIES, AGREEMENTS, DAY, Draft, some

__all__ = ["with_agreements"]

_FRAME = "agreement:frame"
_SIGNED = DAY - timedelta(days=300)
_ROLES = tuple(PartyRole)

Fault = Callable[[Draft, Agreement], Agreement]


def with_agreements(draft: Draft, world: World) -> World:
    """The world with a frame, 1 to 3 agreements, and the requests and approvals that they came of."""
    frame = _frame(draft)
    agreements = [
        _agreement(draft, id_, draft.rng.choice(world.flows), world)
        for id_ in AGREEMENTS[: draft.rng.choice((1, 2, 2, 3))]
    ]
    requests = tuple(DataRequest(f"request:{one.id}", one.id) for one in agreements if one.under or draft.chance(0.2))
    approvals = tuple(approval for one in requests for approval in _approvals(draft, one.id))
    return replace(world, agreements=(frame, *agreements), requests=requests, approvals=approvals)


def _frame(draft: Draft) -> Agreement:
    """An enterprise agreement that usually binds everyone."""
    frame = Agreement(
        _FRAME,
        AgreementKind.ENTERPRISE_MOU,
        effective_from=_SIGNED,
        parties=tuple(
            Party(one, PartyRole.PROVIDER, None if draft.chance(0.03) else draft.rng.choice((_SIGNED, draft.past())))
            for one in some(draft.rng, AGENCIES, 0.95)
        ),
        prohibits=("purpose:sales",) if draft.chance(0.3) else (),
    )
    return draft.rng.choice(_STATE_FAULTS)(draft, frame) if draft.chance(0.1) else frame


def _agreement(draft: Draft, id_: str, flow: Flow, world: World) -> Agreement:
    """One that covers the flow; a broad one also lets what came of it go on, to anyone."""
    broad = draft.chance(0.5)
    sources, targets = draft.datasets_of(flow.source), draft.datasets_of(flow.target)
    providers = {draft.holders[one] for one in sources} or {AGENCIES[0]}
    recipients = {draft.holders[one] for one in targets} or {AGENCIES[1]}
    parties = [Party(one, PartyRole.PROVIDER, _SIGNED) for one in sorted(providers)]
    parties += [Party(one, PartyRole.RECIPIENT, _SIGNED) for one in sorted(recipients)]
    if broad:
        parties += [Party(one, PartyRole.HUB, _SIGNED) for one in AGENCIES]
    purposes = (flow.purpose or "purpose:any",)
    made = Agreement(
        id_,
        draft.rng.choice((AgreementKind.DATA_SHARING_AGREEMENT, AgreementKind.MOU)),
        under=(_FRAME,) if draft.chance(0.5) else (),
        executed_on=_SIGNED,
        effective_from=_SIGNED,
        effective_to=draft.day(0, 1, 100) if draft.chance(0.4) else None,
        parties=tuple(parties),
        terms=_terms(draft, id_, flow, list(draft.holders) if broad and draft.chance(0.6) else sources, purposes),
        permits=draft.rng.choice((purposes, ("purpose:any",), ())),
        rests_on=("law:one",),
        redisclosure=Redisclosure(all=broad) if draft.chance(0.7) else Redisclosure(datasets=tuple(sources)),
    )
    for _ in range(draft.rng.choice((0, 0, 0, 1, 1, 2))):
        made = draft.rng.choice(draft.rng.choice(_FAULTS))(draft, made)
    return made


def _terms(
    draft: Draft, id_: str, flow: Flow, datasets: list[str], purposes: tuple[str, ...]
) -> tuple[CoverageTerm, ...]:
    """One term for all of the datasets, by their names or by their group, or one for half of the columns each."""
    whole = CoverageTerm(f"{id_}/all", datasets=tuple(datasets), purposes=purposes)
    kind = draft.rng.random()
    columns = [ColumnRef(one, name) for one in datasets for name in draft.columns[one]]
    if kind < 0.1:
        return (replace(whole, datasets=(), series=("series:one",), systems=("system:one",)),)
    if kind < 0.2 and len(columns) > 1:
        half = len(columns) // 2
        parts = (tuple(columns[:half]), tuple(columns[half:]))
        return tuple(replace(whole, id=f"{id_}/{number}", columns=part) for number, part in enumerate(parts))
    if kind < 0.35:
        return (replace(whole, columns=flow.columns or tuple(columns)),)
    return (whole,)


def _approvals(draft: Draft, request: str) -> list[Approval]:
    """Usually every agency has approved; sometimes one has not, or thought better of it."""
    made: list[Approval] = []
    missing = draft.rng.choice(AGENCIES) if draft.chance(0.3) else None
    for agency in AGENCIES:
        if agency != missing:
            made.append(Approval(request, agency, approved=True, on=_SIGNED))
        if draft.chance(0.08):
            on = None if draft.chance(0.1) else draft.rng.choice((_SIGNED, draft.day()))
            made.append(Approval(request, agency, approved=draft.chance(0.3), on=on))
    return made


# Faults of the state


def _late(draft: Draft, one: Agreement) -> Agreement:
    return replace(one, effective_from=draft.day(0, 1, 30) if draft.chance(0.7) else None)


def _ended(draft: Draft, one: Agreement) -> Agreement:
    return replace(one, effective_to=draft.day(-30, -1, 0))


def _amended_end(draft: Draft, one: Agreement) -> Agreement:
    ends = [Amendment(draft.day(-20, 0, 1), NewEnd(draft.rng.choice((None, draft.day(-1, 0, 1))))) for _ in range(2)]
    return replace(one, effective_to=draft.day(-1, 0, 50), amendments=(*one.amendments, *ends))


def _events(draft: Draft, one: Agreement) -> Agreement:
    stages = (
        *[Stage.SUSPENDED] * 4,
        *[Stage.TERMINATED] * 3,
        Stage.EXPIRED,
        Stage.WITHDRAWN,
        Stage.REJECTED,
        Stage.ACTIVE,
        Stage.EXECUTED,
        Stage.RENEWED,
        Stage.AMENDED,
        Stage.DRAFTED,
    )
    made = [
        StageEvent(draft.rng.choice(stages), draft.day(-20, -2, -1, 0, 0, 1)) for _ in range(draft.rng.randint(1, 3))
    ]
    return replace(one, events=(*one.events, *made))


def _suspended(draft: Draft, one: Agreement) -> Agreement:
    return replace(one, events=(*one.events, StageEvent(Stage.SUSPENDED, draft.day(-20, -1, 0))))


def _terminated(draft: Draft, one: Agreement) -> Agreement:
    stage = draft.rng.choice((Stage.TERMINATED, Stage.WITHDRAWN, Stage.REJECTED))
    return replace(one, events=(*one.events, StageEvent(stage, draft.day(-20, -1, 0, 1))))


def _unsigned(draft: Draft, one: Agreement) -> Agreement:
    if draft.chance(0.2):
        return replace(one, parties=tuple(replace(row, signed_on=None) for row in one.parties))
    rows = [replace(row, signed_on=draft.day(0, 1)) if draft.chance(0.5) else row for row in one.parties]
    return replace(one, parties=tuple(rows), executed_on=None if draft.chance(0.5) else one.executed_on)


def _orphaned(draft: Draft, one: Agreement) -> Agreement:
    return replace(one, under=(draft.rng.choice((*AGREEMENTS, _FRAME, "agreement:lost")),))


# Faults of the parties


def _without_party(draft: Draft, one: Agreement) -> Agreement:
    return replace(one, parties=tuple(row for row in one.parties if draft.chance(0.6)))


def _other_roles(draft: Draft, one: Agreement) -> Agreement:
    rows = [replace(row, role=draft.rng.choice(_ROLES)) if draft.chance(0.5) else row for row in one.parties]
    return replace(one, parties=tuple(rows))


def _no_redisclosure(draft: Draft, one: Agreement) -> Agreement:
    return replace(one, redisclosure=Redisclosure(datasets=some(draft.rng, list(draft.holders), 0.3)))


# Faults of the terms


def _each_term(draft: Draft, one: Agreement, change: Callable[[CoverageTerm], CoverageTerm]) -> Agreement:
    return replace(one, terms=tuple(change(term) if draft.chance(0.8) else term for term in one.terms))


def _recipients(draft: Draft, one: Agreement) -> Agreement:
    return _each_term(draft, one, lambda term: replace(term, recipients=some(draft.rng, AGENCIES, 0.5)))


def _other_datasets(draft: Draft, one: Agreement) -> Agreement:
    return _each_term(draft, one, lambda term: replace(term, datasets=some(draft.rng, list(draft.holders), 0.3)))


def _fewer_columns(draft: Draft, one: Agreement) -> Agreement:
    def change(term: CoverageTerm) -> CoverageTerm:
        columns = [ColumnRef(dataset, name) for dataset in term.datasets for name in draft.columns[dataset]]
        return replace(term, columns=tuple(ref for ref in columns if draft.chance(0.5)))

    return _each_term(draft, one, change)


def _window(draft: Draft, one: Agreement) -> Agreement:
    return _each_term(
        draft,
        one,
        lambda term: replace(term, from_=draft.day(-20, 0, 1), to=draft.day(0, 1) if draft.chance(0.5) else None),
    )


def _amended_terms(draft: Draft, one: Agreement) -> Agreement:
    """The terms come, or go, by an amendment."""
    on = draft.day(-20, 0, 1)
    if draft.chance(0.5):
        return replace(one, amendments=(*one.amendments, Amendment(on, add_terms=one.terms)), terms=())
    ended = tuple(term.id for term in one.terms if draft.chance(0.7))
    return replace(one, amendments=(*one.amendments, Amendment(on, end_terms=ended)))


def _other_purposes(draft: Draft, one: Agreement) -> Agreement:
    other = ("purpose:sales",)
    kind = draft.rng.choice(("permits", "prohibits", "term", "none"))
    if kind == "permits":
        return replace(one, permits=other)
    if kind == "prohibits":
        return replace(one, prohibits=(draft.rng.choice(("purpose:research", "purpose:audit", "purpose:sales")),))
    if kind == "none":
        return replace(_each_term(draft, one, lambda term: replace(term, purposes=())), permits=())
    return _each_term(draft, one, lambda term: replace(term, purposes=other))


# Faults of the papers


def _lawless(draft: Draft, one: Agreement) -> Agreement:
    return replace(one, rests_on=())


def _condition(draft: Draft) -> Condition:
    return Condition(
        "IRB",
        fulfilled_on=None if draft.chance(0.2) else draft.day(-20, -1, 0, 1),
        expires_on=draft.day(-1, 0, 1) if draft.chance(0.4) else None,
    )


def _preconditions(draft: Draft, one: Agreement) -> Agreement:
    if draft.chance(0.5):
        return replace(one, preconditions=(_condition(draft),))
    return _each_term(draft, one, lambda term: replace(term, conditions=(_condition(draft),)))


def _framed(draft: Draft, one: Agreement) -> Agreement:
    return replace(one, under=(_FRAME,))


def _empty(draft: Draft, one: Agreement) -> Agreement:
    return replace(one, terms=())


_STATE_FAULTS: tuple[Fault, ...] = (_late, _ended, _amended_end, _events, _suspended, _terminated, _terminated)
_FAULTS: tuple[tuple[Fault, ...], ...] = (
    (*_STATE_FAULTS, _unsigned, _orphaned),
    (_without_party, _other_roles, _no_redisclosure),
    (_recipients, _other_datasets, _fewer_columns, _window, _amended_terms, _other_purposes),
    (_lawless, _preconditions, _preconditions, _preconditions, _framed, _empty),
)
