"""Loading a list of agencies: a CSV of the entries of one law or several, and the mapping that says what they mean.

What is kept out is a line of the CSV. It is played again with the mapping given anew, not with the one of that day: the
mapping is as often what was to be mended, and is a file that is kept anyway.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Self

from loaders.agencies.mapping import AgencyMapping, read_mapping
from loaders.agencies.parse import parse_row
from loaders.agencies.rows import Row, read_row, read_rows
from loaders.agencies.rules import ListRule
from loaders.errors import LoaderError
from loaders.fetch import name_of, read_bytes, shown
from loaders.quarantine import Quarantine
from loaders.record import Problem, Record

__all__ = ["AgenciesLoader"]


class AgenciesLoader:
    """The entries of a list: ``open`` reads a CSV, ``replay`` takes rows that were kept out of one.

    ``complete`` is false: a row that is gone may have been kept out, or moved to another file, and neither ends the
    standing of an agency. On which day a list ceased to name it is said in the mapping (``listed``). ``digest`` is that
    of the CSV with the digest of the mapping after it.
    """

    kind = "agencies"
    local = True
    complete = False

    def __init__(
        self,
        rows: list[Row],
        content: bytes,
        *,
        mapping: AgencyMapping,
        day: date,
        location: str,
        taken: Iterable[str] = (),
    ) -> None:
        self.source, self.day, self.location = mapping.source, day, location
        self.expected: int | None = len(rows)
        self.digest = hashlib.sha256(content + mapping.digest.encode()).hexdigest()
        self._rows = rows
        self._mapping = mapping
        self._taken = frozenset(taken)

    @classmethod
    def open(cls, location: str, mapping: str, *, as_of: date | None = None) -> Self:
        """A CSV and its mapping, each by path or address. Raises LoaderError where one of them is refused as a whole.

        ``as_of`` is the day that the list speaks of: by default that of the mapping, else today.
        """
        read = read_mapping(mapping)
        content = read_bytes(location)
        rows = read_rows(content, name_of(location))
        day = as_of or read.day or datetime.now(UTC).date()
        return cls(rows, content, mapping=read, day=day, location=shown(location))

    @classmethod
    def replay(cls, quarantine: Quarantine, location: str, mapping: str) -> Self:
        """Rows that an earlier load kept out, as someone mended them; ``location`` is where they stand.

        Raises LoaderError where the mapping is that of another source.
        """
        read = read_mapping(mapping)
        if read.source.urn != quarantine.source.urn:
            message = (
                f"{read.name}: it is the mapping of {read.source.urn}, and {shown(location)} holds rows of another"
            )
            raise LoaderError(ListRule.SOURCE, f"{message}: give the mapping of {quarantine.source.urn}")
        name = name_of(location)
        rows = [read_row(kept.raw, f"{name}: record {i}") for i, kept in enumerate(quarantine.records, 1)]
        # What another row says of a list is still said.
        taken = [k.identifier for k in quarantine.records if k.problem.rule == ListRule.DUPLICATE_ROW and k.identifier]
        content = "".join(f"{row.raw}\n" for row in rows).encode()
        return cls(rows, content, mapping=read, day=quarantine.day, location=shown(location), taken=taken)

    def records(self) -> Iterator[Record]:
        """One record a row, in order; a second entry for the same agency in one section is kept out."""
        seen = dict.fromkeys(self._taken, "another row")
        for row in self._rows:
            record = parse_row(row, self._mapping)
            entry = record.identifier
            if entry is not None and entry in seen:
                message = f"{seen[entry]} lists that agency in that section"
                problem = Problem(
                    ListRule.DUPLICATE_ROW, "agency", message, "keep one row for each agency of a section"
                )
                record = Record(row.place, row.raw, identifier=entry, problem=problem)
            elif entry is not None:
                seen[entry] = row.place
            yield record

    def listed(self) -> set[str]:
        """Nothing: rows are no catalog records."""
        return set()
