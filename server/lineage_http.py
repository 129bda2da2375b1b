"""OpenLineage events over HTTP: ``POST /api/v1/lineage`` for one, ``POST /api/v1/lineage/batch`` for several (peers 4.3).

What the unmodified clients of OpenLineage send is taken: JSON, gzipped or not, with a bearer token whose scope is ``ingest``.
201 says that the event is written; 4xx that sending it again is of no use, with the rule it breaks; 503 that it is: the
database is away or busy. Events may be sent twice.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from catalog.errors import MigrationError, StoreTimeout, StoreUnavailable
from catalog.sources import precedence_of
from catalog.stores.port import Store
from lineage.openlineage.event import MAX_BYTES
from loaders.openlineage.intake import Intake
from loaders.openlineage.loader import events_source
from loaders.record import Problem
from server.auth import Authenticator, InvalidToken, Principal
from server.body import BadEncoding, ClientGone, TooLarge, read_body, unpacked
from server.gather import MAX_GATHERED, Gathered
from server.middleware import problem
from server.reading import Read, Reading, read_here, read_one

__all__ = ["MAX_BATCH_BYTES", "MAX_BATCH_EVENTS", "Intakes", "LineageEndpoint"]

MAX_BATCH_BYTES = 20_000_000
MAX_BATCH_EVENTS = 5_000

_RETRY_AFTER = {"Retry-After": "5"}
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="waypost"'}
_JSON = "application/json"
_TYPES = (_JSON, "application/x-ndjson")


class _Refused(Exception):
    """A request that is answered with this."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


class LineageEndpoint:
    """The application behind ``/api/v1/lineage``; with ``several`` that behind ``/api/v1/lineage/batch``."""

    def __init__(
        self, intakes: "Intakes", authenticator: Authenticator, *, several: bool = False, read: Read = read_here
    ) -> None:
        self._intakes = intakes
        self._authenticator = authenticator
        self._several = several
        self._read = read

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            response = await self._answer(scope, receive)
        except _Refused as refused:
            response = refused.response
        except ClientGone:
            return
        except StoreTimeout:
            response = _later("The database did not answer in time.")
        except (StoreUnavailable, MigrationError):
            # Its text may name hosts and files, which only the log may know.
            response = _later("The database cannot take events now.")
        response.headers["Cache-Control"] = "no-store"
        await response(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive) -> Response:
        headers = Headers(scope=scope)
        if scope["method"] != "POST":
            raise _refused(405, "Send a POST with OpenLineage events.", {"Allow": "POST"})
        principal = self._principal(headers)
        scope["state"]["principal"] = principal.name
        content = await self._content(headers, receive)
        gathered = await self._intakes.of(principal)
        if self._several:
            return await _take_several(content, gathered, self._read)
        return await _take_one(content, gathered)

    def _principal(self, headers: Headers) -> Principal:
        try:
            found = self._authenticator.principal(headers.getlist("authorization"))
        except InvalidToken as error:
            raise _refused(401, str(error), _CHALLENGE) from error
        if "ingest" in found.scopes:
            return found
        if not found.scopes:
            raise _refused(401, "Events are taken from known senders: send a bearer token.", _CHALLENGE)
        raise _refused(403, "This token may not send events: use one with the scope 'ingest'.")

    async def _content(self, headers: Headers, receive: Receive) -> bytes:
        media_type = headers.get("content-type", _JSON).partition(";")[0].strip().lower()
        if media_type not in _TYPES:
            raise _refused(415, f"Send the body as {_JSON} in UTF-8.")
        most = MAX_BATCH_BYTES if self._several else MAX_BYTES
        try:
            return unpacked(await read_body(headers, receive, most), headers.get("content-encoding", ""), most)
        except TooLarge:
            raise _refused(413, f"The body is over {most} bytes: send less at once.") from None
        except BadEncoding as error:
            raise _refused(415, f"The body cannot be read, {error}: send it plain, or as gzip.") from error


class Intakes:
    """Where the events of each sender go: a sender is a token, and each is a source of its own."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now
        self._known: dict[str, Gathered] = {}

    async def of(self, sender: Principal) -> Gathered:
        """The way in for one sender."""
        found = self._known.get(sender.name)
        if found is None:
            source = events_source(sender.name)
            source = events_source(sender.name, await precedence_of(self._store, source.urn))
            made = Gathered(Intake(self._store, source, sender.name, now=self._now))
            found = self._known.setdefault(sender.name, made)
        return found


async def _take_one(content: bytes, gathered: Gathered) -> Response:
    found = read_one(content)
    if not isinstance(found, Problem):
        outcome = await gathered.take(found)
        if not isinstance(outcome, Problem):
            return Response(status_code=201)
        found = outcome
    more = {"rule": found.rule, "path": found.path, "remedy": found.remedy}
    return problem(400 if found.rule == "json" else 422, f"Refused by the rule '{found.rule}'", found.message, **more)


async def _take_several(content: bytes, gathered: Gathered, read: Read) -> Response:
    texts = _texts(content)
    failed: dict[int, Problem] = {}
    for start in range(0, len(texts), MAX_GATHERED):
        # A part at a time, so that others are answered in between.
        part = texts[start : start + MAX_GATHERED]
        problems = await _take_part(part, await read(part), gathered)
        failed |= {start + place: problem for place, problem in problems.items()}
    answer = {
        "status": "partial_success" if failed else "success",
        "summary": {
            "received": len(texts),
            "successful": len(texts) - len(failed),
            "failed": len(failed),
            "retriable": 0,
            "non_retriable": len(failed),
        },
        "failed_events": [_failed(index, failed[index]) for index in sorted(failed)],
    }
    return Response(msgspec.json.encode(answer), media_type=_JSON)


async def _take_part(texts: Sequence[bytes], reading: Reading, gathered: Gathered) -> dict[int, Problem]:
    """Take in the events of these texts; answers why some are refused, by their places."""
    good = [place for place in range(len(texts)) if place not in reading.problems]
    if not good or not isinstance(await gathered.take(reading.news, len(good)), Problem):
        return reading.problems
    # At fault are some: each by itself is taken in, or refused.
    reads = [(place, read_one(texts[place])) for place in good]
    told = [(place, each) for place, each in reads if not isinstance(each, Problem)]
    outcomes = await asyncio.gather(*(gathered.take(each) for _, each in told))
    refused = {place: each for (place, _), each in zip(told, outcomes, strict=True) if isinstance(each, Problem)}
    return reading.problems | refused


def _failed(index: int, found: Problem) -> dict[str, Any]:
    reason = f"{found.message}: {found.remedy}"
    return {"index": index, "reason": reason, "retriable": False, "rule": found.rule, "path": found.path}


def _texts(content: bytes) -> Sequence[bytes]:
    """The text of each event: of a list, or of lines."""
    if content.lstrip()[:1] == b"[":
        try:
            found = [bytes(item) for item in msgspec.json.decode(content, type=list[msgspec.Raw])]
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise _refused(
                400, f"The body is no list of events ({error}): send a JSON list, or one event a line."
            ) from None
    else:
        found = [line for line in content.splitlines() if line.strip()]
    if len(found) > MAX_BATCH_EVENTS:
        raise _refused(413, f"The body has {len(found)} events: send at most {MAX_BATCH_EVENTS} at once.")
    return found


def _later(detail: str) -> Response:
    response = problem(
        503, "Try again later", f"{detail} Send the events again; those that were written are not doubled."
    )
    response.headers.update(_RETRY_AFTER)
    return response


def _refused(status: int, detail: str, headers: dict[str, str] | None = None) -> _Refused:
    response = problem(status, "The events are refused", detail)
    response.headers.update(headers or {})
    return _Refused(response)
