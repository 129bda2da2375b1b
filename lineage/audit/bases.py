"""Which flows rest on a legal basis that is not borne out (question 12; domain 8.3; 9.2 E6).

A flow rests on the laws of the agreements that cover it, directly or onward, and of those that it claims. Looked at are the flows
that are live on the day and need cover or may need it. Two things may be amiss:

- The agreement does not state everything that a law it rests on asks for. Only what the agreement itself states counts, as
  only its own laws do (9.2 E6): that an agreement above it states it is no answer. Texts are compared without regard to
  case and spaces.
- The agreement does not rest on a law that protects what flows: one that a determination in force of the flowing columns, or
  of their dataset, rests on. A section of that law, or the text that it is a section of, will do. Where no
  determination names a law there is nothing to compare with.

Neither uncovers anything, and neither is legal advice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from lineage.audit.facts import Flow
from lineage.audit.record_words import BasisGapKind
from lineage.audit.records import Law
from lineage.audit.verdicts import Audit, Verdict
from lineage.audit.words import VerdictKind

__all__ = ["Bases", "BasisGap"]


class BasisGap(Struct, frozen=True):
    """What is amiss with one law of one agreement on which a flow rests."""

    flow: str
    agreement: str
    law: str
    kind: BasisGapKind
    missing: tuple[str, ...]
    """The required terms that are not stated, in the order of the law. Empty: the law is not named."""

    @property
    def place(self) -> str:
        """Where it stands: by flow, agreement and law."""
        return f"{self.flow} {self.agreement} {self.law} {self.kind}"


class Bases:
    """Legal bases as of a day."""

    def __init__(self, audit: Audit) -> None:
        self._audit = audit
        records = audit.asof.facts.records
        self._laws = {each.id: each for each in records.laws}
        self._stated = {each.agreement: frozenset(map(_folded, each.stated_terms)) for each in records.texts}
        self._family: dict[str, frozenset[str]] = {}

    def gaps(self, flows: Iterable[tuple[Flow, Verdict]]) -> list[BasisGap]:
        """What is amiss with the bases of flows, given their verdicts; in order."""
        found = (gap for flow, verdict in flows for gap in self._of_flow(flow, verdict))
        return sorted(found, key=lambda each: each.place)

    def _of_flow(self, flow: Flow, verdict: Verdict) -> Iterator[BasisGap]:
        if verdict.kind is VerdictKind.NOT_NEEDED:
            return
        papers = self._audit.papers.all
        for agreement in sorted({*verdict.by, *flow.claims} & papers.keys()):
            rests_on = papers[agreement].agreement.rests_on
            for law in sorted({*rests_on} & self._laws.keys()):
                missing = self._missing(self._laws[law], agreement)
                if missing:
                    yield BasisGap(flow.id, agreement, law, BasisGapKind.TERMS_NOT_STATED, missing)
            for law in sorted(self._protecting(flow) & self._laws.keys()):
                if self._related(law).isdisjoint(rests_on):
                    yield BasisGap(flow.id, agreement, law, BasisGapKind.LAW_NOT_NAMED, ())

    def _missing(self, law: Law, agreement: str) -> tuple[str, ...]:
        stated = self._stated.get(agreement, frozenset())
        return tuple(each for each in law.required_terms if _folded(each) not in stated)

    def _protecting(self, flow: Flow) -> set[str]:
        """The laws that protect what flows."""
        asof = self._audit.asof
        cells = asof.flowing(flow)
        said = [each for dataset in {cell[0] for cell in cells} for each in asof.said(dataset)]
        said += [each for cell in cells if cell[1] is not None for each in asof.determined(cell)]
        return {law for each in said for law in each.laws}

    def _related(self, law: str) -> frozenset[str]:
        """The law, the texts that it is a section of, and its own sections."""
        found = self._family.get(law)
        if found is None:
            below = (each for each in self._laws if law in self._above(each))
            found = self._family[law] = frozenset((*self._above(law), *below))
        return found

    def _above(self, law: str) -> list[str]:
        """The law, then the text that it is a section of, and so on."""
        found = [law]
        for each in found:
            above = self._laws[each].part_of if each in self._laws else None
            if above is not None and above not in found:
                found.append(above)
        return found


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
