"""Audits of several days: where no date of the data lies between two, what the data is, is worked out once (domain 9)."""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict, defaultdict
from datetime import date

from lineage.audit.asof import AsOf
from lineage.audit.facts import Facts, Flow
from lineage.audit.flowed import Flowed
from lineage.audit.ground import Ground
from lineage.audit.lapse import Lapses
from lineage.audit.turning import later, turns
from lineage.audit.verdicts import Audit

__all__ = ["Days", "affordable"]

_MOST_AUDITED = 400_000
"""Flows and datasets that are audited for one answer: a few seconds of work."""
_MOST = 2
"""Audits that are kept besides the one to begin with: a day and the one after."""


class Days:
    """Audits of the days near that of one audit."""

    def __init__(self, audit: Audit) -> None:
        self._facts = audit.asof.given
        self._turns = turns(self._facts)
        self._first = audit
        self._kept: OrderedDict[date, Audit] = OrderedDict()
        self._about: tuple[Ground, dict[str, list[Flow]]] | None = None

    def at(self, day: date) -> Audit:
        """The audit of a day. What the data is, is worked out anew unless ``is_near``."""
        found = self._first if day == self._first.day else self._kept.get(day)
        if found is None:
            near = self._near(day)
            found = Audit(near.flowed, near, day=day) if near else Audit(Flowed(AsOf(self._facts, day)))
        if found is not self._first:
            self._kept[day] = found
            self._kept.move_to_end(day)
            while len(self._kept) > _MOST:
                self._kept.popitem(last=False)
        return found

    def is_near(self, day: date) -> bool:
        """Whether an audit that is kept has the data of that day, so that asking for it costs little."""
        return self._near(day) is not None

    def lapses(self, day: date, agreement: str) -> Lapses:
        """What lapses after a day, as far as an agreement or one under it has to do with it."""
        today = self.at(day)
        about = self._flows_about(today)
        ending = (agreement, *today.papers.below.get(agreement, ()))
        flows = {flow.id: flow for each in ending for flow in about.get(each, ())}
        return Lapses(today, self.at(later(day)), flows.values())

    def _near(self, day: date) -> Audit | None:
        span = bisect_right(self._turns, day)
        kept = (self._first, *self._kept.values())
        return next((each for each in kept if bisect_right(self._turns, each.day) == span), None)

    def _flows_about(self, audit: Audit) -> dict[str, list[Flow]]:
        """The live flows for which each agreement is tried: those are the same on all days of the same data."""
        if self._about is None or self._about[0] is not audit.ground:
            found: dict[str, list[Flow]] = defaultdict(list)
            for flow in audit.ground.live:
                for each in audit.tried(flow):
                    found[each].append(flow)
            self._about = audit.ground, found
        return self._about[1]


def affordable(facts: Facts) -> int:
    """How many audits from the beginning may be made for one answer: at least two, and more where there is less to audit."""
    return max(2, _MOST_AUDITED // (1 + len(facts.flows) + len(facts.datasets)))
