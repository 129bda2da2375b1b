"""How what was worked out is told: plain values that hold URNs, and what was chosen of the nodes of those.

Where a field leads from what was found to a node (``NodeAt``), the URNs are noted in a first pass over the answer; then all
nodes are read in one round trip, and a second pass puts them in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from operator import attrgetter
from typing import Any, ClassVar

from catalog.selection import MAX_PAGE, Compare, Op, Row, Select
from graphql_schema.core.chosen import Chosen
from graphql_schema.core.context import Context
from graphql_schema.core.declare import Argument
from graphql_schema.core.plan import DEFAULT_FIRST, HIDDEN, MAX_FIRST, Get, Mapped, Rows, shape_of, sized

__all__ = [
    "FIRST",
    "CountOf",
    "DayAt",
    "NodeAt",
    "NodesAt",
    "Note",
    "Noted",
    "Some",
    "Telling",
    "WorkedOut",
    "read_noted",
]

FIRST: Argument = ("first", int, f"How many at most: 0 to {MAX_FIRST}; unless told: {DEFAULT_FIRST}.", DEFAULT_FIRST)
"""The argument of a list that is cut: a field beside it says how many there are."""


@dataclass(slots=True)
class Note:
    """Nodes of a kind to which an answer leads: which are wanted, then what was read of them."""

    rows: Rows
    shape: Get
    wanted: dict[str, None] = field(default_factory=dict[str, None])
    found: dict[str, Row] = field(default_factory=dict[str, Row])

    def get(self, urn: str | None) -> Any:
        """What was chosen of a node; None before it is read, and where the reader does not see it."""
        if urn is None:
            return None
        self.wanted[urn] = None
        row = self.found.get(urn)
        return None if row is None else self.shape(row)

    def selects(self) -> list[Select]:
        """What to read, a page each."""
        wanted = tuple(self.wanted)
        pages = [wanted[start : start + MAX_PAGE] for start in range(0, len(wanted), MAX_PAGE)]
        return [replace(self.rows, where=Compare("urn", Op.IN, some), first=len(some)).select() for some in pages]


@dataclass(slots=True)
class Noted(Rows):
    """What stands above fields that tell what was found."""

    kind: str = ""
    notes: list[Note] = field(default_factory=list[Note])
    works: list[Callable[[Any], object]] = field(default_factory=list[Callable[[Any], object]])
    """What is to be worked out of an answer where it was chosen: each takes the answer, which keeps it."""


def _above(chosen: Chosen, rows: Rows) -> Noted:
    if not isinstance(rows, Noted):
        raise TypeError(f"'{chosen.key}' stands below what an audit finds only")
    return rows


def _note(kind: str, chosen: Chosen, rows: Rows, *, ever: bool = False) -> Note:
    below = Rows(kind, read=True, ever=ever)
    note = Note(below, shape_of(chosen, below))
    _above(chosen, rows).notes.append(note)
    return note


async def read_noted(notes: Sequence[Note], context: Context, as_of: date) -> None:
    """Read all that was noted: one round trip, none where nothing was."""
    notes = [note for note in notes if note.wanted]
    selects = [(note, select) for note in notes for select in note.selects()]
    if not selects:
        return
    pages = await context.store.select_all([select for _, select in selects], context.reader, as_of)
    for (note, _), page in zip(selects, pages, strict=True):
        note.found |= {row["urn"]: row for row in page.rows if HIDDEN not in row}


class Telling:
    """Tells what was found, with what was chosen of the nodes that it speaks of by URN. Raises CatalogError when it is made.

    So what cannot be answered is known before anything is worked out, or written.
    """

    def __init__(self, chosen: Chosen) -> None:
        self._noted = Noted()
        self._shape = shape_of(chosen, self._noted)

    def work(self, found: Any) -> None:
        """Work out what was chosen and costs more than the rest (``WorkedOut``)."""
        for each in self._noted.works:
            each(found)

    async def tell(self, found: Any, context: Context, as_of: date) -> Any:
        """The value of the field: the nodes of it are read in one round trip."""
        self._shape(found)
        await read_noted(self._noted.notes, context, as_of)
        return self._shape(found)


@dataclass(frozen=True, slots=True)
class NodeAt(Mapped):
    """The node whose URN stands at a path of names in what was found, or None."""

    brings: ClassVar[int] = 1

    kind: str
    path: str
    ever: bool = False
    """Also one that does not hold on the day."""

    def plan(self, chosen: Chosen, rows: Rows, /) -> Get:
        """See ``Mapped``."""
        note, read = _note(self.kind, chosen, rows, ever=self.ever), attrgetter(self.path)
        return lambda source: note.get(read(source))


@dataclass(frozen=True, slots=True)
class NodesAt(Mapped):
    """The first nodes of the URNs that stand at a path of names in what was found; takes the argument ``first``.

    One that was closed while the answer was made is left out.
    """

    kind: str
    path: str

    def plan(self, chosen: Chosen, rows: Rows, /) -> Get:
        """See ``Mapped``."""
        note, read, first = _note(self.kind, chosen, rows), attrgetter(self.path), sized(chosen.args)

        def get(source: Any) -> list[Any]:
            found = [note.get(urn) for urn in list(read(source))[:first]]
            return [each for each in found if each is not None]

        return get

    def size(self, first: int, /) -> int:
        """See ``Mapped``."""
        return first


@dataclass(frozen=True, slots=True)
class Some(Mapped):
    """The first parts of a list that stands at a path of names in what was found; takes the argument ``first``."""

    path: str

    def plan(self, chosen: Chosen, rows: Rows, /) -> Get:
        """See ``Mapped``."""
        first, read, shape = sized(chosen.args), attrgetter(self.path), shape_of(chosen, rows)
        return lambda source: [shape(each) for each in list(read(source))[:first]]

    def size(self, first: int, /) -> int:
        """See ``Mapped``."""
        return first


@dataclass(frozen=True, slots=True)
class CountOf(Mapped):
    """How many there are in a list that stands at a path of names in what was found."""

    path: str

    def plan(self, _chosen: Chosen, _rows: Rows, /) -> Get:
        """See ``Mapped``."""
        read = attrgetter(self.path)
        return lambda source: len(read(source))


@dataclass(frozen=True, slots=True)
class WorkedOut(Mapped):
    """What is worked out only where it is chosen, or None: an attribute of the answer of a root field, kept when first read."""

    name: str

    def plan(self, chosen: Chosen, rows: Rows, /) -> Get:
        """See ``Mapped``."""
        read, shape = attrgetter(self.name), shape_of(chosen, rows)
        _above(chosen, rows).works.append(read)

        def get(source: Any) -> Any:
            found = read(source)
            return None if found is None else shape(found)

        return get


@dataclass(frozen=True, slots=True)
class DayAt(Mapped):
    """The day that stands at a path of names in what was found, or None."""

    path: str

    def plan(self, _chosen: Chosen, _rows: Rows, /) -> Get:
        """See ``Mapped``."""
        read = attrgetter(self.path)

        def get(source: Any) -> str | None:
            day: date | None = read(source)
            return None if day is None else day.isoformat()

        return get
