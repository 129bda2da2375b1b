"""What is said of the names of what is one, of a walk along lineage: who states it since when, why, and by which rule."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from catalog.selection import MAX_PAGE, Compare, Op, Page, Row, Select
from catalog.urn import kind_of
from graphql_schema.core.chosen import Chosen
from graphql_schema.core.plan import HIDDEN, Get, Mapped, Rows, shape_of
from lineage.traverse import MAX_FIRST, Same

__all__ = ["MAX_SAME", "NamedRows", "SameRead", "SameStatements", "Statement", "WalkedSame"]

MAX_SAME = MAX_FIRST
"""Pairs of one answer of which it is told who says so."""
_FACTS: dict[str, None] = dict.fromkeys(("source", "valid_from", "valid_to", "recorded_at", "evidence", "rule"))


@dataclass(slots=True)
class NamedRows(Rows):
    """What was chosen of an answer in which some nodes are one."""

    same: bool = False
    """Whether it was asked who says so."""


class Statement(NamedTuple):
    """What one source says of two that are one."""

    source: str | None
    since: str | None
    until: str | None
    recorded_at: str | None
    evidence: str | None
    rule: str | None


@dataclass(frozen=True, slots=True)
class WalkedSame:
    """Two nodes of the answer that are one."""

    one: str
    other: str
    said: list[Statement] | None
    """None where it was not asked, or is past MAX_SAME."""


@dataclass(frozen=True, slots=True)
class SameStatements(Mapped):
    """What sources say of two that are one."""

    brings: ClassVar[int] = 1

    def plan(self, chosen: Chosen, rows: Rows, /) -> Get:
        """See ``Mapped``."""
        if not isinstance(rows, NamedRows):
            raise TypeError("what is one stands below an answer about lineage only")
        rows.same = True
        shape = shape_of(chosen, rows)
        return lambda same: None if same.said is None else [shape(each) for each in same.said]


class SameRead:
    """The reading of who states that nodes are one: what to select, and what is found."""

    def __init__(self, kind: str, step: str | None, same: Sequence[Same], rows: NamedRows) -> None:
        self.selects: list[Select] = []
        self._same = same
        self._told = same[:MAX_SAME] if rows.same and step else ()
        self._name = ""
        # Of a pair with a hidden end nobody says anything.
        seen = [each for each in self._told if kind_of(each.one) and kind_of(each.other)]
        if seen and step:
            ends = tuple(dict.fromkeys(id_ for each in seen for id_ in each))
            for start in range(0, len(ends), MAX_PAGE):
                some = ends[start : start + MAX_PAGE]
                tails = Rows(kind, Compare("urn", Op.IN, some), first=len(some), read=True)
                facts = {**_FACTS, "status": None}
                heads = Rows(kind, Compare("urn", Op.IN, ends), first=MAX_PAGE, read=True, facts=facts)
                self._name = tails.relate(step, heads)
                self.selects.append(tails.select())

    def found(self, pages: Iterable[Page]) -> list[WalkedSame]:
        """The pairs with what is said of them, ordered by source, of the pages that the selects answered."""
        said: dict[Same, list[Statement]] = {pair: [] for pair in self._told}
        for page in pages:
            for row in page.rows:
                for head in row[self._name].rows:
                    if HIDDEN not in head and _states(head["@edge"]):
                        one, other = sorted((row["urn"], head["urn"]))
                        if (pair := Same(one, other)) in said:
                            said[pair].append(Statement(*(head["@edge"][name] for name in _FACTS)))
        ordered = {pair: sorted(all_, key=_order) for pair, all_ in said.items()}
        return [WalkedSame(*pair, ordered.get(pair)) for pair in self._same]


def _states(edge: Row) -> bool:
    return edge["status"] in (None, "STATED")


def _order(said: Statement) -> tuple[Any, ...]:
    return tuple(each or "" for each in said)
