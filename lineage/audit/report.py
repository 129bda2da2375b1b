"""What an audit of a day finds, in rows: verdicts, leaks, contradictions and lapses, for a Chief Data Officer and for a script."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta

from msgspec import Struct

from catalog.findings import Severity
from lineage.audit.day import DayAudit
from lineage.audit.facts import Facts, Flow
from lineage.audit.lapse import CalendarDay
from lineage.audit.leaks import Leak
from lineage.audit.verdicts import Part, Tried
from lineage.audit.words import Grade, VerdictKind

__all__ = ["LAPSE_DAYS", "ClassRow", "FlowRow", "LapseRow", "LeakRow", "OwedRow", "Report", "Row", "TriedRow", "count"]
__all__ += ["flow_row", "lapse_row", "leak_row", "report", "severity_of"]


LAPSE_DAYS = 30
"""Days ahead in which what lapses is told."""
_OF_RULES = {
    "R12": Severity.ERROR,
    "R13": Severity.WARNING,
    "R14": Severity.WARNING,
    "R15": Severity.WARNING,
}
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

    rule: str
    dataset: str
    column: str | None


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


Row = FlowRow | LeakRow | ClassRow | LapseRow


class Report(Struct, frozen=True):
    """What an audit of a day finds."""

    flows: list[FlowRow]
    """Every flow that is live; by urn."""
    leaks: list[LeakRow]
    """By the protected, then the open dataset."""
    classes: list[ClassRow]
    lapses: list[LapseRow]
    """Of that day and the next LAPSE_DAYS; by day, agreement and term."""

    def rows(self) -> Iterator[Row]:
        """All of it, in this order."""
        yield from self.flows
        yield from self.leaks
        yield from self.classes
        yield from self.lapses

    def has(self, severity: Severity) -> bool:
        """Whether there is a row of this severity, or of a graver one."""
        gravest_first = list(Severity)
        grave = gravest_first[: gravest_first.index(severity) + 1]
        return any(severity_of(row) in grave for row in self.rows())


def report(facts: Facts, day: date) -> Report:
    """What an audit finds as of a day."""
    found = DayAudit(facts, day)
    return Report(
        [flow_row(found, flow) for flow in found.live.values()],
        [leak_row(each) for each in found.leaks],
        [ClassRow(each.rule, each.subject, each.detail or None) for each in found.class_findings],
        [lapse_row(each) for each in found.calendar(day + timedelta(days=LAPSE_DAYS))],
    )


def leak_row(leak: Leak) -> LeakRow:
    """A leak as it is told."""
    path = list(leak.datasets), list(leak.flows), list(leak.agencies)
    return LeakRow(leak.protected, leak.open, leak.grade, *path, leak.last_to_stop)


def lapse_row(found: CalendarDay) -> LapseRow:
    """A last day as it is told."""
    lapse = found.lapse
    ends = (lapse.flows, lapse.undecided, lapse.cut_off, lapse.thinned, lapse.runs)
    return LapseRow(found.day, found.agreement, found.term, *map(list, ends))


def flow_row(day: DayAudit, flow: Flow) -> FlowRow:
    """A live flow as it is told, with what was tried where its verdict asks for it."""
    audit, found = day.audit, day.verdicts[flow.id]
    parts = audit.verdict(flow).parts if found.kind in _WITNESSED else ()
    failing = [TriedRow(each.agreement, each.code) for each in audit.claims(flow) if each.code is not None]
    return FlowRow(
        flow.id,
        flow.source,
        flow.target,
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
        case ClassRow():
            return _OF_RULES.get(row.rule.partition(" ")[0], Severity.NOTE)
        case LapseRow():
            return Severity.WARNING if row.flows else None


def count(rows: Iterable[FlowRow]) -> Mapping[str, int]:
    """How many rows have each verdict; those that none has as well."""
    return {kind.value: 0 for kind in VerdictKind} | Counter(row.verdict for row in rows)


def _owed(part: Part) -> OwedRow:
    return OwedRow(part.direct, part.agency, part.kind, [_tried(each) for each in part.tried])


def _tried(tried: Tried) -> TriedRow:
    return TriedRow(tried.agreement, tried.failures[0].code if tried.failures else None)
