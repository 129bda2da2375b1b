"""Random graphs of datasets that feed each other, and what a reader may know of one on a day.

Cycles, diamonds, self-loops, edges that two sources state, nodes and edges that begin and end, and nodes that are for staff.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from catalog.access import Audience, Reader
from catalog.batch import Batch, EdgeStatement, NodeStatement
from catalog.model.data import Dataset
from catalog.stores.layout import opaque_id
from catalog.urn import Urn, key
from tests.support.reference_graph import OPAQUE_KEY

__all__ = ["DAYS", "SOURCES", "FlowWorld", "Span", "holds", "make_flow_world", "random_span", "said_of"]

DAYS = [date(2021, 6, 1), date(2022, 1, 1), date(2022, 6, 1)]
SOURCES = [key("source", "test", name) for name in ("harvest", "survey")]

Span = tuple[date | None, date | None]


@dataclass(frozen=True)
class FlowWorld:
    """One graph: its nodes with who may see them and when they hold, and its edges with who says so and when."""

    nodes: dict[Urn, tuple[Audience, Span]]
    edges: dict[tuple[int, Urn, Urn], Span]
    """(source, from where data comes, where it goes) to the days."""

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
    return FlowWorld(nodes, edges)


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
    return said
