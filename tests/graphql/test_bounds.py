"""The bounds of the raw parts of a request, each at n and n + 1, and of introspection."""

from __future__ import annotations

from typing import Any, cast

import pytest
from graphql import get_introspection_query, parse

from graphql_schema import build_schema
from graphql_schema.core import bounds, limits
from graphql_schema.core.limits import measure, most_entries
from graphql_schema.core.search import MAX_TEXT
from tests.graphql.graph import ENROLLMENT, Asker

_FILTERED = "query ($f: DatasetFilter) { datasets(filter: $f) { totalCount } }"


def limit_of(asker: Asker, query: str, **variables: Any) -> str | None:
    """The limit that a request passes; None where it is answered, or fails for what comes after the limits."""
    codes = [error["extensions"] for error in asker.ask(query, **variables).errors]
    limit = [found["limit"] for found in codes if found["code"] == "LIMIT_EXCEEDED"]
    assert len(limit) <= 1
    assert not (limit and asker.round_trips)
    return limit[0] if limit else None


@pytest.mark.parametrize("end", ["\n", "\r"])
def test_lines(asker: Asker, end: str) -> None:
    lines = end * (bounds.MAX_LINES - 1)
    assert limit_of(asker, lines + "{ goals { totalCount } }") is None
    assert limit_of(asker, lines + end + "{ goals { totalCount } }") == "lines"


@pytest.mark.parametrize(
    ("limit", "most", "document"),
    [
        ("nameLength", bounds.MAX_NAME, "{ NNN: __typename }"),
        ("nameLength", bounds.MAX_NAME, "query NNN { __typename }"),
        ("digits", bounds.MAX_DIGITS, "query ($a: ID = 111) { dataset(urn: $a) { title } }"),
        ("textLength", bounds.MAX_TEXT, '{ dataset(urn: "") { title } }'),
        ("textLength", bounds.MAX_TEXT, '{ dataset(urn: """""") { title } }'),
    ],
)
def test_words(asker: Asker, limit: str, most: int, document: str) -> None:
    def of(length: int) -> str:
        for short, unit in (("NNN", "N"), ("111", "1")):
            if short in document:
                return document.replace(short, unit * length)
        quotes = '"""' if '"""' in document else '"'
        return document.replace(quotes * 2, quotes + "x" * (length - 2 * len(quotes)) + quotes)

    assert limit_of(asker, of(most)) is None
    assert limit_of(asker, of(most + 1)) == limit


def test_values_of_variables(asker: Asker) -> None:
    # The filter, the two tests and their operator besides.
    def of(count: int) -> dict[str, Any]:
        rest = count - 4
        return {"title": {"in": ["x"] * rest}, "urn": {}}

    assert limit_of(asker, _FILTERED, f=of(bounds.MAX_VALUES)) is None
    assert limit_of(asker, _FILTERED, f=of(bounds.MAX_VALUES + 1)) == "values"


def test_the_depth_of_variables(asker: Asker) -> None:
    def nested(levels: int) -> Any:
        found: Any = []
        for _ in range(levels - 1):
            found = [found]
        return found

    # The object of all variables is a level, and nobody has to use them.
    assert limit_of(asker, "{ __typename }", a=nested(bounds.MAX_VALUE_DEPTH - 1)) is None
    assert limit_of(asker, "{ __typename }", a=nested(bounds.MAX_VALUE_DEPTH)) == "valueDepth"


def test_texts_of_variables(asker: Asker) -> None:
    query = "query ($u: ID!) { dataset(urn: $u) { title } }"
    assert limit_of(asker, query, u="x" * bounds.MAX_TEXT) is None
    assert limit_of(asker, query, u="x" * (bounds.MAX_TEXT + 1)) == "textLength"


def test_the_text_of_a_search(asker: Asker) -> None:
    query = "query ($t: String!) { search(text: $t) { totalCount } }"
    assert asker.data(query, t="x" * MAX_TEXT) == {"search": {"totalCount": 0}}
    refused = asker.error(query, t="x" * (MAX_TEXT + 1))
    assert refused["extensions"]["code"] == "INVALID_SELECTION"
    assert "1001 characters: at most 1000" in refused["message"]


def test_the_beginning_of_a_name(asker: Asker) -> None:
    def of(length: int) -> dict[str, Any]:
        return {"title": {"startsWith": "x" * length}}

    assert asker.data(_FILTERED, f=of(160)) == {"datasets": {"totalCount": 0}}
    assert asker.error(_FILTERED, f=of(161))["extensions"]["code"] == "INVALID_SELECTION"


def test_spreads(asker: Asker) -> None:
    def of(count: int) -> str:
        return f'{{ dataset(urn: "{ENROLLMENT}") {{ {"...F " * count} }} }} fragment F on Dataset {{ ... {{ title }} }}'

    within = asker.ask(of(limits.MAX_SPREADS)).errors
    assert {error["extensions"]["limit"] for error in within} == {"repeats"} or not within
    found = asker.ask(of(limits.MAX_SPREADS + 1)).errors
    assert "spreads" in {error["extensions"]["limit"] for error in found}


def test_variables(asker: Asker) -> None:
    def of(count: int) -> str:
        declared = " ".join(f"$a{n}: [ID!]" for n in range(count))
        used = ", ".join(f"{{urn: {{in: $a{n}}}}}" for n in range(count))
        return f"query ({declared}) {{ datasets(filter: {{or: [{used}]}}) {{ totalCount }} }}"

    assert asker.data(of(limits.MAX_VARIABLES)) == {"datasets": {"totalCount": 3}}
    assert limit_of(asker, of(limits.MAX_VARIABLES + 1)) == "variables"


def test_a_whole_number_written_as_a_float_counts_as_what_it_is(asker: Asker) -> None:
    query = "query ($n: Int!) { datasets(first: $n) { edges { node { columns(first: $n) { totalCount } } } } }"
    assert limit_of(asker, query, n=70.0) is None
    assert limit_of(asker, query, n=71.0) == "cost"


def test_what_a_field_of_many_types_may_bring_is_counted() -> None:
    def cost(text: str) -> int:
        return measure(build_schema().graphql, parse(text)).cost

    columns = "columns(first: 9) { edges { node { name } } }"
    assert cost(f"{{ node(urn: 1) {{ ... on Dataset {{ {columns} }} }} }}") == 10
    assert cost(f"{{ nodes(urns: [1]) {{ ... on Dataset {{ {columns} }} }} }}") == 1_000
    assert cost(f"{{ nodes(urns: [1]) {{ ... on Node {{ ... on Dataset {{ {columns} }} urn }} }} }}") == 1_000
    assert cost(f"{{ nodes(urns: [1]) {{ ...F }} }} fragment F on Node {{ ... on Dataset {{ {columns} }} }}") == 1_000
    both = f"... on Dataset {{ {columns} }} ... on Agency {{ parent {{ name }} }}"
    assert cost(f"{{ nodes(urns: [1]) {{ {both} }} }}") == 1_100
    assert cost(f"{{ _entities(representations: [1]) {{ {both} }} }}") == 1_100


def _entries(value: Any) -> int:
    """Items of all lists."""
    if isinstance(value, list):
        items = cast("list[Any]", value)
        return len(items) + sum(map(_entries, items))
    return sum(map(_entries, cast("dict[str, Any]", value).values())) if isinstance(value, dict) else 0


def test_introspection_may_ask_for_everything_once(asker: Asker) -> None:
    counted = _entries(asker.data(get_introspection_query(input_value_deprecation=True)))
    assert counted <= most_entries(build_schema().graphql) <= counted * 1.1
    once = "{ __schema { types { fields { name args { name } } } } }"
    assert limit_of(asker, once) is None
    assert limit_of(asker, once.replace("types", "a: types { name } types")) is None
    assert limit_of(asker, once.replace("types", "a: types { fields { name } } types")) == "entries"
    assert limit_of(asker, '{ __type(name: "Query") { fields { name args { type { name } } } } }') is None
    assert limit_of(asker, "{ __schema { types { fields { type { fields { name } } } } } }") == "entries"
