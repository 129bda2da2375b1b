"""What edges amount to together: assertions that overlap, more ends than a relation has, hierarchies that go round."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from catalog.cycles import cycles, on_cycles
from catalog.findings import Finding, Severity
from catalog.model.declare import Relation

__all__ = ["StandingEdge", "compare"]


@dataclass(frozen=True, slots=True)
class StandingEdge:
    """An edge that is not retracted, of a declared relation, in its stored form."""

    id: int
    relation: Relation
    tail: str
    head: str
    valid_from: str
    valid_to: str
    source: str

    def __str__(self) -> str:
        return f"the edge {self.tail} -{self.relation.type}-> {self.head} (id {self.id})"


def compare(edges: Iterable[StandingEdge]) -> Iterator[Finding]:
    """What is wrong with edges that stand at one time."""
    standing = list(edges)
    for found in _grouped(standing, _same):
        yield from _overlaps(found)
    for found in _grouped((e for e in standing if e.relation.one), lambda e: (e.relation.type, e.tail)):
        yield from _too_many(found, "leads to", lambda e: e.head, lambda e: e.tail)
    one_tails = (e for e in standing if e.relation.one_tail)
    for found in _grouped(one_tails, lambda e: (e.relation.type, e.relation.tail, e.head)):
        yield from _too_many(found, "comes from", lambda e: e.tail, lambda e: e.head)
    ranks = (e for e in standing if e.relation.acyclic)
    for found in _grouped(ranks, lambda e: (e.relation.type, e.relation.tail)):
        yield from _rounds(found)


def _same(edge: StandingEdge) -> Hashable:
    """What two assertions that may not overlap have in common."""
    return edge.relation.type, edge.tail, edge.head, edge.source if edge.relation.per_source else None


def _overlaps(edges: list[StandingEdge]) -> Iterator[Finding]:
    """One assertion about two ends (and source, where the relation keeps one a source) at a time."""
    for before, edge in pairwise(sorted(edges, key=lambda e: (e.valid_from, e.id))):
        if edge.valid_from < before.valid_to:
            message = f"{edge} and that of id {before.id} say the same for one time: retract one of them"
            yield Finding("ASSERTIONS_OVERLAP", Severity.ERROR, edge.tail, message)


def _too_many(
    edges: list[StandingEdge],
    verb: str,
    end_of: Callable[[StandingEdge], str],
    node_of: Callable[[StandingEdge], str],
) -> Iterator[Finding]:
    """Relations that lead to one node, or come from one, at any day."""
    latest: StandingEdge | None = None
    for edge in sorted(edges, key=lambda e: (e.valid_from, e.id)):
        if latest is not None and end_of(latest) != end_of(edge) and edge.valid_from < latest.valid_to:
            message = f"{edge} and that of id {latest.id} hold on one day, and {edge.relation.type} {verb} one node"
            # Two sources may differ; that is for the reader to see, and no fault of the graph.
            severity = Severity.ERROR if edge.source == latest.source else Severity.WARNING
            remedy = "say which one it is, or from when"
            yield Finding("TOO_MANY_ENDS", severity, node_of(edge), f"{message} there: {remedy}")
        if latest is None or edge.valid_to > latest.valid_to:
            latest = edge


def _rounds(edges: list[StandingEdge]) -> Iterator[Finding]:
    """What is declared acyclic goes round on no day."""
    suspects = on_cycles((e.tail, e.head) for e in edges)
    left = [e for e in edges if (e.tail, e.head) in suspects]
    seen: set[frozenset[str]] = set()
    for day in sorted({e.valid_from for e in left}):
        for cycle in cycles((e.tail, e.head) for e in left if e.valid_from <= day < e.valid_to):
            if (members := frozenset(cycle)) not in seen:
                seen.add(members)
                way = " -> ".join([*cycle, cycle[0]])
                since = f"from {day} on" if day else "ever"
                message = f"{edges[0].relation.type} goes round ({since}): {way}; retract one of the edges"
                yield Finding("HIERARCHY_CYCLE", Severity.ERROR, cycle[0], message)


def _grouped(edges: Iterable[StandingEdge], key: Callable[[StandingEdge], Hashable]) -> Iterable[list[StandingEdge]]:
    """Edges that have a key in common, group by group."""
    found: dict[Hashable, list[StandingEdge]] = defaultdict(list)
    for edge in edges:
        found[key(edge)].append(edge)
    return found.values()
