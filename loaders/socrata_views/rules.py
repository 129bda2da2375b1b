"""The rules that a file of families can break besides those of any JSON record (``loaders/fields.py``)."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["ViewRule"]


class ViewRule(StrEnum):
    """What is wrong with a family, or with the file as a whole. The names are stable."""

    # Of a family
    DUPLICATE_VIEW = "duplicate-view"
    """A view that stands in it twice."""
    TWO_SOURCES = "two-sources"
    """A view that is in an earlier family too: it can be made of one only."""
    # Of the file as a whole
    NOT_GZIP = "not-gzip"
    SIZE = "size"
    NO_FAMILY = "no-family"
