"""The rules of our own file format: what keeps a node out, and what refuses a file as a whole."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["Rule"]


class Rule(StrEnum):
    """Every rule that a file can break here; each flaw and each refusal names one. The names are stable."""

    # Of a node, or of what stands above the nodes
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
