"""Loading a DCAT-US 1.1 catalog from a ``data.json``."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any, Self
from urllib.parse import urlsplit

import msgspec

from catalog.errors import InvalidUrn
from catalog.model.own import Source
from catalog.urn import Urn, dcat, key, parse
from loaders.dcat_us import raw
from loaders.dcat_us.catalog import Texts, read_catalog
from loaders.dcat_us.parse import parse_dataset
from loaders.fetch import is_url, name_of, open_content, shown
from loaders.fields import Fields, RefusedRecord, Rule
from loaders.quarantine import Quarantine
from loaders.record import Problem, Record

__all__ = ["DcatUsLoader"]

_TRAILER = re.compile(r"(?:[._-]\d{4}(?:-\d{2}-\d{2})?)?(?:\.(?:small|data))*\.json$", re.IGNORECASE)


class DcatUsLoader:
    """The datasets of a catalog: ``open`` reads a ``data.json``, ``replay`` takes those that were kept out of one.

    The catalog's key, under which its identifiers are kept, is the last part of the source's URN. ``taken`` are identifiers
    that are none of these datasets'.
    """

    kind = "dcat-us"
    local = True

    def __init__(
        self,
        datasets: Texts,
        *,
        source: Source,
        day: date,
        location: str,
        digest: str,
        complete: bool,
        taken: Iterable[str] = (),
    ) -> None:
        self.source, self.day, self.location, self.digest, self.complete = source, day, location, digest, complete
        self.catalog = parse(source.urn).segments[-1]
        self.expected: int | None = len(datasets)
        self._datasets = datasets
        self._taken = frozenset(taken)
        self._names: dict[Urn, str] = {}

    @classmethod
    def open(
        cls,
        location: str,
        *,
        catalog: str | None = None,
        as_of: date | None = None,
        precedence: int | None = None,
    ) -> Self:
        """A catalog by path or address. Raises LoaderError where it is none at all.

        ``catalog`` is its key: by default the host of the address, or the name of the file without its date. ``as_of`` is
        the day it speaks of: by default the latest day that a dataset was modified. ``precedence`` is its rank: by default
        what was stated of it before.
        """
        content, name = open_content(location), shown(location)
        datasets = read_catalog(content, name)
        title = catalog or _catalog_name(location)
        source = Source(urn=key("source", "dcat-us", title), title=title, format="dcat-us-1.1", precedence=precedence)
        digest = hashlib.sha256()
        for block in content.blocks():
            digest.update(block)
        day = as_of or _latest(datasets)
        return cls(datasets, source=source, day=day, location=name, digest=digest.hexdigest(), complete=True)

    @classmethod
    def replay(cls, quarantine: Quarantine, location: str) -> Self:
        """What an earlier load kept out, as someone mended it; ``location`` is where that stands."""
        datasets = [msgspec.Raw(kept.text) for kept in quarantine.records]
        return cls(
            datasets,
            source=quarantine.source,
            day=quarantine.day,
            location=shown(location),
            digest=hashlib.sha256(b"\n".join(map(bytes, datasets))).hexdigest(),
            complete=False,
            # What another dataset of the catalog is called is still no name for this one.
            taken=[
                kept.identifier
                for kept in quarantine.records
                if kept.problem.rule == Rule.DUPLICATE_IDENTIFIER and kept.identifier
            ],
        )

    def records(self) -> Iterator[Record]:
        """The datasets in the order of the catalog; a second one of the same identifier is kept out."""
        seen: dict[str, int | None] = dict.fromkeys(self._taken)
        file = name_of(self.location)
        for index, text in enumerate(self._datasets):
            record = self._record(text, f"{file}: dataset[{index}]")
            name = record.identifier
            if record.problem is None and name is not None:
                if name in seen:
                    problem = _duplicate(seen[name])
                    record = Record(record.place, record.raw, identifier=name, problem=problem)
                else:
                    seen[name] = index
            yield record

    def listed(self) -> set[str]:
        """The URNs of the records of the catalog, also of those that cannot be kept."""
        found: set[str] = set()
        for text in self._datasets:
            for name in _names(text):
                with suppress(InvalidUrn):
                    found.add(dcat("catalog-record", self.catalog, name))
        return found

    def _record(self, text: msgspec.Raw, place: str) -> Record:
        try:
            content = raw.read(bytes(text))
        except RefusedRecord as refused:
            names = _names(text)
            name = names.pop() if len(names) == 1 else None
            return Record(place, raw.shown(bytes(text)), identifier=name, problem=refused.problem)
        name = None
        try:
            name = Fields(content).required("identifier")
            record = parse_dataset(content, place, self.catalog, self.source, self._names)
        except RefusedRecord as refused:
            return Record(place, content, identifier=name, problem=refused.problem)
        except InvalidUrn as error:
            problem = Problem(Rule.IDENTIFIER, "$.identifier", str(error), "state a shorter, printable identifier")
            return Record(place, content, identifier=name, problem=problem)
        record.identifier = name
        return record


def _duplicate(first: int | None) -> Problem:
    other = "another dataset of the catalog" if first is None else f"dataset[{first}]"
    remedy = "give each dataset an identifier of its own"
    return Problem(Rule.DUPLICATE_IDENTIFIER, "$.identifier", f"{other} has the same identifier", remedy)


class _Glance(msgspec.Struct):
    """What of a dataset is looked at before it is read."""

    identifier: Any = None
    modified: Any = None


def _glance(text: msgspec.Raw) -> Fields:
    """Identifier and date of a dataset; of what is no object, nothing."""
    try:
        found = msgspec.json.decode(text, type=_Glance)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Fields({})
    return Fields({"identifier": found.identifier, "modified": found.modified})


def _names(text: msgspec.Raw) -> set[str]:
    """The identifier of a dataset; of one that cannot be read, all that it may be."""
    try:
        return {_glance(text).required("identifier")}
    except RefusedRecord:
        return raw.stated_names(bytes(text))


def _catalog_name(location: str) -> str:
    if is_url(location):
        return urlsplit(location).hostname or location
    name = name_of(location)
    return _TRAILER.sub("", name) or name


def _latest(datasets: Texts) -> date:
    """The latest day that a dataset was modified and that is not to come; today where none says so."""
    today = datetime.now(UTC).date()
    days = (_modified(text) for text in datasets)
    return max((day for day in days if day is not None and day <= today), default=today)


def _modified(text: msgspec.Raw) -> date | None:
    try:
        return _glance(text).day("modified")
    except RefusedRecord:
        return None
