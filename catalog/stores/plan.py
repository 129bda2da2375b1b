"""The write plan: what a batch changes in the graph as it stands. Pure, and the same for every store.

A store, holding the lock that orders writes, asks ``needed`` what the plan must know of the graph, reads that set-wise,
and carries out what ``plan`` answers. So the rules of writing stand here once, and no two stores can differ in them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from catalog.batch import MAX_BATCH, Batch, Close, EdgeStatement, NodeStatement, RetractEdge, WriteResult
from catalog.errors import InvalidBatch
from catalog.stores.layout import KindLayout, Tables, edge_props
from catalog.urn import kind_of
from catalog.values import ALWAYS, NEVER, content_digest, day_end, day_start, instant

__all__ = ["Changes", "EdgeState", "Needed", "NodeState", "State", "needed", "plan"]


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


@dataclass(frozen=True, slots=True)
class NodeState:
    """A stored node, as far as the plan cares."""

    digest: str
    audience: str
    valid_from: str
    valid_to: str
    retracted: bool


@dataclass(frozen=True, slots=True)
class EdgeState:
    """A stored edge that stands (is not retracted)."""

    id: int
    type: str
    tail: str
    head: str
    valid_from: str
    valid_to: str
    source: str
    props: Mapping[str, Any]


@dataclass(slots=True)
class State:
    """The graph as it stands, as far as a batch touches it."""

    revision: int
    next_edge: int
    opaque_key: bytes
    nodes: Mapping[str, NodeState]
    edges: Iterable[EdgeState]


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


def needed(batch: Batch, tables: Tables) -> Needed:
    """What ``plan`` must know of the graph. Raises InvalidBatch on a batch that is too large or names no kind."""
    if batch.size > MAX_BATCH:
        raise InvalidBatch(f"a batch of {batch.size} statements is too large: split it at {MAX_BATCH}")
    urns = {n.entity.urn for n in batch.nodes} | {c.urn for c in batch.closes} | set(batch.retracts)
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
        at_nodes=_by_label(batch.retracts, tables),
    )


def plan(batch: Batch, state: State, tables: Tables) -> Changes:
    """What the batch changes. Raises InvalidBatch (nothing may be written then) or InvalidRecord."""
    return _Planner(batch, state, tables).run()


def _by_label(urns: Iterable[str], tables: Tables) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for urn in sorted(set(urns)):
        found[_layout(urn, tables).kind.label].append(urn)
    return found


def _layout(urn: str, tables: Tables) -> KindLayout:
    layout = tables.of_urn(kind_of(urn))
    if layout is None:
        raise InvalidBatch(f"'{urn[:120]}' is the URN of no declared kind: docs/model.md lists them")
    return layout


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
        self.live: dict[tuple[str, str], list[EdgeState]] = defaultdict(list)
        """(type, tail) to the edges that stand."""
        self.stated: set[int] = set()
        """Ids of edges that the batch states, old or new."""
        self.fresh: dict[int, dict[str, Any]] = {}
        self.restated: set[tuple[str, str]] = set()
        """(type, tail) of which this source stated edges before."""
        known: set[int] = set()
        for edge in sorted(state.edges, key=lambda e: e.id):
            if edge.id not in known:
                known.add(edge.id)
                self.live[(edge.type, edge.tail)].append(edge)
                if edge.source == batch.source:
                    self.restated.add((edge.type, edge.tail))

    def run(self) -> Changes:
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

    def _node(self, node: NodeStatement) -> None:
        urn = node.entity.urn
        layout = _layout(urn, self.tables)
        kind = layout.kind
        if not isinstance(node.entity, kind.cls):
            raise InvalidBatch(f"{urn} names a {kind.label}, but a {type(node.entity).__name__} is stated")
        stored = layout.stored(node.entity)
        mark = (stored, node.audience, node.valid_from, node.valid_to)
        if self.seen.setdefault(urn, mark) != mark:
            raise InvalidBatch(f"{urn} is stated twice in one batch, differently: state it once")
        if urn in self.gone:
            raise InvalidBatch(f"{urn} is stated and retracted in one batch: choose one")
        old = self.state.nodes.get(urn)
        content = content_digest(stored)
        audience = str(node.audience or (old.audience if old else kind.audience))
        valid_from = old.valid_from if old and node.valid_from is None else day_start(node.valid_from)
        new = NodeState(content, audience, valid_from, day_end(node.valid_to), retracted=False)
        if new.valid_to <= new.valid_from:
            raise InvalidBatch(
                f"{urn} would hold from {new.valid_from} to {new.valid_to}: the end is not after the start"
            )
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
            "closed_reason": None,
            "source": self.batch.source,
            "retracted_at": NEVER,
            "digest": content,
            **stored,
            **layout.derive(urn, stored, self.state.opaque_key),
        }
        (self.out.replaced if old else self.out.created)[kind.label].append(row)
        self._count("updated" if old else "created", kind.label, urn)

    def _close(self, close: Close) -> None:
        layout = _layout(close.urn, self.tables)
        old = self._present(close.urn, "close")
        end = max(close.on.isoformat(), old.valid_from)
        if close.urn in self.gone or self.seen.setdefault(close.urn, end) != end:
            raise InvalidBatch(
                f"{close.urn} is closed twice, or closed and stated or retracted, in one batch: choose one"
            )
        if old.valid_to <= end or close.urn in self.written:
            self.counts["unchanged"][layout.kind.label] += 1
            return
        if not layout.kind.journal:
            self.out.snapshots[layout.kind.label].append(close.urn)
        touched = {**self._stamp(close.urn), "valid_to": end, "closed_reason": close.reason}
        self.out.touched[layout.kind.label].append(touched)
        self._count("closed", layout.kind.label, close.urn)

    def _retract(self, urn: str) -> None:
        label = _layout(urn, self.tables).kind.label
        old = self.state.nodes.get(urn)
        if old is None or old.retracted:
            self.counts["unchanged"][label] += 1
            return
        # When its words were recorded stays: they were known from then until now.
        self.out.touched[label].append({"urn": urn, "retracted_at": self.at})
        self._count("retracted", label, urn)
        for edges in list(self.live.values()):
            for edge in [e for e in edges if urn in (e.tail, e.head)]:
                self._drop(edge)
                self.counts["retracted"][edge.type] += 1

    def _edge(self, edge: EdgeStatement) -> None:
        relation = edge.relation
        for end, allowed in ((edge.tail, (relation.tail,)), (edge.head, relation.heads)):
            self._check_end(edge, end, allowed)
        props = edge_props(relation, edge.props)
        start, end = day_start(edge.valid_from), day_end(edge.valid_to)
        same = self._about(relation.per_source, relation.type, edge.tail, edge.head)
        if edge.valid_from is None:
            held = next((e for e in same if e.valid_to in (NEVER, end)), None)
            came_later = (edge.tail, relation) in self.batch.restates and (relation.type, edge.tail) in self.restated
            start = held.valid_from if held else (self.day if same or came_later else ALWAYS)
        if end <= start:
            raise InvalidBatch(f"{edge.tail} {relation.type} {edge.head} would hold from {start} to {end}")
        for known in same:
            if (known.valid_from, known.valid_to, known.props) == (start, end, props):
                self.stated.add(known.id)
                self.counts["unchanged"][relation.type] += 1
                return
        replaced = [e for e in same if e.valid_from < end and start < e.valid_to]
        if any(e.id in self.stated for e in replaced):
            raise InvalidBatch(f"{edge.tail} {relation.type} {edge.head} is stated twice in one batch, differently")
        for known in replaced:
            self._drop(known)
        self._add(EdgeState(0, relation.type, edge.tail, edge.head, start, end, self.batch.source, props))
        self.counts["updated" if replaced else "created"][relation.type] += 1

    def _retract_edges(self, retraction: RetractEdge) -> None:
        relation = retraction.relation
        ends = (retraction.tail, retraction.head)
        if any(e.relation.type == relation.type and (e.tail, e.head) == ends for e in self.batch.edges):
            raise InvalidBatch(f"{ends[0]} {relation.type} {ends[1]} is stated and retracted in one batch: choose one")
        for edge in list(self.live[(relation.type, retraction.tail)]):
            if edge.head == retraction.head and edge.source == self.batch.source:
                self._drop(edge)
                self.counts["retracted"][relation.type] += 1

    def _close_unstated(self) -> None:
        for tail, relation in sorted(self.batch.restates, key=lambda r: (r[0], r[1].type)):
            self._present(tail, "restate")
            for edge in list(self.live[(relation.type, tail)]):
                ours = edge.source == self.batch.source and edge.id not in self.stated
                if not ours or edge.valid_to != NEVER:
                    continue
                self._drop(edge)
                self.counts["closed"][relation.type] += 1
                if edge.valid_from < self.day:
                    closed = (edge.valid_from, self.day, edge.source, edge.props)
                    self._add(EdgeState(0, edge.type, edge.tail, edge.head, *closed))

    def _about(self, per_source: bool, type_: str, tail: str, head: str) -> list[EdgeState]:
        found = [e for e in self.live[(type_, tail)] if e.head == head]
        return [e for e in found if e.source == self.batch.source] if per_source else found

    def _add(self, edge: EdgeState) -> None:
        id_ = self.out.next_edge
        self.out.next_edge += 1
        added = EdgeState(id_, edge.type, edge.tail, edge.head, edge.valid_from, edge.valid_to, edge.source, edge.props)
        self.live[(edge.type, edge.tail)].append(added)
        self.stated.add(id_)
        row = {
            "id": id_,
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
        self.fresh[id_] = row
        self.out.new_edges[edge.type].append(row)
        self.moved.add(edge.tail)

    def _drop(self, edge: EdgeState) -> None:
        self.live[(edge.type, edge.tail)].remove(edge)
        self.moved.add(edge.tail)
        if edge.id in self.fresh:
            self.out.new_edges[edge.type].remove(self.fresh.pop(edge.id))
        else:
            self.out.retracted_edges[edge.type].append({"id": edge.id, "tail": edge.tail, "head": edge.head})

    def _check_end(self, edge: EdgeStatement, urn: str, allowed: tuple[str, ...]) -> None:
        label = _layout(urn, self.tables).kind.label
        if label not in allowed:
            wanted = " or ".join(allowed)
            raise InvalidBatch(f"{urn} is a {label}: {edge.relation.tail}.{edge.relation.name} takes {wanted} there")
        self._present(urn, f"be linked by {edge.relation.type}")

    def _present(self, urn: str, act: str) -> NodeState:
        old = self.state.nodes.get(urn)
        if urn in self.gone and old:
            return old
        if urn in self.seen:
            return old or NodeState("", "", ALWAYS, NEVER, retracted=False)
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
