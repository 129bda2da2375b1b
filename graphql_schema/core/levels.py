"""The root fields that walk along lineage at one level or another: a graph, with what was chosen of its nodes and edges."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any, ClassVar, NamedTuple

from catalog.errors import InvalidSelection
from catalog.model import MODEL
from catalog.selection import MAX_PAGE, NO_EDGE, All, Any_, Compare, Cursor, Has, Op, Order, Predicate, Selection
from catalog.urn import kind_of
from graphql_schema.core.chosen import Chosen
from graphql_schema.core.context import Context
from graphql_schema.core.filters import FilterTest, predicate
from graphql_schema.core.links import LinkRows, LinksRead, WalkedLink, WalkRows, read_jobs
from graphql_schema.core.plan import HIDDEN, Get, Mapped, Rows, shape_of
from graphql_schema.core.roots import Root, known_urn
from graphql_schema.core.same import SameRead, WalkedSame
from graphql_schema.core.walk import NodesRead, WalkedNode, time_of_walk, walked_node
from lineage.levels import LEVELS, LineageLevel, Passing
from lineage.neighbourhood import neighbourhood
from lineage.traverse import (
    DEFAULT_FIRST,
    MAX_FIRST,
    Budget,
    LineageDirection,
    LineageGraph,
    Place,
    Walk,
)

__all__ = ["FILTERED", "EndOfWalk", "FindLineage", "NodesOf", "Tested"]

_DATASET = "Dataset"
_BEGINS: Mapping[LineageLevel, tuple[str, ...]] = {
    LineageLevel.COLUMN: ("columns",),
    LineageLevel.AGENCY: ("held_by",),
    LineageLevel.JOB: ("written_by", "read_by"),
}
"""The steps from a dataset to what stands for it at a level of other nodes."""


class Tested(NamedTuple):
    """What a part of ``filter`` tests: a kind, which is that of the nodes, a step from it, or between two of them."""

    kind: str
    step: str | None = None
    between: bool = False


FILTERED: Mapping[LineageLevel, Mapping[str, Tested]] = {
    LineageLevel.DATASET: {"dataset": Tested("Dataset")},
    LineageLevel.COLUMN: {
        "column": Tested("Column"),
        "dataset": Tested("Dataset", step="column_of"),
        "step": Tested("ColumnFlow", between=True),
    },
    LineageLevel.AGENCY: {"dataset": Tested("Dataset")},
    LineageLevel.JOB: {"job": Tested("Job"), "dataset": Tested("Dataset", between=True)},
}
"""What of ``filter`` a level takes."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """What ``Told`` and its like read the parts of the field from."""

    level: LineageLevel
    as_of: str
    graph: LineageGraph
    nodes: list[WalkedNode]
    links: list[WalkedLink]
    same: list[WalkedSame]


@dataclass(frozen=True, slots=True)
class FindLineage(Root):
    """The lineage of one node by its URN, or None.

    A round trip for each hop and way; one for all that was chosen of nodes and edges; one for jobs, where any is chosen; and
    at the beginning one for what stands for a dataset, where the level is of other nodes.
    """

    tests: Mapping[str, Mapping[str, FilterTest]]
    """The tests of each part of ``filter``."""
    level: LineageLevel | None = None
    """Where it is fixed: then the URN is given under the name of the kind."""

    usual_first: ClassVar[int] = DEFAULT_FIRST
    max_first: ClassVar[int] = MAX_FIRST

    async def answer(self, chosen: Chosen, context: Context, as_of: date) -> Any:
        """See ``Root``."""
        args = chosen.args
        level = LineageLevel(args["level"]) if self.level is None else self.level
        steps = LEVELS[level]
        root = self._root(args, level)
        budget = Budget(args["depth"], args["first"])
        after = None if args.get("after") is None else _place(args["after"], level)
        passing = self._passing(args.get("filter") or {}, level)
        rows = WalkRows(
            "", nodes={kind: Rows(kind, read=True) for kind in steps.kinds}, links=LinkRows(as_of, passing.where)
        )
        shape = shape_of(chosen, rows)
        begins = await _begins(root, level, context, as_of)
        if begins is None:
            return None
        direction = LineageDirection(args["direction"])
        walk = Walk(root, direction, budget, begins=dict.fromkeys(LineageDirection, begins), after=after)
        if steps.by is None:
            passing = _spared(passing, begins)
        until = time_of_walk(context)
        graph = await neighbourhood(context.store, walk, steps, context.reader, as_of, passing=passing, until=until)
        read = await _read(graph, begins, level, rows, context)
        return None if read is None else shape(_Answer(level, as_of.isoformat(), graph, *read))

    def size(self, first: int, /) -> int:
        """See ``Mapped``."""
        return first

    def _root(self, args: Mapping[str, Any], level: LineageLevel) -> str:
        """Where it begins: a node of the level, or a dataset. Raises InvalidUrn."""
        kind = LEVELS[level].root
        urn = args["urn" if self.level is None else kind.lower()]
        dataset = self.level is None and kind_of(urn) == MODEL.kinds[_DATASET].slug
        return known_urn(urn, _DATASET if dataset else kind)

    def _passing(self, filter: Mapping[str, Any], level: LineageLevel) -> Passing:
        """What nodes must pass, and what is between them. Raises InvalidSelection on a test of what the level does not have."""
        nodes: list[Predicate] = []
        between: list[Predicate] = []
        for name, value in filter.items():
            if value is None:
                continue
            tested = FILTERED[level].get(name)
            if tested is None:
                names = ", ".join(f"'{each}'" for each in FILTERED[level])
                raise InvalidSelection(f"at level {level} nothing is filtered by '{name}': it takes {names}")
            part = predicate(value, self.tests[name])
            (between if tested.between else nodes).append(part if tested.step is None else Has(tested.step, part))
        return Passing(*(All(tuple(parts)) if parts else None for parts in (nodes, between)))


def _spared(passing: Passing, begins: Sequence[str]) -> Passing:
    """The same, with what the walk begins at passing as well, as far as the reader sees it."""
    if passing.where is None:
        return passing
    shown = Compare("urn", Op.IN, tuple(urn for urn in begins if kind_of(urn)))
    return passing._replace(where=Any_((passing.where, shown)))


async def _begins(root: str, level: LineageLevel, context: Context, as_of: date) -> list[str] | None:
    """The nodes to begin at: the root or, of a dataset at a level of other nodes, what stands for it; one round trip more.

    None for a dataset that the reader does not see.
    """
    steps = _BEGINS.get(level, ())
    if not steps or kind_of(root) != MODEL.kinds[_DATASET].slug:
        return [root]
    rows = Rows(_DATASET, Compare("urn", Op.EQ, root), read=True)
    names = [
        rows.relate(step, Rows(MODEL.step(_DATASET, step).target.label, first=MAX_PAGE, read=True)) for step in steps
    ]
    page = await context.store.select(Selection(rows.select(), context.reader, as_of))
    if not page.rows:
        return None
    found = {each.get(HIDDEN) or each["urn"] for name in names for each in page.rows[0][name].rows}
    return [root] if level is LineageLevel.AGENCY and not found else sorted(found)


async def _read(
    graph: LineageGraph, begins: Collection[str], level: LineageLevel, rows: WalkRows, context: Context
) -> tuple[list[WalkedNode], list[WalkedLink], list[WalkedSame]] | None:
    """What was chosen of the nodes, edges and pairs of names; None where the reader does not see the root."""
    as_of = rows.links.day
    seen = [node.id for node in graph.nodes if not node.hidden]
    nodes = NodesRead(tuple(rows.nodes.values()), (graph.root,) if graph.root in begins else (), seen)
    links = LinksRead(level, graph.links, rows.links)
    same = SameRead(LEVELS[level].kind, LEVELS[level].same, graph.same, rows)
    selects = [*nodes.selects, *links.selects, *same.selects]
    pages = iter(await context.store.select_all(selects, context.reader, as_of))
    found = nodes.found(islice(pages, len(nodes.selects)))
    if found is None:
        return None
    said = await read_jobs(links.found(islice(pages, len(links.selects))), rows.links, context, as_of)
    nodes_read = [walked_node(node, found) for node in graph.nodes]
    return nodes_read, [WalkedLink(*link, said=said.get(link[:2])) for link in graph.links], same.found(pages)


@dataclass(frozen=True, slots=True)
class NodesOf(Mapped):
    """The nodes of a walk, each with what was chosen for its kind."""

    def plan(self, chosen: Chosen, rows: Rows, /) -> Get:
        """See ``Mapped``."""
        if not isinstance(rows, WalkRows):
            raise TypeError("nodes of several kinds stand below a walk only")
        shapes = {MODEL.kinds[label].slug: shape_of(chosen, each) for label, each in rows.nodes.items()}
        of_hidden = next(iter(shapes.values()))
        return lambda answer: [shapes.get(kind_of(node.id), of_hidden)(node) for node in answer.nodes]


@dataclass(frozen=True, slots=True)
class EndOfWalk(Mapped):
    """The cursor after which another walk goes on."""

    def plan(self, _chosen: Chosen, _rows: Rows, /) -> Get:
        """See ``Mapped``."""

        def get(answer: _Answer) -> str | None:
            end = answer.graph.completeness.end
            return None if end is None else Cursor(end.depth, end.id, NO_EDGE).encode(_order(answer.level))

        return get


def _order(level: LineageLevel) -> Order:
    """The order that a cursor belongs to."""
    return Order(f"lineage {level}")


def _place(text: str, level: LineageLevel) -> Place:
    """Where a walk goes on. Raises InvalidSelection on what is no cursor of ours, or of another level."""
    cursor = Cursor.decode(text, _order(level))
    if not isinstance(cursor.key, int) or cursor.key < 0:
        raise InvalidSelection("'after' is no cursor of ours: pass the end cursor of an earlier answer")
    return Place(cursor.key, cursor.urn)
