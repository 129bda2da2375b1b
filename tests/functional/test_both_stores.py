"""The same program, unchanged, on the embedded store and on a Neo4j: the same answers to the same questions."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from server.queries import demo_queries
from tests.contract.workshop import Neo4jGraph
from tests.support.program import ask, ended, free_port, running

LOAD_SECONDS = 280
"""A Neo4j that has just been started takes half a minute for the demo catalog, and three times as long on a busy machine."""
EVERYTHING = """
{
  datasets(first: 50) {
    totalCount
    pageInfo { hasNextPage endCursor }
    edges { node {
      urn title keywords modified
      agency { name dataOfficer { since person { name } } }
      distributions(first: 5) { edges { node { format downloadUrl } } }
      columns(first: 20) { totalCount edges { node { name dataType } } }
      goals { how reason goal { number title } }
      upstream { edges { node { title } } }
    } }
  }
  agencies(first: 50) { totalCount edges { node { name } } }
  goals { edges { node { number title } } }
  search(text: "school enrol") {
    totalCount
    edges { rank node { urn title } highlights { field parts { text isMatch } } }
    facets {
      agency { values { value label count } }
      classification { missingCount values { value count } }
      highValue { values { value count } }
      format { missingCount values { value count } }
      dimension { missingCount values { value count } }
    }
  }
}
"""


def answers(store: Mapping[str, str]) -> list[Any]:
    """What the demo answers on a store."""
    port = free_port()
    demo = ("demo", "--port", str(port))
    with running(*demo, until="Ctrl-C", environment=store, within_seconds=LOAD_SECONDS) as (process, _):
        found = [ask(port, query) for query in (*(q.text for q in demo_queries()), EVERYTHING)]
        assert ended(process, signal.SIGINT) == (0, "waypost: stopped\n")
    return found


@pytest.mark.e2e
@pytest.mark.long_on_neo4j
def test_the_demo_answers_alike_on_both_stores(neo4j_graph: Neo4jGraph, tmp_path: Path) -> None:
    neo4j_graph.clear()

    embedded = answers({"WAYPOST_STORE": f"sqlite:{tmp_path}/demo.db"})
    assert not [answer for answer in embedded if "errors" in answer]
    assert embedded[-1]["data"]["datasets"]["totalCount"] > 5
    assert embedded[-1]["data"]["search"]["totalCount"] > 1
    assert answers(neo4j_graph.place.environment) == embedded
