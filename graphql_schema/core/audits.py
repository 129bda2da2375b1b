"""How fields ask the audit: a page of what it finds as a root field, and what it says of a node as a field of the node.

A field of a node (``Audited``) puts a ``Slot`` into its place while the store's rows are shaped. Once they all are, ``settle`` asks
the audit for all slots at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar, TypeVar

from graphql_schema.core.chosen import Chosen
from graphql_schema.core.context import Context
from graphql_schema.core.found import Answer, complete
from graphql_schema.core.kept_audits import Audits, Found
from graphql_schema.core.plan import HIDDEN, Get, Mapped, Rows, shape_of
from graphql_schema.core.reading import EFFORT
from graphql_schema.core.roots import Root
from graphql_schema.core.telling import Note, Noted, Telling, read_noted
from lineage.audit.day import DayAudit

__all__ = ["Audited", "AuditedPage", "FindAnswer", "FindAudited", "Later", "Slot", "settle"]

_T = TypeVar("_T")


async def _ask(context: Context, as_of: date, question: Callable[[DayAudit], _T]) -> Found[_T]:
    """What a question finds in the audit of what this reader sees."""
    audits = context.audits or Audits(context.store)
    return await audits.ask(context.reader, as_of, question)


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
        args = chosen.args

        def work(day: DayAudit) -> Answer:
            answer = self.question(day, args)
            telling.work(answer)
            return answer

        found = await _ask(context, as_of, work)
        complete(found.value, found.revision, context.reader, is_whole=found.is_whole)
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
    notes: list[Note]
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
        noted = Noted()
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
    found = await _ask(context, as_of, lambda day: [each.work(day) for each in asked])
    for answer in (answer for answers in found.value for answer in answers if answer is not None):
        complete(answer, found.revision, context.reader, is_whole=found.is_whole)
    for each, answers in zip(asked, found.value, strict=True):
        each.fill(answers)
    await read_noted([note for each in asked for note in each.field.notes], context, as_of)
    for each, answers in zip(asked, found.value, strict=True):
        each.fill(answers)
