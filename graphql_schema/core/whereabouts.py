"""What the audit says of where data is: who holds what came of it, and whose data it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql_schema.core.found import Answer, Listed, page_of
from lineage.audit.day import DayAudit
from lineage.audit.whereabouts import Held, OriginHere
from lineage.audit.words import VerdictKind

__all__ = ["HoldersFound", "OriginsFound", "holders_of_agency", "holders_of_dataset", "origins_of"]


@dataclass(frozen=True, slots=True)
class HolderCount:
    """An agency, and how many of the datasets it holds; None: not known who."""

    agency: str | None
    datasets: int


@dataclass(slots=True)
class HoldersFound(Listed[Held]):
    """A page of what others hold, and who they are."""

    agencies: list[HolderCount]


@dataclass(slots=True)
class OriginsFound(Answer):
    """Whose data is in a dataset."""

    origins: list[OriginHere]
    holder: str | None

    @property
    def verdict(self) -> VerdictKind | None:
        """The worst of them; None where none is known."""
        kinds = {each.kind for each in self.origins}
        worst = VerdictKind.UNCOVERED, VerdictKind.UNKNOWN, VerdictKind.COVERED, VerdictKind.NOT_NEEDED
        return next((each for each in worst if each in kinds), None)


def holders_of_dataset(day: DayAudit, dataset: str, args: Mapping[str, Any]) -> HoldersFound:
    """Who else holds a dataset or what came of it."""
    return _page(day.whereabouts.of_dataset(day.audit.asof.dataset(dataset)), args)


def holders_of_agency(day: DayAudit, agency: str, args: Mapping[str, Any]) -> HoldersFound:
    """Who else holds data of an agency or what came of it."""
    return _page(day.whereabouts.of_agency(agency), args)


def origins_of(day: DayAudit, dataset: str, _args: Mapping[str, Any]) -> OriginsFound:
    """Whose data is in a dataset, and whether each permits where it is."""
    here = day.audit.asof.dataset(dataset)
    return OriginsFound(day.whereabouts.origins(here), day.audit.asof.holder(here))


def _page(found: Sequence[Held], args: Mapping[str, Any]) -> HoldersFound:
    page = page_of(found, _place, "holder", args)
    agencies = [HolderCount(*each) for each in Counter(each.holder for each in found).items()]
    return HoldersFound(page.edges, page.total, page.has_next, page.end_cursor, agencies)


def _place(held: Held) -> str:
    return f"{held.holder or '~'} {held.dataset}"
