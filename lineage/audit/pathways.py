"""May data be shared, and by which way (domain 9; 9.2 F3, F4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from heapq import heappop, heappush

from msgspec import Struct, structs

from lineage.audit.facts import Flow
from lineage.audit.verdicts import Audit, Verdict
from lineage.audit.words import VerdictKind

__all__ = ["Answer", "Pathway", "Step", "may_share", "pathway", "pathways", "steps", "transfer"]

_NEW = ""
"""The id and the target of a transfer that does not exist yet."""


class Answer(Struct, frozen=True):
    """Whether a transfer is allowed; what is missing stands in the parts of the verdict (9.2 F4)."""

    allowed: bool
    verdict: Verdict


class Pathway(Struct, frozen=True):
    """A way for data to an agency (9.2 F3)."""

    missing: int
    """Agreements that it lacks; 0: it is covered."""
    flows: tuple[str, ...]
    """Its steps; none where the agency holds the data itself, or where it is a new direct transfer."""
    direct: bool
    """Whether it is a new direct transfer."""
    datasets: tuple[str, ...]
    """Where it leads through: the dataset itself, then what each flow leads to."""


class Step(Struct, frozen=True):
    """A step of a pathway, judged for the purpose asked about."""

    flow: str | None
    """None: a transfer that does not exist yet."""
    source: str
    target: str | None
    """A dataset; None as above."""
    provider: str | None
    recipient: str | None
    verdict: Verdict


def may_share(audit: Audit, dataset: str, columns: Iterable[str], to: str, purpose: str | None) -> Answer:
    """Whether columns of a dataset, all where none is named, may go to an agency for a purpose on the day."""
    verdict = audit.verdict(transfer(audit, dataset, columns, to, purpose))
    return Answer(verdict.kind in {VerdictKind.NOT_NEEDED, VerdictKind.COVERED}, verdict)


def transfer(audit: Audit, dataset: str, columns: Iterable[str], to: str, purpose: str | None) -> Flow:
    """A flow that does not exist, from a dataset to an agency; of all columns where none is named."""
    source = audit.asof.dataset(dataset)
    refs = tuple((source, column) for column in columns)
    return Flow(_NEW, source, _NEW, columns=refs, purpose=purpose, recipient=to)


def pathway(audit: Audit, dataset: str, to: str, purpose: str | None) -> Pathway:
    """The way with the fewest missing agreements, then the fewest steps, then the first by ids of its flows."""
    return next(pathways(audit, dataset, to, purpose))


def pathways(audit: Audit, dataset: str, to: str, purpose: str | None) -> Iterator[Pathway]:
    """The best way to each dataset that the agency holds, and a new direct transfer, the best first.

    A step costs the same on whatever way it lies, so the best way to each is found from the dataset outwards, and no further
    than is asked for.
    """
    start = audit.asof.dataset(dataset)
    agency = audit.asof.agency_of(to)
    if agency is not None and audit.asof.holder(start) == agency:
        yield Pathway(0, (), direct=False, datasets=(start,))
        return
    new = Pathway(audit.lacks(transfer(audit, start, (), to, purpose)), (), direct=True, datasets=(start,))
    told = False
    for way in _ways(audit, start, purpose):
        if not told and (way.missing, len(way.flows)) > (new.missing, 1):
            told = True
            yield new
        if way.flows and audit.asof.holder(way.datasets[-1]) == agency:
            yield way
    if not told:
        yield new


def steps(audit: Audit, way: Pathway, to: str, purpose: str | None) -> list[Step]:
    """The steps of a way, each with its verdict and all that was tried."""
    if way.direct:
        new = transfer(audit, way.datasets[0], (), to, purpose)
        return [Step(None, new.source, None, *audit.ends(new), audit.verdict(new))]
    wanted = frozenset(way.flows)
    known = {flow.id: flow for flow in audit.asof.facts.flows if flow.id in wanted}
    found: list[Step] = []
    for number, id_ in enumerate(way.flows):
        asked = structs.replace(known[id_], purpose=purpose)
        between = way.datasets[number], way.datasets[number + 1]
        found.append(Step(id_, *between, *audit.ends(asked), audit.verdict(asked)))
    return found


def _ways(audit: Audit, start: str, purpose: str | None) -> Iterator[Pathway]:
    """The best way to each dataset that live flows lead to, the best first."""
    after = _live_flows(audit)
    costs: dict[str, int] = {}
    open_: list[tuple[int, int, tuple[str, ...], tuple[str, ...]]] = [(0, 0, (), (start,))]
    done: set[str] = set()
    while open_:
        missing, far, flows, datasets = heappop(open_)
        here = datasets[-1]
        if here in done:
            continue
        done.add(here)
        yield Pathway(missing, flows, direct=False, datasets=datasets)
        for flow in after.get(here, ()):
            if flow.id not in costs:
                costs[flow.id] = audit.lacks(structs.replace(flow, purpose=purpose))
            for target in audit.asof.datasets_in(flow.target):
                if target not in done:
                    way = missing + costs[flow.id], far + 1, (*flows, flow.id), (*datasets, target)
                    heappush(open_, way)


def _live_flows(audit: Audit) -> Mapping[str, list[Flow]]:
    """The live flows that have happened, by what they come from."""
    found: dict[str, list[Flow]] = defaultdict(list)
    for flow in audit.flowed.past:
        if audit.flowed.live(flow):
            for source in audit.asof.datasets_in(flow.source):
                found[source].append(flow)
    return found
