"""The words in which the audit answers (domain 9; 9.2 A4, B2)."""

from __future__ import annotations

from enum import IntEnum, StrEnum

__all__ = ["Grade", "Known", "Reason", "VerdictKind", "Why"]


class Known(IntEnum):
    """The three values of a predicate (9.2 B1)."""

    NO = 0
    UNKNOWN = 1
    YES = 2


class Reason(StrEnum):
    """Why an agreement does not cover a flow, in the order in which the clauses test it (domain 9; 9.2 D1, E1)."""

    NOT_YET = "NOT_YET"
    EXPIRED = "EXPIRED"
    SUSPENDED = "SUSPENDED"
    TERMINATED = "TERMINATED"
    UNSIGNED = "UNSIGNED"
    PARENT_NOT_ACTIVE = "PARENT_NOT_ACTIVE"
    PARTY_MISSING = "PARTY_MISSING"
    RECIPIENT_NOT_PERMITTED = "RECIPIENT_NOT_PERMITTED"
    REDISCLOSURE_NOT_PERMITTED = "REDISCLOSURE_NOT_PERMITTED"
    DATASET_OUT_OF_SCOPE = "DATASET_OUT_OF_SCOPE"
    COLUMN_OUT_OF_SCOPE = "COLUMN_OUT_OF_SCOPE"
    PURPOSE_NOT_PERMITTED = "PURPOSE_NOT_PERMITTED"
    PURPOSE_UNKNOWN = "PURPOSE_UNKNOWN"
    NO_LEGAL_BASIS = "NO_LEGAL_BASIS"
    APPROVAL_MISSING = "APPROVAL_MISSING"
    PRECONDITION_UNMET = "PRECONDITION_UNMET"
    NO_AGREEMENT = "NO_AGREEMENT"


class VerdictKind(StrEnum):
    """The four verdicts (domain 9)."""

    NOT_NEEDED = "NOT_NEEDED"
    COVERED = "COVERED"
    UNCOVERED = "UNCOVERED"
    UNKNOWN = "UNKNOWN"


class Why(StrEnum):
    """What is not known (9.2 B2)."""

    CLASS_UNDETERMINED = "CLASS_UNDETERMINED"
    ORIGIN_UNKNOWN = "ORIGIN_UNKNOWN"
    PROVIDER_UNKNOWN = "PROVIDER_UNKNOWN"
    RECIPIENT_UNKNOWN = "RECIPIENT_UNKNOWN"


class Grade(StrEnum):
    """How a step raises, the worst first (9.2 A4)."""

    SEVERE = "SEVERE"
    MINOR = "MINOR"
    POSSIBLE = "POSSIBLE"
