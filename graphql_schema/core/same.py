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
_AT_ONCE = MAX_PAGE // 2
"""Pairs that one select reads of: their ends are a page at most."""
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
        self._read: list[tuple[frozenset[Same], str]] = []
        """The pairs of each select, and the name of the heads in its rows."""
        # Of a pair with a hidden end nobody says anything.
        seen = [each for each in self._told if kind_of(each.one) and kind_of(each.other)]
        for start in range(0, len(seen), _AT_ONCE):
            some = seen[start : start + _AT_ONCE]
            among = Compare("urn", Op.IN, tuple(dict.fromkeys(id_ for each in some for id_ in each)))
            tails = Rows(kind, among, first=MAX_PAGE, read=True)
            heads = Rows(kind, among, first=MAX_PAGE, read=True, facts={**_FACTS, "status": None})
            self._read.append((frozenset(some), tails.relate(step or "", heads)))
            self.selects.append(tails.select())

    def found(self, pages: Iterable[Page]) -> list[WalkedSame]:
        """The pairs with what is said of them, ordered by source, of the pages that the selects answered."""
        said: dict[Same, list[Statement]] = {pair: [] for pair in self._told}
        for page, (pairs, heads) in zip(pages, self._read, strict=True):
            for row in page.rows:
                for head in row[heads].rows:
                    if HIDDEN not in head and _states(head["@edge"]):
                        pair = Same(*sorted((row["urn"], head["urn"])))
                        if pair in pairs:
                            said[pair].append(Statement(*(head["@edge"][name] for name in _FACTS)))
        ordered = {pair: sorted(all_, key=_order) for pair, all_ in said.items()}
        return [WalkedSame(*pair, ordered.get(pair)) for pair in self._same]


def _states(edge: Row) -> bool:
    return edge["status"] in (None, "STATED")


def _order(said: Statement) -> tuple[Any, ...]:
    return tuple(each or "" for each in said)
