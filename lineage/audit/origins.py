"""Whose data is in a dataset (9.2 C2 to C4): one pass over the components of what feeds what by unstopped steps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property

from lineage.audit.asof import Cell
from lineage.audit.classes import Classes, Passage
from lineage.audit.condense import condense
from lineage.audit.levels import restricted
from lineage.audit.words import Known

__all__ = ["Origins"]

_Left = Mapping[str, frozenset[Cell]]


class Origins:
    """The origins of every dataset as of a day."""

    def __init__(self, classes: Classes) -> None:
        self.classes = classes
        self._asof = classes.asof
        self._into: dict[str, list[Passage]] = defaultdict(list)
        for each in classes.passages:
            self._into[each.target].append(each)
        self._of: dict[str, frozenset[str]] = {}
        self._components: list[tuple[str, ...]] = []
        self._walk()
        self._agencies: dict[frozenset[str], dict[str | None, frozenset[str]]] = {}

    def _walk(self) -> None:
        sources = {node: {each.source for each in passages} for node, passages in self._into.items()}
        for members in condense(sources, sources):
            self._components.append(members)
            above = {source for each in members for source in sources.get(each, ())}.difference(members)
            inherited = {self._of[each] for each in above}
            here = [each for each in members if self._is_origin(each, root=not above)]
            alone = len(inherited) == 1 and not here
            found = inherited.pop() if alone else frozenset(here).union(*inherited)
            for each in members:
                self._of[each] = found

    def _is_origin(self, dataset: str, *, root: bool) -> bool:
        begins = root or dataset in self._asof.collected
        return begins and restricted(self.classes.of_dataset(dataset)) is not Known.NO

    def of(self, dataset: str) -> frozenset[str]:
        """The datasets that its data comes from, of all classes but PUBLIC and OPEN (9.2 C3)."""
        found = self._of.get(dataset)
        if found is None:
            found = self._of[dataset] = frozenset((dataset,)) if self._is_origin(dataset, root=True) else frozenset()
        return found

    def agencies(self, datasets: Iterable[str]) -> dict[str | None, frozenset[str]]:
        """The origins of several datasets by the agency whose data they are; None: not known (9.2 C2, C3)."""
        found = [self.of(each) for each in datasets]
        origins = found[0] if len(found) == 1 else frozenset[str]().union(*found)
        known = self._agencies.get(origins)
        if known is None:
            owned: dict[str | None, set[str]] = {}
            for each in origins:
                owned.setdefault(self._asof.owner(each), set()).add(each)
            known = self._agencies[origins] = {agency: frozenset(each) for agency, each in owned.items()}
        return known

    @cached_property
    def _left(self) -> dict[str, _Left]:
        """For each dataset the columns of each of its origins that left it towards the dataset."""
        found: dict[str, _Left] = {}
        for members in self._components:
            passages = [each for member in members for each in self._into.get(member, ())]
            sources = {each.source for each in passages}.difference(members)
            left: dict[str, frozenset[Cell]] = {}
            for source in sources:
                for origin, cells in found.get(source, {}).items():
                    left[origin] = left.get(origin, frozenset()) | cells
            origins = self._of[members[0]]
            for each in passages:
                if each.source in origins:
                    left[each.source] = left.get(each.source, frozenset()).union(each.cells)
            found.update(dict.fromkeys(members, left))
        return found

    def left(self, origin: str, source: str) -> frozenset[Cell]:
        """The columns of an origin that left it towards a source, by unstopped steps (9.2 C4)."""
        return self._left.get(source, {}).get(origin, frozenset())
