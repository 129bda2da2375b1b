"""How fields tell what the audit finds: pages as root fields, and what it says of a node as a field of the node.

What is found is told in plain values that hold URNs. Where a field leads from there to a node (``NodeAt``), the URNs are noted in a
first pass over the answer; then all nodes are read in one round trip, and a second pass puts them in.

A field of a node (``Audited``) puts a ``Slot`` into its place while the store's rows are shaped. Once they all are, ``settle`` asks
the audit for all slots at once.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from operator import attrgetter
from typing import Any, ClassVar, Generic, TypeVar

from catalog.access import Reader
from catalog.findings import Severity
from catalog.model.words import Described
from catalog.selection import MAX_PAGE, NO_EDGE, Compare, Cursor, Op, Order, Row, Select
from graphql_schema.core.chosen import Chosen
from graphql_schema.core.context import Context
from graphql_schema.core.declare import Argument, part, view
from graphql_schema.core.kept_audits import Audits
from graphql_schema.core.plan import DEFAULT_FIRST, HIDDEN, MAX_FIRST, Get, Mapped, Rows, shape_of, sized
from graphql_schema.core.reading import EFFORT
from graphql_schema.core.roots import Root
from graphql_schema.core.walk import Told
from graphql_schema.core.words import enumeration
from lineage.audit.day import DayAudit
from lineage.audit.record_words import AccessGap, BasisGapKind, DutyStatus, LinkageRoute, NoticeStatus
from lineage.audit.words import FindingRule, Grade, Reason, VerdictKind, Why

__all__ = [
    "FIRST",
    "Answer",
    "AuditCompleteness",
    "AuditCut",
    "Audited",
    "AuditedPage",
    "Completeness",
    "CountOf",
    "DayAt",
    "FindAnswer",
    "FindAudited",
    "Later",
    "Listed",
    "NodeAt",
]
__all__ += ["NodesAt", "Slot", "Some", "Telling", "WorkedOut", "audit_completeness", "page_of", "passes", "settle"]

_T = TypeVar("_T")

for _enum in (FindingRule, Grade, Reason, Severity, VerdictKind, Why):
    enumeration(_enum)
for _enum in (AccessGap, BasisGapKind, DutyStatus, LinkageRoute, NoticeStatus):
    enumeration(_enum)

FIRST: Argument = ("first", int, f"How many at most: 0 to {MAX_FIRST}; unless told: {DEFAULT_FIRST}.", DEFAULT_FIRST)
"""The argument of a list that is cut: a field beside it says how many there are."""


@enumeration
class AuditCut(Described):
    """Why what an audit finds may not be so."""

    BOUND = "BOUND", "There is more than is worked out for one answer."
    READER = (
        "READER",
        "The audit is of what you may see. Agreements, data and flows that are not shown to you count as if they were not.",
    )


@dataclass(frozen=True, slots=True)
class Completeness:
    """What an audit is of, and what an answer of it leaves out."""

    revision: int | None = None
    """None for a reader who does not see all: it counts what is hidden from them."""
    reasons: tuple[AuditCut, ...] = ()
    omitted: int = 0

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left out."""
        return not self.reasons


@dataclass(slots=True, kw_only=True)
class Answer:
    """What a question finds: its own for each that asks. How complete it is, is put in once it is found."""

    omitted: int = 0
    """What was found and is over a bound, so that it is not told."""
    completeness: Completeness = Completeness()

    def rest_on(self, completeness: Completeness) -> None:
        """Take what all of it rests on."""
        self.completeness = completeness


@view("Of what an audit is, and what it leaves out.")
class AuditCompleteness:
    """See the description."""

    is_complete: bool = part(Told("is_complete"), "Whether it rests on all that the catalog holds.")
    reasons: list[AuditCut] = part(Told("reasons"), "Why not; empty where it does. In the order of the alphabet.")
    omitted_count: int = part(
        Told("omitted"), "How many things were found that are on no page, since they are over a bound."
    )
    revision: int | None = part(
        Told("revision"), "The number of the revision of the graph that was audited; for staff: null without a token."
    )


audit_completeness = part(Told("completeness"), "What the answer leaves out.")
"""The field that every answer of an audit has."""


@dataclass(slots=True)
class _Note:
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
class _Noted(Rows):
    """What stands above fields that tell what was found."""

    notes: list[_Note] = field(default_factory=list[_Note])
    works: list[Callable[[Any], object]] = field(default_factory=list[Callable[[Any], object]])
    """What is to be worked out of an answer where it was chosen: each takes the answer, which keeps it."""


def _noted() -> _Noted:
    return _Noted("")


def _above(chosen: Chosen, rows: Rows) -> _Noted:
    if not isinstance(rows, _Noted):
        raise TypeError(f"'{chosen.key}' stands below what an audit finds only")
    return rows


def _note(kind: str, chosen: Chosen, rows: Rows, *, ever: bool = False) -> _Note:
    below = Rows(kind, read=True, ever=ever)
    note = _Note(below, shape_of(chosen, below))
    _above(chosen, rows).notes.append(note)
    return note


async def _read(notes: Sequence[_Note], context: Context, as_of: date) -> None:
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
        self._noted = _noted()
        self._shape = shape_of(chosen, self._noted)

    def work(self, found: Any) -> None:
        """Work out what was chosen and costs more than the rest (``WorkedOut``)."""
        for each in self._noted.works:
            each(found)

    async def tell(self, found: Any, context: Context, as_of: date) -> Any:
        """The value of the field: the nodes of it are read in one round trip."""
        self._shape(found)
        await _read(self._noted.notes, context, as_of)
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


@dataclass(slots=True)
class Listed(Answer, Generic[_T]):
    """A page of what was found."""

    edges: list[_T]
    total: int
    has_next: bool
    end_cursor: str | None

    def rest_on(self, completeness: Completeness) -> None:
        """See ``Answer``."""
        self.completeness = completeness
        for each in self.edges:
            if isinstance(each, Answer):
                each.rest_on(completeness)


def passes(wanted: Sequence[str] | None, *found: str) -> bool:
    """Whether one of what was found is among what is wanted; None: everything is."""
    return wanted is None or any(each in wanted for each in found)


def page_of(found: Sequence[_T], place: Callable[[_T], str], order: str, args: Mapping[str, Any]) -> Listed[_T]:
    """The page that ``first`` and ``after`` cut out of what is ordered by its place; ``order`` names that order.

    Raises InvalidSelection on a cursor that is none of ours, and on a page too large.
    """
    first, after, by, total = sized(args), args.get("after"), Order(order), len(found)
    if after is not None:
        last = Cursor.decode(after, by).urn
        found = found[bisect_right(found, last, key=place) :]
    edges = list(found[:first])
    end = Cursor(0, place(edges[-1]), NO_EDGE).encode(by) if edges else None
    return Listed(edges, total, len(found) > first, end)


def _complete(answer: Answer, revision: int, reader: Reader) -> None:
    """Say of an answer how complete it is."""
    cuts = {AuditCut.BOUND: bool(answer.omitted), AuditCut.READER: not reader.sees_all}
    reasons = tuple(cut for cut, holds in cuts.items() if holds)
    answer.rest_on(Completeness(revision if reader.sees_all else None, reasons, answer.omitted))


@dataclass(frozen=True, slots=True)
class FindAudited(Root):
    """A root field that tells what the audit of the day finds, and what was chosen of the nodes that it speaks of.

    Its type tells what is found by names of the answer, ``completeness`` among them.
    """

    effort: ClassVar[int] = EFFORT

    question: Callable[[DayAudit, Mapping[str, Any]], Answer]
    """What is found, given the arguments. Pure. Raises InvalidSelection and InvalidUrn on one that is none."""

    async def answer(self, chosen: Chosen, context: Context, as_of: date) -> Any:
        """See ``Root``."""
        telling = Telling(chosen)
        audits, args = context.audits or Audits(context.store), chosen.args

        def work(day: DayAudit) -> Answer:
            answer = self.question(day, args)
            telling.work(answer)
            return answer

        found = await audits.ask(context.reader, as_of, work)
        _complete(found.value, found.revision, context.reader)
        return await telling.tell(found.value, context, as_of)

    def size(self, first: int, /) -> int:
        """See ``Mapped``."""
        return first


@dataclass(frozen=True, slots=True)
class FindAnswer(FindAudited):
    """The same where the answer is one thing, and no page."""

    def size(self, _first: int, /) -> int:
        """See ``Mapped``."""
        return 1


@dataclass(slots=True)
class Slot:
    """The place of a value in an answer that is yet to be worked out."""

    value: Any = None


@dataclass(slots=True)
class Later:
    """A field of nodes that the audit answers, with the nodes that were met."""

    question: Callable[[DayAudit, str], Answer | None]
    shape: Get
    notes: list[_Note]
    slots: list[tuple[str, Slot]] = field(default_factory=list[tuple[str, Slot]])

    def slot(self, urn: str) -> Slot:
        """A place for what is found of a node."""
        slot = Slot()
        self.slots.append((urn, slot))
        return slot

    def take(self) -> list[tuple[str, Slot]]:
        """The places that are yet to be filled, which are no longer so."""
        taken, self.slots = self.slots, []
        return taken


@dataclass(frozen=True, slots=True)
class Audited(Mapped):
    """What the audit of the day says of a node; None where it says nothing.

    Its type tells what is found by names of the answer, ``completeness`` among them.
    """

    effort: ClassVar[int] = 10

    question: Callable[[DayAudit, str, Mapping[str, Any]], Answer | None]
    """What is found of the node with this URN, given the arguments. Pure. Raises InvalidSelection and InvalidUrn."""

    def asks(self, args: Mapping[str, Any]) -> Callable[[DayAudit, str], Answer | None]:
        """The question with its arguments, as one answer asks it of all nodes."""
        return lambda day, urn: self.question(day, urn, args)

    def plan(self, chosen: Chosen, _rows: Rows, /) -> Get:
        """See ``Mapped``."""
        noted = _noted()
        later = Later(self.asks(chosen.args), shape_of(chosen, noted), noted.notes)
        chosen.later.append(later)
        return lambda row: None if HIDDEN in row else later.slot(row["urn"])


@dataclass(frozen=True, slots=True)
class _Asked:
    """The places of one field that are filled together."""

    field: Later
    slots: list[tuple[str, Slot]]

    def work(self, day: DayAudit) -> list[Answer | None]:
        """What is found of the node of each place."""
        found = {urn: self.field.question(day, urn) for urn in dict.fromkeys(urn for urn, _ in self.slots)}
        return [found[urn] for urn, _ in self.slots]

    def fill(self, answers: Sequence[Answer | None]) -> None:
        """Put into each place what was found of its node."""
        for (_, slot), answer in zip(self.slots, answers, strict=True):
            slot.value = None if answer is None else self.field.shape(answer)


@dataclass(frozen=True, slots=True)
class AuditedPage(Audited):
    """A page of what the audit of the day says of a node; takes the arguments ``first`` and ``after``."""

    def size(self, first: int, /) -> int:
        """See ``Mapped``."""
        return first


async def settle(later: Sequence[Later], context: Context, as_of: date) -> None:
    """Fill every slot: one question to the audit for all, and one round trip for the nodes that it speaks of.

    Of those nodes fields of the audit may be chosen again: each level of them takes a question and a round trip more.
    """
    while asked := [_Asked(each, each.take()) for each in later if each.slots]:
        await _settle(asked, context, as_of)


async def _settle(asked: Sequence[_Asked], context: Context, as_of: date) -> None:
    audits = context.audits or Audits(context.store)
    found = await audits.ask(context.reader, as_of, lambda day: [each.work(day) for each in asked])
    for answer in (answer for answers in found.value for answer in answers if answer is not None):
        _complete(answer, found.revision, context.reader)
    for each, answers in zip(asked, found.value, strict=True):
        each.fill(answers)
    await _read([note for each in asked for note in each.field.notes], context, as_of)
    for each, answers in zip(asked, found.value, strict=True):
        each.fill(answers)
