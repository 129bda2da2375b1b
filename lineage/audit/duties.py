"""What is owed under agreements, by when, and whether it is done (question 11; domain 3.4, R20; 9.2 E8).

Where the domain leaves something open, what cannot be shown is not done:

- Due is the earlier of the days that the obligation states: a fixed one, and one counted from a day of the agreement (its end as
  amended by the day asked about, or the day before it was terminated). Where it states none, and data is to be destroyed or
  given back, it is the day until which the agreement lets the data be kept. The last day counts as in time.
- Data counts as destroyed with a certificate of who is to destroy it (R20), as long as they are not known to hold any of it;
  a day of fulfilment without a certificate shows nothing. Data to be given back is done with by either.
- Who is to destroy what an agreement says no longer may be kept is each of its recipients and hubs, where no obligation to
  destroy or give back says it of them; so it is with an obligation that names nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from msgspec import Struct

from catalog.model.enums_sharing import ObligationKind, ObligationStart
from lineage.audit.asof import holds
from lineage.audit.papers import Paper, last_day
from lineage.audit.received import Received
from lineage.audit.record_words import DutyStatus
from lineage.audit.records import AgreementText, Certificate, Obligation
from lineage.audit.verdicts import Audit

__all__ = ["Duties", "Duty", "Standing", "later", "standing"]

_ENDS_KEEPING = frozenset((ObligationKind.DESTROY, ObligationKind.RETURN))


class Standing(Struct, frozen=True):
    """Where something that is to be done by a day stands."""

    status: DutyStatus
    due_on: date | None
    """The last day in time. None: not known."""
    done_on: date | None
    days_late: int | None
    """Days after the last one in time, up to the day it was done or the day asked about; 0: in time. None: not known."""


class Duty(Struct, frozen=True):
    """One thing that is owed."""

    obligation: str | None
    """None: the agreement itself says until when the data may be kept."""
    kind: ObligationKind
    agreement: str | None
    owed_by: str | None
    """None: nobody is named."""
    standing: Standing
    certificates: tuple[str, ...] = ()
    """Of who owes it, given by the day; by day, then id."""

    @property
    def place(self) -> str:
        """Where it stands among others: by due day, those of which none is known last; then by ids."""
        day = "~" if self.standing.due_on is None else self.standing.due_on.isoformat()
        return f"{day} {self.agreement or '~'} {self.obligation or ''} {self.owed_by or '~'}"


def later(day: date | None, days: int) -> date | None:
    """So many days after a day; None where that is no day of the calendar."""
    try:
        return None if day is None else day + timedelta(days=days)
    except OverflowError:
        return None


def standing(due_on: date | None, done_on: date | None, day: date) -> Standing:
    """Where something stands on a day; what is done after that day is not done yet."""
    done = done_on if done_on is not None and done_on <= day else None
    late = None if due_on is None else max(0, ((done or day) - due_on).days)
    if done is not None:
        status = DutyStatus.FULFILLED
    elif late is None:
        status = DutyStatus.UNKNOWN
    else:
        status = DutyStatus.OVERDUE if late else DutyStatus.OPEN
    return Standing(status, due_on, done, late)


class Duties:
    """What is owed under agreements as of a day."""

    def __init__(self, audit: Audit, received: Received) -> None:
        self._audit = audit
        self._received = received
        self._day = audit.asof.day
        records = audit.asof.facts.records
        self._texts = {each.agreement: each for each in records.texts}
        self._obligations = [each for each in records.obligations if holds(each, self._day)]
        self._named = {
            (each.agreement, self._agency(each.owed_by)) for each in self._obligations if each.kind in _ENDS_KEEPING
        }
        """Who is named to destroy or give back, by agreement; None: everyone."""

    def all(self) -> list[Duty]:
        """Everything that is owed, by due day, those of which none is known last; then by ids."""
        return sorted((*map(self.of, self._obligations), *self._of_texts()), key=lambda each: each.place)

    def find(self, obligation: str) -> Duty | None:
        """What is owed by an obligation; None where there is none on the day."""
        return next((self.of(each) for each in self._obligations if each.id == obligation), None)

    def of(self, obligation: Obligation) -> Duty:
        """What is owed by an obligation."""
        paper = self._audit.papers.all.get(obligation.agreement or "")
        due, owed_by = self._due(obligation, paper), self._agency(obligation.owed_by)
        done, certificates = obligation.fulfilled_on, ()
        if obligation.kind in _ENDS_KEEPING and paper is not None:
            gone, certificates = self._destroyed(paper, owed_by)
            done = gone if obligation.kind is ObligationKind.DESTROY else done or gone
        elif obligation.kind is ObligationKind.DESTROY:
            done = None
        found = standing(due, done, self._day)
        return Duty(obligation.id, obligation.kind, obligation.agreement, owed_by, found, certificates)

    def still_held(self, duty: Duty) -> tuple[str, ...]:
        """What who owes it holds on the day of the data that is to be destroyed or given back, by id."""
        paper = self._audit.papers.all.get(duty.agreement or "")
        if duty.kind not in _ENDS_KEEPING or paper is None:
            return ()
        held = (self._received.held(paper.id, each) for each in _owing(paper, duty.owed_by))
        return tuple(sorted(frozenset[str]().union(*held)))

    def _of_texts(self) -> Iterator[Duty]:
        """What agreements that anyone signed by the day say of how long the data may be kept."""
        for text in self._texts.values():
            paper = self._audit.papers.all.get(text.agreement)
            if text.destroy_by is not None and paper is not None and any(paper.parties.values()):
                yield from self._of_text(text, paper)

    def _of_text(self, text: AgreementText, paper: Paper) -> Iterator[Duty]:
        for agency in _owing(paper, None):
            if self._named.isdisjoint(((paper.id, agency), (paper.id, None))):
                gone, certificates = self._destroyed(paper, agency)
                found = standing(text.destroy_by, gone, self._day)
                yield Duty(None, ObligationKind.DESTROY, paper.id, agency, found, certificates)

    def _due(self, obligation: Obligation, paper: Paper | None) -> date | None:
        """The last day in time."""
        days = [obligation.due_on]
        if paper is not None and obligation.counted_from is not None and obligation.within_days is not None:
            days.append(later(self._start(obligation.counted_from, paper), obligation.within_days))
        stated = min((each for each in days if each is not None), default=None)
        text = self._texts.get(obligation.agreement or "")
        if stated is None and text is not None and obligation.kind in _ENDS_KEEPING:
            return text.destroy_by
        return stated

    def _start(self, start: ObligationStart, paper: Paper) -> date | None:
        """The day from which it is counted; of signatures the last, where all have signed."""
        agreement = paper.agreement
        match start:
            case ObligationStart.SIGNATURE:
                signed = [each.signed_on for each in agreement.parties]
                dated = [each for each in signed if each is not None]
                all_signed = max(dated) if dated and len(dated) == len(signed) else None
                return agreement.executed_on or all_signed
            case ObligationStart.BEGIN:
                return agreement.effective_from
            case ObligationStart.END:
                return last_day(agreement, self._day)

    def _destroyed(self, paper: Paper, owed_by: str | None) -> tuple[date | None, tuple[str, ...]]:
        """The day on which the last of what is not held any more was destroyed, and the certificates; None: not shown."""
        owing = _owing(paper, owed_by)
        given = {each: self._received.certificates(paper.id, each) for each in owing}
        gone = all(given[each] and not self._received.held(paper.id, each) for each in owing)
        certificates = sorted((each for some in given.values() for each in some), key=_in_turn)
        shown = gone and certificates
        return (certificates[-1].destroyed_on if shown else None), tuple(each.id for each in certificates)

    def _agency(self, who: str | None) -> str | None:
        return None if who is None else self._audit.asof.agency_of(who)


def _owing(paper: Paper, owed_by: str | None) -> Iterable[str]:
    """Who owes it: the one that is named, else each recipient and hub of the agreement."""
    return [owed_by] if owed_by is not None else sorted(each for each in paper.receives if each is not None)


def _in_turn(certificate: Certificate) -> tuple[date, str]:
    return certificate.destroyed_on, certificate.id
