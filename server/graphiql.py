"""The GraphiQL page, from this machine only: its files come from a wheel, the page and what starts it are ours."""

import gzip
import hashlib
import html
import json
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from server.queries import DemoQuery

__all__ = ["asset", "page"]

# The wheel is named after Django and its files are not: they are found without importing it.
_THEIRS = files("graphene_django_graphiql_static") / "static" / "graphene_django_graphiql_static"
_OURS = files("server") / "static" / "graphiql"

_FILES: dict[str, tuple[Traversable, str]] = {
    "react.js": (_THEIRS / "react.production.min.js", "text/javascript"),
    "react-dom.js": (_THEIRS / "react-dom.production.min.js", "text/javascript"),
    "graphiql.js": (_THEIRS / "graphiql.min.js", "text/javascript"),
    "graphiql.css": (_THEIRS / "graphiql.min.css", "text/css"),
    "start.js": (_OURS / "start.js", "text/javascript"),
    "page.css": (_OURS / "page.css", "text/css"),
}
"""Name in the address to file and media type: nothing else is served."""

_CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Waypost: GraphiQL</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{graphiql.css}">
<link rel="stylesheet" href="{page.css}">
<script type="application/json" id="told">{told}</script>
<script src="{react.js}" defer></script>
<script src="{react-dom.js}" defer></script>
<script src="{graphiql.js}" defer></script>
<script src="{start.js}" defer></script>
</head>
<body>
<div id="graphiql"><noscript>GraphiQL needs JavaScript. Queries can be sent to this address with any HTTP client:
a POST with a JSON body that has a text named query.</noscript></div>
</body>
</html>
"""


@cache
def _content(name: str) -> tuple[bytes, bytes, str]:
    """The file's bytes, the same compressed, and what tells this content from another."""
    raw = _FILES[name][0].read_bytes()
    return raw, gzip.compress(raw, mtime=0), hashlib.sha256(raw).hexdigest()[:16]


async def asset(request: Request) -> Response:
    """One of the files; its address holds its content's mark, so that browsers may keep it."""
    name = request.path_params["name"]
    if name not in _FILES:
        raise HTTPException(404)
    raw, packed, _ = _content(name)
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(packed, headers={**headers, "Content-Encoding": "gzip"}, media_type=_FILES[name][1])
    return Response(raw, headers=headers, media_type=_FILES[name][1])


def page(endpoint: str, assets: str, queries: list[DemoQuery]) -> Response:
    """The page, with a tab for each of the queries. ``assets`` is the address under which ``asset`` is served."""
    tabs = [{"query": q.text, "variables": json.dumps(q.variables, indent=2) if q.variables else ""} for q in queries]
    # In a script element only "<" could end the data early.
    told = json.dumps({"endpoint": endpoint, "tabs": tabs}).replace("<", "\\u003c")
    text = _PAGE.replace("{told}", told)
    for name in _FILES:
        text = text.replace("{" + name + "}", html.escape(f"{assets}/{name}?{_content(name)[2]}"))
    headers = {"Content-Security-Policy": _CONTENT_SECURITY_POLICY, "Cache-Control": "no-cache"}
    return HTMLResponse(text, headers=headers)
