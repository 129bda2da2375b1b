"""Root fields of the lineage domain."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Annotated

import strawberry

from catalog.selection import Order, Predicate
from graphql_schema.core.declare import Where, find, list_all, roots
from graphql_schema.core.types import Connection
from graphql_schema.core.walks import agency_flows, column_lineage, impact, lineage, paths
from graphql_schema.lineage.agency_flows import AgencyFlows
from graphql_schema.lineage.columns import ColumnLineage
from graphql_schema.lineage.impact import Impact
from graphql_schema.lineage.inputs import LINEAGE_FILTERS, LineageFilter
from graphql_schema.lineage.paths import LineagePaths
from graphql_schema.lineage.types import Flow, Job, Run
from graphql_schema.lineage.walk import Lineage
from lineage.ends import is_leaf, is_orphan, is_root

if TYPE_CHECKING:
    from graphql_schema.data.types import Dataset

__all__ = ["LineageQuery"]

_DATA = strawberry.lazy("graphql_schema.data.types")

_FEEDS = (
    "What counts is the lineage that `upstream` and `downstream` tell, hidden datasets among it, and the flows from or to"
    " the dataset, or the system that keeps it, that are live on the day. A dataset on a cycle, or that feeds itself, feeds"
    " and is fed."
)
"""What is said of each list of where lineage begins or ends."""


def _where(test: Callable[[date], Predicate]) -> Where:
    """What is true on the day asked about."""
    return Where((), lambda _args, as_of: test(as_of))


@roots
class LineageQuery:
    """See the fields."""

    lineage: Lineage | None = lineage(
        LineageFilter,
        LINEAGE_FILTERS,
        "The lineage of one dataset, column, agency or job, by its URN: where its data comes from and goes to, hop by hop, as"
        " it was on a day; null where there is none. Each node is met once, whatever the cycles, and the nearest are met"
        " first. At level DATASET a walk is at all names of a dataset at once: `sameAs`.",
    )
    column_lineage: ColumnLineage | None = column_lineage(
        "The lineage of one column, by its URN: which columns it depends on and which depend on it, hop by hop, with what is"
        " done to the values at each step; null where there is none. Each column is met once, and the nearest are met first."
        " It is `lineage` at level COLUMN, told in the words of columns."
    )
    lineage_paths: LineagePaths | None = paths(
        "Dataset",
        "upstream",
        "downstream",
        "The paths by which data flows from one dataset into another, by their URNs; null where there is not both. A path"
        " meets no dataset twice, under whatever name, and ends where it first comes to the other; from a dataset to itself"
        " there is one, of no hop.",
        same="same_as",
    )
    impact: Impact | None = impact(
        "Dataset",
        "upstream",
        "downstream",
        "What stands downstream of one dataset, by its URN: by who holds it, how far it is, and what of the plan it serves;"
        " null where there is none. A dataset with several names is one.",
        same="same_as",
    )
    agency_flows: AgencyFlows = agency_flows(
        "Which agency's data flows to which agency: a matrix of the flows that are live on the day (begun by then or only"
        " planned, and not over), with counts of flows, datasets and jobs, and by class. What the reader may not see is not"
        " counted.",
    )
    roots: Connection[Annotated[Dataset, _DATA]] = list_all(
        "Dataset",
        f"Where lineage begins: datasets that feed something and that nothing feeds. {_FEEDS}",
        order=Order("title"),
        where=_where(is_root),
    )
    leaves: Connection[Annotated[Dataset, _DATA]] = list_all(
        "Dataset",
        f"Where lineage ends: datasets that something feeds and that feed nothing. {_FEEDS}",
        order=Order("title"),
        where=_where(is_leaf),
    )
    orphans: Connection[Annotated[Dataset, _DATA]] = list_all(
        "Dataset",
        f"What stands outside of lineage: datasets that feed nothing and that nothing feeds. {_FEEDS}",
        order=Order("title"),
        where=_where(is_orphan),
    )
    job: Job | None = find("Job", "One job, by its URN; null where there is none.")
    jobs: Connection[Job] = list_all("Job", "Jobs that move data.", order=Order("name"))
    flows: Connection[Flow] = list_all("Flow", "Flows of data from one place to another.", order=Order("title"))
    runs: Connection[Run] = list_all("Run", "Runs of jobs.", order=Order("started_at", descending=True))
