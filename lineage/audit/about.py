"""The agreements that have to do with data: a term of any time names it, or a run wrote it under them (9.2 E9)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property

from lineage.audit.flowed import Flowed
from lineage.audit.numbered import Numbered
from lineage.audit.origins import Marks, Origins
from lineage.audit.papers import PaperIndex

__all__ = ["About"]

_NOTHING = frozenset[str]()


class About:
    """Which agreements are about which data, whatever the day.

    Of the origins of data it is told in pairs: an agreement that names an origin, and the agency whose data that is.
    """

    def __init__(self, flowed: Flowed, origins: Origins, index: PaperIndex) -> None:
        self._flowed = flowed
        self._asof = flowed.asof
        self._origins = origins
        self._index = index
        self._named: dict[str, frozenset[str]] = {}
        self.pairs: Numbered[tuple[str, str]] = Numbered()
        """The numbers of pairs of an agreement and an agency."""
        self.of_agency: dict[str | None, int] = defaultdict(int)
        """The pairs of each agency. None: none."""
        self._some = Marks(origins.groups, self._pairs)
        self._agencies = Marks(origins.groups, self._agency)
        # After the first, which numbers the pairs.
        self._lacking = Marks(origins.groups, self._others)

    def source(self, datasets: Iterable[str]) -> frozenset[str]:
        """The agreements about a source."""
        found = _NOTHING
        wrote = self._wrote
        for dataset in datasets:
            named = self._naming(dataset)
            found = found | named if found else named
            if dataset in wrote:
                found = found | wrote[dataset]
        return found

    def origins(self, datasets: Collection[str]) -> int:
        """The pairs of which the agreement names data of the agency among the origins of a source."""
        return self._some.join(datasets, self._origins, self._pairs)

    def origins_of(self, datasets: Collection[str], agency: str) -> list[str]:
        """The agreements that name data of one agency among the origins of a source."""
        pairs = self.origins(datasets) & self.of_agency.get(agency, 0)
        return [agreement for agreement, _ in self.pairs.things(pairs)]

    def lacking(self, datasets: Collection[str]) -> int:
        """The pairs of which the agreement does not name all data of the agency among the origins of a source."""
        return self._lacking.join(datasets, self._origins, self._others)

    def agencies(self, datasets: Collection[str]) -> int:
        """The known agencies of which an agreement names data among the origins of a source."""
        return self._agencies.join(datasets, self._origins, self._agency)

    def _pairs(self, dataset: str) -> int:
        owner = self._asof.owner(dataset)
        if owner is None:
            return 0
        found = self.pairs.bits((each, owner) for each in self._naming(dataset))
        self.of_agency[owner] |= found
        return found

    def _others(self, dataset: str) -> int:
        owner = self._asof.owner(dataset)
        return 0 if owner is None else self.of_agency[owner] & ~self._pairs(dataset)

    def _agency(self, dataset: str) -> int:
        owner = self._asof.owner(dataset)
        return 0 if owner is None or not self._naming(dataset) else self._origins.numbered.bit(owner)

    def _naming(self, dataset: str) -> frozenset[str]:
        naming = self._index.naming
        if self._asof.is_named_alone(dataset):
            return naming.get(dataset, _NOTHING)
        found = self._named.get(dataset)
        if found is None:
            found = _NOTHING.union(*(naming[each] for each in self._asof.names(dataset) if each in naming))
            self._named[dataset] = found
        return found

    @cached_property
    def _wrote(self) -> Mapping[str, frozenset[str]]:
        """The agreements under which a run wrote each dataset by the day."""
        found: dict[str, set[str]] = defaultdict(set)
        under = {run.process for run in self._asof.facts.runs if run.agreement}
        for flow in self._asof.facts.flows if under else ():
            if flow.process in under:
                for target in self._asof.datasets_in(flow.target):
                    writings = self._flowed.writings(flow, target)
                    found[target].update(each.agreement for each in writings if each.agreement is not None)
        return {dataset: frozenset(ids & self._index.with_terms) for dataset, ids in found.items()}
