"""Types of the paths between two datasets along lineage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import strawberry

from graphql_schema.core.declare import part, view
from graphql_schema.core.walk import NodeOfWalk, Told
from graphql_schema.lineage.types import HIDDEN_ID
from graphql_schema.lineage.walk import ID, LineageSameAs
from lineage.paths import MAX_LENGTH, MAX_NODES, LineagePathCut

if TYPE_CHECKING:
    from graphql_schema.data.types import Dataset

__all__ = ["LineagePath", "LineagePathNode", "LineagePaths", "LineagePathsCompleteness"]

_DATA = strawberry.lazy("graphql_schema.data.types")


@view(
    "A way that data takes from one dataset to another, along which no dataset is met twice. One that has several names is one"
    " dataset."
)
class LineagePath:
    """See the description."""

    length: int = part(
        Told("length"),
        f"How long it is. Unit: hops, none between two names of a dataset; 0 from a dataset to itself, at most {MAX_LENGTH}.",
    )
    nodes: list[strawberry.ID] = part(
        Told("nodes"),
        "The nodes along it, by their `id`, both ends among them. Ordered the way that data flows. Where data comes in under one"
        " name of a dataset and goes on under another, the names between stand one after the other: `sameAs` tells them.",
    )


@view("A dataset on a path.")
class LineagePathNode:
    """See the description."""

    id: strawberry.ID = part(Told("id"), f"What the paths of the same answer call it: {ID}.")
    urn: strawberry.ID | None = part(Told("urn"), "Its URN; null where the reader may not see it.")
    hidden_id: strawberry.ID | None = part(Told("hidden_id"), HIDDEN_ID)
    dataset: Annotated[Dataset, _DATA] | None = part(
        NodeOfWalk("Dataset"),
        "The dataset; null where the reader may not see it, or where it was closed while the answer was made.",
    )


@view("What an answer about paths leaves out.")
class LineagePathsCompleteness:
    """See the description."""

    is_complete: bool = part(
        Told("is_complete"), "Whether nothing was cut: these are all paths that the reader may know of."
    )
    reasons: list[LineagePathCut] = part(
        Told("reasons"), "Why it is not complete; empty where it is. In the order of the alphabet."
    )
    complete_to_length: int | None = part(
        Told("complete_to_length"),
        "Every path of at most so many hops is shown; of longer ones some may be missing. Unit: hops; null where every"
        " path is shown, -1 where time ran out before it was known whether the two are one dataset.",
    )
    hidden_nodes: int = part(
        Told("hidden_nodes"), "How many of the nodes shown are hidden: an opaque id stands for each of them."
    )


@view(
    "The paths by which data flows from one dataset into another. What the reader may not know of is on none of them, and"
    " `completeness` does not speak of it."
)
class LineagePaths:
    """See the description."""

    paths: list[LineagePath] = part(
        Told("paths", listed=True),
        "The paths. Ordered by length, then by the ids along them, of a dataset with several names the first; empty where there"
        " is none.",
    )
    nodes: list[LineagePathNode] = part(
        Told("nodes", listed=True),
        f"What is on any of them, each once; at most {MAX_NODES}. Ordered as the paths meet them first.",
    )
    same_as: list[LineageSameAs] = part(
        Told("same", listed=True),
        "Which nodes that follow each other on a path are one dataset under two names. Ordered by `one`, then `other`.",
    )
    completeness: LineagePathsCompleteness = part(Told("completeness"), "What the answer leaves out.")
