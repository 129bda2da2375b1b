"""The plan: versions, principles, focal points, steps, goals and metrics (domain 3.2 and 6)."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from catalog.model.declare import EdgeProperty, Entity, Relation, entity, prop, rel
from catalog.model.enums import GoalHorizon, MetricDirection, PlanStatus, PrincipleGroup, ServesHow

__all__ = ["FocalComponent", "FocalPoint", "Goal", "ImplementationStep", "Metric", "PlanVersion", "Principle"]
__all__ += ["in_accord_with", "serves"]


def serves(inverse: str) -> Relation:
    """The relationship from an asset to what of the plan it serves; every source says it for itself (domain 4)."""
    return rel(
        "SERVES",
        ("Goal", "ImplementationStep", "Metric"),
        "What of the plan it serves, and how that is known.",
        inverse=inverse,
        per_source=True,
        props=(
            EdgeProperty("how", "How it is known.", ServesHow),
            EdgeProperty("reason", "Why; plain text, or the URN it was derived from."),
        ),
    )


def in_accord_with(inverse: str) -> Relation:
    """The relationship from an effort to the principles it keeps to (domain 4, R28)."""
    return rel("IN_ACCORD_WITH", "Principle", "The principles that it states to keep to.", inverse=inverse)


@entity(group="plan")
class PlanVersion(Entity):
    """One edition of the data plan, valid for the period it states (domain 3.2, L38, L88)."""

    title: str = prop("Title as printed.", required=True, order=True, search="title")
    period_start: date | None = prop("First day of the period it plans for.", order=True)
    period_end: date | None = prop("Last day of the period; counts.")
    status: PlanStatus | None = prop("How far it has come.", facet=True)
    received_by_board_on: date | None = prop("Day on which the board received the draft.")
    issued_on: date | None = prop("Day of issue.")
    issued_text: str | None = prop("The day of issue as printed, where that is no proper date.")
    due_on: date | None = prop("Day by which it was to be final.")
    document: str | None = prop("Where it can be read; URL.")

    supersedes: ClassVar[Relation] = rel(
        "SUPERSEDES", "PlanVersion", "The version before it.", inverse="superseded_by", one=True, acyclic=True
    )
    principles: ClassVar[Relation] = rel(
        "HAS_PRINCIPLE", "Principle", "The principles it states.", inverse="plan_versions"
    )
    focal_points: ClassVar[Relation] = rel(
        "HAS_FOCAL_POINT", "FocalPoint", "The focal points it sets.", inverse="plan_versions"
    )
    goals: ClassVar[Relation] = rel("HAS_GOAL", "Goal", "The goals it sets.", inverse="plan_versions")
    issued_by: ClassVar[Relation] = rel("ISSUED_BY", "Agency", "The agency that issues it.", inverse="plans_issued")
    heard_by: ClassVar[Relation] = rel("HEARD_BY", "Board", "The board that hears it.", inverse="plans_heard")
    rests_on: ClassVar[Relation] = rel("RESTS_ON", "Law", "The laws that ask for it.", inverse="plan_versions")


@entity(group="plan")
class Principle(Entity):
    """A rule of conduct that all efforts under the plan keep to (domain 3.2, L104-124, L130)."""

    number: int = prop("Number in the plan, from 1.", required=True, order=True)
    principle_group: PrincipleGroup | None = prop("The heading it stands under.", facet=True)
    title: str | None = prop("What it is about, in a few words of ours.", search="title")
    text: str = prop("What the plan says, in its words or in sum.", required=True, search="text")


@entity(group="plan")
class FocalPoint(Entity):
    """An area where sharing, joining and opening data is to be pushed (domain 3.2, L42, L134-136)."""

    number: int = prop("Number in the plan, from 1.", required=True, order=True)
    title: str = prop("Title as printed.", required=True, search="title")
    text: str | None = prop("What the plan says, in its words or in sum.", search="text")

    refines: ClassVar[Relation] = rel(
        "REFINES", "FocalPoint", "The earlier focal point that it narrows.", inverse="refined_by", acyclic=True
    )


@entity(group="plan")
class FocalComponent(Entity):
    """A part of a focal point that needs work of its own (domain 3.2, L171-181)."""

    number: int | None = prop("Number within the focal point, from 1.", order=True)
    title: str = prop("Title as printed.", required=True, search="title")
    text: str | None = prop("What the plan says, in its words or in sum.", search="text")

    component_of: ClassVar[Relation] = rel(
        "OF", "FocalPoint", "The focal point it is a part of.", inverse="components", one=True
    )


@entity(group="plan")
class ImplementationStep(Entity):
    """An action that the plan proposes for a focal point (domain 3.2, L146, L160, L185)."""

    code: str | None = prop("Short key, such as F1.S3.", order=True, index=True)
    title: str | None = prop("What it is about, in a few words of ours.", search="title")
    text: str = prop("What the plan says, in its words or in sum.", required=True, search="text")
    potential: bool | None = prop("Whether the plan offers it as a possibility and commits nobody.")

    step_of: ClassVar[Relation] = rel(
        "OF",
        ("FocalPoint", "FocalComponent"),
        "The focal point, and the components of it, that it is for.",
        inverse="steps",
    )
    in_accord_with: ClassVar[Relation] = in_accord_with("steps_in_accord")
    based_on: ClassVar[Relation] = rel(
        "BASED_ON", "Dataset", "The data that speaks for it.", inverse="steps_based_on_it"
    )


@entity(group="plan")
class Goal(Entity):
    """What the plan sets out to reach, with metrics that show progress (domain 3.2, L215-232)."""

    number: int = prop("Number in the plan, from 1.", required=True, order=True)
    title: str = prop("Title as printed.", required=True, order=True, search="title")
    horizon: GoalHorizon | None = prop("By when.", facet=True)
    text: str | None = prop("What the plan says beyond the title, in its words or in sum.", search="text")

    revises: ClassVar[Relation] = rel(
        "REVISES", "Goal", "The earlier goal that it changes.", inverse="revised_by", acyclic=True
    )
    based_on: ClassVar[Relation] = rel(
        "BASED_ON", "Dataset", "The data that speaks for it.", inverse="goals_based_on_it"
    )


@entity(group="plan")
class Metric(Entity):
    """What is measured to see whether a goal comes closer; one metric may serve two goals (domain 3.2, L217-237)."""

    code: str | None = prop("Short key, such as G1.M2.", order=True, index=True)
    title: str | None = prop("What it measures, in a few words of ours.", search="title")
    text: str = prop("What the plan says, in its words or in sum.", required=True, search="text")
    unit: str | None = prop("Unit of its values, such as days or a share from 0 to 1.")
    direction: MetricDirection | None = prop("Which change is progress.")
    computation: str | None = prop("How it is computed; plain text.")

    measures: ClassVar[Relation] = rel("MEASURES", "Goal", "The goals whose progress it shows.", inverse="metrics")
