"""The enumerations of the model (domain 2); read those of ``enums_data`` and ``enums_sharing`` here too.

Every member's value is its name. What differs from one jurisdiction to another (statutory lists, section numbers,
categories, geographic units) is no enumeration: it is text in a node.
"""

from __future__ import annotations

from catalog.model.enums_data import (
    AssertionStatus,
    Classification,
    DataCarrier,
    DataForm,
    DataOrigin,
    EquityDimension,
    HighValueCriterion,
    InventoryKind,
    OpenCriterion,
    PersonalKind,
    PopulationUnit,
    PortalKind,
    ProtectedReason,
    RecordKind,
    TableShape,
    UpdateFrequency,
)
from catalog.model.enums_sharing import (
    AgreementKind,
    AgreementStage,
    Decision,
    LawKind,
    ObligationKind,
    ObligationStart,
    PartyRole,
    Redisclosure,
    RequestorKind,
    RequestSubmission,
)
from catalog.model.words import Described, meaning

__all__ = [
    "AgencyBasis",
    "AgreementKind",
    "AgreementStage",
    "AssertionStatus",
    "BoardKind",
    "Branch",
    "Classification",
    "DataCarrier",
    "DataForm",
    "DataOrigin",
    "Decision",
    "Derivation",
    "Described",
    "EquityDimension",
    "FlowMode",
    "GoalHorizon",
    "HighValueCriterion",
    "InventoryKind",
    "LawKind",
    "LoadState",
    "MetricDirection",
    "ObligationKind",
    "ObligationStart",
    "OpenCriterion",
    "PartyRole",
    "PersonRole",
    "PersonalKind",
    "PlanStatus",
    "PopulationUnit",
    "PortalKind",
    "PrincipleGroup",
    "ProtectedReason",
    "RecordKind",
    "Redisclosure",
    "RequestSubmission",
    "RequestorKind",
    "RunState",
    "ServesHow",
    "SourceKind",
    "TableShape",
    "TransformationKind",
    "UpdateFrequency",
    "meaning",
]


# People and organizations


class Branch(Described):
    """The part of government, or outside of it, that a body belongs to (domain 2, L130)."""

    EXECUTIVE = "EXECUTIVE", "The executive branch, which the duties of the plan bind."
    JUDICIAL = "JUDICIAL", "Courts and what they run."
    LEGISLATIVE = "LEGISLATIVE", "The legislature and its offices."
    CONSTITUTIONAL_OFFICE = "CONSTITUTIONAL_OFFICE", "An elected office that the constitution sets up."
    QUASI_PUBLIC = "QUASI_PUBLIC", "A public corporation at arm's length from the state."
    MUNICIPAL = "MUNICIPAL", "A city, town, county or district."
    NONPROFIT = "NONPROFIT", "A nonprofit organization."
    HIGHER_EDUCATION = "HIGHER_EDUCATION", "A university, a college or a system of them."
    FEDERAL = "FEDERAL", "A body of the federal government."
    PRIVATE = "PRIVATE", "A company or another private body."


class AgencyBasis(Described):
    """Why an agency counts among those with duties; which list it is stands in the listing (domain 2, L248)."""

    STATUTORY_LIST = "STATUTORY_LIST", "A law lists the agency, or the officer who heads it."
    VOLUNTARY = "VOLUNTARY", "It took the duties on by written notice."
    PARTICIPANT_ONLY = "PARTICIPANT_ONLY", "It takes part in sharing and owes no inventory or plan."


class PersonRole(Described):
    """What a person does with data, by office or in practice (domain 2, L50, L64-72)."""

    CDO = "CDO", "Chief data officer of the jurisdiction."
    AGENCY_HEAD = "AGENCY_HEAD", "Head of an agency."
    AGENCY_DATA_OFFICER = "AGENCY_DATA_OFFICER", "Main contact of an agency for its data."
    PROVIDER = "PROVIDER", "Gives data."
    COLLECTOR = "COLLECTOR", "Collects data."
    PREPARER = "PREPARER", "Makes data ready for use."
    ANALYST = "ANALYST", "Analyses data."
    FINDINGS_USER = "FINDINGS_USER", "Acts on what an analysis found."
    DATA_OWNER = "DATA_OWNER", "Answers for the data and decides on its use."
    DATA_STEWARD = "DATA_STEWARD", "Looks after meaning and quality."
    DATA_CUSTODIAN = "DATA_CUSTODIAN", "Keeps the data technically."
    LEGAL_COUNSEL = "LEGAL_COUNSEL", "Advises on law."
    PRIVACY_OFFICER = "PRIVACY_OFFICER", "Answers for privacy."
    OPEN_DATA_COORDINATOR = "OPEN_DATA_COORDINATOR", "Brings data to the open data portal."
    GIS_COORDINATOR = "GIS_COORDINATOR", "Coordinates geospatial data."
    GOVERNING_BOARD_MEMBER = "GOVERNING_BOARD_MEMBER", "Speaks for an agency on a board that governs sharing."
    AUTHORIZED_REPRESENTATIVE = "AUTHORIZED_REPRESENTATIVE", "Handles protected records on behalf of an agency."


class BoardKind(Described):
    """What a board is for (domain 3.1, L86)."""

    ADVISORY = "ADVISORY", "Hears and advises on the plan."
    EXECUTIVE = "EXECUTIVE", "Has the last word on a sharing system."
    GOVERNING = "GOVERNING", "Decides on requests and rules of a sharing system."
    RESIDENT_ADVISORY = "RESIDENT_ADVISORY", "Speaks for the people whose data is held."


# The plan


class PlanStatus(Described):
    """How far a version of the plan has come (domain 2, L86-88)."""

    PRELIMINARY_DRAFT = "PRELIMINARY_DRAFT", "A first draft."
    UNDER_PUBLIC_COMMENT = "UNDER_PUBLIC_COMMENT", "Out for comment."
    FINAL = "FINAL", "Issued."
    SUPERSEDED = "SUPERSEDED", "A later version took its place."


class GoalHorizon(Described):
    """By when a goal is to be reached (domain 2, L33)."""

    WITHIN_TWO_YEARS = "WITHIN_TWO_YEARS", "Within two years of adoption."
    LONGER_TERM = "LONGER_TERM", "Later than that."


class PrincipleGroup(Described):
    """The heading that a principle stands under (domain 2, L102-121)."""

    GOVERNANCE_QUALITY = "GOVERNANCE_QUALITY", "Governance and quality of data."
    PRIVACY_ETHICS = "PRIVACY_ETHICS", "Privacy and ethics."
    SHARING = "SHARING", "Sharing between agencies."
    LEARNING_COLLABORATION = "LEARNING_COLLABORATION", "Learning and working together."


class MetricDirection(Described):
    """Which change of a metric is progress (domain 3.2)."""

    INCREASE = "INCREASE", "More is better."
    DECREASE = "DECREASE", "Less is better."
    TRACK = "TRACK", "Watched without a stated direction."


class ServesHow(Described):
    """How it is known that something serves a goal (domain 4, L42, L130)."""

    DECLARED = "DECLARED", "A source says so."
    DERIVED_FROM_METRIC = "DERIVED_FROM_METRIC", "It feeds a metric that measures the goal."
    DERIVED_ALONG_LINEAGE = "DERIVED_ALONG_LINEAGE", "Something downstream of it serves the goal."


# Lineage


class TransformationKind(Described):
    """What a process or a step does to data (domain 2, L181)."""

    COPY = "COPY", "Hands on unchanged."
    FILTER = "FILTER", "Leaves rows or columns out."
    JOIN = "JOIN", "Joins tables."
    LINK_PERSONS = "LINK_PERSONS", "Finds records of the same person."
    AGGREGATE = "AGGREGATE", "Counts or sums over groups."
    SUPPRESS = "SUPPRESS", "Leaves small cells out."
    REDACT = "REDACT", "Takes identifying content out."
    PSEUDONYMIZE = "PSEUDONYMIZE", "Puts other ids in the place of identifiers."
    DERIVE = "DERIVE", "Computes new values."
    MODEL = "MODEL", "Fits or applies a statistical model."


class FlowMode(Described):
    """By what way data flows (domain 2, L150)."""

    AUTOMATED_FEED = "AUTOMATED_FEED", "A scheduled feed without hands."
    MANUAL = "MANUAL", "Sent by a person."
    API = "API", "Fetched through an interface."
    SFTP = "SFTP", "Files over a secured connection."
    PUBLICATION = "PUBLICATION", "Published, and taken from there."
    LINKAGE = "LINKAGE", "Within the linking of persons."


class RunState(Described):
    """Where a run stands (domain 3.5, from OpenLineage)."""

    PLANNED = "PLANNED", "Scheduled."
    RUNNING = "RUNNING", "Started, not ended."
    COMPLETED = "COMPLETED", "Ended well."
    ABORTED = "ABORTED", "Stopped from outside."
    FAILED = "FAILED", "Ended in an error."
    OTHER = "OTHER", "A source says something else, or nothing."


class Derivation(Described):
    """How a column depends on another (domain 3.5, from OpenLineage)."""

    DIRECT = "DIRECT", "Its values are made of the other's values."
    INDIRECT = "INDIRECT", "The other decides which values appear: a filter, a join, a grouping."


# Our own


class SourceKind(Described):
    """How a source speaks to us (design 2)."""

    HARVEST = "HARVEST", "A catalog that is read again and again."
    FILE = "FILE", "A file in our own format."
    EVENTS = "EVENTS", "Lineage events as they happen."
    PERSON = "PERSON", "A person who enters it; no harvest overwrites that."
    DERIVED = "DERIVED", "Computed here from what others said."


class LoadState(Described):
    """How a load stands or ended (design 6)."""

    RUNNING = "RUNNING", "Not ended: it goes on, or was stopped and a part of what it read may be missing."
    COMPLETED = "COMPLETED", "All was read and written."
    INTERRUPTED = "INTERRUPTED", "Stopped before its end; a later load took in what it had not."
    REFUSED = "REFUSED", "The input was not to be trusted; nothing was closed."
    FAILED = "FAILED", "Ended in an error."
