"""Root fields: where a selection begins."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar

from catalog.errors import InvalidSelection, InvalidUrn
from catalog.model import MODEL
from catalog.selection import All, Compare, Op, Order, Page, Predicate, Select, Selection
from catalog.urn import parse
from graphql_schema.core.chosen import Chosen
from graphql_schema.core.context import Context
from graphql_schema.core.filters import FilterTest, predicate
from graphql_schema.core.plan import HIDDEN, MAX_FIRST, Get, Mapped, Plan, Rows, page_rows, shape_of
from graphql_schema.core.words import Direction

__all__ = ["NAMES", "TYPE", "Find", "FindNode", "FindNodes", "ListAll", "Root", "SelectRoot", "by_urns", "known_urn"]
__all__ += ["known_urns"]

NAMES = {"Appointment": "DataOfficer"}
"""GraphQL names of kinds that are not the kind's own, by label."""

TYPE = "@type"
"""Key under which the value of a field that several types may answer says of which it is."""


class Root(Mapped, ABC):
    """A field of the query type: where the store is asked."""

    __slots__ = ()

    @abstractmethod
    async def answer(self, chosen: Chosen, context: Context, as_of: date) -> Any:
        """The value of the field, all that is chosen below it included. Raises CatalogError."""

    def plan(self, chosen: Chosen, _rows: Rows, /) -> Get:
        """See ``Mapped``: never below another field."""
        raise TypeError(f"'{chosen.key}' begins a selection and stands in none")


class SelectRoot(Root):
    """A root field that is one selection: one round trip."""

    __slots__ = ()

    @abstractmethod
    def begin(self, chosen: Chosen) -> Plan:
        """The plan of the field. Pure. Raises CatalogError on an argument that the model cannot answer."""

    async def answer(self, chosen: Chosen, context: Context, as_of: date) -> Any:
        """See ``Root``."""
        plan = self.begin(chosen)
        return plan.shape(await context.store.select(Selection(plan.select, context.reader, as_of)))


def known_urn(urn: str, kind: str) -> str:
    """The argument ``urn``. Raises InvalidUrn on what is no URN, and on the URN of another kind."""
    found, expected = parse(urn).kind, MODEL.kinds[kind].slug
    if found != expected:
        raise InvalidUrn(f"'{urn[:80]}' is the URN of another kind: expected 'urn:waypost:{expected}:...'")
    return urn


def known_urns(args: Mapping[str, Any], kinds: Mapping[str, str]) -> None:
    """Check the arguments that are URNs of these kinds, those that are given. Raises InvalidUrn as ``known_urn`` does."""
    for name, kind in kinds.items():
        if args.get(name) is not None:
            known_urn(args[name], kind)


@dataclass(frozen=True, slots=True)
class Find(SelectRoot):
    """The node of a kind by its URN, or None."""

    brings: ClassVar[int] = 1

    kind: str

    def begin(self, chosen: Chosen) -> Plan:
        """See ``SelectRoot``."""
        urn = known_urn(chosen.args["urn"], self.kind)
        rows = Rows(self.kind, Compare("urn", Op.EQ, urn), read=True)
        shape = shape_of(chosen, rows)

        def first(page: Page) -> Any:
            return shape(page.rows[0]) if page.rows and HIDDEN not in page.rows[0] else None

        return Plan(rows.select(), first)


@dataclass(frozen=True, slots=True)
class FindNode(Root):
    """The node of any kind by its URN, or None."""

    brings: ClassVar[int] = 1

    async def answer(self, chosen: Chosen, context: Context, as_of: date) -> Any:
        """See ``Root``."""
        (found,) = await by_urns([chosen.args["urn"]], chosen, context, as_of)
        return found


@dataclass(frozen=True, slots=True)
class FindNodes(Root):
    """The nodes of these URNs, of whatever kinds, in their order, with None where there is none: one round trip."""

    brings: ClassVar[int] = MAX_FIRST

    async def answer(self, chosen: Chosen, context: Context, as_of: date) -> Any:
        """See ``Root``."""
        urns = chosen.args["urns"]
        if len(urns) > MAX_FIRST:
            raise InvalidSelection(f"{len(urns)} URNs are too many at once: at most {MAX_FIRST}")
        return await by_urns(urns, chosen, context, as_of)


async def by_urns(urns: Sequence[str], chosen: Chosen, context: Context, as_of: date) -> list[dict[str, Any] | None]:
    """What is chosen of the nodes of these URNs, in their order; None where the reader sees none. One round trip.

    Each says its type under TYPE. Raises InvalidUrn.
    """
    asked: dict[str, dict[str, None]] = {}
    for urn in urns:
        kind = MODEL.by_slug.get(parse(urn).kind)
        if kind is None:
            raise InvalidUrn(f"'{urn[:80]}' is the URN of no kind of this catalog")
        asked.setdefault(kind.label, {})[urn] = None
    roots: list[Select] = []
    shapes: list[tuple[str, Get]] = []
    for label, wanted in asked.items():
        rows = Rows(label, Compare("urn", Op.IN, tuple(wanted)), first=len(wanted), read=True)
        name = NAMES.get(label, label)
        shapes.append((name, shape_of(chosen.as_type(name) if chosen.as_type else chosen, rows)))
        roots.append(rows.select())
    found: dict[str, dict[str, Any]] = {}
    for (name, shape), page in zip(shapes, await context.store.select_all(roots, context.reader, as_of), strict=True):
        for row in page.rows:
            if HIDDEN not in row:
                found[row["urn"]] = {**shape(row), TYPE: name}
    return [found.get(urn) for urn in urns]


@dataclass(frozen=True, slots=True)
class ListAll(SelectRoot):
    """A page of all nodes of a kind that pass the filter, in an order that the client may choose."""

    kind: str
    order: Order
    tests: Mapping[str, FilterTest] = field(default_factory=dict[str, FilterTest])
    narrowed: Callable[[Mapping[str, Any], date], Predicate] | None = None
    """What is tested besides: by arguments of its own, and by the day asked about."""

    def begin(self, chosen: Chosen) -> Plan:
        """See ``SelectRoot``."""
        args = chosen.args
        chosen_filter, chosen_order = args.get("filter"), args.get("orderBy")
        where = None if chosen_filter is None else predicate(chosen_filter, self.tests)
        if self.narrowed:
            where = All((self.narrowed(args, chosen.as_of), *([] if where is None else [where])))
        order = self.order
        if chosen_order is not None:
            # A literal comes as a plain text, a variable as the member: both are equal to it.
            order = Order(str(chosen_order["field"]), chosen_order["direction"] == Direction.DESC)
        rows = page_rows(Rows(self.kind, where, order), args)
        shape = shape_of(chosen, rows)
        return Plan(rows.select(), shape)

    def size(self, first: int, /) -> int:
        """See ``Mapped``."""
        return first
