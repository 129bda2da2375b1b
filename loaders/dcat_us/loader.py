"""Loading a DCAT-US 1.1 catalog from a ``data.json``."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import msgspec

from catalog.errors import InvalidUrn
from catalog.model.own import Source
from catalog.urn import dcat, key
from loaders.dcat_us.parse import parse_dataset
from loaders.errors import LoaderError
from loaders.fetch import is_url, read_bytes, shown
from loaders.fields import Fields, RefusedRecord
from loaders.record import Problem, Record

__all__ = ["DcatUsLoader"]

_TRAILER = re.compile(r"(?:[._-]\d{4}(?:-\d{2}-\d{2})?)?(?:\.(?:small|data))*\.json$", re.IGNORECASE)


class DcatUsLoader:
    """A ``data.json`` by path or address. Raises LoaderError where it is no catalog at all.

    ``catalog`` is the key under which its identifiers are kept: by default the host of the address, or the name of the
    file without its date. ``as_of`` is the day it speaks of: by default the latest day that a dataset was modified.
    """

    kind = "dcat-us"
    local = True
    complete = True

    def __init__(self, location: str, *, catalog: str | None = None, as_of: date | None = None) -> None:
        self.location = shown(location)
        self.catalog = catalog or _catalog_name(location)
        content = read_bytes(location)
        self.digest = hashlib.sha256(content).hexdigest()
        self._datasets = _read_catalog(content, self.location)
        self.expected: int | None = len(self._datasets)
        self.day = as_of or _latest(self._datasets)
        self.source = Source(urn=key("source", "dcat-us", self.catalog), title=self.catalog, format="dcat-us-1.1")

    def records(self) -> Iterator[Record]:
        """The datasets in the order of the catalog; a second one of the same identifier is kept out."""
        seen: dict[str, int] = {}
        for index, raw in enumerate(self._datasets):
            place = f"{Path(self.location).name}: dataset[{index}]"
            record = self._record(raw, place)
            identifier = record.nodes[0].entity.urn if record.nodes else None
            if identifier is not None and identifier in seen:
                problem = Problem(
                    "duplicate-identifier",
                    "$.identifier",
                    f"dataset[{seen[identifier]}] has the same identifier",
                    "give each dataset an identifier of its own",
                )
                record = Record(place, raw, problem=problem)
            elif identifier is not None:
                seen[identifier] = index
            yield record

    def listed(self) -> set[str]:
        """The URNs of the records of the catalog, also of those that cannot be kept."""
        found: set[str] = set()
        for raw in self._datasets:
            with suppress(RefusedRecord, InvalidUrn):
                found.add(dcat("catalog-record", self.catalog, Fields(raw).required("identifier")))
        return found

    def _record(self, raw: Any, place: str) -> Record:
        try:
            return parse_dataset(raw, place, self.catalog, self.source)
        except RefusedRecord as refused:
            return Record(place, raw, problem=refused.problem)
        except InvalidUrn as error:
            problem = Problem("identifier", "$.identifier", str(error), "state a shorter, printable identifier")
            return Record(place, raw, problem=problem)


def _read_catalog(content: bytes, location: str) -> list[Any]:
    content = content.removeprefix(b"\xef\xbb\xbf")
    if not content.strip():
        raise LoaderError("not-json", f"{location} is empty: give the path of a data.json")
    try:
        catalog = msgspec.json.decode(content)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise LoaderError("encoding", f"{location}: line {line} is not UTF-8: save the file as UTF-8") from error
    except (msgspec.DecodeError, RecursionError) as error:
        raise LoaderError("not-json", f"{location} is no JSON ({error}): give the path of a data.json") from error
    datasets = cast("dict[str, Any]", catalog).get("dataset") if isinstance(catalog, dict) else None
    if not isinstance(datasets, list):
        raise LoaderError("no-catalog", f"{location} has no list 'dataset': it is no DCAT-US 1.1 catalog")
    return cast("list[Any]", datasets)


def _catalog_name(location: str) -> str:
    if is_url(location):
        return urlsplit(location).hostname or location
    name = Path(location).name
    return _TRAILER.sub("", name) or name


def _latest(datasets: list[Any]) -> date:
    """The latest day that a dataset was modified and that is not to come; today where none says so."""
    today = datetime.now(UTC).date()
    days = (_modified(raw) for raw in datasets)
    return max((day for day in days if day is not None and day <= today), default=today)


def _modified(raw: Any) -> date | None:
    try:
        return Fields(raw).day("modified")
    except RefusedRecord:
        return None
