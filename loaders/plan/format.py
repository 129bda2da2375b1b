"""The format of a plan file, as far as the model does not say it: its sections, and the keys by which items are called.

What an item of a section can state follows from the kind it is of (``catalog/model/plan.py``).
"""

from __future__ import annotations

import re

from catalog.model import MODEL
from catalog.model.declare import Kind, Relation
from loaders.plan.rules import PlanRule

__all__ = ["CONTAINS", "HEAD_KEYS", "ITEM_KEYS", "KEY", "LABELS", "PLAN", "PLAN_KEYS", "SECTIONS", "UNIQUE"]
__all__ += ["VERSION", "VERSION_KEY", "key_pattern", "known_keys"]

VERSION = ("waypost_plan", 1)
"""The key that tells the format, and the version of it that is read here."""

PLAN: Kind = MODEL.kind("PlanVersion")
"""What a file is about; stated under ``plan``."""

SECTIONS: dict[str, Kind] = {
    "earlier": PLAN,
    "principles": MODEL.kind("Principle"),
    "focal_points": MODEL.kind("FocalPoint"),
    "components": MODEL.kind("FocalComponent"),
    "steps": MODEL.kind("ImplementationStep"),
    "goals": MODEL.kind("Goal"),
    "metrics": MODEL.kind("Metric"),
}
"""The lists of a file and the kind of their items. ``earlier`` holds versions that no file of their own states."""

CONTAINS: dict[str, Relation] = {relation.name: relation for relation in PLAN.relations if relation.name in SECTIONS}
"""The sections whose items the plan version is linked to because they stand there."""

LABELS = frozenset(kind.label for kind in SECTIONS.values())
"""The kinds of which an item can be called by its key."""

HEAD_KEYS = ("key", "audience", "plan", *SECTIONS)
PLAN_KEYS = ("audience", "valid_from", "valid_to")
ITEM_KEYS = ("key", *PLAN_KEYS)
"""What stands in a file, in ``plan`` and in an item besides what the model declares."""

UNIQUE = {"number": PlanRule.DUPLICATE_NUMBER, "code": PlanRule.DUPLICATE_CODE}
"""Properties by which people tell items apart, and the rule that no two of a section, or of one thing they are part of,
share a value."""

_WORD = r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}"
KEY = _WORD
VERSION_KEY = rf"(?!urn:){_WORD}(?::{_WORD}){{0,9}}"
"""The key of an item, such as g1.m2, and of a plan version, such as xx:2021-2022, as regular expressions."""


def key_pattern(kind: Kind) -> re.Pattern[str]:
    """What the key of an item of this kind looks like."""
    return re.compile(VERSION_KEY if kind is PLAN else KEY)


def known_keys(kind: Kind, own: tuple[str, ...]) -> list[str]:
    """All that an item of this kind can state. The model lets no property and relationship share a name."""
    return [*own, *(p.name for p in kind.properties), *(r.name for r in kind.relations)]
