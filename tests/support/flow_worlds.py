"""Random graphs of datasets that feed each other, and what a reader may know of one on a day.

Cycles, diamonds, self-loops, edges that two sources state, nodes and edges that begin and end, nodes that are for staff, and
datasets that are one under several names, or are said not to be.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import combinations, permutations

from catalog.access import Audience, Reader
from catalog.batch import Batch, EdgeStatement, NodeStatement
from catalog.model.data import Dataset
from catalog.model.enums import AssertionStatus
from catalog.stores.layout import opaque_id
from catalog.urn import Urn, key
from tests.support.reference_graph import OPAQUE_KEY

__all__ = ["DAYS", "SOURCES", "FlowWorld", "Named", "Span", "holds", "make_flow_world", "one_of", "random_names"]
__all__ += ["random_span", "said_of", "said_of_names"]

DAYS = [date(2021, 6, 1), date(2022, 1, 1), date(2022, 6, 1)]
SOURCES = [key("source", "test", name) for name in ("harvest", "survey")]

Span = tuple[date | None, date | None]


@dataclass(frozen=True)
class Named:
    """A statement that two datasets are one, that they may be, or that they are not: who says so (a number), and when."""

    tail: Urn
    head: Urn
    source: int
    span: Span
    status: AssertionStatus | None
    rule: str | None


def one_of(names: Iterable[Named], ids: Mapping[Urn, str], day: date) -> set[tuple[str, str]]:
    """What is one on a day by the ids of those that are known, both ways: somebody states it, and nobody denies it."""
    told = {AssertionStatus.DENIED: set[frozenset[Urn]](), AssertionStatus.STATED: set[frozenset[Urn]]()}
    for each in names:
        if holds(each.span, day):
            told.get(each.status or AssertionStatus.STATED, set()).add(frozenset((each.tail, each.head)))
    pairs = told[AssertionStatus.STATED] - told[AssertionStatus.DENIED]
    ends = [two for pair in pairs for two in permutations(pair)]
    return {(ids[one], ids[other]) for one, other in ends if one in ids and other in ids}


@dataclass(frozen=True)
class FlowWorld:
    """One graph: its nodes with who may see them and when they hold, and its edges with who says so and when."""

    nodes: dict[Urn, tuple[Audience, Span]]
    edges: dict[tuple[int, Urn, Urn], Span]
    """(source, from where data comes, where it goes) to the days."""
    names: tuple[Named, ...] = ()

    def ids(self, reader: Reader, day: date) -> dict[Urn, str]:
        """What the reader knows each node by that holds on the day; nothing of what is not there for them."""
        found: dict[Urn, str] = {}
        for urn, (audience, span) in self.nodes.items():
            if not holds(span, day):
                continue
            if audience in reader.full:
                found[urn] = urn
            elif audience in reader.placeholder:
                found[urn] = opaque_id(urn, OPAQUE_KEY)
        return found

    def pairs(self, reader: Reader, day: date) -> set[tuple[str, str]]:
        """The edges that the reader knows of on the day, by those ids."""
        ids = self.ids(reader, day)
        ends = {(tail, head) for (_, tail, head), span in self.edges.items() if holds(span, day)}
        return {(ids[tail], ids[head]) for tail, head in ends if tail in ids and head in ids}

    def one(self, reader: Reader, day: date) -> set[tuple[str, str]]:
        """The nodes that are one as far as the reader knows of both, by those ids, both ways."""
        return one_of(self.names, self.ids(reader, day), day)


def holds(span: Span, day: date) -> bool:
    """Whether what has these days holds on one."""
    since, until = span
    return (since is None or since <= day) and (until is None or day < until)


def make_flow_world(seed: int) -> FlowWorld:
    """A graph of five to eight nodes, the same for the same seed; nodes of another seed have other URNs."""
    rng = random.Random(f"flows/{seed}")
    urns = [key("dataset", "test", f"w{seed}-{letter}") for letter in "abcdefgh"[: rng.randint(5, 8)]]
    nodes = {urn: (_audience(rng), random_span(rng, 0.06)) for urn in urns}
    chance = rng.choice([0.2, 0.3, 0.45])
    edges: dict[tuple[int, Urn, Urn], Span] = {}
    for tail in urns:
        for head in urns:
            if rng.random() < (chance if tail != head else 0.1):
                source = rng.randrange(2)
                edges[source, tail, head] = random_span(rng, 0.25)
                if rng.random() < 0.25:
                    edges[1 - source, tail, head] = random_span(rng, 0.5)
    return FlowWorld(nodes, edges, tuple(random_names(random.Random(f"names/{seed}"), urns)))


def random_names(rng: random.Random, datasets: Iterable[Urn]) -> Iterator[Named]:
    """Which datasets are one, now and then by several statements of both sources, who may not be of one mind."""
    likely = rng.choice([0, 0.15, 0.3])
    statuses = (None, *[AssertionStatus.STATED] * 4, AssertionStatus.PROPOSED, *[AssertionStatus.DENIED] * 2)
    for pair in combinations(datasets, 2):
        if rng.random() < likely:
            said = {(rng.randrange(2), *rng.sample(pair, 2)) for _ in range(rng.choice([1, 2, 3]))}
            for source, tail, head in sorted(said):
                yield Named(
                    tail, head, source, random_span(rng, 0.3), rng.choice(statuses), rng.choice([None, "a-rule"])
                )


def _audience(rng: random.Random) -> Audience:
    return Audience.STAFF if rng.random() < 0.25 else Audience.PUBLIC


def random_span(rng: random.Random, share: float) -> Span:
    """Days of which so many have an end or a beginning."""
    if rng.random() >= share:
        return None, None
    return rng.choice([(DAYS[1], None), (None, DAYS[1]), (None, DAYS[2]), (DAYS[1], DAYS[2])])


def said_of(worlds: Iterable[FlowWorld]) -> list[Batch]:
    """What two sources say of all of them."""
    at = datetime(2020, 1, 1, tzinfo=UTC)
    said = [Batch(source, "test", at, at.date()) for source in SOURCES]
    for world in worlds:
        for urn, (audience, span) in world.nodes.items():
            said[0].nodes.append(NodeStatement(Dataset(urn=urn, title=f"Title of {urn[-1]}"), audience, *span))
        for (source, tail, head), span in world.edges.items():
            said[source].edges.append(EdgeStatement(Dataset.downstream, tail, head, *span))
        said_of_names(said, world.names)
    return said


def said_of_names(said: Sequence[Batch], names: Iterable[Named]) -> None:
    """Add what each source says of names."""
    for each in names:
        props = {"status": each.status, "rule": each.rule}
        said[each.source].edges.append(EdgeStatement(Dataset.same_as, each.tail, each.head, *each.span, props))
