"""Types of classes: what was decided against what follows from what flowed in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import strawberry

from catalog.model.enums_data import Classification
from graphql_schema.core.declare import asked, part, view
from graphql_schema.core.found import audit_view
from graphql_schema.core.telling import FIRST, CountOf, NodeAt, Some
from graphql_schema.core.walk import Told
from lineage.audit.words import Grade

if TYPE_CHECKING:
    from graphql_schema.data.types import Column, Dataset
    from graphql_schema.lineage.types import Flow

__all__ = ["ClassRaise", "ClassStep", "EffectiveClassification"]

_DATA = strawberry.lazy("graphql_schema.data.types")
_LINEAGE = strawberry.lazy("graphql_schema.lineage.types")


@view("A step by which a class came on: a flow from a column to a column.")
class ClassStep:
    """See the description."""

    flow: Annotated[Flow, _LINEAGE] | None = part(
        NodeAt("Flow", "flow"), "The flow; null where it was closed while the answer was made."
    )
    grade: Grade = part(
        Told("grade"), "How the step raises: by values, by a filter or a join, or between datasets only."
    )
    from_dataset: Annotated[Dataset, _DATA] | None = part(
        NodeAt("Dataset", "from_dataset"), "The dataset that it comes from; null where that is a system."
    )
    from_column: Annotated[Column, _DATA] | None = part(
        NodeAt("Column", "from_column"), "The column that it comes from; null where the catalog knows none."
    )
    to_dataset: Annotated[Dataset, _DATA] | None = part(
        NodeAt("Dataset", "to_dataset"), "The dataset that it leads to; null where that is a system."
    )
    to_column: Annotated[Column, _DATA] | None = part(
        NodeAt("Column", "to_column"), "The column that it leads to; null where the catalog knows none."
    )


@view("A class that nobody decided here and that came from elsewhere, by the shortest way.")
class ClassRaise:
    """See the description."""

    classification: Classification = part(
        Told("classification"), "The class; UNDETERMINED where something there is not decided."
    )
    dataset: Annotated[Dataset, _DATA] | None = part(
        NodeAt("Dataset", "dataset"),
        "The nearest dataset of which it was decided; null where it was closed while the answer was made.",
    )
    column: Annotated[Column, _DATA] | None = part(
        NodeAt("Column", "column"), "The column of it that is of this class; null where the catalog knows none."
    )
    steps: list[ClassStep] = asked(
        Some("steps"),
        "The way from there; empty where it is a column of the dataset itself. Ordered from there to here.",
        FIRST,
    )
    step_count: int = part(CountOf("steps"), "How many steps the way has.")


@audit_view("What was decided of its class, against what it is at least, by what flowed into it.")
class EffectiveClassification:
    """See the description."""

    declared: list[Classification] = part(
        Told("declared"),
        "Its own class: what a determination in force says of it; of a column without one what its dataset's says; of a dataset"
        " without one that of its columns, joined. The strictest; PERSONAL and PRIVATE may stand together, and UNDETERMINED stands"
        " beside what is known where something is not decided. In the order of `Classification`.",
    )
    effective: list[Classification] = part(
        Told("effective"),
        "Its own class joined with that of everything that flowed into it and was not stopped by a reviewed process that"
        " declassifies; of a dataset with that of its columns. Written as `declared`. In the order of `Classification`.",
    )
    is_raised: bool = part(Told("raised"), "Whether the effective class is another than the declared one.")
    raised_by: list[ClassRaise] = part(
        Told("raises", listed=True),
        "Where each class came from that is effective and not declared; at most three. In the order of `Classification`.",
    )
