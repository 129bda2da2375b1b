"""The suite deletes only what it made: a Neo4j that holds anything of a person is refused, and left as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from catalog.model import MODEL
from catalog.stores.layout import Tables
from tests.contract.workshop import Neo4jGraph, Workshop
from tests.support.small_model import SMALL


@pytest.fixture
def graph(neo4j_graph: Neo4jGraph) -> Iterator[Neo4jGraph]:
    """The graph of the run, empty, and in its run again afterwards."""
    neo4j_graph.clear()
    yield neo4j_graph
    neo4j_graph.run("MATCH (n) DETACH DELETE n")
    neo4j_graph.claim()


def _titles(graph: Neo4jGraph) -> list[str]:
    return [row["title"] for row in graph.run("MATCH (m:Movie) RETURN m.title AS title")]


def test_what_a_person_loaded_after_a_run_is_refused_and_kept(graph: Neo4jGraph) -> None:
    graph.release()
    graph.run("CREATE (:Movie {title: 'Alien'})")
    with pytest.raises(
        pytest.fail.Exception, match=r"holds 1 nodes beside a .* run that ended well: .* empty this one"
    ):
        graph.claim()
    assert _titles(graph) == ["Alien"]


def test_a_database_without_a_marker_is_refused_and_kept(graph: Neo4jGraph) -> None:
    graph.run("MATCH (n) DETACH DELETE n")
    graph.run("CREATE (:Movie {title: 'Alien'})")
    with pytest.raises(pytest.fail.Exception, match=r"holds 1 nodes and no WaypostTestMarker: .* Point WAYPOST_TEST"):
        graph.claim()
    assert _titles(graph) == ["Alien"]


def test_what_a_killed_run_left_is_taken_over(graph: Neo4jGraph) -> None:
    graph.run("CREATE (:Movie {title: 'Alien'})")
    graph.claim()
    graph.release()
    assert _titles(graph) == []


def test_a_run_that_ended_well_is_followed_by_another(graph: Neo4jGraph) -> None:
    graph.release()
    graph.claim()
    assert graph.run("MATCH (n) RETURN labels(n) AS labels, n.dirty AS dirty") == [
        {"labels": ["WaypostTestMarker"], "dirty": True}
    ]


def test_what_is_put_back_is_what_migrating_leaves(graph: Neo4jGraph, workshop_of: Callable[[str], Workshop]) -> None:
    """And with other tables, or after a clearing that is for none, it is migrated anew."""
    state = "MATCH (n) WHERE NOT n:WaypostTestMarker RETURN labels(n) AS labels, properties(n) AS held ORDER BY labels"
    workshop, other = workshop_of("neo4j"), Tables(MODEL)
    workshop.fresh()
    left = graph.run(state)
    store = workshop.fresh()
    assert graph.run(state) == left
    store.check()
    assert store.migrate() == []
    assert not graph.clear_for(other)
    workshop.fresh()
    graph.clear()
    assert not graph.clear_for(SMALL)
