"""A generated graph of the sizes in which figures are stated: seeded, the same every time.

At scale 1: 20,000 datasets with descriptions of 45 words and 10 columns each unless told otherwise, 200 agencies with an
officer each, 3 goals with 20,000 SERVES edges, and 100,000 FEEDS edges, each towards a later dataset.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime

from catalog.access import Audience
from catalog.batch import Batch, EdgeStatement, NodeStatement
from catalog.model.data import Column, Dataset
from catalog.model.enums import PersonRole
from catalog.model.own import Source
from catalog.model.people import Agency, Appointment, Person
from catalog.model.plan import Goal
from catalog.urn import Urn, key, part

__all__ = ["DAY", "batches", "dataset_urn"]

DAY = date(2022, 3, 20)
_AT = datetime(2022, 3, 20, tzinfo=UTC)
_SOURCE = key("source", "generated")


def dataset_urn(number: int) -> Urn:
    """The URN of the dataset of this number, from 0."""
    return key("dataset", "gen", f"d{number:06d}")


def batches(scale: float = 1.0, seed: int = 7, size: int = 500, columns: int = 10) -> Iterator[Batch]:
    """Batches of about ``size`` datasets each."""
    rng = random.Random(seed)
    words = [f"w{i}" for i in range(2000)]
    count, agencies = int(20_000 * scale), max(1, int(200 * scale))
    yield _first(agencies)
    for start in range(0, count, size):
        batch = _batch()
        for number in range(start, min(start + size, count)):
            _dataset(batch, rng, words, number, agencies)
            _columns(batch, number, columns)
        yield batch
    for start in range(0, count * 5, 5000):
        batch = _batch()
        for _ in range(min(5000, count * 5 - start)):
            tail, head = sorted(rng.sample(range(count), 2))
            batch.edges.append(EdgeStatement(Dataset.downstream, dataset_urn(tail), dataset_urn(head)))
        batch.edges = list({(e.tail, e.head): e for e in batch.edges}.values())
        yield batch


def _first(agencies: int) -> Batch:
    batch = _batch()
    batch.nodes.append(NodeStatement(Source(urn=_SOURCE, title="generated")))
    for number in range(3):
        goal = Goal(urn=key("goal", "gen", str(number)), title=f"Goal {number}", number=number + 1)
        batch.nodes.append(NodeStatement(goal))
    for number in range(agencies):
        agency = Agency(urn=_agency(number), name=f"Agency of {number:03d}", abbreviation=f"A{number}")
        person = Person(urn=key("person", "gen", str(number)), name=f"Officer {number:03d}")
        seat = Appointment(urn=key("appointment", "gen", str(number)), role=PersonRole.AGENCY_DATA_OFFICER)
        batch.nodes += [NodeStatement(agency), NodeStatement(person)]
        batch.nodes.append(NodeStatement(seat, valid_from=date(2021, 1, 1)))
        batch.edges.append(EdgeStatement(Agency.data_officer, agency.urn, seat.urn, date(2021, 1, 1)))
        batch.edges.append(EdgeStatement(Appointment.held_by, seat.urn, person.urn, date(2021, 1, 1)))
    return batch


def _dataset(batch: Batch, rng: random.Random, words: list[str], number: int, agencies: int) -> None:
    urn = dataset_urn(number)
    dataset = Dataset(
        urn=urn,
        identifier=f"d{number:06d}",
        title=f"{' '.join(rng.choices(words, k=4))} {number}",
        description=" ".join(rng.choices(words, k=45)),
        keywords=tuple(rng.choices(words, k=3)),
        modified=date(2021, 1 + number % 12, 1 + number % 28),
    )
    batch.nodes.append(NodeStatement(dataset, Audience.PUBLIC))
    batch.edges.append(EdgeStatement(Dataset.held_by, urn, _agency(rng.randrange(agencies))))
    batch.edges.append(EdgeStatement(Dataset.serves, urn, key("goal", "gen", str(rng.randrange(3)))))


def _columns(batch: Batch, number: int, columns: int) -> None:
    urn = dataset_urn(number)
    for position in range(columns):
        column = Column(
            urn=part(urn, "column", f"c{position}"), name=f"c{position}", data_type="text", position=position
        )
        batch.nodes.append(NodeStatement(column, Audience.PUBLIC))
        batch.edges.append(EdgeStatement(Dataset.columns, urn, column.urn))


def _agency(number: int) -> Urn:
    return key("agency", "gen", f"a{number:03d}")


def _batch() -> Batch:
    return Batch(source=_SOURCE, by="benchmark", at=_AT, day=DAY)
