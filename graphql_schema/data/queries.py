"""Root fields of the data domain."""

from __future__ import annotations

from catalog.selection import Order
from graphql_schema.core.declare import changes, find, list_all, roots
from graphql_schema.core.types import Connection
from graphql_schema.data.types import Dataset, DatasetChangeConnection, Inventory, Portal, System

__all__ = ["DataQuery"]


@roots
class DataQuery:
    """See the fields."""

    dataset: Dataset | None = find("Dataset", "One dataset, by its URN; null where there is none.")
    datasets: Connection[Dataset] = list_all("Dataset", "Datasets.", order=Order("title"))
    dataset_changes: DatasetChangeConnection = changes(
        "Dataset",
        "The datasets of which a word, or the end, was recorded after a cursor; closed and retracted ones are among them. "
        "Keep `endCursor` of the last page and ask again with it: an empty page has none.",
    )
    systems: Connection[System] = list_all("System", "Systems that keep data.", order=Order("name"))
    portals: Connection[Portal] = list_all("Portal", "Portals that list data.", order=Order("title"))
    inventories: Connection[Inventory] = list_all(
        "Inventory", "The yearly inventories of agencies.", order=Order("year", descending=True)
    )
