"""``search`` on the hand-made graph and what is determined there, on both stores: answers by hand, round trips counted.

Enrollment is open and of high value, offered as CSV and JSON, split by race alone and with gender. Outcomes was public
until 2022 and is protected since; its high value ended. What is said of Directory is for staff, as is Register itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from catalog.access import PUBLIC_READER, STAFF_READER, Audience, Reader
from catalog.batch import Batch, EdgeStatement, NodeStatement
from catalog.model import MODEL
from catalog.model.data import Dataset, Disaggregation, Distribution
from catalog.model.declare import Entity, Relation
from catalog.model.determinations import ClassificationDetermination, HighValueDetermination
from catalog.model.enums import Classification, EquityDimension, HighValueCriterion
from catalog.stores.layout import Tables
from catalog.stores.port import SearchPage, SearchQuery, Store
from catalog.urn import Urn, key
from graphql_schema import Context, Request, answer, build_schema
from tests.contract.backends import BACKENDS
from tests.contract.workshop import Workshop
from tests.graphql.graph import (
    DIRECTORY,
    DOL,
    ENROLLMENT,
    OUTCOMES,
    REGISTER,
    SDE,
    SOURCE,
    TODAY,
    VEILED_READER,
    Asker,
    batches,
    open_store,
)
from tests.support.patience import PATIENCE

TURN = date(2022, 1, 1)
_STORES = [pytest.param(b.name, marks=[pytest.mark.neo4j] if b.needs_neo4j else []) for b in BACKENDS.values()]


def _determined() -> Batch:
    """What is decided and said about the datasets of the hand-made graph."""
    batch = Batch(SOURCE, "test", datetime(2022, 1, 4, tzinfo=UTC), date(2022, 1, 4))

    def say(
        entity: Entity, *edges: tuple[Relation, Urn, Urn], audience: Audience = Audience.PUBLIC, **span: Any
    ) -> None:
        batch.nodes.append(NodeStatement(entity, audience, **span))
        batch.edges.extend(EdgeStatement(*edge) for edge in edges)

    def classify(name: str, dataset: Urn, *classes: Classification, **more: Any) -> None:
        made = ClassificationDetermination(urn=key("classification-determination", "test", name), classes=classes)
        say(made, (ClassificationDetermination.classifies, made.urn, dataset), **more)

    def value(name: str, dataset: Urn, *criteria: HighValueCriterion, **more: Any) -> None:
        made = HighValueDetermination(urn=key("high-value-determination", "test", name), criteria=criteria)
        say(made, (HighValueDetermination.finds_high_value, made.urn, dataset), **more)

    def offer(dataset: Urn, form: str, **more: Any) -> None:
        made = Distribution(urn=key("distribution", "test", dataset[-6:], form), format=form)
        say(made, (Dataset.distributions, dataset, made.urn), **more)

    def split(dataset: Urn, *dimensions: EquityDimension) -> None:
        made = Disaggregation(urn=key("disaggregation", "test", *dimensions), dimensions=dimensions)
        say(made, (Dataset.disaggregations, dataset, made.urn))

    staff = Audience.STAFF
    classify("enrollment", ENROLLMENT, Classification.OPEN)
    classify("outcomes-before", OUTCOMES, Classification.PUBLIC, valid_to=TURN)
    classify("outcomes", OUTCOMES, Classification.PROTECTED, Classification.PERSONAL, valid_from=TURN)
    classify("directory", DIRECTORY, Classification.PRIVATE, audience=staff)
    classify("register", REGISTER, Classification.PERSONAL, audience=staff)
    value("enrollment", ENROLLMENT, HighValueCriterion.ACCOUNTABILITY, HighValueCriterion.PUBLIC_KNOWLEDGE)
    value("outcomes", OUTCOMES, HighValueCriterion.ACCOUNTABILITY, valid_to=TURN)
    value("directory", DIRECTORY, HighValueCriterion.CORE_MISSION, audience=staff)
    offer(ENROLLMENT, "CSV")
    offer(ENROLLMENT, "JSON")
    offer(OUTCOMES, "CSV")
    offer(DIRECTORY, "XLSX", audience=staff)
    split(ENROLLMENT, EquityDimension.RACE)
    split(ENROLLMENT, EquityDimension.RACE, EquityDimension.GENDER)
    return batch


@pytest.fixture(scope="module", params=_STORES)
def asker(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asker]:
    """Who asks the graph, on each store."""
    backend = BACKENDS[request.param]
    graph = request.getfixturevalue("neo4j_graph") if backend.needs_neo4j else None
    with asyncio.Runner() as runner:
        workshop = Workshop(backend, runner, tmp_path_factory, graph)
        store = workshop.fresh(Tables(MODEL))
        for batch in (*batches(), _determined()):
            store.write(batch)
        yield Asker(store.store, runner)
        workshop.close()


def search(asker: Asker, arguments: str, chosen: str, **options: Any) -> dict[str, Any]:
    return asker.data(f"{{ search({arguments}) {{ {chosen} }} }}", **options)["search"]


def titles(found: dict[str, Any]) -> list[str]:
    return [edge["node"]["title"] for edge in found["edges"]]


FACETS = (
    "agency",
    "classification",
    "highValue",
    "highValueCriterion",
    "theme",
    "format",
    "updateFrequency",
    "dimension",
)
ALL_FACETS = (
    "facets { " + " ".join(f"{f} {{ valueCount missingCount values {{ value count }} }}" for f in FACETS) + " }"
)


def counts(found: dict[str, Any]) -> dict[str, tuple[dict[str, int], int]]:
    """Of each facet the count of each value, and how many hits have none."""
    assert all(facet["valueCount"] == len(facet["values"]) for facet in found["facets"].values())
    return {
        name: ({v["value"]: v["count"] for v in facet["values"]}, facet["missingCount"])
        for name, facet in found["facets"].items()
    }


def test_everything_about_what_is_found_is_two_round_trips(asker: Asker) -> None:
    found = search(
        asker,
        'text: "SCHOOLS town"',
        """
        __typename totalCount pageInfo { hasNextPage }
        edges {
            __typename rank
            node { urn title agency { name } columns { totalCount } }
            highlights { field isCutBefore isCutAfter parts { text isMatch } }
        }
        facets {
            agency { values { value label count } missingCount }
            classification { values { label count } }
            highValue { values { value label count } missingCount }
        }
        """,
    )
    assert asker.round_trips == 2
    uncut = {"isCutBefore": False, "isCutAfter": False}
    assert found == {
        "__typename": "SearchConnection",
        "totalCount": 1,
        "pageInfo": {"hasNextPage": False},
        "edges": [
            {
                "__typename": "SearchEdge",
                "rank": "TEXT",
                "node": {
                    "urn": OUTCOMES,
                    "title": "Outcomes by town",
                    "agency": {"name": "Department of Labor"},
                    "columns": {"totalCount": 0},
                },
                "highlights": [
                    {
                        "field": "title",
                        "parts": [{"text": "Outcomes by ", "isMatch": False}, {"text": "town", "isMatch": True}],
                        **uncut,
                    },
                    {"field": "keywords", "parts": [{"text": "schools", "isMatch": True}], **uncut},
                    {
                        "field": "keywords",
                        "parts": [{"text": "outcomes by ", "isMatch": False}, {"text": "town", "isMatch": True}],
                        **uncut,
                    },
                ],
            }
        ],
        "facets": {
            "agency": {"values": [{"value": DOL, "label": "Department of Labor", "count": 1}], "missingCount": 0},
            "classification": {"values": [{"label": "Personal", "count": 1}, {"label": "Protected", "count": 1}]},
            "highValue": {"values": [{"value": "false", "label": "No", "count": 1}], "missingCount": 0},
        },
    }


@pytest.mark.parametrize(
    ("arguments", "chosen", "round_trips"),
    [
        ('text: "schools"', "totalCount", 1),
        ('text: "schools"', ALL_FACETS, 1),
        ('text: "schools"', "facets { agency { values { label } } }", 1),
        ('text: "schools"', "edges { rank node { urn __typename } } pageInfo { endCursor }", 1),
        ('text: "schools"', "edges { node { title } }", 2),
        ('text: "schools"', "edges { highlights { field } }", 2),
        ('text: "schools"', "edges { node { agency { name } columns { edges { node { name } } } } }", 2),
        ('text: "schools"', f"totalCount edges {{ rank node {{ title }} highlights {{ field }} }} {ALL_FACETS}", 2),
        ('text: ""', "edges { highlights { field } }", 1),
        ('text: "nowhere"', f"edges {{ node {{ title }} }} {ALL_FACETS}", 1),
        ('text: "schools", first: 0', f"edges {{ node {{ title }} }} {ALL_FACETS}", 1),
    ],
)
def test_never_more_than_two_round_trips(asker: Asker, arguments: str, chosen: str, round_trips: int) -> None:
    search(asker, arguments, chosen)
    assert asker.round_trips == round_trips


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Enrollment", [("Enrollment", "TITLE")]),
        ("enrol", [("Enrollment", "TITLE_BEGINS")]),
        ("outcomes", [("Outcomes by town", "TITLE_BEGINS")]),
        ("town by", [("Outcomes by town", "TITLE_HOLDS")]),
        ("schools", [("District directory", "TEXT"), ("Enrollment", "TEXT"), ("Outcomes by town", "TEXT")]),
        ("", [("District directory", "TEXT"), ("Enrollment", "TEXT"), ("Outcomes by town", "TEXT")]),
        ("register", []),
        ("schools enrollment nowhere", []),
    ],
)
def test_the_best_come_first(asker: Asker, text: str, expected: list[tuple[str, str]]) -> None:
    query = "query ($text: String!) { search(text: $text) { totalCount edges { rank node { title } } } }"
    found = asker.data(query, text=text)["search"]
    assert [(edge["node"]["title"], edge["rank"]) for edge in found["edges"]] == expected
    assert found["totalCount"] == len(expected)


def test_pages_go_on_and_count_the_same(asker: Asker) -> None:
    query = f"""query ($after: String) {{ search(text: "schools", first: 2, after: $after) {{
        totalCount pageInfo {{ hasNextPage endCursor }} edges {{ node {{ title }} }} {ALL_FACETS} }} }}"""
    first = asker.data(query)["search"]
    second = asker.data(query, after=first["pageInfo"]["endCursor"])["search"]
    assert (titles(first), first["pageInfo"]["hasNextPage"]) == (["District directory", "Enrollment"], True)
    assert (titles(second), second["pageInfo"]["hasNextPage"]) == (["Outcomes by town"], False)
    assert (first["totalCount"], second["totalCount"]) == (3, 3)
    assert first["facets"] == second["facets"]


def test_a_page_that_nobody_reads_is_not_fetched(asker: Asker) -> None:
    found = search(asker, 'text: "schools", first: 1', "totalCount facets { agency { valueCount } }")
    assert found == {"totalCount": 3, "facets": {"agency": {"valueCount": 2}}}


# What hits are counted by.

_PUBLIC = {
    "agency": ({SDE: 2, DOL: 1}, 0),
    "classification": ({"OPEN": 1, "PERSONAL": 1, "PROTECTED": 1}, 1),
    "highValue": ({"false": 2, "true": 1}, 0),
    "highValueCriterion": ({"ACCOUNTABILITY": 1, "PUBLIC_KNOWLEDGE": 1}, 2),
    "theme": ({"education": 3}, 0),
    "format": ({"CSV": 2, "JSON": 1}, 1),
    "updateFrequency": ({"ANNUALLY": 3}, 0),
    "dimension": ({"GENDER": 1, "RACE": 1}, 2),
}


@pytest.mark.parametrize("reader", [PUBLIC_READER, VEILED_READER])
def test_the_public_counts_nothing_that_it_may_not_see(asker: Asker, reader: Reader) -> None:
    found = search(asker, 'text: "schools"', f"totalCount {ALL_FACETS}", reader=reader)
    assert found["totalCount"] == 3
    assert counts(found) == _PUBLIC


def test_staff_count_it_all(asker: Asker) -> None:
    found = search(asker, 'text: "schools"', f"totalCount {ALL_FACETS}", reader=STAFF_READER)
    assert found["totalCount"] == 4
    assert counts(found) == {
        "agency": ({SDE: 3, DOL: 1}, 0),
        "classification": ({"PERSONAL": 2, "OPEN": 1, "PRIVATE": 1, "PROTECTED": 1}, 0),
        "highValue": ({"false": 2, "true": 2}, 0),
        "highValueCriterion": ({"ACCOUNTABILITY": 1, "CORE_MISSION": 1, "PUBLIC_KNOWLEDGE": 1}, 2),
        "theme": ({"education": 4}, 0),
        "format": ({"CSV": 2, "JSON": 1, "XLSX": 1}, 1),
        "updateFrequency": ({"ANNUALLY": 4}, 0),
        "dimension": ({"GENDER": 1, "RACE": 1}, 3),
    }


def test_what_held_on_the_day_is_counted(asker: Asker) -> None:
    before = counts(search(asker, 'text: "schools", asOf: "2021-12-31"', ALL_FACETS))
    assert before == {
        **_PUBLIC,
        "classification": ({"OPEN": 1, "PUBLIC": 1}, 1),
        "highValue": ({"true": 2, "false": 1}, 0),
        "highValueCriterion": ({"ACCOUNTABILITY": 2, "PUBLIC_KNOWLEDGE": 1}, 1),
    }
    assert counts(search(asker, 'text: "schools", asOf: "2022-01-01"', ALL_FACETS)) == _PUBLIC


def test_a_filter_narrows_hits_and_counts(asker: Asker) -> None:
    where = 'filter: {agency: {abbreviation: {eq: "DOL"}}}'
    found = search(asker, f'text: "schools", {where}', f"totalCount edges {{ node {{ title }} }} {ALL_FACETS}")
    assert (found["totalCount"], titles(found)) == (1, ["Outcomes by town"])
    assert counts(found)["agency"] == ({DOL: 1}, 0)
    assert counts(found)["format"] == ({"CSV": 1}, 0)
    assert counts(found)["dimension"] == ({}, 1)


_BY_FACET = {
    "agency": '{agency: {urn: {eq: "VALUE"}}}',
    "classification": '{classification: {classes: {contains: "VALUE"}}}',
    "highValueCriterion": '{highValue: {criteria: {contains: "VALUE"}}}',
    "theme": '{themes: {contains: "VALUE"}}',
    "format": '{distribution: {format: {eq: "VALUE"}}}',
    "updateFrequency": "{updateFrequency: {eq: VALUE}}",
    "dimension": '{disaggregation: {dimensions: {contains: "VALUE"}}}',
}


@pytest.mark.parametrize("facet", _BY_FACET)
def test_the_filter_of_a_value_leaves_as_many_as_were_counted(asker: Asker, facet: str) -> None:
    found = search(asker, 'text: "schools"', f"facets {{ {facet} {{ values {{ value count }} }} }}")
    values = found["facets"][facet]["values"]
    assert values
    for value in values:
        where = _BY_FACET[facet].replace("VALUE", value["value"])
        narrowed = search(asker, f'text: "schools", filter: {where}', "totalCount")
        assert narrowed["totalCount"] == value["count"]


def test_high_value_is_a_filter_as_well(asker: Asker) -> None:
    for where, expected in (("{highValue: {}}", 1), ("{not: {highValue: {}}}", 2)):
        assert search(asker, f'text: "schools", filter: {where}', "totalCount")["totalCount"] == expected


def test_a_facet_answers_as_many_values_as_are_asked_for(asker: Asker) -> None:
    found = search(
        asker,
        'text: "schools"',
        """facets {
            none: agency(first: 0) { valueCount values { value } }
            one: agency(first: 1) { valueCount values { value label } }
            ...Rest
        } } }
        fragment Rest on DatasetFacets { agency { __typename values { label } missingCount """,
    )
    assert asker.round_trips == 1
    assert found["facets"] == {
        "none": {"valueCount": 2, "values": []},
        "one": {"valueCount": 2, "values": [{"value": SDE, "label": "Department of Education"}]},
        "agency": {
            "__typename": "Facet",
            "values": [{"label": "Department of Education"}, {"label": "Department of Labor"}],
            "missingCount": 0,
        },
    }


def test_only_what_is_chosen_of_a_facet_is_counted(asker: Asker) -> None:
    found = search(asker, 'text: "schools"', "facets { format { missingCount } dimension { values { label count } } }")
    assert found["facets"] == {
        "format": {"missingCount": 1},
        "dimension": {"values": [{"label": "Gender", "count": 1}, {"label": "Race", "count": 1}]},
    }


# What is refused.


@pytest.mark.parametrize(
    ("arguments", "chosen", "code", "said"),
    [
        (f'text: "{"x " * 17}"', "totalCount", "INVALID_SELECTION", "17 words"),
        ('text: "a", first: 101', "totalCount", "INVALID_SELECTION", "'first' is 101"),
        ('text: "a", first: -1', "totalCount", "INVALID_SELECTION", "'first' is -1"),
        ('text: "a"', "facets { agency(first: 101) { valueCount } }", "INVALID_SELECTION", "'first' is 101"),
        ('text: "a", after: "x"', "edges { rank }", "INVALID_SELECTION", "no cursor of ours"),
        ("first: 1", "totalCount", "BAD_REQUEST", "text"),
        ('text: "a", filter: {contactEmail: {eq: "a"}}', "totalCount", "INVALID_SELECTION", "for staff"),
        ('text: "a", first: 100', "edges { node { columns(first: 50) { totalCount } } }", "LIMIT_EXCEEDED", "5100"),
    ],
)
def test_what_cannot_be_answered_is_refused(asker: Asker, arguments: str, chosen: str, code: str, said: str) -> None:
    error = asker.error(f"{{ search({arguments}) {{ {chosen} }} }}")
    assert error["extensions"]["code"] == code
    assert said in error["message"]
    assert asker.round_trips == 0


def test_a_hit_that_is_taken_away_meanwhile_is_left_out(tmp_path: Path) -> None:
    """Between the two round trips somebody may write: then the rest is answered, and no error."""

    class Meddled:
        """A store in which, after each search, a dataset is retracted."""

        def __init__(self, store: Store) -> None:
            self._store = store

        def __getattr__(self, name: str) -> Any:
            return getattr(self._store, name)

        async def search(self, query: SearchQuery) -> SearchPage:
            found = await self._store.search(query)
            batch = Batch(SOURCE, "test", datetime(2022, 1, 5, tzinfo=UTC), date(2022, 1, 5))
            batch.retracts.append(ENROLLMENT)
            await self._store.write(batch)
            return found

    async def ask() -> Any:
        store = await open_store(tmp_path / "graph.db", batches())
        context = Context(cast("Store", Meddled(store)), PUBLIC_READER, TODAY, "test")
        query = '{ search(text: "schools") { totalCount edges { rank node { title } } } }'
        found = await answer(build_schema(), Request(query), context, PATIENCE)
        await store.close()
        return found.body

    node = [{"rank": "TEXT", "node": {"title": title}} for title in ("District directory", "Outcomes by town")]
    assert asyncio.run(ask()) == {"data": {"search": {"totalCount": 3, "edges": node}}}
