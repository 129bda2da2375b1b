"""The public's graph with every third node hidden is the one in which those nodes do not exist: no answer tells them apart.

The same random documents are asked of both: data, counts, facets, cursors, paths, completeness and errors are the same to
the letter. A failure names the graph and the document; ``make_twins`` and ``Drafter`` make them again from the graph's number.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from catalog.access import PUBLIC_READER, STAFF_READER, Reader
from catalog.model import MODEL
from catalog.urn import key
from graphql_schema import build_schema
from graphql_schema.core.chosen import MAPPED
from graphql_schema.core.plan import Mapped
from graphql_schema.core.roots import Find
from tests.contract.workshop import Workshop
from tests.graphql.documents import Rows, rows_of_kinds
from tests.graphql.graph import TODAY, Asker, asker_of
from tests.graphql.random_documents import NOT_ASKED, Draft, Drafter
from tests.graphql.twins import make_twins

_A_GRAPH = 60
"""Documents about one graph."""
_MOST_PAGES = 4
_NESTED, _NESTED_ON_NEO4J = 4, 2
"""Steps below the root of one document. Neo4j plans one of twice as many for seconds."""

# Planning a statement that it never saw takes Neo4j a good part of a second, and here every statement is one.
_SLOW = pytest.mark.timeout(600)


@dataclass
class Asked:
    """One question and the answers of the whole graph to it, as texts."""

    root: str
    text: str
    variables: dict[str, Any]
    public: str
    staff: str


@dataclass
class Tally:
    """What was asked, to show that it was worth asking."""

    roots: Counter[str] = field(default_factory=Counter[str])
    pages: int = 0
    told: int = 0
    """Answers to the public in which there is something."""
    differ: int = 0
    """Answers in which staff sees what the public does not."""
    refused: int = 0


def _answered(asker: Asker, reader: Reader, text: str, variables: dict[str, Any]) -> str:
    return json.dumps(asker.ask(text, reader=reader, **variables).body)


def _cursors(value: Any, path: Sequence[str]) -> Iterator[str]:
    """Where the pages at the end of a path end, those that have a next one."""
    if isinstance(value, list):
        for item in cast("list[Any]", value):
            yield from _cursors(item, path)
    elif isinstance(value, dict):
        found = cast("dict[str, Any]", value)
        if path:
            yield from _cursors(found.get(path[0]), path[1:])
        elif found.get("pageInfo", {}).get("hasNextPage"):
            yield found["pageInfo"]["endCursor"]


def _follow(asked: Asked, draft: Draft, drafter: Drafter) -> dict[str, Any] | None:
    """The variables of one of the pages that follow. Some go on from where a page of staff's ended."""
    answers = [json.loads(found).get("data") for found in (asked.public, asked.staff)]
    if drafter.rng.random() < 0.2:
        answers.reverse()
    for data in answers:
        found = [(name, cursor) for path, name in draft.pages for cursor in _cursors(data, path)]
        if found:
            name, cursor = drafter.rng.choice(found)
            return {**asked.variables, name: cursor}
    return None


def _ask_whole(asker: Asker, drafter: Drafter, documents: int) -> Iterator[Asked]:
    for _ in range(documents):
        draft = drafter.draft()
        variables: dict[str, Any] | None = draft.variables
        for _ in range(_MOST_PAGES):
            public, staff = (_answered(asker, r, draft.text, variables) for r in (PUBLIC_READER, STAFF_READER))
            asked = Asked(draft.root, draft.text, variables, public, staff)
            yield asked
            variables = _follow(asked, draft, drafter)
            if variables is None:
                break


def _rows(asker: Asker) -> Rows:
    return asker.runner.run(rows_of_kinds(asker.store, TODAY))


def _compare(workshop: Workshop, seed: int, documents: int, tally: Tally) -> None:
    """Ask so many documents of the whole graph, then of the bare one."""
    twins = make_twins(seed)
    asker = asker_of(workshop, twins.whole)
    nested = _NESTED_ON_NEO4J if workshop.graph else _NESTED
    drafter = Drafter(build_schema().graphql, _rows(asker), (twins.seen, twins.hidden), seed * _A_GRAPH, nested)
    asked = list(_ask_whole(asker, drafter, documents))
    bare = asker_of(workshop, twins.bare)
    before = ""
    for each in asked:
        found = _answered(bare, PUBLIC_READER, each.text, each.variables)
        assert each.public == found, f"graph {seed}: {each.text} {each.variables}"
        tally.roots[each.root] += each.text != before
        tally.pages += each.text == before
        tally.told += any(json.loads(found).get("data", {}) or {})
        tally.differ += each.staff != each.public
        tally.refused += "errors" in json.loads(found)
        before = each.text


def _run(workshop: Workshop, documents: int) -> Tally:
    tally = Tally()
    for seed in range(-(-documents // _A_GRAPH)):
        _compare(workshop, seed, min(_A_GRAPH, documents - seed * _A_GRAPH), tally)
    assert tally.roots.total() == documents
    # Else the test could hardly fail.
    assert 3 * tally.differ >= documents, tally
    assert 8 * tally.pages >= documents, tally
    assert 3 * tally.refused <= documents, tally
    return tally


@pytest.mark.long_on_neo4j
@_SLOW
def test_the_hidden_graph_is_as_if_it_were_not(workshop: Workshop) -> None:
    _run(workshop, 12 if workshop.graph else 120)


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_the_hidden_graph_is_as_if_it_were_not_in_five_hundred_documents(workshop: Workshop) -> None:
    tally = _run(workshop, 500)
    schema = build_schema().graphql
    assert schema.query_type
    assert set(schema.query_type.fields) - NOT_ASKED == set(tally.roots)


_BY_URN = """query ($urn: ID!, $urns: [ID!]!) {
    node(urn: $urn) { urn }
    nodes(urns: $urns) { urn }
    lineage(urn: $urn) { root nodes { id } completeness { isComplete omittedNodes hiddenNodes } }
    agencies: lineage(urn: $urn, level: AGENCY) { root nodes { id } completeness { isComplete omittedNodes } }
    columnLineage(column: $urn) { root nodes { id } completeness { isComplete omittedNodes } }
    impact(urn: $urn) { totalCount agencies { count } completeness { isComplete } }
    lineagePaths(from: $urn, to: $urn) { nodes { id } completeness { isComplete hiddenNodes } }
    datasets(filter: {urn: {eq: $urn}}) { totalCount edges { node { urn } } pageInfo { endCursor } }
    agency(urn: $urn) { urn }
}"""


@pytest.mark.long_on_neo4j
def test_a_hidden_urn_is_answered_as_one_that_is_not_there(workshop: Workshop) -> None:
    twins = make_twins(0)
    asker = asker_of(workshop, twins.whole)
    found = 0
    labels = list(twins.hidden)[:: 5 if workshop.graph else 1]
    for label, urn in ((each, urn) for each in labels for urn in twins.hidden[each][:3]):
        missing = key(MODEL.kinds[label].slug, "test", "none")
        documents = [_BY_URN, *(f"query ($urn: ID!) {{ {name}(urn: $urn) {{ urn }} }}" for name in _finders(label))]
        for text in documents:
            hidden, none, staff = (
                _answered(asker, reader, text, {"urn": each, "urns": [each, each]})
                for reader, each in ((PUBLIC_READER, urn), (PUBLIC_READER, missing), (STAFF_READER, urn))
            )
            assert hidden.replace(urn, missing) == none
            found += staff != hidden
    assert found > len(labels)


def _finders(label: str) -> list[str]:
    """The root fields that find a node of this kind."""
    query = build_schema().graphql.query_type
    assert query
    mapped: dict[str, Mapped] = {name: found.extensions[MAPPED] for name, found in query.fields.items()}
    return [name for name, each in mapped.items() if isinstance(each, Find) and each.kind == label]
