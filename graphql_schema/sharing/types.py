"""Types of the sharing domain."""

from __future__ import annotations

from datetime import date

import strawberry

from catalog.model.enums import AgreementKind, AgreementStage
from catalog.selection import Order
from graphql_schema.core.declare import leaf, many, node, one
from graphql_schema.core.types import Connection

__all__ = ["Agreement"]


@node("Agreement", description="A paper under which data is shared. Whether it is in force is derived, never typed.")
class Agreement:
    """See the description."""

    urn: strawberry.ID
    reference: str | None
    title: str
    description: str | None
    kind: AgreementKind | None = leaf("kind_of_agreement")
    stated_stage: AgreementStage | None = leaf("stated_stage", "Stage as its register states it.")
    executed_on: date | None
    effective_from: date | None = leaf("effective_from", "First day in force; null where that is not known.")
    effective_to: date | None = leaf("effective_to", "Last day in force, which counts; null: until ended.")
    document: str | None
    parent: Agreement | None = one("under")
    agreements_under: Connection[Agreement] = many(
        "agreements_under", "The agreements that stand under it.", order=Order("title")
    )
