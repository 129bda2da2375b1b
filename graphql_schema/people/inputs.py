"""Filters of the people domain."""

from __future__ import annotations

from catalog.model.enums import PersonRole
from catalog.selection import Compare, Op
from graphql_schema.core.lists import filter_input, related_to

__all__ = ["IS_DATA_OFFICER", "AgencyFilter", "DataOfficerFilter"]

IS_DATA_OFFICER = Compare("role", Op.EQ, PersonRole.AGENCY_DATA_OFFICER)
"""What makes the holder of an agency's seat its data officer: the role, which a source may state otherwise."""


@filter_input("Appointment")
class DataOfficerFilter:
    """See the description. The filter of agencies tests their officers: so this one cannot test agencies."""

    person = related_to("held_by", "Who holds it.")


@filter_input("Agency")
class AgencyFilter:
    """See the description."""

    data_officer = related_to(
        "data_officer", "Its data officer on the day asked about (`asOf`).", where=IS_DATA_OFFICER
    )
    listing = related_to("listed_in", "A listing that names it.")
