"""Root fields of the lineage domain."""

from __future__ import annotations

from catalog.selection import Order
from graphql_schema.core.declare import find, list_all, roots
from graphql_schema.core.types import Connection
from graphql_schema.core.walks import impact, paths, walk
from graphql_schema.lineage.impact import Impact
from graphql_schema.lineage.paths import LineagePaths
from graphql_schema.lineage.types import Flow, Job, Lineage, Run

__all__ = ["LineageQuery"]


@roots
class LineageQuery:
    """See the fields."""

    lineage: Lineage | None = walk(
        "Dataset",
        "upstream",
        "downstream",
        "The lineage of one dataset, by its URN: which datasets its data comes from and goes to, hop by hop; null where"
        " there is none. Each node is met once, whatever the cycles, and the nearest are met first.",
    )
    lineage_paths: LineagePaths | None = paths(
        "Dataset",
        "upstream",
        "downstream",
        "The paths by which data flows from one dataset into another, by their URNs; null where there is not both. A path"
        " meets no dataset twice, and ends where it first comes to the other; from a dataset to itself there is one, of no"
        " hop.",
    )
    impact: Impact | None = impact(
        "Dataset",
        "upstream",
        "downstream",
        "What stands downstream of one dataset, by its URN: by who holds it, how far it is, and what of the plan it serves;"
        " null where there is none.",
    )
    job: Job | None = find("Job", "One job, by its URN; null where there is none.")
    jobs: Connection[Job] = list_all("Job", "Jobs that move data.", order=Order("name"))
    flows: Connection[Flow] = list_all("Flow", "Flows of data from one place to another.", order=Order("title"))
    runs: Connection[Run] = list_all("Run", "Runs of jobs.", order=Order("started_at", descending=True))
