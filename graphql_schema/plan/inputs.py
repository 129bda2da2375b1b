"""Filters of the plan domain."""

from __future__ import annotations

from graphql_schema.core.lists import filter_input, related_to

__all__ = ["GoalFilter"]


@filter_input("Goal")
class GoalFilter:
    """See the description."""

    plan = related_to("plan_versions", "A version of the plan that has it.")
