"""The facts about agreements and requests (domain 3.4, 8). See `facts`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tests.audit.oracle.facts_data import ColumnRef

__all__ = [
    "Agreement",
    "AgreementKind",
    "Amendment",
    "Approval",
    "Condition",
    "CoverageTerm",
    "DataRequest",
    "NewEnd",
    "Party",
    "PartyRole",
    "Purpose",
    "Redisclosure",
    "Stage",
    "StageEvent",
]


class AgreementKind(StrEnum):
    """Domain 2; the audit tells only the enterprise agreement from all others (9.2 D6, E7)."""

    ENTERPRISE_MOU = "ENTERPRISE_MOU"
    DATA_SHARING_AGREEMENT = "DATA_SHARING_AGREEMENT"
    MOU = "MOU"


class PartyRole(StrEnum):
    """Domain 3.4, AgreementParty."""

    PROVIDER = "PROVIDER"
    RECIPIENT = "RECIPIENT"
    HUB = "HUB"
    OPERATOR = "OPERATOR"
    AUTHORIZED_REPRESENTATIVE = "AUTHORIZED_REPRESENTATIVE"


class Stage(StrEnum):
    """Domain 2, AgreementStage."""

    REQUESTED = "REQUESTED"
    SCOPING = "SCOPING"
    LEGAL_REVIEW = "LEGAL_REVIEW"
    GOVERNANCE_REVIEW = "GOVERNANCE_REVIEW"
    DRAFTED = "DRAFTED"
    IN_SIGNATURE = "IN_SIGNATURE"
    EXECUTED = "EXECUTED"
    ACTIVE = "ACTIVE"
    AMENDED = "AMENDED"
    SUSPENDED = "SUSPENDED"
    RENEWED = "RENEWED"
    EXPIRED = "EXPIRED"
    TERMINATED = "TERMINATED"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"


@dataclass(frozen=True)
class Purpose:
    """Domain 3.4; `broader` may be circular (9.2 E5)."""

    id: str
    broader: tuple[str, ...] = ()


@dataclass(frozen=True)
class Condition:
    """A precondition of an agreement or a condition of a term (9.2 E8)."""

    kind: str
    fulfilled_on: date | None
    """None: not fulfilled."""
    expires_on: date | None = None
    """The last day on which it is met. None: it does not expire."""


@dataclass(frozen=True)
class Party:
    """AgreementParty (domain 3.4). An agency that plays two roles is listed twice."""

    party: str
    """An agency, a unit, or a partner outside."""
    role: PartyRole
    signed_on: date | None
    """None: not signed (9.2 D4)."""


@dataclass(frozen=True)
class CoverageTerm:
    """Domain 3.4; what it names is named downwards (9.2 E12)."""

    id: str
    datasets: tuple[str, ...] = ()
    series: tuple[str, ...] = ()
    systems: tuple[str, ...] = ()
    columns: tuple[ColumnRef, ...] = ()
    """Columns of the datasets that it names (9.2 A12). Empty: all of them."""
    purposes: tuple[str, ...] = ()
    """Empty: it states none (9.2 E5)."""
    recipients: tuple[str, ...] = ()
    """Empty: it names none, so any recipient."""
    from_: date | None = None
    """The first day. None: as long as the agreement has been."""
    to: date | None = None
    """The last day. None: as long as the agreement is."""
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class StageEvent:
    """Domain 3.4; it has effect from the beginning of its day (9.2 D3)."""

    stage: Stage
    on: date


@dataclass(frozen=True)
class NewEnd:
    """What an amendment makes of effectiveTo."""

    effective_to: date | None
    """None: until ended."""


@dataclass(frozen=True)
class Amendment:
    """Domain 3.4; 9.2 D5."""

    on: date
    new_end: NewEnd | None = None
    """None: leaves the end as it was."""
    add_terms: tuple[CoverageTerm, ...] = ()
    end_terms: tuple[str, ...] = ()
    """Ids of terms that are no more in force from its day on."""


@dataclass(frozen=True)
class Redisclosure:
    """permitsRedisclosure (9.2 C4): none, all, or a list of datasets."""

    all: bool = False
    datasets: tuple[str, ...] = ()


@dataclass(frozen=True)
class Agreement:
    """Domain 3.4, 8.2; its state is derived (9.2 D)."""

    id: str
    kind: AgreementKind
    under: tuple[str, ...] = ()
    """The agreements that it stands under; one that the world lacks is a broken parent (9.2 D7)."""
    executed_on: date | None = None
    """None: unknown (9.2 D4)."""
    effective_from: date | None = None
    """None: unknown, so not yet (9.2 D1)."""
    effective_to: date | None = None
    """The last day. None: until ended."""
    parties: tuple[Party, ...] = ()
    terms: tuple[CoverageTerm, ...] = ()
    events: tuple[StageEvent, ...] = ()
    amendments: tuple[Amendment, ...] = ()
    permits: tuple[str, ...] = ()
    """Purposes. Empty: it states none (9.2 E5)."""
    prohibits: tuple[str, ...] = ()
    rests_on: tuple[str, ...] = ()
    """Laws (9.2 E6)."""
    redisclosure: Redisclosure = Redisclosure()
    preconditions: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class DataRequest:
    """Domain 3.4."""

    id: str
    led_to: str | None
    """The agreement. None: to none."""


@dataclass(frozen=True)
class Approval:
    """Domain 3.4; 9.2 E7."""

    request: str
    agency: str
    approved: bool
    """Whether the decision is APPROVED; every other one is negative."""
    on: date | None
    """None: unknown, so not shown to be by any day."""
