"""Types that stand for kinds of the model, and the fields that they have besides those that their class declares.

Every property and step of a kind is a field. So a kind that the model gains can be asked about once it has a class in a
``types.py``, and nothing that the model declares is out of reach. A class declares what deserves another name, order or
shape than these:

- a property becomes a field of its name, non-null where the model requires it and every reader sees it;
- a step becomes one node or null where at most one is expected, else a page; where one name leads to several kinds, the
  kind is part of the name;
- a page along a relationship that has properties of its own shows them, and who says so since when, on its edges.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from functools import partial
from typing import Annotated, Any, TypeVar

import strawberry
from strawberry.types.field import StrawberryField
from strawberry.utils.str_converters import to_camel_case

from catalog.model import MODEL
from catalog.model.declare import EdgeProperty, Kind, Property, Shape
from catalog.model.schema import Step
from catalog.selection import Order
from graphql_schema.core.chosen import MAPPED
from graphql_schema.core.declare import Derived, fact, part, typed, view
from graphql_schema.core.plan import Leaf, Many, Mapped, NodeOf, One, Withheld
from graphql_schema.core.roots import NAMES
from graphql_schema.core.said import MAX_SAID, SaidOf, Saying
from graphql_schema.core.scalars import Int64
from graphql_schema.core.types import Connection, PageInfo, edges, page_info, total_count
from graphql_schema.core.words import ordered, plain, property_words

__all__ = ["Node", "default_order", "node"]

_TYPES: dict[Shape, Any] = {
    Shape.TEXT: str,
    Shape.INTEGER: Int64,
    Shape.REAL: float,
    Shape.BOOLEAN: bool,
    Shape.DATE: date,
    Shape.DATETIME: datetime,
}
_TYPE = TypeVar("_TYPE", bound=type)
_ORDERS = ("position", "number", "code", "title", "name", "label", "citation")
"""What lists are ordered by unless told, as far as a kind has it; else by URN."""


_WITHHELD = (
    "Names of the fields that are kept from this reader: they are for staff, and null here whether or not there is a value."
    " Empty for staff. In the order of the model."
)


def _leaf(prop: str, description: str) -> Any:
    return _mapped(Leaf(prop), description)


def _mapped(mapped: Mapped, description: str) -> Any:
    return StrawberryField(description=description, metadata={MAPPED: mapped})


@strawberry.interface(description="What is found again by a URN, of whatever kind.")
class Node:
    """See the description."""

    urn: strawberry.ID = _leaf("urn", "Its URN: the key by which it is found again.")
    source: strawberry.ID | None = _leaf(
        "source", "URN of the source whose words these are; of several, the first in rank."
    )
    valid_from: date | None = _leaf("valid_from", "First day on which it holds; null where that is not known.")
    valid_to: date | None = _leaf("valid_to", "First day on which it holds no more; null while there is no end.")
    closed_reason: str | None = _leaf("closed_reason", "Why it holds no more; null while there is no end.")
    recorded_at: datetime | None = _leaf("recorded_at", "When its present words were recorded.")
    said: list[Saying] = _mapped(
        SaidOf(),
        "What each source says of it, also where they disagree; it is the merge of these. Ordered by rank, then the latest day,"
        f" then URN. At most {MAX_SAID}.",
    )


def node(label: str, *, description: str = "", entity: bool = False) -> Callable[[_TYPE], _TYPE]:
    """Make a GraphQL type of a class that stands for a kind of the model; an ``entity`` of a federation, keyed by URN."""
    kind = MODEL.kinds[label]
    words = description or plain(kind.doc)
    return typed(kind, NAMES.get(label), words, more=partial(_derived, kind), keys=("urn",) if entity else ())


def _derived(kind: Kind, declared: Sequence[Mapped]) -> Iterator[Derived]:
    """The fields of a kind that follow from the model, without what a class declares otherwise."""
    said = {mapped.prop for mapped in declared if isinstance(mapped, Leaf)}
    for prop in kind.properties:
        if prop.name not in said:
            yield Derived(prop.name, _value(prop), Leaf(prop.name), property_words(prop))
    staff = tuple(to_camel_case(prop.name) for prop in kind.properties if prop.staff)
    if staff:
        yield Derived("withheld_fields", list[str], Withheld(staff), _WITHHELD)
    taken = {mapped.leads() for mapped in declared}
    steps = list(MODEL.steps(kind.label))
    leads = Counter(step.name for step in steps)
    for step in steps:
        if (step.name, step.target.label) not in taken:
            yield _step(kind, step, alone=leads[step.name] == 1)


def _value(prop: Property) -> Any:
    if prop.shape is Shape.TEXTS:
        return list[prop.enum or str]
    found = prop.enum or _TYPES[prop.shape]
    return found if prop.required and not prop.staff else found | None


def _edge_value(prop: EdgeProperty) -> Any:
    return list[str] if prop.shape is Shape.TEXTS else (prop.enum or _TYPES[prop.shape]) | None


def _step(kind: Kind, step: Step, *, alone: bool) -> Derived:
    target = step.target
    found: Any = Annotated[
        NAMES.get(target.label, target.label), strawberry.lazy(f"graphql_schema.{target.group}.types")
    ]
    name = step.name if alone else f"{step.name}_{target.slug.replace('-', '_')}"
    words = plain(step.relation.doc)
    if not step.forward:
        words = f"Where this is `{step.relation.name}` of a {step.relation.tail}: {words}"
    if step.one:
        return Derived(name, found | None, One(step.name, target.label), words)
    order = default_order(target)
    page: Any = Connection[found]
    if step.relation.props:
        page = _connection(f"{NAMES.get(kind.label, kind.label)}_{name}", found, step.relation.props)
    return Derived(name, page, Many(step.name, target.label, order), f"{words} {ordered(target, order)}")


def _connection(name: str, found: Any, props: tuple[EdgeProperty, ...]) -> type:
    """A page whose edges say what the relationship says, and who says so since when."""
    title = to_camel_case(name)
    title = title[0].upper() + title[1:]
    fields: dict[str, tuple[Any, Any]] = {
        "node": (found, part(NodeOf(), "What the entry is about.")),
        **{p.name: (_edge_value(p), fact(p.name, plain(p.doc))) for p in props},
        "source": (strawberry.ID | None, fact("source", "URN of the source that says so.")),
        "since": (date | None, fact("valid_from", "First day on which it holds; null where that is not known.")),
        "until": (date | None, fact("valid_to", "First day on which it holds no more; null while there is no end.")),
    }
    edge = type(f"{title}Edge", (), {name: field for name, (_, field) in fields.items()})
    edge.__annotations__ = {name: hint for name, (hint, _) in fields.items()}
    made = view("One entry of a page, and what is said of it.")(edge)
    page = type(f"{title}Connection", (), {"edges": edges, "page_info": page_info, "total_count": total_count})
    page.__annotations__ = {"edges": list[made], "page_info": PageInfo, "total_count": int}
    return view("A page of a list, one entry for each time that it is said.")(page)


def default_order(kind: Kind) -> Order:
    """The order of a kind's lists unless a field says otherwise."""
    orderable = {p.name for p in kind.properties if p.order}
    return Order(next((name for name in _ORDERS if name in orderable), "urn"))
