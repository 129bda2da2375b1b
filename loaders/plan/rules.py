"""The rules of a plan file besides those of every file that a person writes (``loaders/waypost_file/rules.py``)."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["PlanRule"]


class PlanRule(StrEnum):
    """Every rule that only a plan file can break. The names are stable."""

    ITEM_KEY = "item-key"
    """No ``key``, or one that is not written as keys are."""
    DUPLICATE_ITEM_KEY = "duplicate-item-key"
    DUPLICATE_NUMBER = "duplicate-number"
    DUPLICATE_CODE = "duplicate-code"
    UNKNOWN_REFERENCE = "unknown-reference"
    """A link to a key that no item has."""
    REFERENCE_KIND = "reference-kind"
    """A link to an item of another kind than belongs there."""
    QUARANTINE = "quarantine"
    """What is played again is no item of a plan file, or no one plan's."""
