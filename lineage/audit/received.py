"""What agencies hold of the data that came to them under an agreement (question 11; domain R20).

Data came under an agreement by every flow that has happened and that claims it, of which a run says that it ran under it, or
whose source a term of any time names while its provider is a party that gives and its recipient one that receives: what
cannot be told apart counts (9.2 E9). What was made of it by steps that are not stopped came under it too (9.2 A11).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property

from lineage.audit.asof import holds
from lineage.audit.facts import Flow
from lineage.audit.inflow import Passage
from lineage.audit.levels import restricted
from lineage.audit.records import Certificate
from lineage.audit.verdicts import Audit
from lineage.audit.words import Known

__all__ = ["Received"]

_NOTHING = frozenset[str]()


class Received:
    """What came under agreements, as of a day. What was worked out is kept."""

    def __init__(self, audit: Audit) -> None:
        self._audit = audit
        self._asof = audit.asof
        self._reached: dict[tuple[str, str | None], tuple[str, ...]] = {}

    def by(self, flow: Flow) -> frozenset[str]:
        """The agreements under which a flow that has happened came."""
        return self.naming(flow) | self._ran.get(flow.process or "", _NOTHING) | frozenset(flow.claims)

    def naming(self, flow: Flow) -> frozenset[str]:
        """The agreements of which a term of any time names the source, and that list both agencies in their roles."""
        asof, papers = self._asof, self._audit.papers.index
        named = _NOTHING.union(
            *(
                papers.naming.get(name, _NOTHING)
                for source in asof.datasets_in(flow.source)
                for name in asof.names(source)
            )
        )
        return named & papers.between(*self._audit.ends(flow))

    @cached_property
    def _ran(self) -> dict[str, frozenset[str]]:
        """The agreements under which runs of each process ran by the day."""
        day = self._asof.day
        return {
            process: frozenset(run.agreement for run in runs if run.agreement is not None and run.on <= day)
            for process, runs in self._audit.flowed.runs.items()
        }

    @cached_property
    def _first(self) -> dict[str, list[Passage]]:
        """What came directly, by agreement."""
        by = {flow.id: self.by(flow) for flow in self._audit.flowed.past}
        found: dict[str, list[Passage]] = defaultdict(list)
        for each in self._audit.classes.passages:
            for agreement in by[each.flow.id]:
                found[agreement].append(each)
        return found

    @cached_property
    def _after(self) -> dict[str, list[Passage]]:
        found: dict[str, list[Passage]] = defaultdict(list)
        for each in self._audit.classes.passages:
            found[each.source].append(each)
        return found

    @cached_property
    def _certificates(self) -> dict[str, list[Certificate]]:
        """What was destroyed by the day, by the agreement under which it was got."""
        records = self._asof.facts.records
        led_to = {each.id: each.led_to for each in records.requests}
        found: dict[str, list[Certificate]] = defaultdict(list)
        for each in records.certificates:
            if each.under is not None and each.destroyed_on <= self._asof.day and holds(each, self._asof.day):
                found[led_to.get(each.under) or each.under].append(each)
        return found

    def certificates(self, agreement: str, agency: str) -> list[Certificate]:
        """Those that an agency gave by the day under an agreement or a request that led to it, the earliest first.

        One of which nobody knows who gave it shows nothing (9.2 B2).
        """
        given = (each for each in self._certificates.get(agreement, ()) if self._gave(each, agency))
        return sorted(given, key=lambda each: (each.destroyed_on, each.id))

    def _gave(self, certificate: Certificate, agency: str) -> bool:
        return certificate.given_by is not None and self._asof.agency_of(certificate.given_by) == agency

    def held(self, agreement: str, agency: str | None) -> tuple[str, ...]:
        """The datasets that an agency holds on the day of what came under an agreement, by id; None: that anyone holds.

        Data that is known to be public is left out. So are copies that the agency certified to have destroyed (those into
        the dataset that the certificate names, or from it; of one that names none, all) unless they were written again on
        that day or later: a copy of the same day is not shown to be gone.
        """
        key = agreement, agency
        found = self._reached.get(key)
        if found is None:
            found = self._reached[key] = self._walk(agreement, agency)
        return found

    def _walk(self, agreement: str, agency: str | None) -> tuple[str, ...]:
        gone = [] if agency is None else self.certificates(agreement, agency)
        waiting = list(self._first.get(agreement, ()))
        reached: set[str] = set()
        for each in waiting:
            if each.target not in reached and not self._destroyed(each, agency, gone):
                reached.add(each.target)
                waiting += self._after.get(each.target, ())
        return tuple(sorted(each for each in reached if self._counts(each, agency)))

    def _counts(self, dataset: str, agency: str | None) -> bool:
        known_public = restricted(self._audit.classes.of_dataset(dataset)) is Known.NO
        return not known_public and (agency is None or self._asof.holder(dataset) == agency)

    def _destroyed(self, passage: Passage, agency: str | None, gone: Iterable[Certificate]) -> bool:
        """Whether the agency certified to have destroyed all that the step brought it."""
        if self._asof.holder(passage.target) != agency:
            return False
        days = [
            each.destroyed_on
            for each in gone
            if not each.datasets or passage.target in each.datasets or passage.source in each.datasets
        ]
        written = [each.on for each in self._audit.flowed.writings(passage.flow, passage.target)]
        return bool(days) and all(on < max(days) for on in written)
