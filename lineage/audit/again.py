"""Which flows have to be judged again after an audit of other facts: those of which, or for which, something differs (9.2 E9)."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from typing import TYPE_CHECKING

from lineage.audit.earlier import Earlier
from lineage.audit.facts import Flow
from lineage.audit.papers import Papers, terms_of_any_time
from lineage.audit.since import Since

if TYPE_CHECKING:
    from lineage.audit.verdicts import Verdict

__all__ = ["Again"]


class Again:
    """The flows whose data differs, and those for which an agreement that differs is tried, or was."""

    def __init__(self, since: Since, earlier: Earlier, now: Papers) -> None:
        self._since = since
        self._verdicts = earlier.verdicts
        before = earlier.papers
        ids = frozenset(since.agreements)
        ids = ids.union(*(papers.below.get(each, ()) for papers in (before, now) for each in ids))
        found = [papers.all[each] for papers in (before, now) for each in ids if each in papers.all]
        self._agreements = ids
        self._receivers = frozenset(chain.from_iterable(paper.receives for paper in found))
        terms = (term for paper in found for term in terms_of_any_time(paper.agreement))
        self._reached = since.reached({name for term in terms for name in term.names}, ids)
        self._same = not (since.flows or ids or self._reached)
        """Whether nothing differs at all."""

    def told(self, flow: Flow, recipient: Callable[[Flow], str | None]) -> Verdict | None:
        """The verdict that still holds; None: there is none."""
        return None if not self._same and self.differs(flow, recipient) else self._verdicts.get(flow.id)

    def differs(self, flow: Flow, recipient: Callable[[Flow], str | None]) -> bool:
        """Whether what was found of it may no longer hold."""
        if flow.id in self._since.flows or self._since.carries(flow, self._reached):
            return True
        return bool(self._agreements) and (
            recipient(flow) in self._receivers or not self._agreements.isdisjoint(flow.claims)
        )
