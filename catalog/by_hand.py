"""What someone states by hand: one write with who did it and why, done once however often it is sent (design 2, ADR 14)."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import msgspec

from catalog.access import STAFF_READER
from catalog.batch import Batch, EdgeStatement, NodeStatement
from catalog.errors import Conflict, InvalidBatch, InvalidRecord, KeyReused, StoreUnavailable
from catalog.model.enums import SourceKind
from catalog.model.own import Changeset, Source
from catalog.selection import Compare, Op, Select
from catalog.sources import begin_batch, give_way
from catalog.stated import Flaw, Refused
from catalog.stores.port import Store
from catalog.urn import Urn, key

__all__ = ["BY_HAND", "Act", "Make", "Stated", "state"]

BY_HAND = Source(
    urn=key("source", "by-hand"), title="Statements by hand", kind_of_source=SourceKind.PERSON, precedence=10
)
"""The one source of all that is stated by hand, so that who corrects it replaces it. It goes before files and harvests,
unless the graph was told another rank (ADR 10).
"""

_ATTEMPTS = 50
"""How often what is stated is made anew, since others wrote what it was made of."""


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that someone does: what, under which key of theirs, who, why, and what they state, in values of JSON."""

    operation: str
    client_mutation_id: str
    actor: str
    reason: str
    content: Mapping[str, Any]

    @property
    def identity(self) -> str:
        """24 hexadecimal digits that tell the acts of one actor under one key from all others."""
        text = msgspec.json.encode([self.actor, self.client_mutation_id])
        return hashlib.blake2b(text, digest_size=12).hexdigest()

    @property
    def urn(self) -> Urn:
        """The changeset that keeps it."""
        return key("changeset", "by-hand", self.identity)

    @property
    def input(self) -> str:
        """What they state as JSON text, the same for the same."""
        return msgspec.json.encode(self.content, order="sorted").decode()


@dataclass(frozen=True, slots=True)
class Stated:
    """What came of an act: the changeset, and the first thing that it states."""

    changeset: Urn
    about: Urn


Make = Callable[[Batch], Awaitable[Sequence[Urn]]]
"""Adds to a batch what is stated, and answers the things that it changes, one at least. Raises Refused.

It may be asked again, with a batch that is empty, where others wrote meanwhile what it read and ``expects``.
"""


async def state(store: Store, act: Act, make: Make, *, at: datetime, day: date) -> Stated:
    """Do it, unless it was done: the same act under the same key is done once, whoever sends it again, and whenever.

    All of it is one batch: what is stated, and the changeset, which is expected not to be there. So of several callers at
    once one writes, and who is told nothing, since the answer was lost, can send it again. ``day`` is the day on which what is
    said without a day of its own begins. Raises Refused where it breaks a rule, KeyReused where the key was used for
    something else; then nothing is written.
    """
    for attempt in range(_ATTEMPTS):
        known, rank = await _known(store, act)
        if known is not None:
            return _done_before(known, act)
        source = BY_HAND if rank is None else replace(BY_HAND, precedence=rank)
        batch = begin_batch(source, act.actor, at, day)
        changed = await make(batch)
        _keep(act, batch, changed, at)
        try:
            await store.write(batch)
        except Conflict:
            await give_way(attempt)
        except (InvalidBatch, InvalidRecord) as error:
            flaw = Flaw((), error.code.lower().replace("_", "-"), str(error), "mend the input and send it again")
            raise Refused([flaw]) from error
        else:
            return Stated(act.urn, changed[0])
    raise StoreUnavailable("others write what this is about all the time: try again")


async def _known(store: Store, act: Act) -> tuple[dict[str, Any] | None, int | None]:
    """What was stated under the key before, if anything, and the rank of the source, where the graph has one."""
    changeset = Select(
        "Changeset",
        ("operation", "client_mutation_id", "actor", "reason", "about", "input"),
        Compare("urn", Op.EQ, act.urn),
        first=1,
        ever=True,
    )
    source = Select("Source", ("precedence",), Compare("urn", Op.EQ, BY_HAND.urn), first=1, ever=True)
    known, sources = await store.select_all([changeset, source], STAFF_READER, date.max)
    return next(iter(known.rows), None), next((row["precedence"] for row in sources.rows), None)


def _done_before(known: Mapping[str, Any], act: Act) -> Stated:
    said = (known["operation"], known["reason"], known["input"])
    if said != (act.operation, act.reason, act.input):
        message = f"the key '{act.client_mutation_id}' was used before, to {known['operation']} {known['about']}"
        raise KeyReused(f"{message} with another input: send what is new under a key of its own")
    return Stated(act.urn, Urn(known["about"]))


def _keep(act: Act, batch: Batch, changed: Sequence[Urn], at: datetime) -> None:
    """Add who did it and why."""
    changeset = Changeset(
        urn=act.urn,
        client_mutation_id=act.client_mutation_id,
        actor=act.actor,
        reason=act.reason,
        operation=act.operation,
        about=changed[0],
        input=act.input,
        stated_at=at,
    )
    batch.nodes.append(NodeStatement(changeset))
    batch.edges += [EdgeStatement(Changeset.changed, act.urn, urn) for urn in changed]
    batch.expects[act.urn] = None
