"""Types of what the audit finds in what is owed, matched and went wrong."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import strawberry

from catalog.model.enums_sharing import ObligationKind
from graphql_schema.core.declare import asked, part, view
from graphql_schema.core.found import audit_page, audit_view
from graphql_schema.core.telling import FIRST, CountOf, DayAt, NodeAt, NodesAt
from graphql_schema.core.walk import Told
from lineage.audit.record_words import DutyStatus, NoticeStatus

if TYPE_CHECKING:
    from graphql_schema.data.types import Dataset
    from graphql_schema.lineage.types import Flow, LinkageRun
    from graphql_schema.people.types import Agency
    from graphql_schema.sharing.types import Agreement, DestructionCertificate, Incident, Obligation

__all__ = ["FileDestruction", "FileDestructionEdge", "IncidentNotice", "IncidentNoticeEdge", "Incidents", "LinkageRuns"]
__all__ += ["ObligationStanding", "ObligationStandingEdge", "Obligations"]

_DATA = strawberry.lazy("graphql_schema.data.types")
_LINEAGE = strawberry.lazy("graphql_schema.lineage.types")
_PEOPLE = strawberry.lazy("graphql_schema.people.types")
_SHARING = strawberry.lazy("graphql_schema.sharing.types")

_LATE = (
    "Days after the last one in time, up to the day it was done or the day asked about; null where that is not known. Unit:"
    " days."
)


@audit_view("Where what is owed stands, as of a day.")
class ObligationStanding:
    """See the description."""

    status: DutyStatus = part(
        Told("duty.standing.status"),
        "Whether it is done. What is to be destroyed is done with a certificate of who is to destroy it, as long as they are not"
        " known to hold any of it; a day of fulfilment alone does not show it.",
    )
    due_on: date | None = part(
        DayAt("duty.standing.due_on"),
        "The last day in time: the earlier of those that the obligation states or counts from a day of its agreement; where"
        " it has none, and data is to be destroyed or given back, the day until which the agreement lets the data be kept; null"
        " where none is known.",
    )
    done_on: date | None = part(DayAt("duty.standing.done_on"), "The day on which it was done; null where it is not.")
    days_late: int | None = part(Told("duty.standing.days_late"), _LATE)
    certificates: list[Annotated[DestructionCertificate, _SHARING]] = asked(
        NodesAt("DestructionCertificate", "duty.certificates"),
        "Of what is to be destroyed or given back: the certificates of who owes it, given by the day. The earliest first.",
        FIRST,
    )
    certificate_count: int = part(CountOf("duty.certificates"), "How many certificates there are.")
    still_held: list[Annotated[Dataset, _DATA]] = asked(
        NodesAt("Dataset", "held"),
        "Of what is to be destroyed or given back: what who owes it holds on the day of the data that came to them under the"
        " agreement, directly or derived, without what is public and what they certified to have destroyed. Ordered by URN.",
        FIRST,
    )
    still_held_count: int = part(CountOf("held"), "How many datasets they hold.")


@view("One thing that is owed under an agreement.")
class ObligationStandingEdge:
    """See the description."""

    node: Annotated[Obligation, _SHARING] | None = part(
        NodeAt("Obligation", "duty.obligation"),
        "The obligation; null where it is the agreement that says until when the data may be kept.",
    )
    kind: ObligationKind = part(Told("duty.kind"), "What is to be done.")
    agreement: Annotated[Agreement, _SHARING] | None = part(
        NodeAt("Agreement", "duty.agreement"), "The agreement that asks it; null where that is not known."
    )
    owed_by: Annotated[Agency, _PEOPLE] | None = part(
        NodeAt("Agency", "duty.owed_by"),
        "Who is to do it; null where nobody is named: to destroy or give back is then for each recipient and hub.",
    )
    standing: ObligationStanding = part(Told(""), "Where it stands.")


@audit_page("A page of what is owed under agreements.")
class Obligations:
    """See the description."""

    edges: list[ObligationStandingEdge] = part(
        Told("edges", listed=True),
        "What is on the page. Ordered by due day, those without one last, then by URNs of agreement, obligation and agency.",
    )


@audit_view("Whether the files of a linkage run were destroyed, as of a day.")
class FileDestruction:
    """See the description."""

    status: DutyStatus = part(Told("standing.status"), "Whether the hub destroyed them.")
    due_on: date | None = part(
        DayAt("standing.due_on"),
        "The last day in time: five business days, Mondays to Fridays, after the match; null where they are not known to be"
        " matched by the day.",
    )
    destroyed_on: date | None = part(DayAt("standing.done_on"), "The day on which they were; null where they are not.")
    days_late: int | None = part(Told("standing.days_late"), _LATE)


@view("A linkage run, with what became of its files.")
class FileDestructionEdge:
    """See the description."""

    node: Annotated[LinkageRun, _LINEAGE] | None = part(
        NodeAt("LinkageRun", "run.id"), "The run; null where it was closed while the answer was made."
    )
    file_destruction: FileDestruction = part(Told(""), "Whether its files were destroyed.")


@audit_page("A page of linkage runs that had begun by the day.")
class LinkageRuns:
    """See the description."""

    edges: list[FileDestructionEdge] = part(Told("edges", listed=True), "What is on the page. Ordered by URN.")


@audit_view("What an incident touched, and whether those whose data it is were told in time, as of a day.")
class IncidentNotice:
    """See the description."""

    status: NoticeStatus = part(Told("notice.status"), "Whether they were told in time.")
    within_hours: int | None = part(
        Told("notice.hours"),
        "Within how long they are to be told: the shortest time that an agreement of the incident, or one above it, states;"
        " null where none does. Unit: hours.",
    )
    due_on: date | None = part(
        DayAt("notice.due_on"),
        "The last day that may be in time; null where the incident's day or the time is not known.",
    )
    told_on: date | None = part(DayAt("notice.told_on"), "The day on which they were told; null where they are not.")
    days: int | None = part(
        Told("notice.days"),
        "From the day of the incident to that on which they were told; null where either is missing. Unit: days.",
    )
    flows: list[Annotated[Flow, _LINEAGE]] = asked(
        NodesAt("Flow", "flows"),
        "The flows that it touched: those that it names, and those by which data had come into a dataset that it names by the"
        " day of the incident. Ordered by URN.",
        FIRST,
    )
    flow_count: int = part(CountOf("flows"), "How many flows it touched.")
    agreements: list[Annotated[Agreement, _SHARING]] = asked(
        NodesAt("Agreement", "agreements"),
        "The agreements under which the data was shared: those that it names, that a touched flow claims or ran under by the day"
        " of the incident, or of which a term names what flowed. Ordered by URN.",
        FIRST,
    )
    agreement_count: int = part(CountOf("agreements"), "How many agreements it touched.")


@view("An incident, with what it touched.")
class IncidentNoticeEdge:
    """See the description."""

    node: Annotated[Incident, _SHARING] | None = part(
        NodeAt("Incident", "incident.id"), "The incident; null where it was closed while the answer was made."
    )
    notice: IncidentNotice = part(Told(""), "What it touched, and whether notice was in time.")


@audit_page("A page of incidents that had happened by the day.")
class Incidents:
    """See the description."""

    edges: list[IncidentNoticeEdge] = part(Told("edges", listed=True), "What is on the page. Ordered by URN.")
