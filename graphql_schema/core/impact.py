"""The root field that counts what stands downstream of a node: by agency, depth, goal and metric, with any fields of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from operator import attrgetter
from typing import Any, ClassVar

from catalog.selection import MAX_PAGE, Compare, Op, Row, Select
from graphql_schema.core.chosen import Chosen
from graphql_schema.core.context import Context
from graphql_schema.core.plan import HIDDEN, Get, Mapped, Rows, shape_of
from graphql_schema.core.roots import Root, known_urn
from graphql_schema.core.walk import WalkedNode, walked, walked_node
from lineage.impact import Impact, ImpactGroup, Serving, impact_of
from lineage.levels import Steps
from lineage.traverse import DEFAULT_FIRST, MAX_FIRST, Budget, LineageDirection, LineageGraph, Walk

__all__ = ["FindImpact", "GroupsOf"]

_MOST_STATEMENTS = MAX_PAGE
"""Of one dataset what is read of what it serves, goals and metrics apart."""


@dataclass(slots=True)
class _ImpactRows(Rows):
    """The datasets, and what was chosen of what they have in common."""

    groups: list[tuple[str, Rows]] = field(default_factory=list[tuple[str, Rows]])
    """Which groups, by the name of their list, and what of the node that each stands for; a list may be chosen twice."""


@dataclass(frozen=True, slots=True)
class _Group:
    """A group with what was read of the node that it stands for; nothing of one that was closed meanwhile."""

    group: ImpactGroup
    row: Row | None


@dataclass(frozen=True, slots=True)
class _Answer:
    """What ``Told`` and ``GroupsOf`` read the parts of the field from."""

    graph: LineageGraph
    nodes: list[WalkedNode]
    impact: Impact
    groups: list[list[_Group]]


@dataclass(frozen=True, slots=True)
class FindImpact(Root):
    """What stands downstream of one node by its URN, or None.

    A round trip for each hop; one for the datasets, who holds them and what they serve; one for what is chosen of those.
    """

    steps: Steps

    usual_first: ClassVar[int] = DEFAULT_FIRST
    max_first: ClassVar[int] = MAX_FIRST

    async def answer(self, chosen: Chosen, context: Context, as_of: date) -> Any:
        """See ``Root``."""
        args, kind = chosen.args, self.steps.kind
        root = known_urn(args["urn"], kind)
        walk = Walk(root, LineageDirection.DOWNSTREAM, Budget(args["depth"], args["first"]))
        rows = _ImpactRows(kind, read=True)
        shape, serving = shape_of(chosen, rows), _serving(rows)
        graph, found = await walked(walk, self.steps, rows, context, as_of)
        if found is None:
            return None
        impact = impact_of(graph, {urn: serving(row) for urn, row in found.items()})
        groups = await _read_groups(rows.groups, impact, context, as_of)
        return shape(_Answer(graph, [walked_node(node, found) for node in graph.nodes], impact, groups))

    def size(self, first: int, /) -> int:
        """See ``Mapped``."""
        return first


@dataclass(frozen=True, slots=True)
class GroupsOf(Mapped):
    """The groups of one list of ``Impact``, each with what is chosen of the node that it stands for."""

    name: str
    kind: str

    def plan(self, chosen: Chosen, rows: Rows, /) -> Get:
        """See ``Mapped``."""
        if not isinstance(rows, _ImpactRows):
            raise TypeError("groups of what stands downstream stand below an impact only")
        below = Rows(self.kind, read=True)
        number = len(rows.groups)
        rows.groups.append((self.name, below))
        shape = shape_of(chosen, below)

        def get(answer: _Answer) -> list[Any]:
            return [shape(group) for group in answer.groups[number]]

        return get


def _serving(rows: Rows) -> Get:
    """Add who holds a dataset and what it serves to the rows of datasets; answers how to read it."""
    goals = Rows("Goal", first=_MOST_STATEMENTS, read=True)
    metrics = Rows("Metric", first=_MOST_STATEMENTS, read=True)
    measured = metrics.relate("measures", Rows("Goal", first=_MOST_STATEMENTS, read=True))
    held = rows.relate("held_by", Rows("Agency", read=True))
    served, showing = rows.relate("serves", goals), rows.relate("serves", metrics)

    def get(row: Row) -> Serving:
        metrics = _seen(row[showing].rows)
        goals = [*_seen(row[served].rows), *(goal for metric in metrics for goal in _seen(metric[measured].rows))]
        agency = next(iter(_seen(row[held].rows)), None)
        return Serving(
            agency["urn"] if agency else None,
            frozenset(goal["urn"] for goal in goals),
            frozenset(metric["urn"] for metric in metrics),
        )

    return get


def _seen(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if HIDDEN not in row]


async def _read_groups(
    chosen: Sequence[tuple[str, Rows]], impact: Impact, context: Context, as_of: date
) -> list[list[_Group]]:
    """The groups of each list that was chosen, with what was chosen of them: one round trip for all; none where none is."""
    lists: list[Sequence[ImpactGroup]] = [attrgetter(name)(impact) for name, _ in chosen]
    roots: list[Select] = []
    for groups, (_, rows) in zip(lists, chosen, strict=True):
        for start in range(0, len(groups), MAX_PAGE):
            urns = tuple(group.id for group in groups[start : start + MAX_PAGE])
            rows.where, rows.first = Compare("urn", Op.IN, urns), len(urns)
            roots.append(rows.select())
    pages = iter(await context.store.select_all(roots, context.reader, as_of))
    found: list[list[_Group]] = []
    for groups in lists:
        read: Mapping[str, Row] = {row["urn"]: row for _ in range(0, len(groups), MAX_PAGE) for row in next(pages).rows}
        found.append([_Group(group, read.get(group.id)) for group in groups])
    return found
