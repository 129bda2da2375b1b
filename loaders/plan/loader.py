"""Loading a plan file: one plan version with its principles, focal points, steps, goals and metrics.

``waypost schema --plan-schema`` describes the format, ``docs/plan-file.md`` shows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any, Self, cast

from catalog.access import Audience
from catalog.batch import EdgeStatement
from catalog.stated import Checked, Flaw, Path, member_of, object_of
from loaders.errors import LoaderError
from loaders.plan.format import CONTAINS, HEAD_KEYS, PLAN, SECTIONS, VERSION, VERSION_KEY
from loaders.plan.parse import Item, Names, Outline, RawItem, check_item, check_key, marks_of
from loaders.plan.replay import Replay, replay_of
from loaders.plan.rules import PlanRule
from loaders.quarantine import Quarantine
from loaders.record import Record
from loaders.waypost_file.parse import Node, dotted, value_of
from loaders.waypost_file.rules import Rule
from loaders.waypost_file.written import WrittenFile, check_head

__all__ = ["MAX_ITEMS", "PlanLoader"]

MAX_ITEMS = 500
"""Items of one file; the plan of 2021-2022 has 52. Each that is kept out takes the outline of all with it."""


class PlanLoader:
    """A plan file, YAML or JSON, by path or address. Raises LoaderError where it is none at all.

    ``as_of`` is the day it speaks of: by default the file's own ``day``, else today. ``replay`` stands for what is at
    ``location``. An item that breaks a rule is kept out with all that is wrong in it; the others are stated, and have the
    links they show and no others of this source. The plan version is linked to the principles, focal points and goals
    that stand in the file. Where one of those is kept out, their list is not whole, and what else the plan was linked to
    stays.
    """

    kind = "plan"
    local = False
    complete = False

    def __init__(self, location: str, *, as_of: date | None = None, replay: Replay | None = None) -> None:
        self._file = WrittenFile(location, replay.content if replay else None)
        self.location, self.digest = self._file.location, self._file.digest
        self._replay = replay
        flaws: list[Flaw] = []
        head, taken = self._file.take(("plan", *SECTIONS), flaws)
        source, day = check_head(head, VERSION, HEAD_KEYS, flaws)
        name, audience = _name(head, flaws), _audience(head, flaws)
        _check_shapes(head, flaws, part=replay is not None)
        if source is None or flaws:
            raise self._file.refusal(flaws)
        self.source = source
        self.day = as_of or day or datetime.now(UTC).date()
        self._beside = replay.beside if replay else Outline(name, audience, {})
        self._nodes = list(_items(taken))
        if len(self._nodes) > MAX_ITEMS:
            message = f"it has {len(self._nodes)} items, over {MAX_ITEMS}"
            raise self._file.refusal([Flaw((), Rule.SIZE, message, "state one plan version a file")])
        if replay and len(self._nodes) != len(replay.numbers):
            message = f"{len(replay.numbers)} records make {len(self._nodes)} items: keep each 'text' one item"
            raise LoaderError(PlanRule.QUARANTINE, f"{self._file.name}: {message}")
        self.expected: int | None = len(self._nodes)

    @classmethod
    def replay(cls, quarantine: Quarantine, location: str) -> Self:
        """The items that an earlier load kept out, as someone mended them; ``location`` is where they stand."""
        return cls(location, as_of=quarantine.day, replay=replay_of(quarantine, location))

    def records(self) -> Iterator[Record]:
        """One record for the plan version and for each item of its sections, in the order of the format."""
        names = Names(self._beside)
        items = [self._item(index, *found) for index, found in enumerate(self._nodes)]
        for item in items:
            if item.section != "plan":
                check_key(item, names, self._file.place(item.path, item.number))
        for item in items:
            check_item(item, names)
        outline = self._outline(items)
        for item in items:
            if item.stated is None:
                yield self._refused(item, outline)
            else:
                self._link(item, item.stated, items, names)
                yield self._record(item, item.stated, outline)

    def listed(self) -> set[str]:
        """Nothing: a file need not state all that its source stated in others."""
        return set()

    def _item(self, index: int, section: str, path: Path, node: Node) -> Item:
        item = Item(section, node, path, self._replay.numbers[index] if self._replay else index + 1)
        item.content = object_of(value_of(node, path, item.flaws), path, item.flaws)
        if section == "plan":
            item.key = self._beside.key
        return item

    def _outline(self, items: list[Item]) -> Outline:
        """What the file states, as far as it could be read, and what it stated besides where this is a replay."""
        found = {section: dict(marks) for section, marks in self._beside.items.items()}
        for item in items:
            if item.stated is not None and item.key is not None and item.section in SECTIONS:
                found.setdefault(item.section, {})[item.key] = list(marks_of(item.stated).values())
        return Outline(self._beside.key, self._beside.audience, found)

    def _link(self, item: Item, stated: Checked, items: list[Item], names: Names) -> None:
        """Link the plan version and what stands in the file.

        Where all of the file is read, the version's record says it, so that it can close what is there no more. In a
        replay each says it of itself, since what comes again is not all that there is.
        """
        plan = names.urn(self._beside.key, PLAN)
        if item.section == "plan":
            for section, relation in CONTAINS.items():
                inside = [i for i in items if i.section == section]
                heads = [names.urn(name, SECTIONS[section]) for name in self._beside.items.get(section, {})]
                if self._replay is None:
                    heads += [i.stated.urn for i in inside if i.stated is not None]
                shown = {edge.head for edge in stated.edges if edge.relation is relation}
                stated.edges += [EdgeStatement(relation, plan, head) for head in heads if head not in shown]
                if self._replay is not None or any(i.stated is None for i in inside):
                    stated.restates.remove((plan, relation))
        elif self._replay is not None and item.section in CONTAINS:
            stated.edges.append(EdgeStatement(CONTAINS[item.section], plan, stated.urn))

    def _record(self, item: Item, stated: Checked, outline: Outline) -> Record:
        nodes = [stated.node] if stated.node else []
        record = Record(self._file.place(item.path, item.number), self._raw(item, outline), nodes)
        record.edges, record.restates = stated.edges, stated.restates
        record.identifier, record.link_prefix = item.key, f"{dotted(item.path)}."
        return record

    def _refused(self, item: Item, outline: Outline) -> Record:
        line, problem = self._file.problem(item.flaws)
        place = self._file.place(item.path, item.number, line)
        return Record(place, self._raw(item, outline), identifier=item.key, problem=problem)

    def _raw(self, item: Item, outline: Outline) -> RawItem:
        return RawItem(item.section, self._file.raw(item.node), outline)


def _items(taken: Mapping[str, Node]) -> Iterator[tuple[str, Path, Node]]:
    """The section, path and content of each item, the plan version first."""
    if "plan" in taken:
        yield "plan", ("plan",), taken["plan"]
    for section in SECTIONS:
        if section in taken:
            for index, node in enumerate(taken[section].items):
                yield section, (section, index), node


def _name(head: Mapping[str, Any], flaws: list[Flaw]) -> str:
    """The key of the plan version."""
    name = head.get("key")
    if isinstance(name, str) and re.fullmatch(VERSION_KEY, name):
        return name
    what = "'key' is missing" if name is None else f"{name!r:.60} is no key"
    remedy = "write what the plan is called by, widest part first, such as xx:2021-2022"
    flaws.append(Flaw(("key",), PlanRule.ITEM_KEY, what, remedy))
    return ""


def _audience(head: Mapping[str, Any], flaws: list[Flaw]) -> Audience | None:
    found = member_of(Audience, head["audience"], ("audience",), flaws) if "audience" in head else None
    return cast("Audience | None", found)


def _check_shapes(head: Mapping[str, Any], flaws: list[Flaw], *, part: bool) -> None:
    """Find what is neither a plan version nor a list of items; only a ``part`` of a file may lack the former."""
    if "plan" in head:
        object_of(head["plan"], ("plan",), flaws, "an object with the title of the plan version")
    elif not part:
        flaws.append(Flaw(("plan",), Rule.REQUIRED, "'plan' is missing: the plan version", "state its title there"))
    lists = [section for section in SECTIONS if section in head and not isinstance(head[section], list)]
    remedy = "list its items there, each begun with '-', or take it out"
    flaws += [Flaw((section,), Rule.TYPE, f"'{section}' is no list", remedy) for section in lists]
