"""What is said of the edges of a walk: who says so since when, by which job, and of columns how one depends on another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, ClassVar, NamedTuple

from catalog.model import MODEL
from catalog.selection import MAX_PAGE, All, Compare, Has, Op, Order, Page, Predicate, Row, Select
from catalog.urn import kind_of
from graphql_schema.core.chosen import Chosen
from graphql_schema.core.context import Context
from graphql_schema.core.plan import HIDDEN, Get, Mapped, Rows, shape_of
from graphql_schema.core.same import NamedRows
from lineage.levels import LEVELS, LineageLevel
from lineage.traverse import Link

__all__ = [
    "AGENCY_ENTRIES",
    "MAX_TOLD",
    "Assertions",
    "JobOf",
    "LastRun",
    "LinkRows",
    "LinksRead",
    "Said",
    "Steps",
    "WalkRows",
]
__all__ += ["WalkedLink", "read_jobs"]

MAX_TOLD = 5_000
"""Edges of one answer of which it is told who says so."""
_AT_ONCE = MAX_PAGE
"""Edges that one select reads of."""
AGENCY_ENTRIES = 100
"""Datasets of one agency, and of what each feeds, of which it is told who says so."""
_FACTS: dict[str, None] = dict.fromkeys(("source", "valid_from", "valid_to", "recorded_at"))
"""What is told of each statement, in this order."""


_Reader = Callable[[Row], Iterator[tuple[str, "Said"]]]
"""Reads off the row of a node what is said of the edges that leave it, each with the URN of its other end."""


class Said(NamedTuple):
    """What one source says of an edge."""

    source: str | None
    since: str | None
    until: str | None
    recorded_at: str | None
    job_urn: str | None
    dataset: str | None = None
    """Between two jobs the dataset that it is about, between two agencies the one that data comes from."""
    reads: bool = False
    """Between two jobs whether it says that the job reads the dataset; else that it writes it."""
    step: Row | None = None
    """Between two columns the row of how one depends on the other."""
    job: Row | None = None


@dataclass(frozen=True, slots=True)
class WalkedLink:
    """An edge of the answer."""

    upstream: str
    downstream: str
    depth: int
    flows: int
    said: list[Said] | None
    """None where it was not asked, or is past MAX_TOLD."""


@dataclass(slots=True)
class LinkRows:
    """What was chosen of the edges; a field may be chosen twice, and adds to the same rows."""

    day: date
    passing: Predicate | None = None
    """What the nodes that are put together must pass."""
    said: bool = False
    jobs: Rows = field(default_factory=lambda: Rows("Job", read=True))
    told: bool = False
    """Whether anything of the jobs was chosen."""
    steps: Rows = field(default_factory=lambda: Rows("ColumnFlow", first=MAX_PAGE, read=True))


@dataclass(slots=True)
class WalkRows(NamedRows):
    """What was chosen of a walk: of its nodes by their kind, and of its edges."""

    nodes: Mapping[str, Rows] = field(default_factory=dict[str, Rows])
    links: LinkRows = field(default_factory=lambda: LinkRows(date.min))


def _links(rows: Rows) -> LinkRows:
    if not isinstance(rows, WalkRows):
        raise TypeError("edges of a walk stand below a walk only")
    return rows.links


@dataclass(frozen=True, slots=True)
class Assertions(Mapped):
    """What sources say of an edge."""

    brings: ClassVar[int] = 1

    def plan(self, chosen: Chosen, rows: Rows, /) -> Get:
        """See ``Mapped``."""
        _links(rows).said = True
        shape = shape_of(chosen, rows)
        return lambda link: None if link.said is None else [shape(each) for each in link.said]


@dataclass(frozen=True, slots=True)
class JobOf(Mapped):
    """The job by which data flows, of what one source says."""

    brings: ClassVar[int] = 1

    def plan(self, chosen: Chosen, rows: Rows, /) -> Get:
        """See ``Mapped``."""
        links = _links(rows)
        links.told = True
        shape = shape_of(chosen, links.jobs)
        return lambda said: None if said.job is None else shape(said.job)


@dataclass(frozen=True, slots=True)
class LastRun(Mapped):
    """The last run of that job that had started on the day."""

    brings: ClassVar[int] = 1

    def plan(self, chosen: Chosen, rows: Rows, /) -> Get:
        """See ``Mapped``."""
        links = _links(rows)
        links.told = True
        below = Rows("Run", _started(links.day), Order("started_at", descending=True), read=True)
        name, shape = links.jobs.relate("runs", below), shape_of(chosen, below)

        def get(said: Said) -> Any:
            found = said.job[name].rows if said.job else ()
            return shape(found[0]) if found else None

        return get


def _started(day: date) -> Predicate:
    """That a run had started by the end of a day, in UTC as the days of flows are."""
    if day == date.max:
        return Compare("started_at", Op.LE, datetime.max.replace(tzinfo=UTC))
    return Compare("started_at", Op.LT, datetime.combine(day + timedelta(days=1), time(), UTC))


@dataclass(frozen=True, slots=True)
class Steps(Mapped):
    """How one column depends on another."""

    brings: ClassVar[int] = 1

    def plan(self, chosen: Chosen, rows: Rows, /) -> Get:
        """See ``Mapped``."""
        links = _links(rows)
        links.said = True
        shape = shape_of(chosen, links.steps)
        return lambda link: None if link.said is None else [shape(each.step) for each in link.said if each.step]


class LinksRead:
    """The reading of what is said of the edges of a walk: what to select, and what is found."""

    def __init__(self, level: LineageLevel, links: Sequence[Link], rows: LinkRows) -> None:
        self.selects: list[Select] = []
        self._told = [link[:2] for link in links[:MAX_TOLD]] if rows.said else []
        self._readers: list[_Reader] = []
        # Of an edge with a hidden end nobody says anything.
        slug = MODEL.kinds[LEVELS[level].root].slug
        asked = [ends for ends in self._told if kind_of(ends[0]) == kind_of(ends[1]) == slug]
        for start in range(0, len(asked), _AT_ONCE):
            ups, downs = (tuple(dict.fromkeys(ends)) for ends in zip(*asked[start : start + _AT_ONCE], strict=True))
            tails = Rows(LEVELS[level].root, Compare("urn", Op.IN, ups), first=len(ups), read=True)
            self._readers.append(_READ[level](tails, Compare("urn", Op.IN, downs), rows))
            self.selects.append(tails.select())

    def found(self, pages: Iterable[Page]) -> dict[tuple[str, str], list[Said]]:
        """What is said of each edge that it is told of, of the pages that the selects answered."""
        said: dict[tuple[str, str], list[Said]] = {pair: [] for pair in self._told}
        for page, reader in zip(pages, self._readers, strict=True):
            for row in page.rows:
                for end, each in reader(row):
                    if (row["urn"], end) in said:
                        said[row["urn"], end].append(each)
        return said


def _datasets(tails: Rows, ends: Predicate, _rows: LinkRows) -> _Reader:
    """What is said of the edges between datasets."""
    heads = Rows("Dataset", ends, first=MAX_PAGE, read=True, facts={**_FACTS, "job": None})
    name = tails.relate("downstream", heads)

    def read(row: Row) -> Iterator[tuple[str, Said]]:
        for head in row[name].rows:
            yield head["urn"], _of(head["@edge"], head["@edge"]["job"])

    return read


def _agencies(tails: Rows, ends: Predicate, rows: LinkRows) -> _Reader:
    """What is said of the edges between the datasets of agencies that pass, as far as AGENCY_ENTRIES go."""
    passes = () if rows.passing is None else (rows.passing,)
    fed = All((*passes, Has("held_by", ends, "Agency")))
    feeding = All((*passes, Has("downstream", fed, "Dataset")))
    datasets = Rows("Dataset", feeding, first=AGENCY_ENTRIES, read=True)
    heads = Rows("Dataset", fed, first=AGENCY_ENTRIES, read=True, facts={**_FACTS, "job": None})
    givers, takers = (each.relate("held_by", Rows("Agency", first=MAX_PAGE, read=True)) for each in (datasets, heads))
    into, name = datasets.relate("downstream", heads), tails.relate("datasets_held", datasets)

    def holder(row: Row, holders: str) -> str:
        """The one that stands for it, as the walk puts datasets together."""
        return min(each["urn"] for each in _seen(row[holders].rows))

    def read(row: Row) -> Iterator[tuple[str, Said]]:
        for dataset in _seen(row[name].rows):
            if holder(dataset, givers) == row["urn"]:
                for head in _seen(dataset[into].rows):
                    said = _of(head["@edge"], head["@edge"]["job"])
                    yield holder(head, takers), said._replace(dataset=dataset["urn"])

    return read


def _columns(tails: Rows, ends: Predicate, rows: LinkRows) -> _Reader:
    """How columns depend on each other."""
    steps = replace(rows.steps, where=Has("to_column", ends, "Column"), below=list(rows.steps.below))
    steps.props = {**steps.props, **_FACTS}
    into = steps.relate("to_column", Rows("Column", read=True))
    flows = Rows("Flow", read=True)
    via, flow = flows.relate("via", Rows("Job", read=True)), steps.relate("part_of_flow", flows)
    name = tails.relate("column_flows_out", steps)

    def read(row: Row) -> Iterator[tuple[str, Said]]:
        for step in row[name].rows:
            jobs = [job["urn"] for each in _seen(step[flow].rows) for job in _seen(each[via].rows)]
            for head in _seen(step[into].rows):
                yield head["urn"], _of(step, next(iter(jobs), None))._replace(step=step)

    return read


def _jobs(tails: Rows, ends: Predicate, _rows: LinkRows) -> _Reader:
    """What is said of the datasets that one job writes and another reads."""
    datasets = Rows("Dataset", Has("read_by", ends, "Job"), first=MAX_PAGE, read=True, facts=dict(_FACTS))
    readers = datasets.relate("read_by", Rows("Job", ends, first=MAX_PAGE, read=True, facts=dict(_FACTS)))
    name = tails.relate("writes", datasets)

    def read(row: Row) -> Iterator[tuple[str, Said]]:
        for dataset in row[name].rows:
            for reader in dataset[readers].rows:
                writes, reads = _of(dataset["@edge"], row["urn"]), _of(reader["@edge"], reader["urn"])
                yield reader["urn"], writes._replace(dataset=dataset["urn"])
                yield reader["urn"], reads._replace(dataset=dataset["urn"], reads=True)

    return read


_READ: Mapping[LineageLevel, Callable[[Rows, Predicate, LinkRows], _Reader]] = {
    LineageLevel.AGENCY: _agencies,
    LineageLevel.DATASET: _datasets,
    LineageLevel.COLUMN: _columns,
    LineageLevel.JOB: _jobs,
}


def _of(said: Row, job: str | None) -> Said:
    source, since, until, recorded_at = (said[name] for name in _FACTS)
    return Said(source, since, until, recorded_at, job)


def _seen(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if HIDDEN not in row]


async def read_jobs(
    said: dict[tuple[str, str], list[Said]], rows: LinkRows, context: Context, as_of: date
) -> dict[tuple[str, str], list[Said]]:
    """The same with what was chosen of the jobs, in order; one round trip where anything was."""
    urns = sorted({each.job_urn for all_ in said.values() for each in all_ if each.job_urn}) if rows.told else []
    jobs: dict[str, Row] = {}
    if urns:
        chunks = [tuple(urns[start : start + _AT_ONCE]) for start in range(0, len(urns), _AT_ONCE)]
        selects = [
            replace(rows.jobs, where=Compare("urn", Op.IN, chunk), first=len(chunk)).select() for chunk in chunks
        ]
        for page in await context.store.select_all(selects, context.reader, as_of):
            jobs |= {row["urn"]: row for row in page.rows}
    return {pair: _ordered(all_, jobs) for pair, all_ in said.items()}


def _ordered(said: Iterable[Said], jobs: Mapping[str, Row]) -> list[Said]:
    """What is said, each once: in the order of source, dataset, what is read after what is written, and step."""
    found: dict[tuple[Any, ...], Said] = {}
    for each in said:
        step = each.step["urn"] if each.step else ""
        key = (each.source or "", each.dataset or "", each.reads, step, each.since or "", each.job_urn or "")
        found[key] = each._replace(job=jobs.get(each.job_urn or ""))
    return [found[key] for key in sorted(found)]
