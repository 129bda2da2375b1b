"""Documents that between them ask for everything that the schema has, made from the schema and from what a catalog holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any, cast

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
)

from catalog.model import MODEL
from catalog.selection import MAX_PAGE, Row, Select
from catalog.stores.paging import every_row
from catalog.stores.port import Store
from catalog.text import sort_key
from graphql_schema.core.audits import Audited
from graphql_schema.core.chosen import MAPPED
from graphql_schema.core.filters import Comparison, RelatedTo
from graphql_schema.core.plan import Mapped
from graphql_schema.core.roots import NAMES, Find, ListAll
from lineage.levels import LEVELS, LineageLevel

__all__ = [
    "Asked",
    "Counted",
    "below",
    "counted_by_filter",
    "every_field",
    "every_finder",
    "every_list",
    "every_search",
    "every_walk",
    "named",
    "rows_of_kinds",
    "together",
]


@dataclass
class Asked:
    """A document and its variables."""

    text: str
    variables: dict[str, Any] = field(default_factory=dict[str, Any])
    round_trips: int = 1
    """Those that it may take."""
    least: int = 1
    """Those that it takes: none where nothing is read but the facts of an audit, and it speaks of no node."""


@dataclass
class Counted(Asked):
    """A document that counts a list by a filter, and how many a scan in Python finds."""

    expected: int = 0


def named(of: Any) -> GraphQLNamedType:
    """The type of a field or an argument without its lists and non-nulls."""
    return cast("GraphQLNamedType", get_named_type(of.type))


def _input(of: Any) -> GraphQLInputObjectType:
    found = named(of)
    assert isinstance(found, GraphQLInputObjectType)
    return found


Rows = dict[str, list[Row]]
"""Label to all its nodes, with their properties."""


async def rows_of_kinds(store: Store, day: date) -> Rows:
    """Everything that holds on a day, as staff sees it."""
    found: Rows = {}
    for kind in MODEL.kinds.values():
        select = Select(kind.label, tuple(p.name for p in kind.properties), first=MAX_PAGE)
        found[kind.label] = [row async for row in every_row(store, select, day)]
    return found


def _lists(schema: GraphQLSchema) -> Iterator[tuple[str, GraphQLField, ListAll]]:
    """The root fields that list a kind without arguments of their own."""
    assert schema.query_type
    for name, found in schema.query_type.fields.items():
        mapped: Mapped = found.extensions[MAPPED]
        if isinstance(mapped, ListAll) and not mapped.narrowed:
            yield name, found, mapped


def counted_by_filter(schema: GraphQLSchema, rows: Rows, day: date) -> Iterator[Counted]:
    """Each operator of each property of each list's filter, with a value that something has."""
    for name, found, mapped in _lists(schema):
        kind = MODEL.kinds[mapped.kind]
        given = _input(found.args["filter"])
        for test_name, test in mapped.tests.items():
            if isinstance(test, Comparison):
                operators = _input(given.fields[test_name])
                values = _values(rows[kind.label], test.prop) or _made(operators)
                for operator, operand in _operands(operators, values):
                    expected = sum(_passes(row[test.prop], operator, operand) for row in rows[kind.label])
                    variables = {"filter": {test_name: {operator: operand}}, "day": day.isoformat()}
                    text = f"query ($filter: {given.name}, $day: Date) {{ {name}(filter: $filter, asOf: $day, first: 0)"
                    yield Counted(text + " { totalCount } }", variables, expected=expected)


def together(counted: Sequence[Counted]) -> Iterator[Asked]:
    """The filters of each list, those of one operator in one document: any of them."""
    found: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for asked in counted:
        given = asked.variables["filter"]
        (operators,) = given.values()
        found[asked.text, next(iter(operators))].append(given)
    day = counted[0].variables["day"]
    for (text, _), filters in found.items():
        yield Asked(text, {"filter": {"or": filters}, "day": day})


def _values(rows: list[Row], prop: str) -> list[Any]:
    return [row[prop] for row in rows if row[prop] not in (None, [])]


def _made(operators: GraphQLInputObjectType) -> list[Any]:
    """A value that nothing has, for what no node of the catalog says."""
    if "contains" in operators.fields:
        return [["nothing has this"]]
    type_ = named(operators.fields["eq"])
    if isinstance(type_, GraphQLEnumType):
        return [next(iter(type_.values))]
    some = {"String": "no", "Boolean": True, "Int64": 7, "Float": 7.5, "Date": "2020-01-01"}
    return [some.get(type_.name, "2020-01-01T00:00:00.000000Z")]


def _operands(operators: GraphQLInputObjectType, values: list[Any]) -> Iterator[tuple[str, Any]]:
    middle = values[len(values) // 2]
    for operator in operators.fields:
        if operator == "isNull":
            yield operator, True
            yield operator, False
        elif operator == "contains":
            yield operator, middle[0]
        elif operator == "in":
            yield operator, [values[0], middle]
        else:
            yield operator, middle[:3] if operator == "startsWith" else middle


def _passes(value: Any, operator: str, operand: Any) -> bool:
    if operator == "isNull":
        return (value in (None, [])) is operand
    if value is None:
        return False
    return {
        "eq": lambda: value == operand,
        "in": lambda: value in operand,
        "lt": lambda: value < operand,
        "le": lambda: value <= operand,
        "gt": lambda: value > operand,
        "ge": lambda: value >= operand,
        "contains": lambda: operand in value,
        "startsWith": lambda: sort_key(value).startswith(sort_key(operand)),
    }[operator]()


def every_list(schema: GraphQLSchema, rows: Rows, day: date) -> Iterator[Asked]:
    """Each list in each of its orders, with what filters of related nodes and combined ones there are."""
    for name, found, mapped in _lists(schema):
        ordered, given = (_input(found.args[argument]) for argument in ("orderBy", "filter"))
        by = named(ordered.fields["field"])
        assert isinstance(by, GraphQLEnumType)
        page = "{ totalCount pageInfo { hasNextPage endCursor } edges { node { urn __typename } } }"
        head = f"query ($order: {ordered.name}, $filter: {given.name}, $day: Date, $after: String)"
        text = f"{head} {{ {name}(orderBy: $order, filter: $filter, asOf: $day, first: 5, after: $after) {page} }}"
        for value in by.values:
            for direction in ("ASC", "DESC"):
                yield Asked(text, {"order": {"field": value, "direction": direction}, "day": day.isoformat()})
        some = {"not": {"urn": {"eq": "urn:waypost:none:key:none"}}}
        combined: list[dict[str, Any]] = [{"and": [some, some]}, {"or": [some]}, {"or": []}, {"not": some}]
        for test_name, test in mapped.tests.items():
            if isinstance(test, RelatedTo):
                inner = _input(given.fields[test_name])
                each_of = list(_related(inner, test, rows))
                # A filter takes 200 tests: of so many properties each, in every operator.
                halves = ({"or": each_of[start : start + 20]} for start in range(0, len(each_of), 20))
                combined += [{test_name: each} for each in (some, {"and": [some]}, *halves)]
        for each in combined:
            yield Asked(text, {"filter": each, "day": day.isoformat()})


def _related(inner: GraphQLInputObjectType, test: RelatedTo, rows: Rows) -> Iterator[dict[str, Any]]:
    """Every operator of every property of related nodes, a filter a property, and the next step where there is one."""
    for name, found in test.inner.items():
        operators = _input(inner.fields[name])
        if isinstance(found, Comparison):
            values = _values(rows[test.target], found.prop) or _made(operators)
            yield {name: dict(_operands(operators, values))}
        elif isinstance(found, RelatedTo):
            yield {name: {"not": {"urn": {"eq": "urn:waypost:none:key:none"}}}}


def every_finder(schema: GraphQLSchema, rows: Rows, day: date) -> Iterator[Asked]:
    """Each root field that is no list: by the URN of something."""
    assert schema.query_type
    for name, found in schema.query_type.fields.items():
        mapped: Mapped = found.extensions[MAPPED]
        if isinstance(mapped, Find):
            urn = next(
                (row["urn"] for row in rows[mapped.kind]), f"urn:waypost:{MODEL.kinds[mapped.kind].slug}:key:none"
            )
            text = f"query ($urn: ID!, $day: Date) {{ {name}(urn: $urn, asOf: $day) {{ urn __typename }} }}"
            yield Asked(text, {"urn": urn, "day": day.isoformat()})
    (one, *_) = rows["Agency"]
    yield Asked(
        "query ($urn: ID!, $day: Date) { node(urn: $urn, asOf: $day) { urn } }", {"urn": one["urn"], "day": str(day)}
    )
    yield Asked(
        "query ($found: [_Any!]!) { _entities(representations: $found) { ... on Agency { urn } } }",
        {"found": [{"__typename": "Agency", "urn": one["urn"]}]},
    )
    changed = "pageInfo { hasNextPage endCursor } edges { urn state changedAt node { urn title } }"
    for first in (0, 3, 100):
        text = f"query ($day: Date) {{ datasetChanges(first: {first}, after: null, asOf: $day) {{ {changed} }} }}"
        yield Asked(text, {"day": str(day)})
    told = "type state urn key tail head source since until changedAt words { property value }"
    for first in (0, 3, 1_000):
        page = f"{{ pageInfo {{ hasNextPage endCursor }} changes {{ {told} }} }}"
        # The feed is no selection, and counts as none.
        yield Asked(f"{{ changes(since: null, first: {first}) {page} }}", round_trips=0)
    given = schema.query_type.fields["agreementsBetween"].args
    page = "{ totalCount edges { node { urn } } pageInfo { hasNextPage endCursor } }"
    arguments = "a: $a, b: $b, first: 5, after: null, orderBy: {field: TITLE, direction: ASC}, filter: {}, asOf: $day"
    assert len(given) == len(arguments.split(": ")) - 3, "an argument is not asked for"
    parties = [party["urn"] for party in rows["Agency"]]
    for a, b in pairwise(parties[:8]):
        text = f"query ($a: ID!, $b: ID!, $day: Date) {{ agreementsBetween({arguments}) {page} }}"
        yield Asked(text, {"a": a, "b": b, "day": str(day)})
    arguments = arguments.removeprefix("a: $a, b: $b, ")
    for name in ("roots", "leaves", "orphans"):
        yield Asked(f"query ($day: Date) {{ {name}({arguments}) {page} }}", {"day": str(day)})
    chosen = below(schema.type_map["StaleDatasets"])
    arguments = "tolerance: 0.2, filter: {}, first: 5, after: null, asOf: $day"
    yield Asked(f"query ($day: Date) {{ staleDatasets({arguments}) {chosen} }}", {"day": str(day)}, round_trips=2)


def every_search(schema: GraphQLSchema, day: date) -> Iterator[Asked]:
    """Each facet, and what a hit says of itself."""
    facets = schema.type_map["DatasetFacets"]
    assert isinstance(facets, GraphQLObjectType)
    counted = " ".join(f"{name}(first: 3) {below(named(found))}" for name, found in facets.fields.items())
    edge = "rank node { urn title } highlights { field isCutBefore isCutAfter parts { text isMatch } }"
    text = (
        "query ($text: String!, $day: Date) { search(text: $text, filter: {}, first: 10, after: null, asOf: $day) "
        f"{{ totalCount pageInfo {{ hasNextPage endCursor }} edges {{ {edge} }} facets {{ {counted} }} }} }}"
    )
    for words in ("", "data", "town health", "sch"):
        yield Asked(text, {"text": words, "day": str(day)}, round_trips=2)


_STEPS: dict[str, Any] = {
    "and": [{"derivation": {"eq": "DIRECT", "isNull": False}}, {"derivation": {"in": ["DIRECT", "INDIRECT"]}}],
    "or": [
        {"masking": {"eq": True}},
        {"not": {"transformation": {"isNull": True}}},
        {"subtype": {"isNull": False}, "description": {"isNull": False}},
        {"urn": {"eq": "urn:waypost:column-flow:key:none"}},
    ],
}
"""A filter of the steps between columns, of which no list is asked for."""


def every_walk(schema: GraphQLSchema, rows: Rows, day: date) -> Iterator[Asked]:
    """Lineage at each level, each way, of columns in their own words, the paths between some datasets, and impact."""
    depth = 12
    chosen = below(schema.type_map["Lineage"])
    text = (
        "query ($urn: ID!, $level: LineageLevel!, $way: LineageDirection!, $filter: LineageFilter, $day: Date) {"
        " lineage(urn: $urn, level: $level, direction: $way, filter: $filter,"
        f" depth: {depth}, first: 20, after: null, asOf: $day) {chosen} }}"
    )
    everything: list[tuple[str, dict[str, Any], int]] = [
        ("DATASET", {"dataset": {}}, 60),
        ("COLUMN", {"column": {}, "dataset": {}, "step": {}}, 1000),
        ("AGENCY", {"dataset": {}}, 30),
        ("JOB", {"job": {}, "dataset": {}}, 30),
    ]
    for level, passing, share in everything:
        for row in rows[LEVELS[LineageLevel(level)].root][::share]:
            for way in ("UPSTREAM", "DOWNSTREAM", "BOTH"):
                variables = {"urn": row["urn"], "level": level, "way": way, "filter": passing, "day": str(day)}
                yield Asked(text, variables, round_trips=2 * (depth + 1) + 2)
    variables = {"urn": rows["Column"][0]["urn"], "level": "COLUMN", "way": "BOTH", "day": str(day)}
    yield Asked(text, {**variables, "filter": {"step": _STEPS}}, round_trips=2 * (depth + 1) + 2)
    chosen = below(schema.type_map["ColumnLineage"])
    text = (
        "query ($urn: ID!, $way: LineageDirection!, $day: Date) {"
        f" columnLineage(column: $urn, direction: $way, depth: {depth}, first: 20, after: null, asOf: $day) {chosen} }}"
    )
    for row in rows["Column"][::1000]:
        variables = {"urn": row["urn"], "way": "BOTH", "day": str(day)}
        yield Asked(text, variables, round_trips=2 * (depth + 1) + 1)
    chosen = below(schema.type_map["LineagePaths"])
    text = f"query ($a: ID!, $b: ID!, $day: Date) {{ lineagePaths(from: $a, to: $b, first: 5, asOf: $day) {chosen} }}"
    for a, b in pairwise(row["urn"] for row in rows["Dataset"][::20]):
        yield Asked(text, {"a": a, "b": b, "day": str(day)}, round_trips=2 * depth + 1)
    chosen = below(schema.type_map["Impact"])
    text = f"query ($urn: ID!, $day: Date) {{ impact(urn: $urn, depth: {depth}, first: 60, asOf: $day) {chosen} }}"
    for row in rows["Dataset"][::30]:
        yield Asked(text, {"urn": row["urn"], "day": str(day)}, round_trips=(depth + 1) + 2)
    chosen = below(schema.type_map["AgencyFlows"])
    arguments = "agency: $agency, crossing: $crossing, filter: {}, first: 100, after: null, asOf: $day"
    text = f"query ($agency: ID, $crossing: Boolean!, $day: Date) {{ agencyFlows({arguments}) {chosen} }}"
    for crossing, agency in ((True, None), (False, None), (False, rows["Agency"][0]["urn"])):
        yield Asked(text, {"agency": agency, "crossing": crossing, "day": str(day)}, round_trips=2)


def every_field(schema: GraphQLSchema, rows: Rows, day: date) -> Iterator[Asked]:
    """Each kind by ``nodes``: every property and every step of its first few nodes, in documents within the limits."""
    for label, found in rows.items():
        type_ = schema.type_map[NAMES.get(label, label)]
        assert isinstance(type_, GraphQLObjectType)
        audited = {name for name, each in type_.fields.items() if isinstance(each.extensions.get(MAPPED), Audited)}
        fields = {name: _chosen(name, definition) for name, definition in type_.fields.items()}
        plain = [field for name, field in fields.items() if name not in audited]
        # What an audit is asked of a node costs as much as many fields.
        parts = [
            *(plain[start : start + 14] for start in range(0, len(plain), 14)),
            *([fields[name]] for name in sorted(audited)),
        ]
        urns = [row["urn"] for row in (found[:2] + found[-1:])] or [f"urn:waypost:{MODEL.kinds[label].slug}:key:none"]
        for some in parts:
            text = (
                "query ($urns: [ID!]!, $day: Date) { nodes(urns: $urns, asOf: $day) "
                f"{{ urn source validFrom validTo closedReason recordedAt ... on {type_.name} {{ {' '.join(some)} }} }} }}"
            )
            yield Asked(text, {"urns": urns, "day": day.isoformat()}, round_trips=1 + 3 * bool(audited))


def _chosen(name: str, definition: GraphQLField) -> str:
    """A field with everything of an edge or a page below it, and the URN of a node."""
    returned = named(definition)
    arguments = ["first: 2"] if "first" in definition.args else []
    if "after" in definition.args:
        arguments.append("after: null")
    others = {"derived": "true", "since": '"2021-01-01"', "tolerance": "0.5", "on": '"2022-06-01"'}
    arguments += [f"{argument}: {others[argument]}" for argument in definition.args if argument in others]
    given = f"({', '.join(arguments)})" if arguments else ""
    return f"{name}{given}{below(returned)}"


def below(returned: GraphQLNamedType) -> str:
    """Everything below a field of this type, and of a node its URN."""
    if is_leaf_type(returned):
        return ""
    assert isinstance(returned, (GraphQLObjectType, GraphQLInterfaceType))
    if {"urn", "recordedAt"} <= returned.fields.keys():  # a node: what it has below is asked of it elsewhere
        return " { urn }"
    return " { " + " ".join(_chosen(name, definition) for name, definition in returned.fields.items()) + " }"
