"""A question to the graph: a tree of nodes, answered by a store in one round trip (``design.md`` section 3).

    Selection(
        Select(
            "Dataset",
            props=("title",),
            where=Has("held_by", where=Compare("abbreviation", Op.EQ, "OPM")),
            order=Order("title"),
            first=50,
            related=(Related("owner", "held_by", Select("Agency", props=("name",), first=1)),),
        ),
        reader=PUBLIC_READER,
        as_of=date(2022, 3, 20),
    )

Logic is two-valued: a comparison with a property that a node lacks is false, and its negation true.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

import msgspec

from catalog.access import Reader
from catalog.errors import InvalidSelection
from catalog.seal import seal, unseal
from catalog.values import WHOLE_NUMBERS

__all__ = ["EDGE_FACTS", "MAX_DEPTH", "MAX_PAGE", "MAX_SKIP", "NO_EDGE", "All", "Any_", "Compare", "Cursor", "Has"]
__all__ += [
    "MAX_PATTERNS",
    "IsNull",
    "Not",
    "Op",
    "Order",
    "Page",
    "Predicate",
    "Related",
    "Row",
    "Scalar",
    "Select",
    "Selection",
    "past_edges",
]

MAX_PAGE = 1000
"""Rows of one page, at the root or below. The public API has a smaller cap of its own."""
MAX_SKIP = 100_000
"""Rows that a page may leave out before its first."""
MAX_DEPTH = 8
"""Levels of related nodes below the root."""
MAX_PATTERNS = 130
"""Of one statement: two for each page of related nodes, one for each count of those and each related node of a filter.

A Neo4j plans so many, which it never saw, for 4 to 8 s on two cores; a read has 10 s.
"""

NO_EDGE = 0
"""The edge in the place of a root row, which no edge led to; edges are numbered from 1."""
_LAST_EDGE = 2**63 - 1
_SEALED = "~"
"""What a sealed cursor begins with, and no other can."""

EDGE_FACTS = ("valid_from", "valid_to", "source", "recorded_at", "recorded_by")
"""What every edge has and ``Related.edge`` may ask for, besides the properties its relationship declares."""

Scalar = str | int | float | bool | date | datetime | StrEnum


class Op(StrEnum):
    """How ``Compare`` compares."""

    EQ = "EQ"
    NE = "NE"
    LT = "LT"
    LE = "LE"
    GT = "GT"
    GE = "GE"
    IN = "IN"
    """The value is one of a tuple of values."""
    CONTAINS = "CONTAINS"
    """The property is a list that holds the value."""
    STARTS_WITH = "STARTS_WITH"
    """The folded text starts with the folded value; only for properties that lists can be ordered by."""
    WITHIN = "WITHIN"
    """The value and one segment more: only for ``urn``, with a value that ends where a segment begins."""


@dataclass(frozen=True, slots=True)
class Compare:
    """A property against a value. LT to GE take numbers, dates and times; ``urn`` takes EQ, NE, IN and WITHIN."""

    prop: str
    op: Op
    value: Scalar | tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class IsNull:
    """The node has no value for the property."""

    prop: str


@dataclass(frozen=True, slots=True)
class Has:
    """At least one related node that the reader sees whole, that holds on the day, and of which ``where`` is true.

    With ``veiled``, which goes without ``where``, one that the reader sees as a placeholder will do.
    """

    step: str
    where: Predicate | None = None
    target: str | None = None
    veiled: bool = False


@dataclass(frozen=True, slots=True)
class All:
    """Every part is true. Of no part: true."""

    parts: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True)
class Any_:  # noqa: N801 - ``Any`` is taken
    """At least one part is true. Of no part: false."""

    parts: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part is not true."""

    part: Predicate


Predicate = Compare | IsNull | Has | All | Any_ | Not


@dataclass(frozen=True, slots=True)
class Order:
    """By one property declared with ``order=True``, by ``urn``, or at the root by ``revision``; ties by urn, then (below the root) by edge.

    By ``revision`` nodes come in the order of their last change, so that what changes comes again after a cursor.

    Text is ordered by its folded form. What is missing comes last; ``descending`` reverses all of it, ties included.
    """

    by: str = "urn"
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Select:
    """Nodes of one kind: which, in what order, how many, and what of each."""

    kind: str
    props: tuple[str, ...] = ()
    where: Predicate | None = None
    order: Order = field(default_factory=Order)
    first: int = 20
    """0 to MAX_PAGE rows."""
    after: str | None = None
    """The cursor of the row before the first: ``Page.end_cursor`` of the page before."""
    total: bool = False
    """Also count all rows, before paging."""
    cursor: bool = True
    """Also say where the page ends (``Page.end``). Pages that nobody goes on from are cheaper without."""
    ever: bool = False
    """Also what does not hold on the day: past and future assertions, and nodes that are closed."""
    retracted: bool = False
    """Also nodes that were retracted: for those who mirror the graph, at the root and ordered by revision only."""
    related: tuple[Related, ...] = ()
    skip: int = 0
    """0 to MAX_SKIP rows to leave out before the first, for those who page by number: each is read. Cursors are better."""


@dataclass(frozen=True, slots=True)
class Related:
    """Nodes one step away, a row an edge. ``name`` is their key in the answer."""

    name: str
    step: str
    select: Select
    edge: tuple[str, ...] = ()
    """Facts of the edge to answer under ``Row['@edge']``: of EDGE_FACTS or declared by the relationship."""


@dataclass(frozen=True, slots=True)
class Selection:
    """A tree of selects, the day it is asked about and who is asking."""

    root: Select
    reader: Reader
    as_of: date


Row = dict[str, Any]
"""One node: ``urn``, the properties asked for (None where absent), a Page under each related name, and ``@edge``.

A placeholder row is ``{"@hidden": <opaque id>}``, with ``@edge`` where edge facts were asked, and nothing else.
"""


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in an order: after the row with this sort key, urn and (below the root) edge.

    The edge is ``past_edges`` where the row is the last of its node.
    """

    key: str | int | float
    urn: str
    edge: int

    def encode(self, order: Order, key: bytes = b"") -> str:
        """An opaque text, valid for this order only; sealed by the graph's key where it holds the number of an edge.

        Edges are numbered as they come, so that a number counts those that its reader may not know of.
        """
        content = msgspec.json.encode([order.by, order.descending, self.key, self.urn, self.edge])
        text = base64.urlsafe_b64encode(content).decode().rstrip("=")
        return text if self.edge in (NO_EDGE, _LAST_EDGE) else _SEALED + seal(text, key)

    @staticmethod
    def decode(text: str, order: Order, key: bytes = b"") -> Cursor:
        """Read a cursor. Raises InvalidSelection on one that we did not make, or made for another order."""
        sealed = text.startswith(_SEALED)
        if sealed:
            text = unseal(text.removeprefix(_SEALED), key)
        message = "'after' is no cursor of ours: pass the end cursor of an earlier page"
        try:
            raw = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
            by, descending, place, urn, edge = msgspec.json.decode(
                raw, type=tuple[str, bool, str | int | float, str, int]
            )
        except (ValueError, binascii.Error, msgspec.MsgspecError, UnicodeError) as error:
            raise InvalidSelection(message) from error
        if isinstance(place, int) and place not in WHOLE_NUMBERS:
            raise InvalidSelection(message)  # no store keeps such a number, and a Neo4j is not even asked for one
        if not sealed and edge not in (NO_EDGE, _LAST_EDGE):
            raise InvalidSelection(message)  # whoever could try numbers would find out which there are
        if (by, descending) != (order.by, order.descending):
            raise InvalidSelection(f"the cursor belongs to the order '{by}', not to '{order.by}': begin anew")
        return Cursor(place, urn, edge)


def past_edges(order: Order) -> int:
    """The edge of a place past all edges that lead to its node."""
    return NO_EDGE if order.descending else _LAST_EDGE


class Page(NamedTuple):
    """Rows in order. An answer has one for each row that others hang on: so it is as cheap to make as can be."""

    rows: list[Row]
    has_next: bool = False
    end: tuple[str | int | float, str, int] | None = None
    """The place of the last row, as ``Cursor`` takes it; None on an empty page, and where it was not asked for."""
    total: int | None = None
    """All rows, before paging; None unless asked for."""
    order: Order = Order()
    key: bytes = b""
    """The graph's key, by which the number of an edge is sealed."""

    @property
    def end_cursor(self) -> str | None:
        """What continues after the last row; None where there is no ``end``. Made when it is asked for, as few are."""
        return None if self.end is None else Cursor(*self.end).encode(self.order, self.key)
