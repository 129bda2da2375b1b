"""Random graphs of datasets that feed each other, held by agencies and serving goals and metrics, and what an impact is."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from catalog.access import Audience, Reader
from catalog.batch import Batch, EdgeStatement, NodeStatement
from catalog.model.data import Dataset
from catalog.model.declare import Entity
from catalog.model.enums import ServesHow
from catalog.model.people import Agency
from catalog.model.plan import Goal, Metric
from catalog.urn import Urn, key, kind_of
from tests.support.flow_worlds import DAYS, FlowWorld, make_flow_world, said_of
from tests.support.simple_paths import Pairs, first_names, leads_to

__all__ = ["ImpactWorld", "make_impact_world", "said_of_all"]


@dataclass(frozen=True)
class ImpactWorld:
    """One graph, what holds its datasets and what they serve."""

    flows: FlowWorld
    others: dict[Urn, tuple[Entity, Audience]]
    """Agencies, goals and metrics."""
    held: dict[Urn, Urn]
    serves: dict[tuple[Urn, Urn], date | None]
    """(dataset, goal or metric) to the first day on which it does no more."""
    measures: set[tuple[Urn, Urn]]

    def expected(self, root: Urn, depth: int, first: int, reader: Reader, day: date) -> dict[str, Any] | None:
        """The whole answer; None where the reader does not see the root."""
        ids = self.flows.ids(reader, day)
        if (root, root) not in ids.items():
            return None
        one = self.flows.one(reader, day)
        far = _distances(self.flows.pairs(reader, day), one, root)
        near = sorted((hops, hops == 0 and id_ != root, id_) for id_, hops in far.items() if hops <= depth)
        shown = [(hops, id_) for hops, _, id_ in near[:first]]
        told = {id_ for _, id_ in shown}
        firsts = {id_: id_ for id_ in told} | first_names({pair for pair in one if told.issuperset(pair)})
        below = {id_: hops for hops, id_ in shown if firsts[id_] != firsts[root]}
        seen = {urn for urn, id_ in ids.items() if urn == id_} & below.keys()
        datasets = {firsts[id_]: hops for id_, hops in below.items()}
        visible = {firsts[urn] for urn in seen}
        hidden = Counter(hops for dataset, hops in datasets.items() if dataset not in visible)
        agencies: list[tuple[Urn, Urn]] = []
        goals: set[tuple[Urn, Urn]] = set()
        metrics: set[tuple[Urn, Urn]] = set()
        for urn in self.flows.nodes:
            if urn not in seen:
                continue
            if self._sees(reader, self.held.get(urn)):
                agencies.append((self.held[urn], urn))
            served = [
                what
                for (dataset, what), until in self.serves.items()
                if dataset == urn and (until is None or day < until) and self._sees(reader, what)
            ]
            metrics |= {(what, urn) for what in served if isinstance(self.others[what][0], Metric)}
            goals |= {(what, urn) for what in served if isinstance(self.others[what][0], Goal)}
            goals |= {(goal, urn) for metric, goal in self.measures if metric in served and self._sees(reader, goal)}
        counts = Counter(datasets.values())
        return {
            "root": root,
            "totalCount": len(datasets),
            "withoutAgency": len(visible - {firsts[urn] for _, urn in agencies}),
            "nodes": [{"id": id_, "depth": hops} for hops, id_ in shown],
            "depths": [{"depth": hops, "count": counts[hops], "hiddenCount": hidden[hops]} for hops in sorted(counts)],
            "agencies": self._groups("agency", "name", agencies, below, firsts),
            "goals": self._groups("goal", "title", goals, below, firsts),
            "metrics": self._groups("metric", "text", metrics, below, firsts),
            "completeness": {
                "isComplete": len(shown) == len(far),
                "hiddenNodes": sum(not kind_of(id_) for id_ in told),
            },
        }

    def _sees(self, reader: Reader, urn: Urn | None) -> bool:
        return urn is not None and self.others[urn][1] in reader.full

    def _groups(
        self, field: str, name: str, pairs: Iterable[tuple[Urn, Urn]], below: dict[str, int], firsts: dict[str, str]
    ) -> list[dict[str, Any]]:
        held: dict[Urn, dict[str, Urn]] = {}
        for common, urn in sorted(pairs, reverse=True):
            # Of the names of a dataset, the first that has it in common.
            held.setdefault(common, {})[firsts[urn]] = urn
        found: list[dict[str, Any]] = []
        for common in sorted(held, key=lambda each: (-len(held[each]), each)):
            urns = sorted(held[common].values(), key=lambda urn: (below[urn], urn))
            node = {"urn": common, name: getattr(self.others[common][0], name)}
            found.append({field: node, "count": len(urns), "depth": below[urns[0]], "datasets": urns})
        return found


def _distances(pairs: Pairs, one: Pairs, root: str) -> dict[str, int]:
    """How far everything downstream is, by the ends of all walks of every length."""
    found: dict[str, int] = {}
    ends = {root}
    for length in range(len(pairs) + 1):
        ends = {name for end in ends for name in leads_to(one, end)}
        found = {**dict.fromkeys(ends, length), **found}
        ends = {downstream for upstream, downstream in pairs if upstream in ends}
    return found


def make_impact_world(seed: int) -> ImpactWorld:
    """A graph, the same for the same seed; nodes of another seed have other URNs."""
    rng = random.Random(f"impact/{seed}")
    flows = make_flow_world(seed)
    others: dict[Urn, tuple[Entity, Audience]] = {}
    made: list[list[Urn]] = [[], [], []]
    for number in range(3):
        urns = [key(kind, "test", f"w{seed}-{number}") for kind in ("agency", "goal", "metric")]
        agency, goal, metric = urns
        entities = (
            Agency(urn=agency, name=f"Agency {number}"),
            Goal(urn=goal, number=number + 1, title=f"Goal {number}"),
            Metric(urn=metric, text=f"Metric {number}"),
        )
        for urn, entity, all_ in zip(urns, entities, made, strict=True):
            others[urn] = (entity, Audience.STAFF if rng.random() < 0.2 else Audience.PUBLIC)
            all_.append(urn)
    agencies, goals, metrics = made
    held = {urn: rng.choice(agencies) for urn in flows.nodes if rng.random() < 0.8}
    served = [(urn, what) for urn in flows.nodes for what in (*goals, *metrics) if rng.random() < 0.25]
    serves = {pair: rng.choice([None, None, None, DAYS[1]]) for pair in served}
    measures = {(metric, goal) for metric in metrics for goal in goals if rng.random() < 0.4}
    return ImpactWorld(flows, others, held, serves, measures)


def said_of_all(worlds: Iterable[ImpactWorld]) -> list[Batch]:
    """What two sources say of all of them; the goals of a dataset are stated by both."""
    worlds = list(worlds)
    first, second = said_of(world.flows for world in worlds)
    for world in worlds:
        first.nodes += [NodeStatement(entity, audience) for entity, audience in world.others.values()]
        first.edges += [EdgeStatement(Dataset.held_by, urn, agency) for urn, agency in world.held.items()]
        first.edges += [EdgeStatement(Metric.measures, metric, goal) for metric, goal in sorted(world.measures)]
        for said, how in ((first, ServesHow.DECLARED), (second, ServesHow.DERIVED_ALONG_LINEAGE)):
            said.edges += [
                EdgeStatement(Dataset.serves, urn, what, None, until, {"how": how})
                for (urn, what), until in world.serves.items()
            ]
    return [first, second]
