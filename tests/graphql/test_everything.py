"""Everything of the schema is asked at least once, of the demo catalog; both stores answer it alike (long: all of it)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from catalog.access import STAFF_READER
from catalog.stores.port import Change, Store
from graphql_schema import Context, Request, answer, build_schema
from tests.contract.workshop import Neo4jGraph
from tests.graphql.audit_documents import every_audit
from tests.graphql.coverage import not_asked
from tests.graphql.demo import filled
from tests.graphql.documents import (
    Asked,
    Counted,
    Rows,
    counted_by_filter,
    every_field,
    every_finder,
    every_list,
    every_search,
    every_walk,
    rows_of_kinds,
    together,
)
from tests.graphql.stated_inputs import is_of_mutations
from tests.support.patience import PATIENCE

_DAY = date(2022, 6, 1)


@dataclass
class Catalog:
    """The demo catalog in a store, and all its rows as SQLite answers them."""

    runner: asyncio.Runner
    store: Store
    rows: Rows

    def ask(self, asked: Asked) -> dict[str, Any]:
        """The data of the answer. Fails on any error, and on more than one round trip for a root field."""
        counted: Any = self.store
        before = counted.round_trips
        context = Context(self.store, STAFF_READER, _DAY, "everything")
        request = Request(asked.text, asked.variables)
        found = self.runner.run(answer(build_schema(), request, context, PATIENCE))
        assert found.errors == [], f"{asked.text} {asked.variables}"
        assert min(asked.least, asked.round_trips) <= counted.round_trips - before <= asked.round_trips, asked.text
        assert found.data is not None
        return found.data


def _total(data: dict[str, Any]) -> int:
    (found,) = data.values()
    return found["totalCount"]


@pytest.fixture(scope="module")
def embedded(demo_catalog: list[Change], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    with asyncio.Runner() as runner:
        store = filled(runner, "sqlite", tmp_path_factory.mktemp("everything") / "graph.db", None, demo_catalog)
        yield Catalog(runner, store, runner.run(rows_of_kinds(store, _DAY)))
        runner.run(store.close())


def _counted(catalog: Catalog) -> list[Counted]:
    return list(counted_by_filter(build_schema().graphql, catalog.rows, _DAY))


def _others(catalog: Catalog) -> list[Asked]:
    schema = build_schema().graphql
    return [
        *every_list(schema, catalog.rows, _DAY),
        *every_search(schema, _DAY),
        *every_walk(schema, catalog.rows, _DAY),
        *every_audit(schema, catalog.rows, _DAY),
        *every_finder(schema, catalog.rows, _DAY),
        *every_field(schema, catalog.rows, _DAY),
    ]


def test_a_filter_counts_what_a_scan_counts(embedded: Catalog) -> None:
    counted = _counted(embedded)
    assert len(counted) > 500
    found = [(asked.variables["filter"], _total(embedded.ask(asked))) for asked in counted]
    assert found == [(asked.variables["filter"], asked.expected) for asked in counted]


def test_everything_is_asked(embedded: Catalog) -> None:
    documents = [*_counted(embedded), *_others(embedded)]
    schema = build_schema().graphql
    # What is stated is no question to the graph; ``tests/graphql/test_mutations.py`` states all of it.
    missing = [place for place in not_asked(schema, documents) if not is_of_mutations(schema, place)]
    # Nor is what a router asks; ``tests/graphql/test_nodes.py`` asks it.
    assert sorted(missing) == ["Query._service", "_Service.sdl"]
    for asked in documents:
        embedded.ask(asked)


def _agree(embedded: Catalog, changes: list[Change], graph: Neo4jGraph, step: int) -> None:
    """Each document of so many is answered by a Neo4j as by SQLite."""
    with asyncio.Runner() as runner:
        store = filled(runner, "neo4j", graph.place.file, graph, changes)
        catalog = Catalog(runner, store, embedded.rows)
        for asked in [*together(_counted(embedded)), *_others(embedded)][::step]:
            assert catalog.ask(asked) == embedded.ask(asked), f"{asked.text} {asked.variables}"
        runner.run(store.close())


# Planning each takes a Neo4j far longer than answering it.
@pytest.mark.timeout(600)
def test_both_stores_answer_a_part_of_it_alike(
    embedded: Catalog, demo_catalog: list[Change], neo4j_graph: Neo4jGraph
) -> None:
    _agree(embedded, demo_catalog, neo4j_graph, 150)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_both_stores_answer_everything_alike(
    embedded: Catalog, demo_catalog: list[Change], neo4j_graph: Neo4jGraph
) -> None:
    _agree(embedded, demo_catalog, neo4j_graph, 1)
