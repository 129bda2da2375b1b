"""The rules of the files that people write: what keeps a record out, and what refuses a file as a whole.

They are those of our own format, and of what others share with it: plan files (``loaders/plan/rules.py`` has what is theirs
alone), lists of agencies (``loaders/agencies/rules.py``) and registers (``loaders/registers/rules.py``).
"""

from __future__ import annotations

from enum import StrEnum

__all__ = ["Rule"]


class Rule(StrEnum):
    """Every rule that such a file can break; each flaw and each refusal names one. The names are stable."""

    # Of a record, or of what stands above the records
    KIND = "kind"
    """It says of no declared kind that it is one."""
    URN = "urn"
    URN_KIND = "urn-kind"
    """A URN of another kind than belongs there."""
    TYPE = "type"
    REQUIRED = "required"
    UNKNOWN_KEY = "unknown-key"
    ENUM = "enum"
    SPAN = "span"
    """It ends before it begins."""
    OPEN_START = "open-start"
    """A link that ends, and does not say when it began."""
    REPEATED_LINK = "repeated-link"
    DUPLICATE_KEY = "duplicate-key"
    DUPLICATE_URN = "duplicate-urn"
    KEY = "key"
    """A key that is no plain word."""
    PLAIN = "plain"
    """YAML that says something else than it shows: a tag, an anchor, an alias."""
    # Of a text, or of the file as a whole
    ENCODING = "encoding"
    SIZE = "size"
    # Of the file as a whole
    EMPTY = "empty"
    YAML = "yaml"
    JSON = "json"
    DEPTH = "depth"
    VERSION = "version"
