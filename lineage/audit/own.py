"""Own classes: what somebody decided (9.2 A5, A6)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lineage.audit.asof import AsOf, Cell
from lineage.audit.facts import Determination
from lineage.audit.levels import UNDECIDED, mask_of

__all__ = ["OwnClasses"]


class OwnClasses:
    """The own classes of datasets and columns as of a day, as masks (see ``levels``)."""

    def __init__(self, asof: AsOf) -> None:
        self.asof = asof
        self._datasets: dict[str, int] = {}
        self.cells: dict[Cell, int] = {}
        """Every column of the catalog of the datasets that were ``read``."""
        self._others: dict[Cell, int] = {}
        """Columns that the catalog does not know."""
        self._read: set[str] = set()

    def of_dataset(self, dataset: str) -> int:
        """Its determination; else that of what it is a version of; else the join of its columns' own."""
        found = self._datasets.get(dataset)
        if found is None:
            said = self.asof.said(dataset)
            found = self._datasets[dataset] = _mask(said) if said else self._of_columns(dataset)
        return found

    def _of_columns(self, dataset: str) -> int:
        mask = 0
        for cell in self.asof.columns(dataset):
            mask |= UNDECIDED if cell[1] is None else self._of_column(cell, [])
        return mask

    def of_cell(self, cell: Cell) -> int:
        """Its determination; else its dataset's, if the column was there on the day of that; else undecided."""
        self.read(cell[0])
        found = self.cells.get(cell, self._others.get(cell))
        if found is None:
            found = self._of_column(cell, self.asof.said(cell[0])) if cell[1] else self.of_dataset(cell[0])
            self._others[cell] = found
        return found

    def of_cells(self, cells: Sequence[Cell]) -> int:
        """The join of the own classes of columns of one dataset."""
        self.read(cells[0][0])
        masks = set(map(self.cells.get, cells))
        joined = 0
        for mask in masks if None not in masks else map(self.of_cell, cells):
            joined |= mask or 0
        return joined

    def read(self, dataset: str) -> None:
        """Work out the own classes of all columns that the catalog has of a dataset."""
        if dataset in self._read:
            return
        self._read.add(dataset)
        columns = self.asof.columns(dataset)
        if columns[0][1] is None:
            self.cells[columns[0]] = self.of_dataset(dataset)
            return
        said = self.asof.said(dataset)
        self.cells.update(dict.fromkeys(columns, _mask(said) if said else UNDECIDED))
        apart: list[Cell] = []
        if dataset in self.asof.dated:
            apart += [column.ref for fact in self.asof.datasets[dataset] for column in fact.columns]
        if dataset in self.asof.determined_columns:
            apart += [(dataset, name) for name in self.asof.determined_columns[dataset]]
        for cell in apart:
            if cell in self.cells:
                self.cells[cell] = self._of_column(cell, said)

    def _of_column(self, cell: Cell, said: list[Determination]) -> int:
        determined = self.asof.determined(cell)
        if determined:
            return _mask(determined)
        return _mask(said) if said and self._was_there(cell, said[0]) else UNDECIDED

    def _was_there(self, cell: Cell, said: Determination) -> bool:
        """Whether a column was there on the day of a determination; an undated one asks for no first day."""
        return any(
            column.first_day is None or (said.on is not None and column.first_day <= said.on)
            for fact in self.asof.datasets.get(cell[0], ())
            for column in fact.columns
            if column.ref == cell and (column.valid_to is None or said.on is None or said.on < column.valid_to)
        )


def _mask(said: Iterable[Determination]) -> int:
    """What several determinations say together (9.2 A1)."""
    mask = 0
    for each in said:
        mask |= mask_of(each.classes)
    return mask
