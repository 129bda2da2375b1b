"""The parts of a JSON Schema (2020-12) that follow from the declared model, for every format that people write by hand.

Pure functions: the same model gives the same schema. What refers to ``#/$defs/...`` finds it in ``definitions``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any

from catalog.access import Audience
from catalog.model import MODEL
from catalog.model.declare import EdgeProperty, Kind, Property, Relation, Shape
from catalog.model.enums import meaning
from catalog.urn import DOMAIN, FOUR_BY_FOUR, MAX_URN_LENGTH, SCHEMES

__all__ = ["DIALECT", "SPAN", "audience_of", "day", "definitions", "enums_of", "head", "link", "properties_of"]
__all__ += ["required_of", "source", "urn_of"]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SPAN = {name: {"$ref": f"#/$defs/{name}"} for name in ("valid_from", "valid_to")}
"""The days on which something holds."""

_SEGMENT = r"(?:[A-Za-z0-9\-._~/@+,=;!$'()*&]|%[0-9A-F]{2})+"
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_INSTANT = _DAY + r"T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})"

_SHAPES: dict[Shape, dict[str, Any]] = {
    Shape.TEXT: {"type": "string"},
    Shape.INTEGER: {"type": "integer", "minimum": -(2**63), "maximum": 2**63 - 1},
    Shape.REAL: {"type": "number"},
    Shape.BOOLEAN: {"type": "boolean"},
    Shape.DATE: {"$ref": "#/$defs/day"},
    Shape.DATETIME: {"$ref": "#/$defs/instant"},
    Shape.TEXTS: {"type": "array", "items": {"type": "string"}},
}


def definitions(kinds: Iterable[Kind]) -> dict[str, Any]:
    """What the other parts refer to: URNs, days and the enumerations of these kinds and of a source."""
    return {
        "urn": _any_urn(),
        "day": _dated("A day: YYYY-MM-DD.", _DAY, "date"),
        "instant": _dated("An instant with its zone: YYYY-MM-DDTHH:MM:SSZ.", _INSTANT, "date-time"),
        "valid_from": day("First day on which it holds; none: not known."),
        "valid_to": day("First day on which it holds no more; none: it goes on."),
        **{enum.__name__: _enum(enum) for enum in (*enums_of([*kinds, MODEL.kind("Source")]), Audience)},
    }


def source() -> dict[str, Any]:
    """The source of a file: its URN and its properties."""
    kind = MODEL.kind("Source")
    return {
        "description": kind.doc,
        "type": "object",
        "required": ["urn", *required_of(kind)],
        "additionalProperties": False,
        "properties": {"urn": urn_of("URN of the source.", [kind]), **properties_of(kind.properties)},
    }


def required_of(kind: Kind) -> list[str]:
    """The names of the properties that every node of the kind states."""
    return [p.name for p in kind.properties if p.required]


def properties_of(properties: Iterable[Property | EdgeProperty]) -> dict[str, Any]:
    """Declared properties by name."""
    return {p.name: _value(p) for p in properties}


def audience_of(description: str) -> dict[str, Any]:
    """Whom something is for."""
    return {"description": description, "$ref": "#/$defs/Audience"}


def link(relation: Relation) -> dict[str, Any]:
    """One head or a list of them; what a head is stands in the definition ``<tail>.<relation>``."""
    one = {"$ref": f"#/$defs/{relation.tail}.{relation.name}"}
    return {"description": relation.doc, "if": {"type": "array"}, "then": {"items": one}, "else": one}


def head(relation: Relation, to: dict[str, Any], written: str = "the URN of the other end") -> dict[str, Any]:
    """One head: a text that names the other end as ``to`` says, or an object with that and what the edge states."""
    return {
        "description": f"{relation.type} of {relation.tail}: {written}, or an object that states more.",
        "type": ["string", "object"],
        "if": {"type": "string"},
        "then": to,
        "required": ["to"],
        "additionalProperties": False,
        "properties": {"to": to, **SPAN, **properties_of(relation.props)},
    }


def urn_of(description: str, kinds: Sequence[Kind]) -> dict[str, Any]:
    """A URN of one of these kinds. What is of another kind is one error, in which the pattern can be read."""
    begins = {"pattern": f"^urn:waypost:(?:{'|'.join(kind.slug for kind in kinds)}):"}
    return {"description": description, "type": "string", **begins, "if": begins, "then": {"$ref": "#/$defs/urn"}}


def day(description: str) -> dict[str, Any]:
    """A day."""
    return {"description": description} | _SHAPES[Shape.DATE]


def enums_of(kinds: Iterable[Kind]) -> list[type[StrEnum]]:
    """Every enumeration that a property of these kinds, or of a relationship of theirs, is of; by name."""
    found: dict[str, type[StrEnum]] = {}
    for kind in kinds:
        declared = [*kind.properties, *(p for relation in kind.relations for p in relation.props)]
        found |= {p.enum.__name__: p.enum for p in declared if p.enum}
    return [found[name] for name in sorted(found)]


def _value(declared: Property | EdgeProperty) -> dict[str, Any]:
    unit = f" Unit: {declared.unit}." if isinstance(declared, Property) and declared.unit else ""
    described = {"description": declared.doc + unit}
    if declared.enum is None:
        return described | _SHAPES[declared.shape]
    member = {"$ref": f"#/$defs/{declared.enum.__name__}"}
    if declared.shape is Shape.TEXTS:
        return described | {"type": "array", "items": member}
    return described | member


def _any_urn() -> dict[str, Any]:
    """A text that follows the grammar of ``catalog/urn.py``."""
    bodies = [f"{scheme}(?::{_SEGMENT}){{{count or '1,'}}}" for scheme, count in SCHEMES.items() if scheme != "socrata"]
    bodies.append(f"socrata:{DOMAIN}:{FOUR_BY_FOUR}")
    pattern = f"^urn:waypost:[a-z0-9-]+:(?:{'|'.join(bodies)})(?:#{_SEGMENT})*$"
    described = "A URN: urn:waypost:<kind>:<scheme>:<segment>, by the grammar of ADR 1."
    return {"description": described, "type": "string", "pattern": pattern, "maxLength": MAX_URN_LENGTH}


def _dated(description: str, pattern: str, format_name: str) -> dict[str, Any]:
    """The pattern first, so that what is no day at all is one error also where formats are checked."""
    shaped = {"pattern": f"^{pattern}$"}
    return {"description": description, "type": "string", **shaped, "if": shaped, "then": {"format": format_name}}


def _enum(enum: type[StrEnum]) -> dict[str, Any]:
    members = " ".join(f"{m.value}: {meaning(m)}" for m in enum if meaning(m))
    doc = " ".join((enum.__doc__ or "").split())
    return {"description": f"{doc} {members}".strip(), "enum": [m.value for m in enum]}
