"""What an enumeration of the model is made of: words that say what they mean (domain 2)."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

__all__ = ["Described", "meaning"]


class Described(StrEnum):
    """An enumeration whose members carry their meaning: ``OPEN = "OPEN", "Public, and all open criteria are met."``.

    ``doc`` is what the data dictionary, the JSON Schema and the GraphQL schema say of the member.
    """

    doc: str

    def __new__(cls, value: str, doc: str) -> Self:
        """Make a member of its value and its meaning."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.doc = doc
        return member


def meaning(member: StrEnum) -> str:
    """What a member means; empty where its enumeration does not say."""
    return member.doc if isinstance(member, Described) else ""
