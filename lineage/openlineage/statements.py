"""Statements that follow from records, gathered for one batch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from catalog.batch import EdgeStatement, NodeStatement, RetractEdge
from catalog.model.declare import Relation
from catalog.urn import Urn
from lineage.openlineage.flows import day_after

__all__ = ["Follows"]


@dataclass(slots=True)
class Follows:
    """What is to be stated, and what the source takes back."""

    nodes: dict[Urn, NodeStatement] = field(default_factory=dict[Urn, NodeStatement])
    edges: list[EdgeStatement] = field(default_factory=list[EdgeStatement])
    withdraws: list[Urn] = field(default_factory=list[Urn])
    unlinks: list[RetractEdge] = field(default_factory=list[RetractEdge])

    @property
    def size(self) -> int:
        """The number of statements."""
        return len(self.nodes) + len(self.edges) + len(self.withdraws) + len(self.unlinks)

    def node(self, statement: NodeStatement) -> None:
        """State a node."""
        self.nodes[statement.entity.urn] = statement

    def edge(
        self,
        relation: Relation,
        tail: Urn,
        head: Urn,
        first: str,
        last: str = "",
        *,
        props: Mapping[str, Any] | None = None,
        is_all: bool = False,
    ) -> None:
        """State an edge from a first day to a last one that counts; "" where it goes on. The rest as ``EdgeStatement``."""
        end = day_after(last) if last else None
        self.edges.append(EdgeStatement(relation, tail, head, date.fromisoformat(first), end, props or {}, is_all))
