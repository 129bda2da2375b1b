"""Marquez's answers, as its OpenAPI document has them (docs/marquez.md: what is null, and what there is besides)."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

__all__ = [
    "ColumnNode",
    "Columns",
    "Dataset",
    "DatasetId",
    "DatasetNode",
    "DatasetVersion",
    "Datasets",
    "Edge",
    "Event",
]
__all__ += ["Events", "Field", "FieldData", "InputField", "Job", "JobVersionId", "Jobs", "Lineage", "Namespace"]
__all__ += ["Namespaces", "Node", "Nothing", "Problem", "Run", "Runs", "SearchHit", "SearchHits", "Source", "Sources"]
__all__ += ["Tag", "Tags", "Told", "VersionId", "Versions"]

Nothing = dict[str, Any]
"""An object that Marquez's clients expect and that is always empty here."""


class _Shape(msgspec.Struct, rename="camel"):
    """An object of an answer."""


class Problem(_Shape):
    """An error."""

    code: int
    message: str


class Namespace(_Shape):
    """A namespace. There is no more to know of one than its name."""

    name: str
    created_at: None = None
    updated_at: None = None
    owner_name: None = None
    description: None = None
    is_hidden: bool = False


class Namespaces(_Shape):
    """``GET /namespaces``."""

    namespaces: list[Namespace]
    total_count: int


class Source(_Shape):
    """A system that keeps datasets."""

    type: str
    name: str
    created_at: str
    updated_at: str
    connection_url: None = None
    description: None = None


class Sources(_Shape):
    """``GET /sources``."""

    sources: list[Source]
    total_count: int


class Tag(_Shape):
    """A keyword of datasets."""

    name: str
    description: None = None


class Tags(_Shape):
    """``GET /tags``."""

    tags: list[Tag]
    total_count: int


class Field(_Shape):
    """A column of a dataset."""

    name: str
    type: str | None
    description: str | None
    tags: tuple[str, ...] = ()


class DatasetId(_Shape):
    """What a dataset or a job is known by."""

    namespace: str
    name: str


class DatasetNode(_Shape, kw_only=True):
    """A dataset as a node of lineage: without its columns and its source."""

    id: DatasetId
    name: str
    physical_name: str
    namespace: str
    created_at: str
    updated_at: str
    tags: list[str]
    last_modified_at: str | None
    description: str | None
    urn: str
    title: str
    type: Literal["DB_TABLE"] = "DB_TABLE"
    facets: Nothing = {}
    current_version: None = None
    last_lifecycle_state: str = ""
    deleted: bool = False


class Dataset(DatasetNode, kw_only=True):
    """A dataset. ``incomplete`` names the lists that are cut."""

    source_name: str | None
    fields: list[Field]
    incomplete: list[str] | UnsetType = UNSET


class Datasets(_Shape):
    """``GET /namespaces/{namespace}/datasets``."""

    datasets: list[Dataset]
    total_count: int


class VersionId(_Shape):
    """A version of a dataset."""

    namespace: str
    name: str
    version: str


class DatasetVersion(_Shape):
    """A state of a dataset."""

    id: VersionId
    name: str
    physical_name: str
    namespace: str
    created_at: str
    version: str
    source_name: str | None
    fields: list[Field]
    tags: list[str]
    description: str | None
    type: Literal["DB_TABLE"] = "DB_TABLE"
    created_by_run: None = None
    facets: Nothing = {}
    incomplete: list[str] | UnsetType = UNSET


class Versions(_Shape):
    """``GET /namespaces/{namespace}/datasets/{dataset}/versions``."""

    versions: list[DatasetVersion]
    total_count: int


class JobVersionId(_Shape):
    """The job of a run."""

    namespace: str
    name: str
    version: None = None


class Run(_Shape):
    """One time that a job ran."""

    id: str | None
    created_at: str
    updated_at: str
    nominal_start_time: str | None
    state: str
    started_at: str | None
    ended_at: str | None
    duration_ms: int | None
    job_version: JobVersionId | None
    nominal_end_time: None = None
    args: Nothing = {}
    input_versions: tuple[()] = ()
    output_versions: tuple[()] = ()
    context: Nothing = {}
    facets: Nothing = {}


class Runs(_Shape):
    """``GET /namespaces/{namespace}/jobs/{job}/runs``."""

    runs: list[Run]
    total_count: int


class Job(_Shape):
    """A process that reads and writes datasets. ``incomplete`` names the lists that are cut."""

    id: DatasetId
    type: Literal["BATCH", "STREAM", "SERVICE"]
    name: str
    simple_name: str
    namespace: str
    created_at: str
    updated_at: str
    inputs: list[DatasetId]
    outputs: list[DatasetId]
    description: str | None
    latest_run: Run | None
    urn: str
    parent_job_name: None = None
    location: None = None
    context: Nothing = {}
    facets: Nothing = {}
    current_version: None = None
    tags: tuple[str, ...] = ()
    incomplete: list[str] | UnsetType = UNSET


class Jobs(_Shape):
    """``GET /namespaces/{namespace}/jobs``."""

    jobs: list[Job]
    total_count: int


class SearchHit(_Shape):
    """A dataset or job that was found."""

    type: Literal["DATASET", "JOB"]
    name: str
    updated_at: str
    namespace: str
    node_id: str


class SearchHits(_Shape):
    """``GET /search``."""

    total_count: int
    results: list[SearchHit]


class Event(_Shape):
    """Where a run stands, as an event of OpenLineage."""

    event_type: str
    event_time: str | None
    run: dict[str, Any]
    job: DatasetId
    inputs: list[DatasetId]
    outputs: list[DatasetId]
    incomplete: list[str] | UnsetType = UNSET


class Events(_Shape):
    """``GET /events``."""

    events: list[Event]
    total_count: int


class Edge(_Shape):
    """A step of lineage, the way that data flows, by the ids of its nodes."""

    origin: str
    destination: str


class Node(_Shape):
    """A dataset or a job of lineage. ``data`` is null where the reader may know that there is one, and no more."""

    id: str
    type: Literal["DATASET", "JOB"]
    data: DatasetNode | Job | None
    in_edges: list[Edge]
    out_edges: list[Edge]


class Told(_Shape):
    """What an answer leaves out, in the words of GraphQL's ``Completeness``."""

    is_complete: bool
    reasons: list[str]
    omitted_nodes: int
    hidden_nodes: int


class Lineage(_Shape):
    """``GET /lineage``."""

    graph: list[Node]
    completeness: Told


class InputField(_Shape):
    """A column that another depends on."""

    namespace: str
    dataset: str
    field: str
    transformation_description: str | None
    transformation_type: str | None
    dataset_version: None = None


class FieldData(_Shape):
    """A column of column lineage, and what it depends on."""

    namespace: str
    dataset: str
    field: str
    field_type: str | None
    transformation_description: str | None
    transformation_type: str | None
    input_fields: list[InputField]
    dataset_version: None = None


class ColumnNode(_Shape):
    """A node of column lineage."""

    id: str
    data: FieldData
    in_edges: list[Edge]
    out_edges: list[Edge]
    type: Literal["DATASET_FIELD"] = "DATASET_FIELD"


class Columns(_Shape):
    """``GET /column-lineage``."""

    graph: list[ColumnNode]
    completeness: Told
