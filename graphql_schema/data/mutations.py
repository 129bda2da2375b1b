"""Mutations of the data domain: what is decided about datasets."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.findings import Finding
from catalog.forms import Form
from catalog.model.determinations import ClassificationDetermination as DeterminationKind
from catalog.rules import contradicting_classes
from graphql_schema.core.declare import roots
from graphql_schema.core.mutations import done, mutation, thing
from graphql_schema.data.types import ClassificationDetermination

__all__ = ["DataMutation"]


def _contradiction(determination: DeterminationKind) -> Iterator[Finding]:
    return contradicting_classes(determination.urn, determination.classes)


_DETERMINATION = Form(
    "ClassificationDetermination",
    about=(DeterminationKind.classifies,),
    must=("valid_from",),
    rules=(("classes", _contradiction),),
)


@done("A decision on who may see a dataset or a column that was recorded, by whom and why.")
class DeterminedClassification:
    """See the description."""

    classification_determination: ClassificationDetermination | None = thing("ClassificationDetermination")


@roots
class DataMutation:
    """See the fields."""

    determine_classification: DeterminedClassification | None = mutation(
        "determineClassification",
        _DETERMINATION,
        "Determine the classes of a dataset or a column from a day on; of several determinations the latest that holds counts.",
    )
