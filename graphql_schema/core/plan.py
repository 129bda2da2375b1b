"""From what the client chose to one selection, and from the store's page to the answer. Pure.

    document ──choose──▶ Chosen ──plan──▶ Plan(select, shape)
                                             │        │
                              store.select(select) ──▶ page ──shape──▶ the field's value, by response key

A field of a GraphQL type carries a ``Mapped``, which says what of the graph it stands for. Planning walks the chosen
fields once; each ``Mapped`` adds to the select what it needs, under a name that no other field has (so that two
aliases of one step stay apart), and answers how to read its value off a row or a page. Nothing here knows who executes
the document: the resolvers of ``resolve`` do it today, a compiled executor may take the same plan.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from operator import attrgetter, itemgetter
from typing import Any, ClassVar

from catalog.errors import InvalidSelection
from catalog.selection import Order, Page, Predicate, Related, Row, Select
from graphql_schema.core.chosen import Chosen

__all__ = ["DEFAULT_FIRST", "HIDDEN", "MAX_FIRST", "Edges", "EndCursor", "Fact", "Get", "HasNext", "HiddenId", "Leaf"]
__all__ += [
    "Many",
    "Mapped",
    "NodeOf",
    "One",
    "PageInfoOf",
    "Plan",
    "Rows",
    "Total",
    "Value",
    "Withheld",
    "page_rows",
    "shape_of",
    "sized",
]

HIDDEN = "@hidden"
"""Key of a row that stands for what the reader may not see (``catalog/selection.py``)."""

MAX_FIRST = 100
"""Rows of one page of the public API; the port's own cap is higher."""
DEFAULT_FIRST = 20

Get = Callable[[Any], Any]
"""Reads a field's value off its source: a row, or for what belongs to a list, a page."""


@dataclass(slots=True)
class Rows:
    """A select while fields are added to it."""

    kind: str
    where: Predicate | None = None
    order: Order = field(default_factory=Order)
    first: int = 1
    after: str | None = None
    props: dict[str, None] = field(default_factory=dict[str, None])
    facts: dict[str, None] = field(default_factory=dict[str, None])
    """Facts of the edge that leads here."""
    below: list[tuple[str, Rows]] = field(default_factory=list["tuple[str, Rows]"])
    """(step, rows) in the order of their names r0, r1, ..."""
    read: bool = False
    """Whether anything of the rows was chosen; else they are only counted."""
    total: bool = False
    cursor: bool = False
    """Whether someone may go on from the page."""
    ever: bool = False
    """Also what does not hold on the day."""

    def relate(self, step: str, rows: Rows) -> str:
        """Add a level below; answers the key of its page in a row."""
        self.below.append((step, rows))
        return f"r{len(self.below) - 1}"

    def select(self) -> Select:
        """What to ask the store."""
        related = tuple(
            Related(f"r{number}", step, rows.select(), tuple(rows.facts))
            for number, (step, rows) in enumerate(self.below)
        )
        first = self.first if self.read else 0
        return Select(
            self.kind,
            tuple(self.props),
            self.where,
            self.order,
            first,
            self.after,
            self.total,
            self.cursor,
            self.ever,
            related=related,
        )


class Mapped(ABC):
    """What a field stands for."""

    __slots__ = ()

    once: ClassVar[bool] = False
    """Whether it stands once beside the rows of its parent, so that its cost does not grow with their number."""
    effort: ClassVar[int] = 0
    """What is read for the field besides the rows that it brings, in cost: of an answer that is made of many more nodes."""
    brings: ClassVar[int] = 0
    """Rows that the field may bring for each of its parent, whatever its arguments; 0: none of its own."""
    usual_first: ClassVar[int] = DEFAULT_FIRST
    max_first: ClassVar[int] = MAX_FIRST
    """The argument ``first`` unless told, and its cap, of a field that takes one."""

    @abstractmethod
    def plan(self, chosen: Chosen, rows: Rows, /) -> Get:
        """Add what the field needs to the rows it is read from; answer how to read it."""

    def leads(self) -> tuple[str, str] | None:
        """The step and the kind of which the field shows all that there is, if it does."""
        return None

    def size(self, _first: int, /) -> int:
        """Rows that the field may bring for each of its parent, given its argument ``first``."""
        return self.brings


@dataclass(frozen=True, slots=True)
class Plan:
    """One root field: what to ask the store, and what to make of the page it answers."""

    select: Select
    shape: Callable[[Page], Any]


def shape_of(chosen: Chosen, rows: Rows) -> Get:
    """Plan the fields below ``chosen``; answer how to read the object that holds them."""
    parts = [(child.key, _get(child, rows)) for child in chosen.fields]

    def shape(source: Any) -> dict[str, Any]:
        return {key: get(source) for key, get in parts}

    return shape


def _get(chosen: Chosen, rows: Rows) -> Get:
    if chosen.mapped is None:
        name = chosen.parent
        return lambda _: name
    return chosen.mapped.plan(chosen, rows)


def sized(args: Mapping[str, Any]) -> int:
    """The argument ``first``. Raises InvalidSelection outside its bounds."""
    first = args["first"]
    if not 0 <= first <= MAX_FIRST:
        raise InvalidSelection(f"'first' is {first}: a page holds 0 to {MAX_FIRST}; go on with 'after'")
    return first


def page_rows(rows: Rows, args: Mapping[str, Any]) -> Rows:
    """The same rows as a page that the arguments ``first`` and ``after`` cut out."""
    return replace(rows, first=sized(args), after=args.get("after"))


@dataclass(frozen=True, slots=True)
class Leaf(Mapped):
    """A property of the node."""

    prop: str

    def plan(self, _chosen: Chosen, rows: Rows, /) -> Get:
        """See ``Mapped``."""
        if self.prop != "urn":
            rows.props[self.prop] = None
        return itemgetter(self.prop)


@dataclass(frozen=True, slots=True)
class Value(Mapped):
    """A value that its source holds under this name."""

    name: str

    def plan(self, _chosen: Chosen, _rows: Rows, /) -> Get:
        """See ``Mapped``."""
        return itemgetter(self.name)


@dataclass(frozen=True, slots=True)
class Fact(Mapped):
    """A fact of the edge that leads to the node; None where the node is hidden, which it could give away."""

    name: str

    def plan(self, _chosen: Chosen, rows: Rows, /) -> Get:
        """See ``Mapped``."""
        rows.facts[self.name] = None
        name = self.name
        return lambda row: None if HIDDEN in row else row["@edge"][name]


@dataclass(frozen=True, slots=True)
class Withheld(Mapped):
    """Those of these names whose value the reader may not see."""

    names: tuple[str, ...]
    """Names of fields that are for staff."""

    def plan(self, chosen: Chosen, _rows: Rows, /) -> Get:
        """See ``Mapped``."""
        found = [] if chosen.reader.staff_properties else list(self.names)
        return lambda _: found


@dataclass(frozen=True, slots=True)
class HiddenId(Mapped):
    """The opaque id of a node that the reader may not see, None for one that they may."""

    def plan(self, _chosen: Chosen, _rows: Rows, /) -> Get:
        """See ``Mapped``."""
        return lambda row: row.get(HIDDEN)


@dataclass(frozen=True, slots=True)
class NodeOf(Mapped):
    """The node at the end of an edge; None where the reader may not see it."""

    def plan(self, chosen: Chosen, rows: Rows, /) -> Get:
        """See ``Mapped``."""
        return _seen(shape_of(chosen, rows))


@dataclass(frozen=True, slots=True)
class One(Mapped):
    """The one node at the end of a step, or None; of several the first in order."""

    brings: ClassVar[int] = 1

    step: str
    kind: str
    where: Predicate | None = None

    def plan(self, chosen: Chosen, rows: Rows, /) -> Get:
        """See ``Mapped``."""
        below = Rows(self.kind, self.where, read=True)
        name, seen = rows.relate(self.step, below), _seen(shape_of(chosen, below))

        def get(row: Row) -> Any:
            found = row[name].rows
            return seen(found[0]) if found else None

        return get

    def leads(self) -> tuple[str, str] | None:
        """See ``Mapped``."""
        return (self.step, self.kind) if self.where is None else None


@dataclass(frozen=True, slots=True)
class Many(Mapped):
    """A page of the nodes at the end of a step."""

    step: str
    kind: str
    order: Order
    where: Predicate | None = None
    ever: bool = False
    """Also those that do not hold on the day, or to which the step does not."""

    def plan(self, chosen: Chosen, rows: Rows, /) -> Get:
        """See ``Mapped``."""
        below = page_rows(Rows(self.kind, self.where, self.order, ever=self.ever), chosen.args)
        name, shape = rows.relate(self.step, below), shape_of(chosen, below)
        return lambda row: shape(row[name])

    def leads(self) -> tuple[str, str] | None:
        """See ``Mapped``."""
        return (self.step, self.kind) if self.where is None else None

    def size(self, first: int, /) -> int:
        """See ``Mapped``."""
        return first


@dataclass(frozen=True, slots=True)
class Edges(Mapped):
    """The edges of a page. Placeholders are left out unless ``hidden``: outside of lineage they stand in no list."""

    hidden: bool = False

    def plan(self, chosen: Chosen, rows: Rows, /) -> Get:
        """See ``Mapped``."""
        rows.read = True
        shape = shape_of(chosen, rows)
        if self.hidden:
            return lambda page: [shape(row) for row in page.rows]
        return lambda page: [shape(row) for row in page.rows if HIDDEN not in row]


@dataclass(frozen=True, slots=True)
class PageInfoOf(Mapped):
    """Where a page stands in its list."""

    def plan(self, chosen: Chosen, rows: Rows, /) -> Get:
        """See ``Mapped``."""
        return shape_of(chosen, rows)


@dataclass(frozen=True, slots=True)
class HasNext(Mapped):
    """Whether there are rows after the page."""

    def plan(self, _chosen: Chosen, rows: Rows, /) -> Get:
        """See ``Mapped``."""
        rows.read = True
        return attrgetter("has_next")


@dataclass(frozen=True, slots=True)
class EndCursor(Mapped):
    """The cursor after which the next page begins."""

    def plan(self, _chosen: Chosen, rows: Rows, /) -> Get:
        """See ``Mapped``."""
        rows.read = rows.cursor = True
        return attrgetter("end_cursor")


@dataclass(frozen=True, slots=True)
class Total(Mapped):
    """How many rows the list has in all."""

    def plan(self, _chosen: Chosen, rows: Rows, /) -> Get:
        """See ``Mapped``."""
        rows.total = True
        return attrgetter("total")


def _seen(shape: Get) -> Get:
    return lambda row: None if HIDDEN in row else shape(row)
