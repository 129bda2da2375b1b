"""Filters of the data domain."""

from __future__ import annotations

from graphql_schema.core.lists import filter_input, related_to

__all__ = ["DatasetFilter"]


@filter_input("Dataset")
class DatasetFilter:
    """See the description."""

    agency = related_to("held_by", "The agency that has it in custody.")
    goal = related_to("serves", "A goal that it is said to serve.", target="Goal")
    portal = related_to("published_on", "A portal that lists it.")
    system = related_to("stored_in", "The system that keeps it.")
    column = related_to("columns", "A column of it.")
    distribution = related_to("distributions", "A form it is offered in.")
    disaggregation = related_to("disaggregations", "A set of factors it is split by.")
    classification = related_to("classifications", "A determination of its class that holds on the day.")
    high_value = related_to("high_value_determinations", "A determination of its value that holds on the day.")
