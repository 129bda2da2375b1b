"""The public contract: GraphQL types, the plan that answers them in one round trip, and limits."""

from graphql_schema.core.context import Caller, Context
from graphql_schema.core.errors import (
    DATABASE_UNAVAILABLE,
    DEADLINE_EXCEEDED,
    FORBIDDEN,
    LIMIT_EXCEEDED,
    UNAUTHENTICATED,
)
from graphql_schema.core.kept_audits import Audits
from graphql_schema.core.run import Answer, Request, answer
from graphql_schema.schema import SDL_PATH, WaypostSchema, build_schema, export_sdl

__all__ = ["DATABASE_UNAVAILABLE", "DEADLINE_EXCEEDED", "FORBIDDEN", "LIMIT_EXCEEDED", "SDL_PATH", "UNAUTHENTICATED"]
__all__ += ["Answer", "Audits", "Caller", "Context", "Request", "WaypostSchema", "answer", "build_schema"]
__all__ += ["export_sdl"]
