"""What is selected of datasets, jobs and runs, and the shapes that their rows become."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal

from msgspec import UNSET, UnsetType

from catalog.selection import Compare, IsNull, Not, Op, Order, Page, Predicate, Related, Row, Select
from server.marquez.names import named
from server.marquez.shapes import Dataset, DatasetId, DatasetNode, Field, Job, JobVersionId, Run

__all__ = [
    "DATASET",
    "JOB",
    "RUN",
    "cut",
    "dataset_node",
    "dataset_of",
    "datasets",
    "dated",
    "fields",
    "fields_of",
]
__all__ += ["id_of", "ids", "job_of", "jobs", "run_of", "runs", "urns", "whole"]

DATASET = ("title", "identifier", "description", "keywords", "modified", "recorded_at")
JOB = ("description", "kind_of_job", "recorded_at")
RUN = ("run_id", "state", "nominal_at", "started_at", "ended_at", "recorded_at")

_SYSTEM = Related("stored_in", "stored_in", Select("System", ("name",), first=1, cursor=False))
_COLUMN = ("name", "data_type", "definition")
_STATES = {"RUNNING": "RUNNING", "COMPLETED": "COMPLETED", "FAILED": "FAILED", "ABORTED": "ABORTED"}
"""States of a run that Marquez has a word for; of any other it says NEW."""
_TYPES: dict[str, Literal["STREAM", "SERVICE"]] = {"streaming": "STREAM", "stream": "STREAM", "service": "SERVICE"}
_NEWEST = Order("started_at", descending=True)


def datasets(where: Predicate, first: int = 1, skip: int = 0, *, columns: int) -> Select:
    """Datasets in the order of their URNs, with their system and so many columns of each."""
    related = (_SYSTEM, fields(columns))
    return Select("Dataset", DATASET, where, first=first, skip=skip, total=True, cursor=False, related=related)


def fields(first: int) -> Related:
    """Columns below a dataset or a version of one, in their places."""
    return Related("columns", "columns", Select("Column", _COLUMN, order=Order("position"), first=first, cursor=False))


def jobs(where: Predicate, first: int = 1, skip: int = 0, *, ends: int) -> Select:
    """Jobs in the order of their URNs, with so many datasets on each side, and their latest run."""
    latest = Not(IsNull("started_at"))
    related = (
        urns("reads", "Dataset", ends),
        urns("writes", "Dataset", ends),
        # In the order of their beginnings, those without one come first.
        Related("latest", "runs", Select("Run", RUN, latest, _NEWEST, first=1, cursor=False)),
        Related("other", "runs", Select("Run", RUN, IsNull("started_at"), _NEWEST, first=1, cursor=False)),
    )
    return Select("Job", JOB, where, first=first, skip=skip, total=True, cursor=False, related=related)


def runs(first: int, skip: int) -> Related:
    """Runs below a job, those without a beginning first, then the newest."""
    select = Select("Run", RUN, order=_NEWEST, first=first, skip=skip, total=True, cursor=False)
    return Related("runs", "runs", select)


def urns(step: str, kind: str, first: int, where: Predicate | None = None, edge: tuple[str, ...] = ()) -> Related:
    """Nodes below, by their URNs alone."""
    return Related(step, step, Select(kind, where=where, first=first, cursor=False), edge)


def ids(values: Sequence[str]) -> Compare:
    """What finds the nodes of these URNs."""
    return Compare("urn", Op.IN, tuple(values))


def whole(page: Page) -> list[str]:
    """The URNs of the nodes of a page that are seen whole."""
    return [row["urn"] for row in page.rows if "urn" in row]


def cut(row: Row, **lists: str) -> list[str] | UnsetType:
    """Which of these lists, each by the related name it was read under, have more entries than were read."""
    found = [name for name, related in lists.items() if row[related].has_next]
    return found or UNSET


@lru_cache(maxsize=16_384)
def id_of(urn: str) -> DatasetId:
    """The two names of a dataset or job."""
    return DatasetId(namespace=named(urn).namespace, name=named(urn).name)


def dataset_node(row: Row) -> DatasetNode:
    """A dataset as a node of lineage."""
    return DatasetNode(**_dataset(row))


def dataset_of(row: Row) -> Dataset:
    """A dataset with its columns."""
    source = next((system["name"] for system in row["stored_in"].rows if "urn" in system), None)
    found = fields_of(row["columns"])
    return Dataset(**_dataset(row), source_name=source, fields=found, incomplete=cut(row, fields="columns"))


def fields_of(page: Page) -> list[Field]:
    """Columns as Marquez's fields."""
    seen = (row for row in page.rows if "urn" in row)
    return [Field(name=row["name"], type=row["data_type"], description=row["definition"]) for row in seen]


def job_of(row: Row) -> Job:
    """A job with its datasets and its latest run."""
    id_ = id_of(row["urn"])
    latest = next((run for name in ("latest", "other") for run in row[name].rows), None)
    return Job(
        id=id_,
        type=_TYPES.get((row["kind_of_job"] or "").lower(), "BATCH"),
        name=id_.name,
        simple_name=id_.name,
        namespace=id_.namespace,
        created_at=row["recorded_at"],
        updated_at=row["recorded_at"],
        inputs=[id_of(urn) for urn in whole(row["reads"])],
        outputs=[id_of(urn) for urn in whole(row["writes"])],
        description=row["description"],
        latest_run=None if latest is None else run_of(latest, row["urn"]),
        urn=row["urn"],
        incomplete=cut(row, inputs="reads", outputs="writes"),
    )


def run_of(row: Row, job: str | None) -> Run:
    """A run of a job, by the job's URN."""
    version = None if job is None else JobVersionId(namespace=named(job).namespace, name=named(job).name)
    started, ended = row["started_at"], row["ended_at"]
    return Run(
        id=row["run_id"],
        created_at=row["recorded_at"],
        updated_at=row["recorded_at"],
        nominal_start_time=row["nominal_at"],
        state=_STATES.get(row["state"] or "", "NEW"),
        started_at=started,
        ended_at=ended,
        duration_ms=_milliseconds(started, ended) if started and ended else None,
        job_version=version,
    )


def dated(day: str | None) -> str | None:
    """The beginning of a day as an instant."""
    return None if day is None else f"{day}T00:00:00Z"


def _dataset(row: Row) -> dict[str, Any]:
    id_ = id_of(row["urn"])
    return {
        "id": id_,
        "name": id_.name,
        "physical_name": row["identifier"] or id_.name,
        "namespace": id_.namespace,
        "created_at": row["recorded_at"],
        "updated_at": row["recorded_at"],
        "tags": row["keywords"],
        "last_modified_at": dated(row["modified"]),
        "description": row["description"],
        "urn": row["urn"],
        "title": row["title"],
    }


def _milliseconds(begin: str, end: str) -> int:
    return round((datetime.fromisoformat(end) - datetime.fromisoformat(begin)).total_seconds() * 1000)
