"""The words in which the audit answers (domain 9; 9.2 A4, B2)."""

from __future__ import annotations

from enum import IntEnum

from catalog.model.words import Described

__all__ = ["FindingRule", "Grade", "Known", "Reason", "VerdictKind", "Why"]


class Known(IntEnum):
    """The three values of a predicate (9.2 B1)."""

    NO = 0
    UNKNOWN = 1
    YES = 2


class Reason(Described):
    """Why an agreement does not cover a flow, in the order in which the clauses test it (domain 9; 9.2 D1, E1)."""

    NOT_YET = "NOT_YET", "It is not in force yet, or nobody knows since when."
    EXPIRED = "EXPIRED", "Its last day is over."
    SUSPENDED = "SUSPENDED", "It is suspended."
    TERMINATED = "TERMINATED", "It was terminated."
    UNSIGNED = "UNSIGNED", "It is not executed, or a party that it needs did not sign."
    PARENT_NOT_ACTIVE = "PARENT_NOT_ACTIVE", "An agreement that it stands under is not in force."
    PARTY_MISSING = "PARTY_MISSING", "Who holds the data is no party that provides."
    RECIPIENT_NOT_PERMITTED = (
        "RECIPIENT_NOT_PERMITTED",
        "Who gets the data is no party that receives, or none that the term names.",
    )
    REDISCLOSURE_NOT_PERMITTED = "REDISCLOSURE_NOT_PERMITTED", "It does not permit that the data is passed on."
    DATASET_OUT_OF_SCOPE = "DATASET_OUT_OF_SCOPE", "No term names the dataset."
    COLUMN_OUT_OF_SCOPE = "COLUMN_OUT_OF_SCOPE", "Terms name the dataset, and not all of the columns that flow."
    PURPOSE_NOT_PERMITTED = "PURPOSE_NOT_PERMITTED", "It does not permit the purpose, or prohibits it."
    PURPOSE_UNKNOWN = "PURPOSE_UNKNOWN", "The flow states no purpose."
    NO_LEGAL_BASIS = "NO_LEGAL_BASIS", "It states no law that it rests on."
    APPROVAL_MISSING = "APPROVAL_MISSING", "An agency whose data it is has not approved the request."
    PRECONDITION_UNMET = "PRECONDITION_UNMET", "What was to be done first is not done, or no longer."
    NO_AGREEMENT = "NO_AGREEMENT", "No agreement is about the flow."


class VerdictKind(Described):
    """The four verdicts (domain 9)."""

    NOT_NEEDED = "NOT_NEEDED", "The data stays with its agency, or nothing of it is protected."
    COVERED = "COVERED", "An agreement covers it, and every agency whose data is passed on permits that."
    UNCOVERED = "UNCOVERED", "It needs an agreement, and none covers it: see the reasons."
    UNKNOWN = "UNKNOWN", "It cannot be told: see why."


class Why(Described):
    """What is not known (9.2 B2)."""

    CLASS_UNDETERMINED = "CLASS_UNDETERMINED", "Nobody has determined the class of the data."
    ORIGIN_UNKNOWN = "ORIGIN_UNKNOWN", "Nobody knows whose data is passed on."
    PROVIDER_UNKNOWN = "PROVIDER_UNKNOWN", "Nobody knows who holds what it comes from."
    RECIPIENT_UNKNOWN = "RECIPIENT_UNKNOWN", "Nobody knows who holds where it goes."


class Grade(Described):
    """How a step raises, the worst first (9.2 A4)."""

    SEVERE = "SEVERE", "A column of protected data reaches it directly, and unmasked."
    MINOR = "MINOR", "A step on the way is indirect, such as by a filter or a join, or masked."
    POSSIBLE = "POSSIBLE", "A step on the way is known between datasets only, and not between columns."


class FindingRule(Described):
    """What an audit finds beside verdicts and leaks (domain 5 R11 to R16, 7; 9.2 B1, C1, E10)."""

    R11 = "R11", "It is said to be open, and not all open criteria are shown to be met."
    R12 = "R12", "It is open and protected at once."
    R13 = "R13", "It is public and protected at once."
    R14_REASON = "R14_REASON", "It is protected, and no reason is stated."
    R14_PERSONAL = (
        "R14_PERSONAL",
        "It is personal, and neither is a column of it known to be, nor does it say so itself.",
    )
    R14_LAW = "R14_LAW", "It is private, and no law is stated."
    R15 = "R15", "What flowed into it, or one of its columns, is stricter than what is said of it."
    R16 = "R16", "Nobody has determined its class, or that of something that flowed into it."
    PLANNED_PUBLICATION = (
        "PLANNED_PUBLICATION",
        "It is of high value, public and not open, and no open data access plan lists it.",
    )
    HOLDER_UNKNOWN = "HOLDER_UNKNOWN", "Nobody knows who holds an end of the flow, or several do."
    HOLDER_DIFFERS = "HOLDER_DIFFERS", "Who holds an end of the flow is another than the flow states."
    CLAIM_FAILS = "CLAIM_FAILS", "An agreement that the flow claims does not cover it."
