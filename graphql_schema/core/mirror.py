"""The root field that tells those who mirror the graph what changed: nodes and edges, in order, as their reader sees them.

The feed of a store (``Store.changes``) tells everything. What the reader may not see is left out of it here, and what became
hidden from them is told once more, so that a mirror lets go of it: an earlier state that they could see is in the feed
as a snapshot. A node that comes back comes without the edges that were told meanwhile: its mirror asks for them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar

import msgspec

from catalog.access import Audience
from catalog.errors import InvalidSelection
from catalog.model import MODEL
from catalog.model.words import Described
from catalog.seal import seal, unseal
from catalog.selection import MAX_PAGE, Compare, Op, Select
from catalog.stores.feed import cursor_of, revision_of
from catalog.stores.port import MAX_ROOTS, Change
from catalog.urn import kind_of
from catalog.values import ALWAYS, NEVER
from graphql_schema.core.chosen import Chosen
from graphql_schema.core.context import Context
from graphql_schema.core.plan import Get, Mapped, Rows, shape_of
from graphql_schema.core.roots import NAMES, Root
from graphql_schema.core.words import enumeration

__all__ = ["DEFAULT_CHANGES", "MAX_TOLD", "FindFeed", "MirrorState", "WordsOfChange"]

MAX_TOLD = 1_000
"""Changes of one page."""
DEFAULT_CHANGES = 100
_READ = 1_000
"""Changes of the feed that are read at once, hidden ones among them."""
_MOST_READ = 20_000
"""Changes of the feed that are read for one page: where all of these are hidden the page ends before it is full."""


@enumeration
class MirrorState(Described):
    """What a mirror is to do with what changed."""

    STANDS = "STANDS", "It is so: keep it, in the place of what was known of it. It may have an end."
    RETRACTED = "RETRACTED", "It should never have been: let go of it, of a node with all its edges."
    HIDDEN = "HIDDEN", "The reader may see it no more: let go of it, with all its edges."


@dataclass(frozen=True, slots=True)
class _Told:
    """One change as the fields of the schema read it."""

    type: str
    state: MirrorState
    urn: str | None = None
    key: str | None = None
    tail: str | None = None
    head: str | None = None
    source: str | None = None
    since: str | None = None
    until: str | None = None
    changed_at: str | None = None
    words: list[dict[str, str]] = field(default_factory=list[dict[str, str]])


@dataclass(frozen=True, slots=True)
class _PageInfo:
    has_next: bool
    end_cursor: str | None


@dataclass(frozen=True, slots=True)
class _Page:
    """What ``Told`` reads the parts of the field from."""

    changes: list[_Told]
    page_info: _PageInfo


@dataclass(frozen=True, slots=True)
class FindFeed(Root):
    """A page of the feed of changes, as the reader may see it: two round trips for each thousand changes that are read."""

    usual_first: ClassVar[int] = DEFAULT_CHANGES
    max_first: ClassVar[int] = MAX_TOLD

    async def answer(self, chosen: Chosen, context: Context, as_of: date) -> Any:
        """See ``Root``. Raises InvalidSelection on a cursor that is none of ours, or of a state that the graph has not reached."""
        first, since = chosen.args["first"], chosen.args.get("since")
        if not 0 <= first <= MAX_TOLD:
            raise InvalidSelection(f"'first' is {first}: a page holds 0 to {MAX_TOLD} changes; go on with 'since'")
        shape = shape_of(chosen, Rows("Dataset"))
        key = await context.store.opaque_key()
        reading = _Reading(context, as_of, key, first, "" if since is None else unseal(since, key))
        return shape(await reading.page())

    def size(self, first: int, /) -> int:
        """See ``Mapped``."""
        return first


class _Reading:
    """One page in the making."""

    def __init__(self, context: Context, as_of: date, key: bytes, first: int, since: str) -> None:
        self._context = context
        self._as_of = as_of
        self._key = key
        self._first = first
        self._cursor = since
        self._last: str | None = None
        """The cursor of the last change that is told."""
        self._told: list[_Told] = []
        self._sees_all = set(Audience) <= set(context.reader.full)

    async def page(self) -> _Page:
        """Read on until the page is full and there is one more, or the feed has come to its end."""
        store = self._context.store
        for turn in range(_MOST_READ // _READ):
            found = await store.changes(self._cursor, _READ)
            if turn == 0 and self._cursor and not found.changes:
                await self._check_reached()
            seen = {} if self._sees_all else await self._seen(found.changes)
            gone = self._gone(found.changes, seen)
            for change in found.changes:
                told = self._tell(change, seen, gone)
                if told is not None:
                    if len(self._told) == self._first:
                        return self._made(has_next=True)
                    self._told.append(told)
                    self._last = cursor_of(change)
            self._cursor = found.cursor
            if not found.has_next:
                return self._made(has_next=False)
        # So much of it is hidden: who goes on need not read it again.
        self._last = self._cursor
        return self._made(has_next=True)

    def _made(self, *, has_next: bool) -> _Page:
        # What was read past the last change that is told is read again: another cursor would tell of what is hidden.
        return _Page(self._told, _PageInfo(has_next, self._last and seal(self._last, self._key)))

    async def _check_reached(self) -> None:
        reached = await self._context.store.revision()
        if revision_of(self._cursor) > reached:
            message = (
                "'since' is of a later state than the graph's, which was restored from a copy: begin anew without it"
            )
            raise InvalidSelection(message)

    async def _seen(self, changes: Iterable[Change]) -> dict[str, int]:
        """Of the nodes that changes are about, those that the reader sees whole, on whatever day, with their revisions."""
        asked: dict[str, dict[str, None]] = {}
        for change in changes:
            for urn in _ends(change):
                asked.setdefault(MODEL.by_slug[kind_of(urn)].label, {})[urn] = None
        roots = [
            Select(
                label,
                ("revision",),
                Compare("urn", Op.IN, tuple(urns[start : start + MAX_PAGE])),
                first=MAX_PAGE,
                cursor=False,
                ever=True,
            )
            for label, urns in ((label, list(wanted)) for label, wanted in asked.items())
            for start in range(0, len(urns), MAX_PAGE)
        ]
        found: dict[str, int] = {}
        for start in range(0, len(roots), MAX_ROOTS):
            asked_now = roots[start : start + MAX_ROOTS]
            pages = await self._context.store.select_all(asked_now, self._context.reader, self._as_of)
            found.update((row["urn"], row["revision"]) for page in pages for row in page.rows)
        return found

    def _gone(self, changes: Sequence[Change], seen: Mapping[str, int]) -> set[tuple[str, int]]:
        """The (URN, revision) by which a node became hidden that the reader could see before, or may have become so.

        That it can be seen again makes no difference: what changed of its edges meanwhile was not told. What became of it at a
        revision is its present state, or the next snapshot's; where neither is among what was read, it is let go of for safety.
        """
        following: dict[str, bool] = {}
        gone: set[tuple[str, int]] = set()
        if self._sees_all:
            return gone
        for change in reversed(changes):
            if change.what == "snapshot":
                urn = change.row["urn"]
                was_seen = change.row["content"]["audience"] in self._context.reader.full
                is_seen = seen.get(urn) == change.revision or following.get(urn, False)
                if was_seen and not is_seen:
                    gone.add((urn, change.revision))
                following[urn] = was_seen
        return gone

    def _tell(self, change: Change, seen: Mapping[str, int], gone: Collection[tuple[str, int]]) -> _Told | None:
        """A change as the reader may know of it; None where they may not."""
        row = change.row
        is_retracted = row["retracted_at"] != NEVER
        if not self._sees_all and any(MODEL.by_slug[kind_of(urn)].needs for urn in _ends(change)):
            # Whether it could ever be seen hung on others, of which nothing here tells what they were then.
            return None
        if change.what == "edge":
            is_told = self._sees_all or {row["tail"], row["head"]} <= seen.keys()
            return self._edge(change, is_retracted=is_retracted) if is_told else None
        urn, name = row["urn"], NAMES.get(change.type, change.type)
        if change.what == "snapshot":
            return _Told(name, MirrorState.HIDDEN, urn) if (urn, change.revision) in gone else None
        if is_retracted:
            is_told = row["audience"] in self._context.reader.full
            return _Told(name, MirrorState.RETRACTED, urn, changed_at=row["retracted_at"]) if is_told else None
        return self._node(change, name) if self._sees_all or urn in seen else None

    def _node(self, change: Change, name: str) -> _Told:
        row = change.row
        reader = self._context.reader
        kept = [p.name for p in MODEL.kinds[change.type].properties if reader.staff_properties or not p.staff]
        return _Told(
            name,
            MirrorState.STANDS,
            row["urn"],
            source=row["source"],
            since=_day(row["valid_from"]),
            until=_day(row["valid_to"]),
            changed_at=row["recorded_at"],
            words=_words(row, kept),
        )

    def _edge(self, change: Change, *, is_retracted: bool) -> _Told:
        row = change.row
        # What a relationship says of itself may name what the reader may not see, such as the flow it was derived from.
        kept = [p.name for p in MODEL.relations[change.type][0].props] if self._sees_all else []
        return _Told(
            change.type,
            MirrorState.RETRACTED if is_retracted else MirrorState.STANDS,
            # Edges are numbered as they come, hidden ones too.
            key=seal(str(row["id"]), self._key),
            tail=row["tail"],
            head=row["head"],
            source=row["source"],
            since=_day(row["valid_from"]),
            until=_day(row["valid_to"]),
            changed_at=row["retracted_at"] if is_retracted else row["recorded_at"],
            words=_words(row, kept),
        )


def _ends(change: Change) -> tuple[str, ...]:
    """The nodes that a change is about."""
    row = change.row
    return (row["tail"], row["head"]) if change.what == "edge" else (row["urn"],)


def _day(stored: str) -> str | None:
    return None if stored in (ALWAYS, NEVER) else stored


def _words(row: dict[str, Any], names: Iterable[str]) -> list[dict[str, str]]:
    said = ((name, row.get(name)) for name in names)
    return [{"property": n, "value": msgspec.json.encode(v).decode()} for n, v in said if v not in (None, [])]


@dataclass(frozen=True, slots=True)
class WordsOfChange(Mapped):
    """The properties of what changed, with their values."""

    def plan(self, chosen: Chosen, rows: Rows, /) -> Get:
        """See ``Mapped``."""
        shape = shape_of(chosen, rows)
        return lambda told: [shape(word) for word in told.words]
