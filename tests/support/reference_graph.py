"""A graph in plain Python lists: what the oracle (``reference.py``) reads, and how a batch is carried out on it.

Written for obviousness. Nothing is indexed, nothing is derived before it is asked for; edges and snapshots stay for ever.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from catalog.batch import Batch, WriteResult
from catalog.model.declare import Kind
from catalog.stores.layout import EDGE_SYSTEM, NODE_SYSTEM, Tables
from catalog.stores.plan import Changes, plan
from catalog.stores.port import Change
from catalog.stores.state import NODE_STATE, EdgeState, NodeState, State, contested, needed
from catalog.urn import kind_of
from catalog.values import NEVER

__all__ = ["OPAQUE_KEY", "Edge", "Graph", "Node", "Snapshot"]

OPAQUE_KEY = b"sixteen-bytes-00"
"""The key that every store of a test is opened with, so that opaque ids can be compared."""

_WHAT = {"node": 0, "snapshot": 1, "edge": 2}


@dataclass
class Node:
    """A node as it is now: its stored properties, without those that are derived."""

    label: str
    row: dict[str, Any]

    @property
    def urn(self) -> str:
        return self.row["urn"]


@dataclass
class Snapshot:
    """What a node said before: its row, as ``content``, from ``recorded_at`` to ``retracted_at``."""

    label: str
    row: dict[str, Any]


@dataclass
class Edge:
    """An edge, standing or retracted."""

    type: str
    tail: str
    head: str
    row: dict[str, Any]

    @property
    def id(self) -> int:
        return self.row["id"]

    @property
    def stands(self) -> bool:
        return self.row["retracted_at"] == NEVER


class Graph:
    """Nodes by URN, edges and snapshots in the order they came."""

    def __init__(self, tables: Tables, opaque_key: bytes = OPAQUE_KEY) -> None:
        self.tables = tables
        self.opaque_key = opaque_key
        self.nodes: dict[str, Node] = {}
        self.edges: list[Edge] = []
        self.snapshots: list[Snapshot] = []
        self.revision = 0
        self.next_edge = 1

    def kind(self, urn: str) -> Kind:
        """The kind that a URN names."""
        return self.tables.model.by_slug[kind_of(urn)]

    def write(self, batch: Batch) -> WriteResult:
        """Carry out what the plan says. Raises before anything is changed."""
        needed(batch, self.tables)
        state = self._state()
        for urns in contested(batch, state.nodes, self.tables).values():
            state.contents = {**state.contents, **{urn: self._words(urn) for urn in urns}}
        changes = plan(batch, state, self.tables)
        if not changes.empty:
            self._carry_out(changes)
        return changes.result

    def _state(self) -> State:
        nodes = {urn: NodeState(**{name: node.row[name] for name in NODE_STATE}) for urn, node in self.nodes.items()}
        edges = [
            EdgeState(
                edge.id,
                edge.type,
                edge.tail,
                edge.head,
                edge.row["valid_from"],
                edge.row["valid_to"],
                edge.row["source"],
                {name: value for name, value in edge.row.items() if name not in EDGE_SYSTEM},
                edge.row["claims"],
            )
            for edge in sorted(self.edges, key=lambda e: e.id)
            if edge.stands
        ]
        return State(self.revision, self.next_edge, self.opaque_key, nodes, edges)

    def _words(self, urn: str) -> dict[str, Any]:
        declared = [p.name for p in self.kind(urn).properties]
        return {name: self.nodes[urn].row[name] for name in ("closed_reason", *declared)}

    def _carry_out(self, changes: Changes) -> None:
        for label, urns in changes.snapshots.items():
            for urn in urns:
                words = dict(self.nodes[urn].row)
                # What was retracted stood no longer than until then.
                until = words.pop("retracted_at")
                moments = {"recorded_at": words["recorded_at"], "retracted_at": changes.at if until == NEVER else until}
                del words["revision"]
                self.snapshots.append(
                    Snapshot(label, {"urn": urn, **moments, "revision": changes.revision, "content": words})
                )
        for label, rows in (*changes.created.items(), *changes.replaced.items()):
            derived = {column.name for column in self.tables.by_label[label].derived()}
            for row in rows:
                plain = {name: value for name, value in row.items() if name not in derived}
                self.nodes[row["urn"]] = Node(label, plain)
        for rows in changes.touched.values():
            for row in rows:
                self.nodes[row["urn"]].row.update(row)
        self._carry_out_edges(changes)
        self.revision = changes.revision
        self.next_edge = changes.next_edge

    def _carry_out_edges(self, changes: Changes) -> None:
        for type_, rows in changes.retracted_edges.items():
            for row in rows:
                (edge,) = [e for e in self.edges if e.type == type_ and e.id == row["id"]]
                edge.row.update(retracted_at=changes.at, revision=changes.revision)
        for type_, rows in changes.touched_edges.items():
            for row in rows:
                (edge,) = [e for e in self.edges if e.type == type_ and e.id == row["id"]]
                edge.row.update(claims=row["claims"], revision=changes.revision)
        for type_, rows in changes.new_edges.items():
            for row in rows:
                plain = {name: value for name, value in row.items() if name not in ("tail", "head")}
                self.edges.append(Edge(type_, row["tail"], row["head"], plain))

    def changes(self) -> list[Change]:
        """Every change, in order, without the journal."""
        found = [Change(n.row["revision"], "node", n.label, dict(n.row)) for n in self.nodes.values()]
        found += [Change(s.row["revision"], "snapshot", s.label, dict(s.row)) for s in self.snapshots]
        found += [
            Change(e.row["revision"], "edge", e.type, {**e.row, "tail": e.tail, "head": e.head}) for e in self.edges
        ]
        return sorted((change for change in found if not self._in_journal(change)), key=_change_key)

    def _in_journal(self, change: Change) -> bool:
        return self.kind(change.row["tail" if change.what == "edge" else "urn"]).journal

    def replay(self, changes: list[Change]) -> None:
        """Take over changes as they are."""
        for change in changes:
            row = dict(change.row)
            if change.what == "node":
                self.nodes[row["urn"]] = Node(change.type, row)
            elif change.what == "snapshot":
                self.snapshots.append(Snapshot(change.type, row))
            else:
                tail, head = row.pop("tail"), row.pop("head")
                self.edges = [e for e in self.edges if e.id != row["id"]]
                self.edges.append(Edge(change.type, tail, head, row))
                self.next_edge = max(self.next_edge, row["id"] + 1)
            self.revision = max(self.revision, change.revision)


def _change_key(change: Change) -> tuple[int, int, str, int]:
    # The key of a snapshot is its URN, "|" and the revision.
    key = change.row.get("urn", "") + ("|" if change.what == "snapshot" else "")
    return change.revision, _WHAT[change.what], key, change.row.get("id", 0)


assert {"urn", "digest", "retracted_at"} <= set(NODE_SYSTEM), "the oracle names what the layout no longer has"
