"""How datasets stand against the frequency that they are promised with: of one as a field, and a list of those that are late."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, ClassVar

from catalog.errors import InvalidSelection
from catalog.model.enums import RunState, UpdateFrequency
from catalog.selection import NO_EDGE, All, Compare, Cursor, Op, Order, Row
from graphql_schema.core.chosen import Chosen
from graphql_schema.core.context import Context
from graphql_schema.core.filters import FilterTest, predicate
from graphql_schema.core.plan import Get, Mapped, Rows, shape_of, sized
from graphql_schema.core.reading import EFFORT, Completeness, read_pages
from graphql_schema.core.roots import Root
from graphql_schema.core.runs import instant
from graphql_schema.core.walk import read_nodes
from graphql_schema.core.words import enumeration
from lineage.runs import ended_by
from lineage.staleness import MAX_STALE, Staleness, StalenessUnknown, UpdateBasis, checked, may_be_stale, staleness_of

__all__ = ["FindStale", "StalenessOf"]

_ORDER = Order("overdue", descending=True)
"""What cursors of stale datasets are made for."""

for _enum in (StalenessUnknown, UpdateBasis):
    enumeration(_enum)


@dataclass(frozen=True, slots=True)
class _Stale:
    """A dataset that is late."""

    urn: str
    staleness: Staleness
    row: Row | None = None
    """What was read of it; None where it was closed meanwhile."""

    @property
    def place(self) -> tuple[int, str]:
        """Where it stands: the most overdue first, then by URN."""
        return -(self.staleness.days_overdue or 0), self.urn


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the fields of a page are read from."""

    stale: list[_Stale]
    total: int
    has_next: bool
    end_cursor: str | None
    completeness: Completeness


@dataclass(frozen=True, slots=True)
class StalenessOf(Mapped):
    """How a dataset stands against its promise on the day asked about."""

    def plan(self, chosen: Chosen, rows: Rows, /) -> Get:
        """See ``Mapped``."""
        staleness = _staleness(rows, chosen.as_of, checked(chosen.args["tolerance"]))
        shape = shape_of(chosen, rows)
        return lambda row: shape(staleness(row))


@dataclass(frozen=True, slots=True)
class FindStale(Root):
    """A page of the datasets that are late, the most overdue first.

    A round trip for each MAX_PAGE that have not changed in time, since of those some were written by a run; and one for the
    fields chosen of the page.
    """

    tests: Mapping[str, FilterTest]

    effort: ClassVar[int] = EFFORT

    async def answer(self, chosen: Chosen, context: Context, as_of: date) -> Any:
        """See ``Root``."""
        args = chosen.args
        first, after, tolerance = sized(args), args.get("after"), checked(args["tolerance"])
        place = None if after is None else _place(after)
        late, given = may_be_stale(as_of, tolerance), args.get("filter")
        where = late if given is None else All((late, predicate(given, self.tests)))
        rows = Rows("Dataset", read=True)
        shape = shape_of(chosen, rows)
        asked = Rows("Dataset", where, Order("modified"))
        staleness = _staleness(asked, as_of, tolerance)
        read, completeness = await read_pages(
            asked, lambda row: _Stale(row["urn"], staleness(row)), MAX_STALE, context, as_of
        )
        stale = sorted((each for each in read if each.staleness.is_stale), key=lambda each: each.place)
        beyond = stale if place is None else [each for each in stale if each.place > place]
        page = beyond[:first]
        found = await _read(rows, page, context, as_of)
        end = _cursor(page[-1]) if page else None
        return shape(_Answer(found, len(stale), len(beyond) > first, end, completeness))

    def size(self, first: int, /) -> int:
        """See ``Mapped``."""
        return first


def _staleness(rows: Rows, day: date, tolerance: float) -> Callable[[Row], Staleness]:
    """Add to the rows of datasets what their staleness follows from; answers how to read it."""
    rows.props |= dict.fromkeys(("update_frequency", "modified"))
    completed = All((Compare("state", Op.EQ, RunState.COMPLETED), ended_by(day)))
    runs = Rows("Run", completed, Order("ended_at", descending=True), read=True)
    runs.props["ended_at"] = None
    name = rows.relate("written_in", runs)

    def get(row: Row) -> Staleness:
        stated, modified = row["update_frequency"], row["modified"]
        ended = instant(row[name].rows[0]["ended_at"]) if row[name].rows else None
        return staleness_of(
            UpdateFrequency(stated) if stated else None,
            date.fromisoformat(modified) if modified else None,
            ended.date() if ended else None,
            day,
            tolerance,
        )

    return get


async def _read(rows: Rows, page: Sequence[_Stale], context: Context, as_of: date) -> list[_Stale]:
    """The same with what was chosen of them: one round trip, none where nothing is."""
    if not page or not (rows.props or rows.below):
        return [replace(each, row={"urn": each.urn}) for each in page]
    found = await read_nodes(rows, (), [each.urn for each in page], context, as_of) or {}
    return [replace(each, row=found.get(each.urn)) for each in page]


def _cursor(stale: _Stale) -> str:
    return Cursor(-stale.place[0], stale.urn, NO_EDGE).encode(_ORDER)


def _place(after: str) -> tuple[int, str]:
    """Where the page before ended. Raises InvalidSelection on a cursor that is none of ours."""
    cursor = Cursor.decode(after, _ORDER)
    if not isinstance(cursor.key, int):
        raise InvalidSelection("'after' is no cursor of ours: pass the end cursor of an earlier page")
    return -cursor.key, cursor.urn
