"""The verdicts of many flows at once: who covers, and the codes of those that do not, without who was tried.

The same clauses as in ``coverage``, which judges whatever is not settled here. Most agreements about a flow fail by who
its parties are, or since no term of theirs has to do with the source; that is known of two agencies, or of a dataset, and
is worked out once for each. Codes are kept as bits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from msgspec import Struct

from lineage.audit.coverage import Asked, Coverage
from lineage.audit.papers import Paper, Papers
from lineage.audit.words import Reason

__all__ = ["Share", "Tally", "codes_of"]

_BIT = {code: 1 << place for place, code in enumerate(Reason)}
_PARTY, _RECIPIENT = _BIT[Reason.PARTY_MISSING], _BIT[Reason.RECIPIENT_NOT_PERMITTED]
_NONE = _BIT[Reason.NO_AGREEMENT]
_EXACT = 0
"""Not settled by the parties alone."""


class Share(Struct, frozen=True, gc=False):
    """What is owed to one: the agreements that give it, and, where none does, the codes as bits."""

    by: tuple[str, ...]
    codes: int


class _Pool(Struct, frozen=True, gc=False):
    """The agreements that list two agencies as giver and receiver, each with its code for data it has nothing to do with."""

    papers: Mapping[str, int]
    codes: int
    """All codes together."""
    settled: bool


class _Kin(Struct, frozen=True, gc=False):
    """Some agreements together."""

    codes: int
    """Of those that are not active, their codes; of others, that a party is missing."""
    givers: frozenset[str | None]
    """Who is a party as PROVIDER or HUB to any that is active."""
    parties: frozenset[str | None]
    settled: bool


_EMPTY = _Pool({}, 0, settled=True)


@lru_cache(maxsize=4096)
def codes_of(codes: int) -> tuple[Reason, ...]:
    """The codes that bits stand for, sorted by name (9.2 E9)."""
    return tuple(sorted(code for code, bit in _BIT.items() if codes & bit))


class Tally:
    """Shares as of a day."""

    def __init__(self, coverage: Coverage, papers: Papers) -> None:
        self._coverage = coverage
        self._papers = papers
        self._kins: dict[frozenset[str], _Kin] = {}
        self._pools: dict[tuple[str | None, str | None, str | None], _Pool] = {}

    def without_parties(self, asked: Asked, origin: str, about: Iterable[frozenset[str]]) -> int:
        """The codes of an origin agency where no agreement tried has it and the sender as parties; 0: not so settled."""
        if asked.provider is None or asked.recipient is None or self._papers.index.between(origin, asked.recipient):
            return 0
        codes = 0
        for ids in about:
            kin = self._kin(ids)
            if not kin.settled or (origin in kin.givers and asked.provider in kin.parties):
                return 0
            codes |= kin.codes
        return codes or _NONE

    def _kin(self, ids: frozenset[str]) -> _Kin:
        found = self._kins.get(ids)
        if found is None:
            papers = [self._papers.all[each] for each in ids]
            active = [each for each in papers if each.standing is None]
            codes = _PARTY if active else 0
            for each in papers:
                codes |= 0 if each.standing is None else _BIT[each.standing]
            found = self._kins[ids] = _Kin(
                codes,
                frozenset(agency for each in active for agency in each.gives),
                frozenset(agency for each in active for agency in each.parties),
                all(each.settled for each in papers),
            )
        return found

    def share(self, asked: Asked, origin: str | None, about: frozenset[str], claims: Iterable[str]) -> Share:
        """What is owed directly, or to an origin agency.

        ``about`` are the agreements that have to do with the data: a term of any time names it, or a run under them wrote
        it; they and those between the two agencies, and those claimed, are tried (9.2 E9).
        """
        pool = self._pool(asked, origin)
        plain = len(asked.flowing) == 1
        codes = pool.codes if plain and pool.settled and about.isdisjoint(pool.papers) else 0
        exact: set[str] = set()
        if not codes:
            for id_, code in pool.papers.items():
                if code and plain and id_ not in about:
                    codes |= code
                else:
                    exact.add(id_)
        codes |= self._outside(asked, origin, about, pool, exact)
        exact.update(each for each in claims if each in self._papers.all)
        by: list[str] = []
        for id_ in exact:
            failure = self._coverage.first(self._papers.all[id_], asked, origin)
            if failure is None:
                by.append(id_)
            else:
                codes |= _BIT[failure.code]
        return Share(tuple(sorted(by)), 0) if by else Share((), codes or _NONE)

    def _outside(self, asked: Asked, origin: str | None, about: frozenset[str], pool: _Pool, exact: set[str]) -> int:
        """The codes of agreements about the data that do not list both agencies; what is not settled goes to ``exact``."""
        codes = 0
        giver, sender, receiver = origin or asked.provider, asked.provider, asked.recipient
        for id_ in about:
            if id_ in pool.papers:
                continue
            paper = self._papers.all[id_]
            if not paper.settled or None in {giver, sender, receiver}:
                exact.add(id_)
            elif paper.standing is not None:
                codes |= _BIT[paper.standing]
            elif origin is None:
                if giver in paper.gives:
                    codes |= _RECIPIENT
                elif giver in paper.gets:
                    exact.add(id_)
                else:
                    codes |= _PARTY
            else:
                codes |= _RECIPIENT if giver in paper.gives and sender in paper.parties else _PARTY
        return codes

    def _pool(self, asked: Asked, origin: str | None) -> _Pool:
        ids = self._papers.index.between(origin or asked.provider, asked.recipient)
        if not ids:
            return _EMPTY
        key = origin, asked.provider, asked.recipient
        found = self._pools.get(key)
        if found is None:
            codes = {id_: self._dry(self._papers.all[id_], asked, origin) for id_ in sorted(ids)}
            together = 0
            for code in codes.values():
                together |= code
            found = self._pools[key] = _Pool(codes, together, _EXACT not in codes.values())
        return found

    def _dry(self, paper: Paper, asked: Asked, origin: str | None) -> int:
        """The code of an agreement that has nothing to do with the source; none where it depends on the source."""
        code = paper.inactive(asked.provider, asked.recipient, origin)
        if code is not None:
            return _BIT[code]
        if origin is None:
            signed = bool(paper.gives[asked.provider] and paper.receives[asked.recipient])
            if not signed and asked.provider in paper.gets:
                return _EXACT
            return _BIT[Reason.DATASET_OUT_OF_SCOPE if signed else Reason.UNSIGNED]
        sender = paper.parties.get(asked.provider)
        if sender is None or asked.provider is None:
            return _PARTY
        if not (sender and paper.gives[origin] and paper.receives[asked.recipient]):
            return _BIT[Reason.UNSIGNED]
        permitted = paper.agreement.redisclosure
        if permitted.all:
            return _BIT[Reason.DATASET_OUT_OF_SCOPE]
        return _EXACT if permitted.names else _BIT[Reason.REDISCLOSURE_NOT_PERMITTED]
