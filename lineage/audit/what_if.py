"""What would change: the same functions on changed facts, and the verdicts that differ (9.2 F6)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date

from msgspec import Struct, structs

from catalog.model.enums_sharing import AgreementStage
from lineage.audit.facts import Agreement, Approval, Determination, Facts, StageEvent
from lineage.audit.verdicts import Verdict
from lineage.audit.words import VerdictKind

__all__ = ["Change", "End", "Foreseen", "Proposal", "changed", "changes", "foreseen"]


class Change(Struct, frozen=True):
    """A flow whose verdict is another."""

    flow: str
    before: Verdict
    after: Verdict


class End(Struct, frozen=True):
    """An agreement that would be terminated on a day, from which on it is not in force (9.2 D3)."""

    agreement: str
    on: date


class Proposal(Struct, frozen=True):
    """What would be: it is judged on its rows as given (9.2 F6)."""

    agreements: tuple[Agreement, ...] = ()
    approvals: tuple[Approval, ...] = ()
    """Of the requests of those agreements."""
    ends: tuple[End, ...] = ()
    determinations: tuple[Determination, ...] = ()
    """Each in place of all others of the same dataset or column."""


class Foreseen(Struct, frozen=True):
    """What a proposal comes to."""

    changes: list[Change]
    """By flow."""
    counts: Mapping[tuple[VerdictKind, VerdictKind], int]
    """How many flows have which verdict before and after, of all flows."""


def changed(facts: Facts, proposal: Proposal) -> Facts:
    """The facts with a proposal. Datasets go by the ids by which the facts know them."""
    ends: dict[str, list[StageEvent]] = {}
    for end in proposal.ends:
        ends.setdefault(end.agreement, []).append(StageEvent(AgreementStage.TERMINATED, end.on))
    agreements = (
        structs.replace(each, events=(*each.events, *ends[each.id])) if each.id in ends else each
        for each in facts.agreements
    )
    decided = {(each.dataset, each.column) for each in proposal.determinations}
    kept = (each for each in facts.determinations if (each.dataset, each.column) not in decided)
    return structs.replace(
        facts,
        agreements=(*agreements, *proposal.agreements),
        approvals=(*facts.approvals, *proposal.approvals),
        determinations=(*kept, *proposal.determinations),
    )


def foreseen(before: Mapping[str, Verdict], after: Mapping[str, Verdict]) -> Foreseen:
    """What differs between the verdicts of the same flows."""
    pairs = Counter((verdict.kind, after[flow].kind) for flow, verdict in before.items())
    return Foreseen(changes(before, after), pairs)


def changes(before: Mapping[str, Verdict], after: Mapping[str, Verdict]) -> list[Change]:
    """Of the same flows those whose kind, cover, reasons or unknowns differ, by id; who was tried in vain does not count."""
    return [
        Change(flow, before[flow], after[flow]) for flow in sorted(before) if _said(before[flow]) != _said(after[flow])
    ]


def _said(verdict: Verdict) -> object:
    return verdict.kind, verdict.by, verdict.reasons, verdict.why
