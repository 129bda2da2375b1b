"""What stands downstream of a node, counted by who holds it, how far it is and what it serves (issue 6). Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lineage.names import Names
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
    """The datasets downstream that have one thing in common."""

    id: str
    """URN of what they have in common."""
    depth: int
    """Hops from the root to the nearest of them."""
    datasets: tuple[str, ...]
    """Their URNs, the nearest first; of one that has several names the first of those that have it in common."""

    @property
    def count(self) -> int:
        """How many they are."""
        return len(self.datasets)


@dataclass(frozen=True, slots=True)
class ImpactAtDepth:
    """The datasets downstream that are so far away."""

    depth: int
    count: int
    hidden: int
    """How many of them are hidden, under all names."""


@dataclass(frozen=True, slots=True)
class Impact:
    """What stands downstream. Groups are ordered by (count descending, id), depths by depth.

    What has several names (domain 9.2 E11) is one dataset: counted once, and in the group of each agency that a name says.
    """

    total: int
    """Datasets, the root not among them."""
    depths: tuple[ImpactAtDepth, ...]
    agencies: tuple[ImpactGroup, ...]
    goals: tuple[ImpactGroup, ...]
    metrics: tuple[ImpactGroup, ...]
    without_agency: int
    """Datasets that are not hidden and in no group of ``agencies``."""


def impact_of(graph: LineageGraph, known: Mapping[str, Serving]) -> Impact:
    """Count the nodes of a walk downstream; ``known`` tells of those that the reader sees."""
    names = Names(graph.same)
    root = names.first(graph.root)
    below = [node for node in graph.nodes if names.first(node.id) != root]
    depth = {node.id: node.depth for node in below}
    # All names of a dataset stand at one depth.
    far = {names.first(id_): hops for id_, hops in depth.items()}
    counts = Counter(far.values())
    shown = {names.first(node.id) for node in below if not node.hidden}
    hidden = Counter(hops for dataset, hops in far.items() if dataset not in shown)
    seen = {id_: known[id_] for id_ in depth if id_ in known}
    held = [(each.agency, id_) for id_, each in seen.items() if each.agency]
    return Impact(
        len(far),
        tuple(ImpactAtDepth(hops, count, hidden[hops]) for hops, count in sorted(counts.items())),
        _groups(held, depth, names),
        _groups(((goal, id_) for id_, each in seen.items() for goal in each.goals), depth, names),
        _groups(((metric, id_) for id_, each in seen.items() for metric in each.metrics), depth, names),
        len(shown) - len({names.first(id_) for _, id_ in held}),
    )


def _groups(pairs: Iterable[tuple[str, str]], depth: Mapping[str, int], names: Names) -> tuple[ImpactGroup, ...]:
    """Datasets by what they have in common, each once; their names come in order, the nearest first."""
    found: dict[str, dict[str, str]] = {}
    for common, id_ in pairs:
        found.setdefault(common, {}).setdefault(names.first(id_), id_)
    told = {common: tuple(ids.values()) for common, ids in found.items()}
    groups = [ImpactGroup(common, depth[ids[0]], ids) for common, ids in told.items()]
    return tuple(sorted(groups, key=lambda group: (-group.count, group.id)))
