"""Hostile arguments: pages, lists, filters, texts and URNs that ask for more than one request may."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

from catalog.model import MODEL
from graphql_schema.core import limits
from graphql_schema.core.filters import MAX_FILTER_DEPTH
from graphql_schema.core.plan import MAX_FIRST
from graphql_schema.core.roots import NAMES
from tests.graphql.graph import ENROLLMENT, SDE
from tests.graphql.hostile import Attack, Maker, asked, family

__all__ = ["arguments"]

_LIMIT, _BAD, _SELECTION = "LIMIT_EXCEEDED", "BAD_REQUEST", "INVALID_SELECTION"
_FILTERED = "query ($f: DatasetFilter) { datasets(filter: $f) { totalCount } }"
_SEARCHED = "query ($t: String!) { search(text: $t) { totalCount } }"
_NODES = "query ($u: [ID!]!) { nodes(urns: $u) { urn } }"
_ENTITIES = "query ($r: [_Any!]!) { _entities(representations: $r) { __typename } }"
_COLUMNS = "columns(first: 100) { edges { node { name } } }"


def _page(first: int) -> bytes:
    return asked(f"{{ datasets(first: {first}) {{ totalCount }} }}")


def _variable_page(first: Any) -> bytes:
    return asked("query ($n: Int!) { datasets(first: $n) { totalCount } }", n=first)


def _pages_of_pages(levels: int) -> bytes:
    inner = "totalCount"
    for name in ("datasets", "agencies", "datasets", "children", "datasets")[:levels]:
        inner = f"edges {{ node {{ agency {{ {name}(first: 50) {{ {inner} }} }} }} }}" if name == "datasets" else inner
    return asked(f"{{ datasets(first: 100) {{ {inner} }} }}")


def _cost(cost: int) -> bytes:
    pages, rest = divmod(cost, 1_000)
    page = "datasets(first: 100) { edges { node { columns(first: 9) { totalCount } } } }"
    parts = [f"p{n}: {page}" for n in range(pages)]
    return asked("{ " + " ".join([*parts, f"goals(first: {rest}) {{ totalCount }}"]) + " }")


def _cost_by_variable(first: int) -> bytes:
    query = "query ($n: Int!) { datasets(first: $n) { edges { node { columns(first: $n) { totalCount } } } } }"
    return asked(query, n=first)


def _cost_by_whole_float(first: int) -> bytes:
    return _cost_by_variable(first).replace(b'"n": %d' % first, b'"n": %d.0' % first)


def _cost_by_default(first: int) -> bytes:
    query = "query ($n: Int! = %d) { datasets(first: $n) { edges { node { columns(first: $n) { totalCount } } } } }"
    return asked(query % first)


def _of_all_kinds(field: str) -> Maker:
    """Pages below each of the types that a field may answer."""
    types = sorted(NAMES.get(label, label) for label in MODEL.kinds)

    def made(count: int) -> bytes:
        steps = " ".join(f"... on {name} {{ a{n}: __typename }}" for n, name in enumerate(types[:count]))
        return asked(f"query ($u: [ID!]!) {{ {field} {{ {steps} ... on Dataset {{ {_COLUMNS} }} }} }}", u=[ENROLLMENT])

    return made


def _entities_with_pages(count: int) -> bytes:
    query = f"query ($r: [_Any!]!) {{ _entities(representations: $r) {{ ... on Dataset {{ {_COLUMNS} }} }} }}"
    return asked(query, r=[{"__typename": "Dataset", "urn": ENROLLMENT}] * count)


def _nodes_again(count: int) -> bytes:
    return asked("{ " + " ".join(f'n{n}: nodes(urns: ["{SDE}"]) {{ urn }}' for n in range(count)) + " }")


def _urns(count: int) -> bytes:
    return asked(_NODES, u=[f"urn:waypost:dataset:key:test:{n}" for n in range(count)])


def _written_urns(count: int) -> bytes:
    return asked('{ nodes(urns: ["' + '" "'.join(["x"] * count) + '"]) { urn } }')


def _representations(count: int) -> bytes:
    return asked(_ENTITIES, r=[{"__typename": "Dataset", "urn": ENROLLMENT}] * count)


def _representation(value: Any) -> bytes:
    return asked(_ENTITIES, r=[value])


def _nested(levels: int) -> Any:
    found: Any = 1
    for _ in range(levels):
        found = [found]
    return found


def _deep_representation(levels: int) -> bytes:
    return _representation({"__typename": "Dataset", "urn": _nested(levels)})


def _written_representation(levels: int) -> bytes:
    deep = "[" * levels + "]" * levels
    return asked(f'{{ _entities(representations: [{{__typename: "Dataset", urn: {deep}}}]) {{ __typename }} }}')


def _filter_of(name: str) -> Maker:
    """A filter that holds itself so deep, in variables."""

    def made(levels: int) -> bytes:
        inner: Any = {"title": {"eq": "x"}}
        for _ in range(levels):
            inner = {name: inner if name == "not" else [inner]}
        return asked(_FILTERED, f=inner)

    return made


def _written_filter(levels: int) -> bytes:
    return asked("{ datasets(filter: " + "{not: " * levels + "{}" + "}" * levels + ") { totalCount } }")


def _related_filter(levels: int) -> bytes:
    inner: Any = {"name": {"eq": "x"}}
    for _ in range(levels):
        inner = {"or": [{"not": inner}]}
    return asked(_FILTERED, f={"agency": inner})


def _tests(count: int) -> bytes:
    return asked(_FILTERED, f={"or": [{"title": {"eq": str(n)}} for n in range(count)]})


def _written_tests(count: int) -> bytes:
    return asked("{ datasets(filter: {or: [" + "{title: {eq: 1}} " * count + "]}) { totalCount } }")


def _empty_tests(count: int) -> bytes:
    return asked(_FILTERED, f={"and": [{"and": []}] * count})


def _in(count: int) -> bytes:
    return asked(_FILTERED, f={"title": {"in": ["x"] * count}})


def _in_urns(count: int) -> bytes:
    return asked(_FILTERED, f={"urn": {"in": [ENROLLMENT] * count}})


def _unknown_tests(count: int) -> bytes:
    return asked(_FILTERED, f={f"descriptio{n}": {"eq": "x"} for n in range(count)})


def _wrong_tests(count: int) -> bytes:
    return asked(_FILTERED, f={"or": [{"title": {"eq": n}} for n in range(count)]})


def _words(count: int) -> bytes:
    return asked(_SEARCHED, t=" ".join(f"w{n}" for n in range(count)))


def _ligatures(count: int) -> bytes:
    """A sign that becomes eighteen letters where texts are folded."""
    return asked(_SEARCHED, t="\ufdfa" * count)


def _prefix(length: int) -> bytes:
    return asked(_FILTERED, f={"title": {"startsWith": "\ufdfa" * length}})


def _urn(length: int) -> bytes:
    return asked("query ($u: ID!) { dataset(urn: $u) { title } }", u="urn:waypost:dataset:key:" + "a" * length)


def _escaped_urn(length: int) -> bytes:
    return asked("query ($u: ID!) { node(urn: $u) { urn } }", u="urn:waypost:dataset:key:" + "%" * length)


def _literal_urn(length: int) -> bytes:
    return asked('{ dataset(urn: "' + "\\u{1F600}" * length + '") { title } }')


def _block_urn(length: int) -> bytes:
    return asked('{ dataset(urn: """' + ' \\""" ' * length + '""") { title } }')


def _cursor(length: int) -> bytes:
    after = base64.urlsafe_b64encode(b"[" * length).decode()
    return asked("query ($a: String) { datasets(after: $a) { edges { node { title } } } }", a=after)


def _depth(depth: int) -> bytes:
    return asked(f'{{ lineage(urn: "{ENROLLMENT}", depth: {depth}) {{ root }} }}')


def _walk(first: int) -> bytes:
    query = f'{{ lineage(urn: "{ENROLLMENT}", first: {first}) {{ nodes {{ dataset {{ {_COLUMNS} }} }} }} }}'
    return asked(query)


def _walks(count: int) -> bytes:
    walk = f'lineage(urn: "{ENROLLMENT}", depth: 20, first: 1000) {{ root }}'
    return asked("{ " + " ".join(f"w{n}: {walk}" for n in range(count)) + " }")


def _facets(count: int) -> bytes:
    facets = "facets { theme(first: 100) { values { value } } agency(first: 100) { values { value } } }"
    return asked("{ " + " ".join(f's{n}: search(text: "a", first: 100) {{ {facets} }}' for n in range(count)) + " }")


def _digits(place: str) -> Maker:
    return lambda count: asked(place.replace("9", "9" * count))


def arguments() -> Iterator[Attack]:
    """All of them."""
    yield from family("a page", _SELECTION, _page, (MAX_FIRST + 1, 2**31 - 1))
    yield from family("a page by variable", _SELECTION, _variable_page, (MAX_FIRST + 1, -1, 2**31 - 1))
    yield from family("a page of no Int", _BAD, _variable_page, (2**31, 2**63 - 1))
    yield from family("pages of pages", _LIMIT, _pages_of_pages, (1, 3, 5))
    yield from family("cost", _LIMIT, _cost, (limits.MAX_COST + 1, 10_000, 30_000))
    yield from family("cost by variable", _LIMIT, _cost_by_variable, (71, MAX_FIRST, 10**9))
    yield from family("cost by a whole float", _LIMIT, _cost_by_whole_float, (71, MAX_FIRST))
    yield from family("cost by default", _LIMIT, _cost_by_default, (71, MAX_FIRST, 10**9))
    yield from family("nodes of all kinds", _LIMIT, _of_all_kinds("nodes(urns: $u)"), (1, 10, 41))
    yield from family("entities with pages", _LIMIT, _entities_with_pages, (1, MAX_FIRST))
    yield from family("nodes again", _LIMIT, _nodes_again, (51, 200))
    yield from family("URNs at once", f"{_SELECTION} {_LIMIT}", _urns, (MAX_FIRST + 1, 1_000, 20_000))
    yield from family("URNs at once, written", _SELECTION, _written_urns, (MAX_FIRST + 1, 1_900))
    yield from family("representations", f"{_SELECTION} {_LIMIT}", _representations, (MAX_FIRST + 1, 1_000, 10_000))
    yield from family("representations of nothing", f"{_SELECTION} {_BAD}", _representation, (1,))
    yield from family("a deep representation", f"{_SELECTION} {_LIMIT}", _deep_representation, (1, 30, 300, 900))
    yield from family(
        "a deep representation, written", f"{_SELECTION} {_LIMIT} {_BAD}", _written_representation, (1, 100, 300, 900)
    )
    for name in ("and", "or", "not"):
        codes = f"{_SELECTION} {_LIMIT}"
        yield from family(f"filters in '{name}'", codes, _filter_of(name), (MAX_FILTER_DEPTH + 1, 100, 300))
    yield from family(
        "filters, written", f"{_SELECTION} {_LIMIT} {_BAD}", _written_filter, (MAX_FILTER_DEPTH + 1, 100, 190, 600)
    )
    yield from family("filters of related nodes", f"{_SELECTION} {_LIMIT}", _related_filter, (6, 50, 200))
    yield from family("tests", f"{_SELECTION} {_LIMIT}", _tests, (201, 2_000, 20_000))
    yield from family("tests, written", f"{_BAD} {_LIMIT}", _written_tests, (201, 280))
    yield from family("tests of nothing", f"{_SELECTION} {_LIMIT}", _empty_tests, (201, 2_000, 40_000))
    yield from family("values of 'in'", f"{_SELECTION} {_LIMIT}", _in, (1_001, 10_000, 150_000))
    yield from family("URNs of 'in'", f"{_SELECTION} {_LIMIT}", _in_urns, (1_001, 10_000))
    yield from family("unknown fields of a filter", _BAD, _unknown_tests, (1, 50, 1_000))
    yield from family("wrong types in a filter", _BAD, _wrong_tests, (1, 50, 900))
    yield from family("words of a search", f"{_SELECTION} {_LIMIT}", _words, (17, 1_000, 100_000))
    yield from family("signs that grow in a search", f"{_SELECTION} {_LIMIT}", _ligatures, (1_001, 10_001, 160_000))
    yield from family("signs that grow in a filter", f"{_SELECTION} {_LIMIT}", _prefix, (161, 10_001, 160_000))
    yield from family("a long URN", "INVALID_URN LIMIT_EXCEEDED", _urn, (2_048, 90_000, 900_000))
    yield from family("a URN of escapes", "INVALID_URN LIMIT_EXCEEDED", _escaped_urn, (1, 2_000, 900_000))
    yield from family("a URN written in escapes", f"INVALID_URN {_LIMIT}", _literal_urn, (1, 9_000))
    yield from family("a URN in a block", f"INVALID_URN {_LIMIT}", _block_urn, (1, 10_000))
    yield from family("a cursor of ours it is not", f"{_SELECTION} {_LIMIT}", _cursor, (1, 500, 100_000, 600_000))
    yield from family("hops of lineage", _SELECTION, _depth, (0, 21, 2**31 - 1))
    yield from family("columns of lineage", _LIMIT, _walk, (50, 1_000))
    yield from family("walks of lineage", _LIMIT, _walks, (6, 50))
    yield from family("facets of searches", _LIMIT, _facets, (17, 50))
    yield from family(
        "digits of a page", f"{_BAD} {_LIMIT}", _digits("{ datasets(first: 9) { totalCount } }"), (11, 4_301, 90_000)
    )
    default = "query ($n: Int! = 20, $u: ID! = 9) { dataset(urn: $u) { title columns(first: $n) { totalCount } } }"
    yield from family("digits of a default", f"INVALID_URN {_LIMIT}", _digits(default), (11, 4_301, 90_000))
    number = "{ metrics(filter: {baseline: {lt: 9.9e9}}) { totalCount } }"
    yield from family("digits of an exponent", f"{_BAD} {_LIMIT}", _digits(number), (3, 30_000))
