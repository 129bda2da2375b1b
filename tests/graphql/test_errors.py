"""Errors reach the client with a stable code; what nobody expected reaches only the log."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, NoReturn, cast

import pytest

from catalog.access import PUBLIC_READER
from catalog.errors import CatalogError, MigrationError, StoreTimeout, StoreUnavailable
from catalog.selection import Page, Selection
from catalog.stores.port import Store
from graphql_schema import Answer, Context, Request, answer, build_schema
from tests.graphql.graph import TODAY, Asker

CANARY = "bolt://canary:canary@10.0.0.1"


class _Broken:
    """A store that fails, or takes its time."""

    def __init__(self, error: Exception | None) -> None:
        self.error = error

    async def select(self, _selection: Selection) -> Page:
        if self.error:
            raise self.error
        await asyncio.sleep(60)
        return _never()


def _never() -> NoReturn:
    raise AssertionError


def ask(error: Exception | None, seconds: float = 5) -> Answer:
    context = Context(cast("Store", _Broken(error)), PUBLIC_READER, TODAY, "request-7")
    return asyncio.run(answer(build_schema(), Request("{ goals { totalCount } }"), context, seconds))


_TOO_LONG = "The query took too long and was given up. Ask for less at once, or try again later."


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (StoreUnavailable(CANARY), "DATABASE_UNAVAILABLE", "The database cannot be reached. Try again later."),
        (MigrationError(CANARY), "DATABASE_UNAVAILABLE", "The database cannot be reached. Try again later."),
        (StoreTimeout(CANARY), "DEADLINE_EXCEEDED", _TOO_LONG),
        (ValueError(CANARY), "INTERNAL", "Unexpected error."),
        (CatalogError(CANARY), "INTERNAL", "Unexpected error."),
        (KeyError(CANARY), "INTERNAL", "Unexpected error."),
    ],
)
def test_what_a_store_raises_is_named_and_not_repeated(
    error: Exception, code: str, message: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        found = ask(error)
    assert found.errors[0]["message"] == message
    assert found.errors[0]["extensions"]["code"] == code
    assert found.errors[0]["path"] == ["goals"]
    assert "canary" not in str(found.body)
    assert not found.refused
    # The log has it, under the id that the client was told.
    assert found.errors[0]["extensions"]["requestId"] == "request-7"
    assert CANARY in caplog.text
    assert caplog.records[0].__dict__["request_id"] == "request-7"


def test_the_deadline_ends_a_request() -> None:
    found = ask(None, seconds=0.05)
    assert found.codes == {"DEADLINE_EXCEEDED"}
    assert found.data is None
    assert not found.refused


@pytest.mark.parametrize(
    ("query", "variables", "message"),
    [
        ("{", {}, "Syntax Error: Expected Name, found <EOF>."),
        ("{ dataset(urn: 1) { titel } }", {}, "Cannot query field 'titel' on type 'Dataset'. Did you mean 'title'?"),
        ('{ goals(asOf: "soon") { totalCount } }', {}, "'soon' is no day: expected YYYY-MM-DD"),
        ('{ goals(asOf: "2022-W01-1") { totalCount } }', {}, "'2022-W01-1' is no day: expected YYYY-MM-DD"),
        ("query ($d: Date) { goals(asOf: $d) { totalCount } }", {"d": "2022-02-30"}, "expected YYYY-MM-DD"),
        ("query ($d: Int!) { goals(first: $d) { totalCount } }", {"d": "x"}, "Int cannot represent non-integer value"),
        ("query ($d: Int!) { goals(first: $d) { totalCount } }", {}, "'$d'"),
        ("subscription { a }", {}, "Only queries and mutations are answered here."),
        ("", {}, "The request holds no query"),
    ],
)
def test_a_mistake_of_the_client_stays_readable(
    asker: Asker, query: str, variables: dict[str, Any], message: str
) -> None:
    found = asker.ask(query, **variables)
    assert found.refused
    assert message in found.errors[0]["message"]
    assert found.codes == {"BAD_REQUEST"}
    assert "data" not in found.body


def test_a_mistake_in_an_argument_is_told_where_it_was_made(asker: Asker) -> None:
    found = asker.ask('{ datasets { totalCount } goals(after: "nonsense") { edges { node { title } } } }')
    assert found.errors[0]["path"] == ["goals"]
    assert found.errors[0]["extensions"] == {"code": "INVALID_SELECTION"}
    assert "is no cursor of ours" in found.errors[0]["message"]
    assert not found.refused


def test_an_unknown_operation_is_named(asker: Asker) -> None:
    found = asker.ask("query A { goals { totalCount } }", name="B")
    assert found.errors[0]["message"] == 'Unknown operation named "B".'
