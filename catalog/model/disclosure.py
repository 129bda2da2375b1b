"""Lineage: who looked at what is let out, and which files were matched to link persons (domain 3.5)."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from catalog.access import Audience
from catalog.model.declare import Entity, Relation, entity, prop, rel
from catalog.model.enums import Decision

__all__ = ["DisclosureReview", "LinkageRun"]


@entity(group="lineage", audience=Audience.STAFF)
class DisclosureReview(Entity):
    """A look at what a job makes, before it is let out: whether persons could be told by it (domain 3.5, 9.2 A10)."""

    rule: str | None = prop("The rule that it saw applied, as the runs name theirs.")
    decision: Decision = prop("What was decided.", required=True, facet=True)
    decided_on: date | None = prop("Day of the decision; it speaks for runs after that day.", order=True)
    withdrawn_on: date | None = prop("Day from which it stands no more.", order=True)
    reviewer: str | None = prop("Who looked; a name, an office or a board.")
    note: str | None = prop("Grounds; plain text.")

    reviews: ClassVar[Relation] = rel(
        "REVIEWS", "Job", "The job whose output it saw.", inverse="disclosure_reviews", one=True
    )
    saw: ClassVar[Relation] = rel(
        "SAW", "Column", "The columns of the output that it saw; none named: all.", inverse="disclosure_reviews"
    )


@entity(group="lineage", audience=Audience.STAFF)
class LinkageRun(Entity):
    """One match of files by a hub, so that rows of one person come together (domain 3.5, 8.1, L181, L204)."""

    files: tuple[str, ...] = prop("The files that were matched, as they are named.", default=())
    fields_used: tuple[str, ...] = prop("The fields that were matched on, as they are named.", default=())
    method: str | None = prop("How it was matched; plain text.")
    received_on: date | None = prop("Day on which the last file came in.", order=True)
    matched_on: date | None = prop("Day of the match.", order=True)
    matrix_passed_on: date | None = prop("Day on which the matrix of ids was passed on.")
    destroyed_on: date | None = prop("Day on which the hub destroyed the files; none: not yet.", order=True)

    request: ClassVar[Relation] = rel(
        "MATCHED_FOR", "DataRequest", "The request that it was done for.", inverse="linkage_runs", one=True
    )
    hub: ClassVar[Relation] = rel("MATCHED_BY", "Agency", "The hub.", inverse="linkage_runs", one=True)
    matched: ClassVar[Relation] = rel("MATCHED", "Dataset", "The datasets that the files are of.", inverse="linked_in")
    on_columns: ClassVar[Relation] = rel(
        "MATCHED_ON", "Column", "The columns that were matched on, where the catalog has them.", inverse="linked_on_in"
    )
