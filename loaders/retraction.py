"""Taking back everything that a source said (design 2: "retracting a source"; ADR 13).

What only it said is retracted, and its history kept; what others said as well stays, in their words. Who is stopped on the
way begins anew: what was taken back is no longer found. Loading the source again says it all anew.
"""

from __future__ import annotations

import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

from catalog.access import STAFF_READER
from catalog.batch import PRECEDENCE, Batch, RetractEdge
from catalog.loads import RETRACTION
from catalog.model import MODEL
from catalog.model.declare import Relation
from catalog.model.enums import LoadState, SourceKind
from catalog.model.own import LoadRun, Source
from catalog.selection import MAX_PAGE, Compare, Op, Order, Select, Selection
from catalog.stores.assertions import Word, words_of
from catalog.stores.claims import claims_of
from catalog.stores.port import MAX_CHANGES, Change, Store
from catalog.stores.state import EdgeState
from catalog.urn import Urn, key, kind_of
from catalog.values import NEVER
from lineage.openlineage.record import record_urn
from loaders.account import Account
from loaders.errors import LoaderError
from loaders.retraction_report import RetractionReport

__all__ = ["find_source", "retract_source"]

_NODES = 1_000
"""Nodes that are taken back in one write: few enough to interrupt."""
_PASSES = 10
"""How often what a source says meanwhile is taken back as well."""
_WITH_RECORDS = frozenset(("run", "job", "dataset"))
"""Kinds of which events are remembered."""
_SOURCES = 20
"""Sources that are named where another was asked for."""


async def find_source(store: Store, urn: str) -> Source:
    """The source of this URN. Raises LoaderError where the graph knows of none, with those that it knows."""
    props = ("title", "kind_of_source", "description", "url", "format", "precedence")
    asked = Select("Source", props, Compare("urn", Op.EQ, urn), ever=True)
    others = Select("Source", first=_SOURCES, order=Order("title"), total=True, ever=True)
    found, known = await store.select_all([asked, others], STAFF_READER, date.max)
    if not found.rows:
        named = "".join(f"\n  {row['urn']}" for row in known.rows)
        message = f"the graph knows of no source '{urn[:200]}': pass the URN of one of the {known.total} there are"
        raise LoaderError("source", f"{message}{named}")
    row = found.rows[0]
    return Source(
        urn=row["urn"],
        title=row["title"],
        kind_of_source=SourceKind(row["kind_of_source"]) if row["kind_of_source"] else None,
        description=row["description"],
        url=row["url"],
        format=row["format"],
        precedence=row["precedence"],
    )


async def retract_source(
    store: Store,
    source: Source,
    *,
    is_dry: bool = False,
    on_progress: Callable[[int], None] = lambda _: None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> RetractionReport:
    """Take back what a source said; answers the account of each statement. The same again finds nothing and writes nothing.

    The description of the source itself stays: it says who had spoken. ``on_progress`` is told the number of changes read
    and of nodes taken back so far. Raises what the store raises.
    """
    clock = time.perf_counter()
    run = LoadRun(urn=key("load-run", str(uuid.uuid4())), loader=RETRACTION, state=LoadState.RUNNING, started_at=now())
    # Of a source that is gone nothing is missing.
    account = Account(store, source, run, says_all=True)
    report = RetractionReport(source, run.urn, is_dry)
    report.revision = await store.revision()
    said = _Said(source.urn, on_progress)
    await said.read(store)
    if is_dry:
        await _foresee(store, said, report)
    else:
        await _take_back(store, said, report, account, now)
        # What was stopped after its last write left nothing to take back.
        if account.is_begun or await account.stopped():
            state = LoadState.COMPLETED if report.is_settled else LoadState.FAILED
            ended = replace(run, state=state, report=report.to_json())
            await account.end(ended, now(), took_in=report.is_settled)
    report.said = said.counts()
    report.seconds = time.perf_counter() - clock
    return report


@dataclass(slots=True)
class _Said:
    """What a source is found to say, as the feed of changes tells it; the journal is not in it."""

    source: Urn
    on_progress: Callable[[int], None]
    steps: int = 0
    """Changes read and nodes taken back so far."""
    cursor: str = ""
    nodes: dict[str, bool] = field(default_factory=dict[str, bool])
    """By URN, whether nobody else describes it. The source's own description is not among them."""
    edges: dict[str, Counter[str]] = field(default_factory=dict[str, Counter[str]])
    """By tail, its assertions by type."""
    heads: dict[tuple[str, str], None] = field(default_factory=dict[tuple[str, str], None])
    """(type, head) of the assertions that lead from the source itself."""
    edge_ids: set[int] = field(default_factory=set[int])
    news: dict[str, None] = field(default_factory=dict[str, None])
    """What was found since it was last taken: nodes, and tails of edges."""

    async def read(self, store: Store) -> None:
        """Read on to the end of the feed."""
        async for change in self.changes(store, self.cursor):
            if change.what == "edge":
                self._take_edge(change)
            else:
                self._take_node(change)

    async def changes(self, store: Store, cursor: str) -> AsyncIterator[Change]:
        """The nodes and edges that stand, as far as they changed after a cursor."""
        more = True
        while more:
            page = await store.changes(cursor, MAX_CHANGES)
            for change in page.changes:
                if change.what != "snapshot" and change.row["retracted_at"] == NEVER:
                    yield change
            self.cursor = cursor = page.cursor
            more = page.has_next
            self.step(len(page.changes))

    def step(self, number: int) -> None:
        """Tell how far it has come."""
        self.steps += number
        self.on_progress(self.steps)

    def take_news(self) -> list[str]:
        """What was found since this was last asked, in order."""
        found, self.news = sorted(self.news), {}
        return found

    def counts(self) -> Counter[str]:
        """What it said: nodes by label, assertions by type."""
        return sum(self.edges.values(), Counter(_label(urn) for urn in self.nodes))

    def _take_node(self, change: Change) -> None:
        row = change.row
        urn = row["urn"]
        claims = claims_of(row["claims"]) if row["claims"] else ()
        if urn != self.source and (row["source"] == self.source or any(c.source == self.source for c in claims)):
            self.nodes[urn] = not any(c.describes for c in claims if c.source != self.source)
            self.news[urn] = None

    def _take_edge(self, change: Change) -> None:
        ours = sum(word.source == self.source for word in _words(change))
        tail = change.row["tail"]
        if ours and change.row["id"] not in self.edge_ids:
            self.edge_ids.add(change.row["id"])
            self.edges.setdefault(tail, Counter())[change.type] += ours
            self.news[tail] = None
            if tail == self.source:
                self.heads[(change.type, change.row["head"])] = None


def _label(urn: str) -> str:
    return MODEL.by_slug[kind_of(urn)].label


def _words(change: Change) -> list[Word]:
    """What sources say in an edge."""
    row = change.row
    ends = (row["id"], change.type, row["tail"], row["head"], row["valid_from"], row["valid_to"])
    return words_of([EdgeState(*ends, row["source"], {}, row["claims"])])


async def _take_back(
    store: Store, said: _Said, report: RetractionReport, account: Account, now: Callable[[], datetime]
) -> None:
    """Write until nothing is found any more."""
    for _ in range(_PASSES):
        found = said.take_news()
        if not found:
            return
        for start in range(0, len(found), _NODES):
            urns = found[start : start + _NODES]
            await account.begin()
            result = await store.write(_batch(said, report, urns, now()))
            report.kept_urns.difference_update(urns)
            report.tally(result)
            said.step(len(urns))
        await said.read(store)
    report.is_settled = not said.news


def _batch(said: _Said, report: RetractionReport, urns: Sequence[str], at: datetime) -> Batch:
    source = report.source
    batch = Batch(source.urn, report.run, at, at.date(), source.precedence or PRECEDENCE)
    batch.withdraws = [Urn(urn) for urn in urns if urn != source.urn]
    if source.urn in urns:
        batch.retracts_edges = [RetractEdge(_relation(type_), source.urn, Urn(head)) for type_, head in said.heads]
    batch.retracts = _records(source.urn, urns)
    return batch


def _records(source: Urn, urns: Iterable[str]) -> list[Urn]:
    """What is remembered of these.

    It goes in one write with what followed from it: an event that comes meanwhile finds both or neither.
    """
    return [record_urn(source, Urn(urn)) for urn in urns if kind_of(urn) in _WITH_RECORDS]


def _relation(type_: str) -> Relation:
    return next(relation for relation in MODEL.relations[type_] if relation.tail == "Source")


async def _foresee(store: Store, said: _Said, report: RetractionReport) -> None:
    """What taking back would do: the feed once more, for what others say of what only this source describes."""
    alone = {urn for urn, is_alone in said.nodes.items() if is_alone}
    async for change in said.changes(store, ""):
        if change.what == "edge" and any(word.source != said.source for word in _words(change)):
            report.kept_urns |= alone.intersection((change.row["tail"], change.row["head"]))
    for urn, is_alone in said.nodes.items():
        outcome = report.left if not is_alone else report.kept if urn in report.kept_urns else report.retracted
        outcome[_label(urn)] += 1
    for tail, types in said.edges.items():
        needed = _needed(tail) if tail in report.kept_urns else frozenset[str]()
        for type_, number in types.items():
            (report.kept if type_ in needed else report.retracted)[type_] += number
    records = _records(said.source, {**said.nodes, **said.edges})
    for start in range(0, len(records), MAX_PAGE):
        asked = Compare("urn", Op.IN, tuple(records[start : start + MAX_PAGE]))
        select = Select("LineageRecord", where=asked, first=0, total=True, ever=True)
        report.records += (await store.select(Selection(select, STAFF_READER, date.max))).total or 0


def _needed(urn: str) -> frozenset[str]:
    """The types of edges without which nobody would see a node."""
    kind = MODEL.by_slug[kind_of(urn)]
    return frozenset(relation.type for relation in kind.relations if relation.name in kind.needs)
