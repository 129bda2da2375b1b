"""Random documents, made from the schema: lists, finders, search and lineage, with what they nest, filter and page by."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
    is_required_argument,
    parse,
    validate,
)

from catalog.model import MODEL
from catalog.urn import key
from graphql_schema.core.agency_flows import FindAgencyFlows
from graphql_schema.core.audits import FindAudited
from graphql_schema.core.chosen import MAPPED
from graphql_schema.core.filters import AllOf, AnyOf, Comparison, FilterTest, Negation, RelatedTo
from graphql_schema.core.levels import FILTERED, FindLineage
from graphql_schema.core.limits import excesses, measure
from graphql_schema.core.plan import Mapped
from graphql_schema.core.roots import NAMES, Find, FindNode, ListAll
from graphql_schema.core.search import Search
from graphql_schema.core.staleness import FindStale
from graphql_schema.federation.queries import ENTITIES
from lineage.levels import LEVELS, LineageLevel
from tests.graphql.audit_documents import AUDITED, PROPOSED, takes_list
from tests.graphql.audit_proposals import proposed
from tests.graphql.documents import Rows
from tests.support.value_pools import DAYS, QUERIES

__all__ = ["NOT_ASKED", "Draft", "Drafter", "Urns"]

Urns = tuple[Mapping[str, Sequence[str]], Mapping[str, Sequence[str]]]
"""What everyone sees and what is hidden, by label."""

_NUMBERS: Mapping[str, Sequence[float]] = {
    "depth": [1, 2, 3, 6],
    "days": [*[0, 30, 366] * 10, -1],
    "moreThan": [*[0, 1] * 10, -1],
    "trainingDays": [1, 365, 3650],
    "tolerance": [0.0, 0.1, 1.0],
}
"""Arguments that are numbers, and what they are given: now and then one that is out of bounds."""
NOT_ASKED = {"_service", "changes"}
"""Root fields that are no question to the graph, and the feed, whose edges have keys of the one graph (``test_mirror.py``)."""

_DEEPEST = 3
_TURN = 5
_GARBAGE = ("nonsense", "urn:waypost:spaceship:key:x", "urn:waypost:goal:key:", "veiled:0123456789abcdef")
_SHARES = {
    "Find": 3,
    "FindNode": 20,
    "FindNodes": 20,
    "Entities": 20,
    "Search": 90,
    "FindLineage": 80,
    "FindPaths": 60,
    "FindImpact": 60,
    "FindAgencyFlows": 60,
    "FindStale": 60,
}
"""How often a root field is drawn, by what it stands for."""
_SHARE_OF_A_LIST, _WITH_RELATED = 5, 25
"""The same of lists, and of those that are filtered by related nodes."""


@dataclass
class Draft:
    """A document, its variables, and where its pages are: the keys that lead to each, with the variable of its ``after``."""

    root: str
    text: str
    variables: dict[str, Any]
    pages: list[tuple[tuple[str, ...], str]]


@dataclass
class _Making:
    """A document while it is made."""

    nested: int
    """Steps that may still be added below the root."""
    types: dict[str, str] = field(default_factory=dict[str, str])
    variables: dict[str, Any] = field(default_factory=dict[str, Any])
    pages: list[tuple[tuple[str, ...], str]] = field(default_factory=list[tuple[tuple[str, ...], str]])

    def variable(self, name: str, argument: Any, value: Any) -> str:
        """Declare a variable; answers its name in the document."""
        made = f"{name}{len(self.types)}"

        self.types[made] = str(argument.type)
        self.variables[made] = value
        return f"${made}"


def _named(of: Any) -> GraphQLNamedType:
    return cast("GraphQLNamedType", get_named_type(of.type))


def _mapped(found: GraphQLField) -> Mapped:
    return found.extensions[MAPPED]


def _share(mapped: Mapped) -> int:
    if isinstance(mapped, ListAll):
        related = any(isinstance(test, RelatedTo) for test in mapped.tests.values())
        return _WITH_RELATED if related else _SHARE_OF_A_LIST
    return _SHARES.get(type(mapped).__name__, _WITH_RELATED)


def _looked_up(label: str, test: FilterTest) -> bool:
    """Whether a store finds what passes by an index, and then begins with it."""
    indexed = {"urn", *(p.name for p in MODEL.kinds[label].properties if p.index)}
    return isinstance(test, Comparison) and test.prop in indexed


class Drafter:
    """Drafts documents about a graph; the same number drafts the same."""

    def __init__(self, schema: GraphQLSchema, rows: Rows, urns: Urns, number: int, nested: int) -> None:
        """``rows`` is what filters take their values from, ``nested`` how many steps a document has below its root.

        ``number`` is that of the first document: of every few the root field is the next in turn, so that each is asked.
        """
        assert schema.query_type
        self.schema = schema
        self.rows = rows
        self.seen, self.hidden = urns
        self.number, self.nested = number, nested
        self.rng = random.Random(f"drafts/{number}")
        self.level = LineageLevel.DATASET
        """That of the lineage which is being asked about."""
        self.roots = {name: found for name, found in schema.query_type.fields.items() if name not in NOT_ASKED}

    def draft(self) -> Draft:
        """A document that is valid and within the limits."""
        names = list(self.roots)
        turn = names[self.number // _TURN % len(names)] if self.number % _TURN == 0 else None
        self.number += 1
        shares = [_share(_mapped(found)) for found in self.roots.values()]
        while True:
            name = turn or self.rng.choices(names, shares)[0]
            made = self._draft(name, self.roots[name])
            document = parse(made.text)
            # The same key may not stand for two things: then begin anew.
            if not validate(self.schema, document) and not list(excesses(self.schema, measure(self.schema, document))):
                return made

    def _draft(self, name: str, root: GraphQLField) -> Draft:
        making = _Making(self.nested)
        arguments = ", ".join(self._root_arguments(making, root, (name,)))
        returned = _named(root)
        if is_leaf_type(returned):
            below = ""
        elif isinstance(returned, GraphQLObjectType):
            below = self._object(making, returned, (name,), 0)
        else:
            below = self._any_type(making, (name,))
        declared = ", ".join(f"${each}: {type_}" for each, type_ in making.types.items())
        head = f"query ({declared})" if declared else "query"
        return Draft(name, f"{head} {{ {name}({arguments}){below} }}".replace("()", ""), making.variables, making.pages)

    def _root_arguments(self, making: _Making, root: GraphQLField, path: tuple[str, ...]) -> list[str]:
        found: list[str] = []
        self.level = self.rng.choice(list(LineageLevel))
        for name, argument in root.args.items():
            optional = not is_required_argument(argument)
            # Everything that may be left out is so now and then, save what pages go on by and what says which URN is wanted.
            if optional and name not in ("after", "level") and self.rng.random() < 0.3:
                continue
            value = self._value(name, argument, root)
            if name == "first":
                found.append(f"first: {value}")
                continue
            said = making.variable(name, argument, value)
            if name == "after":
                making.pages.append((path, said[1:]))
            found.append(f"{name}: {said}")
        return found

    def _value(self, name: str, argument: GraphQLArgument, root: GraphQLField) -> Any:
        mapped, returned = _mapped(root), _named(argument)
        others = "Flow" if isinstance(mapped, FindAgencyFlows) else "Dataset"
        label = mapped.kind if isinstance(mapped, (Find, ListAll, Search)) else others
        if isinstance(mapped, FindAudited) and name in (*AUDITED, *PROPOSED, "columns") and returned.name != "Date":
            return self._audited(name, argument)
        if name == "agency":
            return self._urn("Agency") if self.rng.random() < 0.5 else None
        if name == "level":
            return str(self.level)
        if isinstance(mapped, FindLineage):
            label = LEVELS[self.level].root
        if name == "column":
            return self._whom(name, "Column")
        ends = () if isinstance(mapped, FindAudited) else ("from", "to")
        if name in ("urn", "urns", "representations", "a", "b", *ends):
            anything = isinstance(mapped, FindNode)
            return self._whom(name, None if anything else label)
        if isinstance(returned, GraphQLEnumType):
            some = self.rng.choice(list(returned.values))
            return [some] if takes_list(argument) else some
        if name == "orderBy":
            by = _named(cast("GraphQLInputObjectType", returned).fields["field"])
            values = list(cast("GraphQLEnumType", by).values)
            return {"field": self.rng.choice(values), "direction": self.rng.choice(["ASC", "DESC"])}
        if name == "filter" and isinstance(mapped, (ListAll, Search, FindAgencyFlows, FindStale)):
            return self._filter(cast("GraphQLInputObjectType", returned), mapped.tests, label, 0)
        if name == "filter" and isinstance(mapped, FindLineage):
            part, tested = self.rng.choice(list(FILTERED[self.level].items()))
            inner = cast("GraphQLInputObjectType", _named(cast("GraphQLInputObjectType", returned).fields[part]))
            return {part: self._filter(inner, mapped.tests[part], tested.kind, 1)}
        return self._plain_value(name)

    def _audited(self, name: str, argument: GraphQLArgument) -> Any:
        """What an audit is given: mostly what everyone sees, since one thing that is not there refuses the whole question."""
        if name in PROPOSED:
            return proposed(name, self._mostly_seen, self.rng.choice(DAYS[1:]))
        if name == "columns":
            return []
        needed = is_required_argument(argument)
        return self._mostly_seen(AUDITED[name]) if needed or self.rng.random() < 0.5 else None

    def _mostly_seen(self, label: str) -> str:
        return self.rng.choice(self.seen[label]) if self.seen[label] and self.rng.random() < 0.97 else self._urn(label)

    def _plain_value(self, name: str) -> Any:
        rng = self.rng
        match name:
            case "first":
                return rng.choice([0, 1, 2, 2, 3, 3, 5, 8, 100] if rng.random() < 0.97 else [101, -1])
            case "after":
                return None if rng.random() < 0.97 else "bm9uc2Vuc2U"
            case "asOf" | "from" | "to" | "dueBy":
                return rng.choice(DAYS[1:]).isoformat()
            case "text" | "identifier" | "field":
                return rng.choice(QUERIES)
            case "crossing" | "inForce" | "unpermitted" | "withoutEnterprise":
                return rng.random() < 0.3
            case _ if name in _NUMBERS:
                return rng.choice(_NUMBERS[name])
            case _:
                raise AssertionError(f"say what is to be given for '{name}'")

    def _whom(self, name: str, label: str | None) -> Any:
        if name == "urns":
            return [self._urn(None) for _ in range(self.rng.choice([1, 4, 12]))]
        if name == "representations":
            return [self._representation() for _ in range(self.rng.choice([1, 4, 12]))]
        return self._urn("Agency" if name in ("a", "b") else label)

    def _urn(self, label: str | None) -> str:
        """A node that everyone sees, one that is hidden, or one that is not there; now and then no URN of such a thing."""
        rng = self.rng
        label = label or rng.choice(list(MODEL.kinds))
        chance = rng.random()
        if chance < 0.8:
            # Of some kinds all are hidden, since each of them needs another.
            seen = chance < 0.45 and self.seen[label]
            return rng.choice(self.seen[label] if seen else self.hidden[label])
        if chance < 0.97:
            return key(MODEL.kinds[label].slug, "test", "not there")
        return rng.choice(_GARBAGE)

    def _representation(self) -> dict[str, Any]:
        name = self.rng.choice(list(ENTITIES))
        return {"__typename": name, "urn": self._urn(ENTITIES[name])}

    # What is chosen

    def _any_type(self, making: _Making, path: tuple[str, ...]) -> str:
        """What every node has, and more of a few kinds, Dataset mostly among them."""
        labels = self.rng.sample(list(MODEL.kinds), 3)
        names = {NAMES.get(label, label) for label in (*labels, "Dataset")}
        if path[0] == "_entities":
            names = set(ENTITIES)
        fragments: list[str] = []
        for name in sorted(names):
            found = cast("GraphQLObjectType", self.schema.type_map[name])
            fragments.append(f"... on {name}{self._node(making, found, path, 1)}")
        return f" {{ __typename {' '.join(fragments)} }}"

    def _object(self, making: _Making, returned: GraphQLObjectType, path: tuple[str, ...], depth: int) -> str:
        if {"urn", "recordedAt"} <= returned.fields.keys():
            return self._node(making, returned, path, depth)
        chosen: list[str] = []
        for name, found in returned.fields.items():
            # Of a page all is asked that tells how long it is and where it ends.
            if "pageInfo" not in returned.fields and "endCursor" not in returned.fields and self.rng.random() < 0.2:
                continue
            chosen += self._field(making, name, found, path, depth)
        return f" {{ {' '.join(chosen or ['__typename'])} }}"

    def _node(self, making: _Making, returned: GraphQLObjectType, path: tuple[str, ...], depth: int) -> str:
        rng = self.rng
        leaves = [name for name, found in returned.fields.items() if is_leaf_type(_named(found)) and name != "urn"]
        steps = [(name, found) for name, found in returned.fields.items() if not is_leaf_type(_named(found))]
        chosen = ["urn", *rng.sample(leaves, min(len(leaves), rng.randrange(4)))]
        wanted = min(rng.choice([0, 1, 1, 2, 3]), making.nested, len(steps)) if depth < _DEEPEST else 0
        making.nested -= wanted
        for name, found in rng.sample(steps, wanted):
            chosen += self._field(making, name, found, path, depth + 1)
        return f" {{ {' '.join(chosen)} }}"

    def _field(self, making: _Making, name: str, found: GraphQLField, path: tuple[str, ...], depth: int) -> list[str]:
        returned = _named(found)
        arguments: list[str] = []
        if "first" in found.args:
            arguments.append(f"first: {self.rng.choice([0, 1, 1, 2, 2, 3, 4])}")
        if "derived" in found.args:
            arguments.append(f"derived: {str(self.rng.random() < 0.6).lower()}")
        if "after" in found.args:
            said = making.variable("after", found.args["after"], None)
            making.pages.append(((*path, name), said[1:]))
            arguments.append(f"after: {said}")
        given = f"({', '.join(arguments)})" if arguments else ""
        if is_leaf_type(returned):
            return [f"{name}{given}"]
        if isinstance(returned, GraphQLInterfaceType):
            return [f"{name}{given} {{ urn __typename }}"]
        return [f"{name}{given}{self._object(making, cast('GraphQLObjectType', returned), (*path, name), depth)}"]

    # What is tested

    def _filter(
        self, given: GraphQLInputObjectType, tests: Mapping[str, FilterTest], label: str, depth: int
    ) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for _ in range(self.rng.choice([1, 1, 2])):
            wanted = self.rng.choices([Comparison, RelatedTo, (AllOf, AnyOf, Negation)], [3, 6, 3])[0]
            if depth > 1 and wanted is not Comparison:
                wanted = Comparison
            names = [name for name, test in tests.items() if isinstance(test, wanted)]
            if depth and wanted is Comparison and self.rng.random() < 0.7:
                names = [name for name in names if _looked_up(label, tests[name])]
            if names:
                name = self.rng.choice(names)
                found[name] = self._test(given, name, tests, label, depth)
        return found

    def _test(
        self, given: GraphQLInputObjectType, name: str, tests: Mapping[str, FilterTest], label: str, depth: int
    ) -> Any:
        test, inner = tests[name], _named(given.fields[name])
        assert isinstance(inner, GraphQLInputObjectType)
        match test:
            case Comparison():
                return self._comparison(inner, label, test.prop)
            case RelatedTo():
                # Of no filter: whether there is one at all.
                return {} if self.rng.random() < 0.3 else self._filter(inner, test.inner, test.target, depth + 1)
            case Negation():
                return self._filter(given, tests, label, depth + 1)
            case _:
                return [self._filter(given, tests, label, depth + 1) for _ in range(self.rng.choice([0, 1, 2, 2]))]

    def _comparison(self, operators: GraphQLInputObjectType, label: str, prop: str) -> dict[str, Any]:
        rng = self.rng
        rows = [row for row in self.rows[label] if row[prop] not in (None, [])]
        if rng.random() < 0.5:
            rows = [row for row in rows if row["urn"] in self.hidden[label]] or rows
        values = [row[prop] for row in rows]
        operator = rng.choice([*operators.fields, "eq", "in"]) if values else "isNull"
        if operator not in operators.fields:
            return {}
        if operator == "isNull":
            return {operator: rng.random() < 0.5}
        value = rng.choice(values)
        match operator:
            case "in":
                return {operator: [value, rng.choice(values)]}
            case "contains":
                return {operator: value[0]}
            case "startsWith":
                return {operator: value[:3]}
            case _:
                return {operator: value}
