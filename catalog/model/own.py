"""Our own: who says what is in the graph, and which loads brought it (design 2 and 6)."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from catalog.access import Audience
from catalog.model.declare import Entity, Relation, entity, prop, rel
from catalog.model.enums import LoadState, SourceKind

__all__ = ["CatalogRecord", "Changeset", "LineageRecord", "LoadRun", "Source"]


@entity(group="own")
class Source(Entity):
    """Someone or something that states what is in the graph: a catalog, a file, a stream, a person (design 2)."""

    title: str = prop("Name of the source.", required=True, order=True, search="title")
    kind_of_source: SourceKind | None = prop("How it speaks to us.", facet=True)
    description: str | None = prop("What it holds; plain text.", search="text")
    url: str | None = prop("Where it is read from; URL without credentials.")
    format: str | None = prop("Format of what it gives, such as dcat-us-1.1.")
    precedence: int | None = prop(
        "Rank where sources disagree, from 1 to 100; the smaller number wins; without one, 60.", unit="rank"
    )

    speaks_for: ClassVar[Relation] = rel(
        "SPEAKS_FOR", "Agency", "The agencies whose own words these are.", inverse="sources"
    )
    harvests: ClassVar[Relation] = rel("HARVESTS", "Portal", "The portals that it reads.", inverse="harvested_by")


@entity(group="own", audience=Audience.STAFF, journal=True)
class LoadRun(Entity):
    """One reading of a source, with its account of what it read, wrote and set aside (design 6)."""

    started_at: datetime = prop("When it began.", required=True, order=True)
    ended_at: datetime | None = prop("When it ended.")
    as_of: date | None = prop("Day of which the source spoke.", order=True)
    state: LoadState = prop("How it stands or ended.", required=True, facet=True)
    input: str | None = prop("What was read: path or URL.")
    input_hash: str | None = prop("SHA-256 of what was read; hexadecimal.")
    loader: str | None = prop("Which loader read it, with its version.")
    read: int | None = prop("Records read.", unit="records")
    written: int | None = prop("Nodes and edges written.", unit="statements")
    unchanged: int | None = prop("Nodes and edges that stood so already.", unit="statements")
    closed: int | None = prop("Nodes and edges closed, since the source no longer has them.", unit="statements")
    quarantined: int | None = prop("Records set aside.", unit="records")
    reason: str | None = prop("Why it was refused or failed; plain text.")
    report: str | None = prop("The whole report; JSON text.", staff=True)

    loaded_from: ClassVar[Relation] = rel(
        "LOADED_FROM", "Source", "The source that was read.", inverse="load_runs", one=True
    )


@entity(group="own", audience=Audience.STAFF)
class CatalogRecord(Entity):
    """What one source says of a dataset, word for word; a dataset is the merge of its records (design 2).

    A later statement keeps the earlier one, so that the history of a property can be told.
    """

    identifier: str | None = prop("What the source calls the dataset.", index=True)
    raw: str | None = prop("The record as it came; JSON text.", staff=True)
    content_hash: str = prop("SHA-256 of the record in one spelling; hexadecimal.", required=True, index=True)
    schema_variant: str | None = prop("Which format and version the record was read as, such as dcat-us-1.0.")
    title: str | None = prop("Title as the source has it.")
    publisher_name: str | None = prop("Publisher as the source words it.")
    modified_text: str | None = prop("Last change as the source words it.")
    place: str | None = prop("Where the record stood in the input; JSON pointer or line.")

    describes: ClassVar[Relation] = rel("DESCRIBES", "Dataset", "The dataset it is about.", inverse="records", one=True)
    in_catalog: ClassVar[Relation] = rel(
        "IN_CATALOG",
        ("Portal", "Source"),
        "The portal, or where none is known the source, it stands in.",
        inverse="records",
    )


@entity(group="own", audience=Audience.STAFF, journal=True)
class LineageRecord(Entity):
    """What the lineage events of one source said of a run, a job or a dataset, kept so that a later event adds to it.

    The graph follows from it (ADR 12): the memory of whoever takes events in, no statement of its own (design 6).
    """

    about: str = prop("The run, job or dataset; URN.", required=True, index=True)
    registers: str = prop("What was said of it, each with when; JSON text.", required=True, staff=True)


@entity(group="own", audience=Audience.STAFF)
class Changeset(Entity):
    """What someone stated by hand at one time: who, when, why, and what of it (design 2)."""

    client_mutation_id: str = prop(
        "The key under which it was sent, so that it is done once.", required=True, index=True
    )
    actor: str = prop("Who stated it: the name of the token that was shown.", required=True, index=True)
    reason: str = prop("Why, as they gave it; plain text.", required=True)
    operation: str = prop("What was done: the name of the mutation.", required=True, index=True)
    about: str = prop("What it states first; URN.", required=True, index=True)
    input: str = prop("All that was stated; JSON text.", required=True, staff=True)
    stated_at: datetime = prop("When it was stated.", required=True, order=True)

    changed: ClassVar[Relation] = rel(
        "CHANGED",
        (
            "Agreement",
            "AgreementParty",
            "Approval",
            "ClassificationDetermination",
            "CoverageTerm",
            "DisclosureReview",
            "Flow",
            "StageEvent",
        ),
        "What it states.",
        inverse="changesets",
    )
