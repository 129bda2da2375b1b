"""Column by column: the steps by which one column raises another, with their grade (9.2 A4, A10)."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from msgspec import Struct

from lineage.audit.asof import Cell
from lineage.audit.classes import Classes
from lineage.audit.facts import ColumnFlow
from lineage.audit.inflow import Passage
from lineage.audit.words import Grade

__all__ = ["Step", "steps_between", "steps_into"]


class Step(Struct, frozen=True, gc=False):
    """One column feeds another by one flow, and is not stopped."""

    flow: str
    from_: Cell
    to: Cell
    grade: Grade


def steps_between(classes: Classes, datasets: Collection[str]) -> Iterator[Step]:
    """All steps between columns of these datasets that are not stopped."""
    for each in classes.passages:
        if each.source in datasets and each.target in datasets:
            yield from _steps(classes, each)


def steps_into(passage: Passage, to: Cell) -> Iterator[Step]:
    """The steps of what a flow carries into one column of its target, which it feeds."""
    if passage.pairs:
        yield from (Step(passage.flow.id, each.from_, to, _grade(each)) for each in passage.pairs if each.to == to)
    else:
        yield from (Step(passage.flow.id, from_, to, Grade.POSSIBLE) for from_ in passage.cells)


def _steps(classes: Classes, passage: Passage) -> Iterator[Step]:
    for pair in passage.pairs:
        yield Step(passage.flow.id, pair.from_, pair.to, _grade(pair))
    if not passage.pairs:
        for to in classes.columns(passage.target):
            if passage.into is None or to[1] in passage.into:
                yield from steps_into(passage, to)


def _grade(pair: ColumnFlow) -> Grade:
    """DIRECT and unmasked is severe, INDIRECT or masked minor (9.2 A4)."""
    return Grade.SEVERE if pair.direct and not pair.masked else Grade.MINOR
