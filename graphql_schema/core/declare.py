"""How a domain declares its types: the words that ``types.py``, ``inputs.py`` and ``queries.py`` are written in.

    @node("Dataset")
    class Dataset:
        urn: strawberry.ID                                             the key
        title: str                                                     a property, described as the model describes it
        agency: Lazy["Agency"] | None = one("held_by", "Its holder.")  a step to one node
        columns: Connection[Column] = many("columns", order=Order("position"))

A field that the model does not have, a step that does not lead where the field says, or a promise that the model does
not keep (non-null, where a property is optional) stops the program at its start.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Optional, TypeVar, dataclass_transform

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField
from strawberry.utils.str_converters import to_camel_case

from catalog.model import MODEL
from catalog.model.declare import Kind, Shape
from catalog.selection import Order, Predicate
from graphql_schema.core.chosen import MAPPED
from graphql_schema.core.filters import Comparison, FilterTest, RelatedTo
from graphql_schema.core.plan import MAX_FIRST, Fact, Leaf, Listed, Many, Mapped, One
from graphql_schema.core.roots import Find, ListAll
from graphql_schema.core.words import ordered, plain, property_words

__all__ = [
    "DEFAULT_FIRST",
    "KIND",
    "fact",
    "filter_input",
    "find",
    "leaf",
    "list_all",
    "listed",
    "many",
    "node",
    "of_type",
]
__all__ += ["one", "part", "related_to", "roots", "tested", "tests_of", "view"]

DEFAULT_FIRST = 20

KIND = "__waypost_kind__"
"""Attribute of a class that stands for a kind of the model: the kind's label."""

_TYPE = TypeVar("_TYPE", bound=type)

_TESTS = "__waypost_tests__"

_SYSTEM = {"valid_from", "valid_to", "source", "recorded_at", "recorded_by"}
"""What every node has besides what its kind declares (``catalog/stores/resolve.py``)."""


@dataclass(frozen=True, slots=True)
class _Declared:
    """A field as a class body declares it; ``bind`` answers what it stands for and the words of the model for it."""

    bind: Callable[[Kind | None], tuple[Mapped, str]]
    description: str = ""
    arguments: Callable[[], list[StrawberryArgument]] = list


@dataclass(frozen=True, slots=True)
class _Tested:
    """A field of a filter input as a class body declares it."""

    test: Callable[[Kind], FilterTest]
    description: str
    name: str | None = None


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


def many(step: str, description: str = "", *, target: str | None = None, order: Order = Order()) -> Any:  # noqa: B008 - frozen
    """A page of the nodes at the end of a step."""

    def bind(kind: Kind | None) -> tuple[Mapped, str]:
        found = MODEL.step(_kind(kind).label, step, target)
        words = f"{description or plain(found.relation.doc)} {ordered(found.target, order)}"
        return Many(step, found.target.label, order), words

    return _Declared(bind, "", _page_arguments)


def listed(step: str, description: str, *, target: str | None = None, order: Order = Order()) -> Any:  # noqa: B008 - frozen
    """The edges of a step as a plain list, where there are few by nature."""

    def bind(kind: Kind | None) -> tuple[Mapped, str]:
        found = MODEL.step(_kind(kind).label, step, target)
        return Listed(
            step, found.target.label, order
        ), f"{description} {ordered(found.target, order)} At most {MAX_FIRST}."

    return _Declared(bind)


def find(kind: str, description: str) -> Any:
    """A root field that finds the node of a kind by its URN."""

    def arguments() -> list[StrawberryArgument]:
        slug = MODEL.kinds[kind].slug
        return [_argument("urn", strawberry.ID, f"Its URN: `urn:waypost:{slug}:...`."), _as_of()]

    return _Declared(lambda _: (Find(kind), description), "", arguments)


def list_all(
    kind: str, description: str, *, order: Order, order_by: type | None = None, filter: type | None = None
) -> Any:
    """A root field that lists the nodes of a kind, with an order and a filter to choose where inputs for them exist."""

    def arguments() -> list[StrawberryArgument]:
        found = _page_arguments()
        if order_by is not None:
            words = f"The order; unless told: {order.by}, {'descending' if order.descending else 'ascending'}."
            found.append(_argument("order_by", Optional[order_by], words))  # noqa: UP045 - a value, no annotation
        if filter is not None:
            words = "Only those of which it is true; unless told: all. At most 200 tests."
            found.append(_argument("filter", Optional[filter], words))  # noqa: UP045 - as above
        return [*found, _as_of()]

    tests: Mapping[str, FilterTest] = {} if filter is None else tests_of(filter)
    return _Declared(
        lambda _: (ListAll(kind, order, tests), f"{description} {ordered(MODEL.kinds[kind], order)}"), "", arguments
    )


def node(kind: str, *, name: str | None = None, description: str = "") -> Callable[[_TYPE], _TYPE]:
    """Make a GraphQL type of a class that stands for a kind of the model."""
    declared = MODEL.kinds[kind]
    return _type(declared, name, description or plain(declared.doc))


def view(description: str) -> Callable[[_TYPE], _TYPE]:
    """Make a GraphQL type of a class that stands for no node: an edge, a page, what belongs to a page."""
    return _type(None, None, description)


def roots(cls: _TYPE) -> _TYPE:
    """Make root fields of a class; the schema puts the classes together to one query type."""
    return _type(None, None, "Root fields.")(cls)


def tested(prop: str, description: str) -> Any:
    """A test of a property; without it a field of a filter input tests the property of its own name."""
    return _Tested(lambda _: Comparison(prop), description)


def of_type(found: FilterTest, name: str, description: str) -> Any:
    """A test that is none of a property."""
    return _Tested(lambda _: found, description, name)


def related_to(step: str, filter: type, description: str, *, target: str | None = None) -> Any:
    """A test of the nodes at the end of a step: at least one that the reader sees passes the filter."""

    def bind(kind: Kind) -> FilterTest:
        found = MODEL.step(kind.label, step, target)
        return RelatedTo(step, found.target.label, tests_of(filter))

    return _Tested(bind, description)


def filter_input(kind: str) -> Callable[[_TYPE], _TYPE]:
    """Make a filter input of a class whose fields are tests of the nodes of a kind."""
    declared = MODEL.kinds[kind]

    def make(cls: _TYPE) -> _TYPE:
        tests: dict[str, FilterTest] = {}
        for name in cls.__annotations__:
            said = cls.__dict__.get(name) or tested(name, "")
            found = said.test(declared)
            words = said.description
            if isinstance(found, Comparison) and found.prop != "urn":
                words = words or property_words(declared.property(found.prop))
            tests[said.name or to_camel_case(name)] = found
            setattr(cls, name, StrawberryField(graphql_name=said.name, description=words, default=strawberry.UNSET))
        setattr(cls, _TESTS, tests)
        return strawberry.input(
            cls,
            description=f"A filter of {declared.label} nodes; its fields hold together (and), and without any it is true.",
        )

    return make


def tests_of(filter: type) -> Mapping[str, FilterTest]:
    """The tests of a filter input by the GraphQL name of their field."""
    return vars(filter)[_TESTS]


@dataclass_transform(field_specifiers=(part, leaf, fact, one, many, listed, find, list_all))
def _type(kind: Kind | None, name: str | None, description: str) -> Callable[[_TYPE], _TYPE]:
    def make(cls: _TYPE) -> _TYPE:
        for field, hint in cls.__annotations__.items():
            said = cls.__dict__.get(field) or leaf(field)
            mapped, words = said.bind(kind)
            if isinstance(mapped, Leaf):
                _check_promise(f"{cls.__name__}.{field}", kind, mapped, str(hint))
            made = StrawberryField(description=said.description or words, metadata={MAPPED: mapped})
            made.arguments = said.arguments()
            setattr(cls, field, made)
        if kind is not None:
            setattr(cls, KIND, kind.label)
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


def _argument(name: str, type_: Any, description: str, **default: Any) -> StrawberryArgument:
    return StrawberryArgument(name, None, StrawberryAnnotation(type_), description=description, **default)


def _page_arguments() -> list[StrawberryArgument]:
    first = f"How many at most: 0 to {MAX_FIRST}; unless told: {DEFAULT_FIRST}."
    after = "Go on after this place: `endCursor` of the page before, asked with the same order. Unless told: begin."
    return [_argument("first", int, first, default=DEFAULT_FIRST), _argument("after", Optional[str], after)]  # noqa: UP045


def _as_of() -> StrawberryArgument:
    words = "The day that the whole answer is about; unless told: today in the time zone of the jurisdiction."
    return _argument("as_of", Optional[date], words)  # noqa: UP045 - a value, no annotation
