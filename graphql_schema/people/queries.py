"""Root fields of the people domain."""

from __future__ import annotations

from catalog.selection import Order
from graphql_schema.core.declare import find, list_all, roots
from graphql_schema.core.types import Connection
from graphql_schema.people.inputs import AgencyFilter, AgencyOrder
from graphql_schema.people.types import Agency

__all__ = ["PeopleQuery"]


@roots
class PeopleQuery:
    """See the fields."""

    agency: Agency | None = find("Agency", "One agency, by its URN; null where there is none.")
    agencies: Connection[Agency] = list_all(
        "Agency", "Agencies.", order=Order("name"), order_by=AgencyOrder, filter=AgencyFilter
    )
