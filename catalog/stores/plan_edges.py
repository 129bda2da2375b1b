"""The edges that a batch changes, on a working copy of those that stand: a batch may correct itself. Pure.

The other half of the write plan (``plan``), which tells it of nodes: whether an end is there.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Container
from itertools import chain
from typing import Any

from msgspec.structs import replace

from catalog.batch import Batch, EdgeStatement, RetractEdge
from catalog.errors import InvalidBatch
from catalog.model.declare import Relation
from catalog.stores import assertions
from catalog.stores.assertions import Word, words_of
from catalog.stores.layout import Tables, edge_props
from catalog.stores.state import EdgeState, State, layout_at
from catalog.values import ALWAYS, NEVER, day_end, day_start, instant

__all__ = ["EdgePlan"]


class EdgePlan:
    """The edges of one batch.

    ``counts`` are the plan's. ``seen`` are the nodes that the batch speaks of, and ``present`` refuses, naming what was to
    be done with it, a node that is neither there nor stated.
    """

    def __init__(
        self,
        batch: Batch,
        state: State,
        tables: Tables,
        counts: dict[str, Counter[str]],
        *,
        seen: Container[str],
        present: Callable[[str, str], object],
    ) -> None:
        self.batch = batch
        self.tables = tables
        self.counts = counts
        self.seen = seen
        self._present = present
        self.day = batch.day.isoformat()
        self.recorded_at = instant(batch.at)
        self.next_edge = state.next_edge
        self.new: dict[str, list[dict[str, Any]]] = defaultdict(list)
        """Type to whole rows."""
        self.retracted: dict[str, list[dict[str, Any]]] = defaultdict(list)
        """Type to rows of ``id``, ``tail`` and ``head``."""
        self.moved: set[str] = set()
        """Tails of edges that were added or dropped."""
        self.live: dict[tuple[str, str], dict[str, list[EdgeState]]] = defaultdict(dict)
        """(type, tail) to head to the edges that stand."""
        self.stated: set[tuple[str, str, str, str, str]] = set()
        """(type, tail, head, first day, last day) of what the batch states."""
        self.touched: dict[int, EdgeState] = {}
        """By id, the edges beneath which something else is kept."""
        self.fresh: dict[int, dict[str, Any]] = {}
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

    def state(self, edge: EdgeStatement) -> None:
        """It holds. Raises InvalidBatch."""
        relation = edge.relation
        for end, allowed in ((edge.tail, (relation.tail,)), (edge.head, relation.heads)):
            self._check_end(edge, end, allowed)
        props = edge_props(relation, edge.props)
        start, end = day_start(edge.valid_from), day_end(edge.valid_to)
        about = self._about(relation, edge.tail, edge.head)
        ends = (relation.type, edge.tail, edge.head)
        if not about and start < end and (edge.valid_from is not None or not self._came_later(edge)):
            # Of most two ends nobody said anything before.
            self.stated.add((*ends, start, end))
            self._add(EdgeState(self.next_edge, *ends, start, end, self.batch.source, props, None))
            self.counts["created"][relation.type] += 1
            return
        words = words_of(about)
        ours = [word for word in words if word.source == self.batch.source]
        if edge.valid_from is None:
            held = next((word for word in ours if word.valid_to in (NEVER, end)), None)
            start = held.valid_from if held else (self.day if ours or self._came_later(edge) else ALWAYS)
        if end <= start:
            raise InvalidBatch(f"{edge.tail} {relation.type} {edge.head} would hold from {start} to {end}")
        word = Word(self.batch.source, start, end, props)
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

    def _came_later(self, edge: EdgeStatement) -> bool:
        """Whether this source stated others from there before, and now states them all: then it holds since today."""
        relation = edge.relation
        return (relation.type, edge.tail) in self.restated and (edge.tail, relation) in self.batch.restates

    def _arrange(self, ends: tuple[str, str, str], about: list[EdgeState], words: list[Word]) -> None:
        """Bring the edges about two ends to these words."""
        wanted = assertions.arrange(words)
        there = [(Word(edge.source, edge.valid_from, edge.valid_to, edge.props), edge) for edge in about]
        for word, edge in there:
            if all(word != standing for standing, _ in wanted):
                self.drop(edge)
        for word, beneath in wanted:
            claims = assertions.text_of(beneath)
            edge = next((edge for known, edge in there if known == word), None)
            if edge is None:
                said = (*ends, word.valid_from, word.valid_to, word.source, word.props, claims)
                self._add(EdgeState(self.next_edge, *said))
            elif edge.claims != claims:
                self._touch(replace(edge, claims=claims))

    def retract(self, retraction: RetractEdge) -> None:
        """It was never so. Raises InvalidBatch."""
        relation = retraction.relation
        ends = (retraction.tail, retraction.head)
        if any(e.relation.type == relation.type and (e.tail, e.head) == ends for e in self.batch.edges):
            raise InvalidBatch(f"{ends[0]} {relation.type} {ends[1]} is stated and retracted in one batch: choose one")
        self.take_back(relation, retraction.tail, self._about(relation, *ends))

    def take_back(self, relation: Relation, tail: str, about: list[EdgeState]) -> None:
        """Retract what this source says of the same two ends."""
        words = words_of(about)
        others = assertions.drop(words, self.batch.source)
        if len(others) < len(words):
            self._arrange((relation.type, tail, about[0].head), about, others)
            self.counts["retracted"][relation.type] += len(words) - len(others)

    def close_unstated(self) -> None:
        """End what this source stated before, of what the batch restates, and states no more. Raises InvalidBatch."""
        for tail, relation in sorted(self.batch.restates, key=lambda r: (r[0], r[1].type)):
            if tail not in self.seen:
                self._present(tail, "restate")
            if (relation.type, tail) in self.restated:
                for head, about in self.leaving(relation, tail).items():
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

    def leaving(self, relation: Relation, tail: str) -> dict[str, list[EdgeState]]:
        """As ``_about``, for each head."""
        return {head: self._about(relation, tail, head) for head in self.live[(relation.type, tail)]}

    def _stands(self, edge: EdgeState) -> None:
        self.live[(edge.type, edge.tail)].setdefault(edge.head, []).append(edge)

    def _add(self, edge: EdgeState) -> None:
        """Add an edge, whose id is the next number."""
        self.next_edge += 1
        self._stands(edge)
        row = {
            "id": edge.id,
            "tail": edge.tail,
            "head": edge.head,
            "valid_from": edge.valid_from,
            "valid_to": edge.valid_to,
            "source": edge.source,
            "claims": edge.claims,
            "recorded_at": self.recorded_at,
            "recorded_by": self.batch.by,
            "retracted_at": NEVER,
            **edge.props,
        }
        self.fresh[edge.id] = row
        self.new[edge.type].append(row)
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

    def drop(self, edge: EdgeState) -> None:
        """Let an edge stand no more."""
        self.live[(edge.type, edge.tail)][edge.head].remove(edge)
        self.moved.add(edge.tail)
        self.touched.pop(edge.id, None)
        if edge.id in self.fresh:
            self.new[edge.type].remove(self.fresh.pop(edge.id))
        else:
            self.retracted[edge.type].append({"id": edge.id, "tail": edge.tail, "head": edge.head})

    def _check_end(self, edge: EdgeStatement, urn: str, allowed: tuple[str, ...]) -> None:
        label = layout_at(urn, self.tables).kind.label
        if label not in allowed:
            wanted = " or ".join(allowed)
            raise InvalidBatch(f"{urn} is a {label}: {edge.relation.tail}.{edge.relation.name} takes {wanted} there")
        if urn not in self.seen:
            self._present(urn, f"be linked by {edge.relation.type}")

    def others_link(self, urn: str) -> bool:
        """Whether another source says of a node that it is linked with others."""
        return any(word.source != self.batch.source for word in words_of(self.edges_at(urn)))

    def edges_at(self, urn: str) -> list[EdgeState]:
        """The edges that stand at a node, as a list of its own."""
        at = (edge for key in self.keys_at(urn) for edge in chain.from_iterable(self.live[key].values()))
        return [edge for edge in at if urn in (edge.tail, edge.head)]

    def keys_at(self, urn: str) -> list[tuple[str, str]]:
        """The (type, tail) of the edges at a node, once all edges of the batch are planned."""
        if self.at_nodes is None:
            self.at_nodes = defaultdict(dict)
            for key, edges in self.live.items():
                for edge in chain.from_iterable(edges.values()):
                    self.at_nodes[edge.tail][key] = self.at_nodes[edge.head][key] = None
        return list(self.at_nodes.get(urn, ()))
