"""Root fields that a router asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from catalog.errors import InvalidSelection, InvalidUrn
from catalog.model import MODEL
from catalog.urn import parse
from graphql_schema.core.chosen import Chosen
from graphql_schema.core.context import Context
from graphql_schema.core.declare import asked, roots
from graphql_schema.core.plan import MAX_FIRST, Rows, shape_of
from graphql_schema.core.roots import NAMES, Root, by_urns
from graphql_schema.federation.types import Entity, FederationAny, Service

__all__ = ["ENTITIES", "federation_query"]

ENTITIES = {NAMES.get(label, label): label for label in ("Agency", "Agreement", "Appointment", "Dataset", "Goal")}
"""GraphQL name of an entity to the kind that it stands for."""


@dataclass(frozen=True, slots=True)
class Entities(Root):
    """Entities by their representations, in their order, with None where the reader sees none: one round trip."""

    async def answer(self, chosen: Chosen, context: Context, as_of: date) -> Any:
        """See ``Root``. Raises InvalidSelection on what represents none of ours."""
        representations = chosen.args["representations"]
        if len(representations) > MAX_FIRST:
            raise InvalidSelection(f"{len(representations)} representations are too many at once: at most {MAX_FIRST}")
        return await by_urns([_urn(found) for found in representations], chosen, context, as_of)

    def size(self, _first: int, /) -> int:
        """See ``Mapped``."""
        return MAX_FIRST


@dataclass(frozen=True, slots=True)
class ServiceText(Root):
    """The text of the schema."""

    sdl: Callable[[], str]

    async def answer(self, chosen: Chosen, context: Context, as_of: date) -> Any:
        """See ``Root``: the same for everyone, on any day."""
        del context, as_of
        return shape_of(chosen, Rows(""))({"sdl": self.sdl()})


def _urn(representation: Mapping[str, Any]) -> str:
    """The URN of a representation, of the kind that it names."""
    name, urn = representation.get("__typename"), representation.get("urn")
    label = ENTITIES.get(name) if isinstance(name, str) else None
    if label is None:
        raise InvalidSelection(f"'{str(name)[:40]}' is no entity of this subgraph: it has {', '.join(ENTITIES)}")
    if not isinstance(urn, str):
        raise InvalidSelection(f"a {name} is represented by its 'urn', a text; not by {str(urn)[:40]!r}")
    if parse(urn).kind != MODEL.kinds[label].slug:
        raise InvalidUrn(
            f"'{urn[:80]}' is the URN of another kind: expected 'urn:waypost:{MODEL.kinds[label].slug}:...'"
        )
    return urn


def federation_query(sdl: Callable[[], str]) -> type:
    """The root fields of a subgraph of which ``sdl`` answers the text."""

    @roots
    class FederationQuery:
        """See the fields."""

        service: Service = asked(ServiceText(sdl), "What a router asks of a subgraph.", name="_service")
        entities: list[Entity | None] = asked(
            Entities(),
            "The entities of these representations, in their order; null where there is none. As of today.",
            (
                "representations",
                list[FederationAny],
                f"Each an object with `__typename` and `urn`; at most {MAX_FIRST}.",
            ),
            name="_entities",
        )

    return FederationQuery
