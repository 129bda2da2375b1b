"""Types of the data domain."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from catalog.selection import Order
from graphql_schema.core.audits import Audited, AuditedPage
from graphql_schema.core.declare import PAGE, asked, leaf, many, one, part, view
from graphql_schema.core.effective import effective_of_column, effective_of_dataset
from graphql_schema.core.feed import ChangeState, NodeOfChange, StateOf, WhenOf
from graphql_schema.core.nodes import Node, node
from graphql_schema.core.plan import MAX_FIRST
from graphql_schema.core.staleness import StalenessOf
from graphql_schema.core.types import Connection, PageInfo, edges, page_info
from graphql_schema.core.whereabouts import holders_of_dataset, origins_of
from graphql_schema.data.staleness import TOLERANCE, Staleness
from graphql_schema.plan.served import ServedGoals
from lineage.staleness import DEFAULT_TOLERANCE

if TYPE_CHECKING:
    from graphql_schema.audit.effective import EffectiveClassification
    from graphql_schema.audit.whereabouts import DataHolders, OriginAgencies
    from graphql_schema.lineage.types import LineageConnection
    from graphql_schema.people.types import Agency
    from graphql_schema.plan.types import ServedGoal

__all__ = ["ClassificationDetermination", "CodeList", "Column", "Dataset", "DatasetSeries", "DatasetVersion"]
__all__ += [
    "DatasetChange",
    "DatasetChangeConnection",
    "Disaggregation",
    "Distribution",
    "HighValueDetermination",
    "Inventory",
    "InventoryEntry",
    "Portal",
]
__all__ += ["Program", "System"]

_EFFECTIVE = strawberry.lazy("graphql_schema.audit.effective")
_WHEREABOUTS = strawberry.lazy("graphql_schema.audit.whereabouts")
_PEOPLE = strawberry.lazy("graphql_schema.people.types")
_PLAN = strawberry.lazy("graphql_schema.plan.types")
_LINEAGE = strawberry.lazy("graphql_schema.lineage.types")

_HOP = "One hop; an entry for each source that says so."


@node("Portal")
class Portal(Node):
    """See the model."""


@node("Program")
class Program(Node):
    """See the model."""


@node("System")
class System(Node):
    """See the model."""


@node("DatasetSeries")
class DatasetSeries(Node):
    """See the model."""


@node("DatasetVersion")
class DatasetVersion(Node):
    """See the model."""


@node("CodeList")
class CodeList(Node):
    """See the model."""


@node("Disaggregation")
class Disaggregation(Node):
    """See the model."""


@node("ClassificationDetermination")
class ClassificationDetermination(Node):
    """See the model."""


@node("HighValueDetermination")
class HighValueDetermination(Node):
    """See the model."""


@node("Inventory")
class Inventory(Node):
    """See the model."""


@node("InventoryEntry")
class InventoryEntry(Node):
    """See the model."""


@node("Column")
class Column(Node):
    """See the model."""

    dataset: Dataset | None = one("column_of", "The dataset that it belongs to.")
    effective_classification: Annotated[EffectiveClassification, _EFFECTIVE] | None = part(
        Audited(effective_of_column),
        "Its class as it was decided against what follows from what flowed into it, as of the day; null where it is of no dataset.",
    )


@node("Distribution")
class Distribution(Node):
    """See the model."""

    dataset: Dataset | None = one("distribution_of", "The dataset that it belongs to.")


@node("Dataset", entity=True)
class Dataset(Node):
    """See the model."""

    agency: Annotated[Agency, _PEOPLE] | None = one("held_by")
    controller: Annotated[Agency, _PEOPLE] | None = one("controlled_by")
    distributions: Connection[Distribution] = many("distributions", order=Order("position"))
    columns: Connection[Column] = many("columns", order=Order("position"))
    goals: list[Annotated[ServedGoal, _PLAN]] = asked(
        ServedGoals(),
        "The goals of the data plan that it serves, and how that is known: one entry for each source that says so, and one "
        "for each metric or next dataset along lineage that it follows from. Ordered by number, stated before derived, then "
        f"source. At most {MAX_FIRST}.",
        (
            "derived",
            bool,
            "Whether to add what follows: it serves a metric of the goal, or what it flows into serves it. Unless told: true.",
            True,
        ),
    )
    staleness: Staleness = asked(
        StalenessOf(),
        "How it stands against the frequency that it is promised with: when an update was due, and by how much it is late.",
        ("tolerance", float, TOLERANCE, DEFAULT_TOLERANCE),
    )
    effective_classification: Annotated[EffectiveClassification, _EFFECTIVE] | None = part(
        Audited(effective_of_dataset),
        "Its class as it was decided against what follows from what flowed into it, as of the day; null where it is hidden.",
    )
    holders: Annotated[DataHolders, _WHEREABOUTS] | None = asked(
        AuditedPage(holders_of_dataset),
        "Who else than the agency whose data it is holds it, or what came of it; null where it is hidden.",
        *PAGE,
    )
    origins: Annotated[OriginAgencies, _WHEREABOUTS] | None = part(
        Audited(origins_of), "Whose data is in it, and whether each agency permits that; null where it is hidden."
    )
    upstream: Annotated[LineageConnection, _LINEAGE] = many(
        "upstream", f"The datasets whose data flows into it. {_HOP}", order=Order("title")
    )
    downstream: Annotated[LineageConnection, _LINEAGE] = many(
        "downstream", f"The datasets that its data flows into. {_HOP}", order=Order("title")
    )


@view("A dataset that changed.")
class DatasetChange:
    """See the description."""

    urn: strawberry.ID = leaf("urn")
    state: ChangeState = part(StateOf(), "How it stands after the change.")
    changed_at: datetime = part(WhenOf(), "When the change was recorded.")
    node: Dataset | None = part(NodeOfChange(), "The dataset as it is now, also where it is closed; null if retracted.")


@view("A page of the datasets that changed. What the reader may see no more is not told.")
class DatasetChangeConnection:
    """See the description."""

    edges: list[DatasetChange] = edges
    page_info: PageInfo = page_info
