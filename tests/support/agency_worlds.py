"""Random estates whose datasets are held and classed, and the matrix of what flows from agency to agency."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import Any

from catalog.access import Audience, Reader
from catalog.batch import Batch, EdgeStatement, NodeStatement
from catalog.model.data import Dataset, System
from catalog.model.determinations import ClassificationDetermination
from catalog.model.enums import Classification
from catalog.model.lineage import Flow, Job
from catalog.model.people import Agency
from catalog.urn import Urn, key
from tests.support.estate_worlds import EstateWorld, Move, make_estate_world, said_of_estates
from tests.support.flow_worlds import DAYS, Span, holds

__all__ = ["AgencyWorld", "make_agency_world", "said_of_agencies"]

_C = Classification
_STRICTER = [_C.OPEN, _C.PUBLIC, _C.PROTECTED]


@dataclass(frozen=True)
class AgencyWorld:
    """One estate, who holds what in it, who is said to send and get, which jobs move it, and how it is classed."""

    estate: EstateWorld
    agencies: dict[Urn, Audience]
    held: list[tuple[Urn, Urn, Span]]
    """(dataset or system, agency, days)."""
    stated: list[tuple[str, Urn, Urn]]
    """(``provided_by`` or ``received_by``, flow, agency)."""
    via: dict[Urn, Urn]
    """Flow to the job that moves it."""
    jobs: dict[Urn, Audience]
    classes: dict[Urn, tuple[Urn, Audience, Span, tuple[Classification, ...]]]
    """Determination to (dataset, who may see it, days, classes)."""
    editions: dict[Urn, Urn]

    def cells(self, reader: Reader, day: date) -> list[dict[str, Any]]:
        """The whole matrix, each pair of sides asked for by itself."""
        live = self.estate.live(reader, day)
        sides = {
            urn: (
                self._side(move.source, "provided_by", urn, reader, day),
                self._side(move.target, "received_by", urn, reader, day),
            )
            for urn, move in live.items()
        }
        known = [*sorted(self.agencies), None]
        found = [
            self._cell(pair, {urn: live[urn] for urn in live if sides[urn] == pair}, reader, day)
            for pair in product(known, known)
        ]
        cells = [cell for cell in found if cell["flowCount"]]
        # The pairs come in the order of their URNs, those not known last, and sorting keeps that.
        return sorted(cells, key=lambda cell: -cell["flowCount"])

    def _cell(
        self, pair: tuple[Urn | None, Urn | None], flows: dict[Urn, Move], reader: Reader, day: date
    ) -> dict[str, Any]:
        ids = self.estate.feeds.ids(reader, day)
        sources = {move.source for move in flows.values() if ids.get(move.source) == move.source}
        jobs = {self.via[urn] for urn in flows if urn in self.via and self.jobs[self.via[urn]] in reader.full}
        classes = [self._classes(move.source, reader, day) for move in flows.values()]
        counts = {each: sum(each in of_one for of_one in classes) for each in Classification}
        return {
            "provider": pair[0] and {"urn": pair[0], "name": self._name(pair[0])},
            "recipient": pair[1] and {"urn": pair[1], "name": self._name(pair[1])},
            "isCrossing": None if None in pair else pair[0] != pair[1],
            "flowCount": len(flows),
            "datasetCount": len(sources),
            "jobCount": len(jobs),
            "classifications": [{"classification": c, "flowCount": n} for c, n in counts.items() if n],
        }

    def _side(self, end: Urn, said: str, flow: Urn, reader: Reader, day: date) -> Urn | None:
        seen = end in self.estate.feeds.ids(reader, day).values() or self.estate.systems.get(end) in reader.full
        held = {agency for thing, agency, span in self.held if seen and thing == end and holds(span, day)}
        stated = {agency for step, urn, agency in self.stated if (step, urn) == (said, flow)}
        for agencies in (held, stated):
            visible = [agency for agency in agencies if self.agencies[agency] in reader.full]
            if len(visible) == 1:
                return visible[0]
        return None

    def _classes(self, dataset: Urn, reader: Reader, day: date) -> set[Classification]:
        ids = self.estate.feeds.ids(reader, day)
        for urn in (dataset, self.editions.get(dataset)):
            if urn is None or ids.get(dataset) != dataset or ids.get(urn) != urn:
                continue
            in_force = [
                (str(span[0] or ""), classes)
                for about, audience, span, classes in self.classes.values()
                if about == urn and audience in reader.full and holds(span, day)
            ]
            if in_force:
                since = max(in_force)[0]
                return _joined({each for first, classes in in_force if first == since for each in classes})
        return {_C.UNDETERMINED}

    def _name(self, agency: Urn) -> str:
        return f"Agency {agency[-1]}"


def _joined(classes: set[Classification]) -> set[Classification]:
    if _C.UNDETERMINED in classes:
        return {_C.UNDETERMINED}
    return classes & {_C.PERSONAL, _C.PRIVATE} or {[each for each in _STRICTER if each in classes][-1]}


def make_agency_world(seed: int) -> AgencyWorld:
    """An estate, the same for the same seed; nodes of another seed have other URNs."""
    rng = random.Random(f"agencies/{seed}")
    estate = make_estate_world(seed)
    agencies = {key("agency", "test", f"w{seed}-{n}"): _audience(rng) for n in range(3)}
    jobs = {key("job", "test", f"w{seed}-{n}"): _audience(rng) for n in range(2)}
    datasets = list(estate.feeds.nodes)
    held: list[tuple[Urn, Urn, Span]] = [
        (thing, agency, rng.choice([(None, None), (None, None), (DAYS[1], None), (None, DAYS[1])]))
        for thing in (*datasets, *estate.systems)
        for agency in rng.sample(list(agencies), rng.choice([0, 1, 1, 1, 1, 2]))
    ]
    stated = [
        (step, flow, agency)
        for flow in estate.moves
        for step in ("provided_by", "received_by")
        for agency in rng.sample(list(agencies), rng.choice([0, 0, 1, 2]))
    ]
    via = {flow: rng.choice(list(jobs)) for flow in estate.moves if rng.random() < 0.7}
    classes: dict[Urn, tuple[Urn, Audience, Span, tuple[Classification, ...]]] = {}
    for number in range(rng.randint(2, 10)):
        said = tuple(sorted(set(rng.choices(list(Classification), k=rng.choice([1, 1, 2, 3])))))
        span = rng.choice([(None, None), (DAYS[0], None), (DAYS[1], None), (None, DAYS[1])])
        urn = key("classification-determination", "test", f"w{seed}-{number}")
        classes[urn] = (rng.choice(datasets[:5]), _audience(rng), span, said)
    editions = {datasets[n]: datasets[n - 1] for n in (2, 4) if rng.random() < 0.5}
    return AgencyWorld(estate, agencies, held, stated, via, jobs, classes, editions)


def _audience(rng: random.Random) -> Audience:
    return Audience.STAFF if rng.random() < 0.2 else Audience.PUBLIC


def said_of_agencies(worlds: Iterable[AgencyWorld]) -> list[Batch]:
    """What two sources say of all of them."""
    worlds = list(worlds)
    first, second = said_of_estates(world.estate for world in worlds)
    for world in worlds:
        for agency, audience in world.agencies.items():
            first.nodes.append(NodeStatement(Agency(urn=agency, name=f"Agency {agency[-1]}"), audience))
        for job, audience in world.jobs.items():
            first.nodes.append(NodeStatement(Job(urn=job, namespace="test", name=job[-1]), audience))
        for thing, agency, span in world.held:
            relation = System.held_by if thing in world.estate.systems else Dataset.held_by
            first.edges.append(EdgeStatement(relation, thing, agency, *span))
        for step, flow, agency in world.stated:
            first.edges.append(EdgeStatement(getattr(Flow, step), flow, agency))
        first.edges += [EdgeStatement(Flow.via, flow, job) for flow, job in world.via.items()]
        first.edges += [EdgeStatement(Dataset.version_of, urn, of) for urn, of in world.editions.items()]
        for urn, (dataset, audience, span, classes) in world.classes.items():
            first.nodes.append(NodeStatement(ClassificationDetermination(urn=urn, classes=classes), audience, *span))
            first.edges.append(EdgeStatement(ClassificationDetermination.classifies, urn, dataset))
    return [first, second]
