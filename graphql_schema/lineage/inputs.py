"""Filters of the lineage domain."""

from __future__ import annotations

from graphql_schema.core.lists import filter_input, related_to

__all__ = ["FlowFilter", "JobFilter"]


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
