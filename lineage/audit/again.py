"""Which flows have to be judged again after an audit of other facts: those of which, or for which, something differs (9.2 E9)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from itertools import chain
from typing import TYPE_CHECKING

from lineage.audit.earlier import Earlier
from lineage.audit.facts import Flow
from lineage.audit.papers import Papers, terms_of_any_time
from lineage.audit.since import Since

if TYPE_CHECKING:
    from lineage.audit.verdicts import Verdict

__all__ = ["Again"]

_Recipients = Callable[[Iterable[Flow]], Iterable[str | None]]
"""The recipient of each flow."""


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

    def told(self, flows: Collection[Flow], recipients: _Recipients) -> Mapping[str, Verdict]:
        """The verdicts that still hold of flows, by their ids, and of some others."""
        differing = self._differing(flows, recipients)
        if not differing:
            return self._verdicts
        return {flow: verdict for flow, verdict in self._verdicts.items() if flow not in differing}

    def _differing(self, flows: Collection[Flow], recipients: _Recipients) -> set[str]:
        """The ids of the flows of which what was found may no longer hold."""
        found = set(self._since.flows)
        if self._reached:
            found |= self._since.carrying(flows, self._reached)
        agreements, receivers = self._agreements, self._receivers
        if agreements:
            found.update([flow.id for flow in flows if flow.claims and not agreements.isdisjoint(flow.claims)])
            found.update([flow.id for flow, to in zip(flows, recipients(flows), strict=True) if to in receivers])
        return found
