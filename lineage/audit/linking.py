"""By which ways two datasets could be linked, whom to ask, and how long the last such request took (question 19).

There are three ways, the shortest first:

- A dataset that the data of both has reached already, by steps that are not stopped, and where it first came together.
- An agreement of which a term of any time names both datasets: both may go to one of its hubs or, where it has none, of its
  recipients. Each is judged as a new transfer of all its columns there (9.2 F4), for the purpose asked about or, unless
  one is, for the one that it permits and that lacks the least.
- An enterprise agreement that lists a hub and at least one of the two agencies: a request under it would do, once those whose
  data it is have signed it; and who wants the result, where it lists them (9.2 D6).

A way is open where nothing is missing. Who is asked: those whose data it is (9.2 C2), who would link, and who operates the
frame. The last such request is the one that was decided last, by the day, of those that asked for both datasets; where
there is none, of those that asked for data of both agencies.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date

from msgspec import Struct

from catalog.model.enums_sharing import AgreementKind, PartyRole
from lineage.audit.condense import reach
from lineage.audit.facts import Flow
from lineage.audit.matches import happened
from lineage.audit.papers import Paper
from lineage.audit.record_words import LinkageRoute
from lineage.audit.records import DataRequest
from lineage.audit.verdicts import Audit, Part
from lineage.audit.words import Reason, VerdictKind, Why

__all__ = ["LastRequest", "Linking", "Route", "Side"]

_ORDER = tuple(LinkageRoute)


class Side(Struct, frozen=True):
    """One of the two datasets, and what an agreement lacks to let it go to who links."""

    dataset: str
    reasons: tuple[Reason, ...] = ()
    """Every clause that fails, in the order of the alphabet."""
    why: tuple[Why, ...] = ()
    """What is not known."""


class Route(Struct, frozen=True):
    """A way by which two datasets could be linked."""

    kind: LinkageRoute
    agreement: str | None
    dataset: str | None
    """In which both are already."""
    place: str | None
    """The agency that links, or that holds that dataset. None: not known."""
    purpose: str | None = None
    sides: tuple[Side, ...] = ()
    reasons: tuple[Reason, ...] = ()
    """What the agreement lacks besides."""
    unsigned: tuple[str | None, ...] = ()
    """Who is to sign it first; None: one that is not known."""
    ask: tuple[str, ...] = ()
    """Whom to ask: whose data it is, who links, who operates the frame; each once."""

    @property
    def is_open(self) -> bool:
        """Whether nothing is missing."""
        missing = any(each.reasons or each.why for each in self.sides)
        return not (missing or self.reasons or self.unsigned)

    @property
    def order(self) -> str:
        """Where it stands: open ones first, then by kind, then by ids."""
        ids = f"{self.agreement or ''} {self.dataset or ''} {self.place or '~'}"
        return f"{int(not self.is_open)} {_ORDER.index(self.kind)} {ids}"


class LastRequest(Struct, frozen=True):
    """The last such request that was decided; days from its receipt are None where one of the two is not known."""

    request: str | None = None
    """None: there is none."""
    for_both: bool = False
    """Whether it asked for both datasets; else for data of both agencies."""
    decided_after: int | None = None
    agreed_after: int | None = None
    matched_after: int | None = None
    passed_on_after: int | None = None
    """Until the matrix of ids was passed on."""


class Linking:
    """Ways to link two datasets, as of a day, for a recipient and a purpose where they are told."""

    def __init__(
        self, audit: Audit, datasets: tuple[str, str], recipient: str | None = None, purpose: str | None = None
    ) -> None:
        self._audit = audit
        self._asof = audit.asof
        self._both = tuple(map(audit.asof.dataset, datasets))
        self._owners = tuple(map(audit.asof.owner, self._both))
        self._recipient = None if recipient is None else audit.asof.agency_of(recipient)
        self._purpose = purpose

    def routes(self) -> list[Route]:
        """All ways, in order; none where the catalog does not hold both."""
        if not all(each in self._asof.datasets for each in self._both):
            return []
        found = (*self._linked(), *self._under_agreements(), *self._under_frames())
        return sorted(found, key=lambda each: each.order)

    def precedents(self) -> tuple[str, ...]:
        """The linkage runs that had matched both by the day, by id."""
        day = self._asof.day
        runs = (each for each in happened(self._asof) if each.matched_on is not None and each.matched_on <= day)
        return tuple(each.id for each in runs if self._names_both(each.datasets))

    def _names_both(self, datasets: Iterable[str]) -> bool:
        named = frozenset(datasets)
        return all(not named.isdisjoint(self._asof.names(each)) for each in self._both)

    def _linked(self) -> Iterator[Route]:
        """Where the data of both first came together."""
        after: dict[str, set[str]] = defaultdict(set)
        before: dict[str, set[str]] = defaultdict(set)
        for each in self._audit.classes.passages:
            after[each.source].add(each.target)
            before[each.target].add(each.source)
        reached = [reach((each,), after) for each in self._both]
        both, either = reached[0] & reached[1], reached[0] | reached[1]
        for dataset in both:
            if dataset in self._both or any(each in either - both for each in before[dataset]):
                holder = self._asof.holder(dataset)
                ask = self._asked(holder)
                yield Route(LinkageRoute.LINKED, None, dataset, holder, ask=ask)

    def _under_agreements(self) -> Iterator[Route]:
        naming = self._audit.papers.index.naming
        found = [
            frozenset[str]().union(*(naming.get(name, ()) for name in self._asof.names(each))) for each in self._both
        ]
        for id_ in sorted(found[0] & found[1]):
            paper = self._audit.papers.all[id_]
            for place in self._places(paper):
                yield self._under(paper, place)

    def _places(self, paper: Paper) -> list[str]:
        """Who may link under an agreement."""
        hubs = self._parties(paper, PartyRole.HUB) or self._parties(paper, PartyRole.RECIPIENT)
        wanted = {self._recipient} if self._recipient in paper.receives else set[str | None]()
        return sorted(each for each in {*hubs, *wanted} if each is not None)

    def _under(self, paper: Paper, place: str) -> Route:
        """The best way under an agreement to link in one place."""
        purposes = [self._purpose] if self._purpose is not None else _purposes(paper)
        routes = [self._for(paper, place, each) for each in purposes]
        return min(routes, key=lambda each: sum(len(side.reasons) for side in each.sides))

    def _for(self, paper: Paper, place: str, purpose: str | None) -> Route:
        sides = tuple(self._side(paper, each, place, purpose) for each in self._both)
        barred = self._recipient is not None and self._recipient not in paper.receives
        reasons = (Reason.RECIPIENT_NOT_PERMITTED,) if barred else ()
        ask = self._asked(place, *self._operators(paper))
        return Route(LinkageRoute.AGREEMENT, paper.id, None, place, purpose, sides, reasons, ask=ask)

    def _side(self, paper: Paper, dataset: str, place: str, purpose: str | None) -> Side:
        new = Flow("", dataset, "", purpose=purpose, recipient=place)
        verdict = self._audit.verdict(new)
        reasons = {code for part in verdict.parts for code in _codes(part, paper)}
        return Side(dataset, tuple(sorted(reasons)), verdict.why)

    def _under_frames(self) -> Iterator[Route]:
        for paper in self._audit.papers.all.values():
            hubs = [each for each in self._parties(paper, PartyRole.HUB) if paper.parties[each]]
            frame = paper.agreement.kind is AgreementKind.ENTERPRISE_MOU
            if frame and any(each in paper.parties for each in self._owners if each is not None):
                for hub in hubs:
                    reasons = () if paper.standing is None else (paper.standing,)
                    ask = self._asked(hub, *self._parties(paper, PartyRole.OPERATOR))
                    yield Route(
                        LinkageRoute.FRAME,
                        paper.id,
                        None,
                        hub,
                        reasons=reasons,
                        unsigned=self._unsigned(paper),
                        ask=ask,
                    )

    def _unsigned(self, paper: Paper) -> tuple[str | None, ...]:
        missing = {each for each in self._owners if each is None or not paper.parties.get(each)}
        if self._recipient is not None and not paper.parties.get(self._recipient, True):
            missing.add(self._recipient)
        return tuple(sorted(missing, key=lambda each: (each is None, each or "")))

    def _parties(self, paper: Paper, role: PartyRole) -> list[str]:
        found = {self._asof.agency_of(each.party) for each in paper.agreement.parties if each.role is role}
        return sorted(each for each in found if each is not None)

    def _operators(self, paper: Paper) -> list[str]:
        return [each for one in (paper, *paper.above) for each in self._parties(one, PartyRole.OPERATOR)]

    def _asked(self, *others: str | None) -> tuple[str, ...]:
        return tuple(dict.fromkeys(each for each in (*self._owners, *others) if each is not None))

    def last_request(self) -> LastRequest:
        """The last such request that was decided by the day."""
        decided = [
            (each.decided_on, each)
            for each in self._asof.facts.records.requests
            if each.decided_on is not None and each.decided_on <= self._asof.day
        ]
        decided.sort(key=lambda pair: (pair[0], pair[1].id))
        requests = [each for _, each in decided]
        for_both = [each for each in requests if self._names_both(each.asks_for)]
        like_it = for_both or [each for each in requests if self._affects_both(each)]
        return self._taken(like_it[-1], for_both=bool(for_both)) if like_it else LastRequest()

    def _affects_both(self, request: DataRequest) -> bool:
        affected = {self._asof.agency_of(each) for each in request.affects}
        affected.update(map(self._asof.owner, request.asks_for))
        return None not in self._owners and affected.issuperset(self._owners)

    def _taken(self, request: DataRequest, *, for_both: bool) -> LastRequest:
        paper = self._audit.papers.all.get(request.led_to or "")
        runs = [each for each in self._asof.facts.records.linkage_runs if each.request == request.id]

        def days(reached: Iterable[date | None]) -> int | None:
            """Days from its receipt to the first of some days that had come; None where the days do not fit."""
            day = min((each for each in reached if each is not None and each <= self._asof.day), default=None)
            if day is None or request.received_on is None or day < request.received_on:
                return None
            return (day - request.received_on).days

        return LastRequest(
            request.id,
            for_both,
            days((request.decided_on,)),
            days((None if paper is None else paper.agreement.executed_on,)),
            days(each.matched_on for each in runs),
            days(each.passed_on for each in runs),
        )


def _purposes(paper: Paper) -> list[str | None]:
    """The purposes that an agreement permits, by id; one that is not known where it names none."""
    found = {*paper.agreement.permits, *(each for term in paper.terms for each in term.purposes)}
    return [*sorted(found)] or [None]


def _codes(part: Part, paper: Paper) -> list[Reason]:
    """Every clause at which the agreement fails; onward another agreement will do."""
    if part.kind is not VerdictKind.UNCOVERED and not part.direct:
        return []
    for each in part.tried:
        if each.agreement == paper.id:
            return [failure.code for failure in each.failures]
    return [Reason.NO_AGREEMENT]
