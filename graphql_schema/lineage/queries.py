"""Root fields of the lineage domain."""

from __future__ import annotations

from graphql_schema.core.declare import find, roots
from graphql_schema.lineage.types import Job

__all__ = ["LineageQuery"]


@roots
class LineageQuery:
    """See the fields."""

    job: Job | None = find("Job", "One job, by its URN; null where there is none.")
