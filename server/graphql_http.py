"""GraphQL over HTTP (https://graphql.github.io/graphql-over-http/draft/): one ASGI application, on the hot path.

POST with a JSON body answers a query, or a mutation of one who may write; GET from a browser shows GraphiQL. A client that
asks for ``application/graphql-response+json`` gets 400 where its request was at fault, 401 or 403 where it was a mutation that
is not for it; one that asks for ``application/json``, or for nothing, gets 200 with the errors. Both get 503 while the database
is away and 504 past the deadline, where nothing could be answered.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import msgspec
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from catalog.stores.port import Store
from graphql_schema import (
    DATABASE_UNAVAILABLE,
    DEADLINE_EXCEEDED,
    FORBIDDEN,
    LIMIT_EXCEEDED,
    UNAUTHENTICATED,
    Answer,
    Audits,
    Caller,
    Context,
    Request,
    WaypostSchema,
    answer,
)
from server.auth import Authenticator, InvalidToken
from server.body import ClientGone, TooLarge, read_body

__all__ = ["MAX_BODY_BYTES", "MAX_COMMAS", "GraphQLEndpoint"]

MAX_BODY_BYTES = 1_000_000
MAX_COMMAS = 10_000
"""Commas of a body: each may stand between two values that are to be made."""

_JSON = "application/json"
_GRAPHQL_JSON = "application/graphql-response+json"
_RETRY_AFTER_SECONDS = "5"


class _Body(msgspec.Struct, rename="camel"):
    """The members of a request that the protocol knows; others are ignored."""

    query: str
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    extensions: dict[str, Any] | None = None


class _Refusal(Exception):
    """A request that is no GraphQL request, or not from someone we know."""

    def __init__(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = headers or {}


class GraphQLEndpoint:
    """The application behind ``/graphql``. ``today`` says which day a query without ``asOf`` is about."""

    def __init__(
        self,
        schema: WaypostSchema,
        store: Store,
        authenticator: Authenticator,
        *,
        page: Response,
        audits: Audits,
        today: Callable[[], date],
        now: Callable[[], datetime],
        timeout_seconds: float,
        write_timeout_seconds: float,
    ) -> None:
        self._schema = schema
        self._store = store
        self._audits = audits
        self._authenticator = authenticator
        self._page = page
        self._today = today
        self._now = now
        self._timeout_seconds = timeout_seconds
        self._write_timeout_seconds = write_timeout_seconds
        self._decode = msgspec.json.Decoder(_Body).decode

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        headers = Headers(scope=scope)
        media_type = _JSON
        try:
            if scope["method"] in ("GET", "HEAD") and "text/html" in headers.get("accept", ""):
                await self._page(scope, receive, send)
                return
            if scope["method"] != "POST":
                message = "Send a POST with a JSON body; in a browser, a GET shows GraphiQL."
                raise _Refusal(405, "METHOD_NOT_ALLOWED", message, {"Allow": "POST"})
            media_type = _media_type(headers)
            found = await self._answer(scope, headers, receive)
        except _Refusal as refusal:
            response = _refused(refusal)
        except ClientGone:
            return
        else:
            response = _response(found, media_type)
        await response(scope, receive, send)

    async def _answer(self, scope: Scope, headers: Headers, receive: Receive) -> Answer:
        try:
            principal = self._authenticator.principal(headers.getlist("authorization"))
        except InvalidToken as error:
            challenge = {"WWW-Authenticate": 'Bearer realm="waypost", error="invalid_token"'}
            raise _Refusal(401, UNAUTHENTICATED, str(error), challenge) from error
        scope["state"]["principal"] = principal.name
        _check_content_type(headers)
        try:
            content = await read_body(headers, receive, MAX_BODY_BYTES)
        except TooLarge:
            raise _too_large() from None
        if content.count(b",") > MAX_COMMAS:
            raise _Refusal(400, LIMIT_EXCEEDED, f"The body has over {MAX_COMMAS} commas: ask for less at once.")
        try:
            body = self._decode(content)
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
            message = f"The body is no GraphQL request, a JSON object with a text 'query': {reason}."
            raise _Refusal(400, "BAD_REQUEST", message) from error
        request_id = scope["state"]["request_id"]
        context = Context(
            self._store,
            principal.reader,
            self._today(),
            request_id,
            write_seconds=self._write_timeout_seconds,
            audits=self._audits,
            caller=Caller(principal.name, bool(principal.scopes), "write" in principal.scopes),
            now=self._now,
        )
        request = Request(body.query, body.variables, body.operation_name)
        return await answer(self._schema, request, context, self._timeout_seconds)


def _media_type(headers: Headers) -> str:
    """Which of our two types the client wants. Raises _Refusal where it wants neither."""
    accept = headers.get("accept", "*/*")
    wanted: dict[str, float] = {}
    for item in accept.lower().split(","):
        name, *parameters = (part.strip() for part in item.split(";"))
        weight = next((p.removeprefix("q=") for p in parameters if p.startswith("q=")), "1")
        try:
            wanted[name] = float(weight)
        except ValueError:
            wanted[name] = 0
    rest = wanted.get("application/*", wanted.get("*/*", 0))
    plain, special = wanted.get(_JSON, rest), wanted.get(_GRAPHQL_JSON, 0)
    if special and special >= plain:
        return _GRAPHQL_JSON
    if plain:
        return _JSON
    if wanted.get(_GRAPHQL_JSON, rest):
        return _GRAPHQL_JSON
    raise _Refusal(406, "NOT_ACCEPTABLE", f"Answers are {_GRAPHQL_JSON} or {_JSON}: name one of them in Accept.")


def _check_content_type(headers: Headers) -> None:
    name, *parameters = (part.strip().lower() for part in headers.get("content-type", "").split(";"))
    if name != _JSON or any(p not in ("charset=utf-8", 'charset="utf-8"') for p in parameters):
        raise _Refusal(415, "UNSUPPORTED_MEDIA_TYPE", f"Send the body as {_JSON} in UTF-8.")
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise _Refusal(415, "UNSUPPORTED_MEDIA_TYPE", "Send the body without compression.")


def _too_large() -> _Refusal:
    return _Refusal(413, "PAYLOAD_TOO_LARGE", f"The body is over {MAX_BODY_BYTES} bytes: ask for less at once.")


def _refused(refusal: _Refusal) -> Response:
    body = {"errors": [{"message": str(refusal), "extensions": {"code": refusal.code}}]}
    content = msgspec.json.encode(body)
    return Response(content, refusal.status, {**refusal.headers, **_NO_STORE}, media_type=_JSON)


def _response(found: Answer, media_type: str) -> Response:
    headers = dict(_NO_STORE)
    status = 200
    if found.refused:
        status = _refused_status(found) if media_type == _GRAPHQL_JSON else 200
    elif not any(value is not None for value in (found.data or {}).values()):
        if DATABASE_UNAVAILABLE in found.codes:
            status = 503
            headers["Retry-After"] = _RETRY_AFTER_SECONDS
        elif DEADLINE_EXCEEDED in found.codes:
            status = 504
    return Response(msgspec.json.encode(found.body), status, headers, media_type=f"{media_type}; charset=utf-8")


def _refused_status(found: Answer) -> int:
    """The status of a request that was at fault, for those who take ours and not any intermediary's."""
    if UNAUTHENTICATED in found.codes:
        return 401
    return 403 if FORBIDDEN in found.codes else 400


_NO_STORE = {"Cache-Control": "no-store"}
"""An answer may be for one reader only."""
