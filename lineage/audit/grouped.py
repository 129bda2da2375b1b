"""Live flows put together by who gives to whom and what is said of them: filters and counts look at groups, not at flows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property

from lineage.audit.facts import Flow
from lineage.audit.verdicts import Audit, Ends, Verdict
from lineage.audit.words import VerdictKind

__all__ = ["Grouped"]


class Grouped:
    """Flows in order, by their places in it."""

    def __init__(self, audit: Audit, flows: Sequence[Flow], verdicts: Mapping[str, Verdict]) -> None:
        self.flows = flows
        self._audit = audit
        self._said: dict[int, Verdict] = {}
        """Verdicts that say the same are one (``Audit.verdicts``), and are told apart as such."""
        self._groups: dict[tuple[Ends, int], list[int]] = defaultdict(list)
        for place, flow in enumerate(flows):
            verdict = verdicts[flow.id]
            self._said[id(verdict)] = verdict
            self._groups[audit.ends(flow), id(verdict)].append(place)

    def places(
        self, says: Callable[[Verdict], bool], provider: str | None = None, recipient: str | None = None
    ) -> list[int]:
        """Where the flows stand, in order, of which this is said: between all agencies, or from and to those given."""
        wanted = {key for key, verdict in self._said.items() if says(verdict)}
        found: list[int] = []
        for ((gives, takes), said), places in self._groups.items():
            if said in wanted and provider in (None, gives) and recipient in (None, takes):
                found += places
        found.sort()
        return found

    @cached_property
    def pathways(self) -> dict[Ends, Counter[VerdictKind]]:
        """How many flows of each verdict there are from each agency to each."""
        found: dict[Ends, Counter[VerdictKind]] = defaultdict(Counter)
        for (ends, said), places in self._groups.items():
            found[ends][self._said[said].kind] += len(places)
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
