"""What an agreement has to do with data: what its terms name, and what is the result of what they name (9.2 E4, E12)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property

from msgspec import Struct

from lineage.audit.asof import Cell
from lineage.audit.classes import Classes, Flowing
from lineage.audit.facts import CoverageTerm
from lineage.audit.inflow import Passage
from lineage.audit.levels import restricted
from lineage.audit.origins import Origins
from lineage.audit.papers import Paper
from lineage.audit.words import Known

__all__ = ["Names", "NamingTerm", "Scope", "Wanted"]

Names = frozenset[str | None]
Wanted = Mapping[str, Names]
"""Columns by dataset; None as name: those of a dataset whose columns are not known."""


class NamingTerm(Struct, frozen=True, gc=False):
    """A term in force that names a dataset."""

    term: CoverageTerm
    columns: Names | None
    """Those of the dataset that it holds. None: all (9.2 A12, E3)."""


class Scope:
    """The scope of every agreement as of a day."""

    def __init__(self, classes: Classes, origins: Origins) -> None:
        self._classes = classes
        self._asof = classes.asof
        self._flowed = classes.flowed
        self._origins = origins
        self._flowing: dict[Flowing, Wanted] = {}
        self._alike: dict[Names, Names] = {}
        self._naming: dict[tuple[str, str], tuple[NamingTerm, ...]] = {}
        self._resultant: dict[tuple[str, str], Wanted | None] = {}

    def naming(self, paper: Paper, dataset: str) -> tuple[NamingTerm, ...]:
        """The terms in force that name a dataset (9.2 E12)."""
        key = paper.id, dataset
        found = self._naming.get(key)
        if found is None:
            names = self._asof.names(dataset)
            found = tuple(
                NamingTerm(term, self._held(term, dataset)) for term in paper.terms if not names.isdisjoint(term.names)
            )
            self._naming[key] = found
        return found

    def _held(self, term: CoverageTerm, dataset: str) -> Names | None:
        if not term.columns:
            return None
        bases = frozenset(self._asof.bases(dataset))
        return frozenset(name for base, name in term.columns if base in bases)

    def redisclosed(self, paper: Paper, datasets: Iterable[str]) -> bool:
        """Whether the agreement permits redisclosure of all of them (9.2 C4, E2)."""
        permitted = paper.agreement.redisclosure
        return permitted.all or all(not self._asof.names(each).isdisjoint(permitted.names) for each in datasets)

    def _names(self, flowing: Flowing) -> Wanted:
        found = self._flowing.get(flowing)
        if found is None:
            found = self._flowing[flowing] = {each.dataset: self._named(each.cells) for each in flowing.groups}
        return found

    def _named(self, cells: Iterable[Cell]) -> Names:
        """Their names, of which those of many datasets are alike and kept once."""
        found = frozenset([name for _, name in cells])
        return self._alike.setdefault(found, found)

    def wanted(self, paper: Paper, flowing: Flowing, origin: str | None) -> Wanted | None:
        """The columns that the terms must hold; None: the source is not in the scope of the agreement.

        ``origin`` is the agency to which cover is owed onward (9.2 C4), None for direct cover (domain 9, clause 3).
        """
        if len(flowing.datasets) == 1 and self.naming(paper, flowing.datasets[0]):
            return self._names(flowing)
        found: dict[str, Names] = {}
        for dataset, names in self._names(flowing).items():
            part = self._wanted_of(paper, dataset, names, origin)
            if part is None:
                return None
            for each, columns in part.items():
                found[each] = found.get(each, frozenset()) | columns
        return found

    def _wanted_of(self, paper: Paper, dataset: str, names: Names, origin: str | None) -> Wanted | None:
        if self.naming(paper, dataset):
            return {dataset: names}
        found = self.resultant(paper, dataset)
        if found is not None or origin is None:
            return found
        origins = self._origins.by_agency((dataset,)).get(origin, frozenset())
        if not all(self.naming(paper, each) for each in origins):
            return None
        return {each: frozenset(name for _, name in self._origins.left(each, dataset)) for each in origins}

    def resultant(self, paper: Paper, dataset: str) -> Wanted | None:
        """The columns that left the named datasets of which this one is the result under the agreement (9.2 E4).

        None: it is not resultant data.
        """
        if paper.id not in self._ran:
            return None
        key = paper.id, dataset
        if key not in self._resultant:
            self._resultant[key] = self._walk_up(paper, dataset)
        return self._resultant[key]

    @cached_property
    def _ran(self) -> frozenset[str | None]:
        """The agreements under which anything ran."""
        return frozenset([run.agreement for run in self._asof.facts.runs])

    def _walk_up(self, paper: Paper, dataset: str) -> Wanted | None:
        reached: dict[str, Names] = {}
        walked = [dataset]
        for each in walked:
            into = self._into.get(each)
            if not into or restricted(self._classes.of_dataset(each)) is not Known.YES:
                return None
            for passage in (part for whole in into for part in whole.split()):
                if self._classes.restricted(self._classes.flowing(passage.cells)) is Known.NO:
                    continue
                if not self._ran_under(paper, passage):
                    return None
                source = passage.source
                if self.naming(paper, source):
                    names = frozenset(name for _, name in passage.cells)
                    reached[source] = reached.get(source, frozenset()) | names
                elif source not in walked:
                    walked.append(source)
        return reached or None

    def _ran_under(self, paper: Paper, passage: Passage) -> bool:
        """Whether every run by which the step was made ran under the agreement."""
        names = frozenset(cell[1] for cell in self._classes.columns(passage.target))
        into = names if passage.into is None else passage.into
        return all(
            writing.agreement == paper.id
            for writing in self._flowed.writings(passage.flow, passage.target)
            if any(writing.wrote(name) for name in into)
        )

    @cached_property
    def _into(self) -> dict[str, list[Passage]]:
        """What flowed into each dataset by the day, stopped steps too."""
        found: dict[str, list[Passage]] = defaultdict(list)
        for each in self._classes.passages:
            if not self._flowed.may_stop(each.flow):
                found[each.target].append(each)
        for flow in self._flowed.past:
            if self._flowed.may_stop(flow):
                for each in self._classes.passages_of(flow, stopped_too=True):
                    found[each.target].append(each)
        return found
