"""Who has access to data of single persons, and what they lack (question 21; domain 3.4, R21).

Access is what an authorized user has from its first to its last day, both counted; without a last day it ends with the agreement,
by its end or as it was ended. Without a first day it counts as given, and that is a gap.

Where the domain leaves something open:

- Aggregated is what is known to be no stricter than PUBLIC: the aggregate of a process that nobody reviewed is not (9.2 A10).
- A user for whom no data is named has access to all that the recipients and hubs of the agreement hold of what came under it.
- Training is current for so many days as the reader says; the last of them counts.
- An approval is asked where the agreement asks for one (9.2 E7): of each agency of origin but the one that holds the data.

That nobody but employees of the state reads wage data of single persons (R21) cannot be told: nothing says which data
are of wages.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from msgspec import Struct

from lineage.audit.asof import holds
from lineage.audit.duties import later
from lineage.audit.levels import restricted
from lineage.audit.papers import Paper, last_day
from lineage.audit.received import Received
from lineage.audit.record_words import AccessGap
from lineage.audit.records import AuthorizedUser
from lineage.audit.verdicts import Audit
from lineage.audit.words import Known

__all__ = ["Access", "Accesses"]


class Access(Struct, frozen=True):
    """A person's access to one dataset."""

    user: AuthorizedUser
    agreement: str | None
    """None: not known."""
    dataset: str | None
    """None: nobody knows to which."""
    gaps: tuple[AccessGap, ...]
    """In the order of ``AccessGap``."""
    trained_until: date | None
    """The last day on which the training is current."""

    @property
    def place(self) -> str:
        """Where it stands: by dataset, those not known last, then by person and user."""
        return f"{self.dataset or '~'} {self.user.person or '~'} {self.user.id}"


class Accesses:
    """Who has access as of a day; training is current for so many days."""

    def __init__(self, audit: Audit, received: Received, training_days: int) -> None:
        self._audit = audit
        self._asof = audit.asof
        self._received = received
        self._training_days = training_days
        self._led_to = {each.id: each.led_to for each in self._asof.facts.records.requests}

    def all(self) -> list[Access]:
        """Every access to data that is not aggregated, in order."""
        found = (access for user in self._asof.facts.records.users for access in self._of(user))
        return sorted(found, key=lambda each: each.place)

    def _of(self, user: AuthorizedUser) -> Iterator[Access]:
        under = user.under or ""
        paper = self._audit.papers.all.get(self._led_to.get(under) or under)
        if not self._has_access(user, paper):
            return
        until = later(user.trained_on, self._training_days)
        for dataset in self._datasets(user, paper):
            gaps = frozenset(self._gaps(user, paper, dataset, until))
            in_order = tuple(each for each in AccessGap if each in gaps)
            yield Access(user, None if paper is None else paper.id, dataset, in_order, until)

    def _has_access(self, user: AuthorizedUser, paper: Paper | None) -> bool:
        day = self._asof.day
        last = user.to
        if last is None and paper is not None:
            last = last_day(paper.agreement, day)
        begun = user.from_ is None or user.from_ <= day
        return holds(user, day) and begun and (last is None or day <= last)

    def _datasets(self, user: AuthorizedUser, paper: Paper | None) -> Iterable[str | None]:
        """The data that is not aggregated to which there is access."""
        if user.datasets:
            return [each for each in user.datasets if self._is_single(each)]
        recipients = () if paper is None else (each for each in paper.receives if each is not None)
        held = {dataset for each in recipients if paper for dataset in self._received.held(paper.id, each)}
        return sorted(held) or [None]

    def _is_single(self, dataset: str) -> bool:
        """Whether it may be data of single persons."""
        return restricted(self._audit.classes.of_dataset(dataset)) is not Known.NO

    def _gaps(
        self, user: AuthorizedUser, paper: Paper | None, dataset: str | None, trained_until: date | None
    ) -> Iterator[AccessGap]:
        day = self._asof.day
        if user.nda_signed_on is None or user.nda_signed_on > day:
            yield AccessGap.NDA_MISSING
        if user.trained_on is None or user.trained_on > day:
            yield AccessGap.TRAINING_MISSING
        elif trained_until is not None and trained_until < day:
            yield AccessGap.TRAINING_OUTDATED
        if dataset is not None and not self._is_approved(paper, dataset):
            yield AccessGap.APPROVAL_MISSING
        if paper is None or paper.standing is not None:
            yield AccessGap.AGREEMENT_NOT_ACTIVE
        if user.from_ is None:
            yield AccessGap.START_UNKNOWN

    def _is_approved(self, paper: Paper | None, dataset: str) -> bool:
        if paper is None or not paper.asks_approval:
            return paper is not None
        holder = self._asof.holder(dataset)
        origins = self._audit.origins.by_agency((dataset,))
        return all(each in paper.approved for each in origins if each is None or each != holder)
