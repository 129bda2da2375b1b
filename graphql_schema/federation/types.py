"""Types that a federation asks for, under the names that its specification gives them."""

from __future__ import annotations

from typing import Annotated

import strawberry
from strawberry.federation.schema import FederationAny

from graphql_schema.core.declare import part, view
from graphql_schema.core.plan import Value
from graphql_schema.core.scalars import InvalidScalar
from graphql_schema.data.types import Dataset
from graphql_schema.people.types import Agency, DataOfficer
from graphql_schema.plan.types import Goal
from graphql_schema.sharing.types import Agreement

__all__ = ["ANY", "VERSION", "Entity", "FederationAny", "Service"]

VERSION = "2.9"
"""Of the federation specification: later ones are not known to every router."""


def _representation(value: object) -> object:
    if isinstance(value, dict):
        return value  # pyright: ignore[reportUnknownVariableType] - its keys are looked at where it is used
    raise InvalidScalar(f"'{str(value)[:40]}' represents no entity: expected an object with '__typename' and 'urn'")


ANY = strawberry.scalar(
    name="_Any",
    description="What represents an entity: an object with its `__typename` and its key, `urn`.",
    parse_value=_representation,
)

Entity = Annotated[
    Agency | Agreement | DataOfficer | Dataset | Goal,
    strawberry.union("_Entity", description="What other subgraphs know by its URN."),
]


@view("What a router asks of a subgraph.", name="_Service")
class Service:
    """See the description."""

    sdl: str | None = part(Value("sdl"), "The text of the schema, with the directives of the federation.")
