"""Whether data may be shared, and the pathway with the fewest missing agreements (domain 9; 9.2 F3, F4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from tests.audit.oracle.facts import ColumnRef, Flow
from tests.audit.oracle.steps import Lineage
from tests.audit.oracle.verdicts import Kind, Verdict, verdict

__all__ = ["Answer", "Pathway", "may_share", "pathway", "pathways"]

_NOWHERE = "urn:of:no:dataset"
"""The target of a transfer that is only asked about: no one holds it, so the stated recipient stands in (9.2 C1)."""


@dataclass(frozen=True)
class Answer:
    """Whether a transfer is allowed (9.2 F4); what is missing stands in the parts of the verdict."""

    allowed: bool
    verdict: Verdict


@dataclass(frozen=True)
class Pathway:
    """A way for data to an agency (9.2 F3)."""

    missing: int
    """Agreements that it lacks; 0: it is covered."""
    flows: tuple[str, ...]
    """Its steps; none where the agency holds the data itself, or where it is a new direct transfer."""
    direct: bool
    """Whether it is a new direct transfer."""


def may_share(lineage: Lineage, dataset: str, columns: Iterable[str], to: str, purpose: str | None) -> Answer:
    """The verdict of such a flow on the day of the lineage; no columns mean all (9.2 F4)."""
    asked = Flow(
        id="",
        source=dataset,
        target=_NOWHERE,
        columns=tuple(ColumnRef(dataset, column) for column in sorted(columns)),
        purpose=purpose,
        recipient=to,
    )
    found = verdict(lineage, asked)
    return Answer(found.kind in {Kind.NOT_NEEDED, Kind.COVERED}, found)


def pathway(lineage: Lineage, dataset: str, to: str, purpose: str | None) -> Pathway:
    """The pathway with the fewest missing agreements, then the fewest steps, then the first by urns (9.2 F3)."""
    return pathways(lineage, dataset, to, purpose)[0]


def pathways(lineage: Lineage, dataset: str, to: str, purpose: str | None) -> list[Pathway]:
    """The best pathway to each dataset that the agency holds, and the new direct transfer, the best first."""
    dataset = lineage.view.joined(dataset)
    to = lineage.view.agency_of(to) or to
    if lineage.view.holder(dataset) == to:
        return [Pathway(0, (), direct=False)]
    found = [Pathway(_lacks(may_share(lineage, dataset, (), to, purpose).verdict), (), direct=True)]
    by_end: dict[str, list[Pathway]] = {}
    for path, end in _simple_paths(lineage, dataset, to, (dataset,)):
        missing = sum(_lacks(verdict(lineage, replace(flow, purpose=purpose))) for flow in path)
        by_end.setdefault(end, []).append(Pathway(missing, tuple(flow.id for flow in path), direct=False))
    found += [min(paths, key=_rank) for paths in by_end.values()]
    return sorted(found, key=_rank)


def _rank(one: Pathway) -> tuple[int, int, bool, tuple[str, ...]]:
    return one.missing, max(1, len(one.flows)), one.direct, one.flows


def _simple_paths(
    lineage: Lineage, at: str, to: str, passed: tuple[str, ...]
) -> Iterator[tuple[tuple[Flow, ...], str]]:
    """Every simple path of live flows that have happened, to a dataset that the agency holds, with that dataset."""
    for flow in lineage.past:
        if not lineage.live(flow) or at not in lineage.view.sources(flow):
            continue
        for target in lineage.view.targets(flow):
            if target in passed:
                continue
            if lineage.view.holder(target) == to:
                yield (flow,), target
            for rest, end in _simple_paths(lineage, target, to, (*passed, target)):
                yield (flow, *rest), end


def _lacks(judged: Verdict) -> int:
    """One for each agency owed that no agreement covers; an UNKNOWN step lacks one (9.2 F3)."""
    uncovered = sum(part.kind is not Kind.COVERED for part in judged.parts)
    return 1 if judged.kind is Kind.UNKNOWN else uncovered
