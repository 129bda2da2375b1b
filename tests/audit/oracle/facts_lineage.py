"""The facts about what flows (domain 3.5, 9). See `facts`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tests.audit.oracle.facts_data import ColumnRef

__all__ = ["ColumnFlow", "DisclosureReview", "Flow", "Process", "Run", "RunState", "TransformationKind", "Written"]


class TransformationKind(StrEnum):
    """Domain 2."""

    COPY = "COPY"
    FILTER = "FILTER"
    JOIN = "JOIN"
    LINK_PERSONS = "LINK_PERSONS"
    AGGREGATE = "AGGREGATE"
    SUPPRESS = "SUPPRESS"
    REDACT = "REDACT"
    PSEUDONYMIZE = "PSEUDONYMIZE"
    DERIVE = "DERIVE"
    MODEL = "MODEL"


class RunState(StrEnum):
    """Domain 3.5; SCHEDULED is a run to come."""

    SCHEDULED = "SCHEDULED"
    RUNNING = "RUNNING"
    COMPLETE = "COMPLETE"
    FAIL = "FAIL"
    ABORT = "ABORT"


@dataclass(frozen=True)
class Process:
    """Process, or job (domain 3.5; 9.2 A9)."""

    id: str
    agency: str | None = None
    """Who runs it: an agency or a unit. None: unknown."""
    declassifies: bool = False
    method: TransformationKind | None = None
    """None: unknown."""
    suppression_rule: str | None = None
    """The rule by which small cells are suppressed. None: none is stated."""
    link_destroyed_on: date | None = None
    """Of PSEUDONYMIZE. None: not destroyed."""


@dataclass(frozen=True)
class Written:
    """What one run wrote of one dataset."""

    dataset: str
    columns: tuple[str, ...] | None = None
    """None: all of them."""


@dataclass(frozen=True)
class Run:
    """Domain 3.5; 9.2 A10, A11."""

    id: str
    process: str
    on: date
    """The day on which it started."""
    state: RunState
    outputs: tuple[Written, ...] | None = None
    """None: not stated; then a COMPLETE run wrote all that its process writes, any other nothing."""
    rule: str | None = None
    """The suppression rule it ran with. None: that of its process."""
    agreement: str | None = None
    """The agreement it ran under (9.2 E4). None: under none."""


@dataclass(frozen=True)
class DisclosureReview:
    """Domain 3.5; 9.2 A10."""

    process: str
    columns: tuple[ColumnRef, ...] | None
    """The output columns that it saw. None: all."""
    rule: str | None
    """The rule that it saw. None: none."""
    approved: bool
    on: date | None
    """None: unknown, so before no run."""
    withdrawn_on: date | None = None
    """None: it stands."""


@dataclass(frozen=True)
class ColumnFlow:
    """Domain 3.5; 9.2 A4."""

    from_: ColumnRef
    to: ColumnRef
    direct: bool
    masked: bool = False


@dataclass(frozen=True)
class Flow:
    """Domain 3.5."""

    id: str
    source: str
    """A dataset or a system."""
    target: str
    """A dataset or a system; one that the world lacks has no known holder."""
    process: str | None = None
    """None: unknown; then it declassifies nothing and no run is recorded."""
    columns: tuple[ColumnRef, ...] = ()
    """Those that it states (9.2 A12). Empty: it states none."""
    column_flows: tuple[ColumnFlow, ...] = ()
    purpose: str | None = None
    """None: unknown."""
    provider: str | None = None
    """Stated by the source of the fact; stands in where the holder is not known (9.2 C1). None: not stated."""
    recipient: str | None = None
    """As `provider`."""
    claims: tuple[str, ...] = ()
    """Agreements that the sender says cover it."""
    first_seen: date | None = None
    """None: only planned, as far as no run says otherwise."""
    last_seen: date | None = None
    """The last day. None: it goes on."""
