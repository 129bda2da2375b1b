"""What mappings have in common: named tables of entries, and agencies with all that each is called.

The mapping of lists of agencies and that of registers (``loaders/registers``) are read with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from catalog.errors import InvalidUrn
from catalog.model import MODEL
from catalog.model.people import Agency
from catalog.stated import Flaw, Path, check_properties, object_of
from catalog.text import fold
from catalog.urn import Urn, key
from loaders.agencies.rules import ListRule
from loaders.waypost_file.rules import Rule
from loaders.waypost_file.written import WrittenFile

__all__ = ["Tables", "read_whole"]

_T = TypeVar("_T")


def read_whole(location: str, read: Callable[[WrittenFile, dict[str, Any], list[Flaw]], _T | None]) -> _T:
    """What is read of the head of a mapping, None where nothing can be; by path or address.

    Raises LoaderError, naming file, line, path, rule and remedy, where anything in it is wrong: what a list means is not
    to be guessed from half a mapping.
    """
    file = WrittenFile(location)
    flaws: list[Flaw] = []
    head, _ = file.take((), flaws)
    made = read(file, head, flaws)
    if made is None or flaws:
        raise file.refusal(flaws)
    return made


class Tables:
    """Reads the parts of a mapping; gathers what is wrong in ``flaws``."""

    def __init__(self, head: dict[str, Any], flaws: list[Flaw]) -> None:
        self.head = head
        self.flaws = flaws
        self.prefix = ""
        """First segment of the keys of the jurisdiction; empty until ``take_prefix`` found it."""

    def take_prefix(self) -> None:
        """Read ``prefix``."""
        self.prefix = self.text("prefix", "the first segment of the jurisdiction's keys, such as 'ct'")

    def text(self, name: str, what: str) -> str:
        """A text of the head that must be there; empty, and a flaw, where it is not."""
        value = self.head.get(name)
        if isinstance(value, str) and value.strip():
            return value.strip()
        self.flaws.append(Flaw((name,), Rule.REQUIRED, f"'{name}' is no text: it is {what}", "state it"))
        return ""

    def table(self, name: str) -> Iterator[tuple[str, Path, dict[str, Any]]]:
        """The entries of one table: key, path and content."""
        table = object_of(self.head.get(name), (name,), self.flaws) or {}
        for entry, value in table.items():
            content = object_of(value, (name, entry), self.flaws)
            if content is not None:
                yield entry, (name, entry), content

    def properties(self, label: str, content: Mapping[str, Any], names: Iterable[str], path: Path) -> dict[str, Any]:
        """The values of these properties of a kind, as an entity takes them."""
        chosen = set(names)
        properties = [p for p in MODEL.kind(label).properties if p.name in chosen]
        return check_properties(content, properties, path, self.flaws)

    def urn(self, kind: str, name: str, path: Path) -> Urn | None:
        """The URN of an entry, below the prefix; None, and a flaw, where its key gives none."""
        try:
            return key(kind, self.prefix, name)
        except InvalidUrn as error:
            self.flaws.append(Flaw(path, Rule.URN, str(error), "give it a short key of plain characters"))
            return None

    def names(self, agencies: Mapping[str, Agency]) -> dict[str, str]:
        """What each agency is called, folded, to its key; a name that two of them have is a flaw."""
        made: dict[str, str] = {}
        for name, agency in agencies.items():
            for called in (agency.name, *agency.aliases, *([agency.abbreviation] if agency.abbreviation else [])):
                if made.setdefault(fold(called), name) != name:
                    message = f"'{called[:80]}' is what '{made[fold(called)]}' is called as well"
                    self.flaws.append(
                        Flaw(("agencies", name), ListRule.AMBIGUOUS, message, "leave it with one of the two")
                    )
        return made
