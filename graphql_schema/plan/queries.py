"""Root fields of the plan domain."""

from __future__ import annotations

from catalog.selection import Order
from graphql_schema.core.declare import find, list_all, roots
from graphql_schema.core.types import Connection
from graphql_schema.plan.inputs import GoalFilter
from graphql_schema.plan.types import FocalPoint, Goal, Principle

__all__ = ["PlanQuery"]


@roots
class PlanQuery:
    """See the fields."""

    goal: Goal | None = find("Goal", "One goal, by its URN; null where there is none.")
    goals: Connection[Goal] = list_all("Goal", "Goals of the data plan.", order=Order("number"), filter=GoalFilter)
    principles: Connection[Principle] = list_all("Principle", "Principles of the data plan.", order=Order("number"))
    focal_points: Connection[FocalPoint] = list_all(
        "FocalPoint", "Focal points of the data plan.", order=Order("number")
    )
