"""The mapping: what the columns and words of a register stand for. A YAML file of ours; ``docs/registers.md`` describes it.

Registers agree on what they tell (domain 8.4) and not on how: each has headers and categories of its own, spelled in more
than one way. What a mapping does not name is not read; a word that it does not explain keeps its row out, since to guess
what a class or a legal basis means is to guess a verdict.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path as File
from typing import Any, cast

from catalog.access import Audience
from catalog.model import MODEL
from catalog.model.enums import Classification
from catalog.model.own import Source
from catalog.model.people import Agency
from catalog.model.sharing import Law, Purpose
from catalog.stated import Flaw, Path, member_of, object_of, unknown_keys, urn_of
from catalog.text import fold
from catalog.urn import Urn, key, parse
from loaders.agencies.rules import ListRule
from loaders.agencies.tables import Tables, read_whole
from loaders.errors import LoaderError
from loaders.registers.days import NO_DAY, Days, is_format
from loaders.registers.names import segment
from loaders.registers.rules import RegisterRule
from loaders.waypost_file.rules import Rule
from loaders.waypost_file.written import WrittenFile, check_head

__all__ = ["AGREEMENT_DAYS", "COLUMNS", "RegisterMapping", "packaged", "read_mapping"]

AGREEMENT_DAYS = ("requested_on", "executed_on", "effective_from", "effective_to")
"""Columns with days of the agreement, by the properties that they become."""
FLOW_DAYS = ("first_seen", "last_seen")
"""Columns with days of the release, by the properties of Flow that they become."""
COLUMNS = (
    *("release", "recipient", "provider", "dataset", "class", "basis", "purpose", "agreement", "title"),
    *("description", "schedule", *FLOW_DAYS, *AGREEMENT_DAYS),
)
"""What a column can stand for."""

_FOLDER = File(__file__).parent / "mappings"
_PACKAGED = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_VERSION = ("register_mapping", 1)
_HEAD = (
    *("prefix", "register", "audience", "provider", "columns", "agencies"),
    *("classes", "laws", "bases", "purposes", "agreement", "dates"),
)


@dataclass(frozen=True, slots=True)
class RegisterMapping:
    """A mapping that was read and holds no error. Words are folded: case, accents and white space tell none apart."""

    name: str
    digest: str
    """SHA-256 of the file; hexadecimal."""
    source: Source
    """Who publishes the register; each file of it is a source below this one (``source_of``)."""
    day: date | None
    prefix: str
    """First segment of the keys of its agencies."""
    register: str
    """What follows in the keys of what only this register numbers: ``uk:phe`` in ``urn:waypost:flow:key:uk:phe:DRR1``."""
    audience: Audience | None
    """For whom its nodes are; None: as the model says of each kind."""
    provider: str | None
    """Key of the agency that provides, where one does for all rows."""
    columns: dict[str, tuple[str, ...]]
    """One of ``COLUMNS`` to the headers that it may have, folded."""
    agencies: dict[str, Agency]
    names: dict[str, str]
    """Name, alias or abbreviation to the key of an agency."""
    classes: dict[str, tuple[Classification, ...]]
    bases: dict[str, tuple[Law, ...]]
    """A word for the legal basis to the laws that it means; there may be none."""
    purposes: dict[str, Purpose]
    version_after: str | None
    """What stands between the number of an agreement and its version."""
    covers: bool
    """Whether a row says that its agreement covers the data that it names."""
    days: Days

    def source_of(self, file: str) -> Source:
        """The source that a file of the register is; ``file`` is the key under which it is known."""
        urn = key("source", *parse(self.source.urn).segments, file)
        title = f"{self.source.title}: {file}"
        return Source(urn=urn, title=title, format="register", precedence=self.source.precedence, url=self.source.url)

    def is_of(self, source: Urn) -> bool:
        """Whether a source is a file of this register."""
        return parse(source).segments[:-1] == parse(self.source.urn).segments


def packaged() -> list[str]:
    """The names of the mappings that come with the product, in order."""
    return sorted(path.stem for path in _FOLDER.glob("*.yaml"))


def read_mapping(location: str) -> RegisterMapping:
    """Read a mapping by path or address, or by the name of one that is packaged.

    Raises LoaderError, naming file, line, path, rule and remedy, where anything in it is wrong.
    """
    if _PACKAGED.fullmatch(location) and not File(location).exists():
        if location not in packaged():
            message = f"{location}: it is neither a file nor the name of a packaged mapping"
            remedy = f"give a path, or one of {', '.join(packaged())}"
            raise LoaderError(RegisterRule.UNKNOWN_MAPPING, f"{message}: {remedy}")
        location = str(_FOLDER / f"{location}.yaml")
    return read_whole(location, lambda file, head, flaws: _Reader(head, flaws).read(file))


class _Reader(Tables):
    """Reads the head of a mapping and its tables; gathers what is wrong in ``flaws``."""

    def read(self, file: WrittenFile) -> RegisterMapping | None:
        """The mapping; None where its head is wrong."""
        source, day = check_head(self.head, _VERSION, _HEAD, self.flaws)
        self.take_prefix()
        register = self.text("register", "the segment of keys that tells this register from others, such as 'phe'")
        columns = dict(self._columns())
        if source is None or not self.prefix or not register:
            return None
        agencies = dict(self._agencies())
        version, covers = self._agreement()
        return RegisterMapping(
            name=file.name,
            digest=file.digest,
            source=source,
            day=day,
            prefix=self.prefix,
            register=register,
            audience=self._audience(),
            provider=self._provider(columns, agencies),
            columns=columns,
            agencies=agencies,
            names=self.names(agencies),
            classes=dict(self._classes()),
            bases=dict(self._bases(dict(self._laws()))),
            purposes=dict(self._purposes()),
            version_after=version,
            covers=covers,
            days=self._days(),
        )

    def _columns(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        path: Path = ("columns",)
        table = object_of(self.head.get("columns"), path, self.flaws, "an object of columns and their headers")
        if table is None:
            return
        unknown_keys(table, COLUMNS, path, self.flaws)
        needed = [*("recipient", "dataset"), *(() if "release" in table else ("agreement",))]
        for name in needed:
            if name not in table:
                message = f"'{name}' is missing: a row says what moves to whom, and which release or agreement it is"
                self.flaws.append(Flaw(path, Rule.REQUIRED, message, "state its header"))
        for name, value in table.items():
            headers = self._texts(value, (*path, name), "a header, or a list of those that it has had")
            if name in COLUMNS and headers:
                yield name, tuple(map(fold, headers))

    def _agencies(self) -> Iterator[tuple[str, Agency]]:
        names = [p.name for p in MODEL.kind("Agency").properties]
        for name, path, content in self.table("agencies") if "agencies" in self.head else ():
            unknown_keys(content, names, path, self.flaws)
            values = self.properties("Agency", content, names, path)
            urn = self.urn("agency", name, path)
            if urn is not None and "name" in values:
                yield name, Agency(urn=urn, **values)

    def _provider(self, columns: dict[str, Any], agencies: dict[str, Agency]) -> str | None:
        stated = self.head.get("provider")
        if stated is None and "provider" in columns:
            return None
        if isinstance(stated, str) and stated in agencies and "provider" not in columns:
            return stated
        message = f"'provider' is {stated!r:.60}: one agency provides, or each row says which"
        remedy = "write the key of one of 'agencies', or map the column 'provider'; one of the two"
        self.flaws.append(Flaw(("provider",), Rule.REQUIRED, message, remedy))
        return None

    def _audience(self) -> Audience | None:
        if "audience" not in self.head:
            return None
        return cast("Audience | None", member_of(Audience, self.head["audience"], ("audience",), self.flaws))

    def _words(self, name: str) -> Iterator[tuple[str, Path, Any]]:
        """The words of a table that a head may have, each with its place and what it means."""
        table = object_of(self.head.get(name, {}), (name,), self.flaws) or {}
        seen: set[str] = set()
        for word, value in table.items():
            if fold(word) in seen:
                message = f"'{word[:80]}' stands there already, but for case or white space"
                self.flaws.append(Flaw((name, word), ListRule.AMBIGUOUS, message, "keep one of the two"))
            seen.add(fold(word))
            yield fold(word), (name, word), value

    def _classes(self) -> Iterator[tuple[str, tuple[Classification, ...]]]:
        meant: dict[str, tuple[Classification, ...]] = {}
        for word, path, value in self._words("classes"):
            names = self._texts(value, path, "a class, or a list of those that hold at once")
            found = [member_of(Classification, each, path, self.flaws) for each in names]
            classes = tuple(cast("Classification", each) for each in found if each is not None)
            # Data that a word makes two of by its punctuation alone is one.
            if meant.setdefault(segment(word), classes) != classes:
                message = f"'{word[:80]}' differs by punctuation only from a word that means another class"
                self.flaws.append(Flaw(path, ListRule.AMBIGUOUS, message, "let both mean the same"))
            yield word, classes

    def _laws(self) -> Iterator[tuple[str, Law]]:
        names = [p.name for p in MODEL.kind("Law").properties]
        for name, path, content in self.table("laws") if "laws" in self.head else ():
            unknown_keys(content, ("urn", *names), path, self.flaws)
            urn = urn_of(content.get("urn"), ("Law",), (*path, "urn"), self.flaws)
            values = self.properties("Law", content, names, path)
            if urn is not None and "citation" in values:
                yield name, Law(urn=urn, **values)

    def _bases(self, laws: dict[str, Law]) -> Iterator[tuple[str, tuple[Law, ...]]]:
        for word, path, value in self._words("bases"):
            names = self._texts(value, path, "the key of a law, or a list of keys, or [] for none", least=0)
            for name in names:
                if name not in laws:
                    message = f"{name!r:.60} is the key of no law of this mapping"
                    self.flaws.append(
                        Flaw(path, RegisterRule.UNKNOWN_LAW, message, "write the key of one, or add it to 'laws'")
                    )
            yield word, tuple(laws[name] for name in names if name in laws)

    def _purposes(self) -> Iterator[tuple[str, Purpose]]:
        names = [p.name for p in MODEL.kind("Purpose").properties]
        for word, path, value in self._words("purposes"):
            content = object_of(value, path, self.flaws, "an object with the urn and label of a purpose")
            if content is None:
                continue
            unknown_keys(content, ("urn", *names), path, self.flaws)
            urn = urn_of(content.get("urn"), ("Purpose",), (*path, "urn"), self.flaws)
            values = self.properties("Purpose", content, names, path)
            if urn is not None and "label" in values:
                yield word, Purpose(urn=urn, **values)

    def _agreement(self) -> tuple[str | None, bool]:
        """What begins a version, and whether rows say what their agreement covers."""
        path: Path = ("agreement",)
        content = object_of(self.head.get("agreement", {}), path, self.flaws) or {}
        unknown_keys(content, ("version_after", "covers"), path, self.flaws)
        after, covers = content.get("version_after"), content.get("covers", False)
        if after is not None and not (isinstance(after, str) and after):
            remedy = "write what stands before a version, such as '-v'"
            self.flaws.append(Flaw((*path, "version_after"), Rule.TYPE, f"{after!r:.60} is no text", remedy))
        if not isinstance(covers, bool):
            message = f"{covers!r:.60} is not true or false"
            self.flaws.append(Flaw((*path, "covers"), Rule.TYPE, message, "write true or false, without quotes"))
        return after, covers is True

    def _days(self) -> Days:
        path: Path = ("dates",)
        content = object_of(self.head.get("dates", {}), path, self.flaws) or {}
        unknown_keys(content, ("formats", "none"), path, self.flaws)
        formats = self._texts(content.get("formats", []), (*path, "formats"), "a list of formats", least=0)
        for each in formats:
            if not is_format(each):
                message = f"{each!r:.60} is no format of a day"
                remedy = "write one of strptime with day, month and year, such as '%d/%m/%Y'"
                self.flaws.append(Flaw((*path, "formats"), Rule.TYPE, message, remedy))
        none = self._texts(content.get("none", []), (*path, "none"), "a list of words", least=0)
        return Days(tuple(formats), NO_DAY.union(map(fold, none)))

    def _texts(self, value: Any, path: Path, wanted: str, *, least: int = 1) -> list[str]:
        """A text, or a list of at least so many."""
        items = cast("list[Any]", value) if isinstance(value, list) else [value]
        found = [item for item in items if isinstance(item, str) and item.strip()]
        if len(found) < max(least, len(items)):
            self.flaws.append(Flaw(path, Rule.TYPE, f"{value!r:.60} is not {wanted}", f"write {wanted} there"))
        return found
