"""What is kept beside agreements and flows, as plain values: what is owed, matched, permitted to persons, and what went wrong.

Ids and days are as in ``facts``. ``None`` as a reference or a day: not known, or not yet (domain 3.4, 3.5, 8.3).
"""

from __future__ import annotations

from datetime import date

from msgspec import Struct

from catalog.model.enums_sharing import Decision, ObligationKind, ObligationStart

__all__ = [
    "AgreementText",
    "AuthorizedUser",
    "Certificate",
    "DataRequest",
    "Incident",
    "Law",
    "LinkageRun",
    "Obligation",
    "Records",
]


class AgreementText(Struct, frozen=True):
    """What an agreement says besides whom and what it covers."""

    agreement: str
    destroy_by: date | None = None
    """The last day on which the data may be kept."""
    notice_hours: int | None = None
    """Within how many hours a breach must be told."""
    stated_terms: tuple[str, ...] = ()
    """Terms that laws ask for, as the laws word them."""


class Law(Struct, frozen=True):
    """A legal text, with what a sharing record under it must state (domain 8.3)."""

    id: str
    required_terms: tuple[str, ...] = ()
    part_of: str | None = None


class Obligation(Struct, frozen=True):
    """What an agreement asks to be done, held on [valid_from, valid_to)."""

    id: str
    kind: ObligationKind
    agreement: str | None = None
    owed_by: str | None = None
    due_on: date | None = None
    counted_from: ObligationStart | None = None
    within_days: int | None = None
    fulfilled_on: date | None = None
    valid_from: date | None = None
    valid_to: date | None = None


class Certificate(Struct, frozen=True):
    """The word of a recipient that it destroyed what it got, held on [valid_from, valid_to)."""

    id: str
    destroyed_on: date
    under: str | None = None
    """An agreement or a request."""
    given_by: str | None = None
    datasets: tuple[str, ...] = ()
    """Of which it destroyed the copies. Empty: all that it got."""
    valid_from: date | None = None
    valid_to: date | None = None


class DataRequest(Struct, frozen=True):
    """A request for data."""

    id: str
    asks_for: tuple[str, ...] = ()
    """Datasets; of a column that is asked for, its dataset."""
    affects: tuple[str, ...] = ()
    """Agencies whose data is asked for."""
    received_on: date | None = None
    decision: Decision | None = None
    decided_on: date | None = None
    led_to: str | None = None


class LinkageRun(Struct, frozen=True):
    """One match of files by a hub, held on [valid_from, valid_to)."""

    id: str
    request: str | None = None
    hub: str | None = None
    datasets: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    """As they are named, those of columns that the catalog has among them."""
    received_on: date | None = None
    matched_on: date | None = None
    passed_on: date | None = None
    destroyed_on: date | None = None
    valid_from: date | None = None
    valid_to: date | None = None


class AuthorizedUser(Struct, frozen=True):
    """A person who may work with data, from a day to a last one; held on [valid_from, valid_to)."""

    id: str
    person: str | None = None
    agency: str | None = None
    """For which the person works."""
    under: str | None = None
    """An agreement or a request."""
    datasets: tuple[str, ...] = ()
    """Empty: all that was got under it."""
    nda_signed_on: date | None = None
    trained_on: date | None = None
    from_: date | None = None
    to: date | None = None
    valid_from: date | None = None
    valid_to: date | None = None


class Incident(Struct, frozen=True):
    """Something that went wrong with shared data, held on [valid_from, valid_to)."""

    id: str
    touched: tuple[str, ...] = ()
    """Datasets and flows."""
    under: tuple[str, ...] = ()
    """Agreements."""
    occurred_on: date | None = None
    notified_on: date | None = None
    valid_from: date | None = None
    valid_to: date | None = None


class Records(Struct, frozen=True):
    """All that is kept. An empty tuple: nothing of that kind."""

    texts: tuple[AgreementText, ...] = ()
    laws: tuple[Law, ...] = ()
    obligations: tuple[Obligation, ...] = ()
    certificates: tuple[Certificate, ...] = ()
    requests: tuple[DataRequest, ...] = ()
    linkage_runs: tuple[LinkageRun, ...] = ()
    users: tuple[AuthorizedUser, ...] = ()
    incidents: tuple[Incident, ...] = ()
