"""The words in which the audit answers about records (domain 5 R20, R21, R34; 10, questions 10 to 12 and 19 to 22)."""

from __future__ import annotations

from catalog.model.words import Described

__all__ = ["AccessGap", "BasisGapKind", "DutyStatus", "LinkageRoute", "NoticeStatus"]


class DutyStatus(Described):
    """Where what is to be done by a day stands."""

    FULFILLED = "FULFILLED", "It is done, in time or late."
    OPEN = "OPEN", "It is not done yet, and not due before the day; the last day counts as in time."
    OVERDUE = "OVERDUE", "It is not done, and its last day is over."
    UNKNOWN = "UNKNOWN", "It is not known to be done, nor by when it is to be."


class NoticeStatus(Described):
    """Whether those whose data it is were told in time. Days are known and no hours, so some cannot be told."""

    IN_TIME = "IN_TIME", "They were told in time, at whatever hours."
    LATE = "LATE", "They were told too late, at whatever hours."
    OPEN = "OPEN", "They are not told yet, and there may still be time."
    OVERDUE = "OVERDUE", "They are not told yet, and it is too late."
    UNKNOWN = (
        "UNKNOWN",
        "It cannot be told: by the days alone it may have been in time or not, a day is missing, or no agreement says by when.",
    )


class BasisGapKind(Described):
    """What is amiss with a legal basis (domain 8.3; 9.2 E6)."""

    TERMS_NOT_STATED = "TERMS_NOT_STATED", "The agreement rests on the law, and does not state all that it asks for."
    LAW_NOT_NAMED = "LAW_NOT_NAMED", "The law protects what flows, and the agreement does not rest on it."


class AccessGap(Described):
    """What someone lacks who has access to data of single persons (domain R21)."""

    NDA_MISSING = "NDA_MISSING", "No promise of confidentiality is known to be signed by the day."
    TRAINING_MISSING = "TRAINING_MISSING", "No training is known to be taken by the day."
    TRAINING_OUTDATED = "TRAINING_OUTDATED", "The latest training is too long ago."
    APPROVAL_MISSING = "APPROVAL_MISSING", "An agency whose data it is has not approved the request."
    AGREEMENT_NOT_ACTIVE = (
        "AGREEMENT_NOT_ACTIVE",
        "The agreement under which it is given is not in force, or not known.",
    )
    START_UNKNOWN = "START_UNKNOWN", "Nobody knows since when there is access."


class LinkageRoute(Described):
    """By which way two datasets could be linked, the shortest first."""

    LINKED = "LINKED", "A dataset holds the data of both already."
    AGREEMENT = "AGREEMENT", "An agreement names both, and has someone who may receive both."
    FRAME = "FRAME", "A frame that both agencies signed has a hub: a request under it would do."
