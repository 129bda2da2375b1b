"""Documents that ask the audit for everything that it answers, made of the schema."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLSchema,
    is_required_argument,
)

from graphql_schema.core.audits import FindAudited
from graphql_schema.core.chosen import MAPPED
from tests.graphql.audit_proposals import proposed
from tests.graphql.documents import Asked, Rows, below, named

__all__ = ["AUDITED", "PROPOSED", "every_audit", "takes_list"]

AUDITED = {
    **dict.fromkeys(("provider", "recipient", "agency", "hub", "to"), "Agency"),
    **dict.fromkeys(("dataset", "linkedWith", "protected", "open"), "Dataset"),
    "agreement": "Agreement",
    "request": "DataRequest",
    "flow": "Flow",
    "law": "Law",
    "person": "Person",
    "purpose": "Purpose",
}
"""Arguments that are URNs, and the kinds that they are of; what goes by such a name and is a day is none."""
_PLAIN: dict[str, list[Any]] = {
    "first": [5],
    "after": [None],
    "crossing": [True],
    "identifier": ["name"],
    "field": ["name"],
    "trainingDays": [30],
    "days": [300],
    "moreThan": [0],
    "inForce": [False],
    "withoutEnterprise": [True],
    "unpermitted": [True],
}
"""Values of the other arguments that are no days."""
PROPOSED = ("agreements", "endAgreements", "reclassify")
"""Arguments that say what would be."""
_ROUND_TRIPS = 3
"""The revision, the facts unless they are kept, and the nodes that the answer speaks of."""


def every_audit(schema: GraphQLSchema, rows: Rows, day: date) -> Iterator[Asked]:
    """Each root field of the audit without the arguments that may be left out, and then with every one."""
    assert schema.query_type is not None
    for name, field in schema.query_type.fields.items():
        if isinstance(field.extensions.get(MAPPED), FindAudited):
            for values in _values(field, rows, day):
                yield _asked(name, field, values)


def _values(field: GraphQLField, rows: Rows, day: date) -> Iterator[dict[str, Any]]:
    found = {name: _all(name, argument, rows, day) for name, argument in field.args.items()}
    needed = [name for name, argument in field.args.items() if is_required_argument(argument)]
    yield {"asOf": str(day), **{name: found[name][0] for name in needed}}
    for number in range(max(map(len, found.values()))):
        yield {name: each[number % len(each)] for name, each in found.items()}


def _all(name: str, argument: Any, rows: Rows, day: date) -> list[Any]:
    """The values that an argument is given, one after another."""
    returned = named(argument)
    if isinstance(returned, GraphQLEnumType):
        every = list(returned.values)
        return [every] if takes_list(argument) else list(every)
    if name == "dataset":
        return _datasets(rows)
    if name == "columns":
        return [_columns(rows, dataset)[:2] for dataset in _datasets(rows)]
    if name in AUDITED and returned.name == "ID":
        return [row["urn"] for row in rows[AUDITED[name]][:2]]
    if name in PROPOSED:
        return [proposed(name, lambda kind: rows[kind][0]["urn"], day)]
    return _PLAIN.get(name, [str(day)])


def _datasets(rows: Rows) -> list[str]:
    """Two datasets: one that has columns, and one that has none."""
    having = {row["urn"]: bool(_columns(rows, row["urn"])) for row in rows["Dataset"]}
    return [next(urn for urn, some in having.items() if some is wanted) for wanted in (True, False)]


def _columns(rows: Rows, dataset: str) -> list[str]:
    """The columns of a dataset: their URNs go on where its own ends."""
    of = f"{dataset.replace(':dataset:', ':column:')}#"
    return [row["urn"] for row in rows["Column"] if row["urn"].startswith(of)]


def takes_list(argument: Any) -> bool:
    """Whether an argument takes several values."""
    return str(argument.type).startswith("[")


def _asked(name: str, field: Any, values: dict[str, Any]) -> Asked:
    declared = ", ".join(f"${each}: {field.args[each].type}" for each in values)
    given = ", ".join(f"{each}: ${each}" for each in values)
    text = f"query ({declared}) {{ {name}({given}){below(named(field))} }}"
    return Asked(text, values, _ROUND_TRIPS, least=0)
