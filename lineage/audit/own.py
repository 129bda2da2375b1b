"""Own classes: what somebody decided (9.2 A5, A6)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from lineage.audit.asof import AsOf, Cell
from lineage.audit.facts import Determination
from lineage.audit.levels import UNDECIDED, mask_of

__all__ = ["OwnClasses"]


class OwnClasses:
    """The own classes of datasets and columns as of a day, as masks (see ``levels``).

    Most columns have the class of their dataset and are there all along: of such datasets one mask is kept, not one a column.
    """

    def __init__(self, asof: AsOf) -> None:
        self.asof = asof
        self._datasets: dict[str, int] = {}
        self._there: dict[str, frozenset[Cell]] = {}
        self._cells: dict[Cell, int] = {}

    @cached_property
    def _alike(self) -> dict[str, int | None]:
        """What ``_of_all`` finds of datasets of which one determination is in force and tells everything, which most have."""
        dated, columns = self.asof.dated, self.asof.determined_columns
        return {
            dataset: mask_of(said[0].classes)
            for dataset, said in self.asof.of_datasets.items()
            if len(said) == 1 and dataset not in dated and dataset not in columns
        }

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
        dataset = cell[0]
        alike = self._of_all(dataset)
        if alike is not None and self.knows((cell,)):
            return alike
        found = self._cells.get(cell)
        if found is None:
            found = self._of_column(cell, self.asof.said(dataset)) if cell[1] else self.of_dataset(dataset)
            self._cells[cell] = found
        return found

    def of_columns(self, dataset: str) -> int:
        """The join of the own classes of all columns that the catalog has of a dataset."""
        alike = self._of_all(dataset)
        return self.of_cells(self.asof.columns(dataset)) if alike is None else alike

    def of_cells(self, cells: Sequence[Cell]) -> int:
        """The join of the own classes of columns of one dataset."""
        alike = self.alike(cells)
        if alike is not None:
            return alike
        joined = 0
        for cell in cells:
            joined |= self.of_cell(cell)
        return joined

    def knows(self, cells: Sequence[Cell]) -> bool:
        """Whether the catalog knows all of some columns of one dataset."""
        dataset = cells[0][0]
        return cells == self.asof.columns(dataset) or self._known(dataset).issuperset(cells)

    def unheard(self, cells: tuple[Cell, ...]) -> list[Cell]:
        """Those that the catalog does not know."""
        if not cells or cells == self.asof.columns(cells[0][0]):
            return []
        return [cell for cell in cells if cell not in self._known(cell[0])]

    def _known(self, dataset: str) -> frozenset[Cell]:
        found = self._there.get(dataset)
        if found is None:
            found = self._there[dataset] = frozenset(self.asof.columns(dataset))
        return found

    def alike(self, cells: Sequence[Cell]) -> int | None:
        """The own class that each of some columns of one dataset has; None where they differ, or have to be looked at."""
        found = self._of_all(cells[0][0])
        return found if found is not None and self.knows(cells) else None

    def _of_all(self, dataset: str) -> int | None:
        """The own class of every column that the catalog has of a dataset; None where they have to be looked at."""
        if dataset in self._alike:
            return self._alike[dataset]
        columns = self.asof.columns(dataset)
        if columns[0][1] is None:
            found = self.of_dataset(dataset)
        elif dataset in self.asof.dated or dataset in self.asof.determined_columns:
            found = None
        else:
            said = self.asof.said(dataset)
            found = _mask(said) if said else UNDECIDED
        self._alike[dataset] = found
        return found

    def _of_column(self, cell: Cell, said: Sequence[Determination]) -> int:
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


def _mask(said: Sequence[Determination]) -> int:
    """What several determinations say together (9.2 A1)."""
    if len(said) == 1:
        return mask_of(said[0].classes)
    mask = 0
    for each in said:
        mask |= mask_of(each.classes)
    return mask
