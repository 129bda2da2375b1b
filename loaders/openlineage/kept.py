"""Records as this process wrote them last: what is said next of the same things need not read and take them apart again.

They are kept from when their write begins, so that the next batch can be made meanwhile. Nothing depends on what is kept being
right. A batch is written only if the graph holds what it was made of (``Batch.expects``); and where by what is kept an event says
nothing new, the graph is asked.
"""

from __future__ import annotations

from collections.abc import Iterable

from catalog.batch import Prepared
from catalog.urn import Urn
from lineage.openlineage.record import Record

__all__ = ["MAX_KEPT", "Kept"]

MAX_KEPT = 8_000_000
"""Characters of records that are kept: with what they were made of some tens of megabytes."""


class Kept:
    """The records that were written last, each with the node that holds it."""

    def __init__(self) -> None:
        self.failures = 0
        """How often something was kept that was not written then: what is made of it does not stand."""
        self._found: dict[Urn, tuple[Prepared, Record]] = {}
        self._size = 0

    def take(self, about: Urn) -> tuple[Prepared, Record] | None:
        """What is kept of a thing. It is kept no more: whoever takes it may change it."""
        found = self._found.pop(about, None)
        if found is not None:
            self._size -= _size(found[0])
        return found

    def put(self, about: Urn, node: Prepared, record: Record) -> None:
        """Keep what is written; of too much, what was written longest ago goes."""
        self.take(about)
        self._found[about] = node, record
        self._size += _size(node)
        while self._size > MAX_KEPT:
            self.take(next(iter(self._found)))

    def forget(self, abouts: Iterable[Urn]) -> None:
        """Keep nothing of these: what was kept of them was not written."""
        self.failures += 1
        for about in abouts:
            self.take(about)


def _size(node: Prepared) -> int:
    return len(node.stored["registers"])
