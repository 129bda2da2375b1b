"""What the audit says of who has access to data of single persons, and of how two datasets could be linked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from catalog.errors import InvalidSelection
from graphql_schema.core.found import Listed, page_of, passes
from graphql_schema.core.roots import known_urns
from lineage.audit.access import Access, Accesses
from lineage.audit.day import DayAudit
from lineage.audit.linking import LastRequest, Linking, Route

__all__ = ["MAX_TRAINING_DAYS", "TRAINING_DAYS", "LinkageFound", "linkage_paths", "output_access"]

TRAINING_DAYS = 365
"""For how many days training is current, unless told: no rule of the domain says so, a yearly course is common."""
MAX_TRAINING_DAYS = 3650


def output_access(day: DayAudit, args: Mapping[str, Any]) -> Listed[Access]:
    """A page of who has access to what is not aggregated, by dataset and person: of those that pass every test.

    Raises InvalidSelection on days that are out of bounds.
    """
    known_urns(args, {"person": "Person", "agency": "Agency", "agreement": "Agreement", "dataset": "Dataset"})
    days = args["trainingDays"]
    if not 1 <= days <= MAX_TRAINING_DAYS:
        raise InvalidSelection(f"trainingDays: {days} is out of bounds: ask for 1 to {MAX_TRAINING_DAYS} days")
    accesses = Accesses(day.audit, day.recorded.received, days)
    found = [each for each in accesses.all() if _is_wanted(day, each, args)]
    return page_of(found, lambda each: each.place, "access", args)


def _is_wanted(day: DayAudit, access: Access, args: Mapping[str, Any]) -> bool:
    dataset = args.get("dataset")
    return (
        passes(args.get("gaps"), *access.gaps)
        and args.get("person") in (None, access.user.person)
        and args.get("agency") in (None, access.user.agency)
        and args.get("agreement") in (None, access.agreement)
        and (dataset is None or day.audit.asof.dataset(dataset) == access.dataset)
    )


@dataclass(slots=True)
class LinkageFound(Listed[Route]):
    """A page of ways to link, whether any is open, what was linked before, and how long the last such request took."""

    is_possible: bool
    precedents: tuple[str, ...]
    last_request: LastRequest


def linkage_paths(day: DayAudit, args: Mapping[str, Any]) -> LinkageFound:
    """A page of the ways by which two datasets could be linked, open ones first."""
    known_urns(args, {"dataset": "Dataset", "linkedWith": "Dataset", "recipient": "Agency", "purpose": "Purpose"})
    both = args["dataset"], args["linkedWith"]
    linking = Linking(day.audit, both, args.get("recipient"), args.get("purpose"))
    routes = linking.routes()
    page = page_of(routes, lambda each: each.order, "route", args)
    is_possible = any(each.is_open for each in routes)
    pages = page.edges, page.total, page.has_next, page.end_cursor
    return LinkageFound(*pages, is_possible, linking.precedents(), linking.last_request())
