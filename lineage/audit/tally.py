"""What many flows are owed directly: who covers, and the codes of those that do not, without who was tried.

The same clauses as in ``coverage``, which judges whatever is not settled here. Most agreements about a flow fail by who
its parties are, or since no term of theirs has to do with the source; that is known of two agencies, and is worked out
once for each two. Codes are kept as bits.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from msgspec import Struct

from lineage.audit.coverage import Asked, Coverage
from lineage.audit.papers import Paper, Papers
from lineage.audit.words import Reason

__all__ = ["BIT", "Share", "Tally", "codes_of"]

BIT = {code: 1 << place for place, code in enumerate(Reason)}
"""Each code as a set of bits."""
_PARTY, _RECIPIENT = BIT[Reason.PARTY_MISSING], BIT[Reason.RECIPIENT_NOT_PERMITTED]
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


_EMPTY = _Pool({}, 0, settled=True)


@lru_cache(maxsize=4096)
def codes_of(codes: int) -> tuple[Reason, ...]:
    """The codes that bits stand for, sorted by name (9.2 E9)."""
    return tuple(sorted(code for code, bit in BIT.items() if codes & bit))


class Tally:
    """Direct shares as of a day."""

    def __init__(self, coverage: Coverage, papers: Papers) -> None:
        self._coverage = coverage
        self._papers = papers
        self._pools: dict[tuple[str | None, str | None], _Pool] = {}

    def share(self, asked: Asked, about: frozenset[str]) -> Share:
        """What is owed directly.

        ``about`` are the agreements that have to do with the data: a term of any time names it, or a run under them wrote
        it; they and those between the two agencies, and those claimed, are tried (9.2 E9).
        """
        pool = self._pool(asked)
        plain = len(asked.flowing.datasets) == 1
        codes = pool.codes if plain and pool.settled and about.isdisjoint(pool.papers) else 0
        exact: set[str] = set()
        if not codes:
            for id_, code in pool.papers.items():
                if code and plain and id_ not in about:
                    codes |= code
                else:
                    exact.add(id_)
        if about:
            codes |= self._outside(asked, about, pool, exact)
        if asked.claims:
            exact.update(each for each in asked.claims if each in self._papers.all)
        by: list[str] = []
        for id_ in sorted(exact):
            failure = self._coverage.first(self._papers.all[id_], asked)
            if failure is None:
                by.append(id_)
            else:
                codes |= BIT[failure.code]
        return Share(tuple(by), 0) if by else Share((), codes or BIT[Reason.NO_AGREEMENT])

    def _outside(self, asked: Asked, about: frozenset[str], pool: _Pool, exact: set[str]) -> int:
        """The codes of agreements about the data that do not list both agencies; what is not settled goes to ``exact``."""
        codes = 0
        giver = asked.provider
        for id_ in about:
            if id_ in pool.papers:
                continue
            paper = self._papers.all[id_]
            if paper.standing is not None:
                codes |= BIT[paper.standing]
            elif paper.unbound or giver is None or asked.recipient is None:
                exact.add(id_)
            elif giver in paper.gives:
                codes |= _RECIPIENT
            elif giver in paper.gets:
                exact.add(id_)
            else:
                codes |= _PARTY
        return codes

    def _pool(self, asked: Asked) -> _Pool:
        key = asked.provider, asked.recipient
        found = self._pools.get(key)
        if found is None:
            ids = self._papers.index.between(*key)
            codes = {id_: self._dry(self._papers.all[id_], asked) for id_ in sorted(ids)}
            together = 0
            for code in codes.values():
                together |= code
            found = _Pool(codes, together, _EXACT not in codes.values()) if ids else _EMPTY
            self._pools[key] = found
        return found

    def _dry(self, paper: Paper, asked: Asked) -> int:
        """The code of an agreement that has nothing to do with the source; none where it depends on the source."""
        code = paper.inactive(asked.provider, asked.recipient)
        if code is not None:
            return BIT[code]
        signed = bool(paper.gives[asked.provider] and paper.receives[asked.recipient])
        if not signed and asked.provider in paper.gets:
            return _EXACT
        return BIT[Reason.DATASET_OUT_OF_SCOPE if signed else Reason.UNSIGNED]
