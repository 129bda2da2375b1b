"""Root fields of the audit of sharing."""

from __future__ import annotations

from typing import Optional

import strawberry

from catalog.model.enums_data import Classification
from graphql_schema.audit.types import FlowVerdicts, PathwaySummary
from graphql_schema.core.audits import FindAudited
from graphql_schema.core.declare import AS_OF, PAGE, asked, roots
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
        ("verdicts", Optional[list[VerdictKind]], "Only with one of these verdicts; unless told: all."),  # noqa: UP045 - a value, no annotation
        ("reasons", Optional[list[Reason]], "Only with one of these reasons; unless told: all."),  # noqa: UP045 - as above
        ("why", Optional[list[Why]], "Only where one of these is not known; unless told: all."),  # noqa: UP045 - as above
        ("provider", Optional[strawberry.ID], "Only what this agency provides, by its URN; unless told: all."),  # noqa: UP045 - as above
        ("recipient", Optional[strawberry.ID], "Only what this agency gets, by its URN; unless told: all."),  # noqa: UP045 - as above
        ("dataset", Optional[strawberry.ID], "Only from or to this dataset, by its URN; unless told: all."),  # noqa: UP045 - as above
        ("classification", Optional[Classification], "Only where the strictest class is this; unless told: all."),  # noqa: UP045 - as above
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
