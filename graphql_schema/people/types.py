"""Types of the people domain."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import strawberry

from catalog.model.enums import Branch, PersonRole
from catalog.selection import Compare, Op, Order
from graphql_schema.core.declare import leaf, many, node, one
from graphql_schema.core.types import Connection

if TYPE_CHECKING:
    from graphql_schema.data.types import Dataset

__all__ = ["Agency", "DataOfficer", "Person"]


_DATA = strawberry.lazy("graphql_schema.data.types")


@node("Person")
class Person:
    """See the model."""

    urn: strawberry.ID
    name: str
    job_title: str | None
    email: str | None
    phone: str | None
    agency: Agency | None = one("works_for")


@node(
    "Appointment",
    name="DataOfficer",
    description="The holding of a role by a person, for a time; as a field of an agency, its data officer.",
)
class DataOfficer:
    """See the description."""

    urn: strawberry.ID
    role: PersonRole
    title: str | None
    designated_by: str | None
    since: date | None = leaf("valid_from", "First day on which the role is held; null where that is not known.")
    until: date | None = leaf("valid_to", "First day on which it is held no more; null while there is no end.")
    person: Person | None = one("held_by")
    agency: Agency | None = one("officer_of", "The agency whose data officer it is.")


@node("Agency")
class Agency:
    """See the model."""

    urn: strawberry.ID
    name: str
    abbreviation: str | None
    identifier: str | None
    aliases: list[str]
    branch: Branch | None
    mission: str | None
    domain: str | None
    homepage: str | None
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
