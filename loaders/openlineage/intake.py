"""Taking events in: what was said before is read, the events are folded into it, and what follows is written at once (ADR 12).

The file loader and the endpoint use this one. Everything that a batch of events adds is written in one transaction with the
records that it was made of, and only if those stand as they were read: else it is read and made again. So any number of
processes may take in events of one source, in any order. While one batch is written, the next is made of what that one leaves
behind; should it leave nothing, the next is made again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from catalog.access import STAFF_READER
from catalog.batch import Batch, NodeStatement, Prepared, WriteResult
from catalog.errors import Conflict, InvalidBatch, InvalidRecord, StoreUnavailable
from catalog.model import MODEL
from catalog.model.own import LineageRecord, Source
from catalog.selection import MAX_PAGE, Compare, Op, Select
from catalog.sources import begin_batch, give_way
from catalog.stores.layout import layout_of
from catalog.stores.port import MAX_ROOTS, Store
from catalog.urn import Urn
from lineage.openlineage.derive import Records, derive_spans, follow, targets
from lineage.openlineage.event import Event
from lineage.openlineage.record import Record, decode_record, encode_record, record_urn
from lineage.openlineage.registers import Change, Known
from lineage.openlineage.state import absorb, told, wanted
from loaders.openlineage.kept import Kept
from loaders.record import Problem

__all__ = ["Intake", "Taken"]

_ATTEMPTS = 30
_LAYOUT = layout_of(MODEL.kinds["LineageRecord"])


@dataclass(slots=True)
class Taken:
    """What became of events, in their order, and what the writes changed."""

    outcomes: list[bool | Problem] = field(default_factory=list[bool | Problem])
    """Whether the event said anything new; or why the graph refuses it."""
    results: list[WriteResult] = field(default_factory=list[WriteResult])


class Intake:
    """Events of one source, into one store. ``by`` is who is recorded to have brought them."""

    def __init__(
        self,
        store: Store,
        source: Source,
        by: str,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._source = source
        self._by = by
        self._now = now
        self._making, self._writing = asyncio.Lock(), asyncio.Lock()
        self.kept = Kept()

    async def take(self, events: Sequence[Event]) -> Taken:
        """Take in events, as ``take_told`` does."""
        return await self.take_told([told(event) for event in events])

    async def take_told(self, news: Sequence[Known]) -> Taken:
        """Take in what events tell (``told``, ``fold_all``), all at once where the graph lets it. Raises what the store raises.

        Where the graph refuses them, they are halved until the one at fault stands alone. What is not refused is written,
        or was said before. Of two calls at once the second is made ready while the first is written.
        """
        if not news:
            return Taken()
        try:
            return await self._all(news)
        except (InvalidBatch, InvalidRecord) as error:
            if len(news) == 1:
                return Taken([Problem(error.code, "", str(error), "mend the event and send it again")])
            middle = len(news) // 2
            first = await self.take_told(news[:middle])
            second = await self.take_told(news[middle:])
            return Taken(first.outcomes + second.outcomes, first.results + second.results)

    async def _all(self, news: Sequence[Known]) -> Taken:
        async with AsyncExitStack() as turn:
            async with self._making:
                made = await self._made_ahead(news) if self._writing.locked() else None
                await turn.enter_async_context(self._writing)
                if made is not None and not made.stands:
                    made.forget()
                    made = None
                made = made or await _Made.of(self, news)
            return await self._written(made, news)

    async def _made_ahead(self, news: Sequence[Known]) -> _Made | None:
        """What is made while another batch is written; None where that cannot be, maybe for what that other one says."""
        try:
            return await _Made.of(self, news)
        except (InvalidBatch, InvalidRecord):
            return None

    async def _written(self, made: _Made, news: Sequence[Known]) -> Taken:
        """Write what was made, or make it anew until it can be."""
        for attempt in range(_ATTEMPTS):
            if made.batch is not None:
                try:
                    return Taken(made.outcomes, [await self._store.write(made.batch)])
                except Conflict:
                    made.forget()
                    await give_way(attempt)
                except BaseException:
                    made.forget()
                    raise
            elif not made.remembers:
                return Taken(made.outcomes)
            # Or it says nothing new by what was kept, which others may have taken back since.
            made = await _Made.of(self, news)
        raise StoreUnavailable("others write what these events speak of all the time: try again")

    async def read(self, abouts: Iterable[Urn]) -> dict[Urn, Prepared]:
        """The nodes of the records of these, where there are any; one round trip for 50,000 of them."""
        urns = [record_urn(self._source.urn, about) for about in abouts]
        roots = [
            Select(
                "LineageRecord",
                ("about", "registers"),
                Compare("urn", Op.IN, tuple(urns[start : start + MAX_PAGE])),
                first=MAX_PAGE,
                cursor=False,
                ever=True,
            )
            for start in range(0, len(urns), MAX_PAGE)
        ]
        found: dict[Urn, Prepared] = {}
        for start in range(0, len(roots), MAX_ROOTS):
            pages = await self._store.select_all(roots[start : start + MAX_ROOTS], STAFF_READER, date.max)
            for row in (row for page in pages for row in page.rows):
                node = LineageRecord(urn=row["urn"], about=row["about"], registers=row["registers"])
                found[row["about"]] = _LAYOUT.prepared(node)
        return found

    def begin(self) -> Batch:
        """An empty batch of this source, dated now."""
        at = self._now()
        return begin_batch(self._source, self._by, at, at.astimezone(UTC).date())

    def record(self, about: Urn, record: Record) -> Prepared:
        """The node that keeps a record of this source."""
        return _LAYOUT.prepared(encode_record(record_urn(self._source.urn, about), about, record))


class _Made:
    """What is made of events and of what was said before, as it was read."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._failures = intake.kept.failures
        self._held: dict[Urn, Prepared] = {}
        """What is stored, as it was read, or as it was written last."""
        self._records: Records = {}
        self._known: Known = {}
        """The registers of the records."""
        self._stated: dict[Urn, Prepared] = {}
        """What the batch states of records."""
        self.remembers = False
        """Whether any of it was kept, and not read."""
        self.outcomes: list[bool | Problem] = []
        self.batch: Batch | None = None
        """Everything that follows, with what it was made of; None where nothing new was said."""

    @classmethod
    async def of(cls, intake: Intake, news: Sequence[Known]) -> _Made:
        """Read what the events are about, fold them into it, and keep what is to be written.

        Raises InvalidBatch where it is too much for one, and InvalidRecord.
        """
        made = cls(intake)
        await made._fetch(urn for each in news for urn in each)
        await made._fetch(urn for each in news for urn in wanted(made._known, each))
        changes: dict[Urn, Change] = {}
        for each in news:
            changed = absorb(made._known, each)
            made.outcomes.append(bool(changed))
            for urn, change in changed.items():
                changes[urn] = max(change, changes.get(urn, Change.NOTHING))
        if changes:
            made.batch = await made._followed(changes)
            if made.stands:
                for urn, node in made._stated.items():
                    intake.kept.put(urn, node, made._records[urn])
        return made

    @property
    def stands(self) -> bool:
        """Whether all that was kept, and may have gone into this, was written so far or still may be."""
        return self._failures == self._intake.kept.failures

    def forget(self) -> None:
        """Keep no more what is not written."""
        self._intake.kept.forget(self._stated)

    async def _followed(self, changes: Mapping[Urn, Change]) -> Batch:
        spans = derive_spans(self._records, changes)
        fed = targets(self._records, spans)
        await self._fetch(fed)
        found = follow(self._records, changes, spans)
        batch = self._intake.begin()
        batch.nodes += found.nodes.values()
        batch.edges = found.edges
        batch.withdraws = found.withdraws
        batch.retracts_edges = found.unlinks
        for urn in sorted({*changes, *fed}):
            node = self._stated[urn] = self._intake.record(urn, self._records[urn])
            batch.nodes.append(NodeStatement(node))
            batch.expects[node.urn] = self._held.get(urn)
        return batch

    async def _fetch(self, urns: Iterable[Urn]) -> None:
        """Read the records of these, as far as they were not."""
        asked: list[Urn] = []
        for urn in {urn for urn in urns if urn not in self._records}:
            kept = self._intake.kept.take(urn)
            if kept is None:
                asked.append(urn)
            else:
                self.remembers = True
                self._hold(urn, *kept)
        held = await self._intake.read(sorted(asked)) if asked else {}
        for urn in asked:
            node = held.get(urn)
            self._hold(urn, node, Record() if node is None else decode_record(node.stored["registers"]))

    def _hold(self, urn: Urn, node: Prepared | None, record: Record) -> None:
        if node is not None:
            self._held[urn] = node
        self._records[urn] = record
        self._known[urn] = record.registers
