"""How a domain declares its types: the words that ``types.py`` and ``queries.py`` are written in.

    @node("Dataset")
    class Dataset(Node):
        title: str                                                     a property, described as the model describes it
        agency: Lazy["Agency"] | None = one("held_by", "Its holder.")  a step to one node
        columns: Connection[Column] = many("columns", order=Order("position"))

A property or a step that no field stands for gets one by itself (``core/nodes.py``).

A field that the model does not have, a step that does not lead where the field says, or a promise that the model does
not keep (non-null, where a property is optional) stops the program at its start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar, dataclass_transform

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.federation import type as federated
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField
from strawberry.utils.str_converters import to_camel_case

from catalog.model import MODEL
from catalog.model.declare import Kind, Shape
from catalog.selection import Order, Predicate
from graphql_schema.core.chosen import MAPPED
from graphql_schema.core.feed import FindChanges
from graphql_schema.core.lists import filter_of, order_of, tests_of
from graphql_schema.core.plan import DEFAULT_FIRST, MAX_FIRST, Fact, Leaf, Many, Mapped, One
from graphql_schema.core.roots import Find, FindNode, FindNodes, ListAll
from graphql_schema.core.search import Search, facet_of
from graphql_schema.core.words import ordered, plain, property_words

__all__ = [
    "DEFAULT_FIRST",
    "KIND",
    "Derived",
    "asked",
    "changes",
    "facet",
    "fact",
    "find",
    "find_node",
    "find_nodes",
    "leaf",
    "list_all",
    "many",
]
__all__ += ["AS_OF", "PAGE", "Argument", "Where", "one", "only", "part", "roots", "search", "typed", "view"]

KIND = "__waypost_kind__"
"""Attribute of a class that stands for a kind of the model: the kind's label."""

_TYPE = TypeVar("_TYPE", bound=type)

_SYSTEM = {"valid_from", "valid_to", "closed_reason", "source", "recorded_at"}
"""What every node has besides what its kind declares (``catalog/stores/resolve.py``)."""


@dataclass(frozen=True, slots=True)
class _Declared:
    """A field as a class body declares it; ``bind`` answers what it stands for and the words of the model for it."""

    bind: Callable[[Kind | None], tuple[Mapped, str]]
    description: str = ""
    arguments: Callable[[], list[StrawberryArgument]] = list
    name: str | None = None
    """Its name in the schema, where that does not follow from the one here."""


@dataclass(frozen=True, slots=True)
class Derived:
    """A field that no class declares: its name, its type for Strawberry, what it stands for and its words."""

    name: str
    type: Any
    mapped: Mapped
    words: str


Argument = tuple[str, Any, str] | tuple[str, Any, str, Any]
"""Name, type, description and, where it has one, default of an argument."""

AS_OF: Argument = (
    "as_of",
    date | None,
    "The day that the whole answer is about; unless told: today in the time zone of the jurisdiction.",
)


def only(name: str, of: Any, words: str, unless: str = "all") -> Argument:
    """An argument that tests what is listed, and may be left out; ``unless`` says what is then."""
    return name, of | None, f"Only {words}; unless told: {unless}."


PAGE: tuple[Argument, ...] = (
    ("first", int, f"How many at most: 0 to {MAX_FIRST}; unless told: {DEFAULT_FIRST}.", DEFAULT_FIRST),
    (
        "after",
        str | None,
        "Go on after this place: `endCursor` of the page before, asked with the same order. Unless told: begin.",
    ),
)


def part(mapped: Mapped, description: str) -> Any:
    """A field that stands for something particular."""
    return _Declared(lambda _: (mapped, description))


def leaf(prop: str, description: str = "") -> Any:
    """A property under another name than the model's."""
    return _Declared(lambda kind: _leaf(kind, prop), description)


def fact(name: str, description: str) -> Any:
    """A fact of the edge that leads to the node: of EDGE_FACTS, or declared by the relationship."""
    return _Declared(lambda _: (Fact(name), description))


def one(step: str, description: str = "", *, target: str | None = None, where: Predicate | None = None) -> Any:
    """The one node at the end of a step, or null."""

    def bind(kind: Kind | None) -> tuple[Mapped, str]:
        found = MODEL.step(_kind(kind).label, step, target)
        return One(step, found.target.label, where), plain(found.relation.doc)

    return _Declared(bind, description)


def many(
    step: str,
    description: str = "",
    *,
    target: str | None = None,
    order: Order = Order(),  # noqa: B008 - frozen
    where: Predicate | None = None,
    ever: bool = False,
) -> Any:
    """A page of the nodes at the end of a step; with ``ever`` also of those that do not hold on the day."""

    def bind(kind: Kind | None) -> tuple[Mapped, str]:
        found = MODEL.step(_kind(kind).label, step, target)
        words = f"{description or plain(found.relation.doc)} {ordered(found.target, order)}"
        return Many(step, found.target.label, order, where, ever), words

    return _Declared(bind, "", _page_arguments)


def find_node(description: str) -> Any:
    """The root field that finds a node of any kind by its URN."""
    words = "Its URN: `urn:waypost:...`, of any kind."
    return _Declared(
        lambda _: (FindNode(), description), "", lambda: [_argument("urn", strawberry.ID, words), _as_of()]
    )


def find_nodes(description: str) -> Any:
    """The root field that finds nodes of any kinds by their URNs."""
    words = f"Their URNs, of any kinds; at most {MAX_FIRST}."
    arguments = [_argument("urns", list[strawberry.ID], words), _as_of()]
    return _Declared(lambda _: (FindNodes(), description), "", lambda: arguments)


def asked(mapped: Mapped, description: str, *arguments: Argument, name: str | None = None) -> Any:
    """A field that stands for something particular, with its arguments."""
    return _Declared(lambda _: (mapped, description), "", lambda: [_argument(*found) for found in arguments], name)


def find(kind: str, description: str) -> Any:
    """A root field that finds the node of a kind by its URN."""

    def arguments() -> list[StrawberryArgument]:
        slug = MODEL.kinds[kind].slug
        return [_argument("urn", strawberry.ID, f"Its URN: `urn:waypost:{slug}:...`."), _as_of()]

    return _Declared(lambda _: (Find(kind), description), "", arguments)


def list_all(kind: str, description: str, *, order: Order, where: Where | None = None) -> Any:
    """A root field that lists the nodes of a kind, in an order and by a filter that the client may choose.

    ``where`` narrows the list besides.
    """
    by, narrowed = order_of(kind), filter_of(kind)
    most = "At most 200 tests, those that make this list among them." if where else "At most 200 tests."

    def arguments() -> list[StrawberryArgument]:
        ordered_by = (
            f"The order; unless told: {to_camel_case(order.by)}, {'descending' if order.descending else 'ascending'}."
        )
        filtered = f"Only those of which it is true; unless told: all. {most}"
        return [
            *(_argument(*argument) for argument in (where.arguments if where else ())),
            *_page_arguments(),
            _argument("order_by", by | None, ordered_by),
            _argument("filter", narrowed | None, filtered),
            _as_of(),
        ]

    mapped = ListAll(kind, order, tests_of(narrowed), where.test if where else None)
    return _Declared(lambda _: (mapped, f"{description} {ordered(MODEL.kinds[kind], order)}"), "", arguments)


def changes(kind: str, description: str) -> Any:
    """A root field that tells which nodes of a kind changed after a cursor."""
    words = f"{description} Ordered by last change, then URN: what changes again comes again."
    return _Declared(lambda _: (FindChanges(kind), words), "", lambda: [*_page_arguments(), _as_of()])


@dataclass(frozen=True, slots=True)
class Where:
    """A test that a list adds: name, type and description of its own arguments, and what they mean on a day."""

    arguments: tuple[Argument, ...]
    test: Callable[[Mapping[str, Any], date], Predicate]


def search(kind: str, description: str) -> Any:
    """A root field that finds the nodes of a kind by words, and by a filter that the client may choose."""
    text = "Words, all of which a hit holds; the last may be the beginning of one, from three letters on. Case, accents"
    text += " and signs do not matter. Without a word every node is a hit. At most 16 words in 1,000 characters."
    filtered = "Only those of which it is true; unless told: all. At most 200 tests."
    narrowed = filter_of(kind)

    def arguments() -> list[StrawberryArgument]:
        optional = _argument("filter", narrowed | None, filtered)
        return [_argument("text", str, text), optional, *_page_arguments(), _as_of()]

    words = f"{description} Ordered by rank, then title, then URN."
    return _Declared(lambda _: (Search(kind, tests_of(narrowed)), words), "", arguments)


def facet(kind: str, path: str, description: str) -> Any:
    """A facet of a search for nodes of a kind: what is at the end of a path (``SearchQuery.facets``)."""
    first = f"How many values at most: 0 to {MAX_FIRST}; unless told: {DEFAULT_FIRST}."
    return asked(facet_of(kind, path), description, ("first", int, first, DEFAULT_FIRST))


def view(description: str, *, name: str | None = None) -> Callable[[_TYPE], _TYPE]:
    """Make a GraphQL type of a class that stands for no node: an edge, a page, what belongs to a page."""
    return typed(None, name, description)


def roots(cls: _TYPE) -> _TYPE:
    """Make root fields of a class; the schema puts the classes together to one query type."""
    return typed(None, None, "Root fields.")(cls)


@dataclass_transform(field_specifiers=(part, leaf, fact, one, many, asked, find, find_node, find_nodes, list_all))
def typed(
    kind: Kind | None,
    name: str | None,
    description: str,
    *,
    more: Callable[[Sequence[Mapped]], Iterable[Derived]] | None = None,
    keys: Sequence[str] = (),
) -> Callable[[_TYPE], _TYPE]:
    """Make a GraphQL type of a class; ``more`` answers fields that follow from those that it declares.

    With ``keys`` it is an entity of a federation, which other subgraphs know by these fields.
    """

    def make(cls: _TYPE) -> _TYPE:
        declared: list[Mapped] = []
        for field, hint in cls.__annotations__.items():
            said = cls.__dict__.get(field) or leaf(field)
            mapped, words = said.bind(kind)
            if isinstance(mapped, Leaf):
                _check_promise(f"{cls.__name__}.{field}", kind, mapped, str(hint))
            declared.append(mapped)
            made = StrawberryField(
                graphql_name=said.name, description=said.description or words, metadata={MAPPED: mapped}
            )
            made.arguments = said.arguments()
            setattr(cls, field, made)
        for found in more(declared) if more else ():
            if found.name in cls.__annotations__:
                continue  # the class gives its name to something narrower
            cls.__annotations__[found.name] = found.type
            made = StrawberryField(description=found.words, metadata={MAPPED: found.mapped})
            made.arguments = _page_arguments() if isinstance(found.mapped, Many) else []
            setattr(cls, found.name, made)
        if kind is not None:
            setattr(cls, KIND, kind.label)
        if keys:
            return federated(cls, name=name, description=description, keys=keys)
        return strawberry.type(cls, name=name, description=description)

    return make


def _leaf(kind: Kind | None, prop: str) -> tuple[Mapped, str]:
    if prop == "urn":
        return Leaf("urn"), "Its URN: the key by which it is found again."
    if prop in _SYSTEM:
        return Leaf(prop), ""
    return Leaf(prop), property_words(_kind(kind).property(prop))


def _check_promise(place: str, kind: Kind | None, mapped: Leaf, hint: str) -> None:
    """A field that is non-null must have a value in every row, for every reader."""
    if hint.endswith("| None") or mapped.prop == "urn":
        return
    declared = _kind(kind).property(mapped.prop)
    if declared.staff or not (declared.required or declared.shape is Shape.TEXTS):
        raise TypeError(f"{place} may be missing: declare it '{hint} | None'")


def _kind(kind: Kind | None) -> Kind:
    if kind is None:
        raise TypeError("only a node has properties and steps: say with part() or fact() what the field stands for")
    return kind


def _argument(name: str, type_: Any, description: str, *default: Any) -> StrawberryArgument:
    given = {"default": default[0]} if default else {}
    return StrawberryArgument(name, None, StrawberryAnnotation(type_), description=description, **given)


def _page_arguments() -> list[StrawberryArgument]:
    return [_argument(*argument) for argument in PAGE]


def _as_of() -> StrawberryArgument:
    return _argument(*AS_OF)
