"""Types of the plan domain."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import strawberry

from catalog.model.enums import PrincipleGroup, ServesHow
from catalog.selection import Order
from graphql_schema.core.declare import fact, leaf, many, part, view
from graphql_schema.core.nodes import Node, node
from graphql_schema.core.plan import NodeOf
from graphql_schema.core.types import Connection, PageInfo, edges, page_info, total_count

if TYPE_CHECKING:
    from graphql_schema.data.types import Dataset
    from graphql_schema.sharing.types import Agreement

__all__ = ["FocalComponent", "FocalPoint", "Goal", "ImplementationStep", "Metric", "PlanVersion", "Principle"]
__all__ += ["ServedGoal", "ServingDatasetConnection", "ServingDatasetEdge"]

_DATA = strawberry.lazy("graphql_schema.data.types")
_SHARING = strawberry.lazy("graphql_schema.sharing.types")

_how = fact("how", "How it is known; null where the source does not say.")
_reason = fact("reason", "Why; plain text, or the URN it was derived from.")
_source = fact("source", "URN of the source that says so; each source says it for itself.")
_since = fact("valid_from", "First day on which it holds; null where that is not known.")


@node("PlanVersion")
class PlanVersion(Node):
    """See the model."""


@node("FocalComponent")
class FocalComponent(Node):
    """See the model."""


@node("Metric")
class Metric(Node):
    """See the model."""

    goals: Connection[Goal] = many("measures", order=Order("number"))


@view("A dataset that serves a goal, and how that is known.")
class ServingDatasetEdge:
    """See the description."""

    node: Annotated[Dataset, _DATA] = part(NodeOf(), "The dataset.")
    how: ServesHow | None = _how
    reason: str | None = _reason
    source: strawberry.ID | None = _source
    since: date | None = _since


@view("A page of the datasets that serve a goal, one entry for each source that says so.")
class ServingDatasetConnection:
    """See the description."""

    edges: list[ServingDatasetEdge] = edges
    page_info: PageInfo = page_info
    total_count: int = total_count


@view("A goal that something serves, and how that is known.")
class ServedGoal:
    """See the description."""

    goal: Goal = part(NodeOf(), "The goal.")
    how: ServesHow | None = _how
    reason: str | None = _reason
    source: strawberry.ID | None = _source
    since: date | None = _since


@node("Goal", entity=True)
class Goal(Node):
    """See the model."""

    metrics: Connection[Metric] = many("metrics", "The metrics that show its progress.", order=Order("code"))
    assets: ServingDatasetConnection = many(
        "serving_datasets",
        "The datasets that are said to serve it; one that several sources name comes once for each. Those that serve it "
        "through a metric are under `metrics`.",
        order=Order("title"),
    )
    agreements: Connection[Annotated[Agreement, _SHARING]] = many(
        "serving_agreements",
        "The agreements that serve it; one that several sources name comes once for each.",
        order=Order("title"),
    )


@node("Principle")
class Principle(Node):
    """See the model."""

    group: PrincipleGroup | None = leaf("principle_group")


@node("ImplementationStep")
class ImplementationStep(Node):
    """See the model."""

    focal_points: Connection[FocalPoint] = many(
        "step_of", "The focal points that it is for.", target="FocalPoint", order=Order("number")
    )
    principles: Connection[Principle] = many("in_accord_with", order=Order("number"))


@node("FocalPoint")
class FocalPoint(Node):
    """See the model."""

    steps: Connection[ImplementationStep] = many("steps", "The actions that the plan proposes.", order=Order("code"))
