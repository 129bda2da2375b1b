"""Who is asking, and what of a node they may see. The stores put it into every statement (``design.md`` section 3).

A node has one *audience*. A reader sees a node FULL, as a PLACEHOLDER or not at all (NONE). What is NONE is as if it did
not exist: no row, count, facet, hit, path, cursor or completeness speaks of it. A PLACEHOLDER is an opaque id that
keeps the shape of lineage; it stands in no list, count, filter or search.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["PUBLIC_READER", "STAFF_READER", "Audience", "Reader"]


class Audience(StrEnum):
    """Whom a node is for. The widest first."""

    PUBLIC = "PUBLIC"
    STAFF = "STAFF"


@dataclass(frozen=True, slots=True)
class Reader:
    """One who asks: the audiences whose nodes they see whole, and those whose nodes they see as placeholders.

    ``staff_properties`` opens the properties that the model declares for staff (personal contacts, raw records).
    """

    name: str
    full: tuple[Audience, ...]
    placeholder: tuple[Audience, ...] = ()
    staff_properties: bool = False

    @property
    def sees_all(self) -> bool:
        """Whether they see every node whole."""
        return set(self.full) == set(Audience) and self.staff_properties


PUBLIC_READER = Reader("public", (Audience.PUBLIC,))
STAFF_READER = Reader("staff", (Audience.PUBLIC, Audience.STAFF), staff_properties=True)
