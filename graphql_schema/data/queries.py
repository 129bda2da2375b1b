"""Root fields of the data domain."""

from __future__ import annotations

from catalog.selection import Order
from graphql_schema.core.declare import find, list_all, roots
from graphql_schema.core.types import Connection
from graphql_schema.data.inputs import DatasetFilter, DatasetOrder
from graphql_schema.data.types import Dataset

__all__ = ["DataQuery"]


@roots
class DataQuery:
    """See the fields."""

    dataset: Dataset | None = find("Dataset", "One dataset, by its URN; null where there is none.")
    datasets: Connection[Dataset] = list_all(
        "Dataset", "Datasets.", order=Order("title"), order_by=DatasetOrder, filter=DatasetFilter
    )
