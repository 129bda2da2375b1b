"""The write plan: what a batch changes in the graph as it stands. Pure, and the same for every store.

A store, holding the lock that orders writes, asks ``needed`` and ``contested`` (``catalog/stores/state.py``) what the plan must
know of the graph, reads that set-wise, and carries out what ``plan`` answers. So the rules of writing stand here once, and
no two stores can differ in them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from msgspec.structs import replace

from catalog.batch import Batch, Close, NodeStatement, Prepared, WriteResult
from catalog.errors import Conflict, InvalidBatch
from catalog.model.declare import Entity
from catalog.stores.assertions import words_of
from catalog.stores.claims import Claim, Merged, merge, order, text_of
from catalog.stores.layout import KindLayout, Tables
from catalog.stores.plan_edges import EdgePlan
from catalog.stores.state import NodeState, State, layout_at
from catalog.values import ALWAYS, NEVER, content_digest, day_end, day_start, instant

__all__ = ["Changes", "plan"]


@dataclass(slots=True)
class Changes:
    """What to write, set-wise. Rows are dictionaries of stored properties; carry out in the order of the fields."""

    snapshots: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Label to URNs whose present words are kept as a snapshot before they change."""
    created: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    replaced: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    """Rows that replace every stored property of a node."""
    touched: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    """Rows of ``urn`` and the system properties that change."""
    retracted_edges: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    """Rows of ``id``, ``tail`` and ``head``: the edge stands no more, as of ``at`` and ``revision``."""
    touched_edges: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    """Rows of ``id``, ``tail``, ``head`` and ``claims``: an edge that stands, and what others say beneath it."""
    new_edges: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    at: str = ""
    revision: int = 0
    next_edge: int = 0
    moves: bool = False
    """Whether the revision moves: something besides the journal changed."""
    result: WriteResult = field(default_factory=lambda: WriteResult(0, False))

    @property
    def empty(self) -> bool:
        """Whether there is nothing to carry out."""
        edges = (self.retracted_edges, self.touched_edges, self.new_edges)
        parts = (self.created, self.replaced, self.touched, *edges)
        return not any(parts)


def plan(batch: Batch, state: State, tables: Tables) -> Changes:
    """What the batch changes. Raises InvalidBatch (nothing may be written then), InvalidRecord or Conflict."""
    return _Planner(batch, state, tables).run()


def _words(stored: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in stored.items() if value is not None}


def _present(state: State, urn: str, act: str, *, source: str, seen: Container[str], gone: Container[str]) -> NodeState:
    """A node that is there or is stated. Raises InvalidBatch, naming what was to be done with it, where it is neither."""
    old = state.nodes.get(urn)
    if urn in gone and old:
        return old
    if urn in seen:
        return old or NodeState("", "", ALWAYS, NEVER, source, None)
    if old is None or old.retracted:
        raise InvalidBatch(f"{urn} is not in the graph and cannot {act}: state it in this batch or before")
    return old


class _Planner:
    """One batch against one state: its nodes, and by ``EdgePlan`` its edges."""

    def __init__(self, batch: Batch, state: State, tables: Tables) -> None:
        self.batch = batch
        self.state = state
        self.tables = tables
        self.at = instant(batch.at)
        self.day = batch.day.isoformat()
        self.out = Changes(at=self.at)
        self.seen: dict[str, Any] = {}
        """What the batch says of a node, to tell a repetition from a contradiction."""
        self.gone = set(batch.retracts)
        self.counts: dict[str, Counter[str]] = defaultdict(Counter)
        self.written: set[str] = set()
        self.kept: set[str] = set()
        self.alone: dict[str | None, tuple[Claim, str]] = {}
        """Audience to the claim of this source on what nobody else speaks of, and its stored form."""
        # Its parts do not lead back to it: else what a batch was made of, and it with it, would stay until garbage is looked for.
        self._present = partial(_present, state, source=batch.source, seen=self.seen, gone=self.gone)
        self.edges = EdgePlan(batch, state, tables, self.counts, seen=self.seen, present=self._present)

    def run(self) -> Changes:
        self._check_expected()
        for node in self.batch.nodes:
            self._node(node)
        for close in self.batch.closes:
            self._close(close)
        for retraction in self.batch.retracts_edges:
            self.edges.retract(retraction)
        for edge in self.batch.edges:
            self.edges.state(edge)
        self.edges.close_unstated()
        for urn in dict.fromkeys(self.batch.withdraws):
            self._withdraw(urn)
        for urn in dict.fromkeys(self.batch.retracts):
            self._retract(urn)
        return self._finish()

    def _check_expected(self) -> None:
        """Refuse a batch that was made of what stands no more."""
        if not self.batch.expects:
            return
        stated = {node.entity.urn: node.entity for node in self.batch.nodes}
        for urn, expected in self.batch.expects.items():
            old = self.state.nodes.get(urn)
            found = None if old is None or old.retracted else old.digest
            if found != self._digest(urn, expected) and found != self._digest(urn, stated.get(urn, expected)):
                raise Conflict(f"{urn} was changed since it was read: read it again and make the batch anew")

    def _digest(self, urn: str, entity: Entity | Prepared | None) -> str | None:
        """The digest that a node has when it says this; None where there is none."""
        return entity and self._said(entity, layout_at(urn, self.tables))[1]

    def _node(self, node: NodeStatement) -> None:
        urn = node.entity.urn
        layout = layout_at(urn, self.tables)
        kind = layout.kind
        stored, digest, derived = self._said(node.entity, layout)
        mark = (stored, node.audience, node.valid_from, node.valid_to)
        if self.seen.setdefault(urn, mark) != mark:
            raise InvalidBatch(f"{urn} is stated twice in one batch, differently: state it once")
        if urn in self.gone:
            raise InvalidBatch(f"{urn} is stated and retracted in one batch: choose one")
        old = self.state.nodes.get(urn)
        before, others = self._claims(urn, old)
        if others:
            merged, claims = self._merged(node, layout, stored, before, others)
            stored, digest, derived = merged.props, content_digest(merged.props), None
        else:
            merged, claims = self._alone(node, stored, digest, before, old)
        audience = merged.audience or str(kind.audience)
        new = NodeState(digest, audience, merged.valid_from, merged.valid_to, merged.source, claims)
        if old == new or urn in self.written:
            self.counts["unchanged"][kind.label] += old == new
            return
        self._put(urn, layout, new, merged, stored, derived=derived)

    def _put(
        self,
        urn: str,
        layout: KindLayout,
        new: NodeState,
        merged: Merged,
        stored: dict[str, Any],
        *,
        derived: dict[str, Any] | None = None,
    ) -> None:
        """Write a node, new or in the place of what it was, whose words are kept."""
        kind = layout.kind
        old = self.state.nodes.get(urn)
        if old and not kind.journal:
            self.out.snapshots[kind.label].append(urn)
        row = {
            **self._stamp(urn),
            "audience": new.audience,
            "valid_from": new.valid_from,
            "valid_to": new.valid_to,
            "closed_reason": merged.closed_reason,
            "source": new.source,
            "claims": new.claims,
            "retracted_at": NEVER,
            "digest": new.digest,
            **stored,
            **layout.derive(urn, stored, self.state.opaque_key, derived),
        }
        (self.out.replaced if old else self.out.created)[kind.label].append(row)
        self._count("updated" if old else "created", kind.label, urn)

    def _said(self, entity: Entity | Prepared, layout: KindLayout) -> tuple[dict[str, Any], str, dict[str, Any] | None]:
        """The stored form of what is stated, its digest, and what follows from it, where that is known already."""
        label = layout.kind.label
        if isinstance(entity, Prepared):
            if entity.label == label:
                return entity.stored, entity.digest, entity.derived
            stated = entity.label
        elif isinstance(entity, layout.kind.cls):
            stored = layout.stored(entity)
            return stored, content_digest(stored), None
        else:
            stated = type(entity).__name__
        raise InvalidBatch(f"{entity.urn} names a {label}, but a {stated} is stated")

    def _claims(self, urn: str, old: NodeState | None) -> tuple[Claim | None, list[Claim]]:
        """What this source said of a node, and what others say, with their words."""
        if old is None:
            return None, []
        if old.retracted:
            # It was never so, whoever said it: who states it again begins anew, for those who might see it then.
            said = old.said()
            is_ours = len(said) == 1 and said[0].source == self.batch.source
            audience = said[0].audience if is_ours else old.audience
            return Claim(self.batch.source, self.batch.precedence, "", audience), []
        ours: Claim | None = None
        others: list[Claim] = []
        for claim in old.said():
            if claim.source == self.batch.source:
                ours = claim
            else:
                others.append(claim)
        if not others or others[0].props is not None:
            return ours, others
        words = dict(self.state.contents[urn])
        reason = words.pop("closed_reason")
        alone = replace(
            others[0],
            valid_from=old.valid_from or None,
            valid_to=None if old.valid_to == NEVER else old.valid_to,
            closed_reason=reason,
            props=_words(words),
        )
        return None, [alone]

    def _alone(
        self, node: NodeStatement, stored: dict[str, Any], digest: str, before: Claim | None, old: NodeState | None
    ) -> tuple[Merged, str | None]:
        """A node that only this source speaks of, and its claims."""
        urn = node.entity.urn
        start = old.valid_from if old and node.valid_from is None else day_start(node.valid_from)
        end = day_end(node.valid_to)
        self._check_span(urn, start, end)
        batch = self.batch
        audience = node.audience or (before.audience if before else None)
        merged = Merged(batch.source, audience and str(audience), start, end, None, stored)
        if merged.audience not in self.alone:
            claim = Claim(batch.source, batch.precedence, self.day, merged.audience)
            self.alone[merged.audience] = claim, text_of([claim])
        claim, text = self.alone[merged.audience]
        # What is kept of one that was retracted is not the word of who states it again.
        if old and not old.retracted and before and (old.claims is None or claim.says_as(before)):
            same = (old.digest, old.valid_from, old.valid_to) == (digest, start, end)
            return merged, old.claims if same else text
        return merged, text

    def _merged(
        self,
        node: NodeStatement,
        layout: KindLayout,
        stored: dict[str, Any],
        before: Claim | None,
        others: list[Claim],
    ) -> tuple[Merged, str]:
        """A node that others speak of as well, and its claims."""
        batch, urn = self.batch, node.entity.urn
        start = before.valid_from if before else None
        audience = node.audience or (before.audience if before else None)
        claim = Claim(
            batch.source,
            batch.precedence,
            self.day,
            audience and str(audience),
            valid_from=start if node.valid_from is None else day_start(node.valid_from),
            valid_to=None if node.valid_to is None else day_end(node.valid_to),
            props=_words(stored),
        )
        self._check_span(urn, claim.valid_from or ALWAYS, claim.valid_to or NEVER)
        names = [p.name for p in layout.props]
        merged = merge([claim, *others], names)
        if before and claim.says_as(before):
            # Saying the same again is no later word, unless it opens what another one closed.
            since = merge([before, *others], names)
            if since.valid_to == merged.valid_to:
                claim, merged = before, since
        if any(merged.props[name] != word for name, word in (claim.props or {}).items()):
            self.counts["outranked"][layout.kind.label] += 1
        return merged, text_of(order([claim, *others]))

    def _check_span(self, urn: str, start: str, end: str) -> None:
        if end <= start:
            raise InvalidBatch(f"{urn} would hold from {start} to {end}: the end is not after the start")

    def _close(self, close: Close) -> None:
        layout = layout_at(close.urn, self.tables)
        label = layout.kind.label
        old = self._present(close.urn, "close")
        end = max(close.on.isoformat(), old.valid_from)
        if close.urn in self.gone or self.seen.setdefault(close.urn, end) != end:
            raise InvalidBatch(
                f"{close.urn} is closed twice, or closed and stated or retracted, in one batch: choose one"
            )
        if old.valid_to <= end or close.urn in self.written:
            self.counts["unchanged"][label] += 1
            return
        before, others = self._claims(close.urn, old)
        claim = before or Claim(self.batch.source, self.batch.precedence, self.day, None, props={})
        claim = replace(claim, closed_day=self.day)
        ends, reason = end, close.reason
        if others:
            claim = replace(claim, valid_to=end, closed_reason=close.reason)
            merged = merge([claim, *others], [p.name for p in layout.props])
            ends, reason = merged.valid_to, merged.closed_reason
        claims = text_of(order([claim, *others]))
        if others and claims == old.claims:
            self.counts["unchanged"][label] += 1
            return
        if not layout.kind.journal:
            self.out.snapshots[label].append(close.urn)
        touched = {**self._stamp(close.urn), "valid_to": ends, "closed_reason": reason, "claims": claims}
        self.out.touched[label].append(touched)
        self._count("outranked" if ends == old.valid_to else "closed", label, close.urn)

    def _retract(self, urn: str) -> None:
        label = layout_at(urn, self.tables).kind.label
        old = self.state.nodes.get(urn)
        if old is None or old.retracted:
            self.counts["unchanged"][label] += 1
            return
        # When its words were recorded stays: they were known from then until now.
        self.out.touched[label].append({"urn": urn, "retracted_at": self.at})
        self._count("retracted", label, urn)
        for edge in self.edges.edges_at(urn):
            self.edges.drop(edge)
            self.counts["retracted"][edge.type] += 1

    def _withdraw(self, urn: str) -> None:
        """Take back what this source says of a node, and of the edges that lead from it."""
        layout = layout_at(urn, self.tables)
        old = self.state.nodes.get(urn)
        if urn in self.seen or urn in self.gone:
            raise InvalidBatch(f"{urn} is stated, closed or retracted, and withdrawn, in one batch: choose one")
        said = [] if old is None or old.retracted else list(old.said())
        others = [claim for claim in said if claim.source != self.batch.source]
        has_words = any(claim.describes for claim in others)
        is_kept = len(others) < len(said) and not has_words and self.edges.others_link(urn)
        for type_, tail in [key for key in self.edges.keys_at(urn) if key[1] == urn]:
            relation = next(r for r in self.tables.model.relations[type_] if r.tail == layout.kind.label)
            for about in list(self.edges.leaving(relation, tail).values()):
                if is_kept and relation.name in layout.kind.needs:
                    ours = sum(word.source == self.batch.source for word in words_of(about))
                    self.counts["kept"][type_] += ours
                else:
                    self.edges.take_back(relation, tail, about)
        if is_kept:
            self.counts["kept"][layout.kind.label] += 1
            self.kept.add(urn)
        elif len(others) == len(said):
            self.counts["unchanged"][layout.kind.label] += 1
        elif has_words:
            self._leave_to(others, urn, layout)
        else:
            self._retract(urn)

    def _leave_to(self, others: list[Claim], urn: str, layout: KindLayout) -> None:
        """Make a node what the other sources say of it."""
        merged = merge(others, [p.name for p in layout.props])
        if len(others) == 1:
            # Of which one source speaks holds its words itself.
            others = [replace(others[0], valid_from=None, valid_to=None, closed_reason=None, props=None)]
        audience = merged.audience or str(layout.kind.audience)
        digest = content_digest(merged.props)
        state = NodeState(digest, audience, merged.valid_from, merged.valid_to, merged.source, text_of(order(others)))
        self._put(urn, layout, state, merged, merged.props)

    def _stamp(self, urn: str) -> dict[str, Any]:
        return {"urn": urn, "recorded_at": self.at, "recorded_by": self.batch.by}

    def _count(self, what: str, label: str, urn: str) -> None:
        self.counts[what][label] += 1
        self.written.add(urn)

    def _finish(self) -> Changes:
        out = self.out
        edges = self.edges
        out.next_edge = edges.next_edge
        out.new_edges = {type_: rows for type_, rows in edges.new.items() if rows}
        out.retracted_edges = edges.retracted
        journal = {label for label, kind in self.tables.model.kinds.items() if kind.journal}
        for touched in edges.touched.values():
            row = {"id": touched.id, "tail": touched.tail, "head": touched.head, "claims": touched.claims}
            out.touched_edges[touched.type].append(row)
        labels = set(out.created) | set(out.replaced) | set(out.touched)
        types = set(out.new_edges) | set(out.retracted_edges) | set(out.touched_edges)
        relations = self.tables.model.relations
        out.moves = bool(labels - journal) or any(r.tail not in journal for t in types for r in relations[t])
        out.revision = self.state.revision + out.moves
        for rows in (*out.created.values(), *out.replaced.values(), *out.touched.values(), *out.new_edges.values()):
            for row in rows:
                row["revision"] = out.revision
        counts = {what: dict(found) for what, found in self.counts.items() if found}
        out.result = WriteResult(
            out.revision,
            not out.empty,
            written_urns=frozenset(self.written | edges.moved),
            kept_urns=frozenset(self.kept),
            **counts,
        )
        return out
