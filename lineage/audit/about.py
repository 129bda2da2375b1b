"""The agreements that have to do with data: a term of any time names it, or a run wrote it under them (9.2 E9)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property

from lineage.audit.coverage import Asked
from lineage.audit.flowed import Flowed
from lineage.audit.papers import PaperIndex

__all__ = ["About"]

_NOTHING = frozenset[str]()


class About:
    """Which agreements are about which data, as of a day."""

    def __init__(self, flowed: Flowed, index: PaperIndex) -> None:
        self._flowed = flowed
        self._asof = flowed.asof
        self._index = index
        self._named: dict[str, frozenset[str]] = {}
        self._named_together: dict[frozenset[str], frozenset[str]] = {}

    def source(self, asked: Asked) -> frozenset[str]:
        """The agreements about the source."""
        found = _NOTHING
        for dataset in asked.flowing:
            wrote = self._wrote.get(dataset)
            found = found | self._naming(dataset) if found else self._naming(dataset)
            found = found | wrote if wrote else found
        return found

    def origin(self, asked: Asked, origin: str) -> frozenset[str]:
        """The agreements of which a term of any time names data of an origin agency in the source."""
        datasets = asked.origins.get(origin, _NOTHING)
        found = self._named_together.get(datasets)
        if found is None:
            found = self._named_together[datasets] = _NOTHING.union(*map(self._naming, datasets))
        return found

    def _naming(self, dataset: str) -> frozenset[str]:
        found = self._named.get(dataset)
        if found is None:
            naming = self._index.naming
            found = _NOTHING.union(*(naming[each] for each in self._asof.names(dataset) if each in naming))
            self._named[dataset] = found
        return found

    @cached_property
    def _wrote(self) -> Mapping[str, frozenset[str]]:
        """The agreements under which a run wrote each dataset by the day."""
        found: dict[str, set[str]] = defaultdict(set)
        under = {id_ for id_, runs in self._flowed.runs.items() if any(run.agreement for run in runs)}
        for flow in self._asof.facts.flows:
            if flow.process in under:
                for target in self._asof.datasets_in(flow.target):
                    writings = self._flowed.writings(flow, target)
                    found[target].update(each.agreement for each in writings if each.agreement is not None)
        return {dataset: frozenset(ids & self._index.with_terms) for dataset, ids in found.items()}
