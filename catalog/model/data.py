"""Data: portals, programs, systems, datasets and their parts (domain 3.3). Decisions about them: ``determinations``."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from catalog.access import Audience
from catalog.model.declare import EdgeProperty, Entity, Relation, entity, prop, rel
from catalog.model.enums import (
    AssertionStatus,
    DataCarrier,
    DataForm,
    DataOrigin,
    EquityDimension,
    PersonalKind,
    PopulationUnit,
    PortalKind,
    RecordKind,
    TableShape,
    UpdateFrequency,
)
from catalog.model.plan import in_accord_with, serves

__all__ = ["CodeList", "Column", "Dataset", "DatasetSeries", "DatasetVersion", "Disaggregation", "Distribution"]
__all__ += ["Portal", "Program", "System"]

_PUBLISHED_ON = (EdgeProperty("identifier", "What the portal calls it."),)


@entity(group="data")
class Portal(Entity):
    """A catalog that lists or publishes datasets (domain 3.3, L36, L148)."""

    title: str = prop("Name in use.", required=True, order=True, search="title")
    url: str | None = prop("Its front page; URL.")
    kind_of_portal: PortalKind | None = prop("What it is for.", facet=True)
    is_public: bool | None = prop("Whether anyone may read what is on it; a leak ends at such a portal.")
    software: str | None = prop("What it runs on, such as CKAN or Socrata.")

    run_by: ClassVar[Relation] = rel("RUN_BY", "Agency", "The agency that runs it.", inverse="portals_run")
    federates_from: ClassVar[Relation] = rel(
        "FEDERATES_FROM", "Portal", "The portals whose entries it takes over.", inverse="federated_by"
    )


@entity(group="data")
class Program(Entity):
    """What an agency does for someone, with rules and data of its own (domain 3.3, L175, L238)."""

    name: str = prop("Name in use.", required=True, order=True, search="title")
    purpose: str | None = prop("What it is for; plain text.", search="text")
    beneficiaries: str | None = prop("Whom it serves; plain text.")
    critical: bool | None = prop("Whether it counts among the critical programs.", facet=True)

    run_by: ClassVar[Relation] = rel("RUN_BY", "Agency", "The agency that runs it.", inverse="programs_run")


@entity(group="data", audience=Audience.STAFF, placeholder=True)
class System(Entity):
    """A computer system that keeps datasets; its holder is an agency (domain 3.3, 9.2 A13, L48, L117, L175)."""

    name: str = prop("Name in use.", required=True, order=True, search="title")
    kind_of_system: str | None = prop("What it is, such as warehouse or case management.")
    custodian: str | None = prop("Who keeps it technically; a name or an office.")
    environment: str | None = prop("Which of several installations it is, such as production.")

    held_by: ClassVar[Relation] = rel(
        "HELD_BY", "Agency", "The agency that holds it.", inverse="systems_held", one=True
    )


@entity(group="data", audience=Audience.STAFF)
class DatasetSeries(Entity):
    """Datasets that belong together and are issued one after another (domain 3.3, L119)."""

    title: str = prop("Name of the series.", required=True, order=True, search="title")
    description: str | None = prop("What it holds; plain text.", search="text")
    identifier: str | None = prop("What its source calls it.", index=True)

    held_by: ClassVar[Relation] = rel("HELD_BY", "Agency", "The agency that holds it.", inverse="series_held", one=True)


@entity(group="data", audience=Audience.STAFF, placeholder=True)
class Dataset(Entity):
    """A body of data that an agency has in custody or control, published or not (domain 3.3, L30, L244)."""

    identifier: str | None = prop("What the source with precedence calls it.", index=True)
    title: str = prop("Title.", required=True, order=True, search="title")
    description: str | None = prop("What it holds; plain text.", search="text")
    form: DataForm | None = prop("The form of the data.")
    carrier: DataCarrier | None = prop("What it is kept on.")
    origin: DataOrigin | None = prop("How its agency came to hold it.")
    record_kind: RecordKind | None = prop("What one record is.")
    population_unit: PopulationUnit | None = prop("Whom or what one record is about.", facet=True)
    row_label: str | None = prop("What one row is, in words.")
    geographic_unit: str | None = prop("Smallest area it tells apart, such as town.", facet=True)
    temporal_coverage: str | None = prop("The time it covers, as stated.")
    temporal_start: date | None = prop("First day it covers.")
    temporal_end: date | None = prop("Last day it covers; counts.")
    spatial: str | None = prop("The area it covers, as stated: a name, a box or GeoJSON.")
    update_frequency: UpdateFrequency | None = prop("How often it is to be updated.", facet=True)
    update_frequency_text: str | None = prop("How often, as stated: prose, or ISO 8601 such as R/P1Y.")
    high_priority: bool | None = prop("Whether its agency puts it before others.", facet=True)
    keywords: tuple[str, ...] = prop("Words it is tagged with, as stated.", default=(), search="text")
    themes: tuple[str, ...] = prop("Themes it is filed under, as stated.", default=(), search="text", facet=True)
    category: str | None = prop("The one category of its portal's list.", facet=True)
    license: str | None = prop("Licence: URL, or a name as stated.")
    access_level: str | None = prop("Access level as stated; says nothing of a determination.", facet=True)
    rights: str | None = prop("Limits of access or use, as stated.")
    issued: date | None = prop("Day it was first published.", order=True)
    issued_text: str | None = prop("When it was first published as stated, where that is no whole day: a year, say.")
    modified: date | None = prop("Day its content last changed.", order=True)
    modified_text: str | None = prop("Last change as stated: a day, an instant, or a rhythm such as R/P1D.")
    landing_page: str | None = prop("Page that presents it; URL.")
    contains_pii: bool | None = prop("Whether it is declared to hold personally identifiable information.")
    contains_phi: bool | None = prop("Whether it is declared to hold protected health information.")
    final_version: bool | None = prop("Whether it is final; drafts are no data in the sense of the law.")
    data_quality: bool | None = prop("Whether its source says that it meets the agency's quality guidelines.")
    language: tuple[str, ...] = prop("Languages of the data; BCP 47, as stated.", default=())
    contact_name: str | None = prop("Person or office to ask.")
    contact_email: str | None = prop("Address to ask; e-mail.", staff=True)
    bureau_codes: tuple[str, ...] = prop("Federal bureau codes, such as 010:86.", default=())
    program_codes: tuple[str, ...] = prop("Federal program codes, such as 015:001.", default=())
    publisher_name: str | None = prop("Publisher as stated; its agency is a relationship.")
    described_by: str | None = prop("Data dictionary; URL.")
    described_by_type: str | None = prop("Format of the data dictionary; media type.")
    conforms_to: str | None = prop("Standard that it follows; URL or name.")
    references: tuple[str, ...] = prop("Documents about it; URLs.", default=())
    is_part_of: str | None = prop("Identifier of the collection it is in, as stated.")

    held_by: ClassVar[Relation] = rel(
        "HELD_BY", "Agency", "The agency that has it in custody.", inverse="datasets_held", one=True
    )
    controlled_by: ClassVar[Relation] = rel(
        "CONTROLLED_BY", "Agency", "The agency whose data it is.", inverse="datasets_controlled", one=True
    )
    kept_in: ClassVar[Relation] = rel(
        "KEPT_IN", "Unit", "The unit of its holder that looks after it.", inverse="datasets_kept", one=True
    )
    collected_under: ClassVar[Relation] = rel(
        "COLLECTED_UNDER", ("Program", "Law"), "Why it is collected.", inverse="datasets_collected"
    )
    stored_in: ClassVar[Relation] = rel(
        "STORED_IN", "System", "The system that keeps it.", inverse="datasets", one=True
    )
    in_series: ClassVar[Relation] = rel("IN_SERIES", "DatasetSeries", "The series it belongs to.", inverse="datasets")
    version_of: ClassVar[Relation] = rel(
        "VERSION_OF", "Dataset", "The dataset that it is an edition of.", inverse="editions", one=True, acyclic=True
    )
    columns: ClassVar[Relation] = rel("HAS_COLUMN", "Column", "Its columns.", inverse="column_of", one_tail=True)
    distributions: ClassVar[Relation] = rel(
        "HAS_DISTRIBUTION", "Distribution", "The forms it is offered in.", inverse="distribution_of", one_tail=True
    )
    disaggregations: ClassVar[Relation] = rel(
        "DISAGGREGATED_BY",
        "Disaggregation",
        "The sets of factors it is split by.",
        inverse="disaggregation_of",
        one_tail=True,
    )
    published_on: ClassVar[Relation] = rel(
        "PUBLISHED_ON", "Portal", "The portals that list it.", inverse="datasets_published", props=_PUBLISHED_ON
    )
    same_as: ClassVar[Relation] = rel(
        "SAME_AS",
        "Dataset",
        "Another entry for the same dataset; only a stated one joins the two.",
        inverse="equated_by",
        per_source=True,
        props=(
            EdgeProperty("status", "Whether it is said, only proposed, or denied.", AssertionStatus),
            EdgeProperty("evidence", "What speaks for it, or against it; plain text."),
            EdgeProperty("rule", "Name of the rule that finds it; none where its source says so itself."),
        ),
    )
    serves: ClassVar[Relation] = serves("serving_datasets")
    in_accord_with: ClassVar[Relation] = in_accord_with("datasets_in_accord")
    downstream: ClassVar[Relation] = rel(
        "FEEDS",
        "Dataset",
        "The datasets that data of it flows into; derived from flows, written in the same batch.",
        inverse="upstream",
        per_source=True,
        props=(
            EdgeProperty("flow", "The flow it was derived from; URN."),
            EdgeProperty("job", "The job that the flow goes through; URN."),
        ),
    )


@entity(group="data", audience=Audience.STAFF)
class DatasetVersion(Entity):
    """A state of a dataset that can be told from others, by its columns or its content (domain 3.3, L119)."""

    version: str = prop("Number or name of the version, as stated.", required=True, order=True)
    title: str | None = prop("Title, where it has one of its own.", search="title")
    issued: date | None = prop("Day of its issue.", order=True)
    content_hash: str | None = prop("Checksum of its content; algorithm:hexadecimal.")
    schema_hash: str | None = prop("Checksum of its columns' names and types; algorithm:hexadecimal.")

    version_of: ClassVar[Relation] = rel(
        "VERSION_OF", "Dataset", "The dataset that it is a version of.", inverse="versions", one=True
    )
    columns: ClassVar[Relation] = rel("HAS_COLUMN", "Column", "The columns it has.", inverse="in_versions")


@entity(group="data", audience=Audience.STAFF)
class Distribution(Entity):
    """One form in which a dataset is offered: a file, a feed, a page (domain 3.3, L252)."""

    title: str | None = prop("Title.", order=True, search="title")
    description: str | None = prop("What it is; plain text.")
    format: str | None = prop("Format, as stated.", facet=True)
    media_type: str | None = prop("IANA media type, as stated.", facet=True)
    access_url: str | None = prop("Page or service that gives access; URL.")
    download_url: str | None = prop("The file itself; URL.")
    machine_processable: bool | None = prop("Whether a program can process it.")
    size_bytes: int | None = prop("Size of the file.", unit="bytes")
    checksum: str | None = prop("Checksum of the file; algorithm:hexadecimal.")
    license: str | None = prop("Licence, where it differs from the dataset's: URL or name.")
    position: int | None = prop("Place in its source's list, from 0.", order=True)

    published_on: ClassVar[Relation] = rel(
        "PUBLISHED_ON", "Portal", "The portal that offers it.", inverse="distributions_published", props=_PUBLISHED_ON
    )


@entity(group="data", audience=Audience.STAFF, placeholder=True)
class Column(Entity):
    """One data element of a dataset (domain 3.3, L175, L258). Its class is a determination."""

    name: str = prop("Name in the data.", required=True, index=True, search="title")
    label: str | None = prop("Name for people.", search="title")
    definition: str | None = prop("What it means; plain text.", search="text")
    data_type: str | None = prop("Type, as stated.")
    unit: str | None = prop("Unit of its values, as stated.")
    nullable: bool | None = prop("Whether values may be missing.")
    position: int | None = prop("Place among the columns, from 0.", order=True)
    personal_kind: PersonalKind | None = prop("What it says about a person.", facet=True)
    dimensions: tuple[EquityDimension, ...] = prop("Factors that it tells apart; a combined one has two.", default=())
    category: str | None = prop("Heading in its data dictionary, as stated.")
    years_available: str | None = prop("Years that it has values for, as stated.")
    first_seen: date | None = prop(
        "Day from which it is known to be there; none where it was there from the first load."
    )

    coded_by: ClassVar[Relation] = rel("CODED_BY", "CodeList", "The list its values are from.", inverse="columns_coded")


@entity(group="data")
class CodeList(Entity):
    """A list of the values that a column may take, such as categories of race and ethnicity (domain 3.3, L164)."""

    name: str = prop("Name of the list.", required=True, order=True, search="title")
    version: str | None = prop("Version, as stated.")
    codes: tuple[str, ...] = prop("The values in order, each as 'code' or 'code: label'.", default=(), search="text")
    dimensions: tuple[EquityDimension, ...] = prop("Factors that it tells apart.", default=())
    standard: str | None = prop("Standard that it follows; URL or name.")


@entity(group="data", audience=Audience.STAFF)
class Disaggregation(Entity):
    """A set of factors by which a dataset is split all at once (domain 3.3, 11 G2.M2, L165, L228).

    One element is a split by a factor, more are a split by their intersection.
    """

    dimensions: tuple[EquityDimension, ...] = prop("The set of factors.", required=True, facet=True)
    shape: TableShape | None = prop("How the table holds the categories.")
    suppression_rule: str | None = prop("How small cells are kept back; plain text.")
    status: AssertionStatus | None = prop("Whether it is confirmed or only proposed by a match.", facet=True)

    evidence: ClassVar[Relation] = rel("EVIDENCED_BY", "Column", "The columns that show it.", inverse="evidence_of")
    coded_by: ClassVar[Relation] = rel(
        "CODED_BY", "CodeList", "The list its categories are from.", inverse="disaggregations_coded"
    )
