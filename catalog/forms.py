"""What is stated by hand of one thing, from plain values to the statements of a batch: its form, and the rules of it.

The values are those of our file format (``catalog/stated.py``), a form's own on top: what the thing belongs to, and the parts that
are stated along with it. What is named must be there and seen by who names it: what they may not see is as if it were not.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain
from typing import Any, cast

from catalog.access import STAFF_READER, Reader
from catalog.batch import Batch, EdgeStatement
from catalog.findings import Finding
from catalog.model import MODEL
from catalog.model.declare import Entity, Kind, Relation
from catalog.selection import Compare, Op, Related, Row, Select
from catalog.sources import present
from catalog.stated import (
    Checked,
    Flaw,
    Path,
    Refused,
    StatedRule,
    check_links,
    check_statement,
    object_of,
    urn_of,
)
from catalog.stores.port import Store
from catalog.urn import Urn, key, part

__all__ = ["Form", "FormRule", "Written", "write"]

_FEW = 100
"""Related nodes that are read of a thing: it is about fewer, or about too many to be right."""


class FormRule(StrEnum):
    """The rules of what is stated by hand, besides those of every statement. The names are stable."""

    DANGLING = "dangling"
    """What is named is not in the catalog."""
    TAKEN = "taken"
    """The URN is that of something else."""
    OTHER_THING = "other-thing"
    """What is stated anew is about something else than before."""
    UNKNOWN_PART = "unknown-part"
    """There is no such part of what is named."""
    REPEATED_PART = "repeated-part"
    """A part is stated twice, or there are two of it."""


@dataclass(frozen=True, slots=True)
class Form:
    """What can be stated of things of a kind."""

    kind: str
    owner: Relation | None = None
    """The relationship by which what it belongs to leads to it, if it belongs to something."""
    about: tuple[Relation, ...] = ()
    """Its relationships that must be stated: what it is about. They, and its owner, stay as they were stated first."""
    parts: tuple[Form, ...] = ()
    """Forms of parts, each owned by it, that may be stated along with it."""
    must: tuple[str, ...] = ()
    """What must be stated besides what the model requires: properties, and ``valid_from``."""
    told_by: tuple[str, ...] = ()
    """Of a part of something: properties by which, and by what it is about, it is told from the other parts."""
    is_there: bool = False
    """Whether it must be there already, so that only its properties are stated."""
    identify: Callable[[Mapping[str, Any]], Urn] | None = None
    """Its URN, where that follows from what it is about."""
    rules: tuple[tuple[str, Callable[[Any], Iterable[Finding]]], ...] = ()
    """Rules of the domain that a statement alone can break (domain 5), each of an entity, with the property that breaks it."""

    @property
    def declared(self) -> Kind:
        """Its kind."""
        return MODEL.kind(self.kind)

    @property
    def owner_name(self) -> str:
        """What the thing that it belongs to is stated under, such as ``data_request``; empty where there is none."""
        return MODEL.kind(self.owner.tail).slug.replace("-", "_") if self.owner else ""

    @property
    def links(self) -> Iterator[Relation]:
        """The relationships that may be stated, those among them that must.

        What it owns is stated by forms of its own; what a relationship says besides its ends has no place in one.
        """
        for relation in () if self.is_there else self.declared.relations:
            if not (relation.one_tail or relation.props):
                yield relation


@dataclass(slots=True)
class Written:
    """What was made of a form: the thing, and what is stated of it."""

    urn: Urn
    entity: Entity
    parts: list[Urn] = field(default_factory=list[Urn])

    @property
    def changed(self) -> list[Urn]:
        """What is stated: the thing, then its parts."""
        return [self.urn, *self.parts]


async def write(
    form: Form, content: Mapping[str, Any], identity: str, batch: Batch, *, store: Store, reader: Reader
) -> Written:
    """Add what a form states to a batch. ``identity`` names the thing where neither its URN is stated nor follows.

    What is stated replaces what was stated by hand of the same thing before: its properties as a whole, and of its
    relationships and parts those that are stated. Takes a round trip, and one for each ten kinds of what is named.
    Raises Refused.
    """
    return await _Writing(form, content, batch, store, reader).run(identity)


class _Writing:
    """One form on its way into a batch."""

    def __init__(self, form: Form, content: Mapping[str, Any], batch: Batch, store: Store, reader: Reader) -> None:
        self.form = form
        self.content = content
        self.batch = batch
        self.store = store
        self.reader = reader
        self.flaws: list[Flaw] = []
        self.named: list[tuple[Path, Urn]] = []
        """What must be there, and where it is named."""

    async def run(self, identity: str) -> Written:
        form, content = self.form, self.content
        stated = urn_of(content["urn"], (form.kind,), ("urn",), self.flaws) if "urn" in content else None
        owner = self._owner()
        about = self._heads(form, content, ())
        self._stop()
        urn = stated or (form.identify(content) if form.identify else key(form.declared.slug, "by-hand", identity))
        thing, whole = await self._read(urn, owner)
        if form.is_there:
            urn = stated or self._part_of(whole, about)
            self._stop()
        written = Written(urn, self._state(form, content, urn, ()))
        if owner is not None and form.owner is not None and not form.is_there:
            self.batch.edges.append(EdgeStatement(form.owner, owner, urn))
        for inner in form.parts:
            written.parts += self._state_parts(inner, urn, thing)
        self._stop()
        if thing is not None:
            self._check_same(thing, urn, owner, about)
        await self._check_named(urn, is_old=thing is not None)
        self._stop()
        return written

    def _stop(self) -> None:
        if self.flaws:
            raise Refused(self.flaws)

    # What is stated

    def _owner(self) -> Urn | None:
        if self.form.owner is None:
            return None
        name = self.form.owner_name
        found = urn_of(self.content.get(name), (self.form.owner.tail,), (name,), self.flaws)
        if found is not None:
            self.named.append(((name,), found))
        return found

    def _heads(self, form: Form, content: Mapping[str, Any], path: Path) -> dict[Relation, set[Urn]]:
        """What a thing is about, by relationship."""
        found: dict[Relation, set[Urn]] = {}
        for relation in form.about:
            if not content.get(relation.name):
                what = f"'{relation.name}' is missing: {relation.doc.removesuffix('.')}"
                self.flaws.append(Flaw(path, StatedRule.REQUIRED, what, "state it"))
            edges = self._links(content.get(relation.name, []), relation, _NOBODY, (*path, relation.name))
            found[relation] = {edge.head for edge in edges}
        return found

    def _links(self, value: Any, relation: Relation, tail: Urn, path: Path) -> list[EdgeStatement]:
        """The edges of a relationship, whose ends must be there."""
        edges = check_links(value, relation, tail, path, self.flaws)
        several = isinstance(value, list)
        self.named += [((*path, index) if several else path, edge.head) for index, edge in enumerate(edges)]
        return edges

    def _state(self, form: Form, content: Mapping[str, Any], urn: Urn, path: Path) -> Entity:
        """Add a thing and its relationships to the batch."""
        for name in form.must:
            if not content.get(name):
                self.flaws.append(Flaw(path, StatedRule.REQUIRED, f"'{name}' is missing", "state it"))
        node = check_statement(content, Checked(urn, form.declared), path, self.flaws)
        if node is None:
            raise Refused(self.flaws)
        entity = cast("Entity", node.entity)
        self.flaws += [_flaw(finding, (*path, name)) for name, rule in form.rules for finding in rule(entity)]
        self.batch.nodes.append(node)
        for relation in form.links:
            if relation.name in content:
                self.batch.edges += self._links(content[relation.name], relation, urn, (*path, relation.name))
                self.batch.restates.add((urn, relation))
        return entity

    def _state_parts(self, form: Form, urn: Urn, thing: Row | None) -> list[Urn]:
        """Add the parts of a thing that are stated along with it."""
        relation = cast("Relation", form.owner)
        if relation.name not in self.content:
            return []
        self.batch.restates.add((urn, relation))
        known = _parts(thing, form)
        found: dict[_Told, Urn] = {}
        for index, item in enumerate(self.content[relation.name]):
            path: Path = (relation.name, index)
            content = object_of(item, path, self.flaws)
            if content is None:
                continue
            told = _told(form, content, self._heads(form, content, path))
            self._stop()
            if told in found:
                message = f"it is the same part as {found[told]}"
                self.flaws.append(Flaw(path, FormRule.REPEATED_PART, message, "state each part once"))
            name = hashlib.blake2b(" ".join(chain(*told)).encode(), digest_size=8).hexdigest()
            found[told] = known.get(told, [part(urn, form.declared.slug, name)])[0]
            self._state(form, content, found[told], path)
            self.batch.edges.append(EdgeStatement(relation, urn, found[told]))
        return list(found.values())

    # What is there

    async def _read(self, urn: Urn, owner: Urn | None) -> tuple[Row | None, Row | None]:
        """The thing as it is, and what it is a part of, where either is there."""
        form = self.form
        ends = [] if form.owner is None else [(form.owner.inverse, form.owner.tail)]
        ends += [(relation.name, head) for relation in form.about for head in relation.heads]
        related = [Related(f"{step} {label}", step, Select(label, first=_FEW, ever=True)) for step, label in ends]
        related += [_related(inner) for inner in form.parts]
        roots = [Select(form.kind, (), Compare("urn", Op.EQ, urn), first=1, ever=True, related=tuple(related))]
        if form.is_there and form.owner is not None and owner is not None:
            where = Compare("urn", Op.EQ, owner)
            roots.append(Select(form.owner.tail, (), where, first=1, ever=True, related=(_related(form),)))
        # What must be there is looked for among what is seen; what must not be is told from all that there is.
        reader = self.reader if form.is_there else STAFF_READER
        found = [next(iter(page.rows), None) for page in await self.store.select_all(roots, reader, self.batch.day)]
        return found[0], found[1] if len(found) > 1 else None

    def _part_of(self, whole: Row | None, about: Mapping[Relation, set[Urn]]) -> Urn:
        """The part of what is stated to have it that is told so."""
        form = self.form
        found = _parts(whole, form).get(_told(form, self.content, about), [])
        if not found:
            message = f"{self.content[form.owner_name]} has no such {form.kind}"
            self.flaws.append(
                Flaw((), FormRule.UNKNOWN_PART, message, "state it along with what it is a part of first")
            )
        elif len(found) > 1:
            message = f"there are {len(found)} of it: {', '.join(found)}"
            self.flaws.append(Flaw((), FormRule.REPEATED_PART, message, "say with 'urn' which one is meant"))
        return found[0] if found else _NOBODY

    def _check_same(self, thing: Row, urn: Urn, owner: Urn | None, about: Mapping[Relation, set[Urn]]) -> None:
        """What it is about and belongs to is not changed by stating it anew."""
        said = [(r.name, [(r.name, head) for head in r.heads], heads) for r, heads in about.items()]
        if self.form.owner is not None and owner is not None:
            said.append((self.form.owner_name, [(self.form.owner.inverse, self.form.owner.tail)], {owner}))
        for name, steps, stated in said:
            before = {row.get("urn") for step, label in steps for row in thing[f"{step} {label}"].rows}
            if before and before != stated:
                message = f"{urn[:120]} is about something else"
                self.flaws.append(
                    Flaw((name,), FormRule.OTHER_THING, message, "state another one, without 'urn' or with a new one")
                )

    async def _check_named(self, urn: Urn, *, is_old: bool) -> None:
        """What is named, and what is stated anew, is seen by who names it."""
        asked = {named for _, named in self.named}
        if is_old or self.form.is_there:
            asked.add(urn)
        seen = await present(asked, self.store, self.reader, self.batch.day)
        for path, named in dict.fromkeys(self.named):
            if named not in seen:
                remedy = "name what is in the catalog, or state that first"
                self.flaws.append(Flaw(path, FormRule.DANGLING, f"{named[:120]} is not in the catalog", remedy))
        if urn in asked - seen and self.form.is_there:
            self.flaws.append(Flaw(("urn",), FormRule.DANGLING, f"{urn[:120]} is not in the catalog", "correct it"))
        elif urn in asked - seen:
            self.flaws.append(Flaw(("urn",), FormRule.TAKEN, f"{urn[:120]} is not free", "choose another URN"))


_Told = tuple[tuple[str, ...], tuple[str, ...]]
"""What tells a part from the others: values of properties, and URNs of what it is about."""


def _told(form: Form, content: Mapping[str, Any], about: Mapping[Relation, set[Urn]]) -> _Told:
    heads = sorted(urn for heads in about.values() for urn in heads)
    return tuple(str(content.get(name)) for name in form.told_by), tuple(heads)


def _related(form: Form) -> Related:
    """The parts of a thing, as far as they are told from each other."""
    relation = cast("Relation", form.owner)
    about = tuple(
        Related(f"{r.name} {head}", r.name, Select(head, first=_FEW, ever=True)) for r in form.about for head in r.heads
    )
    return Related(relation.name, relation.name, Select(form.kind, form.told_by, first=_FEW, ever=True, related=about))


def _parts(whole: Row | None, form: Form) -> dict[_Told, list[Urn]]:
    """The parts that a thing has."""
    found: dict[_Told, list[Urn]] = defaultdict(list)
    for row in whole[cast("Relation", form.owner).name].rows if whole else ():
        about = {
            r: {e["urn"] for head in r.heads for e in row[f"{r.name} {head}"].rows if "urn" in e} for r in form.about
        }
        if "urn" in row:
            found[_told(form, row, about)].append(Urn(row["urn"]))
    return found


def _flaw(finding: Finding, path: Path) -> Flaw:
    message, _, remedy = finding.message.rpartition(": ")
    return Flaw(path, finding.code, message, remedy)


_NOBODY = Urn("")
"""In the place of a URN that is not known yet, or not at all."""
