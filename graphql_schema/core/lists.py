"""What a list of nodes of a kind can be ordered and filtered by: inputs that follow from the model.

A filter tests every property of the kind, in the operators of its shape. What deserves more (a test of related nodes, or
another name) a class declares:

    @filter_input("Dataset")
    class DatasetFilter:
        agency = related_to("held_by", "The agency that has it in custody.")
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib import import_module
from typing import Any, TypeVar, cast

import strawberry
from strawberry.types.field import StrawberryField
from strawberry.utils.str_converters import to_camel_case

from catalog.model import MODEL
from catalog.model.declare import Kind, Property, Shape
from catalog.model.words import Described
from catalog.selection import Predicate
from graphql_schema.core.filters import AllOf, AnyOf, Comparison, FilterTest, Negation, RelatedTo
from graphql_schema.core.inputs import (
    BooleanFilter,
    Filter,
    NameFilter,
    RangeFilter,
    TextFilter,
    TextsFilter,
    UrnFilter,
)
from graphql_schema.core.roots import NAMES
from graphql_schema.core.scalars import Int64
from graphql_schema.core.words import Direction, enumeration, property_words

__all__ = ["filter_input", "filter_of", "order_of", "related_to", "tests_of"]

_TYPE = TypeVar("_TYPE", bound=type)
_TESTS = "__waypost_tests__"
_BY_SHAPE: dict[Shape, Any] = {
    Shape.INTEGER: RangeFilter[Int64],
    Shape.REAL: RangeFilter[float],
    Shape.BOOLEAN: BooleanFilter,
    Shape.DATE: RangeFilter[date],
    Shape.DATETIME: RangeFilter[datetime],
    Shape.TEXTS: TextsFilter,
}
_declared: dict[str, type] = {}
"""Label to the filter that a class declares."""


@dataclass(frozen=True, slots=True)
class _Related:
    """A field of a filter input as a class body declares it."""

    step: str
    target: str | None
    description: str
    where: Predicate | None


class _Test:
    """A field of a filter: its name in Python and in the schema, its input, and what it tests."""

    def __init__(self, name: str, hint: Any, test: FilterTest, words: str) -> None:
        # What Python keeps for itself stands under another name.
        self.field = f"{name}_" if name in ("and", "or", "not") else name
        self.name = name if self.field != name else to_camel_case(name)
        self.hint = hint
        self.test = test
        self.words = words


def related_to(step: str, description: str, *, target: str | None = None, where: Predicate | None = None) -> Any:
    """A test of the nodes at the end of a step: at least one that the reader sees passes the filter of its kind.

    With ``where``, one of which that is true as well.
    """
    return _Related(step, target, f"{description} True where the reader may see one that passes.", where)


def filter_input(label: str) -> Callable[[_TYPE], _TYPE]:
    """Make a filter input of a class whose fields are tests of nodes related to those of a kind."""
    kind = MODEL.kinds[label]

    def make(cls: _TYPE) -> _TYPE:
        if label in _declared:
            raise TypeError(
                f"the filter of {label} is made already: declare it before what tests related {label} nodes"
            )
        found = [_related(kind, name, said) for name, said in vars(cls).items() if isinstance(said, _Related)]
        found.append(_Test("urn", UrnFilter, Comparison("urn"), "Its URN."))
        found += [_Test(p.name, _input(p), Comparison(p.name), property_words(p)) for p in kind.properties]
        found.append(_Test("and", list[cls], AllOf(), "Every one of these; of none: true."))
        found.append(_Test("or", list[cls], AnyOf(), "At least one of these; of none: false."))
        found.append(_Test("not", cls, Negation(), "Not this."))
        cls.__annotations__ = {test.field: test.hint | None for test in found}
        for test in found:
            field = StrawberryField(graphql_name=test.name, description=test.words, default=strawberry.UNSET)
            setattr(cls, test.field, field)
        setattr(cls, _TESTS, {test.name: test.test for test in found})
        _declared[label] = cls
        words = f"A filter of {kind.label} nodes; its fields hold together (and), and without any it is true."
        return strawberry.input(cls, description=words)

    return make


@cache
def filter_of(label: str) -> type:
    """The filter of a kind: the one that a class declares, or one of its properties alone."""
    import_module(f"graphql_schema.{MODEL.kinds[label].group}.inputs")
    if label not in _declared:
        name = f"{NAMES.get(label, label)}Filter"
        filter_input(label)(type(name, (), {"__doc__": "See the description."}))
    return _declared[label]


@cache
def order_of(label: str) -> type:
    """The order of a kind's lists: by each property that its lists can be ordered by, or by URN."""
    kind, name = MODEL.kinds[label], NAMES.get(label, label)
    values = {p.name.upper(): (p.name, property_words(p)) for p in kind.properties if p.order}
    values["URN"] = ("urn", "URN, by code point.")
    # The functional form of an enumeration, whose hints do not know of one with members of two values.
    made: Any = cast("Any", Described)(f"{name}OrderField", values)
    made.__doc__ = f"What {kind.label} nodes can be ordered by; ties by URN, what has no value last."
    field = enumeration(made)
    fields: dict[str, Any] = {
        "__annotations__": {"field": field, "direction": Direction},
        "field": strawberry.field(description="By what."),
        "direction": strawberry.field(default=Direction.ASC, description="Which end first; unless told: ASC."),
    }
    return strawberry.input(type(f"{name}Order", (), fields), description=f"An order of {kind.label} nodes.")


def tests_of(filter: type) -> Mapping[str, FilterTest]:
    """The tests of a filter input by the GraphQL name of their field."""
    return vars(filter)[_TESTS]


def _related(kind: Kind, name: str, said: _Related) -> _Test:
    target = MODEL.step(kind.label, said.step, said.target).target.label
    inner = filter_of(target)
    return _Test(name, inner, RelatedTo(said.step, target, tests_of(inner), said.where), said.description)


def _input(prop: Property) -> Any:
    if prop.shape is Shape.TEXT:
        text = NameFilter if prop.order else TextFilter
        return Filter[prop.enum] if prop.enum else text
    return _BY_SHAPE[prop.shape]
