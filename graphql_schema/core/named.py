"""What arguments of the audit name: checked against what the catalog holds, with the place in the error."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from catalog.errors import InvalidSelection, InvalidUrn
from catalog.model import MODEL
from catalog.urn import parse
from lineage.audit.day import DayAudit

__all__ = ["MAX_NAMED", "Named", "bounded"]

_T = TypeVar("_T")

MAX_NAMED = 100
"""Entries of one list in an argument."""


class Named:
    """The names of what an audit knows: what the reader does not see is as if it were not."""

    def __init__(self, day: DayAudit) -> None:
        self._day = day

    def one(self, urn: str, place: str, *kinds: str) -> str:
        """The URN of a node of one of these kinds, as it was given at a place.

        Raises InvalidUrn on what is no URN of such a kind, and InvalidSelection where there is no such node.
        """
        try:
            found = parse(urn).kind
        except InvalidUrn as error:
            raise InvalidUrn(f"{place}: {error}") from None
        slugs = [MODEL.kinds[kind].slug for kind in kinds]
        if found not in slugs:
            expected = " or ".join(f"'urn:waypost:{slug}:...'" for slug in slugs)
            raise InvalidUrn(f"{place}: '{urn[:80]}' is the URN of another kind: expected {expected}")
        if urn not in self._day.ids:
            raise InvalidSelection(
                f"{place}: the catalog holds no '{urn[:200]}' that you may see: look for its URN with 'search' or a list, such as"
                " 'datasets' or 'agencies'"
            )
        return self._day.audit.asof.dataset(urn)

    def some(self, urns: Iterable[str] | None, place: str, *kinds: str) -> tuple[str, ...]:
        """As ``one``, of a list of at most MAX_NAMED, each once; None: of none."""
        listed = bounded(urns, place)
        return tuple(dict.fromkeys(self.one(urn, f"{place}[{number}]", *kinds) for number, urn in enumerate(listed)))


def bounded(listed: Iterable[_T] | None, place: str) -> list[_T]:
    """A list of an argument, None as an empty one. Raises InvalidSelection over MAX_NAMED."""
    found = list(listed or ())
    if len(found) > MAX_NAMED:
        raise InvalidSelection(f"{place}: {len(found)} are too many: at most {MAX_NAMED} at once")
    return found
