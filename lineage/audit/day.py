"""What an audit finds as of a day, worked out as far as it is asked for, and kept."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cached_property

from lineage.audit.asof import AsOf, Cell
from lineage.audit.cut import Cut, smallest_cut
from lineage.audit.facts import Facts, Flow
from lineage.audit.findings import Finding, class_findings
from lineage.audit.flowed import Flowed
from lineage.audit.lapse import CalendarDay, Lapses, calendar
from lineage.audit.leaks import Leak, Leaks
from lineage.audit.raised import Raised
from lineage.audit.recorded import Recorded
from lineage.audit.verdicts import Audit, Verdict
from lineage.audit.what_if import Foreseen, Proposal, changed, foreseen
from lineage.audit.whereabouts import Whereabouts

__all__ = ["DayAudit"]


class DayAudit:
    """The audit of a day. Not safe for several threads: what was worked out is kept in it."""

    def __init__(self, facts: Facts, day: date) -> None:
        self.facts = facts
        self.day = day
        self._foreseen: tuple[Proposal, Foreseen] | None = None

    @cached_property
    def audit(self) -> Audit:
        """The verdicts, and what they rest on."""
        return Audit(Flowed(AsOf(self.facts, self.day)))

    @cached_property
    def live(self) -> dict[str, Flow]:
        """The flows that are live on the day, by urn and in that order; datasets that are one go by one id (9.2 E11)."""
        flows = (flow for flow in self.audit.asof.facts.flows if self.audit.flowed.live(flow))
        return {flow.id: flow for flow in sorted(flows, key=lambda each: each.id)}

    @cached_property
    def verdicts(self) -> dict[str, Verdict]:
        """The verdict of each live flow by urn, without what was tried (``Audit.verdict`` has that)."""
        return self.audit.verdicts(self.live.values())

    @cached_property
    def recorded(self) -> Recorded:
        """What it finds in records."""
        return Recorded(self.audit, self.live)

    @cached_property
    def columns(self) -> dict[str, Cell]:
        """Each column of the catalog by its own id."""
        datasets = self.audit.asof.facts.datasets
        return {column.id: column.ref for each in datasets for column in each.columns if column.id is not None}

    @cached_property
    def column_ids(self) -> dict[Cell, str]:
        """The id of each column of the catalog; of several that are one, the first."""
        found: dict[Cell, str] = {}
        for id_, cell in self.columns.items():
            found[cell] = min(id_, found.get(cell, id_))
        return found

    @cached_property
    def ids(self) -> frozenset[str]:
        """Everything of the catalog that can be asked about, or named by an agreement."""
        facts = self.facts
        listed = (facts.datasets, facts.systems, facts.agreements)
        purposes = (id_ for id_, _ in facts.purposes)
        return facts.others.union(self.columns, purposes, *((each.id for each in some) for some in listed))

    @cached_property
    def raised(self) -> Raised:
        """Own against effective classes."""
        return Raised(self.audit.classes)

    @cached_property
    def whereabouts(self) -> Whereabouts:
        """Who holds what came of it, and whose data is where."""
        return Whereabouts(self.audit)

    @cached_property
    def _leaks(self) -> Leaks:
        return Leaks(self.audit.classes)

    @cached_property
    def leaks(self) -> list[Leak]:
        """All leaks, by the protected, then the open dataset."""
        return self._leaks.all()

    @cached_property
    def cut(self) -> Cut:
        """The fewest flows without which nothing leaks."""
        return smallest_cut(self._leaks)

    @cached_property
    def class_findings(self) -> list[Finding]:
        """Contradictions and gaps of classes, in order."""
        return class_findings(self.audit.classes)

    @cached_property
    def lapses(self) -> Lapses:
        """What lapses after the day."""
        return Lapses(self.facts, self.day)

    def foreseen(self, proposal: Proposal) -> Foreseen:
        """What would change of the verdicts of live flows. The last is kept, since its pages are asked for one by one."""
        if self._foreseen is None or self._foreseen[0] != proposal:
            after = DayAudit(changed(self.audit.asof.facts, proposal), self.day)
            self._foreseen = proposal, foreseen(self.verdicts, after.verdicts)
        return self._foreseen[1]

    def calendar(self, last: date) -> Iterable[CalendarDay]:
        """What ends from the day on, up to a last one, both counted."""
        return calendar(self.facts, self.day, last)
