"""Marquez's reads over HTTP: one ASGI application for all of them.

Who asks is told as GraphQL is told it, and the same is answered: what a reader may not see is not there. A request has the
time that a query has. Errors are in Marquez's form; 503 says that the database is away, 504 that it took too long.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import date
from urllib.parse import quote, unquote

import msgspec
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from catalog.errors import InvalidSelection, MigrationError, StoreTimeout, StoreUnavailable
from catalog.stores.port import Store
from graphql_schema import Context
from server.auth import Authenticator, InvalidToken
from server.marquez.asking import Asking, Query, Refused, bad
from server.marquez.routes import route
from server.marquez.shapes import Problem

__all__ = ["PREFIX", "MarquezEndpoint"]

PREFIX = "/api/v1"

_HEADERS = {"Cache-Control": "no-store"}
"""An answer may be for one reader only."""
_AGAIN = {"Retry-After": "5"}
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="waypost", error="invalid_token"'}

_log = logging.getLogger("waypost.marquez")


class MarquezEndpoint:
    """The application behind every path that ``routes.py`` lists. ``today`` says which day is asked about."""

    def __init__(
        self, store: Store, authenticator: Authenticator, *, today: Callable[[], date], timeout_seconds: float
    ) -> None:
        self._store = store
        self._authenticator = authenticator
        self._today = today
        self._timeout_seconds = timeout_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            response = _answer(200, await self._found(scope))
        except InvalidToken as error:
            response = _refused(401, str(error), _CHALLENGE)
        except Refused as error:
            response = _refused(error.status, str(error), error.headers)
        except InvalidSelection as error:
            response = _refused(400, str(error))
        except (StoreTimeout, TimeoutError) as error:
            _log.warning("too late: %s", error)
            response = _refused(504, "It took too long and was given up: ask for less at once, or try again later.")
        except (StoreUnavailable, MigrationError) as error:
            # Its text may name hosts and files, which only the log may know.
            _log.warning("no answer: %s", error)
            response = _refused(503, "The database cannot be reached: try again later.", _AGAIN)
        await response(scope, receive, send)

    async def _found(self, scope: Scope) -> msgspec.Struct:
        principal = self._authenticator.principal(Headers(scope=scope).getlist("authorization"))
        scope["state"]["principal"] = principal.name
        segments = _segments(scope)
        found = route(segments)
        if found is None:
            raise Refused(404, f"{scope['path'][:200]} is not served here: docs/marquez.md lists what is.")
        if scope["method"] not in ("GET", "HEAD"):
            message = "This is read only: metadata comes in as events of OpenLineage, POST /api/v1/lineage."
            raise Refused(405, message, {"Allow": "GET, HEAD, POST" if segments == ["lineage"] else "GET, HEAD"})
        handler, names = found
        query = Query(scope["query_string"])
        async with asyncio.timeout(self._timeout_seconds) as limit:
            context = Context(
                self._store, principal.reader, self._today(), scope["state"]["request_id"], deadline=limit
            )
            return await handler(Asking(context, query), *names)


def _segments(scope: Scope) -> list[str]:
    """The segments of the path, unescaped one by one: a name may hold a slash, escaped. Raises Refused."""
    raw: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
    path = raw.partition(b"?")[0].decode("ascii", "replace").removeprefix(PREFIX)
    try:
        return [unquote(segment, errors="strict") for segment in path.split("/")[1:]]
    except UnicodeDecodeError:
        raise bad("the path is no UTF-8: escape names byte by byte, as %XX") from None


def _answer(status: int, body: msgspec.Struct) -> Response:
    return Response(msgspec.json.encode(body), status, dict(_HEADERS), media_type="application/json")


def _refused(status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    response = _answer(status, Problem(code=status, message=message))
    response.headers.update(headers or {})
    return response
