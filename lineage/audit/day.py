"""What an audit finds as of a day, worked out as far as it is asked for, and kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import cached_property

from catalog.uncollected import uncollected
from lineage.audit.asof import AsOf, Cell
from lineage.audit.cut import Cut, smallest_cut
from lineage.audit.days import Days, affordable
from lineage.audit.earlier import Earlier
from lineage.audit.facts import Facts, Flow
from lineage.audit.findings import Finding, class_findings, flow_findings
from lineage.audit.flowed import Flowed
from lineage.audit.grouped import Grouped
from lineage.audit.lapse import Lapses
from lineage.audit.leaks import Leak, Leaking, Leaks
from lineage.audit.raised import Raised
from lineage.audit.ran import Ran, ran
from lineage.audit.recorded import Recorded
from lineage.audit.turning import later
from lineage.audit.usage import Pair, by_amendment, exchanges, pairs, unused
from lineage.audit.verdicts import Audit, Verdict
from lineage.audit.what_if import Foreseen, Proposal, changed, foreseen
from lineage.audit.whereabouts import Whereabouts
from lineage.audit.words import VerdictKind

__all__ = ["DayAudit"]


class DayAudit:
    """The audit of a day. Not safe for several threads: what was worked out is kept in it."""

    def __init__(
        self,
        facts: Facts,
        day: date,
        on: Callable[[date], DayAudit] | None = None,
        *,
        earlier: Earlier | None = None,
    ) -> None:
        """``on`` answers the audit of another day of the same facts, and may keep it; unless given, each is made anew.

        ``earlier`` is an audit of other facts, or of another day (``left``): what still holds of it is not worked out again.
        """
        self.facts = facts
        self.day = day
        self._earlier = earlier
        self._foreseen: tuple[Proposal, Foreseen] | None = None
        self._on = on

    def left(self) -> Earlier | None:
        """What is left of it, or else of the audit that it was given, for one of other facts; None where neither found anything."""
        return self.found() or self._earlier

    def found(self) -> Earlier | None:
        """What is left of what it found itself, of these facts and this day; None where nothing was worked out."""
        return Earlier(self.audit, vars(self).get("verdicts", {})) if "audit" in vars(self) else None

    def on(self, day: date) -> DayAudit:
        """The audit of another day."""
        if day == self.day:
            return self
        return DayAudit(self.facts, day) if self._on is None else self._on(day)

    @cached_property
    def audit(self) -> Audit:
        """The verdicts, and what they rest on."""
        with uncollected():
            earlier, self._earlier = self._earlier, None
            return Audit(Flowed(AsOf(self.facts, self.day)), earlier=earlier)

    @cached_property
    def live(self) -> dict[str, Flow]:
        """The flows that are live on the day, by urn and in that order; datasets that are the same are one (9.2 E11)."""
        return {flow.id: flow for flow in sorted(self.audit.ground.live, key=lambda each: each.id)}

    @cached_property
    def stated(self) -> dict[str, Flow]:
        """All flows by urn, between the datasets that they were stated of."""
        return {flow.id: flow for flow in self.facts.flows}

    @cached_property
    def verdicts(self) -> dict[str, Verdict]:
        """The verdict of each live flow by urn, without what was tried (``Audit.verdict`` has that)."""
        with uncollected():
            return self.audit.verdicts(self.live.values())

    @cached_property
    def grouped(self) -> Grouped:
        """The live flows by who gives to whom, and verdict."""
        return Grouped(self.audit, list(self.live.values()), self.verdicts)

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
    def unpermitted(self) -> set[str]:
        """The live flows that pass data on without the permission of an agency whose data it is."""
        uncovered = (flow for urn, flow in self.live.items() if self.verdicts[urn].kind is VerdictKind.UNCOVERED)
        return {flow.id for flow in uncovered if self.audit.unpermitted(flow)}

    @cached_property
    def leak_search(self) -> Leaks:
        """What leaks are looked for in."""
        return Leaks(self.audit.classes)

    @cached_property
    def leaking(self) -> Leaking:
        """The leaks, by the protected, then the open dataset."""
        return self.leak_search.found()

    @property
    def leaks(self) -> tuple[Leak, ...]:
        """The same without how far they were looked for."""
        return self.leaking.leaks

    @cached_property
    def cut(self) -> Cut | None:
        """The fewest flows without which nothing leaks; None where there are too many ways to tell."""
        return smallest_cut(self.leak_search)

    @cached_property
    def class_findings(self) -> list[Finding]:
        """Contradictions and gaps of classes, in order."""
        return class_findings(self.audit.classes)

    @cached_property
    def flow_findings(self) -> list[Finding]:
        """Holders of the ends of live flows that are not known or not as stated, and claims that fail, in order."""
        return flow_findings(self.audit, self.live.values())

    @cached_property
    def days(self) -> Days:
        """Audits of the days near this one."""
        return Days(self.audit)

    @cached_property
    def ran(self) -> Ran:
        """The verdicts of flows that have happened, each on the day of its last run."""
        return ran(self.days, self.audit, affordable(self.facts))

    @cached_property
    def pairs(self) -> list[Pair]:
        """The pairs of agencies that agreements connect or that exchange data which needs cover, or may; in order."""
        connected = {each.agencies: each for each in pairs(self.audit)}
        return [connected.get(two, Pair(two, ())) for two in sorted(connected.keys() | self.exchanges.keys())]

    @cached_property
    def exchanges(self) -> Mapping[tuple[str, str], int]:
        """How many live flows that need cover, or may, go between each two agencies."""
        return exchanges(self.audit, self.verdicts)

    @cached_property
    def unused(self) -> list[str]:
        """The agreements that cover no live flow that needs cover, in order."""
        return sorted(unused(self.audit))

    @cached_property
    def by_amendment(self) -> dict[str, tuple[str, ...]]:
        """The live flows that only an amendment covers, each with the amended agreements that do."""
        return by_amendment(self.audit, self.verdicts)

    @cached_property
    def lapses(self) -> Lapses:
        """What lapses after the day."""
        return Lapses(self.audit, self.days.at(later(self.day)))

    def foreseen(self, proposal: Proposal) -> Foreseen:
        """What would change of the verdicts of live flows. The last is kept, since its pages are asked for one by one."""
        if self._foreseen is None or self._foreseen[0] != proposal:
            now = self.verdicts
            after = DayAudit(changed(self.audit.asof.facts, proposal), self.day, earlier=self.left())
            self._foreseen = proposal, foreseen(now, after.verdicts)
        return self._foreseen[1]
