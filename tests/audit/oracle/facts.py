"""The facts that the audit of sharing rests on (domain 3, 8 and 9), as plain values.

Ids are strings and unique over all kinds. Days are whole days in the zone of the state (9.2 D8: `day_of`). Two spans occur
and are not the same (9.2 A7): `valid_from`/`valid_to` is half open, [from, to); a *last day* (`effective_to`, `to`,
`expires_on`, `last_seen`) counts. What `None` means stands with each field; an empty tuple of a world says that nothing of
that kind is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from tests.audit.oracle.facts_data import (
    Classification,
    Collected,
    Column,
    ColumnRef,
    Dataset,
    Determination,
    HighValue,
    Holding,
    Member,
    PlannedPublication,
    Publication,
    SameAs,
    System,
    Unit,
)
from tests.audit.oracle.facts_lineage import (
    ColumnFlow,
    DisclosureReview,
    Flow,
    Process,
    Run,
    RunState,
    TransformationKind,
    Written,
)
from tests.audit.oracle.facts_sharing import (
    Agreement,
    AgreementKind,
    Amendment,
    Approval,
    Condition,
    CoverageTerm,
    DataRequest,
    NewEnd,
    Party,
    PartyRole,
    Purpose,
    Redisclosure,
    Stage,
    StageEvent,
)

__all__ = [
    "Agreement",
    "AgreementKind",
    "Amendment",
    "Approval",
    "Classification",
    "Collected",
    "Column",
    "ColumnFlow",
    "ColumnRef",
    "Condition",
    "CoverageTerm",
    "DataRequest",
    "Dataset",
    "Determination",
    "DisclosureReview",
    "Flow",
    "HighValue",
    "Holding",
    "Member",
    "NewEnd",
    "Party",
    "PartyRole",
    "PlannedPublication",
    "Process",
    "Publication",
    "Purpose",
    "Redisclosure",
    "Run",
    "RunState",
    "SameAs",
    "Stage",
    "StageEvent",
    "System",
    "TransformationKind",
    "Unit",
    "World",
    "Written",
    "day_of",
]


@dataclass(frozen=True)
class World:
    """Everything that is known."""

    units: tuple[Unit, ...] = ()
    systems: tuple[System, ...] = ()
    datasets: tuple[Dataset, ...] = ()
    columns: tuple[Column, ...] = ()
    members: tuple[Member, ...] = ()
    same_as: tuple[SameAs, ...] = ()
    held_by: tuple[Holding, ...] = ()
    controlled_by: tuple[Holding, ...] = ()
    collected_under: tuple[Collected, ...] = ()
    publications: tuple[Publication, ...] = ()
    determinations: tuple[Determination, ...] = ()
    high_values: tuple[HighValue, ...] = ()
    planned: tuple[PlannedPublication, ...] = ()
    purposes: tuple[Purpose, ...] = ()
    agreements: tuple[Agreement, ...] = ()
    requests: tuple[DataRequest, ...] = ()
    approvals: tuple[Approval, ...] = ()
    processes: tuple[Process, ...] = ()
    runs: tuple[Run, ...] = ()
    reviews: tuple[DisclosureReview, ...] = ()
    flows: tuple[Flow, ...] = ()


def day_of(moment: datetime, zone: tzinfo) -> date:
    """The day of a timestamp in the zone of the state; one without a zone is taken to be in it (9.2 D8)."""
    return moment.date() if moment.tzinfo is None else moment.astimezone(zone).date()
