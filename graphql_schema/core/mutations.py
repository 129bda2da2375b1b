"""Root fields that state something by hand: the input that follows from a form, the write, and the thing changed as answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import strawberry
from graphql import GraphQLError

from catalog.batch import Batch
from catalog.by_hand import Act, state
from catalog.forms import Form, Written, write
from catalog.stated import Flaw, Refused, StatedRule
from catalog.urn import Urn
from graphql_schema.core.chosen import Chosen
from graphql_schema.core.context import Context
from graphql_schema.core.declare import Derived, asked, part, typed
from graphql_schema.core.errors import FORBIDDEN
from graphql_schema.core.roots import Root
from graphql_schema.core.statement_inputs import (
    CLIENT_MUTATION_ID,
    MAX_KEY,
    MAX_REASON,
    REASON,
    StatementInput,
    statement_input,
)
from graphql_schema.core.telling import NodeAt, Telling
from graphql_schema.core.walk import Told

if TYPE_CHECKING:
    from graphql_schema.own.types import Changeset

__all__ = ["State", "done", "mutation", "thing"]

_MAX_PROBLEMS = 20
"""Problems that are told of one input."""

Then = Callable[[Written, Batch, Context], Awaitable[None]]
"""Adds to a batch what follows from what was written."""


@dataclass(frozen=True, slots=True)
class _Done:
    """What a mutation answers."""

    client_mutation_id: str
    thing: Urn
    changeset: Urn


@dataclass(frozen=True, slots=True)
class State(Root):
    """A mutation: one write of its own, done once for each key of a caller."""

    effort: ClassVar[int] = 250
    """A write and what it reads: so one document has twenty of them at most."""

    operation: str
    form: Form
    input: StatementInput
    then: Then | None = None

    async def answer(self, chosen: Chosen, context: Context, as_of: date) -> Any:
        """See ``Root``. Raises GraphQLError for what the caller may not do, and for what is refused."""
        if not context.caller.may_write:
            raise GraphQLError("This is for those who may write.", extensions={"code": FORBIDDEN})
        telling = Telling(chosen)
        try:
            done = await self._state(self.input.read(chosen.args["input"]), context)
        except Refused as refused:
            raise self._refusal(refused) from refused
        return await telling.tell(done, context, as_of)

    async def _state(self, content: dict[str, Any], context: Context) -> _Done:
        mutation_id, reason = content.pop(CLIENT_MUTATION_ID), content.pop(REASON)
        flaws = [*_bounded(CLIENT_MUTATION_ID, mutation_id, MAX_KEY), *_bounded(REASON, reason, MAX_REASON)]
        if flaws:
            raise Refused(flaws)
        act = Act(self.operation, mutation_id, context.caller.name, reason, content)

        async def make(batch: Batch) -> list[Urn]:
            store, reader = context.store, context.reader
            written = await write(self.form, content, act.identity, batch, store=store, reader=reader)
            if self.then is not None:
                await self.then(written, batch, context)
            return written.changed

        stated = await state(context.store, act, make, at=context.now(), day=context.today)
        return _Done(mutation_id, stated.about, stated.changeset)

    def _refusal(self, refused: Refused) -> GraphQLError:
        """What is refused, each problem with its place in the input."""
        problems = [
            {
                "path": ["input", *self.input.path(flaw.path)],
                "rule": str(flaw.rule),
                "message": flaw.message,
                "remedy": flaw.remedy,
            }
            for flaw in refused.flaws[:_MAX_PROBLEMS]
        ]
        steps = (
            f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.input.path(refused.flaws[0].path)
        )
        return GraphQLError(
            f"input{''.join(steps)}: {refused}", extensions={"code": refused.code, "problems": problems}
        )


def mutation(operation: str, form: Form, description: str, *, then: Then | None = None) -> Any:
    """A mutation of this name, which is also what it is kept under, that states what a form takes.

    Its type tells what came of it: ``thing``, ``changeset`` and ``client_mutation_id``.
    """
    made = statement_input(operation, form)
    words = "What is stated, why, and under which key."
    return asked(State(operation, form, made, then), description, ("input", made.type, words), name=operation)


def thing(kind: str) -> Any:
    """The thing that was stated."""
    return part(NodeAt(kind, "thing", ever=True), "It, as it stands now; null where you may not see it.")


_CHANGESET: Any = Annotated["Changeset", strawberry.lazy("graphql_schema.own.types")]
_OF_ALL = (
    Derived(
        "changeset",
        _CHANGESET | None,
        NodeAt("Changeset", "changeset", ever=True),
        "Who stated it, when and why; null where you may not see it.",
    ),
    Derived("client_mutation_id", str, Told("client_mutation_id"), "The key under which it was sent."),
)

done = partial(typed, None, None, more=lambda _: _OF_ALL)
"""Make a type of what a mutation answers: ``@done("<its description>")``. It has the changeset, and the key, beside the ``thing``."""


def _bounded(name: str, text: str, most: int) -> list[Flaw]:
    """What is wrong with a text that must say something, and not too much."""
    if not text.strip():
        return [Flaw((name,), StatedRule.REQUIRED, "it is blank", "write a text")]
    if len(text) > most:
        return [Flaw((name,), StatedRule.SIZE, f"it has {len(text)} characters", f"keep to {most} at most")]
    return []
