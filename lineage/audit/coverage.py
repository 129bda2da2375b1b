"""Does an agreement cover a flow: the seven clauses of domain 9, each judged on what those before left (9.2 E3, F4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from msgspec import Struct

from lineage.audit.asof import AsOf
from lineage.audit.classes import Flowing
from lineage.audit.facts import CoverageTerm
from lineage.audit.numbered import Numbered
from lineage.audit.papers import Paper, fulfilled
from lineage.audit.scope import Names, NamingTerm, Scope, Wanted
from lineage.audit.words import Known, Reason

__all__ = ["Asked", "Coverage", "Failure"]


class Failure(Struct, frozen=True, order=True):
    """A clause that fails, with its first code (9.2 D1)."""

    clause: int
    code: Reason


class Asked(Struct, frozen=True, gc=False):
    """What a flow asks of agreements."""

    flowing: Flowing
    """The flowing columns (9.2 A12)."""
    provider: str | None
    recipient: str | None
    purpose: str | None
    claims: tuple[str, ...]
    restricted: Known
    """Whether what crosses is stricter than PUBLIC (9.2 B1, B3, E6)."""
    origins: int
    """The agencies whose data is in the source, of ``Origins.numbered`` (9.2 C3)."""
    owed: int
    """Those of them to which cover is owed besides the direct one (9.2 C4)."""

    @property
    def needs(self) -> Known:
        """Whether it needs cover: crosses and restricted, in three values (9.2 B1)."""
        if self.provider is None or self.recipient is None:
            return min(Known.UNKNOWN, self.restricted)
        return Known.NO if self.provider == self.recipient else self.restricted


class Coverage:
    """The clauses, as of a day."""

    def __init__(self, asof: AsOf, scope: Scope, agencies: Numbered[str | None], day: date) -> None:
        """``agencies`` are the numbers of ``Origins``."""
        self._asof = asof
        self._agencies = agencies
        self._scope = scope
        self._day = day

    def failures(self, paper: Paper, asked: Asked, origin: str | None = None) -> Iterator[Failure]:
        """Every clause that fails, in order; none: it covers the flow, or permits it onward for an origin agency."""
        code = paper.inactive(asked.provider, asked.recipient, origin)
        if code is not None:
            yield Failure(1, code)
        code = self._parties(paper, asked) if origin is None else self._onward_parties(paper, asked, origin)
        if code is not None:
            yield Failure(2, code)
        narrowing = _Narrowing(self._scope, paper, self._scope.wanted(paper, asked.flowing, origin))
        code = self._data(narrowing, paper, asked)
        if code is not None:
            yield Failure(3, code)
        code = self._purpose(narrowing, paper, asked)
        if code is not None:
            yield Failure(4, code)
        if asked.restricted is Known.YES and not paper.agreement.rests_on:
            yield Failure(5, Reason.NO_LEGAL_BASIS)
        if paper.asks_approval and not _approves(paper, asked, origin, self._agencies):
            yield Failure(6, Reason.APPROVAL_MISSING)
        if not narrowing.keep(self._conditions_met) or not paper.preconditions_met:
            yield Failure(7, Reason.PRECONDITION_UNMET)

    def first(self, paper: Paper, asked: Asked, origin: str | None = None) -> Failure | None:
        """The first clause that fails, which gives the reason."""
        return next(self.failures(paper, asked, origin), None)

    def _parties(self, paper: Paper, asked: Asked) -> Reason | None:
        """Clause 2 (9.2 E1, E2)."""
        provider = paper.gives.get(asked.provider)
        if not provider and asked.provider in paper.gets and self._scope.redisclosed(paper, asked.flowing.datasets):
            provider = paper.gets[asked.provider]
        if provider is None or asked.provider is None:
            return Reason.PARTY_MISSING
        recipient = paper.receives.get(asked.recipient)
        if recipient is None or asked.recipient is None:
            return Reason.RECIPIENT_NOT_PERMITTED
        return None if provider and recipient else Reason.UNSIGNED

    def _onward_parties(self, paper: Paper, asked: Asked, origin: str) -> Reason | None:
        """Clause 2, onward (9.2 C4)."""
        signed = paper.gives.get(origin), paper.parties.get(asked.provider), paper.receives.get(asked.recipient)
        if signed[0] is None or signed[1] is None or asked.provider is None:
            return Reason.PARTY_MISSING
        if signed[2] is None or asked.recipient is None:
            return Reason.RECIPIENT_NOT_PERMITTED
        if not all(signed):
            return Reason.UNSIGNED
        return None if self._scope.redisclosed(paper, asked.flowing.datasets) else Reason.REDISCLOSURE_NOT_PERMITTED

    def _data(self, narrowing: _Narrowing, paper: Paper, asked: Asked) -> Reason | None:
        """Clause 3 (9.2 E1, E3)."""
        if narrowing.outside:
            return Reason.DATASET_OUT_OF_SCOPE

        def received(term: CoverageTerm) -> bool:
            return asked.recipient in paper.recipients.get(term.id, (asked.recipient,))

        held = narrowing.keep(received)
        if narrowing.unnamed:
            return Reason.RECIPIENT_NOT_PERMITTED
        return None if held else Reason.COLUMN_OUT_OF_SCOPE

    def _purpose(self, narrowing: _Narrowing, paper: Paper, asked: Asked) -> Reason | None:
        """Clause 4 (9.2 E5)."""
        if asked.purpose is None:
            return Reason.PURPOSE_UNKNOWN
        wider = self._asof.wider.get(asked.purpose, frozenset((asked.purpose,)))
        by_agreement = not paper.permits or not wider.isdisjoint(paper.permits)

        def serves(term: CoverageTerm) -> bool:
            return not wider.isdisjoint(term.purposes) if term.purposes else bool(paper.permits)

        held = narrowing.keep(serves)
        permitted = by_agreement and wider.isdisjoint(paper.prohibits)
        return None if held and permitted else Reason.PURPOSE_NOT_PERMITTED

    def _conditions_met(self, term: CoverageTerm) -> bool:
        """Clause 7 (9.2 E8)."""
        return all(fulfilled(each, self._day) for each in term.conditions)


class _Narrowing:
    """The terms that are left, and the columns that they hold (9.2 E3)."""

    def __init__(self, scope: Scope, paper: Paper, wanted: Wanted | None) -> None:
        self.outside = wanted is None
        self.unnamed = False
        """Whether of some dataset no term was left."""
        self._left = [(names, scope.naming(paper, dataset)) for dataset, names in (wanted or {}).items()]

    def keep(self, suits: Callable[[CoverageTerm], bool]) -> bool:
        """Keep the terms that suit; whether they together hold all that those before held."""
        whole = True
        left: list[tuple[Names, tuple[NamingTerm, ...]]] = []
        for names, terms in self._left:
            kept = tuple([each for each in terms if suits(each.term)])
            self.unnamed |= not kept
            held = names
            columns = [each.columns for each in kept if each.columns is not None]
            if len(columns) == len(kept):
                held = names.intersection(frozenset[str | None]().union(*columns))
                whole &= len(held) == len(names)
            left.append((held, kept))
        self._left = left
        return whole


def _approves(paper: Paper, asked: Asked, origin: str | None, agencies: Numbered[str | None]) -> bool:
    """Clause 6 (9.2 C4, E7)."""
    if origin is not None:
        return origin in paper.approved
    owed = asked.origins if asked.recipient is None else asked.origins & ~agencies.bit(asked.recipient)
    return not owed & ~agencies.bits(paper.approved)
