"""How a Neo4j carries out what we compile: by index, in order, without a warning (``reference/neo4j.md`` section 5)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import LiteralString, cast

import pytest
from neo4j import GraphDatabase

from catalog.access import PUBLIC_READER, STAFF_READER, Reader
from catalog.model import MODEL
from catalog.selection import Compare, Cursor, Has, Op, Order, Related, Select, Selection
from catalog.stores.layout import Tables
from catalog.stores.neo4j import search
from catalog.stores.neo4j.changes import compile_edges, compile_places
from catalog.stores.neo4j.compile import compile_select
from catalog.stores.neo4j.expand import compile_expand
from catalog.stores.neo4j.session import planned_once
from catalog.stores.neo4j.write import edges_between
from catalog.stores.port import Aggregate, Expand, SearchQuery
from catalog.stores.query import resolve_aggregate, resolve_expand, resolve_search
from catalog.stores.resolve import resolve
from tests.contract.workshop import Workshop
from tests.support.small_model import VEILED_READER

pytestmark = pytest.mark.neo4j

TABLES = Tables(MODEL)
DAY = date(2022, 3, 20)
KINDS = sorted(MODEL.kinds)
ORDERED = [(label, p.name) for label in KINDS for p in MODEL.kinds[label].properties if p.order]
TELLING = [pair for pair in ORDERED if pair[0] in ("Dataset", "Column", "Agency")] + [
    ("Dataset", "urn"),
    ("LoadRun", "urn"),
]
"""Every shape of an order key: the plan depends on that, not on the label, so that the rest is for the long suite."""
TYPES = ("HELD_BY", "HAS_COLUMN", "WAS")
NESTED = tuple(
    Related(name, name, Select(target, props=props, order=Order(by), first=10))
    for name, target, props, by in (
        ("held_by", "Agency", ("name",), "name"),
        ("columns", "Column", ("name", "data_type"), "position"),
        ("serves", "Goal", ("title",), "number"),
    )
)

BY_KEY = ("Agency", "Dataset", "Flow")
_FORGET_PLANS = "CALL db.clearQueryCaches()"
_LOOK_AT_INDEXES = "CALL db.prepareForReplanning(60)"

Explain = Callable[[str, dict[str, object]], "Explained"]


class Explained:
    """A plan: its operators, and what the server had to say about the statement."""

    def __init__(self, operators: list[str], warnings: list[str]) -> None:
        self.operators = operators
        self.warnings = warnings

    def names(self) -> set[str]:
        return {operator.partition("@")[0] for operator in self.operators}


@pytest.fixture(scope="module")
def explain(workshop_of: Callable[[str], Workshop]) -> Iterator[Explain]:
    """Explains a statement on a graph with the schema of the whole model."""
    workshop = workshop_of("neo4j")
    workshop.fresh(TABLES)
    assert workshop.graph is not None
    # It goes by what an index held when it last looked, in whatever test that was, and of five nodes it would read all.
    for label in BY_KEY:
        workshop.graph.run(f"UNWIND range(1, 1000) AS n CREATE (:{label} {{urn: 'urn:waypost:x:key:' + n}})")
    workshop.graph.run(_LOOK_AT_INDEXES)
    workshop.graph.clear()
    place = workshop.place
    auth = (place.user or "neo4j", place.password) if place.password else None
    with GraphDatabase.driver(place.uri, auth=auth) as driver:  # pyright: ignore[reportUnknownMemberType] - untyped **config

        def explained(text: str, params: dict[str, object]) -> Explained:
            sent, values = planned_once(text, params)
            _, summary, _ = driver.execute_query(cast("LiteralString", "EXPLAIN " + sent), values)
            plan = cast("dict[str, object] | None", summary.plan)
            assert plan
            return Explained(
                list(_operators(plan)),
                [s.status_description for s in summary.gql_status_objects if s.is_notification],
            )

        yield explained
    workshop.close()


def _operators(plan: dict[str, object]) -> Iterator[str]:
    yield str(plan["operatorType"])
    children = plan.get("children", [])
    assert isinstance(children, list)
    for child in cast("list[dict[str, object]]", children):
        yield from _operators(child)


@pytest.mark.long
@pytest.mark.parametrize("descending", [False, True], ids=["up", "down"])
@pytest.mark.parametrize(("label", "by"), [*ORDERED, *((label, "urn") for label in KINDS)])
def test_every_ordered_page_is_read_off_an_index(explain: Explain, label: str, by: str, descending: bool) -> None:
    _assert_read_off_an_index(explain, label, by, descending=descending)


@pytest.mark.parametrize("descending", [False, True], ids=["up", "down"])
@pytest.mark.parametrize(("label", "by"), TELLING)
def test_an_ordered_page_is_read_off_an_index(explain: Explain, label: str, by: str, descending: bool) -> None:
    _assert_read_off_an_index(explain, label, by, descending=descending)


def _assert_read_off_an_index(explain: Explain, label: str, by: str, *, descending: bool) -> None:
    order = Order(by, descending)
    first = Selection(Select(label, order=order, first=50), STAFF_READER, DAY)
    for selection in (first, _continued(first)):
        resolved = resolve(selection, TABLES)
        found = explain(compile_select(resolved.shape), resolved.params)

        assert not _sorted_or_scanned(found), found.operators
        assert any("Index" in name for name in found.names()), found.operators
        assert not found.warnings


@pytest.mark.parametrize("reader", [PUBLIC_READER, STAFF_READER, VEILED_READER], ids=lambda r: r.name)
def test_a_nested_page_keeps_the_index_at_its_root(explain: Explain, reader: Reader) -> None:
    where = Has("held_by", Compare("abbreviation", Op.EQ, "OPM"))
    root = Select("Dataset", props=("title",), order=Order("title"), first=50, where=where, related=NESTED, total=True)
    resolved = resolve(Selection(root, reader, DAY), TABLES)
    text = compile_select(resolved.shape)
    found = explain(text, resolved.params)

    assert any(name.startswith("NodeIndex") for name in found.names()), found.operators
    assert "AllNodesScan" not in found.names()
    assert not found.warnings


@pytest.mark.parametrize("label", BY_KEY)
@pytest.mark.parametrize("op", [Op.EQ, Op.IN])
def test_a_node_is_found_by_its_key(explain: Explain, label: str, op: Op) -> None:
    value = "urn:waypost:x:key:y"
    where = Compare("urn", op, (value,) if op is Op.IN else value)
    resolved = resolve(Selection(Select(label, where=where), PUBLIC_READER, DAY), TABLES)
    found = explain(compile_select(resolved.shape), resolved.params)

    assert any("UniqueIndexSeek" in name or name == "NodeIndexSeek" for name in found.names()), found.operators
    assert "NodeByLabelScan" not in found.names()
    assert not found.warnings


@pytest.mark.parametrize(
    ("kind", "step", "by", "same"),
    [
        ("Dataset", "downstream", None, None),
        ("Dataset", "downstream", None, "same_as"),
        ("Dataset", "upstream", "held_by", None),
        ("Column", "column_flows_out.to_column", None, None),
        ("Job", "writes.read_by", None, None),
    ],
)
def test_a_hop_starts_at_the_key_of_its_frontier(
    explain: Explain, kind: str, step: str, by: str | None, same: str | None
) -> None:
    for reader in (PUBLIC_READER, VEILED_READER):
        begins = same is not None
        query = Expand(kind, step, ("urn:waypost:dataset:key:a",), reader, DAY, by=by, same=same, begins=begins)
        shape, params = resolve_expand(query, TABLES)
        found = explain(compile_expand(shape), params)

        assert not {"NodeByLabelScan", "AllNodesScan"} & found.names(), found.operators
        assert not found.warnings
        # Else every trail from name to name would be listed.
        assert same is None or "VarLengthExpand(Pruning,BFS,All)" in found.names(), found.operators


def test_searches_and_counts_raise_no_warning(explain: Explain) -> None:
    paths = ("themes", "update_frequency", "held_by", "distributions.format", "classifications.classes?")
    query = SearchQuery("Dataset", "snap", PUBLIC_READER, DAY, facets=paths)
    shape, params = resolve_search(query, TABLES)
    found = explain(search.compile_search(shape), {**params, "lucene": "+snap"})
    assert "NodeByLabelScan" not in found.names(), found.operators
    assert not found.warnings

    for by in ("themes", "disaggregations.dimensions"):
        counted, params = resolve_aggregate(Aggregate("Dataset", by, PUBLIC_READER, DAY), TABLES)
        assert not explain(search.compile_aggregate(counted), params).warnings


def test_the_feed_is_read_off_the_revision(explain: Explain) -> None:
    params: dict[str, object] = {"revision": 1, "node": "", "snapshot": "", "edge": -1, "limit": 11, "journal": []}
    for text in (compile_places(TABLES, TYPES), compile_edges(TYPES)):
        found = explain(text, {**params, "take": dict.fromkeys(TYPES, 1)})
        assert_by_index(found)


def assert_by_index(found: Explained) -> None:
    assert not found.names() & {"AllNodesScan", "NodeByLabelScan", "DirectedRelationshipTypeScan"}, found.operators
    assert not found.warnings


def test_no_value_stands_in_a_text() -> None:
    hostile = "x'\"`}) MATCH (n) DETACH DELETE n //"
    where = Compare("abbreviation", Op.EQ, hostile)
    resolved = resolve(Selection(Select("Agency", where=where), PUBLIC_READER, DAY), TABLES)

    assert hostile not in compile_select(resolved.shape)
    assert hostile in resolved.params.values()


def test_a_statement_is_planned_once_whatever_the_lengths_of_its_values(workshop_of: Callable[[str], Workshop]) -> None:
    workshop = workshop_of("neo4j")
    store = workshop.fresh(TABLES)
    assert workshop.graph
    store.select(_named("a", STAFF_READER))  # reads the key of the graph as well, which is a statement of its own
    workshop.graph.run(_FORGET_PLANS)
    for length in (1, 50, 500):
        for reader in (PUBLIC_READER, STAFF_READER):
            assert store.select(_named("a" * length, reader)).rows == []
    (found,) = workshop.graph.run(_FORGET_PLANS)
    workshop.close()

    assert found["value"] == "Query caches successfully cleared of 1 queries."


def _named(abbreviation: str, reader: Reader) -> Selection:
    """A question of one shape for all names of any length, and all readers."""
    where = Compare("abbreviation", Op.IN, (abbreviation,) * len(abbreviation))
    return Selection(Select("Agency", ("name",), where=where), reader, DAY)


def _continued(selection: Selection) -> Selection:
    resolved = resolve(selection, TABLES)
    numeric = resolved.shape.order_shape.value in ("integer", "boolean", "real")
    cursor = Cursor(1 if numeric else "m", "urn:waypost:x:key:y", 0).encode(selection.root.order)
    return replace(selection, root=replace(selection.root, after=cursor))


def _sorted_or_scanned(found: Explained) -> set[str]:
    bad = {"NodeByLabelScan", "AllNodesScan", "Sort", "Top", "PartialSort", "PartialTop"}
    return {name for name in found.names() if name in bad}


def test_edges_between_two_nodes_cost_no_more_than_the_one_that_has_fewer(explain: Explain) -> None:
    ends = "UNWIND $rows AS row MATCH (a:Dataset {urn: row.tail}) MATCH (b:Dataset {urn: row.head})"
    found = explain(f"{ends} {edges_between('FEEDS')} RETURN r", {"rows": []})
    assert "Expand(Into)" in found.names(), found.operators
    assert "Expand(All)" not in found.names(), found.operators
