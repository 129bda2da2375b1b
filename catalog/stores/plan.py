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
from catalog.model.declare import Entity, Relation
from catalog.stores import assertions
from catalog.stores.assertions import Word, words_of
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
        self.kept: set[str] = set()
        self.moved: set[str] = set()
        """Tails of edges that were added or dropped."""
        self.live: dict[tuple[str, str], dict[str, list[EdgeState]]] = defaultdict(dict)
        """(type, tail) to head to the edges that stand."""
        self.stated: set[tuple[str, str, str, str, str]] = set()
        """(type, tail, head, first day, last day) of what the batch states."""
        self.touched: dict[int, EdgeState] = {}
        """By id, the edges beneath which something else is kept."""
        self.fresh: dict[int, dict[str, Any]] = {}
        self.alone: dict[str | None, tuple[Claim, str]] = {}
        """Audience to the claim of this source on what nobody else speaks of, and its stored form."""
        self.at_nodes: dict[str, dict[tuple[str, str], None]] | None = None
        self.restated: set[tuple[str, str]] = set()
        """(type, tail) of which this source stated edges before."""
        known: set[int] = set()
        for edge in sorted(state.edges, key=lambda e: e.id):
            if edge.id not in known:
                known.add(edge.id)
                self._stands(edge)
                if edge.source == batch.source or any(word.source == batch.source for word in words_of([edge])):
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
        for edge in self._edges_at(urn):
            self._drop(edge)
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
        is_kept = len(others) < len(said) and not has_words and self._stands_on(urn)
        for type_, tail in [key for key in self._keys_at(urn) if key[1] == urn]:
            relation = next(r for r in self.tables.model.relations[type_] if r.tail == layout.kind.label)
            for about in list(self._from(relation, tail).values()):
                if is_kept and relation.name in layout.kind.needs:
                    ours = sum(word.source == self.batch.source for word in words_of(about))
                    self.counts["kept"][type_] += ours
                else:
                    self._take_back(relation, tail, about)
        if is_kept:
            self.counts["kept"][layout.kind.label] += 1
            self.kept.add(urn)
        elif len(others) == len(said):
            self.counts["unchanged"][layout.kind.label] += 1
        elif has_words:
            self._leave_to(others, urn, layout)
        else:
            self._retract(urn)

    def _stands_on(self, urn: str) -> bool:
        """Whether another source says of a node that it is linked with others."""
        return any(word.source != self.batch.source for word in words_of(self._edges_at(urn)))

    def _edges_at(self, urn: str) -> list[EdgeState]:
        """The edges that stand at a node, as a list of its own."""
        at = (edge for key in self._keys_at(urn) for edge in chain.from_iterable(self.live[key].values()))
        return [edge for edge in at if urn in (edge.tail, edge.head)]

    def _keys_at(self, urn: str) -> list[tuple[str, str]]:
        """The (type, tail) of the edges at a node, once all edges of the batch are planned."""
        if self.at_nodes is None:
            self.at_nodes = defaultdict(dict)
            for key, edges in self.live.items():
                for edge in chain.from_iterable(edges.values()):
                    self.at_nodes[edge.tail][key] = self.at_nodes[edge.head][key] = None
        return list(self.at_nodes.get(urn, ()))

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

    def _edge(self, edge: EdgeStatement) -> None:
        relation = edge.relation
        for end, allowed in ((edge.tail, (relation.tail,)), (edge.head, relation.heads)):
            self._check_end(edge, end, allowed)
        props = edge_props(relation, edge.props)
        start, end = day_start(edge.valid_from), day_end(edge.valid_to)
        about = self._about(relation, edge.tail, edge.head)
        words = words_of(about)
        ours = [word for word in words if word.source == self.batch.source]
        if edge.valid_from is None:
            held = next((word for word in ours if word.valid_to in (NEVER, end)), None)
            came_later = (relation.type, edge.tail) in self.restated and (edge.tail, relation) in self.batch.restates
            start = held.valid_from if held else (self.day if ours or came_later else ALWAYS)
        if end <= start:
            raise InvalidBatch(f"{edge.tail} {relation.type} {edge.head} would hold from {start} to {end}")
        word = Word(self.batch.source, start, end, props)
        ends = (relation.type, edge.tail, edge.head)
        if ours == [word] or (word in ours and not edge.is_all):
            self.stated.add((*ends, start, end))
            self.counts["unchanged"][relation.type] += 1
            return
        if any(each.overlaps(word) and (*ends, each.valid_from, each.valid_to) in self.stated for each in ours):
            raise InvalidBatch(f"{edge.tail} {relation.type} {edge.head} is stated twice in one batch, differently")
        self.stated.add((*ends, start, end))
        is_said = any(each.overlaps(word) for each in words)
        before = assertions.drop(words, word.source) if edge.is_all else words
        self._arrange(ends, about, assertions.say(before, word))
        self.counts["updated" if is_said else "created"][relation.type] += 1

    def _arrange(self, ends: tuple[str, str, str], about: list[EdgeState], words: list[Word]) -> None:
        """Bring the edges about two ends to these words."""
        wanted = assertions.arrange(words)
        there = [(Word(edge.source, edge.valid_from, edge.valid_to, edge.props), edge) for edge in about]
        for word, edge in there:
            if all(word != standing for standing, _ in wanted):
                self._drop(edge)
        for word, beneath in wanted:
            claims = assertions.text_of(beneath)
            edge = next((edge for known, edge in there if known == word), None)
            if edge is None:
                said = (*ends, word.valid_from, word.valid_to, word.source, word.props, claims)
                self._add(EdgeState(self.out.next_edge, *said))
            elif edge.claims != claims:
                self._touch(replace(edge, claims=claims))

    def _retract_edges(self, retraction: RetractEdge) -> None:
        relation = retraction.relation
        ends = (retraction.tail, retraction.head)
        if any(e.relation.type == relation.type and (e.tail, e.head) == ends for e in self.batch.edges):
            raise InvalidBatch(f"{ends[0]} {relation.type} {ends[1]} is stated and retracted in one batch: choose one")
        self._take_back(relation, retraction.tail, self._about(relation, *ends))

    def _take_back(self, relation: Relation, tail: str, about: list[EdgeState]) -> None:
        """Retract what this source says of the same two ends."""
        words = words_of(about)
        others = assertions.drop(words, self.batch.source)
        if len(others) < len(words):
            self._arrange((relation.type, tail, about[0].head), about, others)
            self.counts["retracted"][relation.type] += len(words) - len(others)

    def _close_unstated(self) -> None:
        for tail, relation in sorted(self.batch.restates, key=lambda r: (r[0], r[1].type)):
            if tail not in self.seen:
                self._present(tail, "restate")
            if (relation.type, tail) in self.restated:
                for head, about in self._from(relation, tail).items():
                    self._end_unstated((relation.type, tail, head), about)

    def _end_unstated(self, ends: tuple[str, str, str], about: list[EdgeState]) -> None:
        words = words_of(about)
        left = [
            word
            for word in words
            if word.source == self.batch.source
            and word.valid_to == NEVER
            and (*ends, word.valid_from, word.valid_to) not in self.stated
        ]
        for word in left:
            words = assertions.end(words, word, self.day)
            self.counts["closed"][ends[0]] += 1
        if left:
            self._arrange(ends, about, words)

    def _about(self, relation: Relation, tail: str, head: str) -> list[EdgeState]:
        """The edges about two ends: of a relation that keeps one a source, those of this source."""
        found = self.live[(relation.type, tail)].get(head, [])
        return [e for e in found if not relation.per_source or e.source == self.batch.source]

    def _from(self, relation: Relation, tail: str) -> dict[str, list[EdgeState]]:
        """As ``_about``, for each head."""
        return {head: self._about(relation, tail, head) for head in self.live[(relation.type, tail)]}

    def _stands(self, edge: EdgeState) -> None:
        self.live[(edge.type, edge.tail)].setdefault(edge.head, []).append(edge)

    def _add(self, edge: EdgeState) -> None:
        """Add an edge, whose id is the next number."""
        self.out.next_edge += 1
        self._stands(edge)
        row = {
            "id": edge.id,
            "tail": edge.tail,
            "head": edge.head,
            "valid_from": edge.valid_from,
            "valid_to": edge.valid_to,
            "source": edge.source,
            "claims": edge.claims,
            "recorded_at": self.at,
            "recorded_by": self.batch.by,
            "retracted_at": NEVER,
            **edge.props,
        }
        self.fresh[edge.id] = row
        self.out.new_edges[edge.type].append(row)
        self.moved.add(edge.tail)

    def _touch(self, edge: EdgeState) -> None:
        """Keep what others say beneath an edge, which stays as it is."""
        standing = self.live[(edge.type, edge.tail)][edge.head]
        standing[next(place for place, each in enumerate(standing) if each.id == edge.id)] = edge
        self.moved.add(edge.tail)
        if edge.id in self.fresh:
            self.fresh[edge.id]["claims"] = edge.claims
        else:
            self.touched[edge.id] = edge

    def _drop(self, edge: EdgeState) -> None:
        self.live[(edge.type, edge.tail)][edge.head].remove(edge)
        self.moved.add(edge.tail)
        self.touched.pop(edge.id, None)
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
        for touched in self.touched.values():
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
            written_urns=frozenset(self.written | self.moved),
            kept_urns=frozenset(self.kept),
            **counts,
        )
        return out
