"""Root fields of the plan domain."""

from __future__ import annotations

from catalog.selection import Order
from graphql_schema.core.declare import find, list_all, roots
from graphql_schema.core.types import Connection
from graphql_schema.plan.types import FocalPoint, Goal, ImplementationStep, Metric, PlanVersion, Principle

__all__ = ["PlanQuery"]


@roots
class PlanQuery:
    """See the fields."""

    plan: PlanVersion | None = find(
        "PlanVersion", "One version of the data plan, by its URN; null where there is none."
    )
    plans: Connection[PlanVersion] = list_all(
        "PlanVersion", "Versions of the data plan.", order=Order("period_start", descending=True)
    )
    goal: Goal | None = find("Goal", "One goal, by its URN; null where there is none.")
    goals: Connection[Goal] = list_all("Goal", "Goals of the data plan.", order=Order("number"))
    principles: Connection[Principle] = list_all("Principle", "Principles of the data plan.", order=Order("number"))
    focal_points: Connection[FocalPoint] = list_all(
        "FocalPoint", "Focal points of the data plan.", order=Order("number")
    )
    steps: Connection[ImplementationStep] = list_all(
        "ImplementationStep", "Steps that the data plan proposes.", order=Order("code")
    )
    metrics: Connection[Metric] = list_all("Metric", "Metrics of the goals.", order=Order("code"))
