"""What many flows are owed onward: which agencies whose data is passed on permit it, and the codes of all others (9.2 C4).

The same clauses as in ``coverage``, which judges whatever is not settled here. Hundreds of agencies may have data in one
source. So nothing is asked agency by agency: agencies are sets of bits, as are the agreements that name data of theirs
(``About``), and a code is there if some set is not empty.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from msgspec import Struct

from lineage.audit.about import About
from lineage.audit.coverage import Asked, Coverage
from lineage.audit.numbered import Numbered
from lineage.audit.papers import Paper, Papers
from lineage.audit.tally import BIT
from lineage.audit.words import Reason

__all__ = ["Onward", "Pairs", "Permits"]

_PARENT, _PARTY = BIT[Reason.PARENT_NOT_ACTIVE], BIT[Reason.PARTY_MISSING]
_RECIPIENT, _UNSIGNED = BIT[Reason.RECIPIENT_NOT_PERMITTED], BIT[Reason.UNSIGNED]


class Permits(Struct, frozen=True, gc=False):
    """Who permits that data is passed on, and why others do not."""

    by: dict[str, tuple[str, ...]]
    """The agreements of each agency that permits it."""
    codes: int
    """The codes of those that do not, as bits. None: there are no others."""


_NONE: dict[str, tuple[str, ...]] = {}
_ALL = Permits(_NONE, 0)


class _Stance(Struct, frozen=True, gc=False):
    """Who an agreement lists, as sets of bits."""

    paper: Paper
    code: int
    """Why it is not active, as bits. None: it is, but for the agencies in ``unbound``."""
    gives: int
    parties: int
    receives: int
    unbound: int


class _Open(Struct, frozen=True, gc=False):
    """An agreement that has an agency, the sender and the recipient as parties: it depends on the data."""

    paper: Paper
    agency: str
    bit: int
    """The agency as a set of bits."""
    pair: int
    """The agreement with the agency, of the pairs of ``About``."""


class _Between(Struct, frozen=True, gc=False):
    """What agreements say of what goes from a sender to a recipient."""

    codes: tuple[tuple[int, int], ...]
    """Codes, each with the agencies that it is said to, as bits."""
    open: Mapping[str | None, list[_Open]]
    """By agency."""
    opens: int
    """The agencies of ``open``, as bits."""
    givers: int
    """All agencies that are a party to any as PROVIDER or HUB."""


class Pairs:
    """The pairs of agreements and agencies of ``About`` as of a day, as sets of bits."""

    def __init__(self) -> None:
        self.known = 0
        """How many have been added."""
        self.inactive: dict[int, int] = defaultdict(int)
        """By the code of their agreements, as bits."""
        self.active = 0
        self.unbound: dict[str | None, int] = defaultdict(int)
        """Those that are not active for a sender or recipient."""
        self.passing: dict[str | None, int] = defaultdict(int)
        """Those of which the agency gives, by each party: the senders."""
        self.receiving: dict[str | None, int] = defaultdict(int)
        """By each party that receives."""

    def add(self, paper: Paper, agency: str) -> None:
        """Add the next pair."""
        bit = 1 << self.known
        self.known += 1
        code = paper.inactive(agency)
        if code is not None:
            self.inactive[BIT[code]] |= bit
            return
        self.active |= bit
        of_agencies: list[tuple[dict[str | None, int], Iterable[str | None]]] = [
            (self.unbound, paper.unbound),
            (self.passing, paper.parties if agency in paper.gives else ()),
            (self.receiving, paper.receives),
        ]
        for pairs, agencies in of_agencies:
            for each in agencies:
                if each is not None:
                    pairs[each] |= bit

    def codes(self, pairs: int, sender: str | None, recipient: str | None) -> int:
        """The codes of some pairs, but for those that have all three as parties."""
        codes = 0
        for code, inactive in self.inactive.items():
            if pairs & inactive:
                codes |= code
        active = pairs & self.active
        bound = active & ~(self.unbound.get(sender, 0) | self.unbound.get(recipient, 0))
        giving = bound & self.passing.get(sender, 0)
        codes |= _PARENT if bound != active else 0
        codes |= _PARTY if giving != bound else 0
        codes |= _RECIPIENT if giving & ~self.receiving.get(recipient, 0) else 0
        return codes


class Onward:
    """Onward shares as of a day."""

    def __init__(self, coverage: Coverage, papers: Papers, about: About, agencies: Numbered[str | None]) -> None:
        """``agencies`` are the numbers of ``Origins``."""
        self._coverage = coverage
        self._papers = papers
        self._about = about
        self._agencies = agencies
        self._stances: dict[str, _Stance] = {}
        self._between: dict[tuple[str | None, str | None], _Between] = {}
        self._pairs = Pairs()
        self._nobody = agencies.bit(None)

    def permits(self, asked: Asked, about: frozenset[str]) -> Permits:
        """What is owed to known agencies. ``about`` are the agreements that have to do with the source (9.2 E9)."""
        owed = asked.owed & ~self._nobody
        if not owed:
            return _ALL
        named = self._about.origins(asked.flowing.datasets)
        way = self._on_the_way(asked)
        said, tried = [way], about
        if asked.claims:
            tried = about.union(each for each in asked.claims if each in self._papers.all)
            said.append(self._said(tried - self._papers.index.with_terms, asked.provider, asked.recipient))
        codes = [each for some in said for each in some.codes]
        by: dict[str, list[str]] = {}
        for each in [one for some in said if some.opens & owed for one in self._opened(some, owed)]:
            code = self._code(each, asked, named, tried)
            if code:
                codes.append((code, each.bit))
            else:
                by.setdefault(each.agency, []).append(each.paper.id)
        left = owed & ~self._agencies.bits(by) if by else owed
        found = self._codes_of_source(asked, left, tried) if tried and left else 0
        if named and left:
            found |= self._codes_of_origins(asked, by, named)
        for code, agencies in codes:
            if agencies & left:
                found |= code
        if not tried and left & ~way.givers & ~self._about.agencies(asked.flowing.datasets):
            found |= BIT[Reason.NO_AGREEMENT]
        return Permits({agency: tuple(sorted(each)) for agency, each in by.items()} if by else _NONE, found)

    def _opened(self, said: _Between, owed: int) -> Iterator[_Open]:
        return chain.from_iterable(said.open[each] for each in self._agencies.things(said.opens & owed))

    def _code(self, each: _Open, asked: Asked, named: int, tried: frozenset[str]) -> int:
        """The code of an agreement that has all three as parties; none: it permits it."""
        settled = (
            each.paper.agreement.redisclosure.all and len(asked.flowing.datasets) == 1 and each.paper.id not in tried
        )
        if settled and (not each.pair & named or each.pair & self._about.lacking(asked.flowing.datasets)):
            return BIT[Reason.DATASET_OUT_OF_SCOPE]
        failure = self._coverage.first(each.paper, asked, each.agency)
        return BIT[failure.code] if failure else 0

    def _codes_of_source(self, asked: Asked, left: int, tried: frozenset[str]) -> int:
        """The codes of agreements that are tried for every agency, but for those that have all three as parties."""
        sender, recipient = self._agencies.bit(asked.provider), self._agencies.bit(asked.recipient)
        stances = self._stances
        codes = 0
        for id_ in tried:
            stance = stances.get(id_) or self._stance(id_)
            if stance.code:
                codes |= stance.code
                continue
            bound = 0 if stance.unbound & (sender | recipient) else left & ~stance.unbound
            giving = bound & stance.gives if sender & stance.parties else 0
            codes |= _PARENT if bound != left else 0
            codes |= _PARTY if giving != bound else 0
            codes |= _RECIPIENT if giving and not recipient & stance.receives else 0
        return codes

    def _codes_of_origins(self, asked: Asked, but: Iterable[str], named: int) -> int:
        """The codes of agreements that name data of an agency in the source, but for those that have all three as parties."""
        if self._pairs.known < len(self._about.pairs):
            for agreement, agency in self._about.pairs.after(self._pairs.known):
                self._pairs.add(self._papers.all[agreement], agency)
        of_agency = self._about.of_agency
        for each in (asked.provider, asked.recipient, *but):
            named &= ~of_agency.get(each, 0)
        return self._pairs.codes(named, asked.provider, asked.recipient) if named else 0

    def _on_the_way(self, asked: Asked) -> _Between:
        """What the agreements with terms say that have the recipient as one."""
        key = asked.provider, asked.recipient
        found = self._between.get(key)
        if found is None:
            ids = () if asked.recipient is None else self._papers.index.to.get(asked.recipient, ())
            found = self._between[key] = self._said(ids, *key)
        return found

    def _said(self, ids: Iterable[str], provider: str | None, recipient: str | None) -> _Between:
        """What some agreements say, whatever the data is."""
        sender, receiver = self._agencies.bit(provider), self._agencies.bit(recipient)
        codes: dict[int, int] = defaultdict(int)
        open_: dict[str | None, list[_Open]] = defaultdict(list)
        givers = 0
        for stance in map(self._stance, ids):
            givers |= stance.gives
            if stance.code:
                codes[stance.code] |= stance.gives
                continue
            bound = 0 if stance.unbound & (sender | receiver) else stance.gives & ~stance.unbound
            codes[_PARENT] |= stance.gives & ~bound
            if not sender & stance.parties:
                codes[_PARTY] |= bound
            elif not receiver & stance.receives:
                codes[_RECIPIENT] |= bound
            else:
                for agency in self._agencies.things(bound):
                    bit = self._agencies.bit(agency)
                    code = _code_of_parties(stance.paper, agency, provider, recipient)
                    if code:
                        codes[code] |= bit
                    elif agency is not None:
                        pair = self._about.pairs.bit((stance.paper.id, agency))
                        open_[agency].append(_Open(stance.paper, agency, bit, pair))
        told = tuple((code, agencies) for code, agencies in codes.items() if agencies)
        return _Between(told, open_, self._agencies.bits(open_), givers)

    def _stance(self, id_: str) -> _Stance:
        found = self._stances.get(id_)
        if found is None:
            paper = self._papers.all[id_]
            code = 0 if paper.standing is None else BIT[paper.standing]
            listed = paper.gives, paper.parties, paper.receives, paper.unbound
            bits = [self._agencies.bits(agency for agency in each if agency is not None) for each in listed]
            found = self._stances[id_] = _Stance(paper, code, *bits)
        return found


def _code_of_parties(paper: Paper, agency: str | None, sender: str | None, recipient: str | None) -> int:
    """The last codes of clause 2 that depend on no data, as bits; none: there is none."""
    if not (paper.gives[agency] and paper.parties[sender] and paper.receives[recipient]):
        return _UNSIGNED
    permitted = paper.agreement.redisclosure
    return 0 if permitted.all or permitted.names else BIT[Reason.REDISCLOSURE_NOT_PERMITTED]
