"""What an audit finds, as fields tell it: answers, pages of them, and of what they are."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from catalog.access import Reader
from catalog.model.words import Described
from catalog.selection import NO_EDGE, Cursor, Order
from graphql_schema.core.declare import Derived, part, typed, view
from graphql_schema.core.plan import PageInfoOf, sized
from graphql_schema.core.types import PAGE_INFO, TOTAL_COUNT, PageInfo
from graphql_schema.core.walk import Told
from graphql_schema.core.words import enumeration

__all__ = ["Answer", "AuditCompleteness", "AuditCut", "Completeness", "Listed", "audit_page", "audit_view"]
__all__ += ["complete", "page_asked", "page_of", "passes"]

_T = TypeVar("_T")


@enumeration
class AuditCut(Described):
    """Why what an audit finds may not be so."""

    BOUND = "BOUND", "There is more than is worked out for one answer."
    LOAD = "LOAD", "A load has not ended: it goes on, or was stopped, and a part of what it reads may be missing."
    READER = (
        "READER",
        "The audit is of what you may see. Agreements, data and flows that are not shown to you count as if they were not.",
    )


@dataclass(frozen=True, slots=True)
class Completeness:
    """What an audit is of, and what an answer of it leaves out."""

    revision: int | None = None
    """None for a reader who does not see all: it counts what is hidden from them."""
    reasons: tuple[AuditCut, ...] = ()
    omitted: int = 0

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left out."""
        return not self.reasons


@dataclass(slots=True, kw_only=True)
class Answer:
    """What a question finds: its own for each that asks. How complete it is, is put in once it is found."""

    omitted: int = 0
    """What was found and is over a bound, so that it is not told."""
    completeness: Completeness = Completeness()

    def rest_on(self, completeness: Completeness) -> None:
        """Take what all of it rests on."""
        self.completeness = completeness


@view("Of what an audit is, and what it leaves out.")
class AuditCompleteness:
    """See the description."""

    is_complete: bool = part(Told("is_complete"), "Whether it rests on all that the catalog holds.")
    reasons: list[AuditCut] = part(Told("reasons"), "Why not; empty where it does. In the order of the alphabet.")
    omitted_count: int = part(
        Told("omitted"), "How many things were found that are on no page, since they are over a bound."
    )
    revision: int | None = part(
        Told("revision"), "The number of the revision of the graph that was audited; for staff: null without a token."
    )


_COMPLETENESS = Derived("completeness", AuditCompleteness, Told("completeness"), "What the answer leaves out.")

audit_view = partial(typed, None, None, more=lambda _: (_COMPLETENESS,))
"""Make a GraphQL type of a class that tells an answer of an audit: ``@audit_view("<its description>")``. It has ``completeness``."""

audit_page = partial(
    typed,
    None,
    None,
    more=lambda _: (
        Derived("page_info", PageInfo, PageInfoOf(), PAGE_INFO),
        Derived("total_count", int, Told("total"), TOTAL_COUNT),
        _COMPLETENESS,
    ),
)
"""The same of a page: it has ``page_info`` and ``total_count`` as well, unless the class declares them."""


@dataclass(slots=True)
class Listed(Answer, Generic[_T]):
    """A page of what was found."""

    edges: list[_T]
    total: int
    has_next: bool
    end_cursor: str | None

    def rest_on(self, completeness: Completeness) -> None:
        """See ``Answer``."""
        self.completeness = completeness
        for each in self.edges:
            if isinstance(each, Answer):
                each.rest_on(completeness)


def passes(wanted: Sequence[str] | None, *found: str) -> bool:
    """Whether one of what was found is among what is wanted; None: everything is."""
    return wanted is None or any(each in wanted for each in found)


def page_asked(order: str, args: Mapping[str, Any]) -> tuple[int, str | None]:
    """How many are asked for, and after which place of this order. Raises InvalidSelection as ``page_of`` does.

    For who finds at great cost: so that what is refused is refused before.
    """
    first, after = sized(args), args.get("after")
    return first, None if after is None else Cursor.decode(after, Order(order)).urn


def page_of(found: Sequence[_T], place: Callable[[_T], str], order: str, args: Mapping[str, Any]) -> Listed[_T]:
    """The page that ``first`` and ``after`` cut out of what is ordered by its place; ``order`` names that order.

    Raises InvalidSelection on a cursor that is none of ours, and on a page too large.
    """
    first, last = page_asked(order, args)
    total = len(found)
    if last is not None:
        found = found[bisect_right(found, last, key=place) :]
    edges = list(found[:first])
    end = Cursor(0, place(edges[-1]), NO_EDGE).encode(Order(order)) if edges else None
    return Listed(edges, total, len(found) > first, end)


def complete(answer: Answer, revision: int, reader: Reader, *, is_whole: bool) -> None:
    """Say of an answer how complete it is; ``is_whole`` says whether every load had ended of which it is."""
    cuts = {AuditCut.BOUND: bool(answer.omitted), AuditCut.LOAD: not is_whole, AuditCut.READER: not reader.sees_all}
    reasons = tuple(cut for cut, holds in cuts.items() if holds)
    answer.rest_on(Completeness(revision if reader.sees_all else None, reasons, answer.omitted))
