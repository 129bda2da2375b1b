"""What is left of an audit for another, of other facts or of another day: what may still hold (ADR 17)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from lineage.audit.asof import AsOf
from lineage.audit.since import Since

if TYPE_CHECKING:
    from lineage.audit.ground import Ground
    from lineage.audit.verdicts import Audit, Verdict

__all__ = ["Earlier"]


class Earlier:
    """An audit of which the rest may go: with what the data was there are two audits in memory, with what flowed hardly more than one."""

    def __init__(self, audit: Audit, verdicts: Mapping[str, Verdict]) -> None:
        """``verdicts`` are those of live flows, as far as they were worked out."""
        self.ground: Ground | None = audit.ground
        """What the data was; None once it is known to be different."""
        self.inflow = audit.classes.inflow
        self.group_of, self.groups = audit.origins.group_of, audit.origins.groups
        self.unheard = audit.classes.unheard
        self.named = audit.classes.named
        self.papers = audit.papers
        self.said = audit.said
        self.verdicts = verdicts
        self._day, self._facts = audit.asof.day, audit.asof.facts
        self._wider = audit.asof.wider

    def since(self, now: AsOf) -> Since | None:
        """What differs; None where it may be everything."""
        same = self._facts.units == now.facts.units and self._wider == now.wider
        since = Since(self._facts, now.facts, (self._day, now.day)) if same else None
        if since is None or not since.nothing:
            self.ground = None
        return since
