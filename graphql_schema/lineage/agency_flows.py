"""Types of what flows between agencies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import strawberry

from catalog.model.enums import Classification
from graphql_schema.core.agency_flows import SideOf
from graphql_schema.core.declare import part, view
from graphql_schema.core.reading import ReadCompleteness
from graphql_schema.core.types import PageInfo, page_info
from graphql_schema.core.walk import Told
from lineage.agency_flows import MAX_FLOWS

if TYPE_CHECKING:
    from graphql_schema.people.types import Agency

__all__ = ["AgencyFlows", "AgencyFlowsByClass", "AgencyFlowsEdge"]

_PEOPLE = strawberry.lazy("graphql_schema.people.types")


@view("The flows of an edge that carry data of one class.")
class AgencyFlowsByClass:
    """See the description."""

    classification: Classification = part(
        Told("classification"),
        "The strictest class that a determination in force says of the dataset that a flow comes from, or of the one that it"
        " is an edition of. UNDETERMINED where there is none, where one says so, and for flows from a system.",
    )
    flow_count: int = part(
        Told("flows"), "How many flows these are. One of data that is PERSONAL and PRIVATE is counted under both."
    )


@view("What flows from one agency to one agency, which may be the same.")
class AgencyFlowsEdge:
    """See the description."""

    provider: Annotated[Agency, _PEOPLE] | None = part(
        SideOf("Agency", "provider"),
        "The agency that holds the dataset or system that the data comes from; where none does, or several, the one that"
        " the flow states. Null where that is not known to the reader.",
    )
    recipient: Annotated[Agency, _PEOPLE] | None = part(
        SideOf("Agency", "recipient"), "The agency that holds where it goes, found in the same way; null as above."
    )
    is_crossing: bool | None = part(
        Told("is_crossing"), "Whether the two are different agencies; null where either is not known."
    )
    flow_count: int = part(Told("flows"), "How many flows there are.")
    dataset_count: int = part(Told("dataset_count"), "How many different datasets they come from.")
    job_count: int = part(Told("job_count"), "How many different jobs move them, as far as jobs are known.")
    classifications: list[AgencyFlowsByClass] = part(
        Told("class_counts", listed=True),
        "The flows by the class of what they carry; classes of none are left out. In the order of `Classification`.",
    )


@view(
    "Which agency's data flows to which agency, counted. A flow that the reader does not see whole is not counted, and"
    " neither is a dataset or a job; `completeness` does not speak of them."
)
class AgencyFlows:
    """See the description."""

    edges: list[AgencyFlowsEdge] = part(
        Told("cells", listed=True),
        "What is on the page: an edge for each pair of agencies between which something flows. Ordered by flowCount, descending, then by the URNs of"
        " provider and recipient; one that is not known last.",
    )
    page_info: PageInfo = page_info
    total_count: int = part(Told("total"), "How many edges there are in all, before paging.")
    flow_count: int = part(
        Told("counted"), f"How many flows the edges of all pages count; at most {MAX_FLOWS:,} are looked at."
    )
    completeness: ReadCompleteness = part(Told("completeness"), "What the counts leave out.")
