"""The exceptions that cross the edge of this package.

    CatalogError
    ├── InvalidUrn          a text that is no URN of our grammar
    ├── InvalidRecord       a value that the declared model does not take
    ├── InvalidSelection    a question that the declared model cannot answer, or one over a bound
    ├── InvalidBatch        a write that contradicts itself or names what is not there; nothing was written
    ├── Refused             what someone states breaks a rule (``catalog/stated.py``); nothing was written
    ├── KeyReused           a key under which something else was stated before; nothing was written
    ├── Conflict            what a write was made of has changed meanwhile; nothing was written, make it anew
    ├── StoreUnavailable    the database cannot be reached, or refuses us; try again later
    ├── StoreTimeout        the database did not answer within the deadline; the work was given up
    └── MigrationError      the database holds a schema that this version cannot use

Each has a stable ``code``; the message says what was given, what was expected and what to do.
"""

from __future__ import annotations

from typing import ClassVar

__all__ = [
    "CatalogError",
    "Conflict",
    "InvalidBatch",
    "InvalidRecord",
    "InvalidSelection",
    "InvalidUrn",
    "KeyReused",
    "MigrationError",
    "StoreTimeout",
    "StoreUnavailable",
]


class CatalogError(Exception):
    """The root of what this package raises on purpose."""

    code: ClassVar[str] = "CATALOG_ERROR"


class InvalidUrn(CatalogError):
    """A text that is no URN of the grammar in ``catalog/urn.py``."""

    code = "INVALID_URN"


class InvalidRecord(CatalogError):
    """A value that the declared model does not take."""

    code = "INVALID_RECORD"


class InvalidSelection(CatalogError):
    """A question that the declared model cannot answer, or one over a stated bound."""

    code = "INVALID_SELECTION"


class InvalidBatch(CatalogError):
    """A write that contradicts itself or names what is not there. Nothing of it was written."""

    code = "INVALID_BATCH"


class KeyReused(CatalogError):
    """The key of a statement is that of another one, made before. Nothing of it was written."""

    code = "KEY_REUSED"


class Conflict(CatalogError):
    """What a batch was made of (``Batch.expects``) has changed since it was read. Nothing of it was written."""

    code = "CONFLICT"


class StoreUnavailable(CatalogError):
    """The database cannot be reached or refuses us. Trying again later can help."""

    code = "DATABASE_UNAVAILABLE"


class StoreTimeout(CatalogError):
    """The database did not answer within the deadline; its work was given up."""

    code = "DEADLINE_EXCEEDED"


class MigrationError(CatalogError):
    """The database holds a schema that this version cannot use."""

    code = "MIGRATION_ERROR"
