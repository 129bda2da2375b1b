"""Types of what ends with agreements."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import strawberry

from graphql_schema.core.declare import asked, part, view
from graphql_schema.core.found import audit_page, audit_view
from graphql_schema.core.telling import FIRST, CountOf, DayAt, NodeAt, NodesAt
from graphql_schema.core.walk import Told

if TYPE_CHECKING:
    from graphql_schema.data.types import Dataset
    from graphql_schema.lineage.types import Flow, Run
    from graphql_schema.sharing.types import Agreement, CoverageTerm

__all__ = ["CoverageCalendar", "CoverageEnd", "Lapse", "SinglePoint", "SinglePoints"]

_DATA = strawberry.lazy("graphql_schema.data.types")
_LINEAGE = strawberry.lazy("graphql_schema.lineage.types")
_SHARING = strawberry.lazy("graphql_schema.sharing.types")


@audit_view("What ends where an agreement with all under it, or a term, holds no more after a day.")
class Lapse:
    """See the description."""

    day: date = part(DayAt("row.day"), "The last day.")
    flows: list[Annotated[Flow, _LINEAGE]] = asked(
        NodesAt("Flow", "row.flows"), "The flows that nothing covers from the next day on. Ordered by URN.", FIRST
    )
    flow_count: int = part(CountOf("row.flows"), "How many flows lapse.")
    undecided: list[Annotated[Flow, _LINEAGE]] = asked(
        NodesAt("Flow", "row.undecided"),
        "Those that would lapse if they need cover on the next day, which cannot be told. Ordered by URN.",
        FIRST,
    )
    undecided_count: int = part(CountOf("row.undecided"), "Of how many flows it cannot be told.")
    cut_off: list[Annotated[Dataset, _DATA]] = asked(
        NodesAt("Dataset", "row.cut_off"), "Datasets that nothing reaches any more without them. Ordered by URN.", FIRST
    )
    cut_off_count: int = part(
        CountOf("row.cut_off"), "How many datasets are cut off; systems whose datasets are not known count."
    )
    thinned: list[Annotated[Dataset, _DATA]] = asked(
        NodesAt("Dataset", "row.thinned"),
        "Other datasets that the source of a lapsing flow does not reach any more. Ordered by URN.",
        FIRST,
    )
    thinned_count: int = part(
        CountOf("row.thinned"), "How many datasets are thinned; systems whose datasets are not known count."
    )
    runs: list[Annotated[Run, _LINEAGE]] = asked(
        NodesAt("Run", "row.runs"), "Runs after the day of the jobs of lapsing flows. Ordered by URN.", FIRST
    )
    run_count: int = part(CountOf("row.runs"), "How many such runs there are.")


@view("The last day of an agreement, or of one of its terms, and what lapses on it.")
class CoverageEnd:
    """See the description."""

    agreement: Annotated[Agreement, _SHARING] | None = part(
        NodeAt("Agreement", "row.agreement"),
        "The agreement; null where it was closed while the answer was made.",
    )
    term: Annotated[CoverageTerm, _SHARING] | None = part(
        NodeAt("CoverageTerm", "row.term"), "The term that ends; null where the agreement itself does."
    )
    lapse: Lapse = part(Told(""), "What lapses, and on which day.")


@audit_page("A page of the last days of agreements and their terms.")
class CoverageCalendar:
    """See the description."""

    edges: list[CoverageEnd] = part(
        Told("edges", listed=True),
        "What is on the page. Ordered by day, then by URN of the agreement and of the term, the agreement itself first. A page"
        " ends before `first` where what flows is another on too many of its days to audit at once: go on after it.",
    )


@view("An agreement at whose end flows lapse.")
class SinglePoint:
    """See the description."""

    agreement: Annotated[Agreement, _SHARING] | None = part(
        NodeAt("Agreement", "agreement"), "The agreement; null where it was closed while the answer was made."
    )
    flow_count: int = part(Told("flows"), "How many flows would lapse if it, with all under it, ended after the day.")
    is_largest: bool = part(Told("is_largest"), "Whether with no other agreement more flows lapse.")


@audit_page("A page of the agreements at whose end flows lapse.")
class SinglePoints:
    """See the description."""

    edges: list[SinglePoint] = part(
        Told("edges", listed=True),
        "What is on the page. Ordered by how many flows lapse, the most first, then by URN of the agreement.",
    )
    most_flows: int = part(Told("most"), "How many flows lapse with the first of all; 0 where none would with any.")
