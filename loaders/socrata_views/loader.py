"""Loading families of derived views, one JSON object a line: what Socrata portals tell of views made from other views."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Protocol, Self

from catalog.model.own import Source
from catalog.urn import Urn, key, parse, socrata
from loaders.dcat_us import raw
from loaders.fetch import name_of, open_content, shown
from loaders.fields import Fields, RefusedRecord
from loaders.quarantine import Quarantine
from loaders.record import Record
from loaders.socrata_views.families import Families
from loaders.socrata_views.parse import created_on, parse_family, view_urn
from loaders.socrata_views.rules import ViewRule

__all__ = ["SocrataViewsLoader"]

_TRAILER = re.compile(r"(?:[._-]\d{4}(?:-\d{2}(?:-\d{2})?)?)?(?:\.(?:nd)?jsonl?)?(?:\.gz)?$", re.IGNORECASE)


class _Lines(Protocol):
    """Lines with their numbers, that can be gone through more than once."""

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[tuple[int, bytes]]: ...


class SocrataViewsLoader:
    """The families of a file: ``open`` reads one, ``replay`` takes those that were kept out of one.

    A record is a family. ``taken`` are views that are in families besides these.
    """

    kind = "socrata-views"
    local = True

    def __init__(
        self,
        lines: _Lines,
        *,
        source: Source,
        day: date | None,
        location: str,
        digest: str,
        complete: bool,
        taken: Iterable[Urn] = (),
    ) -> None:
        self.source, self.location, self.digest = source, location, digest
        self.expected: int | None = len(lines)
        self._lines = lines
        self._taken = frozenset(taken)
        survey = _survey(lines)
        self.day = day or survey.latest
        # Of what cannot be read it is not known which views it lists.
        self.complete = complete and survey.is_whole
        self._listed = survey.listed

    @classmethod
    def open(cls, location: str, *, catalog: str | None = None, as_of: date | None = None) -> Self:
        """A file by path or address, gzipped or not. Raises LoaderError where it is none at all.

        ``catalog`` is the key under which the file is known: by default its name without its date. ``as_of`` is the day it
        speaks of: by default the latest on which one of its views was made.
        """
        content, name = open_content(location), shown(location)
        title = catalog or _TRAILER.sub("", name_of(location)) or name_of(location)
        digest = hashlib.sha256()
        for block in content.blocks():
            digest.update(block)
        source = Source(urn=key("source", "socrata-views", title), title=title, format="socrata-views")
        lines = Families(content, name)
        return cls(lines, source=source, day=as_of, location=name, digest=digest.hexdigest(), complete=True)

    @classmethod
    def replay(cls, quarantine: Quarantine, location: str) -> Self:
        """What an earlier load kept out, as someone mended it; ``location`` is where that stands."""
        lines = [(n, kept.text) for n, kept in enumerate(quarantine.records, 1)]
        return cls(
            lines,
            source=quarantine.source,
            day=quarantine.day,
            location=shown(location),
            digest=hashlib.sha256(b"\n".join(text for _, text in lines)).hexdigest(),
            complete=False,
            # What another family has is still not for this one.
            taken=[
                socrata("dataset", *str(kept.identifier).split(":"))
                for kept in quarantine.records
                if kept.problem.rule == ViewRule.TWO_SOURCES and (kept.identifier or "").count(":") == 1
            ],
        )

    def records(self) -> Iterator[Record]:
        """The families in the order of the file. One that has a view of an earlier family is kept out."""
        seen: dict[Urn, int] = dict.fromkeys(self._taken, 0)
        file = name_of(self.location)
        for number, text in self._lines:
            yield self._record(text, f"{file}: line {number}", number, seen)

    def listed(self) -> set[str]:
        """The URNs of the records of all views, also of families that are kept out."""
        return self._listed

    def _record(self, text: bytes, place: str, number: int, seen: dict[Urn, int]) -> Record:
        try:
            content = raw.read(text)
        except RefusedRecord as refused:
            return Record(place, raw.shown(text), problem=refused.problem)
        record = Record(place, content)
        try:
            fields = Fields(content)
            record.identifier = fields.text("table")
            views = parse_family(fields, record, self.source, seen)
        except RefusedRecord as refused:
            return Record(place, content, identifier=record.identifier, problem=refused.problem)
        seen.update(dict.fromkeys(views, number))
        return record


@dataclass(frozen=True, slots=True)
class _Survey:
    """What is to be known of all families before one is taken in."""

    latest: date
    """The latest day that a view was made on and that is not to come; today where none says so."""
    listed: set[str]
    is_whole: bool
    """Whether every view of every family could be told."""


def _survey(lines: _Lines) -> _Survey:
    listed: set[str] = set()
    whole = True
    today, latest = datetime.now(UTC).date(), date.min
    for _, text in lines:
        try:
            fields = Fields(raw.read(text))
            views = [*fields.objects("source"), *fields.objects("datasets")]
            listed.update(socrata("catalog-record", *parse(view_urn(view)).segments) for view in views)
        except RefusedRecord:
            whole = False
            continue
        for view in views:
            with suppress(RefusedRecord):
                day = created_on(view)
                if day is not None and day <= today:
                    latest = max(latest, day)
    return _Survey(today if latest == date.min else latest, listed, whole)
