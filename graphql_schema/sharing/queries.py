"""Root fields of the sharing domain."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import strawberry

from catalog.selection import All, Compare, Has, Op, Order, Predicate
from graphql_schema.core.declare import Where, find, list_all, roots
from graphql_schema.core.types import Connection
from graphql_schema.sharing.types import Agreement, Law, Purpose

__all__ = ["SharingQuery"]


def _between(args: Mapping[str, Any], _as_of: date) -> Predicate:
    """Both agencies are parties."""
    agencies = (Compare("urn", Op.EQ, args["a"]), Compare("urn", Op.EQ, args["b"]))
    return All(tuple(Has("parties", Has("stands_for", agency)) for agency in agencies))


@roots
class SharingQuery:
    """See the fields."""

    agreement: Agreement | None = find("Agreement", "One agreement, by its URN; null where there is none.")
    agreements: Connection[Agreement] = list_all("Agreement", "Agreements.", order=Order("title"))
    agreements_between: Connection[Agreement] = list_all(
        "Agreement",
        "The agreements to which both agencies are parties, others too it may be.",
        order=Order("effective_from", descending=True),
        where=Where(
            (
                ("a", strawberry.ID, "URN of one agency."),
                ("b", strawberry.ID, "URN of the other; the order of the two does not matter."),
            ),
            _between,
        ),
    )
    purposes: Connection[Purpose] = list_all("Purpose", "Purposes that data is shared for.", order=Order("label"))
    laws: Connection[Law] = list_all("Law", "Laws that data is collected and shared under.", order=Order("citation"))
