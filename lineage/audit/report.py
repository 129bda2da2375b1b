"""The verdicts of all live flows of a day, in rows: what a Chief Data Officer reads, and a script too (domain 9, 9.2 A11)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date

from msgspec import Struct

from catalog.findings import Severity
from lineage.audit.asof import AsOf
from lineage.audit.facts import Facts
from lineage.audit.flowed import Flowed
from lineage.audit.verdicts import Audit, Part, Tried
from lineage.audit.words import VerdictKind

__all__ = ["FlowRow", "OwedRow", "TriedRow", "count", "report", "severity_of", "worst"]


_WITNESSED = (VerdictKind.UNCOVERED, VerdictKind.UNKNOWN)


class TriedRow(Struct, frozen=True):
    """An agreement that was tried, and the code of the first clause at which it fails; None: it covers."""

    agreement: str
    code: str | None


class OwedRow(Struct, frozen=True):
    """What is owed to one agency: to the provider (``direct``), or to one whose data is passed on."""

    direct: bool
    agency: str | None
    verdict: str
    tried: list[TriedRow]


class FlowRow(Struct, frozen=True):
    """A live flow and its verdict. Agencies are None where they are not known."""

    flow: str
    source: str
    target: str
    provider: str | None
    recipient: str | None
    purpose: str | None
    verdict: str
    by: list[str]
    """Agreements that cover; ordered."""
    reasons: list[str]
    """Codes of UNCOVERED; ordered (9.2 E9)."""
    why: list[str]
    """Codes of UNKNOWN; ordered (9.2 B2)."""
    owed: list[OwedRow]
    """Of UNCOVERED and UNKNOWN: what was tried, for the provider and each agency of origin."""
    failing_claims: list[TriedRow]
    """Agreements that the flow claims and that do not cover it (9.2 E10)."""


def report(facts: Facts, day: date) -> list[FlowRow]:
    """A row for each flow that is live on the day, by its urn."""
    audit = Audit(Flowed(AsOf(facts, day)))
    live = [flow for flow in audit.asof.facts.flows if audit.flowed.live(flow)]
    verdicts = audit.verdicts(live)
    rows: list[FlowRow] = []
    for flow in sorted(live, key=lambda each: each.id):
        found = verdicts[flow.id]
        parts = audit.verdict(flow).parts if found.kind in _WITNESSED else ()
        failing = [TriedRow(each.agreement, each.code) for each in audit.claims(flow) if each.code is not None]
        rows.append(
            FlowRow(
                flow.id,
                flow.source,
                flow.target,
                _holder(audit.asof, flow.source, flow.provider),
                _holder(audit.asof, flow.target, flow.recipient),
                flow.purpose,
                found.kind,
                list(found.by),
                list(found.reasons),
                list(found.why),
                [_owed(part) for part in parts],
                failing,
            )
        )
    return rows


def severity_of(row: FlowRow) -> Severity | None:
    """How bad a row is: what is not covered, or is claimed and does not hold, is an error, what is not known a warning."""
    if row.verdict == VerdictKind.UNCOVERED or row.failing_claims:
        return Severity.ERROR
    return Severity.WARNING if row.verdict == VerdictKind.UNKNOWN else None


def worst(rows: Iterable[FlowRow]) -> Severity | None:
    """The worst of all."""
    found = {severity_of(row) for row in rows}
    return next((each for each in (Severity.ERROR, Severity.WARNING) if each in found), None)


def count(rows: Iterable[FlowRow]) -> Mapping[str, int]:
    """How many rows have each verdict; those that none has as well."""
    return {kind.value: 0 for kind in VerdictKind} | Counter(row.verdict for row in rows)


def _holder(asof: AsOf, end: str, stated: str | None) -> str | None:
    """Who holds an end of a flow, or where nobody is known to the one that is stated (9.2 C1)."""
    held = asof.holder(end)
    return held if held is not None or stated is None else asof.agency_of(stated)


def _owed(part: Part) -> OwedRow:
    return OwedRow(part.direct, part.agency, part.kind, [_tried(each) for each in part.tried])


def _tried(tried: Tried) -> TriedRow:
    return TriedRow(tried.agreement, tried.failures[0].code if tried.failures else None)
