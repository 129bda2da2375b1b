"""From plain values, as people write them, to statements, checked against the declared model: for loaders and for mutations.

Of a node it takes what ``catalog.model.document.file_schema`` describes (a test holds the two together), and says of what it
does not take where it is, which rule it breaks and what to do.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, cast

from catalog.access import Audience
from catalog.batch import EdgeStatement, NodeStatement
from catalog.errors import CatalogError, InvalidRecord, InvalidUrn
from catalog.model import MODEL
from catalog.model.declare import EdgeProperty, Kind, Property, Relation, Shape
from catalog.urn import Urn, kind_of, parse
from catalog.values import MAX_INDEXED_BYTES, encode_shape, written_day

__all__ = [
    "Checked",
    "Flaw",
    "HeadOf",
    "Path",
    "Refused",
    "StatedRule",
    "check_links",
    "check_node",
    "check_properties",
]
__all__ += ["check_statement", "day_of", "member_of", "object_of", "span_of", "unknown_keys", "urn_of"]

Path = tuple[str | int, ...]
"""A place in a value: keys and positions from the outside in."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that is wrong: the rule it breaks, where, what, and what to do."""

    path: Path
    rule: str
    message: str
    remedy: str


class StatedRule(StrEnum):
    """Every rule that a statement can break, whoever makes it; each flaw names one. The names are stable."""

    KIND = "kind"
    """It says of no declared kind that it is one."""
    URN = "urn"
    URN_KIND = "urn-kind"
    """A URN of another kind than belongs there."""
    TYPE = "type"
    REQUIRED = "required"
    UNKNOWN_KEY = "unknown-key"
    ENUM = "enum"
    SPAN = "span"
    """It ends before it begins."""
    OPEN_START = "open-start"
    """A link that ends, and does not say when it began."""
    REPEATED_LINK = "repeated-link"
    ENCODING = "encoding"
    SIZE = "size"


_SPANS = (("effective_from", "effective_to"), ("first_seen", "last_seen"))
"""Properties that are the first day and the last of the same."""
HeadOf = Callable[[Any, tuple[str, ...], Path, list[Flaw]], Urn | None]
"""Reads what is written for a node of one of these kinds, at a path; what is wrong is added to the flaws."""

_NODE_KEYS = ("kind", "urn", "audience", "valid_from", "valid_to", "links")
_EDGE_KEYS = ("to", "valid_from", "valid_to")
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})", re.ASCII)
_EXPECTED: dict[Shape, tuple[str, str]] = {
    Shape.TEXT: ("text", "put it in quotes"),
    Shape.INTEGER: ("a whole number", "write digits without quotes"),
    Shape.REAL: ("a number", "write it in digits, without quotes"),
    Shape.BOOLEAN: ("true or false", "write true or false, without quotes"),
    Shape.DATE: ("a day", "write it as 2022-03-31"),
    Shape.DATETIME: ("an instant with its zone", "write it as 2022-03-31T08:00:00Z"),
    Shape.TEXTS: ("a list of texts", "write it as [a, b], each text in quotes where it could be a number"),
}


class Refused(CatalogError):
    """What someone states breaks rules: each flaw says which, where, and what to do. Nothing of it was written."""

    code = "REFUSED"

    def __init__(self, flaws: Sequence[Flaw]) -> None:
        first, *others = flaws
        more = f" (and {len(others)} more)" if others else ""
        super().__init__(f"{first.message}: {first.remedy}{more}")
        self.flaws = tuple(flaws)


@dataclass(slots=True)
class Checked:
    """What is stated of one node."""

    urn: Urn
    kind: Kind
    node: NodeStatement | None = None
    """None where nothing but links is stated."""
    bare: NodeStatement | None = None
    """The node where nothing but links is stated, of a kind that asks for no property: for where nobody has stated it yet."""
    edges: list[EdgeStatement] = field(default_factory=list[EdgeStatement])
    restates: list[tuple[Urn, Relation]] = field(default_factory=list[tuple[Urn, Relation]])


def check_node(value: Any, path: Path, flaws: list[Flaw]) -> Checked | None:
    """What a node in our own format states; None where it has no kind or no URN. What is wrong is added to ``flaws``."""
    content = object_of(value, path, flaws)
    if content is None:
        return None
    kind = _kind(content.get("kind"), path, flaws)
    urn = urn_of(content.get("urn"), (kind.label,), (*path, "urn"), flaws) if kind else None
    if kind is None or urn is None:
        return None
    unknown_keys(content, (*_NODE_KEYS, *(p.name for p in kind.properties)), path, flaws)
    made = Checked(urn, kind)
    if content.keys() - {"kind", "urn"} != {"links"}:
        made.node = check_statement(content, made, path, flaws)
    elif not any(declared.required for declared in kind.properties):
        made.bare = NodeStatement(kind.cls(urn=urn))
    links = object_of(content.get("links", {}), (*path, "links"), flaws) or {}
    unknown_keys(links, [r.name for r in kind.relations], (*path, "links"), flaws)
    for relation in kind.relations:
        if relation.name in links:
            made.edges += check_links(links[relation.name], relation, urn, (*path, "links", relation.name), flaws)
        if relation.name in links or made.node is not None:
            # A node that is described has the links it shows and no others.
            made.restates.append((urn, relation))
    return made


def check_properties(
    content: Mapping[str, Any], properties: Iterable[Property | EdgeProperty], path: Path, flaws: list[Flaw]
) -> dict[str, Any]:
    """The values of declared properties, as an entity takes them; what is missing is left out."""
    made: dict[str, Any] = {}
    for declared in properties:
        place = (*path, declared.name)
        if declared.name in content:
            value = _value(declared, content[declared.name], place, flaws)
            if value is not None:
                made[declared.name] = value
        elif isinstance(declared, Property) and declared.required:
            flaws.append(Flaw(path, StatedRule.REQUIRED, f"'{declared.name}' is missing: {_doc(declared)}", "state it"))
    return made


def unknown_keys(content: Mapping[str, Any], known: Iterable[str], path: Path, flaws: list[Flaw]) -> None:
    """Find keys that the format does not have, with the nearest that it does."""
    names = list(known)
    for name in content.keys() - set(names):
        near = difflib.get_close_matches(name, names, n=1)
        remedy = f"did you mean '{near[0]}'?" if near else f"take it out; there are {', '.join(names) or 'none'}"
        flaws.append(Flaw((*path, name), StatedRule.UNKNOWN_KEY, f"'{name[:60]}' is not known here", remedy))


def urn_of(value: Any, labels: tuple[str, ...], path: Path, flaws: list[Flaw]) -> Urn | None:
    """A URN of one of these kinds."""
    slugs = [MODEL.kind(label).slug for label in labels]
    example = f"write one such as urn:waypost:{slugs[0]}:key:x"
    if not isinstance(value, str):
        what = "'urn' is missing" if value is None else f"{value!r:.60} is no URN"
        flaws.append(Flaw(path, StatedRule.URN, what, example))
        return None
    try:
        parse(value)
    except InvalidUrn as error:
        flaws.append(Flaw(path, StatedRule.URN, str(error), example))
        return None
    if kind_of(value) not in slugs:
        message = f"{value[:120]} is a URN of kind '{kind_of(value)}': expected one of {' or '.join(labels)}"
        flaws.append(Flaw(path, StatedRule.URN_KIND, message, example))
        return None
    return Urn(value)


def day_of(value: Any, path: Path, flaws: list[Flaw]) -> date | None:
    """A day written YYYY-MM-DD."""
    found = _day(value)
    if found is None:
        flaws.append(_wrong(Shape.DATE, value, path))
    return found


def span_of(
    content: Mapping[str, Any], path: Path, flaws: list[Flaw], *, of_link: bool = False
) -> tuple[date | None, date | None]:
    """The days ``valid_from`` and ``valid_to`` of a value, each None where it is not stated; a link that ends begins."""
    names = ("valid_from", "valid_to")
    first, after = (day_of(content[n], (*path, n), flaws) if n in content else None for n in names)
    if first and after and after <= first:
        message = f"'valid_to' ({after}) is not after 'valid_from' ({first}); it is the first day no more"
        flaws.append(Flaw((*path, "valid_to"), StatedRule.SPAN, message, "give a later day, or leave it out"))
    if of_link and after is not None and first is None:
        # Without its first day the store could not tell the same statement from a new one when it is loaded again.
        flaws.append(
            Flaw(path, StatedRule.OPEN_START, "'valid_to' stands without 'valid_from'", "state the first day as well")
        )
    return first, after


def check_statement(content: Mapping[str, Any], made: Checked, path: Path, flaws: list[Flaw]) -> NodeStatement | None:
    """What is stated of the node itself: its properties, audience and days; None where something is wrong in them."""
    before = len(flaws)
    values = check_properties(content, made.kind.properties, path, flaws)
    audience = None
    if "audience" in content:
        audience = member_of(Audience, content["audience"], (*path, "audience"), flaws)
    first, after = span_of(content, path, flaws)
    _check_spans(values, path, flaws)
    if len(flaws) > before:
        return None
    entity = made.kind.cls(urn=made.urn, **values)
    return NodeStatement(entity, cast("Audience | None", audience), first, after)


def _check_spans(values: Mapping[str, Any], path: Path, flaws: list[Flaw]) -> None:
    """Find a last day before the first: what such days are of would be on no day, and no audit would tell of it."""
    for begin, end in _SPANS:
        first, last = values.get(begin), values.get(end)
        if first is not None and last is not None and last < first:
            message = f"'{end}' ({last}) is before '{begin}' ({first}); it is the last day, which counts"
            flaws.append(Flaw((*path, end), StatedRule.SPAN, message, "correct one of the two, or leave it out"))


def check_links(
    value: Any, relation: Relation, tail: Urn, path: Path, flaws: list[Flaw], *, head_of: HeadOf = urn_of
) -> list[EdgeStatement]:
    """One link or a list of them. ``head_of`` reads what is written for the other end."""
    made: list[EdgeStatement] = []
    several = isinstance(value, list)
    items = cast("list[Any]", value) if several else [value]
    for index, item in enumerate(items):
        place = (*path, index) if several else path
        edge = _edge(item, relation, tail, place, flaws, head_of=head_of)
        if edge is None:
            continue
        if any(e.head == edge.head and _overlap(e, edge) for e in made):
            message = f"{edge.head[:120]} is linked twice for the same time"
            flaws.append(Flaw(place, StatedRule.REPEATED_LINK, message, "state it once, or give each its days"))
        made.append(edge)
    return made


def object_of(value: Any, path: Path, flaws: list[Flaw], wanted: str = "an object") -> dict[str, Any] | None:
    """An object; None, and a flaw, where the value is none."""
    if isinstance(value, dict):
        return cast("dict[str, Any]", value)
    flaws.append(Flaw(path, StatedRule.TYPE, f"{value!r:.60} is not {wanted}", f"write {wanted} there"))
    return None


def member_of(enum: type[StrEnum], value: Any, path: Path, flaws: list[Flaw]) -> StrEnum | None:
    """A value of an enumeration, by its name."""
    if isinstance(value, str) and value in enum.__members__:
        return enum[value]
    near = difflib.get_close_matches(str(value).upper(), list(enum.__members__), n=1)
    names = ", ".join(enum.__members__)
    remedy = f"did you mean {near[0]}?" if near else f"write one of {names}"
    flaws.append(Flaw(path, StatedRule.ENUM, f"{value!r:.60} is no {enum.__name__}", remedy))
    return None


def _kind(value: Any, path: Path, flaws: list[Flaw]) -> Kind | None:
    kind = MODEL.kinds.get(value) if isinstance(value, str) else None
    if kind is not None and not kind.journal:
        return kind
    names = [k.label for k in MODEL.kinds.values() if not k.journal]
    near = difflib.get_close_matches(str(value), names, n=1)
    what = "'kind' is missing" if value is None else f"{value!r:.60} is no kind"
    remedy = f"did you mean {near[0]}?" if near else f"write one of {', '.join(names)}"
    flaws.append(Flaw((*path, "kind"), StatedRule.KIND, what, remedy))
    return None


def _edge(
    item: Any, relation: Relation, tail: Urn, path: Path, flaws: list[Flaw], *, head_of: HeadOf
) -> EdgeStatement | None:
    if isinstance(item, str):
        head = head_of(item, relation.heads, path, flaws)
        return EdgeStatement(relation, tail, head) if head else None
    content = object_of(item, path, flaws, "a URN or an object with 'to'")
    if content is None:
        return None
    unknown_keys(content, (*_EDGE_KEYS, *(p.name for p in relation.props)), path, flaws)
    head = head_of(content.get("to"), relation.heads, (*path, "to"), flaws)
    props = check_properties(content, relation.props, path, flaws)
    first, after = span_of(content, path, flaws, of_link=True)
    return EdgeStatement(relation, tail, head, first, after, props) if head else None


def _overlap(one: EdgeStatement, other: EdgeStatement) -> bool:
    first = max(one.valid_from or date.min, other.valid_from or date.min)
    return first < min(one.valid_to or date.max, other.valid_to or date.max)


def _value(declared: Property | EdgeProperty, value: Any, path: Path, flaws: list[Flaw]) -> Any:
    """A value as an entity takes it; None where it is wrong."""
    shape = declared.shape
    if isinstance(declared, Property) and declared.required and value == []:
        flaws.append(
            Flaw(
                path, StatedRule.REQUIRED, f"'{declared.name}' is an empty list: {_doc(declared)}", "state one at least"
            )
        )
        return None
    if declared.enum is not None and value is not None:
        return _members(declared.enum, value, path, flaws, several=shape is Shape.TEXTS)
    read = _read(shape, value)
    if isinstance(declared, Property) and declared.index and isinstance(read, str) and _is_too_long(read):
        message = f"'{declared.name}' has {len(read)} characters, and is looked up by them"
        flaws.append(Flaw(path, StatedRule.SIZE, message, f"keep to {MAX_INDEXED_BYTES} bytes at most"))
        return None
    try:
        if read is not None and encode_shape(declared.name, shape, read) is not None:
            return read
    except InvalidRecord as error:
        if shape in (Shape.TEXT, Shape.TEXTS) and isinstance(read, str | tuple):
            # Text it is, and it holds what no store keeps.
            what, _, remedy = str(error).partition(": ")
            flaws.append(Flaw(path, StatedRule.ENCODING, what, remedy))
            return None
    flaws.append(_wrong(shape, value, path))
    return None


def _is_too_long(text: str) -> bool:
    return len(text.encode(errors="replace")) > MAX_INDEXED_BYTES


def _read(shape: Shape, value: Any) -> Any:
    """A value in the type of its shape; None where it is of none such."""
    match shape:
        case Shape.DATE:
            return _day(value)
        case Shape.DATETIME:
            return _instant(value)
        case Shape.TEXTS:
            items = cast("list[Any]", value) if isinstance(value, list) else []
            read = tuple(item for item in items if isinstance(item, str))
            return read if isinstance(value, list) and len(read) == len(items) else None
        case Shape.INTEGER if isinstance(value, float) and value.is_integer():
            return int(value)
        case _:
            return value


def _day(value: Any) -> date | None:
    return written_day(value) if isinstance(value, str) else None


def _instant(value: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) and _INSTANT.fullmatch(value) else None
    except ValueError:
        return None


def _members(enum: type[StrEnum], value: Any, path: Path, flaws: list[Flaw], *, several: bool) -> Any:
    if not several:
        return member_of(enum, value, path, flaws)
    if not isinstance(value, list):
        flaws.append(_wrong(Shape.TEXTS, value, path))
        return None
    found = [member_of(enum, item, (*path, i), flaws) for i, item in enumerate(cast("list[Any]", value))]
    return tuple(member for member in found if member is not None)


def _doc(declared: Property) -> str:
    return declared.doc.removesuffix(".")


def _wrong(shape: Shape, value: Any, path: Path) -> Flaw:
    expected, remedy = _EXPECTED[shape]
    if value is None:
        return Flaw(path, StatedRule.TYPE, f"there is no value: expected {expected}", "state it, or take the key out")
    return Flaw(path, StatedRule.TYPE, f"{value!r:.60} is not {expected}", remedy)
