"""Where protected data reaches open datasets, and what to stop so that it does not (domain 10, question 2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from graphql_schema.core.found import Listed, page_of
from graphql_schema.core.roots import known_urn
from lineage.audit.cut import Cut, smallest_cut
from lineage.audit.day import DayAudit
from lineage.audit.leaks import Leak
from lineage.audit.report import LeakRow, leak_row
from lineage.audit.words import Grade

__all__ = ["LeakFound", "LeaksFound", "PlaceFound", "leaks"]


@dataclass(frozen=True, slots=True)
class PlaceFound:
    """A dataset on the path of a leak."""

    dataset: str
    """Or a system of which the catalog has no dataset (domain 9.2 A13)."""
    agency: str | None
    flow: str | None
    """By which it goes on; None at the end."""


@dataclass(frozen=True, slots=True)
class LeakFound:
    """A leak as it is told."""

    row: LeakRow

    @property
    def path(self) -> list[PlaceFound]:
        """Its datasets, from the protected to the open one."""
        row = self.row
        flows = [*row.flows, None]
        return [PlaceFound(*place) for place in zip(row.datasets, row.agencies, flows, strict=True)]


@dataclass
class LeaksFound(Listed[LeakFound]):
    """A page of leaks, and the smallest cut of all that were asked for, which is worked out when it is first read."""

    find_cut: Callable[[], Cut | None]

    @cached_property
    def cut(self) -> Cut | None:
        """None: too many flows are on the way."""
        return self.find_cut()


def leaks(day: DayAudit, args: Mapping[str, Any]) -> LeaksFound:
    """A page of leaks by protected, then open dataset: of those that pass every test that is given."""
    for name, kind in (("protected", "Dataset"), ("open", "Dataset"), ("agency", "Agency")):
        if args.get(name) is not None:
            known_urn(args[name], kind)
    protected, open_, agency = args.get("protected"), args.get("open"), args.get("agency")
    wanted = args.get("grades")
    grades = tuple(Grade) if wanted is None else tuple(map(Grade, wanted))
    all_of_them = protected is None and open_ is None
    leaking = day.leaking if all_of_them else day.leak_search.found(protected, open_)
    found = [each for each in leaking.leaks if each.grade in grades and (agency is None or agency in each.agencies)]
    page = page_of(found, _place, "leak", args)
    return LeaksFound(
        [LeakFound(leak_row(each)) for each in page.edges],
        page.total,
        page.has_next,
        page.end_cursor,
        find_cut=lambda: smallest_cut(day.leak_search, grades, protected, open_),
        omitted=leaking.unfinished,
    )


def _place(leak: Leak) -> str:
    return f"{leak.protected} {leak.open}"
