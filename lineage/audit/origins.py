"""Whose data is in a dataset (9.2 C2 to C4): one pass over the components of what feeds what by unstopped steps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from lineage.audit.asof import Cell
from lineage.audit.classes import Classes, Passage
from lineage.audit.condense import condense
from lineage.audit.levels import restricted
from lineage.audit.words import Known

__all__ = ["Origins"]


class Origins:
    """The origins of every dataset as of a day."""

    def __init__(self, classes: Classes) -> None:
        self.classes = classes
        self._asof = classes.asof
        self._into: dict[str, list[Passage]] = defaultdict(list)
        for each in classes.passages:
            self._into[each.target].append(each)
        self._of: dict[str, frozenset[str]] = {}
        self._left: dict[str, dict[str, frozenset[Cell]]] = {}
        self._walk()
        self._agencies: dict[frozenset[str], dict[str | None, frozenset[str]]] = {}

    def _walk(self) -> None:
        sources = {node: {each.source for each in passages} for node, passages in self._into.items()}
        for members in condense(sources, sources):
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

    def left(self, origin: str, source: str) -> frozenset[Cell]:
        """The columns of an origin that left it towards a source, by unstopped steps (9.2 C4)."""
        found = self._left.get(source)
        if found is None:
            found = self._left[source] = self._leaving(source)
        return found.get(origin, frozenset())

    def _leaving(self, source: str) -> dict[str, frozenset[Cell]]:
        origins = self.of(source)
        met = [source]
        seen = {source}
        left: dict[str, set[Cell]] = {}
        for each in met:
            for passage in self._into.get(each, ()):
                if passage.source in origins:
                    left.setdefault(passage.source, set()).update(passage.cells)
                if passage.source not in seen:
                    seen.add(passage.source)
                    met.append(passage.source)
        return {origin: frozenset(cells) for origin, cells in left.items()}
