"""A write: statements of one source, atomic and idempotent (``design.md`` sections 2 and 3).

A batch says what is so; the write plan (``catalog/stores/plan.py``) compares it with what the graph holds and decides what to
write. Saying the same thing twice writes nothing the second time. What there are many of is a ``msgspec.Struct``: a frozen
dataclass takes five times as long to make. None leads back to itself, so that the collector of garbage need not look at any
(``gc=False``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import msgspec

from catalog.access import Audience
from catalog.model.declare import Entity, Relation
from catalog.urn import Urn

__all__ = ["MAX_BATCH", "PRECEDENCE", "Batch", "Close", "EdgeStatement", "NodeStatement", "Prepared", "RetractEdge"]
__all__ += ["WriteResult"]

MAX_BATCH = 50_000
"""Statements that one batch may hold."""

PRECEDENCE = 60
"""The rank of a source that states none, as harvests do."""


class Prepared(msgspec.Struct, frozen=True, gc=False):
    """An entity in its stored form, made before its write is planned (``KindLayout.prepared``)."""

    urn: Urn
    label: str
    stored: dict[str, Any]
    """The declared properties."""
    derived: dict[str, Any]
    """What follows from them alone."""
    digest: str


class NodeStatement(msgspec.Struct, frozen=True, gc=False):
    """This node is so. It replaces what this source said of the node before, and the earlier words are kept.

    Where other sources speak of the node too, it is the merge of what each says, by precedence (ADR 10).
    ``audience`` None keeps what this source said, or takes the kind's own; so does ``valid_from`` None. Stating a node that
    was closed opens it again, unless a source of better precedence closed it, or one of equal on a later day.
    """

    entity: Entity | Prepared
    audience: Audience | None = None
    valid_from: date | None = None
    valid_to: date | None = None


class EdgeStatement(msgspec.Struct, frozen=True, gc=False):
    """``tail`` stands in this relation to ``head``, on the days ``[valid_from, valid_to)``.

    Without ``valid_from`` it says "it holds": an assertion that is open already is left alone; one that was closed
    begins anew on the batch's day; a first one has no known beginning, save where the batch restates the relation and
    this source stated it of the tail before: what it did not say then began since (domain 9.2 A5). With ``valid_from``
    it replaces every assertion of this source about the same two ends that overlaps it in time.

    What other sources say of the same two ends is no part of this: where the relation keeps one assertion for all, it
    waits beneath the one that stands (``catalog/stores/assertions.py``).
    """

    relation: Relation
    tail: Urn
    head: Urn
    valid_from: date | None = None
    valid_to: date | None = None
    props: Mapping[str, Any] = msgspec.field(default_factory=dict[str, Any])
    is_all: bool = False
    """Whether it is all that this source says of these two ends: what it said of other days is retracted as well."""


@dataclass(frozen=True, slots=True)
class Close:
    """The node holds no more from this day on. What was closed before is left alone."""

    urn: Urn
    on: date
    reason: str


@dataclass(frozen=True, slots=True)
class RetractEdge:
    """It was never so: every assertion of this source about these two ends is retracted."""

    relation: Relation
    tail: Urn
    head: Urn


@dataclass(slots=True)
class Batch:
    """What one source says at one time. Order does not matter, save that of statements about the same two ends."""

    source: Urn
    by: str
    """The actor: a token's name, or the URN of the load run."""
    at: datetime
    """When it is recorded; with a zone."""
    day: date
    """The day it speaks of: on it begins, or ends, what the batch says without a day of its own."""
    precedence: int = PRECEDENCE
    """The rank of the source where others speak of the same node; the smaller number wins (``Source.precedence``)."""
    nodes: list[NodeStatement] = field(default_factory=list[NodeStatement])
    edges: list[EdgeStatement] = field(default_factory=list[EdgeStatement])
    restates: set[tuple[Urn, Relation]] = field(default_factory=set[tuple[Urn, Relation]])
    """(tail, relation) of which the batch states every edge: this source's others are closed on ``day``."""
    closes: list[Close] = field(default_factory=list[Close])
    retracts: list[Urn] = field(default_factory=list[Urn])
    """Nodes that should never have been: retracted with all their edges."""
    retracts_edges: list[RetractEdge] = field(default_factory=list[RetractEdge])
    withdraws: list[Urn] = field(default_factory=list[Urn])
    """Nodes of which this source takes back what it said, and of all edges that lead from them (ADR 13). What others say
    stays: a node of which only this source spoke is retracted, unless an assertion of another stands on it (``kept``).
    """
    expects: dict[Urn, Entity | Prepared | None] = field(default_factory=dict[Urn, Entity | Prepared | None])
    """What the batch was made of: nodes as they were read, None where there was none. Where one says something else by now,
    nothing is written (Conflict): read again, make the batch anew and write that (ADR 12). One that says already what the
    batch states of it is as good, so that a batch can be written twice: state there all that the batch is to leave behind.
    """

    @property
    def size(self) -> int:
        """The number of statements."""
        parts = (self.nodes, self.edges, self.restates, self.closes, self.retracts, self.retracts_edges, self.withdraws)
        return sum(map(len, parts)) + len(self.expects)


@dataclass(frozen=True, slots=True)
class WriteResult:
    """What a write changed. ``revision`` is the graph's after it; ``changed`` is False where nothing was written.

    Nodes are counted by label, edges by relationship type; what stayed as it was counts under ``unchanged``.
    """

    revision: int
    changed: bool
    created: Mapping[str, int] = field(default_factory=dict[str, int])
    updated: Mapping[str, int] = field(default_factory=dict[str, int])
    closed: Mapping[str, int] = field(default_factory=dict[str, int])
    retracted: Mapping[str, int] = field(default_factory=dict[str, int])
    unchanged: Mapping[str, int] = field(default_factory=dict[str, int])
    outranked: Mapping[str, int] = field(default_factory=dict[str, int])
    """Nodes of which a source of better precedence says something else; what this one says is kept beside it."""
    kept: Mapping[str, int] = field(default_factory=dict[str, int])
    """What was to be withdrawn and stays: nodes of which nobody else speaks and on which an assertion of another source
    stands, with the edges without which nobody would see them.
    """
    kept_urns: frozenset[str] = frozenset()
    """The nodes among ``kept``."""
    written_urns: frozenset[str] = frozenset()
    """Nodes created, updated, closed or retracted, and the tails of edges that were added or dropped."""
