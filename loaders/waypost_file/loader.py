"""Loading a file in our own format: what a person states by hand (``waypost schema --json-schema`` describes it)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Self

from catalog.model.document import FILE_VERSION
from catalog.stated import Checked, Flaw, Path, check_node
from loaders.quarantine import Quarantine
from loaders.record import Record
from loaders.waypost_file.derive import add_feeds, date_steps
from loaders.waypost_file.parse import Node, value_of
from loaders.waypost_file.rules import Rule
from loaders.waypost_file.written import WrittenFile, check_head, source_text

__all__ = ["WaypostFileLoader"]


class WaypostFileLoader:
    """A file in our own format, YAML or JSON, by path or address. Raises LoaderError where it is none at all.

    ``content`` stands for what is at ``location``. ``as_of`` is the day it speaks of: by default the file's own ``day``,
    else today. A node that breaks a rule is kept
    out with all that is wrong in it; the others are stated. A node that stands in the file has the links it shows
    there and no others of this source; one with nothing but links leaves its properties and other links alone.
    """

    kind = "waypost"
    local = False
    complete = False

    def __init__(self, location: str, *, as_of: date | None = None, content: bytes | None = None) -> None:
        self._file = WrittenFile(location, content)
        self.location, self.digest = self._file.location, self._file.digest
        flaws: list[Flaw] = []
        head, taken = self._file.take(("nodes",), flaws)
        if not isinstance(head.get("nodes"), list):
            flaws.append(Flaw(("nodes",), Rule.TYPE, "'nodes' is no list", "list the nodes there, each begun with '-'"))
        source, day = check_head(head, ("waypost", FILE_VERSION), ("nodes",), flaws)
        if source is None or flaws:
            raise self._file.refusal(flaws)
        self._nodes = taken["nodes"].items
        self.source = source
        self.day = as_of or day or datetime.now(UTC).date()
        self.expected: int | None = len(self._nodes)

    @classmethod
    def replay(cls, quarantine: Quarantine, location: str) -> Self:
        """The nodes that an earlier load kept out, as someone mended them; ``location`` is where they stand."""
        nodes = "".join("- " + str(kept.raw).replace("\n", "\n  ") + "\n" for kept in quarantine.records)
        content = f"waypost: {FILE_VERSION}\nsource: {source_text(quarantine.source)}\nnodes:\n{nodes}"
        return cls(location, as_of=quarantine.day, content=content.encode())

    def records(self) -> Iterator[Record]:
        """One record a node of the file, in its order. A second node of the same URN is kept out."""
        first: dict[str, int] = {}
        read: list[Record | tuple[int, Checked]] = []
        for index, node in enumerate(self._nodes):
            path: Path = ("nodes", index)
            flaws: list[Flaw] = []
            checked = check_node(value_of(node, path, flaws), path, flaws)
            if checked is not None and (before := first.setdefault(checked.urn, index)) != index:
                message = f"{checked.urn[:120]} is stated on line {self._nodes[before].line} already"
                flaws.append(Flaw((*path, "urn"), Rule.DUPLICATE_URN, message, "state each node once"))
            if flaws or checked is None:
                read.append(self._refused(index, node, flaws))
            else:
                read.append((index, checked))
        checked_nodes = [found[1] for found in read if isinstance(found, tuple)]
        add_feeds(checked_nodes)
        date_steps(checked_nodes)
        for found in read:
            yield found if isinstance(found, Record) else self._record(*found)

    def listed(self) -> set[str]:
        """Nothing: a file need not state all that its source stated in others."""
        return set()

    def _record(self, index: int, checked: Checked) -> Record:
        node = self._nodes[index]
        nodes = [checked.node] if checked.node else []
        place = self._file.place(("nodes", index), index + 1)
        return Record(place, self._file.raw(node), nodes, checked.edges, checked.restates, checked.bare)

    def _refused(self, index: int, node: Node, flaws: list[Flaw]) -> Record:
        line, problem = self._file.problem(flaws)
        return Record(self._file.place(("nodes", index), index + 1, line), self._file.raw(node), problem=problem)
