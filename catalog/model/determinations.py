"""Data: what is decided about datasets, and where they are inventoried (domain 3.3 and 7)."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from catalog.access import Audience
from catalog.model.declare import Entity, Relation, entity, prop, rel
from catalog.model.enums import Classification, HighValueCriterion, InventoryKind, OpenCriterion, ProtectedReason

__all__ = ["ClassificationDetermination", "HighValueDetermination", "Inventory", "InventoryEntry"]


@entity(group="data", audience=Audience.STAFF)
class ClassificationDetermination(Entity):
    """A decision on who may see a dataset or a column, in force for a time (domain 3.3 and 7, L252-260)."""

    classes: tuple[Classification, ...] = prop("The classes that hold, all at once.", required=True, facet=True)
    reasons: tuple[ProtectedReason, ...] = prop("Why it is protected.", default=())
    open_criteria: tuple[OpenCriterion, ...] = prop("Open criteria that were found met.", default=())
    determiner: str | None = prop("Who decided, as stated; a name or an office.")
    determined_on: date | None = prop("Day of the decision.", order=True)
    review_due: date | None = prop("Day by which to look at it again.", order=True)
    note: str | None = prop("Grounds; plain text.")

    classifies: ClassVar[Relation] = rel(
        "CLASSIFIES", ("Dataset", "Column"), "What it is about.", inverse="classifications", one=True
    )
    determined_by: ClassVar[Relation] = rel(
        "DETERMINED_BY", "Person", "Who decided.", inverse="classifications_made", one=True
    )
    rests_on: ClassVar[Relation] = rel("RESTS_ON", "Law", "The laws it rests on.", inverse="classifications")


@entity(group="data", audience=Audience.STAFF)
class HighValueDetermination(Entity):
    """A decision that a dataset is high value, by the head of its agency, in force for a time (domain 3.3, L250)."""

    criteria: tuple[HighValueCriterion, ...] = prop("The criteria it meets; none is a finding.", default=(), facet=True)
    determiner: str | None = prop("Who decided, as stated; a name or an office.")
    determined_on: date | None = prop("Day of the decision.", order=True)
    note: str | None = prop("Grounds; plain text.")

    finds_high_value: ClassVar[Relation] = rel(
        "FINDS_HIGH_VALUE", "Dataset", "What it is about.", inverse="high_value_determinations", one=True
    )
    determined_by: ClassVar[Relation] = rel(
        "DETERMINED_BY", "Person", "Who decided.", inverse="high_value_determinations_made", one=True
    )


@entity(group="data")
class Inventory(Entity):
    """The list of an agency's high value data that it files for a year (domain 3.3, L62, L74)."""

    title: str | None = prop("Title.", search="title")
    year: int = prop("Calendar year it is for.", required=True, order=True, unit="year")
    kind_of_inventory: InventoryKind | None = prop("Which data it lists.", facet=True)
    status: str | None = prop("Where it stands, as stated.", facet=True)
    submitted_on: date | None = prop("Day it was filed.", order=True)

    filed_by: ClassVar[Relation] = rel(
        "FILED_BY", "Appointment", "The data officer who filed it.", inverse="inventories_filed", one=True
    )
    entries: ClassVar[Relation] = rel(
        "HAS_ENTRY", "InventoryEntry", "What it lists.", inverse="entry_of", one_tail=True
    )


@entity(group="data", audience=Audience.STAFF)
class InventoryEntry(Entity):
    """One line of an inventory: a dataset, and whom to ask about it (domain 3.3)."""

    title: str | None = prop("The dataset as the inventory names it.", order=True, search="title")
    owner_name: str | None = prop("Who owns the data, as stated.")
    owner_contact: str | None = prop("How to reach the owner; as stated.", staff=True)
    notes: str | None = prop("Remarks; plain text.")

    lists: ClassVar[Relation] = rel("LISTS", "Dataset", "The dataset it lists.", inverse="inventory_entries", one=True)
