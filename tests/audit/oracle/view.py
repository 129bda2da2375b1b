"""What held on one day: who holds what, what is in what, what names what (9.2 A7, A13, C1, C2, E12)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Protocol

from tests.audit.oracle.facts import CoverageTerm, Dataset, Flow, Holding, Process, Run, World
from tests.audit.oracle.joined import Fact, first_names, renamed

__all__ = ["Cell", "View", "holds"]

Cell = tuple[str, str | None]
"""A dataset and one of its columns; None for a dataset whose columns are not known, as a whole."""


class _Spanned(Protocol):
    @property
    def valid_from(self) -> date | None: ...

    @property
    def valid_to(self) -> date | None: ...


def holds(fact: _Spanned, day: date) -> bool:
    """Whether a half open fact holds on a day (9.2 A7)."""
    return (fact.valid_from is None or fact.valid_from <= day) and (fact.valid_to is None or day < fact.valid_to)


class View:
    """A world as of the day `t`."""

    def __init__(self, world: World, t: date) -> None:
        self._first_names = first_names(world)
        self.world = self.joined(world)
        self.t = t
        self.systems = {system.id: system for system in self.world.systems}
        self.processes = {process.id: process for process in self.world.processes}
        self.runs: dict[str, list[Run]] = {}
        for run in self.world.runs:
            self.runs.setdefault(run.process, []).append(run)

    def joined(self, value: Fact) -> Fact:
        """A fact, or the id of a dataset, with datasets that are the same as one (9.2 E11)."""
        return renamed(value, self._first_names)

    # Who

    def agency_of(self, holder: str) -> str | None:
        """A unit is its agency, None where that is not known; anyone else is who it is."""
        for unit in self.world.units:
            if unit.id == holder:
                return unit.agency
        return holder

    def same_agency(self, one: str, other: str) -> bool:
        """Whether an entry that names an agency or a unit means this agency."""
        return self.agency_of(one) == other

    def _only(self, holdings: Iterable[Holding], dataset: str) -> tuple[bool, str | None]:
        """Whether anything is recorded, and the one agency that it comes to; more than one is unknown (9.2 C1)."""
        found = {self.agency_of(one.agency) for one in holdings if one.dataset == dataset and holds(one, self.t)}
        return bool(found), found.pop() if len(found) == 1 else None

    def holder(self, thing: str) -> str | None:
        """The agency that holds a dataset, or a system, at t; None: unknown (9.2 C1, A13)."""
        if thing in self.systems:
            agency = self.systems[thing].agency
            return None if agency is None else self.agency_of(agency)
        return self._only(self.world.held_by, thing)[1]

    def provider(self, flow: Flow) -> str | None:
        """Who holds the source, or else who is stated to provide it (9.2 C1)."""
        return self._or_stated(self.holder(flow.source), flow.provider)

    def recipient(self, flow: Flow) -> str | None:
        """Who holds the target, or else who is stated to receive it (9.2 C1)."""
        return self._or_stated(self.holder(flow.target), flow.recipient)

    def _or_stated(self, holder: str | None, stated: str | None) -> str | None:
        return holder if holder is not None or stated is None else self.agency_of(stated)

    def owner(self, dataset: str) -> str | None:
        """The agency whose data a dataset is: who controls it, or where no one is recorded, who holds it (9.2 C2)."""
        recorded, agency = self._only(self.world.controlled_by, dataset)
        return agency if recorded else self.holder(dataset)

    def collected(self, dataset: str) -> bool:
        """Whether it is COLLECTED_UNDER a program or law at t."""
        return any(one.dataset == dataset and holds(one, self.t) for one in self.world.collected_under)

    # What is in what

    def datasets_in(self, end: str) -> list[str]:
        """The datasets that an end of a flow stands for (9.2 A13); a system without any stands for one, itself."""
        if end not in self.systems:
            return [end]
        inside = {one.dataset for one in self.world.members if one.group == end and holds(one, self.t)}
        return sorted(inside) or [end]

    def sources(self, flow: Flow) -> list[str]:
        """The datasets that a flow comes from."""
        return self.datasets_in(flow.source)

    def targets(self, flow: Flow) -> list[str]:
        """The datasets that a flow feeds."""
        return self.datasets_in(flow.target)

    def all_datasets(self) -> list[str]:
        """Every dataset that is known or that an end of a flow stands for."""
        found = {dataset.id for dataset in self.world.datasets}
        for flow in self.world.flows:
            found.update(self.sources(flow), self.targets(flow))
        return sorted(found)

    def facts_of(self, dataset: str) -> list[Dataset]:
        """What is said of a dataset as such; more than one where SAME_AS joined several."""
        return [one for one in self.world.datasets if one.id == dataset]

    def bases(self, dataset: str) -> list[str]:
        """The dataset itself, then what it is a version of, and so on."""
        found = [dataset]
        for one in found:
            for said in self.facts_of(one):
                if said.version_of is not None and said.version_of not in found:
                    found.append(said.version_of)
        return found

    def catalog_columns(self, dataset: str) -> list[str]:
        """The names of its columns at t, as far as the catalog knows any."""
        return sorted(
            {
                column.name
                for column in self.world.columns
                if column.dataset == dataset
                and (column.first_day is None or column.first_day <= self.t)
                and (column.valid_to is None or self.t < column.valid_to)
            }
        )

    def flowing(self, flow: Flow) -> list[Cell]:
        """The flowing columns (9.2 A12); (dataset, None) where those of a source are not known."""
        if flow.columns:
            return sorted({(ref.dataset, ref.column) for ref in flow.columns})
        if flow.column_flows:
            return sorted({(one.from_.dataset, one.from_.column) for one in flow.column_flows})
        cells: list[Cell] = []
        for dataset in self.sources(flow):
            cells += [(dataset, name) for name in self.catalog_columns(dataset)] or [(dataset, None)]
        return cells

    # Naming goes downwards only (9.2 E12)

    def dataset_names(self, named: str, dataset: str) -> bool:
        """A dataset names itself and its versions."""
        return named in self.bases(dataset)

    def term_names(self, term: CoverageTerm, dataset: str) -> bool:
        """Whether a coverage term names a dataset at t, by itself or what it is a version of, its series or its system."""
        if dataset in self.systems:
            return dataset in term.systems
        groups = (*term.series, *term.systems)
        return any(
            base in term.datasets
            or any(one.dataset == base and one.group in groups and holds(one, self.t) for one in self.world.members)
            for base in self.bases(dataset)
        )

    def term_holds(self, term: CoverageTerm, cell: Cell) -> bool:
        """Whether a term holds a column: it names the dataset, and all columns or this one (9.2 A12, E3)."""
        dataset, column = cell
        if not self.term_names(term, dataset):
            return False
        return not term.columns or any(
            ref.column == column and self.dataset_names(ref.dataset, dataset) for ref in term.columns
        )

    # What ran

    def process(self, flow: Flow) -> Process | None:
        """The process of a flow, where it is known."""
        return None if flow.process is None else self.processes.get(flow.process)

    def runs_of(self, flow: Flow) -> list[Run]:
        """The recorded runs of its process, of any day."""
        return [] if flow.process is None else self.runs.get(flow.process, [])
