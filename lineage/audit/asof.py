"""The facts about data as of a day: who holds it, what it belongs to, what is said of it (9.2 A5 to A7, A13, C1, C2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import date
from functools import cached_property
from operator import attrgetter
from typing import Protocol, TypeVar

from lineage.audit.condense import reach
from lineage.audit.facts import Column, Dataset, Determination, Facts, Flow, Holding
from lineage.audit.joined import first_names, joined

__all__ = ["AsOf", "Cell", "as_of", "grouped_by", "holds"]

Fact = TypeVar("Fact")
Key = TypeVar("Key", bound=Hashable)
Cell = tuple[str, str | None]
"""A column: its dataset and its name; None as name where the columns of the dataset are not known."""


class _Spanned(Protocol):
    @property
    def valid_from(self) -> date | None: ...

    @property
    def valid_to(self) -> date | None: ...


def holds(fact: _Spanned, day: date) -> bool:
    """Whether a half open fact holds on a day (9.2 A7)."""
    start, end = fact.valid_from, fact.valid_to
    return (start is None or start <= day) and (end is None or day < end)


def as_of(facts: Facts, day: date) -> Facts:
    """The facts of all days as an audit of one has them: datasets that are the same then are one."""
    return joined(facts, _same(facts, day))


def _same(facts: Facts, day: date) -> dict[str, str]:
    return first_names([each for each in facts.same_as if holds(each, day)])


class AsOf:
    """The facts as of ``day``; datasets that are the same are one (9.2 E11)."""

    def __init__(self, facts: Facts, day: date) -> None:
        self.given = facts
        """The facts of all days, each dataset under its own ids."""
        self._same = _same(facts, day)
        self.facts = joined(facts, self._same)
        self.day = day
        self._units = dict(self.facts.units)
        self.systems = {each.id: each for each in self.facts.systems}
        self.groups: dict[str, list[str]] = defaultdict(list)
        self._inside: dict[str, list[str]] = defaultdict(list)
        for each in self.facts.members:
            if holds(each, day):
                self.groups[each.dataset].append(each.group)
                self._inside[each.group].append(each.dataset)
        self._names: dict[str, frozenset[str]] = {}
        self._ends: dict[str, tuple[str, ...]] = {}

    # Worked out when asked for: an audit that takes everything from one before needs nothing of it.

    @cached_property
    def datasets(self) -> dict[str, tuple[Dataset, ...]]:
        """What is said of a dataset as such; more than one where several are the same."""
        return grouped_by(self.facts.datasets, attrgetter("id"))

    @cached_property
    def held(self) -> dict[str, str | None]:
        """Who holds each dataset and system (``holder``)."""
        found = self._by_dataset(self.facts.held_by)
        for each in self.facts.systems:
            if each.agency is not None:
                found[each.id] = self.agency_of(each.agency)
        return found

    @cached_property
    def collected(self) -> frozenset[str]:
        """Datasets that are COLLECTED_UNDER a program or law."""
        return frozenset(self._by_dataset(self.facts.collected_under))

    @cached_property
    def _controlled(self) -> dict[str, str | None]:
        return self._by_dataset(self.facts.controlled_by)

    @cached_property
    def _versions(self) -> set[str]:
        return {each.id for each in self.facts.datasets if each.version_of is not None}

    def _by_dataset(self, facts: Iterable[Holding]) -> dict[str, str | None]:
        """Who it is by, units folded into their agencies; None: not known, or more than one (9.2 C1)."""
        found: dict[str, str | None] = {}
        units = self._units
        for each in facts:
            if (each.valid_from is None and each.valid_to is None) or holds(each, self.day):
                dataset, by = each.dataset, each.by
                agency = units.get(by, by)
                found[dataset] = agency if dataset not in found or found[dataset] == agency else None
        return found

    def flow(self, flow: Flow) -> Flow:
        """A flow of the audit of another day, between what its ends are called on this one."""
        return self._flows.get(flow.id, flow)

    @cached_property
    def _flows(self) -> dict[str, Flow]:
        """The flows by id, where what is one changes from day to day; else none, since all days have the same."""
        changing = any(each.valid_from or each.valid_to for each in self.given.same_as)
        return {each.id: each for each in self.facts.flows} if changing else {}

    def dataset(self, dataset: str) -> str:
        """The id by which a dataset goes here: of several that are one, the first (9.2 E11)."""
        return self._same.get(dataset, dataset)

    def agency_of(self, holder: str) -> str | None:
        """A unit is its agency, None where that is not known; anyone else is who it is (domain 9)."""
        return self._units.get(holder, holder)

    def holder(self, thing: str) -> str | None:
        """The agency that holds a dataset or system; None: unknown, or more than one (9.2 A13, C1)."""
        return self.held.get(thing)

    def owner(self, dataset: str) -> str | None:
        """The agency whose data it is: who controls it, or where no one is recorded, who holds it (9.2 C2)."""
        return self._controlled[dataset] if dataset in self._controlled else self.holder(dataset)

    @cached_property
    def several(self) -> frozenset[str]:
        """The systems with datasets in them: ends that stand for these (9.2 A13)."""
        return frozenset(self.systems.keys() & self._inside.keys())

    def datasets_in(self, end: str) -> tuple[str, ...]:
        """The datasets that an end of a flow stands for; a system without any stands for one, itself (9.2 A13)."""
        if end not in self.several:
            return (end,)
        found = self._ends.get(end)
        if found is None:
            found = self._ends[end] = tuple(sorted(set(self._inside[end])))
        return found

    def bases(self, dataset: str) -> list[str]:
        """The dataset itself, then what it is a version of, and so on."""
        found = [dataset]
        for each in found:
            found.extend(
                fact.version_of
                for fact in self.datasets.get(each, ())
                if fact.version_of is not None and fact.version_of not in found
            )
        return found

    def is_named_alone(self, dataset: str) -> bool:
        """Whether a term can name it by its own id only."""
        return dataset not in self._versions and dataset not in self.groups

    def names(self, dataset: str) -> frozenset[str]:
        """The ids by which a term can name it: its own, what it is a version of, their series and systems (9.2 E12)."""
        if self.is_named_alone(dataset):
            return frozenset((dataset,))
        found = self._names.get(dataset)
        if found is None:
            bases = self.bases(dataset)
            groups = [group for base in bases if base in self.groups for group in self.groups[base]]
            found = self._names[dataset] = frozenset((*bases, *groups))
        return found

    def columns(self, dataset: str) -> tuple[Cell, ...]:
        """Its columns of the catalog; one without a name where none is known."""
        return self._columns.get(dataset) or ((dataset, None),)

    @cached_property
    def dated(self) -> frozenset[str]:
        """The datasets of which a column has a first day or an end."""
        return frozenset(each.id for each in self.facts.datasets if each.columns.dated)

    @cached_property
    def _columns(self) -> dict[str, tuple[Cell, ...]]:
        """Of all datasets at once: in the order in which they lie in memory that takes half of the time."""
        found: dict[str, tuple[Cell, ...]] = {}
        for dataset, facts in self.datasets.items():
            first = facts[0].columns
            if len(facts) == 1 and not first.dated:
                found[dataset] = first.refs
                continue
            cells = [each.ref for fact in facts for each in fact.columns if self._there(each)]
            found[dataset] = tuple(cells if len(facts) == 1 else sorted(set(cells)))
        return found

    def _there(self, column: Column) -> bool:
        return (column.first_day is None or column.first_day <= self.day) and (
            column.valid_to is None or self.day < column.valid_to
        )

    def flowing(self, flow: Flow) -> tuple[Cell, ...]:
        """The flowing columns: those stated, else those read by column flows, else all of the source (9.2 A12)."""
        if flow.columns:
            return flow.columns
        if flow.column_flows:
            return tuple(dict.fromkeys(each.from_ for each in flow.column_flows))
        inside = self.datasets_in(flow.source)
        if len(inside) == 1:
            return self.columns(inside[0])
        return tuple(cell for dataset in inside for cell in self.columns(dataset))

    @cached_property
    def _determined(self) -> list[Determination]:
        """Those in force on the day."""
        day = self.day
        return [
            each
            for each in self.facts.determinations
            if (each.on is None or each.on <= day) and (each.valid_to is None or day < each.valid_to)
        ]

    @cached_property
    def of_datasets(self) -> dict[str, tuple[Determination, ...]]:
        """Those in force that speak of a dataset as such, by dataset."""
        return grouped_by([each for each in self._determined if each.column is None], attrgetter("dataset"))

    @cached_property
    def _of_columns(self) -> dict[Cell, tuple[Determination, ...]]:
        return grouped_by(
            [each for each in self._determined if each.column is not None], attrgetter("dataset", "column")
        )

    def determined(self, cell: Cell) -> Sequence[Determination]:
        """What holds of it: the latest, all of that day; an undated one is older than any other (9.2 A6)."""
        found = self.of_datasets.get(cell[0], ()) if cell[1] is None else self._of_columns.get(cell, ())
        if len(found) <= 1:
            return found
        latest = max(each.on or date.min for each in found)
        return [each for each in found if (each.on or date.min) == latest]

    def said(self, dataset: str) -> Sequence[Determination]:
        """The determination of a dataset; else that of what it is a version of (9.2 A5)."""
        found = self.determined((dataset, None))
        if found or dataset not in self._versions:
            return found
        for base in self.bases(dataset):
            found = self.determined((base, None))
            if found:
                break
        return found

    @cached_property
    def determined_columns(self) -> dict[str, list[str]]:
        """The names of the columns of each dataset that a determination in force speaks of."""
        found: dict[str, list[str]] = {}
        for dataset, column in self._of_columns:
            if column is not None:
                found.setdefault(dataset, []).append(column)
        return found

    @cached_property
    def wider(self) -> dict[str, frozenset[str]]:
        """Each purpose with all that it is equal to or narrower than (9.2 E5)."""
        broader: dict[str, set[str]] = {}
        for purpose, above in self.facts.purposes:
            broader.setdefault(purpose, set()).update(above)
        for each in self.facts.broader:
            if holds(each, self.day):
                broader.setdefault(each.purpose, set()).add(each.broader)
        return {purpose: frozenset(reach((purpose,), broader)) for purpose in broader}


def grouped_by(facts: Sequence[Fact], key: Callable[[Fact], Key]) -> dict[Key, tuple[Fact, ...]]:
    """Facts by what they are about: most often one about each. In their order."""
    keys = list(map(key, facts))
    found: dict[Key, tuple[Fact, ...]] = dict(zip(keys, zip(facts), strict=True))
    if len(found) < len(facts):
        shared = {about for about, each in zip(keys, facts, strict=True) if found[about][0] is not each}
        several: dict[Key, list[Fact]] = defaultdict(list)
        for about, each in zip(keys, facts, strict=True):
            if about in shared:
                several[about].append(each)
        found.update(zip(several, map(tuple, several.values()), strict=True))
    return found
