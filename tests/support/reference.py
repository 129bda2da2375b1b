"""The oracle: every read of the port over a graph in plain lists, as the clauses of ``port.py`` say it and no quicker.

It was written from the contract, without a look at a store, and shares with the stores only what defines values:
``catalog/values.py``, ``catalog/text.py`` and the declared model. Questions are taken to be valid.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import permutations
from typing import Any

from catalog.access import Reader
from catalog.batch import Batch, WriteResult
from catalog.model.declare import Kind, Shape
from catalog.selection import (
    Cursor,
    Order,
    Page,
    Predicate,
    Related,
    Row,
    Select,
    Selection,
)
from catalog.stores.layout import EDGE_SYSTEM, NODE_SYSTEM, Tables, opaque_id
from catalog.stores.port import (
    MAX_GROUPS,
    URN_NAMESPACE,
    Aggregate,
    Ends,
    Expand,
    Expansion,
    Hit,
    Hop,
    Near,
    Nearby,
    Scan,
    Scanned,
    SearchPage,
    SearchQuery,
)
from catalog.text import sort_key, tokens
from catalog.values import ALWAYS, NEVER, decode, order_key
from tests.support.reference_graph import OPAQUE_KEY, Edge, Graph, Node
from tests.support.reference_scan import ReferenceScan
from tests.support.reference_sight import FULL, NONE, PLACEHOLDER, Sight
from tests.support.reference_words import tier

__all__ = ["ReferenceStore"]

_Key = tuple[str | int | float, str, int]


@dataclass(frozen=True)
class _Candidate:
    """A row that could stand on a page: where it stands in the order, and the way it was reached."""

    key: _Key
    node: Node
    edge: Edge | None
    hidden: bool


class ReferenceStore:
    """The reads of the port, and its write by the plan. Not asynchronous: nothing here waits."""

    name = "reference"

    def __init__(self, tables: Tables, opaque_key: bytes = OPAQUE_KEY) -> None:
        self.tables = tables
        self.graph = Graph(tables, opaque_key)

    def write(self, batch: Batch) -> WriteResult:
        return self.graph.write(batch)

    def revision(self) -> int:
        return self.graph.revision

    def opaque(self, urn: str) -> str:
        """The id that a placeholder of this node would have."""
        return opaque_id(urn, self.graph.opaque_key)

    def _sight(self, reader: Reader, day: date) -> Sight:
        return Sight(self.graph, reader, day.isoformat())

    def select(self, selection: Selection) -> Page:
        sight = self._sight(selection.reader, selection.as_of)
        return self._root(sight, selection.root)

    def expand(self, query: Expand) -> Expansion:
        sight = self._sight(query.reader, query.as_of)
        pairs: dict[tuple[str, str], set[tuple[str, str, bool]]] = {}
        for node in self.graph.nodes.values():
            start = self._id_in(sight, node, query)
            if node.label != query.kind or start not in query.frontier or not sight.holds(node, ever=query.ever):
                continue
            for other, passed in self._hop(sight, node, query):
                end = self._id_in(sight, other, query)
                if end is not None:
                    pairs.setdefault((start, end), set()).add((node.urn, other.urn, passed))
        hops = [Hop(*ids, self._passing(sight, pairs[ids], query)) for ids in sorted(pairs)]
        same: list[Hop] = []
        if query.same is not None:
            ends = {hop.end for hop in hops[: query.limit + 1]}
            same = self._one(sight, query, ends.union(query.frontier) if query.begins else ends)
        limit, same_cut = query.limit, len(same) > query.limit
        return Expansion(hops[:limit], len(hops) > limit, [] if same_cut else same, same_cut)

    def _one(self, sight: Sight, query: Expand, ids: set[str]) -> list[Hop]:
        """The steps between the nodes that are one with some."""
        said: dict[str, set[frozenset[str]]] = {status: set() for status in ("STATED", "PROPOSED", "DENIED")}
        step = self.tables.model.step(query.kind, query.same or "", query.kind)
        for node in self.graph.nodes.values():
            if node.label == query.kind:
                for edge, other in sight.step(node, step, ever=query.ever):
                    said[edge.row["status"] or "STATED"].add(frozenset((node.urn, other.urn)))
        seen = {
            node.urn: id_
            for node in self.graph.nodes.values()
            if node.label == query.kind and sight.holds(node, ever=query.ever) and (id_ := sight.known_as(node))
        }
        pairs = [
            (one, other)
            for two in said["STATED"] - said["DENIED"]
            if len(two) > 1 and two <= seen.keys()
            for one, other in permutations(two)
        ]
        met = {urn for urn, id_ in seen.items() if id_ in ids}
        while more := {other for one, other in pairs if one in met} - met:
            met |= more
        passes = {urn: query.where is None or self._passes(sight, self.graph.nodes[urn], query.where) for urn in seen}
        return sorted(Hop(seen[one], seen[other], int(passes[other])) for one, other in pairs if one in met)

    def _hop(self, sight: Sight, node: Node, query: Expand) -> list[tuple[Node, bool]]:
        """Where the steps of a hop lead, by nodes of which the reader knows, and whether what is between passes."""
        names = query.step.split(".")
        found = [(node, True)]
        for number, name in enumerate(names, 1):
            target = query.kind if number == len(names) else None
            found = [
                (other, passed and (number > 1 or query.via is None or self._passes(sight, other, query.via)))
                for each, passed in found
                for _, other in sight.step(each, self.tables.model.step(each.label, name, target), ever=query.ever)
                if sight.sees(other) != NONE
            ]
        return found

    def _passes(self, sight: Sight, node: Node, where: Predicate) -> bool:
        return sight.sees(node) == FULL and sight.is_true(where, node)

    def _id_in(self, sight: Sight, node: Node, query: Expand) -> str | None:
        """The id of a node in the answer to a hop."""
        if query.by is None or node.label != query.kind or sight.sees(node) != FULL:
            return sight.known_as(node)
        step = self.tables.model.step(query.kind, query.by)
        held = [other.urn for _, other in sight.step(node, step, ever=query.ever) if sight.sees(other) == FULL]
        return min(held, default=node.urn)

    def _passing(self, sight: Sight, pairs: set[tuple[str, str, bool]], query: Expand) -> int:
        """How many pairs of nodes pass the filters of a hop."""
        where = query.where
        counted: set[tuple[str, str]] = set()
        for start, end, passed in pairs:
            tested = [] if where is None else [end] if query.by is None else [start, end]
            if passed and all(where and self._passes(sight, self.graph.nodes[urn], where) for urn in tested):
                counted.add((start, end))
        return len(counted)

    def scan(self, query: Scan) -> Scanned:
        sight, value = self._sight(query.reader, date.min), partial(self._value, query.reader)
        whole = {node.urn: node for node in self.graph.nodes.values() if sight.sees(node) == FULL}
        if query.only is not None:
            parts = {self.tables.model.relation(tail, name).heads[0] for tail, name, _ in query.parts}
            whole = {urn: node for urn, node in whole.items() if urn in query.only or node.label in parts}
        return ReferenceScan(self.graph, self.tables, whole, value, self._fact).answer(query)

    def near(self, query: Near) -> Nearby:
        relation = self.tables.model.relation
        out = {(label, relation(label, name).type) for label, name in query.out}
        into = {(label, relation(label, name).type) for label, name in query.into}
        found = {
            Ends(edge.type, edge.tail, edge.head)
            for edge in self.graph.edges
            if edge.stands
            for of in [(self.graph.nodes[edge.tail].label, edge.type)]
            if (of in out and edge.tail in query.nodes) or (of in into and edge.head in query.nodes)
        }
        return Nearby(sorted(found)[: query.limit], len(found) > query.limit)

    def search(self, query: SearchQuery) -> SearchPage:
        """A cursor of this store says how many hits came before; what stores make of theirs is not for us to say."""
        skip = int(query.after or 0)
        sight = self._sight(query.reader, query.as_of)
        words = tokens(query.text)
        found: list[tuple[int, str, str, Node]] = []
        for node in self._listed(sight, query.kind, query.where):
            rank = tier(words, self._kind(node), node.row)
            if rank is not None:
                found.append((rank, self._title_key(node), node.urn, node))
        found.sort(key=lambda hit: hit[:3])
        hits = [Hit(urn, rank) for rank, _, urn, _ in found[skip : skip + query.first]]
        facets = {by: self._counted(sight, [hit[3] for hit in found], by) for by in query.facets}
        end = str(skip + len(hits)) if hits else None
        names = self._names(query, facets)
        return SearchPage(hits, len(found), len(found) > skip + query.first, end, facets, names)

    def aggregate(self, query: Aggregate) -> list[tuple[Any, int]]:
        sight = self._sight(query.reader, query.as_of)
        nodes = self._listed(sight, query.kind, query.where)
        return self._counted(sight, nodes, query.by)[: query.first]

    def _root(self, sight: Sight, select: Select) -> Page:
        found = [
            _Candidate(self._key(select.order, node, None, hidden=False), node, None, hidden=False)
            for node in self.graph.nodes.values()
            if node.label == select.kind
            and sight.holds(node, ever=select.ever)
            and sight.sees(node, retracted=select.retracted) == FULL
            and (select.where is None or sight.is_true(select.where, node))
        ]
        return self._page(sight, select, found, ())

    def _related(self, sight: Sight, node: Node, related: Related) -> Page:
        select = related.select
        step = self.tables.model.step(node.label, related.step, select.kind)
        found: list[_Candidate] = []
        for edge, other in sight.step(node, step, ever=select.ever):
            seen = sight.sees(other)
            whole = seen == FULL and (select.where is None or sight.is_true(select.where, other))
            # A placeholder stands in no filter: of what is hidden, nothing can be true.
            hidden = seen == PLACEHOLDER and select.where is None
            if whole or hidden:
                key = self._key(select.order, other, edge, hidden=hidden)
                found.append(_Candidate(key, other, edge, hidden))
        return self._page(sight, select, found, related.edge)

    def _key(self, order: Order, node: Node, edge: Edge | None, *, hidden: bool) -> _Key:
        number = edge.id if edge else 0
        id_ = opaque_id(node.urn, self.graph.opaque_key) if hidden else node.urn
        if order.by == "urn":
            return id_, id_, number
        if order.by == "revision":
            return node.row["revision"], id_, number
        shape = self._kind(node).property(order.by).shape
        return order_key(shape, None if hidden else node.row[order.by]), id_, number

    def _page(self, sight: Sight, select: Select, found: list[_Candidate], facts: Sequence[str]) -> Page:
        order = select.order
        rows = sorted(found, key=lambda c: c.key, reverse=order.descending)
        if select.after is not None:
            cursor = Cursor.decode(select.after, order, self.graph.opaque_key)
            last = (cursor.key, cursor.urn, cursor.edge)
            rows = [c for c in rows if (c.key < last if order.descending else c.key > last)]
        rows = rows[select.skip :]
        page = rows[: select.first]
        return Page(
            rows=[self._row(sight, select, candidate, facts) for candidate in page],
            has_next=len(rows) > select.first,
            end=_place(page, rows[select.first :], order) if page and select.cursor else None,
            total=sum(not c.hidden for c in found) if select.total else None,
            order=order,
            key=self.graph.opaque_key,
        )

    def _row(self, sight: Sight, select: Select, candidate: _Candidate, facts: Sequence[str]) -> Row:
        node, edge = candidate.node, candidate.edge
        row: Row = {"@hidden": sight.opaque(node)} if candidate.hidden else {"urn": node.urn}
        if not candidate.hidden:
            row |= {name: self._value(sight.reader, node, name) for name in select.props}
        if facts and edge:
            row["@edge"] = {name: self._fact(edge, name) for name in facts}
        if not candidate.hidden:
            row |= {related.name: self._related(sight, node, related) for related in select.related}
        return row

    def _value(self, reader: Reader, node: Node, name: str) -> Any:
        if name in NODE_SYSTEM:
            return _plain(name, node.row[name])
        declared = self._kind(node).property(name)
        if declared.staff and not reader.staff_properties:
            return None
        return decode(declared.shape, node.row[name])

    def _fact(self, edge: Edge, name: str) -> Any:
        if name in EDGE_SYSTEM:
            return _plain(name, edge.row[name])
        declared = {p.name: p.shape for r in self.tables.model.relations[edge.type] for p in r.props}
        return decode(declared[name], edge.row[name])

    def _listed(self, sight: Sight, kind: str, where: Predicate | None) -> list[Node]:
        nodes = [n for n in self.graph.nodes.values() if n.label == kind and sight.listed(n)]
        return [n for n in nodes if where is None or sight.is_true(where, n)]

    def _title_key(self, node: Node) -> str:
        for declared in self._kind(node).properties:
            if declared.search == "title" and declared.order:
                return sort_key(node.row[declared.name])
        return node.urn

    def _counted(self, sight: Sight, nodes: list[Node], by: str) -> list[tuple[Any, int]]:
        counts: Counter[Any] = Counter()
        for node in nodes:
            values = self._values_of(sight, node, by.rstrip("?").split("."))
            counts.update([bool(values)] if by.endswith("?") else values)
        return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:MAX_GROUPS]

    def _values_of(self, sight: Sight, node: Node, path: list[str]) -> set[Any]:
        """The different values at the end of every way along a path from a node."""
        if not path:
            return {node.urn}
        if path == [URN_NAMESPACE]:
            return {node.urn[: node.urn.rindex(":") + 1]}
        name, *rest = path
        declared = next((p for p in self._kind(node).properties if p.name == name), None)
        if declared is None:
            step = self.tables.model.step(node.label, name)
            ends = [other for _, other in sight.step(node, step) if sight.sees(other) == FULL]
            return {value for other in ends for value in self._values_of(sight, other, rest)}
        stored = node.row[name]
        if stored is None:
            return set()
        return set(stored) if declared.shape is Shape.TEXTS else {stored}

    def _names(self, query: SearchQuery, facets: dict[str, list[tuple[Any, int]]]) -> dict[str, str]:
        """What the nodes are called whose URNs were counted."""
        names: dict[str, str] = {}
        for path in query.facets:
            if not path.endswith("?") and self._leads_to_nodes(query.kind, path.split(".")):
                for urn, _ in facets[path]:
                    titles = [p.name for p in self.graph.kind(urn).properties if p.search == "title"]
                    title = self._value(query.reader, self.graph.nodes[urn], titles[0]) if titles else None
                    if title is not None:
                        names[urn] = title
        return names

    def _leads_to_nodes(self, kind: str, path: list[str]) -> bool:
        """Whether at the end of a path there are nodes, and not values of a property."""
        for name in path:
            if any(p.name == name for p in self.tables.model.kind(kind).properties):
                return False
            kind = self.tables.model.step(kind, name).target.label
        return True

    def _kind(self, node: Node) -> Kind:
        return self.graph.kind(node.urn)


def _place(page: list[_Candidate], following: list[_Candidate], order: Order) -> _Key:
    """Where a page ends; by its edge only where what follows is of the same node."""
    key, urn, edge = page[-1].key
    if edge and (not following or following[0].key[1] != urn):
        return key, urn, 0 if order.descending else 2**63 - 1
    return key, urn, edge


def _plain(name: str, stored: Any) -> Any:
    return None if name in ("valid_from", "valid_to", "retracted_at") and stored in (ALWAYS, NEVER) else stored
