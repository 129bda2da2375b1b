"""Types of what stands downstream of a dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import strawberry

from graphql_schema.core.declare import part, view
from graphql_schema.core.impact import GroupsOf
from graphql_schema.core.walk import NodeOfWalk, Told
from graphql_schema.lineage.walk import LineageCompleteness, LineageNode

if TYPE_CHECKING:
    from graphql_schema.people.types import Agency
    from graphql_schema.plan.types import Goal, Metric

__all__ = ["Impact", "ImpactAtDepth", "ImpactOnAgency", "ImpactOnGoal", "ImpactOnMetric"]

_PEOPLE = strawberry.lazy("graphql_schema.people.types")
_PLAN = strawberry.lazy("graphql_schema.plan.types")

_count = part(Told("group.count"), "How many of the datasets downstream these are.")
_depth = part(Told("group.depth"), "How far the nearest of them is from the root. Unit: hops.")
_datasets = part(
    Told("group.datasets"),
    "Their URNs, of one that has several names the first of those that belong here. Ordered as in `nodes`: the nearest first.",
)
_GROUPS = "Ordered by count, descending, then URN"


@view("The datasets downstream that are so far away.")
class ImpactAtDepth:
    """See the description."""

    depth: int = part(Told("depth"), "How far they are from the root, by the shortest way. Unit: hops; from 1.")
    count: int = part(Told("count"), "How many they are, hidden ones among them.")
    hidden_count: int = part(Told("hidden"), "How many of them are hidden.")


@view("The datasets downstream that one agency has in custody.")
class ImpactOnAgency:
    """See the description."""

    agency: Annotated[Agency, _PEOPLE] | None = part(
        NodeOfWalk("Agency"),
        "The agency, with its `dataOfficer` to tell; null where it was closed while the answer was made.",
    )
    count: int = _count
    depth: int = _depth
    datasets: list[strawberry.ID] = _datasets


@view("The datasets downstream that serve one goal, themselves or by a metric that measures it.")
class ImpactOnGoal:
    """See the description."""

    goal: Annotated[Goal, _PLAN] | None = part(
        NodeOfWalk("Goal"), "The goal; null where it was closed while the answer was made."
    )
    count: int = _count
    depth: int = _depth
    datasets: list[strawberry.ID] = _datasets


@view("The datasets downstream that serve one metric.")
class ImpactOnMetric:
    """See the description."""

    metric: Annotated[Metric, _PLAN] | None = part(
        NodeOfWalk("Metric"), "The metric; null where it was closed while the answer was made."
    )
    count: int = _count
    depth: int = _depth
    datasets: list[strawberry.ID] = _datasets


@view(
    "What stands downstream of a dataset, and so would feel a change of it. What the reader may not know of is not in it,"
    " and neither a count nor `completeness` speaks of it."
)
class Impact:
    """See the description."""

    root: strawberry.ID = part(Told("graph.root"), "URN of the dataset that it is about.")
    total_count: int = part(
        Told("impact.total"),
        "How many datasets stand downstream, as far as was looked: hidden ones among them, the root not. One that has several"
        " names is counted once, here and everywhere below.",
    )
    without_agency: int = part(
        Told("impact.without_agency"),
        "How many of them are in the custody of no agency that the reader sees; hidden datasets are not counted here.",
    )
    nodes: list[LineageNode] = part(
        Told("nodes", listed=True),
        "The root and the datasets downstream, under all their names. Ordered by depth, then id; hidden nodes last among"
        " those of a depth.",
    )
    depths: list[ImpactAtDepth] = part(
        Told("impact.depths", listed=True), "How many they are by how far they are. Ordered by depth."
    )
    agencies: list[ImpactOnAgency] = part(
        GroupsOf("agencies", "Agency"), f"Who holds them. {_GROUPS}; a hidden dataset is in none."
    )
    goals: list[ImpactOnGoal] = part(
        GroupsOf("goals", "Goal"),
        f"What of the plan they serve, whoever says so and however it is known. {_GROUPS}; a dataset is in several where it"
        " serves several. Of one dataset at most 1,000 statements are read.",
    )
    metrics: list[ImpactOnMetric] = part(
        GroupsOf("metrics", "Metric"),
        f"What of the plan's metrics they serve. {_GROUPS}. Of one dataset at most 1,000 statements are read.",
    )
    completeness: LineageCompleteness = part(Told("graph.completeness"), "What the answer leaves out.")
