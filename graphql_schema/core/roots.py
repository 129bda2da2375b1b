"""Root fields: where a selection begins."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from catalog.errors import InvalidUrn
from catalog.model import MODEL
from catalog.selection import Compare, Op, Order, Page, Selection
from catalog.urn import parse
from graphql_schema.core.chosen import Chosen
from graphql_schema.core.context import Context
from graphql_schema.core.filters import FilterTest, predicate
from graphql_schema.core.plan import HIDDEN, Get, Mapped, Plan, Rows, page_rows, shape_of
from graphql_schema.core.words import Direction

__all__ = ["Find", "ListAll", "Root", "SelectRoot"]


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


@dataclass(frozen=True, slots=True)
class Find(SelectRoot):
    """The node of a kind by its URN, or None."""

    kind: str

    def begin(self, chosen: Chosen) -> Plan:
        """See ``SelectRoot``."""
        urn = chosen.args["urn"]
        found = parse(urn).kind
        expected = MODEL.kinds[self.kind].slug
        if found != expected:
            raise InvalidUrn(f"'{urn[:80]}' is the URN of another kind: expected 'urn:waypost:{expected}:...'")
        rows = Rows(self.kind, Compare("urn", Op.EQ, urn), read=True)
        shape = shape_of(chosen, rows)

        def first(page: Page) -> Any:
            return shape(page.rows[0]) if page.rows and HIDDEN not in page.rows[0] else None

        return Plan(rows.select(), first)

    def size(self, _first: int, /) -> int:
        """See ``Mapped``."""
        return 1


@dataclass(frozen=True, slots=True)
class ListAll(SelectRoot):
    """A page of all nodes of a kind that pass the filter, in an order that the client may choose."""

    kind: str
    order: Order
    tests: Mapping[str, FilterTest] = field(default_factory=dict[str, FilterTest])

    def begin(self, chosen: Chosen) -> Plan:
        """See ``SelectRoot``."""
        args = chosen.args
        chosen_filter, chosen_order = args.get("filter"), args.get("orderBy")
        where = None if chosen_filter is None else predicate(chosen_filter, self.tests)
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
