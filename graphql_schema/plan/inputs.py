"""Filters and orders of the plan domain."""

from __future__ import annotations

from catalog.model.enums import GoalHorizon
from graphql_schema.core.declare import filter_input, of_type, tested
from graphql_schema.core.filters import AllOf, AnyOf, Negation
from graphql_schema.core.inputs import Filter, NameFilter, TextFilter

__all__ = ["GoalFilter"]


@filter_input("Goal")
class GoalFilter:
    """See the description."""

    urn: TextFilter | None = tested("urn", "Its URN; `isNull` is never true.")
    title: NameFilter | None
    horizon: Filter[GoalHorizon] | None
    and_: list[GoalFilter] | None = of_type(AllOf(), "and", "Every one of these; of none: true.")
    or_: list[GoalFilter] | None = of_type(AnyOf(), "or", "At least one of these; of none: false.")
    not_: GoalFilter | None = of_type(Negation(), "not", "Not this.")
