"""One row of a list of agencies as statements (domain 3.1: Agency, AgencyListing; L248).

A row is whole by itself: beside its listing it states the law that holds the list and the agency, with the agencies and
seats that the mapping joins to it. So any row can be kept out, or played again, and no other one misses anything.
"""

from __future__ import annotations

import difflib

from catalog.access import Audience
from catalog.batch import EdgeStatement, NodeStatement
from catalog.errors import InvalidUrn
from catalog.model.people import Agency, AgencyListing, Appointment
from catalog.text import fold
from catalog.urn import key
from loaders.agencies.mapping import AgencyMapping, MappedAgency
from loaders.agencies.rows import Row
from loaders.agencies.rules import ListRule
from loaders.fields import RefusedRecord
from loaders.record import Problem, Record
from loaders.waypost_file.rules import Rule

__all__ = ["parse_row"]


def parse_row(row: Row, mapping: AgencyMapping) -> Record:
    """The statements of one row, or the problem that keeps it out."""
    record = Record(row.place, row.raw, problem=row.problem)
    if row.problem is None:
        try:
            _state(record, row.cells, mapping)
        except RefusedRecord as refused:
            return Record(row.place, row.raw, problem=refused.problem)
        except InvalidUrn as error:
            problem = Problem(Rule.URN, "section", str(error), "give section and agency short keys in the mapping")
            return Record(row.place, row.raw, problem=problem)
    return record


def _state(record: Record, cells: tuple[str, ...], mapping: AgencyMapping) -> None:
    """Add what the row states. The order within a list is checked and not kept: no one asks for it."""
    section, order, text, name, abbreviation, _ = cells
    for column, cell in (("section", section), ("text", text), ("agency", name)):
        if not cell:
            raise _refusal(Rule.REQUIRED, column, "it is blank", "state it")
    if order and not (order.isascii() and order.isdecimal()):
        raise _refusal(
            ListRule.ORDER, "order", f"'{order[:60]}' is no number", "write the entry's number in the list, in digits"
        )
    if section not in mapping.sections:
        message = f"'{section[:60]}' is no section of {mapping.name}"
        remedy = f"write {' or '.join(mapping.sections)}, or add the section to the mapping"
        raise _refusal(ListRule.UNKNOWN_SECTION, "section", message, remedy)
    agency = _agency(name, abbreviation, mapping)
    record.identifier = f"{section}:{agency}"
    _list(record, agency, cells, mapping)
    for each in mapping.around(agency):
        _describe(record, mapping.agencies[each], mapping)


def _agency(name: str, abbreviation: str, mapping: AgencyMapping) -> str:
    """The key of the agency that name and abbreviation both mean."""
    by_name = mapping.names.get(fold(name))
    by_abbreviation = mapping.names.get(fold(abbreviation)) if abbreviation else by_name
    if by_name is not None and by_name == by_abbreviation:
        return by_name
    if by_name is not None:
        known = mapping.agencies[by_name].agency
        message = f"'{abbreviation[:60]}' does not mean {known.name}"
        remedy = f"write {known.abbreviation or 'nothing'}, or mend the mapping"
        raise _refusal(ListRule.OTHER_AGENCY, "abbreviation", message, remedy)
    if by_abbreviation is not None:
        known = mapping.agencies[by_abbreviation].agency
        message = f"'{name[:120]}' is no name of {abbreviation}"
        remedy = f"write '{known.name}', or add the other name to its aliases in the mapping"
        raise _refusal(ListRule.OTHER_AGENCY, "agency", message, remedy)
    near = difflib.get_close_matches(name, [mapped.agency.name for mapped in mapping.agencies.values()], n=1)
    remedy = f"did you mean '{near[0]}'? else " if near else ""
    remedy += "add the agency to the mapping"
    raise _refusal(ListRule.UNKNOWN_AGENCY, "agency", f"{mapping.name} knows no '{name[:120]}'", remedy)


def _list(record: Record, agency: str, cells: tuple[str, ...], mapping: AgencyMapping) -> None:
    """The listing, the law that holds it, and the agency that it means."""
    section, _, text, _, _, note = cells
    stated, mapped = mapping.sections[section], mapping.agencies[agency]
    how = [stated.listing.get("note"), f"In the source: {note.removesuffix('.')}." if note else None]
    listing = AgencyListing(
        urn=key("agency-listing", mapping.prefix, section, agency),
        basis=stated.listing.get("basis"),
        section=section,
        listed_as=text,
        note=" ".join(filter(None, how)) or None,
    )
    days = mapped.listed.get(section, (None, None))
    record.nodes.append(NodeStatement(listing, Audience.PUBLIC, *days))
    record.nodes.append(NodeStatement(stated.law, Audience.PUBLIC))
    record.edges.append(EdgeStatement(AgencyListing.rests_on, listing.urn, stated.law.urn))
    # Not restated: another row lists the agency as well, and one that was kept out has not left the list.
    record.edges.append(EdgeStatement(Agency.listed_in, mapped.agency.urn, listing.urn))
    record.restates.append((listing.urn, AgencyListing.rests_on))


def _describe(record: Record, mapped: MappedAgency, mapping: AgencyMapping) -> None:
    """An agency with its links and seats, of which the mapping states every one."""
    urn = mapped.agency.urn
    record.nodes.append(NodeStatement(mapped.agency, Audience.PUBLIC, *mapped.days))
    record.edges += [EdgeStatement(relation, urn, mapping.agencies[head].agency.urn) for relation, head in mapped.links]
    for seat in mapped.seats:
        appointment = seat.appointment.urn
        record.nodes.append(NodeStatement(seat.appointment, Audience.PUBLIC, *seat.days))
        record.edges.append(EdgeStatement(Appointment.within, appointment, urn))
        record.edges.append(EdgeStatement(Agency.data_officer, urn, appointment, *seat.days))
        record.restates.append((appointment, Appointment.within))
    record.restates += [(urn, relation) for relation in (Agency.part_of, Agency.succeeded_by, Agency.data_officer)]


def _refusal(rule: str, column: str, message: str, remedy: str) -> RefusedRecord:
    return RefusedRecord(Problem(rule, column, message, remedy))
