"""What every load does around its records: the rank of its source, and the account that it keeps in the graph's journal."""

from __future__ import annotations

from datetime import date, datetime

from catalog.access import STAFF_READER
from catalog.batch import PRECEDENCE, Batch, EdgeStatement, NodeStatement
from catalog.model.enums import LoadState
from catalog.model.own import LoadRun, Source
from catalog.selection import Compare, Op, Select, Selection
from catalog.stores.port import Store
from catalog.urn import Urn
from loaders.report import LoadReport

__all__ = ["RETRACTION", "begin_batch", "keep_account", "precedence_of"]

RETRACTION = "retraction"
"""What the journal calls the loader of a run that took back all that its source had said."""


async def precedence_of(store: Store, source: Urn) -> int | None:
    """The rank of a source as it was stated, by an earlier load or by someone else."""
    select = Select("Source", ("precedence",), where=Compare("urn", Op.EQ, source), ever=True)
    rows = (await store.select(Selection(select, STAFF_READER, date.max))).rows
    return rows[0]["precedence"] if rows else None


def begin_batch(source: Source, by: str, at: datetime, day: date) -> Batch:
    """A batch of a source that states nothing yet but the source itself."""
    rank = PRECEDENCE if source.precedence is None else source.precedence
    return Batch(source=source.urn, by=by, at=at, day=day, precedence=rank, nodes=[NodeStatement(source)])


async def keep_account(
    store: Store,
    report: LoadReport,
    source: Source,
    *,
    location: str,
    digest: str,
    started: datetime,
    ended: datetime,
    state: LoadState = LoadState.COMPLETED,
    reason: str | None = None,
) -> None:
    """Keep the account of a load in the graph's journal; it moves no revision."""
    day = date.fromisoformat(report.day)
    run = LoadRun(
        urn=Urn(report.run),
        loader=report.kind,
        input=location,
        input_hash=digest,
        as_of=day,
        state=state,
        reason=reason,
        started_at=started,
        ended_at=ended,
        read=report.read,
        written=report.written,
        unchanged=report.unchanged,
        closed=report.closed.total(),
        quarantined=len(report.quarantined),
        report=report.to_json(),
    )
    batch = begin_batch(source, report.run, ended, day)
    batch.nodes.append(NodeStatement(run))
    batch.edges.append(EdgeStatement(LoadRun.loaded_from, run.urn, source.urn))
    await store.write(batch)
