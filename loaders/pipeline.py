"""The way of a record: read, validate, write in batches, report. The same for every loader."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

from catalog.access import STAFF_READER
from catalog.batch import Batch, Close, NodeStatement, WriteResult
from catalog.errors import CatalogError, InvalidBatch, InvalidRecord
from catalog.model.declare import Relation
from catalog.model.enums import LoadState
from catalog.sources import begin_batch, present
from catalog.stores.port import Store
from catalog.urn import Urn
from loaders.account import Account
from loaders.batches import BATCH_STATEMENTS, batches, read
from loaders.ended import Lineage, ended_flows, left_jobs
from loaders.errors import LoaderError
from loaders.reconcile import judge, last_day, listed_before, what_to_close
from loaders.record import Loader, Problem, Record
from loaders.report import LoadReport

__all__ = ["load"]

Batches = AsyncGenerator[list[Record]]


async def load(
    loader: Loader,
    store: Store,
    *,
    accept_shrink: bool = False,
    on_progress: Callable[[int], None] | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> LoadReport:
    """Load a source; answers the account of every record. A load that is cut off can simply be run again.

    Until it is, its account stands open (``catalog.loads``).
    ``on_progress`` is told the number of records done so far. Raises what the store raises; a record that the store
    refuses is quarantined, and the others of its batch are written. Nothing of it is, with one exception: where the
    loader is not ``local``, nodes are written before edges, and of a record that is refused for its edges alone the nodes
    stand, since others may lead to them, and no edge. One that leads to nothing is none of these: it is found before.
    A source that speaks of an earlier day than one of its own that was loaded is read and not written. Raises
    LoaderError, before anything is written, where too much of what the source listed is gone, unless ``accept_shrink``.
    """
    return await _Load(loader, store, on_progress or (lambda _: None), now).run(accept_shrink=accept_shrink)


class _Load:
    def __init__(
        self, loader: Loader, store: Store, on_progress: Callable[[int], None], now: Callable[[], datetime]
    ) -> None:
        self.loader = loader
        self.store = store
        self.on_progress = on_progress
        self.now = now
        self.account = Account.of(loader, store, now(), loader.day, says_all=loader.complete)
        self.report = LoadReport(loader.kind, loader.source, self.account.run.urn, loader.day.isoformat())
        self.said = Lineage()

    async def run(self, *, accept_shrink: bool) -> LoadReport:
        async with read(self.loader) as found:
            return await self._run(found, accept_shrink=accept_shrink)

    async def _run(self, found: Batches, *, accept_shrink: bool) -> LoadReport:
        clock = time.perf_counter()
        self.report.revision = await self.store.revision()
        await self.account.take_rank()
        latest = await last_day(self.store, self.loader.source)
        if latest is not None and self.loader.day < latest:
            self.report.superseded_by = latest.isoformat()
            self.report.unchanged = len([record async for batch in found for record in self._readable(batch)])
        elif self.loader.complete:
            await self._reconciled(found, accept_shrink=accept_shrink)
        else:
            await self._take_in(found)
        self.report.seconds = time.perf_counter() - clock
        await self._end(LoadState.COMPLETED)
        return self.report

    async def _reconciled(self, found: Batches, *, accept_shrink: bool) -> None:
        """Take in a source that lists all that it has, and close what has left it."""
        day = self.loader.day
        before = await listed_before(self.store, self.loader.source, day)
        try:
            gone = judge(before, self.loader.listed(), accept_shrink=accept_shrink)
        except LoaderError as error:
            await self._end(LoadState.REFUSED, str(error))
            raise
        await self._take_in(found)
        left = await what_to_close(self.store, gone, day)
        closes = left.closes(self.loader.source, day)
        closes += await self._end_lineage(left.datasets)
        for start in range(0, len(closes), BATCH_STATEMENTS):
            batch = self._batch([])
            batch.closes = closes[start : start + BATCH_STATEMENTS]
            self.report.tally(await self._written(batch))

    async def _end_lineage(self, dropped: list[str]) -> list[Close]:
        """Give the flows that the source states no more their last day; answers the jobs to close."""
        day, urn = self.loader.day, self.account.source.urn
        flows = await ended_flows(self.store, urn, self.said, dropped, day)
        closes: list[Close] = []
        restates: list[tuple[Urn, Relation]] = []
        if not self.report.quarantined:  # what is kept out has not left
            closes, restates = await left_jobs(self.store, urn, self.said, day)
        for start in range(0, len(flows), BATCH_STATEMENTS):
            batch = self._batch([])
            batch.nodes += flows[start : start + BATCH_STATEMENTS]
            self.report.tally(await self._written(batch))
        for start in range(0, len(restates), BATCH_STATEMENTS):
            batch = self._batch([])
            batch.restates = set(restates[start : start + BATCH_STATEMENTS])
            self.report.tally(await self._written(batch))
        return closes

    async def _take_in(self, found: Batches) -> None:
        """Write every record that can be written."""
        if self.loader.local:
            async for batch in found:
                await self._flush(self._readable(batch))
            return
        records = await self._connected([record async for batch in found for record in self._readable(batch)])
        await self._write_half(0, len(records), (replace(record, edges=[], restates=[]) for record in records))
        # Of a record that the store refused by its nodes, no edge is written either.
        refused = {kept_out.place for kept_out in self.report.quarantined}
        taken = [record for record in records if record.place not in refused]
        await self._write_half(1, len(taken), (replace(record, nodes=[]) for record in taken))

    async def _write_half(self, before: int, size: int, records: Iterable[Record]) -> None:
        """Write the nodes of all records, or their edges: each is half of the work, of which ``before`` halves are done."""
        written = self.report.read - size
        for batch in batches(records):
            await self._write(batch)
            written += len(batch)
            self.on_progress((self.report.read * before + written) // 2)

    async def _flush(self, records: list[Record]) -> None:
        if records:
            await self._write(records)
        self.on_progress(self.report.read)

    def _readable(self, batch: list[Record]) -> list[Record]:
        """Those of the records that have no problem; accounts for the others."""
        self.report.read += len(batch)
        for record in batch:
            if self.loader.complete:
                self.said.add(record)
            if record.problem is not None:
                self.report.refuse(record, record.problem)
        return [record for record in batch if record.problem is None]

    async def _connected(self, records: list[Record]) -> list[Record]:
        """Those of which every edge leads to what is in the graph or stated by another one of them.

        Asked before anything is written: nodes come first and edges later, and of a record that is kept out for its
        edges no node may stand.
        """
        ends = {end for record in records for end in _ends(record)}
        known = await present(ends.difference(_stated(records)), self.store, STAFF_READER, self.loader.day)
        known.add(self.loader.source.urn)
        stated = known.union(_stated(records))
        records = [
            replace(record, nodes=[record.bare]) if record.bare and record.bare.entity.urn not in stated else record
            for record in records
        ]
        while True:
            there = known.union(_stated(records))
            kept = [record for record in records if there.issuperset(_ends(record))]
            if len(kept) == len(records):
                return kept
            for record in records:
                if missing := [end for end in _ends(record) if end not in there]:
                    self.report.refuse(record, _dangling(record, missing[0]))
            records = kept

    async def _write(self, records: list[Record]) -> None:
        """Write records in one batch; where it is refused, halve it until the record at fault stands alone."""
        try:
            self.report.add(records, await self._written(self._batch(records)))
        except (InvalidBatch, InvalidRecord) as error:
            if len(records) == 1:
                self.report.refuse(records[0], _problem(error))
                return
            middle = len(records) // 2
            await self._write(records[:middle])
            await self._write(records[middle:])

    async def _written(self, batch: Batch) -> WriteResult:
        begun = await self.account.begin()
        if begun is not None:
            self.report.tally(begun)
        return await self.store.write(batch)

    def _batch(self, records: list[Record]) -> Batch:
        batch = begin_batch(self.account.source, self.account.run.urn, self.now(), self.loader.day)
        stated: dict[str, NodeStatement] = {node.entity.urn: node for node in batch.nodes}
        for record in records:
            for node in record.nodes:
                stated[node.entity.urn] = node
            batch.edges += record.edges
            batch.restates.update(record.restates)
        batch.nodes = list(stated.values())
        return batch

    async def _end(self, state: LoadState, reason: str | None = None) -> None:
        took_in = state is LoadState.COMPLETED and self.report.superseded_by is None
        run = replace(self.report.kept_in(self.account.run), state=state, reason=reason)
        await self.account.end(run, self.now(), took_in=took_in)


def _stated(records: Iterable[Record]) -> set[str]:
    return {node.entity.urn for record in records for node in record.nodes}


def _ends(record: Record) -> Iterator[str]:
    """Every node that the edges of a record are about."""
    for edge in record.edges:
        yield edge.tail
        yield edge.head
    for tail, _ in record.restates:
        yield tail


def _dangling(record: Record, missing: str) -> Problem:
    names = [edge.relation.name for edge in record.edges if missing in (edge.tail, edge.head)]
    path = record.link_prefix + names[0] if names else "urn"
    message = f"{missing[:120]} is neither in this source nor in the catalog"
    return Problem("dangling", path, message, "state it in this source, or load the one that has it first")


def _problem(error: CatalogError) -> Problem:
    return Problem(error.code, "", str(error), "mend the record and load it again")
