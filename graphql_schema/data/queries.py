"""Root fields of the data domain."""

from __future__ import annotations

from catalog.selection import Order
from graphql_schema.core.declare import AS_OF, PAGE, asked, changes, find, list_all, only, roots
from graphql_schema.core.lists import filter_of, tests_of
from graphql_schema.core.staleness import FindStale
from graphql_schema.core.types import Connection
from graphql_schema.data.staleness import TOLERANCE, StaleDatasets
from graphql_schema.data.types import Dataset, DatasetChangeConnection, Inventory, Portal, System
from lineage.staleness import DEFAULT_TOLERANCE

__all__ = ["DataQuery"]

_NARROWED = filter_of("Dataset")


@roots
class DataQuery:
    """See the fields."""

    dataset: Dataset | None = find("Dataset", "One dataset, by its URN; null where there is none.")
    datasets: Connection[Dataset] = list_all("Dataset", "Datasets.", order=Order("title"))
    stale_datasets: StaleDatasets = asked(
        FindStale(tests_of(_NARROWED)),
        "The datasets that were updated later than they are promised to be, those first that are the most days overdue.",
        ("tolerance", float, TOLERANCE, DEFAULT_TOLERANCE),
        only("filter", _NARROWED, "datasets of which it is true", "all. At most 130 tests"),
        *PAGE,
        AS_OF,
    )
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
