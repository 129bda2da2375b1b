"""Whether a graph is whole: what the declared model and the write plan promise, checked on what is really kept.

A store keeps these promises itself; this finds what a fault, another program or a hand at the database did to it.
``verify`` is pure and goes over the complete feed of changes, so it sees what is closed and retracted as well, and the
same things in both stores. What edges amount to together is in ``catalog/verify_edges.py``.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any, cast

from catalog.access import STAFF_READER, Audience
from catalog.errors import InvalidRecord, InvalidUrn
from catalog.findings import Finding, Severity, in_order
from catalog.model.declare import EdgeProperty, Property, Relation, Shape
from catalog.selection import Select, Selection
from catalog.stores.layout import EDGE_SYSTEM, NODE_SYSTEM, KindLayout, Tables
from catalog.stores.port import MAX_CHANGES, Change, Store
from catalog.urn import kind_of, parse
from catalog.values import NEVER, content_digest, encode_shape
from catalog.verify_edges import StandingEdge, compare

__all__ = ["count_kinds", "read_feed", "verify"]

_RELOAD = "load its source again, or retract it"
_MAY_BE_MISSING = frozenset(("closed_reason", "claims"))


async def read_feed(store: Store, on_progress: Callable[[int], None] = lambda _: None) -> list[Change]:
    """The complete feed of a store. ``on_progress`` is told the number of changes read so far."""
    found: list[Change] = []
    cursor, more = "", True
    while more:
        page = await store.changes(cursor, MAX_CHANGES)
        found += page.changes
        on_progress(len(found))
        cursor, more = page.cursor, page.has_next
    return found


async def count_kinds(store: Store, tables: Tables, today: date) -> dict[str, int]:
    """How many nodes of each kind a list shows to staff: of kinds that the feed tells of and that stand on their own."""
    found: dict[str, int] = {}
    for label, layout in tables.by_label.items():
        if not layout.kind.journal and not layout.kind.needs:
            select = Select(label, first=0, total=True, ever=True)
            found[label] = (await store.select(Selection(select, STAFF_READER, today))).total or 0
    return found


def verify(
    changes: Iterable[Change], tables: Tables, *, revision: int, counts: Mapping[str, int] | None = None
) -> list[Finding]:
    """What is wrong with the graph that this feed tells of, the gravest first; ``revision`` is the graph's own.

    ``counts`` of nodes by kind, as lists show them, find what the feed leaves out: a store may answer nothing beyond the
    revision that its counter names.
    """
    check = _Check(tables, revision)
    for change in changes:
        check.take(change)
    return in_order(check.finish(counts or {}))


@dataclass(frozen=True, slots=True)
class _Node:
    layout: KindLayout
    retracted: bool
    revision: int


class _Check:
    """One pass over the feed; what needs the whole of it is looked at in the end."""

    def __init__(self, tables: Tables, revision: int) -> None:
        self.tables = tables
        self.revision = revision
        self.found: list[Finding] = []
        self.nodes: dict[str, _Node] = {}
        self.standing: list[StandingEdge] = []
        self.edge_ids: set[int] = set()
        self.ends: list[tuple[int, str, str, str, bool]] = []
        """Of every edge: id, type, tail, head, and whether it stands."""
        self.snapshots: dict[str, list[tuple[int, str, str]]] = defaultdict(list)
        """URN to (revision, recorded, replaced) of earlier words."""

    def take(self, change: Change) -> None:
        row = change.row
        if change.revision > self.revision:
            what = f"the {change.what} was touched by revision {change.revision}, and the graph is at {self.revision}"
            self._error("REVISION_AHEAD", row, f"{what}: its counter went back; restore the database from a copy")
        if change.what == "edge":
            self._edge(change.type, row)
        elif change.type not in self.tables.by_label:
            message = f"'{change.type}' is no kind of the model: use the version that wrote it"
            self._error("KIND_UNDECLARED", row, message)
        elif change.what == "node":
            self._node(row, self.tables.by_label[change.type])
        else:
            self.snapshots[row["urn"]].append((row["revision"], row["recorded_at"], row["retracted_at"]))
            self._check_recorded(row, f"earlier words of the {change.type}")

    def finish(self, counts: Mapping[str, int]) -> list[Finding]:
        self._check_counts(counts)
        self._check_ends()
        self._check_needs()
        self._check_snapshots()
        self.found += compare(self.standing)
        return self.found

    # One thing at a time

    def _node(self, row: dict[str, Any], layout: KindLayout) -> None:
        urn = str(row["urn"])
        label = layout.kind.label
        if urn in self.nodes:
            other = self.nodes[urn].layout.kind.label
            message = f"two nodes have this URN ({other}, {label}): remove the one that nothing leads to"
            self._error("URN_DUPLICATE", row, message)
        self._check_urn(row, layout)
        self.nodes[urn] = _Node(layout, row["retracted_at"] != NEVER, row["revision"])
        if self._check_system(row, NODE_SYSTEM, f"the {label}"):
            self._check_recorded(row, f"the {label}")
            if row["valid_from"] > row["valid_to"]:
                self._error("SPAN_REVERSED", row, f"the {label} {_spans(row)}: {_RELOAD}")
            if row["audience"] not in Audience.__members__:
                self._error("ENUM_OUTSIDE", row, f"'audience' is {row['audience']!r:.60}, which is none: {_RELOAD}")
        for declared in layout.props:
            if declared.required and row.get(declared.name) is None:
                message = f"{label}.{declared.name} is missing, and every {label} has it: {_RELOAD}"
                self._error("REQUIRED_MISSING", row, message)
        self._check_values(row, layout.props, label)
        if row["digest"] != content_digest({p.name: row.get(p.name) for p in layout.props}):
            message = f"the {label} was altered past the store, or the model has changed since: {_RELOAD}"
            self._error("DIGEST_MISMATCH", row, message)

    def _check_urn(self, row: dict[str, Any], layout: KindLayout) -> None:
        urn = str(row["urn"])
        try:
            parse(urn)
        except InvalidUrn as error:
            self._error("URN_MALFORMED", row, f"{error}; retract the node and state it anew")
            return
        if kind_of(urn) != layout.kind.slug:
            message = f"the URN is of a '{kind_of(urn)}', and the node is a {layout.kind.label}"
            self._error("URN_KIND_MISMATCH", row, f"{message}: retract it and state it anew")

    def _edge(self, type_: str, row: dict[str, Any]) -> None:
        id_, tail, head = row["id"], row["tail"], row["head"]
        words = _words(id_, type_, tail, head)
        if id_ in self.edge_ids:
            message = f"{words} has the id of another edge, and replicas would mix the two: load into an empty graph"
            self._error("EDGE_ID_DUPLICATE", row, message)
        self.edge_ids.add(id_)
        if tail is None or head is None:
            self._error("EDGE_DANGLING", row, f"{words} ends at a node without a URN: {_RELOAD}")
            return
        self.ends.append((id_, type_, tail, head, row["retracted_at"] == NEVER))
        relation = self._relation(type_, tail, head)
        if relation is None:
            kinds = f"from {self._label(tail) or 'no kind'} to {self._label(head) or 'no kind'}"
            message = f"{words} leads {kinds}, which the model does not declare: retract it"
            self._error("EDGE_KINDS_UNDECLARED", row, message)
        if not self._check_system(row, EDGE_SYSTEM, words):
            return
        self._check_recorded(row, words)
        if row["valid_from"] >= row["valid_to"]:
            self._error("SPAN_REVERSED", row, f"{words} {_spans(row)}: {_RELOAD}")
        if relation is not None:
            self._check_values(row, relation.props, type_)
            if row["retracted_at"] == NEVER:
                span = row["valid_from"], row["valid_to"]
                self.standing.append(StandingEdge(id_, relation, tail, head, *span, row["source"]))

    def _check_system(self, row: dict[str, Any], system: Iterable[str], words: str) -> bool:
        """Whether a row has what every stored thing has, in the type that it is kept in."""
        lost = [name for name in system if row.get(name) is None and name not in _MAY_BE_MISSING]
        if lost:
            message = f"{words} has no '{lost[0]}', which the store gives to each: {_RELOAD}"
            self._error("SYSTEM_MISSING", row, message)
        return not lost

    def _check_recorded(self, row: dict[str, Any], words: str) -> None:
        if row["recorded_at"] > row["retracted_at"]:
            message = f"{words}: recorded at {row['recorded_at']}, retracted before that, at {row['retracted_at']}"
            self._error("RECORD_REVERSED", row, f"{message}: a clock was wrong; {_RELOAD}")

    def _check_values(self, row: Mapping[str, Any], properties: Iterable[Property | EdgeProperty], whose: str) -> None:
        for declared in properties:
            value = row.get(declared.name)
            if value is None:
                continue
            if not _fits(declared, value):
                message = f"{whose}.{declared.name} is {value!r:.60}: expected {declared.shape.value}; {_RELOAD}"
                self._error("VALUE_SHAPE", row, message)
            elif declared.enum is not None:
                values = cast("list[str]", value if isinstance(value, list) else [value])
                for strange in [v for v in values if v not in declared.enum.__members__]:
                    message = f"{whose}.{declared.name} is {strange!r:.60}, which is no {declared.enum.__name__}"
                    self._error("ENUM_OUTSIDE", row, f"{message}: {_RELOAD}")

    # What only the whole shows

    def _check_counts(self, counts: Mapping[str, int]) -> None:
        standing = Counter(node.layout.kind.label for node in self.nodes.values() if not node.retracted)
        for label, listed in counts.items():
            if listed != standing[label]:
                message = f"lists show {listed} of {label}, and the feed of changes tells of {standing[label]}"
                self._add("FEED_DIFFERS", "", f"{message}: some were written past the store; restore it from a copy")

    def _check_ends(self) -> None:
        journal = {kind.slug for kind in self.tables.model.kinds.values() if kind.journal}
        for id_, type_, tail, head, stands in self.ends:
            for end in (tail, head):
                node = self.nodes.get(end)
                if node is None and kind_of(end) not in journal:  # the feed leaves the journal out
                    message = f"{_words(id_, type_, tail, head)} ends at {end}, which is not there: load its source"
                    self._add("EDGE_DANGLING", end, message)
                elif node is not None and node.retracted and stands:
                    message = f"{_words(id_, type_, tail, head)} stands, and {end} was retracted"
                    self._add("EDGE_AT_RETRACTED", end, f"{message}: retract the edge, or state the node again")

    def _check_needs(self) -> None:
        there = {(edge.tail, edge.relation.name) for edge in self.standing}
        for urn, node in self.nodes.items():
            for need in () if node.retracted else node.layout.kind.needs:
                if (urn, need) not in there:
                    message = f"it has no '{need}', and without nobody sees it: state that, or retract the node"
                    self._add("NEEDED_LINK_MISSING", urn, message)

    def _check_snapshots(self) -> None:
        for urn, spans in self.snapshots.items():
            node = self.nodes.get(urn)
            if node is None:
                self._add("SNAPSHOT_ORPHAN", urn, "earlier words are kept of a node that is not there: load its source")
                continue
            spans.sort()
            for (_, recorded, replaced), (_, next_recorded, _) in pairwise(spans):
                if next_recorded < replaced:
                    message = f"earlier words of {recorded} and of {next_recorded} stood at one time: a clock went back"
                    self._add("SNAPSHOT_OVERLAP", urn, f"{message}, or someone wrote past the store; {_RELOAD}")
            # Whatever changes a node, save its retraction, keeps the words before under the same revision.
            if not node.retracted and spans[-1][0] != node.revision:
                message = f"it changed at revision {node.revision}, and its last words before are of {spans[-1][0]}"
                self._add("SNAPSHOT_MISSING", urn, f"{message}: what stood between is lost; restore it from a copy")

    def _relation(self, type_: str, tail: str, head: str) -> Relation | None:
        declared = self.tables.model.relations.get(type_, ())
        from_, to = self._label(tail), self._label(head)
        return next((r for r in declared if r.tail == from_ and to in r.heads), None)

    def _label(self, urn: str) -> str | None:
        layout = self.tables.by_slug.get(kind_of(urn))
        return layout.kind.label if layout else None

    def _error(self, code: str, row: Mapping[str, Any], message: str) -> None:
        self._add(code, str(row.get("urn") or row.get("tail") or ""), message)

    def _add(self, code: str, urn: str, message: str) -> None:
        self.found.append(Finding(code, Severity.ERROR, urn, message))


def _words(id_: int, type_: str, tail: str | None, head: str | None) -> str:
    return f"the edge {tail} -{type_}-> {head} (id {id_})"


def _spans(row: Mapping[str, Any]) -> str:
    return f"holds from {row['valid_from'] or 'ever'} to {row['valid_to']}, which ends before it starts"


def _fits(declared: Property | EdgeProperty, value: Any) -> bool:
    """Whether a stored value is the stored form of some value of its shape."""
    try:
        read: Any = value
        if declared.shape is Shape.DATE:
            read = date.fromisoformat(value)
        elif declared.shape is Shape.DATETIME:
            read = datetime.fromisoformat(value)
        return encode_shape(declared.name, declared.shape, read) == value
    except (InvalidRecord, TypeError, ValueError):
        return False
