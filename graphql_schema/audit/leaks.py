"""Types of leaks, and of what else the audit finds of data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import strawberry

from catalog.findings import Severity
from catalog.model.enums_data import ProtectedReason
from graphql_schema.core.audit_findings import FlowEnd
from graphql_schema.core.declare import asked, part, view
from graphql_schema.core.found import AuditCompleteness, audit_page
from graphql_schema.core.telling import FIRST, CountOf, NodeAt, NodesAt, Some, WorkedOut
from graphql_schema.core.walk import Told
from lineage.audit.cut import MOST_FLOWS
from lineage.audit.leaks import MOST
from lineage.audit.words import FindingRule, Grade

if TYPE_CHECKING:
    from graphql_schema.data.types import Dataset, System
    from graphql_schema.lineage.types import Flow
    from graphql_schema.people.types import Agency
    from graphql_schema.sharing.types import Agreement

__all__ = ["AuditFinding", "AuditFindings", "Leak", "LeakCut", "LeakPlace", "Leaks"]

_DATA = strawberry.lazy("graphql_schema.data.types")
_LINEAGE = strawberry.lazy("graphql_schema.lineage.types")
_PEOPLE = strawberry.lazy("graphql_schema.people.types")
_SHARING = strawberry.lazy("graphql_schema.sharing.types")


@view("A dataset on the path of a leak, and how the data goes on from there.")
class LeakPlace:
    """See the description."""

    dataset: Annotated[Dataset, _DATA] | None = part(
        NodeAt("Dataset", "dataset"), "The dataset; null where a system is on the path."
    )
    system: Annotated[System, _DATA] | None = part(
        NodeAt("System", "dataset"), "The system, where data goes through one whose datasets are not known; else null."
    )
    agency: Annotated[Agency, _PEOPLE] | None = part(
        NodeAt("Agency", "agency"), "The agency that holds it; null where that is not known."
    )
    flow: Annotated[Flow, _LINEAGE] | None = part(
        NodeAt("Flow", "flow"), "The flow by which the data goes on; null at the end of the path."
    )


@view("Protected data that reaches an open dataset without a reviewed process that declassifies.")
class Leak:
    """See the description."""

    protected: Annotated[Dataset, _DATA] | None = part(NodeAt("Dataset", "row.protected"), "Where the data comes from.")
    open: Annotated[Dataset, _DATA] | None = part(NodeAt("Dataset", "row.open"), "The open dataset that it reaches.")
    grade: Grade = part(Told("row.grade"), "The worst grade of all paths from the one to the other.")
    path: list[LeakPlace] = asked(
        Some("path"), "A shortest path of that grade, from the protected to the open dataset.", FIRST
    )
    path_count: int = part(CountOf("path"), "How many datasets are on the path, both ends among them.")
    last_to_stop: Annotated[Agency, _PEOPLE] | None = part(
        NodeAt("Agency", "row.last_to_stop"),
        "The last agency that could have stopped it: it holds what the last flow reads. Null where that is not known.",
    )


@view("The fewest flows to stop so that nothing leaks.")
class LeakCut:
    """See the description."""

    flows: list[Annotated[Flow, _LINEAGE]] = asked(
        NodesAt("Flow", "flows"), "The flows; of several smallest sets the first by URN. Ordered by URN.", FIRST
    )
    flow_count: int = part(CountOf("flows"), "How many flows they are.")
    is_upper_bound: bool = part(
        Told("upper_bound"),
        "Whether fewer might do: flows are stopped whole, and columns are known on the way, or a dataset is protected, open"
        " and fed by itself.",
    )


@audit_page("A page of leaks.")
class Leaks:
    """See the description."""

    edges: list[Leak] = part(
        Told("edges", listed=True), "What is on the page. Ordered by URN of the protected, then of the open dataset."
    )
    smallest_cut: LeakCut | None = part(
        WorkedOut("cut"),
        "The smallest cut of the leaks of the grades, and from and into the datasets, that were asked for, whatever agencies"
        f" they pass. Worked out where it is chosen; null where more than {MOST_FLOWS:,} flows are on the way.",
    )
    completeness: AuditCompleteness = part(
        Told("completeness"),
        f"What the answer leaves out. Of more than {MOST:,} leaks, or where they are far to walk, the worst grades are found"
        " first, and `omittedCount` is how many open datasets were not looked at to the end: ask for one of them by `open`.",
    )


@view("What the audit finds of a dataset, a system or a flow that is live on the day, beside its verdict.")
class AuditFinding:
    """See the description."""

    severity: Severity = part(Told("severity"), "How much it matters.")
    rule: FindingRule = part(Told("rule"), "What is found.")
    dataset: Annotated[Dataset, _DATA] | None = part(
        NodeAt("Dataset", "dataset"), "The dataset; null where it is about something else."
    )
    system: Annotated[System, _DATA] | None = part(
        NodeAt("System", "dataset"),
        "The system, which stands for its data where its datasets are not known; null where it is about something else.",
    )
    column: str | None = part(
        Told("column"), "Name of the column of the dataset; null where it is about no single one."
    )
    flow: Annotated[Flow, _LINEAGE] | None = part(
        NodeAt("Flow", "flow"), "The flow; null where it is about something else."
    )
    end: FlowEnd | None = part(Told("end"), "Of HOLDER_UNKNOWN and HOLDER_DIFFERS: which end of the flow; else null.")
    agreement: Annotated[Agreement, _SHARING] | None = part(
        NodeAt("Agreement", "agreement"),
        "Of CLAIM_FAILS: the agreement that is claimed; else null, and where the catalog has none such.",
    )
    reasons: list[ProtectedReason] = part(
        Told("reasons"), "Of R12 and R13: why it is protected. In the order of the alphabet."
    )


@audit_page("A page of what the audit finds beside verdicts and leaks.")
class AuditFindings:
    """See the description."""

    edges: list[AuditFinding] = part(
        Told("edges", listed=True),
        "What is on the page. Ordered by severity, the gravest first, then by the name of the rule, then by URN.",
    )
