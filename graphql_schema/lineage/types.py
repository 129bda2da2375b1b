"""Types of the lineage domain."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import strawberry

from catalog.selection import Order
from graphql_schema.core.audits import Audited
from graphql_schema.core.declare import asked, fact, many, only, part, view
from graphql_schema.core.duties import files_of
from graphql_schema.core.nodes import Node, node
from graphql_schema.core.plan import Edges, HiddenId, NodeOf
from graphql_schema.core.runs import DEFAULT_RUNS, MAX_RUNS, DurationOf, SummaryOfRuns
from graphql_schema.core.types import Connection, PageInfo, page_info, total_count
from graphql_schema.core.verdicts import verdict_of
from graphql_schema.lineage.runs import RunSummary

if TYPE_CHECKING:
    from graphql_schema.audit.duties import FileDestruction
    from graphql_schema.audit.types import FlowVerdict
    from graphql_schema.data.types import Dataset

__all__ = ["HIDDEN_ID", "ColumnFlow", "DisclosureReview", "Flow", "Job", "LineageConnection", "LineageEdge"]
__all__ += ["LinkageRun", "Run"]

_AUDIT = strawberry.lazy("graphql_schema.audit.types")
_DATA = strawberry.lazy("graphql_schema.data.types")
_DUTIES = strawberry.lazy("graphql_schema.audit.duties")

HIDDEN_ID = "An opaque id of a dataset that the reader may not see: the same wherever it occurs, and no URN. Else null."
"""What is said of such an id, wherever one stands."""


@view("A dataset one hop away along lineage.")
class LineageEdge:
    """See the description."""

    node: Annotated[Dataset, _DATA] | None = part(
        NodeOf(), "The dataset; null where there is one that the reader may not see: then `hiddenId` stands for it."
    )
    hidden_id: strawberry.ID | None = part(HiddenId(), HIDDEN_ID)
    source: strawberry.ID | None = fact("source", "URN of the source that says so; null for a hidden dataset.")
    since: date | None = fact(
        "valid_from", "First day on which it holds; null where that is not known, and for a hidden dataset."
    )
    until: date | None = fact(
        "valid_to", "First day on which it holds no more; null while there is no end, and for a hidden dataset."
    )


@view("A page of the datasets one hop away along lineage. Hidden ones come last and are not counted in `totalCount`.")
class LineageConnection:
    """See the description."""

    edges: list[LineageEdge] = part(Edges(hidden=True), "What is on the page, in the order of the list.")
    page_info: PageInfo = page_info
    total_count: int = total_count


@node("Run")
class Run(Node):
    """See the model."""

    duration_seconds: float | None = part(
        DurationOf(),
        "How long it took, from `startedAt` to `endedAt`. Unit: seconds; null while it runs, where either is not known, and"
        " where its end is stated to come before its beginning.",
    )


@node("Flow")
class Flow(Node):
    """See the model."""

    verdict: Annotated[FlowVerdict, _AUDIT] | None = part(
        Audited(verdict_of),
        "May it flow on the day, under which agreement, and if not, why not; null where it is not live on the day.",
    )


@node("DisclosureReview")
class DisclosureReview(Node):
    """See the model."""


@node("LinkageRun")
class LinkageRun(Node):
    """See the model."""

    file_destruction: Annotated[FileDestruction, _DUTIES] | None = part(
        Audited(files_of), "Whether its files were destroyed in time; null where it had not begun by the day."
    )


@node("ColumnFlow")
class ColumnFlow(Node):
    """See the model."""


@node("Job")
class Job(Node):
    """See the model."""

    reads: Connection[Annotated[Dataset, _DATA]] = many("reads", order=Order("title"))
    writes: Connection[Annotated[Dataset, _DATA]] = many("writes", order=Order("title"))
    runs: Connection[Run] = many(
        "runs",
        "Its runs, those that began last first. Ordered by startedAt, descending, then URN; those without startedAt first.",
        order=Order("started_at", descending=True),
    )
    run_summary: RunSummary = asked(
        SummaryOfRuns(),
        "How its latest runs went: those that began by the day or, where their beginning is not known, ended by then.",
        ("first", int, f"How many runs at most: 1 to {MAX_RUNS}; unless told: {DEFAULT_RUNS}.", DEFAULT_RUNS),
        only("since", date, "runs of this day or later"),
    )
