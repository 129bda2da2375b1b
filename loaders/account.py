"""The account that every load keeps in the graph's journal: begun before the first thing it writes, and ended with it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Self

from catalog.access import STAFF_READER
from catalog.batch import Batch, EdgeStatement, NodeStatement, WriteResult
from catalog.errors import Conflict, StoreUnavailable
from catalog.loads import NEWEST_FIRST, RUNNING
from catalog.model.enums import LoadState
from catalog.model.own import LoadRun, Source
from catalog.selection import MAX_PAGE, All, Compare, Has, Op, Predicate, Row, Select, Selection
from catalog.sources import begin_batch, give_way, precedence_of
from catalog.stores.port import Store
from catalog.urn import Urn, key
from loaders.record import Input

__all__ = ["Account"]

_ATTEMPTS = 10
"""How often others may end runs of a source while the account of one is ended."""
_OURS = ("LoadRun", LoadRun.loaded_from.type)
_BEGUN_WITH = ("loader", "input", "input_hash", "as_of", "started_at")


@dataclass(slots=True)
class Account:
    """The account of one load. It moves no revision, save where the source that it names is new.

    Between ``begin`` and ``end`` it stands in the journal as RUNNING. Of a load that is stopped it stays so until a later one
    has taken in what that one had not (``_makes_up_for``): whoever reads the graph meanwhile can tell that a part is missing.
    """

    store: Store
    source: Source
    run: LoadRun
    """What is known of it when it begins."""
    says_all: bool
    """Whether afterwards the source says no more than what this run has read."""
    is_begun: bool = False

    @classmethod
    def of(cls, read: Input, store: Store, at: datetime, day: date, *, says_all: bool) -> Self:
        """That of a load which begins now; ``day`` is the one of which it speaks."""
        run = LoadRun(
            urn=key("load-run", str(uuid.uuid4())),
            loader=read.kind,
            input=read.location,
            input_hash=read.digest,
            as_of=day,
            state=LoadState.RUNNING,
            started_at=at,
        )
        return cls(store, read.source, run, says_all)

    async def take_rank(self) -> None:
        """Speak with the rank that was stated of the source before, where this load states none."""
        if self.source.precedence is None:
            self.source = replace(self.source, precedence=await precedence_of(self.store, self.source.urn))

    async def begin(self) -> WriteResult | None:
        """Say, once, that something is about to be written; answers what else that wrote, the description of the source."""
        if self.is_begun:
            return None
        result = await self.store.write(self._batch(self.run, self.run.started_at))
        self.is_begun = True
        return replace(result, created={what: n for what, n in result.created.items() if what not in _OURS})

    async def end(self, run: LoadRun, at: datetime, *, took_in: bool = True) -> None:
        """Keep the whole account. ``took_in`` says whether all that it read is in the graph now, or kept out and told."""
        run = replace(run, ended_at=at)
        for attempt in range(_ATTEMPTS):
            batch = self._batch(run, at)
            for stopped in await self.stopped() if took_in else ():
                if _makes_up_for(run, stopped, says_all=self.says_all):
                    # It may be ending at this moment: its own account is not to be lost.
                    batch.expects[stopped.urn] = stopped
                    ended = replace(stopped, state=LoadState.INTERRUPTED, reason=f"made up for by {run.urn}")
                    batch.nodes.append(NodeStatement(ended))
            try:
                await self.store.write(batch)
            except Conflict:
                await give_way(attempt)
            else:
                return
        raise StoreUnavailable(f"others load {self.source.urn} all the time: load it again once they have ended")

    async def stopped(self) -> list[LoadRun]:
        """The runs of the source that have not ended, without this one; at most a page of them."""
        of_source: Predicate = Has("loaded_from", Compare("urn", Op.EQ, self.source.urn))
        another = Compare("urn", Op.NE, self.run.urn)
        where = All((RUNNING, of_source, another))
        select = Select("LoadRun", _BEGUN_WITH, where, NEWEST_FIRST, first=MAX_PAGE, ever=True)
        return [_begun(row) for row in (await self.store.select(Selection(select, STAFF_READER, date.max))).rows]

    def _batch(self, run: LoadRun, at: datetime) -> Batch:
        batch = begin_batch(self.source, run.urn, at, run.as_of or at.date())
        batch.nodes.append(NodeStatement(run))
        batch.edges.append(EdgeStatement(LoadRun.loaded_from, run.urn, self.source.urn))
        return batch


def _begun(row: Row) -> LoadRun:
    return LoadRun(
        urn=Urn(row["urn"]),
        loader=row["loader"],
        input=row["input"],
        input_hash=row["input_hash"],
        as_of=date.fromisoformat(row["as_of"]) if row["as_of"] else None,
        state=LoadState.RUNNING,
        started_at=datetime.fromisoformat(row["started_at"]),
    )


def _makes_up_for(run: LoadRun, stopped: LoadRun, *, says_all: bool) -> bool:
    """Whether a run has taken in all that one which was stopped had not.

    It has where it read the same input, or the same content, or where its source says nothing else any more; and where it
    does not speak of an earlier day.
    """
    if run.as_of is not None and stopped.as_of is not None and run.as_of < stopped.as_of:
        return False
    same = run.input is not None and (run.input == stopped.input or run.input_hash == stopped.input_hash)
    return says_all or same
