"""What an audit of a day finds, in rows: verdicts, leaks, contradictions and lapses, for a Chief Data Officer and for a script."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from msgspec import Struct

from catalog.findings import Severity
from lineage.audit.day import DayAudit
from lineage.audit.facts import Flow
from lineage.audit.findings import Finding
from lineage.audit.last_days import CalendarDay, calendar
from lineage.audit.leaks import Leak
from lineage.audit.turning import later
from lineage.audit.verdicts import Audit, Part, Tried, Verdict
from lineage.audit.words import FindingRule, Grade, VerdictKind

__all__ = [
    "LAPSE_DAYS",
    "ClassRow",
    "FlowFindingRow",
    "FlowRow",
    "LapseRow",
    "LeakRow",
    "OwedRow",
    "Report",
    "Row",
    "TriedRow",
    "count",
]
__all__ += ["class_row", "flow_finding_row", "flow_row", "lapse_row", "leak_row", "report", "severity_of"]


LAPSE_DAYS = 30
"""Days ahead in which what lapses is told."""
_OF_RULES = {
    FindingRule.R12: Severity.ERROR,
    FindingRule.CLAIM_FAILS: Severity.ERROR,
    FindingRule.R13: Severity.WARNING,
    FindingRule.R14_REASON: Severity.WARNING,
    FindingRule.R14_PERSONAL: Severity.WARNING,
    FindingRule.R14_LAW: Severity.WARNING,
    FindingRule.R15: Severity.WARNING,
}
"""Any other is a note."""
_ENDS = (FindingRule.HOLDER_UNKNOWN, FindingRule.HOLDER_DIFFERS)
_WITNESSED = (VerdictKind.UNCOVERED, VerdictKind.UNKNOWN)


class TriedRow(Struct, frozen=True):
    """An agreement that was tried, and the code of the first clause at which it fails; None: it covers."""

    agreement: str
    code: str | None


class OwedRow(Struct, frozen=True):
    """What is owed to one agency: to the provider (``direct``), or to one whose data is passed on."""

    direct: bool
    agency: str | None
    verdict: VerdictKind
    tried: list[TriedRow]


class FlowRow(Struct, frozen=True):
    """A live flow and its verdict. Agencies are None where they are not known."""

    flow: str
    source: str
    target: str
    provider: str | None
    recipient: str | None
    purpose: str | None
    verdict: VerdictKind
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


class LeakRow(Struct, frozen=True):
    """Protected data that reaches an open dataset, by a shortest path of its worst grade (9.2 A14)."""

    protected: str
    open: str
    grade: Grade
    datasets: list[str]
    """The path, both ends among them."""
    flows: list[str]
    agencies: list[str | None]
    """Who holds each dataset of the path."""
    last_to_stop: str | None


class ClassRow(Struct, frozen=True):
    """A contradiction or a gap of what is decided of a dataset or a column (domain R10 to R16)."""

    rule: FindingRule
    dataset: str
    column: str | None
    reasons: tuple[str, ...] = ()
    """Of R12 and R13: why it is protected; ordered."""


class FlowFindingRow(Struct, frozen=True):
    """What is not known of a live flow, or not as it states (9.2 B1, C1, E10)."""

    rule: FindingRule
    flow: str
    end: str | None
    """Of HOLDER_UNKNOWN and HOLDER_DIFFERS: 'provider' or 'recipient'."""
    agreement: str | None
    """Of CLAIM_FAILS: the one that is claimed."""


class LapseRow(Struct, frozen=True):
    """The last day of an agreement or one of its terms, and what is uncovered from the next on (9.2 F1, F6)."""

    day: date
    agreement: str
    term: str | None
    flows: list[str]
    undecided: list[str]
    cut_off: list[str]
    thinned: list[str]
    runs: list[str]


Row = FlowRow | LeakRow | ClassRow | FlowFindingRow | LapseRow


class Report(Struct, frozen=True):
    """What an audit of a day finds."""

    flows: list[FlowRow]
    """Every flow that is live; by urn."""
    leaks: list[LeakRow]
    """By the protected, then the open dataset; the worst where there are more than are worked out."""
    leaks_unfinished: int
    """Open datasets into which not all leaks were looked for."""
    classes: list[ClassRow]
    holders: list[FlowFindingRow]
    """Ends of flows of which the holder is not known, or another than stated. What is claimed in vain stands with the flows."""
    lapses: list[LapseRow]
    """Of that day and the next LAPSE_DAYS; by day, agreement and term."""

    def rows(self) -> Iterator[Row]:
        """All of it, in this order."""
        yield from self.flows
        yield from self.leaks
        yield from self.classes
        yield from self.holders
        yield from self.lapses

    def has(self, severity: Severity) -> bool:
        """Whether there is a row of this severity, or of a graver one."""
        gravest_first = list(Severity)
        grave = gravest_first[: gravest_first.index(severity) + 1]
        return any(severity_of(row) in grave for row in self.rows())


def report(found: DayAudit) -> Report:
    """What the audit of a day finds."""
    return Report(
        [flow_row(found.audit, flow, found.verdicts[urn], found.stated[urn]) for urn, flow in found.live.items()],
        [leak_row(each) for each in found.leaking.leaks],
        found.leaking.unfinished,
        [class_row(each) for each in found.class_findings],
        [flow_finding_row(each) for each in found.flow_findings if each.rule in _ENDS],
        [
            lapse_row(each)
            for each in calendar(found.days, found.facts.agreements, found.day, later(found.day, LAPSE_DAYS))
        ],
    )


def leak_row(leak: Leak) -> LeakRow:
    """A leak as it is told."""
    path = list(leak.datasets), list(leak.flows), list(leak.agencies)
    return LeakRow(leak.protected, leak.open, leak.grade, *path, leak.last_to_stop)


def class_row(found: Finding) -> ClassRow:
    """What is found of the class of a dataset, as it is told."""
    return ClassRow(found.rule, found.subject, found.detail or None, found.reasons)


def flow_finding_row(found: Finding) -> FlowFindingRow:
    """What is found of a flow, as it is told."""
    end = found.detail if found.rule in _ENDS else None
    return FlowFindingRow(found.rule, found.subject, end, None if end else found.detail)


def lapse_row(found: CalendarDay) -> LapseRow:
    """A last day as it is told."""
    lapse = found.lapse
    ends = (lapse.flows, lapse.undecided, lapse.cut_off, lapse.thinned, lapse.runs)
    return LapseRow(found.day, found.agreement, found.term, *map(list, ends))


def flow_row(audit: Audit, flow: Flow, found: Verdict, stated: Flow) -> FlowRow:
    """A flow with its verdict as it is told, between the datasets ``stated``, with what was tried where that asks for it."""
    parts = audit.verdict(flow, clauses=1).parts if found.kind in _WITNESSED else ()
    failing = [TriedRow(each.agreement, each.code) for each in audit.claims(flow) if each.code is not None]
    return FlowRow(
        flow.id,
        stated.source,
        stated.target,
        *audit.ends(flow),
        flow.purpose,
        found.kind,
        list(found.by),
        list(found.reasons),
        list(found.why),
        [_owed(part) for part in parts],
        failing,
    )


def severity_of(row: Row) -> Severity | None:
    """How bad a row is; None: in order.

    An error is a flow that is not covered, a claim that does not hold, a severe leak, or classes that exclude each other
    (R12). A warning is what is not known, any other leak, a lapse, or R13 to R15. The rest of the rules are notes.
    """
    match row:
        case FlowRow():
            if row.verdict is VerdictKind.UNCOVERED or row.failing_claims:
                return Severity.ERROR
            return Severity.WARNING if row.verdict is VerdictKind.UNKNOWN else None
        case LeakRow():
            return Severity.ERROR if row.grade is Grade.SEVERE else Severity.WARNING
        case ClassRow() | FlowFindingRow():
            return _OF_RULES.get(row.rule, Severity.NOTE)
        case LapseRow():
            return Severity.WARNING if row.flows else None


def count(rows: Iterable[FlowRow]) -> Mapping[str, int]:
    """How many rows have each verdict; those that none has as well."""
    return {kind.value: 0 for kind in VerdictKind} | Counter(row.verdict for row in rows)


def _owed(part: Part) -> OwedRow:
    return OwedRow(part.direct, part.agency, part.kind, [_tried(each) for each in part.tried])


def _tried(tried: Tried) -> TriedRow:
    return TriedRow(tried.agreement, tried.failures[0].code if tried.failures else None)
