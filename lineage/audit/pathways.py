"""May data be shared, and by which way; who holds an agency's data (domain 9; 9.2 F3, F4; question 16)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from heapq import heappop, heappush

from msgspec import Struct, structs

from lineage.audit.condense import reach
from lineage.audit.facts import Flow
from lineage.audit.verdicts import Audit, Verdict
from lineage.audit.words import VerdictKind

__all__ = ["Answer", "Pathway", "holders", "may_share", "pathway"]

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


def may_share(audit: Audit, dataset: str, columns: Iterable[str], to: str, purpose: str | None) -> Answer:
    """Whether columns of a dataset, all where none is named, may go to an agency for a purpose on the day."""
    verdict = audit.verdict(_transfer(dataset, columns, to, purpose))
    return Answer(verdict.kind in {VerdictKind.NOT_NEEDED, VerdictKind.COVERED}, verdict)


def _transfer(dataset: str, columns: Iterable[str], to: str, purpose: str | None) -> Flow:
    refs = tuple((dataset, column) for column in columns)
    return Flow(_NEW, dataset, _NEW, columns=refs, purpose=purpose, recipient=to)


def pathway(audit: Audit, dataset: str, to: str, purpose: str | None) -> Pathway:
    """The way with the fewest missing agreements, then the fewest steps, then the first by ids of its flows.

    A step costs the same on whatever way it lies, so the best way is found from the dataset outwards.
    """
    agency = audit.asof.agency_of(to)
    if agency is not None and audit.asof.holder(dataset) == agency:
        return Pathway(0, (), direct=False)
    direct = _lacks(audit, _transfer(dataset, (), to, purpose))
    for missing, flows, here in _ways(audit, dataset, purpose):
        if (missing, len(flows)) > (direct, 1):
            break
        if flows and audit.asof.holder(here) == agency:
            return Pathway(missing, flows, direct=False)
    return Pathway(direct, (), direct=True)


def _ways(audit: Audit, start: str, purpose: str | None) -> Iterator[tuple[int, tuple[str, ...], str]]:
    """The best way to each dataset that live flows lead to, the best first: (missing agreements, flows, dataset)."""
    after = _live_flows(audit)
    costs: dict[str, int] = {}
    open_: list[tuple[int, int, tuple[str, ...], str]] = [(0, 0, (), start)]
    done: set[str] = set()
    while open_:
        missing, steps, flows, here = heappop(open_)
        if here in done:
            continue
        done.add(here)
        yield missing, flows, here
        for flow in after.get(here, ()):
            if flow.id not in costs:
                costs[flow.id] = _lacks(audit, structs.replace(flow, purpose=purpose))
            for target in audit.asof.datasets_in(flow.target):
                if target not in done:
                    heappush(open_, (missing + costs[flow.id], steps + 1, (*flows, flow.id), target))


def _live_flows(audit: Audit) -> dict[str, list[Flow]]:
    """The live flows that have happened, by what they come from."""
    found: dict[str, list[Flow]] = defaultdict(list)
    for flow in audit.flowed.past:
        if audit.flowed.live(flow):
            for source in audit.asof.datasets_in(flow.source):
                found[source].append(flow)
    return found


def _lacks(audit: Audit, flow: Flow) -> int:
    """The agreements that a step lacks: one for each to whom cover is owed and whom none gives it; UNKNOWN lacks one."""
    verdict = audit.verdict(flow)
    if verdict.kind is VerdictKind.UNKNOWN:
        return 1
    return sum(part.kind is not VerdictKind.COVERED for part in verdict.parts)


def holders(audit: Audit, agency: str) -> set[tuple[str | None, str]]:
    """Who else holds data of an agency, its own or what came of it by unstopped steps: (holder, dataset).

    A holder of None is not known. Data of all classes count.
    """
    after: dict[str, set[str]] = defaultdict(set)
    for each in audit.classes.passages:
        after[each.source].add(each.target)
    own = (each for each in audit.classes.all_datasets() if audit.asof.owner(each) == agency)
    found = reach(own, after)
    held = {(audit.asof.holder(each), each) for each in found}
    return {(holder, each) for holder, each in held if holder != agency}
