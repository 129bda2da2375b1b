"""The enumerations of the sharing group (domain 2, 3.4 and 8)."""

from __future__ import annotations

from catalog.model.words import Described

__all__ = [
    "AgreementKind",
    "AgreementStage",
    "Decision",
    "LawKind",
    "ObligationKind",
    "ObligationStart",
    "PartyRole",
    "Redisclosure",
    "RequestSubmission",
    "RequestorKind",
]


class AgreementKind(Described):
    """What kind of paper an agreement is (domain 2, L179, L188, L236)."""

    ENTERPRISE_MOU = "ENTERPRISE_MOU", "The frame that all participants sign."
    DATA_SHARING_AGREEMENT = "DATA_SHARING_AGREEMENT", "Several transfers between agencies; one an approved request."
    DATA_USE_LICENSE = "DATA_USE_LICENSE", "Terms for one user of shared data."
    MOU = "MOU", "A memorandum for transfers that go on."
    DATA_USE_AGREEMENT = "DATA_USE_AGREEMENT", "One transfer."
    BUSINESS_ASSOCIATE_AGREEMENT = (
        "BUSINESS_ASSOCIATE_AGREEMENT",
        "Terms for who handles health information for another.",
    )
    STATEMENT_OF_WORK = "STATEMENT_OF_WORK", "Work to be done under another paper."
    NDA = "NDA", "A promise of confidentiality."
    PROTOCOL = "PROTOCOL", "A uniform procedure that agencies follow."
    STATUTORY_MANDATE = "STATUTORY_MANDATE", "A law that itself orders the sharing."


class AgreementStage(Described):
    """A step in the life of an agreement; steps may come again (domain 2 and 8.2, L236)."""

    REQUESTED = "REQUESTED", "Someone asked for it."
    SCOPING = "SCOPING", "What it is to cover is being settled."
    LEGAL_REVIEW = "LEGAL_REVIEW", "Counsel looks at it."
    GOVERNANCE_REVIEW = "GOVERNANCE_REVIEW", "A governing body looks at it."
    DRAFTED = "DRAFTED", "The text is written."
    IN_SIGNATURE = "IN_SIGNATURE", "It waits for signatures."
    EXECUTED = "EXECUTED", "All have signed."
    ACTIVE = "ACTIVE", "In force; as an event: resumed after a suspension."
    AMENDED = "AMENDED", "Its text was changed."
    SUSPENDED = "SUSPENDED", "Not in force for now."
    RENEWED = "RENEWED", "Carried on beyond its end."
    EXPIRED = "EXPIRED", "Its last day has passed."
    TERMINATED = "TERMINATED", "Ended before its last day."
    REJECTED = "REJECTED", "Turned down."
    WITHDRAWN = "WITHDRAWN", "Taken back by who asked for it."


class PartyRole(Described):
    """What a party does under an agreement; who has two roles is listed twice (domain 3.4)."""

    PROVIDER = "PROVIDER", "Gives data."
    RECIPIENT = "RECIPIENT", "Receives data."
    HUB = "HUB", "Receives from providers, joins, and passes on."
    OPERATOR = "OPERATOR", "Runs the sharing system, neither gives nor receives."
    AUTHORIZED_REPRESENTATIVE = "AUTHORIZED_REPRESENTATIVE", "Acts for a party, neither gives nor receives."


class Redisclosure(Described):
    """What of the data received may be passed on (domain 9.2 C4)."""

    NONE = "NONE", "Nothing."
    ALL = "ALL", "Everything."
    LISTED = "LISTED", "The datasets that the agreement lists."


class LawKind(Described):
    """What kind of legal text something rests on (domain 3.4 and 8.3)."""

    CONSTITUTION = "CONSTITUTION", "A constitution."
    STATUTE = "STATUTE", "A law as codified."
    ACT = "ACT", "A law as passed, before it is codified."
    REGULATION = "REGULATION", "A rule made under a law."
    COURT_ORDER = "COURT_ORDER", "An order of a court."
    EXECUTIVE_ORDER = "EXECUTIVE_ORDER", "An order of a chief executive."
    POLICY = "POLICY", "A binding policy or standard."
    CONSENT = "CONSENT", "The consent of the people concerned."


class RequestSubmission(Described):
    """How a request for data relates to those before it (domain 2)."""

    INITIAL = "INITIAL", "The first of its kind."
    CONTINUATION = "CONTINUATION", "More of what was granted before."
    REPEAT = "REPEAT", "The same as was asked for before, once more."
    MODIFICATION = "MODIFICATION", "Another one, changed."


class RequestorKind(Described):
    """Who asks for data (domain 2, L76, L79)."""

    STATE_AGENCY = "STATE_AGENCY", "An agency of the state."
    PUBLIC = "PUBLIC", "Anyone."
    RESEARCHER = "RESEARCHER", "Someone who does research."
    NONPROFIT = "NONPROFIT", "A nonprofit organization."
    LEGISLATURE = "LEGISLATURE", "The legislature, its members or offices."
    FOIA = "FOIA", "Someone who asks under freedom of information law."


class Decision(Described):
    """How a question put to someone was answered (domain 3.4, 9.2 A10, E7)."""

    APPROVED = "APPROVED", "Yes."
    DENIED = "DENIED", "No."
    WITHDRAWN = "WITHDRAWN", "A yes taken back."


class ObligationKind(Described):
    """What an agreement asks of a party besides its limits (domain 3.4)."""

    DESTROY = "DESTROY", "To destroy the data."
    RETURN = "RETURN", "To give the data back."
    NOTIFY_BREACH = "NOTIFY_BREACH", "To tell of a breach."
    PRE_PUBLICATION_REVIEW = "PRE_PUBLICATION_REVIEW", "To show results before they are published."
    SUPPRESS_CELLS = "SUPPRESS_CELLS", "To keep small cells back."
    TRAIN_USERS = "TRAIN_USERS", "To train who uses the data."
    AUDIT = "AUDIT", "To be audited, or to audit."
    REPORT = "REPORT", "To report."
    FEE = "FEE", "To pay."


class ObligationStart(Described):
    """From which day of its agreement an obligation is counted (domain 3.4, R20)."""

    SIGNATURE = "SIGNATURE", "The day on which the last party signed."
    BEGIN = "BEGIN", "The first day in force."
    END = "END", "The last day in force, as amended; of one that was terminated, the day before that."
