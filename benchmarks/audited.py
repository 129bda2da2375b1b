"""A made-up state to audit: agencies with datasets in layers, flows from one layer to the next, and agreements (seeded)."""

from __future__ import annotations

import random
from datetime import date, timedelta

from catalog.model.enums import RunState, TransformationKind
from catalog.model.enums_data import Classification
from catalog.model.enums_sharing import AgreementKind, PartyRole
from catalog.urn import Urn, key
from lineage.audit.facts import (
    Agreement,
    Approval,
    ColumnFlow,
    Columns,
    CoverageTerm,
    Dataset,
    Determination,
    DisclosureReview,
    Facts,
    Flow,
    Holding,
    Party,
    Process,
    Redisclosure,
    Run,
)

__all__ = ["DAY", "Making", "depths_of"]

DAY = date(2026, 1, 1)
AGENCIES = 200
PURPOSES = 30
LAYERS = 10
"""Datasets stand in layers, and flows go one layer down; every dataset below the first layer is fed."""
COLUMNS = 8


def urn(kind: str, number: object) -> Urn:
    """The URN of what has this number."""
    return key(kind, "made", str(number))


def depths_of(facts: Facts) -> dict[str, int]:
    """How many flows the longest way up from each dataset has. Flows go from lower numbers to higher ones."""
    depths = {each.id: 0 for each in facts.datasets}
    for flow in sorted(facts.flows, key=lambda flow: int(flow.source.rpartition(":")[2])):
        depths[flow.target] = max(depths[flow.target], depths[flow.source] + 1)
    return depths


class Making:
    """A state in the making: the same for the same seed."""

    def __init__(self, rng: random.Random, datasets: int, agreements: int) -> None:
        self.rng = rng
        self.agencies: list[str] = [urn("agency", number) for number in range(AGENCIES)]
        self.datasets: list[str] = [urn("dataset", number) for number in range(datasets)]
        self.agreements = agreements
        self.holder = {id_: rng.choice(self.agencies) for id_ in self.datasets}
        self.partners = {id_: rng.sample(self.agencies, 10) for id_ in self.agencies}
        self.to: dict[str, list[str]] = {id_: [] for id_ in self.agencies}
        for agency, partners in self.partners.items():
            for partner in partners:
                self.to[partner].append(agency)
        self.refs = {id_: tuple((id_, f"column_{number}") for number in range(COLUMNS)) for id_ in self.datasets}
        self.held: dict[str, list[str]] = {id_: [] for id_ in self.agencies}
        for dataset, agency in self.holder.items():
            self.held[agency].append(dataset)
        size = datasets // LAYERS
        self.layers = [self.datasets[size * number : size * (number + 1)] for number in range(LAYERS)]
        self.by_place: dict[tuple[int, str], list[str]] = {}
        for number, layer in enumerate(self.layers):
            for dataset in layer:
                self.by_place.setdefault((number, self.holder[dataset]), []).append(dataset)

    def facts(self, flows: int) -> Facts:
        made = [self.flow(number) for number in range(flows)]
        processes = [self.process(number) for number in range(flows)]
        agreements = [self.agreement(number) for number in range(self.agreements)]
        return Facts(
            datasets=tuple(Dataset(id_, Columns(tuple(self.refs[id_]))) for id_ in self.datasets),
            held_by=tuple(Holding(dataset, agency) for dataset, agency in self.holder.items()),
            determinations=tuple(self.determination(id_) for id_ in self.datasets),
            purposes=tuple((urn("purpose", number), (urn("purpose", number // 3),)) for number in range(PURPOSES)),
            agreements=tuple(agreements),
            approvals=tuple(
                Approval(request, row.party, approved=True, on=DAY - timedelta(days=400))
                for each in agreements
                for request in each.requests
                for row in each.parties
            ),
            processes=tuple(processes),
            runs=tuple(run for number in range(flows) for run in self.runs(number)),
            reviews=tuple(
                DisclosureReview(each.id, None, "rule:small", approved=True, on=DAY - timedelta(days=500))
                for each in processes
                if each.declassifies
            ),
            flows=tuple(made),
        )

    def determination(self, dataset: str) -> Determination:
        classes = self.rng.choices(
            [Classification.PERSONAL, Classification.PROTECTED, Classification.PUBLIC, Classification.OPEN],
            [3, 2, 2, 2],
        )
        return Determination(dataset, None, frozenset(classes), DAY - timedelta(days=900))

    def flow(self, number: int) -> Flow:
        rng = self.rng
        place = 1 + number % (LAYERS - 1)
        target = self.layers[place][number // (LAYERS - 1) % len(self.layers[place])]
        near = self.holder[target] if rng.random() < 0.3 else rng.choice(self.partners[self.holder[target]])
        source = rng.choice(self.by_place.get((place - 1, near)) or self.layers[place - 1])
        columns = self.refs[source]
        into = self.refs[target]
        pairs = zip(columns, into, strict=True) if rng.random() < 0.2 else ()
        return Flow(
            urn("flow", number),
            source,
            target,
            process=urn("job", number),
            # Not the tuple of the dataset: as read from a store, no two flows share one.
            columns=tuple((dataset, name) for dataset, name in columns),
            column_flows=tuple(ColumnFlow(one, other, direct=True) for one, other in pairs),
            purpose=urn("purpose", rng.randrange(PURPOSES)),
            first_seen=DAY - timedelta(days=300),
        )

    def process(self, number: int) -> Process:
        if self.rng.random() < 0.95:
            return Process(urn("job", number))
        return Process(
            urn("job", number),
            declassifies=True,
            method=TransformationKind.AGGREGATE,
            suppression_rule="rule:small",
        )

    def runs(self, number: int) -> list[Run]:
        process = urn("job", number)
        return [
            Run(urn("run", f"{number}.{again}"), process, DAY - timedelta(days=300 - again), RunState.COMPLETED)
            for again in range(2)
        ]

    def agreement(self, number: int) -> Agreement:
        """Of one provider and two of its partners, with two terms of ten datasets each; a third by request."""
        rng = self.rng
        provider = rng.choice(self.agencies)
        recipients = rng.sample(self.to[provider], 2)
        signed = DAY - timedelta(days=600)
        return Agreement(
            urn("agreement", number),
            AgreementKind.DATA_SHARING_AGREEMENT,
            effective_from=signed,
            effective_to=None if rng.random() < 0.5 else DAY + timedelta(days=rng.randrange(-200, 400)),
            parties=(
                Party(provider, PartyRole.PROVIDER, signed),
                *(Party(each, PartyRole.RECIPIENT, signed) for each in recipients),
            ),
            terms=tuple(
                CoverageTerm(urn("coverage-term", f"{number}.{term}"), tuple(rng.choices(self.held[provider], k=10)))
                for term in range(2)
            ),
            permits=tuple(urn("purpose", rng.randrange(PURPOSES // 3)) for _ in range(4)),
            rests_on=(urn("law", 1),),
            redisclosure=Redisclosure(all=rng.random() < 0.5),
            requests=(urn("data-request", number),) if rng.random() < 0.3 else (),
        )
