"""The JSON Schema of a plan file, derived from the declared model (``waypost schema --plan-schema``)."""

from __future__ import annotations

from typing import Any

from catalog.model import MODEL, json_schema
from catalog.model.declare import Kind, Relation
from loaders.plan.format import ITEM_KEYS, KEY, LABELS, PLAN, PLAN_KEYS, SECTIONS, VERSION, VERSION_KEY

__all__ = ["plan_schema"]


def plan_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a plan file. It cannot say that a reference finds its key, and each key one item."""
    kinds = list(dict.fromkeys(SECTIONS.values()))
    return {
        "$schema": json_schema.DIALECT,
        "title": "A Waypost plan file",
        "description": "One version of a data plan, with all that it states.",
        "type": "object",
        "required": [VERSION[0], "source", "key", "plan"],
        "additionalProperties": False,
        "properties": {
            VERSION[0]: {"description": "Version of this format.", "const": VERSION[1]},
            "source": json_schema.source(),
            "day": json_schema.day("The day the file speaks of; none: the day it is loaded."),
            "key": _key_of(PLAN),
            "audience": json_schema.audience_of("Whom the items are for that say nothing of it."),
            "plan": _item(PLAN, PLAN_KEYS),
            **{section: _section(kind) for section, kind in SECTIONS.items()},
        },
        "$defs": {
            **json_schema.definitions(kinds),
            "key": _key(KEY, "What an item is called by in its file, such as g1.m2; no other item has the same."),
            "version_key": _key(VERSION_KEY, "What a plan version is called by, widest part first: xx:2021-2022."),
            **{kind.label: _item(kind, ITEM_KEYS) for kind in kinds},
            **{f"{kind.label}.{r.name}": _head(r) for kind in kinds for r in kind.relations},
        },
    }


def _section(kind: Kind) -> dict[str, Any]:
    return {"description": kind.doc, "type": "array", "items": {"$ref": f"#/$defs/{kind.label}"}}


def _item(kind: Kind, own: tuple[str, ...]) -> dict[str, Any]:
    """An item, or the plan version itself; ``own`` is what it has besides what the model declares."""
    about = {
        "key": _key_of(kind),
        "audience": json_schema.audience_of("Whom it is for; none: what the file says."),
        **json_schema.SPAN,
    }
    return {
        "description": kind.doc,
        "type": "object",
        "required": [*(name for name in own if name == "key"), *json_schema.required_of(kind)],
        "additionalProperties": False,
        "properties": {
            **{name: about[name] for name in own},
            **json_schema.properties_of(kind.properties),
            **{relation.name: json_schema.link(relation) for relation in kind.relations},
        },
    }


def _head(relation: Relation) -> dict[str, Any]:
    kinds = [MODEL.kind(label) for label in relation.heads]
    to = json_schema.urn_of(f"URN of the other end: {', '.join(relation.heads)}.", kinds)
    if LABELS.isdisjoint(relation.heads):
        return json_schema.head(relation, to)
    by_key = {"type": "string", "if": {"pattern": "^urn:"}, "then": to, "else": _key_of(kinds[0])}
    return json_schema.head(relation, by_key, "the key of an item of the file, or the URN of what is elsewhere")


def _key_of(kind: Kind) -> dict[str, Any]:
    return {"$ref": f"#/$defs/{'version_key' if kind is PLAN else 'key'}"}


def _key(pattern: str, description: str) -> dict[str, Any]:
    return {"description": description, "type": "string", "pattern": f"^{pattern}$"}
