"""``GET /lineage``: datasets and the jobs between them, as a graph.

    roots ──walk of lineage/traverse.py──▶ datasets and which feeds which      one round trip a level and way
          ──select──▶ the datasets, and which jobs read and write them         one
          ──select──▶ of feeds that no such job explains, the job they name    one, where there are any
          ──select──▶ the jobs                                                 one

A depth is counted in datasets. Jobs that read or write a dataset shown are shown, whatever else they do. A feed without a job
that the reader may see is an edge from dataset to dataset.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from catalog.selection import MAX_PAGE, Row, Select
from catalog.urn import kind_of
from graphql_schema.core.walk import time_of_walk
from lineage.neighbourhood import Steps, neighbourhood
from lineage.traverse import MAX_DEPTH, MAX_FIRST, Budget, LineageCut, LineageDirection, LineageGraph, Link, Walk
from server.marquez.asking import Asking, find_node
from server.marquez.lists import MAX_NESTED
from server.marquez.names import dataset_id, job_id
from server.marquez.rows import DATASET, SYSTEM, dataset_node, ids, job_of, jobs, urns, whole
from server.marquez.shapes import Edge, Lineage, Node, Told

__all__ = ["MAX_JOBS", "lineage"]

MAX_JOBS = 1_000
"""Jobs of one answer."""
_JOBS_EACH_WAY = 50
"""Jobs that read, and that write, one dataset: as many are looked at."""
_STEPS = Steps("Dataset", "upstream", "downstream")


class _Met(NamedTuple):
    """What a walk met, with what was read of it."""

    graph: LineageGraph
    datasets: Mapping[str, Row]
    jobs: Mapping[str, Row]
    edges: Sequence[tuple[str, str]]
    """(from, to) by URN or opaque id, each once."""
    cut: bool
    """Whether there are jobs that were not read."""


async def lineage(asking: Asking) -> Lineage:
    """The lineage of a dataset, both ways, or of a job: upstream of what it reads, downstream of what it writes."""
    node, depth = asking.query.text("nodeId"), asking.query.number("depth", MAX_DEPTH, 1, MAX_DEPTH)
    walk = await _begun(asking, node, Budget(depth, MAX_FIRST))
    context = asking.context
    graph = await neighbourhood(asking.store, walk, _STEPS, asking.reader, context.today, until=time_of_walk(context))
    return _shape(await _met(asking, graph))


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


async def _met(asking: Asking, graph: LineageGraph) -> _Met:
    """What a walk met, read."""
    seen = [node.id for node in graph.nodes if not node.hidden]
    related = (SYSTEM, urns("read_by", "Job", _JOBS_EACH_WAY), urns("written_by", "Job", _JOBS_EACH_WAY))
    datasets = await _rows(asking, Select("Dataset", DATASET, related=related), seen)
    readers = {urn: whole(row["read_by"]) for urn, row in datasets.items()}
    writers = {urn: whole(row["written_by"]) for urn, row in datasets.items()}
    unexplained = [link for link in graph.links if not _explains(readers, writers, link)]
    named = await _named_jobs(asking, [link for link in unexplained if kind_of(link.upstream)])
    wanted = dict.fromkeys(job for some in (*readers.values(), *writers.values(), named.values()) for job in some)
    if kind_of(graph.root) == "job":
        wanted = {graph.root: None, **wanted}
    found = await _rows(asking, jobs(ids([]), ends=MAX_NESTED), list(wanted)[:MAX_JOBS])
    edges = [(urn, job) for urn, some in readers.items() for job in some if job in found]
    edges += [(job, urn) for urn, some in writers.items() for job in some if job in found]
    for link in unexplained:
        job = named.get(link, "")
        edges += [(link.upstream, job), (job, link.downstream)] if job in found else [(link.upstream, link.downstream)]
    steps = ("read_by", "written_by")
    cut = len(wanted) > MAX_JOBS or any(row[step].has_next for row in datasets.values() for step in steps)
    return _Met(graph, datasets, found, list(dict.fromkeys(edges)), cut)


async def _rows(asking: Asking, select: Select, wanted: Sequence[str]) -> dict[str, Row]:
    """The rows of these nodes by URN, in the order of URNs; what is not there any more is left out. One round trip at most."""
    if not wanted:
        return {}
    rows = await asking.select(replace(select, where=ids(wanted), first=len(wanted), total=False, cursor=False))
    return {row["urn"]: row for row in rows}


def _explains(readers: Mapping[str, list[str]], writers: Mapping[str, list[str]], link: Link) -> bool:
    """Whether a job reads the one end and writes the other."""
    return not set(readers.get(link.upstream, ())).isdisjoint(writers.get(link.downstream, ()))


async def _named_jobs(asking: Asking, links: Sequence[Link]) -> dict[Link, str]:
    """The job that each feed names, where it names one; whether the reader may see it is not said. One round trip at most."""
    if not links:
        return {}
    ends = [sorted({link[end] for link in links}) for end in (0, 1)]
    below = urns("downstream", "Dataset", MAX_PAGE, ids(ends[1]), edge=("job",))
    rows = await _rows(asking, Select("Dataset", related=(below,)), ends[0])
    feeds = [(Link(urn, fed["urn"]), fed["@edge"]["job"]) for urn, row in rows.items() for fed in row[below.name].rows]
    return {link: job for link, job in feeds if job}


def _shape(met: _Met) -> Lineage:
    """The answer: datasets by depth and URN, then jobs by URN."""
    ids = {id_: _node_id(id_) for id_ in (*(node.id for node in met.graph.nodes), *met.jobs)}
    ends = sorted((ids[one], ids[other]) for one, other in met.edges)
    into: dict[str, list[Edge]] = defaultdict(list)
    out_of: dict[str, list[Edge]] = defaultdict(list)
    for one, other in ends:
        edge = Edge(origin=one, destination=other)
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
