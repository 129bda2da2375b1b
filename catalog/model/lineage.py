"""Lineage: jobs, their runs, and what flows through them (domain 3.5 and 9)."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from catalog.access import Audience
from catalog.model.declare import Entity, Relation, entity, prop, rel
from catalog.model.enums import Derivation, FlowMode, RunState, TransformationKind
from catalog.model.plan import in_accord_with

__all__ = ["ColumnFlow", "Flow", "Job", "Run"]


@entity(group="lineage", audience=Audience.STAFF, placeholder=True)
class Job(Entity):
    """A process that reads and writes data, under OpenLineage's name (domain 3.5, 9.2 A9, L3)."""

    namespace: str = prop("OpenLineage namespace.", required=True, order=True)
    name: str = prop("OpenLineage name within the namespace.", required=True, order=True, search="title")
    kind_of_job: str | None = prop("What it is, such as batch, stream or hand work.")
    description: str | None = prop("What it does; plain text.", search="text")
    owner: str | None = prop("Who answers for it, as stated.")
    declassifies: bool | None = prop("Whether it is said to make protected data fit for the public.")
    method: TransformationKind | None = prop("By what it declassifies.")
    suppression_rule: str | None = prop("How it keeps small cells back; plain text.")
    suppression_threshold: int | None = prop("Counts below it are kept back.", unit="persons per cell")
    link_destroyed_on: date | None = prop("Day on which the link to the identifiers was destroyed, where it put ids.")
    reviewed_by: str | None = prop("Who reviewed it; only shown, a disclosure review decides.")
    reviewed_on: date | None = prop("Day of that review; only shown.")

    run_by: ClassVar[Relation] = rel("RUN_BY", "Agency", "The agency that runs it.", inverse="jobs_run")
    runs_in: ClassVar[Relation] = rel("RUNS_IN", "System", "The system it runs in.", inverse="jobs")
    for_purpose: ClassVar[Relation] = rel("FOR_PURPOSE", "Purpose", "What it is for.", inverse="jobs")
    reads: ClassVar[Relation] = rel("READS", "Dataset", "The datasets it reads.", inverse="read_by")
    writes: ClassVar[Relation] = rel("WRITES", "Dataset", "The datasets it writes.", inverse="written_by")


@entity(group="lineage", audience=Audience.STAFF)
class Run(Entity):
    """One time that a job ran, or is to run (domain 3.5, 9.2 A10-A11, E4, L142)."""

    run_id: str | None = prop("OpenLineage run id; UUID.", index=True)
    state: RunState | None = prop("Where it stands.", facet=True)
    nominal_at: datetime | None = prop("When it was to run.")
    started_at: datetime | None = prop("When it began.", order=True)
    ended_at: datetime | None = prop("When it ended.", order=True)
    wrote: bool | None = prop("Whether it wrote, even where it failed afterwards.")
    rule: str | None = prop("The rule it applied, as a disclosure review would name it.")

    executes: ClassVar[Relation] = rel("EXECUTES", "Job", "The job that ran.", inverse="runs", one=True)
    part_of: ClassVar[Relation] = rel(
        "PART_OF", "Run", "The run that started it, such as that of a whole workflow.", inverse="parts", one=True
    )
    ran_under: ClassVar[Relation] = rel(
        "RAN_UNDER", "Agreement", "The agreement it ran under.", inverse="runs", one=True
    )
    outputs: ClassVar[Relation] = rel(
        "WROTE",
        ("Dataset", "Column"),
        "What it wrote, where that is known; of a dataset of which columns are named, these.",
        inverse="written_in",
    )


@entity(group="lineage", audience=Audience.STAFF, placeholder=True, needs=("from_asset", "to_asset"))
class Flow(Entity):
    """Data that moves from one dataset or system to another, once or again and again (domain 3.5, 9, L118, L246)."""

    title: str | None = prop("What it is called.", order=True, search="title")
    description: str | None = prop("What moves, and why; plain text.", search="text")
    mode: FlowMode | None = prop("By what way.", facet=True)
    first_seen: date | None = prop("First day it is known to have happened.", order=True)
    last_seen: date | None = prop("Last day it happened; counts. None: it goes on.", order=True)
    schedule: str | None = prop("How often it recurs; plain text, cron or ISO 8601.")
    rows: int | None = prop("Rows moved at a time.", unit="rows")

    from_asset: ClassVar[Relation] = rel(
        "FROM", ("Dataset", "System"), "Where the data comes from.", inverse="flows_out", one=True
    )
    to_asset: ClassVar[Relation] = rel("TO", ("Dataset", "System"), "Where it goes.", inverse="flows_in", one=True)
    from_version: ClassVar[Relation] = rel(
        "FROM_VERSION", "DatasetVersion", "The version of the source that moves.", inverse="flows_out", one=True
    )
    via: ClassVar[Relation] = rel("VIA", "Job", "The job that moves it.", inverse="flows", one=True)
    columns: ClassVar[Relation] = rel(
        "CARRIES", "Column", "The columns that move, where it states them.", inverse="flows"
    )
    for_purpose: ClassVar[Relation] = rel("FOR_PURPOSE", "Purpose", "What it is for.", inverse="flows")
    claims: ClassVar[Relation] = rel(
        "CLAIMS", "Agreement", "The agreement that is said to cover it; the audit checks.", inverse="claimed_by"
    )
    provided_by: ClassVar[Relation] = rel(
        "PROVIDED_BY",
        "Agency",
        "Who sends it, as stated; the holder of the source decides.",
        inverse="flows_provided",
        one=True,
    )
    received_by: ClassVar[Relation] = rel(
        "RECEIVED_BY",
        "Agency",
        "Who gets it, as stated; the holder of the target decides.",
        inverse="flows_received",
        one=True,
    )
    in_accord_with: ClassVar[Relation] = in_accord_with("flows_in_accord")


@entity(group="lineage", audience=Audience.STAFF, needs=("from_column", "to_column"))
class ColumnFlow(Entity):
    """How one column depends on another (domain 3.5, 9.2 A4)."""

    derivation: Derivation | None = prop("Whether values move, or only decide; none counts as direct.", facet=True)
    transformation: TransformationKind | None = prop("What is done to the values.", facet=True)
    subtype: str | None = prop("OpenLineage subtype of the transformation, as stated.")
    description: str | None = prop("The transformation in words; plain text.")
    masking: bool | None = prop("Whether the values are masked on the way; none counts as unmasked.")

    from_column: ClassVar[Relation] = rel(
        "FROM_COLUMN", "Column", "The column it depends on.", inverse="column_flows_out", one=True
    )
    to_column: ClassVar[Relation] = rel(
        "TO_COLUMN", "Column", "The column that depends.", inverse="column_flows_in", one=True
    )
    part_of_flow: ClassVar[Relation] = rel(
        "PART_OF_FLOW", "Flow", "The flow it is a part of.", inverse="column_flows", one=True
    )
