"""What an audit finds in records as of a day, worked out as far as it is asked for, and kept (questions 10 to 12, 19 to 22)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from lineage.audit.bases import Bases, BasisGap
from lineage.audit.crossings import Crossings
from lineage.audit.duties import Duties
from lineage.audit.facts import Flow
from lineage.audit.incidents import Incidents
from lineage.audit.received import Received
from lineage.audit.verdicts import Audit

__all__ = ["Recorded"]


class Recorded:
    """What a day finds in records."""

    def __init__(self, audit: Audit, live: Mapping[str, Flow]) -> None:
        """``live`` are the flows that are live on the day, by id and in that order."""
        self._audit = audit
        self._live = live

    @cached_property
    def received(self) -> Received:
        """What came to whom under agreements."""
        return Received(self._audit)

    @cached_property
    def duties(self) -> Duties:
        """What is owed."""
        return Duties(self._audit, self.received)

    @cached_property
    def incidents(self) -> Incidents:
        """What went wrong."""
        return Incidents(self._audit, self.received)

    @cached_property
    def crossings(self) -> Crossings:
        """Which identifiers cross boundaries."""
        return Crossings(self._audit, self._live.values())

    @cached_property
    def basis_gaps(self) -> list[BasisGap]:
        """Legal bases that are not borne out, in order."""
        verdicts = self._audit.verdicts(self._live.values())
        return Bases(self._audit).gaps((flow, verdicts[urn]) for urn, flow in self._live.items())
