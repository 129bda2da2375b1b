"""What is left of an audit for another, of other facts or of another day: what may still hold (ADR 17)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lineage.audit.asof import AsOf, as_of
from lineage.audit.since import Since

if TYPE_CHECKING:
    from lineage.audit.facts import Facts
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
        self.day, self.facts = audit.asof.day, audit.asof.facts
        self._wider = audit.asof.wider
        since = audit.ground.since
        self._wide = None if since is None else since.wide

    def learn(self, other: Earlier) -> None:
        """Take over what another audit found of the very same facts, whatever its day."""
        if self._wide is None and self.facts is other.facts:
            self._wide = other._wide

    def parts(self) -> dict[str, Any]:
        """What it is made of, without the facts and what the data was: most of an audit, and not what takes longest to find."""
        return {name: value for name, value in vars(self).items() if name not in {"ground", "facts"}}

    @classmethod
    def of(cls, facts: Facts, parts: dict[str, Any]) -> Earlier:
        """The same of the facts of which it was, and parts."""
        found = cls.__new__(cls)
        vars(found).update(parts)
        found.ground = None
        found.facts = as_of(facts, found.day)
        return found

    def since(self, now: AsOf) -> Since | None:
        """What differs; None where it may be everything."""
        same = self.facts.units == now.facts.units and self._wider == now.wider
        since = Since(self.facts, now.facts, (self.day, now.day), self._wide) if same else None
        if since is None or not since.nothing:
            self.ground = None
        return since
