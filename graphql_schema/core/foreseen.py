"""What the audit says would change: the flows whose verdict would be another. Nothing is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql_schema.core.found import Listed, page_of
from graphql_schema.core.proposals import PROPOSED, proposal
from lineage.audit.day import DayAudit
from lineage.audit.verdicts import Verdict
from lineage.audit.what_if import Change
from lineage.audit.words import VerdictKind

__all__ = ["ChangeRow", "ForeseenFound", "what_if"]


@dataclass(frozen=True, slots=True)
class Said:
    """A verdict, with the agreements of the catalog apart from those that are proposed."""

    verdict: Verdict
    by: list[str]
    proposed: list[str]
    """Names."""


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A flow whose verdict would be another."""

    flow: str
    provider: str | None
    recipient: str | None
    before: Said
    after: Said


@dataclass(frozen=True, slots=True)
class KindCount:
    """How many flows have one verdict before and one after."""

    before: VerdictKind
    after: VerdictKind
    flows: int


@dataclass(slots=True)
class ForeseenFound(Listed[ChangeRow]):
    """A page of changes, and the counts of all flows."""

    counts: list[KindCount]


def what_if(day: DayAudit, args: Mapping[str, Any]) -> ForeseenFound:
    """What would change of the verdicts of live flows; a page of the flows, by urn."""
    found = day.foreseen(proposal(day, args))
    page = page_of(found.changes, lambda change: change.flow, "flow", args)
    rows = [_row(day, each) for each in page.edges]
    order = list(VerdictKind)
    pairs = sorted(found.counts, key=lambda pair: (order.index(pair[0]), order.index(pair[1])))
    counts = [KindCount(*pair, found.counts[pair]) for pair in pairs]
    return ForeseenFound(rows, page.total, page.has_next, page.end_cursor, counts)


def _row(day: DayAudit, change: Change) -> ChangeRow:
    ends = day.audit.ends(day.live[change.flow])
    return ChangeRow(change.flow, *ends, _said(change.before), _said(change.after))


def _said(verdict: Verdict) -> Said:
    proposed = [each.removeprefix(PROPOSED) for each in verdict.by if each.startswith(PROPOSED)]
    return Said(verdict, [each for each in verdict.by if not each.startswith(PROPOSED)], proposed)
