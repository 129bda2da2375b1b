"""Hostile requests: what one is, and what its answer must be. The families stand in the modules beside this one.

Each is a whole HTTP request, so that nothing between the socket and the executor is left out. What is asked for in the
media type that knows of it must be refused by a status of 4xx or, where it was executed, by errors and no data.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

__all__ = ["BLOWN_UP_CALLS", "HONEST", "HONEST_ANSWER", "JSON", "Attack", "Maker", "ask", "asked", "family", "fault"]

JSON = "application/json"
_HEADERS = {"Content-Type": JSON, "Accept": "application/graphql-response+json"}
BLOWN_UP_CALLS = 1_000_000
"""Calls of functions for one request: thrice those of the worst, which is not refused for its size."""
_MAX_ANSWER = 100_000
"""Bytes of a refusal: what is refused may not come back many times over."""

HONEST = b'{"query": "{ goals { totalCount } }"}'
"""What is asked after each of them, of the graph of ``tests/graphql/graph.py``."""
HONEST_ANSWER: dict[str, Any] = {"data": {"goals": {"totalCount": 2}}}

Maker = Callable[[int], bytes]
"""The body of a request of this size."""


@dataclass(frozen=True, slots=True)
class Attack:
    """One request and the codes that its refusal may have."""

    family: str
    size: int
    content: bytes = field(repr=False)
    codes: frozenset[str]
    method: str = "POST"
    path: str = field(default="/graphql", repr=False)
    headers: Mapping[str, str] = field(default_factory=lambda: _HEADERS, repr=False)

    @property
    def name(self) -> str:
        return f"{self.family}, {self.size}"


def asked(query: str, **variables: Any) -> bytes:
    """The body of an ordinary request."""
    return json.dumps({"query": query, "variables": variables}).encode()


def family(name: str, codes: str, make: Maker, sizes: Sequence[int]) -> Iterator[Attack]:
    """The attacks of a family: one of each size, all refused by the same codes."""
    for size in sizes:
        yield Attack(name, size, make(size), frozenset(codes.split()))


async def ask(client: httpx.AsyncClient, attack: Attack) -> httpx.Response:
    """Send one."""
    return await client.request(attack.method, attack.path, content=attack.content, headers=dict(attack.headers))


def fault(attack: Attack, response: httpx.Response) -> str | None:
    """What is wrong with the answer to an attack, or None."""
    if not (400 <= response.status_code < 500 or response.status_code == 200):
        return f"status {response.status_code}: {response.text[:300]}"
    if len(response.content) > _MAX_ANSWER:
        return f"{len(response.content)} bytes of answer"
    if "Traceback" in response.text:
        return f"a traceback: {response.text[:300]}"
    if attack.method == "HEAD":
        return None if response.status_code >= 400 else f"status {response.status_code}"
    found: dict[str, Any] = response.json()
    errors = found.get("errors")
    if not errors:
        return f"no errors: {response.text[:300]}"
    data: dict[str, Any] = found.get("data") or {}
    if any(value is not None for value in data.values()):
        return f"data: {response.text[:300]}"
    codes = {error.get("extensions", {}).get("code") for error in errors}
    return None if codes <= attack.codes else f"codes {codes}: {errors[0]['message'][:300]}"
