"""From the values of one item of a plan file to statements: its key, what it states, and whom it refers to by key."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from catalog.access import Audience
from catalog.model.declare import Kind
from catalog.stated import Checked, Flaw, Path, check_links, check_statement, unknown_keys, urn_of
from catalog.urn import Urn, key
from loaders.plan.format import ITEM_KEYS, LABELS, PLAN, PLAN_KEYS, SECTIONS, UNIQUE, key_pattern, known_keys
from loaders.plan.rules import PlanRule
from loaders.waypost_file.parse import Node

__all__ = ["Item", "Names", "Outline", "RawItem", "check_item", "check_key", "marks_of"]


class Outline(msgspec.Struct):
    """What a plan file states, as far as one of its items is judged by the others.

    It goes with every item that is kept out, so that it is judged alike when it comes again, mended and alone.
    """

    key: str
    """Key of the plan version."""
    audience: Audience | None
    """Whom its items are for where they do not say."""
    items: dict[str, dict[str, list[str]]]
    """Section, key of an item, and what no other item may have as well, such as "number 5"."""


class RawItem(msgspec.Struct):
    """An item as it goes to quarantine; ``text`` is what to mend."""

    section: str
    text: str
    file: Outline


@dataclass(slots=True)
class Item:
    """An item of a file, on its way to a record."""

    section: str
    """The section it stands in, or "plan"."""
    node: Node
    path: Path
    number: int
    """Which record of the file it is, from 1."""
    content: dict[str, Any] | None = None
    key: str | None = None
    """Its key, where it is its own: well written, and no other item's."""
    flaws: list[Flaw] = field(default_factory=list[Flaw])
    stated: Checked | None = None
    """What it states, once it was read and has no flaw."""

    @property
    def kind(self) -> Kind:
        """What it is stated as."""
        return SECTIONS.get(self.section, PLAN)


class Names:
    """The keys of a plan file, the items they stand for, and who has which number and code."""

    def __init__(self, outline: Outline) -> None:
        self._plan = outline.key
        self._audience = outline.audience
        self._found: dict[str, tuple[Kind, str]] = {}
        self._marks: dict[tuple[str, str], str] = {}
        self.claim(outline.key, PLAN, "the file itself")
        for section, items in outline.items.items():
            for name, marks in items.items():
                self.claim(name, SECTIONS[section], "the file it came from")
                self._marks.update({(section, mark): name for mark in marks})

    def claim(self, name: str, kind: Kind, where: str) -> str | None:
        """Give a key to an item; where the item stands that has it already, if one does."""
        if name in self._found:
            return self._found[name][1]
        self._found[name] = kind, where
        return None

    def claim_mark(self, section: str, mark: str, name: str) -> str | None:
        """Give a number or code to the item of this key; the key of the one that has it already, if one does."""
        if (section, mark) in self._marks:
            return self._marks[section, mark]
        self._marks[section, mark] = name
        return None

    def urn(self, name: str, kind: Kind) -> Urn:
        """The URN of the item of this key: below the plan version's, or of its own where it is a version itself."""
        return key(kind.slug, *name.split(":")) if kind is PLAN else key(kind.slug, *self._plan.split(":"), name)

    def head(self, value: Any, labels: tuple[str, ...], path: Path, flaws: list[Flaw]) -> Urn | None:
        """The node that a link leads to: an item of the file by its key, or anything by its URN."""
        if not isinstance(value, str) or value.startswith("urn:") or LABELS.isdisjoint(labels):
            return urn_of(value, labels, path, flaws)
        kind, _ = self._found.get(value, (None, None))
        if kind is not None and kind.label in labels:
            return self.urn(value, kind)
        fitting = [name for name, (other, _) in self._found.items() if other.label in labels]
        near = difflib.get_close_matches(value, fitting, n=1)
        remedy = f"did you mean '{near[0]}'?" if near else "write the key of one, or the whole URN of what is elsewhere"
        wanted = " or ".join(labels)
        if kind is None:
            flaws.append(
                Flaw(path, PlanRule.UNKNOWN_REFERENCE, f"'{value[:60]}' is the key of no {wanted} here", remedy)
            )
        else:
            flaws.append(Flaw(path, PlanRule.REFERENCE_KIND, f"'{value}' is a {kind.label}: expected {wanted}", remedy))
        return None

    def stated_for(self, content: Mapping[str, Any]) -> Mapping[str, Any]:
        """The content of an item, with the audience of the file where it says none of its own."""
        return content if self._audience is None else {"audience": self._audience.value, **content}


def check_key(item: Item, names: Names, where: str) -> None:
    """Take the key that an item writes, if it is well written and no other's; ``where`` is its place, for people."""
    if item.content is None:
        return
    path, written = (*item.path, "key"), item.content.get("key")
    if not isinstance(written, str) or not key_pattern(item.kind).fullmatch(written):
        example = "xx:2019-2020" if item.kind is PLAN else f"{item.section[0]}1"
        what = "'key' is missing" if "key" not in item.content else f"{written!r:.60} is no key"
        remedy = f"write letters, digits, '.', '-' and '_', such as {example}, in quotes where it is all digits"
        item.flaws.append(Flaw(path, PlanRule.ITEM_KEY, what, remedy))
    elif before := names.claim(written, item.kind, where):
        message = f"'{written}' is the key of another item already ({before})"
        item.flaws.append(
            Flaw(path, PlanRule.DUPLICATE_ITEM_KEY, message, "give each item of the file a key of its own")
        )
    else:
        item.key = written


def check_item(item: Item, names: Names) -> None:
    """Read what an item states into ``stated``; what is wrong in it is added to its flaws instead."""
    content, kind, path = item.content, item.kind, item.path
    if content is None:
        return
    own = PLAN_KEYS if item.section == "plan" else ITEM_KEYS
    unknown_keys(content, known_keys(kind, own), path, item.flaws)
    # Under a key that is not its own it is still read, so that all that is wrong is said at once.
    made = Checked(names.urn(item.key or "unnamed", kind), kind)
    made.node = check_statement(names.stated_for(content), made, path, item.flaws)
    for relation in kind.relations:
        if relation.name in content:
            place = (*path, relation.name)
            made.edges += check_links(content[relation.name], relation, made.urn, place, item.flaws, head_of=names.head)
        made.restates.append((made.urn, relation))
    if item.key is not None and not item.flaws:
        _claim_marks(item.key, item, made, names)
    item.stated = None if item.flaws else made


def marks_of(stated: Checked) -> dict[str, str]:
    """The properties of an item that tell it apart, each with what no other item of its section may have as well."""
    within = "".join(f" of {edge.head}" for edge in stated.edges if edge.relation.one)
    values = {name: getattr(stated.node.entity, name, None) for name in UNIQUE} if stated.node else {}
    return {name: f"{name} {value}{within}" for name, value in values.items() if value is not None}


def _claim_marks(own: str, item: Item, made: Checked, names: Names) -> None:
    for name, mark in marks_of(made).items():
        if other := names.claim_mark(item.section, mark, own):
            message = f"{mark} is that of '{other}' already"
            item.flaws.append(Flaw((*item.path, name), UNIQUE[name], message, f"give each a {name} of its own"))
