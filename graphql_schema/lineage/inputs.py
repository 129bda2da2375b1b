"""Filters of the lineage domain."""

from __future__ import annotations

from typing import Any

import strawberry

from graphql_schema.core.lists import filter_input, filter_of, related_to

__all__ = ["LINEAGE_FILTERS", "FlowFilter", "JobFilter", "LineageFilter"]


@filter_input("Job")
class JobFilter:
    """See the description."""

    run_by = related_to("run_by", "An agency that runs it.")
    reads = related_to("reads", "A dataset that it reads.")
    writes = related_to("writes", "A dataset that it writes.")


@filter_input("Flow")
class FlowFilter:
    """See the description."""

    from_dataset = related_to("from_asset", "The dataset that it comes from.", target="Dataset")
    to_dataset = related_to("to_asset", "The dataset that it goes to.", target="Dataset")
    job = related_to("via", "The job that moves it.")


_TESTED = {
    "dataset": (
        "Dataset",
        "The dataset that a node is, that the column is of, or that one job writes and another reads.",
    ),
    "column": ("Column", "The column that a node is."),
    "step": ("ColumnFlow", "The step by which one column depends on another: of several between two, one passes."),
    "job": ("Job", "The job that a node is."),
}
LINEAGE_FILTERS: dict[str, type] = {name: filter_of(kind) for name, (kind, _) in _TESTED.items()}
"""The filters that ``LineageFilter`` is made of, by their names in it."""


def _lineage_filter() -> type:
    fields: dict[str, Any] = {
        name: strawberry.field(description=words, default=strawberry.UNSET) for name, (_, words) in _TESTED.items()
    }
    fields["__annotations__"] = {name: found | None for name, found in LINEAGE_FILTERS.items()}
    words = "What nodes of lineage must pass; its fields hold together (and), and without any every node passes."
    return strawberry.input(type("LineageFilter", (), fields), description=words)


LineageFilter = _lineage_filter()
"""What nodes of lineage must pass: a filter of datasets, of columns, of jobs, as the level has them."""
