"""What filter inputs of every domain are made of: the operators of each shape of property."""

from __future__ import annotations

from typing import Generic, TypeVar

import strawberry

__all__ = ["BooleanFilter", "Filter", "NameFilter", "RangeFilter", "TextFilter", "TextsFilter", "UrnFilter"]

T = TypeVar("T")

_EQ = "It is this value."
_IN = "It is one of these values; at most 1,000."
_IS_NULL = "True: it is missing. False: it has a value."


@strawberry.input(description="A URN, compared letter by letter; its fields hold together (and).")
class UrnFilter:
    """See the description."""

    eq: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description=_EQ)
    in_: list[strawberry.ID] | None = strawberry.field(default=strawberry.UNSET, name="in", description=_IN)


@strawberry.input(description="A text, compared letter by letter; its fields hold together (and).")
class TextFilter:
    """See the description."""

    eq: str | None = strawberry.field(default=strawberry.UNSET, description=_EQ)
    in_: list[str] | None = strawberry.field(default=strawberry.UNSET, name="in", description=_IN)
    is_null: bool | None = strawberry.field(default=strawberry.UNSET, description=_IS_NULL)


@strawberry.input(description="A name or title; its fields hold together (and).")
class NameFilter(TextFilter):
    """See the description."""

    starts_with: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="It begins with this text, whatever the case and the accents of either; at most 160 characters.",
    )


@strawberry.input(description="A list of texts, compared letter by letter; its fields hold together (and).")
class TextsFilter:
    """See the description."""

    contains: str | None = strawberry.field(default=strawberry.UNSET, description="The list holds this value.")
    is_null: bool | None = strawberry.field(
        default=strawberry.UNSET, description="True: it is empty. False: it holds something."
    )


@strawberry.input(description="A value of an enumeration; its fields hold together (and).")
class Filter(Generic[T]):
    """See the description."""

    eq: T | None = strawberry.field(default=strawberry.UNSET, description=_EQ)
    in_: list[T] | None = strawberry.field(default=strawberry.UNSET, name="in", description=_IN)
    is_null: bool | None = strawberry.field(default=strawberry.UNSET, description=_IS_NULL)


@strawberry.input(description="A yes or no; its fields hold together (and).")
class BooleanFilter:
    """See the description."""

    eq: bool | None = strawberry.field(default=strawberry.UNSET, description=_EQ)
    is_null: bool | None = strawberry.field(default=strawberry.UNSET, description=_IS_NULL)


@strawberry.input(description="A value that has an order: a number, a day, an instant; its fields hold together (and).")
class RangeFilter(Generic[T]):
    """See the description."""

    eq: T | None = strawberry.field(default=strawberry.UNSET, description="It is this number, day or instant.")
    lt: T | None = strawberry.field(
        default=strawberry.UNSET, description="It is less or earlier than this number, day or instant."
    )
    le: T | None = strawberry.field(
        default=strawberry.UNSET, description="It is this number, day or instant, or less or earlier."
    )
    gt: T | None = strawberry.field(
        default=strawberry.UNSET, description="It is more or later than this number, day or instant."
    )
    ge: T | None = strawberry.field(
        default=strawberry.UNSET, description="It is this number, day or instant, or more or later."
    )
    is_null: bool | None = strawberry.field(default=strawberry.UNSET, description=_IS_NULL)
