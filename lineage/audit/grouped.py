"""Live flows put together by who gives to whom and what is said of them: filters and counts look at groups, not at flows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from lineage.audit.facts import Flow
from lineage.audit.verdicts import Audit, Verdict
from lineage.audit.words import VerdictKind

__all__ = ["Group", "Grouped"]


class Group(NamedTuple):
    """What flows of a group have in common; agencies are None where they are not known."""

    provider: str | None
    recipient: str | None
    verdict: Verdict


class Grouped:
    """Flows in order, by their places in it."""

    def __init__(self, audit: Audit, flows: Sequence[Flow], verdicts: Mapping[str, Verdict]) -> None:
        self.flows = flows
        self._audit = audit
        together: dict[tuple[str | None, str | None, int], list[int]] = defaultdict(list)
        said: dict[int, Verdict] = {}
        for place, flow in enumerate(flows):
            verdict = verdicts[flow.id]
            # Verdicts that say the same are one (``Audit.verdicts``), and are told apart as such.
            said[id(verdict)] = verdict
            together[(*audit.ends(flow), id(verdict))].append(place)
        self._groups = [
            (Group(provider, recipient, said[key]), places) for (provider, recipient, key), places in together.items()
        ]

    def places(self, suits: Callable[[Group], bool]) -> list[int]:
        """Where the flows of groups that suit stand, in order."""
        found: list[int] = []
        for group, places in self._groups:
            if suits(group):
                found += places
        found.sort()
        return found

    @cached_property
    def pathways(self) -> dict[tuple[str | None, str | None], Counter[VerdictKind]]:
        """How many flows of each verdict there are from each agency to each."""
        found: dict[tuple[str | None, str | None], Counter[VerdictKind]] = defaultdict(Counter)
        for group, places in self._groups:
            found[group.provider, group.recipient][group.verdict.kind] += len(places)
        return dict(found)

    @cached_property
    def at(self) -> dict[str, list[int]]:
        """Where the flows stand from or to each dataset and system, in order."""
        found: dict[str, list[int]] = defaultdict(list)
        for place, flow in enumerate(self.flows):
            for end in set(self._ends(flow)):
                found[end].append(place)
        return dict(found)

    def _ends(self, flow: Flow) -> Iterator[str]:
        for end in (flow.source, flow.target):
            yield end
            yield from self._audit.asof.datasets_in(end)

    @cached_property
    def masks(self) -> list[int]:
        """The effective classes of what each flow carries (see ``levels``)."""
        classes, flowing = self._audit.classes, self._audit.asof.flowing
        return [classes.of_flowing(classes.flowing(flowing(flow))) for flow in self.flows]
