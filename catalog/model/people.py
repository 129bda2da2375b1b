"""People and organizations (domain 3.1)."""

from __future__ import annotations

from typing import ClassVar

from catalog.model.declare import EdgeProperty, Entity, Relation, entity, prop, rel
from catalog.model.enums import AgencyBasis, BoardKind, Branch, PersonRole

__all__ = ["Agency", "AgencyListing", "Appointment", "Board", "Jurisdiction", "Person", "Unit"]


@entity(group="people")
class Agency(Entity):
    """A body that holds, provides or receives data, inside government or outside of it (domain 3.1, L62, L244-248)."""

    name: str = prop("Name in use.", required=True, order=True, search="title")
    abbreviation: str | None = prop("Short name in use, such as capitals.", index=True, search="title")
    identifier: str | None = prop("Key under which the jurisdiction or a source lists it.", index=True)
    aliases: tuple[str, ...] = prop("Other names and spellings that sources use.", default=(), search="text")
    branch: Branch | None = prop("Part of government, or outside of it.", facet=True)
    mission: str | None = prop("What it is there for; plain text.", search="text")
    domain: str | None = prop("Field of work, such as health or labor.", facet=True)
    homepage: str | None = prop("Its site; URL.")

    part_of: ClassVar[Relation] = rel(
        "PART_OF", "Agency", "The agency above it.", inverse="parts", one=True, acyclic=True
    )
    succeeded_by: ClassVar[Relation] = rel(
        "SUCCEEDED_BY", "Agency", "The agency that took over its work.", inverse="preceded_by", acyclic=True
    )
    listed_in: ClassVar[Relation] = rel("LISTED_IN", "AgencyListing", "The listings that name it.", inverse="agencies")
    data_officer: ClassVar[Relation] = rel(
        "HAS_DATA_OFFICER",
        "Appointment",
        "The appointment of its data officer; none is a finding.",
        inverse="officer_of",
        one=True,
        one_tail=True,
    )
    inventories: ClassVar[Relation] = rel(
        "SUBMITTED", "Inventory", "The inventories it filed.", inverse="submitted_by", one_tail=True
    )


@entity(group="people")
class Jurisdiction(Entity):
    """A state, or another body with laws of its own: what is particular to it is stated here, and named in no code (design 7)."""

    name: str = prop("Name in use.", required=True, order=True, search="title")
    zone: str | None = prop("IANA time zone in which its days begin.")

    chief_officer_in: ClassVar[Relation] = rel(
        "SEATS_CHIEF_OFFICER_IN",
        "Agency",
        "The agency that its chief data officer is to sit in.",
        inverse="seat_of_chief",
    )
    lists_agencies_by: ClassVar[Relation] = rel(
        "LISTS_AGENCIES_BY", "Law", "The laws whose lists say who counts as an agency.", inverse="lists_agencies_of"
    )
    recognizes: ClassVar[Relation] = rel(
        "RECOGNIZES", "Purpose", "The purposes that it knows for sharing data.", inverse="recognized_by"
    )


@entity(group="people")
class AgencyListing(Entity):
    """An entry of a list that decides who counts as an agency, for the time it stood so (domain 3.1, L248).

    Lists name officers as often as agencies, and change with each act, so the mapping is data.
    """

    basis: AgencyBasis | None = prop("Why it counts.", facet=True)
    section: str | None = prop("The list: section of the law as cited, or the notice.", order=True, index=True)
    listed_as: str | None = prop("Officer or department as the list words it.", search="title")
    note: str | None = prop("How the entry was mapped to an agency; plain text.")

    rests_on: ClassVar[Relation] = rel("RESTS_ON", "Law", "The law that holds the list.", inverse="agency_listings")


@entity(group="people")
class Unit(Entity):
    """A bureau, division or program office; units of one agency count as that agency (domain 3.1, 9.2 C1, L48)."""

    name: str = prop("Name in use.", required=True, order=True, search="title")
    kind_of_unit: str | None = prop("What it is called: bureau, division, office.")

    unit_of: ClassVar[Relation] = rel("UNIT_OF", "Agency", "The agency it belongs to.", inverse="units", one=True)


@entity(group="people")
class Person(Entity):
    """Someone who works with data, with a name for everyone and contacts for staff (domain 3.1, L48, R35)."""

    name: str = prop("Name as the person uses it.", required=True, order=True, search="title")
    job_title: str | None = prop("Title of the post held.")
    email: str | None = prop("Work address; e-mail.", staff=True)
    phone: str | None = prop("Work number; as written.", staff=True)

    works_for: ClassVar[Relation] = rel(
        "WORKS_FOR", "Agency", "The agency that employs them.", inverse="people", one=True
    )
    plays: ClassVar[Relation] = rel(
        "PLAYS",
        ("Dataset", "System", "Program"),
        "What they work with, and in which role; who has several roles has appointments.",
        inverse="people",
        props=(EdgeProperty("role", "What they do with it.", PersonRole),),
    )


@entity(group="people")
class Appointment(Entity):
    """The holding of a role by a person, for an agency, a dataset or a system, for a time (domain 3.1, L62)."""

    role: PersonRole = prop("The role.", required=True, order=True, facet=True)
    title: str | None = prop("The office as the appointment words it.", search="title")
    designated_by: str | None = prop("Who made the appointment; a name or an office.")

    held_by: ClassVar[Relation] = rel("HELD_BY", "Person", "Who holds it.", inverse="appointments", one=True)
    within: ClassVar[Relation] = rel("WITHIN", "Agency", "The agency it sits in.", inverse="appointments", one=True)
    concerns: ClassVar[Relation] = rel(
        "CONCERNS",
        ("Dataset", "System"),
        "The data it is for, where it is for no whole agency.",
        inverse="appointments",
    )


@entity(group="people")
class Board(Entity):
    """A body that advises on the plan or governs sharing (domain 3.1, L86)."""

    name: str = prop("Name in use.", required=True, order=True, search="title")
    kind_of_board: BoardKind | None = prop("What it is for.", facet=True)
    statute: str | None = prop("The law that sets it up, as cited.")

    members: ClassVar[Relation] = rel("HAS_MEMBER", "Person", "Who sits on it.", inverse="boards")
    rests_on: ClassVar[Relation] = rel("RESTS_ON", "Law", "The law that sets it up.", inverse="boards")
