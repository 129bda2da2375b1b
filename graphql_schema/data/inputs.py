"""Filters and orders of the data domain."""

from __future__ import annotations

import strawberry

from catalog.model.enums import UpdateFrequency
from catalog.model.words import Described
from graphql_schema.core.declare import filter_input, of_type, related_to, tested
from graphql_schema.core.filters import AllOf, AnyOf, Negation
from graphql_schema.core.inputs import BooleanFilter, DateFilter, Filter, NameFilter, TextFilter, TextsFilter
from graphql_schema.core.words import Direction, enumeration
from graphql_schema.people.inputs import AgencyFilter
from graphql_schema.plan.inputs import GoalFilter

__all__ = ["DatasetFilter", "DatasetOrder", "DatasetOrderField"]


@enumeration
class DatasetOrderField(Described):
    """What datasets can be ordered by; ties by URN, what has no value last."""

    TITLE = "title", "Title, whatever its case and accents."
    ISSUED = "issued", "Day it was first published."
    MODIFIED = "modified", "Day its content last changed."
    URN = "urn", "URN, by code point."


@strawberry.input(description="An order of datasets.")
class DatasetOrder:
    """See the description."""

    field: DatasetOrderField = strawberry.field(description="By what.")
    direction: Direction = strawberry.field(default=Direction.ASC, description="Which end first; unless told: ASC.")


@filter_input("Dataset")
class DatasetFilter:
    """See the description."""

    urn: TextFilter | None = tested("urn", "Its URN; `isNull` is never true.")
    identifier: TextFilter | None
    title: NameFilter | None
    keywords: TextsFilter | None
    themes: TextsFilter | None
    category: TextFilter | None
    access_level: TextFilter | None
    update_frequency: Filter[UpdateFrequency] | None
    high_priority: BooleanFilter | None
    issued: DateFilter | None
    modified: DateFilter | None
    agency: AgencyFilter | None = related_to(
        "held_by", AgencyFilter, "The agency that has it in custody; true where the reader may see one that passes."
    )
    goal: GoalFilter | None = related_to(
        "serves", GoalFilter, "A goal that it serves; true where the reader may see one that passes.", target="Goal"
    )
    and_: list[DatasetFilter] | None = of_type(AllOf(), "and", "Every one of these; of none: true.")
    or_: list[DatasetFilter] | None = of_type(AnyOf(), "or", "At least one of these; of none: false.")
    not_: DatasetFilter | None = of_type(Negation(), "not", "Not this.")
