"""Where data is: who holds what came of it, and whose data is at a place (domain 9, Onward; questions 6 and 16)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property

from msgspec import Struct

from lineage.audit.facts import Flow
from lineage.audit.inflow import Passage
from lineage.audit.verdicts import Audit, Part, Tried, Verdict
from lineage.audit.words import VerdictKind, Why

__all__ = ["Arrival", "Held", "OriginHere", "Whereabouts"]

_WORST_FIRST = (VerdictKind.UNCOVERED, VerdictKind.UNKNOWN, VerdictKind.COVERED, VerdictKind.NOT_NEEDED)


class Held(Struct, frozen=True):
    """A dataset that holds data of somebody, or of what came of it."""

    holder: str | None
    """None: not known."""
    dataset: str
    steps: int
    """How many steps it is away; 0: the data itself."""


class Arrival(Struct, frozen=True):
    """A flow by which data of an agency came to where it is, and what it needs of that agency."""

    flow: str
    kind: VerdictKind
    part: Part | None
    """What is owed to the agency; None where that is nothing, or cannot be told."""

    @property
    def tried(self) -> tuple[Tried, ...]:
        """The agreements that were tried for it."""
        return () if self.part is None else self.part.tried


class OriginHere(Struct, frozen=True):
    """An agency whose data is in a dataset."""

    agency: str | None
    """None: not known."""
    origins: tuple[str, ...]
    """Its datasets from which the data came (9.2 C3); by id."""
    kind: VerdictKind | None
    """Whether it permits that its data is here: the worst of the arrivals. None: no flow is known by which it came."""
    arrivals: tuple[Arrival, ...]
    """The flows that brought it to whoever holds it; by flow."""


class Whereabouts:
    """What came from where, by steps that were not stopped, as of a day."""

    def __init__(self, audit: Audit) -> None:
        self._audit = audit
        self._judged: dict[str, Verdict] = {}

    @cached_property
    def _into(self) -> Mapping[str, list[Passage]]:
        found: dict[str, list[Passage]] = defaultdict(list)
        for each in self._audit.classes.passages:
            found[each.target].append(each)
        return found

    @cached_property
    def _after(self) -> Mapping[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for each in self._audit.classes.passages:
            found[each.source].add(each.target)
        return found

    @cached_property
    def _owned(self) -> Mapping[str | None, list[str]]:
        found: dict[str | None, list[str]] = defaultdict(list)
        for each in self._audit.classes.all_datasets():
            found[self._audit.asof.owner(each)].append(each)
        return found

    def of_agency(self, agency: str) -> list[Held]:
        """Who else holds data of an agency, its own or what came of it (question 16). Data of all classes count.

        By holder, those not known last, then by dataset.
        """
        return self._held(self._owned.get(agency, ()), agency)

    def of_dataset(self, dataset: str) -> list[Held]:
        """Who else than the agency whose data it is holds a dataset, or what came of it; ordered as ``of_agency``."""
        owner = self._audit.asof.owner(dataset)
        return [each for each in self._held((dataset,), owner) if each.steps or each.holder is not None]

    def _held(self, starts: Iterable[str], owner: str | None) -> list[Held]:
        holder = self._audit.asof.holder
        found = (Held(holder(each), each, steps) for each, steps in self._reached(starts).items())
        others = (each for each in found if each.holder is None or each.holder != owner)
        return sorted(others, key=lambda each: (each.holder is None, each.holder or "", each.dataset))

    def _reached(self, starts: Iterable[str]) -> dict[str, int]:
        """What some datasets lead to, they themselves too, with the fewest steps to each."""
        found = dict.fromkeys(starts, 0)
        layer = list(found)
        while layer:
            following = dict.fromkeys(to for each in layer for to in self._after.get(each, ()) if to not in found)
            found.update(dict.fromkeys(following, found[layer[0]] + 1))
            layer = list(following)
        return found

    def origins(self, dataset: str) -> list[OriginHere]:
        """Whose data is in a dataset, and whether each permits where it is (question 6); by agency, one not known last."""
        audit = self._audit
        here = audit.asof.holder(dataset)
        arrived = self._arrived(dataset)
        found: list[OriginHere] = []
        for agency, origins in audit.origins.by_agency((dataset,)).items():
            came = [flow for flow, sources in arrived if agency in audit.origins.by_agency(sources)]
            arrivals = tuple(self._arrival(flow, agency) for flow in came)
            kinds = {each.kind for each in arrivals}
            at_home = agency is not None and agency == here
            kind = VerdictKind.NOT_NEEDED if at_home else next((each for each in _WORST_FIRST if each in kinds), None)
            found.append(OriginHere(agency, tuple(sorted(origins)), kind, () if at_home else arrivals))
        return sorted(found, key=lambda each: (each.agency is None, each.agency or ""))

    def _arrived(self, dataset: str) -> list[tuple[Flow, set[str]]]:
        """The flows by which data came to whoever holds a dataset, each with the datasets that it came from; by id."""
        flows: dict[str, Flow] = {}
        sources: dict[str, set[str]] = defaultdict(set)
        met = [dataset]
        seen = {dataset}
        for each in met:
            for passage in self._into.get(each, ()):
                provider, recipient = self._audit.ends(passage.flow)
                if provider is None or provider != recipient:
                    flows[passage.flow.id] = passage.flow
                    sources[passage.flow.id].add(passage.source)
                elif passage.source not in seen:
                    seen.add(passage.source)
                    met.append(passage.source)
        return [(flows[id_], sources[id_]) for id_ in sorted(flows)]

    def _arrival(self, flow: Flow, agency: str | None) -> Arrival:
        verdict = self._verdict(flow)
        untold = verdict.kind is VerdictKind.UNKNOWN and Why.ORIGIN_UNKNOWN not in verdict.why
        if verdict.kind is VerdictKind.NOT_NEEDED or untold:
            return Arrival(flow.id, verdict.kind, None)
        for part in verdict.parts:
            if part.agency == agency:
                return Arrival(flow.id, part.kind, part)
        return Arrival(flow.id, VerdictKind.NOT_NEEDED, None)

    def _verdict(self, flow: Flow) -> Verdict:
        found = self._judged.get(flow.id)
        if found is None:
            found = self._judged[flow.id] = self._audit.verdict(flow)
        return found
