"""The application: routes, and what stands around them."""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, date, datetime
from importlib.metadata import version
from zoneinfo import ZoneInfo

from fastapi import FastAPI
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.routing import Route

from catalog.errors import MigrationError, StoreUnavailable
from catalog.stores.port import Store
from graphql_schema import Audits, build_schema
from server import graphiql
from server.auth import Authenticator
from server.graphql_http import GraphQLEndpoint
from server.lineage_http import Intakes, LineageEndpoint
from server.marquez.endpoint import PREFIX, MarquezEndpoint
from server.middleware import Envelope, problem
from server.queries import demo_queries
from server.reading import Read, read_here
from server.settings import Settings

__all__ = ["create_app"]

_READY_SECONDS = 1.0
_ASSETS = "/static/graphiql"

_log = logging.getLogger("waypost.health")


def create_app(
    settings: Settings,
    store: Store,
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    read: Read = read_here,
    audits: Audits | None = None,
) -> FastAPI:
    """The application on a store that is open, and stays its opener's to close.

    ``now`` answers with a zone; ``read`` reads the events of batches; ``audits`` are those of the store and the zone.
    """
    zone = ZoneInfo(settings.zone)

    def today() -> date:
        return now().astimezone(zone).date()

    # The documentation pages of FastAPI load their scripts from other machines.
    app = FastAPI(title="Waypost", version=version("waypost"), docs_url=None, redoc_url=None)
    endpoint = GraphQLEndpoint(
        build_schema(),
        store,
        Authenticator(settings.tokens),
        page=graphiql.page("/graphql", _ASSETS, demo_queries()),
        audits=audits or Audits(store, zone),
        today=today,
        now=now,
        timeout_seconds=settings.query_timeout_seconds,
        write_timeout_seconds=settings.write_timeout_seconds,
    )
    # A plain route: FastAPI's own solve dependencies, at half a millisecond a request.
    app.router.routes.append(Route("/graphql", endpoint))
    _add_lineage(app, settings, Intakes(store, now), read)
    reads = MarquezEndpoint(
        store, Authenticator(settings.tokens), today=today, timeout_seconds=settings.query_timeout_seconds
    )
    app.router.routes.append(Route(PREFIX + "/{path:path}", reads))
    app.router.routes.append(Route(_ASSETS + "/{name}", graphiql.asset))
    app.router.routes.append(Route("/", _to_graphiql))
    _add_health(app, store)
    app.add_exception_handler(HTTPException, _as_problem)
    app.add_middleware(Envelope)
    return app


def _add_lineage(app: FastAPI, settings: Settings, intakes: Intakes, read: Read) -> None:
    """The paths that OpenLineage's clients send events to."""
    authenticator = Authenticator(settings.tokens)
    one, several = (LineageEndpoint(intakes, authenticator, several=several, read=read) for several in (False, True))
    # A GET of the first is one of Marquez's reads.
    app.router.routes.append(Route("/api/v1/lineage", one, methods=["POST"]))
    app.router.routes.append(Route("/api/v1/lineage/batch", several))


async def _to_graphiql(_request: Request) -> Response:
    return RedirectResponse("/graphql")


def _add_health(app: FastAPI, store: Store) -> None:
    @app.get("/health/live", summary="Whether the process answers; asks nothing of the database.")
    async def live() -> dict[str, str]:
        return {"status": "live"}

    @app.get("/health/ready", summary="Whether the database answers and its schema is this version's; 503 if not.")
    async def ready() -> Response:
        try:
            async with asyncio.timeout(_READY_SECONDS):
                await store.check()
        except TimeoutError:
            _log.warning("not ready: the database did not answer within %g s", _READY_SECONDS)
            return problem(503, "Not ready", f"The database did not answer within {_READY_SECONDS:g} second.")
        except MigrationError as error:
            _log.warning("not ready: %s", error)
            detail = "The schema of the database is not this version's: run 'waypost migrate'."
            return problem(503, "Not ready", detail)
        except StoreUnavailable as error:
            # Its text may name hosts and files, which only the log may know.
            _log.warning("not ready: %s", error)
            return problem(503, "Not ready", "The database cannot be reached; the log says more.")
        return Response('{"status":"ready"}', media_type="application/json")


async def _as_problem(request: Request, error: Exception) -> Response:
    """What a route refused, such as an address that leads nowhere."""
    if not isinstance(error, HTTPException):
        raise error
    found = problem(error.status_code, str(error.detail), f"{request.method} {request.url.path} is not served here.")
    found.headers.update(error.headers or {})
    return found
