"""Loading a file in our own format: what a person states by hand (``waypost schema --json-schema`` describes it)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path as FilePath
from typing import Any, Self, cast
from urllib.parse import urlsplit

import msgspec

from catalog.model.document import FILE_VERSION
from catalog.model.own import Source
from loaders.fetch import is_url, read_bytes, shown
from loaders.quarantine import Quarantine
from loaders.record import Problem, Record
from loaders.waypost_file.derive import add_feeds
from loaders.waypost_file.parse import Flaw, Node, Path, compose, dotted, line_of, one_line, refusal, value_of
from loaders.waypost_file.rules import Rule
from loaders.waypost_file.statements import Checked, check_node, day_of, source_of, unknown_keys

__all__ = ["MAX_FILE_BYTES", "WaypostFileLoader"]

MAX_FILE_BYTES = 16 * 1024 * 1024
"""Size of a file that is read. Its tree takes about forty times that in memory; larger catalogs come as harvests."""


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
        self.location = shown(location)
        self._name = _name_of(location)
        self._by_line = content is None
        if content is None:
            content = read_bytes(location)
        self.digest = hashlib.sha256(content).hexdigest()
        if len(content) > MAX_FILE_BYTES:
            message = f"it has {len(content)} bytes, over {MAX_FILE_BYTES}"
            raise refusal(Flaw((), Rule.SIZE, message, "split it into files of one source each"), self._name, 1)
        self._text, self._root = compose(content, self._name)
        flaws: list[Flaw] = []
        head, self._nodes = _head(self._root, flaws)
        self.source, day = self._read_head(head, flaws)
        self.day = as_of or day or datetime.now(UTC).date()
        self.expected: int | None = len(self._nodes)

    @classmethod
    def replay(cls, quarantine: Quarantine, location: str) -> Self:
        """The nodes that an earlier load kept out, as someone mended them; ``location`` is where they stand."""
        source = msgspec.json.encode({k: v for k, v in asdict(quarantine.source).items() if v is not None}).decode()
        nodes = "".join("- " + str(kept.raw).replace("\n", "\n  ") + "\n" for kept in quarantine.records)
        content = f"waypost: {FILE_VERSION}\nsource: {source}\nnodes:\n{nodes}"
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
        add_feeds(found[1] for found in read if isinstance(found, tuple))
        for found in read:
            yield found if isinstance(found, Record) else self._record(*found)

    def listed(self) -> set[str]:
        """Nothing: a file need not state all that its source stated in others."""
        return set()

    def _record(self, index: int, checked: Checked) -> Record:
        node = self._nodes[index]
        nodes = [checked.node] if checked.node else []
        return Record(self._place(node.line, index), self._raw(node), nodes, checked.edges, checked.restates)

    def _refused(self, index: int, node: Node, flaws: list[Flaw]) -> Record:
        # What is not read at all is missed where it stands, which says nothing more.
        unread = {flaw.path for flaw in flaws if flaw.rule is Rule.PLAIN}
        lines = _by_line(self._root, [f for f in flaws if f.rule is Rule.PLAIN or f.path not in unread])
        line, first = lines[0]
        more = "".join(f"; line {n}: {dotted(f.path)}: {f.message}: {f.remedy}" for n, f in lines[1:4])
        rest = f"; and {len(lines) - 4} more" if len(lines) > 4 else ""  # noqa: PLR2004 - what a message can hold
        remedy = one_line(first.remedy + more + rest)
        problem = Problem(first.rule, dotted(first.path), one_line(first.message), remedy)
        return Record(self._place(line, index), self._raw(node), problem=problem)

    def _place(self, line: int, index: int) -> str:
        # Of records that are played again the text was put together here: its lines are nobody's.
        return f"{self._name}:{line}: nodes[{index}]" if self._by_line else f"{self._name}: record {index + 1}"

    def _raw(self, node: Node) -> str:
        """The text of a node, indented as if it stood at the beginning of a line."""
        column = node.start - (self._text.rfind("\n", 0, node.start) + 1)
        return self._text[node.start : node.end].rstrip().replace("\n" + " " * column, "\n")

    def _read_head(self, head: dict[str, Any], flaws: list[Flaw]) -> tuple[Source, date | None]:
        """The source and the day of the file; all that is wrong above its nodes refuses it as a whole."""
        if head.get("waypost") != FILE_VERSION or isinstance(head.get("waypost"), bool):
            said = f"is {head['waypost']!r:.20}" if "waypost" in head else "is missing"
            message = f"'waypost' {said}, and this program reads version {FILE_VERSION}"
            flaws.insert(
                0, Flaw(("waypost",), Rule.VERSION, message, f"write 'waypost: {FILE_VERSION}' on the first line")
            )
        unknown_keys(head, ("waypost", "source", "day", "nodes"), (), flaws)
        day = day_of(head["day"], ("day",), flaws) if "day" in head else None
        source = source_of(head.get("source"), flaws)
        if source is not None and not flaws:
            return source, day
        line, flaw = _by_line(self._root, flaws)[0]
        raise refusal(flaw, self._name, line)


def _head(root: Node, flaws: list[Flaw]) -> tuple[dict[str, Any], list[Node]]:
    """What stands above the nodes, as values, and the nodes, unread."""
    if root.keys is None:
        flaws.append(Flaw((), Rule.TYPE, "the file is no object", "begin it with 'waypost: 1', 'source:' and 'nodes:'"))
        return {}, []
    nodes: list[Node] = []
    outer = Node(root.line, root.start, keys=[])
    for key, item in zip(root.keys, root.items, strict=True):
        if key.text == "nodes" and item.text is None and item.keys is None and not nodes:
            nodes = item.items
            item = Node(item.line, item.start, refused=item.refused)  # noqa: PLW2901 - its place, without its content
        cast("list[Node]", outer.keys).append(key)
        outer.items.append(item)
    head = cast("dict[str, Any]", value_of(outer, (), flaws))
    if not isinstance(head.get("nodes"), list):
        flaws.append(Flaw(("nodes",), Rule.TYPE, "'nodes' is no list", "list the nodes there, each begun with '-'"))
    return head, nodes


def _by_line(root: Node, flaws: list[Flaw]) -> list[tuple[int, Flaw]]:
    return sorted(((line_of(root, flaw.path), flaw) for flaw in flaws), key=lambda pair: pair[0])


def _name_of(location: str) -> str:
    return urlsplit(location).path.rpartition("/")[2] or location if is_url(location) else FilePath(location).name
