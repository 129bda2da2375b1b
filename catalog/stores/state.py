"""The graph as it stands, as far as a write plan cares: what it must know, and how a store tells it. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from catalog.batch import MAX_BATCH, PRECEDENCE, Batch
from catalog.errors import InvalidBatch
from catalog.stores.claims import Claim, claims_of
from catalog.stores.layout import KindLayout, Tables
from catalog.urn import kind_of
from catalog.values import NEVER

__all__ = ["NODE_STATE", "EdgeState", "Needed", "NodeState", "State", "contested", "layout_at", "needed"]

NODE_STATE = ("digest", "audience", "valid_from", "valid_to", "source", "claims", "retracted_at")
"""The stored properties that a NodeState takes, in its order."""


@dataclass(frozen=True, slots=True)
class Needed:
    """What the plan must know: nodes by label; live edges by type between two ends, from a tail, or at a node."""

    nodes: dict[str, list[str]]
    between: dict[str, list[tuple[str, str]]]
    from_tails: dict[str, list[str]]
    at_nodes: dict[str, list[str]]
    """Label to URNs of which every live edge, of any type and direction, is needed."""

    def among(self, present: Container[str]) -> Needed:
        """The same without edges at nodes that are not there yet, which have none."""
        between = {t: [p for p in pairs if p[0] in present and p[1] in present] for t, pairs in self.between.items()}
        tails = {t: [u for u in urns if u in present] for t, urns in self.from_tails.items()}
        return Needed(
            self.nodes,
            {t: pairs for t, pairs in between.items() if pairs},
            {t: urns for t, urns in tails.items() if urns},
            self.at_nodes,
        )


class NodeState(msgspec.Struct, frozen=True, gc=False):
    """A stored node, as far as the plan cares."""

    digest: str
    audience: str
    valid_from: str
    valid_to: str
    source: str
    claims: str | None
    """None on what was written before there were claims."""
    retracted_at: str = NEVER

    @property
    def retracted(self) -> bool:
        """Whether it should never have been."""
        return self.retracted_at != NEVER

    def said(self) -> tuple[Claim, ...]:
        """What each source says of it."""
        if self.claims is None:
            return (Claim(self.source, PRECEDENCE, "", self.audience),)
        return claims_of(self.claims)


class EdgeState(msgspec.Struct, frozen=True, gc=False):
    """A stored edge that stands (is not retracted)."""

    id: int
    type: str
    tail: str
    head: str
    valid_from: str
    valid_to: str
    source: str
    props: Mapping[str, Any]
    claims: str | None = None
    """What other sources say of the same ends."""


@dataclass(slots=True)
class State:
    """The graph as it stands, as far as a batch touches it."""

    revision: int
    next_edge: int
    opaque_key: bytes
    nodes: Mapping[str, NodeState]
    edges: Iterable[EdgeState]
    contents: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])
    """Of the nodes that are ``contested``: their declared properties and ``closed_reason``."""


def needed(batch: Batch, tables: Tables) -> Needed:
    """What ``plan`` must know of the graph. Raises InvalidBatch on a batch that is too large or names no kind."""
    if batch.size > MAX_BATCH:
        raise InvalidBatch(f"a batch of {batch.size} statements is too large: split it at {MAX_BATCH}")
    urns = {n.entity.urn for n in batch.nodes} | {c.urn for c in batch.closes}
    urns.update(batch.retracts, batch.withdraws, batch.expects)
    between: dict[str, dict[tuple[str, str], None]] = defaultdict(dict)
    for edge in (*batch.edges, *batch.retracts_edges):
        urns.add(edge.tail)
        urns.add(edge.head)
        between[edge.relation.type][(edge.tail, edge.head)] = None
    tails: dict[str, dict[str, None]] = defaultdict(dict)
    for tail, relation in sorted(batch.restates, key=lambda r: (r[0], r[1].type)):
        urns.add(tail)
        tails[relation.type][tail] = None
    return Needed(
        nodes=_by_label(urns, tables),
        between={type_: list(pairs) for type_, pairs in sorted(between.items())},
        from_tails={type_: list(found) for type_, found in sorted(tails.items())},
        at_nodes=_by_label([*batch.retracts, *batch.withdraws], tables),
    )


def contested(batch: Batch, nodes: Mapping[str, NodeState], tables: Tables) -> dict[str, list[str]]:
    """Label to URNs of those that only another source has spoken of so far: their words are needed for a merge."""
    urns = {n.entity.urn for n in batch.nodes} | {c.urn for c in batch.closes}
    found: list[str] = []
    for urn in urns.intersection(nodes):
        state = nodes[urn]
        if state.source != batch.source and not state.retracted and len(state.said()) == 1:
            found.append(urn)
    return _by_label(found, tables)


def _by_label(urns: Iterable[str], tables: Tables) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for urn in sorted(set(urns)):
        found[layout_at(urn, tables).kind.label].append(urn)
    return found


def layout_at(urn: str, tables: Tables) -> KindLayout:
    """The layout of the kind that a URN names. Raises InvalidBatch where it is none of the model's."""
    layout = tables.by_slug.get(kind_of(urn))
    if layout is None:
        raise InvalidBatch(f"'{urn[:120]}' is the URN of no declared kind: docs/model.md lists them")
    return layout
