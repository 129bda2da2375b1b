"""What stands downstream of a node, counted by who holds it, how far it is and what it serves (issue 6). Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lineage.traverse import LineageGraph

__all__ = ["Impact", "ImpactAtDepth", "ImpactGroup", "Serving", "impact_of"]


@dataclass(frozen=True, slots=True)
class Serving:
    """What is known of one node: who holds it and what it serves, by their URNs."""

    agency: str | None
    goals: frozenset[str]
    """Those that it serves itself or by a metric."""
    metrics: frozenset[str]


@dataclass(frozen=True, slots=True)
class ImpactGroup:
    """The nodes downstream that have one thing in common."""

    id: str
    """URN of what they have in common."""
    depth: int
    """Hops from the root to the nearest of them."""
    datasets: tuple[str, ...]
    """Their URNs, the nearest first."""

    @property
    def count(self) -> int:
        """How many they are."""
        return len(self.datasets)


@dataclass(frozen=True, slots=True)
class ImpactAtDepth:
    """The nodes downstream that are so far away."""

    depth: int
    count: int
    hidden: int
    """How many of them are hidden."""


@dataclass(frozen=True, slots=True)
class Impact:
    """What stands downstream. Groups are ordered by (count descending, id), depths by depth."""

    total: int
    """Nodes, the root not among them."""
    depths: tuple[ImpactAtDepth, ...]
    agencies: tuple[ImpactGroup, ...]
    goals: tuple[ImpactGroup, ...]
    metrics: tuple[ImpactGroup, ...]
    without_agency: int
    """Nodes that are not hidden and in no group of ``agencies``."""


def impact_of(graph: LineageGraph, known: Mapping[str, Serving]) -> Impact:
    """Count the nodes of a walk downstream; ``known`` tells of those that the reader sees."""
    below = [node for node in graph.nodes if node.id != graph.root]
    counts = Counter(node.depth for node in below)
    hidden = Counter(node.depth for node in below if node.hidden)
    depth = {node.id: node.depth for node in below}
    seen = {id_: known[id_] for id_ in depth if id_ in known}
    held = [(each.agency, id_) for id_, each in seen.items() if each.agency]
    return Impact(
        len(below),
        tuple(ImpactAtDepth(hops, count, hidden[hops]) for hops, count in sorted(counts.items())),
        _groups(held, depth),
        _groups(((goal, id_) for id_, each in seen.items() for goal in each.goals), depth),
        _groups(((metric, id_) for id_, each in seen.items() for metric in each.metrics), depth),
        len(below) - hidden.total() - len(held),
    )


def _groups(pairs: Iterable[tuple[str, str]], depth: Mapping[str, int]) -> tuple[ImpactGroup, ...]:
    """Nodes by what they have in common; they come in order, the nearest first."""
    found: dict[str, list[str]] = {}
    for common, id_ in pairs:
        found.setdefault(common, []).append(id_)
    groups = [ImpactGroup(common, depth[ids[0]], tuple(ids)) for common, ids in found.items()]
    return tuple(sorted(groups, key=lambda group: (-group.count, group.id)))
