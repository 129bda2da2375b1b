"""A file that a person wrote: its text and its tree, what stands above its records, and how what is wrong is told."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any, cast

import msgspec

from catalog.model import MODEL
from catalog.model.own import Source
from catalog.stated import Flaw, Path, check_properties, day_of, unknown_keys, urn_of
from catalog.text import one_line
from loaders.errors import LoaderError
from loaders.fetch import name_of, read_bytes, shown
from loaders.record import Problem
from loaders.waypost_file.parse import Node, compose, dotted, line_of, refusal, value_of
from loaders.waypost_file.rules import Rule

__all__ = ["HEAD_KEYS", "MAX_FILE_BYTES", "PRECEDENCE", "WrittenFile", "check_head", "source_text"]

MAX_FILE_BYTES = 16 * 1024 * 1024
"""Size of a file that is read. Its tree takes about forty times that in memory; larger catalogs come as harvests."""

HEAD_KEYS = ("source", "day")
"""What every format has above its records, besides its version."""

PRECEDENCE = 20
"""The rank of a source that states none: what a person writes goes before what is harvested (ADR 10)."""


class WrittenFile:
    """A YAML or JSON file by path or address, whole. Raises LoaderError where it is too large or has no tree.

    ``content`` stands for what is at ``location``: records that are played again. That text was put together here, so
    its lines are nobody's, and places count its records instead.
    """

    def __init__(self, location: str, content: bytes | None = None) -> None:
        self.location = shown(location)
        self.name = name_of(location)
        self._by_line = content is None
        if content is None:
            content = read_bytes(location)
        self.digest = hashlib.sha256(content).hexdigest()
        if len(content) > MAX_FILE_BYTES:
            message = f"it has {len(content)} bytes, over {MAX_FILE_BYTES}"
            raise refusal(Flaw((), Rule.SIZE, message, "split it into files of one source each"), self.name, 1)
        self._text, self._root = compose(content, self.name)

    def take(self, names: Collection[str], flaws: list[Flaw]) -> tuple[dict[str, Any], dict[str, Node]]:
        """What stands above the records, as values, and the parts of these names, which hold the records, unread.

        Of a part that is a list or an object the values show an empty one.
        """
        root = self._root
        if root.keys is None:
            flaws.append(Flaw((), Rule.TYPE, "the file is no object", "begin it with its version and 'source:'"))
            return {}, {}
        if root.refused:
            value_of(root, (), flaws)  # which says why
        taken: dict[str, Node] = {}
        outer = Node(root.line, root.start, keys=[])
        for key, item in zip(root.keys, root.items, strict=True):
            if key.text in names and item.text is None and key.text not in taken:
                taken[cast("str", key.text)] = item
                empty: list[Node] | None = None if item.keys is None else []
                item = Node(item.line, item.start, keys=empty, refused=item.refused)  # noqa: PLW2901 - its place only
            cast("list[Node]", outer.keys).append(key)
            outer.items.append(item)
        return cast("dict[str, Any]", value_of(outer, (), flaws)), taken

    def place(self, path: Path, record: int, line: int | None = None) -> str:
        """Where a record stands, for people. ``record`` is its number in the file, from 1."""
        if not self._by_line:
            return f"{self.name}: record {record}"
        return f"{self.name}:{line or line_of(self._root, path)}: {dotted(path)}"

    def raw(self, node: Node) -> str:
        """The text of a node, indented as if it stood at the beginning of a line."""
        column = node.start - (self._text.rfind("\n", 0, node.start) + 1)
        return self._text[node.start : node.end].rstrip().replace("\n" + " " * column, "\n")

    def problem(self, flaws: Sequence[Flaw]) -> tuple[int, Problem]:
        """All that is wrong with a record, in the order of its lines, as one problem, and the line of the first."""
        # What is not read at all is missed where it stands, which says nothing more.
        unread = {flaw.path for flaw in flaws if flaw.rule is Rule.PLAIN}
        lines = self._in_order([f for f in flaws if f.rule is Rule.PLAIN or f.path not in unread])
        line, first = lines[0]
        more = "".join(f"; line {n}: {dotted(f.path)}: {f.message}: {f.remedy}" for n, f in lines[1:4])
        rest = f"; and {len(lines) - 4} more" if len(lines) > 4 else ""  # noqa: PLR2004 - what a message can hold
        remedy = one_line(first.remedy + more + rest)
        return line, Problem(first.rule, dotted(first.path), one_line(first.message), remedy)

    def refusal(self, flaws: Sequence[Flaw]) -> LoaderError:
        """Why the file as a whole is refused: the first thing that is wrong in it, and how much else is."""
        (line, flaw), *others = self._in_order(flaws)
        return refusal(flaw, self.name, line, len(others))

    def _in_order(self, flaws: Sequence[Flaw]) -> list[tuple[int, Flaw]]:
        return sorted(((line_of(self._root, flaw.path), flaw) for flaw in flaws), key=lambda pair: pair[0])


def check_head(
    head: Mapping[str, Any], version: tuple[str, int], known: Collection[str], flaws: list[Flaw]
) -> tuple[Source | None, date | None]:
    """The source and the day of a file. ``version`` is the key that tells its format, and the one read here.

    ``known`` are the keys that the format has besides these and ``HEAD_KEYS``.
    """
    name, number = version
    if head.get(name) != number or isinstance(head.get(name), bool):
        said = f"is {head[name]!r:.20}" if name in head else "is missing"
        message = f"'{name}' {said}, and this program reads version {number}"
        flaws.insert(0, Flaw((name,), Rule.VERSION, message, f"write '{name}: {number}' on the first line"))
    unknown_keys(head, (name, *HEAD_KEYS, *known), (), flaws)
    day = day_of(head["day"], ("day",), flaws) if "day" in head else None
    return _source_of(head.get("source"), flaws), day


def source_text(source: Source) -> str:
    """A source as a file says it after ``source:``, on one line."""
    return msgspec.json.encode({k: v for k, v in asdict(source).items() if v is not None}).decode()


def _source_of(value: Any, flaws: list[Flaw]) -> Source | None:
    path: Path = ("source",)
    if not isinstance(value, dict):
        flaws.append(
            Flaw(path, Rule.REQUIRED, "'source' is no object: it names who states this", "state its urn and title")
        )
        return None
    content = cast("dict[str, Any]", value)
    before = len(flaws)
    properties = MODEL.kind("Source").properties
    unknown_keys(content, ("urn", *(p.name for p in properties)), path, flaws)
    urn = urn_of(content.get("urn"), ("Source",), (*path, "urn"), flaws)
    values = check_properties({"precedence": PRECEDENCE, **content}, properties, path, flaws)
    return Source(urn=urn, **values) if urn is not None and len(flaws) == before else None
