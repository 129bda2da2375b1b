"""Loading a register: a CSV of releases or agreements, and the mapping that says what its columns and words stand for.

A file of a register is a source of its own, below that of the register, and lists all that it has: registers come by year or
quarter, and a corrected file replaces the one of its name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import PurePath
from typing import Self

from catalog.model.own import Source
from loaders.agencies.rules import ListRule
from loaders.errors import LoaderError
from loaders.fetch import name_of, read_bytes, shown
from loaders.fields import RefusedRecord
from loaders.quarantine import Quarantine
from loaders.record import Problem, Record
from loaders.registers.mapping import RegisterMapping, read_mapping
from loaders.registers.parse import Entry, Paper, is_short, parse_row, release_of
from loaders.registers.rows import Row, read_row, read_rows
from loaders.registers.rules import RegisterRule
from loaders.registers.state import Register, record_urn

__all__ = ["RegisterLoader"]

_OF_TWO_ROWS = frozenset((ListRule.DUPLICATE_ROW, RegisterRule.CONTRADICTION))
"""Rules that a row breaks by what an earlier one says."""


class RegisterLoader:
    """The rows of a register: ``open`` reads a CSV, ``replay`` takes rows that were kept out of one.

    Not ``local``: the first row that speaks of a body of data states all that it flows into. ``complete`` is false where a
    row does not tell which release it is, since that one would look as if it had left. ``digest`` is that of the CSV with the
    digest of the mapping after it.
    """

    kind = "register"
    local = False

    def __init__(
        self,
        rows: Sequence[Row],
        content: bytes,
        *,
        mapping: RegisterMapping,
        source: Source,
        day: date | None,
        location: str,
        taken: Collection[str] = (),
        is_file: bool = True,
    ) -> None:
        self.source, self.location = source, location
        self.expected: int | None = len(rows)
        self.digest = hashlib.sha256(content + mapping.digest.encode()).hexdigest()
        self._mapping = mapping
        self._read = list(_entries(rows, mapping, taken))
        self._is_file = is_file
        releases = [release_of(row, mapping) for row in rows]
        self.complete = is_file and all(release is not None and is_short(release) for release in releases)
        self._listed = {
            record_urn(source, release) for release in releases if release is not None and is_short(release)
        }
        self.day = day or _latest(self._read)

    @classmethod
    def open(cls, location: str, mapping: str, *, catalog: str | None = None, as_of: date | None = None) -> Self:
        """A CSV and its mapping, each by path or address, a packaged mapping by its name.

        Raises LoaderError where one of them is refused as a whole. ``catalog`` is the key under which the file is known: by
        default its name without its ending. ``as_of`` is the day that it speaks of: by default that of the mapping, else the
        latest release that is not to come, else today.
        """
        read = read_mapping(mapping)
        content = read_bytes(location)
        name = name_of(location)
        rows = read_rows(content, name, read)
        source = read.source_of(catalog or PurePath(name).stem)
        return cls(rows, content, mapping=read, source=source, day=as_of or read.day, location=shown(location))

    @classmethod
    def replay(cls, quarantine: Quarantine, location: str, mapping: str) -> Self:
        """Rows that an earlier load kept out, as someone mended them; ``location`` is where they stand.

        Raises LoaderError where the mapping is that of another register.
        """
        read = read_mapping(mapping)
        source = quarantine.source
        if not read.is_of(source.urn):
            message = (
                f"{read.name}: it is the mapping of {read.source.urn}, and {shown(location)} holds rows of another"
            )
            raise LoaderError(ListRule.SOURCE, f"{message}: give the mapping of {source.urn}")
        name = name_of(location)
        rows = [read_row(kept.raw, f"{name}: record {i}") for i, kept in enumerate(quarantine.records, 1)]
        # What another row says is still said.
        taken = {kept.identifier for kept in quarantine.records if kept.problem.rule in _OF_TWO_ROWS}
        return cls(
            rows,
            "".join(f"{row.raw}\n" for row in rows).encode(),
            mapping=read,
            source=source,
            day=quarantine.day,
            location=shown(location),
            taken={each for each in taken if each},
            is_file=False,
        )

    def records(self) -> Iterator[Record]:
        """One record a row, in order."""
        entries = [entry for _, entry, _, _ in self._read if entry is not None]
        whole = self._is_file and len(entries) == len(self._read)
        register = Register(entries, self._mapping, self.source, whole=whole)
        for row, entry, identifier, problem in self._read:
            record = Record(row.place, row.raw, identifier=identifier, problem=problem)
            if entry is not None:
                register.state(entry, record)
            yield record

    def listed(self) -> set[str]:
        """The URNs of the records of all releases, also of rows that are kept out."""
        return set(self._listed)


_Read = tuple[Row, Entry | None, str | None, Problem | None]
"""A row with what it tells, or what it is about and why it is kept out."""


def _entries(rows: Sequence[Row], mapping: RegisterMapping, taken: Collection[str]) -> Iterator[_Read]:
    """The rows, each as what it tells; one that tells again, or otherwise, what an earlier one tells is kept out."""
    seen = dict.fromkeys(taken, "another row")
    papers: dict[tuple[str, ...], tuple[Paper, str]] = {}
    for row in rows:
        try:
            entry = parse_row(row, mapping)
        except RefusedRecord as refused:
            yield row, None, release_of(row, mapping), refused.problem
            continue
        name = _name(entry)
        if name in seen:
            message = f"{seen[name]} tells of it already"
            problem = Problem(ListRule.DUPLICATE_ROW, "", message, "keep one row for each")
            yield row, None, name, problem
        elif entry.paper is not None and (told := _told(entry.paper, papers, seen)) is not None:
            message = f"'{entry.paper}', and {told}"
            remedy = "mend the one that is wrong; what is said of an agreement is the same in all its rows"
            yield row, None, str(entry.paper), Problem(RegisterRule.CONTRADICTION, "", message, remedy)
        else:
            seen[name] = row.place
            if entry.paper is not None:
                papers.setdefault(entry.paper.reference, (entry.paper, row.place))
            yield row, entry, name, None


def _name(entry: Entry) -> str:
    """What a row is about: a release; where the register lists agreements, that what one of them is about."""
    if entry.release is not None:
        return entry.release
    purpose = entry.purpose and entry.purpose.urn
    parts = (entry.paper and entry.paper.reference, entry.data.title, entry.data.form, entry.recipient.urn, purpose)
    return " ".join(map(str, parts))


def _told(paper: Paper, papers: dict[tuple[str, ...], tuple[Paper, str]], seen: dict[str, str]) -> str | None:
    """What is told otherwise of an agreement, and where; None where nothing is."""
    earlier = papers.get(paper.reference)
    if earlier is not None and earlier[0] != paper:
        return f"{earlier[1]} says '{earlier[0]}'"
    return f"{seen[str(paper)]} says otherwise" if str(paper) in seen else None


def _latest(read: Sequence[_Read]) -> date:
    """The latest day of a release that is not to come; today where none has one."""
    today = datetime.now(UTC).date()
    days = [entry.first_seen for _, entry, _, _ in read if entry is not None and entry.first_seen is not None]
    return max((day for day in days if day <= today), default=today)
