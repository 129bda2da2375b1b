"""Where data is, and from where classes came (domain 7; 9, Onward; questions 6 and 16)."""

from __future__ import annotations

from dataclasses import dataclass

from tests.audit.oracle.classes import Known, Level, own_of_cell
from tests.audit.oracle.crossing import crosses_as_output, needs
from tests.audit.oracle.facts import Flow
from tests.audit.oracle.origins import origin_agencies, reach
from tests.audit.oracle.steps import Lineage
from tests.audit.oracle.verdicts import Kind, verdict
from tests.audit.oracle.view import Cell

__all__ = ["OriginHere", "distances", "holders_of_dataset", "origins_here", "shown"]

_WORST_FIRST = (Kind.UNCOVERED, Kind.UNKNOWN, Kind.COVERED, Kind.NOT_NEEDED)


@dataclass(frozen=True)
class OriginHere:
    """An agency whose data is in a dataset, and whether it permits that."""

    agency: str | None
    kind: Kind | None
    arrivals: frozenset[tuple[str, Kind]]


def holders_of_dataset(lineage: Lineage, dataset: str) -> set[tuple[str | None, str]]:
    """Who else than the agency whose data it is holds the dataset or what came of it; of itself only who is known."""
    owner = lineage.view.owner(dataset)
    reached = reach(dataset, lineage.feeds(stopped_too=False))
    found = {(lineage.view.holder(one), one) for one in reached}
    return {one for one in found if (one[0] is None or one[0] != owner) and one != (None, dataset)}


def origins_here(lineage: Lineage, dataset: str) -> set[OriginHere]:
    """Whose data is in a dataset, and by which flows it came to whoever holds it."""
    here = lineage.view.holder(dataset)
    found: set[OriginHere] = set()
    for agency in origin_agencies(lineage, [dataset]):
        if agency is not None and agency == here:
            found.add(OriginHere(agency, Kind.NOT_NEEDED, frozenset()))
            continue
        arrivals = {
            (flow.id, _permitted(lineage, flow, agency))
            for flow, source in _arriving(lineage, dataset)
            if agency in origin_agencies(lineage, [source])
        }
        kinds = {kind for _, kind in arrivals}
        worst = next((kind for kind in _WORST_FIRST if kind in kinds), None)
        found.add(OriginHere(agency, worst, frozenset(arrivals)))
    return found


def _arriving(lineage: Lineage, dataset: str) -> list[tuple[Flow, str]]:
    """The steps that lead from another holder to what flowed into the dataset at its own, as flow and source."""
    steps = [step for step in lineage.steps if not step.stopped]
    within = {(one.to[0], one.from_[0]) for one in steps if _stays(lineage, one.flow)}
    near = reach(dataset, within)
    return [(one.flow, one.from_[0]) for one in steps if one.to[0] in near and not _stays(lineage, one.flow)]


def _stays(lineage: Lineage, flow: Flow) -> bool:
    provider = lineage.view.provider(flow)
    return provider is not None and provider == lineage.view.recipient(flow)


def _permitted(lineage: Lineage, flow: Flow, agency: str | None) -> Kind:
    need = needs(lineage, flow)
    if need is not Known.YES:
        return Kind.NOT_NEEDED if need is Known.NO else Kind.UNKNOWN
    if agency is None:
        return Kind.UNKNOWN
    parts = {part.agency: part.kind for part in verdict(lineage, flow).parts if part.agency is not None}
    # Nothing is owed to the recipient, as where a system's agency is another than who holds a dataset in it (9.2 C4).
    nothing = crosses_as_output(lineage, flow) or agency == lineage.view.recipient(flow)
    return Kind.NOT_NEEDED if nothing and agency not in parts else parts[agency]


def shown(level: Level) -> set[str]:
    """The strictest known classes, and UNDETERMINED beside them where anything is undecided."""
    return {one.value for one in level.known} | ({"UNDETERMINED"} if level.undecided else set())


def distances(lineage: Lineage, cells: list[Cell], wanted: str) -> int | None:
    """How many steps the nearest column is away whose own class is this one; None: there is none."""
    layer, seen, steps = set(cells), set(cells), 0
    while layer:
        if any(wanted in shown(own_of_cell(lineage.view, cell)) for cell in layer):
            return steps
        layer = {one.from_ for cell in layer for one in lineage.into(cell) if not one.stopped} - seen
        seen |= layer
        steps += 1
    return None
