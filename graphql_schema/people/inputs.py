"""Filters of the people domain."""

from __future__ import annotations

from graphql_schema.core.lists import filter_input, related_to

__all__ = ["AgencyFilter", "DataOfficerFilter"]


@filter_input("Agency")
class AgencyFilter:
    """See the description."""


@filter_input("Appointment")
class DataOfficerFilter:
    """See the description."""

    agency = related_to("officer_of", "The agency whose officer it is.")
    person = related_to("held_by", "Who holds it.")
