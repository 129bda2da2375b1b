"""Statements and batches in few words, for tests that say what a graph holds by hand."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from catalog.access import PUBLIC_READER, Audience, Reader
from catalog.batch import PRECEDENCE, Batch, Close, EdgeStatement, NodeStatement, RetractEdge
from catalog.model.declare import Entity, Relation
from catalog.selection import Page, Select, Selection
from catalog.urn import Urn, key
from tests.support.small_model import small_urn

__all__ = ["AT", "DAY", "SOURCE", "ask", "close", "edge", "node", "retract", "retract_edge", "said", "urns"]

SOURCE = key("source", "test")
DAY = date(2022, 3, 20)
AT = datetime(2022, 3, 20, 12, tzinfo=UTC)

Statement = NodeStatement | EdgeStatement | Close | RetractEdge


def node(
    kind: type[Entity],
    name: str | int,
    /,
    audience: Audience | None = None,
    valid_from: date | None = None,
    valid_to: date | None = None,
    **props: Any,
) -> NodeStatement:
    """This node is so. What a kind requires is made of the name where it is not given."""
    required = {"name": str(name)} if kind.__name__ in ("TAgency", "TColumn") else {}
    return NodeStatement(kind(urn=small_urn(kind, name), **{**required, **props}), audience, valid_from, valid_to)


def edge(
    relation: Relation,
    tail: str | int,
    head: str | int,
    valid_from: date | None = None,
    valid_to: date | None = None,
    *,
    to: type[Entity] | None = None,
    **props: Any,
) -> EdgeStatement:
    """``tail`` stands in this relation to ``head``; ``to`` chooses the kind of the head where there are several."""
    ends = _ends(relation, tail, head, to)
    return EdgeStatement(relation, *ends, valid_from, valid_to, props)


def close(kind: type[Entity], name: str | int, on: date, reason: str = "ended") -> Close:
    """The node holds no more."""
    return Close(small_urn(kind, name), on, reason)


def retract_edge(
    relation: Relation, tail: str | int, head: str | int, *, to: type[Entity] | None = None
) -> RetractEdge:
    """It was never so."""
    return RetractEdge(relation, *_ends(relation, tail, head, to))


def retract(kind: type[Entity], name: str | int) -> Urn:
    """The node that should never have been, for ``said(retracts=...)``."""
    return small_urn(kind, name)


def said(
    *statements: Statement,
    source: Urn = SOURCE,
    by: str = "tester",
    at: datetime = AT,
    day: date = DAY,
    precedence: int = PRECEDENCE,
    restates: Iterable[tuple[type[Entity], str | int, Relation]] = (),
    retracts: Iterable[Urn] = (),
) -> Batch:
    """A batch of these statements."""
    return Batch(
        source=source,
        by=by,
        at=at,
        day=day,
        precedence=precedence,
        nodes=[s for s in statements if isinstance(s, NodeStatement)],
        edges=[s for s in statements if isinstance(s, EdgeStatement)],
        restates={(small_urn(kind, name), relation) for kind, name, relation in restates},
        closes=[s for s in statements if isinstance(s, Close)],
        retracts=list(retracts),
        retracts_edges=[s for s in statements if isinstance(s, RetractEdge)],
    )


def ask(select: Select, reader: Reader = PUBLIC_READER, as_of: date = DAY) -> Selection:
    """A selection by the public on the day of the tests."""
    return Selection(select, reader, as_of)


def urns(page: Page) -> list[str]:
    """The last part of each row's URN, which is the name that the test gave; "@" for a placeholder."""
    return ["@" if "@hidden" in row else row["urn"].rpartition(":")[2] for row in page.rows]


def _ends(relation: Relation, tail: str | int, head: str | int, to: type[Entity] | None) -> tuple[Urn, Urn]:
    return small_urn(relation.tail, tail), small_urn(to or relation.heads[0], head)
