"""What agreements are used for: pairs of agencies, agreements without use, cover by amendments (domain 10, 8, 9 and 13)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from catalog.errors import InvalidSelection
from graphql_schema.core.found import Listed, page_of
from graphql_schema.core.roots import known_urn
from lineage.audit.day import DayAudit
from lineage.audit.usage import Pair, alike, under_enterprise
from lineage.audit.words import Reason

__all__ = ["AmendedFound", "GroupFound", "PairFound", "UnusedFound", "agreement_pairs", "flows_under_amendment"]
__all__ += ["unused_agreements"]


@dataclass(frozen=True, slots=True)
class GroupFound:
    """Agreements of one pair that list the same parties."""

    agreements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PairFound:
    """Two agencies, what connects them, and how much flows between them."""

    a: str
    b: str
    agreements: tuple[str, ...]
    alike: list[GroupFound]
    flows: int
    under_enterprise: bool


@dataclass(frozen=True, slots=True)
class UnusedFound:
    """An agreement that covers no flow."""

    agreement: str
    standing: Reason | None
    """Why it is not in force; None: it is."""


@dataclass(frozen=True, slots=True)
class AmendedFound:
    """A flow that only amendments cover."""

    flow: str
    agreements: tuple[str, ...]


def agreement_pairs(day: DayAudit, args: Mapping[str, Any]) -> Listed[PairFound]:
    """A page of pairs of agencies, in order: of those that pass every test that is given."""
    more_than = args.get("moreThan")
    if more_than is not None and more_than < 0:
        raise InvalidSelection(f"'moreThan' is {more_than}: a pair has no fewer than 0 agreements")
    agency = args.get("agency")
    if agency is not None:
        known_urn(agency, "Agency")
    found = [
        pair
        for pair in day.pairs
        if agency in (None, *pair.agencies)
        and _passes(day, pair, more_than, without_enterprise=args["withoutEnterprise"])
    ]
    page = page_of(found, lambda pair: " ".join(pair.agencies), "agencies", args)
    return Listed([_pair(day, pair) for pair in page.edges], page.total, page.has_next, page.end_cursor)


def _passes(day: DayAudit, pair: Pair, more_than: int | None, *, without_enterprise: bool) -> bool:
    if more_than is not None and len(pair.agreements) <= more_than:
        return False
    return not without_enterprise or (pair.agencies in day.exchanges and not under_enterprise(day.audit, pair))


def _pair(day: DayAudit, pair: Pair) -> PairFound:
    groups = [GroupFound(each) for each in alike(day.audit, pair)]
    flows = day.exchanges.get(pair.agencies, 0)
    return PairFound(*pair.agencies, pair.agreements, groups, flows, under_enterprise(day.audit, pair))


def unused_agreements(day: DayAudit, args: Mapping[str, Any]) -> Listed[UnusedFound]:
    """A page of the agreements that no flow uses, by URN; those in force unless told (9.2 F6)."""
    papers = day.audit.papers.all
    found = [UnusedFound(each, papers[each].standing) for each in day.unused]
    if args["inForce"]:
        found = [each for each in found if each.standing is None]
    return page_of(found, lambda each: each.agreement, "agreement", args)


def flows_under_amendment(day: DayAudit, args: Mapping[str, Any]) -> Listed[AmendedFound]:
    """A page of the flows that are covered and would not be without amendments, by URN."""
    found = [AmendedFound(flow, by) for flow, by in day.by_amendment.items()]
    return page_of(found, lambda each: each.flow, "flow", args)
