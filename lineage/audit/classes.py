"""Effective classes: own classes joined with those of everything that flowed in, by column where columns are known.

What flows carry is told here, what of it flows into each dataset in ``inflow`` (domain 7; 9.2 A3 to A5, A10, A12).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cached_property
from itertools import chain

from msgspec import Struct

from lineage.audit.asof import AsOf, Cell
from lineage.audit.earlier import Earlier
from lineage.audit.facts import ColumnFlow, Flow
from lineage.audit.flowed import Flowed
from lineage.audit.inflow import Inflow, Names, Passage
from lineage.audit.levels import UNDECIDED, Level, level_of, restricted
from lineage.audit.own import OwnClasses
from lineage.audit.since import Since
from lineage.audit.words import Known

__all__ = ["Classes", "Flowing"]


class _Group(Struct, frozen=True, gc=False):
    """Flowing columns of one dataset."""

    dataset: str
    own: int
    cells: tuple[Cell, ...]
    known: bool
    """Whether the catalog knows them all."""


class Flowing(Struct, frozen=True, eq=False):
    """Flowing columns; the same ones are one object, so that they are compared and hashed as such."""

    cells: tuple[Cell, ...]
    groups: tuple[_Group, ...]
    """The same by dataset."""
    datasets: tuple[str, ...]


class Classes:
    """The effective classes of what flowed by a day."""

    def __init__(self, flowed: Flowed, earlier: Earlier | None = None, since: Since | None = None) -> None:
        """``since`` is what differs from the facts of an earlier audit."""
        self.flowed = flowed
        self.asof: AsOf = flowed.asof
        self.own = OwnClasses(self.asof)
        self.named: dict[str, set[str]] = defaultdict(set)
        """The columns of each dataset that flows and runs speak of and the catalog does not know."""
        self._flowing: dict[tuple[Cell, ...], Flowing] = {}
        self._whole: dict[str, Flowing] = {}
        self._sets: dict[frozenset[str | None], frozenset[str | None]] = {}
        """Sets of names, of which equal ones are kept once."""
        self.unheard: dict[str, list[Cell]] = {}
        """The columns that the catalog does not know, by the flow that speaks of them."""
        if earlier is None or since is None:
            others, carried = self._carry_whole(flowed.past)
            self._name_columns(others)
        else:
            others, carried = self._carry_again(earlier, since)
        for flow in others:
            carried += self.passages_of(flow)
        self.inflow = Inflow(self.own, carried, None if earlier is None else earlier.inflow, since)
        self._effective: dict[str, int] = {}

    @cached_property
    def _reviewed(self) -> dict[str, list[Flow]]:
        """The flows into each dataset of which any step can be stopped."""
        found: dict[str, list[Flow]] = defaultdict(list)
        for flow in self.flowed.past:
            if self.flowed.may_stop(flow):
                for target in self.asof.datasets_in(flow.target):
                    found[target].append(flow)
        return found

    @property
    def passages(self) -> list[Passage]:
        """What flowed by the day and was not stopped."""
        return self.inflow.passages

    def _carry_again(self, earlier: Earlier, since: Since) -> tuple[list[Flow], list[Passage]]:
        """As ``_carry_whole``, of what differs."""
        if since.nothing:
            self.unheard, self.named = earlier.unheard, earlier.named
            return [], []
        differs = since.flows
        self.unheard = {flow: cells for flow, cells in earlier.unheard.items() if flow not in differs}
        self._name_columns([flow for flow in self.flowed.past if flow.id in differs])
        named, was = self.named, earlier.named
        since.count([each for each in {**was, **named} if named.get(each) != was.get(each)])
        return self._carry_whole([flow for flow in self.flowed.past if flow.id in differs])

    def _carry_whole(self, flows: Iterable[Flow]) -> tuple[list[Flow], list[Passage]]:
        """What those flows carry that by the day took all of one dataset into all of another, as most do, after the others."""
        others: list[Flow] = []
        carried: list[Passage] = []
        several, stoppable, wrote_all = self.asof.several, self.flowed.stoppable, self.flowed.wrote_all
        for flow in flows:
            source, target, columns = flow.source, flow.target, flow.columns
            if flow.column_flows or source in several or target in several or flow.process in stoppable:
                others.append(flow)
                continue
            (group,) = self._whole_of(source).groups
            if (columns and columns is not group.cells) or not wrote_all(flow):
                others.append(flow)
            else:
                carried.append(Passage(flow, source, target, group.cells, group.own, None))
        return others, carried

    def _name_columns(self, flows: Iterable[Flow]) -> None:
        """Note the columns that flows and runs speak of and the catalog does not know."""
        for flow in flows:
            unheard: list[Cell] = []
            if flow.columns:
                for each in self.flowing(flow.columns).groups:
                    unheard += () if each.known else each.cells
            if flow.column_flows:
                unheard += self.own.unheard(tuple([each.from_ for each in flow.column_flows]))
                unheard += self.own.unheard(tuple([each.to for each in flow.column_flows]))
            if unheard:
                self.unheard[flow.id] = unheard
        by_runs = [
            (each.dataset, name)
            for run in self.asof.facts.runs
            if run.outputs and run.on <= self.asof.day
            for each in run.outputs
            for name in each.columns or ()
        ]
        for dataset, name in chain(self.own.unheard(tuple(by_runs)), *self.unheard.values()):
            self.named[dataset].add(name or "")

    def _whole_of(self, dataset: str) -> Flowing:
        """All columns that the catalog knows of a dataset."""
        found = self._whole.get(dataset)
        if found is None:
            columns = self.asof.columns(dataset)
            group = _Group(dataset, self.own.of_columns(dataset), columns, known=True)
            found = self._whole[dataset] = Flowing(columns, (group,), (dataset,))
        return found

    def flowing_of(self, flow: Flow) -> Flowing:
        """The flowing columns of a flow (9.2 A12)."""
        return self.flowing(flow.columns or self.asof.flowing(flow))

    def flowing(self, cells: tuple[Cell, ...]) -> Flowing:
        """Flowing columns by dataset, with the join of their own classes."""
        whole = self._whole_of(cells[0][0])
        if cells == whole.cells:
            return whole
        found = self._flowing.get(cells)
        if found is None:
            parts: dict[str, list[Cell]] = {}
            for cell in cells:
                parts.setdefault(cell[0], []).append(cell)
            groups = tuple(self._group(each, tuple(part)) for each, part in parts.items())
            found = self._flowing[cells] = Flowing(cells, groups, tuple(parts))
        return found

    def _group(self, dataset: str, cells: tuple[Cell, ...]) -> _Group:
        return _Group(dataset, self.own.of_cells(cells), cells, self.own.knows(cells))

    def columns(self, dataset: str) -> tuple[Cell, ...]:
        """Its columns of the catalog, or one without a name, and those that what happened speaks of."""
        known = self.asof.columns(dataset)
        named = self.named.get(dataset)
        return (*known, *((dataset, name) for name in sorted(named))) if named else known

    def open_columns(self, flow: Flow, dataset: str) -> Names:
        """The columns of a target into which the flow has a step that is not stopped (9.2 A10)."""
        written = self.flowed.written(flow, dataset)
        if not self.flowed.may_stop(flow):
            return written
        names = [name for _, name in self.columns(dataset) if written is None or name in written]
        if self.flowed.stops_alike(flow, dataset):
            return frozenset(() if self.flowed.stopped(flow, (dataset, None)) else names)
        return frozenset([name for name in names if not self.flowed.stopped(flow, (dataset, name))])

    def passages_of(self, flow: Flow, *, stopped_too: bool = False) -> list[Passage]:
        """What a flow that has happened carries, by column flow or by dataset (9.2 A4)."""
        plain = stopped_too or not self.flowed.may_stop(flow)
        open_ = self.flowed.written if plain else self.open_columns
        found: list[Passage] = []
        cells = flow.columns
        if flow.column_flows or not cells:
            cells = self._unmentioned(flow)
            found += self._by_column(flow, open_)
        if cells:
            groups = self.flowing(cells).groups
            for target in self.asof.datasets_in(flow.target):
                names = open_(flow, target)
                if names is None or names:
                    found += [Passage(flow, each.dataset, target, each.cells, each.own, names) for each in groups]
        return found

    def _by_column(self, flow: Flow, open_: Callable[[Flow, str], Names]) -> list[Passage]:
        found: list[Passage] = []
        for (source, target), both in _by_ends(flow.column_flows).items():
            names = open_(flow, target)
            fed = both if names is None else tuple([each for each in both if each.to[1] in names])
            if fed:
                cells = tuple([each.from_ for each in fed])
                into = frozenset[str | None]([each.to[1] for each in fed])
                into = self._sets.setdefault(into, into)
                alike = self.own.alike(cells)
                own = self.own.of_cells(cells) if alike is None else alike
                found.append(Passage(flow, source, target, cells, own, into, fed, even=alike is not None))
        return found

    def of_cell(self, cell: Cell) -> int:
        """The mask of a column: its own and what flows into it."""
        single = self.inflow.single.get(cell[0], {})
        mask = self.own.of_cell(cell) | self.inflow.common.get(cell[0], 0) | single.get(cell[1], 0)
        if cell[0] in self._reviewed and cell[1] not in single and cell not in self.columns(cell[0]):
            for flow in self._reviewed[cell[0]]:
                mask |= self._into_unheard(flow, cell)
        return mask

    def _into_unheard(self, flow: Flow, cell: Cell) -> int:
        """What flows into a column that neither the catalog nor any flow knows, by a process that may be stopped."""
        written = self.flowed.written(flow, cell[0])
        if (written is not None and cell[1] not in written) or self.flowed.stopped(flow, cell):
            return 0
        cells = self._unmentioned(flow)
        return self.of_flowing(self.flowing(cells)) if cells else 0

    def _unmentioned(self, flow: Flow) -> tuple[Cell, ...]:
        """The flowing columns of which no column flow says where they go (9.2 A4)."""
        cells = self.asof.flowing(flow)
        if not flow.column_flows:
            return cells
        mentioned = [each.from_ for each in flow.column_flows]
        if tuple(mentioned) == cells:
            return ()
        left = frozenset(cells).difference(mentioned)
        return tuple([cell for cell in cells if cell in left])

    def of_dataset(self, dataset: str) -> int:
        """The mask of a dataset: its own joined with its columns' effective (domain R15)."""
        found = self._effective.get(dataset)
        if found is None:
            own = self.own.of_cells(self.columns(dataset))
            found = self.own.of_dataset(dataset) | own | self.inflow.common.get(dataset, 0)
            for mask in self.inflow.single.get(dataset, {}).values():
                found |= mask
            self._effective[dataset] = found
        return found

    def of_flowing(self, flowing: Flowing) -> int:
        """The mask of what flows; where no column is known, the dataset's decides (domain 9)."""
        mask = 0
        for group in flowing.groups:
            dataset = group.dataset
            if group.cells[0][1] is None:
                mask |= self.of_dataset(dataset)
            elif not group.known and dataset in self._reviewed:
                for cell in group.cells:
                    mask |= self.of_cell(cell)
            else:
                mask |= group.own | self.inflow.common.get(dataset, 0)
                single = self.inflow.single.get(dataset)
                if single is not None:
                    for cell in group.cells:
                        mask |= single.get(cell[1], 0)
        return mask or UNDECIDED

    def restricted(self, flowing: Flowing) -> Known:
        """Whether what flows is stricter than PUBLIC (9.2 A8, B1)."""
        return restricted(self.of_flowing(flowing))

    def level_of_dataset(self, dataset: str) -> Level:
        """Its effective class."""
        return level_of(self.of_dataset(dataset))

    def level_of_cell(self, cell: Cell) -> Level:
        """Its effective class."""
        return level_of(self.of_cell(cell))

    def all_datasets(self) -> list[str]:
        """Every dataset that is known or that an end of a flow stands for, by id."""
        ends: Iterable[str] = (end for flow in self.asof.facts.flows for end in (flow.source, flow.target))
        return sorted({*self.asof.datasets, *(each for end in ends for each in self.asof.datasets_in(end))})


def _by_ends(column_flows: tuple[ColumnFlow, ...]) -> dict[tuple[str, str], tuple[ColumnFlow, ...]]:
    """Column flows by the datasets that they join: most flows join two."""
    ends = dict.fromkeys([(each.from_[0], each.to[0]) for each in column_flows])
    if len(ends) == 1:
        return dict.fromkeys(ends, column_flows)
    return {both: tuple([e for e in column_flows if (e.from_[0], e.to[0]) == both]) for both in ends}
