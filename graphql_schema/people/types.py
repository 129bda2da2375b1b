"""Types of the people domain."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import strawberry

from catalog.selection import Order
from graphql_schema.core.audits import AuditedPage
from graphql_schema.core.declare import PAGE, asked, fact, leaf, many, one, part, view
from graphql_schema.core.nodes import Node, node
from graphql_schema.core.plan import NodeOf
from graphql_schema.core.types import Connection, PageInfo, edges, page_info, total_count
from graphql_schema.core.whereabouts import holders_of_agency
from graphql_schema.people.inputs import IS_DATA_OFFICER

if TYPE_CHECKING:
    from graphql_schema.audit.whereabouts import DataHolders
    from graphql_schema.data.types import Dataset

__all__ = ["Agency", "AgencyListing", "Board", "DataOfficer", "DataOfficerTermConnection", "DataOfficerTermEdge"]
__all__ += ["Jurisdiction", "Person", "Unit"]

_DATA = strawberry.lazy("graphql_schema.data.types")
_WHEREABOUTS = strawberry.lazy("graphql_schema.audit.whereabouts")


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


@view("A time for which somebody holds the seat of an agency's data officer.")
class DataOfficerTermEdge:
    """See the description."""

    node: DataOfficer = part(NodeOf(), "Who holds it.")
    since: date | None = fact("valid_from", "First day on which the seat is held so; null where that is not known.")
    until: date | None = fact("valid_to", "First day on which the seat is held so no more; null while there is no end.")
    source: strawberry.ID | None = fact("source", "URN of the source that says so.")


@view("A page of the times for which the seat of an agency's data officer is held.")
class DataOfficerTermConnection:
    """See the description."""

    edges: list[DataOfficerTermEdge] = edges
    page_info: PageInfo = page_info
    total_count: int = total_count


@node("Agency", entity=True)
class Agency(Node):
    """See the model."""

    parent: Agency | None = one("part_of")
    parts: Connection[Agency] = many("parts", "The agencies directly below it.", order=Order("name"))
    data_officer: DataOfficer | None = one(
        "data_officer",
        "Its data officer on the day asked about (`asOf`); null where there is none.",
        where=IS_DATA_OFFICER,
    )
    data_officers: DataOfficerTermConnection = many(
        "data_officer",
        "All who hold its seat of data officer: past ones and ones to come too, whatever day is asked about (`asOf`). Where "
        "nobody holds it, it has been empty since the latest `until` before that day; without any entry nobody is known to "
        "have held it.",
        where=IS_DATA_OFFICER,
        ever=True,
    )
    datasets: Connection[Annotated[Dataset, _DATA]] = many(
        "datasets_held", "The datasets that it has in custody.", order=Order("title")
    )
    holders: Annotated[DataHolders, _WHEREABOUTS] | None = asked(
        AuditedPage(holders_of_agency),
        "Who else holds data of the agency, its own or what came of it; null where it is hidden.",
        *PAGE,
    )
