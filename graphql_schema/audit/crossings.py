"""Types of what the audit finds of identifiers that cross boundaries, and of legal bases."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import strawberry

from catalog.model.enums_data import PersonalKind
from graphql_schema.core.declare import asked, part, view
from graphql_schema.core.found import audit_page
from graphql_schema.core.telling import FIRST, CountOf, DayAt, NodeAt, NodesAt
from graphql_schema.core.walk import Told
from lineage.audit.record_words import BasisGapKind

if TYPE_CHECKING:
    from graphql_schema.data.types import Column
    from graphql_schema.lineage.types import Flow
    from graphql_schema.people.types import Agency
    from graphql_schema.sharing.types import Agreement, Law

__all__ = ["BasisGapEdge", "BasisGaps", "IdentifierCrossingEdge", "IdentifierCrossings"]

_DATA = strawberry.lazy("graphql_schema.data.types")
_LINEAGE = strawberry.lazy("graphql_schema.lineage.types")
_PEOPLE = strawberry.lazy("graphql_schema.people.types")
_SHARING = strawberry.lazy("graphql_schema.sharing.types")

_PROVIDER = "The agency that provides the data; null where that is not known."
_RECIPIENT = "The agency that gets it; null where that is not known."


@view("An identifier of persons that crosses the boundary between two agencies.")
class IdentifierCrossingEdge:
    """See the description."""

    provider: Annotated[Agency, _PEOPLE] | None = part(NodeAt("Agency", "crossing.provider"), _PROVIDER)
    recipient: Annotated[Agency, _PEOPLE] | None = part(NodeAt("Agency", "crossing.recipient"), _RECIPIENT)
    identifier: str = part(
        Told("crossing.identifier"),
        "The name of the columns. Those that differ in case only are one identifier; of several spellings the first in the"
        " order of code points.",
    )
    kind: PersonalKind = part(Told("crossing.kind"), "What the columns say about a person.")
    columns: list[Annotated[Column, _DATA]] = asked(
        NodesAt("Column", "columns"), "The columns that cross. Ordered by dataset and name.", FIRST
    )
    column_count: int = part(CountOf("columns"), "How many columns cross.")
    flows: list[Annotated[Flow, _LINEAGE]] = asked(
        NodesAt("Flow", "crossing.flows"), "The flows in which they cross. Ordered by URN.", FIRST
    )
    flow_count: int = part(CountOf("crossing.flows"), "In how many flows they cross.")
    run_count: int = part(
        Told("crossing.runs"),
        "How many runs moved them by the day: those that completed or wrote. A flow without a recorded run counts as one run on"
        " its first day.",
    )
    last_run_on: date | None = part(
        DayAt("crossing.last_run_on"), "The day of the latest of those runs; null where there is none."
    )


@audit_page("A page of identifiers of persons that cross boundaries.")
class IdentifierCrossings:
    """See the description."""

    edges: list[IdentifierCrossingEdge] = part(
        Told("edges", listed=True),
        "What is on the page. Ordered by URN of provider, then recipient, unknown ones last; then by name and kind.",
    )
    undescribed_flow_count: int = part(
        Told("undescribed"),
        "How many flows cross of which it is not known of every column what it says about a person, whatever the filters: more"
        " identifiers may cross in them than are told.",
    )


@view("A law of an agreement on which a flow rests, and what is amiss with it.")
class BasisGapEdge:
    """See the description."""

    flow: Annotated[Flow, _LINEAGE] | None = part(
        NodeAt("Flow", "gap.flow"), "The flow; null where it was closed while the answer was made."
    )
    provider: Annotated[Agency, _PEOPLE] | None = part(NodeAt("Agency", "provider"), _PROVIDER)
    recipient: Annotated[Agency, _PEOPLE] | None = part(NodeAt("Agency", "recipient"), _RECIPIENT)
    agreement: Annotated[Agreement, _SHARING] | None = part(
        NodeAt("Agreement", "gap.agreement"), "The agreement that covers the flow, or that it claims."
    )
    law: Annotated[Law, _SHARING] | None = part(NodeAt("Law", "gap.law"), "The law.")
    gap: BasisGapKind = part(Told("gap.kind"), "What is amiss.")
    missing_terms: list[str] = part(
        Told("gap.missing"),
        "Of TERMS_NOT_STATED: what the law asks for and the agreement does not state. In the order of the law.",
    )


@audit_page("A page of legal bases that are not borne out.")
class BasisGaps:
    """See the description."""

    edges: list[BasisGapEdge] = part(
        Told("edges", listed=True), "What is on the page. Ordered by URN of flow, agreement and law, then by gap."
    )
