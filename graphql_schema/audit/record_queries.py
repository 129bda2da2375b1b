"""Root fields of what the audit finds in records: what is owed, matched, permitted to persons, and what went wrong."""

from __future__ import annotations

from datetime import date

import strawberry

from catalog.model.enums_data import PersonalKind
from catalog.model.enums_sharing import ObligationKind
from graphql_schema.audit.access import LinkagePaths, OutputAccess
from graphql_schema.audit.crossings import BasisGaps, IdentifierCrossings
from graphql_schema.audit.duties import Incidents, LinkageRuns, Obligations
from graphql_schema.core.access import MAX_TRAINING_DAYS, TRAINING_DAYS, linkage_paths, output_access
from graphql_schema.core.audits import FindAudited
from graphql_schema.core.crossings import basis_gaps, identifier_crossings
from graphql_schema.core.declare import AS_OF, PAGE, Argument, asked, only, roots
from graphql_schema.core.duties import incidents, linkage_runs, obligations
from lineage.audit.record_words import AccessGap, BasisGapKind, DutyStatus, NoticeStatus

__all__ = ["RecordQuery"]

_TESTS = "Tests hold together; of several values of one, one does."


def _urn(name: str, words: str) -> Argument:
    """A test for a node."""
    return only(name, strawberry.ID, f"{words}, by its URN")


@roots
class RecordQuery:
    """See the fields."""

    obligations: Obligations = asked(
        FindAudited(obligations),
        "What is owed under agreements: their obligations, and where an agreement says until when the data may be kept, to"
        f" destroy it; with due day, whether it is done, and what is still held. {_TESTS}",
        only("kinds", list[ObligationKind], "of one of these kinds"),
        only("statuses", list[DutyStatus], "with one of these statuses"),
        _urn("agreement", "under this agreement"),
        _urn("agency", "what this agency owes"),
        only("due_by", date, "what is due on this day or before"),
        *PAGE,
        AS_OF,
    )
    linkage_runs: LinkageRuns = asked(
        FindAudited(linkage_runs),
        "The matches of files by hubs that had begun by the day, those without any day among them: on which fields, for which"
        f" request, and whether the files were destroyed in time. {_TESTS}",
        only("statuses", list[DutyStatus], "where the destruction of the files has one of these statuses"),
        _urn("hub", "by this agency"),
        _urn("request", "for this request"),
        _urn("dataset", "of files of this dataset"),
        only("field", str, "on a field of this name, in whatever case"),
        *PAGE,
        AS_OF,
    )
    incidents: Incidents = asked(
        FindAudited(incidents),
        "What went wrong with shared data by the day, incidents without a day among them: which flows and agreements it"
        f" touched, and whether those whose data it is were told in time. {_TESTS}",
        only("statuses", list[NoticeStatus], "where the notice has one of these statuses"),
        _urn("agreement", "what touched this agreement"),
        _urn("flow", "what touched this flow"),
        _urn("dataset", "what names this dataset"),
        *PAGE,
        AS_OF,
    )
    identifier_crossings: IdentifierCrossings = asked(
        FindAudited(identifier_crossings),
        "Which identifiers of persons cross which boundaries between agencies, in how many of the flows that are live on the"
        " day, and in how many runs. Flows of which one end is not known count as crossing, and masked columns as carried."
        f" {_TESTS}",
        (
            "kinds",
            list[PersonalKind] | None,
            "Columns of these kinds; unless told: DIRECT_IDENTIFIER and QUASI_IDENTIFIER.",
        ),
        only("identifier", str, "of this name, in whatever case"),
        _urn("provider", "what this agency provides"),
        _urn("recipient", "what this agency gets"),
        *PAGE,
        AS_OF,
    )
    basis_gaps: BasisGaps = asked(
        FindAudited(basis_gaps),
        "The flows that are live on the day and that rest on a legal basis which is not borne out: the agreement that covers"
        " them, or that they claim, does not state what a law it rests on asks for, or does not rest on a law that protects the"
        f" data. Neither uncovers a flow, and neither is legal advice. {_TESTS}",
        only("gaps", list[BasisGapKind], "with one of these gaps"),
        _urn("agreement", "under this agreement"),
        _urn("law", "of this law"),
        _urn("provider", "what this agency provides"),
        _urn("recipient", "what this agency gets"),
        *PAGE,
        AS_OF,
    )
    output_access: OutputAccess = asked(
        FindAudited(output_access),
        "Which persons have access on the day to which data that is not aggregated (that is not known to be public), and"
        f" whether promise, training, approval and agreement are in order. {_TESTS}",
        only("gaps", list[AccessGap], "with one of these gaps"),
        _urn("person", "of this person"),
        _urn("agency", "of who works for this agency"),
        _urn("agreement", "under this agreement"),
        _urn("dataset", "to this dataset"),
        (
            "training_days",
            int,
            f"For how many days training is current: 1 to {MAX_TRAINING_DAYS}; unless told: {TRAINING_DAYS}. Unit: days.",
            TRAINING_DAYS,
        ),
        *PAGE,
        AS_OF,
    )
    linkage_paths: LinkagePaths = asked(
        FindAudited(linkage_paths),
        "By which ways two datasets could be linked on the day, whom to ask, and how long the last such request took; no way"
        " where there is not both.",
        ("dataset", strawberry.ID, "The one dataset, by its URN."),
        ("linked_with", strawberry.ID, "The other, by its URN; the order of the two does not matter."),
        (
            "recipient",
            strawberry.ID | None,
            "Who wants the result: an agency, by its URN; unless told: anyone who may link.",
        ),
        (
            "purpose",
            strawberry.ID | None,
            "What it is for, by its URN; unless told: what each agreement permits.",
        ),
        *PAGE,
        AS_OF,
    )
