"""What lineage is walked along, at each level: datasets, columns, agencies or jobs (design 3, domain 9)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from catalog.access import Reader
from catalog.model import MODEL
from catalog.model.words import Described
from catalog.selection import Predicate
from catalog.stores.port import Expand
from lineage.traverse import Ask, LineageDirection

__all__ = ["LEVELS", "LineageLevel", "Passing", "Steps"]


class LineageLevel(Described):
    """What the nodes of lineage are."""

    DATASET = "DATASET", "Datasets: one leads to another where data of it flows into the other."
    COLUMN = "COLUMN", "Columns: one leads to another that depends on it. A column without a known step leads nowhere."
    AGENCY = (
        "AGENCY",
        (
            "Agencies: one leads to another where data flows from a dataset in its custody into one in the other's. A dataset"
            " that is hidden, or whose holder the reader does not see, stands for itself."
        ),
    )
    JOB = "JOB", "Jobs: one leads to another where it writes a dataset that the other reads."


class Passing(NamedTuple):
    """What a walk must pass: its nodes, and what is between two of them; None: whatever they are."""

    where: Predicate | None = None
    via: Predicate | None = None


@dataclass(frozen=True, slots=True)
class Steps:
    """Along what of the model is walked: what leads from a kind to the same kind, one each way, as ``Expand`` takes it."""

    kind: str
    upstream: str
    downstream: str
    by: str | None = None
    """The step by which nodes are put together, where they are."""
    same: str | None = None
    """The step by which nodes are one under several names (domain 9.2 E11), where they are."""

    @property
    def root(self) -> str:
        """The kind that a walk begins at."""
        return self.kinds[0]

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds that nodes of a walk may be of."""
        return (self.kind,) if self.by is None else (MODEL.step(self.kind, self.by).target.label, self.kind)

    @property
    def between(self) -> str | None:
        """The kind of the node between the steps of a hop, where it has several."""
        first, _, rest = self.downstream.partition(".")
        return MODEL.step(self.kind, first).target.label if rest else None

    def query(self, ask: Ask, reader: Reader, as_of: date, passing: Passing) -> Expand:
        """The hop of a walk as a store takes it."""
        step = self.upstream if ask.direction is LineageDirection.UPSTREAM else self.downstream
        where, via = passing
        return Expand(
            *(self.kind, step, ask.frontier, reader, as_of),
            limit=ask.limit,
            by=self.by,
            where=where,
            via=via,
            same=self.same,
            begins=ask.begins,
        )


_DATASETS = ("Dataset", "upstream", "downstream")
LEVELS: Mapping[LineageLevel, Steps] = {
    LineageLevel.DATASET: Steps(*_DATASETS, same="same_as"),
    LineageLevel.COLUMN: Steps("Column", "column_flows_in.from_column", "column_flows_out.to_column"),
    LineageLevel.AGENCY: Steps(*_DATASETS, by="held_by"),
    LineageLevel.JOB: Steps("Job", "reads.written_by", "writes.read_by"),
}
