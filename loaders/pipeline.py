"""The way of a record: read, validate, write in batches, report. The same for every loader."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

from catalog.batch import Batch, EdgeStatement, NodeStatement
from catalog.errors import CatalogError, InvalidBatch, InvalidRecord
from catalog.model.enums import LoadState
from catalog.model.own import LoadRun
from catalog.stores.port import Store
from catalog.urn import Urn, key
from loaders.record import Loader, Problem, Record
from loaders.report import LoadReport

__all__ = ["BATCH_STATEMENTS", "load"]

BATCH_STATEMENTS = 8_000
"""Statements that are gathered before they are written: large enough to be quick, small enough to interrupt."""


async def load(
    loader: Loader,
    store: Store,
    *,
    on_progress: Callable[[int], None] | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> LoadReport:
    """Load a source; answers the account of every record. A load that is cut off can simply be run again.

    ``on_progress`` is told the number of records read so far. Raises what the store raises; a record that the store
    refuses is quarantined and the others of its batch are written.
    """
    return await _Load(loader, store, on_progress or (lambda _: None), now).run()


class _Load:
    def __init__(
        self, loader: Loader, store: Store, on_progress: Callable[[int], None], now: Callable[[], datetime]
    ) -> None:
        self.loader = loader
        self.store = store
        self.on_progress = on_progress
        self.now = now
        self.run_urn = key("load-run", str(uuid.uuid4()))
        source = loader.source
        self.report = LoadReport(loader.kind, source.urn, self.run_urn, loader.day.isoformat())
        self.held: list[Record] = []
        self.size = 0
        self.seen: set[str] = set()

    async def run(self) -> LoadReport:
        started, clock = self.now(), time.perf_counter()
        await self._write_source()
        late: list[Record] = []
        for record in self.loader.records():
            self.report.read += 1
            if record.problem is not None:
                self.report.refuse(record, record.problem)
            else:
                if not self.loader.local:
                    edges = Record(record.place, record.raw, [], record.edges, record.restates)
                    late.append(edges)
                    record = Record(record.place, record.raw, record.nodes)  # noqa: PLW2901 - its first half
                await self._hold(record)
        await self._flush()
        for record in late:
            await self._hold(record)
        await self._flush()
        self.report.seconds = time.perf_counter() - clock
        await self._write_run(started)
        return self.report

    async def _hold(self, record: Record) -> None:
        self.held.append(record)
        self.size += len(record.nodes) + len(record.edges) + len(record.restates)
        if self.size >= BATCH_STATEMENTS:
            await self._flush()

    async def _flush(self) -> None:
        records, self.held, self.size = self.held, [], 0
        if records:
            await self._write(records)
        self.on_progress(self.report.read)

    async def _write(self, records: list[Record]) -> None:
        """Write records in one batch; where it is refused, halve it until the record at fault stands alone."""
        try:
            self.report.add(records, await self.store.write(self._batch(records)))
        except (InvalidBatch, InvalidRecord) as error:
            if len(records) == 1:
                self.report.refuse(records[0], _problem(error))
                return
            middle = len(records) // 2
            await self._write(records[:middle])
            await self._write(records[middle:])

    def _batch(self, records: list[Record]) -> Batch:
        batch = Batch(source=self.loader.source.urn, by=self.run_urn, at=self.now(), day=self.loader.day)
        stated: dict[str, NodeStatement] = {}
        for record in records:
            for node in record.nodes:
                stated[node.entity.urn] = node
            batch.edges += record.edges
            batch.restates.update(record.restates)
        batch.nodes = list(stated.values())
        return batch

    async def _write_source(self) -> None:
        batch = self._batch([])
        batch.nodes.append(NodeStatement(self.loader.source))
        self.report.revision = (await self.store.write(batch)).revision

    async def _write_run(self, started: datetime) -> None:
        """Keep the account in the graph's journal; it moves no revision."""
        report = self.report
        run = LoadRun(
            urn=Urn(self.run_urn),
            loader=report.kind,
            state=LoadState.COMPLETED,
            started_at=started,
            ended_at=self.now(),
            read=report.read,
            written=report.written,
            unchanged=report.unchanged,
            quarantined=len(report.quarantined),
            report=report.to_json(),
        )
        batch = self._batch([])
        batch.nodes.append(NodeStatement(run))
        batch.edges.append(EdgeStatement(LoadRun.loaded_from, run.urn, self.loader.source.urn))
        await self.store.write(batch)


def _problem(error: CatalogError) -> Problem:
    return Problem(error.code, "", str(error), "mend the record and load it again")
