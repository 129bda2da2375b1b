"""The rules of the files that people write: what keeps a record out, and what refuses a file as a whole.

They are those of our own format, and of what others share with it: plan files (``loaders/plan/rules.py`` has what is theirs
alone), lists of agencies (``loaders/agencies/rules.py``) and registers (``loaders/registers/rules.py``).
"""

from __future__ import annotations

from enum import StrEnum

from catalog.stated import StatedRule

__all__ = ["Rule"]


class Rule(StrEnum):
    """Every rule that such a file can break; each flaw and each refusal names one. The names are stable."""

    # Of a record, or of what stands above the records: those of every statement
    KIND = StatedRule.KIND
    URN = StatedRule.URN
    URN_KIND = StatedRule.URN_KIND
    TYPE = StatedRule.TYPE
    REQUIRED = StatedRule.REQUIRED
    UNKNOWN_KEY = StatedRule.UNKNOWN_KEY
    ENUM = StatedRule.ENUM
    SPAN = StatedRule.SPAN
    OPEN_START = StatedRule.OPEN_START
    REPEATED_LINK = StatedRule.REPEATED_LINK
    # Of a record as well: those of a text
    DUPLICATE_KEY = "duplicate-key"
    DUPLICATE_URN = "duplicate-urn"
    KEY = "key"
    """A key that is no plain word."""
    PLAIN = "plain"
    """YAML that says something else than it shows: a tag, an anchor, an alias."""
    # Of a text, or of the file as a whole
    ENCODING = StatedRule.ENCODING
    SIZE = StatedRule.SIZE
    # Of the file as a whole
    EMPTY = "empty"
    YAML = "yaml"
    JSON = "json"
    DEPTH = "depth"
    VERSION = "version"
