"""The rules of a list of agencies besides those of every file that a person writes (``loaders/waypost_file/rules.py``)."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["ListRule"]


class ListRule(StrEnum):
    """Every rule that only a CSV of agencies or its mapping can break. The names are stable."""

    # Of a row or the mapping
    UNKNOWN_SECTION = "unknown-section"
    UNKNOWN_AGENCY = "unknown-agency"
    # Of a row
    RAGGED = "ragged"
    """It has more or fewer cells than there are columns."""
    ORDER = "order"
    OTHER_AGENCY = "other-agency"
    """Name and abbreviation mean two agencies."""
    DUPLICATE_ROW = "duplicate-row"
    ROWS = "rows"
    """A row that is played again is none, or several."""
    # Of the CSV as a whole; a row that is played again is such a one
    CSV = "csv"
    HEADER = "header"
    # Of the mapping
    TOO_MANY = "too-many"
    """Several links where one belongs."""
    AMBIGUOUS = "ambiguous"
    """A name that two agencies have."""
    SOURCE = "source"
    """The mapping of another source than that of the rows."""
