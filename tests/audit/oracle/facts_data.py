"""The facts about data and who has it (domain 3.1, 3.3, 4, 7). See `facts`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

__all__ = [
    "Classification",
    "Collected",
    "Column",
    "ColumnRef",
    "Dataset",
    "Determination",
    "HighValue",
    "Holding",
    "Member",
    "PlannedPublication",
    "Publication",
    "SameAs",
    "System",
    "Unit",
]


class Classification(StrEnum):
    """Domain 2 and 7."""

    OPEN = "OPEN"
    PUBLIC = "PUBLIC"
    PROTECTED = "PROTECTED"
    PERSONAL = "PERSONAL"
    PRIVATE = "PRIVATE"
    UNDETERMINED = "UNDETERMINED"


@dataclass(frozen=True, order=True)
class ColumnRef:
    """One column of one dataset."""

    dataset: str
    column: str


@dataclass(frozen=True)
class Unit:
    """A bureau, division or program office (domain 3.1): for every predicate it is its agency (9, Provider and recipient)."""

    id: str
    agency: str | None
    """None: of no known agency, and then what it holds has no known holder."""


@dataclass(frozen=True)
class System:
    """Domain 3.3; `agency` is its holder (9.2 A13)."""

    id: str
    agency: str | None
    """An agency or a unit; None: unknown."""


@dataclass(frozen=True)
class Dataset:
    """Domain 3.3. A version is a dataset that is a version of another (9, clause 3)."""

    id: str
    version_of: str | None = None
    """None: of no other."""
    declared_personal: bool = False
    """containsPII or containsPHI: the declaration of domain R14."""


@dataclass(frozen=True)
class Column:
    """One column, there on [first_day, valid_to) (9.2 A5)."""

    dataset: str
    name: str
    first_day: date | None = None
    """None: a column of the dataset's first load, which was there all along."""
    valid_to: date | None = None
    """None: still there."""
    personal: bool = False
    """Its personalKind is another than NONE (domain R14)."""


@dataclass(frozen=True)
class Member:
    """The dataset is in a series or a system (domain 3.3; 9.2 A13, E12) on [valid_from, valid_to)."""

    dataset: str
    group: str
    """A system of the world, or else a series."""
    valid_from: date | None = None
    """None: always."""
    valid_to: date | None = None
    """None: still."""


@dataclass(frozen=True)
class SameAs:
    """SAME_AS between two datasets (domain 4; 9.2 E11)."""

    one: str
    other: str
    stated: bool
    """False: only proposed, which joins nothing."""


@dataclass(frozen=True)
class Holding:
    """HELD_BY, CONTROLLED_BY: the dataset in the custody, or the control, of an agency or unit on [valid_from, valid_to)."""

    dataset: str
    agency: str
    valid_from: date | None = None
    """None: always."""
    valid_to: date | None = None
    """None: still."""


@dataclass(frozen=True)
class Collected:
    """COLLECTED_UNDER a program or a law (domain 4; 9.2 C3) on [valid_from, valid_to)."""

    dataset: str
    under: str
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True)
class Publication:
    """PUBLISHED_ON a portal (domain 4; 9.2 A14) on [valid_from, valid_to)."""

    dataset: str
    portal: str
    public: bool
    """Whether the portal is a public one."""
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True)
class Determination:
    """ClassificationDetermination (domain 3.3; 9.2 A1, A5, A6), in force on [on, valid_to)."""

    dataset: str
    column: str | None
    """None: of the dataset as a whole."""
    classes: frozenset[Classification]
    on: date | None
    """Its day, which is its validFrom. None: undated; in force from ever, and earlier than any dated one."""
    valid_to: date | None = None
    """None: until another one follows."""
    reasons: tuple[str, ...] = ()
    """ProtectedReason (R14)."""
    laws: tuple[str, ...] = ()
    """Laws that make it PRIVATE (R14)."""
    open_criteria: frozenset[str] = frozenset()
    """The letters A to E that it finds met (R11)."""


@dataclass(frozen=True)
class HighValue:
    """HighValueDetermination (domain 3.3), from its day on."""

    dataset: str
    on: date


@dataclass(frozen=True)
class PlannedPublication:
    """An entry of an open data access plan (domain 3.3), from the day on which the plan was submitted."""

    dataset: str
    submitted_on: date
