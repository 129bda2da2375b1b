"""The mapping: what a list of agencies does not say of itself. A YAML file of ours; ``docs/agencies.md`` describes it.

A section of a law lists officers as often as agencies, so which agency an entry means is data (domain 3.1, L248). The
mapping is the one word on what an agency is called; the rows of the list are checked against it.

The seats of data officers stand here as well, rather than in the page on which a portal lists them. They are a few dozen,
such a page calls agencies by names of its own, which only a mapping can tell, and it holds names and addresses of persons,
which are none of ours to keep.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast

from catalog.model import MODEL
from catalog.model.declare import Relation
from catalog.model.enums import PersonRole
from catalog.model.own import Source
from catalog.model.people import Agency, Appointment
from catalog.model.sharing import Law
from catalog.stated import Flaw, Path, object_of, span_of, unknown_keys, urn_of
from loaders.agencies.rules import ListRule
from loaders.agencies.tables import Tables, read_whole
from loaders.waypost_file.written import WrittenFile, check_head

__all__ = ["AgencyMapping", "Days", "MappedAgency", "Seat", "Section", "read_mapping"]

Days = tuple[date | None, date | None]
"""First day, and first day no more; None where it is not known, or goes on."""

_VERSION = ("agencies_mapping", 1)
_HEAD = ("prefix", "jurisdiction", "sections", "agencies", "seats")
_UNKNOWN = {"section": ListRule.UNKNOWN_SECTION, "agency": ListRule.UNKNOWN_AGENCY}
_DAYS = ("valid_from", "valid_to")
_LISTING = ("basis", "note")
_SEAT = ("title", "designated_by")
_LINKS = (Agency.part_of, Agency.succeeded_by)


@dataclass(frozen=True, slots=True)
class Section:
    """A list: the law that holds it, and what is so of each of its entries."""

    law: Law
    listing: dict[str, Any]
    """Properties of AgencyListing: ``basis``, and as ``note`` how entries are mapped."""


@dataclass(frozen=True, slots=True)
class Seat:
    """The seat of an agency's data officer for a time. Who holds it is not said here."""

    appointment: Appointment
    days: Days


@dataclass(frozen=True, slots=True)
class MappedAgency:
    """An agency with all that the mapping says of it."""

    agency: Agency
    days: Days
    listed: dict[str, Days]
    """Section to the days on which it lists the agency, where they are known."""
    links: list[tuple[Relation, str]] = field(default_factory=list[tuple[Relation, str]])
    """``part_of`` and ``succeeded_by``, each to the key of an agency of the mapping."""
    seats: list[Seat] = field(default_factory=list[Seat])


@dataclass(frozen=True, slots=True)
class AgencyMapping:
    """A mapping that was read and holds no error."""

    name: str
    digest: str
    """SHA-256 of the file; hexadecimal."""
    source: Source
    day: date | None
    prefix: str
    """First segment of the keys of the jurisdiction: ``ct`` in ``urn:waypost:agency:key:ct:opm``."""
    sections: dict[str, Section]
    agencies: dict[str, MappedAgency]
    names: dict[str, str]
    """Folded name, alias or abbreviation of an agency to its key."""

    def around(self, agency: str) -> list[str]:
        """The key of an agency and of every other that links join to it, over as many steps as there are."""
        found = [agency]
        for at in found:  # which grows meanwhile
            for tail, mapped in self.agencies.items():
                for _, head in mapped.links:
                    other = head if tail == at else tail
                    if at in (tail, head) and other not in found:
                        found.append(other)
        return found


def read_mapping(location: str) -> AgencyMapping:
    """Read a mapping by path or address. Raises LoaderError, as ``read_whole`` does."""
    return read_whole(location, lambda file, head, flaws: _Reader(head, flaws).read(file))


class _Reader(Tables):
    """Reads the head of a mapping and its three tables; gathers what is wrong in ``flaws``."""

    def read(self, file: WrittenFile) -> AgencyMapping | None:
        """The mapping; None where its head is wrong."""
        source, day = check_head(self.head, _VERSION, _HEAD, self.flaws)
        self.take_prefix()
        jurisdiction = self.text("jurisdiction", "the name of the jurisdiction")
        if source is None or not self.prefix:
            return None
        sections = dict(self._sections(jurisdiction))
        agencies = dict(self._agencies(sections))
        self._link(agencies)
        self._seat(agencies)
        names = self.names({key: mapped.agency for key, mapped in agencies.items()})
        return AgencyMapping(file.name, file.digest, source, day, self.prefix, sections, agencies, names)

    def _sections(self, jurisdiction: str) -> Iterator[tuple[str, Section]]:
        names = [p.name for p in MODEL.kind("Law").properties]
        for name, path, content in self.table("sections"):
            unknown_keys(content, ("law", *_LISTING), path, self.flaws)
            listing = self.properties("AgencyListing", content, _LISTING, path)
            place = (*path, "law")
            law = object_of(content.get("law"), place, self.flaws, "an object with the urn and citation of the law")
            if law is None:
                continue
            unknown_keys(law, ("urn", *names), place, self.flaws)
            urn = urn_of(law.get("urn"), ("Law",), (*place, "urn"), self.flaws)
            values = self.properties("Law", {"jurisdiction": jurisdiction, **law}, names, place)
            if urn is not None and "citation" in values:
                yield name, Section(Law(urn=urn, **values), listing)

    def _agencies(self, sections: Container[str]) -> Iterator[tuple[str, MappedAgency]]:
        names = [p.name for p in MODEL.kind("Agency").properties]
        for name, path, content in self.table("agencies"):
            unknown_keys(content, (*names, *_DAYS, "listed", *(r.name for r in _LINKS)), path, self.flaws)
            values = self.properties("Agency", content, names, path)
            days = span_of(content, path, self.flaws)
            listed = self._listed(content.get("listed", {}), (*path, "listed"), sections)
            urn = self.urn("agency", name, path)
            if urn is not None and "name" in values:
                yield name, MappedAgency(Agency(urn=urn, **values), days, listed)

    def _listed(self, value: Any, path: Path, sections: Container[str]) -> dict[str, Days]:
        made: dict[str, Days] = {}
        for section, content in (object_of(value, path, self.flaws) or {}).items():
            place = (*path, section)
            self._known(section, sections, "section", place)
            days = object_of(content, place, self.flaws) or {}
            unknown_keys(days, _DAYS, place, self.flaws)
            made[section] = span_of(days, place, self.flaws)
        return made

    def _link(self, agencies: dict[str, MappedAgency]) -> None:
        """Read the links between agencies, now that each of them is known."""
        table = cast("dict[str, Any]", self.head["agencies"]) if agencies else {}
        for name, mapped in agencies.items():
            for relation in _LINKS:
                value = table[name].get(relation.name, [])
                place = ("agencies", name, relation.name)
                heads = cast("list[Any]", value) if isinstance(value, list) else [value]
                if relation.one and len(heads) > 1:
                    message, remedy = f"there are {len(heads)}, and one is taken", "leave the one that holds"
                    self.flaws.append(Flaw(place, ListRule.TOO_MANY, message, remedy))
                known = [head for head in heads if self._known(head, agencies, "agency", place)]
                mapped.links.extend((relation, head) for head in known)

    def _seat(self, agencies: dict[str, MappedAgency]) -> None:
        """Read the seats, and give each to its agency."""
        for name, path, content in self.table("seats") if "seats" in self.head else ():
            unknown_keys(content, ("agency", *_DAYS, *_SEAT), path, self.flaws)
            values = self.properties("Appointment", content, _SEAT, path)
            days = span_of(content, path, self.flaws, of_link=True)
            urn = self.urn("appointment", name, path)
            if self._known(content.get("agency"), agencies, "agency", (*path, "agency")) and urn is not None:
                appointment = Appointment(urn=urn, role=PersonRole.AGENCY_DATA_OFFICER, **values)
                agencies[content["agency"]].seats.append(Seat(appointment, days))

    def _known(self, name: Any, known: Container[str], what: str, path: Path) -> bool:
        """Whether a key is one of a table of the mapping; a flaw where it is not."""
        if isinstance(name, str) and name in known:
            return True
        message = f"{name!r:.60} is the key of no {what} of this mapping"
        remedy = "write the key of one, or add it to the table"
        self.flaws.append(Flaw(path, _UNKNOWN[what], message, remedy))
        return False
