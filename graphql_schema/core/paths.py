"""The root field that looks for the ways between two nodes along lineage: paths, with what was chosen of their nodes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any, ClassVar

from catalog.selection import Row
from catalog.urn import kind_of
from graphql_schema.core.chosen import Chosen
from graphql_schema.core.context import Context
from graphql_schema.core.plan import shape_of
from graphql_schema.core.roots import Root, known_urn
from graphql_schema.core.same import NamedRows, SameRead, WalkedSame
from graphql_schema.core.walk import NodesRead, time_of_walk, told_of
from graphql_schema.core.words import enumeration
from lineage.levels import Steps
from lineage.neighbourhood import paths_between
from lineage.paths import (
    DEFAULT_PATHS,
    MAX_LENGTH,
    MAX_NODES,
    MAX_PATHS,
    LineagePathCut,
    PathBudget,
    PathCompleteness,
    PathSearch,
)

__all__ = ["FindPaths"]

enumeration(LineagePathCut)


@dataclass(frozen=True, slots=True)
class _Path:
    """One path, by the ids of its nodes."""

    length: int
    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Node:
    """A node of a path with what was read of it; nothing of one that is hidden, or was closed during the search."""

    id: str
    urn: str | None
    hidden_id: str | None
    row: Row | None


@dataclass(frozen=True, slots=True)
class _Answer:
    """What ``Told`` reads the parts of the field from."""

    paths: list[_Path]
    nodes: list[_Node]
    same: list[WalkedSame]
    completeness: PathCompleteness


@dataclass(frozen=True, slots=True)
class FindPaths(Root):
    """The paths from one node to another by their URNs, or None: a round trip for each hop and end, and one for all fields."""

    steps: Steps

    usual_first: ClassVar[int] = DEFAULT_PATHS
    max_first: ClassVar[int] = MAX_PATHS

    async def answer(self, chosen: Chosen, context: Context, as_of: date) -> Any:
        """See ``Root``."""
        args, kind = chosen.args, self.steps.kind
        start, end = (known_urn(args[name], kind) for name in ("from", "to"))
        search = PathSearch(start, end, PathBudget(args["first"]))
        rows = NamedRows(kind, read=True)
        shape = shape_of(chosen, rows)
        until = time_of_walk(context)
        found = await paths_between(context.store, search, self.steps, context.reader, as_of, until=until)
        seen = [id_ for id_ in found.nodes if kind_of(id_)]
        nodes = NodesRead((rows,), (start, end), seen)
        same = SameRead(kind, self.steps.same, found.same, rows)
        pages = iter(await context.store.select_all([*nodes.selects, *same.selects], context.reader, as_of))
        read = nodes.found(islice(pages, len(nodes.selects)))
        if read is None:
            return None
        paths = [_Path(*path) for path in zip(found.lengths, found.paths, strict=True)]
        named = [_node(id_, read) for id_ in found.nodes]
        return shape(_Answer(paths, named, same.found(pages), found.completeness))

    def size(self, first: int, /) -> int:
        """See ``Mapped``."""
        return min(first * (MAX_LENGTH + 1), MAX_NODES)


def _node(id_: str, read: Mapping[str, Row]) -> _Node:
    return _Node(*told_of(id_), read.get(id_))
