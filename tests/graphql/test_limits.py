"""Every limit at n and n + 1, hostile documents, and the work that they are."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from graphql import OperationDefinitionNode, get_introspection_query, parse

from graphql_schema import build_schema
from graphql_schema.core import bounds, checks, limits
from graphql_schema.core.limits import measure
from tests.graphql.graph import ENROLLMENT, Asker
from tests.graphql.hostile import BLOWN_UP_CALLS
from tests.support.effort import calls

DATASET = f'dataset(urn: "{ENROLLMENT}")'


def refusals(asker: Asker, query: str, **variables: Any) -> set[str]:
    """The limits that a document passes; what it is refused for otherwise is an error of the test."""
    found = asker.ask(query, **variables)
    codes = {error["extensions"]["code"] for error in found.errors}
    assert codes <= {"LIMIT_EXCEEDED"}, found.errors
    assert found.refused is bool(found.errors)
    assert not (found.refused and asker.round_trips)
    return {error["extensions"]["limit"] for error in found.errors}


def _deep(levels: int) -> str:
    inner = "name"
    for _ in range(levels - 3):
        inner = f"parent {{ {inner} }}"
    return f"{{ {DATASET} {{ agency {{ {inner} }} }} }}"


def _aliases(count: int) -> str:
    return f"{{ {DATASET} {{ " + " ".join(f"a{n}: title" for n in range(count)) + " } }"


def _directives(count: int) -> str:
    return f"{{ {DATASET} {{ title " + " ".join("... @skip(if: false) { urn }" for _ in range(count)) + " } }"


def _fragments(count: int) -> str:
    spread = " ".join(f"...F{n}" for n in range(count))
    return f"{{ {DATASET} {{ {spread} }} }} " + " ".join(f"fragment F{n} on Dataset {{ title }}" for n in range(count))


def _repeats(count: int) -> str:
    return f"{{ {DATASET} {{ {'title ' * count} ... {{ title }} }} }}"


def _fields(count: int) -> str:
    # Fields count where a fragment is spread, as often as it is.
    ten = "fragment Ten on Dataset { urn title issued modified license rights spatial category identifier keywords }"
    spreads, rest = divmod(count - 1, 10)
    return f"{{ {DATASET} {{ {'...Ten ' * spreads} {'urn ' * rest} }} }} {ten}"


def _cost(cost: int) -> str:
    # A dataset each, and as many columns: 100 x (1 + n), and what is missing in plain root fields.
    pages, rest = divmod(cost, 1000)
    parts = [
        f"p{n}: datasets(first: 100) {{ edges {{ node {{ columns(first: 9) {{ totalCount }} }} }} }}"
        for n in range(pages)
    ]
    return "{ " + " ".join([*parts, f"goals(first: {rest}) {{ totalCount }}" if rest else ""]) + " }"


@pytest.mark.parametrize(
    ("name", "make", "most"),
    [
        ("depth", _deep, limits.MAX_DEPTH),
        ("aliases", _aliases, limits.MAX_ALIASES),
        ("repeats", _repeats, limits.MAX_REPEATS),
        ("directives", _directives, limits.MAX_DIRECTIVES),
        ("fragments", _fragments, limits.MAX_FRAGMENTS),
        ("fields", _fields, limits.MAX_FIELDS),
        ("cost", _cost, limits.MAX_COST),
    ],
)
def test_a_limit_is_kept_exactly(asker: Asker, name: str, make: Any, most: int) -> None:
    if name != "depth":
        assert refusals(asker, make(most)) == set()
    else:
        # So deep that the store's own limit answers, which comes after ours.
        assert asker.error(make(most))["extensions"]["code"] == "INVALID_SELECTION"
    assert refusals(asker, make(most + 1)) == {name}


def test_the_limit_of_tokens(asker: Asker) -> None:
    def document(tokens: int) -> str:
        return "{ __typename " + "@a " * ((tokens - 3) // 2) + "}"

    refused = asker.error(document(checks.MAX_TOKENS + 3))
    assert refused["extensions"] == {"code": "LIMIT_EXCEEDED", "limit": "tokens", "most": checks.MAX_TOKENS}
    assert asker.error(document(checks.MAX_TOKENS - 1))["extensions"]["limit"] == "directives"


def test_the_limit_of_characters(asker: Asker) -> None:
    space = " " * (bounds.MAX_CHARACTERS - len("{__typename}"))
    assert asker.ask("{__typename" + space + "}").errors == []
    assert asker.error("{__typename " + space + "}")["extensions"]["code"] == "LIMIT_EXCEEDED"


@pytest.mark.parametrize(("first", "refused"), [(71, set[str]()), (72, {"cost"}), (10**9, {"cost"})])
def test_a_page_of_variable_size_is_costed_by_its_value(asker: Asker, first: int, refused: set[str]) -> None:
    query = "query ($n: Int!) { datasets(first: 70) { edges { node { columns(first: $n) { totalCount } } } } }"
    if first == 71:
        first = 70
    assert refusals(asker, query, n=first) == refused


def test_a_page_of_variable_size_falls_back_to_the_defaults(asker: Asker) -> None:
    query = """query ($n: Int! = 100, $m: Int) { datasets(first: $n) { edges { node {
        columns(first: $n) { totalCount } upstream(first: 20) { totalCount } } } } goals(first: 20) { totalCount } }"""
    assert refusals(asker, query.replace(", $m: Int", "")) == {"cost"}
    assert refusals(asker, query.replace(", $m: Int", ""), n=20) == set()


def test_the_cost_of_every_shape() -> None:
    def cost(text: str) -> int:
        return measure(build_schema().graphql, parse(text)).cost

    assert cost(f"{{ {DATASET} {{ title }} }}") == 1
    assert cost(f"{{ {DATASET} {{ agency {{ dataOfficer {{ person {{ name }} }} }} }} }}") == 4
    assert cost("{ datasets { edges { node { title } } } }") == 20
    assert (
        cost("{ datasets(first: 50) { edges { node { agency { name } columns(first: 20) { totalCount } } } } }") == 1100
    )
    assert cost(f"{{ {DATASET} {{ goals {{ goal {{ title }} }} }} }}") == 31
    assert cost(get_introspection_query()) == 0


def test_facets_cost_once_and_not_for_each_hit() -> None:
    def cost(text: str) -> int:
        return measure(build_schema().graphql, parse(text)).cost

    assert cost('{ search(text: "a") { totalCount } }') == 20
    assert cost('{ search(text: "a") { edges { node { columns(first: 9) { totalCount } } } } }') == 200
    assert cost('{ search(text: "a", first: 3) { edges { rank highlights { field } } } }') == 15
    agency = "agency(first: 7) { values { value count } }"
    assert cost(f'{{ search(text: "a", first: 3) {{ facets {{ {agency} theme {{ valueCount }} }} }} }}') == 3 + 7 + 20
    assert cost(f'{{ search(text: "a", first: 0) {{ facets {{ {agency} }} }} }}') == 7
    spread = f"fragment F on SearchConnection {{ facets {{ {agency} }} edges {{ node {{ agency {{ name }} }} }} }}"
    assert (
        cost(f'{{ search(text: "a", first: 3) {{ ...F }} b: search(text: "b", first: 4) {{ ...F }} }} {spread}') == 28
    )


def test_a_document_that_tools_send_is_within_the_limits(asker: Asker) -> None:
    assert asker.ask(get_introspection_query(input_value_deprecation=True, specified_by_url=True)).errors == []


def chain(fragments: int) -> str:
    """Fragments that each spread the next twice: 2 ** n fields in n lines."""
    links = [
        f"fragment F{n} on Agency {{ a: parent {{ ...F{n + 1} }} b: parent {{ ...F{n + 1} }} }}"
        for n in range(fragments)
    ]
    return f"{{ {DATASET} {{ agency {{ ...F0 }} }} }} " + " ".join(
        [*links, f"fragment F{fragments} on Agency {{ name }}"]
    )


def flat_chain(fragments: int) -> str:
    """The same without depth."""
    links = [f"fragment F{n} on Dataset {{ ...F{n + 1} ...F{n + 1} }}" for n in range(fragments)]
    return f"{{ {DATASET} {{ ...F0 }} }} " + " ".join([*links, f"fragment F{fragments} on Dataset {{ title }}"])


@pytest.mark.parametrize("length", [20, 29, 60, 100])
def test_chained_fragments_are_refused_at_once(asker: Asker, length: int) -> None:
    for document in (chain(length), flat_chain(length)):
        effort, found = calls(partial(asker.ask, document))
        assert effort < 1_000 * length + 10_000
        assert {error["extensions"]["code"] for error in found.errors} == {"LIMIT_EXCEEDED"}, found.errors
        assert found.refused


def test_the_analyser_is_linear() -> None:
    def effort(length: int) -> int:
        document = parse(flat_chain(length))
        return calls(partial(measure, build_schema().graphql, document))[0]

    # More fragments than a request may have would be refused unseen.
    assert effort(28) < 2.5 * effort(14)


@pytest.mark.parametrize(
    "document",
    [
        "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
        "{ ...A } fragment A on Query { ...A }",
        "{ ...Missing }",
        "{ nothing { of { this } } }",
        "{ ... on Nothing { a } }",
        "query { datasets(first: $undefined) { totalCount } }",
        "{ datasets(first: 99999999999999999999999999) { totalCount } }",
        '{ datasets(first: "x") { totalCount } }',
        "fragment A on Query { __typename }",
        "type A { b: Int }",
        "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }",
        "{ " + "datasets { edges { node { agency { datasets { edges { node { agency { name } } } } } } } } " * 40 + "}",
        "{" * 190 + "a" + "}" * 190,
        "{" * 3000,
        "{ a(b: " + "[" * 500 + "]" * 500 + ") }",
        "{ " + " ".join(f"a{n}: __typename" for n in range(600)) + " }",
        "{ " + "__typename " * 1900 + "}",
        "{ __typename " + "@skip(if: true) " * 300 + "}",
        "query A { __typename } query B { __typename } " * 100,
        "{ ... { " * 60 + "__typename" + " } }" * 60,
        "\\ud800",
        "\ufeff{",
        "",
    ],
)
def test_a_hostile_document_is_refused_quickly_and_named(asker: Asker, document: str) -> None:
    effort, found = calls(partial(asker.ask, document))
    assert effort < BLOWN_UP_CALLS
    assert found.errors
    assert {error["extensions"]["code"] for error in found.errors} <= {"BAD_REQUEST", "LIMIT_EXCEEDED"}, found.errors
    assert asker.round_trips == 0
    assert asker.ask("{ goals { totalCount } }").errors == []


def test_an_operation_is_measured_by_itself() -> None:
    document = parse(
        "query A($n: Int!) { goals(first: $n) { totalCount } } query B { goals(first: 90) { totalCount } }"
    )
    first = document.definitions[0]
    assert isinstance(first, OperationDefinitionNode)
    assert measure(build_schema().graphql, document, first, {"n": 3}).cost == 3
    assert measure(build_schema().graphql, document).cost == 91
    assert measure(build_schema().graphql, document).varies
