"""The rules that dbt's files can break besides those of any JSON record (``loaders/fields.py``)."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["DbtRule"]


class DbtRule(StrEnum):
    """What is wrong with a node or a result, or with a file as a whole. The names are stable."""

    # Of a node or a result
    RESOURCE_TYPE = "resource-type"
    """A node of a type that is not known here."""
    UNIQUE_ID = "unique-id"
    """A node that says of itself another id than it stands under."""
    UNKNOWN_NODE = "unknown-node"
    """It depends on, or is about, a node that the manifest does not have, or that was kept out itself."""
    TIME = "time"
    """What should be an instant and is none."""
    # Of a file as a whole
    NOT_JSON = "not-json"
    NO_ARTIFACT = "no-artifact"
    """It is JSON, and not the file of dbt's that belongs there."""
    VERSION = "version"
