"""``GET /lineage``: datasets and the jobs between them, as a graph.

    roots ──walk of lineage/traverse.py──▶ datasets and which feeds which      one round trip a level and way
          ──select──▶ the datasets, and which jobs write them                  one
          ──select──▶ the jobs, and what they read and write                   one
          ──select──▶ of links that none of them explains, the job they name   two, where there are any

A depth is counted in datasets. A job is shown where data flows through it from one dataset shown to another, and where lineage
ends at it: one that only writes a dataset met upstream, or only reads one met downstream, save of the last ones shown.
A feed without a job that the reader may see is an edge from dataset to dataset; between two names of one dataset there is an edge
each way.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import compress
from typing import NamedTuple

from catalog.selection import MAX_PAGE, Has, Not, Related, Row, Select
from catalog.urn import kind_of
from graphql_schema.core.walk import time_of_walk
from lineage.levels import LEVELS, LineageLevel
from lineage.neighbourhood import neighbourhood
from lineage.traverse import MAX_DEPTH, MAX_FIRST, Budget, LineageCut, LineageDirection, LineageGraph, Link, Walk
from server.marquez.asking import Asking, find_node
from server.marquez.lists import MAX_NESTED
from server.marquez.names import dataset_id, job_id
from server.marquez.rows import DATASET, dataset_node, ids, job_of, jobs, urns, whole
from server.marquez.shapes import Edge, Lineage, Node, Told

__all__ = ["MAX_JOBS", "lineage"]

MAX_JOBS = 1_000
"""Jobs of one answer."""
_JOBS_EACH_WAY = 50
"""Jobs that write one dataset, or that only read or only write it: as many are looked at."""
_STEPS = LEVELS[LineageLevel.DATASET]
_WRITTEN_BY = urns("written_by", "Job", _JOBS_EACH_WAY)
_SINK = urns("read_by", "Job", _JOBS_EACH_WAY, Not(Has("writes")))
_SOURCE = replace(urns("written_by", "Job", _JOBS_EACH_WAY, Not(Has("reads"))), name="source")
_JOBS = (_WRITTEN_BY, _SINK, _SOURCE)
_JOB = jobs(ids([]), ends=MAX_NESTED)


class _Met(NamedTuple):
    """What a walk met, with what was read of it."""

    graph: LineageGraph
    datasets: Mapping[str, Row]
    jobs: Mapping[str, Row]
    reads: Mapping[str, Sequence[str]]
    """Which datasets each of the jobs reads, and others that are not shown."""
    through: Mapping[Link, Sequence[str]]
    """Which of the jobs each link goes through; none where data flows by no job that the reader may see."""
    cut: bool
    """Whether there are jobs that were not read."""


_Ends = tuple[str, str]
"""URNs of what data comes from and of what it flows into."""


async def lineage(asking: Asking) -> Lineage:
    """The lineage of a dataset, both ways, or of a job: upstream of what it reads, downstream of what it writes."""
    node, depth = asking.query.text("nodeId"), asking.query.number("depth", MAX_DEPTH, 1, MAX_DEPTH)
    walk = await _begun(asking, node, Budget(depth, MAX_FIRST))
    context = asking.context
    graph = await neighbourhood(asking.store, walk, _STEPS, asking.reader, context.today, until=time_of_walk(context))
    return _shape(await _met(asking, graph, depth))


async def _begun(asking: Asking, node: str, budget: Budget) -> Walk:
    """The walk from a node id. Raises NotThere. One round trip."""
    below = {"Dataset": (), "Job": (urns("reads", "Dataset", MAX_NESTED), urns("writes", "Dataset", MAX_NESTED))}
    row = await find_node(asking, node, below)
    root: str = row["urn"]
    if kind_of(root) == "dataset":
        return Walk(root, LineageDirection.BOTH, budget)
    begins = {
        LineageDirection.UPSTREAM: whole(row["reads"]),
        LineageDirection.DOWNSTREAM: whole(row["writes"]),
    }
    return Walk(root, LineageDirection.BOTH, budget, begins=begins)


async def _met(asking: Asking, graph: LineageGraph, depth: int) -> _Met:
    """What a walk of this depth met, read."""
    datasets = await _datasets(asking, graph, depth)
    dead_ends = [job for row in datasets.values() for end in (_SINK, _SOURCE) for job in _jobs_of(row, end)]
    if kind_of(graph.root) == "job":
        dead_ends.append(graph.root)
    writers = [job for row in datasets.values() for job in _jobs_of(row, _WRITTEN_BY)]
    wanted = list(dict.fromkeys([*dead_ends, *writers]))
    jobs = await _rows(asking, _JOB, wanted[:MAX_JOBS])
    reads = {job: whole(row["reads"]) for job, row in jobs.items()}
    through = _between(datasets, reads, graph.links)
    unexplained = [link for link, found in through.items() if not found and kind_of(link.upstream)]
    named = await _named_jobs(asking, unexplained)
    more = [job for job in dict.fromkeys(named.values()) if job not in jobs]
    others = await _rows(asking, _JOB, more[: MAX_JOBS - len(jobs)])
    jobs |= others
    reads |= {job: whole(row["reads"]) for job, row in others.items()}
    through |= {link: [job] for link in unexplained if (job := named.get(_ends(link))) in jobs}
    shown = {*dead_ends, *(job for some in through.values() for job in some)}
    cut = len(wanted) + len(more) > MAX_JOBS
    cut |= any(row[each.name].has_next for row in datasets.values() for each in _JOBS if each.name in row)
    return _Met(graph, datasets, {job: row for job, row in jobs.items() if job in shown}, reads, through, cut)


async def _datasets(asking: Asking, graph: LineageGraph, depth: int) -> dict[str, Row]:
    """The datasets shown, with the jobs that may lead to them from others that are, and those at which lineage ends."""
    led_to = {link.downstream for link in graph.links}
    groups: dict[tuple[bool, bool, bool], list[str]] = defaultdict(list)
    for node in graph.nodes:
        if not node.hidden:
            inside = node.depth < depth
            sink = inside and node.direction is not LineageDirection.UPSTREAM
            source = inside and node.direction is not LineageDirection.DOWNSTREAM
            groups[node.id in led_to, sink, source].append(node.id)
    selects = [
        Select("Dataset", DATASET, ids(found), first=len(found), cursor=False, related=tuple(compress(_JOBS, wanted)))
        for wanted, found in groups.items()
    ]
    pages = await asking.store.select_all(selects, asking.reader, asking.context.today)
    return {row["urn"]: row for page in pages for row in page.rows}


async def _rows(asking: Asking, select: Select, wanted: Sequence[str]) -> dict[str, Row]:
    """The rows of these nodes by URN, in the order of URNs; what is not there any more is left out. One round trip at most."""
    if not wanted:
        return {}
    rows = await asking.select(replace(select, where=ids(wanted), first=len(wanted), total=False, cursor=False))
    return {row["urn"]: row for row in rows}


def _jobs_of(row: Row, related: Related) -> list[str]:
    return whole(row[related.name]) if related.name in row else []


def _between(
    datasets: Mapping[str, Row], reads: Mapping[str, Sequence[str]], links: Sequence[Link]
) -> dict[Link, Sequence[str]]:
    """The jobs that read the one end of each link and write the other."""
    read = {job: frozenset(found) for job, found in reads.items()}
    writers = {urn: [job for job in _jobs_of(row, _WRITTEN_BY) if job in read] for urn, row in datasets.items()}
    return {link: [job for job in writers.get(link.downstream, ()) if link.upstream in read[job]] for link in links}


async def _named_jobs(asking: Asking, links: Sequence[Link]) -> dict[_Ends, str]:
    """The job that each feed names, where it names one; whether the reader may see it is not said. One round trip at most."""
    if not links:
        return {}
    below = urns("downstream", "Dataset", MAX_PAGE, ids(sorted({link.downstream for link in links})), edge=("job",))
    rows = await _rows(asking, Select("Dataset", related=(below,)), sorted({link.upstream for link in links}))
    feeds = [((urn, fed["urn"]), fed["@edge"]["job"]) for urn, row in rows.items() for fed in row[below.name].rows]
    return {ends: job for ends, job in feeds if job}


def _ends(link: Link) -> _Ends:
    return link.upstream, link.downstream


def _shape(met: _Met) -> Lineage:
    """The answer: datasets by depth and URN, then jobs by URN."""
    ids = {id_: _node_id(id_) for id_ in (*(node.id for node in met.graph.nodes), *met.jobs)}
    into: dict[str, list[Edge]] = defaultdict(list)
    out_of: dict[str, list[Edge]] = defaultdict(list)
    ends = _edges(met, ids)
    for one in sorted(ends):
        for other in sorted(ends[one]):
            edge = Edge(one, other)
            into[other].append(edge)
            out_of[one].append(edge)
    nodes: list[Node] = []
    for each in met.graph.nodes:
        id_, row = ids[each.id], met.datasets.get(each.id)
        data = None if row is None else dataset_node(row)
        nodes.append(Node(id=id_, type="DATASET", data=data, in_edges=into[id_], out_edges=out_of[id_]))
    for urn, row in met.jobs.items():
        id_ = ids[urn]
        nodes.append(Node(id=id_, type="JOB", data=job_of(row), in_edges=into[id_], out_edges=out_of[id_]))
    return Lineage(graph=nodes, completeness=_told(met))


def _edges(met: _Met, ids: Mapping[str, str]) -> dict[str, set[str]]:
    """Every edge, by node ids: of the jobs shown with the datasets shown, and of data that flows by no such job."""
    ends: dict[str, set[str]] = defaultdict(set)
    shown = {urn: ids[urn] for urn in met.datasets}
    for job, row in met.jobs.items():
        id_ = ids[job]
        for urn in met.reads[job]:
            if urn in shown:
                ends[shown[urn]].add(id_)
        ends[id_].update(shown[urn] for urn in whole(row["writes"]) if urn in shown)
    for same in met.graph.same:
        one, other = ids[same.one], ids[same.other]
        ends[one].add(other)
        ends[other].add(one)
    for link, some in met.through.items():
        upstream, downstream = ids[link.upstream], ids[link.downstream]
        if not some:
            ends[upstream].add(downstream)
        for job in some:
            ends[upstream].add(ids[job])
            ends[ids[job]].add(downstream)
    return ends


@lru_cache(maxsize=16_384)
def _node_id(id_: str) -> str:
    """The node id of a dataset or job, or of a dataset of which the reader may know that there is one."""
    match kind_of(id_):
        case "dataset":
            return dataset_id(id_)
        case "job":
            return job_id(id_)
        case _:
            return f"dataset:waypost:hidden:{id_}"


def _told(met: _Met) -> Told:
    found = met.graph.completeness
    reasons = {*found.reasons, *([LineageCut.NODES] if met.cut else [])}
    return Told(
        is_complete=not reasons,
        reasons=sorted(reasons),
        omitted_nodes=found.omitted_nodes,
        hidden_nodes=found.hidden_nodes,
    )
