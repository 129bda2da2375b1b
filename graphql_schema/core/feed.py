"""The root field that tells what changed: nodes of a kind in the order of their last change, retired ones included."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from catalog.model.words import Described
from catalog.seal import seal, unseal
from catalog.selection import Order, Row, Selection
from graphql_schema.core.chosen import Chosen
from graphql_schema.core.context import Context
from graphql_schema.core.plan import Get, Mapped, Rows, page_rows, shape_of
from graphql_schema.core.roots import Root
from graphql_schema.core.words import enumeration

__all__ = ["ChangeState", "FindChanges", "NodeOfChange", "StateOf", "WhenOf"]


@enumeration
class ChangeState(Described):
    """How a node stands after its last change."""

    STANDS = "STANDS", "It is in the catalog, for now or for a time to come."
    CLOSED = "CLOSED", "It holds no more on the day asked about; its last words are still there."
    RETRACTED = "RETRACTED", "It should never have been, and no words of it are answered."


@dataclass(frozen=True, slots=True)
class _Page:
    """What the fields of a page are read from."""

    rows: list[Row]
    has_next: bool
    end_cursor: str | None


@dataclass(frozen=True, slots=True)
class FindChanges(Root):
    """A page of the nodes of a kind by their last change: one round trip."""

    kind: str

    async def answer(self, chosen: Chosen, context: Context, as_of: date) -> Any:
        """See ``Root``. Raises InvalidSelection on a cursor that is none of ours."""
        rows = page_rows(Rows(self.kind, order=Order("revision"), ever=True), chosen.args)
        shape = shape_of(chosen, rows)
        # The place in this order is a revision, which counts what the reader may not know of.
        key = await context.store.opaque_key()
        after = None if rows.after is None else unseal(rows.after, key)
        select = replace(rows.select(), after=after, retracted=True)
        page = await context.store.select(Selection(select, context.reader, as_of))
        return shape(_Page(page.rows, page.has_next, page.end_cursor and seal(page.end_cursor, key)))

    def size(self, first: int, /) -> int:
        """See ``Mapped``."""
        return first


@dataclass(frozen=True, slots=True)
class NodeOfChange(Mapped):
    """The node that changed, as it is now; None where it was retracted."""

    def plan(self, chosen: Chosen, rows: Rows, /) -> Get:
        """See ``Mapped``."""
        rows.props["retracted_at"] = None
        shape = shape_of(chosen, rows)
        return lambda row: None if row["retracted_at"] else shape(row)


@dataclass(frozen=True, slots=True)
class StateOf(Mapped):
    """How the node stands on the day asked about."""

    def plan(self, chosen: Chosen, rows: Rows, /) -> Get:
        """See ``Mapped``."""
        rows.props |= dict.fromkeys(("retracted_at", "valid_to"))
        day = chosen.as_of.isoformat()

        def state(row: Row) -> ChangeState:
            if row["retracted_at"]:
                return ChangeState.RETRACTED
            return ChangeState.CLOSED if row["valid_to"] and row["valid_to"] <= day else ChangeState.STANDS

        return state


@dataclass(frozen=True, slots=True)
class WhenOf(Mapped):
    """When the change was recorded."""

    def plan(self, _chosen: Chosen, rows: Rows, /) -> Get:
        """See ``Mapped``."""
        rows.props |= dict.fromkeys(("retracted_at", "recorded_at"))
        return lambda row: row["retracted_at"] or row["recorded_at"]
