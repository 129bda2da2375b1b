"""Root fields of the people domain."""

from __future__ import annotations

from catalog.selection import Order
from graphql_schema.core.declare import find, list_all, roots
from graphql_schema.core.types import Connection
from graphql_schema.people.types import Agency, DataOfficer, Jurisdiction

__all__ = ["PeopleQuery"]


@roots
class PeopleQuery:
    """See the fields."""

    jurisdictions: Connection[Jurisdiction] = list_all(
        "Jurisdiction", "The bodies whose law the catalog is about.", order=Order("name")
    )
    agency: Agency | None = find("Agency", "One agency, by its URN; null where there is none.")
    agencies: Connection[Agency] = list_all("Agency", "Agencies.", order=Order("name"))
    data_officer: DataOfficer | None = find(
        "Appointment", "One holding of a role, by its URN; null where there is none."
    )
    data_officers: Connection[DataOfficer] = list_all(
        "Appointment", "Who holds a role for data, data officers of agencies among them.", order=Order("role")
    )
