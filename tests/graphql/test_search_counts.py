"""Random searches of random catalogs: hits, totals and facets are those of a scan, on both stores."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from catalog.access import Reader
from catalog.model import MODEL
from catalog.stores.layout import Tables
from tests.contract.backends import BACKENDS
from tests.contract.workshop import Workshop
from tests.graphql.catalogs import FACETS, Catalog, Counted, Question, make_catalog
from tests.graphql.graph import Asker
from tests.support.compare import difference

_PAGE = 7
_RANKS = ["TITLE", "TITLE_BEGINS", "TITLE_HOLDS", "TEXT"]
_CATALOGS = 5
_FACET = "{ valueCount missingCount values { value label count } }"
_QUERY = f"""
    query ($text: String!, $filter: DatasetFilter, $day: Date, $after: String) {{
        search(text: $text, filter: $filter, asOf: $day, first: {_PAGE}, after: $after) {{
            totalCount pageInfo {{ hasNextPage endCursor }}
            edges {{ rank node {{ urn title }} }}
            facets {{ {" ".join(f"{name}(first: 100) {_FACET}" for name in [*FACETS, "highValue"])} }}
        }}
    }}
"""
_STORES = [pytest.param(b.name, marks=[pytest.mark.neo4j] if b.needs_neo4j else []) for b in BACKENDS.values()]


@pytest.fixture(scope="module", params=_STORES)
def asking(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[Catalog], Asker]]:
    """Opens a store of each kind that holds a catalog; the one before is closed."""
    backend = BACKENDS[request.param]
    graph = request.getfixturevalue("neo4j_graph") if backend.needs_neo4j else None
    with asyncio.Runner() as runner:
        workshop = Workshop(backend, runner, tmp_path_factory, graph)

        def opened(catalog: Catalog) -> Asker:
            store = workshop.fresh(Tables(MODEL))
            store.write(catalog.batch)
            return Asker(store.store, runner)

        yield opened
        workshop.close()


def _asked(asker: Asker, question: Question) -> Counted:
    """What the schema answers, all pages put together; each of them counts the same."""
    reader: Reader = question.reader
    variables: dict[str, Any] = {"text": question.text, "filter": question.filter, "day": question.day.isoformat()}
    pages = [asker.data(_QUERY, reader=reader, **variables)["search"]]
    assert asker.round_trips <= 2
    while pages[-1]["pageInfo"]["hasNextPage"]:
        after = pages[-1]["pageInfo"]["endCursor"]
        pages.append(asker.data(_QUERY, reader=reader, **variables, after=after)["search"])
    first = pages[0]
    assert all((page["totalCount"], page["facets"]) == (first["totalCount"], first["facets"]) for page in pages)
    hits = [(edge["node"]["urn"], _RANKS.index(edge["rank"])) for page in pages for edge in page["edges"]]
    assert first["totalCount"] == len(hits)
    return Counted(hits, {name: _facet(found) for name, found in first["facets"].items()})


def _facet(found: dict[str, Any]) -> tuple[list[tuple[str, int]], int]:
    assert found["valueCount"] == len(found["values"])
    return [(value["value"], value["count"]) for value in found["values"]], found["missingCount"]


def _agree(asker: Asker, catalog: Catalog, seed: str, searches: int) -> None:
    """Ask so many questions; most find something, and every facet counts something in some."""
    rng = random.Random(seed)
    found, told = 0, set[str]()
    for number in range(searches):
        question = catalog.question(rng)
        expected = catalog.count(question)
        different = difference(expected, _asked(asker, question))
        assert different is None, f"{seed}, question {number}: {different}\n  in {question}"
        found += bool(expected.hits)
        told |= {
            name for name, (values, missing) in expected.facets.items() if values and (missing or name == "highValue")
        }
    assert 100 * found >= 60 * searches
    assert told == {*FACETS, "highValue"}


@pytest.mark.long_on_neo4j
# Planning a statement that it never saw takes Neo4j a good part of a second, and here many are new.
@pytest.mark.timeout(600)
def test_hits_and_facets_are_those_of_a_scan(asking: Callable[[Catalog], Asker]) -> None:
    catalog = make_catalog(0)
    _agree(asking(catalog), catalog, "some", 25)


@pytest.mark.long
@pytest.mark.parametrize("number", range(1, _CATALOGS + 1))
def test_hits_and_facets_are_those_of_a_scan_five_hundred_times(
    asking: Callable[[Catalog], Asker], number: int
) -> None:
    catalog = make_catalog(number)
    _agree(asking(catalog), catalog, f"many {number}", 500 // _CATALOGS)


def test_the_names_of_agencies_are_told(asking: Callable[[Catalog], Asker]) -> None:
    catalog = make_catalog(0)
    values = asking(catalog).data(_QUERY, text="")["search"]["facets"]["agency"]["values"]
    assert len(values) > 3
    assert {value["value"]: value["label"] for value in values}.items() <= catalog.agencies.items()
