"""Random graphs of datasets, their columns, holders and jobs, and what lineage is at each level: the oracle of ``lineage``.

Nothing of the walk is known here: what a reader knows of is listed as edges between ids, distances are the ends of all walks
of every length, and the answer is cut out of that.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

from catalog.access import Audience, Reader
from catalog.batch import Batch, EdgeStatement, NodeStatement
from catalog.model.data import Column, Dataset
from catalog.model.declare import Entity, Relation
from catalog.model.enums import AssertionStatus
from catalog.model.lineage import ColumnFlow, Flow, Job, Run
from catalog.model.people import Agency
from catalog.stores.layout import opaque_id
from catalog.urn import Urn, key, kind_of
from lineage.levels import LineageLevel
from tests.support.flow_worlds import (
    DAYS,
    SOURCES,
    Named,
    Span,
    holds,
    one_of,
    random_names,
    random_span,
    said_of_names,
)
from tests.support.reference_graph import OPAQUE_KEY

__all__ = ["LevelWorld", "Question", "make_level_world", "said_of_levels"]

_VEILED = ("dataset", "column", "job")
"""Kinds that keep the shape of lineage for those who may not see them."""
_UP, _DOWN = "UPSTREAM", "DOWNSTREAM"


@dataclass(frozen=True)
class Stated:
    """An edge of the graph: between what, who says so (a number), when it holds, and by which job, if by any."""

    tail: Urn
    head: Urn
    source: int
    span: Span
    job: Urn | None = None


@dataclass(frozen=True)
class Question:
    """What is asked of a world."""

    level: LineageLevel
    root: Urn
    direction: str
    depth: int
    first: int
    reader: Reader
    day: date
    passing: frozenset[Urn] | None = None
    """The nodes of the filter: datasets, columns or jobs, as the level has them; None: no filter."""
    via: frozenset[Urn] | None = None
    """Those of the filter between two nodes: steps between columns, datasets between jobs; None: no filter."""


@dataclass
class LevelWorld:
    """One graph."""

    apart: Urn
    """A dataset that everyone sees, between which and itself flows go: nobody asks about it."""
    nodes: dict[Urn, tuple[Entity, Audience, Span]] = field(default_factory=dict[Urn, tuple[Entity, Audience, Span]])
    feeds: list[Stated] = field(default_factory=list[Stated])
    same: list[Named] = field(default_factory=list[Named])
    held: list[Stated] = field(default_factory=list[Stated])
    writes: list[Stated] = field(default_factory=list[Stated])
    reads: list[Stated] = field(default_factory=list[Stated])
    steps: dict[Urn, tuple[Urn, Urn]] = field(default_factory=dict[Urn, tuple[Urn, Urn]])
    """Column flows, each with the column that it comes from and the one that it goes to."""
    steps_of: dict[Urn, Urn] = field(default_factory=dict[Urn, Urn])
    """Column flows, each with the flow that it is a part of."""
    moved: dict[Urn, Urn] = field(default_factory=dict[Urn, Urn])
    """Flows, each with its job."""
    columns: dict[Urn, Urn] = field(default_factory=dict[Urn, Urn])
    """Columns, each with its dataset."""
    runs: dict[Urn, Urn] = field(default_factory=dict[Urn, Urn])
    """Runs, each with its job."""

    # What a reader knows of on a day.

    def whole(self, urn: Urn | None, asked: Question) -> bool:
        """Whether the reader sees a node whole."""
        if urn is None or urn not in self.nodes:
            return False
        _, audience, span = self.nodes[urn]
        return audience in asked.reader.full and holds(span, asked.day)

    def known(self, urn: Urn, asked: Question) -> str | None:
        """The id by which the reader knows of a node, whatever the level."""
        _, audience, span = self.nodes[urn]
        if self.whole(urn, asked):
            return urn
        veiled = audience in asked.reader.placeholder and kind_of(urn) in _VEILED and holds(span, asked.day)
        return opaque_id(urn, OPAQUE_KEY) if veiled else None

    def id_of(self, urn: Urn, asked: Question) -> str | None:
        """The id of a node in the answer: that of its holder, where agencies are asked for and the reader sees both."""
        if asked.level is LineageLevel.AGENCY and self.whole(urn, asked):
            for each in self.held:
                if each.tail == urn and holds(each.span, asked.day) and self.whole(each.head, asked):
                    return each.head
        return self.known(urn, asked)

    def roots(self, asked: Question) -> set[str]:
        """Where it begins: at the root, or at what stands for a dataset."""
        root, level, day = asked.root, asked.level, asked.day
        if kind_of(root) != "dataset" or level is LineageLevel.DATASET:
            return {root}
        if level is LineageLevel.AGENCY:
            return {self.id_of(root, asked) or ""}
        if level is LineageLevel.COLUMN:
            stand = [column for column, dataset in self.columns.items() if dataset == root]
        else:
            stand = [each.tail for each in (*self.writes, *self.reads) if each.head == root and holds(each.span, day)]
        return {id_ for id_ in (self.known(urn, asked) for urn in stand) if id_ is not None}

    def pairs(self, asked: Question) -> set[tuple[Urn, Urn]]:
        """The nodes of which one leads to the other, as far as the reader knows of both and of what is between."""
        day = asked.day
        if asked.level is LineageLevel.COLUMN:
            found = {ends for urn, ends in self.steps.items() if self.whole(urn, asked)}
        elif asked.level is LineageLevel.JOB:
            found = {
                (writes.tail, reads.tail)
                for writes, reads in self._through(day)
                if self.known(writes.head, asked) is not None
            }
        else:
            found = {(each.tail, each.head) for each in self.feeds if holds(each.span, day)}
        return {(a, b) for a, b in found if self.known(a, asked) is not None and self.known(b, asked) is not None}

    def one(self, asked: Question) -> set[tuple[str, str]]:
        """What is one under two names that the reader knows of, by their ids, both ways: it is stated, and nobody denies it."""
        if asked.level is not LineageLevel.DATASET:
            return set()
        ids = {urn: id_ for urn in self.nodes if (id_ := self.known(urn, asked)) is not None}
        return one_of(self.same, ids, asked.day)

    def _through(self, day: date) -> Iterator[tuple[Stated, Stated]]:
        for writes in self.writes:
            for reads in self.reads:
                if writes.head == reads.head and holds(writes.span, day) and holds(reads.span, day):
                    yield writes, reads

    def between(self, up: Urn, down: Urn, asked: Question) -> set[Urn]:
        """What the reader sees whole between two columns or jobs."""
        if asked.level is LineageLevel.COLUMN:
            found = {urn for urn, ends in self.steps.items() if ends == (up, down)}
        else:
            found = {pair[0].head for pair in self._through(asked.day) if (pair[0].tail, pair[1].tail) == (up, down)}
        return {urn for urn in found if self.whole(urn, asked)}

    # The answer.

    def expected(self, asked: Question) -> dict[str, Any] | None:
        """The whole answer; None where the reader does not see the root."""
        if not self.whole(asked.root, asked):
            return None
        roots = self.roots(asked)
        ways = [_Way(self, asked, way, roots) for way in (_UP, _DOWN) if asked.direction in (way, "BOTH")]
        far = dict.fromkeys(roots, 0)
        for way in ways:
            for id_, hops in way.distances().items():
                far[id_] = min(hops, far.get(id_, hops))
        near = sorted((hops, hops == 0 and id_ not in roots, id_) for id_, hops in far.items() if hops <= asked.depth)
        shown = {id_: hops for hops, _, id_ in near[: asked.first]}
        insides = {way: {i: h for i, h in way.distances(shown).items() if h <= asked.depth} for way in ways}
        links: dict[tuple[str, str], int] = {}
        omitted: set[str] = set()
        left: set[str] = set()
        frontier: set[str] = set()
        reasons: set[str] = set()
        for way, inside in insides.items():
            nearest: dict[str, int] = {}
            for (start, end), flows, length in way.all():
                if start not in inside:
                    continue
                if not flows:
                    reasons.add("FILTER")
                    left.add(end)
                elif end not in shown:
                    omitted.add(end)
                elif length:
                    links[way.turned(start, end)] = flows
                if flows and end not in inside:
                    frontier.add(start)
                    nearest[end] = min(inside[start] + length, nearest.get(end, 99))
            reasons |= {"NODES"} & {"NODES" if root not in shown else "" for root in roots}
            reasons |= {"DEPTH" if hops > asked.depth else "NODES" for hops in nearest.values()}
        return {
            "root": asked.root,
            "level": str(asked.level),
            "asOf": asked.day.isoformat(),
            "nodes": [self._node(id_, hops, insides, asked) for id_, hops in shown.items()],
            "edges": [
                {
                    "upstream": up,
                    "downstream": down,
                    "depth": 1 + min(shown[up], shown[down]),
                    "flows": links[up, down],
                    "assertions": self._assertions(up, down, asked),
                    "steps": self._steps(up, down, asked),
                }
                for up, down in sorted(links)
            ],
            "sameAs": [
                {"one": one, "other": other, "assertions": self._said_same(one, other, asked)}
                for one, other in sorted(self.one(asked))
                if one < other and one in shown and other in shown
            ],
            "completeness": {
                "isComplete": not reasons,
                "reasons": sorted(reasons),
                "omittedNodes": len(omitted),
                "filteredNodes": len(left - shown.keys()),
                "hiddenNodes": sum(not kind_of(id_) for id_ in shown),
                "frontier": [id_ for id_ in shown if id_ in frontier],
            },
        }

    def _node(self, id_: str, depth: int, insides: Mapping[_Way, Mapping[str, int]], asked: Question) -> dict[str, Any]:
        reached = [way.name for way, inside in insides.items() if id_ in inside]
        kind = kind_of(id_)
        found: dict[str, Any] = dict.fromkeys(("dataset", "column", "job", "agency"))
        if kind:
            urn = Urn(id_)
            found[kind] = {"urn": urn}
            dataset = self.columns.get(urn) if kind == "column" else urn if kind == "dataset" else None
            if kind == "column" and self.whole(dataset, asked):
                found["dataset"] = {"urn": dataset}
            if dataset is not None and self.whole(dataset, asked):
                holder = self.id_of(dataset, replace(asked, level=LineageLevel.AGENCY))
                found["agency"] = {"urn": holder} if holder != dataset else None
        return {
            "id": id_,
            "urn": id_ if kind else None,
            "hiddenId": None if kind else id_,
            "depth": depth,
            "direction": reached[0] if len(reached) == 1 else "BOTH",
            **found,
        }

    def _assertions(self, up: str, down: str, asked: Question) -> list[dict[str, Any]]:
        """Who says an edge, ordered by source, dataset, what is read after what is written, and URN of the step."""
        if not (kind_of(up) and kind_of(down)):
            return []
        found: list[tuple[tuple[Any, ...], dict[str, Any]]] = []
        if asked.level is LineageLevel.DATASET:
            stated = [each for each in self.feeds if (each.tail, each.head) == (up, down)]
            found += [
                ((each.source,), self._said(each.source, each.span, each.job, None, asked))
                for each in stated
                if holds(each.span, asked.day)
            ]
        elif asked.level is LineageLevel.AGENCY and kind_of(up) == kind_of(down) == "agency":
            for each in self.feeds:
                ends = self.id_of(each.tail, asked), self.id_of(each.head, asked)
                passes = asked.passing is None or {each.tail, each.head} <= set(asked.passing)
                if holds(each.span, asked.day) and ends == (up, down) and passes:
                    said = self._said(each.source, each.span, each.job, each.tail, asked)
                    found.append(((each.source, each.tail, said["since"] or "", each.job or ""), said))
        elif asked.level is LineageLevel.JOB:
            for pair in self._through(asked.day):
                if (pair[0].tail, pair[1].tail) == (up, down) and self.whole(pair[0].head, asked):
                    for reads, each in enumerate(pair):
                        said = self._said(each.source, each.span, each.tail, each.head, asked)
                        found.append(((each.source, each.head, reads), said))
        elif asked.level is LineageLevel.COLUMN:
            for urn in self._steps_of(up, down, asked):
                job = self.moved.get(self.steps_of.get(urn, urn))
                visible = job if self.whole(self.steps_of.get(urn), asked) else None
                found.append(((0, urn), self._said(0, self.nodes[urn][2], visible, None, asked)))
        return [said for _, said in sorted(dict(found).items(), key=lambda each: each[0])]

    def _said_same(self, one: str, other: str, asked: Question) -> list[dict[str, Any]]:
        """Who states that two datasets are one, where neither is hidden."""
        found = [
            (SOURCES[each.source], *("" if day is None else day.isoformat() for day in each.span), each.rule or "")
            for each in self.same
            if {each.tail, each.head} == {one, other} and holds(each.span, asked.day)
            if each.status in (None, AssertionStatus.STATED)
        ]
        names = ("source", "since", "until", "rule")
        return [dict(zip(names, (text or None for text in each), strict=True)) for each in sorted(found)]

    def _said(self, source: int, span: Span, job: Urn | None, dataset: Urn | None, asked: Question) -> dict[str, Any]:
        since, until = (None if day is None else day.isoformat() for day in span)
        seen = job is not None and self.whole(job, asked)
        return {
            "source": SOURCES[source],
            "since": since,
            "until": until,
            "dataset": dataset,
            "job": {"urn": job} if seen else None,
            "lastRun": self._last_run(job, asked) if seen else None,
        }

    def _last_run(self, job: Urn | None, asked: Question) -> dict[str, Any] | None:
        """The last run that had started by the end of the day, of two of one instant the greater URN."""
        begun: list[tuple[datetime, Urn]] = []
        for urn, of in self.runs.items():
            run = self.nodes[urn][0]
            assert isinstance(run, Run)
            if of == job and self.whole(urn, asked) and run.started_at and run.started_at.date() <= asked.day:
                begun.append((run.started_at, urn))
        return {"urn": max(begun)[1]} if begun else None

    def _steps_of(self, up: str, down: str, asked: Question) -> list[Urn]:
        return sorted(urn for urn, ends in self.steps.items() if ends == (up, down) and self.whole(urn, asked))

    def _steps(self, up: str, down: str, asked: Question) -> list[dict[str, Any]]:
        if asked.level is not LineageLevel.COLUMN:
            return []
        return [{"urn": urn} for urn in self._steps_of(up, down, asked)]


class _Way:
    """The edges of one direction, each with how many edges of the graph that pass the filter it stands for."""

    def __init__(self, world: LevelWorld, asked: Question, name: str, roots: set[str]) -> None:
        self.name = name
        self._roots = roots
        self.edges: dict[tuple[str, str], int] = {}
        grouped = asked.level is LineageLevel.AGENCY
        for upstream, downstream in world.pairs(asked):
            start, end = (downstream, upstream) if name == _UP else (upstream, downstream)
            ids = (world.id_of(start, asked) or "", world.id_of(end, asked) or "")
            tested = [start, end] if grouped else [end]
            spared = not grouped and end in roots and world.whole(end, asked)
            by_way = asked.via is None or bool(asked.via & world.between(upstream, downstream, asked))
            passes = asked.passing is None or all(u in asked.passing and world.whole(u, asked) for u in tested)
            self.edges[ids] = self.edges.get(ids, 0) + (by_way and (passes or spared))
        shown = {world.known(urn, asked) for urn in asked.passing or () if world.whole(urn, asked)} | roots
        self.names = {(a, b): int(asked.passing is None or b in shown) for a, b in world.one(asked)}
        """The steps of no length, each with whether it passes the filter."""

    def all(self) -> Iterator[tuple[tuple[str, str], int, int]]:
        """All steps, each with how many edges it stands for, and how long it is."""
        yield from ((ends, flows, 1) for ends, flows in self.edges.items())
        yield from ((ends, flows, 0) for ends, flows in self.names.items())

    def _under_all_names(self, ids: set[str]) -> set[str]:
        """The same under all names that pass, though a name between two of them may not be shown."""
        more = {b for (a, b), passes in self.names.items() if passes and a in ids}
        return ids if more <= ids else self._under_all_names(ids | more)

    def distances(self, within: Mapping[str, int] | None = None) -> dict[str, int]:
        """How far everything is, by the ends of all walks of every length."""
        found: dict[str, int] = {}
        ends = set(self._roots)
        for length in range(len(self.edges) + 1):
            ends = {end for end in self._under_all_names(ends) if within is None or end in within}
            found = {**dict.fromkeys(ends, length), **found}
            ends = {end for (start, end), flows in self.edges.items() if flows and start in ends}
        return found

    def turned(self, start: str, end: str) -> tuple[str, str]:
        return (end, start) if self.name == _UP else (start, end)


# The making.


def make_level_world(seed: int) -> LevelWorld:
    """A graph, the same for the same seed; nodes of another seed have other URNs."""
    apart = key("dataset", "test", f"w{seed}-apart")
    world = LevelWorld(apart, {apart: (Dataset(urn=apart, title="Apart"), Audience.PUBLIC, (None, None))})
    making = _Making(random.Random(f"levels/{seed}"), seed, world)
    chance = making.rng.choice([0.2, 0.3, 0.45])
    datasets = making.datasets()
    jobs = making.jobs(datasets, chance)
    making.feeds(datasets, jobs, chance)
    making.steps(jobs, chance * 0.7)
    world.same += random_names(making.rng, datasets)
    return world


@dataclass
class _Making:
    """A world while it is made."""

    rng: random.Random
    seed: int
    world: LevelWorld

    def add(self, kind: str, names: Iterable[object], made: Callable[[Urn], Entity], hidden: float = 0.25) -> list[Urn]:
        urns = [key(kind, "test", f"w{self.seed}-{name}") for name in names]
        for urn in urns:
            audience = Audience.STAFF if self.rng.random() < hidden else Audience.PUBLIC
            self.world.nodes[urn] = (made(urn), audience, random_span(self.rng, 0.06))
        return urns

    def datasets(self) -> list[Urn]:
        """Datasets with their columns and holders."""
        rng, world = self.rng, self.world
        agencies = self.add("agency", range(3), lambda urn: Agency(urn=urn, name="Agency"), 0.2)
        found = self.add("dataset", "abcdefgh"[: rng.randint(5, 8)], lambda urn: Dataset(urn=urn, title="Title"))
        for dataset in found:
            names = [f"{dataset[-1]}{number}" for number in range(rng.randint(1, 2))]
            world.columns |= dict.fromkeys(self.add("column", names, lambda urn: Column(urn=urn, name="c")), dataset)
            if rng.random() < 0.85:
                first, then = rng.sample(agencies, 2)
                moves = rng.random() < 0.3
                world.held.append(Stated(dataset, first, 0, (None, DAYS[1]) if moves else (None, None)))
                world.held += [Stated(dataset, then, 0, (DAYS[1], None))] * moves
        return found

    def jobs(self, datasets: Sequence[Urn], chance: float) -> list[Urn]:
        """Jobs with their runs, and what they read and write."""
        rng, world = self.rng, self.world
        found = self.add("job", range(rng.randint(4, 6)), lambda urn: Job(urn=urn, namespace="test", name="Job"))
        for job in found:
            for edges in (world.writes, world.reads):
                some = [dataset for dataset in datasets if rng.random() < chance]
                edges += [Stated(job, dataset, rng.randrange(2), random_span(rng, 0.3)) for dataset in some]
            names = [f"{job[-1]}r{number}" for number in range(rng.randrange(3))]
            world.runs |= dict.fromkeys(self.add("run", names, lambda urn: _run(rng, urn), 0.3), job)
        return found

    def feeds(self, datasets: Sequence[Urn], jobs: Sequence[Urn], chance: float) -> None:
        """What feeds what, now and then by the word of both sources."""
        rng = self.rng
        for tail, head in _drawn(rng, datasets, chance):
            source = rng.randrange(2)
            for said_by in (source, 1 - source)[: 1 + (rng.random() < 0.25)]:
                span, job = random_span(rng, 0.3), rng.choice([*jobs, None])
                self.world.feeds.append(Stated(tail, head, said_by, span, job))

    def steps(self, jobs: Sequence[Urn], chance: float) -> None:
        """How columns depend on each other, now and then twice, and of what flow that is a part."""
        rng, world = self.rng, self.world
        flows = self.add("flow", range(2), lambda urn: Flow(urn=urn, title="Flow"), 0.3)
        world.moved = {flow: rng.choice(jobs) for flow in flows}
        for number, ends in enumerate(_drawn(rng, list(world.columns), chance)):
            names = [f"{number}-{twice}" for twice in range(1 + (rng.random() < 0.25))]
            for step in self.add("column-flow", names, lambda urn: ColumnFlow(urn=urn), 0.2):
                world.steps[step] = ends
                if rng.random() < 0.5:
                    world.steps_of[step] = rng.choice(flows)


def _drawn(rng: random.Random, urns: Sequence[Urn], chance: float) -> Iterator[tuple[Urn, Urn]]:
    """Pairs by chance, now and then of a node with itself."""
    for tail in urns:
        for head in urns:
            if rng.random() < (chance if tail != head else 0.1):
                yield tail, head


def _run(rng: random.Random, urn: Urn) -> Run:
    day = rng.choice([*DAYS, date(2020, 5, 5), None])
    started = None if day is None else datetime(day.year, day.month, day.day, rng.choice([0, 23]), 59, 59, tzinfo=UTC)
    return Run(urn=urn, started_at=started)


def said_of_levels(worlds: Iterable[LevelWorld]) -> list[Batch]:
    """What two sources say of all of them."""
    at = datetime(2020, 1, 1, tzinfo=UTC)
    said = [Batch(source, "test", at, at.date()) for source in SOURCES]

    def state(relation: Relation, edges: Iterable[Stated]) -> None:
        for each in edges:
            props = {"job": each.job} if each.job else {}
            said[each.source].edges.append(EdgeStatement(relation, each.tail, each.head, *each.span, props))

    for world in worlds:
        said[0].nodes += [NodeStatement(entity, audience, *span) for entity, audience, span in world.nodes.values()]
        state(Dataset.downstream, world.feeds)
        state(Dataset.held_by, world.held)
        said_of_names(said, world.same)
        state(Job.writes, world.writes)
        state(Job.reads, world.reads)
        parts = [(Dataset.columns, dataset, column) for column, dataset in world.columns.items()]
        parts += [(Run.executes, run, job) for run, job in world.runs.items()]
        parts += [(ColumnFlow.from_column, step, ends[0]) for step, ends in world.steps.items()]
        parts += [(ColumnFlow.to_column, step, ends[1]) for step, ends in world.steps.items()]
        parts += [(ColumnFlow.part_of_flow, step, flow) for step, flow in world.steps_of.items()]
        parts += [(Flow.via, flow, job) for flow, job in world.moved.items()]
        parts += [(end, flow, world.apart) for flow in world.moved for end in (Flow.from_asset, Flow.to_asset)]
        said[0].edges += [EdgeStatement(*part) for part in parts]
    return said
