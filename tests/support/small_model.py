"""A small model for tests of stores: one of everything that a declaration can say.

Its labels begin with ``T``, so that they never meet those of the real model.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from catalog.access import Audience, Reader
from catalog.model.declare import EdgeProperty, Entity, Relation, Shape, declared, entity, prop, rel
from catalog.model.schema import Model
from catalog.stores.layout import Tables
from catalog.urn import Urn, key, parse

__all__ = ["LABELS", "SMALL", "SMALL_MODEL", "VEILED_READER", "TAgency", "TColour", "TColumn", "TDataset", "TFlow"]
__all__ += ["TGoal", "TOfficer", "TRun", "TStatus", "small_urn"]

VEILED_READER = Reader("veiled", (Audience.PUBLIC,), (Audience.STAFF,))
"""One who sees nodes for staff as placeholders, where their kind keeps them. No reader of the product yet."""


class TStatus(StrEnum):
    """How sure a statement is that two are one: the real model's words, which stores go by."""

    STATED = "STATED"
    PROPOSED = "PROPOSED"
    DENIED = "DENIED"


class TColour(StrEnum):
    """An enum, in an order that is not that of its texts."""

    RED = "RED"
    GREEN = "GREEN"
    BLUE = "BLUE"


@entity(group="test")
class TAgency(Entity):
    """The plainest kind. Its steps: to itself, and from everything else."""

    name: str = prop("Name.", required=True, order=True, search="title")
    level: int | None = prop("Rank.", order=True, facet=True)
    part_of: ClassVar[Relation] = rel("T_PART_OF", "TAgency", "The agency above.", inverse="parts", one=True)


@entity(group="test")
class TGoal(Entity):
    """Searchable, with a title that no list can be ordered by."""

    statement: str | None = prop("What is wanted.", search="title")
    area: str | None = prop("Where.", facet=True)


@entity(group="test", placeholder=True)
class TDataset(Entity):
    """Every shape, searched, faceted and ordered; keeps its place in lineage for those who may not see it."""

    alias: str | None = prop("Another title, that no list is ordered by.", search="title")
    title: str | None = prop("Title.", order=True, search="title", index=True)
    summary: str | None = prop("Text.", search="text")
    keywords: tuple[str, ...] = prop("A list.", default=(), search="text", facet=True)
    colour: TColour | None = prop("An enum.", order=True, facet=True)
    size: int | None = prop("A whole number.", order=True, facet=True)
    score: float | None = prop("A real number.", order=True)
    issued: date | None = prop("A day.", order=True, facet=True)
    checked: datetime | None = prop("An instant.", order=True)
    open: bool | None = prop("Yes or no.", order=True, facet=True)
    contact: str | None = prop("For staff.", order=True, facet=True, staff=True)
    notes: tuple[str, ...] = prop("A list for staff.", default=(), staff=True)
    held_by: ClassVar[Relation] = rel(
        "T_HELD_BY",
        "TAgency",
        "Who holds it: an assertion a source.",
        inverse="holds",
        per_source=True,
        props=(
            EdgeProperty("role", "An enum.", TColour),
            EdgeProperty("rank", "A whole number.", shape=Shape.INTEGER),
            EdgeProperty("share", "A real number.", shape=Shape.REAL),
            EdgeProperty("agreed", "A day.", shape=Shape.DATE),
            EdgeProperty("seen_at", "An instant.", shape=Shape.DATETIME),
            EdgeProperty("firm", "Yes or no.", shape=Shape.BOOLEAN),
            EdgeProperty("tags", "A list.", shape=Shape.TEXTS),
        ),
    )
    serves: ClassVar[Relation] = rel("T_SERVES", ("TGoal", "TAgency"), "Heads of two kinds.", inverse="served_by")
    upstream: ClassVar[Relation] = rel(
        "T_DERIVED_FROM", "TDataset", "What it is made of.", inverse="downstream", props=(EdgeProperty("via", "How."),)
    )
    same_as: ClassVar[Relation] = rel(
        "T_SAME_AS",
        "TDataset",
        "What it is one with.",
        inverse="equated_by",
        per_source=True,
        props=(EdgeProperty("status", "How sure.", TStatus),),
    )


@entity(group="test")
class TColumn(Entity):
    """A part of something; shares the type of ``serves`` with its dataset."""

    name: str = prop("Name.", required=True, order=True)
    position: int | None = prop("Place.", order=True)
    dataset: ClassVar[Relation] = rel("T_COLUMN_OF", "TDataset", "Its dataset.", inverse="columns", one=True)
    serves: ClassVar[Relation] = rel("T_SERVES", ("TGoal",), "A type that two kinds declare.", inverse="served_by")


@entity(group="test")
class TOfficer(Entity):
    """Someone who holds an office."""

    name: str | None = prop("Name.", order=True, search="title")
    phone: str | None = prop("For staff.", staff=True)
    at: ClassVar[Relation] = rel("T_AT", "TAgency", "Where.", inverse="officers", one_tail=True)


@entity(group="test", audience=Audience.STAFF, placeholder=True, needs=("origin", "target"))
class TFlow(Entity):
    """Seen only with both its ends; for staff unless stated otherwise."""

    title: str | None = prop("Title.", order=True, search="title")
    origin: ClassVar[Relation] = rel("T_FROM", "TDataset", "From where.", inverse="outflows")
    target: ClassVar[Relation] = rel("T_INTO", ("TDataset", "TAgency"), "To where.", inverse="inflows")
    follows: ClassVar[Relation] = rel("T_FOLLOWS", "TFlow", "What came before.", inverse="followed_by")


@entity(group="test", journal=True)
class TRun(Entity):
    """The journal: writing one moves no revision."""

    name: str | None = prop("Name.", order=True)
    ran_for: ClassVar[Relation] = rel("T_RAN_FOR", "TAgency", "For whom.", inverse="runs")


LABELS = ("TAgency", "TGoal", "TDataset", "TColumn", "TOfficer", "TFlow", "TRun")
SMALL_MODEL = Model({label: declared()[label] for label in LABELS})
SMALL = Tables(SMALL_MODEL)


def small_urn(kind: type[Entity] | str, name: str | int) -> Urn:
    """The URN that tests give the node of this name."""
    label = kind if isinstance(kind, str) else kind.__name__
    urn = key(declared()[label].slug, "test", str(name))
    parse(urn)
    return urn
