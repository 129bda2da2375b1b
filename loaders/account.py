"""The account that every load keeps in the graph's journal."""

from __future__ import annotations

from datetime import date, datetime

from catalog.batch import EdgeStatement, NodeStatement
from catalog.model.enums import LoadState
from catalog.model.own import LoadRun, Source
from catalog.sources import begin_batch
from catalog.stores.port import Store
from catalog.urn import Urn
from loaders.report import LoadReport

__all__ = ["RETRACTION", "keep_account"]

RETRACTION = "retraction"
"""What the journal calls the loader of a run that took back all that its source had said."""


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
