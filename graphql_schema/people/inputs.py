"""Filters and orders of the people domain."""

from __future__ import annotations

import strawberry

from catalog.model.enums import Branch
from catalog.model.words import Described
from graphql_schema.core.declare import filter_input, of_type, tested
from graphql_schema.core.filters import AllOf, AnyOf, Negation
from graphql_schema.core.inputs import Filter, NameFilter, TextFilter
from graphql_schema.core.words import Direction, enumeration

__all__ = ["AgencyFilter", "AgencyOrder", "AgencyOrderField"]


@enumeration
class AgencyOrderField(Described):
    """What agencies can be ordered by; ties by URN."""

    NAME = "name", "Name, whatever its case and accents."
    URN = "urn", "URN, by code point."


@strawberry.input(description="An order of agencies.")
class AgencyOrder:
    """See the description."""

    field: AgencyOrderField = strawberry.field(description="By what.")
    direction: Direction = strawberry.field(default=Direction.ASC, description="Which end first; unless told: ASC.")


@filter_input("Agency")
class AgencyFilter:
    """See the description."""

    urn: TextFilter | None = tested("urn", "Its URN; `isNull` is never true.")
    name: NameFilter | None
    abbreviation: TextFilter | None
    identifier: TextFilter | None
    branch: Filter[Branch] | None
    domain: TextFilter | None
    and_: list[AgencyFilter] | None = of_type(AllOf(), "and", "Every one of these; of none: true.")
    or_: list[AgencyFilter] | None = of_type(AnyOf(), "or", "At least one of these; of none: false.")
    not_: AgencyFilter | None = of_type(Negation(), "not", "Not this.")
