"""Root fields of leaks, and of what else the audit finds of data."""

from __future__ import annotations

from typing import Optional

import strawberry

from catalog.findings import Severity
from graphql_schema.audit.leaks import AuditFindings, Leaks
from graphql_schema.core.audit_findings import audit_findings
from graphql_schema.core.audits import FindAudited
from graphql_schema.core.declare import AS_OF, PAGE, asked, roots
from graphql_schema.core.leaks import leaks
from lineage.audit.words import FindingRule, Grade

__all__ = ["LeakQuery"]


@roots
class LeakQuery:
    """See the fields."""

    leaks: Leaks = asked(
        FindAudited(leaks),
        "Where protected data reaches a dataset that is open or on a public portal, by which path, and who could have stopped it."
        " One leak for each two datasets. Tests hold together.",
        ("grades", Optional[list[Grade]], "Only of one of these grades; unless told: all."),  # noqa: UP045 - a value, no annotation
        ("protected", Optional[strawberry.ID], "Only from this dataset, by its URN; unless told: from all."),  # noqa: UP045 - as above
        ("open", Optional[strawberry.ID], "Only into this dataset, by its URN; unless told: into all."),  # noqa: UP045 - as above
        ("agency", Optional[strawberry.ID], "Only where this agency holds a dataset on the path; unless told: all."),  # noqa: UP045 - as above
        *PAGE,
        AS_OF,
    )
    audit_findings: AuditFindings = asked(
        FindAudited(audit_findings),
        "What the audit finds of datasets and of the flows that are live on the day, beside verdicts and leaks: classes that"
        " contradict each other or lack something, holders that are not known, claims that fail.",
        ("severity", Optional[Severity], "Only of this severity; unless told: all."),  # noqa: UP045 - as above
        ("rules", Optional[list[FindingRule]], "Only by one of these rules; unless told: all."),  # noqa: UP045 - as above
        *PAGE,
        AS_OF,
    )
