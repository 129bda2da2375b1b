"""``verify`` finds what someone did to a graph past its store (figure R24), and finds nothing in one that is whole.

Each corruption is seeded where the graph lies: in the file of a SQLite store, and through the driver in a Neo4j.
"""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from catalog.batch import Batch, Close, EdgeStatement, NodeStatement, RetractEdge
from catalog.cycles import cycles, on_cycles
from catalog.findings import Finding, Severity, in_order
from catalog.model import MODEL
from catalog.model.data import Column, Dataset
from catalog.model.determinations import ClassificationDetermination, HighValueDetermination
from catalog.model.enums import AgreementStage, Branch, Classification, HighValueCriterion, LoadState, PersonRole
from catalog.model.lineage import Flow
from catalog.model.own import LoadRun, Source
from catalog.model.people import Agency, Appointment, Board, Person
from catalog.model.plan import PlanVersion
from catalog.model.sharing import Agreement, Law, Purpose, StageEvent
from catalog.rules import check_rules
from catalog.stores.layout import Tables
from catalog.stores.port import Change, Store
from catalog.urn import key, part
from catalog.verify import count_kinds, read_feed, verify
from catalog.verify_edges import StandingEdge, compare
from tests.contract.backends import BACKENDS, Place
from tests.contract.workshop import Neo4jGraph

TABLES = Tables(MODEL)
TODAY = date(2023, 6, 1)
BEGAN = datetime(2022, 1, 1, tzinfo=UTC)

OPM, SDE, OLD = (key("agency", "x", name) for name in ("opm", "sde", "old"))
LAW, BOARD = key("law", "x"), key("board", "x")
ROLL, COPY = key("dataset", "x", "roll"), key("dataset", "x", "copy")
NAME = part(ROLL, "column", "name")
FLOW = key("flow", "x")
SECRET, KEPT, SENT = (
    key("dataset", "x", "secret"),
    key("classification-determination", "x", "kept"),
    key("flow", "x", "sent"),
)
NARROW, WIDE = key("purpose", "x", "narrow"), key("purpose", "x", "wide")
FRAME, PAPER = key("agreement", "x", "frame"), key("agreement", "x", "paper")
ENDED = part(PAPER, "stage-event", "ended")
HEAD, CHIEF = key("person", "x", "head"), key("person", "x", "chief")
OFFICE, HEADSHIP = key("appointment", "x", "cdo"), key("appointment", "x", "head")
CLASS, WORTH = key("classification-determination", "x"), key("high-value-determination", "x")
SOURCE, OTHER = key("source", "x"), key("source", "x", "other")


def graph() -> Iterator[Batch]:
    """A graph with something of everything: facts corrected and closed, edges corrected, a node retracted, a journal."""
    source = Source(urn=SOURCE, title="A source")
    law = Law(urn=LAW, citation="An act")
    office = Appointment(urn=OFFICE, role=PersonRole.CDO, title="Chief")
    roll = Dataset(urn=ROLL, title="Roll", issued=date(2020, 1, 1), keywords=("a", "b"), contains_pii=True)
    nodes = [
        source,
        Source(urn=OTHER, title="Another source"),
        Agency(urn=OPM, name="Office", branch=Branch.EXECUTIVE),
        Agency(urn=SDE, name="Schools"),
        Agency(urn=OLD, name="Gone"),
        law,
        Board(urn=BOARD, name="Board"),
        PlanVersion(urn=key("plan-version", "x"), title="Plan"),
        roll,
        Dataset(urn=COPY, title="Copy"),
        Column(urn=NAME, name="name"),
        Flow(urn=FLOW, title="Flow"),
        Dataset(urn=SECRET, title="Secret"),
        ClassificationDetermination(urn=KEPT, classes=(Classification.PERSONAL,)),
        Flow(urn=SENT, title="Sent"),
        Purpose(urn=NARROW, label="Narrow"),
        Purpose(urn=WIDE, label="Wide"),
        Agreement(urn=FRAME, title="Frame"),
        Agreement(urn=PAPER, title="Paper", effective_from=date(2021, 1, 1), effective_to=date(2022, 1, 1)),
        StageEvent(urn=ENDED, stage=AgreementStage.EXPIRED, occurred_on=date(2022, 1, 2)),
        Person(urn=HEAD, name="Head"),
        Person(urn=CHIEF, name="Chief"),
        office,
        Appointment(urn=HEADSHIP, role=PersonRole.AGENCY_HEAD),
        ClassificationDetermination(urn=CLASS, classes=(Classification.OPEN,)),
        HighValueDetermination(urn=WORTH, criteria=(HighValueCriterion.CORE_MISSION,), determined_on=date(2021, 5, 1)),
    ]
    edges = [
        EdgeStatement(Agency.part_of, SDE, OPM),
        EdgeStatement(Agency.part_of, OLD, OPM),
        EdgeStatement(Dataset.held_by, ROLL, SDE, date(2020, 1, 1), date(2021, 1, 1)),
        EdgeStatement(Dataset.held_by, ROLL, OPM, date(2021, 1, 1)),
        EdgeStatement(Dataset.held_by, COPY, OPM),
        EdgeStatement(Dataset.same_as, ROLL, COPY, props={"evidence": "The title."}),
        EdgeStatement(Dataset.columns, ROLL, NAME),
        EdgeStatement(Dataset.held_by, SECRET, SDE),
        EdgeStatement(Purpose.broader, NARROW, WIDE),
        EdgeStatement(ClassificationDetermination.classifies, KEPT, SECRET),
        EdgeStatement(Flow.from_asset, SENT, SECRET),
        EdgeStatement(Flow.to_asset, SENT, COPY),
        EdgeStatement(Flow.claims, SENT, FRAME),
        EdgeStatement(Flow.from_asset, FLOW, ROLL),
        EdgeStatement(Flow.to_asset, FLOW, COPY),
        EdgeStatement(Agreement.under, PAPER, FRAME),
        EdgeStatement(Agreement.stages, PAPER, ENDED),
        EdgeStatement(Appointment.held_by, OFFICE, CHIEF),
        EdgeStatement(Appointment.within, OFFICE, OPM),
        EdgeStatement(Appointment.held_by, HEADSHIP, HEAD),
        EdgeStatement(Appointment.within, HEADSHIP, OPM),
        EdgeStatement(ClassificationDetermination.classifies, CLASS, ROLL),
        EdgeStatement(HighValueDetermination.finds_high_value, WORTH, ROLL),
        EdgeStatement(HighValueDetermination.determined_by, WORTH, HEAD),
    ]
    yield batch(0, nodes=[NodeStatement(node) for node in nodes], edges=edges)
    # A correction of a fact, of a node and of an edge; what another source says of the same.
    yield batch(
        1, nodes=[NodeStatement(replace(office, title="Chief Data Officer")), NodeStatement(replace(law, title="T"))]
    )
    yield batch(2, edges=[EdgeStatement(Dataset.held_by, ROLL, SDE, date(2019, 1, 1), date(2021, 1, 1))])
    yield batch(3, source=OTHER, edges=[EdgeStatement(Dataset.same_as, ROLL, COPY)])
    yield batch(4, retracts=[OLD], retracts_edges=[RetractEdge(Dataset.same_as, ROLL, COPY)])
    yield batch(
        5, nodes=[NodeStatement(replace(office, title="Chief"))], closes=[Close(BOARD, date(2023, 1, 1), "Over")]
    )
    run = LoadRun(urn=key("load-run", "x"), state=LoadState.COMPLETED, started_at=BEGAN)
    yield batch(6, nodes=[NodeStatement(run)], edges=[EdgeStatement(LoadRun.loaded_from, run.urn, SOURCE)])


def batch(second: int, source: str = SOURCE, **parts: Any) -> Batch:
    at = BEGAN + timedelta(seconds=second)
    return Batch(source=source, by="test", at=at, day=date(2022, 1, 1), **parts)  # type: ignore[arg-type]


async def findings(store: Store) -> list[Finding]:
    changes = await read_feed(store)
    counts = await count_kinds(store, TABLES, TODAY)
    found = verify(changes, TABLES, revision=await store.revision(), counts=counts)
    return [*found, *await check_rules(store, TODAY)]


# The corruptions


@dataclass(frozen=True)
class Corruption:
    """What someone does to a graph, in both stores; the code by which it is found, and of which node that is said."""

    code: str
    urn: str
    sql: str | None
    cypher: str | None
    severity: Severity = Severity.ERROR


def set_node(code: str, urn: str, label: str, column: str, value: Any, *, said_of: str | None = None) -> Corruption:
    written = "NULL" if value is None else repr(value)
    return Corruption(
        code,
        urn if said_of is None else said_of,
        f"UPDATE \"{label}\" SET {column} = {written} WHERE urn = '{urn}'",
        f"MATCH (n:{label} {{urn: '{urn}'}}) SET n.{column} = {written}",
    )


def set_edge(code: str, type_: str, tail: str, values: dict[str, Any]) -> Corruption:
    sets = ", ".join(f"{name} = {value!r}" for name, value in values.items())
    cypher = ", ".join(f"r.{name} = {value!r}" for name, value in values.items())
    where = f"tail = (SELECT id FROM node WHERE urn = '{tail}') AND retracted_at = '~'"
    return Corruption(
        code,
        tail,
        f'UPDATE "e_{type_}" SET {sets} WHERE {where}',
        f"MATCH ({{urn: '{tail}'}})-[r:{type_}]->() SET {cypher}",
    )


def one_more_edge(code: str, type_: str, tail: str, head: str, *, like: str, said_of: str) -> Corruption:
    """An edge with the times and the source of one that stands at ``like``, under an id of its own."""
    columns = "valid_from, valid_to, source, recorded_at, recorded_by, retracted_at, revision"
    found = "SELECT id FROM node WHERE urn = "
    sql = (
        f'INSERT INTO "e_{type_}"(id, tail, head, {columns}) '
        f"SELECT {NEW_ID}, ({found}'{tail}'), ({found}'{head}'), {columns} FROM \"e_{type_}\" "
        f"WHERE tail = ({found}'{like}') AND retracted_at = '~'"
    )
    cypher = (
        f"MATCH ({{urn: '{like}'}})-[r:{type_}]->() MATCH (a {{urn: '{tail}'}}) MATCH (b {{urn: '{head}'}}) "
        f"CREATE (a)-[s:{type_}]->(b) SET s = properties(r), s.id = {NEW_ID}"
    )
    return Corruption(code, said_of, sql, cypher)


NEW_ID = 900_001
FLOW_ID = f"SELECT id FROM node WHERE urn = '{FLOW}'"
LATE = "2999-01-01T00:00:00.000000Z"
CORRUPTIONS: dict[str, Corruption] = {
    "duplicate urn": Corruption(
        "URN_DUPLICATE",
        OPM,
        f"UPDATE Board SET urn = '{OPM}'",
        f"MATCH (n:Board {{urn: '{BOARD}'}}) SET n.urn = '{OPM}'",
    ),
    "malformed urn": set_node(
        "URN_MALFORMED", LAW, "Law", "urn", "urn:waypost:law:key:x:", said_of="urn:waypost:law:key:x:"
    ),
    "urn of another kind": set_node(
        "URN_KIND_MISMATCH", LAW, "Law", "urn", "urn:waypost:purpose:key:x", said_of="urn:waypost:purpose:key:x"
    ),
    "dangling edge": Corruption(
        "EDGE_DANGLING",
        NAME,
        f"DELETE FROM \"Column\" WHERE urn = '{NAME}'",
        f"MATCH (n:Column {{urn: '{NAME}'}}) MATCH (a)-[r:HAS_COLUMN]->(n) CREATE (g:Resource) "
        "CREATE (a)-[s:HAS_COLUMN]->(g) SET s = properties(r) DETACH DELETE n",
    ),
    "edge between undeclared kinds": one_more_edge(
        "EDGE_KINDS_UNDECLARED", "HELD_BY", COPY, LAW, like=COPY, said_of=COPY
    ),
    "edge at a retracted node": set_node(
        "EDGE_AT_RETRACTED", OPM, "Agency", "retracted_at", "2022-06-01T00:00:00.000000Z"
    ),
    "property missing": set_node("REQUIRED_MISSING", SDE, "Agency", "name", None),
    "value outside its enum": set_node("ENUM_OUTSIDE", OPM, "Agency", "branch", "ROYAL"),
    "audience outside its enum": set_node("ENUM_OUTSIDE", OPM, "Agency", "audience", "EVERYBODY"),
    "value of another shape": set_node("VALUE_SHAPE", ROLL, "Dataset", "issued", "soon"),
    "span of a node reversed": Corruption(
        "SPAN_REVERSED",
        LAW,
        f"UPDATE Law SET valid_from = '2022-01-02', valid_to = '2022-01-01' WHERE urn = '{LAW}'",
        f"MATCH (n:Law {{urn: '{LAW}'}}) SET n.valid_from = '2022-01-02', n.valid_to = '2022-01-01'",
    ),
    "span of an edge reversed": set_edge(
        "SPAN_REVERSED", "UNDER", PAPER, {"valid_from": "2022-01-02", "valid_to": "2022-01-01"}
    ),
    "span of an edge empty": set_edge(
        "SPAN_REVERSED", "UNDER", PAPER, {"valid_from": "2022-01-02", "valid_to": "2022-01-02"}
    ),
    "node ahead of the graph": replace(set_node("REVISION_AHEAD", SDE, "Agency", "revision", 999), cypher=None),
    # The feed of a Neo4j answers nothing beyond the graph's revision: it is told by what it leaves out.
    "node that the feed leaves out": replace(
        set_node("FEED_DIFFERS", LAW, "Law", "revision", 999, said_of=""), sql=None
    ),
    "node without a revision": Corruption("FEED_DIFFERS", "", None, "MATCH (n:Law) REMOVE n.revision"),
    "edge ahead of the graph": replace(set_edge("REVISION_AHEAD", "UNDER", PAPER, {"revision": 999}), cypher=None),
    "duplicate edge id": Corruption(
        "EDGE_ID_DUPLICATE",
        FLOW,
        f'UPDATE "e_TO" SET id = (SELECT id FROM "e_FROM" WHERE tail = ({FLOW_ID})) WHERE tail = ({FLOW_ID})',
        f"MATCH ()<-[f:FROM]-({{urn: '{FLOW}'}})-[t:TO]->() SET t.id = f.id",
    ),
    "assertions overlap": one_more_edge("ASSERTIONS_OVERLAP", "PART_OF", SDE, OPM, like=SDE, said_of=SDE),
    "two heads at one day": one_more_edge("TOO_MANY_ENDS", "HELD_BY", COPY, SDE, like=COPY, said_of=COPY),
    "two tails at one day": one_more_edge("TOO_MANY_ENDS", "HAS_COLUMN", COPY, NAME, like=ROLL, said_of=NAME),
    "cycle of agencies": one_more_edge("HIERARCHY_CYCLE", "PART_OF", OPM, SDE, like=SDE, said_of=OPM),
    "agency in itself": one_more_edge("HIERARCHY_CYCLE", "PART_OF", OPM, OPM, like=SDE, said_of=OPM),
    "cycle of agreements": one_more_edge("HIERARCHY_CYCLE", "UNDER", FRAME, PAPER, like=PAPER, said_of=FRAME),
    "words altered": set_node("DIGEST_MISMATCH", SDE, "Agency", "name", "Someone else"),
    "edge recorded after it was retracted": Corruption(
        "RECORD_REVERSED",
        ROLL,
        f"UPDATE \"e_HELD_BY\" SET recorded_at = '{LATE}' WHERE retracted_at <> '~'",
        f"MATCH ({{urn: '{ROLL}'}})-[r:WAS {{was: 'HELD_BY'}}]->() SET r.recorded_at = '{LATE}'",
    ),
    "words recorded after they were replaced": Corruption(
        "RECORD_REVERSED",
        OFFICE,
        f"UPDATE snapshot SET recorded_at = '{LATE}'",
        f"MATCH (s:WaypostSnapshot {{urn: '{OFFICE}'}}) SET s.recorded_at = '{LATE}'",
    ),
    "words between are lost": Corruption(
        "SNAPSHOT_MISSING",
        OFFICE,
        "DELETE FROM snapshot WHERE revision = (SELECT max(revision) FROM snapshot)",
        f"MATCH (s:WaypostSnapshot {{urn: '{OFFICE}'}}) WITH s ORDER BY s.revision DESC LIMIT 1 DELETE s",
    ),
    "words of nobody": Corruption(
        "SNAPSHOT_ORPHAN",
        OFFICE,
        f"DELETE FROM Appointment WHERE urn = '{OFFICE}'",
        f"MATCH (n:Appointment {{urn: '{OFFICE}'}}) DETACH DELETE n",
    ),
    "words that overlap": Corruption(
        "SNAPSHOT_OVERLAP",
        OFFICE,
        "UPDATE snapshot SET recorded_at = '2022-01-01T00:00:00.000000Z'",
        f"MATCH (s:WaypostSnapshot {{urn: '{OFFICE}'}}) SET s.recorded_at = '2022-01-01T00:00:00.000000Z'",
    ),
    "flow from nowhere": Corruption(
        "NEEDED_LINK_MISSING", FLOW, 'DELETE FROM "e_FROM"', f"MATCH ({{urn: '{FLOW}'}})-[r:FROM]->() DELETE r"
    ),
    "flow to nowhere": Corruption(
        "NEEDED_LINK_MISSING", FLOW, 'DELETE FROM "e_TO"', f"MATCH ({{urn: '{FLOW}'}})-[r:TO]->() DELETE r"
    ),
    "expired agreement that is active": set_node(
        "AGREEMENT_EXPIRED_YET_ACTIVE", ENDED, "StageEvent", "stage", "ACTIVE", said_of=PAPER
    ),
    "nobody is chief data officer": set_node("R1", OFFICE, "Appointment", "valid_to", "2022-06-01", said_of=""),
    "high value without a criterion": set_node("R9", WORTH, "HighValueDetermination", "criteria", None),
    "high value without a date": set_node("R9", WORTH, "HighValueDetermination", "determined_on", None),
    "high value by somebody else": set_node("R9", HEADSHIP, "Appointment", "valid_from", "2022-01-01", said_of=WORTH),
    "open and protected": Corruption(
        "R12",
        ROLL,
        f"UPDATE ClassificationDetermination SET classes = '[\"OPEN\",\"PERSONAL\"]' WHERE urn = '{CLASS}'",
        f"MATCH (n:ClassificationDetermination {{urn: '{CLASS}'}}) SET n.classes = ['OPEN', 'PERSONAL']",
    ),
    "lineage without an agreement": Corruption(
        "R17",
        SENT,
        'DELETE FROM "e_CLAIMS"',
        f"MATCH ({{urn: '{SENT}'}})-[r:CLAIMS]->() DELETE r",
        Severity.WARNING,
    ),
    "office without a holder": Corruption(
        "R1",
        OFFICE,
        f"DELETE FROM \"e_HELD_BY\" WHERE tail = (SELECT id FROM node WHERE urn = '{OFFICE}')",
        f"MATCH ({{urn: '{OFFICE}'}})-[r:HELD_BY]->() DELETE r",
    ),
    "cycle of purposes": one_more_edge("HIERARCHY_CYCLE", "HAS_BROADER", WIDE, NARROW, like=NARROW, said_of=NARROW),
    # A SQLite refuses it.
    "system property missing": Corruption(
        "SYSTEM_MISSING", SDE, None, f"MATCH (n:Agency {{urn: '{SDE}'}}) REMOVE n.audience"
    ),
    "system property of an edge missing": Corruption(
        "SYSTEM_MISSING", PAPER, None, f"MATCH ({{urn: '{PAPER}'}})-[r:UNDER]->() REMOVE r.source"
    ),
}


ALONE = {name for name, c in CORRUPTIONS.items() if c.code in ("R1", "FEED_DIFFERS")}
"""Corruptions that say something of a graph as a whole."""


def assert_found(name: str, found: list[Finding], namespace: str = "x") -> None:
    wanted = CORRUPTIONS[name]
    said = [f for f in found if f.code == wanted.code]
    # An end without a URN can only be named by the other.
    named = {f.urn for f in said} & {within(namespace, wanted.urn), within(namespace, ROLL)}
    assert named, f"{wanted.code} of {wanted.urn} is not among {found}"
    for finding in said:
        assert finding.severity is wanted.severity
        assert len(finding.message) > 30


def within(namespace: str, text: str) -> str:
    """A statement or a URN of the graph, as of the copy of it that is kept in another namespace."""
    number = str(NEW_ID + int(namespace[1:] or 0))
    return re.sub(r":key:x\b", f":key:{namespace}", text).replace(str(NEW_ID), number)


def copied(changes: list[Change], namespace: str) -> list[Change]:
    """A graph as its feed tells of it, once more in another namespace and with edges of its own."""
    rows = json.loads(within(namespace, json.dumps([c.row for c in changes])))
    shift = 1000 * int(namespace[1:] or 0)
    for change, row in zip(changes, rows, strict=True):
        if change.what == "edge":
            row["id"] += shift
    return [Change(c.revision, c.what, c.type, row) for c, row in zip(changes, rows, strict=True)]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a graph that is whole."""
    path = tmp_path_factory.mktemp("whole") / "graph.db"

    async def make() -> None:
        store = BACKENDS["sqlite"].open(Place(path), TABLES)
        await store.migrate()
        for each in graph():
            assert (await store.write(each)).changed
        await store.close()

    asyncio.run(make())
    return path


def findings_of(path: Path) -> list[Finding]:
    async def ask() -> list[Finding]:
        store = BACKENDS["sqlite"].open(Place(path), TABLES)
        try:
            return await findings(store)
        finally:
            await store.close()

    return asyncio.run(ask())


def test_finds_nothing_in_a_graph_that_is_whole(whole: Path) -> None:
    assert findings_of(whole) == []


@pytest.mark.parametrize("name", [name for name, c in CORRUPTIONS.items() if c.sql])
def test_finds_it_in_a_sqlite(name: str, whole: Path, tmp_path: Path) -> None:
    path = tmp_path / "graph.db"
    shutil.copy(whole, path)
    with closing(sqlite3.connect(path)) as db, db:
        assert db.execute(str(CORRUPTIONS[name].sql)).rowcount > 0
    assert_found(name, findings_of(path))


Seeded = Callable[[dict[str, str | None]], list[Finding]]


@pytest.fixture(scope="module")
def in_neo4j(neo4j_graph: Neo4jGraph, whole: Path) -> Iterator[Seeded]:
    """What is found in a Neo4j that holds a whole graph in each of these namespaces, after a statement was run on each."""
    changes = changes_of(whole)
    with asyncio.Runner() as runner:

        async def opened() -> Store:
            return BACKENDS["neo4j"].open(neo4j_graph.place, TABLES)

        store = runner.run(opened())

        async def make(namespaces: Iterable[str]) -> None:
            await store.migrate()
            await store.replay([change for namespace in namespaces for change in copied(changes, namespace)])

        def ask(statements: dict[str, str | None]) -> list[Finding]:
            neo4j_graph.clear()
            runner.run(make(statements))
            for namespace, statement in statements.items():
                if statement:
                    neo4j_graph.run(within(namespace, statement))
            return runner.run(findings(store))

        yield ask
        runner.run(store.close())


@pytest.mark.neo4j
def test_finds_nothing_in_a_neo4j_that_is_whole(in_neo4j: Seeded) -> None:
    assert in_neo4j({"x": None}) == []


@pytest.mark.neo4j
def test_finds_them_in_a_neo4j(in_neo4j: Seeded) -> None:
    """Each in a copy of its own, all at once: to set up a graph for each takes minutes."""
    together = {f"x{i}": name for i, name in enumerate(CORRUPTIONS) if CORRUPTIONS[name].cypher and name not in ALONE}
    found = in_neo4j({namespace: CORRUPTIONS[name].cypher for namespace, name in together.items()})
    for namespace, name in together.items():
        assert_found(name, [f for f in found if re.search(rf":key:{namespace}(?!\d)", f.urn)], namespace)


@pytest.mark.neo4j
@pytest.mark.long
@pytest.mark.parametrize("name", sorted(name for name in ALONE if CORRUPTIONS[name].cypher))
def test_finds_in_a_neo4j_what_is_said_of_the_whole(name: str, in_neo4j: Seeded) -> None:
    assert_found(name, in_neo4j({"x": CORRUPTIONS[name].cypher}))


# Without a store


def changes_of(path: Path) -> list[Change]:
    async def ask() -> list[Change]:
        store = BACKENDS["sqlite"].open(Place(path), TABLES)
        try:
            return await read_feed(store)
        finally:
            await store.close()

    return asyncio.run(ask())


def test_what_two_sources_say_is_compared_only_within_each(whole: Path) -> None:
    changes = changes_of(whole)
    edge = next(c for c in changes if c.type == "SAME_AS" and c.row["retracted_at"] == "~")

    def twice(source: str) -> list[str]:
        again = Change(edge.revision, "edge", edge.type, {**edge.row, "id": 9001, "source": source})
        return [f.code for f in verify([*changes, again], TABLES, revision=99)]

    assert twice(edge.row["source"]) == ["ASSERTIONS_OVERLAP"]
    assert twice("urn:waypost:source:key:z") == []


def test_sources_that_differ_about_the_one_end_are_a_warning() -> None:
    one = replace(MODEL.relation("Agency", "part_of"), per_source=True)
    edges = [StandingEdge(i, one, SDE, head, "", "~", f"source {i}") for i, head in enumerate((OPM, OLD))]
    assert [(f.code, f.severity, f.urn) for f in compare(edges)] == [("TOO_MANY_ENDS", Severity.WARNING, SDE)]
    assert list(compare([edges[0], replace(edges[0], id=2, source="another")])) == []
    later = replace(edges[1], valid_from="2021-01-01")
    assert list(compare([replace(edges[0], valid_to="2021-01-01"), later])) == []


def test_a_kind_that_is_not_declared_is_found(whole: Path) -> None:
    strange = Change(1, "node", "Strange", {"urn": "urn:waypost:strange:key:x"})
    assert [f.code for f in verify([*changes_of(whole), strange], TABLES, revision=99)] == ["KIND_UNDECLARED"]


def test_agencies_that_were_above_one_another_in_turn_make_no_cycle(whole: Path) -> None:
    changes = changes_of(whole)
    edge = next(c for c in changes if c.type == "PART_OF" and c.row["tail"] == SDE)

    def turned(valid_from: str, valid_to: str) -> list[Change]:
        before = {**edge.row, "valid_to": "2020-01-01"}
        after = {**edge.row, "id": 9001, "tail": OPM, "head": SDE, "valid_from": valid_from, "valid_to": valid_to}
        rest = [c for c in changes if c is not edge]
        return [*rest, Change(1, "edge", "PART_OF", before), Change(1, "edge", "PART_OF", after)]

    assert verify(turned("2020-01-01", "~"), TABLES, revision=99) == []
    (found,) = verify(turned("2019-01-01", "~"), TABLES, revision=99)
    assert found.code == "HIERARCHY_CYCLE"
    assert "from 2019-01-01 on" in found.message
    assert f"{OPM} -> {SDE} -> {OPM}" in found.message


def test_cycles_of_a_graph() -> None:
    pairs = [("a", "b"), ("b", "c"), ("c", "a"), ("c", "d"), ("d", "d"), ("e", "a"), ("f", "g")]
    assert sorted(cycles(pairs)) == [["a", "b", "c"], ["d"]]
    assert on_cycles(pairs) == {("a", "b"), ("b", "c"), ("c", "a"), ("c", "d"), ("d", "d")}
    deep = [(f"{i:05}", f"{i + 1:05}") for i in range(20_000)]
    assert cycles(deep) == []
    assert len(cycles([*deep, ("20000", "00000")])[0]) == 20_001


def test_findings_are_ordered_the_gravest_first() -> None:
    note, warning = (Finding("A", s, "u", "m") for s in (Severity.NOTE, Severity.WARNING))
    errors = [Finding(code, Severity.ERROR, urn, "m") for code, urn in (("A", "u"), ("B", "t"), ("B", "u"))]
    assert in_order([note, errors[2], warning, errors[1], errors[0]]) == [*errors, warning, note]
