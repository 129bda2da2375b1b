"""Whose data is in a dataset (9.2 C2 to C4): one pass over the components of what feeds what by unstopped steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from lineage.audit.asof import Cell
from lineage.audit.classes import Classes
from lineage.audit.earlier import Earlier
from lineage.audit.levels import restricted
from lineage.audit.numbered import Numbered
from lineage.audit.words import Known

__all__ = ["Group", "Marks", "Origins"]

Group = tuple[tuple[int, ...], tuple[str, ...]]
"""Other groups by number, and datasets."""
_NONE: Group = ((), ())


class Origins:
    """The origins of every dataset as of a day.

    Datasets of the same origins are a group, and what is asked about all origins of many datasets is asked once for each
    group (``Marks``). Which datasets they are is walked for as it is asked: there may be thousands.
    """

    def __init__(self, classes: Classes, earlier: Earlier | None = None) -> None:
        self.classes = classes
        self._asof = classes.asof
        self.group_of: dict[str, int] = {}
        """The number of the group of each dataset that feeds another or is fed."""
        self.groups: list[Group] = [_NONE]
        """Of each group the groups, of lower numbers, of which it has the origins, and its own; the first has none."""
        anew = classes.inflow.anew
        if earlier is None or anew is None:
            self._walk(classes.inflow.order)
        elif not anew:
            self.group_of, self.groups = earlier.group_of, earlier.groups
        else:
            self.group_of = {dataset: group for dataset, group in earlier.group_of.items() if dataset not in anew}
            self.groups = list(earlier.groups)
            # Members of a circle are all joined anew, or none.
            self._walk(members for members in classes.inflow.order if members[0] in anew)
            self._let_go()
        self.numbered: Numbered[str | None] = Numbered()
        """The numbers of agencies."""
        self._agencies = Marks(self.groups, self._owner)
        self._of: dict[str, frozenset[str]] = {}
        self._by_agency: dict[frozenset[str], dict[str | None, frozenset[str]]] = {}
        self._left: dict[str, dict[str, frozenset[Cell]]] = {}

    def _walk(self, order: Iterable[tuple[str, ...]]) -> None:
        """Tell the groups of datasets, each after all that feeds it."""
        group_of, collected = self.group_of, self._asof.collected
        into = self.classes.inflow.into
        for members in order:
            first = members[0]
            if first in into and len(into[first]) == 1 and into[first][0].source in group_of and first not in collected:
                # Most are fed by one other, of which they have the origins.
                group_of[first] = group_of[into[first][0].source]
                continue
            above = {each.source for member in members for each in into.get(member, ())}.difference(members)
            here = [each for each in members if self._is_origin(each, root=not above)]
            inherited = {group_of[each] for each in above} - {0}
            found = next(iter(inherited), 0)
            if here or len(inherited) > 1:
                found = len(self.groups)
                self.groups.append((tuple(inherited), tuple(here)))
            for each in members:
                group_of[each] = found

    def _let_go(self) -> None:
        """Forget the groups that no dataset is of any more: then nothing has their origins, since that is fed by one of them."""
        number = {old: new for new, old in enumerate(sorted({0, *self.group_of.values()}))}
        kept = map(self.groups.__getitem__, number)
        self.groups = [(tuple(number[each] for each in above), here) for above, here in kept]
        self.group_of = {dataset: number[group] for dataset, group in self.group_of.items()}

    def _is_origin(self, dataset: str, *, root: bool) -> bool:
        begins = root or dataset in self._asof.collected
        return begins and restricted(self.classes.of_dataset(dataset)) is not Known.NO

    def is_alone(self, dataset: str) -> bool:
        """Whether it is the origin of itself, and neither feeds another nor is fed."""
        return dataset not in self.group_of and self._is_origin(dataset, root=True)

    def of(self, dataset: str) -> frozenset[str]:
        """The datasets that its data comes from, of all classes but PUBLIC and OPEN (9.2 C3)."""
        found = self._of.get(dataset)
        if found is None:
            found = self._of[dataset] = self._found(dataset)
        return found

    def _found(self, dataset: str) -> frozenset[str]:
        first = self.group_of.get(dataset)
        if first is None:
            return frozenset((dataset,) if self.is_alone(dataset) else ())
        met = {first}
        waiting = [first]
        found: list[str] = []
        while waiting:
            above, here = self.groups[waiting.pop()]
            found += here
            fresh = [each for each in above if each not in met]
            met.update(fresh)
            waiting += fresh
        return frozenset(found)

    def agencies(self, datasets: Iterable[str]) -> int:
        """The agencies whose data is in several datasets, of ``numbered``; None among them: not known (9.2 C2, C3)."""
        return self._agencies.join(datasets, self, self._owner)

    def _owner(self, dataset: str) -> int:
        return self.numbered.bit(self._asof.owner(dataset))

    def by_agency(self, datasets: Iterable[str]) -> dict[str | None, frozenset[str]]:
        """The origins of several datasets by the agency whose data they are."""
        origins = frozenset[str]().union(*map(self.of, datasets))
        known = self._by_agency.get(origins)
        if known is None:
            owned: dict[str | None, set[str]] = {}
            for each in origins:
                owned.setdefault(self._asof.owner(each), set()).add(each)
            known = self._by_agency[origins] = {agency: frozenset(each) for agency, each in owned.items()}
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
            for passage in self.classes.inflow.into.get(each, ()):
                if passage.source in origins:
                    left.setdefault(passage.source, set()).update(passage.cells)
                if passage.source not in seen:
                    seen.add(passage.source)
                    met.append(passage.source)
        return {origin: frozenset(cells) for origin, cells in left.items()}


class Marks:
    """What is to say of each origin, joined over all origins of a dataset; as bits.

    What says it is asked for each time, and not kept: whoever keeps marks is most often what says it, and two that keep each
    other would stay in memory after an audit is let go.
    """

    def __init__(self, groups: Sequence[Group], mark: Callable[[str], int]) -> None:
        """``groups`` are those of ``Origins``; ``mark`` is asked once of each origin in them."""
        self._of_groups: list[int] = []
        joined = self._of_groups
        for above, here in groups:
            found = 0
            for each in above:
                found |= joined[each]
            for each in here:
                found |= mark(each)
            joined.append(found)

    def join(self, datasets: Iterable[str], origins: Origins, mark: Callable[[str], int]) -> int:
        """The marks of all origins of several datasets."""
        found = 0
        for each in datasets:
            group = origins.group_of.get(each)
            if group is not None:
                found |= self._of_groups[group]
            elif origins.is_alone(each):
                found |= mark(each)
        return found
