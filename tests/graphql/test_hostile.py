"""Hostile requests over HTTP: each is refused with a typed error, and the next honest query is answered.

How long they take is measured by ``python -m benchmarks.hostile``; here the calls of functions are counted, which
is the same on a busy machine.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from functools import partial
from typing import Any

import httpx
import pytest

from server.app import create_app
from server.graphql_http import MAX_COMMAS
from server.settings import Settings
from tests.graphql.graph import Asker
from tests.graphql.hostile import BLOWN_UP_CALLS, HONEST, HONEST_ANSWER, JSON, Attack, ask, asked, fault
from tests.graphql.hostile_families import attacks
from tests.support.effort import calls

ATTACKS = attacks()


class Victim:
    """The application, and its answers."""

    def __init__(self, asker: Asker) -> None:
        self.runner = asker.runner
        self.app: Any = create_app(Settings(), asker.store, now=lambda: datetime(2022, 3, 20, 12, tzinfo=UTC))

    def send(self, attack: Attack) -> httpx.Response:
        async def sent() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
                return await ask(client, attack)

        return self.runner.run(sent())


@pytest.fixture(scope="module")
def victim(asker: Asker) -> Victim:
    return Victim(asker)


def honest(content: bytes = HONEST) -> Attack:
    return Attack("honest", 0, content, frozenset(), headers={"Content-Type": JSON})


@pytest.mark.parametrize("attack", ATTACKS, ids=[attack.name for attack in ATTACKS])
def test_it_is_refused_and_the_next_query_answered(victim: Victim, attack: Attack) -> None:
    effort, response = calls(partial(victim.send, attack))
    assert effort < BLOWN_UP_CALLS
    assert fault(attack, response) is None
    assert victim.send(honest()).json() == HONEST_ANSWER


def test_there_are_200_of_them_and_no_two_alike() -> None:
    sent = Counter((a.method, a.path, a.content, tuple(sorted(a.headers.items()))) for a in ATTACKS)
    assert len(sent) == len(ATTACKS) >= 200
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS)


def test_what_was_not_refused_would_be_found(victim: Victim) -> None:
    answered = victim.send(honest())
    assert (fault(honest(), answered) or "").startswith("no errors")
    refused = victim.send(honest(asked("{ nothing }")))
    assert (fault(honest(), refused) or "").startswith("codes {'BAD_REQUEST'}")
    partly = victim.send(honest(asked('{ goals { totalCount } dataset(urn: "x") { title } }')))
    assert (fault(honest(), partly) or "").startswith("data")


def test_the_limit_of_commas(victim: Victim) -> None:
    def of(commas: int) -> Attack:
        body = b'{"query": "{ goals { totalCount } ' + b"," * (commas - 1) + b'}", "extensions": {}}'
        return honest(body)

    assert victim.send(of(MAX_COMMAS)).json() == HONEST_ANSWER
    refused = victim.send(of(MAX_COMMAS + 1))
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"


def test_what_is_repeated_of_a_request_is_cut(victim: Victim) -> None:
    refused = victim.send(honest(asked("query A { __typename }")[:-1] + b', "operationName": "' + b"B" * 5_000 + b'"}'))
    assert len(refused.json()["errors"][0]["message"]) == 1_001


def test_a_sound_document_is_answered_again_and_what_is_refused_is_refused_again(victim: Victim) -> None:
    query = "query ($n: Int!) { datasets(first: $n) { edges { node { columns(first: $n) { totalCount } } } } }"
    for _ in range(2):
        assert victim.send(honest(asked(query, n=1))).json().keys() == {"data"}
        assert victim.send(honest(asked(query, n=100))).json()["errors"][0]["extensions"]["limit"] == "cost"
        assert victim.send(honest(asked("{ nothing }"))).json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
