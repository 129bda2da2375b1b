"""The root field that walks along lineage: its answer is a graph, and what was chosen of the nodes is read at its end."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from operator import attrgetter
from typing import Any, ClassVar

from catalog.selection import Compare, Op, Row, Selection
from catalog.urn import kind_of
from graphql_schema.core.chosen import Chosen
from graphql_schema.core.context import Context
from graphql_schema.core.plan import Get, Mapped, Rows, shape_of
from graphql_schema.core.roots import Root, known_urn
from graphql_schema.core.words import enumeration
from lineage.neighbourhood import Steps, neighbourhood
from lineage.traverse import DEFAULT_FIRST, MAX_FIRST, Budget, LineageCut, LineageDirection, LineageGraph, Reached, Walk

__all__ = ["FindLineage", "NodeOfWalk", "Told", "WalkedNode", "read_nodes", "time_of_walk", "told_of", "walked"]
__all__ += ["walked_node"]

_SHARE = 0.5
"""Of the time that a request has left, what its walk may take; the rest is for reading what was chosen of the nodes."""

for _enum in (LineageDirection, LineageCut):
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
class _Answer:
    """What ``Told`` reads the parts of the field from."""

    graph: LineageGraph
    nodes: list[WalkedNode]


@dataclass(frozen=True, slots=True)
class FindLineage(Root):
    """The lineage of one node by its URN, or None: a round trip for each hop and way, and one for all fields chosen."""

    steps: Steps

    usual_first: ClassVar[int] = DEFAULT_FIRST
    max_first: ClassVar[int] = MAX_FIRST

    async def answer(self, chosen: Chosen, context: Context, as_of: date) -> Any:
        """See ``Root``."""
        args, kind = chosen.args, self.steps.kind
        root = known_urn(args["urn"], kind)
        walk = Walk(root, LineageDirection(args["direction"]), Budget(args["depth"], args["first"]))
        rows = Rows(kind, read=True)
        shape = shape_of(chosen, rows)
        graph, found = await walked(walk, self.steps, rows, context, as_of)
        return None if found is None else shape(_Answer(graph, [walked_node(node, found) for node in graph.nodes]))

    def size(self, first: int, /) -> int:
        """See ``Mapped``."""
        return first


@dataclass(frozen=True, slots=True)
class Told(Mapped):
    """What the walk knows by itself: an attribute of its answer or of a part of it, down a path of names."""

    path: str
    listed: bool = False
    """Whether it is a list of parts that have fields."""

    def plan(self, chosen: Chosen, rows: Rows, /) -> Get:
        """See ``Mapped``."""
        read = attrgetter(self.path)
        if not chosen.fields:
            return read
        shape = shape_of(chosen, rows)
        if self.listed:
            return lambda source: [shape(each) for each in read(source)]
        return lambda source: shape(read(source))


@dataclass(frozen=True, slots=True)
class NodeOfWalk(Mapped):
    """A node of a kind with the fields chosen of it; None where the reader may not see it."""

    kind: str

    def plan(self, chosen: Chosen, rows: Rows, /) -> Get:
        """See ``Mapped``."""
        shape = shape_of(chosen, rows)
        return lambda node: None if node.row is None else shape(node.row)


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
    # Where no more than URNs was chosen, they are known, and only the roots are to be looked for.
    chosen = bool(rows.props or rows.below)
    wanted = tuple(dict.fromkeys([*roots, *seen])) if chosen else tuple(dict.fromkeys(roots))
    select = replace(rows, where=Compare("urn", Op.IN, wanted), first=len(wanted)).select()
    page = await context.store.select(Selection(select, context.reader, as_of))
    read: Mapping[str, Row] = {row["urn"]: row for row in page.rows}
    if any(root not in read for root in roots):
        return None
    return read if chosen else {urn: {"urn": urn} for urn in seen}


def time_of_walk(context: Context) -> float | None:
    """The instant at which a walk that begins now is to end."""
    if context.deadline is None:
        return None
    now = asyncio.get_running_loop().time()
    return now + _SHARE * (context.deadline - now)


def walked_node(reached: Reached, found: Mapping[str, Row]) -> WalkedNode:
    """A node of a walk with what was read of it."""
    return WalkedNode(*told_of(reached.id), reached.depth, reached.direction, found.get(reached.id))


def told_of(id_: str) -> tuple[str, str | None, str | None]:
    """The id of a node, its URN where the reader sees it, and else the id by which it is known as hidden."""
    return (id_, id_, None) if kind_of(id_) else (id_, None, id_)
