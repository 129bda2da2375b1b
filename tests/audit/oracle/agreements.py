"""The state of an agreement on a day, from its dates, events, amendments and signatures (domain 8.2; 9.2 D)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from enum import StrEnum

from tests.audit.oracle.facts import Agreement, AgreementKind, CoverageTerm, Party, Stage
from tests.audit.oracle.view import View

__all__ = [
    "Reason",
    "above",
    "all_terms",
    "below",
    "end",
    "inactive",
    "own_state",
    "party_rows",
    "signed",
    "terms_in_force",
]


class Reason(StrEnum):
    """Why a flow is not covered, in the order in which the clauses of section 9 test them."""

    NOT_YET = "NOT_YET"
    EXPIRED = "EXPIRED"
    SUSPENDED = "SUSPENDED"
    TERMINATED = "TERMINATED"
    UNSIGNED = "UNSIGNED"
    PARENT_NOT_ACTIVE = "PARENT_NOT_ACTIVE"
    PARTY_MISSING = "PARTY_MISSING"
    RECIPIENT_NOT_PERMITTED = "RECIPIENT_NOT_PERMITTED"
    REDISCLOSURE_NOT_PERMITTED = "REDISCLOSURE_NOT_PERMITTED"
    DATASET_OUT_OF_SCOPE = "DATASET_OUT_OF_SCOPE"
    COLUMN_OUT_OF_SCOPE = "COLUMN_OUT_OF_SCOPE"
    PURPOSE_NOT_PERMITTED = "PURPOSE_NOT_PERMITTED"
    PURPOSE_UNKNOWN = "PURPOSE_UNKNOWN"
    NO_LEGAL_BASIS = "NO_LEGAL_BASIS"
    APPROVAL_MISSING = "APPROVAL_MISSING"
    PRECONDITION_UNMET = "PRECONDITION_UNMET"
    NO_AGREEMENT = "NO_AGREEMENT"


_ENDING = {
    Stage.EXPIRED: Reason.EXPIRED,
    Stage.TERMINATED: Reason.TERMINATED,
    Stage.WITHDRAWN: Reason.TERMINATED,
    Stage.REJECTED: Reason.TERMINATED,
}


def end(agreement: Agreement, t: date) -> date | None:
    """Its last day, by what was agreed by t; None: until ended (9.2 D5)."""
    amended = [one for one in agreement.amendments if one.on <= t and one.new_end is not None]
    if not amended:
        return agreement.effective_to
    latest = max(one.on for one in amended)
    ends = [one.new_end.effective_to for one in amended if one.on == latest and one.new_end is not None]
    return min(ends, key=lambda day: day or date.max)


def _stopped_by_events(agreement: Agreement, t: date) -> set[Reason]:
    """What the events by t leave: nothing, a suspension, or ends, which a suspension does not hide (9.2 D2, D3)."""
    stops = {Stage.SUSPENDED, *_ENDING}
    state: set[Reason] = set()
    for event in sorted(agreement.events, key=lambda one: (one.on, one.stage in stops)):
        if event.on > t:
            continue
        if event.stage in {Stage.EXECUTED, Stage.RENEWED}:
            state = set()
        elif event.stage in _ENDING:
            state = (state - {Reason.SUSPENDED}) | {_ENDING[event.stage]}
        elif event.stage is Stage.SUSPENDED and not state:
            state = {Reason.SUSPENDED}
        elif event.stage is Stage.ACTIVE:
            state -= {Reason.SUSPENDED}
    return state


def signed(agreement: Agreement, row: Party, t: date) -> bool:
    """Whether a party has signed by t; executedOn counts as everyone's where no party has a day (9.2 D4)."""
    if all(one.signed_on is None for one in agreement.parties):
        return agreement.executed_on is not None and agreement.executed_on <= t
    return row.signed_on is not None and row.signed_on <= t


def _enough_signatures(agreement: Agreement, t: date) -> bool:
    """9.2 D4, D6."""
    signatures = [signed(agreement, row, t) for row in agreement.parties]
    if agreement.kind is AgreementKind.ENTERPRISE_MOU:
        return any(signatures) or not signatures
    return all(signatures) and bool(signatures)


def own_state(agreement: Agreement, t: date) -> Reason | None:
    """The first code of clause 1 but for what stands above; None: active by itself (9.2 D1)."""
    last = end(agreement, t)
    events = _stopped_by_events(agreement, t)
    if agreement.effective_from is None or t < agreement.effective_from:
        return Reason.NOT_YET
    if Reason.EXPIRED in events or (last is not None and t > last):
        return Reason.EXPIRED
    if Reason.SUSPENDED in events:
        return Reason.SUSPENDED
    if Reason.TERMINATED in events:
        return Reason.TERMINATED
    return None if _enough_signatures(agreement, t) else Reason.UNSIGNED


def inactive(view: View, agreement: Agreement, agencies: Collection[str] = ()) -> Reason | None:
    """Why it is not active at t, by clause 1; None: active.

    `agencies` are the provider, the recipient and the origin that an agreement above must bind (9.2 D6).
    """
    own = own_state(agreement, view.t)
    if own is not None:
        return own
    return None if _parents_active(view, agreement, agencies, (agreement.id,)) else Reason.PARENT_NOT_ACTIVE


def _parents_active(view: View, agreement: Agreement, agencies: Collection[str], seen: tuple[str, ...]) -> bool:
    """Every ancestor is in the catalog, no circle, active, and signed by those of the agencies that it lists."""
    for id_ in agreement.under:
        parent = _find(view, id_)
        if parent is None or id_ in seen or own_state(parent, view.t) is not None:
            return False
        for agency in agencies:
            rows = party_rows(view, parent, agency)
            if rows and not any(signed(parent, row, view.t) for row in rows):
                return False
        if not _parents_active(view, parent, agencies, (*seen, id_)):
            return False
    return True


def _find(view: View, id_: str) -> Agreement | None:
    return next((one for one in view.world.agreements if one.id == id_), None)


def party_rows(view: View, agreement: Agreement, agency: str) -> list[Party]:
    """The rows of the parties that are this agency, in any role."""
    return [row for row in agreement.parties if view.same_agency(row.party, agency)]


def above(view: View, agreement: Agreement) -> list[Agreement]:
    """All agreements that it stands under, as far as the catalog has them."""
    found = [agreement]
    for one in found:
        found += [parent for id_ in one.under if (parent := _find(view, id_)) and parent not in found]
    return found[1:]


def below(view: View, agreement: Agreement) -> set[str]:
    """The ids of all agreements under it, its own not among them unless it stands under itself."""
    return {one.id for one in view.world.agreements if agreement in above(view, one)}


def all_terms(agreement: Agreement) -> list[CoverageTerm]:
    """Its terms of any time, those that amendments add among them (9.2 E9)."""
    return [*agreement.terms, *(term for one in agreement.amendments for term in one.add_terms)]


def terms_in_force(agreement: Agreement, t: date) -> list[CoverageTerm]:
    """Its terms in force at t, by what was agreed by t (9.2 A7, D5)."""
    by_now = [one for one in agreement.amendments if one.on <= t]
    ended = {id_ for one in by_now for id_ in one.end_terms}
    terms = [*agreement.terms, *(term for one in by_now for term in one.add_terms)]
    return [
        term
        for term in terms
        if term.id not in ended and (term.from_ is None or term.from_ <= t) and (term.to is None or t <= term.to)
    ]
