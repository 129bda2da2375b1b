"""Types of the data domain."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import strawberry

from catalog.model.enums import EquityDimension, PersonalKind, UpdateFrequency
from catalog.selection import Order
from graphql_schema.core.declare import leaf, listed, many, node, one
from graphql_schema.core.scalars import Int64
from graphql_schema.core.types import Connection

if TYPE_CHECKING:
    from graphql_schema.lineage.types import Job, LineageConnection
    from graphql_schema.people.types import Agency
    from graphql_schema.plan.types import ServedGoal

__all__ = ["Column", "Dataset", "Distribution"]

_PEOPLE = strawberry.lazy("graphql_schema.people.types")
_PLAN = strawberry.lazy("graphql_schema.plan.types")
_LINEAGE = strawberry.lazy("graphql_schema.lineage.types")

_HOP = "One hop; an entry for each source that says so."


@node("Column")
class Column:
    """See the model."""

    urn: strawberry.ID
    name: str
    label: str | None
    definition: str | None
    data_type: str | None
    unit: str | None
    nullable: bool | None
    position: int | None
    personal_kind: PersonalKind | None
    dimensions: list[EquityDimension]
    category: str | None
    years_available: str | None
    dataset: Dataset | None = one("column_of", "The dataset that it belongs to.")


@node("Distribution")
class Distribution:
    """See the model."""

    urn: strawberry.ID
    title: str | None
    description: str | None
    format: str | None
    media_type: str | None
    access_url: str | None
    download_url: str | None
    machine_processable: bool | None
    size_bytes: Int64 | None
    checksum: str | None
    license: str | None
    position: int | None
    dataset: Dataset | None = one("distribution_of", "The dataset that it belongs to.")


@node("Dataset")
class Dataset:
    """See the model."""

    urn: strawberry.ID
    identifier: str | None
    title: str
    description: str | None
    keywords: list[str]
    themes: list[str]
    category: str | None
    license: str | None
    rights: str | None
    access_level: str | None
    issued: date | None
    modified: date | None
    modified_text: str | None
    update_frequency: UpdateFrequency | None
    update_frequency_text: str | None
    high_priority: bool | None
    temporal_coverage: str | None
    temporal_start: date | None
    temporal_end: date | None
    spatial: str | None
    language: list[str]
    landing_page: str | None
    contact_name: str | None
    contact_email: str | None
    publisher_name: str | None
    described_by: str | None
    conforms_to: str | None
    contains_pii: bool | None
    contains_phi: bool | None
    source: strawberry.ID | None = leaf("source", "URN of the source whose words these are.")
    agency: Annotated[Agency, _PEOPLE] | None = one("held_by")
    controller: Annotated[Agency, _PEOPLE] | None = one("controlled_by")
    distributions: Connection[Distribution] = many("distributions", order=Order("position"))
    columns: Connection[Column] = many("columns", order=Order("position"))
    goals: list[Annotated[ServedGoal, _PLAN]] = listed(
        "serves",
        "The goals of the data plan that it serves, one entry for each source that says so.",
        target="Goal",
        order=Order("number"),
    )
    upstream: Annotated[LineageConnection, _LINEAGE] = many(
        "upstream", f"The datasets whose data flows into it. {_HOP}", order=Order("title")
    )
    downstream: Annotated[LineageConnection, _LINEAGE] = many(
        "downstream", f"The datasets that its data flows into. {_HOP}", order=Order("title")
    )
    written_by: Connection[Annotated[Job, _LINEAGE]] = many(
        "written_by", "The jobs that write it.", order=Order("name")
    )
    read_by: Connection[Annotated[Job, _LINEAGE]] = many("read_by", "The jobs that read it.", order=Order("name"))
