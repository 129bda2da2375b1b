"""Types of where data is: who holds what came of it, and whose data it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import strawberry

from graphql_schema.audit.tried import TriedInFull
from graphql_schema.core.declare import asked, part, view
from graphql_schema.core.found import audit_page, audit_view
from graphql_schema.core.telling import FIRST, CountOf, NodeAt, NodesAt, Some
from graphql_schema.core.walk import Told
from lineage.audit.words import VerdictKind

if TYPE_CHECKING:
    from graphql_schema.data.types import Dataset, System
    from graphql_schema.lineage.types import Flow
    from graphql_schema.people.types import Agency

__all__ = ["DataArrival", "DataHolders", "DataHoldersEdge", "HolderCount", "OriginAgencies", "OriginAgency"]

_DATA = strawberry.lazy("graphql_schema.data.types")
_LINEAGE = strawberry.lazy("graphql_schema.lineage.types")
_PEOPLE = strawberry.lazy("graphql_schema.people.types")


@view("A dataset or system that holds the data, or what came of it, at another agency than the one whose data it is.")
class DataHoldersEdge:
    """See the description."""

    agency: Annotated[Agency, _PEOPLE] | None = part(
        NodeAt("Agency", "holder"), "Who holds it; null where that is not known."
    )
    dataset: Annotated[Dataset, _DATA] | None = part(
        NodeAt("Dataset", "dataset"), "The dataset; null where it is a system."
    )
    system: Annotated[System, _DATA] | None = part(
        NodeAt("System", "dataset"), "The system, where nothing is known of datasets in it; else null."
    )
    step_count: int = part(
        Told("steps"), "How many steps it is away, by the shortest way; 0: it is the data itself, held by another."
    )


@view("An agency that holds the data or what came of it.")
class HolderCount:
    """See the description."""

    agency: Annotated[Agency, _PEOPLE] | None = part(
        NodeAt("Agency", "agency"), "The agency; null stands for all of whom it is not known who holds it."
    )
    dataset_count: int = part(Told("datasets"), "How many datasets and systems these are.")


@audit_page(
    "Who else holds the data, directly or derived: what it flowed into by the day, over any number of steps, where no reviewed"
    " process that declassifies stands between. Data stays where it came, also where the flow has ended. Data of all classes counts."
)
class DataHolders:
    """See the description."""

    edges: list[DataHoldersEdge] = part(
        Told("edges", listed=True),
        "What is on the page. Ordered by URN of the agency, those not known last, then of the dataset.",
    )
    agencies: list[HolderCount] = asked(Some("agencies"), "Who they are. Ordered by URN; those not known last.", FIRST)
    agency_count: int = part(CountOf("agencies"), "How many agencies there are; all that are not known count as one.")


@view("A flow by which data of an agency came to whoever holds it now.")
class DataArrival:
    """See the description."""

    flow: Annotated[Flow, _LINEAGE] | None = part(
        NodeAt("Flow", "flow"), "The flow; null where it is not live any more."
    )
    verdict: VerdictKind = part(
        Told("kind"), "Whether the agency permits it, as of the day: by what is owed to this agency alone."
    )
    tried: list[TriedInFull] = asked(
        Some("tried"),
        "The agreements that were tried for that; none where no agreement is needed, or where that cannot be told."
        " Ordered by URN.",
        FIRST,
    )
    tried_count: int = part(CountOf("tried"), "How many agreements were tried.")


@view("An agency whose data is in the dataset.")
class OriginAgency:
    """See the description."""

    agency: Annotated[Agency, _PEOPLE] | None = part(
        NodeAt("Agency", "agency"), "The agency; null where nobody knows whose data it is."
    )
    verdict: VerdictKind | None = part(
        Told("kind"),
        "Whether it permits that its data is where the dataset is: the worst of `arrivals`, NOT_NEEDED where it holds the dataset"
        " itself; null where no flow is known by which it came.",
    )
    datasets: list[Annotated[Dataset, _DATA]] = asked(
        NodesAt("Dataset", "origins"), "Its datasets that the data comes from. Ordered by URN.", FIRST
    )
    dataset_count: int = part(CountOf("origins"), "How many these are.")
    arrivals: list[DataArrival] = asked(
        Some("arrivals"), "The flows that brought its data to whoever holds it now. Ordered by URN of the flow.", FIRST
    )
    arrival_count: int = part(CountOf("arrivals"), "How many flows brought it.")


@audit_view(
    "Whose data is in the dataset, where it is not public: the agencies of the datasets that it comes from by steps that no"
    " reviewed process that declassifies stopped, and whether each permits that it is here."
)
class OriginAgencies:
    """See the description."""

    holder: Annotated[Agency, _PEOPLE] | None = part(
        NodeAt("Agency", "holder"), "Who holds the dataset; null where that is not known."
    )
    verdict: VerdictKind | None = part(Told("verdict"), "The worst of `origins`; null where there is none to tell of.")
    origins: list[OriginAgency] = asked(
        Some("origins"), "The agencies whose data it is. Ordered by URN; one that is not known last.", FIRST
    )
    origin_count: int = part(CountOf("origins"), "How many agencies these are.")
