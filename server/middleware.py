"""What every request gets: an id, headers that bind the browser, a line in the log, and an answer whatever happens."""

import logging
import re
import time
import uuid
from typing import Any

import msgspec
import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Envelope", "problem"]

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

_SECURITY_HEADERS = {
    # What is no page of ours loads nothing; a page says for itself what it needs.
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

_log = structlog.stdlib.get_logger("waypost.http")


def problem(status: int, title: str, detail: str, **more: Any) -> Response:
    """An error of a REST endpoint (RFC 9457)."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    return Response(msgspec.json.encode(body), status, media_type="application/problem+json")


class Envelope:
    """ASGI middleware around everything. The id is the client's ``X-Request-ID`` where it has the form of one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        status = 0
        begun = time.perf_counter()

        async def enveloped(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                # A copy: a response that is sent more than once keeps its own.
                headers = MutableHeaders(raw=list(message["headers"]))
                message = {**message, "headers": headers.raw}
                headers["X-Request-ID"] = request_id
                for name, value in _SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, enveloped)
            except Exception:  # noqa: BLE001 - the last place that can answer
                _log.exception("request failed", path=scope["path"])
                if not status:
                    answer = problem(500, "Unexpected error", "The log has more under this id.", requestId=request_id)
                    await answer(scope, receive, enveloped)
            level = logging.DEBUG if scope["path"].startswith(("/health/", "/static/")) else logging.INFO
            milliseconds = round((time.perf_counter() - begun) * 1000, 1)
            _log.log(
                level,
                "request",
                method=scope["method"],
                path=scope["path"],
                status=status,
                ms=milliseconds,
                principal=scope["state"].get("principal"),
            )
