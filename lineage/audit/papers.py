"""Agreements as of a day: whether one is in force, who has signed, and what it then says (9.2 D, E7, E8)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Mapping
from datetime import date
from typing import Any

from catalog.model.enums_sharing import AgreementKind, AgreementStage, PartyRole
from catalog.values import day_before
from lineage.audit.asof import AsOf, holds
from lineage.audit.condense import condense, reach
from lineage.audit.facts import Agreement, Approval, Condition, CoverageTerm, Party, StageEvent
from lineage.audit.turning import later
from lineage.audit.words import Reason

__all__ = ["Paper", "PaperIndex", "Papers"]
__all__ += ["end_of", "ends_after", "fulfilled", "last_day", "last_days_of", "terms_in_force", "terms_of_any_time"]

_GIVES = frozenset((PartyRole.PROVIDER, PartyRole.HUB))
_RECEIVES = frozenset((PartyRole.RECIPIENT, PartyRole.HUB))
_ENDS = {
    AgreementStage.EXPIRED: Reason.EXPIRED,
    AgreementStage.TERMINATED: Reason.TERMINATED,
    AgreementStage.WITHDRAWN: Reason.TERMINATED,
    AgreementStage.REJECTED: Reason.TERMINATED,
}
_STOPS = frozenset((*_ENDS, AgreementStage.SUSPENDED))
_RESTARTS = frozenset((AgreementStage.EXECUTED, AgreementStage.RENEWED))


class Paper:
    """One agreement as of a day."""

    def __init__(self, asof: AsOf, day: date, agreement: Agreement, approved: frozenset[str | None]) -> None:
        self.id = agreement.id
        self.agreement = agreement
        self.code = _own_code(agreement, day)
        """Why it is not active by itself (clause 1, what stands above left out)."""
        self.broken = False
        """Whether a parent is missing, or a circle stands above (9.2 D7)."""
        self.above: tuple[Paper, ...] = ()
        self.standing = self.code
        """Why it is not active, whoever the agencies are."""
        self.unbound = frozenset[str | None]()
        """The agencies that did not sign what stands above and lists them: for these it is not active (9.2 D6)."""
        self.gives: dict[str | None, bool] = {}
        """Parties as PROVIDER or HUB, with whether they have signed by the day."""
        self.receives: dict[str | None, bool] = {}
        """Parties as RECIPIENT or HUB."""
        self.gets: dict[str | None, bool] = {}
        """Parties as RECIPIENT."""
        self.parties: dict[str | None, bool] = {}
        """Parties in any role."""
        for row in agreement.parties:
            self._list(asof.agency_of(row.party), row, _signed(agreement, row, day))
        self.terms = terms_in_force(agreement, day)
        self.recipients = {
            term.id: frozenset(asof.agency_of(each) for each in term.recipients)
            for term in self.terms
            if term.recipients
        }
        """Of each term in force that names recipients."""
        self.preconditions_met = all(fulfilled(each, day) for each in agreement.preconditions)
        self.approved = approved
        """The agencies that approved one of its requests (9.2 E7)."""
        self.asks_approval = bool(agreement.requests)
        self.prohibits = frozenset(agreement.prohibits)
        self.permits = frozenset(agreement.permits)

    def _list(self, agency: str | None, row: Party, signed: bool) -> None:
        lists = [self.parties]
        lists += [self.gives] if row.role in _GIVES else []
        lists += [self.receives] if row.role in _RECEIVES else []
        lists += [self.gets] if row.role is PartyRole.RECIPIENT else []
        for each in lists:
            each[agency] = each.get(agency, False) or signed

    def __getstate__(self) -> dict[str, Any]:
        """Without what stands above it, which ``Papers`` tell."""
        return {**vars(self), "above": ()}

    def stand_under(self, above: Iterable[Paper], *, broken: bool) -> None:
        """Take account of what stands above (9.2 D6, D7, E5, E7)."""
        self.above = tuple(above)
        self.broken = broken
        self.asks_approval |= any(each.agreement.kind is AgreementKind.ENTERPRISE_MOU for each in self.above)
        self.prohibits = self.prohibits.union(*(each.prohibits for each in self.above))
        self.standing = self.inactive()
        unsigned = (agency for each in self.above for agency, signed in each.parties.items() if not signed)
        self.unbound = frozenset(agency for agency in unsigned if agency is not None)

    def inactive(self, *agencies: str | None) -> Reason | None:
        """Why it is not active, by clause 1; those agencies must have signed what stands above, where it lists them."""
        if self.code is not None:
            return self.code
        if self.broken or any(each.code is not None for each in self.above):
            return Reason.PARENT_NOT_ACTIVE
        return None if self.unbound.isdisjoint(agencies) else Reason.PARENT_NOT_ACTIVE


class PaperIndex:
    """Which agreements may be about a flow (9.2 E9), whatever the day."""

    def __init__(self, papers: Iterable[Paper]) -> None:
        self.naming: dict[str, frozenset[str]] = {}
        """The agreements of which a term of any time names this dataset, series or system."""
        self.with_terms: set[str] = set()
        """The agreements that are no mere frame."""
        self._from: dict[str | None, set[str]] = defaultdict(set)
        """The agreements with terms to which it is a party as PROVIDER or HUB."""
        self.to: dict[str | None, set[str]] = defaultdict(set)
        """The same as RECIPIENT or HUB."""
        self._between: dict[tuple[str | None, str | None], frozenset[str]] = {}
        several: dict[str, set[str]] = {}
        for paper in papers:
            self._add(paper, several)
        self.naming.update({each: frozenset(ids) for each, ids in several.items()})

    def _add(self, paper: Paper, several: dict[str, set[str]]) -> None:
        terms = terms_of_any_time(paper.agreement)
        if not terms:
            return
        self.with_terms.add(paper.id)
        alone = frozenset((paper.id,))
        for term in terms:
            for each in term.names:
                if self.naming.setdefault(each, alone) is not alone:
                    several.setdefault(each, set(self.naming[each])).add(paper.id)
        for each in paper.gives:
            self._from[each].add(paper.id)
        for each in paper.receives:
            self.to[each].add(paper.id)

    def between(self, giver: str | None, receiver: str | None) -> frozenset[str]:
        """The agreements with terms that list one as PROVIDER or HUB and the other as RECIPIENT or HUB."""
        key = giver, receiver
        found = self._between.get(key)
        if found is None:
            known = giver is not None and receiver is not None
            both = self._from.get(giver, set()) & self.to.get(receiver, set()) if known else ()
            found = self._between[key] = frozenset(both)
        return found


class Papers:
    """All agreements as of a day."""

    def __init__(
        self,
        asof: AsOf,
        day: date,
        agreements: Iterable[Agreement],
        before: Papers | None = None,
        differs: Collection[str] | None = None,
    ) -> None:
        """``before`` are those of other facts or of another day, ``differs`` the agreements that are not the same there.

        Unless that is told, any may be another, and the index alone is taken.
        """
        said = {each.id: each for each in agreements if holds(each, day)}
        same = {} if before is None or differs is None else _unmoved(said, before.all, differs)
        approvals: dict[str, list[Approval]] = defaultdict(list)
        for each in asof.facts.approvals:
            approvals[each.request].append(each)
        self.all = {
            id_: same.get(id_) or Paper(asof, day, each, _approved(asof, day, each, approvals))
            for id_, each in said.items()
        }
        self.below: dict[str, set[str]] = defaultdict(set)
        """The agreements under each."""
        self._stack(same)
        if before is not None and (differs is None or _are_one(self.all, before.all)):
            self.index = before.index
        else:
            self.index = PaperIndex(self.all.values())

    def __getstate__(self) -> tuple[dict[str, Any], list[list[str]]]:
        """What stands above each is told by ids: who packs papers that hold each other goes as deep as they are stacked."""
        return vars(self), [[each.id for each in paper.above] for paper in self.all.values()]

    def __setstate__(self, state: tuple[dict[str, Any], list[list[str]]]) -> None:
        """The same again."""
        own, above = state
        vars(self).update(own)
        for paper, ids in zip(self.all.values(), above, strict=True):
            paper.above = tuple([self.all[each] for each in ids])

    def _stack(self, same: Container[str]) -> None:
        """Tell each what stands above it, the topmost first; those that are the same have been told."""
        under = {each.id: each.agreement.under for each in self.all.values()}
        above: dict[str, dict[str, None]] = {}
        broken: dict[str, bool] = {}
        known = {id_: [each for each in ids if each in under] for id_, ids in under.items()}
        for members in condense(known, known):
            parents = [each for member in members for each in under[member]]
            circle = len(members) > 1 or any(each in parents for each in members)
            wrong = circle or any(each not in under or broken[each] for each in parents)
            found: dict[str, None] = dict.fromkeys(members) if circle else {}
            for each in parents:
                if each in under:
                    found[each] = None
                    found.update(above.get(each, {}))
            for member in members:
                above[member], broken[member] = found, wrong
                for each in found:
                    self.below[each].add(member)
                if member not in same:
                    self.all[member].stand_under((self.all[each] for each in found), broken=wrong)


def _unmoved(said: Mapping[str, Agreement], before: Mapping[str, Paper], differs: Collection[str]) -> dict[str, Paper]:
    """The papers that are the same again: neither they differ nor anything that they stand under, be it there or not."""
    below: dict[str, list[str]] = defaultdict(list)
    for each in said.values():
        for above in each.under:
            below[above].append(each.id)
    moved = reach(differs, below)
    return {id_: before[id_] for id_ in said if id_ not in moved and id_ in before}


def _are_one(now: Mapping[str, Paper], before: Mapping[str, Paper]) -> bool:
    """Whether they are of the very same agreements, whatever these are on the day."""
    return now.keys() == before.keys() and all(each.agreement is before[id_].agreement for id_, each in now.items())


def end_of(agreement: Agreement, day: date) -> date | None:
    """Its last day by what was agreed by a day; None: until ended (9.2 D5)."""
    changes = [each for each in agreement.amendments if each.on <= day and each.new_end is not None]
    if not changes:
        return agreement.effective_to
    latest = max(each.on for each in changes)
    ends = [each.new_end.effective_to for each in changes if each.on == latest and each.new_end is not None]
    return min((each for each in ends if each is not None), default=None)


def last_day(agreement: Agreement, day: date) -> date | None:
    """Its last day in force as of a day: as amended, or the day before it was ended; None: until ended (9.2 D2, D3, D5)."""
    ended: date | None = None
    for each in _in_turn(agreement, day):
        if each.stage in _ENDS:
            ended = ended or each.on
        elif each.stage in _RESTARTS:
            ended = None
    return min((each for each in (end_of(agreement, day), day_before(ended)) if each is not None), default=None)


def last_days_of(agreement: Agreement) -> set[date]:
    """The days that may be its last, or of a term of it: those that are stated, and the day before what ends it or changes it."""
    changes = agreement.amendments
    days = [agreement.effective_to, *(each.new_end.effective_to for each in changes if each.new_end is not None)]
    days += [term.to for term in terms_of_any_time(agreement)]
    stops = [*(each.on for each in changes), *(each.on for each in agreement.events if each.stage in _ENDS)]
    days += [day_before(each) for each in stops if each > date.min]
    return {each for each in days if each is not None}


def ends_after(agreement: Agreement, day: date) -> bool:
    """Whether a day is its last: by what is agreed on it, or since it is in force and on the next it has ended (9.2 D2, D3, D5)."""
    if end_of(agreement, day) == day:
        return True
    ended = {Reason.EXPIRED, Reason.TERMINATED}
    return _own_code(agreement, day) is None and _own_code(agreement, later(day)) in ended


def terms_of_any_time(agreement: Agreement) -> list[CoverageTerm]:
    """Its terms, those that amendments add among them (9.2 E9)."""
    return [*agreement.terms, *(term for each in agreement.amendments for term in each.add_terms)]


def terms_in_force(agreement: Agreement, day: date) -> list[CoverageTerm]:
    """Its terms in force on a day by what was agreed by then; the last day of a term counts (9.2 A7, D5)."""
    changes = [each for each in agreement.amendments if each.on <= day]
    ended = {id_ for each in changes for id_ in each.end_terms}
    agreed = [*agreement.terms, *(term for each in changes for term in each.add_terms)]
    return [
        term
        for term in agreed
        if term.id not in ended and (term.from_ is None or term.from_ <= day) and (term.to is None or day <= term.to)
    ]


def fulfilled(condition: Condition, day: date) -> bool:
    """Whether a condition is met on a day (9.2 E8)."""
    met = condition.fulfilled_on is not None and condition.fulfilled_on <= day
    return met and (condition.expires_on is None or day <= condition.expires_on)


def _signed(agreement: Agreement, row: Party, day: date) -> bool:
    """Whether a party has signed; executedOn counts as everyone's where no party has a day (9.2 D4)."""
    undated = all(each.signed_on is None for each in agreement.parties)
    signed_on = agreement.executed_on if undated else row.signed_on
    return signed_on is not None and signed_on <= day


def _own_code(agreement: Agreement, day: date) -> Reason | None:
    """The first code of clause 1 that does not speak of what stands above (9.2 D1)."""
    if agreement.effective_from is None or day < agreement.effective_from:
        return Reason.NOT_YET
    end = end_of(agreement, day)
    ends, suspended = _replayed(agreement, day)
    if Reason.EXPIRED in ends or (end is not None and end < day):
        return Reason.EXPIRED
    if suspended:
        return Reason.SUSPENDED
    if ends:
        return Reason.TERMINATED
    return None if _all_signed(agreement, day) else Reason.UNSIGNED


def _replayed(agreement: Agreement, day: date) -> tuple[set[Reason], bool]:
    """How it has been ended, and whether it is suspended; of one day what stops comes last (9.2 D2, D3)."""
    ends: set[Reason] = set()
    suspended = False
    for each in _in_turn(agreement, day):
        if each.stage in _ENDS:
            ends.add(_ENDS[each.stage])
            suspended = False
        elif each.stage is AgreementStage.SUSPENDED:
            suspended = not ends
        elif each.stage in _RESTARTS:
            ends.clear()
            suspended = False
        elif each.stage is AgreementStage.ACTIVE:
            suspended = False
    return ends, suspended


def _in_turn(agreement: Agreement, day: date) -> list[StageEvent]:
    """What has happened to it by a day; of one day what stops comes last (9.2 D3)."""
    happened = (each for each in agreement.events if each.on <= day)
    return sorted(happened, key=lambda each: (each.on, each.stage in _STOPS))


def _all_signed(agreement: Agreement, day: date) -> bool:
    """Whether those have signed that must (9.2 D4, D6)."""
    signed = [_signed(agreement, row, day) for row in agreement.parties]
    if agreement.kind is AgreementKind.ENTERPRISE_MOU:
        return any(signed) or not signed
    return all(signed) and bool(signed)


def _approved(
    asof: AsOf, day: date, agreement: Agreement, approvals: dict[str, list[Approval]]
) -> frozenset[str | None]:
    """The agencies whose latest decision on one of its requests is APPROVED (9.2 E7)."""
    found: set[str | None] = set()
    for request in agreement.requests:
        latest: dict[str | None, tuple[date, bool]] = {}
        for each in approvals.get(request, ()):
            if each.on is not None and each.on <= day and (each.valid_to is None or day < each.valid_to):
                # Of two on one day the negative counts, so it sorts as the later.
                decision = each.on, not each.approved
                agency = asof.agency_of(each.agency)
                latest[agency] = max(latest.get(agency, decision), decision)
        found.update(agency for agency, (_, negative) in latest.items() if not negative)
    return frozenset(found - {None})
