"""Types of what the audit finds of access to data of persons, and of ways to link."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import strawberry

from graphql_schema.core.declare import asked, part, view
from graphql_schema.core.found import audit_page
from graphql_schema.core.telling import FIRST, CountOf, DayAt, NodeAt, NodesAt
from graphql_schema.core.walk import Told
from lineage.audit.record_words import AccessGap, LinkageRoute
from lineage.audit.words import Reason, Why

if TYPE_CHECKING:
    from graphql_schema.data.types import Dataset
    from graphql_schema.lineage.types import LinkageRun
    from graphql_schema.people.types import Agency, Person
    from graphql_schema.sharing.types import Agreement, AuthorizedUser, DataRequest, Purpose

__all__ = ["LinkagePathEdge", "LinkagePathSide", "LinkagePaths", "LinkageRequest", "OutputAccess", "OutputAccessEdge"]

_DATA = strawberry.lazy("graphql_schema.data.types")
_LINEAGE = strawberry.lazy("graphql_schema.lineage.types")
_PEOPLE = strawberry.lazy("graphql_schema.people.types")
_SHARING = strawberry.lazy("graphql_schema.sharing.types")


@view("A person's access to a dataset that is not aggregated.")
class OutputAccessEdge:
    """See the description."""

    node: Annotated[AuthorizedUser, _SHARING] | None = part(
        NodeAt("AuthorizedUser", "user.id"),
        "What gives the access; null where it was closed while the answer was made.",
    )
    person: Annotated[Person, _PEOPLE] | None = part(
        NodeAt("Person", "user.person"), "The person; null where that is not known."
    )
    agency: Annotated[Agency, _PEOPLE] | None = part(
        NodeAt("Agency", "user.agency"), "The agency that the person works for; null where that is not known."
    )
    agreement: Annotated[Agreement, _SHARING] | None = part(
        NodeAt("Agreement", "agreement"), "The agreement under which it is given; null where that is not known."
    )
    dataset: Annotated[Dataset, _DATA] | None = part(
        NodeAt("Dataset", "dataset"), "The data; null where nobody knows to which there is access."
    )
    gaps: list[AccessGap] = part(
        Told("gaps"), "What the person or the access lacks; empty where it is in order. In the order of `AccessGap`."
    )
    trained_until: date | None = part(
        DayAt("trained_until"), "The last day on which the latest training is current; null where there is none."
    )


@audit_page("A page of who has access to data that is not aggregated.")
class OutputAccess:
    """See the description."""

    edges: list[OutputAccessEdge] = part(
        Told("edges", listed=True), "What is on the page. Ordered by URN of dataset, unknown ones last, then of person."
    )


@view("One of the two datasets, and what an agreement lacks to let it go to who would link.")
class LinkagePathSide:
    """See the description."""

    dataset: Annotated[Dataset, _DATA] | None = part(NodeAt("Dataset", "dataset"), "The dataset.")
    reasons: list[Reason] = part(
        Told("reasons"),
        "Every clause at which the agreement fails; empty where none does. In the order of the alphabet.",
    )
    why: list[Why] = part(Told("why"), "What is not known. In the order of the alphabet.")


@view("A way by which two datasets could be linked.")
class LinkagePathEdge:
    """See the description."""

    kind: LinkageRoute = part(Told("kind"), "Which way it is.")
    is_open: bool = part(Told("is_open"), "Whether nothing is missing.")
    agreement: Annotated[Agreement, _SHARING] | None = part(
        NodeAt("Agreement", "agreement"), "The agreement or frame; null where the data is linked already."
    )
    dataset: Annotated[Dataset, _DATA] | None = part(
        NodeAt("Dataset", "dataset"), "The dataset that holds the data of both; null where there is none yet."
    )
    place: Annotated[Agency, _PEOPLE] | None = part(
        NodeAt("Agency", "place"), "Who would link, or who holds that dataset; null where that is not known."
    )
    purpose: Annotated[Purpose, _SHARING] | None = part(
        NodeAt("Purpose", "purpose"),
        "Of AGREEMENT: for which purpose it is judged, that which was asked about or the one for which the least is missing.",
    )
    sides: list[LinkagePathSide] = part(
        Told("sides", listed=True), "Of AGREEMENT: the two datasets, each judged as a new transfer of all its columns."
    )
    reasons: list[Reason] = part(
        Told("reasons"),
        "What the agreement or frame lacks besides: who wants the result is no recipient, or not in force.",
    )
    unsigned: list[Annotated[Agency, _PEOPLE]] = asked(
        NodesAt("Agency", "unsigned"), "Of FRAME: who is to sign it first. Ordered by URN.", FIRST
    )
    unsigned_count: int = part(
        CountOf("unsigned"), "How many are to sign it first, one of whom nobody knows who it is among them."
    )
    ask: list[Annotated[Agency, _PEOPLE]] = asked(
        NodesAt("Agency", "ask"), "Whom to ask: whose data it is, then who links, then who operates the frame.", FIRST
    )
    ask_count: int = part(CountOf("ask"), "How many are to be asked.")


@view("The last request of the kind that was decided, and how long it took.")
class LinkageRequest:
    """See the description."""

    request: Annotated[DataRequest, _SHARING] | None = part(
        NodeAt("DataRequest", "last_request.request"), "The request; null where there is none."
    )
    is_for_both: bool = part(
        Told("last_request.for_both"), "Whether it asked for both datasets; else it asked for data of both agencies."
    )
    days_to_decision: int | None = part(
        Told("last_request.decided_after"), "From its receipt to the decision; null where not known. Unit: days."
    )
    days_to_agreement: int | None = part(
        Told("last_request.agreed_after"),
        "From its receipt to the day on which the last party signed the agreement it led to; null where not known. Unit: days.",
    )
    days_to_match: int | None = part(
        Told("last_request.matched_after"), "From its receipt to the first match; null where not known. Unit: days."
    )
    days_to_matrix: int | None = part(
        Told("last_request.passed_on_after"),
        "From its receipt to the day on which the matrix of ids was passed on; null where not known. Unit: days.",
    )


@audit_page("A page of the ways by which two datasets could be linked.")
class LinkagePaths:
    """See the description."""

    edges: list[LinkagePathEdge] = part(
        Told("edges", listed=True),
        "What is on the page. Open ones first, then in the order of `LinkageRoute`, then by URNs of agreement, dataset, place.",
    )
    is_possible: bool = part(Told("is_possible"), "Whether any way is open.")
    linkage_runs: list[Annotated[LinkageRun, _LINEAGE]] = asked(
        NodesAt("LinkageRun", "precedents"), "Runs that had matched both by the day. Ordered by URN.", FIRST
    )
    linkage_run_count: int = part(CountOf("precedents"), "How many such runs there are.")
    last_request: LinkageRequest = part(Told(""), "The last such request, and how long it took.")
