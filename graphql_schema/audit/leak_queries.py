"""Root fields of leaks, and of what else the audit finds of data."""

from __future__ import annotations

import strawberry

from catalog.findings import Severity
from graphql_schema.audit.leaks import AuditFindings, Leaks
from graphql_schema.core.audit_findings import audit_findings
from graphql_schema.core.audits import FindAudited
from graphql_schema.core.declare import AS_OF, PAGE, asked, only, roots
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
        only("grades", list[Grade], "of one of these grades"),
        only("protected", strawberry.ID, "from this dataset, by its URN", "from all"),
        only("open", strawberry.ID, "into this dataset, by its URN", "into all"),
        only("agency", strawberry.ID, "where this agency holds a dataset on the path"),
        *PAGE,
        AS_OF,
    )
    audit_findings: AuditFindings = asked(
        FindAudited(audit_findings),
        "What the audit finds of datasets and of the flows that are live on the day, beside verdicts and leaks: classes that"
        " contradict each other or lack something, holders that are not known, claims that fail.",
        only("severity", Severity, "of this severity"),
        only("rules", list[FindingRule], "by one of these rules"),
        *PAGE,
        AS_OF,
    )
