"""A place in the feed of changes: (revision, class, key), and its opaque text."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from catalog.errors import InvalidSelection
from catalog.stores.port import MAX_CHANGES, Change, ChangePage

__all__ = ["FeedCursor", "cursor_after", "cursor_of", "feed_page", "revision_of"]


_LAST = 2**63 - 1
"""After the id of every edge."""


class FeedCursor(NamedTuple):
    """After the change with this revision, class (0 node, 1 snapshot, 2 edge) and key (urn, snapshot key, edge id)."""

    revision: int
    cls: int
    key: str | int

    def encode(self) -> str:
        """An opaque text."""
        return base64.urlsafe_b64encode(msgspec.json.encode(list(self))).decode().rstrip("=")

    @staticmethod
    def decode(text: str) -> FeedCursor:
        """Read a cursor; "" is the beginning. Raises InvalidSelection on one that we did not make."""
        if not text:
            return FeedCursor(0, 0, "")
        try:
            raw = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
            revision, cls, key = msgspec.json.decode(raw, type=tuple[int, int, str | int])
        except (ValueError, binascii.Error, msgspec.MsgspecError, UnicodeError) as error:
            raise InvalidSelection(
                "'since' is no cursor of ours: pass the cursor of an earlier page, or none"
            ) from error
        if cls not in (0, 1, 2) or isinstance(key, int) is not (cls == 2):  # noqa: PLR2004 - the class of edges
            raise InvalidSelection("'since' is no cursor of ours: pass the cursor of an earlier page, or none")
        return FeedCursor(revision, cls, key)

    def params(self, limit: int) -> dict[str, Any]:
        """The parameters of a statement that answers what comes after, class by class.

        A class before the cursor's own is done with at its revision, one after it has all of that revision to come.
        Raises InvalidSelection on a limit out of bounds.
        """
        if not 1 <= limit <= MAX_CHANGES:
            raise InvalidSelection(f"'limit' is {limit}: a page holds 1 to {MAX_CHANGES} changes")
        nothing, everything = "", "\uffff"
        node = self.key if self.cls == 0 else everything
        snapshot = self.key if self.cls == 1 else (nothing if self.cls == 0 else everything)
        edge = self.key if self.cls == 2 else -1  # noqa: PLR2004 - the class of edges
        return {"revision": self.revision, "node": node, "snapshot": snapshot, "edge": edge, "limit": limit + 1}


def cursor_of(change: Change) -> str:
    """The cursor after which the feed goes on past a change."""
    row = change.row
    match change.what:
        case "node":
            return FeedCursor(change.revision, 0, row["urn"]).encode()
        case "snapshot":
            return FeedCursor(change.revision, 1, f"{row['urn']}|{change.revision}").encode()
        case _:
            return FeedCursor(change.revision, 2, row["id"]).encode()


def cursor_after(revision: int) -> str:
    """The cursor after which the feed goes on past everything of a revision."""
    return FeedCursor(revision, 2, _LAST).encode()


def revision_of(cursor: str) -> int:
    """The revision that a cursor has come to. Raises InvalidSelection on one that we did not make."""
    return FeedCursor.decode(cursor).revision


def feed_page(found: Iterable[tuple[FeedCursor, Change]], since: str, limit: int, *, more: bool = False) -> ChangePage:
    """The first ``limit`` of the changes found, in order. ``more``: there may be others, though they were not found."""
    ordered = sorted(found, key=lambda pair: pair[0])
    cursor = ordered[min(limit, len(ordered)) - 1][0].encode() if ordered else since
    return ChangePage([change for _, change in ordered[:limit]], cursor, more or len(ordered) > limit)
