"""What a loader yields: one record of its source, as statements, or the problem that keeps it out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from catalog.batch import EdgeStatement, NodeStatement
from catalog.model.declare import Relation
from catalog.model.own import Source
from catalog.urn import Urn

__all__ = ["Input", "Loader", "Problem", "Record"]


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a record is kept out: the rule it broke, where in the record, what is wrong and what to do."""

    rule: str
    path: str
    message: str
    remedy: str


@dataclass(slots=True)
class Record:
    """One record of a source. With a ``problem`` it states nothing and goes to quarantine with its raw text."""

    place: str
    """Where it stands, for people: "data.json: dataset[17]"."""
    raw: Any
    """Its own words, as a value of JSON; from another process as the text of one."""
    nodes: list[NodeStatement] = field(default_factory=list[NodeStatement])
    edges: list[EdgeStatement] = field(default_factory=list[EdgeStatement])
    restates: list[tuple[Urn, Relation]] = field(default_factory=list[tuple[Urn, Relation]])
    bare: NodeStatement | None = None
    """The node that it states links of and says nothing else about: it is stated where the catalog does not hold it."""
    identifier: str | None = None
    """What the source calls the thing it is about, where it says so."""
    problem: Problem | None = None
    link_prefix: str = "links."
    """What stands before the name of a relationship in the paths of its source."""


class Input(Protocol):
    """What a load reads, and for whom it speaks."""

    kind: str
    """The name under which ``waypost load`` knows it."""
    location: str
    """Where the source was read: path or URL, without credentials."""
    digest: str
    """SHA-256 of what was read; hexadecimal."""
    source: Source


class Loader(Input, Protocol):
    """One source, read once. Raises LoaderError before the first record where the source as a whole is refused."""

    day: date
    """The day the source speaks of."""
    local: bool
    """Whether each record's edges lead only to nodes of the same record or an earlier one."""
    complete: bool
    """Whether the source lists all that it has, so that what it lists no more has left it."""
    expected: int | None
    """The number of records, where it is known beforehand."""

    def records(self) -> Iterator[Record]:
        """The records, in the order of the source."""
        ...

    def listed(self) -> set[str]:
        """The URNs of the catalog records that it lists, also of those that have a problem; of a complete source."""
        ...
