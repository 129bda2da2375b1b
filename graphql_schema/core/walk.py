"""What the root fields that walk along lineage share: a walk with the time that it has, and what is read of its nodes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from operator import attrgetter
from typing import Any

from catalog.model import MODEL
from catalog.selection import MAX_PAGE, Compare, Op, Page, Row, Select
from catalog.urn import kind_of
from graphql_schema.core.chosen import Chosen
from graphql_schema.core.context import Context
from graphql_schema.core.plan import HIDDEN, Get, Mapped, Rows, shape_of
from graphql_schema.core.words import enumeration
from lineage.levels import LineageLevel, Steps
from lineage.neighbourhood import neighbourhood
from lineage.traverse import LineageCut, LineageDirection, LineageGraph, Reached, Walk

__all__ = ["NodeOfWalk", "NodesRead", "Told", "WalkedNode", "read_nodes", "time_of_walk", "told_of", "walked"]
__all__ += ["walked_node"]

_SHARE = 0.5
"""Of the time that a request has left, what its walk may take; the rest is for reading what was chosen of the nodes."""

for _enum in (LineageDirection, LineageCut, LineageLevel):
    enumeration(_enum)


@dataclass(frozen=True, slots=True)
class WalkedNode:
    """A node of the answer with what was read of it; nothing of one that is hidden, or was closed during the walk."""

    id: str
    urn: str | None
    hidden_id: str | None
    depth: int
    direction: LineageDirection
    row: Row | None


@dataclass(frozen=True, slots=True)
class Told(Mapped):
    """What the walk knows by itself: an attribute of its answer or of a part of it, down a path of names; empty: all of it."""

    path: str
    listed: bool = False
    """Whether it is a list of parts that have fields."""

    def plan(self, chosen: Chosen, rows: Rows, /) -> Get:
        """See ``Mapped``."""
        if not self.path:
            return shape_of(chosen, rows)
        read = attrgetter(self.path)
        if not chosen.fields:
            return read
        shape = shape_of(chosen, rows)
        if self.listed:
            return lambda source: [shape(each) for each in read(source)]
        return lambda source: shape(read(source))


@dataclass(frozen=True, slots=True)
class NodeOfWalk(Mapped):
    """A node of a kind with the fields chosen of it: that of the walk or, ``via`` steps from its kind, one that it belongs to.

    None where the reader may not see it, and for a node of a kind that leads to none.
    """

    kind: str
    via: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """Kind of the walk's node to the steps from there, each to one node."""

    def plan(self, chosen: Chosen, rows: Rows, /) -> Get:
        """See ``Mapped``."""
        steps = () if rows.kind == self.kind else self.via.get(rows.kind)
        if steps is None:
            return lambda _: None
        names: list[str] = []
        for step in steps:
            below = Rows(MODEL.step(rows.kind, step).target.label, read=True)
            names.append(rows.relate(step, below))
            rows = below
        shape = shape_of(chosen, rows)

        def get(node: Any) -> Any:
            row: Row | None = node.row
            for name in names:
                row = None if row is None else next((each for each in row[name].rows if HIDDEN not in each), None)
            return None if row is None else shape(row)

        return get


async def walked(
    walk: Walk, steps: Steps, rows: Rows, context: Context, as_of: date
) -> tuple[LineageGraph, Mapping[str, Row] | None]:
    """Walk to the end; answers the graph, and what was chosen of its nodes as ``read_nodes`` does."""
    graph = await neighbourhood(context.store, walk, steps, context.reader, as_of, until=time_of_walk(context))
    seen = [node.id for node in graph.nodes if not node.hidden]
    return graph, await read_nodes(rows, (graph.root,), seen, context, as_of)


async def read_nodes(
    rows: Rows, roots: Sequence[str], seen: Sequence[str], context: Context, as_of: date
) -> Mapping[str, Row] | None:
    """What was chosen of the nodes with these URNs, by URN; None where the reader does not see all roots. One round trip."""
    reading = NodesRead((rows,), roots, seen)
    return reading.found(await context.store.select_all(reading.selects, context.reader, as_of))


class NodesRead:
    """The reading of the nodes of a walk: what to select, and what is found."""

    def __init__(self, rows: Sequence[Rows], roots: Sequence[str], seen: Sequence[str]) -> None:
        self.selects: list[Select] = []
        """Those of each kind of which there is something to read, a page each."""
        self._roots = roots
        shown = frozenset(seen)
        self._known: dict[str, Row] = {}
        """Where no more than URNs was chosen, they are known, and only the roots are to be looked for."""
        for each in rows:
            slug = MODEL.kinds[each.kind].slug
            wanted = dict.fromkeys(urn for urn in (*roots, *seen) if kind_of(urn) == slug)
            if not (each.props or each.below):
                self._known |= {urn: {"urn": urn} for urn in wanted if urn in shown}
                wanted = dict.fromkeys(urn for urn in wanted if urn in roots)
            # A root that was shown before is one more than a page may hold.
            urns = tuple(wanted)
            for start in range(0, len(urns), MAX_PAGE):
                some = urns[start : start + MAX_PAGE]
                self.selects.append(replace(each, where=Compare("urn", Op.IN, some), first=len(some)).select())

    def found(self, pages: Iterable[Page]) -> Mapping[str, Row] | None:
        """The rows by URN, of the pages that the selects answered; None where the reader does not see all roots."""
        read = {row["urn"]: row for page in pages for row in page.rows}
        if any(root not in read for root in self._roots):
            return None
        return {**read, **self._known}


def time_of_walk(context: Context) -> float | None:
    """The instant at which a walk that begins now is to end."""
    end = context.deadline.when() if context.deadline else None
    if end is None:
        return None
    now = asyncio.get_running_loop().time()
    return now + _SHARE * (end - now)


def walked_node(reached: Reached, found: Mapping[str, Row]) -> WalkedNode:
    """A node of a walk with what was read of it."""
    return WalkedNode(*told_of(reached.id), reached.depth, reached.direction, found.get(reached.id))


def told_of(id_: str) -> tuple[str, str | None, str | None]:
    """The id of a node, its URN where the reader sees it, and else the id by which it is known as hidden."""
    return (id_, id_, None) if kind_of(id_) else (id_, None, id_)
