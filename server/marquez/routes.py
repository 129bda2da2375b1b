"""Every path below ``/api/v1`` that is read, and what answers it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import msgspec

from server.marquez.columns import column_lineage
from server.marquez.lineage import lineage
from server.marquez.lists import (
    dataset,
    dataset_version,
    dataset_versions,
    events,
    events_of,
    job,
    job_runs,
    list_datasets,
    list_jobs,
    namespace,
    namespaces,
    run,
    source,
    sources,
    tags,
)
from server.marquez.search import search

__all__ = ["ROUTES", "Handler", "route"]

Handler = Callable[..., Awaitable[msgspec.Struct]]
"""Takes the request and the names that stand in its path."""

ROUTES: dict[str, Handler] = {
    "/namespaces": namespaces,
    "/namespaces/{namespace}": namespace,
    "/namespaces/{namespace}/datasets": list_datasets,
    "/namespaces/{namespace}/datasets/{dataset}": dataset,
    "/namespaces/{namespace}/datasets/{dataset}/versions": dataset_versions,
    "/namespaces/{namespace}/datasets/{dataset}/versions/{version}": dataset_version,
    "/namespaces/{namespace}/jobs": list_jobs,
    "/namespaces/{namespace}/jobs/{job}": job,
    "/namespaces/{namespace}/jobs/{job}/runs": job_runs,
    "/jobs/runs/{id}": run,
    "/sources": sources,
    "/sources/{source}": source,
    "/tags": tags,
    "/events": events,
    "/events/lineage": events,
    "/events/{namespace...}": events_of,
    "/lineage": lineage,
    "/column-lineage": column_lineage,
    "/search": search,
}
"""By path; ``{name}`` is a segment, ``{name...}`` one or more. The first that fits answers."""

_PATTERNS = [(path.split("/")[1:], handler) for path, handler in ROUTES.items()]


def route(segments: Sequence[str]) -> tuple[Handler, list[str]] | None:
    """What answers a path, and the names in it; None where nothing does."""
    for pattern, handler in _PATTERNS:
        names = _names(pattern, segments)
        if names is not None:
            return handler, names
    return None


def _names(pattern: Sequence[str], segments: Sequence[str]) -> list[str] | None:
    open_ended = pattern[-1].endswith("...}")
    if not all(segments) or (len(segments) < len(pattern) if open_ended else len(segments) != len(pattern)):
        return None
    names: list[str] = []
    for place, part in enumerate(pattern):
        if part.endswith("...}"):
            return [*names, *segments[place:]]
        if part.startswith("{"):
            names.append(segments[place])
        elif part != segments[place]:
            return None
    return names
