"""The rules of a register and its mapping, besides those of lists of agencies and of every file that a person writes."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["RegisterRule"]


class RegisterRule(StrEnum):
    """Every rule that only a register or its mapping can break. The names are stable."""

    # Of a row
    UNKNOWN_CLASS = "unknown-class"
    UNKNOWN_BASIS = "unknown-basis"
    UNKNOWN_PURPOSE = "unknown-purpose"
    """A word that the mapping does not say the meaning of."""
    DAY = "day"
    """What should be a day and is none, and none of the words that stand for no day."""
    BACKWARDS = "backwards"
    """A last day before the first, or a signature before the request."""
    CONTRADICTION = "contradiction"
    """It says something else of its agreement than an earlier row."""
    # Of the mapping
    UNKNOWN_LAW = "unknown-law"
    """A key that is in no entry of ``laws``."""
    UNKNOWN_MAPPING = "unknown-mapping"
    """The name of no mapping that is packaged."""
