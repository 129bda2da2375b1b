"""Effective classes: own classes joined with those of everything that flowed in, by column where columns are known.

Classes are a lattice of small height, so the least fixpoint is found by passing on what is new until nothing is (domain
7; 9.2 A3 to A5, A10); a cycle ends like anything else. What flows into every column of a dataset is kept once for the
dataset, so that a flow costs one join whatever the number of its columns.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Sequence

from msgspec import Struct

from lineage.audit.asof import AsOf, Cell
from lineage.audit.facts import Flow
from lineage.audit.flowed import Flowed
from lineage.audit.levels import UNDECIDED, Level, level_of, restricted
from lineage.audit.own import OwnClasses
from lineage.audit.words import Known

__all__ = ["Classes", "Passage"]

_Names = frozenset[str | None] | None


class Passage(Struct, frozen=True, gc=False):
    """What one flow carries from one dataset to another."""

    flow: Flow
    source: str
    target: str
    cells: tuple[Cell, ...]
    """The columns of the source that it carries."""
    into: _Names
    """The columns of the target that each of them feeds; None: every one."""
    by_column: bool
    """Whether a column flow says so; else it is known of the dataset only."""
    severe: bool = False
    """Whether that column flow is DIRECT and unmasked (9.2 A4)."""


class _Group(Struct, frozen=True, gc=False):
    """Flowing columns of one dataset."""

    dataset: str
    own: int
    cells: tuple[Cell, ...]


class Classes:
    """The effective classes of what flowed by a day."""

    def __init__(self, flowed: Flowed) -> None:
        self.flowed = flowed
        self.asof: AsOf = flowed.asof
        self.own = OwnClasses(self.asof)
        self._named: dict[str, set[str]] = defaultdict(set)
        self._groups: dict[tuple[Cell, ...], tuple[_Group, ...]] = {}
        self._name_columns()
        self.passages = [each for flow in flowed.past for each in self.passages_of(flow)]
        """What flowed by the day and was not stopped."""
        self._common: dict[str, int] = defaultdict(int)
        self._single: dict[str, dict[str | None, int]] = {}
        self._raise_all()
        self._effective: dict[str, int] = {}
        self._reviewed: dict[str, list[Flow]] = defaultdict(list)
        for flow in flowed.past:
            if flowed.may_stop(flow):
                for target in self.asof.datasets_in(flow.target):
                    self._reviewed[target].append(flow)

    def _name_columns(self) -> None:
        """Note the columns that flows and runs speak of and the catalog does not know."""
        for flow in self.flowed.past:
            if flow.columns:
                self._grouped(flow.columns)
            for each in flow.column_flows:
                self._note(each.from_)
                self._note(each.to)
        for runs in self.flowed.runs.values():
            for run in runs:
                if run.outputs and run.on <= self.asof.day:
                    for written in run.outputs:
                        for name in written.columns or ():
                            self._note((written.dataset, name))

    def _note(self, cell: tuple[str, str]) -> None:
        self.own.read(cell[0])
        if cell not in self.own.cells:
            self._named[cell[0]].add(cell[1])

    def _grouped(self, cells: tuple[Cell, ...]) -> tuple[_Group, ...]:
        """Flowing columns by dataset, with the join of their own classes."""
        found = self._groups.get(cells)
        if found is None:
            dataset = cells[0][0]
            if all(cell[0] == dataset for cell in cells):
                found = (self._group(dataset, cells),)
            else:
                parts: dict[str, list[Cell]] = {}
                for cell in cells:
                    parts.setdefault(cell[0], []).append(cell)
                found = tuple(self._group(each, tuple(part)) for each, part in parts.items())
            self._groups[cells] = found
        return found

    def _group(self, dataset: str, cells: tuple[Cell, ...]) -> _Group:
        self.own.read(dataset)
        known = self.own.cells
        own = 0
        for cell in cells:
            mask = known.get(cell)
            if mask is None:
                self._named[dataset].add(cell[1] or "")
                mask = self.own.of_cell(cell)
            own |= mask
        return _Group(dataset, own, cells)

    def columns(self, dataset: str) -> tuple[Cell, ...]:
        """Its columns of the catalog, or one without a name, and those that what happened speaks of."""
        known = self.asof.columns(dataset)
        named = self._named.get(dataset)
        return (*known, *((dataset, name) for name in sorted(named))) if named else known

    def open_columns(self, flow: Flow, dataset: str) -> _Names:
        """The columns of a target into which the flow has a step that is not stopped (9.2 A10)."""
        written = self.flowed.written(flow, dataset)
        if not self.flowed.may_stop(flow):
            return written
        return frozenset(
            cell[1]
            for cell in self.columns(dataset)
            if (written is None or cell[1] in written) and not self.flowed.stopped(flow, cell)
        )

    def passages_of(self, flow: Flow, *, stopped_too: bool = False) -> list[Passage]:
        """What a flow that has happened carries, by column flow or by dataset (9.2 A4)."""
        found: list[Passage] = []
        open_ = self.flowed.written if stopped_too else self.open_columns
        for each in flow.column_flows:
            names = open_(flow, each.to[0])
            if names is None or each.to[1] in names:
                into, severe = frozenset((each.to[1],)), each.direct and not each.masked
                found.append(Passage(flow, each.from_[0], each.to[0], (each.from_,), into, True, severe))
        cells = self._unmentioned(flow)
        if cells:
            for target in self.asof.datasets_in(flow.target):
                names = open_(flow, target)
                if names is None or names:
                    found.extend(
                        Passage(flow, group.dataset, target, group.cells, names, by_column=False)
                        for group in self._grouped(cells)
                    )
        return found

    def _raise_all(self) -> None:
        """Pass on what is new until nothing is."""
        after: dict[str, list[tuple[int, Passage]]] = defaultdict(list)
        for each in self.passages:
            after[each.source].append((self._grouped(each.cells)[0].own, each))
        waiting = deque(after)
        queued = set(waiting)
        common, single = self._common, self._single
        while waiting:
            source = waiting.popleft()
            queued.discard(source)
            shared = common.get(source, 0)
            columns = single.get(source)
            for own, passage in after[source]:
                mask = own | shared
                if columns is not None:
                    for cell in passage.cells:
                        mask |= columns.get(cell[1], 0)
                if self._raise(passage, mask) and passage.target in after and passage.target not in queued:
                    queued.add(passage.target)
                    waiting.append(passage.target)

    def _raise(self, passage: Passage, mask: int) -> bool:
        """Join it to what flows into the target; whether that was new."""
        target = passage.target
        missing = mask & ~self._common[target]
        if not missing:
            return False
        if passage.into is None:
            self._common[target] |= mask
            return True
        columns = self._single.setdefault(target, {})
        new = False
        for name in passage.into:
            had = columns.get(name, 0)
            if missing & ~had:
                columns[name] = had | missing
                new = True
        return new

    def of_cell(self, cell: Cell) -> int:
        """The mask of a column: its own and what flows into it."""
        single = self._single.get(cell[0], {})
        mask = self.own.of_cell(cell) | self._common.get(cell[0], 0) | single.get(cell[1], 0)
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
        return self.of_cells(cells) if cells else 0

    def _unmentioned(self, flow: Flow) -> tuple[Cell, ...]:
        """The flowing columns of which no column flow says where they go (9.2 A4)."""
        cells = self.asof.flowing(flow)
        if not flow.column_flows:
            return cells
        mentioned = {each.from_ for each in flow.column_flows}
        return tuple(cell for cell in cells if cell not in mentioned)

    def of_dataset(self, dataset: str) -> int:
        """The mask of a dataset: its own joined with its columns' effective (domain R15)."""
        found = self._effective.get(dataset)
        if found is None:
            found = self.own.of_dataset(dataset)
            for cell in self.columns(dataset):
                found |= self.of_cell(cell)
            self._effective[dataset] = found
        return found

    def of_cells(self, cells: Sequence[Cell]) -> int:
        """The mask of what flows; where no column is known, the dataset's decides (domain 9)."""
        mask = 0
        for cell in cells:
            mask |= self.of_dataset(cell[0]) if cell[1] is None else self.of_cell(cell)
        return mask or UNDECIDED

    def restricted(self, cells: Sequence[Cell]) -> Known:
        """Whether what flows is stricter than PUBLIC (9.2 A8, B1)."""
        return restricted(self.of_cells(cells))

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
