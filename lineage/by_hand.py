"""What follows from a flow that someone states by hand: which dataset feeds which (domain 9; ADR 12, ADR 14). Pure.

As with flows that events tell of, there is a record of all flows between the same two, from which the one edge follows. So two who
state flows at once cannot miss each other's: the write that was made of an older record is made anew. It is kept for the dataset
that feeds, by which the edge is found where all that was stated by hand is taken back (ADR 13).
"""

from __future__ import annotations

from datetime import date

from catalog.batch import EdgeStatement, RetractEdge
from catalog.model.data import Dataset
from catalog.urn import Urn
from lineage.flows import Feeding, feeds_of
from lineage.openlineage.bounds import forget
from lineage.openlineage.flows import feeds_key
from lineage.openlineage.record import Feed, Record

__all__ = ["feed"]


def feed(record: Record, source: Urn, target: Urn, flow: Feeding, *, tells: bool) -> EdgeStatement | RetractEdge | None:
    """Put a flow into the record of the dataset that it leaves, and answer the edge that follows; None where none ever did.

    A job that is None is as it was before. With ``tells`` False the edge would tell readers of a flow that is not for them: then it counts as if it were not.
    """
    name = feeds_key(target, flow.flow)
    before = record.feeds.pop(name, None)
    if tells:
        job = flow.job or (before.job if before else "")
        record.feeds[name] = Feed(_text(flow.first), _text(flow.last), job)
    forget(record)
    beginning = feeds_key(target, "")
    flows = [_feeding(key, kept) for key, kept in record.feeds.items() if key.startswith(beginning)]
    if flows:
        edge = feeds_of(source, target, flows)
        return EdgeStatement(edge.relation, source, target, edge.valid_from, edge.valid_to, edge.props, is_all=True)
    return RetractEdge(Dataset.downstream, source, target) if before else None


def _feeding(name: str, kept: Feed) -> Feeding:
    job = Urn(kept.job) if kept.job else None
    return Feeding(Urn(name.partition(" ")[2]), job, _day(kept.first), _day(kept.last))


def _text(day: date | None) -> str:
    return "" if day is None else day.isoformat()


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
