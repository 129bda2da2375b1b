"""Whose data is in a dataset, and who holds an agency's data (domain 9, Onward; 9.2 C2, C3)."""

from __future__ import annotations

from collections.abc import Iterable

from tests.audit.oracle.classes import Known
from tests.audit.oracle.steps import Lineage
from tests.audit.oracle.view import Cell

__all__ = ["columns_that_left", "holders", "origin_agencies", "origins", "reach", "roots"]


def reach(start: str, feeds: Iterable[tuple[str, str]]) -> set[str]:
    """The dataset and all that it feeds, over any number of steps."""
    edges = list(feeds)
    found = {start}
    _walk(start, edges, found)
    return found


def _walk(at: str, edges: list[tuple[str, str]], found: set[str]) -> None:
    for source, target in edges:
        if source == at and target not in found:
            found.add(target)
            _walk(target, edges, found)


def _up(start: str, feeds: Iterable[tuple[str, str]]) -> set[str]:
    return reach(start, [(target, source) for source, target in feeds])


def roots(lineage: Lineage, feeds: set[tuple[str, str]]) -> set[str]:
    """Datasets with nothing upstream but what they themselves feed, and those COLLECTED_UNDER something (9.2 C3)."""
    return {
        dataset
        for dataset in lineage.view.all_datasets()
        if _up(dataset, feeds) <= reach(dataset, feeds) or lineage.view.collected(dataset)
    }


def origins(lineage: Lineage, dataset: str) -> set[str]:
    """The datasets that the data of this one comes from, of all classes but PUBLIC and OPEN (9.2 C3)."""
    feeds = lineage.feeds(stopped_too=False)
    return {
        one for one in _up(dataset, feeds) & roots(lineage, feeds) if lineage.restricted_dataset(one) is not Known.NO
    }


def origin_agencies(lineage: Lineage, datasets: Iterable[str]) -> dict[str | None, set[str]]:
    """The origins of several datasets by the agency whose data they are; None: not known (9.2 C2, C3)."""
    found: dict[str | None, set[str]] = {}
    for dataset in datasets:
        for origin in origins(lineage, dataset):
            found.setdefault(lineage.view.owner(origin), set()).add(origin)
    return found


def columns_that_left(lineage: Lineage, origin: str, source: str) -> set[Cell]:
    """The columns of an origin that left it towards a source, by unstopped steps (9.2 C4)."""
    on_the_way = _up(source, lineage.feeds(stopped_too=False))
    return {
        step.from_
        for step in lineage.steps
        if not step.stopped and step.from_[0] == origin and step.to[0] in on_the_way
    }


def holders(lineage: Lineage, agency: str) -> set[tuple[str | None, str]]:
    """Who else holds data of an agency, its own or what came of it by unstopped steps: (holder, dataset).

    A holder of None is not known. Data of all classes count (question 16).
    """
    view = lineage.view
    feeds = lineage.feeds(stopped_too=False)
    own = [dataset for dataset in view.all_datasets() if view.owner(dataset) == agency]
    reached = {one for dataset in own for one in reach(dataset, feeds)}
    return {(view.holder(dataset), dataset) for dataset in reached if view.holder(dataset) != agency}
