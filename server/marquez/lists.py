"""Namespaces, sources, tags, datasets and their versions, jobs and their runs, and the latest events."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import replace

from catalog.errors import InvalidUrn
from catalog.selection import All, Compare, Has, IsNull, Not, Op, Order, Page, Predicate, Related, Row, Select
from catalog.stores.port import URN_NAMESPACE, Aggregate
from server.marquez.asking import MAX_LIMIT, Asking, NotThere, bad, find
from server.marquez.names import named, within
from server.marquez.rows import (
    RUN,
    cut,
    dataset_of,
    datasets,
    fields,
    fields_of,
    id_of,
    job_of,
    jobs,
    run_of,
    runs,
    urns,
    whole,
)
from server.marquez.shapes import (
    Dataset,
    Datasets,
    DatasetVersion,
    Event,
    Events,
    Job,
    Jobs,
    Namespace,
    Namespaces,
    Run,
    Runs,
    Source,
    Sources,
    Tag,
    Tags,
    VersionId,
    Versions,
)

__all__ = ["MAX_LISTED", "MAX_NESTED", "MAX_NESTED_OF_ONE", "dataset", "dataset_version", "dataset_versions"]
__all__ += ["events", "events_of", "job", "job_runs", "list_datasets", "list_jobs", "namespace", "namespaces"]
__all__ += ["run", "source", "sources", "tags"]

MAX_LISTED = 100
"""Entries of one list of datasets, versions, jobs, runs or events."""
MAX_NESTED = 100
"""Columns or datasets of each entry of a list; what is cut is told (``incomplete``)."""
MAX_NESTED_OF_ONE = 1_000
"""The same of one that is asked for by name."""

_SOURCE = ("name", "kind_of_system", "recorded_at")
_VERSION = ("version", "recorded_at")
_EVENT_TYPES = {"COMPLETED": "COMPLETE", "FAILED": "FAIL", "ABORTED": "ABORT", "RUNNING": "RUNNING"}


async def namespaces(asking: Asking) -> Namespaces:
    """Every namespace of a dataset or job. Two round trips, at once."""
    limit, offset = asking.query.page(MAX_LIMIT)
    reader, day = asking.reader, asking.context.today
    counted = [Aggregate(kind, URN_NAMESPACE, reader, day) for kind in ("Dataset", "Job")]
    found = await asyncio.gather(*map(asking.store.aggregate, counted))
    names = sorted({named(f"{begins}x").namespace for groups in found for begins, _ in groups})
    listed = [Namespace(name=name) for name in names[offset : offset + limit]]
    return Namespaces(namespaces=listed, total_count=len(names))


async def namespace(asking: Asking, name: str) -> Namespace:
    """A namespace that holds a dataset or job."""
    probes = [_within(kind, name) for kind in ("Dataset", "Job")]
    if not any(page.rows for page in await _all(asking, *(_probe(kind, where) for kind, where in probes))):
        raise NotThere("Namespace", name)
    return Namespace(name=name)


async def sources(asking: Asking) -> Sources:
    """The systems that keep datasets, by name."""
    limit, offset = asking.query.page(MAX_LIMIT)
    select = Select("System", _SOURCE, order=Order("name"), first=limit, skip=offset, total=True, cursor=False)
    (page,) = await _all(asking, select)
    return Sources(sources=[_source(row) for row in page.rows], total_count=_total(page))


async def source(asking: Asking, name: str) -> Source:
    """A system by its name; of several the one with the first URN."""
    rows = await asking.select(Select("System", _SOURCE, Compare("name", Op.EQ, name), first=1))
    return _source(_only(rows, "Source", name))


async def tags(asking: Asking) -> Tags:
    """The keywords of datasets, by name: the 1,000 that are used most."""
    limit, offset = asking.query.page(MAX_LIMIT)
    counted = await asking.store.aggregate(Aggregate("Dataset", "keywords", asking.reader, asking.context.today))
    names = sorted(str(value) for value, _ in counted)
    return Tags(tags=[Tag(name=name) for name in names[offset : offset + limit]], total_count=len(names))


async def list_datasets(asking: Asking, namespace: str) -> Datasets:
    """The datasets of a namespace, in the order of their URNs."""
    limit, offset = asking.query.page(MAX_LISTED)
    _, where = _within("Dataset", namespace)
    page = await _listed(asking, namespace, datasets(where, limit, offset, columns=MAX_NESTED), "Job")
    return Datasets(datasets=[dataset_of(row) for row in page.rows], total_count=_total(page))


async def dataset(asking: Asking, namespace: str, name: str) -> Dataset:
    """One dataset."""
    _, where = find("Dataset", "dataset", namespace, name)
    rows = await asking.select(datasets(where, columns=MAX_NESTED_OF_ONE))
    return dataset_of(_only(rows, "Dataset", name))


async def dataset_versions(asking: Asking, namespace: str, name: str) -> Versions:
    """The versions of a dataset that are told apart, by their names."""
    limit, offset = asking.query.page(MAX_LISTED)
    row = await _versions(asking, namespace, name, None, first=limit, skip=offset)
    found = [_version(row, version) for version in row["versions"].rows]
    return Versions(versions=found, total_count=_total(row["versions"]))


async def dataset_version(asking: Asking, namespace: str, name: str, version: str) -> DatasetVersion:
    """One version of a dataset."""
    row = await _versions(asking, namespace, name, Compare("version", Op.EQ, version), first=1, skip=0)
    return _version(row, _only(row["versions"].rows, "Dataset version", version))


async def list_jobs(asking: Asking, namespace: str) -> Jobs:
    """The jobs of a namespace, in the order of their URNs."""
    limit, offset = asking.query.page(MAX_LISTED)
    _, where = _within("Job", namespace)
    page = await _listed(asking, namespace, jobs(where, limit, offset, ends=MAX_NESTED), "Dataset")
    return Jobs(jobs=[job_of(row) for row in page.rows], total_count=_total(page))


async def job(asking: Asking, namespace: str, name: str) -> Job:
    """One job."""
    _, where = find("Job", "job", namespace, name)
    rows = await asking.select(jobs(where, ends=MAX_NESTED_OF_ONE))
    return job_of(_only(rows, "Job", name))


async def job_runs(asking: Asking, namespace: str, name: str) -> Runs:
    """The runs of a job, those without a beginning first, then the newest."""
    limit, offset = asking.query.page(MAX_LISTED)
    urn, where = find("Job", "job", namespace, name)
    rows = await asking.select(Select("Job", where=where, first=1, related=(runs(limit, offset),)))
    page: Page = _only(rows, "Job", name)["runs"]
    return Runs(runs=[run_of(row, urn) for row in page.rows], total_count=_total(page))


async def run(asking: Asking, run_id: str) -> Run:
    """One run by its id, a UUID."""
    try:
        wanted = str(uuid.UUID(run_id))
    except ValueError:
        raise bad(f"'{run_id[:60]}' is no run id: it takes a UUID") from None
    where = Compare("run_id", Op.EQ, wanted)
    rows = await asking.select(Select("Run", RUN, where, first=1, related=(urns("executes", "Job", 1),)))
    row = _only(rows, "Run", run_id)
    return run_of(row, next(iter(whole(row["executes"])), None))


async def events(asking: Asking) -> Events:
    """Where each run stands, as one event: those without a beginning first, then the newest."""
    return await _events(asking, Has("executes"))


async def events_of(asking: Asking, *namespace: str) -> Events:
    """The same of the jobs of a namespace. Marquez's client does not escape the slashes of its name."""
    _, where = _within("Job", "/".join(namespace))
    return await _events(asking, Has("executes", where))


async def _events(asking: Asking, of: Predicate) -> Events:
    limit, offset = asking.query.page(MAX_LISTED)
    job_of_run = Select("Job", first=1, cursor=False, related=(urns("reads", "Dataset", MAX_NESTED),))
    related = (Related("executes", "executes", job_of_run), urns("outputs", "Dataset", MAX_NESTED))
    order = Order("started_at", descending=True)
    # An event is at a time.
    timed = Not(All((IsNull("started_at"), IsNull("ended_at"))))
    where = All((of, timed))
    select = Select("Run", RUN, where, order, first=limit, skip=offset, total=True, cursor=False, related=related)
    (page,) = await _all(asking, select)
    return Events(events=[_event(row) for row in page.rows], total_count=_total(page))


def _event(row: Row) -> Event:
    job: Row = row["executes"].rows[0]
    return Event(
        event_type=_EVENT_TYPES.get(row["state"] or "", "OTHER"),
        event_time=row["ended_at"] or row["started_at"],
        run={"runId": row["run_id"], "facets": {}},
        job=id_of(job["urn"]),
        inputs=[id_of(urn) for urn in whole(job["reads"])],
        outputs=[id_of(urn) for urn in whole(row["outputs"])],
        incomplete=cut({**row, **job}, inputs="reads", outputs="outputs"),
    )


async def _versions(
    asking: Asking, namespace: str, name: str, where: Predicate | None, *, first: int, skip: int
) -> Row:
    """A dataset with its versions below."""
    _, this = find("Dataset", "dataset", namespace, name)
    order = Order("version")
    select = Select("DatasetVersion", _VERSION, where, order, first=first, skip=skip, total=True, cursor=False)
    below = Related("versions", "versions", replace(select, related=(fields(MAX_NESTED),)))
    found = datasets(this, columns=0)
    rows = await asking.select(replace(found, related=(*found.related, below)))
    return _only(rows, "Dataset", name)


def _version(row: Row, version: Row) -> DatasetVersion:
    node = dataset_of(row)
    return DatasetVersion(
        id=VersionId(namespace=node.namespace, name=node.name, version=version["version"]),
        name=node.name,
        physical_name=node.physical_name,
        namespace=node.namespace,
        created_at=version["recorded_at"],
        version=version["version"],
        source_name=node.source_name,
        fields=fields_of(version["columns"]),
        tags=node.tags,
        description=node.description,
        incomplete=cut(version, fields="columns"),
    )


def _source(row: Row) -> Source:
    recorded: str = row["recorded_at"]
    return Source(type=row["kind_of_system"] or "", name=row["name"], created_at=recorded, updated_at=recorded)


async def _listed(asking: Asking, namespace: str, select: Select, other: str) -> Page:
    """A page of what is in a namespace; it may be empty where only nodes of the other kind are in it. One round trip."""
    page, there = await _all(asking, select, _probe(*_within(other, namespace)))
    if not (page.total or there.rows):
        raise NotThere("Namespace", namespace)
    return page


def _within(kind: str, namespace: str) -> tuple[str, Compare]:
    """A kind, and what finds the nodes of it that are in a namespace. Raises NotThere where it can hold none."""
    try:
        return kind, Compare("urn", Op.WITHIN, within(kind.lower(), namespace))
    except InvalidUrn:
        raise NotThere("Namespace", namespace) from None


def _probe(kind: str, where: Predicate) -> Select:
    return Select(kind, where=where, first=1, cursor=False)


async def _all(asking: Asking, *selects: Select) -> list[Page]:
    """The pages of several selections, as of today. One round trip."""
    return await asking.store.select_all(selects, asking.reader, asking.context.today)


def _only(rows: list[Row], what: str, name: str) -> Row:
    """The one row there is. Raises NotThere."""
    if not rows:
        raise NotThere(what, name)
    return rows[0]


def _total(page: Page) -> int:
    return page.total or 0
