"""Descriptions: what the model says of a thing, in the words of the public schema."""

from __future__ import annotations

import re
from enum import EnumMeta
from typing import TypeVar, cast

import strawberry
from strawberry.types.enum import StrawberryEnumDefinition
from strawberry.utils.str_converters import to_camel_case

from catalog.findings import Severity
from catalog.model import enums
from catalog.model.declare import Kind, Property
from catalog.model.words import Described
from catalog.selection import Order
from lineage.audit import record_words, words

__all__ = ["Direction", "enumeration", "ordered", "plain", "property_words"]

_REFERENCE = re.compile(r"\s*\((?:domain|design)\b[^)]*\)")


def plain(text: str) -> str:
    """A text of the model without its references to our own papers, which a client cannot open."""
    return _REFERENCE.sub("", " ".join(text.split()))


def property_words(declared: Property) -> str:
    """What a property says, in what unit, and to whom."""
    words = plain(declared.doc)
    if declared.unit:
        words += f" Unit: {declared.unit}."
    if declared.staff:
        words += " For staff: null without a token."
    return words


def ordered(kind: Kind, order: Order) -> str:
    """The sentence that states an order of nodes of a kind."""
    end = ", descending" if order.descending else ""
    if order.by == "urn":
        return f"Ordered by URN{end}."
    by = to_camel_case(order.by)
    missing = "" if kind.property(order.by).required else f"; those without {by} last"
    return f"Ordered by {by}{end}, then URN{missing}."


_ENUM = TypeVar("_ENUM", bound=type[Described])


def enumeration(enum: _ENUM) -> _ENUM:
    """Make an enumeration one of the schema, each value with its meaning."""
    strawberry.enum(cast("EnumMeta", enum), description=plain(enum.__doc__ or ""))
    definition = cast("StrawberryEnumDefinition", vars(enum)["__strawberry_definition__"])
    for value in definition.values:
        value.description = enum(value.value).doc
    return enum


@enumeration
class Direction(Described):
    """Which end of an order comes first."""

    ASC = "ASC", "The smallest, earliest or first in the alphabet; what has no value comes last."
    DESC = "DESC", "The same order from its end, so that what has no value comes first."


# All at once, before any type is made: Strawberry makes an enumeration without words of one that it meets first. What
# no type uses does not enter the schema.
_ENUMS = (vars(module)[name] for module in (enums, record_words, words) for name in module.__all__)
for _enum in (Severity, *_ENUMS):
    if isinstance(_enum, type) and issubclass(_enum, Described) and _enum is not Described:
        enumeration(_enum)
