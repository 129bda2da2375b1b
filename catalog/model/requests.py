"""Sharing: requests for data, what they ask of whom, and what is owed and kept under agreements (domain 3.4)."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from catalog.access import Audience
from catalog.model.declare import Entity, Relation, entity, prop, rel
from catalog.model.enums import Decision, ObligationKind, ObligationStart, RequestorKind, RequestSubmission

__all__ = ["Approval", "AuthorizedUser", "DataRequest", "DestructionCertificate", "Incident", "Obligation", "Training"]


@entity(group="sharing", audience=Audience.STAFF)
class DataRequest(Entity):
    """Someone asks for data: of whom, what for, and how it was decided (domain 3.4, 8.1, L77)."""

    number: str | None = prop("Number that the log of requests gives it.", index=True, order=True)
    title: str = prop("Title.", required=True, order=True, search="title")
    description: str | None = prop("What is asked, and why; plain text.", search="text")
    kind_of_requestor: RequestorKind | None = prop("What kind of requestor asks.", facet=True)
    requestor: str | None = prop("Who asks; a name or an office.", staff=True)
    organization: str | None = prop("For which organization, as stated.")
    submission: RequestSubmission | None = prop("How it relates to requests before it.", facet=True)
    parameters: str | None = prop("Period, area and rows that are asked for; plain text.")
    individual_level: bool | None = prop("Whether rows of single persons are asked for, and not only aggregates.")
    received_on: date | None = prop("Day it came in.", order=True)
    decision: Decision | None = prop("How it was decided; none: not yet.", facet=True)
    decided_on: date | None = prop("Day of the decision.", order=True)

    asks_for: ClassVar[Relation] = rel(
        "ASKS_FOR", ("Dataset", "Column"), "What is asked for; columns where single ones are.", inverse="requested_in"
    )
    for_purpose: ClassVar[Relation] = rel("FOR_PURPOSE", "Purpose", "What it is asked for.", inverse="data_requests")
    affects: ClassVar[Relation] = rel(
        "AFFECTS", "Agency", "The agencies whose data is asked for.", inverse="data_requests_affecting"
    )
    made_by: ClassVar[Relation] = rel(
        "MADE_BY", "Agency", "The agency that asks, where one does.", inverse="data_requests_made", one=True
    )
    approvals: ClassVar[Relation] = rel(
        "HAS_APPROVAL", "Approval", "What the agencies answered.", inverse="approval_of", one_tail=True
    )
    led_to: ClassVar[Relation] = rel(
        "LED_TO", "Agreement", "The agreement that came of it.", inverse="data_requests", one=True
    )


@entity(group="sharing", audience=Audience.STAFF)
class Approval(Entity):
    """An agency's answer to a request for its data (domain 3.4, 9 clause 6, 9.2 E7)."""

    decision: Decision = prop("What it answered; the latest of an agency counts.", required=True, facet=True)
    decided_on: date | None = prop("Day of the answer; one without a day has approved nothing.", order=True)
    decided_by: str | None = prop("Who answered for it; a name or an office.")
    conditions: str | None = prop("Under which conditions; plain text. Those that bind stand in the agreement.")

    given_by: ClassVar[Relation] = rel("GIVEN_BY", "Agency", "The agency that answers.", inverse="approvals", one=True)


@entity(group="sharing", audience=Audience.STAFF)
class Obligation(Entity):
    """What an agreement asks to be done by a day (domain 3.4). Overdue it is a finding and uncovers nothing (9.2 E8)."""

    kind_of_obligation: ObligationKind = prop("What is to be done.", required=True, facet=True)
    due_on: date | None = prop("Last day on which it is in time, where it is a fixed one.", order=True)
    counted_from: ObligationStart | None = prop("The day of the agreement from which its time is counted.")
    within_days: int | None = prop("How long after that day it is in time.", unit="days")
    fulfilled_on: date | None = prop("Day on which it was done; none: not yet.", order=True)
    evidence: str | None = prop("What shows that it was done; plain text or URL.")
    note: str | None = prop("Remarks; plain text.")

    under: ClassVar[Relation] = rel(
        "OWED_UNDER", "Agreement", "The agreement that asks it.", inverse="obligations", one=True
    )
    owed_by: ClassVar[Relation] = rel("OWED_BY", "Agency", "Who is to do it.", inverse="obligations", one=True)


@entity(group="sharing", audience=Audience.STAFF)
class DestructionCertificate(Entity):
    """A recipient's word that it destroyed what it got (domain 3.4)."""

    files: tuple[str, ...] = prop("The files that were destroyed, as it names them.", default=())
    destroyed_on: date = prop("Day on which they were.", required=True, order=True)
    certified_by: str | None = prop("Who says so; a name or an office.")

    under: ClassVar[Relation] = rel(
        "DESTROYED_UNDER",
        ("Agreement", "DataRequest"),
        "What they were got under.",
        inverse="destruction_certificates",
        one=True,
    )
    destroyed: ClassVar[Relation] = rel(
        "DESTROYED", "Dataset", "The datasets that they were copies of.", inverse="destruction_certificates"
    )
    given_by: ClassVar[Relation] = rel(
        "GIVEN_BY", "Agency", "The agency that destroyed them.", inverse="destruction_certificates", one=True
    )


@entity(group="sharing", audience=Audience.STAFF)
class AuthorizedUser(Entity):
    """A person who may work with data under an agreement or a request, from one day to another (domain 3.4)."""

    nda_signed_on: date | None = prop("Day on which the person signed to keep it confidential; none: not yet.")
    trained_on: date | None = prop("Day of the latest training in handling it; none: never.")
    effective_from: date | None = prop("First day of access; none is not known.", order=True)
    effective_to: date | None = prop("Last day of access; counts. None: with the agreement.", order=True)

    person: ClassVar[Relation] = rel("AUTHORIZES", "Person", "The person.", inverse="authorizations", one=True)
    under: ClassVar[Relation] = rel(
        "AUTHORIZED_UNDER",
        ("Agreement", "DataRequest"),
        "What gives the access.",
        inverse="authorized_users",
        one=True,
    )
    may_use: ClassVar[Relation] = rel(
        "MAY_USE", "Dataset", "What the person may work with; none named: all of it.", inverse="authorized_users"
    )


@entity(group="sharing")
class Training(Entity):
    """A course on data for people who work in agencies (domain 3.4, L162, L227)."""

    title: str = prop("Title.", required=True, order=True, search="title")
    kind_of_training: str | None = prop("What it is, such as a course or a workshop.", facet=True)
    topic: str | None = prop("What it is about; plain text.", search="text")
    hours: float | None = prop("How long it takes.", unit="hours")
    provider: str | None = prop("Who gives it.")
    held_on: date | None = prop("Day it was given, where it is given once.", order=True)

    attended_by: ClassVar[Relation] = rel(
        "ATTENDED_BY", "Agency", "The agencies whose people took part.", inverse="trainings"
    )


@entity(group="sharing", audience=Audience.STAFF)
class Incident(Entity):
    """Something that went wrong with data that was shared (domain 3.4, L112)."""

    title: str = prop("Title.", required=True, order=True, search="title")
    description: str | None = prop("What happened; plain text.", search="text")
    kind_of_incident: str | None = prop("What it is, such as loss or access without right.", facet=True)
    occurred_on: date | None = prop("Day on which it happened, or was found.", order=True)
    notified_on: date | None = prop("Day on which the agencies whose data it is were told; none: not yet.", order=True)

    touched: ClassVar[Relation] = rel("TOUCHED", ("Dataset", "Flow"), "The data that it is about.", inverse="incidents")
    under: ClassVar[Relation] = rel(
        "INCIDENT_UNDER", "Agreement", "The agreements that the data was shared under.", inverse="incidents"
    )
