"""Taking events in: what was said before is read, the events are folded into it, and what follows is written at once (ADR 12).

The file loader and the endpoint use this one. Everything that a batch of events adds is written in one transaction with the
records that it was made of, and only if those stand as they were read: else it is read and made again. So any number of
processes may take in events of one source, in any order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
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
from lineage.openlineage.said import said
from lineage.openlineage.state import absorb, wanted
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
        self.kept = Kept()

    async def take(self, events: Sequence[Event]) -> Taken:
        """Take in events, as ``take_said`` does."""
        return await self.take_said([said(event) for event in events])

    async def take_said(self, news: Sequence[Known]) -> Taken:
        """Take in what each of some events says, all at once where the graph lets it. Raises what the store raises.

        Where the graph refuses them, they are halved until the one at fault stands alone. What is not refused is written,
        or was said before.
        """
        if not news:
            return Taken()
        try:
            return await self._all(news)
        except (InvalidBatch, InvalidRecord) as error:
            if len(news) == 1:
                return Taken([Problem(error.code, "", str(error), "mend the event and send it again")])
            middle = len(news) // 2
            first = await self.take_said(news[:middle])
            second = await self.take_said(news[middle:])
            return Taken(first.outcomes + second.outcomes, first.results + second.results)

    async def _all(self, news: Sequence[Known]) -> Taken:
        for attempt in range(_ATTEMPTS):
            made = await _Made.of(self, news)
            if not made.changes:
                if made.remembers:
                    continue  # by what was kept, which others may have taken back since
                return Taken(made.outcomes)
            try:
                result = await self._store.write(await made.batch())
                made.keep()
                return Taken(made.outcomes, [result])
            except Conflict:
                await give_way(attempt)
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
        self._held: dict[Urn, Prepared] = {}
        """What is stored, as it was read, or as it was written last."""
        self._records: Records = {}
        self._known: Known = {}
        """The registers of the records."""
        self._stated: dict[Urn, Prepared] = {}
        """What the batch states of records."""
        self.remembers = False
        """Whether any of it was kept, and not read."""
        self.changes: dict[Urn, Change] = {}
        self.outcomes: list[bool | Problem] = []

    @classmethod
    async def of(cls, intake: Intake, news: Sequence[Known]) -> _Made:
        """Read what the events are about, and fold them into it."""
        made = cls(intake)
        await made._fetch(urn for each in news for urn in each)
        await made._fetch(urn for each in news for urn in wanted(made._known, each))
        for each in news:
            changes = absorb(made._known, each)
            made.outcomes.append(bool(changes))
            for urn, change in changes.items():
                made.changes[urn] = max(change, made.changes.get(urn, Change.NOTHING))
        return made

    async def batch(self) -> Batch:
        """Everything that follows, with what it was made of. Raises InvalidBatch where it is too much for one."""
        spans = derive_spans(self._records, self.changes)
        fed = targets(self._records, spans)
        await self._fetch(fed)
        found = follow(self._records, self.changes, spans)
        batch = self._intake.begin()
        batch.nodes += found.nodes.values()
        batch.edges = found.edges
        batch.withdraws = found.withdraws
        batch.retracts_edges = found.unlinks
        for urn in sorted({*self.changes, *fed}):
            node = self._stated[urn] = self._intake.record(urn, self._records[urn])
            batch.nodes.append(NodeStatement(node))
            batch.expects[node.urn] = self._held.get(urn)
        return batch

    def keep(self) -> None:
        """Keep the records, now that they are written."""
        for urn, node in self._stated.items():
            self._intake.kept.put(urn, node, self._records[urn])

    async def _fetch(self, urns: Iterable[Urn]) -> None:
        """Read the records of these, as far as they were not."""
        asked: list[Urn] = []
        for urn in sorted({urn for urn in urns if urn not in self._records}):
            kept = self._intake.kept.take(urn)
            if kept is None:
                asked.append(urn)
            else:
                self.remembers = True
                self._hold(urn, *kept)
        held = await self._intake.read(asked) if asked else {}
        for urn in asked:
            node = held.get(urn)
            self._hold(urn, node, Record() if node is None else decode_record(node.stored["registers"]))

    def _hold(self, urn: Urn, node: Prepared | None, record: Record) -> None:
        if node is not None:
            self._held[urn] = node
        self._records[urn] = record
        self._known[urn] = record.registers
