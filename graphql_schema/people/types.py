"""Types of the people domain."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import strawberry

from catalog.model.enums import PersonRole
from catalog.selection import Compare, Op, Order
from graphql_schema.core.declare import leaf, many, one
from graphql_schema.core.nodes import Node, node
from graphql_schema.core.types import Connection

if TYPE_CHECKING:
    from graphql_schema.data.types import Dataset

__all__ = ["Agency", "AgencyListing", "Board", "DataOfficer", "Jurisdiction", "Person", "Unit"]


_DATA = strawberry.lazy("graphql_schema.data.types")


@node("Unit")
class Unit(Node):
    """See the model."""


@node("Board")
class Board(Node):
    """See the model."""


@node("Jurisdiction")
class Jurisdiction(Node):
    """See the model."""


@node("AgencyListing")
class AgencyListing(Node):
    """See the model."""


@node("Person")
class Person(Node):
    """See the model."""

    agency: Agency | None = one("works_for")


@node(
    "Appointment",
    description="The holding of a role by a person, for a time; as a field of an agency, its data officer.",
    entity=True,
)
class DataOfficer(Node):
    """See the description."""

    since: date | None = leaf("valid_from", "First day on which the role is held; null where that is not known.")
    until: date | None = leaf("valid_to", "First day on which it is held no more; null while there is no end.")
    person: Person | None = one("held_by")
    agency: Agency | None = one("officer_of", "The agency whose data officer it is.")


@node("Agency", entity=True)
class Agency(Node):
    """See the model."""

    parent: Agency | None = one("part_of")
    parts: Connection[Agency] = many("parts", "The agencies directly below it.", order=Order("name"))
    data_officer: DataOfficer | None = one(
        "data_officer",
        "Its data officer on the day asked about (`asOf`); null where there is none.",
        where=Compare("role", Op.EQ, PersonRole.AGENCY_DATA_OFFICER),
    )
    datasets: Connection[Annotated[Dataset, _DATA]] = many(
        "datasets_held", "The datasets that it has in custody.", order=Order("title")
    )
