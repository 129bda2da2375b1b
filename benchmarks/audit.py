"""How long the audit of sharing takes, from a store: the verdicts of all flows of a made-up state.

    python -m benchmarks.audit --home FOLDER [--neo4j bolt://127.0.0.1:7687]

The graph is written once and kept: into a SQLite file in FOLDER, or into an empty Neo4j. Then a process leaves an audit of it in
the store, as a load of so much does at its end, and new processes have all verdicts: of the same day, and of the next. Then all
of it from nothing: the facts are read (scan, then facts), classes and origins worked out, verdicts found, each with the
seconds that passed and those of processors; then a page of verdicts and the summary are asked again at the same revision,
and all verdicts of the day before; then, a few times, a run and a flow are written, or an agreement, and all verdicts asked
for once more. A busy machine shows in the first of the two figures, less in the second. Memory is what a process holds for
itself at most, without the file that is mapped.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import random
import statistics
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, cast
from zoneinfo import ZoneInfo

from benchmarks.about import about, keep
from benchmarks.audited import DAY, Making, depths_of, urn
from catalog.access import STAFF_READER
from catalog.batch import Batch, EdgeStatement, NodeStatement
from catalog.model import MODEL
from catalog.model.declare import Entity, Relation
from catalog.model.enums import RunState
from catalog.model.enums_sharing import AgreementKind, PartyRole
from catalog.model.lineage import Flow, Run
from catalog.model.sharing import Agreement, AgreementParty, CoverageTerm
from catalog.stores.layout import Tables
from catalog.stores.neo4j.store import Neo4jStore
from catalog.stores.port import Store
from catalog.stores.sqlite.store import SqliteStore
from catalog.urn import Urn, key
from graphql_schema.core.found import Answer
from graphql_schema.core.kept_audits import Audits
from graphql_schema.core.plan import MAX_FIRST
from graphql_schema.core.verdicts import flow_verdicts, pathway_summary
from lineage.audit.day import DayAudit
from lineage.audit.gather import gathered, scan_for
from lineage.audit.recall import keep_of
from lineage.audit.words import VerdictKind
from server.memory import give_back
from tests.support.audit_facts import batches, column_urn

ZONE = ZoneInfo("America/New_York")
SECONDS = 300
ROUNDS = 5
Result = TypeVar("Result")
Size = tuple[int, int, int]
Seconds = dict[str, tuple[float, float]]


def opened(place: str) -> Store:
    """The store at an address of a Neo4j, or in a file."""
    tables = Tables(MODEL)
    if place.startswith("bolt"):
        user, password = os.environ.get("WAYPOST_NEO4J_USER"), os.environ.get("WAYPOST_NEO4J_PASSWORD")
        return Neo4jStore.open(
            place, tables, user=user, password=password, read_timeout_seconds=SECONDS, write_timeout_seconds=SECONDS
        )
    return SqliteStore.open(Path(place), tables, read_timeout_seconds=SECONDS, write_timeout_seconds=SECONDS)


def fill(place: str, size: Size, seed: int) -> None:
    """Write the graph, where there is none."""

    async def write() -> None:
        store = opened(place)
        await store.migrate()
        if not await store.revision():
            flows, datasets, agreements = size
            facts = Making(random.Random(seed), datasets, agreements).facts(flows)
            depths = depths_of(facts)
            print(f"median depth {statistics.median(depths[flow.source] for flow in facts.flows)}")
            for batch in batches(facts):
                await store.write(batch)
        await store.close()

    asyncio.run(write())


class Memory:
    """Looks at what the process holds for itself, fifty times a second."""

    def __init__(self) -> None:
        self.most = 0.0
        threading.Thread(target=self._look, daemon=True).start()

    def _look(self) -> None:
        while True:
            lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
            (held,) = (line.split()[1] for line in lines if line.startswith("RssAnon"))
            self.most = max(self.most, int(held) / 1024)
            time.sleep(0.02)


async def timed(found: Seconds, name: str, work: Callable[[], Awaitable[Result]]) -> Result:
    """Do it, and note the seconds that passed and those of processors."""
    passed, used = time.perf_counter(), time.process_time()
    result = await work()
    found[name] = time.perf_counter() - passed, time.process_time() - used
    return result


async def cold(store: Store) -> tuple[Seconds, DayAudit]:
    """What each part takes from the beginning on."""
    found: Seconds = {}

    async def all_of_it() -> DayAudit:
        scanned = [await timed(found, "scan", lambda: store.scan(scan_for(STAFF_READER)))]
        facts = await timed(found, "facts", lambda: asyncio.to_thread(lambda: gathered(scanned.pop(), ZONE).facts))
        day = DayAudit(facts, DAY)
        await timed(found, "classes, origins and agreements", lambda: asyncio.to_thread(lambda: day.audit))
        await timed(found, "verdicts", lambda: asyncio.to_thread(lambda: day.verdicts))
        return day

    day = await timed(found, "all", all_of_it)
    return found, day


async def again(audits: Audits) -> Seconds:
    """What is asked again at the same revision: the best of some rounds of each question."""
    page = {"first": MAX_FIRST, "after": None, "unpermitted": False}
    questions: dict[str, Callable[[DayAudit], Answer]] = {
        "a page of verdicts": lambda day: flow_verdicts(day, page),
        "a page of those uncovered": lambda day: flow_verdicts(day, {**page, "verdicts": [VerdictKind.UNCOVERED]}),
        "the summary": lambda day: pathway_summary(day, {**page, "crossing": False}),
    }
    best: Seconds = {}
    for name, question in questions.items():
        asked = partial(audits.ask, STAFF_READER, DAY, question)
        await asked()
        rounds: Seconds = {}
        for number in range(ROUNDS):
            await timed(rounds, str(number), asked)
        best[name] = min(rounds.values())
    return best


async def at_hand(store: Store, audits: Audits) -> Seconds:
    """What all verdicts take with the facts at hand: of a day that was not asked for, and after writes, of rounds the middle one."""
    found: Seconds = {}
    before = DAY - timedelta(days=1)
    await timed(found, "all verdicts of a day not asked for", lambda: audits.ask(STAFF_READER, before, _all_verdicts))
    for name, write in (("a run and a flow", _run_and_flow), ("an agreement", _small_agreement)):
        facts: Seconds = {}
        verdicts: Seconds = {}
        for number in range(ROUNDS):
            await store.write(write())
            await timed(facts, str(number), lambda: audits.ask(STAFF_READER, DAY, lambda _: None))
            await timed(verdicts, str(number), lambda: audits.ask(STAFF_READER, DAY, _all_verdicts))
        found[f"facts after a write of {name}"] = sorted(facts.values())[ROUNDS // 2]
        found[f"all verdicts after a write of {name}"] = sorted(verdicts.values())[ROUNDS // 2]
    return found


async def leave(place: str) -> tuple[Seconds, float]:
    """What it takes to read everything, audit the day, and keep that in the store."""
    give_back()
    memory, store = Memory(), opened(place)
    found: Seconds = {}
    await timed(found, "everything read, audited and kept, as after a large load", lambda: keep_of(store, DAY, ZONE))
    await store.close()
    return found, memory.most


async def recall(place: str, day: date) -> tuple[Seconds, float]:
    """What all verdicts of a day take in a process that recalls what was kept; and its memory."""
    give_back()
    memory, store = Memory(), opened(place)
    found: Seconds = {}
    await timed(
        found,
        f"all verdicts of {day} in a new process",
        lambda: Audits(store, ZONE).ask(STAFF_READER, day, _all_verdicts),
    )
    await store.close()
    return found, memory.most


def in_a_new_process(work: Callable[..., Coroutine[Any, Any, tuple[Seconds, float]]], *given: Any) -> dict[str, object]:
    """The same, there; printed."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        found, most = pool.submit(_run, work, *given).result()
    show(found)
    print(f"{most:6.0f} MB at most")
    return {**found, **{f"memory_mb: {name}": most for name in found}}


def _run(work: Callable[..., Coroutine[Any, Any, tuple[Seconds, float]]], *given: Any) -> tuple[Seconds, float]:
    return asyncio.run(work(*given))


def _all_verdicts(day: DayAudit) -> int:
    return len(day.verdicts)


def _new(kind: str) -> Urn:
    """The URN of what was never there, whenever this is called."""
    return key(kind, "written", str(time.time_ns()))


def _batch(nodes: Sequence[Entity], edges: Sequence[tuple[Relation, str, str]]) -> Batch:
    batch = Batch(key("source", "audited"), "benchmark", datetime.now(UTC), DAY)
    batch.nodes += map(NodeStatement, nodes)
    batch.edges += [EdgeStatement(relation, cast("Urn", tail), cast("Urn", head)) for relation, tail, head in edges]
    return batch


def _run_and_flow() -> Batch:
    """A run of a process, and a flow between two datasets that it moved, with a column."""
    job, source, target = urn("job", 1), urn("dataset", 1), urn("dataset", 99)
    run = Run(urn=_new("run"), state=RunState.COMPLETED, started_at=datetime.combine(DAY, datetime.min.time(), UTC))
    flow = Flow(urn=_new("flow"), first_seen=DAY)
    edges = [(Run.executes, run.urn, job), (Flow.via, flow.urn, job)]
    edges += [(Flow.from_asset, flow.urn, source), (Flow.to_asset, flow.urn, target)]
    return _batch([run, flow], [*edges, (Flow.columns, flow.urn, column_urn((source, "column_0")))])


def _small_agreement() -> Batch:
    """One with a party and a term."""
    made = Agreement(urn=_new("agreement"), title="A", kind_of_agreement=AgreementKind.MOU)
    party, term = (
        AgreementParty(urn=_new("agreement-party"), role=PartyRole.RECIPIENT),
        CoverageTerm(urn=_new("coverage-term")),
    )
    edges = [(Agreement.parties, made.urn, party.urn), (Agreement.terms, made.urn, term.urn)]
    edges += [
        (AgreementParty.stands_for, party.urn, urn("agency", 1)),
        (CoverageTerm.covers, term.urn, urn("dataset", 1)),
    ]
    return _batch([made, party, term], edges)


async def measure(place: str) -> dict[str, object]:
    """Everything, printed as it comes."""
    recalled = in_a_new_process(leave, place)
    for each in (DAY, DAY + timedelta(days=1)):
        recalled |= in_a_new_process(recall, place, each)
    give_back()
    memory = Memory()
    store = opened(place)
    found, day = await cold(store)
    show(found)
    print(f"{memory.most:6.0f} MB at most")
    kinds = Counter(each.kind.value for each in day.verdicts.values())
    total = kinds.total()
    print(", ".join(f"{kind} {count / total:.0%}" for kind, count in sorted(kinds.items())), f"of {total:,} flows")
    del day
    audits = Audits(store, ZONE)
    repeated = await again(audits)
    show(repeated)
    ready = await at_hand(store, audits)
    show(ready)
    print(f"{memory.most:6.0f} MB at most")
    await store.close()
    figures = {"cold_s": recalled, "from_nothing_s": found, "again_s": repeated, "at_hand_s": ready}
    return {**figures, "memory_mb": memory.most, "verdicts": kinds}


def show(found: Seconds) -> None:
    """A line each."""
    for name, (passed, used) in found.items():
        print(f"{passed:8.3f} s, {used:8.3f} s of processors: {name}", flush=True)


def main() -> None:
    """Fill, measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, required=True, help="folder for the graph, which is kept")
    parser.add_argument("--neo4j", help="address of a Neo4j, empty or filled by this benchmark")
    parser.add_argument("--flows", type=int, default=100_000)
    parser.add_argument("--datasets", type=int, default=100_000)
    parser.add_argument("--agreements", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--output", type=Path, help="file for the figures, as JSON")
    given = parser.parse_args()
    size = given.flows, given.datasets, given.agreements
    given.home.mkdir(parents=True, exist_ok=True)
    name = "-".join(map(str, (*size, given.seed)))
    place = given.neo4j or str(given.home / f"audited-{name}.db")
    # In a process of its own, so that what the graph was made of is no part of the memory that is measured.
    filling = multiprocessing.get_context("spawn").Process(target=fill, args=(place, size, given.seed))
    filling.start()
    filling.join()
    keep({"about": about(), "size": size, **asyncio.run(measure(place))}, given.output)


if __name__ == "__main__":
    main()
