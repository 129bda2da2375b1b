"""What the audit finds beside verdicts and leaks: classes that contradict or lack something, holders, claims that fail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from catalog.findings import Severity
from catalog.model.words import Described
from graphql_schema.core.found import Listed, page_of
from graphql_schema.core.words import enumeration
from lineage.audit.day import DayAudit
from lineage.audit.report import ClassRow, FlowFindingRow, class_row, flow_finding_row, severity_of
from lineage.audit.words import FindingRule

__all__ = ["FindingFound", "FlowEnd", "audit_findings"]


@enumeration
class FlowEnd(Described):
    """An end of a flow."""

    PROVIDER = "PROVIDER", "Where the data comes from."
    RECIPIENT = "RECIPIENT", "Where the data goes."


@dataclass(frozen=True, slots=True)
class FindingFound:
    """One thing found: of a dataset or of a flow."""

    severity: Severity
    rule: FindingRule
    dataset: str | None = None
    """Or a system of which the catalog has no dataset (domain 9.2 A13)."""
    column: str | None = None
    flow: str | None = None
    end: FlowEnd | None = None
    agreement: str | None = None
    reasons: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """Where it stands: the gravest first, then by rule and what it is about."""
        about = (self.dataset or self.flow, self.column or self.end or self.agreement)
        return " ".join([str(list(Severity).index(self.severity)), self.rule, *(each or "" for each in about)])


def audit_findings(day: DayAudit, args: Mapping[str, Any]) -> Listed[FindingFound]:
    """A page of what is found of datasets and of live flows: of what passes every test that is given."""
    severity, rules = args.get("severity"), args.get("rules")
    rows = [*map(class_row, day.class_findings), *map(flow_finding_row, day.flow_findings)]
    found = [
        each
        for each in map(_found, rows)
        if severity in (None, each.severity) and (rules is None or each.rule in rules)
    ]
    return page_of(sorted(found, key=_place), _place, "finding", args)


def _place(found: FindingFound) -> str:
    return found.place


def _found(row: ClassRow | FlowFindingRow) -> FindingFound:
    severity = severity_of(row) or Severity.NOTE
    if isinstance(row, ClassRow):
        return FindingFound(severity, row.rule, row.dataset, row.column, reasons=row.reasons)
    end = None if row.end is None else FlowEnd(row.end.upper())
    return FindingFound(severity, row.rule, flow=row.flow, end=end, agreement=row.agreement)
