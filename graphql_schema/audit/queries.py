"""Root fields of the audit of sharing."""

from __future__ import annotations

import strawberry

from catalog.model.enums_data import Classification
from graphql_schema.audit.types import FlowVerdicts, PathwaySummary
from graphql_schema.core.audits import FindAudited
from graphql_schema.core.declare import AS_OF, PAGE, asked, only, roots
from graphql_schema.core.verdicts import flow_verdicts, pathway_summary
from lineage.audit.words import Reason, VerdictKind, Why

__all__ = ["AuditQuery"]


@roots
class AuditQuery:
    """See the fields."""

    flow_verdicts: FlowVerdicts = asked(
        FindAudited(flow_verdicts),
        "The flows that are live on the day (begun by then or only planned, and not over), each with its verdict: may it flow,"
        " under which agreement, and if not, why not. Tests hold together; of several values of one, one does.",
        only("verdicts", list[VerdictKind], "with one of these verdicts"),
        only("reasons", list[Reason], "with one of these reasons"),
        only("why", list[Why], "where one of these is not known"),
        only("provider", strawberry.ID, "what this agency provides, by its URN"),
        only("recipient", strawberry.ID, "what this agency gets, by its URN"),
        only("dataset", strawberry.ID, "from or to this dataset, by its URN"),
        only("classification", Classification, "where the strictest class is this"),
        (
            "unpermitted",
            bool,
            "Only what passes data on, and an agency whose data it is permits that by no agreement; unless told: false.",
            False,
        ),
        *PAGE,
        AS_OF,
    )
    pathway_summary: PathwaySummary = asked(
        FindAudited(pathway_summary),
        "The flows that are live on the day, counted by the agency that provides, the one that gets, and the verdict.",
        (
            "crossing",
            bool,
            "Only between two different agencies, or where one is not known; unless told: false.",
            False,
        ),
        *PAGE,
        AS_OF,
    )
