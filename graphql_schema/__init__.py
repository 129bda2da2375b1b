"""The public contract: GraphQL types, the plan that answers them in one round trip, and limits."""

from graphql_schema.core.context import Context
from graphql_schema.core.errors import DATABASE_UNAVAILABLE, DEADLINE_EXCEEDED, LIMIT_EXCEEDED
from graphql_schema.core.kept_audits import Audits
from graphql_schema.core.run import Answer, Request, answer
from graphql_schema.schema import SDL_PATH, WaypostSchema, build_schema, export_sdl

__all__ = ["DATABASE_UNAVAILABLE", "DEADLINE_EXCEEDED", "LIMIT_EXCEEDED", "SDL_PATH", "Answer", "Audits", "Context"]
__all__ += ["Request", "WaypostSchema", "answer", "build_schema", "export_sdl"]
