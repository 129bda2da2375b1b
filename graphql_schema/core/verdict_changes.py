"""Which flows were covered when they ran, or on a day, and are not on another; and the reverse (domain 10, question 5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from catalog.model.words import Described
from graphql_schema.core.found import Answer, Completeness, Listed, page_asked, page_of
from graphql_schema.core.verdicts import VerdictRow, verdict_row
from graphql_schema.core.words import enumeration
from lineage.audit.day import DayAudit
from lineage.audit.facts import Flow
from lineage.audit.verdicts import Verdict
from lineage.audit.words import VerdictKind

__all__ = ["ChangeFound", "VerdictTurn", "verdict_changes"]

_ORDER = "change"
_DOUBTFUL = (VerdictKind.UNCOVERED, VerdictKind.UNKNOWN)


@enumeration
class VerdictTurn(Described):
    """How the verdict of a flow differs between two days."""

    LOST = "LOST", "It was covered, and is not, or nobody can tell."
    GAINED = "GAINED", "It was not covered, or nobody could tell, and is."
    OTHER = "OTHER", "Any other difference, such as that it needs an agreement now."


@dataclass(frozen=True, slots=True)
class _Change:
    """A flow with its two verdicts."""

    flow: Flow
    turn: VerdictTurn
    day: date
    """Of the first."""
    first: Verdict
    then: Verdict


@dataclass(slots=True)
class ChangeFound(Answer):
    """A flow whose verdict is another, with all that is told of both."""

    flow: str
    turn: VerdictTurn
    first_day: date
    first: VerdictRow
    then_day: date
    then: VerdictRow
    is_live: bool
    """On the second day."""

    def rest_on(self, completeness: Completeness) -> None:
        """See ``Answer``."""
        for each in (self.first, self.then):
            each.rest_on(completeness)


def verdict_changes(day: DayAudit, args: Mapping[str, Any]) -> Listed[ChangeFound]:
    """A page of the flows with another verdict than before, by URN.

    Before is the day asked for, then those are compared that were live on it, or the day on which each last ran.
    """
    page_asked(_ORDER, args)
    now = day.on(args.get("to") or day.day)
    begin = None if args.get("from") is None else day.on(args["from"])
    firsts = now.ran.verdicts if begin is None else {id_: (begin.day, each) for id_, each in begin.verdicts.items()}
    found = [each for each in _changes(now, firsts) if args.get("turns") is None or each.turn in args["turns"]]
    page = page_of(found, lambda change: change.flow.id, _ORDER, args)
    edges = [_told(now, change, begin) for change in page.edges]
    omitted = now.ran.omitted if begin is None else 0
    return Listed(edges, page.total, page.has_next, page.end_cursor, omitted=omitted)


def _changes(now: DayAudit, firsts: Mapping[str, tuple[date, Verdict]]) -> list[_Change]:
    """The flows of which the verdict is of another kind now, by urn."""
    flows = sorted((flow for flow in now.audit.asof.facts.flows if flow.id in firsts), key=lambda flow: flow.id)
    thens = now.audit.verdicts(flows)
    found: list[_Change] = []
    for flow in flows:
        (day, first), then = firsts[flow.id], thens[flow.id]
        if first.kind is not then.kind:
            found.append(_Change(flow, _turn(first.kind, then.kind), day, first, then))
    return found


def _turn(first: VerdictKind, then: VerdictKind) -> VerdictTurn:
    if first is VerdictKind.COVERED and then in _DOUBTFUL:
        return VerdictTurn.LOST
    return VerdictTurn.GAINED if first in _DOUBTFUL and then is VerdictKind.COVERED else VerdictTurn.OTHER


def _told(now: DayAudit, change: _Change, begin: DayAudit | None) -> ChangeFound:
    before = now.days.at(change.day) if begin is None else begin.audit
    return ChangeFound(
        change.flow.id,
        change.turn,
        change.day,
        verdict_row(before, change.flow, change.first),
        now.day,
        verdict_row(now.audit, change.flow, change.then),
        change.flow.id in now.live,
    )
