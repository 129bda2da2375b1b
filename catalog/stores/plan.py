"""The write plan: what a batch changes in the graph as it stands. Pure, and the same for every store.

A store, holding the lock that orders writes, asks ``needed`` and ``contested`` (``catalog/stores/state.py``) what the plan must
know of the graph, reads that set-wise, and carries out what ``plan`` answers. So the rules of writing stand here once, and
no two stores can differ in them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from msgspec.structs import replace

from catalog.batch import Batch, Close, EdgeStatement, NodeStatement, Prepared, RetractEdge, WriteResult
from catalog.errors import Conflict, InvalidBatch
from catalog.model.declare import Entity
from catalog.stores.claims import Claim, Merged, merge, order, text_of
from catalog.stores.layout import KindLayout, Tables, edge_props
from catalog.stores.state import EdgeState, NodeState, State, layout_at
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
        parts = (self.created, self.replaced, self.touched, self.retracted_edges, self.new_edges)
        return not any(parts)


def plan(batch: Batch, state: State, tables: Tables) -> Changes:
    """What the batch changes. Raises InvalidBatch (nothing may be written then), InvalidRecord or Conflict."""
    return _Planner(batch, state, tables).run()


def _words(stored: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in stored.items() if value is not None}


class _Planner:
    """One batch against one state. Edges are planned on a working copy, so that a batch may correct itself."""

    def __init__(self, batch: Batch, state: State, tables: Tables) -> None:
        self.batch = batch
        self.state = state
        self.tables = tables
        self.at = instant(batch.at)
        self.day = batch.day.isoformat()
        self.out = Changes(at=self.at, next_edge=state.next_edge)
        self.seen: dict[str, Any] = {}
        """What the batch says of a node, to tell a repetition from a contradiction."""
        self.gone = set(batch.retracts)
        self.counts: dict[str, Counter[str]] = defaultdict(Counter)
        self.written: set[str] = set()
        self.moved: set[str] = set()
        """Tails of edges that were added or dropped."""
        self.live: dict[tuple[str, str], dict[str, list[EdgeState]]] = defaultdict(dict)
        """(type, tail) to head to the edges that stand."""
        self.stated: set[int] = set()
        """Ids of edges that the batch states, old or new."""
        self.fresh: dict[int, dict[str, Any]] = {}
        self.alone: dict[str | None, tuple[Claim, str]] = {}
        """Audience to the claim of this source on what nobody else speaks of, and its stored form."""
        self.restated: set[tuple[str, str]] = set()
        """(type, tail) of which this source stated edges before."""
        known: set[int] = set()
        for edge in sorted(state.edges, key=lambda e: e.id):
            if edge.id not in known:
                known.add(edge.id)
                self._stands(edge)
                if edge.source == batch.source:
                    self.restated.add((edge.type, edge.tail))

    def run(self) -> Changes:
        self._check_expected()
        for node in self.batch.nodes:
            self._node(node)
        for close in self.batch.closes:
            self._close(close)
        for retraction in self.batch.retracts_edges:
            self._retract_edges(retraction)
        for edge in self.batch.edges:
            self._edge(edge)
        self._close_unstated()
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
        if old and not kind.journal:
            self.out.snapshots[kind.label].append(urn)
        row = {
            **self._stamp(urn),
            "audience": audience,
            "valid_from": new.valid_from,
            "valid_to": new.valid_to,
            "closed_reason": merged.closed_reason,
            "source": new.source,
            "claims": claims,
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
            # It was never so, whoever said it: who states it again begins anew.
            return Claim(self.batch.source, self.batch.precedence, "", old.audience), []
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
        if old and before and (old.claims is None or claim.says_as(before)):
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
        for type_, tail in list(self.live):
            for edge in self._from(type_, tail):
                if urn in (tail, edge.head):
                    self._drop(edge)
                    self.counts["retracted"][type_] += 1

    def _edge(self, edge: EdgeStatement) -> None:
        relation = edge.relation
        for end, allowed in ((edge.tail, (relation.tail,)), (edge.head, relation.heads)):
            self._check_end(edge, end, allowed)
        props = edge_props(relation, edge.props)
        start, end = day_start(edge.valid_from), day_end(edge.valid_to)
        same = self._between(relation.type, edge.tail, edge.head)
        if relation.per_source:
            same = [e for e in same if e.source == self.batch.source]
        if edge.valid_from is None:
            held = next((e for e in same if e.valid_to in (NEVER, end)), None) if same else None
            came_later = (relation.type, edge.tail) in self.restated and (edge.tail, relation) in self.batch.restates
            start = held.valid_from if held else (self.day if same or came_later else ALWAYS)
        if end <= start:
            raise InvalidBatch(f"{edge.tail} {relation.type} {edge.head} would hold from {start} to {end}")
        for known in same:
            if (known.valid_from, known.valid_to, known.props) == (start, end, props):
                self.stated.add(known.id)
                self.counts["unchanged"][relation.type] += 1
                return
        replaced = [e for e in same if e.valid_from < end and start < e.valid_to]
        if replaced and any(e.id in self.stated for e in replaced):
            raise InvalidBatch(f"{edge.tail} {relation.type} {edge.head} is stated twice in one batch, differently")
        for known in replaced:
            self._drop(known)
        said = (relation.type, edge.tail, edge.head, start, end, self.batch.source, props)
        self._add(EdgeState(self.out.next_edge, *said))
        self.counts["updated" if replaced else "created"][relation.type] += 1

    def _retract_edges(self, retraction: RetractEdge) -> None:
        relation = retraction.relation
        ends = (retraction.tail, retraction.head)
        if any(e.relation.type == relation.type and (e.tail, e.head) == ends for e in self.batch.edges):
            raise InvalidBatch(f"{ends[0]} {relation.type} {ends[1]} is stated and retracted in one batch: choose one")
        for edge in list(self._between(relation.type, *ends)):
            if edge.source == self.batch.source:
                self._drop(edge)
                self.counts["retracted"][relation.type] += 1

    def _close_unstated(self) -> None:
        for tail, relation in sorted(self.batch.restates, key=lambda r: (r[0], r[1].type)):
            if tail not in self.seen:
                self._present(tail, "restate")
            if (relation.type, tail) not in self.restated:
                continue
            for edge in self._from(relation.type, tail):
                ours = edge.source == self.batch.source and edge.id not in self.stated
                if not ours or edge.valid_to != NEVER:
                    continue
                self._drop(edge)
                self.counts["closed"][relation.type] += 1
                if edge.valid_from < self.day:
                    self._add(replace(edge, id=self.out.next_edge, valid_to=self.day))

    def _between(self, type_: str, tail: str, head: str) -> list[EdgeState]:
        return self.live[(type_, tail)].get(head, [])

    def _from(self, type_: str, tail: str) -> list[EdgeState]:
        """The edges of a type that stand from a node, as a list of its own."""
        return list(chain.from_iterable(self.live[(type_, tail)].values()))

    def _stands(self, edge: EdgeState) -> None:
        self.live[(edge.type, edge.tail)].setdefault(edge.head, []).append(edge)

    def _add(self, edge: EdgeState) -> None:
        """Add an edge, whose id is the next number."""
        self.out.next_edge += 1
        self._stands(edge)
        self.stated.add(edge.id)
        row = {
            "id": edge.id,
            "tail": edge.tail,
            "head": edge.head,
            "valid_from": edge.valid_from,
            "valid_to": edge.valid_to,
            "source": edge.source,
            "recorded_at": self.at,
            "recorded_by": self.batch.by,
            "retracted_at": NEVER,
            **edge.props,
        }
        self.fresh[edge.id] = row
        self.out.new_edges[edge.type].append(row)
        self.moved.add(edge.tail)

    def _drop(self, edge: EdgeState) -> None:
        self.live[(edge.type, edge.tail)][edge.head].remove(edge)
        self.moved.add(edge.tail)
        if edge.id in self.fresh:
            self.out.new_edges[edge.type].remove(self.fresh.pop(edge.id))
        else:
            self.out.retracted_edges[edge.type].append({"id": edge.id, "tail": edge.tail, "head": edge.head})

    def _check_end(self, edge: EdgeStatement, urn: str, allowed: tuple[str, ...]) -> None:
        label = layout_at(urn, self.tables).kind.label
        if label not in allowed:
            wanted = " or ".join(allowed)
            raise InvalidBatch(f"{urn} is a {label}: {edge.relation.tail}.{edge.relation.name} takes {wanted} there")
        if urn not in self.seen:
            self._present(urn, f"be linked by {edge.relation.type}")

    def _present(self, urn: str, act: str) -> NodeState:
        old = self.state.nodes.get(urn)
        if urn in self.gone and old:
            return old
        if urn in self.seen:
            return old or NodeState("", "", ALWAYS, NEVER, self.batch.source, None)
        if old is None or old.retracted:
            raise InvalidBatch(f"{urn} is not in the graph and cannot {act}: state it in this batch or before")
        return old

    def _stamp(self, urn: str) -> dict[str, Any]:
        return {"urn": urn, "recorded_at": self.at, "recorded_by": self.batch.by}

    def _count(self, what: str, label: str, urn: str) -> None:
        self.counts[what][label] += 1
        self.written.add(urn)

    def _finish(self) -> Changes:
        out = self.out
        for empty in [type_ for type_, rows in out.new_edges.items() if not rows]:
            del out.new_edges[empty]
        journal = {label for label, kind in self.tables.model.kinds.items() if kind.journal}
        labels = set(out.created) | set(out.replaced) | set(out.touched)
        types = set(out.new_edges) | set(out.retracted_edges)
        relations = self.tables.model.relations
        out.moves = bool(labels - journal) or any(r.tail not in journal for t in types for r in relations[t])
        out.revision = self.state.revision + out.moves
        for rows in (*out.created.values(), *out.replaced.values(), *out.touched.values(), *out.new_edges.values()):
            for row in rows:
                row["revision"] = out.revision
        counts = {what: dict(found) for what, found in self.counts.items() if found}
        out.result = WriteResult(
            out.revision, not out.empty, written_urns=frozenset(self.written | self.moved), **counts
        )
        return out
