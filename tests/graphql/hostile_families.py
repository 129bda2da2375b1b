"""All hostile requests."""

from __future__ import annotations

from tests.graphql.hostile import Attack
from tests.graphql.hostile_arguments import arguments
from tests.graphql.hostile_bodies import bodies
from tests.graphql.hostile_documents import documents
from tests.graphql.hostile_introspection import introspection

__all__ = ["attacks"]


def attacks() -> list[Attack]:
    """Each of them once."""
    return [*documents(), *arguments(), *bodies(), *introspection()]
